//! Applications and commands, in the order in which they run.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Button, Layout, Ui, vec2};

use super::super::choice::choice;
use super::super::parts;
use super::fields::Pen;
use crate::answer::When;
use crate::gui::action::{Action, AnswerAction, AnswerPick, AnswerText, Dialog, Move};
use crate::gui::state::StepRow;
use crate::gui::{text, theme};

pub fn applications(ui: &mut Ui, pen: &mut Pen<'_>) {
    let steps = &pen.form().steps;
    if steps.is_empty() {
        parts::weak(ui, text::NO_STEPS);
    }
    for (at, row) in steps.iter().enumerate() {
        ui.push_id(row.id, |ui| step(ui, *row, at, steps.len(), pen));
    }
    ui.horizontal(|ui| {
        let taken = parts::button_width(ui, text::ADD_STEPS) + theme::GAP;
        let width = (ui.available_width() - taken).max(80.0);
        ui.allocate_ui(vec2(width, theme::BUTTON_HEIGHT), |ui| {
            let spoken = text::answer_label(AnswerText::NewStep);
            pen.edit(ui, AnswerText::NewStep, spoken);
        });
        if ui.button(text::ADD_STEPS).clicked() {
            pen.actions.push(Action::Browse(Dialog::AddSteps));
        }
    });
    if ui.button(text::ADD_COMMAND).clicked() {
        pen.act(AnswerAction::AddCommand);
    }
    if steps.is_empty() && pen.form().when == When::default() {
        return;
    }
    ui.add_space(theme::GAP);
    parts::group(ui, text::WHEN, Role::RadioGroup, |ui| {
        parts::heading(ui, theme::strong(text::WHEN), 3);
        for when in [When::FirstLogon, When::SetupComplete] {
            let (name, detail) = text::when(when);
            if choice(ui, pen.form().when == when, name, detail) {
                pen.pick(AnswerPick::When(when));
            }
        }
    });
}

fn step(ui: &mut Ui, row: StepRow, at: usize, count: usize, pen: &mut Pen<'_>) {
    let name = text::step_number(at + 1);
    parts::group(ui, &name, Role::Group, |ui| {
        theme::sunken_frame(theme::palette(ui)).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal(|ui| {
                parts::heading(ui, theme::strong(&name), 3);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.spacing_mut().button_padding.x = theme::GAP;
                    if ui.button(text::REMOVE).accessible_name(text::remove(&name)).clicked() {
                        pen.act(AnswerAction::RemoveRow(row.id));
                    }
                    for (to, label, works) in
                        [(Move::Down, text::MOVE_DOWN, at + 1 < count), (Move::Up, text::MOVE_UP, at > 0)]
                    {
                        let spoken = format!("{name} {}", label.to_lowercase());
                        let button = ui.add_enabled(works, Button::new(label)).accessible_name(spoken);
                        if button.clicked() {
                            pen.act(AnswerAction::MoveStep(row.id, to));
                        }
                    }
                });
            });
            for part in row.texts() {
                let text = AnswerText::Step(row.id, part);
                let label = text::answer_label(text);
                pen.named_field(ui, text, label, &text::of_step(label, at + 1));
            }
            restart(ui, row, at + 1, pen);
        });
    });
}

fn restart(ui: &mut Ui, row: StepRow, number: usize, pen: &mut Pen<'_>) {
    use crate::gui::action::AnswerSwitch;
    let switch = AnswerSwitch::Restart(row.id);
    let mut on = pen.form().is_on(switch);
    let spoken = format!("{}, step {number}", text::answer_switch(switch));
    if ui.checkbox(&mut on, text::answer_switch(switch)).accessible_name(spoken).changed() {
        pen.act(AnswerAction::Set(switch, on));
    }
    if let Some(path) = pen.form().switch_path(switch) {
        pen.complain_at(ui, &path);
    }
}
