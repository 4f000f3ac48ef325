//! "Which one is it?": a stick is found by plugging it in. It is marked, and nothing is chosen.

use std::time::Duration;

use eframe::egui::{
    self, Button, Rect, Ui, WidgetInfo,
    accesskit::{Live, Role},
};

use super::parts;
use crate::gui::action::{Action, Switch};
use crate::gui::state::{Card, State};
use crate::gui::{text, theme};

/// How often the time since a stick was plugged in is said anew.
const EVERY: Duration = Duration::from_secs(1);

pub fn button(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let palette = theme::palette(ui);
    let is_on = state.drives.arrivals.is_some();
    let fill = if is_on { palette.accent_soft } else { palette.card };
    let label = theme::small(text::WHICH_ONE).color(palette.accent);
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding = egui::vec2(8.0, 4.0);
        ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
        ui.add(Button::new(label).fill(fill).stroke(egui::Stroke::NONE))
    });
    let response = response.inner;
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, text::WHICH_ONE));
    if response.has_focus() {
        parts::focus_ring(ui, response.rect.shrink(2.0), palette.accent);
    }
    if response.clicked() {
        actions.push(Action::Set(Switch::FindDrive, !is_on));
    }
}

/// What to do, and what has come.
pub fn line(ui: &mut Ui, state: &State, cards: &[Card]) {
    let Some(arrivals) = &state.drives.arrivals else { return };
    let palette = theme::palette(ui);
    theme::message_frame(palette.accent_soft).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let latest = arrivals.first().and_then(|latest| state.drives.find(&latest.drive.path));
        let words = match latest {
            None => text::PLUG_IT_IN.to_owned(),
            Some(drive) => {
                let is_shown = cards.iter().any(|card| card.drive.identity == drive.identity);
                text::appeared(&state.drives.name(drive), is_shown)
            }
        };
        let label = ui.add(egui::Label::new(theme::small(&words).color(palette.text)).wrap());
        parts::announce(ui, &label, Role::Status, Live::Polite, &words);
    });
    if !arrivals.is_empty() {
        ui.ctx().request_repaint_after(EVERY);
    }
}

/// Once for each drive that comes.
pub fn bring_into_view(ui: &Ui, card: &Card, rect: Rect) {
    let Some(at) = card.arrived else { return };
    let id = egui::Id::unique("brought into view");
    let is_new = ui.ctx().data_mut(|data| {
        let last: &mut Option<Duration> = data.get_temp_mut_or_default(id);
        let is_new = last.is_none_or(|last| last < at);
        if is_new {
            *last = Some(at);
        }
        is_new
    });
    if is_new {
        ui.scroll_to_rect(rect, None);
    }
}
