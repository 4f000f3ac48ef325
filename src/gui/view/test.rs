//! Test: is a stick as large as it says, and does it keep what it is given? Erases it.

use eframe::egui::{Ui, accesskit::Role};

use super::choice::choice;
use super::columns::columns;
use super::drive_cards::drive_step;
use super::parts::{self, Kind};
use crate::gui::action::Action;
use crate::gui::state::{State, Work};
use crate::gui::{text, theme};
use crate::job::TestExtent;

pub fn test(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::weak(ui, text::TEST_INTRO);
    ui.add_space(theme::GAP_SMALL);
    columns(ui, state, actions, choices, |ui, state, _| outlook(ui, state));
}

fn choices(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    drive_step(ui, state, (1, 3), actions);
    let test = &state.test;
    let drive_bytes = test.drive.as_ref().map(|drive| drive.size_bytes);
    parts::card(ui, text::HOW_THOROUGHLY, |ui| {
        parts::step_heading(ui, 2, 3, text::HOW_THOROUGHLY, false);
        parts::group(ui, text::HOW_THOROUGHLY, Role::RadioGroup, |ui| {
            for extent in [TestExtent::Quick, TestExtent::Full] {
                let detail = text::extent_detail(extent, drive_bytes);
                if choice(ui, test.extent == extent, text::extent(extent), &detail) {
                    actions.push(Action::TestExtent(extent));
                }
            }
        });
    });
    ui.add_space(theme::GAP_SMALL);
}

fn outlook(ui: &mut Ui, state: &State) {
    let test = &state.test;
    parts::card(ui, text::WHAT_WILL_HAPPEN, |ui| {
        parts::step_heading(ui, 3, 3, text::WHAT_WILL_HAPPEN, false);
        let drive = state.test.drive.as_ref().and_then(|chosen| state.drives.find(&chosen.path));
        match (drive, test.refusal(&state.drives)) {
            (None, _) => {
                parts::weak(ui, text::CHOOSE_TO_TEST);
            }
            (_, Some(refusal)) => {
                parts::message(ui, Kind::Caution, &text::refusal(&refusal));
            }
            (Some(drive), None) => {
                parts::sentences(ui, &text::will_erase(Work::Test(test.extent), drive, None));
            }
        }
    });
}
