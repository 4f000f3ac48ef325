//! Every word that the window says, but for the sentences that come from the floors below. Calm, whole sentences, and
//! where something is wrong, a way forward.

mod answer;
mod answer_form;
mod change;
mod drives;
mod ending;
mod erase;
mod found;
mod image;
mod job;
mod numbers;
mod outlook;
mod several;
mod windows;

use std::path::{Path, PathBuf};

use super::action::{Appearance, Becomes, CheckWith, Page};
use super::state::Missing;
use crate::device::Identity;

pub use answer::*;
pub use answer_form::*;
pub use change::*;
pub use drives::*;
pub use ending::{EndingText, Tone, ending, mismatch, more_mismatches, phase_times, suggested_report_file};
pub use erase::*;
pub use found::*;
pub use image::*;
pub use job::*;
pub use numbers::{bytes_and_size, duration, grouped, percent, speed};
pub use outlook::*;
pub use several::*;
pub use windows::*;

pub const PROGRAM: &str = "Sticksmith";
pub const APP_ID: &str = "sticksmith";
pub const CANCEL: &str = "Cancel";

// Navigation
pub const NAVIGATION: &str = "Navigation";
pub const ACTIONS: &str = "Actions";
pub const PAGES: &str = "Pages";
pub const APPEARANCE: &str = "Appearance";
pub const BUSY_ELSEWHERE: &str = "Wait until the work is done, or cancel it.";

pub fn page(page: Page) -> &'static str {
    match page {
        Page::Make => "Make",
        Page::Check => "Check",
        Page::Save => "Save",
        Page::Test => "Test",
        Page::Restore => "Restore",
        Page::Answer => ANSWER_FILE,
    }
}

pub fn page_hint(page: Page) -> &'static str {
    match page {
        Page::Make => "Write an image to a stick, and prove it",
        Page::Check => "Tell whether a stick is what it should be; nothing is written",
        Page::Save => "Copy a stick into an image file",
        Page::Test => "Find out whether a stick is as large as it says; erases it",
        Page::Restore => "Make it a normal stick again, or empty it",
        Page::Answer => "Give a Windows stick another answer file; the rest of it stays",
    }
}

pub fn appearance(appearance: Appearance) -> &'static str {
    match appearance {
        Appearance::System => "System",
        Appearance::Light => "Light",
        Appearance::Dark => "Dark",
    }
}

pub fn appearance_hint(appearance: Appearance) -> &'static str {
    match appearance {
        Appearance::System => "Appearance: as the system prefers",
        Appearance::Light => "Appearance: light",
        Appearance::Dark => "Appearance: dark",
    }
}

// Steps
pub fn step(number: usize, of: usize, title: &str) -> String {
    format!("Step {number} of {of}: {title}")
}

pub const IMAGE: &str = "Image";
pub const DRIVE: &str = "Drive";
pub const DRIVES: &str = "Drives";
pub const WHAT_WILL_HAPPEN: &str = "What will happen";
pub const COMPARE_WITH: &str = "Compare with";
pub const SAVE_TO: &str = "Save to";
pub const DONE_STEP: &str = "done";

// The action bar
pub fn primary(page: Page, becomes: Becomes) -> &'static str {
    match (page, becomes) {
        (Page::Make, _) => "Start…",
        (Page::Check, _) => "Start checking",
        (Page::Save, _) => "Start saving",
        (Page::Test, _) => "Test this stick…",
        (Page::Restore, Becomes::Normal) => "Restore…",
        (Page::Restore, Becomes::Empty | Becomes::Zeroes) => "Empty it…",
        (Page::Answer, _) => "Change it…",
    }
}

/// Why the primary button does not work yet, or what it will do.
pub fn readiness(page: Page, missing: Option<&Missing>) -> &'static str {
    match (page, missing) {
        (Page::Make | Page::Test | Page::Restore, None) => {
            "Ready. You will be asked once more before anything is erased."
        }
        (Page::Answer, None) => "Ready. You see what the stick has now before anything is changed.",
        (Page::Check, None) => "Ready. Nothing is written to the drive.",
        (Page::Save, None) => "Ready. Nothing is written to the drive.",
        (_, Some(Missing::Image)) => "Choose an image first.",
        (_, Some(Missing::Wait)) => LOOKING,
        (_, Some(Missing::UnusableImage)) => "This image cannot be used. Choose another one.",
        (_, Some(Missing::OwnFilesWait)) => LISTING,
        (_, Some(Missing::UsableOwnFiles)) => {
            "A file to add cannot be used. Correct its place, or remove it."
        }
        (_, Some(Missing::AnswerWait)) => READING_ANSWER,
        (_, Some(Missing::UsableAnswer)) => "The answer file cannot be used yet. Edit it, or remove it.",
        (_, Some(Missing::AnswerReplaces)) => {
            "The image has an answer file already. Put yours in its place, or remove yours."
        }
        (_, Some(Missing::Drive)) => "Choose a drive.",
        (_, Some(Missing::ValidChecksum)) => "Correct the checksum, or clear the field.",
        (_, Some(Missing::Checksum)) => "Paste the checksum to compare with.",
        (_, Some(Missing::ValidLength)) => "Correct the length, or clear the field.",
        (Page::Answer, Some(Missing::File)) => "Choose the answer file.",
        (_, Some(Missing::File)) => "Say where to save.",
        (_, Some(Missing::SomeRefused)) => {
            "Not every chosen drive can be made like this. Its card says why; choose it off, or change what it needs."
        }
        (Page::Test, Some(Missing::Refused)) => "The stick cannot be tested; step 3 says why.",
        (Page::Answer, Some(Missing::Refused)) => "The stick cannot be changed; step 3 says why.",
        (_, Some(Missing::Refused)) => "The stick cannot be made like this; step 3 says why.",
    }
}

// Check and Save
pub fn check_with(with: CheckWith) -> &'static str {
    match with {
        CheckWith::Manifest => "What the stick itself says (made by Sticksmith)",
        CheckWith::Image => "An image",
        CheckWith::Checksum => "A checksum",
    }
}

pub const CHECK_BY_MANIFEST: &str = "A Windows stick that this program made carries a list of its files with their \
     checksums. Every file is read and held against it; no image is needed.";
pub const DRIVE_CHECKSUM: &str = "Checksum that the drive should have";
pub const DRIVE_LENGTH: &str = "How many bytes of the drive it covers";
pub const DRIVE_LENGTH_HINT: &str = "Empty: the whole drive";
pub const CHECK_INTRO: &str = "Reads a drive and tells whether it is what it should be. Nothing is written to it. (Whether a stick is as large as it \
     says, Test finds out.)";
pub const SAVE_INTRO: &str = "Copies a drive, whole, into an image file. Nothing is written to the drive.";
pub const SAVE_FILE: &str = "Image file";
pub const SAVE_FILE_HINT: &str = "/path/to/stick.img.zst";
pub const CHOOSE_PLACE: &str = "Choose place…";
pub const REPLACE: &str = "Replace the file if it exists";

pub fn save_format(file: &str) -> &'static str {
    let lower = file.trim().to_lowercase();
    if lower.is_empty() {
        "The ending says how it is compressed: .img not at all, .img.zst fast, .img.gz widely read, .img.xz small."
    } else if lower.ends_with(".zst") {
        "Compressed with zstd: fast, and small enough. Make reads it as it is."
    } else if lower.ends_with(".gz") {
        "Compressed with gzip, which every system reads. Make reads it as it is."
    } else if lower.ends_with(".xz") {
        "Compressed with xz: smallest, and slow. Make reads it as it is."
    } else {
        "Not compressed. Zeroes take no room where the file system can leave holes."
    }
}

/// `~/SanDisk-Ultra.img.zst`
pub fn suggested_save_file(home: &Path, drive: &Identity) -> String {
    let name = drive.title().unwrap_or_else(|| "stick".to_owned());
    home.join(format!("{}.img.zst", slug(&name))).display().to_string()
}

fn slug(name: &str) -> String {
    let dashed: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    dashed.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// The last part of a path, for people.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// Where a report is suggested to be saved, next to nothing else of that name within the same second.
pub(super) fn report_path(home: &Path, stem: &str) -> PathBuf {
    home.join(format!("{stem}.html"))
}
