//! Accounts, the built-in one, and the logon without a question.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Layout, Ui};

use super::super::parts;
use super::fields::{Pen, folded};
use crate::answer::ADMINISTRATOR;
use crate::gui::action::{AnswerAction, AnswerPick, AnswerSwitch, AnswerText, RowId, UserText};
use crate::gui::{text, theme};

pub fn accounts(ui: &mut Ui, pen: &mut Pen<'_>) {
    let users = &pen.form().users;
    if users.is_empty() {
        parts::weak(ui, text::NO_USERS);
    }
    for (at, id) in users.iter().enumerate() {
        ui.push_id(*id, |ui| user(ui, *id, at + 1, pen));
    }
    if ui.button(text::ADD_USER).clicked() {
        pen.act(AnswerAction::AddUser);
    }
    ui.add_space(theme::GAP);
    auto_logon(ui, pen);
    ui.add_space(theme::GAP);
    parts::group(ui, text::BUILT_IN, Role::Group, |ui| {
        parts::heading(ui, theme::strong(text::BUILT_IN), 3);
        let choices = [None, Some(true), Some(false)];
        let now = pen.form().administrator;
        if let Some(choice) = pen.choose(ui, text::ACCOUNT_STATE, now, &choices, text::on_or_off) {
            pen.pick(AnswerPick::Administrator(choice));
        }
        let label = text::answer_label(AnswerText::AdministratorPassword);
        let spoken = format!("{label} of the {}", text::BUILT_IN);
        pen.named_field(ui, AnswerText::AdministratorPassword, label, &spoken);
    });
    ui.add_space(theme::GAP);
    pen.switch(ui, AnswerSwitch::EncodePasswords);
    parts::small_weak(ui, text::PASSWORDS_STAY);
}

fn user(ui: &mut Ui, id: RowId, number: usize, pen: &mut Pen<'_>) {
    let name = text::account(number);
    parts::group(ui, &name, Role::Group, |ui| {
        theme::sunken_frame(theme::palette(ui)).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal(|ui| {
                parts::heading(ui, theme::strong(&name), 3);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.button(text::REMOVE).accessible_name(text::remove(&name)).clicked() {
                        pen.act(AnswerAction::RemoveRow(id));
                    }
                });
            });
            field(ui, id, number, UserText::Name, pen);
            field(ui, id, number, UserText::Password, pen);
            let spoken = text::of_user(text::ADMINISTRATOR_OF, number);
            let is_administrator = pen.form().is_administrator(id);
            let mut on = is_administrator;
            let check = ui.checkbox(&mut on, text::ADMINISTRATOR_OF).accessible_name(spoken);
            if check.changed() {
                pen.act(AnswerAction::Administrator(id, on));
            }
            let more = [UserText::DisplayName, UserText::Description, UserText::Groups];
            let is_set = |part: &UserText| !pen.form().text(AnswerText::User(id, *part)).is_empty();
            let is_used = more[..2].iter().any(is_set);
            folded(ui, text::ADVANCED, is_used, |ui| {
                for part in more {
                    field(ui, id, number, part, pen);
                }
            });
        });
    });
}

fn field(ui: &mut Ui, id: RowId, number: usize, part: UserText, pen: &mut Pen<'_>) {
    let text = AnswerText::User(id, part);
    let label = text::answer_label(text);
    pen.named_field(ui, text, label, &text::of_user(label, number));
}

fn auto_logon(ui: &mut Ui, pen: &mut Pen<'_>) {
    parts::group(ui, text::AUTO_LOGON, Role::Group, |ui| {
        parts::heading(ui, theme::strong(text::AUTO_LOGON), 3);
        let form = pen.form();
        let names = form.users.iter().map(|id| form.text(AnswerText::User(*id, UserText::Name)));
        let names = names.filter(|name| !name.is_empty()).chain([ADMINISTRATOR]);
        let names: Vec<_> = names.map(|name| (name.to_owned(), name.to_owned())).collect();
        pen.choose_text(ui, AnswerText::LogonUser, &names, text::NOBODY);
        if !form.text(AnswerText::LogonUser).is_empty() {
            pen.field(ui, AnswerText::LogonCount);
        }
    });
}
