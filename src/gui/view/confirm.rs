//! Confirm: the last look. Names every drive and what is lost, or what changes on it. Cancel has the focus.

use eframe::egui::{Label, Ui, accesskit::Role};

use super::change::{change_happening, change_question};
use super::parts::{self, Commit, Kind, TextField};
use super::what_happens::happening;
use crate::base::ByteSize;
use crate::gui::action::{Action, Field};
use crate::gui::state::{Confirm, State, ToWrite, Work};
use crate::gui::{text, theme};
use crate::job::Request;
use crate::plan::Plan;

pub fn confirm(ui: &mut Ui, state: &State, confirm: &Confirm, actions: &mut Vec<Action>) {
    let [stick] = confirm.sticks.as_slice() else { return confirm_all(ui, state, confirm, actions) };
    match &stick.change {
        Some(change) => change_question(ui, stick, change, actions),
        None => loss(ui, stick),
    }
    if !stick.drive.stoppable_uses.is_empty() {
        ui.add_space(theme::GAP_SMALL);
        parts::card(ui, text::IN_USE, |ui| {
            parts::heading(ui, theme::heading(text::IN_USE), 2);
            parts::weak(ui, text::ENDS_FIRST);
            uses(ui, 0, stick, actions);
        });
    }
    match &stick.change {
        // What cannot be done will not happen.
        Some(change) if !change.is_possible() => {}
        Some(change) => happening_card(ui, |ui| change_happening(ui, stick, change)),
        None => happening_card(ui, |ui| match (&stick.request, &stick.plan, Work::of(&stick.request)) {
            (Request::Write(_), Some(plan), _) => happening(ui, state, &[plan]),
            (_, plan, Some(work)) => {
                parts::sentences(ui, &text::will_erase(work, &stick.drive, plan.as_ref()));
            }
            (_, _, None) => {}
        }),
    }
    if let Some(caution) = &stick.caution {
        ui.add_space(theme::GAP_SMALL);
        parts::message(ui, Kind::Caution, caution);
    }
    if let Some(name) = &stick.name_to_type {
        ui.add_space(theme::GAP_SMALL);
        name_field(ui, 0, stick, name, actions);
    }
}

/// What goes, and what takes its place.
fn loss(ui: &mut Ui, stick: &ToWrite) {
    parts::heading(ui, theme::title(text::confirm_title(&stick.drive.title())), 1);
    match (&stick.request, &stick.plan) {
        (Request::Write(_), Some(plan)) => parts::weak(ui, &text::confirm_summary(plan)),
        (request, _) => parts::weak(ui, text::confirm_erase_summary(request)),
    };
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::LOST, |ui| {
        parts::heading(ui, theme::heading(text::LOST), 2);
        lost(ui, stick);
        cannot_be_undone(ui);
    });
}

/// Every drive by its name, with what is lost on it.
fn confirm_all(ui: &mut Ui, state: &State, confirm: &Confirm, actions: &mut Vec<Action>) {
    let count = confirm.sticks.len();
    parts::heading(ui, theme::title(text::confirm_title_of_all(count)), 1);
    let plans: Vec<&Plan> = confirm.sticks.iter().filter_map(|stick| stick.plan.as_ref()).collect();
    if let Some(first) = plans.first() {
        parts::weak(ui, &text::confirm_summary_of_all(first));
    }
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::LOST, |ui| {
        parts::heading(ui, theme::heading(text::LOST), 2);
        for (place, stick) in confirm.sticks.iter().enumerate() {
            let name = state.drives.name(&stick.drive);
            ui.add_space(theme::GAP_SMALL);
            parts::group(ui, &name, Role::Group, |ui| {
                parts::heading(ui, theme::strong(&name), 3);
                lost(ui, stick);
                if !stick.drive.stoppable_uses.is_empty() {
                    parts::weak(ui, text::ENDS_FIRST);
                    ui.push_id(("uses", place), |ui| uses(ui, place, stick, actions));
                }
                if let Some(caution) = &stick.caution {
                    parts::message(ui, Kind::Caution, caution);
                }
                if let Some(name) = &stick.name_to_type {
                    ui.push_id(place, |ui| name_field(ui, place, stick, name, actions));
                }
            });
        }
        ui.add_space(theme::GAP_SMALL);
        cannot_be_undone(ui);
    });
    happening_card(ui, |ui| happening(ui, state, &plans));
}

/// Where the drive is, and what lies on it.
fn lost(ui: &mut Ui, stick: &ToWrite) {
    let danger = theme::palette(ui).danger;
    let size = ByteSize(stick.drive.identity.size_bytes);
    parts::small_weak(ui, &format!("{size} · {}", text::drive_facts(&stick.drive)));
    let partitions = text::partitions(&stick.drive);
    if partitions.is_empty() {
        parts::bullet(ui, text::NOTHING_RECOGNISED, danger);
    }
    for partition in &partitions {
        parts::bullet(ui, partition, danger);
    }
}

/// One box for each use that has to end. `place`: of the stick among those that are erased.
fn uses(ui: &mut Ui, place: usize, stick: &ToWrite, actions: &mut Vec<Action>) {
    for named in &stick.drive.stoppable_uses {
        let is_agreed = stick.agreed_uses.contains(named);
        if let Some(agreed) = parts::check_box(ui, is_agreed, &text::end_this(named)) {
            actions.push(Action::EndUse { stick: place, named: named.clone(), agreed });
        }
    }
}

fn cannot_be_undone(ui: &mut Ui) {
    let danger = theme::palette(ui).danger;
    ui.add(Label::new(theme::strong(text::CANNOT_BE_UNDONE).color(danger)));
}

fn happening_card(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::WHAT_WILL_HAPPEN, |ui| {
        parts::heading(ui, theme::heading(text::WHAT_WILL_HAPPEN), 2);
        contents(ui);
    });
}

/// `place`: among those that are erased.
fn name_field(ui: &mut Ui, place: usize, stick: &ToWrite, name: &str, actions: &mut Vec<Action>) {
    let prompt = text::confirm_name(name);
    ui.label(theme::strong(&prompt));
    let field = TextField {
        field: Field::TypedName(place),
        name: &prompt,
        value: &stick.typed,
        hint: "",
        commit: Commit::Never,
        monospace: false,
    };
    field.show(ui, actions);
}

/// Both buttons stand on the left, away from where Start was: a second click there erases nothing.
pub fn bar(ui: &mut Ui, state: &State, confirm: &Confirm, actions: &mut Vec<Action>) {
    let cancel = ui.button(text::CANCEL);
    if parts::is_new_screen(ui, state.screen_serial) {
        cancel.request_focus();
    }
    if cancel.clicked() {
        actions.push(Action::Cancel);
    }
    if let [ToWrite { change: Some(change), drive, .. }] = confirm.sticks.as_slice() {
        let label = text::change_button(change.to, &drive.title());
        if parts::primary_button(ui, &label, confirm.is_allowed()).clicked() {
            actions.push(Action::Erase);
        }
        return;
    }
    let label = match confirm.sticks.as_slice() {
        [stick] => text::confirm_erase_button(&stick.request, &stick.drive.title()),
        sticks => text::erase_all_button(sticks.len()),
    };
    if parts::danger_button(ui, &label, confirm.is_allowed()).clicked() {
        actions.push(Action::Erase);
    }
}
