//! What may be chosen about a Windows stick: how it is partitioned, and what of the user's own goes onto it.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Label, Layout, Ui, vec2};

use super::image_card::set;
use super::parts::{self, Commit, Kind, TextField};
use crate::gui::action::{Action, Dialog, Field, Switch};
use crate::gui::state::{Drivers, Entry, Listing, State};
use crate::gui::{text, theme};
use crate::plan::Scheme;
use crate::source::windows::WindowsMedia;

/// Nothing, unless the image is Windows media whose files are laid out one by one.
pub fn windows_card(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let make = &state.make;
    let windows = make.image.known().and_then(|image| image.facts.windows.as_deref());
    let (Some(media), Some(windows)) = (make.media(), windows) else { return };
    parts::card(ui, text::WINDOWS_STICK, |ui| {
        ui.horizontal(|ui| {
            parts::heading(ui, theme::heading(text::WINDOWS_STICK), 2);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                parts::small_weak(ui, text::OPTIONAL);
            });
        });
        parts::group(ui, text::PARTITION_TABLE, Role::RadioGroup, |ui| {
            ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
                for scheme in Scheme::ALL {
                    if ui.radio(make.scheme == scheme, text::scheme(scheme, windows, media)).clicked() {
                        actions.push(Action::Scheme(scheme));
                    }
                }
            });
        });
        ui.add_space(theme::GAP_SMALL);
        parts::group(ui, text::OWN_FILES, Role::Group, |ui| own_files(ui, state, media, actions));
        ui.add_space(theme::GAP_SMALL);
        drivers(ui, &state.make.drivers, actions);
    });
    ui.add_space(theme::GAP_SMALL);
}

fn drivers(ui: &mut Ui, drivers: &Drivers, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        if ui.button(text::DRIVERS).clicked() {
            actions.push(Action::Browse(Dialog::Drivers));
        }
        let Some(folder) = &drivers.folder else {
            parts::small_weak(ui, text::DRIVERS_HINT);
            return;
        };
        let name = text::file_name(folder);
        if ui.button(text::REMOVE).accessible_name(text::remove(&name)).clicked() {
            actions.push(Action::RemoveDrivers);
        }
        parts::elided(ui, &name, theme::strong_font(), theme::palette(ui).text);
    });
    if drivers.folder.is_none() {
        return;
    }
    match &drivers.listing {
        None => {
            parts::small_weak(ui, text::LISTING);
        }
        Some(Err(message)) => {
            parts::message(ui, Kind::Caution, &text::listing_failed(message));
        }
        Some(Ok(_)) => {}
    }
    set(ui, Switch::DriversInSetup, drivers.in_setup, text::DRIVERS_IN_SETUP, actions);
    parts::small_weak(ui, text::DRIVERS_IN_SETUP_HINT);
}

fn own_files(ui: &mut Ui, state: &State, media: &WindowsMedia, actions: &mut Vec<Action>) {
    let own = &state.make.own;
    parts::heading(ui, theme::strong(text::OWN_FILES), 3);
    if own.entries.is_empty() {
        parts::small_weak(ui, text::OWN_FILES_HINT);
    }
    for entry in &own.entries {
        ui.push_id(entry.id, |ui| own_file(ui, entry, media, actions));
    }
    ui.horizontal(|ui| {
        let buttons = [text::ADD_FILES, text::ADD_FOLDER];
        let taken: f32 = buttons.iter().map(|label| parts::button_width(ui, label) + theme::GAP).sum();
        let width = (ui.available_width() - taken).max(80.0);
        let field = TextField {
            field: Field::OwnFile,
            name: text::OWN_FILE,
            value: &own.typed,
            hint: text::OWN_FILE_HINT,
            commit: Commit::OnLeave,
            monospace: false,
        };
        ui.allocate_ui(vec2(width, theme::BUTTON_HEIGHT), |ui| field.show(ui, actions));
        for (label, dialog) in buttons.into_iter().zip([Dialog::AddFiles, Dialog::AddFolder]) {
            if ui.button(label).clicked() {
                actions.push(Action::Browse(dialog));
            }
        }
    });
}

/// One file or folder: what it is, where it goes, and what stands in its way.
fn own_file(ui: &mut Ui, entry: &Entry, media: &WindowsMedia, actions: &mut Vec<Action>) {
    let name = entry.name();
    parts::group(ui, &name, Role::Group, |ui| {
        theme::sunken_frame(theme::palette(ui)).show(ui, |ui| {
            match &entry.listing {
                Listing::Known(additions) => {
                    let (files, bytes) = entry.extent();
                    let is_folder = additions.len() != 1 || files == 0;
                    parts::title_and_size(ui, &name, &text::own_extent(is_folder, files, bytes));
                }
                _ => {
                    let ink = theme::palette(ui).text;
                    parts::elided(ui, &name, theme::strong_font(), ink);
                }
            }
            place_row(ui, entry, &name, actions);
            match &entry.listing {
                // The bar at the bottom says it aloud.
                Listing::Looking => {
                    parts::small_weak(ui, text::LISTING);
                }
                Listing::Failed(message) => {
                    parts::message(ui, Kind::Caution, &text::listing_failed(message));
                }
                Listing::Known(_) => known(ui, entry, media, &name, actions),
            }
        });
    });
}

fn place_row(ui: &mut Ui, entry: &Entry, name: &str, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let ink = theme::palette(ui).weak;
        ui.add(Label::new(theme::small(text::GOES_TO).color(ink)).selectable(false));
        let width = ui.available_width() - parts::button_width(ui, text::REMOVE) - theme::GAP;
        let spoken = text::place_of(name);
        let field = TextField {
            field: Field::Place(entry.id),
            name: &spoken,
            value: &entry.place,
            hint: text::PLACE_HINT,
            commit: Commit::OnLeave,
            monospace: false,
        };
        ui.allocate_ui(vec2(width.max(80.0), theme::BUTTON_HEIGHT), |ui| field.show(ui, actions));
        let remove = ui.button(text::REMOVE).accessible_name(text::remove(name));
        if remove.clicked() {
            actions.push(Action::Remove(entry.id));
        }
    });
}

fn known(ui: &mut Ui, entry: &Entry, media: &WindowsMedia, name: &str, actions: &mut Vec<Action>) {
    if let Some(taken) = entry.file_in_its_place(media) {
        if !entry.replaces {
            parts::small_caution(ui, &text::place_is_taken(taken));
        }
        let label = text::replace_in_image(taken);
        set(ui, Switch::ReplaceInImage(entry.id), entry.replaces, &label, actions);
    }
    if entry.are_drivers_elsewhere() {
        parts::small_weak(ui, text::ARE_DRIVERS);
        let put = ui.button(text::PLACE_AS_DRIVERS).accessible_name(text::place_as_drivers(name));
        if put.clicked() {
            actions.push(Action::PlaceAsDrivers(entry.id));
        }
    }
}
