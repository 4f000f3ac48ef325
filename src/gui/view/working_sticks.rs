//! Working on several sticks: all together, and a row for each.

use eframe::egui::{
    self, Align, Label, Layout, Ui,
    accesskit::{Live, Role},
    vec2,
};

use super::parts;
use super::progress::{progress_bar, thin_bar};
use super::working::headline;
use crate::gui::action::Action;
use crate::gui::state::{State, StickAtWork, Working};
use crate::gui::text::{self, Tone};
use crate::gui::theme;

const CANCEL_WIDTH: f32 = 64.0;

pub fn several(ui: &mut Ui, state: &State, working: &Working, actions: &mut Vec<Action>) {
    let palette = theme::palette(ui);
    let share = working.share();
    let making = text::making(working);
    headline(ui, if working.is_cancelling() { text::CANCELLING } else { &making }, Some(share));
    parts::elided(ui, &text::task_of_all(working), theme::body_font(), palette.weak);
    ui.add_space(theme::GAP_SMALL);
    progress_bar(ui, text::ALL_TOGETHER, Some(share), parts::is_new_screen(ui, state.screen_serial));
    counts(ui, working);
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::STICKS, |ui| {
        for (i, stick) in working.sticks.iter().enumerate() {
            if i > 0 {
                ui.add_space(theme::GAP);
                ui.separator();
                ui.add_space(theme::GAP_SMALL);
            }
            ui.push_id(stick.job, |ui| row(ui, stick, actions));
        }
    });
}

/// How many are at what; what went wrong stands out, wherever its row is.
fn counts(ui: &mut Ui, working: &Working) {
    let palette = theme::palette(ui);
    let (calm, bad) = text::counts(working);
    ui.horizontal(|ui| {
        ui.label(theme::small(calm).color(palette.weak));
        if let Some(bad) = bad {
            let label = ui.label(theme::small(&bad).color(palette.danger));
            parts::announce(ui, &label, Role::Alert, Live::Assertive, &bad);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(speed) = working.bytes_per_sec() {
                ui.label(theme::small(text::speed_together(speed)).color(palette.weak));
            }
        });
    });
}

fn row(ui: &mut Ui, stick: &StickAtWork, actions: &mut Vec<Action>) {
    let palette = theme::palette(ui);
    let name = &stick.task.title;
    let fraction = stick.progress.and_then(|p| p.fraction);
    let (tone, state) = text::stick_state(stick);
    parts::group(ui, name, Role::Group, |ui| {
        ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
        ui.spacing_mut().button_padding = vec2(10.0, 3.0);
        let words = match fraction.map(text::percent).filter(|_| tone.is_none()) {
            Some(percent) => format!("{state}, {percent} %"),
            None => state.to_owned(),
        };
        let ink = tone.map_or(palette.text, |tone| parts::tone_ink(palette, tone));
        let cancel_width = if stick.ended.is_none() { CANCEL_WIDTH } else { 0.0 };
        ui.horizontal(|ui| {
            parts::tone_mark(ui, tone);
            parts::two_ends(
                ui,
                cancel_width,
                (name, theme::strong_font(), palette.text),
                (&words, theme::strong_font(), ink),
            );
            if stick.ended.is_none() {
                let button = egui::Button::new(theme::small(text::CANCEL)).min_size(vec2(CANCEL_WIDTH, 0.0));
                let cancel = ui.add_enabled(!stick.cancelling, button);
                if cancel.accessible_name(text::cancel_one(name)).clicked() {
                    actions.push(Action::CancelStick(stick.job));
                }
            }
        });
        match &stick.ended {
            None => under_way(ui, stick, fraction),
            Some((ending, _)) => {
                if tone != Some(Tone::Good) {
                    let ink = tone.map_or(palette.text, |tone| parts::tone_ink(palette, tone));
                    ui.add(Label::new(theme::small(text::last_word(ending)).color(ink)).wrap());
                }
                parts::small_weak(ui, &text::told_apart(&stick.task.drive));
            }
        }
        if stick.ended.is_none() {
            for warning in &stick.warnings {
                parts::small_caution(ui, warning);
            }
        }
    });
}

/// How far, which one it is, how fast, how long still.
fn under_way(ui: &mut Ui, stick: &StickAtWork, fraction: Option<f32>) {
    let palette = theme::palette(ui);
    thin_bar(ui, &stick.task.title, fraction);
    let progress = stick.progress.as_ref().filter(|p| p.average_bytes_per_sec > 0.0);
    let pace = progress.map_or_else(String::new, |p| text::pace(p.bytes_per_sec, p.eta_secs));
    let told_apart = text::told_apart(&stick.task.drive);
    let (font, ink) = (theme::small_font(), palette.weak);
    ui.horizontal(|ui| {
        parts::two_ends(ui, 0.0, (&told_apart, font.clone(), ink), (&pace, font.clone(), ink));
    });
}
