//! A drive of any claimed size, of which only what was written takes memory, which lies or fails as it is told, and which
//! counts the time that a real one would take.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use sticksmith::device::{AlignedBuf, BlockDevice, DeviceError, ErrorClass, Geometry, Operation};

use super::device::JUNK;

const PAGE: u64 = 512;
type Page = [u8; PAGE as usize];

/// What the drive does with addresses past its real end.
#[derive(Clone, Copy, Debug)]
pub enum Past {
    Wraps,
    Drops,
    /// All of them are one place.
    Scratch,
    /// They come around in the last bytes of what there is, so many of them.
    Window(u64),
    /// It reports an error of the medium: it fails, and does not lie.
    Refuses,
}

/// What a request takes, beside the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub bytes_per_sec: u64,
    /// Requests a second that are not one behind the other.
    pub writes_per_sec: u64,
    pub reads_per_sec: u64,
}

pub struct FakeStick {
    claimed_bytes: u64,
    real_bytes: u64,
    sector_bytes: u32,
    past: Past,
    pace: Option<Pace>,
    /// Every nth write is lost; 0: none.
    lose_every: usize,
    cache_bytes: u64,
    state: Mutex<State>,
    nanos: AtomicU64,
    pub writes: AtomicUsize,
    pub reads: AtomicUsize,
    pub moved_bytes: AtomicU64,
}

#[derive(Default)]
struct State {
    pages: HashMap<u64, Page>,
    /// What was written last, by the address that was given, and in that order: not on the medium yet.
    cache: HashMap<u64, Page>,
    order: VecDeque<u64>,
    /// Where the last request ended.
    head: u64,
}

impl FakeStick {
    pub fn new(claimed_bytes: u64, real_bytes: u64, sector_bytes: u32, past: Past) -> Self {
        Self {
            claimed_bytes,
            real_bytes,
            sector_bytes,
            past,
            pace: None,
            lose_every: 0,
            cache_bytes: 0,
            state: Mutex::default(),
            nanos: 0.into(),
            writes: 0.into(),
            reads: 0.into(),
            moved_bytes: 0.into(),
        }
    }

    pub fn honest(bytes: u64, sector_bytes: u32) -> Self {
        Self::new(bytes, bytes, sector_bytes, Past::Drops)
    }

    pub fn with_pace(self, pace: Pace) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// With a memory inside that answers for what was written last, wherever that was.
    pub fn with_cache(self, cache_bytes: u64) -> Self {
        Self { cache_bytes, ..self }
    }

    pub fn losing_every(self, nth: usize) -> Self {
        Self { lose_every: nth, ..self }
    }

    /// The time that all of this took so far; none without a pace.
    pub fn clock(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }

    fn page(&self, at: u64) -> Option<u64> {
        match self.past {
            _ if at < self.real_bytes => Some(at),
            Past::Wraps => Some(at % self.real_bytes),
            Past::Scratch => {
                Some(self.real_bytes - u64::from(self.sector_bytes) + at % u64::from(self.sector_bytes))
            }
            Past::Window(bytes) => Some(self.real_bytes - bytes + (at - self.real_bytes) % bytes),
            Past::Drops | Past::Refuses => None,
        }
    }

    /// These bytes, as a reader sees them.
    pub fn bytes(&self, offset: u64, len: usize) -> Vec<u8> {
        let mut buf = AlignedBuf::new(len);
        self.read_at(offset, &mut buf).unwrap();
        buf.to_vec()
    }

    /// Checks the request, and counts what it takes.
    fn take(&self, operation: Operation, offset: u64, len: u64) -> Result<(), DeviceError> {
        let sector = u64::from(self.sector_bytes);
        assert!(len > 0 && offset.is_multiple_of(sector) && len.is_multiple_of(sector), "{offset}, {len}");
        assert!(offset + len <= self.claimed_bytes, "past the end: {offset}, {len}");
        self.moved_bytes.fetch_add(len, Ordering::Relaxed);
        let mut state = self.state.lock().unwrap();
        if let Some(pace) = self.pace {
            let per_sec =
                if operation == Operation::Write { pace.writes_per_sec } else { pace.reads_per_sec };
            let seek = if state.head == offset { 0 } else { 1_000_000_000 / per_sec };
            self.nanos.fetch_add(seek + len * 1_000_000_000 / pace.bytes_per_sec, Ordering::Relaxed);
        }
        state.head = offset + len;
        if matches!(self.past, Past::Refuses) && offset + len > self.real_bytes {
            let source = io::Error::other("injected");
            return Err(DeviceError::Io { operation, offset, len, class: ErrorClass::Media, source });
        }
        Ok(())
    }

    fn put(&self, state: &mut State, at: u64, page: Page) {
        if let Some(at) = self.page(at) {
            state.pages.insert(at, page);
        }
    }
}

impl BlockDevice for FakeStick {
    fn geometry(&self) -> Geometry {
        Geometry { size_bytes: self.claimed_bytes, sector_bytes: self.sector_bytes, direct: true }
    }

    fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.take(Operation::Read, offset, buf.len() as u64)?;
        let state = self.state.lock().unwrap();
        for (at, out) in (offset..).step_by(PAGE as usize).zip(buf.chunks_exact_mut(PAGE as usize)) {
            let on_medium = || self.page(at).and_then(|at| state.pages.get(&at));
            match state.cache.get(&at).or_else(on_medium) {
                Some(page) => out.copy_from_slice(page),
                None => out.fill(JUNK),
            }
        }
        Ok(())
    }

    fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError> {
        let nth = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        self.take(Operation::Write, offset, buf.len() as u64)?;
        if self.lose_every > 0 && nth.is_multiple_of(self.lose_every) {
            return Ok(());
        }
        let mut state = self.state.lock().unwrap();
        for (at, bytes) in (offset..).step_by(PAGE as usize).zip(buf.chunks_exact(PAGE as usize)) {
            let page: Page = bytes.try_into().unwrap();
            if self.cache_bytes == 0 {
                self.put(&mut state, at, page);
                continue;
            }
            if state.cache.insert(at, page).is_none() {
                state.order.push_back(at);
            }
            while state.order.len() as u64 * PAGE > self.cache_bytes {
                let oldest = state.order.pop_front().unwrap();
                let page = state.cache.remove(&oldest).unwrap();
                self.put(&mut state, oldest, page);
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
