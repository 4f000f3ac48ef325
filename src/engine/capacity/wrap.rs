//! Finds out after how many bytes the addresses of a drive come around.

use crate::base::MIB;

use super::stamp::Found;
use super::witness::{flush, purge, read, write};
use super::{Bench, EngineError, PURGE_BYTES};

/// Greater factors would leave a drive smaller than what is tried here.
const GREATEST_FACTOR: u64 = 1 << 16;

/// The real size of a drive of which a byte and the one `multiple` further on are the same. `None`: they are not, once
/// this is tried with new bytes. Of the bytes `spare` (from, to), new ones are written where that is needed.
pub(super) fn period(
    bench: &Bench<'_>,
    multiple: u64,
    spare: (u64, u64),
) -> Result<Option<u64>, EngineError> {
    let stamps = bench.stamps.next();
    if !write(bench, stamps, 0)? {
        return Ok(None);
    }
    flush(bench)?;
    let shows_the_first = |offset: u64| {
        let is_there = offset > 0 && offset.is_multiple_of(bench.sector_bytes) && offset < bench.size_bytes;
        Ok::<_, EngineError>(is_there && read(bench, stamps, offset)? == Some(Found::Other(0)))
    };
    // A memory inside the drive may hold what was written last, and under its own address only. It is filled little by
    // little: so much that it comes around again would be too much.
    let (from, to) = spare;
    let mut purged = MIB;
    while !shows_the_first(multiple)? {
        if purged > PURGE_BYTES || from + purged > to {
            return Ok(None);
        }
        purge(bench, stamps, (from, from + purged))?;
        purged *= 2;
    }
    // It shows the same at any multiple of its size: a factor after the other is taken out.
    let mut period = multiple;
    for factor in prime_factors(multiple / bench.sector_bytes) {
        if shows_the_first(period / factor)? {
            period /= factor;
        }
    }
    Ok(Some(period))
}

/// Does what is written at the second of two places show at the first one, once this is tried with new bytes?
pub(super) fn is_one_place(bench: &Bench<'_>, one: u64, other: u64) -> Result<bool, EngineError> {
    let stamps = bench.stamps.next().next();
    if one == other || !write(bench, stamps, one)? || !write(bench, stamps, other)? {
        return Ok(false);
    }
    flush(bench)?;
    Ok(read(bench, stamps, one)? == Some(Found::Other(other)))
}

/// Ascending, each as often as it divides; none above [`GREATEST_FACTOR`].
fn prime_factors(mut number: u64) -> Vec<u64> {
    let mut factors = Vec::new();
    let mut candidate = 2;
    while candidate <= GREATEST_FACTOR && candidate * candidate <= number {
        while number.is_multiple_of(candidate) {
            factors.push(candidate);
            number /= candidate;
        }
        candidate += 1;
    }
    if (2..=GREATEST_FACTOR).contains(&number) {
        factors.push(number);
    }
    factors
}

#[cfg(test)]
mod tests {
    use super::prime_factors;

    #[test]
    fn numbers_come_apart() {
        assert_eq!(prime_factors(360), [2, 2, 2, 3, 3, 5]);
        assert_eq!(prime_factors(29 * 31), [29, 31]);
        assert!(prime_factors(1).is_empty());
        assert_eq!(prime_factors(65_521), [65_521]);
        assert_eq!(prime_factors(2 * 4_294_967_311), [2]);
    }
}
