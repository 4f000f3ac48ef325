//! A drive of any claimed size, of which only what was written takes memory, and which lies as it is told.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sticksmith::device::{AlignedBuf, BlockDevice, DeviceError, Geometry};

use super::device::JUNK;

const PAGE: u64 = 512;

/// What the drive does with addresses past its real end.
#[derive(Clone, Copy, Debug)]
pub enum Past {
    Wraps,
    Drops,
    /// All of them are one place.
    Scratch,
}

pub struct FakeStick {
    claimed_bytes: u64,
    real_bytes: u64,
    sector_bytes: u32,
    past: Past,
    pages: Mutex<HashMap<u64, [u8; PAGE as usize]>>,
    pub writes: AtomicUsize,
    pub reads: AtomicUsize,
}

impl FakeStick {
    pub fn new(claimed_bytes: u64, real_bytes: u64, sector_bytes: u32, past: Past) -> Self {
        let pages = Mutex::default();
        Self { claimed_bytes, real_bytes, sector_bytes, past, pages, writes: 0.into(), reads: 0.into() }
    }

    pub fn honest(bytes: u64, sector_bytes: u32) -> Self {
        Self::new(bytes, bytes, sector_bytes, Past::Drops)
    }

    fn page(&self, at: u64) -> Option<u64> {
        match self.past {
            _ if at < self.real_bytes => Some(at),
            Past::Wraps => Some(at % self.real_bytes),
            Past::Scratch => {
                Some(self.real_bytes - u64::from(self.sector_bytes) + at % u64::from(self.sector_bytes))
            }
            Past::Drops => None,
        }
    }

    /// These bytes, as a reader sees them.
    pub fn bytes(&self, offset: u64, len: usize) -> Vec<u8> {
        let mut buf = AlignedBuf::new(len);
        self.read_at(offset, &mut buf).unwrap();
        buf.to_vec()
    }
}

impl BlockDevice for FakeStick {
    fn geometry(&self) -> Geometry {
        Geometry { size_bytes: self.claimed_bytes, sector_bytes: self.sector_bytes, direct: true }
    }

    fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError> {
        self.check(offset, buf.len());
        self.reads.fetch_add(1, Ordering::Relaxed);
        let pages = self.pages.lock().unwrap();
        for (at, out) in (offset..).step_by(PAGE as usize).zip(buf.chunks_exact_mut(PAGE as usize)) {
            match self.page(at).and_then(|at| pages.get(&at)) {
                Some(page) => out.copy_from_slice(page),
                None => out.fill(JUNK),
            }
        }
        Ok(())
    }

    fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError> {
        self.check(offset, buf.len());
        self.writes.fetch_add(1, Ordering::Relaxed);
        let mut pages = self.pages.lock().unwrap();
        for (at, bytes) in (offset..).step_by(PAGE as usize).zip(buf.chunks_exact(PAGE as usize)) {
            if let Some(at) = self.page(at) {
                pages.insert(at, bytes.try_into().unwrap());
            }
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), DeviceError> {
        Ok(())
    }

    fn drop_caches(&self) -> Result<bool, DeviceError> {
        Ok(true)
    }
}

impl FakeStick {
    fn check(&self, offset: u64, len: usize) {
        let sector = u64::from(self.sector_bytes);
        assert!(
            len > 0 && offset.is_multiple_of(sector) && (len as u64).is_multiple_of(sector),
            "{offset}, {len}"
        );
        assert!(offset + len as u64 <= self.claimed_bytes, "past the end: {offset}, {len}");
    }
}
