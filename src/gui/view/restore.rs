//! Restore: a drive becomes a normal stick again, or empty.

use eframe::egui::{RadioButton, Ui, accesskit::Role};

use super::choice::choice;
use super::columns::columns;
use super::drive_cards::drive_step;
use super::parts::{self, Commit, Kind, TextField};
use crate::gui::action::{Action, Becomes, Field};
use crate::gui::state::{State, Work};
use crate::gui::text::{self, LabelText};
use crate::gui::theme;
use crate::plan::FileSystem;

pub fn restore(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::weak(ui, text::RESTORE_INTRO);
    ui.add_space(theme::GAP_SMALL);
    columns(ui, state, actions, choices, |ui, state, _| outlook(ui, state));
}

fn choices(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    drive_step(ui, state, (1, 3), actions);
    parts::card(ui, text::WHAT_IT_BECOMES, |ui| {
        parts::step_heading(ui, 2, 3, text::WHAT_IT_BECOMES, false);
        what_it_becomes(ui, state, actions);
    });
    ui.add_space(theme::GAP_SMALL);
}

fn outlook(ui: &mut Ui, state: &State) {
    parts::card(ui, text::WHAT_WILL_HAPPEN, |ui| {
        parts::step_heading(ui, 3, 3, text::WHAT_WILL_HAPPEN, false);
        what_will_happen(ui, state);
    });
}

fn what_it_becomes(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let restore = &state.restore;
    let drive_bytes = restore.drive.as_ref().map(|drive| drive.size_bytes);
    parts::group(ui, text::WHAT_IT_BECOMES, Role::RadioGroup, |ui| {
        for becomes in Becomes::ALL {
            let detail = text::becomes_detail(becomes, drive_bytes);
            if choice(ui, restore.becomes == becomes, text::becomes(becomes), &detail) {
                actions.push(Action::Become(becomes));
            }
        }
    });
    if restore.becomes == Becomes::Normal {
        volume(ui, state, actions);
    }
}

/// The file system and the name of a normal stick.
fn volume(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let restore = &state.restore;
    let (chosen, usual) = (restore.file_system(), restore.usual_file_system());
    theme::sunken_frame(theme::palette(ui)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        parts::heading(ui, theme::strong(text::NORMAL_STICK), 3);
        parts::group(ui, text::FILE_SYSTEM, Role::RadioGroup, |ui| {
            ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
                for file_system in FileSystem::ALL {
                    let (is_chosen, fits) =
                        (chosen == Some(file_system), restore.refusal_of(file_system).is_none());
                    let name = text::file_system_choice(file_system, usual);
                    if ui.add_enabled(fits, RadioButton::new(is_chosen, name)).clicked() && !is_chosen {
                        actions.push(Action::FileSystem(file_system));
                    }
                }
            });
        });
        if let Some(chosen) = chosen {
            parts::small_weak(ui, text::file_system_limits(chosen));
        }
        for refusal in FileSystem::ALL.into_iter().filter_map(|file_system| restore.refusal_of(file_system)) {
            parts::small_caution(ui, &text::refusal(refusal));
        }
        ui.add_space(theme::GAP_SMALL);
        let field = TextField {
            field: Field::Label,
            name: text::LABEL,
            value: &restore.label,
            hint: text::LABEL_HINT,
            commit: Commit::Never,
            monospace: false,
        };
        field.show(ui, actions);
        match text::label(chosen.unwrap_or(FileSystem::Fat32), &restore.label) {
            LabelText::Plain(words) => {
                parts::small_weak(ui, &words);
            }
            LabelText::Changed(words) => parts::small_caution(ui, &words),
        }
    });
}

fn what_will_happen(ui: &mut Ui, state: &State) {
    let restore = &state.restore;
    let drive = state.restore.drive.as_ref().and_then(|chosen| state.drives.find(&chosen.path));
    match (drive, &restore.plan) {
        (Some(drive), Some(Ok(plan))) => {
            let work = match restore.becomes {
                Becomes::Normal => Work::Restore,
                becomes => Work::Wipe { everywhere: becomes == Becomes::Zeroes },
            };
            parts::sentences(ui, &text::will_erase(work, drive, Some(plan)));
        }
        (_, Some(Err(refusal))) => {
            parts::message(ui, Kind::Caution, &text::refusal(refusal));
        }
        _ => {
            parts::weak(ui, text::CHOOSE_TO_RESTORE);
        }
    }
}
