//! What is drawn: functions from `&State` to widgets and the actions that the user took. No input or output, and
//! nothing is changed here. (A list of actions, not one: leaving a field by a click on a button is two.)

mod answer;
mod answer_card;
mod change;
mod check;
mod choice;
mod columns;
mod confirm;
mod done;
mod drive_cards;
mod elide;
mod found;
mod image_card;
mod layout_bar;
mod make;
mod nav;
mod parts;
mod progress;
mod restore;
mod save;
mod speed_plot;
mod test;
mod what_happens;
mod which_one;
mod windows_card;
mod working;
mod working_sticks;

use eframe::egui::{
    self, Align, Key, KeyboardShortcut, Layout, Modifiers, Rect, RichText, ScrollArea, Stroke, Ui, UiBuilder,
    accesskit::Role, pos2, vec2,
};

use super::action::{Action, AnswerAction, Dialog, Field, ImageOf, Page};
use super::state::{Screen, State};
use super::{text, theme};

/// Draws the whole window.
pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    shortcuts(ui, state, &mut actions);
    let full = ui.max_rect();
    let palette = theme::palette(ui);
    ui.painter().rect_filled(full, 0.0, palette.page);

    let nav = Rect::from_min_size(full.min, vec2(full.width(), theme::NAV_HEIGHT));
    let bar_top = full.bottom() - theme::ACTION_BAR_HEIGHT;
    let body = Rect::from_min_max(nav.left_bottom(), pos2(full.right(), bar_top));
    let bar = Rect::from_min_max(pos2(full.left(), bar_top), full.max);

    // In the order of reading, which is that of the Tab key too.
    let region = |rect: Rect, role: Role, name: &str| {
        UiBuilder::new().max_rect(rect).accessibility_role(role).accessibility_label(name)
    };
    ui.scope_builder(region(nav, Role::Navigation, text::NAVIGATION), |ui| {
        ui.painter().rect_filled(nav, 0.0, palette.card);
        nav::nav(ui, state, &mut actions);
    });
    ui.scope_builder(region(body, Role::Main, text::page(state.page)), |ui| page(ui, state, &mut actions));
    ui.scope_builder(region(bar, Role::Group, text::ACTIONS), |ui| {
        ui.painter().rect_filled(bar, 0.0, palette.card);
        ui.painter().hline(bar.x_range(), bar.top(), Stroke::new(1.0, palette.border));
        action_bar(ui, bar, state, &mut actions);
    });
    drop_overlay(ui, state);
    actions
}

fn page(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    if matches!(state.screen, Screen::Answer) {
        return answer::page(ui, state, actions);
    }
    let scroll = ScrollArea::vertical().id_salt(state.screen_serial).auto_shrink(false);
    scroll.show(ui, |ui| {
        column(ui, is_wide(state), |ui| {
            nav::notice(ui, state, actions);
            match &state.screen {
                Screen::Choose => match state.page {
                    Page::Make => make::make(ui, state, actions),
                    Page::Check => check::check(ui, state, actions),
                    Page::Save => save::save(ui, state, actions),
                    Page::Test => test::test(ui, state, actions),
                    Page::Restore => restore::restore(ui, state, actions),
                    Page::Answer => change::change(ui, state, actions),
                },
                // Drawn above: it scrolls in its parts.
                Screen::Answer => {}
                Screen::Confirm(confirm) => confirm::confirm(ui, state, confirm, actions),
                Screen::Working(working) => working::working(ui, state, working, actions),
                Screen::Done(done) => done::done(ui, done, actions),
            }
        });
    });
}

/// The pages that write are set in two columns where there is room: what is chosen, and what comes of it.
fn is_wide(state: &State) -> bool {
    matches!(state.screen, Screen::Answer) || (matches!(state.screen, Screen::Choose) && state.page.writes())
}

fn widest(may_be_wide: bool, room: f32) -> f32 {
    if may_be_wide && room >= theme::TWO_COLUMNS_FROM { theme::WIDEST } else { theme::COLUMN }
}

/// A column in the middle, no wider than reads well.
fn column(ui: &mut Ui, may_be_wide: bool, contents: impl FnOnce(&mut Ui)) {
    let available = ui.available_rect_before_wrap();
    let room = available.width() - 2.0 * theme::PAGE_MARGIN;
    let width = room.min(widest(may_be_wide, room));
    let left = available.center().x - width / 2.0;
    let top = available.top() + theme::PAGE_MARGIN;
    let rect = Rect::from_min_size(pos2(left, top), vec2(width, f32::INFINITY));
    ui.scope_builder(UiBuilder::new().max_rect(rect), contents);
    ui.add_space(theme::PAGE_MARGIN);
}

/// Why the buttons do or do not work on the left, the buttons on the right.
fn action_bar(ui: &mut Ui, bar: Rect, state: &State, actions: &mut Vec<Action>) {
    let room = bar.width() - 2.0 * theme::PAGE_MARGIN;
    let width = room.min(widest(is_wide(state), room));
    let row = Rect::from_center_size(bar.center(), vec2(width, theme::BUTTON_HEIGHT + 8.0));
    let builder = UiBuilder::new().max_rect(row).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| match &state.screen {
        Screen::Choose => choose_bar(ui, state, actions),
        Screen::Answer => answer::bar(ui, state, actions),
        Screen::Confirm(confirm) => confirm::bar(ui, state, confirm, actions),
        Screen::Working(working) => working::bar(ui, working, actions),
        Screen::Done(done) => done::bar(ui, state, done, actions),
    });
}

fn choose_bar(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let missing = state.missing();
    let words = text::readiness(state.page, missing.as_ref());
    let color = theme::palette(ui).weak;
    parts::is_new_screen(ui, state.screen_serial);
    let button = 170.0;
    let width = ui.available_width() - button - theme::GAP_LARGE;
    ui.allocate_ui(vec2(width, theme::BUTTON_HEIGHT), |ui| {
        ui.set_width(width);
        let label = ui.add(egui::Label::new(RichText::new(words).color(color)).wrap());
        parts::announce(ui, &label, Role::Status, egui::accesskit::Live::Polite, words);
    });
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let label = text::primary(state.page, state.restore.becomes);
        if parts::primary_button(ui, label, missing.is_none()).clicked() {
            actions.push(Action::Start);
        }
    });
}

fn shortcuts(ui: &Ui, state: &State, actions: &mut Vec<Action>) {
    let open = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);
    let is_choosing = matches!(state.screen, Screen::Choose);
    if is_choosing && ui.input_mut(|i| i.consume_shortcut(&open)) {
        match state.page {
            Page::Make => actions.push(Action::Browse(Dialog::Fill(Field::Image(ImageOf::Make)))),
            Page::Check => actions.push(Action::Browse(Dialog::Fill(Field::Image(ImageOf::Check)))),
            Page::Answer => actions.push(Action::Browse(Dialog::Fill(Field::NewAnswer))),
            Page::Save | Page::Test | Page::Restore => {}
        }
    }
    let is_confirming = matches!(state.screen, Screen::Confirm(_));
    if is_confirming && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        actions.push(Action::Cancel);
    }
    let is_answering = matches!(state.screen, Screen::Answer);
    let is_list_open = egui::Popup::is_any_open(ui.ctx());
    if is_answering && !is_list_open && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        actions.push(Action::Answer(AnswerAction::Back));
    }
    // Many files can be added, but one image chosen.
    let most = if adds_dropped_files(state) { usize::MAX } else { 1 };
    let dropped: Vec<_> =
        ui.input(|i| i.raw.dropped_files.iter().take(most).map(|f| f.path().to_owned()).collect());
    actions.extend(dropped.into_iter().map(Action::DropFile));
}

fn adds_dropped_files(state: &State) -> bool {
    state.page == Page::Make && state.make.takes_own_files()
}

/// While a file hovers over the window: where it would go.
fn drop_overlay(ui: &Ui, state: &State) {
    let is_hovering = ui.input(|i| !i.raw.hovered_files.is_empty());
    let takes_files = matches!(state.screen, Screen::Choose)
        && matches!(state.page, Page::Make | Page::Check | Page::Answer);
    if !is_hovering || !takes_files {
        return;
    }
    let palette = theme::palette(ui);
    let painter =
        ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    let rect = ui.max_rect().shrink(12.0);
    let stroke = Stroke::new(3.0, palette.accent);
    painter.rect(
        rect,
        f32::from(theme::RADIUS),
        palette.accent_soft.gamma_multiply(0.93),
        stroke,
        egui::StrokeKind::Inside,
    );
    let font = theme::number_font();
    let words = match state.page {
        Page::Answer => text::DROP_ANSWER,
        _ if adds_dropped_files(state) => text::DROP_OR_ADD,
        _ => text::DROP_HERE,
    };
    painter.text(rect.center(), egui::Align2::CENTER_CENTER, words, font, palette.text);
}
