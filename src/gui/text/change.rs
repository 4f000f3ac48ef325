//! Another answer file for a stick that stays as it is: the page, and what Confirm asks.

use crate::device::Drive;
use crate::gui::action::{Agreement, ChangeTo};
use crate::gui::state::ChangeQuestion;
use crate::job::AnswerOnStick;
use crate::plan::Refusal;

// The page
pub const CHANGE_INTRO: &str = "For Windows sticks that Sticksmith has made: they get another answer file, or lose the one that they have. All \
     that Setup would ask can be answered in it.";
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

/// In the order in which they come true.
pub fn will_change(to: ChangeTo, drive: &Drive) -> Vec<(String, bool)> {
    let name = drive.title();
    let mut sentences = vec![
        match to {
            ChangeTo::File => {
                format!("{name} gets this answer file. What belongs to the one that it may have now goes.")
            }
            ChangeTo::Nothing => format!("The answer file of {name} goes, with all that belongs to it."),
        },
        "Only what changes is written, and read back and compared.".to_owned(),
        NOTHING_ELSE.to_owned(),
    ];
    if drive.partitions.iter().any(|partition| !partition.mount_points.is_empty()) {
        sentences.insert(0, "The stick is open now; it is unmounted first.".to_owned());
    }
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
    facts.extend(there.answers.iter().map(|answer| (HAS_NOW, answer.line())));
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
    let (names, verb) = (others.join(" and "), if others.len() == 1 { "was" } else { "were" });
    format!("{names} came with the image or {verb} put there by somebody else. It goes only if you say so.")
}

pub fn agreement(agreement: Agreement, question: &ChangeQuestion) -> &'static str {
    match (agreement, question.to) {
        (Agreement::ReplaceOthers, ChangeTo::File) => "Replace it",
        (Agreement::ReplaceOthers, ChangeTo::Nothing) => "Take it away as well",
        (Agreement::EraseDisks, _) => "I want that on every machine that starts from this stick",
    }
}

pub fn nothing_to_take_away() -> String {
    Refusal::NoAnswerFile.to_string()
}
