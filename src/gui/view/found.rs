//! What a test found: how much of the stick is there, a bar of it, and the bad areas.

use eframe::egui::{Rect, Ui, pos2, vec2};

use super::layout_bar::{Part, divided_bar};
use super::parts;
use crate::gui::state::{Outcome, Work};
use crate::gui::text::{self, Share};
use crate::gui::theme;
use crate::job::CapacityTest;

/// Nothing, unless a test was asked for, or the short one before a write found something.
pub fn found(ui: &mut Ui, outcome: &Outcome) {
    let Some(report) = outcome.report() else { return };
    let was_asked_for = matches!(outcome.task.work, Work::Test(_));
    let Some(found) = report.capacity.as_ref().filter(|found| was_asked_for || !found.is_good()) else {
        return;
    };
    parts::card(ui, text::WHAT_WAS_FOUND, |ui| {
        parts::heading(ui, theme::heading(text::WHAT_WAS_FOUND), 2);
        capacity_bar(ui, found);
        ui.add_space(theme::GAP_SMALL);
        for (name, value) in text::found(found, &outcome.speeds) {
            parts::fact(ui, name, &value);
        }
    });
    ui.add_space(theme::GAP_SMALL);
    bad_areas(ui, found);
}

/// What is there and what is not, with a mark at each bad area.
fn capacity_bar(ui: &mut Ui, found: &CapacityTest) {
    const THINNEST: f32 = 3.0;
    let palette = theme::palette(ui);
    let part = |(share, bytes): (Share, u64)| {
        let fill = match share {
            Share::There => palette.accent,
            Share::Unsure => palette.caution_soft,
            Share::Missing => palette.danger_soft,
        };
        Part { fill, bytes, words: text::share(share, bytes) }
    };
    let parts: Vec<Part> = text::shares(found).into_iter().map(part).collect();
    let bar = divided_bar(ui, &text::shares_spoken(found), &parts);
    let at =
        |offset: u64| bar.left() + (offset as f64 / found.claimed_bytes.max(1) as f64) as f32 * bar.width();
    for area in &found.bad_areas {
        let right = at(area.offset + area.len).max(at(area.offset) + THINNEST).min(bar.right());
        let left = at(area.offset).min(right - THINNEST);
        let mark = Rect::from_min_max(pos2(left, bar.top() + 1.0), pos2(right, bar.bottom() - 1.0));
        ui.painter().rect_filled(mark.expand2(vec2(1.0, 0.0)), 0.0, palette.card);
        ui.painter().rect_filled(mark, 0.0, palette.danger);
    }
}

fn bad_areas(ui: &mut Ui, found: &CapacityTest) {
    if found.bad_areas.is_empty() {
        return;
    }
    parts::card(ui, text::BAD_AREAS, |ui| {
        parts::heading(ui, theme::heading(text::BAD_AREAS), 2);
        let ink = theme::palette(ui).text;
        for area in found.bad_areas.iter().take(text::MOST_MISMATCHES) {
            parts::bullet(ui, &text::bad_area(area), ink);
        }
        if let Some(more) = text::more_bad_areas(found, text::MOST_MISMATCHES) {
            parts::small_weak(ui, &more);
        }
    });
    ui.add_space(theme::GAP_SMALL);
}
