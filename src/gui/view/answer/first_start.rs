//! What the new Windows asks when it starts for the first time, and what it shall not insist on.

use eframe::egui::Ui;
use eframe::egui::accesskit::Role;

use super::super::parts;
use super::fields::Pen;
use crate::answer::{NetworkLocation, Protection, Telemetry, Version};
use crate::gui::action::{AnswerPick, AnswerSwitch};
use crate::gui::state::{Answering, NETWORK_PATH, TELEMETRY_PATH};
use crate::gui::{text, theme};

/// From which version on there is such a page.
const PAGES: [(AnswerSwitch, Version); 6] = [
    (AnswerSwitch::HideEula, Version::Vista),
    (AnswerSwitch::HideWirelessSetup, Version::Seven),
    (AnswerSwitch::HideOemRegistration, Version::Eight),
    (AnswerSwitch::HideOnlineAccounts, Version::Eight),
    (AnswerSwitch::HideLocalAccount, Version::Eight),
    (AnswerSwitch::AllowNoNetwork, Version::Eleven),
];

pub fn first_start(ui: &mut Ui, version: Version, pen: &mut Pen<'_>) {
    for (switch, since) in PAGES {
        if version >= since || pen.form().is_on(switch) {
            pen.switch(ui, switch);
        }
    }
    ui.add_space(theme::GAP);
    let now = pen.form().network;
    if version <= Version::EightOne || now.is_some() {
        let choices =
            [None, Some(NetworkLocation::Home), Some(NetworkLocation::Work), Some(NetworkLocation::Other)];
        if let Some(choice) = pen.choose(ui, text::NETWORK, now, &choices, text::network) {
            pen.pick(AnswerPick::Network(choice));
        }
        pen.complain_at(ui, NETWORK_PATH);
    }
    let now = pen.form().protection;
    let choices = [None, Some(Protection::Recommended), Some(Protection::Updates), Some(Protection::Off)];
    if let Some(choice) = pen.choose(ui, text::PROTECTION, now, &choices, text::protection) {
        pen.pick(AnswerPick::Protection(choice));
    }
}

/// Has this Windows something to answer there, or a profile answered it all the same?
pub fn has_privacy(answer: &Answering) -> bool {
    let is_known = answer.target().is_some_and(|target| target.version >= Version::Ten);
    is_known || answer.checked.is_answered(crate::gui::action::Section::Privacy)
}

pub fn privacy(ui: &mut Ui, version: Version, pen: &mut Pen<'_>) {
    for switch in [AnswerSwitch::SkipQuestions, AnswerSwitch::PreventDeviceEncryption] {
        if version >= Version::Ten || pen.form().is_on(switch) {
            pen.switch(ui, switch);
        }
    }
    let now = pen.form().telemetry;
    if version >= Version::Ten || now.is_some() {
        let choices = [None, Some(Telemetry::Required), Some(Telemetry::Off)];
        if let Some(choice) = pen.choose(ui, text::TELEMETRY, now, &choices, text::telemetry) {
            pen.pick(AnswerPick::Telemetry(choice));
        }
        pen.complain_at(ui, TELEMETRY_PATH);
    }
    let ignored = AnswerSwitch::REQUIREMENTS;
    if version >= Version::Eleven || ignored.iter().any(|switch| pen.form().is_on(*switch)) {
        ui.add_space(theme::GAP);
        parts::group(ui, text::REQUIREMENTS, Role::Group, |ui| {
            parts::heading(ui, theme::strong(text::REQUIREMENTS), 3);
            for switch in ignored {
                pen.switch(ui, switch);
            }
            parts::small_weak(ui, text::REQUIREMENTS_NOTE);
        });
    }
}
