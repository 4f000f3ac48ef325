//! Another answer file for a stick that stays as it is: the page, and what Confirm asks.

use crate::device::Drive;
use crate::gui::action::{Agreement, ChangeTo};
use crate::gui::state::ChangeQuestion;
use crate::job::AnswerOnStick;
use crate::plan::Refusal;
use crate::source::alike_as_one;

// The page
pub const CHANGE_INTRO: &str = "Gives a Windows stick that Sticksmith has made another answer file, or takes it away. All else on it stays.";
pub const CHANGE_FILE_FROM: &str =
    "Its script and applications come with it. The form on Make can save what it says as a profile.";
pub const CHOOSE_TO_CHANGE: &str = "Choose the Windows stick that is to get another answer file. What it has now is shown before anything is changed.";

pub fn change_to(to: ChangeTo) -> &'static str {
    match to {
        ChangeTo::File => "Put a file on the stick",
        ChangeTo::Nothing => "Take the one away that is there",
    }
}

pub fn change_to_detail(to: ChangeTo) -> &'static str {
    match to {
        ChangeTo::File => "A profile, or an answer file of anybody’s. It takes the place of the present one.",
        ChangeTo::Nothing => "With its script and applications. Setup asks everything again.",
    }
}

/// In the order in which they come true. `has_one`: as far as is known, an answer file is there.
pub fn will_change(to: ChangeTo, drive: &Drive, has_one: bool) -> Vec<(String, bool)> {
    let name = drive.title();
    let mut sentences = Vec::new();
    if drive.partitions.iter().any(|partition| !partition.mount_points.is_empty()) {
        sentences.push("The stick is open now; it is unmounted first.".to_owned());
    }
    sentences.push(match to {
        ChangeTo::File => format!("{name} gets the new answer file, with all that belongs to it."),
        ChangeTo::Nothing => format!("The answer file of {name} goes, with all that belongs to it."),
    });
    if to == ChangeTo::File && has_one {
        sentences.push("An answer file that is there now goes, with all that belongs to it.".to_owned());
    }
    sentences.push("Only what changes is written, and read back and compared.".to_owned());
    sentences.into_iter().map(|words| (words, false)).collect()
}

// Confirm
pub const NOTHING_ELSE: &str = "Nothing else on the stick is touched.";
pub const WHAT_CHANGES: &str = "What changes";
pub const LOOKING_AT_STICK: &str = "Looking at what the stick has now. The system may ask for your password.";
pub const MADE_FROM: &str = "Made from";
pub const HAS_NOW: &str = "Has now";
pub const WITH_IT: &str = "With it";
pub const WILL_HAVE: &str = "Will have";
pub const NO_ANSWER_FILE: &str = "no answer file";

pub fn change_title(to: ChangeTo, name: &str) -> String {
    match to {
        ChangeTo::File => format!("Change the answer file of {name}?"),
        ChangeTo::Nothing => format!("Take the answer file of {name} away?"),
    }
}

pub fn change_button(to: ChangeTo, name: &str) -> String {
    match to {
        ChangeTo::File => format!("Put it on {name}"),
        ChangeTo::Nothing => format!("Remove it from {name}"),
    }
}

/// Label and value, in the order of reading.
pub fn change_facts(there: &AnswerOnStick, new: Option<&str>) -> Vec<(&'static str, String)> {
    let system = there.system.as_deref().map(|system| format!(", {system}")).unwrap_or_default();
    let mut facts = vec![(MADE_FROM, format!("{}{system}", there.image))];
    if there.answers.is_empty() {
        facts.push((HAS_NOW, NO_ANSWER_FILE.to_owned()));
    }
    facts.extend(alike_as_one(&there.answers).iter().map(|answer| (HAS_NOW, answer.line())));
    let is_answer = |part: &&String| there.answers.iter().any(|it| it.path.eq_ignore_ascii_case(part));
    let with_it: Vec<&str> = there.parts.iter().filter(|it| !is_answer(it)).map(String::as_str).collect();
    if !with_it.is_empty() {
        facts.push((WITH_IT, with_it.join(", ")));
    }
    let will =
        new.map_or_else(|| NO_ANSWER_FILE.to_owned(), |name| format!("{name}, with all that belongs to it"));
    facts.push((WILL_HAVE, will));
    facts
}

/// Of answer files that somebody else put there.
pub fn others_there(others: &[String]) -> String {
    let names = others.join(" and ");
    let (was, goes) = if others.len() == 1 { ("was", "It goes") } else { ("were", "They go") };
    format!("{names} came with the image or {was} put there by somebody else. {goes} only if you say so.")
}

pub fn agreement(agreement: Agreement, question: &ChangeQuestion) -> &'static str {
    match (agreement, question.to) {
        (Agreement::ReplaceOthers, ChangeTo::File) => "Replace it",
        (Agreement::ReplaceOthers, ChangeTo::Nothing) => "Take it away all the same",
        (Agreement::EraseDisks, _) => "I want that on every machine that starts from this stick",
    }
}

pub fn nothing_to_take_away() -> String {
    Refusal::NoAnswerFile.to_string()
}
