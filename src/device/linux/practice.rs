//! Opening practice sticks: plain files that stand in for a drive.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::sync::atomic::AtomicU64;

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::super::{AlignedBuf, BlockDevice, DeviceError, Geometry, Identity, practice_stick};
use super::handle::Handle;
use super::open::{is, opening_failed, refuse_if_read_only, refuse_if_used};

pub(super) fn open_practice(chosen: &Identity, write: bool) -> Result<Box<dyn BlockDevice>, DeviceError> {
    let changed = |difference| DeviceError::Changed { path: chosen.path.display().to_string(), difference };
    let found = practice_stick(&chosen.path)?;
    if let Some(difference) = chosen.difference(&found.identity) {
        return Err(changed(difference));
    }
    if write {
        refuse_if_used(&found)?;
        refuse_if_read_only(&found)?;
    }
    let open = |flags: OFlags| {
        OpenOptions::new().read(true).write(write).custom_flags(flags.bits().cast_signed()).open(&chosen.path)
    };
    let failed = |error: io::Error| opening_failed(&found, error);
    let (file, direct) = match open(OFlags::DIRECT) {
        Ok(file) if reads_a_sector(&file, found.identity.sector_bytes) => (file, true),
        Ok(_) => (open(OFlags::empty()).map_err(failed)?, false),
        Err(error) if is(&error, Errno::INVAL) => (open(OFlags::empty()).map_err(failed)?, false),
        Err(error) => return Err(failed(error)),
    };
    if write {
        // Stands in for the exclusive opening of a drive, among programs that ask.
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            Errno::AGAIN => opening_failed(&found, Errno::BUSY.into()),
            error => failed(error.into()),
        })?;
    }
    let metadata = file.metadata().map_err(failed)?;
    let same = file_identity(&metadata) == chosen.device_number
        && metadata.len() / u64::from(chosen.sector_bytes) * u64::from(chosen.sector_bytes)
            == chosen.size_bytes;
    if !same {
        return Err(changed("its file was replaced".to_owned()));
    }
    let geometry = Geometry { size_bytes: chosen.size_bytes, sector_bytes: chosen.sector_bytes, direct };
    Ok(Box::new(Handle {
        file,
        path: chosen.path.clone(),
        geometry,
        is_block: false,
        unsynced_bytes: AtomicU64::new(0),
        _rescan: None,
        _inhibitor: None,
    }))
}

/// The file system may demand larger pieces for direct I/O than the sectors of the stick.
fn reads_a_sector(file: &File, sector_bytes: u32) -> bool {
    let mut sector = AlignedBuf::new(sector_bytes as usize);
    file.read_at(&mut sector, u64::from(sector_bytes)).is_ok()
}

/// What stands for the device number of a practice stick: file system and inode.
pub(in crate::device) fn file_identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
