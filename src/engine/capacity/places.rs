//! Where the quick test writes and looks, and how long it may take over it.

use std::time::Duration;

use crate::base::{GIB, MIB};

use super::{Bench, PLACE_BYTES};

/// How much is done at most, and how long that may take: a stick may need a third of a second for one small write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Effort {
    /// Length of the stretch.
    pub stretch_bytes: u64,
    /// Places that are spread over the drive, beside those that tell the most.
    pub spread: u64,
    /// Places that are read in search of the stretch.
    pub reads: u64,
    /// For the single places, for the stretch, and for the search.
    pub times: [Duration; 3],
    /// Of the stretch, every byte is read back; otherwise a place in each block.
    pub all_back: bool,
}

impl Effort {
    /// Finds every wrap-around below 256 GiB, and at the usual places above.
    pub const WHOLE_TEST: Self = Self {
        stretch_bytes: 32 * MIB,
        spread: 128,
        reads: 4096,
        times: [Duration::from_secs(8), Duration::from_secs(4), Duration::from_secs(8)],
        all_back: true,
    };
    /// On a stick that writes 20 MB/s and reads a thousand places a second, finds every wrap-around below 8 GiB, and what
    /// is sold as 16 or 32 GB; on one that is ten times as fast, every one below 256 GiB. At the usual places on all.
    pub const BEFORE_WRITING: Self = Self {
        stretch_bytes: 32 * MIB,
        spread: 8,
        reads: 4096,
        times: [Duration::from_millis(400), Duration::from_millis(600), Duration::from_millis(800)],
        all_back: false,
    };
}

/// The stretch is at least so long, however slow the drive is.
pub(super) const LEAST_STRETCH_BYTES: u64 = 2 * MIB;
/// Drives wrap around at such sizes.
const ROUND_BYTES: u64 = 8 * GIB;
/// More of them are not looked at.
const ROUND_LOOKOUTS: usize = 256;
/// A drive that wraps around at any part of its size, down to a 36th, shows that at one of these parts.
const PARTS: [u64; 11] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31];

/// Where single places are written, those that tell the most first: the drive's end, and what is a power of two before it,
/// which is the same place where the upper part of a drive is a window on something smaller; the nearest of them comes
/// early, for drives that keep one thing. Then every power of two,
/// every power of two of the drive's parts, and some in between that are others in every run. None overlaps another or
/// what ends at `low`.
pub(super) fn places(bench: &Bench<'_>, low: u64, spread: u64) -> Vec<u64> {
    let size = bench.size_bytes;
    let end = size - PLACE_BYTES;
    let part = size / spread;
    let before_end = [16].into_iter().chain((20..64).rev()).filter_map(|power| end.checked_sub(1 << power));
    let scattered = (0..spread).map(|i| aligned(i * part + bench.stamps.chance(i) % part.max(1)));
    let powers = (20..64).map(|power| 1 << power).chain((1..64).map(|power| aligned(size >> power)));
    let powers = powers.filter(|_| spread > Effort::BEFORE_WRITING.spread);
    let mut kept: Vec<u64> = Vec::new();
    for at in std::iter::once(end).chain(before_end).chain(scattered).chain(powers) {
        let is_free = |other: &u64| at.abs_diff(*other) >= PLACE_BYTES;
        if at >= low && at <= end && kept.iter().all(is_free) {
            kept.push(at);
        }
    }
    kept
}

/// Where the stretch shows if the drive wraps around at a size that is usual.
pub(super) fn usual_lookouts(bench: &Bench<'_>, (from, to): (u64, u64)) -> Vec<u64> {
    let size = bench.size_bytes;
    let middle = aligned(from + (to - from) / 2);
    let parts = PARTS.iter().map(|part| aligned(size / part));
    let round = (1..=size / ROUND_BYTES).rev().take(ROUND_LOOKOUTS).map(|n| n * ROUND_BYTES);
    within(bench, to, parts.chain(round).map(|at| at + middle))
}

/// Where the stretch shows if the real size is at most a power of two of GiB, and no more than a tenth below it, as
/// memories are: `count` places, for the largest power that they are enough for and all below.
pub(super) fn sold_lookouts(bench: &Bench<'_>, (from, to): (u64, u64), count: u64) -> Vec<u64> {
    let step = to - from;
    let reach = bench.size_bytes.min(count.saturating_mul(10 * step));
    let power = (0..63).map(|power| GIB << power).take_while(|size| *size <= reach).last();
    let Some(size) = power else { return Vec::new() };
    let places = (size - size / 10..=size).step_by(step as usize).map(|at| aligned(at) + from);
    within(bench, from, places)
}

/// Where the stretch shows, whatever the real size is up to the number that comes with them: `count` places a stretch
/// apart, over all of one doubling of the address.
pub(super) fn dense_lookouts(bench: &Bench<'_>, (from, to): (u64, u64), count: u64) -> (Vec<u64>, u64) {
    let step = to - from;
    let top = bench.size_bytes.min(count.saturating_mul(2 * step));
    let places = (top / 2..=top).step_by(step as usize).map(|at| aligned(at) + from);
    (within(bench, from, places.chain([bench.size_bytes - bench.sector_bytes])), top)
}

fn within(bench: &Bench<'_>, low: u64, places: impl Iterator<Item = u64>) -> Vec<u64> {
    places.filter(|at| *at >= low && at.saturating_add(bench.sector_bytes) <= bench.size_bytes).collect()
}

pub(super) fn aligned(offset: u64) -> u64 {
    offset / PLACE_BYTES * PLACE_BYTES
}
