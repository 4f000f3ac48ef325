//! Make: image, drive, and what will happen, all in sight.

use eframe::egui::{Rect, Ui, UiBuilder};

use super::answer_card::answer_card;
use super::{
    drive_cards::drive_step, image_card, parts, what_happens::what_happens, windows_card::windows_card,
};
use crate::gui::action::{Action, ImageOf};
use crate::gui::state::State;
use crate::gui::{text, theme};

/// Of the width, where the page is set in two columns: what is chosen has more to show.
const LEFT_SHARE: f32 = 0.54;

pub fn make(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    if ui.available_width() < theme::TWO_COLUMNS_FROM {
        image(ui, state, actions);
        drive_step(ui, state, (2, 3), actions);
        windows_card(ui, state, actions);
        answer_card(ui, state, actions);
        outlook(ui, state, actions);
        return;
    }
    let full = ui.available_rect_before_wrap();
    let (left, right) = full.split_left_right_at_fraction(LEFT_SHARE);
    let column = |rect: Rect| UiBuilder::new().max_rect(rect);
    ui.scope_builder(column(left.with_max_x(left.right() - theme::GAP_LARGE / 2.0)), |ui| {
        image(ui, state, actions);
        drive_step(ui, state, (2, 3), actions);
        windows_card(ui, state, actions);
        answer_card(ui, state, actions);
    });
    ui.scope_builder(column(right.with_min_x(right.left() + theme::GAP_LARGE / 2.0)), |ui| {
        outlook(ui, state, actions);
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
