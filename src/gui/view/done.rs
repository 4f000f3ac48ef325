//! Done: the proof, or what failed and what to do about it.

use eframe::egui::{
    Label, Rect, RichText, Sense, Stroke, Ui,
    accesskit::{Live, Role},
    vec2,
};

use super::found::found;
use super::parts::{self, Commit, Kind, TextField};
use super::speed_plot::speed_plot;
use crate::gui::action::{Action, Field, Page};
use crate::gui::state::{Outcome, State};
use crate::gui::text::{self, EndingText, Tone};
use crate::gui::theme;
use crate::job::Ending;

/// A shorter course says nothing that the average does not.
const SHORTEST_PLOT_SECS: f64 = 5.0;

pub fn done(ui: &mut Ui, outcome: &Outcome, actions: &mut Vec<Action>) {
    let ending = text::ending(&outcome.task, &outcome.ending, outcome.elapsed.as_secs_f64());
    headline(ui, &ending);
    let task = text::task(&outcome.task);
    let weak = theme::palette(ui).weak;
    parts::elided(ui, &task, theme::body_font(), weak);
    ui.add_space(theme::GAP_SMALL);
    found(ui, outcome);
    if !ending.facts.is_empty() {
        proof(ui, outcome, &ending);
        ui.add_space(theme::GAP_SMALL);
    }
    differences(ui, outcome);
    warnings(ui, outcome);
    if outcome.report().is_some() {
        report(ui, outcome, actions);
    }
}

fn headline(ui: &mut Ui, ending: &EndingText) {
    let palette = theme::palette(ui);
    let ink = match ending.tone {
        Tone::Good => palette.good,
        Tone::Neutral => palette.text,
        Tone::Bad => palette.danger,
    };
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(40.0, 40.0), Sense::hover());
        mark(ui, rect, ending.tone);
        ui.add_space(theme::GAP_SMALL);
        ui.vertical(|ui| {
            parts::heading(ui, theme::title(&ending.title).color(ink), 1);
            let message = ui.add(Label::new(RichText::new(&ending.message)).wrap());
            let spoken = format!("{}. {}", ending.title, ending.message);
            let (role, live) = match ending.tone {
                Tone::Bad => (Role::Alert, Live::Assertive),
                _ => (Role::Status, Live::Polite),
            };
            parts::announce(ui, &message, role, live, &spoken);
        });
    });
    ui.add_space(theme::GAP_SMALL);
}

/// A tick, a dash, or an exclamation mark in a circle.
fn mark(ui: &Ui, rect: Rect, tone: Tone) {
    let palette = theme::palette(ui);
    let (fill, ink) = match tone {
        Tone::Good => (palette.good_soft, palette.good),
        Tone::Neutral => (palette.border, palette.text),
        Tone::Bad => (palette.danger_soft, palette.danger),
    };
    let painter = ui.painter();
    painter.circle_filled(rect.center(), 20.0, fill);
    let stroke = Stroke::new(3.0, ink);
    match tone {
        Tone::Good => parts::tick(painter, Rect::from_center_size(rect.center(), vec2(17.0, 15.0)), stroke),
        Tone::Neutral => {
            painter.hline(rect.center().x - 8.0..=rect.center().x + 8.0, rect.center().y, stroke);
        }
        Tone::Bad => {
            painter.vline(rect.center().x, rect.center().y - 10.0..=rect.center().y + 2.0, stroke);
            painter.circle_filled(rect.center() + vec2(0.0, 8.5), 2.2, ink);
        }
    }
}

fn proof(ui: &mut Ui, outcome: &Outcome, ending: &EndingText) {
    let title = text::facts_title(outcome.task.work, ending.tone);
    parts::card(ui, title, |ui| {
        parts::heading(ui, theme::heading(title), 2);
        for (name, value) in &ending.facts {
            parts::fact(ui, name, value);
        }
        if let Some(report) = outcome.report() {
            let times = text::phase_times(&report.phases);
            if !times.is_empty() {
                parts::small_weak(ui, &times.join("  ·  "));
            }
        }
        if outcome.speeds.span_secs() >= SHORTEST_PLOT_SECS {
            ui.add_space(theme::GAP_SMALL);
            speed_plot(ui, &outcome.speeds);
        }
    });
}

fn differences(ui: &mut Ui, outcome: &Outcome) {
    let Some(report) = outcome.report().filter(|r| !r.proof.mismatches.is_empty()) else { return };
    parts::card(ui, text::DIFFERENCES, |ui| {
        parts::heading(ui, theme::heading(text::DIFFERENCES), 2);
        let ink = theme::palette(ui).text;
        for mismatch in report.proof.mismatches.iter().take(text::MOST_MISMATCHES) {
            parts::bullet(ui, &text::mismatch(mismatch), ink);
        }
        if let Some(more) = text::more_mismatches(report) {
            parts::small_weak(ui, &more);
        }
    });
    ui.add_space(theme::GAP_SMALL);
}

fn warnings(ui: &mut Ui, outcome: &Outcome) {
    let mut warnings: Vec<&String> = outcome.report().map_or_else(Vec::new, |r| r.warnings.iter().collect());
    for warning in &outcome.warnings {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    for warning in warnings {
        parts::message(ui, Kind::Caution, warning);
        ui.add_space(theme::GAP_SMALL);
    }
}

fn report(ui: &mut Ui, outcome: &Outcome, actions: &mut Vec<Action>) {
    parts::card(ui, text::REPORT, |ui| {
        parts::heading(ui, theme::heading(text::REPORT), 2);
        let field = TextField {
            field: Field::ReportFile,
            name: text::REPORT_FILE,
            value: &outcome.report_file,
            hint: "",
            commit: Commit::OnEnter,
            monospace: false,
        };
        parts::path_row(ui, field, text::CHOOSE_PLACE, actions);
        parts::small_weak(ui, text::REPORT_FORMATS);
        if ui.button(text::SAVE_REPORT).clicked() {
            actions.push(Action::SaveReport);
        }
        match &outcome.report_saved {
            None => {}
            Some(Ok(path)) => {
                parts::message(ui, Kind::Good, &text::report_saved(path));
            }
            Some(Err(error)) => {
                parts::message(ui, Kind::Danger, &text::report_not_saved(error));
            }
        }
    });
}

pub fn bar(ui: &mut Ui, state: &State, outcome: &Outcome, actions: &mut Vec<Action>) {
    let label = text::after(outcome);
    let next = parts::primary_button(ui, label, true);
    if parts::is_new_screen(ui, state.screen_serial) {
        next.request_focus();
    }
    if next.clicked() {
        actions.push(Action::Another);
    }
    // A test leaves the stick empty.
    if outcome.task.page == Page::Test
        && matches!(outcome.ending, Ending::Done { .. })
        && ui.button(text::RESTORE_TESTED).clicked()
    {
        actions.push(Action::RestoreTested);
    }
}
