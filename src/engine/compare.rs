//! Reads a device and holds it against what should be there.

use std::sync::Arc;

use crossbeam_channel::{Sender, bounded};
use serde::Serialize;
use twox_hash::XxHash3_128;

use crate::base::Cancel;
use crate::device::{AlignedBuf, BlockDevice};
use crate::plan::Plan;
use crate::source::Source;

use super::blocks::{Filler, Span, spans};
use super::image_reader::ImageReader;
use super::pool::{Pool, PooledBuf};
use super::{BLOCK_BYTES, BLOCKS_IN_FLIGHT, EngineError, Observer, Phase, Step};

/// Mismatches that are listed; more are only counted.
pub const MISMATCHES_LISTED: usize = 1000;

/// Differences that are no further apart are one: bytes of noise agree by chance here and there.
const JOINED_GAP_BYTES: u64 = 64;

/// Equal bytes are passed over in such steps.
const SKIP_BYTES: usize = 4096;

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Bytes that were read from the device and compared.
    pub verified_bytes: u64,
    /// `false`: the system could not promise that reads came from the medium.
    pub past_cache: bool,
    /// Differences in ascending order, neighbours joined, cut off at a bound.
    pub mismatches: Vec<Mismatch>,
    /// There were more than are listed.
    pub truncated: bool,
    /// All different bytes, listed or not. For images that flow only once, all bytes of the blocks that differ.
    pub different_bytes: u64,
    /// The drive's sectors that hold a different byte, counted in the same way.
    pub different_sectors: u64,
}

/// A stretch of the device that is not as planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    pub offset: u64,
    pub len: u64,
    /// A second read agreed with the plan: the reader or the cable is flaky, rather than the medium.
    pub flaky: bool,
    /// A second read gave yet other wrong bytes.
    pub unsteady: bool,
    /// What lies there, in words, where that is known.
    pub what: Option<String>,
}

/// What a second read of a wrong block gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    Same,
    Right,
    Other,
}

impl Again {
    fn of(mismatch: &Mismatch) -> Self {
        match (mismatch.flaky, mismatch.unsteady) {
            (true, _) => Self::Right,
            (_, true) => Self::Other,
            _ => Self::Same,
        }
    }
}

impl Comparison {
    pub fn is_identical(&self) -> bool {
        self.different_bytes == 0
    }

    /// Adds the result of a later stretch.
    pub(super) fn absorb(&mut self, other: Comparison) {
        self.verified_bytes += other.verified_bytes;
        self.past_cache &= other.past_cache;
        self.truncated |= other.truncated;
        self.different_bytes += other.different_bytes;
        self.different_sectors += other.different_sectors;
        for mismatch in other.mismatches {
            self.push(mismatch.offset, mismatch.len, Again::of(&mismatch));
        }
        self.mismatches.sort_by_key(|m| m.offset);
    }

    /// Notes what is wrong in a block: the bytes that differ, or all of it where the right ones are not known.
    fn note(&mut self, at: u64, expected: Option<&[u8]>, read: &[u8], again: Again, sector_bytes: usize) {
        match expected.filter(|expected| *expected != read) {
            Some(expected) => {
                differing_runs(expected, read, |from, len| {
                    self.push(at + from as u64, len as u64, again);
                });
                self.different_bytes += expected.iter().zip(read).filter(|(a, b)| a != b).count() as u64;
                let sectors = expected.chunks(sector_bytes).zip(read.chunks(sector_bytes));
                self.different_sectors += sectors.filter(|(a, b)| a != b).count() as u64;
            }
            None => {
                self.push(at, read.len() as u64, again);
                self.different_bytes += read.len() as u64;
                self.different_sectors += read.len().div_ceil(sector_bytes) as u64;
            }
        }
    }

    fn push(&mut self, offset: u64, len: u64, again: Again) {
        let new = Mismatch {
            offset,
            len,
            flaky: again == Again::Right,
            unsteady: again == Again::Other,
            what: None,
        };
        let listed = self.mismatches.len();
        match self.mismatches.last_mut() {
            Some(last)
                if Again::of(last) == again
                    && offset
                        .checked_sub(last.offset + last.len)
                        .is_some_and(|gap| gap <= JOINED_GAP_BYTES) =>
            {
                last.len = offset + len - last.offset;
            }
            _ if listed >= MISMATCHES_LISTED => self.truncated = true,
            _ => self.mismatches.push(new),
        }
    }
}

/// What a device is held against: checksums of what was written, the plan's bytes produced once more, or both. With
/// both, bytes are produced only where a checksum is wrong, to tell which of them differ.
pub(super) struct Reference<'a> {
    pub digests: Option<&'a BlockDigests>,
    pub bytes: Option<Filler<'a>>,
}

/// A 128-bit checksum for every block of a plan. Sixteen bytes a MiB: 1 MiB of memory for a stick of 64 GiB.
#[derive(Default)]
pub(super) struct BlockDigests(Vec<u128>);

impl BlockDigests {
    pub fn push(&mut self, digest: u128) {
        self.0.push(digest);
    }
}

/// The checksum that [`BlockDigests`] are made of.
pub(super) fn block_digest(block: &[u8]) -> u128 {
    XxHash3_128::oneshot(block)
}

/// Compares the device with the plan, reading the image again. Nothing is written.
pub fn compare(
    plan: &Plan,
    source: &Source,
    device: &Arc<dyn BlockDevice>,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<Comparison, EngineError> {
    let total = plan.sized.then(|| plan.planned_bytes());
    let job = Comparing { device, all: spans(plan).collect(), phase: Phase::Comparing, base: 0, total };
    let bytes = Filler::new(plan, Some(ImageReader::new(source)?));
    job.run(Reference { digests: None, bytes: Some(bytes) }, observer, cancel)
}

/// One comparison: which spans of which device.
pub(super) struct Comparing<'a> {
    pub device: &'a Arc<dyn BlockDevice>,
    pub all: Vec<Span>,
    pub phase: Phase,
    /// Bytes of the phase that were done before.
    pub base: u64,
    pub total: Option<u64>,
}

impl Comparing<'_> {
    pub fn run(
        self,
        mut reference: Reference<'_>,
        observer: Observer<'_>,
        cancel: &Cancel,
    ) -> Result<Comparison, EngineError> {
        let step =
            |done_bytes| Step { phase: self.phase, done_bytes, total_bytes: self.total, consumed: None };
        observer(step(self.base));
        let mut found = Comparison { past_cache: self.device.drop_caches()?, ..Comparison::default() };
        let pool = Pool::new(BLOCKS_IN_FLIGHT, BLOCK_BYTES);
        let (send, blocks) = bounded(BLOCKS_IN_FLIGHT);
        let sector_bytes = self.device.geometry().sector_bytes as usize;
        let mut expected = AlignedBuf::new(BLOCK_BYTES);
        let mut again = AlignedBuf::new(BLOCK_BYTES);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| read_spans(&**self.device, &self.all, &pool, send, cancel));
            for (index, span) in self.all.iter().enumerate() {
                let mut len = span.len;
                if let (None, Some(filler)) = (reference.digests, &mut reference.bytes) {
                    // The expected bytes are made while the device reads.
                    expected.set_len(span.len);
                    len = filler.fill(span.offset, &mut expected, cancel)?.0;
                    expected.set_len(len);
                }
                cancel.check()?;
                let Ok(block) = blocks.recv() else { break };
                if let (None, Some(filler)) = (reference.digests, &reference.bytes) {
                    filler.accept_unknown(&mut expected, &block[..len]);
                }
                let is_right = |read: &[u8]| match reference.digests {
                    Some(digests) => digests.0.get(index) == Some(&block_digest(read)),
                    None => expected[..] == read[..len],
                };
                if !is_right(&block) {
                    again.set_len(span.len);
                    self.device.read_at(span.offset, &mut again)?;
                    let second = match () {
                        () if is_right(&again) => Again::Right,
                        () if again[..len] == block[..len] => Again::Same,
                        () => Again::Other,
                    };
                    if let (Some(_), Some(filler)) = (reference.digests, &mut reference.bytes) {
                        expected.set_len(span.len);
                        filler.fill(span.offset, &mut expected, cancel)?;
                    }
                    let expected = reference.bytes.as_ref().map(|_| &expected[..]);
                    found.note(span.offset, expected, &block[..len], second, sector_bytes);
                }
                found.verified_bytes += len as u64;
                observer(step(self.base + found.verified_bytes));
                if len < span.len {
                    break;
                }
            }
            drop(blocks);
            match reader.join() {
                Ok(result) => result,
                Err(_) => Err(EngineError::Internal("the device reader")),
            }
        })?;
        if let (None, Some(filler)) = (reference.digests, reference.bytes) {
            filler.finish(cancel)?;
        }
        Ok(found)
    }
}

/// Reads ahead. Ends early and quietly when nobody listens any more.
fn read_spans(
    device: &dyn BlockDevice,
    spans: &[Span],
    pool: &Pool,
    out: Sender<PooledBuf>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    for span in spans {
        let mut buf = pool.take(cancel)?;
        buf.set_len(span.len);
        device.read_at(span.offset, &mut buf)?;
        if out.send(buf).is_err() {
            break;
        }
    }
    Ok(())
}

/// Tells the runs of bytes that differ, by offset and length.
fn differing_runs(expected: &[u8], read: &[u8], mut tell: impl FnMut(usize, usize)) {
    let mut run: Option<(usize, usize)> = None;
    for start in (0..expected.len()).step_by(SKIP_BYTES) {
        let end = (start + SKIP_BYTES).min(expected.len());
        if expected[start..end] == read[start..end] {
            continue;
        }
        for at in (start..end).filter(|at| expected[*at] != read[*at]) {
            run = match run {
                Some((from, last)) if at - last <= JOINED_GAP_BYTES as usize => Some((from, at)),
                Some((from, last)) => {
                    tell(from, last + 1 - from);
                    Some((at, at))
                }
                None => Some((at, at)),
            };
        }
    }
    if let Some((from, last)) = run {
        tell(from, last + 1 - from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_apart_unless_only_a_few_bytes_agree_between_them() {
        let expected = vec![0u8; 20_000];
        let mut read = expected.clone();
        for at in [100, 101, 160, 225, 700, 4095, 4096, 19_999] {
            read[at] = 1;
        }
        let mut runs = Vec::new();
        differing_runs(&expected, &read, |at, len| runs.push((at, len)));
        assert_eq!(runs, [(100, 61), (225, 1), (700, 1), (4095, 2), (19_999, 1)]);
    }
}
