//! Check: a drive against what it says itself, an image, or a checksum. Nothing is written.

use eframe::egui::{Ui, accesskit::Role};

use super::parts::{self, Commit, Kind, TextField};
use super::{drive_cards::drive_step, image_card};
use crate::gui::action::{Action, CheckWith, Field, ImageOf};
use crate::gui::state::State;
use crate::gui::{text, theme};

pub fn check(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::weak(ui, text::CHECK_INTRO);
    ui.add_space(theme::GAP_SMALL);
    drive_step(ui, state, (1, 2), actions);
    parts::card(ui, text::COMPARE_WITH, |ui| {
        parts::step_heading(ui, 2, 2, text::COMPARE_WITH, false);
        parts::group(ui, text::COMPARE_WITH, Role::RadioGroup, |ui| {
            ui.horizontal_wrapped(|ui| {
                for with in [CheckWith::Manifest, CheckWith::Image, CheckWith::Checksum] {
                    if ui.radio(state.check.with == with, text::check_with(with)).clicked() {
                        actions.push(Action::CheckWith(with));
                    }
                }
            });
        });
        match state.check.with {
            CheckWith::Manifest => {
                parts::small_weak(ui, text::CHECK_BY_MANIFEST);
            }
            CheckWith::Image => image_card::image_card(ui, state, ImageOf::Check, actions),
            CheckWith::Checksum => checksum(ui, state, actions),
        }
    });
}

fn checksum(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let check = &state.check;
    parts::small_weak(ui, text::DRIVE_CHECKSUM);
    image_card::checksum_field(
        ui,
        Field::DriveChecksum,
        text::DRIVE_CHECKSUM,
        text::CHECKSUM_HINT,
        &check.checksum,
        actions,
    );
    ui.add_space(theme::GAP_SMALL);
    parts::small_weak(ui, text::DRIVE_LENGTH);
    let field = TextField {
        field: Field::DriveLength,
        name: text::DRIVE_LENGTH,
        value: &check.length,
        hint: text::DRIVE_LENGTH_HINT,
        commit: Commit::Never,
        monospace: false,
    };
    field.show(ui, actions);
    if let Err(error) = check.length_bytes() {
        parts::message(ui, Kind::Caution, &error);
    }
}
