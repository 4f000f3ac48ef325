//! From a drive that may be written to one that is open. The uses of it that the user has agreed to end are ended here and
//! nowhere else: last of all, when nothing but the drive itself can stand in the way any more.

use std::sync::Arc;

use crate::base::Cancel;
use crate::device::{BlockDevice, DeviceError, Identity};
use crate::plan::Refusal;

use super::super::recorder::Recorder;
use super::{Stop, sentence};

pub(super) fn open_for_writing(
    target: &Identity,
    end_uses: &[String],
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Arc<dyn BlockDevice>, Stop> {
    let refused = |error| unavailable_after(error, &recorder.ended_uses());
    recorder.end_uses(target, end_uses, cancel).map_err(refused)?;
    if cancel.is_raised() {
        return Err(Stop::Cancelled);
    }
    recorder.open_for_writing(target).map_err(refused)
}

/// Nothing was touched on the drive, but what had been ended by then stays so.
fn unavailable_after(error: DeviceError, ended: &[String]) -> Stop {
    let mut reason = sentence(&error.to_string());
    if !ended.is_empty() {
        reason += &format!(" Ended before that, as agreed: {}.", ended.join("; "));
    }
    Stop::Refused(Refusal::Drive { reason })
}
