//! The lookup table: every resource of a WIM file by the SHA-1 of what it holds ([MS-WIM] 2.4).

use std::io::{Read, Seek};

use super::header::{Header, RESOURCE_HEADER_BYTES, ResourceHeader, read_plain};
use crate::format::FormatError;
use crate::format::bytes::{array, u16_le, u32_le};

pub const ENTRY_BYTES: usize = 50;
/// Ten times what the largest Windows images have.
const MAX_ENTRIES: usize = 2 << 20;
pub(super) const WHAT: &str = "lookup table of a WIM file";
/// In place of a size: this entry is not a stream but the container of the solid streams that follow.
pub(super) const SOLID_CONTAINER_BYTES: u64 = 1 << 32;

/// A line of the lookup table. Of a solid stream, `offset_bytes` counts from the start of its container's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    pub stored_bytes: u64,
    pub offset_bytes: u64,
    pub original_bytes: u64,
    pub sha1: [u8; 20],
    pub refcount: u32,
    /// The part of the split set that holds it, from 1 on.
    pub part: u16,
    /// As in [`ResourceHeader`].
    pub flags: u8,
}

impl Resource {
    fn parse(bytes: &[u8]) -> Self {
        let header = ResourceHeader::parse(bytes);
        Self {
            stored_bytes: header.stored_bytes,
            offset_bytes: header.offset_bytes,
            original_bytes: header.original_bytes,
            flags: header.flags,
            part: u16_le(bytes, RESOURCE_HEADER_BYTES),
            refcount: u32_le(bytes, RESOURCE_HEADER_BYTES + 2),
            sha1: array(bytes, RESOURCE_HEADER_BYTES + 6),
        }
    }

    pub(super) fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..24].copy_from_slice(&self.header().to_bytes());
        bytes[24..26].copy_from_slice(&self.part.to_le_bytes());
        bytes[26..30].copy_from_slice(&self.refcount.to_le_bytes());
        bytes[30..].copy_from_slice(&self.sha1);
        bytes
    }

    pub fn header(&self) -> ResourceHeader {
        let Self { stored_bytes, flags, offset_bytes, original_bytes, .. } = *self;
        ResourceHeader { stored_bytes, flags, offset_bytes, original_bytes }
    }

    pub fn is_compressed(&self) -> bool {
        self.flags & ResourceHeader::COMPRESSED != 0
    }

    pub fn is_solid(&self) -> bool {
        self.flags & ResourceHeader::SOLID != 0
    }

    /// The directory tree of an image. What no image refers to any more stays in the table, and is none.
    pub fn is_metadata(&self) -> bool {
        self.flags & ResourceHeader::METADATA != 0 && self.refcount != 0
    }

    pub(super) fn is_solid_container(&self) -> bool {
        self.is_solid() && self.original_bytes == SOLID_CONTAINER_BYTES
    }
}

/// Reads the table of the file with this header, which has `file_bytes` bytes.
pub(super) fn read(
    reader: &mut (impl Read + Seek),
    header: &Header,
    file_bytes: u64,
) -> Result<Vec<Resource>, FormatError> {
    let at = header.lookup_table.offset_bytes;
    let data = read_plain(reader, WHAT, &header.lookup_table, (MAX_ENTRIES * ENTRY_BYTES) as u64)?;
    if !data.len().is_multiple_of(ENTRY_BYTES) {
        return Err(FormatError::damaged(WHAT, at, "entries of 50 bytes", format!("{} bytes", data.len())));
    }
    let mut resources = Vec::with_capacity(data.len() / ENTRY_BYTES);
    for (index, bytes) in data.chunks_exact(ENTRY_BYTES).enumerate() {
        let mut resource = Resource::parse(bytes);
        if resource.is_solid() && !resource.is_solid_container() {
            // Such a stream has only one size, in the place of the stored one.
            resource.original_bytes = resource.stored_bytes;
        }
        check(&resource, header, file_bytes, at + (index * ENTRY_BYTES) as u64)?;
        resources.push(resource);
    }
    Ok(resources)
}

fn check(resource: &Resource, header: &Header, file_bytes: u64, at: u64) -> Result<(), FormatError> {
    if resource.part == 0 || resource.part > header.total_parts {
        return Err(FormatError::damaged(WHAT, at, "a part of the set", resource.part));
    }
    let is_inside_another = resource.is_solid() && !resource.is_solid_container();
    if is_inside_another || resource.part != header.part {
        return Ok(());
    }
    if resource.header().end_bytes().is_none_or(|end| end > file_bytes) {
        let (at, len_bytes) = (resource.offset_bytes, resource.stored_bytes);
        return Err(FormatError::PastEnd { what: "resource of a WIM file", at, len_bytes });
    }
    let is_plain = !resource.is_compressed() && !resource.is_solid();
    if is_plain && resource.stored_bytes != resource.original_bytes {
        let expected = format!("{} bytes, as stored", resource.stored_bytes);
        return Err(FormatError::damaged(WHAT, at, expected, resource.original_bytes));
    }
    Ok(())
}
