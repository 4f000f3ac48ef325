//! Colours, sizes, type. The only place where any of them is named.

use std::sync::Arc;

use eframe::egui::{
    self, Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, FontTweak, Margin, RichText,
    Stroke, TextStyle, Theme, Vec2, Visuals, epaint::Shadow, epaint::text::VariationCoords, vec2,
};

/// Width of the column that a page is set in, and from which on it is set in two.
pub const COLUMN: f32 = 760.0;
pub const TWO_COLUMNS_FROM: f32 = 700.0;
pub const WIDEST: f32 = 1240.0;
pub const SMALLEST_WINDOW: Vec2 = vec2(640.0, 480.0);
pub const FIRST_WINDOW: Vec2 = vec2(1080.0, 740.0);

pub const GAP_SMALL: f32 = 4.0;
pub const GAP: f32 = 8.0;
pub const GAP_LARGE: f32 = 16.0;
pub const PAGE_MARGIN: f32 = 20.0;
pub const CARD_MARGIN: i8 = 16;
pub const NAV_HEIGHT: f32 = 56.0;
pub const ACTION_BAR_HEIGHT: f32 = 76.0;
pub const BUTTON_HEIGHT: f32 = 34.0;
/// Of a choice or a legend that takes less room than a button.
pub const ROW_HEIGHT: f32 = 26.0;
pub const LABEL_COLUMN: f32 = 86.0;
/// The form of the answer file: its labels, its sections at the left, and from which width on its preview is at the right.
pub const FORM_LABELS: f32 = 158.0;
pub const FORM_SECTIONS: f32 = 176.0;
pub const PREVIEW_FROM: f32 = 960.0;
pub const PROGRESS_HEIGHT: f32 = 14.0;
/// Of one among several.
pub const THIN_PROGRESS_HEIGHT: f32 = 6.0;
pub const PLOT_HEIGHT: f32 = 140.0;
pub const RADIUS: u8 = 10;
pub const RADIUS_SMALL: u8 = 7;

const TITLE: f32 = 23.0;
const HEADING: f32 = 16.5;
const BODY: f32 = 14.5;
const SMALL: f32 = 13.0;

/// Every colour in use. Text colours have a contrast of at least 4.5 to 1 on `page` and `card`.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    pub page: Color32,
    pub card: Color32,
    pub field: Color32,
    pub sunken: Color32,
    pub border: Color32,
    pub border_strong: Color32,
    pub text: Color32,
    pub weak: Color32,
    pub accent: Color32,
    pub accent_hover: Color32,
    pub accent_soft: Color32,
    pub on_accent: Color32,
    pub danger: Color32,
    pub danger_fill: Color32,
    pub danger_soft: Color32,
    pub good: Color32,
    pub good_soft: Color32,
    pub caution: Color32,
    pub caution_soft: Color32,
}

const LIGHT: Palette = Palette {
    page: Color32::from_rgb(0xF4, 0xF5, 0xF3),
    card: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    field: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    sunken: Color32::from_rgb(0xEE, 0xF0, 0xEE),
    border: Color32::from_rgb(0xDD, 0xE1, 0xDE),
    border_strong: Color32::from_rgb(0x8F, 0x99, 0x95),
    text: Color32::from_rgb(0x1D, 0x24, 0x22),
    weak: Color32::from_rgb(0x58, 0x63, 0x5F),
    accent: Color32::from_rgb(0x1F, 0x6B, 0x75),
    accent_hover: Color32::from_rgb(0x19, 0x5A, 0x63),
    accent_soft: Color32::from_rgb(0xE4, 0xF0, 0xF1),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    danger: Color32::from_rgb(0xB0, 0x2A, 0x22),
    danger_fill: Color32::from_rgb(0xB0, 0x2A, 0x22),
    danger_soft: Color32::from_rgb(0xFB, 0xEA, 0xE8),
    good: Color32::from_rgb(0x1C, 0x72, 0x43),
    good_soft: Color32::from_rgb(0xE5, 0xF3, 0xEA),
    caution: Color32::from_rgb(0x82, 0x57, 0x00),
    caution_soft: Color32::from_rgb(0xFB, 0xF1, 0xDC),
};

const DARK: Palette = Palette {
    page: Color32::from_rgb(0x16, 0x1A, 0x1A),
    card: Color32::from_rgb(0x1F, 0x24, 0x24),
    field: Color32::from_rgb(0x16, 0x1A, 0x1A),
    sunken: Color32::from_rgb(0x18, 0x1C, 0x1C),
    border: Color32::from_rgb(0x33, 0x3A, 0x3A),
    border_strong: Color32::from_rgb(0x77, 0x83, 0x82),
    text: Color32::from_rgb(0xE9, 0xED, 0xEB),
    weak: Color32::from_rgb(0xA3, 0xAE, 0xAB),
    accent: Color32::from_rgb(0x6F, 0xC3, 0xCC),
    accent_hover: Color32::from_rgb(0x88, 0xD2, 0xDA),
    accent_soft: Color32::from_rgb(0x1F, 0x38, 0x3B),
    on_accent: Color32::from_rgb(0x0C, 0x22, 0x25),
    danger: Color32::from_rgb(0xF4, 0x8B, 0x82),
    danger_fill: Color32::from_rgb(0xC2, 0x3B, 0x33),
    danger_soft: Color32::from_rgb(0x3D, 0x23, 0x22),
    good: Color32::from_rgb(0x74, 0xCB, 0x97),
    good_soft: Color32::from_rgb(0x1C, 0x35, 0x28),
    caution: Color32::from_rgb(0xE3, 0xBA, 0x6A),
    caution_soft: Color32::from_rgb(0x37, 0x2E, 0x1C),
};

/// White on the danger fill, in both themes.
pub const ON_DANGER: Color32 = Color32::WHITE;

pub fn palette(ui: &egui::Ui) -> &'static Palette {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// Installs fonts and both themes.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    // Where nobody says what the system prefers.
    ctx.options_mut(|options| options.fallback_theme = Theme::Light);
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
}

fn semibold_family() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// One variable font in two weights; egui's own fonts stand behind it for characters that it lacks.
fn fonts() -> FontDefinitions {
    const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter.ttf");
    let mut fonts = FontDefinitions::default();
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (name, weight, family) in
        [("Inter", 430.0, FontFamily::Proportional), ("Inter semibold", 620.0, semibold_family())]
    {
        let tweak = FontTweak { coords: VariationCoords::new([(b"wght", weight)]), ..FontTweak::default() };
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(INTER).tweak(tweak)));
        let chain = std::iter::once(name.to_owned()).chain(fallback.iter().cloned()).collect();
        fonts.families.insert(family, chain);
    }
    fonts
}

fn style(palette: &Palette, mut visuals: Visuals) -> egui::Style {
    let radius = CornerRadius::same(RADIUS_SMALL);
    visuals.panel_fill = palette.page;
    visuals.window_fill = palette.card;
    visuals.window_stroke = Stroke::new(1.0, palette.border);
    visuals.window_corner_radius = CornerRadius::same(RADIUS);
    visuals.extreme_bg_color = palette.sunken;
    visuals.text_edit_bg_color = Some(palette.field);
    visuals.faint_bg_color = palette.sunken;
    visuals.weak_text_color = Some(palette.weak);
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.caution;
    visuals.error_fg_color = palette.danger;
    visuals.selection.bg_fill = palette.accent_soft;
    visuals.selection.stroke = Stroke::new(1.5, palette.accent);
    // A blinking cursor would repaint an idle window.
    visuals.text_cursor.blink = false;
    visuals.text_cursor.stroke = Stroke::new(1.5, palette.accent);
    visuals.disabled_alpha = 0.6;
    let states = &mut visuals.widgets;
    for (state, fill, edge) in [
        (&mut states.noninteractive, palette.card, palette.border),
        (&mut states.inactive, palette.card, palette.border_strong),
        (&mut states.hovered, palette.accent_soft, palette.accent),
        (&mut states.active, palette.accent_soft, palette.accent),
        (&mut states.open, palette.accent_soft, palette.accent),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, edge);
        state.fg_stroke = Stroke::new(1.0, palette.text);
        state.corner_radius = radius;
        state.expansion = 0.0;
    }
    states.active.bg_stroke = Stroke::new(2.0, palette.accent);
    states.hovered.fg_stroke = Stroke::new(1.5, palette.text);
    states.active.fg_stroke = Stroke::new(1.5, palette.text);

    let mut style = egui::Style { visuals, animation_time: 0.08, ..egui::Style::default() };
    style.text_styles = [
        (TextStyle::Heading, FontId::new(HEADING, semibold_family())),
        (TextStyle::Body, FontId::new(BODY, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(BODY, FontFamily::Proportional)),
        (TextStyle::Small, FontId::new(SMALL, FontFamily::Proportional)),
        (TextStyle::Monospace, FontId::new(SMALL, FontFamily::Monospace)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(GAP, GAP_SMALL + 2.0);
    spacing.button_padding = vec2(14.0, 7.0);
    spacing.interact_size = vec2(40.0, BUTTON_HEIGHT);
    spacing.icon_width = 18.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = GAP;
    spacing.scroll.floating = true;
    style.interaction.tooltip_delay = 0.35;
    style
}

/// The one line that says what a screen is.
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).font(FontId::new(TITLE, semibold_family()))
}

pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).font(heading_font())
}

pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).font(strong_font())
}

pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).font(small_font())
}

pub fn heading_font() -> FontId {
    FontId::new(HEADING, semibold_family())
}

pub fn strong_font() -> FontId {
    FontId::new(BODY, semibold_family())
}

pub fn body_font() -> FontId {
    FontId::new(BODY, FontFamily::Proportional)
}

pub fn small_font() -> FontId {
    FontId::new(SMALL, FontFamily::Proportional)
}

pub fn mono_font() -> FontId {
    FontId::new(SMALL, FontFamily::Monospace)
}

pub fn number_font() -> FontId {
    FontId::new(17.5, semibold_family())
}

/// A white (or nearly black) sheet on the page.
pub fn card_frame(palette: &Palette) -> egui::Frame {
    egui::Frame::new()
        .fill(palette.card)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(CornerRadius::same(RADIUS))
        .inner_margin(Margin::same(CARD_MARGIN))
}

/// A place that is set into a sheet.
pub fn sunken_frame(palette: &Palette) -> egui::Frame {
    egui::Frame::new()
        .fill(palette.sunken)
        .corner_radius(CornerRadius::same(RADIUS_SMALL))
        .inner_margin(Margin::symmetric(10, 8))
}

/// A sheet above everything else.
pub fn dialog_frame(palette: &Palette) -> egui::Frame {
    let shadow = Shadow { offset: [0, 8], blur: 28, spread: 0, color: Color32::from_black_alpha(70) };
    card_frame(palette).inner_margin(Margin::same(22)).shadow(shadow)
}

/// A tinted box for one message.
pub fn message_frame(fill: Color32) -> egui::Frame {
    egui::Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius::same(RADIUS_SMALL))
        .inner_margin(Margin::symmetric(12, 9))
}
