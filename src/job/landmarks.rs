//! Says what lies at a place of a drive, so that a difference has a name.

use crate::device::BlockDevice;
use crate::engine::Mismatch;

/// Named stretches of a drive.
pub(super) struct Landmarks {}

impl Landmarks {
    pub fn of(device: &dyn BlockDevice) -> Self {
        let _ = device;
        Self {}
    }

    /// What lies in the `len` bytes from `offset` on.
    pub fn describe(&self, offset: u64, len: u64) -> Option<String> {
        let _ = (offset, len);
        None
    }

    /// Why all of these differences are what a system does to a stick that is merely plugged in, if they are.
    pub fn harmless(&self, mismatches: &[Mismatch]) -> Option<String> {
        let _ = mismatches;
        None
    }
}
