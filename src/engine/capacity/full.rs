//! The test of every byte: all of the drive is written in one pass, then all of it is read.
//!
//! The first MiB stays zero until the end, so that the drive looks empty all the time, and is tested last.

use crossbeam_channel::{Sender, bounded};

use crate::device::AlignedBuf;

use super::super::pool::{Pool, PooledBuf};
use super::super::{BLOCKS_IN_FLIGHT, Phase};
use super::areas::{Areas, Holds};
use super::{
    BLOCK_BYTES, Bench, CapacityTest, EMPTIED_BYTES, EngineError, Lie, PLACE_BYTES, PURGE_BYTES, Step,
    TestExtent, is_lie, note_wrong, refusable, witness, wrap,
};

/// After so many blocks in a row that the medium refuses, all that follow are taken for refused: a drive may take seconds
/// for each.
const REFUSALS_BELIEVED: usize = 64;
/// So many of them in a row are tried again in small pieces.
const REFUSALS_SPLIT: usize = 2;

pub(super) fn test(bench: &Bench<'_>) -> Result<CapacityTest, EngineError> {
    let size = bench.size_bytes;
    let start = EMPTIED_BYTES.min(size / 2 / PLACE_BYTES * PLACE_BYTES);
    let mut pass = Pass { bench, areas: Areas::default(), flaky_reads: 0, gave_up: false };
    let began = (bench.clock)();
    pass.write(start, size)?;
    (bench.observer)(Step { phase: Phase::Syncing, done_bytes: 0, total_bytes: None, consumed: None });
    bench.device.sync()?;
    let write_bytes_per_sec = if pass.gave_up { 0 } else { bench.pace(size - start, began) };
    // The beginning once more: a memory inside the drive may still hold what came last.
    witness::purge(
        bench,
        bench.stamps,
        (start, start + PURGE_BYTES.min(size / 16 / PLACE_BYTES * PLACE_BYTES)),
    )?;
    bench.step(Phase::Verifying, 0, size);
    let past_cache = bench.device.drop_caches()?;
    let began = (bench.clock)();
    pass.read(start, size, 0)?;
    let read_bytes_per_sec = bench.pace(size - start, began);

    let found = pass.lie(start)?;
    let (real, lie) = found.map_or((size, None), |(real, lie)| (real, Some(lie)));
    pass.write_block(0, &mut AlignedBuf::new(start as usize))?;
    bench.device.sync()?;
    bench.device.drop_caches()?;
    pass.read(0, start, size - start)?;
    let Pass { mut areas, flaky_reads, .. } = pass;
    areas.listed.sort_by_key(|area| area.offset);
    Ok(CapacityTest {
        extent: TestExtent::Full,
        claimed_bytes: size,
        at_least_bytes: real,
        at_most_bytes: real,
        lie,
        bad_areas: areas.listed,
        truncated: areas.truncated,
        bad_bytes: areas.bytes,
        flaky_reads,
        tested_bytes: size,
        cut_short: false,
        wraps_excluded_bytes: size,
        write_bytes_per_sec,
        read_bytes_per_sec,
        left_empty: false,
        past_cache,
    })
}

struct Pass<'a> {
    bench: &'a Bench<'a>,
    areas: Areas,
    flaky_reads: u64,
    /// The medium refused so much in a row that the rest was not written.
    gave_up: bool,
}

/// A block that was read, or that the medium refused.
struct Read {
    at: u64,
    bytes: PooledBuf,
    is_readable: bool,
}

impl Pass<'_> {
    /// The real size, and what becomes of the rest; what is wrong because of that is no bad area any more.
    fn lie(&mut self, start: u64) -> Result<Option<(u64, Lie)>, EngineError> {
        let size = self.bench.size_bytes;
        let spare = (start, size.min(start + PURGE_BYTES));
        // What wraps around comes out as whole stamps of elsewhere.
        if self.areas.alias_bytes > self.areas.bytes / 2 {
            let real = match wrap::period(self.bench, self.areas.alias_step, spare)? {
                Some(period) => period,
                // Another kind of coming around. Whatever it is, each byte that there is keeps what came last.
                None => size - self.areas.bytes,
            };
            if is_lie(real, size) {
                self.areas = Areas::default();
                return Ok(Some((real, Lie::Wraps)));
            }
        } else if let Some(end) = self.areas.bad_from(size)
            && is_lie(end, size)
            // A drive that reports errors does not lie, and one that keeps nothing has no size at all.
            && self.areas.is_tail_silent()
            && !self.gave_up
            && (end > start || witness::start_is_kept(self.bench, spare)?)
            && witness::all_is_lost(self.bench, end, spare.min((start, end)))?
        {
            self.areas.cut_tail();
            return Ok(Some((end, Lie::Drops)));
        }
        Ok(None)
    }

    /// Stamps are made by a thread that runs ahead, so that the drive is what takes the time.
    fn write(&mut self, from: u64, to: u64) -> Result<(), EngineError> {
        let Bench { cancel, stamps, .. } = *self.bench;
        let pool = Pool::new(BLOCKS_IN_FLIGHT, BLOCK_BYTES);
        let (send, blocks) = bounded::<(u64, PooledBuf)>(BLOCKS_IN_FLIGHT);
        self.bench.step(Phase::Writing, 0, to - from);
        std::thread::scope(|scope| {
            let maker = scope.spawn(move || -> Result<(), EngineError> {
                for (at, len) in pieces(from, to) {
                    let mut bytes = pool.take(cancel)?;
                    bytes.set_len(len);
                    stamps.fill(at, &mut bytes);
                    if send.send((at, bytes)).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            let mut refused = 0;
            let mut written = Ok(());
            for (at, bytes) in &blocks {
                // What the medium refuses shows when it is read.
                match cancel.check().map_err(EngineError::from).and_then(|()| self.put(at, &bytes, refused)) {
                    Ok(true) => refused = 0,
                    Ok(false) => refused += 1,
                    Err(error) => written = Err(error),
                }
                self.gave_up = refused >= REFUSALS_BELIEVED;
                if written.is_err() || self.gave_up {
                    break;
                }
                self.bench.step(Phase::Writing, at + bytes.len() as u64 - from, to - from);
            }
            drop(blocks);
            let made = maker.join().unwrap_or(Err(EngineError::Internal("the maker of test bytes")));
            written.and(made)
        })
    }

    /// Writes a block; where the medium refuses, what can be written of it. `false`: it refused.
    fn put(&self, at: u64, bytes: &AlignedBuf, refused_before: usize) -> Result<bool, EngineError> {
        if refusable(self.bench.device.write_at(at, bytes))? {
            return Ok(true);
        }
        if refused_before < REFUSALS_SPLIT {
            let mut piece = AlignedBuf::new(PLACE_BYTES as usize);
            for (from, bytes) in (at..).step_by(PLACE_BYTES as usize).zip(bytes.chunks(PLACE_BYTES as usize))
            {
                self.bench.cancel.check()?;
                piece.set_len(bytes.len());
                piece.copy_from_slice(bytes);
                refusable(self.bench.device.write_at(from, &piece))?;
            }
        }
        Ok(false)
    }

    fn write_block(&mut self, at: u64, buf: &mut AlignedBuf) -> Result<(), EngineError> {
        self.bench.cancel.check()?;
        self.bench.stamps.fill(at, buf);
        refusable(self.bench.device.write_at(at, buf)).map(|_| ())
    }

    /// Reads and judges, with a reader that runs ahead. `done_bytes`: of the phase, before.
    fn read(&mut self, from: u64, to: u64, done_bytes: u64) -> Result<(), EngineError> {
        let bench = self.bench;
        let (send, blocks) = bounded(BLOCKS_IN_FLIGHT);
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || read_ahead(bench, from, to, &send));
            let mut judged = Ok(());
            let mut judged_to = from;
            for block in &blocks {
                judged_to = block.at + block.bytes.len() as u64;
                judged = bench.cancel.check().map_err(EngineError::from).and_then(|()| self.judge(&block));
                if judged.is_err() {
                    break;
                }
                bench.step(Phase::Verifying, done_bytes + judged_to - from, bench.size_bytes);
            }
            drop(blocks);
            let read = reader.join().unwrap_or(Err(EngineError::Internal("the device reader")));
            judged.and(read)?;
            if judged_to < to {
                self.areas.add(judged_to, to - judged_to, Holds::Unreadable);
            }
            Ok(())
        })
    }

    fn judge(&mut self, block: &Read) -> Result<(), EngineError> {
        let stamps = &self.bench.stamps;
        let mut found = Areas::default();
        if block.is_readable {
            note_wrong(stamps, &mut found, block.at, &block.bytes);
            // Whole stamps of elsewhere are no reading errors.
            if found.bytes == found.alias_bytes {
                note_wrong(stamps, &mut self.areas, block.at, &block.bytes);
                return Ok(());
            }
        }
        // Once more and in small pieces, to tell what is bad from what lies beside it.
        let wrong_bytes = found.bytes;
        let mut again = Areas::default();
        let mut piece = AlignedBuf::new(PLACE_BYTES as usize);
        let end = block.at + block.bytes.len() as u64;
        for at in (block.at..end).step_by(PLACE_BYTES as usize) {
            self.bench.cancel.check()?;
            piece.set_len((end - at).min(PLACE_BYTES) as usize);
            if refusable(self.bench.device.read_at(at, &mut piece))? {
                note_wrong(stamps, &mut again, at, &piece);
                note_wrong(stamps, &mut self.areas, at, &piece);
            } else {
                again.add(at, piece.len() as u64, Holds::Unreadable);
                self.areas.add(at, piece.len() as u64, Holds::Unreadable);
            }
        }
        self.flaky_reads += u64::from(again.bytes < wrong_bytes || again.bytes == 0);
        Ok(())
    }
}

/// Ends early and quietly when nobody listens any more, and when the medium has refused too much in a row.
fn read_ahead(bench: &Bench<'_>, from: u64, to: u64, out: &Sender<Read>) -> Result<(), EngineError> {
    let pool = Pool::new(BLOCKS_IN_FLIGHT, BLOCK_BYTES);
    let mut refused = 0;
    for (at, len) in pieces(from, to) {
        let mut bytes = pool.take(bench.cancel)?;
        bytes.set_len(len);
        let is_readable = refusable(bench.device.read_at(at, &mut bytes))?;
        refused = if is_readable { 0 } else { refused + 1 };
        if refused > REFUSALS_BELIEVED || out.send(Read { at, bytes, is_readable }).is_err() {
            break;
        }
    }
    Ok(())
}

/// (offset, length) of blocks.
fn pieces(from: u64, to: u64) -> impl Iterator<Item = (u64, usize)> {
    (from..to).step_by(BLOCK_BYTES).map(move |at| (at, (to - at).min(BLOCK_BYTES as u64) as usize))
}
