//! A drive that is lent to a worker: who waits can see whether the drive is what is waited for, and it can be taken back
//! from a worker that hangs elsewhere.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::device::{AlignedBuf, BlockDevice, DeviceError, ErrorClass, Geometry, Operation};

/// What is being asked of the drives of one job.
#[derive(Default)]
pub(super) struct Activity {
    commands: AtomicUsize,
    closing: AtomicBool,
}

impl Activity {
    /// A drive has been given a command and has not answered it.
    pub fn waits_for_drive(&self) -> bool {
        self.commands.load(Ordering::Relaxed) > 0
    }

    /// A drive is being closed, and the system told to look at it anew.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }
}

pub(super) struct Lent {
    /// `None`: it was taken back.
    device: Mutex<Option<Arc<dyn BlockDevice>>>,
    geometry: Geometry,
    activity: Arc<Activity>,
}

impl Lent {
    pub fn new(device: Arc<dyn BlockDevice>, activity: Arc<Activity>) -> Self {
        Self { geometry: device.geometry(), device: Mutex::new(Some(device)), activity }
    }

    /// Closes the drive, at once or when the command that it is busy with returns. The worker gets nothing but errors
    /// from then on.
    pub fn take_back(&self) {
        let device = self.device().take();
        self.activity.closing.store(true, Ordering::Relaxed);
        drop(device);
        self.activity.closing.store(false, Ordering::Relaxed);
    }

    fn device(&self) -> MutexGuard<'_, Option<Arc<dyn BlockDevice>>> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask<T>(
        &self,
        operation: Operation,
        offset: u64,
        len: usize,
        command: impl FnOnce(&dyn BlockDevice) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        let Some(device) = self.device().clone() else {
            let source = std::io::Error::other("the job was cancelled");
            return Err(DeviceError::Io {
                operation,
                offset,
                len: len as u64,
                class: ErrorClass::Other,
                source,
            });
        };
        let _under_way = UnderWay::begin(&self.activity.commands);
        command(&*device)
    }
}

impl BlockDevice for Lent {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError> {
        self.ask(Operation::Read, offset, buf.len(), |device| device.read_at(offset, buf))
    }

    fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError> {
        self.ask(Operation::Write, offset, buf.len(), |device| device.write_at(offset, buf))
    }

    fn sync(&self) -> Result<(), DeviceError> {
        self.ask(Operation::Sync, 0, 0, |device| device.sync())
    }

    fn drop_caches(&self) -> Result<bool, DeviceError> {
        self.ask(Operation::DropCaches, 0, 0, |device| device.drop_caches())
    }

    fn rescan(&self) {
        // Of a drive that was taken back, nobody wants to know.
        let _ = self.ask(Operation::Read, 0, 0, |device| {
            device.rescan();
            Ok(())
        });
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.take_back();
    }
}

/// Counts a command for as long as it lasts, also when it panics.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn begin(commands: &'a AtomicUsize) -> Self {
        commands.fetch_add(1, Ordering::Relaxed);
        Self(commands)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
