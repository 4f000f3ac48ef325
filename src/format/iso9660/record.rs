//! Directory records (ECMA-119 §9.1), and how they become entries.

use std::io::{Read, Seek};

use super::{SECTOR_BYTES, rock_ridge};
use crate::format::FormatError;
use crate::format::bytes::u32_le;
use crate::format::timestamp::unix_secs;
use crate::format::tree::{Entry, EntryKind, FileExtent};

/// The fixed part, up to the identifier.
const FIXED_BYTES: usize = 33;
const FLAG_DIRECTORY: u8 = 0x02;
/// A resource fork or the like, listed beside the file of the same name that it belongs to.
const FLAG_ASSOCIATED: u8 = 0x04;
/// §9.1.6: set in the file flags when more records of the same file follow.
const FLAG_MULTI_EXTENT: u8 = 0x80;

/// Where names come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// The record's identifier: `README.TXT;1`.
    Plain,
    /// The same in UCS-2.
    Joliet,
    /// The system use area, which begins `skip` bytes into itself (SUSP §5.3).
    RockRidge { skip: usize },
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Where it lies in the image.
    pub at: u64,
    /// First block of its data, behind any extended attributes.
    first_block: u64,
    pub len_bytes: u64,
    flags: u8,
    is_interleaved: bool,
    pub modified_unix_secs: Option<i64>,
    identifier: Vec<u8>,
    pub system_use: Vec<u8>,
}

impl Record {
    pub(super) fn parse(bytes: &[u8], at: u64) -> Result<Self, FormatError> {
        const WHAT: &str = "directory record";
        let len = bytes.first().copied().map_or(0, usize::from);
        if len <= FIXED_BYTES || len > bytes.len() {
            let expected = format!("a length of 34 to {}", bytes.len());
            return Err(FormatError::damaged(WHAT, at, expected, len));
        }
        let bytes = &bytes[..len];
        let identifier_len = usize::from(bytes[32]);
        // §9.1.12: a padding byte makes the identifier end at an even offset.
        let system_use_at = FIXED_BYTES + identifier_len + (identifier_len + 1) % 2;
        let Some(identifier) = bytes.get(FIXED_BYTES..FIXED_BYTES + identifier_len) else {
            return Err(FormatError::damaged(WHAT, at, "a name that fits", identifier_len));
        };
        Ok(Self {
            at,
            first_block: u64::from(u32_le(bytes, 2)) + u64::from(bytes[1]),
            len_bytes: u64::from(u32_le(bytes, 10)),
            flags: bytes[25],
            is_interleaved: bytes[26] != 0 || bytes[27] != 0,
            modified_unix_secs: recording_time(&bytes[18..25]),
            identifier: identifier.to_vec(),
            system_use: bytes.get(system_use_at..).unwrap_or_default().to_vec(),
        })
    }

    pub(super) fn is_directory(&self) -> bool {
        self.flags & FLAG_DIRECTORY != 0
    }

    pub(super) fn has_more_sections(&self) -> bool {
        self.flags & FLAG_MULTI_EXTENT != 0
    }

    /// The records for the directory itself and its parent (§7.6.2).
    fn is_dot_or_dot_dot(&self) -> bool {
        matches!(self.identifier[..], [0] | [1])
    }

    pub(super) fn extents(&self, block_bytes: u64) -> Result<Vec<FileExtent>, FormatError> {
        if self.is_interleaved {
            return Err(FormatError::Unsupported { what: "interleaved file", at: self.at });
        }
        let offset_bytes = Some(self.first_block * block_bytes);
        let extent = FileExtent { offset_bytes, len_bytes: self.len_bytes };
        Ok(if self.len_bytes == 0 { Vec::new() } else { vec![extent] })
    }
}

/// The records in a directory's data, which lies at byte `at`. Records never cross sectors; the rest of a sector is zero
/// (§6.8.1.1).
pub(super) fn records(data: &[u8], at: u64) -> impl Iterator<Item = Result<Record, FormatError>> {
    let sectors = data.chunks(SECTOR_BYTES as usize);
    (0..).zip(sectors).flat_map(move |(number, sector)| {
        let sector_at = at + number * SECTOR_BYTES;
        let mut rest = sector;
        std::iter::from_fn(move || {
            if matches!(rest.first(), None | Some(0)) {
                return None;
            }
            let record = Record::parse(rest, sector_at + (sector.len() - rest.len()) as u64);
            // What follows a damaged record cannot be found.
            let len = if record.is_ok() { usize::from(rest[0]) } else { rest.len() };
            rest = &rest[len..];
            Some(record)
        })
    })
}

/// The entry that a record stands for. `None` for `.` and `..`, associated files, and directories that Rock Ridge shows
/// elsewhere.
pub(super) fn entry(
    image: &mut (impl Read + Seek),
    record: &Record,
    names: Names,
    block_bytes: u64,
) -> Result<Option<Entry>, FormatError> {
    if record.is_dot_or_dot_dot() || record.flags & FLAG_ASSOCIATED != 0 {
        return Ok(None);
    }
    let mut entry = Entry {
        name: String::new(),
        kind: if record.is_directory() { EntryKind::Directory } else { EntryKind::File },
        len_bytes: record.len_bytes,
        extents: record.extents(block_bytes)?,
        modified_unix_secs: record.modified_unix_secs,
    };
    match names {
        Names::Plain => entry.name = plain_name(&record.identifier),
        Names::Joliet => entry.name = without_version(&ucs2(&record.identifier)).to_owned(),
        Names::RockRidge { skip } => {
            let fields = rock_ridge::read_fields(image, record, skip, block_bytes)?;
            if fields.is_relocated {
                return Ok(None);
            }
            if let Some(block) = fields.child_link {
                // The directory was moved out of a tree too deep for ISO 9660; its own first record tells its size.
                let directory = rock_ridge::first_record(image, u64::from(block) * block_bytes)?;
                entry.kind = EntryKind::Directory;
                entry.len_bytes = directory.len_bytes;
                entry.extents = directory.extents(block_bytes)?;
            }
            if fields.is_symbolic_link {
                entry.kind = EntryKind::Other;
            }
            entry.name = fields.name.unwrap_or_else(|| plain_name(&record.identifier));
        }
    }
    Ok(Some(entry))
}

/// `README.TXT;1` is `README.TXT`, and `KERNEL.;1` is `KERNEL` (§7.5.1).
fn plain_name(identifier: &[u8]) -> String {
    let text: String = identifier.iter().map(|b| char::from(*b)).collect();
    let name = without_version(&text);
    name.strip_suffix('.').filter(|stem| !stem.is_empty()).unwrap_or(name).to_owned()
}

fn without_version(name: &str) -> &str {
    match name.rsplit_once(';') {
        Some((stem, version)) if !stem.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => name,
    }
}

/// Joliet's UCS-2, big-endian; surrogate pairs are taken as UTF-16, as writers mean them.
pub(super) fn ucs2(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
}

/// §9.1.5: years since 1900, and the offset from UTC in quarters of an hour.
fn recording_time(field: &[u8]) -> Option<i64> {
    let offset_minutes = i32::from(field[6] as i8) * 15;
    unix_secs(1900 + i32::from(field[0]), field[1], field[2], [field[3], field[4], field[5]], offset_minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_lone_dots_are_not_part_of_a_name() {
        for (identifier, name) in [
            ("README.TXT;1", "README.TXT"),
            ("KERNEL.;1", "KERNEL"),
            ("A;B", "A;B"),
            (";1", ";1"),
            (".", "."),
            ("", ""),
        ] {
            assert_eq!(plain_name(identifier.as_bytes()), name, "{identifier}");
        }
        assert_eq!(ucs2(&[0, b'G', 0, 0xF6, 0xD8, 0x3D, 0xDC, 0xBE]), "Gö💾");
    }

    #[test]
    fn a_record_must_fit_its_lengths() {
        for (len, name_len) in [(0, 0), (33, 0), (40, 8), (60, 1)] {
            let mut bytes = [0; 50];
            (bytes[0], bytes[32]) = (len, name_len);
            assert!(Record::parse(&bytes, 0).is_err(), "{len} {name_len}");
        }
        assert!(Record::parse(&[], 0).is_err());
    }
}
