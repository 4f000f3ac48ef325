//! The bar at the top: whose window this is, the pages, light or dark.

use eframe::egui::{
    self, Color32, CornerRadius, FontId, Label, RichText, Sense, Stroke, Ui, UiBuilder, WidgetInfo,
    accesskit::Role, vec2,
};

use super::parts;
use crate::gui::action::{Action, Appearance, Page};
use crate::gui::state::State;
use crate::gui::{icon, text, theme};

const TAB_PADDING: f32 = 24.0;
const SEGMENT: f32 = 60.0;

pub fn nav(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let palette = theme::palette(ui);
    let bar = ui.max_rect();
    ui.painter().hline(bar.x_range(), bar.bottom(), Stroke::new(1.0, palette.border));
    ui.horizontal_centered(|ui| {
        ui.add_space(theme::PAGE_MARGIN);
        let (rect, _) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::hover());
        icon::paint(ui.painter(), rect);
        let room = room(ui, bar.width());
        if room == Room::Ample {
            ui.add(Label::new(theme::heading(text::PROGRAM)).selectable(false));
        }
        ui.add_space(theme::GAP_LARGE);
        let padding = if room == Room::Scarce { TAB_PADDING / 2.0 } else { TAB_PADDING };
        parts::group(ui, text::PAGES, Role::TabList, |ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
            for page in Page::ALL {
                if tab(ui, state, page, padding) {
                    actions.push(Action::Show(page));
                }
            }
        });
        if room == Room::Scarce {
            appearance_button(ui, state.appearance, actions);
        } else {
            appearance(ui, state.appearance, actions);
        }
    });
}

/// How much stands beside the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Ample,
    /// For all but the program's name, which the window's title says too.
    Tight,
    /// For one button in place of the three segments.
    Scarce,
}

fn room(ui: &Ui, width: f32) -> Room {
    let wide = |words: &str, font: FontId| {
        ui.painter().layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER).size().x
    };
    let tabs: f32 = Page::ALL
        .map(|page| wide(text::page(page), theme::strong_font()) + TAB_PADDING + theme::GAP_SMALL)
        .iter()
        .sum();
    let icon = theme::PAGE_MARGIN + 26.0 + 2.0 * theme::GAP + theme::GAP_LARGE;
    let segments = 3.0 * SEGMENT + 3.0 * theme::GAP_SMALL + theme::PAGE_MARGIN;
    let left = width - tabs - icon - segments;
    if left >= wide(text::PROGRAM, theme::heading_font()) + theme::GAP {
        Room::Ample
    } else if left >= 0.0 {
        Room::Tight
    } else {
        Room::Scarce
    }
}

fn tab(ui: &mut Ui, state: &State, page: Page, padding: f32) -> bool {
    let palette = theme::palette(ui);
    let is_selected = state.page == page;
    let is_enabled = !state.is_working() || is_selected;
    let font = theme::strong_font();
    let ink = if is_selected { palette.accent } else { palette.weak };
    let galley = ui.painter().layout_no_wrap(text::page(page).to_owned(), font, ink);
    let size = vec2(galley.size().x + padding, theme::NAV_HEIGHT - 1.0);
    let sense = if is_enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    response.widget_info(|| WidgetInfo::selected(Role::Tab, is_enabled, is_selected, text::page(page)));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(is_selected));
    let ink = if response.hovered() && is_enabled { palette.text } else { ink };
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley_with_override_text_color(at, galley, ink);
    if is_selected {
        let line = egui::Rect::from_x_y_ranges(
            rect.x_range().shrink(10.0),
            rect.bottom() - 2.0..=rect.bottom() + 1.0,
        );
        ui.painter().rect_filled(line, CornerRadius::same(2), palette.accent);
    }
    if response.has_focus() {
        parts::focus_ring(ui, rect.shrink2(vec2(5.0, 12.0)), palette.accent);
    }
    let hint = if is_enabled { text::page_hint(page) } else { text::BUSY_ELSEWHERE };
    response.on_hover_text(hint).clicked()
}

/// Three small segments at the right edge.
fn appearance(ui: &mut Ui, now: Appearance, actions: &mut Vec<Action>) {
    let mut place = ui.max_rect();
    place.set_left(place.right() - theme::PAGE_MARGIN - 3.0 * SEGMENT - 2.0 * theme::GAP_SMALL);
    let builder = UiBuilder::new()
        .layout(egui::Layout::left_to_right(egui::Align::Center))
        .max_rect(place)
        .accessibility_label(text::APPEARANCE)
        .accessibility_role(Role::RadioGroup);
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
        for appearance in Appearance::ALL {
            segment(ui, appearance, now == appearance, actions);
        }
    });
}

fn segment(ui: &mut Ui, appearance: Appearance, is_selected: bool, actions: &mut Vec<Action>) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(SEGMENT, 26.0), Sense::click());
    let label = text::appearance_hint(appearance);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_selected, label));
    if is_selected {
        ui.painter().rect_filled(rect, CornerRadius::same(theme::RADIUS_SMALL), palette.accent_soft);
    }
    let ink = if is_selected || response.hovered() { palette.text } else { palette.weak };
    let (font, words) = (theme::small_font(), text::appearance(appearance));
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, words, font, ink);
    if response.has_focus() {
        parts::focus_ring(ui, rect.shrink(3.0), palette.accent);
    }
    if response.clicked() {
        actions.push(Action::Appearance(appearance));
    }
}

/// One small button that goes on to the next.
fn appearance_button(ui: &mut Ui, now: Appearance, actions: &mut Vec<Action>) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.add_space(theme::GAP);
        let words = theme::small(text::appearance(now));
        let button = ui.button(words).accessible_name(text::appearance_hint(now));
        if button.clicked() {
            let at = Appearance::ALL.iter().position(|appearance| *appearance == now).unwrap_or(0);
            actions.push(Action::Appearance(Appearance::ALL[(at + 1) % Appearance::ALL.len()]));
        }
    });
}

/// The message above a page, with the button that takes it away.
pub fn notice(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let Some(notice) = &state.notice else { return };
    let palette = theme::palette(ui);
    let (fill, ink) = if notice.is_warning {
        (palette.caution_soft, palette.caution)
    } else {
        (palette.accent_soft, palette.text)
    };
    theme::message_frame(fill).show(ui, |ui| {
        ui.horizontal(|ui| {
            let room = vec2(ui.available_width() - 96.0, theme::BUTTON_HEIGHT);
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            let words = RichText::new(&notice.text).color(ink);
            let inner = ui.allocate_ui_with_layout(room, layout, |ui| {
                ui.set_min_width(room.x);
                ui.add(Label::new(words).wrap())
            });
            let (role, live) = (Role::Alert, egui::accesskit::Live::Assertive);
            parts::announce(ui, &inner.inner, role, live, &notice.text);
            if ui.button(text::DISMISS).clicked() {
                actions.push(Action::DismissNotice);
            }
        });
    });
    ui.add_space(theme::GAP);
}
