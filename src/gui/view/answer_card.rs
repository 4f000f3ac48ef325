//! Make: which answer file goes onto the stick.

use eframe::egui::accesskit::{Live, Role};
use eframe::egui::{Align, Button, Layout, Ui, vec2};

use super::parts::{self, Commit, Kind, TextField};
use crate::answer::Severity;
use crate::gui::action::{Action, AnswerAction, AnswerText, Dialog, Field, ReadFor};
use crate::gui::state::{Answering, OwnXml, State, Used};
use crate::gui::{text, theme};

/// Findings beyond these are counted.
const SHOWN_FINDINGS: usize = 4;

/// Nothing, unless the image is Windows media of a version whose Setup reads answer files.
pub fn answer_card(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let make = &state.make;
    if make.media().is_none() {
        return;
    }
    parts::card(ui, text::ANSWER_FILE, |ui| {
        ui.horizontal(|ui| {
            parts::heading(ui, theme::heading(text::ANSWER_FILE), 2);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                parts::small_weak(ui, text::OPTIONAL);
            });
        });
        match make.answer.used {
            Used::Nothing => nothing(ui, &make.answer, actions),
            Used::Form => form(ui, state, actions),
            Used::Xml => {
                if let Some(xml) = &make.answer.xml {
                    own_xml(ui, xml, make.answer.target().is_some(), actions);
                }
            }
        }
        if let Some(Err(reason)) = &make.answer.prepared {
            parts::message(ui, Kind::Caution, reason);
        }
        file_row(ui, &make.answer, actions);
        on_the_image(ui, state, actions);
    });
    ui.add_space(theme::GAP_SMALL);
}

fn act(actions: &mut Vec<Action>, action: AnswerAction) {
    actions.push(Action::Answer(action));
}

fn nothing(ui: &mut Ui, answer: &Answering, actions: &mut Vec<Action>) {
    parts::sentence(ui, text::NO_ANSWER);
    parts::small_weak(ui, text::ANSWER_WHAT_FOR);
    ui.horizontal(|ui| {
        let can_be_made = answer.target().is_some();
        if ui.add_enabled(can_be_made, Button::new(text::MAKE_ONE)).clicked() {
            act(actions, AnswerAction::Edit);
        }
        if ui.button(text::USE_FILE).clicked() {
            act(actions, AnswerAction::AskForFile(!answer.asks_for_file));
        }
    });
    if let Some(Err(reason)) = &answer.media {
        parts::small_weak(ui, reason);
    }
}

fn form(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let answer = &state.make.answer;
    let windows = state.make.image.known().and_then(|image| image.facts.windows.as_deref());
    if let Some(target) = answer.target() {
        parts::sentence(ui, &text::answer_summary(&answer.checked.options, target, windows));
        let name = answer.name.as_deref().map(|name| format!("{}: {name}", text::FROM_FILE));
        let notes = name.into_iter().chain(text::other_windows(&answer.form, target));
        for note in notes {
            parts::small_weak(ui, &note);
        }
    }
    if answer.checked.is_broken() {
        let words = if answer.checked.lacks_consent_alone() {
            text::CONSENT_MISSING_CARD.to_owned()
        } else {
            text::answer_to_correct(answer.checked.count(None))
        };
        parts::message(ui, Kind::Caution, &words);
    }
    ui.horizontal(|ui| {
        if ui.button(text::EDIT).accessible_name(text::EDIT_ANSWER).clicked() {
            act(actions, AnswerAction::Edit);
        }
        remove(ui, actions);
    });
}

fn remove(ui: &mut Ui, actions: &mut Vec<Action>) {
    if ui.button(text::REMOVE).accessible_name(text::REMOVE_ANSWER).clicked() {
        act(actions, AnswerAction::Remove);
    }
}

fn own_xml(ui: &mut Ui, xml: &OwnXml, can_be_form: bool, actions: &mut Vec<Action>) {
    parts::elided(ui, &xml.name, theme::strong_font(), theme::palette(ui).text);
    let errors = xml.findings.iter().filter(|it| it.severity == Severity::Error).count();
    let summary = text::findings_summary(errors, xml.findings.len() - errors);
    if errors > 0 {
        parts::message(ui, Kind::Danger, &summary);
    } else if xml.findings.is_empty() {
        parts::ticked(ui, &summary);
    } else {
        parts::small_weak(ui, &summary);
    }
    // What blocks comes first.
    let (bad, good): (Vec<_>, Vec<_>) =
        xml.findings.iter().partition(|finding| finding.severity == Severity::Error);
    for finding in bad.iter().chain(&good).take(SHOWN_FINDINGS) {
        parts::advice(ui, &text::finding(finding));
    }
    if xml.findings.len() > SHOWN_FINDINGS {
        parts::small_weak(ui, &text::more_findings(xml.findings.len() - SHOWN_FINDINGS));
    }
    if xml.as_profile.is_err() && errors == 0 {
        parts::small_weak(ui, text::NO_PROFILE_OF_XML);
    }
    ui.horizontal(|ui| {
        if can_be_form && xml.as_profile.is_ok() && ui.button(text::EDIT_AS_PROFILE).clicked() {
            act(actions, AnswerAction::EditXml);
        }
        remove(ui, actions);
    });
}

/// The path of a file to use, while it is asked for.
fn file_row(ui: &mut Ui, answer: &Answering, actions: &mut Vec<Action>) {
    if answer.asks_for_file {
        let field = Field::Answer(AnswerText::UsePath);
        ui.horizontal(|ui| {
            let width = ui.available_width() - parts::button_width(ui, text::CHOOSE_FILE) - theme::GAP;
            let path = TextField {
                field,
                name: text::ANSWER_PATH,
                value: &answer.use_path,
                hint: text::ANSWER_PATH_HINT,
                commit: Commit::OnEnter,
                monospace: false,
            };
            ui.allocate_ui(vec2(width.max(120.0), theme::BUTTON_HEIGHT), |ui| path.show(ui, actions));
            if ui.button(text::CHOOSE_FILE).clicked() {
                actions.push(Action::Browse(Dialog::Fill(field)));
            }
        });
    }
    if matches!(answer.reading, Some((ReadFor::Use, _))) {
        let reading = parts::small_weak(ui, text::READING_ANSWER);
        parts::announce(ui, &reading, Role::Status, Live::Polite, text::READING_ANSWER);
    }
    if let Some(failed) = &answer.failed {
        parts::message(ui, Kind::Caution, failed);
    }
}

/// The answer file that the image has already is never replaced silently.
fn on_the_image(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let (files, answer) = (state.make.answer_files(), &state.make.answer);
    if files.is_empty() {
        return;
    }
    let is_ours_used = answer.used != Used::Nothing;
    if !is_ours_used {
        parts::small_caution(ui, &text::image_has_answer(files, false));
        return;
    }
    if answer.replaces {
        parts::small_weak(ui, &text::answer_replaces(files));
    } else {
        parts::small_caution(ui, &text::image_has_answer(files, true));
    }
    if let Some(on) = parts::check_box(ui, answer.replaces, text::PUT_MINE) {
        act(actions, AnswerAction::Replace(on));
    }
}
