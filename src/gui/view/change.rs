//! Answer file: a Windows stick gets another one, or loses it. The page, and what Confirm shows of it.

use eframe::egui::Ui;
use eframe::egui::accesskit::{Live, Role};

use super::choice::choice;
use super::columns::columns;
use super::drive_cards::drive_step;
use super::parts::{self, Commit, Kind, TextField};
use crate::base::ByteSize;
use crate::gui::action::{Action, Agreement, ChangeTo, Field, StickLook};
use crate::gui::state::{ChangeQuestion, State, ToWrite};
use crate::gui::{text, theme};

pub fn change(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    parts::weak(ui, text::CHANGE_INTRO);
    ui.add_space(theme::GAP_SMALL);
    columns(ui, state, actions, choices, |ui, state, _| outlook(ui, state));
}

fn choices(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    drive_step(ui, state, (1, 3), actions);
    let change = &state.change;
    parts::card(ui, text::ANSWER_FILE, |ui| {
        let is_chosen = change.to == ChangeTo::Nothing || !change.path.trim().is_empty();
        parts::step_heading(ui, 2, 3, text::ANSWER_FILE, is_chosen);
        parts::group(ui, text::ANSWER_FILE, Role::RadioGroup, |ui| {
            for to in ChangeTo::ALL {
                let is_chosen = change.to == to;
                if choice(ui, is_chosen, text::change_to(to), text::change_to_detail(to)) {
                    actions.push(Action::ChangeTo(to));
                }
                if is_chosen && to == ChangeTo::File {
                    file(ui, state, actions);
                }
            }
        });
    });
    ui.add_space(theme::GAP_SMALL);
}

fn file(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let field = TextField {
        field: Field::NewAnswer,
        name: text::ANSWER_PATH,
        value: &state.change.path,
        hint: text::ANSWER_PATH_HINT,
        commit: Commit::Never,
        monospace: false,
    };
    parts::path_row(ui, field, text::CHOOSE_FILE, actions);
    parts::small_weak(ui, text::CHANGE_FILE_FROM);
    ui.add_space(theme::GAP_SMALL);
}

fn outlook(ui: &mut Ui, state: &State) {
    let change = &state.change;
    parts::card(ui, text::WHAT_WILL_HAPPEN, |ui| {
        parts::step_heading(ui, 3, 3, text::WHAT_WILL_HAPPEN, false);
        let drive = change.drive.as_ref().and_then(|chosen| state.drives.find(&chosen.path));
        match (drive, change.refusal(&state.drives)) {
            (None, _) => {
                parts::weak(ui, text::CHOOSE_TO_CHANGE);
            }
            (_, Some(refusal)) => {
                parts::message(ui, Kind::Caution, &text::refusal(&refusal));
            }
            (Some(drive), None) => {
                let mut sentences = text::will_change(change.to, drive, true);
                sentences.push((text::NOTHING_ELSE.to_owned(), false));
                parts::sentences(ui, &sentences);
            }
        }
    });
}

/// Confirm: what the stick has now, what it will have, and what that takes beyond a yes.
pub fn change_question(ui: &mut Ui, stick: &ToWrite, question: &ChangeQuestion, actions: &mut Vec<Action>) {
    parts::heading(ui, theme::title(text::change_title(question.to, &stick.drive.title())), 1);
    parts::weak(ui, text::NOTHING_ELSE);
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::WHAT_CHANGES, |ui| {
        parts::heading(ui, theme::heading(text::WHAT_CHANGES), 2);
        let size = ByteSize(stick.drive.identity.size_bytes);
        parts::small_weak(ui, &format!("{size} · {}", text::drive_facts(&stick.drive)));
        match &question.look {
            None => {
                let label = parts::weak(ui, text::LOOKING_AT_STICK);
                parts::announce(ui, &label, Role::Status, Live::Polite, text::LOOKING_AT_STICK);
            }
            Some(Err(reason)) => {
                parts::message(ui, Kind::Danger, reason);
            }
            Some(Ok(look)) => known(ui, look, question, actions),
        }
    });
}

fn known(ui: &mut Ui, look: &StickLook, question: &ChangeQuestion, actions: &mut Vec<Action>) {
    for (name, value) in text::change_facts(&look.there, look.new.as_ref().map(|new| new.file.name())) {
        parts::fact(ui, name, &value);
    }
    if question.is_pointless() {
        parts::message(ui, Kind::Caution, &text::nothing_to_take_away());
    }
    if let Some(Err(reason)) = look.new.as_ref().map(|new| &new.prepared) {
        parts::message(ui, Kind::Danger, reason);
    }
    ui.add_space(theme::GAP_SMALL);
    if question.has_others() {
        parts::small_caution(ui, &text::others_there(&look.there.others));
        agreement(ui, question, Agreement::ReplaceOthers, question.replaces, actions);
    }
    if let Some(erases) = question.erases() {
        parts::bullet(ui, erases, theme::palette(ui).danger);
        agreement(ui, question, Agreement::EraseDisks, question.may_erase, actions);
    }
}

fn agreement(
    ui: &mut Ui,
    question: &ChangeQuestion,
    agreement: Agreement,
    is_on: bool,
    actions: &mut Vec<Action>,
) {
    if let Some(on) = parts::check_box(ui, is_on, text::agreement(agreement, question)) {
        actions.push(Action::Agree(agreement, on));
    }
}

/// Confirm: what the job does, what the new file does, and what should be known of it.
pub fn change_happening(ui: &mut Ui, stick: &ToWrite, question: &ChangeQuestion) {
    let has_one = question.known().is_none_or(|look| !look.there.answers.is_empty());
    parts::sentences(ui, &text::will_change(question.to, &stick.drive, has_one));
    let new = question.known().and_then(|look| look.new.as_ref()?.prepared.as_ref().ok());
    let Some(new) = new else { return };
    let notes: Vec<_> = new.notes.iter().map(|note| (note.clone(), false)).collect();
    parts::sentences(ui, &notes);
    if !new.advice.is_empty() {
        ui.add_space(theme::GAP);
        parts::group(ui, text::WORTH_KNOWING, Role::Group, |ui| {
            parts::heading(ui, theme::strong(text::WORTH_KNOWING), 3);
            new.advice.iter().for_each(|sentence| parts::advice(ui, sentence));
        });
    }
}
