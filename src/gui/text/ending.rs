//! How a job ended, in words: the proof, or what failed and what to do.

use std::path::Path;

use super::{bytes_and_size, duration, grouped, phase_short, speed};
use crate::base::ByteSize;
use crate::gui::action::Page;
use crate::gui::state::Task;
use crate::job::{Ending, Mismatch, PhaseTime, Report};

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

pub fn ending(task: &Task, ending: &Ending, elapsed_secs: f64) -> EndingText {
    let drive = super::drive_name(&task.drive);
    match ending {
        Ending::Done { report } => done(task, &drive, report, elapsed_secs),
        Ending::Different { report } => EndingText {
            tone: Tone::Bad,
            title: match task.page {
                Page::Make => "The stick is not right".to_owned(),
                _ => format!("{drive} differs"),
            },
            message: different(task, report),
            facts: facts(report, elapsed_secs),
        },
        Ending::Refused { refusal } => EndingText {
            tone: Tone::Neutral,
            title: "Not started".to_owned(),
            message: format!("{refusal} Nothing was touched."),
            facts: Vec::new(),
        },
        Ending::Failed { message, report } => EndingText {
            tone: Tone::Bad,
            title: match task.page {
                Page::Make => "The stick was not made".to_owned(),
                Page::Check => "The check could not be finished".to_owned(),
                Page::Save => "The drive was not saved".to_owned(),
            },
            message: message.clone(),
            facts: report.as_ref().map_or_else(Vec::new, |r| facts(r, elapsed_secs)),
        },
        Ending::Cancelled { message, report } => EndingText {
            tone: Tone::Neutral,
            title: "Cancelled".to_owned(),
            message: message.clone(),
            facts: report.as_ref().map_or_else(Vec::new, |r| facts(r, elapsed_secs)),
        },
    }
}

fn done(task: &Task, drive: &str, report: &Report, elapsed_secs: f64) -> EndingText {
    let proved = report.proof.verified_bytes > 0;
    let (tone, title, message) = match task.page {
        Page::Make if proved && report.proof.past_cache => (
            Tone::Good,
            "Done, and proved".to_owned(),
            format!("Every byte was read back from {drive} and is right. You can pull it out."),
        ),
        Page::Make if proved => (
            Tone::Good,
            "Done, and read back".to_owned(),
            format!(
                "Every byte was read back from {drive} and is right. The system could not promise that the bytes came \
                 from the medium and not from memory: plug it out and in and use Check to be sure."
            ),
        ),
        Page::Make => (
            Tone::Neutral,
            "Written, not proved".to_owned(),
            format!(
                "The image was written to {drive} and stored. It was not read back; Check can do that now."
            ),
        ),
        Page::Check => (
            Tone::Good,
            format!("{drive} is what it should be"),
            "Everything that was compared is identical.".to_owned(),
        ),
        Page::Save => (Tone::Good, "Saved".to_owned(), format!("{drive} lies in the file, whole.")),
    };
    EndingText { tone, title, message, facts: facts(report, elapsed_secs) }
}

fn different(task: &Task, report: &Report) -> String {
    let proof = &report.proof;
    let flaky = !proof.mismatches.is_empty() && proof.mismatches.iter().all(|m| m.flaky);
    let different = bytes_and_size(proof.different_bytes);
    if flaky {
        return "A second reading gave the right bytes, so the stick may be well and the reader, hub or cable is not. \
                Try another port, then Check."
            .to_owned();
    }
    match task.page {
        Page::Make => format!(
            "{different} came back other than they were written. Do not use this stick: write it again, and if that \
             fails in the same place, it is worn out or not what it claims to be."
        ),
        _ if proof.different_bytes == 0 => "Its checksum is another one than expected.".to_owned(),
        _ => format!("{different} differ. What lies there is listed below."),
    }
}

fn facts(report: &Report, elapsed_secs: f64) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if report.bytes_written > 0 {
        facts.push(("Written", bytes_and_size(report.bytes_written)));
    }
    if report.proof.verified_bytes > 0 {
        let what = if report.action == "check" { "Compared" } else { "Read back" };
        facts.push((what, bytes_and_size(report.proof.verified_bytes)));
    }
    for digest in &report.digests {
        let matches =
            digest.matches.as_ref().map_or_else(String::new, |source| format!(", as {source} says"));
        facts.push((
            "Checksum",
            format!("{} of the {}{matches}\n{}", digest.digest.algorithm(), digest.of, digest.digest.hex()),
        ));
    }
    facts.push(("Time", duration(elapsed_secs)));
    facts
}

/// `Write 1 min 12 s at 21.4 MB/s`, one for each phase that took time.
pub fn phase_times(phases: &[PhaseTime]) -> Vec<String> {
    let sentence = |p: &PhaseTime| {
        let rate = if p.secs > 0.0 && p.bytes > 0 {
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
    let flaky = if mismatch.flaky { "; right at the second reading" } else { "" };
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
pub fn suggested_report_file(home: &Path, task: &Task, ending: &Ending) -> String {
    let report = match ending {
        Ending::Done { report } | Ending::Different { report } => report,
        Ending::Failed { report: Some(report), .. } | Ending::Cancelled { report: Some(report), .. } => {
            report
        }
        _ => return String::new(),
    };
    let action = match task.page {
        Page::Make => "write",
        Page::Check => "check",
        Page::Save => "save",
    };
    super::report_path(home, &format!("sticksmith-{action}-{}", report.started_unix_secs))
        .display()
        .to_string()
}
