//! Empties a drive, or makes it a normal stick again: plans that need no image, written and proved like any other.

use std::hash::{BuildHasher, RandomState};

use crate::base::Cancel;
use crate::device::standing;
use crate::engine;
use crate::plan::{Plan, RestoreOptions, may_be_erased, plan_restore, plan_wipe};

use super::super::landmarks::partition_bounds;
use super::super::recorder::Recorder;
use super::super::{Event, Report, RestoreRequest, WipeRequest};
use super::opening::open_for_writing;
use super::{Stop, Verdict, current, differences, exactly, unavailable, unix_secs};

pub(super) fn wipe(
    request: &WipeRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let drive = current(&request.target, |path| recorder.find(path))?;
    let standing = standing::judge_released(&drive, &request.end_uses, &[]);
    may_be_erased(&drive, &standing)?;
    let partitions = partition_bounds(&*recorder.open_for_reading(&request.target).map_err(unavailable)?);
    let plan = plan_wipe(&drive, &standing, request.everywhere, &partitions)?;
    let what = if request.everywhere {
        "Every byte of the drive is zero"
    } else {
        "The drive is empty: every place where a system looks for something is zero"
    };
    carry_out(plan, &request.end_uses, what, report, recorder, cancel)
}

pub(super) fn restore(
    request: &RestoreRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let drive = current(&request.target, |path| recorder.find(path))?;
    let standing = standing::judge_released(&drive, &request.end_uses, &[]);
    let options = RestoreOptions {
        file_system: request.file_system,
        label: request.label.clone(),
        // No two sticks must have one serial number, and chance is in the keys of hash maps.
        seed: RandomState::new().hash_one(&drive.identity),
        now_unix_secs: i64::try_from(unix_secs()).ok(),
    };
    let plan = plan_restore(&drive, &standing, &options)?;
    let what = format!("A normal stick again. {}", plan.notes.join(" "));
    carry_out(plan, &request.end_uses, what.trim_end_matches('.'), report, recorder, cancel)
}

/// `what`: what the drive is now, without a full stop.
fn carry_out(
    plan: Plan,
    end_uses: &[String],
    what: &str,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    recorder.event(Event::Planned { plan: Box::new(plan.clone()) });
    let device = open_for_writing(&plan.target, end_uses, recorder, cancel)?;
    let observer = |step| recorder.step(step);
    let mark = |mark| recorder.mark(mark);
    let written = engine::write_planned(&plan, &device, &observer, &mark, cancel)?;
    device.rescan();
    report.bytes_written = written.written_bytes;
    let proof = written.comparison.unwrap_or_default();
    if !proof.past_cache {
        recorder.warn("The system could not promise that the drive was read past its cache.".to_owned());
    }
    report.proof = proof;
    let proof = &report.proof;
    if proof.is_identical() {
        let read = exactly(proof.verified_bytes);
        return Ok(Verdict::Good(format!(
            "{what}. All {read} that were written were read back and are right."
        )));
    }
    Ok(Verdict::Different(format!("{} {}", differences(proof), recorder.drive_state())))
}
