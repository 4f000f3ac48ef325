//! The test that takes seconds.
//!
//! Single places up to the drive's end are written first, then a stretch near its start. Where a place does not come back,
//! the drive drops what is past its real end, which is then searched for in ever smaller parts.
//!
//! A drive that wraps around after R bytes shows the stretch at every multiple of R. Places a stretch apart from each
//! other, over all of one doubling of the address, meet it whatever R is, and they only need to be read: that is the
//! cheapest thing to do with a stick. Where the drive is so large that its upper half would need too many reads, a lower
//! doubling is read, which meets every R up to there.

use crate::base::{GIB, MIB};
use crate::device::AlignedBuf;

use super::areas::{Areas, Holds};
use super::stamp::{Found, STAMP_BYTES, Stamps};
use super::{
    BLOCK_BYTES, Bench, CapacityTest, EMPTIED_BYTES, EngineError, Lie, PLACE_BYTES, Phase, TestExtent,
    is_lie, is_of_medium, note_wrong, wrap,
};

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Effort {
    /// Length of the stretch.
    pub stretch_bytes: u64,
    /// Places that are spread evenly over the drive, beside those at powers of two.
    pub spread: u64,
    /// Places that are read in search of the stretch.
    pub reads: u64,
}

impl Effort {
    /// Finds every wrap-around below 256 GiB, and at the usual places above.
    pub const WHOLE_TEST: Self = Self { stretch_bytes: 32 * MIB, spread: 128, reads: 4096 };
    /// Finds every wrap-around below 16 GiB. On a stick that writes 15 MB/s it takes 2 s.
    pub const BEFORE_WRITING: Self = Self { stretch_bytes: 8 * MIB, spread: 12, reads: 1024 };
}

/// The real end is looked for in so many parts of what is left.
const PARTS: u64 = 16;
/// Written between a place and its reading while the end is searched for, so that no memory inside the drive answers.
const PURGE_BYTES: u64 = 4 * MIB;
/// Where none of the reads goes by the stretch's length: drives wrap around at such sizes.
const ROUND_BYTES: u64 = 8 * GIB;

pub(super) fn test(bench: &Bench<'_>, effort: Effort) -> Result<CapacityTest, EngineError> {
    let mut quick = Quick::new(bench, effort);
    quick.write_all()?;
    quick.past_cache = bench.device.drop_caches()?;
    let bad_places = quick.read_all()?;
    quick.judge(&bad_places)
}

struct Quick<'a> {
    bench: &'a Bench<'a>,
    stamps: Stamps,
    /// Bytes of the drive, from and to.
    stretch: (u64, u64),
    /// Ascending, behind the stretch.
    places: Vec<u64>,
    /// Where the stretch may show.
    lookouts: Vec<u64>,
    buf: AlignedBuf,
    done_bytes: u64,
    total_bytes: u64,
    areas: Areas,
    /// From here to the stretch's end nothing is right.
    stretch_good_to: u64,
    flaky_reads: u64,
    past_cache: bool,
}

impl<'a> Quick<'a> {
    fn new(bench: &'a Bench<'a>, effort: Effort) -> Self {
        let size = bench.size_bytes;
        // The start stays empty all the time, where there is room for it.
        let from = EMPTIED_BYTES.min(aligned(size / 8));
        let to = from + effort.stretch_bytes.min(aligned(size / 4));
        let places = places(bench, to, effort.spread);
        let lookouts = lookouts(bench, (from, to), effort.reads);
        let written = places.len() as u64 * PLACE_BYTES + (to - from);
        let read = written + from + lookouts.len() as u64 * bench.sector_bytes;
        Self {
            bench,
            stamps: bench.stamps,
            stretch: (from, to),
            places,
            lookouts,
            buf: AlignedBuf::new(BLOCK_BYTES),
            done_bytes: 0,
            total_bytes: written + read,
            areas: Areas::default(),
            stretch_good_to: to,
            flaky_reads: 0,
            past_cache: true,
        }
    }

    /// The highest place first, the stretch last: what wraps around is overwritten, and what a memory inside the drive
    /// holds is pushed out.
    fn write_all(&mut self) -> Result<(), EngineError> {
        for at in self.places.clone().into_iter().rev() {
            self.write(at, PLACE_BYTES)?;
        }
        let (from, to) = self.stretch;
        self.write_from(from, to)?;
        Ok(self.bench.device.sync()?)
    }

    fn write_from(&mut self, from: u64, to: u64) -> Result<(), EngineError> {
        for at in (from..to).step_by(BLOCK_BYTES) {
            self.write(at, (to - at).min(BLOCK_BYTES as u64))?;
        }
        Ok(())
    }

    /// A medium that refuses shows when it is read.
    fn write(&mut self, at: u64, len: u64) -> Result<(), EngineError> {
        self.bench.cancel.check()?;
        self.buf.set_len(len as usize);
        self.stamps.fill(at, &mut self.buf);
        match self.bench.device.write_at(at, &self.buf) {
            Err(error) if !is_of_medium(&error) => return Err(error.into()),
            _ => {}
        }
        self.advance(len);
        Ok(())
    }

    fn advance(&mut self, len: u64) {
        self.done_bytes += len;
        self.bench.step(Phase::Testing, self.done_bytes.min(self.total_bytes), self.total_bytes);
    }

    /// Fills `areas`, and returns which of the places are bad.
    fn read_all(&mut self) -> Result<Vec<bool>, EngineError> {
        let (from, to) = self.stretch;
        self.read_emptied(from)?;
        for at in (from..to).step_by(BLOCK_BYTES) {
            self.read_stamps(at, (to - at).min(BLOCK_BYTES as u64))?;
        }
        self.stretch_good_to = self.areas.bad_from(to).unwrap_or(to).max(from);
        let mut bad_places = Vec::with_capacity(self.places.len());
        for at in self.places.clone() {
            bad_places.push(!self.read_stamps(at, PLACE_BYTES)?);
        }
        for at in std::mem::take(&mut self.lookouts) {
            // Nothing was written there: that it cannot be read says nothing.
            if self.read(at, self.bench.sector_bytes)?
                && let Found::Other(of) = self.stamps.find(at, &self.buf[..STAMP_BYTES])
            {
                self.areas.add(at, STAMP_BYTES as u64, Holds::Another { of });
            }
        }
        Ok(bad_places)
    }

    /// The zeroes at the start, in which only a stamp can be that wrapped around.
    fn read_emptied(&mut self, len: u64) -> Result<(), EngineError> {
        if !self.read(0, len)? {
            self.areas.add(0, len, Holds::Unreadable);
            return Ok(());
        }
        for (at, stamp) in (0..).step_by(STAMP_BYTES).zip(self.buf.chunks_exact(STAMP_BYTES)) {
            if stamp.iter().any(|byte| *byte != 0) {
                let holds = match self.stamps.find(at, stamp) {
                    Found::Other(of) => Holds::Another { of },
                    Found::Right | Found::Wrong => Holds::Wrong,
                };
                self.areas.add(at, STAMP_BYTES as u64, holds);
            }
        }
        Ok(())
    }

    /// Holds this stretch against its stamps. `true`: all of them are right, at the second reading at the latest.
    fn read_stamps(&mut self, at: u64, len: u64) -> Result<bool, EngineError> {
        if self.read(at, len)? && self.all_right(at) {
            return Ok(true);
        }
        self.bench.device.drop_caches()?;
        let is_readable = self.read(at, len)?;
        let all_right = is_readable && self.all_right(at);
        self.flaky_reads += u64::from(all_right);
        if !is_readable {
            self.areas.add(at, len, Holds::Unreadable);
        } else if !all_right {
            note_wrong(&self.stamps, &mut self.areas, at, &self.buf);
        }
        Ok(all_right)
    }

    fn all_right(&self, at: u64) -> bool {
        let mut stamps = (at..).step_by(STAMP_BYTES).zip(self.buf.chunks_exact(STAMP_BYTES));
        stamps.all(|(at, stamp)| self.stamps.find(at, stamp) == Found::Right)
    }

    /// `false`: the medium reports an error.
    fn read(&mut self, at: u64, len: u64) -> Result<bool, EngineError> {
        self.bench.cancel.check()?;
        self.buf.set_len(len as usize);
        let is_readable = match self.bench.device.read_at(at, &mut self.buf) {
            Ok(()) => true,
            Err(error) if is_of_medium(&error) => false,
            Err(error) => return Err(error.into()),
        };
        self.advance(len);
        Ok(is_readable)
    }

    fn judge(mut self, bad_places: &[bool]) -> Result<CapacityTest, EngineError> {
        let size = self.bench.size_bytes;
        if self.areas.alias_step > 0
            && let Some(real) = wrap::period(self.bench, self.areas.alias_step)?
            && is_lie(real, size)
        {
            return Ok(self.found((real, real), Some(Lie::Wraps)));
        }
        let last_good = bad_places.iter().rposition(|bad| !bad);
        let first_bad = last_good.map_or(0, |last_good| last_good + 1);
        if let Some(&bad) = self.places.get(first_bad) {
            let good_end = last_good.and_then(|last| self.places.get(last)).map(|at| at + PLACE_BYTES);
            let real = match good_end {
                None if self.stretch_good_to < self.stretch.1 => (self.stretch_good_to, self.stretch_good_to),
                good_end => self.search(good_end.unwrap_or(self.stretch.1), bad)?,
            };
            if is_lie(real.1, size) {
                return Ok(self.found(real, Some(Lie::Drops)));
            }
        }
        Ok(self.found((size, size), None))
    }

    /// Narrows down where a drive ends that keeps what is written up to `good_end` and drops what is at `bad`.
    fn search(&mut self, mut good_end: u64, mut bad: u64) -> Result<(u64, u64), EngineError> {
        let sector = self.bench.sector_bytes;
        let (from, to) = self.stretch;
        while bad.saturating_sub(good_end) > PLACE_BYTES {
            let step = ((bad - good_end) / (PARTS + 1)).next_multiple_of(sector).max(PLACE_BYTES);
            let tried: Vec<u64> = (good_end..=bad - PLACE_BYTES).step_by(step as usize).collect();
            self.stamps = self.stamps.next();
            for at in tried.iter().rev() {
                self.write(*at, PLACE_BYTES)?;
            }
            self.write_from(from, to.min(from + PURGE_BYTES))?;
            self.bench.device.sync()?;
            self.bench.device.drop_caches()?;
            for at in tried {
                if !(self.read(at, PLACE_BYTES)? && self.all_right(at)) {
                    bad = at;
                    break;
                }
                good_end = at + PLACE_BYTES;
            }
        }
        Ok((good_end, bad.max(good_end)))
    }

    fn found(self, (at_least_bytes, at_most_bytes): (u64, u64), lie: Option<Lie>) -> CapacityTest {
        // Of a drive that lies, what is wrong is the lie.
        let areas = if lie.is_some() { Areas::default() } else { self.areas };
        CapacityTest {
            extent: TestExtent::Quick,
            claimed_bytes: self.bench.size_bytes,
            at_least_bytes,
            at_most_bytes,
            lie,
            bad_areas: areas.listed,
            truncated: areas.truncated,
            bad_bytes: areas.bytes,
            flaky_reads: self.flaky_reads,
            tested_bytes: self.stretch.1 - self.stretch.0 + self.places.len() as u64 * PLACE_BYTES,
            past_cache: self.past_cache,
        }
    }
}

/// The drive's end, every power of two, every power of two of the drive's parts, and some in between that are others in
/// every run. None overlaps another or the stretch, which ends at `low`.
fn places(bench: &Bench<'_>, low: u64, spread: u64) -> Vec<u64> {
    let size = bench.size_bytes;
    let part = size / spread;
    let scattered = (0..spread).map(|i| i * part + bench.stamps.chance(i) % part.max(1));
    let powers = (0..64).map(|power| 1 << power);
    let parts = (1..64).map(|power| size >> power);
    let mut all: Vec<u64> = powers.chain(parts).chain(scattered).map(aligned).collect();
    all.push(size - PLACE_BYTES);
    all.sort_unstable();
    let mut kept: Vec<u64> = Vec::new();
    // From above, so that the end is among them.
    for at in all.into_iter().rev().filter(|at| *at >= low) {
        let upper = kept.last().copied().unwrap_or(size);
        if at.checked_add(PLACE_BYTES).is_some_and(|end| end <= upper) {
            kept.push(at);
        }
    }
    kept.reverse();
    kept
}

/// Where the stretch shows, whatever the real size: see the module.
fn lookouts(bench: &Bench<'_>, (from, to): (u64, u64), reads: u64) -> Vec<u64> {
    let size = bench.size_bytes;
    let step = to - from;
    let top = size.min(reads.saturating_mul(2 * step));
    let last = size - bench.sector_bytes;
    let dense = (top / 2..=top).step_by(step as usize).map(|at| aligned(at) + from);
    let round = (top / ROUND_BYTES..=size / ROUND_BYTES).map(|number| number * ROUND_BYTES + from);
    dense.chain(round).filter(|at| *at < last).chain([last]).collect()
}

fn aligned(offset: u64) -> u64 {
    offset / PLACE_BYTES * PLACE_BYTES
}
