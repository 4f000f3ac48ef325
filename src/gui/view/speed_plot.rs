//! Speed over time, drawn plainly: one line for each phase, a scale, and a sentence for those who do not see it.

use eframe::egui::{
    Align2, Color32, CornerRadius, Mesh, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, accesskit::Role,
    lerp, pos2, vec2,
};

use crate::gui::state::{SpeedPoint, SpeedSeries};
use crate::gui::{text, theme};

pub fn speed_plot(ui: &mut Ui, series: &SpeedSeries) {
    let palette = theme::palette(ui);
    let size = vec2(ui.available_width(), theme::PLOT_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let points = series.points();
    let spoken = match points.last() {
        Some(last) => {
            let (low, high) = series.range(last.phase).unwrap_or_default();
            text::plot(low, high, last.bytes_per_sec)
        }
        None => text::SPEED_OVER_TIME.to_owned(),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
    ui.painter().rect_filled(rect, CornerRadius::same(theme::RADIUS_SMALL), palette.sunken);

    let highest = points.iter().map(|p| p.bytes_per_sec).fold(0.0, f64::max);
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    if highest <= 0.0 {
        return;
    }
    let top = round_up(highest);
    let font = theme::small_font();
    let scale_width = 78.0;
    let area = Rect::from_min_max(rect.min + vec2(12.0, 14.0), rect.max - vec2(scale_width, 12.0));
    for part in [0.0, 0.5, 1.0] {
        let y = lerp(area.bottom()..=area.top(), part);
        ui.painter().hline(area.x_range(), y, Stroke::new(1.0, palette.border));
        let label = if part > 0.0 { text::speed(top * f64::from(part)) } else { "0".to_owned() };
        ui.painter().text(
            pos2(rect.right() - 10.0, y),
            Align2::RIGHT_CENTER,
            label,
            font.clone(),
            palette.weak,
        );
    }
    let span = (last.secs - first.secs).max(1.0);
    let place = |p: &SpeedPoint| -> Pos2 {
        let x = ((p.secs - first.secs) / span) as f32;
        let y = (p.bytes_per_sec / top) as f32;
        pos2(lerp(area.left()..=area.right(), x), lerp(area.bottom()..=area.top(), y))
    };
    for stretch in points.chunk_by(|a, b| a.phase == b.phase) {
        let line: Vec<Pos2> = stretch.iter().map(place).collect();
        ui.painter().add(area_below(&line, area.bottom(), palette.accent.gamma_multiply(0.14)));
        ui.painter().line(line, Stroke::new(2.0, palette.accent));
        if let Some(start) = stretch.first().filter(|p| p.phase != first.phase) {
            ui.painter().vline(place(start).x, area.y_range(), Stroke::new(1.0, palette.border_strong));
        }
    }
}

/// The surface between a line and the bottom.
fn area_below(line: &[Pos2], bottom: f32, color: Color32) -> Shape {
    let mut mesh = Mesh::default();
    for point in line {
        mesh.colored_vertex(*point, color);
        mesh.colored_vertex(pos2(point.x, bottom), color);
    }
    for i in 1..line.len() as u32 {
        let (left, right) = (2 * i - 2, 2 * i);
        mesh.add_triangle(left, left + 1, right);
        mesh.add_triangle(left + 1, right, right + 1);
    }
    Shape::mesh(mesh)
}

/// The next round number that is not below `value`, and whose half is round too.
fn round_up(value: f64) -> f64 {
    let magnitude = 10_f64.powf(value.log10().floor());
    [1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 6.0, 8.0]
        .into_iter()
        .map(|step| step * magnitude)
        .find(|top| *top >= value)
        .unwrap_or(10.0 * magnitude)
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn scales_end_in_round_numbers() {
        for (value, top) in [(1.0, 1.0), (1.1, 1.2), (21.4e6, 30.0e6), (81.0e6, 100.0e6), (0.35, 0.4)] {
            assert!((round_up(value) - top).abs() < top * 1e-9, "{value}");
        }
    }
}
