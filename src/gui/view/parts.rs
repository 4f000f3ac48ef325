//! The pieces that every page is set from. Each names itself to a screen reader.

use eframe::egui::{
    self, Button, Checkbox, Color32, CornerRadius, FontId, Label, Response, RichText, Sense, Stroke,
    StrokeKind, TextEdit, TextWrapMode, Ui, UiBuilder, WidgetInfo,
    accesskit::{Live, Role},
    vec2,
};

use super::elide::elide_middle;
use crate::gui::action::{Action, Dialog, Field};
use crate::gui::text::{self, Tone};
use crate::gui::theme;

/// A heading that assistive technology can jump to.
pub fn heading(ui: &mut Ui, rich: RichText, level: usize) -> Response {
    let plain = rich.text().to_owned();
    let response = ui.add(Label::new(rich).wrap());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Heading);
        node.set_level(level);
        node.clear_value();
        node.set_label(plain);
    });
    response
}

/// A named group of widgets on a sheet of its own.
pub fn card<R>(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = theme::card_frame(theme::palette(ui));
    group(ui, name, Role::Group, |ui| {
        frame
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                contents(ui)
            })
            .inner
    })
}

pub fn group<R>(ui: &mut Ui, name: &str, role: Role, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().accessibility_label(name).accessibility_role(role);
    ui.scope_builder(builder, contents).inner
}

/// A step's number (or its tick) and name.
pub fn step_heading(ui: &mut Ui, number: usize, of: usize, name: &str, is_done: bool) {
    step_heading_with(ui, number, of, name, is_done, |_| {});
}

/// The same with something small at the right.
pub fn step_heading_with(
    ui: &mut Ui,
    number: usize,
    of: usize,
    name: &str,
    is_done: bool,
    at_right: impl FnOnce(&mut Ui),
) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
        let painter = ui.painter();
        if is_done {
            painter.circle_filled(rect.center(), 12.0, palette.accent);
            tick(painter, rect.shrink(6.5), Stroke::new(2.0, palette.on_accent));
        } else {
            painter.circle_stroke(rect.center(), 11.25, Stroke::new(1.5, palette.border_strong));
            let font = theme::small_font();
            painter.text(rect.center(), egui::Align2::CENTER_CENTER, number, font, palette.weak);
        }
        let response = heading(ui, theme::heading(name), 2);
        let mut spoken = text::step(number, of, name);
        if is_done {
            spoken = format!("{spoken}, {}", text::DONE_STEP);
        }
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(spoken));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), at_right);
    });
    ui.add_space(theme::GAP_SMALL);
}

pub fn tick(painter: &egui::Painter, rect: egui::Rect, stroke: Stroke) {
    let at = |x: f32, y: f32| rect.min + vec2(rect.width() * x, rect.height() * y);
    painter.line(vec![at(0.0, 0.55), at(0.36, 0.92), at(1.0, 0.12)], stroke);
}

/// The ink that news of this kind is told in.
pub fn tone_ink(palette: &theme::Palette, tone: Tone) -> Color32 {
    match tone {
        Tone::Good => palette.good,
        Tone::Neutral => palette.text,
        Tone::Bad => palette.danger,
    }
}

/// A small tick, dash or exclamation mark; a dot while it goes on.
pub fn tone_mark(ui: &mut Ui, tone: Option<Tone>) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(16.0, 20.0), Sense::hover());
    let middle = rect.center();
    let ink = tone.map_or(palette.accent, |tone| tone_ink(palette, tone));
    let stroke = Stroke::new(2.0, ink);
    let painter = ui.painter();
    match tone {
        None => {
            painter.circle_filled(middle, 4.5, ink);
        }
        Some(Tone::Good) => tick(painter, egui::Rect::from_center_size(middle, vec2(11.0, 10.0)), stroke),
        Some(Tone::Neutral) => {
            painter.hline(middle.x - 5.0..=middle.x + 5.0, middle.y, stroke);
        }
        Some(Tone::Bad) => {
            painter.vline(middle.x, middle.y - 6.5..=middle.y + 1.5, stroke);
            painter.circle_filled(middle + vec2(0.0, 5.5), 1.5, ink);
        }
    }
}

/// The one button of a screen that carries it on.
pub fn primary_button(ui: &mut Ui, label: &str, enabled: bool) -> Response {
    let palette = theme::palette(ui);
    filled_button(ui, label, enabled, [palette.accent, palette.accent_hover], palette.on_accent)
}

/// The same where something is lost by it.
pub fn danger_button(ui: &mut Ui, label: &str, enabled: bool) -> Response {
    let palette = theme::palette(ui);
    filled_button(ui, label, enabled, [palette.danger_fill, palette.danger_fill], theme::ON_DANGER)
}

fn filled_button(ui: &mut Ui, label: &str, enabled: bool, fill: [Color32; 2], ink: Color32) -> Response {
    if !enabled {
        return ui.add_enabled(false, Button::new(label).truncate());
    }
    let ring = theme::palette(ui).accent;
    let response = ui
        .scope(|ui| {
            let states = &mut ui.visuals_mut().widgets;
            for (state, fill) in [
                (&mut states.inactive, fill[0]),
                (&mut states.hovered, fill[1]),
                (&mut states.active, fill[0]),
            ] {
                state.weak_bg_fill = fill;
                state.bg_stroke = Stroke::new(1.0, fill);
            }
            ui.add(Button::new(theme::strong(label).color(ink)).truncate())
        })
        .inner;
    if response.has_focus() {
        focus_ring(ui, response.rect, ring);
    }
    response
}

pub fn focus_ring(ui: &Ui, rect: egui::Rect, color: Color32) {
    let radius = CornerRadius::same(theme::RADIUS + 2);
    ui.painter().rect_stroke(rect.expand(3.0), radius, Stroke::new(2.0, color), StrokeKind::Middle);
}

pub fn check_box(ui: &mut Ui, on: bool, label: &str) -> Option<bool> {
    let mut value = on;
    ui.add(Checkbox::new(&mut value, label)).changed().then_some(value)
}

/// How a text field is left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Never,
    OnEnter,
    /// By Enter, Tab, or a click elsewhere.
    OnLeave,
}

pub struct TextField<'a> {
    pub field: Field,
    /// Its name for a screen reader.
    pub name: &'a str,
    pub value: &'a str,
    pub hint: &'static str,
    pub commit: Commit,
    pub monospace: bool,
}

impl TextField<'_> {
    /// As wide as there is room.
    pub fn show(self, ui: &mut Ui, actions: &mut Vec<Action>) -> Response {
        let mut value = self.value.to_owned();
        let font = if self.monospace { theme::mono_font() } else { theme::body_font() };
        let edit = TextEdit::singleline(&mut value)
            .id_salt(self.field)
            .hint_text(self.hint)
            .font(font)
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(f32::INFINITY);
        let response = ui.add(edit).accessible_name(self.name);
        if response.changed() {
            actions.push(Action::Edit(self.field, value));
        }
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let is_committed = match self.commit {
            Commit::Never => false,
            Commit::OnEnter => entered,
            Commit::OnLeave => response.lost_focus(),
        };
        if is_committed {
            actions.push(Action::Commit(self.field));
        }
        response
    }
}

/// A path field with the button that fills it by a dialog, in one row.
pub fn path_row(ui: &mut Ui, field: TextField<'_>, browse: &str, actions: &mut Vec<Action>) {
    let browsed = field.field;
    ui.horizontal(|ui| {
        let width = ui.available_width() - button_width(ui, browse) - theme::GAP;
        ui.allocate_ui(vec2(width.max(120.0), theme::BUTTON_HEIGHT), |ui| field.show(ui, actions));
        let mut button = ui.button(browse);
        if matches!(browsed, Field::Image(_)) {
            button = button.on_hover_text(text::CHOOSE_IMAGE_HINT);
        }
        if button.clicked() {
            actions.push(Action::Browse(Dialog::Fill(browsed)));
        }
    });
}

pub fn button_width(ui: &Ui, label: &str) -> f32 {
    let font = theme::body_font();
    let text = ui.painter().layout_no_wrap(label.to_owned(), font, Color32::PLACEHOLDER);
    text.size().x + 2.0 * ui.spacing().button_padding.x
}

/// A label and what it says of the thing, in two columns. Screen readers hear one sentence.
pub fn fact(ui: &mut Ui, name: &str, value: &str) {
    let palette = theme::palette(ui);
    let spoken = format!("{name}: {value}");
    let response = ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(theme::LABEL_COLUMN, 18.0), Sense::hover());
        let font = theme::body_font();
        ui.painter().text(rect.left_top(), egui::Align2::LEFT_TOP, name, font.clone(), palette.weak);
        let galley = ui.painter().layout(value.to_owned(), font, palette.text, ui.available_width());
        let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
        ui.painter().galley(rect.min, galley, palette.text);
        response
    });
    response.inner.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
}

/// One line that loses its middle rather than its end; the whole text is spoken, and shown on hover.
pub fn elided(ui: &mut Ui, full: &str, font: FontId, color: Color32) -> Response {
    let shown = fit(ui, full, &font, ui.available_width());
    let is_short = shown != full;
    let rich = RichText::new(shown).font(font).color(color);
    let response = ui.add(Label::new(rich).wrap_mode(TextWrapMode::Extend));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(full));
    if is_short { response.on_hover_text(full) } else { response }
}

/// `full`, or as much of its two ends as is not wider than `width`.
pub fn fit(ui: &Ui, full: &str, font: &FontId, width: f32) -> String {
    elide_middle(full, |text| {
        ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x <= width
    })
}

/// What a thing is called, and at the right how large it is.
pub fn title_and_size(ui: &mut Ui, title: &str, size: &str) {
    let (font, ink) = (theme::strong_font(), theme::palette(ui).text);
    ui.horizontal_top(|ui| {
        let size_width =
            ui.painter().layout_no_wrap(size.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x;
        let width = ui.available_width() - size_width - theme::GAP_LARGE;
        ui.scope(|ui| {
            ui.set_width(width.max(60.0));
            elided(ui, title, font.clone(), ink);
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
            ui.label(theme::strong(size).color(ink));
        });
    });
}

/// Two texts of one row, at its left and its right; the left one gives way. `reserved`: room behind them.
pub fn two_ends(ui: &mut Ui, reserved: f32, left: (&str, FontId, Color32), right: (&str, FontId, Color32)) {
    let right_width =
        ui.painter().layout_no_wrap(right.0.to_owned(), right.1.clone(), Color32::PLACEHOLDER).size().x;
    let gap = if reserved > 0.0 { theme::GAP_LARGE } else { 0.0 };
    let room = (ui.available_width() - right_width - reserved - gap - theme::GAP).max(60.0);
    let height = ui.spacing().interact_size.y;
    ui.allocate_ui(vec2(room, height), |ui| {
        ui.set_min_width(room);
        elided(ui, left.0, left.1, left.2);
    });
    if !right.0.is_empty() {
        ui.add(Label::new(RichText::new(right.0).font(right.1).color(right.2)).selectable(false));
    }
    if reserved > 0.0 {
        ui.add_space(theme::GAP_LARGE - theme::GAP);
    }
}

pub fn sentence(ui: &mut Ui, words: &str) -> Response {
    ui.add(Label::new(words).wrap())
}

/// A sentence that good news stands in.
pub fn ticked(ui: &mut Ui, words: &str) {
    let palette = theme::palette(ui);
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 17.0), Sense::hover());
        let mark = egui::Rect::from_center_size(rect.center(), vec2(10.0, 9.0));
        tick(ui.painter(), mark, Stroke::new(1.75, palette.good));
        ui.add(Label::new(theme::small(words).color(palette.text)).wrap());
    });
}

pub fn weak(ui: &mut Ui, words: &str) -> Response {
    let color = theme::palette(ui).weak;
    ui.add(Label::new(RichText::new(words).color(color)).wrap())
}

pub fn small_weak(ui: &mut Ui, words: &str) -> Response {
    let color = theme::palette(ui).weak;
    ui.add(Label::new(theme::small(words).color(color)).wrap())
}

pub fn small_caution(ui: &mut Ui, words: &str) {
    let color = theme::palette(ui).caution;
    let response = ui.add(Label::new(theme::small(words).color(color)).wrap());
    announce(ui, &response, Role::Status, Live::Polite, words);
}

/// How a message is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Caution,
    Danger,
    Good,
}

/// A tinted box with a sentence, announced when it appears.
pub fn message(ui: &mut Ui, kind: Kind, words: &str) -> Response {
    let palette = theme::palette(ui);
    let (fill, ink) = match kind {
        Kind::Caution => (palette.caution_soft, palette.caution),
        Kind::Danger => (palette.danger_soft, palette.danger),
        Kind::Good => (palette.good_soft, palette.good),
    };
    let frame = theme::message_frame(fill);
    let response = frame
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.add(Label::new(RichText::new(words).color(ink)).wrap())
        })
        .inner;
    let (role, live) = match kind {
        Kind::Caution | Kind::Danger => (Role::Alert, Live::Assertive),
        Kind::Good => (Role::Status, Live::Polite),
    };
    announce(ui, &response, role, live, words);
    response
}

/// Makes a label a message that screen readers speak when it appears or changes.
pub fn announce(ui: &Ui, response: &Response, role: Role, live: Live, words: &str) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(role);
        node.set_live(live);
        node.clear_value();
        node.set_label(words);
    });
}

/// One sentence of a list, with a small mark before it.
pub fn bullet(ui: &mut Ui, words: &str, color: Color32) {
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 19.0), Sense::hover());
        ui.painter().circle_filled(rect.center() - vec2(2.0, 0.0), 2.5, color);
        ui.add(Label::new(RichText::new(words).color(color)).wrap());
    });
}

/// Sentences one below the other; `true`: something is lost by it.
pub fn sentences(ui: &mut Ui, sentences: &[(String, bool)]) {
    let (loss, calm) = (theme::palette(ui).danger, theme::palette(ui).text);
    for (sentence, is_loss) in sentences {
        bullet(ui, sentence, if *is_loss { loss } else { calm });
    }
}

/// The same of what asks for the user's attention: an exclamation mark, and plain words.
pub fn advice(ui: &mut Ui, words: &str) {
    let palette = theme::palette(ui);
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 17.0), Sense::hover());
        let middle = rect.center() - vec2(0.5, 0.0);
        ui.painter().circle_filled(middle, 6.5, palette.caution_soft);
        ui.painter().circle_stroke(middle, 6.5, Stroke::new(1.0, palette.caution));
        let stroke = Stroke::new(1.5, palette.caution);
        ui.painter().vline(middle.x, middle.y - 3.5..=middle.y + 0.8, stroke);
        ui.painter().circle_filled(middle + vec2(0.0, 3.2), 0.9, palette.caution);
        ui.add(Label::new(theme::small(words).color(palette.text)).wrap());
    });
}

/// Is this the first time that the screen of this number is drawn?
pub fn is_new_screen(ui: &Ui, serial: u64) -> bool {
    let id = egui::Id::unique("screen serial");
    ui.ctx().data_mut(|data| {
        let last = data.get_temp_mut_or(id, u64::MAX);
        let is_new = *last != serial;
        *last = serial;
        is_new
    })
}
