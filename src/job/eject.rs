//! What is done with a drive before and after a job: its uses ended, the drive let go of. Blocking; a person may be asked
//! for a password meanwhile.

use crate::device::{self, Identity};

use super::perform::sentence;

/// Ends what [`crate::device::Drive::stoppable_uses`] names: encrypted volumes are unmounted and locked, swap is stopped.
/// Only after the user has agreed to just that. The error is a sentence with a way forward.
pub fn release(drive: &Identity) -> Result<(), String> {
    device::release(drive).map_err(|error| sentence(&error.to_string()))
}

/// Unmounts the drive, flushes it and lets go of it, so that it can be unplugged. The error is a sentence with a way
/// forward; what a job has written is safe on the drive in any case.
pub fn eject(drive: &Identity) -> Result<(), String> {
    device::eject(drive).map_err(|error| sentence(&error.to_string()))
}
