//! POSIX names in the system use areas of directory records: SUSP (IEEE P1281) 1.12 and RRIP (IEEE P1282) 1.12.

use std::io::{Read, Seek};

use super::SECTOR_BYTES;
use super::record::Record;
use crate::format::FormatError;
use crate::format::bytes::{read_array, read_at, u32_le};

/// No chain of real continuation areas comes near this.
const MAX_CONTINUATIONS: usize = 32;
const MAX_NAME_BYTES: usize = 1024;
/// RRIP §4.1.4, flags of NM: the name goes on in the next NM; it stands for `.`; for `..`.
const NAME_CONTINUES: u8 = 0x01;
const NAME_IS_DOT: u8 = 0x06;

/// What Rock Ridge says of a record, as far as a tree needs it.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub name: Option<String>,
    pub is_symbolic_link: bool,
    /// CL (RRIP §4.1.5.1): the block of the directory that belongs in this place.
    pub child_link: Option<u32>,
    /// RE (RRIP §4.1.5.3): this directory is shown where its CL lies.
    pub is_relocated: bool,
}

/// Does the volume use the protocol? Then SP is the first field of the root's first record, and tells how many bytes to
/// skip in all system use areas (SUSP §5.3).
pub(super) fn detect(
    image: &mut (impl Read + Seek),
    root: &Record,
    block_bytes: u64,
) -> Result<Option<usize>, FormatError> {
    let Some(at) = root.extents(block_bytes)?.first().and_then(|extent| extent.offset_bytes) else {
        return Ok(None);
    };
    let first = first_record(image, at)?;
    let is_sharing_protocol = first.system_use.starts_with(b"SP\x07\x01\xBE\xEF");
    Ok(first.system_use.get(6).copied().map(usize::from).filter(|_| is_sharing_protocol))
}

/// The first record of the directory at byte `at`: the directory's own.
pub(super) fn first_record(image: &mut (impl Read + Seek), at: u64) -> Result<Record, FormatError> {
    let sector: [u8; SECTOR_BYTES as usize] = read_array(image, "directory", at)?;
    Record::parse(&sector, at)
}

/// Collects the fields of a record, continuation areas included.
pub(super) fn read_fields(
    image: &mut (impl Read + Seek),
    record: &Record,
    skip: usize,
    block_bytes: u64,
) -> Result<Fields, FormatError> {
    let mut fields = Fields::default();
    let mut name: Vec<u8> = Vec::new();
    let mut name_continues = true;
    let mut area = record.system_use.get(skip..).unwrap_or_default().to_vec();
    for _ in 0..MAX_CONTINUATIONS {
        let mut continuation = None;
        let mut rest = &area[..];
        // SUSP §4.1: signature, length, version, data. Less than that is padding.
        while rest.len() >= 4 {
            let len = usize::from(rest[2]);
            if len < 4 || len > rest.len() {
                break;
            }
            let (field, after) = rest.split_at(len);
            rest = after;
            match (&field[..2], len) {
                (b"NM", 5..) if name_continues && field[4] & NAME_IS_DOT == 0 => {
                    name.extend_from_slice(&field[5..]);
                    name_continues = field[4] & NAME_CONTINUES != 0;
                }
                (b"CE", 28) => continuation = Some((u32_le(field, 4), u32_le(field, 12), u32_le(field, 20))),
                (b"SL", _) => fields.is_symbolic_link = true,
                (b"CL", 12) => fields.child_link = Some(u32_le(field, 4)),
                (b"RE", _) => fields.is_relocated = true,
                (b"ST", _) => break,
                _ => {}
            }
        }
        if name.len() > MAX_NAME_BYTES {
            let limit = MAX_NAME_BYTES as u64;
            return Err(FormatError::Limit { what: "length of a file name", at: record.at, limit });
        }
        // SUSP §5.1: the area goes on in another block, which it does not leave.
        let Some((block, offset, len)) = continuation else {
            fields.name = (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned());
            return Ok(fields);
        };
        let at = u64::from(block) * block_bytes + u64::from(offset);
        if u64::from(len) > SECTOR_BYTES {
            return Err(FormatError::damaged("continuation area", at, "at most 2048 bytes", len));
        }
        area.resize(len as usize, 0);
        read_at(image, "continuation area", at, &mut area)?;
    }
    Err(FormatError::Limit {
        what: "chain of continuation areas",
        at: record.at,
        limit: MAX_CONTINUATIONS as u64,
    })
}
