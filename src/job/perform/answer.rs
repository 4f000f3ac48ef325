//! Gives a stick another answer file where it lies, or takes it away.

use std::sync::Arc;

use crate::base::Cancel;
use crate::device::{self, BlockDevice, DeviceReader, Identity, standing};
use crate::engine;
use crate::format::FormatError;
use crate::format::fat::edit::{EditError, edit};
use crate::plan::{AnswerChange, Plan, Refusal, StickNow, may_be_erased, plan_answer_change};
use crate::source::windows::{WindowsFacts, facts_of_volume};
use crate::source::{AnswerFile, FoundAnswer, PreparedAnswer, prepare_answer};

use super::super::recorder::Recorder;
use super::super::{AnswerChangeRequest, ChangedFiles, Event, Report};
use super::check::volume;
use super::{Stop, Verdict, current, differences, sentence, unix_secs, write};

/// What a stick says of its answer file, before anything is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerOnStick {
    /// Answer files that Setup would find, the one that it takes first at first.
    pub answers: Vec<FoundAnswer>,
    /// Everything that the answer file came with, itself too: script, applications. As the list of files has them.
    pub parts: Vec<String>,
    /// Those of the answer files that came with the image, or that somebody else put there.
    pub others: Vec<String>,
    /// The image that the stick was made from, and what that installs.
    pub image: String,
    pub system: Option<String>,
    /// The Windows that is on it; `None`: it cannot be found there any more.
    pub windows: Option<Box<WindowsFacts>>,
}

impl AnswerOnStick {
    /// Holds an answer file against the stick, as the job will, and looks at the files that belong to it. Blocking.
    pub fn prepare(&self, file: &AnswerFile) -> Result<PreparedAnswer, Refusal> {
        prepare(file, self.windows.as_deref())
    }
}

/// Looks at a stick's answer file. The drive is opened as a job opens it: the user may be asked for a password. The error
/// is a sentence. Blocking.
pub fn answer_on_stick(drive: &Identity) -> Result<AnswerOnStick, String> {
    let device = device::open_for_reading(drive).map_err(|error| sentence(&error.to_string()))?;
    let stick = Stick::read(&*device).map_err(|stop| match stop {
        Stop::Refused(refusal) => refusal.to_string(),
        Stop::Failed(what) | Stop::Unusable(what) => sentence(&what),
        Stop::Cancelled => "Cancelled.".to_owned(),
    })?;
    Ok(AnswerOnStick {
        parts: stick.now.answer_parts().into_iter().map(str::to_owned).collect(),
        image: stick.now.manifest.making.image.clone(),
        system: stick.now.manifest.making.system.clone(),
        others: stick.now.others().cloned().collect(),
        windows: stick.facts.map(Box::new),
        answers: stick.answers,
    })
}

pub(super) fn change(
    request: &AnswerChangeRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let drive = current(&request.target, |path| recorder.find(path))?;
    may_be_erased(&drive, &standing::judge_released(&drive, &request.end_uses, &[]))?;
    // Whoever has mounted it lets go of it first, and then nobody else changes it.
    let device = write::open(&request.target, &request.end_uses, recorder, cancel)?;
    let stick = Stick::read(&*device)?;
    let prepared = stick.prepare(request)?;
    let plan = stick.plan(request, prepared.as_ref(), &device, recorder, cancel)?;
    recorder.event(Event::Planned { plan: Box::new(plan.clone()) });
    let observer = |step| recorder.step(step);
    let mark = |mark| recorder.mark(mark);
    let written = engine::amend(&plan, &device, &observer, &mark, cancel)?;
    device.rescan();
    report.bytes_written = written.written_bytes;
    report.changed = plan.change.as_deref().filter(|_| written.committed).map(|change| ChangedFiles {
        put: change.put.clone(),
        removed: change.removed.clone(),
        free_bytes: change.free_bytes,
    });
    let proof = written.comparison.unwrap_or_default();
    if !proof.past_cache {
        recorder.warn("The system could not promise that the drive was read past its cache.".to_owned());
    }
    report.proof = proof;
    let proof = &report.proof;
    if !proof.is_identical() {
        return Ok(Verdict::Different(format!("{} {}", differences(proof), recorder.drive_state())));
    }
    let what = match &prepared {
        Some(prepared) => format!("The answer file of the stick is {} now", prepared.name),
        None => "The stick has no answer file any more".to_owned(),
    };
    let bytes = proof.verified_bytes;
    Ok(Verdict::Good(format!(
        "{what}. All {bytes} bytes that this took were read back and are right; nothing else was touched."
    )))
}

/// A stick that this program made, as it is now.
struct Stick {
    start_bytes: u64,
    now: StickNow,
    answers: Vec<FoundAnswer>,
    facts: Option<WindowsFacts>,
}

impl Stick {
    fn read(device: &dyn BlockDevice) -> Result<Self, Stop> {
        let not_ours = |reason: String| Stop::from(Refusal::NotOurStick { reason });
        let volume = volume::read(device).map_err(cannot_read)?;
        let volume = volume.ok_or_else(|| not_ours("there is no FAT volume on it".to_owned()))?;
        let manifest = match volume.manifest {
            Some(Ok(manifest)) => manifest,
            Some(Err(what)) => return Err(not_ours(format!("the list of files on it {what}"))),
            None => return Err(not_ours("there is no list of files by Sticksmith on it".to_owned())),
        };
        let facts =
            facts_of_volume(&mut DeviceReader::new(device), volume.start_bytes).map_err(cannot_read)?;
        let answer_files = volume.answers.iter().map(|answer| answer.path.clone()).collect();
        let files = volume.files.into_iter().map(|file| file.path).collect();
        let now = StickNow { manifest, answer_files, files };
        Ok(Self { start_bytes: volume.start_bytes, now, answers: volume.answers, facts })
    }

    fn prepare(&self, request: &AnswerChangeRequest) -> Result<Option<PreparedAnswer>, Stop> {
        let Some(file) = &request.answer else { return Ok(None) };
        Ok(Some(prepare(file, self.facts.as_ref())?))
    }

    fn plan(
        &self,
        request: &AnswerChangeRequest,
        prepared: Option<&PreparedAnswer>,
        device: &Arc<dyn BlockDevice>,
        recorder: &Recorder,
        cancel: &Cancel,
    ) -> Result<Plan, Stop> {
        let now = i64::try_from(unix_secs()).ok();
        let additions = prepared.map(|prepared| prepared.additions.as_slice()).unwrap_or_default();
        let change = AnswerChange::decide(&self.now, additions, request.replaces, now)?;
        let observer = |step| recorder.step(step);
        let digests = engine::hash_additions(&change.additions, &observer, cancel)?;
        let list = change.manifest(&digests);
        let changes = change.changes(&list, now);
        let edit =
            edit(&mut DeviceReader::new(&**device), self.start_bytes, &changes).map_err(
                |error| match error {
                    EditError::Full { needed_bytes, free_bytes } => {
                        Refusal::StickFull { needed_bytes, free_bytes }.into()
                    }
                    EditError::Format(error) => cannot_read(error),
                    error => Stop::from(Refusal::CannotChange { reason: error.to_string() }),
                },
            )?;
        if edit.was_dirty {
            recorder.warn(
                "The stick was pulled out while a system was using it. All its files are whole; let a system check it when \
                 it offers to."
                    .to_owned(),
            );
        }
        let mut plan = plan_answer_change(&request.target, &change, list, edit)?;
        if let Some(prepared) = prepared {
            plan.notes.extend(prepared.notes.iter().cloned());
            plan.advice.clone_from(&prepared.advice);
        }
        Ok(plan)
    }
}

/// Holds the answer file against the Windows that is on the stick.
fn prepare(file: &AnswerFile, facts: Option<&WindowsFacts>) -> Result<PreparedAnswer, Refusal> {
    let Some(facts) = facts else {
        let reason = "its Windows cannot be found on it any more".to_owned();
        return Err(Refusal::NotOurStick { reason });
    };
    prepare_answer(file, facts).map_err(|error| Refusal::AnswerFile { reason: error.to_string() })
}

fn cannot_read(error: FormatError) -> Stop {
    match error {
        FormatError::Io { .. } => Stop::Failed(error.to_string()),
        error => Refusal::CannotChange { reason: error.to_string() }.into(),
    }
}
