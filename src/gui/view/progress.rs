//! How far a job is: a bar with a value that assistive technology can read.

use eframe::egui::{CornerRadius, Response, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::parts;
use crate::gui::{text, theme};

/// `fraction`: `None` while nothing can be said; then the bar is empty, and no animation pretends otherwise.
pub fn progress_bar(ui: &mut Ui, name: &str, fraction: Option<f32>, take_focus: bool) {
    let accent = theme::palette(ui).accent;
    let response = bar(ui, name, fraction, theme::PROGRESS_HEIGHT, Sense::focusable_noninteractive());
    if take_focus {
        response.request_focus();
    }
    if response.has_focus() {
        parts::focus_ring(ui, response.rect, accent);
    }
}

/// The same of one among several; Tab passes it by.
pub fn thin_bar(ui: &mut Ui, name: &str, fraction: Option<f32>) {
    bar(ui, name, fraction, theme::THIN_PROGRESS_HEIGHT, Sense::hover());
}

fn bar(ui: &mut Ui, name: &str, fraction: Option<f32>, height: f32, sense: Sense) -> Response {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), sense);
    let percent = fraction.map(text::percent);
    response.widget_info(|| WidgetInfo {
        value: percent.map(f64::from),
        ..WidgetInfo::labeled(Role::ProgressIndicator, true, name)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(100.0);
        if let Some(percent) = percent {
            node.set_value(format!("{percent} %"));
        }
    });
    let radius = CornerRadius::same((height / 2.0) as u8);
    ui.painter().rect_filled(rect, radius, palette.border);
    if let Some(fraction) = fraction.filter(|f| *f > 0.0) {
        let width = (rect.width() * fraction.clamp(0.0, 1.0)).max(height);
        let filled = eframe::egui::Rect::from_min_max(rect.min, pos2(rect.left() + width, rect.bottom()));
        ui.painter().rect_filled(filled, radius, palette.accent);
    }
    response
}
