//! Save: a drive into an image file.

use eframe::egui::Ui;

use super::parts::{self, Commit, TextField};
use super::{drive_cards::drive_cards, image_card::set};
use crate::gui::action::{Action, Field, Page, Switch};
use crate::gui::state::State;
use crate::gui::{text, theme};

pub fn save(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::weak(ui, text::SAVE_INTRO);
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::DRIVE, |ui| {
        parts::step_heading(ui, 1, 2, text::DRIVE, state.save.drive.is_some());
        drive_cards(ui, state, Page::Save, actions);
    });
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::SAVE_TO, |ui| {
        parts::step_heading(ui, 2, 2, text::SAVE_TO, !state.save.file.trim().is_empty());
        let field = TextField {
            field: Field::SaveFile,
            name: text::SAVE_FILE,
            value: &state.save.file,
            hint: text::SAVE_FILE_HINT,
            commit: Commit::Never,
            monospace: false,
        };
        parts::path_row(ui, field, text::CHOOSE_PLACE, actions);
        parts::small_weak(ui, text::save_format(&state.save.file));
        set(ui, Switch::Replace, state.save.replace, text::REPLACE, actions);
    });
}
