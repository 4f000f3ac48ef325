//! Confirm where no image is written: names the drive and what is lost. Cancel has the focus.

use eframe::egui::Ui;

use super::confirm::{buttons, consent, lost};
use super::parts;
use crate::gui::action::Action;
use crate::gui::state::{ConfirmErase, State, Work};
use crate::gui::{text, theme};

pub fn confirm_erase(ui: &mut Ui, confirm: &ConfirmErase, actions: &mut Vec<Action>) {
    parts::heading(ui, theme::title(text::confirm_title(&confirm.drive.title())), 1);
    parts::weak(ui, text::confirm_erase_summary(&confirm.request));
    ui.add_space(theme::GAP_SMALL);
    lost(ui, &confirm.drive);
    if let Some(work) = Work::of(&confirm.request) {
        ui.add_space(theme::GAP_SMALL);
        parts::card(ui, text::WHAT_WILL_HAPPEN, |ui| {
            parts::heading(ui, theme::heading(text::WHAT_WILL_HAPPEN), 2);
            parts::sentences(ui, &text::will_erase(work, &confirm.drive, confirm.plan.as_ref()));
        });
    }
    consent(ui, confirm.caution.as_deref(), confirm.name_to_type.as_deref(), &confirm.typed, actions);
}

pub fn bar(ui: &mut Ui, state: &State, confirm: &ConfirmErase, actions: &mut Vec<Action>) {
    let label = text::confirm_erase_button(&confirm.request, &confirm.drive.title());
    buttons(ui, state, &label, confirm.is_allowed(), actions);
}
