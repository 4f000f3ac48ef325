//! What each kind of job does, step by step. Runs on the worker thread.

mod answer;
mod capacity;
mod check;
pub(super) use check::volume_starts;
mod empty;
mod hash;
mod opening;
mod save;
mod together;
mod write;

use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::Cancel;
use crate::device::{DeviceError, Drive, Identity};
use crate::engine::EngineError;
use crate::plan::Refusal;
use crate::source::SourceError;

pub use answer::{AnswerOnStick, answer_on_stick};
pub use capacity::is_worth_a_probe;

use super::recorder::Recorder;
use super::{Ending, Event, Proof, Report, Request};

pub(super) use together::{Member, as_one};

pub(super) fn perform(request: &Request, recorder: &Recorder, cancel: &Cancel) -> Ending {
    to_ending(request, recorder, |report| match request {
        Request::Write(request) => write::write(request, report, recorder, cancel),
        Request::Check(request) => check::check(request, report, recorder, cancel),
        Request::Save(request) => save::save(request, report, recorder, cancel),
        Request::Hash(request) => hash::hash(request, report, recorder, cancel),
        Request::Test(request) => capacity::test(request, report, recorder, cancel),
        Request::Wipe(request) => empty::wipe(request, report, recorder, cancel),
        Request::Restore(request) => empty::restore(request, report, recorder, cancel),
        Request::AnswerChange(request) => answer::change(request, report, recorder, cancel),
    })
}

/// Does the job's work, and puts its end into words.
fn to_ending(
    request: &Request,
    recorder: &Recorder,
    work: impl FnOnce(&mut Report) -> Result<Verdict, Stop>,
) -> Ending {
    let mut report = Report::begun(request, unix_secs());
    let result = work(&mut report);
    (report.phases, report.warnings) = recorder.close();
    report.ended_uses = recorder.ended_uses();
    let state = match request {
        Request::Write(_)
        | Request::Test(_)
        | Request::Wipe(_)
        | Request::Restore(_)
        | Request::AnswerChange(_) => {
            format!(" {}", recorder.drive_state())
        }
        Request::Save(_) => " No file was left behind.".to_owned(),
        Request::Check(_) | Request::Hash(_) => String::new(),
    };
    match result {
        Ok(Verdict::Good(conclusion)) => Ending::Done { report: Report { conclusion, ..report } },
        Ok(Verdict::Different(conclusion)) => Ending::Different { report: Report { conclusion, ..report } },
        Err(Stop::Refused(refusal)) => Ending::Refused { refusal },
        Err(Stop::Cancelled) => {
            let message = format!("Cancelled.{state}");
            Ending::Cancelled { report: Some(Report { conclusion: message.clone(), ..report }), message }
        }
        Err(Stop::Unusable(message)) => {
            Ending::Failed { report: Some(Report { conclusion: message.clone(), ..report }), message }
        }
        Err(Stop::Failed(what)) => {
            let message = format!("{}{state}", sentence(&what));
            Ending::Failed { report: Some(Report { conclusion: message.clone(), ..report }), message }
        }
    }
}

/// How a job came to its end, with the last word.
enum Verdict {
    Good(String),
    Different(String),
}

/// Why it came to none.
#[derive(Clone)]
enum Stop {
    Cancelled,
    Refused(Refusal),
    /// A clause or a sentence.
    Failed(String),
    /// The drive is not fit for use; sentences that also say how it was left.
    Unusable(String),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cancelled => Self::Cancelled,
            EngineError::DoesNotFit { .. } => Self::Failed(format!("{error}. Choose a larger drive")),
            EngineError::Device(error) => error.into(),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<DeviceError> for Stop {
    fn from(error: DeviceError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A drive that could not be had: nothing was touched yet.
fn unavailable(error: DeviceError) -> Stop {
    Stop::Refused(Refusal::Drive { reason: sentence(&error.to_string()) })
}

/// The drive as it is now, if it is still the one that was chosen.
fn current(chosen: &Identity, find: impl FnOnce(&str) -> Result<Drive, DeviceError>) -> Result<Drive, Stop> {
    let path = chosen.path.display().to_string();
    let drive = find(&path).map_err(unavailable)?;
    match chosen.difference(&drive.identity) {
        Some(difference) => Err(unavailable(DeviceError::Changed { path, difference })),
        None => Ok(drive),
    }
}

/// Makes a clause a sentence: a capital first, a full stop last. Paths keep their letters.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let mut out = first + chars.as_str();
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

pub(super) fn unix_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// What differs, in a sentence.
fn differences(proof: &Proof) -> String {
    let places = proof.mismatches.len();
    let first = proof.mismatches.first().map_or(0, |m| m.offset);
    let flaky = proof.mismatches.iter().filter(|m| m.flaky).count();
    let unsteady = proof.mismatches.iter().any(|m| m.unsteady);
    let end = proof.mismatches.last().map_or(0, |m| m.offset + m.len - 1);
    let places = match (places, proof.truncated) {
        (1, false) => "in one place".to_owned(),
        (n, false) => format!("in {n} places"),
        (n, true) => format!("in more than {n} places"),
    };
    let again = match flaky {
        0 if unsteady => "A second read gave other wrong bytes: the drive or its connection is failing.",
        0 => "A second read gave the same wrong bytes: the drive holds them.",
        n if n == proof.mismatches.len() => {
            "A second read gave the right bytes: the reader, port or cable is unreliable. Try another port."
        }
        _ => "Some of it read right the second time: the drive or its connection is failing.",
    };
    let bytes = match proof.different_bytes {
        1 => "One byte differs".to_owned(),
        n => format!("{n} bytes differ"),
    };
    let sectors = match proof.different_sectors {
        1 => "1 sector".to_owned(),
        n => format!("{n} sectors"),
    };
    let last = if proof.different_bytes > 1 { format!(", the last at byte {end}") } else { String::new() };
    format!("{bytes} {places} ({sectors}), the first at byte {first}{last}. {again}")
}

/// Words for `bytes`, with the exact number.
fn exactly(bytes: u64) -> String {
    format!("{} ({bytes} bytes)", crate::base::ByteSize(bytes))
}

fn opened(recorder: &Recorder, report: &mut Report, source: &crate::source::Source) {
    report.image = Some(source.facts().clone());
    report.image_path = Some(source.path().to_owned());
    recorder.event(Event::Opened { image: source.facts().clone() });
}
