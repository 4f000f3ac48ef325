//! Confirm: the last look. Names the drive and what is lost. Cancel has the focus.

use eframe::egui::Ui;

use super::parts::{self, Commit, Kind, TextField};
use super::what_happens::happening;
use crate::base::ByteSize;
use crate::device::Drive;
use crate::gui::action::{Action, Field};
use crate::gui::state::{Confirm, State};
use crate::gui::{text, theme};

pub fn confirm(ui: &mut Ui, state: &State, confirm: &Confirm, actions: &mut Vec<Action>) {
    let name = confirm.drive.title();
    parts::heading(ui, theme::title(text::confirm_title(&name)), 1);
    parts::weak(ui, &text::confirm_summary(&confirm.plan));
    ui.add_space(theme::GAP_SMALL);
    lost(ui, &confirm.drive);
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::WHAT_WILL_HAPPEN, |ui| {
        parts::heading(ui, theme::heading(text::WHAT_WILL_HAPPEN), 2);
        happening(ui, state, &confirm.plan);
    });
    consent(ui, confirm.caution.as_deref(), confirm.name_to_type.as_deref(), &confirm.typed, actions);
}

/// What lies on the drive now.
pub fn lost(ui: &mut Ui, drive: &Drive) {
    let palette = theme::palette(ui);
    parts::card(ui, text::LOST, |ui| {
        parts::heading(ui, theme::heading(text::LOST), 2);
        let size = ByteSize(drive.identity.size_bytes);
        parts::small_weak(ui, &format!("{size} · {}", text::drive_facts(drive)));
        let partitions = text::partitions(drive);
        if partitions.is_empty() {
            parts::bullet(ui, text::NOTHING_RECOGNISED, palette.danger);
        }
        for partition in &partitions {
            parts::bullet(ui, partition, palette.danger);
        }
        ui.add(eframe::egui::Label::new(theme::strong(text::CANNOT_BE_UNDONE).color(palette.danger)));
    });
}

/// Why the drive is not for everyday use, and the field that its name has to be typed into.
pub fn consent(
    ui: &mut Ui,
    caution: Option<&str>,
    name_to_type: Option<&str>,
    typed: &str,
    actions: &mut Vec<Action>,
) {
    if let Some(caution) = caution {
        ui.add_space(theme::GAP_SMALL);
        parts::message(ui, Kind::Caution, caution);
    }
    if let Some(name) = name_to_type {
        ui.add_space(theme::GAP_SMALL);
        let prompt = text::confirm_name(name);
        ui.label(theme::strong(&prompt));
        let field = TextField {
            field: Field::TypedName,
            name: &prompt,
            value: typed,
            hint: "",
            commit: Commit::Never,
            monospace: false,
        };
        field.show(ui, actions);
    }
}

/// Both buttons stand on the left, away from where Start was: a second click there erases nothing.
pub fn bar(ui: &mut Ui, state: &State, confirm: &Confirm, actions: &mut Vec<Action>) {
    let label = text::erase_button(&confirm.drive.title());
    buttons(ui, state, &label, confirm.is_allowed(), actions);
}

pub fn buttons(ui: &mut Ui, state: &State, erase: &str, is_allowed: bool, actions: &mut Vec<Action>) {
    let cancel = ui.button(text::CANCEL);
    if parts::is_new_screen(ui, state.screen_serial) {
        cancel.request_focus();
    }
    if cancel.clicked() {
        actions.push(Action::Cancel);
    }
    if parts::danger_button(ui, erase, is_allowed).clicked() {
        actions.push(Action::Erase);
    }
}
