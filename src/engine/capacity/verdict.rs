//! What the findings of a quick test mean: a lie, and where the drive really ends; or a drive that is only failing.

use super::areas::Areas;
use super::places::aligned;
use super::quick::Quick;
use super::{CapacityTest, EngineError, Lie, PLACE_BYTES, TestExtent, is_lie, witness, wrap};

/// The real end is looked for in so many parts of what is left, where much has to be written between a place and its
/// reading…
const PARTS: u64 = 16;
/// … and in so many where nothing has.
const PARTS_AT_ONCE: u64 = 2;
/// The share of the work that is done when there is only the end to be found.
const SHARE_FOUND: f32 = 0.9;

impl Quick<'_> {
    pub(super) fn judge(mut self) -> Result<CapacityTest, EngineError> {
        let size = self.bench.size_bytes;
        if self.areas.alias_step > 0
            && let Some(real) = wrap::period(self.bench, self.areas.alias_step, self.stretch)?
            && is_lie(real, size)
        {
            return Ok(self.found((real, real), Some(Lie::Wraps)));
        }
        if let Some((low, high)) = self.areas.alias_pair
            && wrap::is_one_place(self.bench, aligned(low), aligned(high))?
        {
            // A window on something: how much there is takes the full test to tell.
            let (from, to) = self.stretch;
            let bad = self.areas.listed.iter().map(|area| area.offset).find(|at| (from..to).contains(at));
            let real = (bad.unwrap_or(to).min(high), high);
            return Ok(self.found(real, Some(Lie::Wraps)));
        }
        let last_good = self.places.iter().rposition(|(_, is_right)| *is_right);
        let first_bad = last_good.map_or(0, |last_good| last_good + 1);
        if let Some(&(bad, _)) = self.places.get(first_bad) {
            let good_end = last_good.and_then(|last| self.places.get(last)).map(|(at, _)| at + PLACE_BYTES);
            let real = match good_end {
                // It keeps nothing at all: that is no matter of its size.
                None if self.stretch_good_to <= self.stretch.0
                    && !witness::start_is_kept(self.bench, self.stretch)? =>
                {
                    return Ok(self.found((size, size), None));
                }
                None if self.stretch_good_to < self.stretch.1 => (self.stretch_good_to, self.stretch_good_to),
                good_end => self.search(good_end.unwrap_or(self.stretch.1), bad)?,
            };
            if is_lie(real.1, size) && witness::all_is_lost(self.bench, real.1, self.stretch)? {
                return Ok(self.found(real, Some(Lie::Drops)));
            }
        }
        Ok(self.found((size, size), None))
    }

    /// Finds where a drive ends that keeps what is written up to `good_end` and does not keep all of the place at `bad`.
    fn search(&mut self, mut good_end: u64, bad: u64) -> Result<(u64, u64), EngineError> {
        let last = self.bench.size_bytes - PLACE_BYTES;
        let has_memory = self.remembers(bad)?;
        let parts = if has_memory { PARTS } else { PARTS_AT_ONCE };
        let mut bad = bad + PLACE_BYTES;
        while bad > good_end {
            let step = aligned((bad - good_end) / parts).max(PLACE_BYTES);
            let tried = (good_end..=good_end.max(bad - PLACE_BYTES)).step_by(step as usize);
            let tried: Vec<u64> = tried.map(|at| at.min(last)).collect();
            self.write_anew(&tried, has_memory)?;
            for at in tried {
                let kept = if self.read(at, PLACE_BYTES)? { self.leading_right(at) } else { 0 };
                if kept < PLACE_BYTES {
                    // Where a part of the place is kept, that is the end.
                    (good_end, bad) = if kept > 0 { (at + kept, at + kept) } else { (good_end, at) };
                    break;
                }
                good_end = at + PLACE_BYTES;
            }
        }
        Ok((good_end, bad.max(good_end)))
    }

    /// Does a memory inside the drive show what was written last, though it is lost?
    fn remembers(&mut self, lost: u64) -> Result<bool, EngineError> {
        self.write_anew(&[lost], false)?;
        Ok(!self.read(lost, PLACE_BYTES)? || self.leading_right(lost) > 0)
    }

    /// Writes new stamps to these places, the last one first, and pushes them out of such a memory.
    fn write_anew(&mut self, places: &[u64], has_memory: bool) -> Result<(), EngineError> {
        self.stamps = self.stamps.next();
        for at in places.iter().rev() {
            self.write(*at, PLACE_BYTES)?;
        }
        self.step(SHARE_FOUND);
        if has_memory {
            return witness::purge(self.bench, self.stamps, self.stretch);
        }
        witness::flush(self.bench)
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
            cut_short: self.cut_short,
            wraps_excluded_bytes: self.wraps_excluded_bytes,
            write_bytes_per_sec: self.write_bytes_per_sec,
            read_bytes_per_sec: self.read_bytes_per_sec,
            left_empty: false,
            past_cache: self.past_cache,
        }
    }
}
