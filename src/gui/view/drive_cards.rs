//! The drives that are there now, as a group of which one may be chosen, or on Make several.

use std::sync::Arc;

use eframe::egui::{
    Color32, CornerRadius, FontId, Galley, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role,
    pos2, vec2,
};

use super::image_card::set;
use super::parts::{self, Kind};
use super::which_one;
use crate::base::ByteSize;
use crate::gui::action::{Action, Page, Switch};
use crate::gui::state::{Card, State};
use crate::gui::{text, theme};

const INSET: f32 = 14.0;
const MARK: f32 = 18.0;

/// The step in which drives are chosen: the first or the second one `of` so many.
pub fn drive_step(ui: &mut Ui, state: &State, (number, of): (usize, usize), actions: &mut Vec<Action>) {
    let page = state.page;
    parts::card(ui, text::DRIVE, |ui| {
        let is_done = !state.chosen_drives(page).is_empty();
        parts::step_heading_with(ui, number, of, text::DRIVE, is_done, |ui| {
            set(ui, Switch::ShowAllDrives, state.drives.show_all, text::SHOW_ALL_DRIVES, actions);
            which_one::button(ui, state, actions);
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
    which_one::line(ui, state, &cards);
    if state.drives.known.is_none() && state.drives.error.is_none() {
        parts::weak(ui, text::LOOKING_FOR_DRIVES);
    } else if cards.is_empty() {
        parts::weak(ui, text::NO_DRIVES);
    }
    let chosen = state.chosen_drives(page);
    let takes = Takes::on(page);
    parts::group(ui, text::DRIVE, takes.group(), |ui| {
        for card in &cards {
            let identity = &card.drive.identity;
            let is_chosen = chosen.contains(&identity);
            let notes = notes(ui, state, card);
            let clicked =
                ui.push_id(&identity.path, |ui| drive_card(ui, card, takes, is_chosen, &notes)).inner;
            if clicked && !is_chosen {
                actions.push(Action::ChooseDrive(identity.clone()));
            } else if clicked && takes == Takes::Several {
                actions.push(Action::UnchooseDrive(identity.clone()));
            }
        }
    });
}

/// How many drives a page takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    One,
    Several,
}

impl Takes {
    fn on(page: Page) -> Self {
        if page == Page::Make { Self::Several } else { Self::One }
    }

    fn group(self) -> Role {
        if self == Self::One { Role::RadioGroup } else { Role::Group }
    }

    fn card(self) -> Role {
        if self == Self::One { Role::RadioButton } else { Role::CheckBox }
    }
}

/// What is worth a line of its own.
struct Note {
    words: String,
    font: FontId,
    ink: Color32,
}

fn notes(ui: &Ui, state: &State, card: &Card) -> Vec<Note> {
    let palette = theme::palette(ui);
    let mut notes = Vec::new();
    if let Some(at) = card.arrived {
        let words = text::plugged_in(&card.drive.identity, state.now.saturating_sub(at));
        notes.push(Note { words, font: theme::strong_font(), ink: palette.accent });
    }
    let caution = |words: String| Note { words, font: theme::small_font(), ink: palette.caution };
    notes.extend(card.reason.clone().map(caution));
    if state.page.writes() && card.choosable && !card.drive.stoppable_uses.is_empty() {
        let words = text::in_use(&card.drive);
        notes.push(Note { words, font: theme::small_font(), ink: palette.text });
    }
    // Of a single drive the last step says it.
    let refusals = (state.make.targets.len() > 1 && state.page == Page::Make).then(|| state.make.refusals());
    let refusal = refusals.into_iter().flatten().find(|(drive, _)| **drive == card.drive.identity);
    notes.extend(refusal.map(|(_, refusal)| caution(text::refusal(refusal))));
    notes
}

/// One line of the card's text, laid out.
struct Line {
    galley: Arc<Galley>,
    ink: Color32,
    gap_before: f32,
}

/// Draws one drive; `true` when it was clicked. The whole card is one control with one name.
fn drive_card(ui: &mut Ui, card: &Card, takes: Takes, is_chosen: bool, notes: &[Note]) -> bool {
    let palette = theme::palette(ui);
    let drive = &card.drive;
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
    let title = parts::fit(ui, &card.name, &theme::strong_font(), title_width);
    line(title, theme::strong_font(), ink, 0.0, &mut lines);
    line(text::drive_facts(drive), theme::small_font(), weak, 2.0, &mut lines);
    // What lies on a drive matters where it may be chosen.
    for (i, words) in partitions.iter().enumerate().filter(|_| card.choosable) {
        line(words.clone(), theme::small_font(), weak, if i == 0 { 6.0 } else { 1.0 }, &mut lines);
    }
    for note in notes {
        line(note.words.clone(), note.font.clone(), note.ink, 6.0, &mut lines);
    }

    let height: f32 = lines.iter().map(|l| l.gap_before + l.galley.size().y).sum::<f32>() + 2.0 * INSET - 4.0;
    let sense = if card.choosable { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
    let spoken = spoken(card, &size, &partitions, notes);
    response.widget_info(|| WidgetInfo::selected(takes.card(), card.choosable, is_chosen, &spoken));
    which_one::bring_into_view(ui, card, rect);

    paint_sheet(ui, rect, card.choosable, is_chosen, response.hovered());
    if card.choosable {
        paint_mark(ui, rect, takes, is_chosen);
    }
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
}

/// A round mark where one of many is chosen, a square one where each may be.
fn paint_mark(ui: &Ui, card: Rect, takes: Takes, is_chosen: bool) {
    let palette = theme::palette(ui);
    let painter = ui.painter();
    let middle = pos2(card.left() + INSET + MARK / 2.0, card.top() + INSET + MARK / 2.0 - 2.0);
    let square = Rect::from_center_size(middle, vec2(MARK, MARK));
    let corners = CornerRadius::same(5);
    let edge = Stroke::new(1.5, palette.border_strong);
    match (takes, is_chosen) {
        (Takes::One, true) => {
            painter.circle_filled(middle, MARK / 2.0, palette.accent);
            painter.circle_filled(middle, 3.5, palette.on_accent);
        }
        (Takes::One, false) => {
            painter.circle_stroke(middle, MARK / 2.0 - 0.75, edge);
        }
        (Takes::Several, true) => {
            painter.rect_filled(square, corners, palette.accent);
            let tick = Rect::from_center_size(middle, vec2(10.0, 9.0));
            parts::tick(painter, tick, Stroke::new(2.0, palette.on_accent));
        }
        (Takes::Several, false) => {
            painter.rect_stroke(square, corners, edge, StrokeKind::Inside);
        }
    }
}

/// All that the card shows, as one sentence after the other.
fn spoken(card: &Card, size: &str, partitions: &[String], notes: &[Note]) -> String {
    let mut words = format!("{}, {size}, {}", card.name, text::drive_facts(&card.drive).replace(" · ", ", "));
    for part in partitions.iter().chain(notes.iter().map(|note| &note.words)) {
        words += ". ";
        words += part.trim_end_matches('.');
    }
    words
}
