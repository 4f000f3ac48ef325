//! File entries and extended file entries (ECMA-167 4/14.9, 4/14.17): how long a file is and where its data lies.

use std::io::{Read, Seek};

use super::descriptor::{Allocation, BlockAddress, ExtentType, Tag, id};
use super::volume::Volume;
use crate::format::FormatError;
use crate::format::bytes::{array, read_at, u16_le, u32_le, u64_le};
use crate::format::timestamp::unix_secs;
use crate::format::tree::{Entry, EntryKind, FileExtent, push_extent};

/// A list of allocation descriptors may go on in other blocks; this many of them describe some 250,000 extents.
const MAX_CONTINUATIONS: usize = 1024;

/// Where the fields lie that the two kinds have in different places.
struct Layout {
    modified_at: usize,
    /// Length of extended attributes, u32; that of allocation descriptors follows.
    lengths_at: usize,
}

const FILE_ENTRY: Layout = Layout { modified_at: 84, lengths_at: 168 };
const EXTENDED_FILE_ENTRY: Layout = Layout { modified_at: 92, lengths_at: 208 };

/// How allocation descriptors are recorded (4/14.6.8, the lowest three flags of the ICB tag).
#[derive(Clone, Copy)]
enum Form {
    Short { partition: u16 },
    Long,
}

/// Reads the entry in block `address`. Its name is its directory's to give.
pub(super) fn read(
    image: &mut (impl Read + Seek),
    volume: &Volume,
    address: &BlockAddress,
) -> Result<Entry, FormatError> {
    const WHAT: &str = "file entry";
    let at = volume.range(address, u64::from(volume.block_bytes))?;
    let mut block = vec![0; volume.block_bytes as usize];
    read_at(image, WHAT, at, &mut block)?;
    let tag = Tag::expect(&block, WHAT, at, &[id::FILE_ENTRY, id::EXTENDED_FILE_ENTRY], address.block)?;
    let layout = if tag.id == id::FILE_ENTRY { FILE_ENTRY } else { EXTENDED_FILE_ENTRY };
    // 4/14.6.2: strategy 4, one entry and no other. 4096, for write-once media, chains them.
    if u16_le(&block, 20) != 4 {
        return Err(FormatError::Unsupported { what: "file entry of a strategy other than 4", at });
    }
    let (attributes_len, descriptors_len) =
        (u32_le(&block, layout.lengths_at) as usize, u32_le(&block, layout.lengths_at + 4) as usize);
    let descriptors_at = (layout.lengths_at + 8).saturating_add(attributes_len);
    let Some(descriptors) = block.get(descriptors_at..descriptors_at.saturating_add(descriptors_len)) else {
        let actual = format!("{attributes_len} and {descriptors_len} bytes");
        return Err(FormatError::damaged(WHAT, at, "attributes and extents inside the block", actual));
    };
    let len_bytes = u64_le(&block, 56);
    let extents = match u16_le(&block, 34) & 7 {
        0 => follow(image, volume, at, descriptors, Form::Short { partition: address.partition }, len_bytes)?,
        1 => follow(image, volume, at, descriptors, Form::Long, len_bytes)?,
        // The data itself stands in the place of descriptors.
        3 if len_bytes <= descriptors_len as u64 => {
            let mut extents = Vec::new();
            push_extent(
                &mut extents,
                FileExtent { offset_bytes: Some(at + descriptors_at as u64), len_bytes },
            )?;
            extents
        }
        3 => return Err(too_short(at, len_bytes, descriptors_len as u64)),
        _ => return Err(FormatError::Unsupported { what: "file entry with extended allocation", at }),
    };
    Ok(Entry {
        name: String::new(),
        kind: match block[27] {
            4 => EntryKind::Directory,
            5 => EntryKind::File,
            _ => EntryKind::Other,
        },
        len_bytes,
        extents,
        modified_unix_secs: timestamp(&array(&block, layout.modified_at)),
    })
}

/// Follows allocation descriptors, continued ones too, until `len_bytes` are accounted for.
fn follow(
    image: &mut (impl Read + Seek),
    volume: &Volume,
    at: u64,
    descriptors: &[u8],
    form: Form,
    len_bytes: u64,
) -> Result<Vec<FileExtent>, FormatError> {
    let mut extents = Vec::new();
    let mut left = len_bytes;
    let mut descriptors = descriptors.to_vec();
    for _ in 0..MAX_CONTINUATIONS {
        let mut continuation = None;
        for allocation in parse(&descriptors, form) {
            match allocation.kind {
                // 4/14.14.1.1: an extent of no length ends the list.
                _ if allocation.len_bytes == 0 => break,
                ExtentType::Continuation => {
                    continuation = Some(allocation);
                    break;
                }
                // What lies behind the file's end is allocated to it, but not its data.
                _ if left == 0 => break,
                kind => {
                    let taken = left.min(u64::from(allocation.len_bytes));
                    let offset_bytes = match kind {
                        ExtentType::Recorded => Some(volume.range(&allocation.address, taken)?),
                        _ => None,
                    };
                    push_extent(&mut extents, FileExtent { offset_bytes, len_bytes: taken })?;
                    left -= taken;
                }
            }
        }
        if left == 0 {
            return Ok(extents);
        }
        match continuation {
            Some(continuation) => descriptors = read_continuation(image, volume, &continuation)?,
            None => return Err(too_short(at, len_bytes, len_bytes - left)),
        }
    }
    Err(FormatError::Limit { what: "chain of extents", at, limit: MAX_CONTINUATIONS as u64 })
}

fn parse(descriptors: &[u8], form: Form) -> impl Iterator<Item = Allocation> {
    let size = match form {
        Form::Short { .. } => Allocation::SHORT_BYTES,
        Form::Long => Allocation::LONG_BYTES,
    };
    descriptors.chunks_exact(size).map(move |bytes| match form {
        Form::Short { partition } => Allocation::short(bytes, partition),
        Form::Long => Allocation::long(bytes),
    })
}

/// An allocation extent descriptor (4/14.5): its header, then more allocation descriptors.
fn read_continuation(
    image: &mut (impl Read + Seek),
    volume: &Volume,
    allocation: &Allocation,
) -> Result<Vec<u8>, FormatError> {
    const WHAT: &str = "allocation extent";
    const HEADER_BYTES: usize = 24;
    let at = volume.range(&allocation.address, u64::from(volume.block_bytes))?;
    let mut block = vec![0; volume.block_bytes as usize];
    read_at(image, WHAT, at, &mut block)?;
    Tag::expect(&block, WHAT, at, &[id::ALLOCATION_EXTENT], allocation.address.block)?;
    let len = u32_le(&block, 20) as usize;
    let Some(descriptors) = block.get(HEADER_BYTES..HEADER_BYTES.saturating_add(len)) else {
        return Err(FormatError::damaged(WHAT, at, "descriptors inside the block", len));
    };
    Ok(descriptors.to_vec())
}

fn too_short(at: u64, len_bytes: u64, found: u64) -> FormatError {
    FormatError::damaged("file entry", at, format!("extents for {len_bytes} bytes"), format!("{found} bytes"))
}

/// ECMA-167 1/7.3: type and time zone, year, then a byte each. The zone is twelve signed bits of minutes; -2047 means that
/// none is given, and such times are taken as UTC.
fn timestamp(field: &[u8; 12]) -> Option<i64> {
    let zone = (u16_le(field, 0) << 4) as i16 >> 4;
    let offset_minutes = if zone == -2047 { 0 } else { i32::from(zone) };
    let year = i32::from(u16_le(field, 2) as i16);
    unix_secs(year, field[4], field[5], [field[6], field[7], field[8]], offset_minutes)
}
