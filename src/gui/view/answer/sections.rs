//! The names of the sections, each with a mark where something is answered or has to be corrected.

use eframe::egui::accesskit::Role;
use eframe::egui::{CornerRadius, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::super::parts;
use super::first_start;
use crate::gui::action::{Action, AnswerAction, Section};
use crate::gui::state::{Answering, State};
use crate::gui::{text, theme};

/// Those in which this Windows has something to answer.
fn offered(answer: &Answering) -> impl Iterator<Item = Section> {
    Section::ALL
        .into_iter()
        .filter(move |section| *section != Section::Privacy || first_start::has_privacy(answer))
}

pub fn list(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let answer = &state.make.answer;
    parts::group(ui, text::SECTIONS, Role::TabList, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for section in offered(answer) {
            let is_open = answer.section == section;
            if of_section(ui, answer, section, is_open, Some(theme::FORM_SECTIONS)) {
                actions.push(Action::Answer(AnswerAction::Show(section)));
            }
        }
    });
    ui.add_space(theme::GAP_LARGE);
    parts::small_weak(ui, text::LEFT_TO_SETUP);
}

/// The same side by side, and the preview among them.
pub fn row(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let answer = &state.make.answer;
    parts::group(ui, text::SECTIONS, Role::TabList, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
            for section in offered(answer) {
                let is_open = answer.section == section && !answer.shows_preview;
                if of_section(ui, answer, section, is_open, None) {
                    actions.push(Action::Answer(AnswerAction::Show(section)));
                }
            }
            if item(ui, text::PREVIEW, text::PREVIEW, answer.shows_preview, Mark::None, None) {
                actions.push(Action::Answer(AnswerAction::ShowPreview));
            }
        });
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Answered,
    Wrong,
}

fn of_section(ui: &mut Ui, answer: &Answering, section: Section, is_open: bool, width: Option<f32>) -> bool {
    let errors = answer.checked.count(Some(section));
    let is_answered = answer.checked.is_answered(section);
    let mark = match (errors, is_answered) {
        (0, false) => Mark::None,
        (0, true) => Mark::Answered,
        _ => Mark::Wrong,
    };
    let name = text::section(section);
    item(ui, name, &text::section_spoken(name, errors, is_answered), is_open, mark, width)
}

/// `true`: it was clicked.
fn item(ui: &mut Ui, name: &str, spoken: &str, is_open: bool, mark: Mark, width: Option<f32>) -> bool {
    const MARK: f32 = 22.0;
    const INSET: f32 = 10.0;
    let palette = theme::palette(ui);
    let font = if is_open { theme::strong_font() } else { theme::body_font() };
    let galley = ui.painter().layout_no_wrap(name.to_owned(), font, palette.text);
    let marked = if mark == Mark::None { INSET } else { MARK };
    let width = width.unwrap_or(galley.size().x + INSET + marked);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_open, spoken));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(is_open));
    let radius = CornerRadius::same(theme::RADIUS_SMALL);
    if is_open {
        ui.painter().rect_filled(rect, radius, palette.accent_soft);
    }
    let ink = if is_open || response.hovered() { palette.text } else { palette.weak };
    let at = rect.left_center() + vec2(INSET, -galley.size().y / 2.0);
    ui.painter().galley_with_override_text_color(at, galley, ink);
    let middle = rect.right_center() - vec2(MARK / 2.0, 0.0);
    match mark {
        Mark::None => {}
        Mark::Answered => {
            ui.painter().circle_filled(middle, 3.0, palette.accent);
        }
        Mark::Wrong => {
            let stroke = Stroke::new(2.0, palette.danger);
            ui.painter().vline(middle.x, middle.y - 6.0..=middle.y + 1.5, stroke);
            ui.painter().circle_filled(middle + vec2(0.0, 5.0), 1.4, palette.danger);
        }
    }
    if response.has_focus() {
        parts::focus_ring(ui, rect.shrink(3.0), palette.accent);
    }
    response.clicked()
}
