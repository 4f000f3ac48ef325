//! Practice sticks: plain files that stand in for drives.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use super::os::{access, file_identity, file_uses, volume_of_file};
use super::{Bus, DeviceError, Drive, Identity, Operation, Partition};

/// What old and new sticks have, and what every image can be written to.
const SECTOR_BYTES: u32 = 512;

/// Describes the regular file at `path` as a drive with 512-byte sectors; what is left over behind the last whole
/// sector stays out of use.
pub fn practice_stick(path: &Path) -> Result<Drive, DeviceError> {
    let failed = |error| access(Operation::Open, path, error);
    let path = &fs::canonicalize(path).map_err(failed)?;
    let metadata = fs::metadata(path).map_err(failed)?;
    let size_bytes = size_in_sectors(&metadata);
    if !metadata.is_file() || size_bytes == 0 {
        let what = if metadata.is_file() { "holds no whole sector" } else { "is not a file" };
        let name = path.display();
        return Err(DeviceError::NotADrive(format!(
            "{name} {what}; a practice stick is a file that is as large as the stick."
        )));
    }
    let volume = volume_of_file(path).map(|volume| Partition {
        path: path.clone(),
        number: None,
        offset_bytes: 0,
        size_bytes,
        volume: Some(volume),
        mount_points: Vec::new(),
    });
    Ok(Drive {
        identity: Identity {
            path: path.clone(),
            vendor: None,
            model: None,
            serial: None,
            wwn: None,
            size_bytes,
            sector_bytes: SECTOR_BYTES,
            port: None,
            device_number: file_identity(&metadata),
            sequence: None,
        },
        bus: Bus::Practice,
        physical_sector_bytes: SECTOR_BYTES,
        removable: false,
        hotplug: false,
        read_only: metadata.permissions().readonly(),
        partitions: volume.into_iter().collect(),
        system_uses: file_uses(path)?,
        stoppable_uses: Vec::new(),
        appeared_unix_secs: None,
    })
}

/// Makes a sparse file of `size_bytes`, rounded up to whole sectors, that can serve as a practice stick. A file that
/// is there already stays as it is, and is an error.
pub fn create_practice_stick(path: &Path, size_bytes: u64) -> Result<Drive, DeviceError> {
    let failed = |error: io::Error| access(Operation::Open, path, error);
    let size_bytes = size_bytes
        .checked_next_multiple_of(SECTOR_BYTES.into())
        .filter(|size| *size > 0)
        .ok_or_else(|| DeviceError::NotADrive(format!("No practice stick can have {size_bytes} bytes.")))?;
    let file = File::create_new(path).map_err(failed)?;
    if let Err(error) = file.set_len(size_bytes) {
        // The file is ours and empty.
        let _ = fs::remove_file(path);
        return Err(failed(error));
    }
    practice_stick(path)
}

fn size_in_sectors(metadata: &Metadata) -> u64 {
    let sector = u64::from(SECTOR_BYTES);
    metadata.len() / sector * sector
}
