//! Asks a drive once more, with new bytes, before anything bad is said of it.

use crate::device::AlignedBuf;

use super::stamp::{Found, STAMP_BYTES, Stamps};
use super::{BLOCK_BYTES, Bench, EngineError, PLACE_BYTES, PURGE_BYTES, refusable};

/// So many places past the real end must all be lost, and without a word from the drive.
const WITNESSES: u64 = 16;

/// Is nothing kept from `end` on, and does the drive say that all is well? Of the bytes `spare` (from, to), new ones are
/// written.
pub(super) fn all_is_lost(bench: &Bench<'_>, end: u64, spare: (u64, u64)) -> Result<bool, EngineError> {
    let stamps = bench.stamps.next().next();
    let last = bench.size_bytes - PLACE_BYTES;
    let place = |i| end + stamps.chance(i) % (last.saturating_sub(end)).max(1);
    let mut places: Vec<u64> = (0..WITNESSES).map(|i| place(i).next_multiple_of(PLACE_BYTES)).collect();
    places.retain(|at| *at <= last);
    places.sort_unstable();
    places.dedup();
    for at in &places {
        if !write(bench, stamps, *at)? {
            return Ok(false);
        }
    }
    purge(bench, stamps, spare)?;
    for at in places {
        if matches!(read(bench, stamps, at)?, None | Some(Found::Right)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Is what is written at the drive's very start there afterwards? A drive that does not even do that has no size at all.
pub(super) fn start_is_kept(bench: &Bench<'_>, spare: (u64, u64)) -> Result<bool, EngineError> {
    let stamps = bench.stamps.next().next();
    if !write(bench, stamps, 0)? {
        return Ok(false);
    }
    purge(bench, stamps, spare)?;
    // What comes around may be there instead; the drive keeps something all the same.
    Ok(matches!(read(bench, stamps, 0)?, Some(Found::Right | Found::Other(_))))
}

/// `false`: the medium refuses.
pub(super) fn write(bench: &Bench<'_>, stamps: Stamps, at: u64) -> Result<bool, EngineError> {
    bench.cancel.check()?;
    let mut place = AlignedBuf::new(PLACE_BYTES as usize);
    stamps.fill(at, &mut place);
    refusable(bench.device.write_at(at, &place))
}

/// The first stamp there. `None`: the medium reports an error.
pub(super) fn read(bench: &Bench<'_>, stamps: Stamps, at: u64) -> Result<Option<Found>, EngineError> {
    bench.cancel.check()?;
    let mut sector = AlignedBuf::new(bench.sector_bytes as usize);
    let is_readable = refusable(bench.device.read_at(at, &mut sector))?;
    Ok(is_readable.then(|| stamps.find(at, &sector[..STAMP_BYTES])))
}

/// Writes the stamps of the bytes `from` to `to`, no more than [`PURGE_BYTES`] of them, so that a memory inside the drive
/// gives up what it holds, and makes sure that they are stored.
pub(super) fn purge(bench: &Bench<'_>, stamps: Stamps, (from, to): (u64, u64)) -> Result<(), EngineError> {
    let to = to.min(from + PURGE_BYTES);
    let mut buf = AlignedBuf::new(BLOCK_BYTES);
    for at in (from..to).step_by(BLOCK_BYTES) {
        bench.cancel.check()?;
        buf.set_len((to - at).min(BLOCK_BYTES as u64) as usize);
        stamps.fill(at, &mut buf);
        refusable(bench.device.write_at(at, &buf))?;
    }
    flush(bench)
}

pub(super) fn flush(bench: &Bench<'_>) -> Result<(), EngineError> {
    bench.device.sync()?;
    bench.device.drop_caches()?;
    Ok(())
}
