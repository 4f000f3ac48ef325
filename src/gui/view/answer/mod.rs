//! The form of the answer file, as a page of its own: its sections, the one that is open, and the text that comes of it.

mod accounts;
mod applications;
mod disks;
mod fields;
mod first_start;
mod panel;
mod preview;
mod region;
mod sections;
mod setup;

use eframe::egui::accesskit::{Live, Role};
use eframe::egui::{Align, Label, Layout, Rect, RichText, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::{nav, parts};
use crate::answer::Target;
use crate::gui::action::{Action, AnswerAction, Panel, Section};
use crate::gui::state::State;
use crate::gui::{text, theme};

use fields::Pen;

pub fn page(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let full = ui.available_rect_before_wrap();
    let room = full.width() - 2.0 * theme::PAGE_MARGIN;
    let width = room.min(theme::WIDEST);
    let left = full.center().x - width / 2.0;
    let body =
        Rect::from_min_max(pos2(left, full.top() + theme::GAP_LARGE), pos2(left + width, full.bottom()));
    if width >= theme::PREVIEW_FROM {
        ui.scope_builder(UiBuilder::new().max_rect(body), |ui| wide(ui, state, actions));
    } else {
        // Up to the window's edge, where its bar stands in nobody's way.
        let body = body.with_min_x(full.left()).with_max_x(full.right());
        ui.scope_builder(UiBuilder::new().max_rect(body), |ui| narrow(ui, width, state, actions));
    }
}

/// Sections, the open one, and the preview beside each other; each scrolls by itself.
fn wide(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    header(ui, state, actions);
    let rest = ui.available_rect_before_wrap();
    let (list, rest) = rest.split_left_right_at_x(rest.left() + theme::FORM_SECTIONS);
    let rest = rest.with_min_x(rest.left() + theme::GAP_LARGE);
    let (form, preview) = rest.split_left_right_at_fraction(0.54);
    // The bar of the form stands between it and the preview.
    let form = form.with_max_x(form.right() + theme::GAP_SMALL);
    let preview = preview.with_min_x(preview.left() + theme::GAP_LARGE / 2.0);
    ui.scope_builder(UiBuilder::new().max_rect(list), |ui| sections::list(ui, state, actions));
    ui.scope_builder(UiBuilder::new().max_rect(form), |ui| {
        let scroll = ScrollArea::vertical().id_salt(state.make.answer.section).auto_shrink(false);
        scroll.show(ui, |ui| {
            ui.set_max_width(ui.available_width() - theme::GAP - theme::GAP_SMALL);
            section(ui, state, actions);
            ui.add_space(theme::PAGE_MARGIN);
        });
    });
    ui.scope_builder(UiBuilder::new().max_rect(preview), |ui| {
        preview::preview(ui, &state.make.answer, ui.available_height() - theme::GAP_LARGE);
    });
}

/// One below the other; the preview takes the place of a section.
fn narrow(ui: &mut Ui, width: f32, state: &State, actions: &mut Vec<Action>) {
    let answer = &state.make.answer;
    let salt = (answer.section, answer.shows_preview);
    ScrollArea::vertical().id_salt(salt).auto_shrink(false).show(ui, |ui| {
        let place = ui.available_rect_before_wrap();
        let left = place.center().x - width / 2.0;
        let column = Rect::from_min_size(pos2(left, place.top()), vec2(width, f32::INFINITY));
        ui.scope_builder(UiBuilder::new().max_rect(column), |ui| {
            header(ui, state, actions);
            sections::row(ui, state, actions);
            ui.add_space(theme::GAP);
            if answer.shows_preview {
                preview::preview(ui, answer, (ui.clip_rect().height() - 170.0).max(260.0));
            } else {
                section(ui, state, actions);
            }
        });
        ui.add_space(theme::PAGE_MARGIN);
    });
}

fn header(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let answer = &state.make.answer;
    nav::notice(ui, state, actions);
    ui.horizontal_wrapped(|ui| {
        parts::heading(ui, theme::title(text::ANSWER_FILE), 1);
        ui.add_space(theme::GAP);
        if let Some(on) = parts::check_box(ui, answer.shows_secrets, text::SHOW_SECRETS) {
            actions.push(Action::Answer(AnswerAction::ShowSecrets(on)));
        }
        let panels = [Panel::Load, Panel::Save, Panel::Export];
        let buttons: f32 =
            panels.iter().map(|panel| parts::button_width(ui, text::panel(*panel)) + theme::GAP).sum();
        let gap = ui.available_size_before_wrap().x - buttons + theme::GAP - 0.5;
        if gap > 0.0 {
            ui.add_space(gap);
        }
        for panel in panels {
            if ui.button(text::panel(panel)).clicked() {
                let other = (answer.panel != Some(panel)).then_some(panel);
                actions.push(Action::Answer(AnswerAction::Panel(other)));
            }
        }
    });
    if let Some(words) = answer.target().and_then(|target| text::other_windows(&answer.form, target)) {
        parts::small_weak(ui, &words);
    }
    if let Some(panel) = answer.panel {
        ui.add_space(theme::GAP_SMALL);
        panel::panel(ui, answer, panel, actions);
    }
    for violation in answer.checked.unplaced(None) {
        fields::wrong(ui, &text::complaint_with_field(violation));
    }
    ui.add_space(theme::GAP);
}

fn section(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let answer = &state.make.answer;
    let Some(target) = answer.target() else { return };
    let name = text::section(answer.section);
    parts::card(ui, name, |ui| {
        parts::heading(ui, theme::heading(name), 2);
        ui.add_space(theme::GAP_SMALL);
        let mut pen = Pen { answer, actions };
        ui.push_id(answer.section, |ui| contents(ui, state, target, &mut pen));
        for violation in answer.checked.unplaced(Some(answer.section)) {
            fields::wrong(ui, &text::complaint_with_field(violation));
        }
    });
}

fn contents(ui: &mut Ui, state: &State, target: &Target, pen: &mut Pen<'_>) {
    let windows = state.make.image.known().and_then(|image| image.facts.windows.as_deref());
    match pen.answer.section {
        Section::Region => region::region(ui, windows, pen),
        Section::Edition => setup::edition(ui, windows, target.version, pen),
        Section::Computer => setup::computer(ui, target.version, pen),
        Section::Disks => disks::disks(ui, target.version, pen),
        Section::Accounts => accounts::accounts(ui, pen),
        Section::FirstStart => first_start::first_start(ui, target.version, pen),
        Section::Privacy => first_start::privacy(ui, target.version, pen),
        Section::Applications => applications::applications(ui, pen),
    }
}

/// How it stands with the form, and the way back.
pub fn bar(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let checked = &state.make.answer.checked;
    let words = if checked.lacks_consent_alone() {
        text::CONSENT_MISSING.to_owned()
    } else {
        text::form_status(checked.count(None), !checked.answers_anything())
    };
    parts::is_new_screen(ui, state.screen_serial);
    let width = ui.available_width() - 170.0 - theme::GAP_LARGE;
    ui.allocate_ui(vec2(width, theme::BUTTON_HEIGHT), |ui| {
        ui.set_width(width);
        let color = if checked.is_broken() { theme::palette(ui).danger } else { theme::palette(ui).weak };
        let label = ui.add(Label::new(RichText::new(&words).color(color)).wrap());
        parts::announce(ui, &label, Role::Status, Live::Polite, &words);
    });
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if parts::primary_button(ui, text::BACK, true).clicked() {
            actions.push(Action::Answer(AnswerAction::Back));
        }
    });
}
