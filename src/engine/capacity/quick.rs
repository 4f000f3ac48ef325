//! The test that takes seconds.
//!
//! Single places up to the drive's end are written first, then a stretch near its start. Where a place does not come back,
//! the drive drops what is past its real end, which is then searched for in ever smaller parts.
//!
//! A drive that wraps around after R bytes shows the stretch at every multiple of R. Places a stretch apart from each
//! other, over all of one doubling of the address, meet it whatever R is, and they only need to be read: that is the
//! cheapest thing to do with a stick. Where the drive is so large or so slow that its upper half would need too many
//! reads, a lower doubling is read, which meets every R up to there.

use std::time::Duration;

use crate::device::AlignedBuf;

use super::areas::{Areas, Holds};
use super::places::{
    Effort, LEAST_STRETCH_BYTES, aligned, dense_lookouts, places, sold_lookouts, usual_lookouts,
};
use super::stamp::{Found, STAMP_BYTES, Stamps};
use super::{
    BLOCK_BYTES, Bench, CapacityTest, EMPTIED_BYTES, EngineError, PLACE_BYTES, Phase, note_wrong, refusable,
};

pub(super) fn test(bench: &Bench<'_>, effort: Effort) -> Result<CapacityTest, EngineError> {
    let mut quick = Quick::new(bench);
    quick.write_places(effort)?;
    quick.write_stretch(effort)?;
    quick.past_cache = bench.device.drop_caches()?;
    quick.read_back(effort)?;
    quick.look_out(effort)?;
    quick.judge()
}

/// Shares of the work that are done when a part of it is, as the time goes on a common stick.
const SHARE_PLACES: f32 = 0.4;
const SHARE_STRETCH: f32 = 0.6;
const SHARE_BACK: f32 = 0.7;
/// So many reads show how long one takes.
const READS_TIMED: usize = 8;

pub(super) struct Quick<'a> {
    pub bench: &'a Bench<'a>,
    pub stamps: Stamps,
    /// Bytes of the drive, from and to.
    pub stretch: (u64, u64),
    /// Ascending, behind the stretch, each with: did it come back right?
    pub places: Vec<(u64, bool)>,
    pub buf: AlignedBuf,
    moved_bytes: u64,
    pub areas: Areas,
    /// From here to the stretch's end nothing is right.
    pub stretch_good_to: u64,
    pub flaky_reads: u64,
    pub past_cache: bool,
    pub cut_short: bool,
    pub wraps_excluded_bytes: u64,
    pub write_bytes_per_sec: u64,
    pub read_bytes_per_sec: u64,
}

impl<'a> Quick<'a> {
    fn new(bench: &'a Bench<'a>) -> Self {
        // The start stays empty all the time, where there is room for it.
        let from = EMPTIED_BYTES.min(aligned(bench.size_bytes / 8));
        Self {
            bench,
            stamps: bench.stamps,
            stretch: (from, from),
            places: Vec::new(),
            buf: AlignedBuf::new(BLOCK_BYTES),
            moved_bytes: 0,
            areas: Areas::default(),
            stretch_good_to: from,
            flaky_reads: 0,
            past_cache: true,
            cut_short: false,
            wraps_excluded_bytes: 0,
            write_bytes_per_sec: 0,
            read_bytes_per_sec: 0,
        }
    }

    fn now(&self) -> Duration {
        (self.bench.clock)()
    }

    fn longest_stretch(&self, effort: Effort) -> u64 {
        effort.stretch_bytes.min(aligned(self.bench.size_bytes / 4))
    }

    fn write_places(&mut self, effort: Effort) -> Result<(), EngineError> {
        let all = places(self.bench, self.stretch.0 + self.longest_stretch(effort), effort.spread);
        let until = self.now() + effort.times[0];
        for (index, at) in all.iter().enumerate() {
            // The drive's end always.
            if index > 0 && self.now() >= until {
                self.cut_short = true;
                break;
            }
            self.write(*at, PLACE_BYTES)?;
            self.places.push((*at, false));
            self.step(SHARE_PLACES * (index + 1) as f32 / all.len() as f32);
        }
        self.places.sort_unstable();
        Ok(())
    }

    /// After the places: what wraps around is overwritten, and what a memory inside the drive holds is pushed out.
    fn write_stretch(&mut self, effort: Effort) -> Result<(), EngineError> {
        let began = self.now();
        let (from, longest) = (self.stretch.0, self.longest_stretch(effort));
        while self.stretch.1 < from + longest {
            let at = self.stretch.1;
            if at >= from + LEAST_STRETCH_BYTES && self.now() >= began + effort.times[1] {
                self.cut_short = true;
                break;
            }
            let len = (from + longest - at).min(BLOCK_BYTES as u64);
            self.write(at, len)?;
            self.stretch.1 += len;
            let share = (self.stretch.1 - from) as f32 / longest as f32;
            self.step(SHARE_PLACES + (SHARE_STRETCH - SHARE_PLACES) * share);
        }
        self.bench.device.sync()?;
        self.write_bytes_per_sec = self.bench.pace(self.stretch.1 - from, began);
        Ok(())
    }

    /// A medium that refuses shows when it is read.
    pub fn write(&mut self, at: u64, len: u64) -> Result<(), EngineError> {
        self.bench.cancel.check()?;
        self.buf.set_len(len as usize);
        self.stamps.fill(at, &mut self.buf);
        self.moved_bytes += len;
        refusable(self.bench.device.write_at(at, &self.buf)).map(|_| ())
    }

    /// Bytes are no measure of this work.
    pub fn step(&self, share: f32) {
        (self.bench.observer)(super::Step {
            phase: Phase::Testing,
            done_bytes: self.moved_bytes,
            total_bytes: None,
            consumed: Some(share),
        });
    }

    fn read_back(&mut self, effort: Effort) -> Result<(), EngineError> {
        let (from, to) = self.stretch;
        self.read_emptied(from)?;
        let began = self.now();
        if effort.all_back || !self.samples_are_right()? {
            for at in (from..to).step_by(BLOCK_BYTES) {
                self.read_stamps(at, (to - at).min(BLOCK_BYTES as u64))?;
                let share = (at - from) as f32 / (to - from) as f32;
                self.step(SHARE_STRETCH + (SHARE_BACK - SHARE_STRETCH) * share);
            }
            self.read_bytes_per_sec = self.bench.pace(to - from, began);
        }
        self.stretch_good_to = self.areas.bad_from(to).unwrap_or(to).max(from);
        for index in 0..self.places.len() {
            self.places[index].1 = self.read_stamps(self.places[index].0, PLACE_BYTES)?;
        }
        Ok(())
    }

    /// A place in each block of the stretch: each was written at once.
    fn samples_are_right(&mut self) -> Result<bool, EngineError> {
        let (from, to) = self.stretch;
        for at in (from..to).step_by(BLOCK_BYTES) {
            if !self.read(at, PLACE_BYTES)? || !self.all_right(at) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Searches for the stretch where it should not be.
    fn look_out(&mut self, effort: Effort) -> Result<(), EngineError> {
        let began = self.now();
        let length = self.stretch.1 - self.stretch.0;
        let usual = usual_lookouts(self.bench, self.stretch);
        let reads = self.look_at(&usual, began + effort.times[2] / 4)?;
        let spent = self.now().saturating_sub(began);
        let left = effort.times[2].saturating_sub(spent);
        let secs_each = spent.as_secs_f64() / reads.max(1) as f64;
        let mut affordable =
            if secs_each > 0.0 { (left.as_secs_f64() / secs_each) as u64 } else { effort.reads };
        affordable = affordable.clamp(1, effort.reads);
        let needed = (self.bench.size_bytes / 2).div_ceil(length);
        self.cut_short |= affordable < needed.min(effort.reads);
        if affordable < needed {
            let sold = sold_lookouts(self.bench, self.stretch, affordable / 2);
            self.look_at(&sold, began + 2 * effort.times[2])?;
            affordable -= (sold.len() as u64).min(affordable - 1);
        }
        let (dense, top) = dense_lookouts(self.bench, self.stretch, affordable);
        // The estimate may have been bad.
        let looked = self.look_at(&dense, began + 2 * effort.times[2])?;
        self.cut_short |= looked < dense.len();
        // What was met: a multiple of any size that is no longer than the part that was looked at.
        self.wraps_excluded_bytes =
            if looked == dense.len() { top } else { (looked as u64 * length).min(top / 2) };
        Ok(())
    }

    /// Some places at least, the others until that time; so many they were.
    fn look_at(&mut self, places: &[u64], until: Duration) -> Result<usize, EngineError> {
        for (index, at) in places.iter().enumerate() {
            if index >= READS_TIMED && self.now() >= until {
                self.cut_short = true;
                return Ok(index);
            }
            self.look(*at)?;
            self.step(SHARE_BACK + (1.0 - SHARE_BACK) * index as f32 / places.len() as f32);
        }
        Ok(places.len())
    }

    fn look(&mut self, at: u64) -> Result<(), EngineError> {
        // Nothing was written there, or it was read already: that it cannot be read says nothing.
        if self.read(at, self.bench.sector_bytes)?
            && let Found::Other(of) = self.stamps.find(at, &self.buf[..STAMP_BYTES])
        {
            self.areas.add(at, STAMP_BYTES as u64, Holds::Another { of });
        }
        Ok(())
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
        self.leading_right(at) == self.buf.len() as u64
    }

    /// So many bytes of what was read at `at` are right, from its start on.
    pub fn leading_right(&self, at: u64) -> u64 {
        let stamps = (at..).step_by(STAMP_BYTES).zip(self.buf.chunks_exact(STAMP_BYTES));
        let right = stamps.take_while(|(at, stamp)| self.stamps.find(*at, stamp) == Found::Right);
        right.count() as u64 * STAMP_BYTES as u64
    }

    /// `false`: the medium reports an error.
    pub fn read(&mut self, at: u64, len: u64) -> Result<bool, EngineError> {
        self.bench.cancel.check()?;
        self.buf.set_len(len as usize);
        self.moved_bytes += len;
        refusable(self.bench.device.read_at(at, &mut self.buf))
    }
}
