//! Bits as LZX and XPRESS store them: 16-bit little-endian units, the highest bit of each first.

use super::codec::CodecError;

/// Zero bits are read past the end; encoders may leave out units that hold nothing but zeroes. More is missing data.
const MAX_MISSING_UNITS: u32 = 2;

/// Takes a unit only when its bits are asked for: XPRESS puts whole bytes between the units at places that depend on it.
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    /// The next unit's place.
    at: usize,
    /// Bits taken but not consumed: the highest `count` of these, above zeroes.
    bits: u64,
    count: u32,
    missing_units: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, bits: 0, count: 0, missing_units: 0 }
    }

    /// Makes `n` bits, up to 32, ready for `peek`.
    #[inline(always)]
    pub(super) fn ensure(&mut self, n: u32) {
        while self.count < n {
            let unit = self.next_unit();
            self.bits |= u64::from(unit) << (48 - self.count);
            self.count += 16;
        }
    }

    #[inline(always)]
    fn next_unit(&mut self) -> u16 {
        if let Some(&[low, high]) = self.data.get(self.at..).and_then(|rest| rest.first_chunk()) {
            self.at += 2;
            return u16::from_le_bytes([low, high]);
        }
        self.missing_units = self.missing_units.saturating_add(1);
        0
    }

    /// The next `n` bits, 1 to 32, which `ensure` made ready.
    #[inline(always)]
    pub(super) fn peek(&self, n: u32) -> u32 {
        (self.bits >> (64 - n)) as u32
    }

    #[inline(always)]
    pub(super) fn consume(&mut self, n: u32) {
        self.bits <<= n;
        self.count -= n;
    }

    /// The next `n` bits, 0 to 32.
    #[inline(always)]
    pub(super) fn read(&mut self, n: u32) -> u32 {
        if n == 0 {
            return 0;
        }
        self.ensure(n);
        let value = self.peek(n);
        self.consume(n);
        value
    }

    /// The byte after the units taken so far.
    #[inline(always)]
    pub(super) fn read_byte(&mut self) -> Result<u8, CodecError> {
        let byte = *self.data.get(self.at).ok_or(CodecError::new(self.at, "more data"))?;
        self.at += 1;
        Ok(byte)
    }

    /// The next 16-bit unit after those taken so far.
    pub(super) fn read_u16(&mut self) -> Result<u16, CodecError> {
        Ok(u16::from_le_bytes([self.read_byte()?, self.read_byte()?]))
    }

    /// Skips to the next unit, a whole one if a unit was just finished, and says where it begins.
    pub(super) fn skip_to_unit(&mut self) -> usize {
        self.ensure(1);
        let rest = match self.count % 16 {
            0 => 16,
            rest => rest,
        };
        self.consume(rest);
        self.at - (self.count / 8) as usize
    }

    /// Goes on at byte `at` with the next unit.
    pub(super) fn resume(&mut self, at: usize) {
        *self = Self { at, bits: 0, count: 0, ..*self };
    }

    /// An error if bits were read that are not there.
    pub(super) fn finish(&self) -> Result<(), CodecError> {
        match self.missing_units {
            0..=MAX_MISSING_UNITS => Ok(()),
            _ => Err(CodecError::new(self.data.len(), "more data")),
        }
    }

    /// Where the reader is, for errors.
    pub(super) fn at(&self) -> usize {
        self.at
    }
}
