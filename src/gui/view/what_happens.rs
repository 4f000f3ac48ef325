//! What will happen, in sentences, before anything does.

use eframe::egui::{Ui, accesskit::Role};

use super::image_card::set;
use super::layout_bar::layout_bar;
use super::parts::{self, Kind};
use crate::gui::action::{Action, Switch};
use crate::gui::state::{ChecksumText, Make, State, read_checksum};
use crate::gui::{text, theme};
use crate::plan::Plan;

pub fn what_happens(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let make = &state.make;
    let (is_alone, is_known) = (make.targets.len() == 1, make.image.known().is_some());
    if make.targets.is_empty() || !is_known {
        parts::weak(ui, if is_known { text::CHOOSE_DRIVE } else { text::CHOOSE_BOTH });
        return;
    }
    for (drive, refusal) in make.refusals() {
        let words = text::refusal(refusal);
        let name = state.drives.find(&drive.path).map(|drive| state.drives.name(drive)).unwrap_or_default();
        let words = if is_alone { words } else { text::only_of(&name, &words) };
        parts::message(ui, Kind::Caution, &words);
    }
    let plans: Vec<&Plan> = make.plans().collect();
    // Nothing happens before all of them can be made.
    if plans.len() == make.targets.len() {
        happening(ui, state, &plans);
        ui.add_space(theme::GAP_SMALL);
        set(ui, Switch::Verify, make.verify, text::VERIFY, actions);
    }
}

/// What will happen, what the sticks will be, and what the user should know of them. At least one plan.
pub fn happening(ui: &mut Ui, state: &State, plans: &[&Plan]) {
    let Some(first) = plans.first() else { return };
    let (loss, calm) = (theme::palette(ui).danger, theme::palette(ui).text);
    let sentences = if plans.len() == 1 { sentences(state, first) } else { sentences_of_all(state, plans) };
    for (sentence, is_loss) in sentences {
        parts::bullet(ui, &sentence, if is_loss { loss } else { calm });
    }
    // Where they differ, a bar would be true of one alone.
    let is_same = plans.iter().all(|plan| plan.target.size_bytes == first.target.size_bytes);
    if first.stick.is_some() && is_same {
        ui.add_space(theme::GAP_SMALL);
        layout_bar(ui, first);
    }
    let mut advice = said_once(state, plans, |plan| &plan.advice);
    // These stand above, in red.
    advice.retain(|sentence| !erases(first).contains(sentence));
    if !advice.is_empty() {
        ui.add_space(theme::GAP);
        parts::group(ui, text::WORTH_KNOWING, Role::Group, |ui| {
            parts::heading(ui, theme::strong(text::WORTH_KNOWING), 3);
            for sentence in &advice {
                parts::advice(ui, sentence);
            }
        });
    }
}

/// What is true of every stick, said once; what is true of some only, with their names.
fn said_once<'a>(state: &State, plans: &[&'a Plan], of: impl Fn(&'a Plan) -> &'a [String]) -> Vec<String> {
    let mut said = Vec::new();
    for plan in plans {
        for sentence in of(plan) {
            let is_of_all = plans.iter().all(|other| of(other).contains(sentence));
            let words =
                if is_of_all { sentence.clone() } else { text::only_of(&name(state, plan), sentence) };
            if !said.contains(&words) {
                said.push(words);
            }
        }
    }
    said
}

/// What the stick will erase on machines that start from it.
fn erases(plan: &Plan) -> &[String] {
    plan.stick.as_ref().map_or(&[], |stick| &stick.erases)
}

fn name(state: &State, plan: &Plan) -> String {
    state.drives.find(&plan.target.path).map(|drive| state.drives.name(drive)).unwrap_or_default()
}

fn compared_first(make: &Make) -> Option<(String, bool)> {
    let published = make.image.known().map_or(0, |image| image.published.len());
    let pasted = usize::from(matches!(read_checksum(&make.checksum), ChecksumText::Valid(_)));
    Some((text::will_be_compared_first(published + pasted)?, false))
}

/// Only a part of the image is written.
fn is_mapped(make: &Make) -> bool {
    make.image.known().is_some_and(|image| {
        (make.block_map && image.bmap.is_some()) || (make.skip_holes && image.data_ranges.is_some())
    })
}

/// The sentences in the order in which they come true; `true`: something is lost by it.
fn sentences(state: &State, plan: &Plan) -> Vec<(String, bool)> {
    let make = &state.make;
    let mut sentences: Vec<_> = compared_first(make).into_iter().collect();
    if let Some(drive) = state.drives.find(&plan.target.path) {
        sentences.push((text::will_be_erased(plan, drive), true));
    }
    match &plan.stick {
        Some(stick) => {
            let own = text::own_files_among_them(stick).map_or_else(String::new, |own| format!(" {own}"));
            sentences.push((text::will_be_laid_out(stick) + &own, false));
        }
        None => sentences.push((text::will_be_written(plan, is_mapped(make)), false)),
    }
    sentences.push((text::will_be_verified(make.verify).to_owned(), !make.verify));
    sentences.extend(erases(plan).iter().map(|sentence| (sentence.clone(), true)));
    sentences.extend(plan.notes.iter().map(|note| (note.clone(), false)));
    sentences
}

/// The same of several sticks, which are made of one image.
fn sentences_of_all(state: &State, plans: &[&Plan]) -> Vec<(String, bool)> {
    let make = &state.make;
    let Some(first) = plans.first() else { return Vec::new() };
    let mut sentences: Vec<_> = compared_first(make).into_iter().collect();
    let drives = plans.iter().filter_map(|plan| state.drives.find(&plan.target.path));
    let partitions = drives.map(|drive| drive.partitions.len()).sum();
    sentences.push((text::will_all_be_erased(plans.len(), partitions), true));
    let sticks: Vec<_> = plans.iter().filter_map(|plan| Some((*plan, plan.stick.as_deref()?))).collect();
    match sticks.first() {
        Some((_, stick)) => {
            let own = text::own_files_among_them(stick).map_or_else(String::new, |own| format!(" {own}"));
            sentences.push((text::will_be_laid_out_on_each(&sticks) + &own, false));
        }
        None => sentences.push((text::will_be_written_to_each(first, is_mapped(make)), false)),
    }
    let verified = if make.verify { text::ALL_VERIFIED } else { text::NONE_VERIFIED };
    sentences.push((verified.to_owned(), !make.verify));
    sentences.extend(erases(first).iter().map(|sentence| (sentence.clone(), true)));
    sentences.extend(said_once(state, plans, |plan| &plan.notes).into_iter().map(|note| (note, false)));
    sentences
}
