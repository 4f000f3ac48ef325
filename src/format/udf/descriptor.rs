//! The 16-byte tag before every descriptor (ECMA-167 3/7.2), and the address structures inside them (4/14.14).

use crate::format::FormatError;
use crate::format::bytes::{u16_le, u32_le};

pub(super) const TAG_BYTES: usize = 16;

/// Tag identifiers (ECMA-167 3/7.2.1, 4/7.2.1).
pub(super) mod id {
    pub const ANCHOR: u16 = 2;
    pub const VOLUME_POINTER: u16 = 3;
    pub const PARTITION: u16 = 5;
    pub const LOGICAL_VOLUME: u16 = 6;
    pub const TERMINATING: u16 = 8;
    pub const FILE_SET: u16 = 256;
    pub const FILE_IDENTIFIER: u16 = 257;
    pub const ALLOCATION_EXTENT: u16 = 258;
    pub const FILE_ENTRY: u16 = 261;
    pub const EXTENDED_FILE_ENTRY: u16 = 266;
}

/// The checked tag of the descriptor that begins `bytes`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub id: u16,
    /// The block that the descriptor says it lies in: of the volume, or of its partition.
    pub location: u32,
}

impl Tag {
    /// Checks the tag's own sum and the CRC of the descriptor; `what` and `at` name the descriptor in errors.
    pub(super) fn parse(bytes: &[u8], what: &'static str, at: u64) -> Result<Self, FormatError> {
        let Some(tag) = bytes.get(..TAG_BYTES) else {
            return Err(FormatError::damaged(what, at, "a tag of 16 bytes", bytes.len()));
        };
        // 3/7.2.3: the sum of all bytes of the tag but this one. An empty block passes it, but has no identifier.
        let sum = tag.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)).wrapping_sub(tag[4]);
        let id = u16_le(tag, 0);
        if id == 0 {
            return Err(FormatError::damaged(what, at, "a descriptor's tag", "none"));
        }
        if sum != tag[4] {
            let expected = format!("tag checksum {sum:02X}");
            return Err(FormatError::damaged(what, at, expected, format!("{:02X}", tag[4])));
        }
        let crc_len = usize::from(u16_le(tag, 10));
        let Some(body) = bytes.get(TAG_BYTES..TAG_BYTES + crc_len) else {
            let expected = format!("a CRC over at most {} bytes", bytes.len() - TAG_BYTES);
            return Err(FormatError::damaged(what, at, expected, crc_len));
        };
        let (stored, computed) = (u16_le(tag, 8), crc16(body));
        if stored != computed {
            let expected = format!("CRC {computed:04X}");
            return Err(FormatError::damaged(what, at, expected, format!("{stored:04X}")));
        }
        Ok(Self { id, location: u32_le(tag, 12) })
    }

    /// As [`Tag::parse`], for a descriptor that must be one of `ids` and lie in block `location`.
    pub(super) fn expect(
        bytes: &[u8],
        what: &'static str,
        at: u64,
        ids: &[u16],
        location: u32,
    ) -> Result<Self, FormatError> {
        let tag = Self::parse(bytes, what, at)?;
        if !ids.contains(&tag.id) {
            return Err(FormatError::damaged(what, at, format!("tag {ids:?}"), tag.id));
        }
        if tag.location != location {
            let expected = format!("tag location {location}");
            return Err(FormatError::damaged(what, at, expected, tag.location));
        }
        Ok(tag)
    }
}

/// A block inside a partition (4/7.1, lb_addr).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockAddress {
    pub block: u32,
    /// Index into the logical volume's partition maps.
    pub partition: u16,
}

/// What an extent's blocks are (4/14.14.1.1, the upper two bits of its length).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExtentType {
    Recorded,
    /// Allocated or not: reads as zeroes.
    NotRecorded,
    /// Holds more allocation descriptors.
    Continuation,
}

/// An allocation descriptor, short or long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allocation {
    pub kind: ExtentType,
    pub len_bytes: u32,
    pub address: BlockAddress,
}

impl Allocation {
    pub(super) const SHORT_BYTES: usize = 8;
    pub(super) const LONG_BYTES: usize = 16;

    /// 4/14.14.1: lies in the partition of the descriptor that holds it.
    pub(super) fn short(bytes: &[u8], partition: u16) -> Self {
        Self::new(u32_le(bytes, 0), BlockAddress { block: u32_le(bytes, 4), partition })
    }

    /// 4/14.14.2.
    pub(super) fn long(bytes: &[u8]) -> Self {
        Self::new(u32_le(bytes, 0), BlockAddress { block: u32_le(bytes, 4), partition: u16_le(bytes, 8) })
    }

    fn new(len_and_type: u32, address: BlockAddress) -> Self {
        let kind = match len_and_type >> 30 {
            0 => ExtentType::Recorded,
            3 => ExtentType::Continuation,
            _ => ExtentType::NotRecorded,
        };
        Self { kind, len_bytes: len_and_type & 0x3FFF_FFFF, address }
    }
}

/// CRC-16 with polynomial 1021h, most significant bit first, from zero (3/7.2.6).
fn crc16(bytes: &[u8]) -> u16 {
    const TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut crc = (byte as u16) << 8;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
                bit += 1;
            }
            table[byte] = crc;
            byte += 1;
        }
        table
    };
    bytes.iter().fold(0, |crc, b| crc << 8 ^ TABLE[usize::from((crc >> 8) as u8 ^ b)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ECMA-167 3/7.2.6 gives this example.
    #[test]
    fn crc_of_the_specification() {
        assert_eq!(crc16(&[0x70, 0x6A, 0x77]), 0x3299);
    }

    #[test]
    fn zeroes_and_stubs_are_no_descriptors() {
        assert!(Tag::parse(&[0; 512], "descriptor", 0).is_err());
        assert!(Tag::parse(&[1; 15], "descriptor", 0).is_err());
    }

    #[test]
    fn upper_bits_of_a_length_are_its_type() {
        let bytes = [0x00, 0x08, 0x00, 0xC0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        let address = BlockAddress { block: 7, partition: 1 };
        let allocation = Allocation { kind: ExtentType::Continuation, len_bytes: 0x800, address };
        assert_eq!(Allocation::long(&bytes), allocation);
        assert_eq!(Allocation::short(&bytes, 1), allocation);
    }
}
