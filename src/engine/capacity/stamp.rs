//! What is written to find out whether a drive keeps it: bytes that tell where they belong, and that no earlier run can have
//! left behind.

/// A stamp is this long, whatever a sector has: a drive may map its sectors in any unit, but none is smaller.
pub(super) const STAMP_BYTES: usize = 512;
const WORD_BYTES: usize = 8;

/// Stamps of one run. The key is the run's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamps {
    key: [u64; 2],
}

/// What stands where a stamp was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Right,
    /// A whole stamp of this run that was written to this byte of the drive.
    Other(u64),
    /// Anything else.
    Wrong,
}

impl Stamps {
    pub fn new(key: [u64; 2]) -> Self {
        Self { key }
    }

    /// Other stamps for the same places.
    pub fn next(self) -> Self {
        Self { key: self.key.map(|word| mix(word.wrapping_add(1))) }
    }

    /// A number that looks random, the same for the same `index`.
    pub fn chance(&self, index: u64) -> u64 {
        mix(self.key[1] ^ mix(index))
    }

    /// Fills `buf`, whole stamps, with those that belong from byte `offset` of the drive on.
    pub fn fill(&self, offset: u64, buf: &mut [u8]) {
        let mut at = offset;
        for stamp in buf.chunks_exact_mut(STAMP_BYTES) {
            let mut words = self.words(at);
            for bytes in stamp.chunks_exact_mut(WORD_BYTES) {
                bytes.copy_from_slice(&words.next().to_le_bytes());
            }
            at += STAMP_BYTES as u64;
        }
    }

    /// Judges the [`STAMP_BYTES`] that were read at byte `offset`.
    pub fn find(&self, offset: u64, stamp: &[u8]) -> Found {
        if self.is(offset, stamp) {
            return Found::Right;
        }
        let first = stamp.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let other = first ^ self.key[0];
        if other.is_multiple_of(STAMP_BYTES as u64) && self.is(other, stamp) {
            Found::Other(other)
        } else {
            Found::Wrong
        }
    }

    fn is(&self, offset: u64, stamp: &[u8]) -> bool {
        let mut words = self.words(offset);
        stamp.chunks_exact(WORD_BYTES).all(|bytes| words.next().to_le_bytes() == *bytes)
    }

    fn words(&self, offset: u64) -> Words {
        Words { word: offset ^ self.key[0], state: mix(offset ^ self.key[1]) }
    }
}

/// The words of a stamp: its place, hidden by the key, and what follows from both.
struct Words {
    word: u64,
    state: u64,
}

impl Words {
    fn next(&mut self) -> u64 {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        self.state = self.state.wrapping_add(GOLDEN);
        std::mem::replace(&mut self.word, mix(self.state))
    }
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of the word.
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_tells_its_place_and_its_run() {
        let stamps = Stamps::new([3, 4]);
        let mut buf = vec![0; 4 * STAMP_BYTES];
        stamps.fill(1 << 40, &mut buf);
        let third = &buf[2 * STAMP_BYTES..3 * STAMP_BYTES];
        let place = (1 << 40) + 2 * STAMP_BYTES as u64;
        assert_eq!(stamps.find(place, third), Found::Right);
        assert_eq!(stamps.find(0, third), Found::Other(place));
        assert_eq!(stamps.next().find(place, third), Found::Wrong);
        for at in [0, 8, 511] {
            let mut spoiled = third.to_vec();
            spoiled[at] ^= 1;
            assert_eq!(stamps.find(place, &spoiled), Found::Wrong, "byte {at}");
        }
        assert_eq!(stamps.find(place, &[0; STAMP_BYTES]), Found::Wrong);
    }
}
