//! What is done with a drive after a job: it is let go of. Blocking; a person may be asked for a password meanwhile.

use crate::device::{self, Identity};

use super::perform::sentence;

/// Unmounts the drive, flushes it and lets go of it, so that it can be unplugged. The error is a sentence with a way
/// forward; what a job has written is safe on the drive in any case.
pub fn eject(drive: &Identity) -> Result<(), String> {
    device::eject(drive).map_err(|error| sentence(&error.to_string()))
}
