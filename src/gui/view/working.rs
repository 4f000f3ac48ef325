//! Working: the phase, how far, how fast, how long still, and the way out.

use eframe::egui::{
    self, Label, Modal, RichText, Sense, Ui, WidgetInfo,
    accesskit::{Live, Role},
    vec2,
};

use super::parts::{self, Kind};
use super::{progress::progress_bar, speed_plot::speed_plot, working_sticks};
use crate::base::ByteSize;
use crate::gui::action::Action;
use crate::gui::state::{State, StickAtWork, Working};
use crate::gui::{text, theme};
use crate::job::Phase;

pub fn working(ui: &mut Ui, state: &State, working: &Working, actions: &mut Vec<Action>) {
    match working.sticks.as_slice() {
        [stick] => one(ui, state, stick),
        _ => working_sticks::several(ui, state, working, actions),
    }
    if working.close_asked {
        close_question(ui, working, actions);
    }
}

fn one(ui: &mut Ui, state: &State, working: &StickAtWork) {
    let palette = theme::palette(ui);
    let phase = working.phase.map_or(text::STARTING, |phase| text::phase(working.task.work, phase));
    let fraction = working.progress.and_then(|p| p.fraction);
    let shown = if working.cancelling { text::CANCELLING } else { phase };
    headline(ui, shown, fraction);
    let task = text::task(&working.task);
    parts::elided(ui, &task, theme::body_font(), palette.weak);
    ui.add_space(theme::GAP_SMALL);
    progress_bar(ui, phase, fraction, parts::is_new_screen(ui, state.screen_serial));
    phases(ui, working);
    ui.add_space(theme::GAP);
    parts::card(ui, text::SPEED_OVER_TIME, |ui| {
        numbers(ui, working);
        if working.task.phases != [Phase::Testing] {
            ui.add_space(theme::GAP);
            speed_plot(ui, &working.speeds);
        }
    });
    for warning in &working.warnings {
        ui.add_space(theme::GAP_SMALL);
        parts::message(ui, Kind::Caution, warning);
    }
}

/// What goes on, and how far it is.
pub fn headline(ui: &mut Ui, shown: &str, fraction: Option<f32>) {
    let palette = theme::palette(ui);
    let percent = fraction.map(text::percent);
    ui.horizontal(|ui| {
        parts::heading(ui, theme::title(shown), 1);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let words = percent.map_or_else(|| "…".to_owned(), |p| format!("{p} %"));
            let status = ui.label(theme::title(words).color(palette.accent));
            // Spoken when the phase changes and at each quarter, not at each step of the bar.
            let quarter = percent.map(|p| p / 25 * 25).filter(|q| *q > 0);
            let spoken = quarter.map_or_else(|| shown.to_owned(), |q| format!("{shown}, {q} %"));
            parts::announce(ui, &status, Role::Status, Live::Polite, &spoken);
        });
    });
}

/// What is behind, what goes on, what is to come.
fn phases(ui: &mut Ui, working: &StickAtWork) {
    if working.task.phases.len() < 2 {
        return;
    }
    let palette = theme::palette(ui);
    let now = working.expected_phase();
    ui.horizontal_wrapped(|ui| {
        for phase in &working.task.phases {
            let is_now = now == Some(*phase);
            let is_over = working.finished.contains(phase) && !is_now;
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 20.0), Sense::hover());
            let mark = egui::Rect::from_center_size(rect.center(), vec2(10.0, 10.0));
            if is_over {
                parts::tick(ui.painter(), mark, egui::Stroke::new(1.75, palette.good));
            } else if is_now {
                ui.painter().circle_filled(mark.center(), 4.5, palette.accent);
            } else {
                ui.painter().circle_stroke(
                    mark.center(),
                    4.0,
                    egui::Stroke::new(1.25, palette.border_strong),
                );
            }
            let ink = if is_now { palette.text } else { palette.weak };
            let label = ui.label(theme::small(text::phase_short(*phase)).color(ink));
            let spoken = text::phase_state(*phase, is_over, is_now);
            ui.ctx().accesskit_node_builder(label.id, |node| node.set_value(spoken));
            ui.add_space(theme::GAP);
        }
    });
}

fn numbers(ui: &mut Ui, working: &StickAtWork) {
    let progress = working.progress.as_ref();
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let done = progress.and_then(|p| match p.total_bytes {
        Some(total) => Some(format!("{} of {}", ByteSize(p.done_bytes), ByteSize(total))),
        // There is nothing to count while a drive is flushed.
        None => (p.done_bytes > 0).then(|| ByteSize(p.done_bytes).to_string()),
    });
    // At the beginning of a phase there is no speed yet, which is not the same as standing still.
    let measured = progress.filter(|p| p.average_bytes_per_sec > 0.0);
    // Single places have no speed that says anything of the stick.
    let has_speed = working.phase != Some(Phase::Testing);
    // Shares of the width: the first cell holds two sizes, the last a few words.
    let cells = [
        (0.34, true, text::BYTES, or_dash(done)),
        (0.19, has_speed, text::SPEED_NOW, or_dash(measured.map(|p| text::speed(p.bytes_per_sec)))),
        (
            0.19,
            has_speed,
            text::SPEED_AVERAGE,
            or_dash(measured.map(|p| text::speed(p.average_bytes_per_sec))),
        ),
        (0.28, true, text::TIME_LEFT, text::eta(progress.and_then(|p| p.eta_secs))),
    ];
    let room = ui.available_width() - theme::GAP * (cells.len() - 1) as f32;
    ui.horizontal_top(|ui| {
        for (share, _, name, value) in cells.iter().filter(|(_, is_shown, ..)| *is_shown) {
            number(ui, name, value, room * share);
        }
    });
}

/// A figure with its name above; one sentence for a screen reader.
fn number(ui: &mut Ui, name: &str, value: &str, width: f32) {
    let palette = theme::palette(ui);
    let painter = ui.painter();
    let name_galley = painter.layout(name.to_owned(), theme::small_font(), palette.weak, width);
    let value_galley = painter.layout(value.to_owned(), theme::number_font(), palette.text, width);
    let height = name_galley.size().y + value_galley.size().y + 2.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
    let below = rect.min + vec2(0.0, name_galley.size().y + 2.0);
    ui.painter().galley(rect.min, name_galley, palette.weak);
    ui.painter().galley(below, value_galley, palette.text);
}

pub fn bar(ui: &mut Ui, working: &Working, actions: &mut Vec<Action>) {
    let is_cancelling = working.is_cancelling();
    let label = match (is_cancelling, working.sticks.len()) {
        (true, _) => text::CANCELLING,
        (false, 1) => text::CANCEL,
        (false, _) => text::CANCEL_ALL,
    };
    if ui.add_enabled(!is_cancelling, egui::Button::new(label)).clicked() {
        actions.push(Action::Cancel);
    }
}

fn close_question(ui: &mut Ui, working: &Working, actions: &mut Vec<Action>) {
    let modal = Modal::new(egui::Id::unique("close question")).frame(theme::dialog_frame(theme::palette(ui)));
    let modal = modal.show(ui.ctx(), |ui| {
        ui.set_width(440.0_f32.min(ui.ctx().content_rect().width() - 60.0));
        parts::group(ui, text::CLOSE_TITLE, Role::AlertDialog, |ui| {
            parts::heading(ui, theme::heading(text::CLOSE_TITLE), 1);
            let words = text::close_body(working);
            ui.add(Label::new(RichText::new(words)).wrap());
            ui.add_space(theme::GAP);
            ui.horizontal_wrapped(|ui| {
                let keep = parts::primary_button(ui, text::KEEP_WORKING, true);
                if keep.clicked() {
                    actions.push(Action::KeepWorking);
                }
                let close = parts::danger_button(ui, text::CANCEL_AND_CLOSE, true);
                if close.clicked() {
                    actions.push(Action::CancelAndClose);
                }
                if !keep.has_focus() && !close.has_focus() {
                    keep.request_focus();
                }
            });
        });
    });
    if modal.should_close() {
        actions.push(Action::KeepWorking);
    }
}
