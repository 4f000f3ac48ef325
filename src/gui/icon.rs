//! The program's icon, drawn from a few rectangles: a stick with its connector upwards and a tick on its body.
//! `assets/icon.svg` holds the same drawing, for desktops.

use eframe::egui::{Color32, CornerRadius, IconData, Painter, Rect, Stroke, pos2, vec2};

const SIDE: f32 = 256.0;
const TILE: [u8; 3] = [0x1F, 0x6B, 0x75];
const METAL: [u8; 3] = [0xC9, 0xDD, 0xDF];
const BODY: [u8; 3] = [0xFF, 0xFF, 0xFF];

/// A rounded rectangle of the drawing: left, top, right, bottom, radius, colour.
type Piece = (f32, f32, f32, f32, f32, [u8; 3]);

const PIECES: [Piece; 5] = [
    (8.0, 8.0, 248.0, 248.0, 56.0, TILE),
    (96.0, 40.0, 160.0, 112.0, 8.0, METAL),
    (108.0, 58.0, 122.0, 76.0, 2.0, TILE),
    (134.0, 58.0, 148.0, 76.0, 2.0, TILE),
    (80.0, 96.0, 176.0, 216.0, 18.0, BODY),
];

/// The tick on the body, as a line of this width.
const TICK: [(f32, f32); 3] = [(104.0, 158.0), (121.0, 176.0), (153.0, 138.0)];
const TICK_WIDTH: f32 = 14.0;

pub fn paint(painter: &Painter, rect: Rect) {
    let scale = rect.width() / SIDE;
    let at = |x: f32, y: f32| rect.min + vec2(x, y) * scale;
    for (left, top, right, bottom, radius, [r, g, b]) in PIECES {
        let piece = Rect::from_min_max(at(left, top), at(right, bottom));
        let radius = CornerRadius::same((radius * scale).round() as u8);
        painter.rect_filled(piece, radius, Color32::from_rgb(r, g, b));
    }
    let [r, g, b] = TILE;
    let stroke = Stroke::new(TICK_WIDTH * scale, Color32::from_rgb(r, g, b));
    painter.line(TICK.iter().map(|(x, y)| at(*x, *y)).collect(), stroke);
}

/// The icon as pixels, for the window.
pub fn pixels() -> IconData {
    const PIXELS: u32 = 128;
    let mut rgba = Vec::with_capacity((PIXELS * PIXELS * 4) as usize);
    for y in 0..PIXELS {
        for x in 0..PIXELS {
            rgba.extend(pixel(x, y, SIDE / PIXELS as f32));
        }
    }
    IconData { rgba, width: PIXELS, height: PIXELS }
}

/// The mean of sixteen samples of one pixel.
fn pixel(x: u32, y: u32, scale: f32) -> [u8; 4] {
    const SAMPLES: u32 = 4;
    let mut sum = [0_u32; 4];
    for i in 0..SAMPLES * SAMPLES {
        let offset = |n: u32| (n as f32 + 0.5) / SAMPLES as f32;
        let sx = (x as f32 + offset(i % SAMPLES)) * scale;
        let sy = (y as f32 + offset(i / SAMPLES)) * scale;
        if let Some([r, g, b]) = color_at(sx, sy) {
            for (sum, part) in sum.iter_mut().zip([r, g, b, 255]) {
                *sum += u32::from(part);
            }
        }
    }
    let covered = (sum[3] / 255).max(1);
    let mean = |part: u32| (part / covered) as u8;
    [mean(sum[0]), mean(sum[1]), mean(sum[2]), (sum[3] / (SAMPLES * SAMPLES)) as u8]
}

fn color_at(x: f32, y: f32) -> Option<[u8; 3]> {
    let on_tick = TICK.windows(2).any(|ends| distance((x, y), ends[0], ends[1]) <= TICK_WIDTH / 2.0);
    if on_tick {
        return Some(TILE);
    }
    let piece = PIECES.iter().rev().find(|(left, top, right, bottom, radius, _)| {
        // Inside a rounded rectangle: within its radius of the rectangle that it is rounded around.
        let core = Rect::from_min_max(pos2(*left, *top), pos2(*right, *bottom)).shrink(*radius);
        core.distance_to_pos(pos2(x, y)) <= *radius
    });
    piece.map(|piece| piece.5)
}

/// From a point to a line between two ends.
fn distance(point: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let along = vec2(to.0 - from.0, to.1 - from.1);
    let reach = vec2(point.0 - from.0, point.1 - from.1);
    let t = (reach.dot(along) / along.length_sq()).clamp(0.0, 1.0);
    (reach - along * t).length()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_clear_and_the_body_is_white() {
        let icon = pixels();
        let at = |x: u32, y: u32| {
            let start = ((y * icon.width + x) * 4) as usize;
            <[u8; 4]>::try_from(&icon.rgba[start..start + 4]).unwrap()
        };
        assert_eq!(icon.rgba.len(), (icon.width * icon.height * 4) as usize);
        assert_eq!(at(0, 0)[3], 0);
        assert_eq!(at(64, 100), [255, 255, 255, 255]);
        assert_eq!(at(20, 64), [TILE[0], TILE[1], TILE[2], 255]);
    }
}
