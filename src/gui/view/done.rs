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
use crate::gui::state::{Done, Outcome, State, TakingOut};
use crate::gui::text::{self, EndingText, Tone};
use crate::gui::theme;
use crate::job::Ending;

/// A shorter course says nothing that the average does not.
const SHORTEST_PLOT_SECS: f64 = 5.0;

pub fn done(ui: &mut Ui, done: &Done, actions: &mut Vec<Action>) {
    match done.sticks.as_slice() {
        [stick] => one(ui, stick),
        _ => several(ui, done),
    }
    for stick in &done.sticks {
        taking_out(ui, stick);
    }
    if done.has_report() {
        report(ui, done, actions);
    }
}

fn one(ui: &mut Ui, outcome: &Outcome) {
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
}

/// All of them in a word, what is the same for each, and then each by itself.
fn several(ui: &mut Ui, done: &Done) {
    let all = text::ending_of_all(done);
    headline(ui, &all);
    let weak = theme::palette(ui).weak;
    parts::elided(ui, &text::task_of_done(done), theme::body_font(), weak);
    ui.add_space(theme::GAP_SMALL);
    parts::card(ui, text::STICKS, |ui| {
        let mut sticks: Vec<&Outcome> = done.sticks.iter().collect();
        // What needs somebody's eye comes first.
        sticks.sort_by_key(|stick| match text::outcome(stick).0 {
            Tone::Bad => 0,
            Tone::Neutral => 1,
            Tone::Good => 2,
        });
        for (i, stick) in sticks.into_iter().enumerate() {
            if i > 0 {
                ui.add_space(theme::GAP);
                ui.separator();
                ui.add_space(theme::GAP_SMALL);
            }
            ui.push_id(stick.job, |ui| one_of_several(ui, stick, &all.facts));
        }
    });
    ui.add_space(theme::GAP_SMALL);
    if !all.facts.is_empty() {
        parts::card(ui, text::THE_SAME_FOR_ALL, |ui| {
            parts::heading(ui, theme::heading(text::THE_SAME_FOR_ALL), 2);
            for (name, value) in &all.facts {
                parts::fact(ui, name, value);
            }
        });
        ui.add_space(theme::GAP_SMALL);
    }
}

fn one_of_several(ui: &mut Ui, stick: &Outcome, shared: &[(&'static str, String)]) {
    let palette = theme::palette(ui);
    let (tone, word) = text::outcome(stick);
    let ink = parts::tone_ink(palette, tone);
    let name = &stick.task.title;
    parts::group(ui, name, Role::Group, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            parts::tone_mark(ui, Some(tone));
            let font = theme::strong_font();
            parts::two_ends(ui, 0.0, (name, font.clone(), palette.text), (word, font.clone(), ink));
        });
        parts::small_weak(ui, &text::told_apart(&stick.task.drive));
        let words = text::last_word(&stick.ending);
        let words = if tone == Tone::Bad { RichText::new(words).color(ink) } else { RichText::new(words) };
        ui.add(Label::new(words).wrap());
        let mut facts: Vec<String> =
            text::own_facts(stick, shared).iter().map(|(name, value)| format!("{name}: {value}")).collect();
        facts.extend(stick.report().map_or_else(Vec::new, |report| text::phase_times(&report.phases)));
        if !facts.is_empty() {
            parts::small_weak(ui, &facts.join("  ·  "));
        }
        differences(ui, stick);
        warnings(ui, stick);
    });
}

fn taking_out(ui: &mut Ui, stick: &Outcome) {
    let name = &stick.task.title;
    match &stick.taking_out {
        TakingOut::NotAsked => return,
        TakingOut::Asked => {
            let label = parts::weak(ui, text::TAKING_OUT);
            parts::announce(ui, &label, Role::Status, Live::Polite, text::TAKING_OUT);
        }
        TakingOut::Out => {
            parts::message(ui, Kind::Good, &text::can_be_pulled(name));
        }
        TakingOut::Failed(why) => {
            parts::message(ui, Kind::Caution, &text::cannot_be_pulled(name, why));
        }
    }
    ui.add_space(theme::GAP_SMALL);
}

fn headline(ui: &mut Ui, ending: &EndingText) {
    let ink = parts::tone_ink(theme::palette(ui), ending.tone);
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

fn report(ui: &mut Ui, done: &Done, actions: &mut Vec<Action>) {
    parts::card(ui, text::REPORT, |ui| {
        parts::heading(ui, theme::heading(text::REPORT), 2);
        let field = TextField {
            field: Field::ReportFile,
            name: text::REPORT_FILE,
            value: &done.report_file,
            hint: "",
            commit: Commit::OnEnter,
            monospace: false,
        };
        parts::path_row(ui, field, text::CHOOSE_PLACE, actions);
        parts::small_weak(ui, text::REPORT_FORMATS);
        if ui.button(text::SAVE_REPORT).clicked() {
            actions.push(Action::SaveReport);
        }
        match &done.report_saved {
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

pub fn bar(ui: &mut Ui, state: &State, done: &Done, actions: &mut Vec<Action>) {
    let next = parts::primary_button(ui, text::after(done), true);
    if parts::is_new_screen(ui, state.screen_serial) {
        next.request_focus();
    }
    if next.clicked() {
        actions.push(Action::Another);
    }
    // A test leaves the stick empty.
    if let (Page::Test, [Outcome { ending: Ending::Done { .. }, .. }]) = (done.page, done.sticks.as_slice())
        && ui.button(text::RESTORE_TESTED).clicked()
    {
        actions.push(Action::RestoreTested);
    }
    let label = match state.to_take_out().len() {
        0 => return,
        1 => text::TAKE_OUT,
        _ => text::TAKE_ALL_OUT,
    };
    if ui.button(label).clicked() {
        actions.push(Action::TakeOut);
    }
}
