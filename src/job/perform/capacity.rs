//! Tests a drive, alone or just before it is written, and says what was found.

use crate::base::{Cancel, GIB};
use crate::device::{self, BlockDevice, Bus, Drive, standing};
use crate::engine::{self, CapacityTest, Lie, TestExtent};
use crate::plan::may_be_erased;

use super::super::recorder::Recorder;
use super::super::{Report, TestRequest};
use super::{Stop, Verdict, current, exactly, unavailable};

/// Smaller ones are not worth a lie.
const PROBED_FROM_BYTES: u64 = GIB;

pub(super) fn test(
    request: &TestRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let drive = current(&request.target)?;
    may_be_erased(&drive, &standing::judge(&drive, &[]))?;
    let device = device::open_for_writing(&request.target).map_err(unavailable)?;
    let observer = |step| recorder.step(step);
    let mark = |mark| recorder.mark(mark);
    let found = engine::test_capacity(&*device, request.extent, &observer, &mark, cancel)?;
    device.rescan();
    if !found.past_cache {
        recorder.warn("The system could not promise that the drive was read past its cache.".to_owned());
    }
    report.bytes_written = found.tested_bytes;
    let conclusion = format!("{} The drive is empty now.", conclusion(&found));
    let is_good = found.is_good();
    report.capacity = Some(found);
    Ok(if is_good { Verdict::Good(conclusion) } else { Verdict::Different(conclusion) })
}

/// Drives of the kind that lies are sold as.
pub(super) fn is_worth_a_probe(drive: &Drive) -> bool {
    matches!(drive.bus, Bus::Usb | Bus::Uas)
        && (drive.removable || drive.hotplug)
        && drive.identity.size_bytes >= PROBED_FROM_BYTES
}

/// The short test before a drive is written. One that fails it is not written.
pub(super) fn probe(
    device: &dyn BlockDevice,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<(), Stop> {
    let found =
        engine::probe_capacity(device, &|step| recorder.step(step), &|mark| recorder.mark(mark), cancel)?;
    let is_good = found.is_good();
    let conclusion = conclusion(&found);
    report.capacity = Some(found);
    if is_good {
        return Ok(());
    }
    Err(Stop::Unusable(format!("{conclusion} The image was not written; the drive was left empty.")))
}

/// What was found, in sentences.
fn conclusion(found: &CapacityTest) -> String {
    let claimed = exactly(found.claimed_bytes);
    let real = match (found.at_least_bytes, found.at_most_bytes) {
        (low, high) if low == high => exactly(high),
        (low, high) => format!("{} ({low} to {high} bytes)", crate::base::ByteSize(low)),
    };
    let bad = bad_areas(found);
    match found.lie {
        Some(Lie::Wraps) => format!(
            "This drive lies about its size: it says {claimed}, and it has {real}. What is written past that overwrites what \
             lies before. Use it for nothing, and give it back.{bad}"
        ),
        Some(Lie::Drops) => format!(
            "This drive lies about its size: it says {claimed}, and it has {real}. What is written past that is lost. Use it \
             for nothing, and give it back.{bad}"
        ),
        None if found.bad_bytes > 0 => format!("This drive does not keep what is written to it.{bad}"),
        None => match found.extent {
            TestExtent::Quick => format!(
                "The drive has the size that it says, {claimed}, as far as a quick test can tell; a full one tries every byte."
            ),
            TestExtent::Full => {
                format!(
                    "The drive has the size that it says, {claimed}, and every byte of it came back right."
                )
            }
        },
    }
}

fn bad_areas(found: &CapacityTest) -> String {
    let Some(first) = found.bad_areas.first() else { return String::new() };
    let places = match (found.bad_areas.len(), found.truncated) {
        (1, false) => "one place".to_owned(),
        (n, false) => format!("{n} places"),
        (n, true) => format!("more than {n} places"),
    };
    format!(" {} bytes in {places} came back wrong, the first at byte {}.", found.bad_bytes, first.offset)
}
