//! The image: how it is chosen, and what is known of it.

use eframe::egui::Ui;
use eframe::egui::accesskit::{Live, Role};

use super::elide::elide_middle;
use super::parts::{self, Commit, Kind, TextField};
use crate::gui::action::{Action, Field, ImageOf, Switch};
use crate::gui::state::{ChecksumText, ImageStage, Make, State, read_checksum};
use crate::gui::{text, theme};
use crate::job::Inspection;
use crate::source::ImageKind;

/// Longer names lose their middle; the path field has them whole.
const MOST_NAME_CHARS: usize = 48;

/// Path, button, and what was found.
pub fn image_card(ui: &mut Ui, state: &State, of: ImageOf, actions: &mut Vec<Action>) {
    let choice = state.image(of);
    let field = TextField {
        field: Field::Image(of),
        name: text::IMAGE_PATH,
        value: &choice.path,
        hint: text::IMAGE_PATH_HINT,
        commit: Commit::OnLeave,
        monospace: false,
    };
    parts::path_row(ui, field, text::CHOOSE_IMAGE, actions);
    match &choice.stage {
        ImageStage::None => {
            let words = if state.can_drop_files { text::NO_IMAGE_DROP } else { text::NO_IMAGE };
            parts::small_weak(ui, words);
        }
        ImageStage::Looking(_) => {
            let looking = parts::weak(ui, text::LOOKING);
            parts::announce(ui, &looking, Role::Status, Live::Polite, text::LOOKING);
        }
        ImageStage::Failed { message, .. } => {
            parts::message(ui, Kind::Danger, message);
        }
        ImageStage::Known(inspection) => known(ui, inspection),
    }
}

fn known(ui: &mut Ui, inspection: &Inspection) {
    let facts = &inspection.facts;
    let name = elide_middle(&facts.name, |text| text.chars().count() <= MOST_NAME_CHARS);
    ui.add_space(theme::GAP_SMALL);
    parts::title_and_size(ui, &text::image_title(facts), &text::image_size(facts));
    parts::sentence(ui, text::image_kind(facts.kind));
    if let Some(contents) = text::contents(facts) {
        parts::sentence(ui, &contents);
    }
    if facts.kind != ImageKind::Empty {
        parts::sentence(ui, &text::starts(facts));
    }
    parts::small_weak(ui, &text::image_details(facts, &name));
    for line in text::windows_details(facts) {
        parts::small_weak(ui, &line);
    }
    for note in &facts.notes {
        parts::small_weak(ui, note);
    }
}

/// The checksums that are compared before the first byte is written, and what may be left out.
pub fn before_writing(ui: &mut Ui, make: &Make, actions: &mut Vec<Action>) {
    let Some(inspection) = make.image.known() else { return };
    for sentence in text::published(inspection) {
        parts::ticked(ui, &sentence);
    }
    ui.add_space(theme::GAP_SMALL);
    let (field, name) = (Field::ExpectedChecksum, text::EXPECTED_CHECKSUM);
    checksum_field(ui, field, name, text::EXPECTED_CHECKSUM_HINT, &make.checksum, actions);
    if make.takes_own_files() {
        return;
    }
    if let Some(label) = text::block_map(inspection) {
        set(ui, Switch::BlockMap, make.block_map, &label, actions);
    } else if let Some(label) = text::skip_holes(inspection) {
        set(ui, Switch::SkipHoles, make.skip_holes, &label, actions);
    }
}

/// A checksum, with a word on whether it was understood.
pub fn checksum_field(
    ui: &mut Ui,
    field: Field,
    name: &str,
    hint: &'static str,
    value: &str,
    actions: &mut Vec<Action>,
) {
    let field = TextField { field, name, value, hint, commit: Commit::Never, monospace: !value.is_empty() };
    field.show(ui, actions);
    match read_checksum(value) {
        ChecksumText::Empty => {}
        ChecksumText::Valid(digest) => parts::ticked(ui, &text::checksum_understood(digest.algorithm())),
        ChecksumText::Invalid(error) => {
            parts::message(ui, Kind::Caution, &text::checksum_not_understood(&error));
        }
    }
}

/// A check box that sets a switch.
pub fn set(ui: &mut Ui, switch: Switch, on: bool, label: &str, actions: &mut Vec<Action>) {
    if let Some(on) = parts::check_box(ui, on, label) {
        actions.push(Action::Set(switch, on));
    }
}
