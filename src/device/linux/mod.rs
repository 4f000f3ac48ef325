//! Linux: sysfs, `/proc`, kernel uevents, direct I/O. The only place where `unsafe` may stand.

use std::path::Path;
use std::time::Duration;

use super::{BlockDevice, DeviceError, Drive, Identity};

/// Every whole drive that the kernel knows and that has a size, attached loop devices included, sorted by path.
pub fn list() -> Result<Vec<Drive>, DeviceError> {
    todo!()
}

/// Device numbers of the whole drives that the file, folder or block device at `path` lies on, through partitions,
/// device-mapper, md, loop. Empty for network and memory file systems.
pub fn source_drives(path: &Path) -> Vec<(u64, u64)> {
    let _ = path;
    todo!()
}

/// Unmounts what is mounted of the drive, opens it exclusively and directly, and checks on the open handle that it is
/// still the one that was chosen.
pub fn open_for_writing(chosen: &Identity) -> Result<Box<dyn BlockDevice>, DeviceError> {
    let _ = chosen;
    todo!()
}

/// Opens the drive for reading past the cache; what is mounted stays mounted.
pub fn open_for_reading(chosen: &Identity) -> Result<Box<dyn BlockDevice>, DeviceError> {
    let _ = chosen;
    todo!()
}

/// Wakes when drives come, go or change.
pub struct DriveWatcher {}

impl DriveWatcher {
    pub fn new() -> Self {
        todo!()
    }

    /// Blocks until something about block devices or mounts changed (`true`) or the time is over (`false`).
    pub fn wait(&mut self, timeout: Duration) -> bool {
        let _ = timeout;
        todo!()
    }
}
