//! One of several choices, with a line below that says what it means.

use eframe::egui::{Label, RadioButton, Ui};

use crate::gui::theme;

/// A radio button; `true`: it was chosen. `detail` stands below its name, and behind it for a screen reader.
pub fn choice(ui: &mut Ui, is_chosen: bool, name: &str, detail: &str) -> bool {
    let height = ui.spacing().interact_size.y;
    let gap = ui.spacing().item_spacing.y;
    ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
    ui.spacing_mut().item_spacing.y = 0.0;
    let button = ui.add(RadioButton::new(is_chosen, name));
    let indent = ui.spacing().icon_width + ui.spacing().icon_spacing;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(indent);
        let color = theme::palette(ui).weak;
        ui.add(Label::new(theme::small(detail).color(color)).wrap().selectable(false));
    });
    ui.spacing_mut().interact_size.y = height;
    ui.spacing_mut().item_spacing.y = gap;
    ui.add_space(theme::GAP_SMALL);
    button.clicked() && !is_chosen
}
