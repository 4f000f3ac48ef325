//! Is a drive as large as it says, and does it keep what it is given?
//!
//! Drives that lie about their size do one of two things with what is written past their real end. Some take the address
//! modulo their real size, so that the end of the drive overwrites its start; others drop it. Both answer that all is
//! well. So every byte that is written here tells where it belongs ([`stamp`]), and is asked for again past every cache.
//!
//! ```text
//! quick   single places up to the end and a stretch at the start are written; then many places are read that
//!         would show the stretch if addresses wrapped around: seconds, by the clock
//! full    all of the drive is written, then all of it is read
//! ```
//!
//! A drive that only fails is not called a liar: one that reports errors says the truth, and past the real end of one
//! that lies nothing at all is kept.
//!
//! The drive is erased by either. Its first and last MiB are zeroes afterwards, whatever was found and however it ended,
//! unless it does not keep even those.

mod areas;
mod full;
mod places;
mod quick;
mod stamp;
mod verdict;
mod witness;
mod wrap;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use serde::Serialize;

use crate::base::{Cancel, MIB};
use crate::device::{AlignedBuf, BlockDevice, DeviceError, ErrorClass};

use super::{BLOCK_BYTES, EngineError, Mark, Observer, Phase, Step};

pub use areas::{BadArea, Holds};

use areas::Areas;
use places::Effort;
use stamp::{Found, STAMP_BYTES, Stamps};

/// Both ends of the drive that are made zero: as much as can make a system or a firmware see something in it.
const EMPTIED_BYTES: u64 = MIB;
/// With so much written after something, no memory inside a drive holds that any more, as far as is known of sticks.
const PURGE_BYTES: u64 = 32 * MIB;
/// With less there is nothing to test.
const SMALLEST_BYTES: u64 = 256 << 10;
/// What a single place is tested with: whole sectors on every drive, and whole pages of flash memory on most.
const PLACE_BYTES: u64 = 4096;

/// How much of a drive is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TestExtent {
    /// Finds drives that lie about their size.
    Quick,
    /// Every byte.
    Full,
}

/// What a test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CapacityTest {
    pub extent: TestExtent,
    pub claimed_bytes: u64,
    /// The drive keeps at least so much, from its start on, as far as was tested…
    pub at_least_bytes: u64,
    /// … and no more than this. Both are `claimed_bytes` unless it lies about its size.
    pub at_most_bytes: u64,
    /// `None`: no lie about the size was found.
    pub lie: Option<Lie>,
    /// Places below the real end that did not keep what they were given: ascending, cut off at a bound.
    pub bad_areas: Vec<BadArea>,
    /// There were more than are listed.
    pub truncated: bool,
    /// All bytes of bad areas, listed or not.
    pub bad_bytes: u64,
    /// Reads that were wrong at first and right when they were repeated.
    pub flaky_reads: u64,
    /// Bytes that were written and read back.
    pub tested_bytes: u64,
    /// A quick test met so slow a drive that it tried less of it than it would have.
    pub cut_short: bool,
    /// That it wraps around after this many bytes, or fewer, is excluded; after more only at the usual sizes.
    pub wraps_excluded_bytes: u64,
    /// Of long stretches, until the drive had stored them; 0: too short to tell.
    pub write_bytes_per_sec: u64,
    pub read_bytes_per_sec: u64,
    /// The drive's start was made zero after the test, and read back as that.
    pub left_empty: bool,
    /// `false`: the system could not promise that reads came from the medium.
    pub past_cache: bool,
}

/// What the drive does with bytes past its real end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lie {
    /// They overwrite those at its start.
    Wraps,
    /// They are lost.
    Drops,
}

impl CapacityTest {
    /// The drive has the size that it says, and kept all that was tested.
    pub fn is_good(&self) -> bool {
        self.lie.is_none() && self.bad_bytes == 0
    }
}

/// Time that has passed since any moment.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// Tests `device`, and erases it. [`EngineError::TooSmallToTest`] for drives of less than 256 KiB; an error of the drive
/// that is not of its medium ends the test.
pub fn test_capacity(
    device: &dyn BlockDevice,
    extent: TestExtent,
    clock: Clock<'_>,
    observer: Observer<'_>,
    mark: &dyn Fn(Mark),
    cancel: &Cancel,
) -> Result<CapacityTest, EngineError> {
    let bench = Bench::new(device, clock, observer, cancel)?;
    bench.run(mark, |bench| match extent {
        TestExtent::Quick => quick::test(bench, Effort::WHOLE_TEST),
        TestExtent::Full => full::test(bench),
    })
}

/// The quick test in its shortest form, about 2 s by `clock`, for drives that are about to be written anyway.
pub fn probe_capacity(
    device: &dyn BlockDevice,
    clock: Clock<'_>,
    observer: Observer<'_>,
    mark: &dyn Fn(Mark),
    cancel: &Cancel,
) -> Result<CapacityTest, EngineError> {
    let bench = Bench::new(device, clock, observer, cancel)?;
    bench.run(mark, |bench| quick::test(bench, Effort::BEFORE_WRITING))
}

/// A drive that is being tested.
struct Bench<'a> {
    device: &'a dyn BlockDevice,
    size_bytes: u64,
    sector_bytes: u64,
    stamps: Stamps,
    clock: Clock<'a>,
    observer: Observer<'a>,
    cancel: &'a Cancel,
}

impl<'a> Bench<'a> {
    fn new(
        device: &'a dyn BlockDevice,
        clock: Clock<'a>,
        observer: Observer<'a>,
        cancel: &'a Cancel,
    ) -> Result<Self, EngineError> {
        let geometry = device.geometry();
        let sector_bytes = u64::from(geometry.sector_bytes);
        let size_bytes = geometry.size_bytes / sector_bytes * sector_bytes;
        if size_bytes < SMALLEST_BYTES {
            return Err(EngineError::TooSmallToTest { size_bytes });
        }
        // The keys of hash maps are the standard library's only source of chance.
        let random = || RandomState::new().hash_one(0);
        let stamps = Stamps::new([random(), random()]);
        Ok(Self { device, size_bytes, sector_bytes, stamps, clock, observer, cancel })
    }

    /// Empties the drive, tests it, and empties it again, however the test ended.
    fn run(
        &self,
        mark: &dyn Fn(Mark),
        test: impl FnOnce(&Self) -> Result<CapacityTest, EngineError>,
    ) -> Result<CapacityTest, EngineError> {
        self.cancel.check()?;
        mark(Mark::Wiping);
        self.step(Phase::Wiping, 0, 2 * EMPTIED_BYTES);
        self.empty()?;
        mark(Mark::Blank);
        match test(self) {
            Ok(found) => {
                self.empty()?;
                Ok(CapacityTest { left_empty: self.is_empty()?, ..found })
            }
            Err(error) => {
                // What went wrong first is what is told; a drive that is gone cannot be emptied.
                let _ = self.empty();
                Err(error)
            }
        }
    }

    /// The end first: on a drive that lies it may be somewhere else.
    fn empty(&self) -> Result<(), EngineError> {
        let len = EMPTIED_BYTES.min(self.size_bytes);
        let zeroes = AlignedBuf::new(len as usize);
        for offset in [self.size_bytes - len, 0] {
            // A drive with a bad end has no start that could be seen only because of that.
            match self.device.write_at(offset, &zeroes) {
                Err(error) if offset == 0 || !is_of_medium(&error) => return Err(error.into()),
                _ => {}
            }
        }
        Ok(self.device.sync()?)
    }

    /// Does the start read as zeroes?
    fn is_empty(&self) -> Result<bool, EngineError> {
        self.device.drop_caches()?;
        let mut start = AlignedBuf::new(EMPTIED_BYTES.min(self.size_bytes) as usize);
        Ok(refusable(self.device.read_at(0, &mut start))? && start.iter().all(|byte| *byte == 0))
    }

    /// Bytes a second, once there is a time to speak of.
    fn pace(&self, bytes: u64, since: Duration) -> u64 {
        let secs = (self.clock)().saturating_sub(since).as_secs_f64();
        if secs < 0.001 { 0 } else { (bytes as f64 / secs) as u64 }
    }

    fn step(&self, phase: Phase, done_bytes: u64, total_bytes: u64) {
        (self.observer)(Step { phase, done_bytes, total_bytes: Some(total_bytes), consumed: None });
    }
}

/// The medium itself refused: that is a finding, and no reason to stop.
fn is_of_medium(error: &DeviceError) -> bool {
    error.class() == ErrorClass::Media
}

/// `false`: the medium reports an error, which is a finding. Any other error ends the test.
fn refusable(done: Result<(), DeviceError>) -> Result<bool, EngineError> {
    match done {
        Ok(()) => Ok(true),
        Err(error) if is_of_medium(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Is so much missing that the drive was made to lie, or are these bad places at its end?
fn is_lie(real_bytes: u64, claimed_bytes: u64) -> bool {
    claimed_bytes.saturating_sub(real_bytes) >= MIB.min(claimed_bytes / 16)
}

/// Notes each stamp of `read`, which was read at `at`, that is not what belongs there.
fn note_wrong(stamps: &Stamps, areas: &mut Areas, at: u64, read: &[u8]) {
    for (at, stamp) in (at..).step_by(STAMP_BYTES).zip(read.chunks_exact(STAMP_BYTES)) {
        match stamps.find(at, stamp) {
            Found::Right => {}
            Found::Other(of) => areas.add(at, STAMP_BYTES as u64, Holds::Another { of }),
            Found::Wrong => areas.add(at, STAMP_BYTES as u64, Holds::Wrong),
        }
    }
}
