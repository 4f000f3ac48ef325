//! Languages, keyboards and time.

use eframe::egui::accesskit::Role;
use eframe::egui::{ScrollArea, Ui, vec2};

use super::super::parts;
use super::fields::{Pen, row};
use crate::answer::time_zones::{self, TimeZone};
use crate::gui::action::{AnswerAction, AnswerText};
use crate::gui::{text, theme};
use crate::source::windows::{WindowsFacts, language_name};

pub fn region(ui: &mut Ui, windows: Option<&WindowsFacts>, pen: &mut Pen<'_>) {
    if ui.button(text::USE_THIS_REGION).clicked() {
        pen.act(AnswerAction::UseThisRegion);
    }
    ui.add_space(theme::GAP_SMALL);
    let named = |tags: Vec<String>| -> Vec<_> {
        tags.into_iter().map(|tag| (tag.clone(), format!("{} ({tag})", language_name(&tag)))).collect()
    };
    let of_setup = named(windows.map_or_else(Vec::new, languages_of_setup));
    let of_windows = named(windows.map_or_else(Vec::new, |windows| windows.languages.clone()));
    for (text, languages) in [(AnswerText::SetupLanguage, of_setup), (AnswerText::UiLanguage, of_windows)] {
        if languages.is_empty() {
            pen.field(ui, text);
        } else {
            pen.choose_text(ui, text, &languages, text::NOT_ANSWERED);
        }
    }
    pen.field(ui, AnswerText::SystemLocale);
    pen.field(ui, AnswerText::UserLocale);
    pen.field(ui, AnswerText::Keyboards);
    time_zone(ui, pen);
}

/// Of `boot.wim`, which has to have it; of what is installed, where that says nothing.
fn languages_of_setup(windows: &WindowsFacts) -> Vec<String> {
    let mut languages: Vec<String> = Vec::new();
    for language in windows.boot_images.iter().flat_map(|image| &image.languages) {
        if !languages.contains(language) {
            languages.push(language.clone());
        }
    }
    if languages.is_empty() { windows.languages.clone() } else { languages }
}

/// A field in which one looks for it, by whatever name.
fn time_zone(ui: &mut Ui, pen: &mut Pen<'_>) {
    let typed = pen.form().text(AnswerText::TimeZone).trim();
    let found = time_zones::find(typed);
    let label = text::answer_label(AnswerText::TimeZone);
    let is_listed = pen.answer.lists_zones;
    row(ui, label, |ui| {
        ui.horizontal(|ui| {
            let button = if is_listed { text::HIDE_ZONES } else { text::LIST_ZONES };
            let width = ui.available_width() - parts::button_width(ui, button) - theme::GAP;
            ui.allocate_ui(vec2(width, theme::BUTTON_HEIGHT), |ui| {
                pen.edit(ui, AnswerText::TimeZone, label);
            });
            let spoken = format!("{button}: {}", text::TIME_ZONES);
            if ui.button(button).accessible_name(spoken).clicked() {
                pen.act(AnswerAction::ListZones(!is_listed));
            }
        });
        pen.complain(ui, AnswerText::TimeZone);
        if let Some(zone) = found.filter(|_| !is_listed) {
            parts::small_weak(ui, &text::zone(zone.id, zone.from_utc));
        }
        if is_listed {
            // What is chosen already narrows nothing.
            list(ui, pen, &time_zones::search(if found.is_some() { "" } else { typed }), 220.0);
        } else if found.is_none() && !typed.is_empty() {
            let close: Vec<_> = time_zones::search(typed).into_iter().take(6).collect();
            if !close.is_empty() {
                list(ui, pen, &close, 220.0);
            }
        }
    });
}

fn list(ui: &mut Ui, pen: &mut Pen<'_>, zones: &[TimeZone], height: f32) {
    if zones.is_empty() {
        parts::small_weak(ui, text::NO_ZONES);
        return;
    }
    let now = pen.form().text(AnswerText::TimeZone);
    parts::group(ui, text::TIME_ZONES, Role::ListBox, |ui| {
        theme::sunken_frame(theme::palette(ui)).show(ui, |ui| {
            ScrollArea::vertical()
                .id_salt("zones")
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
                    ui.spacing_mut().button_padding.y = 3.0;
                    for zone in zones {
                        let cities: Vec<String> = zone.cities().take(3).collect();
                        let words = format!("{}  {}", text::zone(zone.id, zone.from_utc), cities.join(", "));
                        let label = theme::small(words.trim_end());
                        if ui.selectable_label(zone.id == now, label).clicked() {
                            pen.put(AnswerText::TimeZone, zone.id);
                        }
                    }
                });
        });
    });
}
