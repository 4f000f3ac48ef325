//! How the coming stick is divided: a bar, its legend, and one sentence for those who do not see it.

use eframe::egui::{
    Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2, vec2,
};

use crate::gui::text::{self, Stretch};
use crate::gui::theme::{self, Palette};
use crate::plan::Plan;

const HEIGHT: f32 = 18.0;
/// What is there can be seen, however small its share.
const NARROWEST: f32 = 4.0;
const SWATCH: f32 = 10.0;

/// Nothing for a copy, byte for byte.
pub fn layout_bar(ui: &mut Ui, plan: &Plan) {
    let Some(stick) = &plan.stick else { return };
    let stretches = text::layout(plan, stick);
    let palette = theme::palette(ui);
    let spoken = text::layout_spoken(stick, &stretches);
    let part = |(stretch, bytes): &(Stretch, u64)| Part {
        fill: fill(palette, *stretch),
        bytes: *bytes,
        words: text::stretch(*stretch, *bytes),
    };
    divided_bar(ui, &spoken, &stretches.iter().map(part).collect::<Vec<_>>());
}

/// A stretch of a bar, with what its legend says of it.
pub struct Part {
    pub fill: Color32,
    pub bytes: u64,
    pub words: String,
}

/// A bar that is divided as the bytes of a drive are, and its legend. Returns where the bar is.
pub fn divided_bar(ui: &mut Ui, spoken: &str, parts: &[Part]) -> Rect {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken));
    let radius = CornerRadius::same(theme::RADIUS_SMALL);
    ui.painter().rect_filled(rect, radius, palette.field);
    let painter = ui.painter().with_clip_rect(rect);
    let mut left = rect.left();
    let bytes: Vec<u64> = parts.iter().map(|part| part.bytes).collect();
    for (i, (part, width)) in parts.iter().zip(widths(&bytes, rect.width())).enumerate() {
        let place = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        left = place.right();
        let at_end = i + 1 == parts.len();
        let corner = |is_outer: bool| if is_outer { theme::RADIUS_SMALL } else { 0 };
        let corners =
            CornerRadius { nw: corner(i == 0), sw: corner(i == 0), ne: corner(at_end), se: corner(at_end) };
        painter.rect_filled(place, corners, part.fill);
    }
    ui.painter().rect_stroke(rect, radius, Stroke::new(1.0, palette.border_strong), StrokeKind::Inside);
    legend(ui, palette, parts);
    rect
}

/// Their shares of the bar, none narrower than can be seen; the widest gives what that takes.
fn widths(bytes: &[u64], room: f32) -> Vec<f32> {
    let total: f64 = bytes.iter().map(|bytes| *bytes as f64).sum();
    let share = |bytes: u64| ((bytes as f64 / total.max(1.0)) as f32 * room).max(NARROWEST);
    let mut widths: Vec<f32> = bytes.iter().map(|bytes| share(*bytes)).collect();
    let excess = widths.iter().sum::<f32>() - room;
    if let Some(widest) = widths.iter_mut().max_by(|a, b| a.total_cmp(b)) {
        *widest -= excess;
    }
    widths
}

fn fill(palette: &Palette, stretch: Stretch) -> Color32 {
    match stretch {
        Stretch::Tables => palette.border_strong,
        Stretch::ImageFiles => palette.accent,
        Stretch::OwnFiles => palette.caution,
        Stretch::Free => palette.field,
    }
}

/// Painted, not spoken: the bar has said it.
fn legend(ui: &mut Ui, palette: &Palette, parts: &[Part]) {
    let height = ui.spacing().interact_size.y;
    ui.spacing_mut().interact_size.y = 0.0;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
        for part in parts {
            let galley = ui.painter().layout_no_wrap(part.words.clone(), theme::small_font(), palette.weak);
            let size = vec2(SWATCH + 6.0 + galley.size().x, galley.size().y.max(SWATCH));
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let middle = pos2(rect.left() + SWATCH / 2.0, rect.center().y);
            let swatch = Rect::from_center_size(middle, vec2(SWATCH, SWATCH));
            ui.painter().rect_filled(swatch, CornerRadius::same(3), part.fill);
            let edge = Stroke::new(1.0, palette.border_strong);
            ui.painter().rect_stroke(swatch, CornerRadius::same(3), edge, StrokeKind::Inside);
            let at = pos2(swatch.right() + 6.0, rect.center().y - galley.size().y / 2.0);
            ui.painter().galley(at, galley, palette.weak);
        }
    });
    ui.spacing_mut().interact_size.y = height;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_and_every_stretch_shows() {
        for bytes in [[1, 5_000_000_000, 1, 1], [1 << 20, 3 << 30, 1 << 20, 200 << 30], [1, 0, 0, 0]] {
            let widths = widths(&bytes, 400.0);
            assert!((widths.iter().sum::<f32>() - 400.0).abs() < 0.01, "{widths:?}");
            assert!(widths.iter().all(|width| *width >= NARROWEST), "{widths:?}");
        }
    }
}
