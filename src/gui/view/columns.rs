//! A page in two columns where there is room, else one below the other.

use eframe::egui::{Rect, Ui, UiBuilder};

use crate::gui::action::Action;
use crate::gui::state::State;
use crate::gui::theme;

type Half = fn(&mut Ui, &State, &mut Vec<Action>);

/// Of the width: what is chosen has more to show than what comes of it.
const LEFT_SHARE: f32 = 0.54;

/// `left` is what is chosen, `right` what comes of it.
pub fn columns(ui: &mut Ui, state: &State, actions: &mut Vec<Action>, left: Half, right: Half) {
    if ui.available_width() < theme::TWO_COLUMNS_FROM {
        left(ui, state, actions);
        right(ui, state, actions);
        return;
    }
    let full = ui.available_rect_before_wrap();
    let (left_rect, right_rect) = full.split_left_right_at_fraction(LEFT_SHARE);
    let column = |rect: Rect| UiBuilder::new().max_rect(rect);
    ui.scope_builder(column(left_rect.with_max_x(left_rect.right() - theme::GAP_LARGE / 2.0)), |ui| {
        left(ui, state, actions);
    });
    ui.scope_builder(column(right_rect.with_min_x(right_rect.left() + theme::GAP_LARGE / 2.0)), |ui| {
        right(ui, state, actions);
    });
}
