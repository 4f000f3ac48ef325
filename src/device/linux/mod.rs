//! Linux: sysfs, `/proc`, kernel uevents, direct I/O, UDisks2 and logind. The only place where `unsafe` may stand.

mod agent;
mod appeared;
mod drives;
mod eject;
mod fault;
mod find;
mod handle;
mod holders;
mod inhibit;
mod ioctl;
mod mounts;
mod open;
mod patience;
mod practice;
mod release;
mod root;
mod sysfs;
mod system;
mod udisks;
mod unmount;
mod uses;
mod volume;
mod watch;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use super::{DeviceError, Drive};

pub use agent::PasswordAgent;
pub use eject::eject;
pub(super) use fault::access;
pub use find::find;
pub use open::{open_for_reading, open_for_writing};
pub(super) use practice::file_identity;
pub use release::release;
pub(super) use volume::volume_of_file;
pub use watch::DriveWatcher;

/// Every whole drive that the kernel knows and that has a size, attached loop devices included, sorted by path.
pub fn list() -> Result<Vec<Drive>, DeviceError> {
    Ok(drives::drives(&system::System::here()?))
}

/// Device numbers of the whole drives that the file, folder or block device at `path` lies on, through partitions,
/// device-mapper, md, loop; for a file also its own number as a practice stick, and those of loop devices attached to
/// it. Empty for network and memory file systems, but for the file itself.
pub fn source_drives(path: &Path) -> Vec<(u64, u64)> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    system::System::here().map(|system| system.sources(&path)).unwrap_or_default()
}

/// Who uses the file behind a practice stick, in sentences; see [`Drive::system_uses`].
pub(super) fn file_uses(file: &Path) -> Result<Vec<String>, DeviceError> {
    Ok(uses::file_uses(&system::System::here()?, file))
}
