//! The image: how it is chosen, and what is known of it.

use eframe::egui::{Spinner, Ui};

use super::parts::{self, Commit, Kind, TextField};
use crate::gui::action::{Action, Field, ImageOf, Switch};
use crate::gui::state::{ChecksumText, ImageChoice, ImageStage, Make, State, read_checksum};
use crate::gui::{text, theme};
use crate::job::Inspection;
use crate::source::ImageKind;

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
            ui.horizontal(|ui| {
                ui.add(Spinner::new().size(16.0));
                parts::weak(ui, text::LOOKING);
            });
        }
        ImageStage::Failed { message, .. } => {
            parts::message(ui, Kind::Danger, message);
        }
        ImageStage::Known(inspection) => known(ui, choice, inspection),
    }
}

fn known(ui: &mut Ui, choice: &ImageChoice, inspection: &Inspection) {
    let facts = &inspection.facts;
    let palette = theme::palette(ui);
    ui.add_space(theme::GAP_SMALL);
    let title = text::image_title(facts);
    parts::elided(ui, &title, theme::strong_font(), palette.text);
    if title != facts.name || !choice.path.ends_with(&facts.name) {
        parts::fact(ui, text::NAME, &facts.name);
    }
    parts::fact(ui, text::KIND, text::image_kind(facts.kind));
    parts::fact(ui, text::SIZE, &text::image_size(facts));
    if let Some(label) = facts.label.as_ref().filter(|label| **label != title) {
        parts::fact(ui, text::LABEL, label);
    }
    if facts.kind != ImageKind::Empty {
        parts::fact(ui, text::STARTS, text::starts(facts));
    }
    for note in &facts.notes {
        parts::small_weak(ui, note);
    }
}

/// The checksums that are compared before the first byte is written, and what may be left out.
pub fn before_writing(ui: &mut Ui, make: &Make, actions: &mut Vec<Action>) {
    let Some(inspection) = make.image.known() else { return };
    for sentence in text::published(inspection) {
        parts::message(ui, Kind::Note, &sentence);
    }
    ui.add_space(theme::GAP_SMALL);
    parts::small_weak(ui, text::EXPECTED_CHECKSUM);
    checksum_field(ui, Field::ExpectedChecksum, text::EXPECTED_CHECKSUM, &make.checksum, actions);
    if let Some(label) = text::block_map(inspection) {
        set(ui, Switch::BlockMap, make.block_map, &label, actions);
    } else if let Some(label) = text::skip_holes(inspection) {
        set(ui, Switch::SkipHoles, make.skip_holes, &label, actions);
    }
}

/// A checksum, with a word on whether it was understood.
pub fn checksum_field(ui: &mut Ui, field: Field, name: &str, value: &str, actions: &mut Vec<Action>) {
    let field =
        TextField { field, name, value, hint: text::CHECKSUM_HINT, commit: Commit::Never, monospace: true };
    field.show(ui, actions);
    match read_checksum(value) {
        ChecksumText::Empty => {}
        ChecksumText::Valid(digest) => {
            parts::small_weak(ui, &text::checksum_understood(digest.algorithm()));
        }
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
