//! The answer file in words: its row on the page Make, and what comes of files that are read and written.

use std::path::Path;

use super::counted;
use crate::answer::{AnswerOptions, Disks, Finding, ProfileError, Target};
use crate::gui::state::Form;
use crate::source::windows::{WindowsFacts, language_name};

pub const ANSWER_FILE: &str = "Answer file";
pub const NO_ANSWER: &str = "None: Setup asks everything.";
pub const ANSWER_WHAT_FOR: &str =
    "What Setup would ask can be answered here beforehand, so that it installs without questions.";
pub const MAKE_ONE: &str = "Make one…";
pub const USE_FILE: &str = "Use a file…";
pub const EDIT: &str = "Edit…";
pub const EDIT_ANSWER: &str = "Edit the answer file…";
pub const REMOVE_ANSWER: &str = "Remove the answer file";
pub const EDIT_AS_PROFILE: &str = "Edit as a profile…";
pub const ANSWER_PATH: &str = "Path of a profile (.toml, .json) or an answer file (.xml)";
pub const ANSWER_PATH_HINT: &str = "/path/to/profile.toml or autounattend.xml";
pub const CHOOSE_FILE: &str = "Choose file…";
pub const READING_ANSWER: &str = "Reading the answer file…";
/// What the answers of the form are called in messages.
pub const FORM_ANSWERS: &str = "made in the window";
pub const FROM_FILE: &str = "From";
pub const PUT_MINE: &str = "Put mine in its place";
pub const NO_FINDINGS: &str = "Nothing to complain about in it.";

pub fn image_has_answer(files: &[String], is_ours_used: bool) -> String {
    let names = files.join(" and ");
    if is_ours_used {
        format!("The image has an answer file already: {names}. Which one counts is for you to say.")
    } else {
        format!("The image has an answer file already: {names}. Setup will answer by it.")
    }
}

pub fn answer_replaces(files: &[String]) -> String {
    format!("{} of the image is left out; this one takes its place.", files.join(" and "))
}

pub fn answer_to_correct(fields: usize) -> String {
    match fields {
        1 => "One field has to be corrected before it can be used.".to_owned(),
        fields => format!("{fields} fields have to be corrected before it can be used."),
    }
}

pub fn answer_not_read(name: &str, error: &str) -> String {
    format!("{name} cannot be read: {error}. Choose another file.")
}

pub fn profile_not_used(name: &str, error: &ProfileError) -> String {
    format!("{name} cannot be used: {error}.")
}

pub fn left_over(name: &str, settings: &[String]) -> String {
    let shown: Vec<&str> = settings.iter().take(3).map(String::as_str).collect();
    let more = match settings.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{name} says more than the form can: {}{more}. It can be used as it is.", shown.join("; "))
}

pub fn answer_loaded(name: &str) -> String {
    format!("The form has what {name} says.")
}

pub fn answer_saved(path: &Path) -> String {
    format!("Saved: {}", path.display())
}

/// `3 warnings: Setup may read it otherwise than it looks.`
pub fn findings_summary(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => NO_FINDINGS.to_owned(),
        (0, warnings) => {
            format!(
                "{warnings} {} about it, which block nothing.",
                if warnings == 1 { "remark" } else { "remarks" }
            )
        }
        (errors, _) => {
            format!("It cannot be used: {} in it.", counted(errors, "fault", "faults"))
        }
    }
}

pub fn finding(finding: &Finding) -> String {
    match finding.line {
        Some(line) => format!("Line {line}: {}", finding.message),
        None => finding.message.clone(),
    }
}

pub fn more_findings(count: usize) -> String {
    format!("And {} more.", count)
}

pub const NO_PROFILE_OF_XML: &str = "It says more than the form can, so it is used as it is.";

/// `Windows 7 Professional, German keyboard, wipes disk 0, two accounts, 3 applications`
pub fn answer_summary(options: &AnswerOptions, target: &Target, windows: Option<&WindowsFacts>) -> String {
    let mut parts = vec![edition(options, target, windows)];
    let region = &options.region;
    if let Some(keyboard) = region.keyboards.first() {
        parts.push(format!("{} keyboard", keyboard_name(keyboard)));
    } else if let Some(tag) = region.ui_language.as_deref().or(region.user_locale.as_deref()) {
        parts.push(language_name(tag).to_owned());
    }
    match &options.disks {
        Disks::Interactive => {}
        Disks::Wipe(wipe) => parts.push(format!("wipes disk {}", wipe.disk)),
        Disks::Keep(keep) => parts.push(format!("into partition {} of disk {}", keep.partition, keep.disk)),
    }
    if let Some(name) = &options.computer.name {
        parts.push(if name == "*" { "a random name".to_owned() } else { format!("called {name}") });
    }
    match options.accounts.users.len() {
        0 => {}
        count => parts.push(counted(count, "account", "accounts")),
    }
    let steps = &options.after_setup.steps;
    let files = steps.iter().filter(|step| step.file.is_some()).count();
    if files > 0 {
        parts.push(counted(files, "application", "applications"));
    }
    if steps.len() > files {
        parts.push(counted(steps.len() - files, "command", "commands"));
    }
    parts.join(", ")
}

/// As Setup shows it, where the media have it.
fn edition(options: &AnswerOptions, target: &Target, windows: Option<&WindowsFacts>) -> String {
    let editions = windows.map_or(&[][..], |windows| &windows.editions);
    let setup = &options.setup;
    let is_it = |name: &str, index: u32| match (&setup.edition, setup.edition_index) {
        (Some(wanted), _) => wanted.eq_ignore_ascii_case(name),
        (None, Some(wanted)) => wanted == index,
        (None, None) => false,
    };
    match editions.iter().find(|edition| is_it(&edition.name, edition.index)) {
        Some(edition) => edition.shown_name().to_owned(),
        None => setup.edition.clone().unwrap_or_else(|| target.version.to_string()),
    }
}

/// `German` of `0407:00000407` or `de-DE`; another stays as it is.
fn keyboard_name(keyboard: &str) -> &str {
    // The language's low ten bits are what names it.
    const PRIMARY: [(u32, &str); 27] = [
        (0x02, "bg"),
        (0x05, "cs"),
        (0x06, "da"),
        (0x07, "de"),
        (0x08, "el"),
        (0x09, "en"),
        (0x0a, "es"),
        (0x0b, "fi"),
        (0x0c, "fr"),
        (0x0d, "he"),
        (0x0e, "hu"),
        (0x10, "it"),
        (0x11, "ja"),
        (0x12, "ko"),
        (0x13, "nl"),
        (0x14, "nb"),
        (0x15, "pl"),
        (0x16, "pt"),
        (0x18, "ro"),
        (0x19, "ru"),
        (0x1b, "sk"),
        (0x1d, "sv"),
        (0x1f, "tr"),
        (0x22, "uk"),
        (0x24, "sl"),
        (0x25, "et"),
        (0x04, "zh"),
    ];
    match keyboard.split_once(':') {
        None => language_name(keyboard),
        Some((language, _)) => u32::from_str_radix(language, 16)
            .ok()
            .and_then(|id| PRIMARY.iter().find(|(primary, _)| *primary == id & 0x3FF))
            .map_or(keyboard, |(_, tag)| language_name(tag)),
    }
}

/// The profile was made for another Windows than the media have.
pub fn other_windows(form: &Form, target: &Target) -> Option<String> {
    let made_for = form.windows.filter(|version| *version != target.version)?;
    Some(format!(
        "The profile was made for {made_for}; the image is {}, and for that it is used.",
        target.version
    ))
}
