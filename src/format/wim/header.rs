//! The header of a WIM file, and the resource headers that it and the lookup table are made of ([MS-WIM] 2.2, 2.3).

use std::io::{Read, Seek};

use crate::format::FormatError;
use crate::format::bytes::{array, read_array, read_at, u16_le, u32_le, u64_le};
use crate::format::guid::Guid;

pub const HEADER_BYTES: usize = 208;
pub(super) const RESOURCE_HEADER_BYTES: usize = 24;
const WHAT: &str = "WIM header";
const MAGIC: [u8; 8] = *b"MSWIM\0\0\0";
const VERSION: u32 = 0x0001_0D00;
/// Files with solid resources.
const VERSION_SOLID: u32 = 0x0000_0E00;

const FLAG_COMPRESSED: u32 = 2;
/// The file is a part of a split set.
pub(super) const FLAG_SPANNED: u32 = 8;
const FLAG_WRITE_IN_PROGRESS: u32 = 0x40;
const FLAG_XPRESS: u32 = 0x0002_0000;
const FLAG_LZX: u32 = 0x0004_0000;
const FLAG_LZMS: u32 = 0x0008_0000;
/// Another number for XPRESS.
const FLAG_XPRESS_2: u32 = 0x0020_0000;

/// How the resources of a file are compressed, those that are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Xpress,
    Lzx,
    Lzms,
}

impl Compression {
    pub(super) fn allows_chunks_of(self, chunk_bytes: u32) -> bool {
        let orders = match self {
            Self::None => return false,
            Self::Xpress => 12..=16,
            Self::Lzx => 15..=21,
            Self::Lzms => 15..=30,
        };
        chunk_bytes.is_power_of_two() && orders.contains(&chunk_bytes.trailing_zeros())
    }
}

/// Where the bytes of a resource are, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceHeader {
    /// In the file, compressed or not. 56 bits.
    pub stored_bytes: u64,
    /// See the constants.
    pub flags: u8,
    pub offset_bytes: u64,
    /// Uncompressed.
    pub original_bytes: u64,
}

impl ResourceHeader {
    pub const METADATA: u8 = 2;
    pub const COMPRESSED: u8 = 4;
    /// Many streams compressed as one, or a stream inside such a one.
    pub const SOLID: u8 = 0x10;

    /// From the first 24 of `bytes`.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let first = u64_le(bytes, 0);
        Self {
            stored_bytes: first & 0x00FF_FFFF_FFFF_FFFF,
            flags: (first >> 56) as u8,
            offset_bytes: u64_le(bytes, 8),
            original_bytes: u64_le(bytes, 16),
        }
    }

    pub(super) fn to_bytes(self) -> [u8; RESOURCE_HEADER_BYTES] {
        let mut bytes = [0; RESOURCE_HEADER_BYTES];
        let first = (self.stored_bytes & 0x00FF_FFFF_FFFF_FFFF) | (u64::from(self.flags) << 56);
        bytes[..8].copy_from_slice(&first.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.offset_bytes.to_le_bytes());
        bytes[16..].copy_from_slice(&self.original_bytes.to_le_bytes());
        bytes
    }

    /// First byte after it in the file; `None` where no file can reach.
    pub(super) fn end_bytes(&self) -> Option<u64> {
        self.offset_bytes.checked_add(self.stored_bytes).filter(|end| *end <= i64::MAX as u64)
    }
}

/// The header of a WIM file. The same opens `.wim`, `.esd` and the parts of a split `.swm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub version: u32,
    pub flags: u32,
    pub compression: Compression,
    /// What compressed resources are cut into, uncompressed.
    pub chunk_bytes: u32,
    /// The same in all parts of a split set.
    pub guid: Guid,
    /// From 1 on.
    pub part: u16,
    pub total_parts: u16,
    pub image_count: u32,
    pub lookup_table: ResourceHeader,
    pub xml: ResourceHeader,
    pub boot_metadata: ResourceHeader,
    /// The image that starts, from 1 on; 0 for none.
    pub boot_index: u32,
    pub integrity: ResourceHeader,
}

impl Header {
    /// Reads the first bytes of the file. A file that is still being written, or was never finished, is an error.
    pub fn read(reader: &mut (impl Read + Seek)) -> Result<Self, FormatError> {
        Self::parse(&read_array(reader, WHAT, 0)?)
    }

    pub fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<Self, FormatError> {
        let damaged = |at, expected: &str, actual: u64| {
            Err(FormatError::damaged(WHAT, at, expected, format!("{actual:#x}")))
        };
        if bytes[..8] != MAGIC {
            return damaged(0, "MSWIM", u64_le(bytes, 0));
        }
        if u32_le(bytes, 8) != HEADER_BYTES as u32 {
            return damaged(8, "a header of 208 bytes", u32_le(bytes, 8).into());
        }
        let version = u32_le(bytes, 0x0C);
        if version != VERSION && version != VERSION_SOLID {
            return Err(FormatError::Unsupported { what: "version of a WIM file", at: 0x0C });
        }
        let flags = u32_le(bytes, 0x10);
        if flags & FLAG_WRITE_IN_PROGRESS != 0 {
            return damaged(0x10, "a file that was written to its end", flags.into());
        }
        let compression = match flags & (FLAG_XPRESS | FLAG_XPRESS_2 | FLAG_LZX | FLAG_LZMS) {
            _ if flags & FLAG_COMPRESSED == 0 => Compression::None,
            FLAG_XPRESS | FLAG_XPRESS_2 => Compression::Xpress,
            FLAG_LZX => Compression::Lzx,
            FLAG_LZMS => Compression::Lzms,
            _ => return damaged(0x10, "one compression", flags.into()),
        };
        let chunk_bytes = u32_le(bytes, 0x14);
        if compression != Compression::None && !compression.allows_chunks_of(chunk_bytes) {
            return damaged(0x14, "a chunk size that the compression allows", chunk_bytes.into());
        }
        let header = Self {
            version,
            flags,
            compression,
            chunk_bytes,
            guid: Guid(array(bytes, 0x18)),
            part: u16_le(bytes, 0x28),
            total_parts: u16_le(bytes, 0x2A),
            image_count: u32_le(bytes, 0x2C),
            lookup_table: ResourceHeader::parse(&bytes[0x30..]),
            xml: ResourceHeader::parse(&bytes[0x48..]),
            boot_metadata: ResourceHeader::parse(&bytes[0x60..]),
            boot_index: u32_le(bytes, 0x78),
            integrity: ResourceHeader::parse(&bytes[0x7C..]),
        };
        if header.part == 0 || header.part > header.total_parts {
            return damaged(0x28, "a part of the set", header.part.into());
        }
        if header.boot_index > header.image_count {
            return damaged(0x78, "an image of the file", header.boot_index.into());
        }
        Ok(header)
    }

    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut put = |at: usize, data: &[u8]| bytes[at..at + data.len()].copy_from_slice(data);
        put(0, &MAGIC);
        put(0x08, &(HEADER_BYTES as u32).to_le_bytes());
        put(0x0C, &self.version.to_le_bytes());
        put(0x10, &self.flags.to_le_bytes());
        put(0x14, &self.chunk_bytes.to_le_bytes());
        put(0x18, &self.guid.0);
        put(0x28, &self.part.to_le_bytes());
        put(0x2A, &self.total_parts.to_le_bytes());
        put(0x2C, &self.image_count.to_le_bytes());
        put(0x30, &self.lookup_table.to_bytes());
        put(0x48, &self.xml.to_bytes());
        put(0x60, &self.boot_metadata.to_bytes());
        put(0x78, &self.boot_index.to_le_bytes());
        put(0x7C, &self.integrity.to_bytes());
        bytes
    }

    /// By its version. What holds for a file's resources says [`Wim::is_solid`](super::Wim::is_solid).
    pub fn has_solid_version(&self) -> bool {
        self.version == VERSION_SOLID
    }
}

/// All bytes of a resource of the header: the lookup table or the XML data. They are never compressed.
pub(super) fn read_plain(
    reader: &mut (impl Read + Seek),
    what: &'static str,
    resource: &ResourceHeader,
    limit_bytes: u64,
) -> Result<Vec<u8>, FormatError> {
    const PIECE_BYTES: u64 = 64 * 1024;
    let at = resource.offset_bytes;
    if resource.flags & (ResourceHeader::COMPRESSED | ResourceHeader::SOLID) != 0 {
        return Err(FormatError::Unsupported { what, at });
    }
    if resource.stored_bytes > limit_bytes {
        return Err(FormatError::Limit { what, at, limit: limit_bytes });
    }
    // Piece by piece, so that what reaches past the end of the file is an error before it is an allocation.
    let mut data = Vec::new();
    while (data.len() as u64) < resource.stored_bytes {
        let filled = data.len();
        let piece = PIECE_BYTES.min(resource.stored_bytes - filled as u64);
        data.resize(filled + piece as usize, 0);
        read_at(reader, what, at.saturating_add(filled as u64), &mut data[filled..])?;
    }
    Ok(data)
}
