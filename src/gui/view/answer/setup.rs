//! Edition and key, and the computer's name.

use eframe::egui::Ui;

use super::super::parts;
use super::fields::{Pen, folded};
use crate::answer::{ProductKey, SERIAL, Secret, Version};
use crate::gui::action::{AnswerPick, AnswerSwitch, AnswerText, KeyChoice};
use crate::gui::{text, theme};
use crate::source::windows::WindowsFacts;

pub fn edition(ui: &mut Ui, windows: Option<&WindowsFacts>, version: Version, pen: &mut Pen<'_>) {
    let editions = windows.map_or(&[][..], |windows| &windows.editions);
    let mut names: Vec<(String, String)> = Vec::new();
    for edition in editions {
        // Media for two architectures have each of them twice, by the same name.
        if !names.iter().any(|(name, _)| *name == edition.name) {
            names.push((edition.name.clone(), edition.shown_name().to_owned()));
        }
    }
    if names.is_empty() {
        pen.field(ui, AnswerText::Edition);
    } else {
        pen.choose_text(ui, AnswerText::Edition, &names, text::NOT_ANSWERED);
    }
    key(ui, version, pen);
    ui.add_space(theme::GAP_SMALL);
    pen.switch(ui, AnswerSwitch::AcceptEula);
    ui.add_space(theme::GAP_SMALL);
    pen.field(ui, AnswerText::FullName);
    pen.field(ui, AnswerText::Organization);
    let has_index = !pen.form().text(AnswerText::EditionIndex).is_empty();
    folded(ui, text::ADVANCED, has_index || pen.form().dynamic_update.is_some(), |ui| {
        let choices = [None, Some(true), Some(false)];
        let now = pen.form().dynamic_update;
        if let Some(choice) = pen.choose(ui, text::DYNAMIC_UPDATE, now, &choices, text::yes_or_no) {
            pen.pick(AnswerPick::DynamicUpdate(choice));
        }
        pen.field(ui, AnswerText::EditionIndex);
    });
}

fn key(ui: &mut Ui, version: Version, pen: &mut Pen<'_>) {
    let now = pen.form().key;
    let is_known = |choice: &KeyChoice| {
        let key = match choice {
            KeyChoice::NotAnswered => return true,
            KeyChoice::Ask => ProductKey::Ask,
            KeyChoice::None => ProductKey::None,
            KeyChoice::Firmware => ProductKey::Firmware,
            KeyChoice::Generic => ProductKey::Generic,
            KeyChoice::Typed => ProductKey::Key(Secret::new("")),
        };
        key.is_known_to(version) || *choice == now
    };
    let all = [
        KeyChoice::NotAnswered,
        KeyChoice::Ask,
        KeyChoice::None,
        KeyChoice::Firmware,
        KeyChoice::Generic,
        KeyChoice::Typed,
    ];
    let choices: Vec<_> = all.into_iter().filter(is_known).collect();
    if let Some(choice) = pen.choose(ui, text::PRODUCT_KEY, now, &choices, text::key_choice) {
        pen.pick(AnswerPick::Key(choice));
    }
    if now == KeyChoice::Typed {
        pen.field(ui, AnswerText::ProductKey);
    } else if let Some(violation) = pen.answer.checked.at("setup.product_key") {
        super::fields::row(ui, "", |ui| super::fields::wrong(ui, &text::complaint(violation)));
    }
}

pub fn computer(ui: &mut Ui, version: Version, pen: &mut Pen<'_>) {
    pen.field(ui, AnswerText::ComputerName);
    let has_serial = version >= Version::Seven;
    super::fields::row(ui, "", |ui| {
        ui.horizontal_wrapped(|ui| {
            if ui.button(text::RANDOM_NAME).clicked() {
                pen.put(AnswerText::ComputerName, "*");
            }
            if has_serial && ui.button(text::SERIAL_NAME).clicked() {
                pen.put(AnswerText::ComputerName, format!("PC-{SERIAL}"));
            }
        });
        let note = if has_serial { text::COMPUTER_NAME_NOTE } else { text::COMPUTER_NAME_NOTE_VISTA };
        parts::small_weak(ui, note);
    });
}
