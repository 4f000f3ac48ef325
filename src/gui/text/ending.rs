//! How a job ended, in words: the proof, or what failed and what to do.

use std::path::Path;

use super::{bytes_and_size, duration, grouped, phase_short, speed, verdict};
use crate::base::ByteSize;
use crate::gui::state::{Outcome, Task, Work};
use crate::job::{Ending, Mismatch, Phase, PhaseTime, Report};

/// Which way the news goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    /// Stopped by wish, or done without proof.
    Neutral,
    Bad,
}

pub struct EndingText {
    pub tone: Tone,
    pub title: String,
    pub message: String,
    /// Label and value, in the order of reading.
    pub facts: Vec<(&'static str, String)>,
}

/// The message is the job's own last word, the one that stands in the report.
pub fn ending(task: &Task, ending: &Ending, elapsed_secs: f64) -> EndingText {
    let (tone, title, message, report) = match ending {
        Ending::Done { report } => {
            let (tone, title) = done(task.work, &task.title, report);
            (tone, title, report.conclusion.clone(), Some(report))
        }
        Ending::Different { report } => {
            let title = match (task.work, &report.capacity) {
                (Work::Test(_), Some(found)) => verdict(found).to_owned(),
                (Work::Check | Work::Save, _) => format!("{} differs", task.title),
                _ => "The stick is not right".to_owned(),
            };
            (Tone::Bad, title, report.conclusion.clone(), Some(report))
        }
        Ending::Refused { refusal } => {
            (Tone::Neutral, "Not started".to_owned(), format!("{refusal} Nothing was touched."), None)
        }
        Ending::Failed { message, report } => {
            // A stick that the short test before a write found out.
            let found = report.as_ref().and_then(|r| r.capacity.as_ref()).filter(|found| !found.is_good());
            let title = match (task.work, found) {
                (_, Some(found)) => verdict(found),
                (Work::Write, None) => "The stick was not made",
                (Work::Check, None) => "The check could not be finished",
                (Work::Save, None) => "The drive was not saved",
                (Work::Test(_), None) => "The test could not be finished",
                (Work::Restore, None) => "The stick was not restored",
                (Work::Wipe { .. }, None) => "The stick was not emptied",
                (Work::Answer { .. }, None) => "The change could not be finished",
            };
            (Tone::Bad, title.to_owned(), message.clone(), report.as_ref())
        }
        Ending::Cancelled { message, report } => {
            (Tone::Neutral, "Cancelled".to_owned(), message.clone(), report.as_ref())
        }
    };
    let facts = report.map_or_else(Vec::new, |report| facts(report, elapsed_secs));
    EndingText { tone, title, message, facts }
}

fn done(work: Work, drive: &str, report: &Report) -> (Tone, String) {
    let title = match work {
        Work::Write if report.proof.verified_bytes == 0 => {
            return (Tone::Neutral, "Written, not proved".to_owned());
        }
        Work::Write if report.proof.past_cache => "Done, and proved".to_owned(),
        Work::Write => "Done, and read back".to_owned(),
        Work::Check => format!("{drive} is what it should be"),
        Work::Save => "Saved".to_owned(),
        Work::Test(_) => report.capacity.as_ref().map_or("Tested", verdict).to_owned(),
        Work::Restore => "Restored".to_owned(),
        Work::Wipe { everywhere: true } => "Empty, to the last byte".to_owned(),
        Work::Wipe { everywhere: false } => "Empty".to_owned(),
        Work::Answer { puts: true } => "The answer file is on the stick".to_owned(),
        Work::Answer { puts: false } => "The answer file is gone".to_owned(),
    };
    (Tone::Good, title)
}

fn facts(report: &Report, elapsed_secs: f64) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(name) = &report.known_as {
        facts.push(("Image", format!("{name}, an official image")));
    }
    if let Some(made) = &report.made {
        facts.extend([("Made", made.volume()), ("Starts", made.starts())]);
    }
    if let Some(changed) = &report.changed {
        let files = [("Put", &changed.put), ("Removed", &changed.removed)];
        facts.extend(
            files
                .into_iter()
                .filter(|(_, files)| !files.is_empty())
                .map(|(name, files)| (name, files.join(", "))),
        );
    }
    // What a test has written is no content; what it found stands above.
    if report.bytes_written > 0 && report.action != "test" {
        facts.push(("Written", bytes_and_size(report.bytes_written)));
    }
    if report.proof.verified_bytes > 0 {
        let what = if report.action == "check" { "Compared" } else { "Read back" };
        facts.push((what, bytes_and_size(report.proof.verified_bytes)));
    }
    for named in &report.digests {
        let matches = named.matches.as_ref().map_or_else(String::new, |source| format!(", as in {source}"));
        let of = format!("{} of the {}{matches}", named.digest.algorithm(), named.of);
        facts.push(("Checksum", format!("{of}\n{}", named.digest.hex())));
    }
    facts.push(("Time", duration(elapsed_secs)));
    facts
}

/// `Write 1 min 12 s at 21.4 MB/s`, one for each phase that took time.
pub fn phase_times(phases: &[PhaseTime]) -> Vec<String> {
    let sentence = |p: &PhaseTime| {
        // Single places have no speed.
        let rate = if p.secs >= 0.5 && p.bytes > 0 && p.phase != Phase::Testing {
            format!(", {}", speed(p.bytes as f64 / p.secs))
        } else {
            String::new()
        };
        format!("{}: {}{rate}", phase_short(p.phase), duration(p.secs))
    };
    phases.iter().map(sentence).collect()
}

pub fn mismatch(mismatch: &Mismatch) -> String {
    let what = mismatch.what.as_deref().unwrap_or("data");
    let flaky = match (mismatch.flaky, mismatch.unsteady) {
        (true, _) => "; right at the second reading",
        (_, true) => "; wrong in another way at the second reading",
        _ => "",
    };
    format!(
        "At byte {}, {} long: {what}{flaky}",
        grouped(mismatch.offset),
        if mismatch.len < 1000 {
            format!("{} bytes", mismatch.len)
        } else {
            ByteSize(mismatch.len).to_string()
        }
    )
}

pub fn more_mismatches(report: &Report) -> Option<String> {
    report.proof.truncated.then(|| "There are more differences than are listed.".to_owned())
}

/// `~/sticksmith-write-1700000000.html`; empty when there is nothing to report.
pub fn suggested_report_file(home: &Path, sticks: &[Outcome]) -> String {
    let Some(report) = sticks.iter().find_map(Outcome::report) else { return String::new() };
    super::report_path(home, &format!("sticksmith-{}-{}", report.action, report.started_unix_secs))
        .display()
        .to_string()
}
