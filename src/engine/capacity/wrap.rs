//! Finds out after how many bytes the addresses of a drive come around.

use crate::device::AlignedBuf;

use super::stamp::{Found, STAMP_BYTES};
use super::{Bench, EngineError, is_of_medium};

/// A drive that wraps around after R bytes shows the same at any multiple of R; these are the factors that are taken out of
/// a multiple. R itself may have any.
const FACTORS: [u64; 9] = [2, 3, 5, 7, 11, 13, 17, 19, 23];

/// The real size of a drive of which a byte and the one `multiple` further on are the same. `None`: they are not, once
/// this is tried with new bytes.
pub(super) fn period(bench: &Bench<'_>, multiple: u64) -> Result<Option<u64>, EngineError> {
    let stamps = bench.stamps.next();
    let mut sector = AlignedBuf::new(bench.sector_bytes as usize);
    stamps.fill(0, &mut sector);
    bench.device.write_at(0, &sector)?;
    bench.device.sync()?;
    bench.device.drop_caches()?;
    let mut shows_the_first = |offset: u64| {
        bench.cancel.check()?;
        if offset == 0 || !offset.is_multiple_of(bench.sector_bytes) || offset >= bench.size_bytes {
            return Ok(false);
        }
        match bench.device.read_at(offset, &mut sector) {
            Ok(()) => Ok(stamps.find(offset, &sector[..STAMP_BYTES]) == Found::Other(0)),
            Err(error) if is_of_medium(&error) => Ok(false),
            Err(error) => Err(EngineError::from(error)),
        }
    };
    let mut period = multiple;
    if !shows_the_first(period)? {
        return Ok(None);
    }
    for factor in FACTORS {
        while period.is_multiple_of(factor) && shows_the_first(period / factor)? {
            period /= factor;
        }
    }
    Ok(Some(period))
}
