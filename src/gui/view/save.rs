//! Save: a drive into an image file.

use eframe::egui::Ui;

use super::parts::{self, Commit, TextField};
use super::{drive_cards::drive_step, image_card::set};
use crate::gui::action::{Action, Field, Switch};
use crate::gui::state::State;
use crate::gui::{text, theme};

pub fn save(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::weak(ui, text::SAVE_INTRO);
    ui.add_space(theme::GAP_SMALL);
    drive_step(ui, state, (1, 2), actions);
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
