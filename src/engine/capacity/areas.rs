//! Stretches of a drive that do not hold what they were given.

use serde::Serialize;

/// Areas that are listed; more are only counted.
const AREAS_LISTED: usize = 1000;

/// A stretch of the drive, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BadArea {
    pub offset: u64,
    pub len: u64,
    pub holds: Holds,
}

/// What is there instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "holds")]
pub enum Holds {
    /// What was written at byte `of` of the drive, and on from there.
    Another { of: u64 },
    /// Something else.
    Wrong,
    /// The drive reports an error.
    Unreadable,
}

/// A bounded list of them, in ascending order, and how much they are in all.
#[derive(Debug, Default)]
pub(super) struct Areas {
    pub listed: Vec<BadArea>,
    pub truncated: bool,
    pub bytes: u64,
    /// Those bytes that hold what belongs elsewhere.
    pub alias_bytes: u64,
    /// The greatest distance that divides all distances between where bytes are and where they belong; 0: there are none.
    pub alias_step: u64,
    /// Two places that show the same, the lowest pair of them by its higher place.
    pub alias_pair: Option<(u64, u64)>,
    /// Those bytes for which the drive reports an error.
    pub unreadable_bytes: u64,
    /// The last area, though it may not be listed.
    last: Option<BadArea>,
    tail: Option<Tail>,
}

/// What is bad without a gap up to the last area's end, whatever it holds: its start, and what is before it.
#[derive(Clone, Copy, Debug)]
struct Tail {
    start: u64,
    bytes_before: u64,
    unreadable_before: u64,
    listed_before: usize,
}

impl Areas {
    pub fn add(&mut self, offset: u64, len: u64, holds: Holds) {
        if self.last.is_none_or(|last| last.offset + last.len != offset) {
            self.tail = Some(Tail {
                start: offset,
                bytes_before: self.bytes,
                unreadable_before: self.unreadable_bytes,
                listed_before: self.listed.len(),
            });
        }
        self.bytes += len;
        match holds {
            Holds::Another { of } => {
                self.alias_bytes += len;
                self.alias_step = gcd(self.alias_step, of.abs_diff(offset));
                let pair = (offset.min(of), offset.max(of));
                if self.alias_pair.is_none_or(|known| pair.1 < known.1) {
                    self.alias_pair = Some(pair);
                }
            }
            Holds::Unreadable => self.unreadable_bytes += len,
            Holds::Wrong => {}
        }
        if let Some(last) = &mut self.last
            && last.offset + last.len == offset
            && last.holds.goes_on_as(holds, last.len)
        {
            last.len += len;
            if !self.truncated
                && let Some(listed) = self.listed.last_mut()
            {
                *listed = *last;
            }
            return;
        }
        let area = BadArea { offset, len, holds };
        self.last = Some(area);
        if self.listed.len() < AREAS_LISTED {
            self.listed.push(area);
        } else {
            self.truncated = true;
        }
    }

    /// From where on everything up to `end` is bad.
    pub fn bad_from(&self, end: u64) -> Option<u64> {
        let tail = self.tail?;
        self.last.is_some_and(|last| last.offset + last.len == end).then_some(tail.start)
    }

    /// Most of what is bad up to the last area's end is bad without a word from the drive.
    pub fn is_tail_silent(&self) -> bool {
        self.tail.is_some_and(|tail| {
            2 * (self.unreadable_bytes - tail.unreadable_before) < self.bytes - tail.bytes_before
        })
    }

    /// Forgets what is bad up to the last area's end.
    pub fn cut_tail(&mut self) {
        if let Some(tail) = self.tail.take() {
            self.bytes = tail.bytes_before;
            self.unreadable_bytes = tail.unreadable_before;
            self.listed.truncate(tail.listed_before);
            self.last = None;
        }
    }
}

impl Holds {
    /// After `len` bytes that hold `self` come some that hold `next`: is that the same going on?
    fn goes_on_as(self, next: Self, len: u64) -> bool {
        match (self, next) {
            (Self::Another { of }, Self::Another { of: next }) => of.checked_add(len) == Some(next),
            (this, next) => this == next,
        }
    }
}

pub(super) fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_a_kind_are_one_area() {
        let mut areas = Areas::default();
        areas.add(0, 512, Holds::Wrong);
        areas.add(512, 512, Holds::Wrong);
        areas.add(1024, 512, Holds::Another { of: 9216 });
        areas.add(1536, 512, Holds::Another { of: 9728 });
        areas.add(2048, 512, Holds::Another { of: 6144 });
        areas.add(4096, 512, Holds::Wrong);
        let found: Vec<_> = areas.listed.iter().map(|area| (area.offset, area.len)).collect();
        assert_eq!(found, [(0, 1024), (1024, 1024), (2048, 512), (4096, 512)]);
        assert_eq!((areas.bytes, areas.alias_bytes, areas.alias_step), (3072, 1536, 4096));
        assert_eq!((areas.bad_from(4608), areas.bad_from(5000)), (Some(4096), None));
        areas.cut_tail();
        assert_eq!((areas.bytes, areas.listed.len()), (2560, 3));
    }

    #[test]
    fn the_list_is_bounded_and_the_sum_is_not() {
        let mut areas = Areas::default();
        (0..2000).for_each(|i| areas.add(i * 1024, 512, Holds::Wrong));
        areas.add(1999 * 1024 + 512, 512, Holds::Wrong);
        assert_eq!((areas.listed.len(), areas.truncated, areas.bytes), (AREAS_LISTED, true, 2001 * 512));
        assert_eq!(areas.last.map(|area| area.len), Some(1024));
    }
}
