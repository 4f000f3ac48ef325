//! What will happen, in sentences, before anything does.

use eframe::egui::{Ui, accesskit::Role};

use super::image_card::set;
use super::layout_bar::layout_bar;
use super::parts::{self, Kind};
use crate::gui::action::{Action, Switch};
use crate::gui::state::{ChecksumText, State, read_checksum};
use crate::gui::{text, theme};
use crate::plan::Plan;

pub fn what_happens(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let make = &state.make;
    match &make.plan {
        None => {
            let words = if make.image.known().is_some() { text::CHOOSE_DRIVE } else { text::CHOOSE_BOTH };
            parts::weak(ui, words);
        }
        Some(Err(refusal)) => {
            parts::message(ui, Kind::Caution, &text::refusal(refusal));
        }
        Some(Ok(plan)) => {
            happening(ui, state, plan);
            ui.add_space(theme::GAP_SMALL);
            set(ui, Switch::Verify, make.verify, text::VERIFY, actions);
        }
    }
}

/// What will happen, what the stick will be, and what the user should know of it.
pub fn happening(ui: &mut Ui, state: &State, plan: &Plan) {
    let (loss, calm) = (theme::palette(ui).danger, theme::palette(ui).text);
    for (sentence, is_loss) in sentences(state, plan) {
        parts::bullet(ui, &sentence, if is_loss { loss } else { calm });
    }
    if plan.stick.is_some() {
        ui.add_space(theme::GAP_SMALL);
        layout_bar(ui, plan);
    }
    if !plan.advice.is_empty() {
        ui.add_space(theme::GAP);
        parts::group(ui, text::WORTH_KNOWING, Role::Group, |ui| {
            parts::heading(ui, theme::strong(text::WORTH_KNOWING), 3);
            for sentence in &plan.advice {
                parts::advice(ui, sentence);
            }
        });
    }
}

/// The sentences in the order in which they come true; `true`: something is lost by it.
fn sentences(state: &State, plan: &Plan) -> Vec<(String, bool)> {
    let make = &state.make;
    let mut sentences = Vec::new();
    let published = make.image.known().map_or(0, |image| image.published.len());
    let pasted = usize::from(matches!(read_checksum(&make.checksum), ChecksumText::Valid(_)));
    if let Some(sentence) = text::will_be_compared_first(published + pasted) {
        sentences.push((sentence, false));
    }
    if let Some(drive) = state.drives.find(&plan.target.path) {
        sentences.push((text::will_be_erased(plan, drive), true));
    }
    match &plan.stick {
        Some(stick) => {
            let own = text::own_files_among_them(stick).map_or_else(String::new, |own| format!(" {own}"));
            sentences.push((text::will_be_laid_out(stick) + &own, false));
        }
        None => {
            let image = make.image.known();
            let mapped = image.is_some_and(|i| {
                (make.block_map && i.bmap.is_some()) || (make.skip_holes && i.data_ranges.is_some())
            });
            sentences.push((text::will_be_written(plan, mapped), false));
        }
    }
    sentences.push((text::will_be_verified(make.verify).to_owned(), !make.verify));
    sentences.extend(plan.notes.iter().map(|note| (note.clone(), false)));
    sentences
}
