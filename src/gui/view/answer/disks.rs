//! Where Windows goes. What erases is explained, and consented to in an act of its own.

use eframe::egui::Ui;
use eframe::egui::accesskit::Role;

use super::super::choice::choice;
use super::super::parts;
use super::fields::{Pen, folded, row};
use crate::answer::{Disks, Layout, Version, guard};
use crate::gui::action::{AnswerAction, AnswerPick, AnswerText, DisksChoice};
use crate::gui::state::LAYOUT_PATH;
use crate::gui::{text, theme};

pub fn disks(ui: &mut Ui, version: Version, pen: &mut Pen<'_>) {
    let now = pen.form().disks;
    parts::group(ui, text::DISKS, Role::RadioGroup, |ui| {
        for kind in DisksChoice::ALL {
            let (name, detail) = text::disks_choice(kind);
            if choice(ui, now == kind, name, detail) {
                pen.pick(AnswerPick::Disks(kind));
            }
        }
    });
    ui.add_space(theme::GAP_SMALL);
    match now {
        DisksChoice::Interactive => {}
        DisksChoice::Keep => {
            pen.field(ui, AnswerText::Disk);
            pen.field(ui, AnswerText::Partition);
            row(ui, "", |ui| parts::small_weak(ui, text::PARTITION_NUMBERS));
        }
        DisksChoice::Wipe => wipe(ui, version, pen),
    }
}

fn wipe(ui: &mut Ui, version: Version, pen: &mut Pen<'_>) {
    pen.field(ui, AnswerText::Disk);
    pen.field(ui, AnswerText::StickDisk);
    row(ui, "", |ui| parts::small_weak(ui, text::DISK_NUMBERS));
    row(ui, text::HOW_IT_STARTS, |ui| {
        parts::group(ui, text::HOW_IT_STARTS, Role::RadioGroup, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
                for layout in [Layout::Bios, Layout::Uefi] {
                    let is_chosen = pen.form().layout == Some(layout);
                    if ui.radio(is_chosen, text::layout_choice(layout)).clicked() && !is_chosen {
                        pen.pick(AnswerPick::Layout(layout));
                    }
                }
            });
        });
        pen.complain_at(ui, LAYOUT_PATH);
    });
    sizes(ui, version, pen);
    ui.add_space(theme::GAP);
    consent(ui, pen);
}

fn sizes(ui: &mut Ui, version: Version, pen: &mut Pen<'_>) {
    let form = pen.form();
    let offered = |text: &AnswerText| match text {
        // MBR has none, and Vista gives partitions no type.
        AnswerText::ReservedMb => form.layout == Some(Layout::Uefi) || !form.text(*text).is_empty(),
        AnswerText::RecoveryMb => version >= Version::Seven || !form.text(*text).is_empty(),
        _ => true,
    };
    let all = [AnswerText::SystemMb, AnswerText::ReservedMb, AnswerText::WindowsMb, AnswerText::RecoveryMb];
    let texts: Vec<_> = all.into_iter().filter(offered).collect();
    let is_used = texts.iter().any(|text| !form.text(*text).is_empty());
    folded(ui, text::SIZES, is_used, |ui| {
        for text in texts {
            pen.field(ui, text);
        }
    });
}

/// The guard in words, and beneath it the consent.
fn consent(ui: &mut Ui, pen: &mut Pen<'_>) {
    let Disks::Wipe(wipe) = &pen.answer.checked.options.disks else { return };
    let palette = theme::palette(ui);
    theme::message_frame(palette.danger_soft).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        parts::sentence(ui, &guard::explanation(wipe));
        ui.add_space(theme::GAP_SMALL);
        let has_consent = pen.form().has_consent();
        let label = text::consent(pen.form().text(AnswerText::Disk).trim());
        if let Some(on) = parts::check_box(ui, has_consent, &label) {
            pen.act(AnswerAction::Consent(on));
        }
        pen.complain(ui, AnswerText::Consent);
    });
}
