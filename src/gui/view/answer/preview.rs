//! The text that Setup will read, as it comes of the form.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, ScrollArea, TextEdit, Ui};

use super::super::parts;
use crate::answer::Secrets;
use crate::gui::state::Answering;
use crate::gui::{text, theme};

/// Advice takes no more than this part of the height.
const ADVICE_SHARE: f32 = 0.4;

pub fn preview(ui: &mut Ui, answer: &Answering, height: f32) {
    let bottom = ui.cursor().top() + height;
    parts::card(ui, text::PREVIEW, |ui| {
        parts::heading(ui, theme::heading(text::PREVIEW_OF), 2);
        if !answer.checked.advice.is_empty() {
            let advice = ScrollArea::vertical().id_salt("advice").max_height(height * ADVICE_SHARE);
            advice.show(ui, |ui| {
                for sentence in &answer.checked.advice {
                    parts::advice(ui, sentence);
                }
            });
        }
        let Some(document) = &answer.checked.last else {
            parts::weak(ui, text::NOTHING_TO_SHOW);
            return;
        };
        if !answer.checked.is_current {
            parts::small_caution(ui, text::OUTDATED);
        }
        // Where there is no secret, the text is the one for Setup, to the letter.
        let has_none = answer.checked.is_current && !answer.has_secrets();
        let secrets = if answer.shows_secrets || has_none { Secrets::Shown } else { Secrets::Masked };
        let left = bottom - ui.cursor().top() - f32::from(theme::CARD_MARGIN) - 4.0;
        xml(ui, &document.to_xml(secrets), left.max(120.0));
    });
}

/// To be selected and copied, but not to be changed.
fn xml(ui: &mut Ui, xml: &str, height: f32) {
    let (names, values) = (theme::palette(ui).weak, theme::palette(ui).text);
    let scroll = ScrollArea::both().id_salt("xml").auto_shrink(false).max_height(height);
    scroll.show(ui, |ui| {
        let mut layouter = |ui: &Ui, text: &dyn eframe::egui::TextBuffer, _width: f32| {
            ui.fonts_mut(|fonts| fonts.layout_job(colored(text.as_str(), names, values)))
        };
        let mut text = xml;
        let edit = TextEdit::multiline(&mut text)
            .frame(eframe::egui::Frame::NONE)
            .desired_width(f32::INFINITY)
            .layouter(&mut layouter);
        ui.add(edit).accessible_name(text::PREVIEW_OF);
    });
}

/// What is said stands out from the names that it is said in.
fn colored(xml: &str, names: Color32, values: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    let mut rest = xml;
    while !rest.is_empty() {
        let is_tag = rest.starts_with('<');
        let end = if is_tag { rest.find('>').map(|at| at + 1) } else { rest.find('<') };
        let (part, next) = rest.split_at(end.unwrap_or(rest.len()));
        let ink = if is_tag { names } else { values };
        job.append(part, 0.0, TextFormat::simple(theme::mono_font(), ink));
        rest = next;
    }
    job
}
