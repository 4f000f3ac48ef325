//! One of several choices, with a line below that says what it means.

use eframe::egui::{Label, RadioButton, Ui, vec2};

use crate::gui::theme;

/// A radio button; `true`: it was chosen. `detail` stands below its name, and behind it for a screen reader.
pub fn choice(ui: &mut Ui, is_chosen: bool, is_enabled: bool, name: &str, detail: &str) -> bool {
    let height = ui.spacing().interact_size.y;
    let gap = ui.spacing().item_spacing.y;
    ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
    ui.spacing_mut().item_spacing.y = 0.0;
    let button = ui.add_enabled(is_enabled, RadioButton::new(is_chosen, name));
    indented(ui, |ui| {
        let color = theme::palette(ui).weak;
        ui.add(Label::new(theme::small(detail).color(color)).wrap().selectable(false));
    });
    ui.spacing_mut().interact_size.y = height;
    ui.spacing_mut().item_spacing.y = gap;
    button.clicked() && !is_chosen
}

/// Below a radio button's name.
pub fn indented<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let indent = ui.spacing().icon_width + ui.spacing().icon_spacing;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(indent);
        let width = ui.available_width();
        ui.allocate_ui(vec2(width, 0.0), |ui| {
            ui.set_width(width);
            ui.vertical(contents).inner
        })
        .inner
    })
    .inner
}
