//! A job in words: its phases, its figures, and what comes after it.

use std::path::Path;

use super::{Tone, duration, file_name, speed, work};
use crate::gui::action::Page;
use crate::gui::state::{Done, Outcome, Task, TaskFile, Work, Working};
use crate::job::{Ending, Phase};

pub fn phase(work: Work, phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "Comparing the image’s checksum",
        Phase::Wiping => "Clearing old partition tables",
        Phase::Writing => match work {
            Work::Test(_) => "Writing to every place of the drive",
            Work::Restore => "Writing the empty file system",
            Work::Wipe { everywhere: true } => "Writing zeroes, to the last byte",
            Work::Wipe { everywhere: false } => "Writing zeroes where systems look",
            Work::Answer { .. } => "Writing what changes",
            Work::Write | Work::Check | Work::Save => "Writing the image",
        },
        Phase::Syncing => "Waiting until the drive has stored everything",
        Phase::Verifying => "Reading everything back",
        Phase::Comparing => "Comparing",
        Phase::Saving => "Saving the drive",
        Phase::Hashing => "Computing checksums",
        Phase::Testing => "Testing whether the drive is as large as it says",
    }
}

/// The short word for a row of phases.
pub fn phase_short(phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "Checksum",
        Phase::Wiping => "Clear",
        Phase::Writing => "Write",
        Phase::Syncing => "Store",
        Phase::Verifying => "Read back",
        Phase::Comparing => "Compare",
        Phase::Saving => "Save",
        Phase::Hashing => "Checksum",
        Phase::Testing => "Test",
    }
}

/// What is going on, where a title would be too long.
pub fn phase_now(phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "Comparing the checksum",
        Phase::Wiping => "Clearing",
        Phase::Writing => "Writing",
        Phase::Syncing => "Storing",
        Phase::Verifying => "Reading back",
        Phase::Comparing => "Comparing",
        Phase::Saving => "Saving",
        Phase::Hashing => "Computing checksums",
        Phase::Testing => "Testing",
    }
}

/// For those who hear the row: `Write: done`.
pub fn phase_state(phase: Phase, is_over: bool, is_now: bool) -> String {
    let state = match (is_over, is_now) {
        (true, _) => "done",
        (_, true) => "now",
        _ => "to come",
    };
    format!("{}: {state}", phase_short(phase))
}

pub const STARTING: &str = "Opening the drive";
pub const CANCELLING: &str = "Cancelling…";
pub const SPEED_NOW: &str = "Speed now";
pub const SPEED_AVERAGE: &str = "Average";
pub const BYTES: &str = "Done";
pub const TIME_LEFT: &str = "Left in this step";
pub const TIME_UNKNOWN: &str = "not known yet";
pub const SPEED_OVER_TIME: &str = "Speed over time";

pub fn task(task: &Task) -> String {
    let drive = &task.title;
    match (task.page, &task.other) {
        (Page::Make, TaskFile::File(file)) => format!("{} to {drive}", file_name(file)),
        (Page::Save, TaskFile::File(file)) => format!("{drive} into {}", file_name(file)),
        (_, TaskFile::File(file)) => format!("{drive} against {}", file_name(file)),
        (_, TaskFile::Checksum) => format!("{drive} against a checksum"),
        (_, TaskFile::Nothing) => format!("{drive}: {}", work(task.work)),
        (_, TaskFile::Manifest) => format!("{drive} against its own list of files"),
    }
}

pub fn eta(secs: Option<f64>) -> String {
    secs.map_or_else(|| TIME_UNKNOWN.to_owned(), |s| format!("about {}", duration(s)))
}

pub fn plot(low: f64, high: f64, now: f64) -> String {
    format!("{SPEED_OVER_TIME}: between {} and {}, now {}", speed(low), speed(high), speed(now))
}

pub const CLOSE_TITLE: &str = "Close while the work is going on?";
pub const KEEP_WORKING: &str = "Keep working";
pub const CANCEL_AND_CLOSE: &str = "Cancel the work and close";

pub fn close_body(working: &Working) -> String {
    let is_change = working.sticks.iter().any(|stick| matches!(stick.task.work, Work::Answer { .. }));
    match (working.writes_to_drive(), working.at_work().count()) {
        (true, _) if is_change => {
            "If you close now, the work is cancelled. The stick has its old answer file then or, if it is too late to \
             cancel, the new one; all else on it is as it was."
                .to_owned()
        }
        (false, _) => "If you close now, the work is cancelled. Nothing was written to the drive.".to_owned(),
        (true, 0 | 1) => {
            "The stick is not finished. If you close now, the work is cancelled and the stick is left \
                          without a partition table: empty, and no machine starts from it."
                .to_owned()
        }
        (true, n) => format!(
            "{n} sticks are not finished. If you close now, the work is cancelled and they are left without a partition \
             table: empty, and no machine starts from them."
        ),
    }
}

pub const JOB_LOST: &str = "The work stopped without a last word, which must not happen. Treat the stick as unfinished and write it again.";
pub const MOST_MISMATCHES: usize = 200;
pub const DIFFERENCES: &str = "What differs";
pub const REPORT: &str = "Report";
pub const REPORT_FILE: &str = "Report file";
pub const SAVE_REPORT: &str = "Save report";
pub const REPORT_FORMATS: &str =
    "The ending chooses the form: .html to read, .txt plain, .json for programs.";

pub fn report_saved(path: &Path) -> String {
    format!("Saved as {}.", path.display())
}

pub fn report_not_saved(error: &str) -> String {
    format!("The report was not saved: {error}")
}

pub fn report_error(path: &Path, error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        format!("{} exists already. Choose another name.", path.display())
    } else {
        format!("{} cannot be written: {error}", path.display())
    }
}

/// Where the primary button of Done leads.
pub fn after(done: &Done) -> &'static str {
    let is_done = |stick: &Outcome| matches!(stick.ending, Ending::Done { .. });
    let is_over = |stick: &Outcome| is_done(stick) || matches!(stick.ending, Ending::Different { .. });
    match (done.page, done.sticks.as_slice()) {
        (Page::Make, [one]) if is_done(one) => "Write another stick",
        (Page::Make, [_, _, ..]) if done.sticks.iter().any(is_done) => "Write more sticks",
        (Page::Check, sticks) if sticks.iter().all(is_over) => "Check another drive",
        (Page::Save, sticks) if sticks.iter().all(is_done) => "Save another drive",
        (Page::Test, sticks) if sticks.iter().all(is_over) => "Test another stick",
        (Page::Restore, [one]) if is_done(one) => match one.task.work {
            Work::Wipe { .. } => "Empty another stick",
            _ => "Restore another stick",
        },
        (Page::Answer, [one]) if is_done(one) => "Change another stick",
        _ => "Back",
    }
}

/// What the facts of an ending are.
pub fn facts_title(work: Work, tone: Tone) -> &'static str {
    match (work, tone) {
        (Work::Test(_), _) => "How it was tested",
        (_, Tone::Good) => "The proof",
        (_, Tone::Neutral | Tone::Bad) => "What was done",
    }
}

pub const DISMISS: &str = "Dismiss";
