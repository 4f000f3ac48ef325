//! Loading, saving and exporting: the path, and what has to be decided first.

use eframe::egui::accesskit::Role;
use eframe::egui::{Ui, vec2};

use super::super::choice::choice;
use super::super::parts::{self, Commit, Kind, TextField};
use crate::answer::Secrets;
use crate::gui::action::{Action, AnswerAction, AnswerText, Dialog, Field, Panel};
use crate::gui::state::Answering;
use crate::gui::{text, theme};

pub fn panel(ui: &mut Ui, answer: &Answering, panel: Panel, actions: &mut Vec<Action>) {
    let note = match panel {
        Panel::Load => text::LOAD_NOTE,
        Panel::Save => text::SAVE_NOTE,
        Panel::Export => text::EXPORT_NOTE,
    };
    parts::card(ui, text::panel(panel), |ui| {
        parts::small_weak(ui, note);
        if panel == Panel::Save && answer.has_secrets() {
            secrets(ui, answer, actions);
        }
        ui.horizontal(|ui| {
            let buttons = [text::CHOOSE_FILE, text::panel_button(panel), text::CLOSE_PANEL];
            let taken: f32 = buttons.iter().map(|label| parts::button_width(ui, label) + theme::GAP).sum();
            let field = TextField {
                field: Field::Answer(AnswerText::PanelPath),
                name: text::panel_path(panel),
                value: &answer.panel_path,
                hint: "/path/to/profile.toml",
                commit: Commit::OnEnter,
                monospace: false,
            };
            let width = (ui.available_width() - taken).max(100.0);
            ui.allocate_ui(vec2(width, theme::BUTTON_HEIGHT), |ui| field.show(ui, actions));
            if ui.button(text::CHOOSE_FILE).clicked() {
                actions.push(Action::Browse(match panel {
                    Panel::Load => Dialog::Fill(Field::Answer(AnswerText::PanelPath)),
                    Panel::Save | Panel::Export => Dialog::SaveAnswer,
                }));
            }
            if parts::primary_button(ui, text::panel_button(panel), answer.can_do_panel()).clicked() {
                actions.push(Action::Answer(AnswerAction::DoPanel));
            }
            if ui.button(text::CLOSE_PANEL).clicked() {
                actions.push(Action::Answer(AnswerAction::Panel(None)));
            }
        });
        match &answer.said {
            Some(Err(error)) => {
                parts::message(ui, Kind::Caution, error);
            }
            Some(Ok(words)) => parts::ticked(ui, words),
            None => {}
        }
    });
}

/// Nothing is chosen beforehand: a password in a file is for its owner to decide.
fn secrets(ui: &mut Ui, answer: &Answering, actions: &mut Vec<Action>) {
    parts::group(ui, text::SECRETS_IN_PROFILE, Role::RadioGroup, |ui| {
        parts::heading(ui, theme::strong(text::SECRETS_IN_PROFILE), 3);
        for (secrets, name, note) in [
            (Secrets::Masked, text::SECRETS_MASKED, text::SECRETS_MASKED_NOTE),
            (Secrets::Shown, text::SECRETS_SHOWN, text::SECRETS_SHOWN_NOTE),
        ] {
            if choice(ui, answer.save_with == Some(secrets), name, note) {
                actions.push(Action::Answer(AnswerAction::SaveWith(secrets)));
            }
        }
    });
}
