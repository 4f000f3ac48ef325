//! Practice sticks: plain files that stand in for drives.

use std::path::Path;

use super::{DeviceError, Drive};

/// Describes the regular file at `path` as a drive with 512-byte sectors.
pub fn practice_stick(path: &Path) -> Result<Drive, DeviceError> {
    let _ = path;
    todo!()
}

/// Makes a sparse file of `size_bytes` that can serve as a practice stick.
pub fn create_practice_stick(path: &Path, size_bytes: u64) -> Result<Drive, DeviceError> {
    let _ = (path, size_bytes);
    todo!()
}
