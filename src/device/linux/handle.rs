//! An open drive or practice stick: all-or-error transfers over a file descriptor.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Advice, fadvise};

use crate::base::MIB;

use super::super::{AlignedBuf, BlockDevice, DeviceError, ErrorClass, Geometry, Operation};
use super::fault::class_of;
use super::inhibit::Inhibitor;
use super::ioctl;
use super::udisks::RescanOnClose;

/// Without direct I/O, less than this waits in the page cache when a write is done: more would show the speed of memory,
/// tell of bytes that the drive does not have, and leave the real work to a sync that nobody can watch.
const MAX_UNSYNCED_BYTES: u64 = MIB;

pub(super) struct Handle {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) geometry: Geometry,
    /// A block device, as opposed to the file of a practice stick.
    pub(super) is_block: bool,
    pub(super) unsynced_bytes: AtomicU64,
    // Fields are dropped in this order: the drive is closed, then looked at anew, then the machine may sleep.
    pub(super) _rescan: Option<RescanOnClose>,
    pub(super) _inhibitor: Option<Inhibitor>,
}

impl Handle {
    fn class(&self, error: &io::Error, operation: Operation) -> ErrorClass {
        match class_of(error, operation) {
            // A drive that was pulled out answers like a bad one; its size tells.
            ErrorClass::Media | ErrorClass::Full | ErrorClass::Other
                if self.is_block && matches!(ioctl::size_bytes(&self.file), Ok(0) | Err(_)) =>
            {
                ErrorClass::Gone
            }
            class => class,
        }
    }

    fn failed(&self, operation: Operation, offset: u64, len: usize, source: io::Error) -> DeviceError {
        DeviceError::Io { operation, offset, len: len as u64, class: self.class(&source, operation), source }
    }

    fn sync_failed(&self, source: io::Error) -> DeviceError {
        let (operation, path) = (Operation::Sync, self.path.display().to_string());
        DeviceError::Access { operation, path, class: self.class(&source, operation), source }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()?;
        self.unsynced_bytes.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Repeats `transfer(done)` until `len` bytes are moved. Going on after a part is right only at a sector's edge:
    /// anywhere else the device would have to read to complete a write, which direct I/O refuses.
    fn move_all(&self, len: usize, mut transfer: impl FnMut(usize) -> io::Result<usize>) -> io::Result<()> {
        let sector = self.geometry.sector_bytes as usize;
        let mut done = 0;
        while done < len {
            match transfer(done) {
                Ok(0) => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        format!("the device ended after {done} of {len} bytes"),
                    ));
                }
                Ok(count) if done + count < len && !count.is_multiple_of(sector) => {
                    return Err(io::Error::other(format!(
                        "the device moved {count} bytes, which is no whole number of sectors of {sector} bytes"
                    )));
                }
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl BlockDevice for Handle {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError> {
        let len = buf.len();
        self.move_all(len, |done| self.file.read_at(&mut buf[done..], offset + done as u64))
            .map_err(|error| self.failed(Operation::Read, offset, len, error))
    }

    fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError> {
        let fail = |error| self.failed(Operation::Write, offset, buf.len(), error);
        // A file would simply grow where a drive ends.
        if offset.checked_add(buf.len() as u64).is_none_or(|end| end > self.geometry.size_bytes) {
            return Err(fail(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the device ends at byte {}", self.geometry.size_bytes),
            )));
        }
        self.move_all(buf.len(), |done| self.file.write_at(&buf[done..], offset + done as u64))
            .map_err(fail)?;
        if !self.geometry.direct {
            let unsynced =
                self.unsynced_bytes.fetch_add(buf.len() as u64, Ordering::Relaxed) + buf.len() as u64;
            if unsynced >= MAX_UNSYNCED_BYTES {
                self.sync_data().map_err(fail)?;
            }
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), DeviceError> {
        self.unsynced_bytes.store(0, Ordering::Relaxed);
        self.file.sync_all().map_err(|error| self.sync_failed(error))
    }

    fn drop_caches(&self) -> Result<bool, DeviceError> {
        // Pages that are still to be written cannot be dropped.
        self.sync_data().map_err(|error| self.sync_failed(error))?;
        if self.is_block && ioctl::flush_cache(&self.file).is_ok() {
            return Ok(true);
        }
        let advised = fadvise(&self.file, 0, None, Advice::DontNeed).is_ok();
        Ok(self.geometry.direct || (advised && !self.is_block))
    }

    fn rescan(&self) {
        if self.is_block {
            // Best effort: without the right to, udev does it when the device is closed.
            let _ = ioctl::reread_partitions(&self.file);
        }
    }
}
