//! The drives that are there now, as a group of which one may be chosen.

use std::sync::Arc;

use eframe::egui::{
    Color32, CornerRadius, FontId, Galley, Rect, Sense, Spinner, Stroke, StrokeKind, Ui, WidgetInfo,
    accesskit::Role, pos2, vec2,
};

use super::image_card::set;
use super::parts::{self, Kind};
use crate::base::ByteSize;
use crate::gui::action::{Action, Page, Switch};
use crate::gui::state::{Card, State};
use crate::gui::{text, theme};

const INSET: f32 = 14.0;
const MARK: f32 = 18.0;

/// The step in which a drive is chosen: the first or the second one `of` so many.
pub fn drive_step(ui: &mut Ui, state: &State, (number, of): (usize, usize), actions: &mut Vec<Action>) {
    let page = state.page;
    parts::card(ui, text::DRIVE, |ui| {
        let is_done = state.chosen_drive(page).is_some();
        parts::step_heading_with(ui, number, of, text::DRIVE, is_done, |ui| {
            set(ui, Switch::ShowAllDrives, state.drives.show_all, text::SHOW_ALL_DRIVES, actions);
        });
        drive_cards(ui, state, page, actions);
    });
    ui.add_space(theme::GAP_SMALL);
}

fn drive_cards(ui: &mut Ui, state: &State, page: Page, actions: &mut Vec<Action>) {
    if let Some(error) = &state.drives.error {
        parts::message(ui, Kind::Caution, &text::drives_unknown(error));
    }
    let cards = state.cards(page);
    if state.drives.known.is_none() && state.drives.error.is_none() {
        ui.horizontal(|ui| {
            ui.add(Spinner::new().size(16.0));
            parts::weak(ui, text::LOOKING_FOR_DRIVES);
        });
    } else if cards.is_empty() {
        parts::weak(ui, text::NO_DRIVES);
    }
    let chosen = state.chosen_drive(page);
    parts::group(ui, text::DRIVE, Role::RadioGroup, |ui| {
        for card in &cards {
            let is_chosen = chosen == Some(&card.drive.identity);
            ui.push_id(&card.drive.identity.path, |ui| {
                if drive_card(ui, card, is_chosen) && !is_chosen {
                    actions.push(Action::ChooseDrive(card.drive.identity.clone()));
                }
            });
        }
    });
}

/// One line of the card's text, laid out.
struct Line {
    galley: Arc<Galley>,
    ink: Color32,
    gap_before: f32,
}

/// Draws one drive; `true` when it was clicked. The whole card is one control with one name.
fn drive_card(ui: &mut Ui, card: &Card, is_chosen: bool) -> bool {
    let palette = theme::palette(ui);
    let drive = &card.drive;
    let reason = card.reason.as_deref();
    let size = ByteSize(drive.identity.size_bytes).to_string();
    let partitions = match text::partitions(drive) {
        none if none.is_empty() => vec![text::NO_PARTITIONS.to_owned()],
        some => some,
    };

    let (ink, weak) =
        if card.choosable { (palette.text, palette.weak) } else { (palette.weak, palette.weak) };
    let size_galley = ui.painter().layout_no_wrap(size.clone(), theme::strong_font(), ink);
    let text_left = INSET + MARK + 12.0;
    let width = ui.available_width();
    let text_width = (width - text_left - INSET).max(80.0);
    let mut lines = Vec::new();
    let line = |words: String, font: FontId, ink: Color32, gap_before: f32, lines: &mut Vec<Line>| {
        lines.push(Line { galley: ui.painter().layout(words, font, ink, text_width), ink, gap_before });
    };
    let title_width = text_width - size_galley.size().x - 12.0;
    let title = parts::fit(ui, &drive.title(), &theme::strong_font(), title_width);
    line(title, theme::strong_font(), ink, 0.0, &mut lines);
    line(text::drive_facts(drive), theme::small_font(), weak, 2.0, &mut lines);
    // What lies on a drive matters where it may be chosen.
    for (i, words) in partitions.iter().enumerate().filter(|_| card.choosable) {
        line(words.clone(), theme::small_font(), weak, if i == 0 { 6.0 } else { 1.0 }, &mut lines);
    }
    if let Some(reason) = reason {
        line(reason.to_owned(), theme::small_font(), palette.caution, 6.0, &mut lines);
    }

    let height: f32 = lines.iter().map(|l| l.gap_before + l.galley.size().y).sum::<f32>() + 2.0 * INSET - 4.0;
    let sense = if card.choosable { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
    let spoken = spoken(card, &size, &partitions, reason);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, card.choosable, is_chosen, &spoken));

    paint_sheet(ui, rect, card.choosable, is_chosen, response.hovered());
    if response.has_focus() {
        parts::focus_ring(ui, rect, palette.accent);
    }
    let painter = ui.painter();
    let mut top = rect.top() + INSET - 2.0;
    let right = rect.right() - INSET - size_galley.size().x;
    painter.galley(pos2(right, top), size_galley, ink);
    for line in lines {
        top += line.gap_before;
        let bottom = top + line.galley.size().y;
        painter.galley(pos2(rect.left() + text_left, top), line.galley, line.ink);
        top = bottom;
    }
    response.clicked()
}

fn paint_sheet(ui: &Ui, rect: Rect, choosable: bool, is_chosen: bool, hovered: bool) {
    let palette = theme::palette(ui);
    let painter = ui.painter();
    let radius = CornerRadius::same(theme::RADIUS);
    let (fill, edge) = match (choosable, is_chosen, hovered) {
        (false, _, _) => (palette.sunken, Stroke::new(1.0, palette.border)),
        (_, true, _) => (palette.accent_soft, Stroke::new(2.0, palette.accent)),
        (_, _, true) => (palette.card, Stroke::new(1.0, palette.accent)),
        _ => (palette.card, Stroke::new(1.0, palette.border_strong)),
    };
    painter.rect(rect, radius, fill, edge, StrokeKind::Inside);
    if !choosable {
        return;
    }
    let mark = pos2(rect.left() + INSET + MARK / 2.0, rect.top() + INSET + MARK / 2.0 - 2.0);
    if is_chosen {
        painter.circle_filled(mark, MARK / 2.0, palette.accent);
        painter.circle_filled(mark, 3.5, palette.on_accent);
    } else {
        painter.circle_stroke(mark, MARK / 2.0 - 0.75, Stroke::new(1.5, palette.border_strong));
    }
}

/// All that the card shows, as one sentence after the other.
fn spoken(card: &Card, size: &str, partitions: &[String], reason: Option<&str>) -> String {
    let mut words =
        format!("{}, {size}, {}", card.drive.title(), text::drive_facts(&card.drive).replace(" · ", ", "));
    for part in partitions.iter().map(String::as_str).chain(reason) {
        words += ". ";
        words += part.trim_end_matches('.');
    }
    words
}
