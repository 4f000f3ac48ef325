//! Make: image, drive, and what will happen, all in sight.

use eframe::egui::Ui;

use super::{drive_cards::drive_step, image_card, parts, what_happens::what_happens};
use crate::gui::action::{Action, ImageOf};
use crate::gui::state::State;
use crate::gui::{text, theme};

pub fn make(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    if ui.available_width() < theme::TWO_COLUMNS_FROM {
        image(ui, state, actions);
        drive_step(ui, state, (2, 3), actions);
        outlook(ui, state, actions);
        return;
    }
    ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
    ui.columns(2, |columns| {
        image(&mut columns[0], state, actions);
        drive_step(&mut columns[0], state, (2, 3), actions);
        outlook(&mut columns[1], state, actions);
    });
}

fn image(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::card(ui, text::IMAGE, |ui| {
        parts::step_heading(ui, 1, 3, text::IMAGE, state.make.image.known().is_some());
        image_card::image_card(ui, state, ImageOf::Make, actions);
        image_card::before_writing(ui, &state.make, actions);
    });
    ui.add_space(theme::GAP_SMALL);
}

fn outlook(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::card(ui, text::WHAT_WILL_HAPPEN, |ui| {
        parts::step_heading(ui, 3, 3, text::WHAT_WILL_HAPPEN, false);
        what_happens(ui, state, actions);
    });
}
