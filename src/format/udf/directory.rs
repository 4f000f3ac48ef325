//! File identifier descriptors (ECMA-167 4/14.4): the names in a directory.

use super::charset;
use super::descriptor::{Allocation, BlockAddress, Tag, id};
use crate::format::FormatError;
use crate::format::bytes::u16_le;

/// Up to the implementation use.
const FIXED_BYTES: usize = 38;
/// 4/14.4.3, file characteristics.
const IS_DIRECTORY: u8 = 0x02;
const IS_DELETED: u8 = 0x04;
const IS_PARENT: u8 = 0x08;

/// A name, and where the file it names is described.
pub(super) struct FileIdentifier {
    /// Where it lies, as far as its directory is in one piece.
    pub at: u64,
    pub name: String,
    pub is_directory: bool,
    pub icb: BlockAddress,
}

/// The names in a directory's data, which begins at byte `at`. Deleted ones and the parent are left out.
pub(super) fn file_identifiers(data: &[u8], at: u64) -> Result<Vec<FileIdentifier>, FormatError> {
    const WHAT: &str = "file identifier";
    let mut identifiers = Vec::new();
    let mut start = 0;
    while start < data.len() {
        let at = at.saturating_add(start as u64);
        let rest = &data[start..];
        let Some(fixed) = rest.get(..FIXED_BYTES) else {
            return Err(FormatError::damaged(WHAT, at, "38 bytes or more", rest.len()));
        };
        let (name_len, use_len) = (usize::from(fixed[19]), usize::from(u16_le(fixed, 36)));
        let name_at = FIXED_BYTES + use_len;
        let Some(descriptor) = rest.get(..name_at + name_len) else {
            return Err(FormatError::damaged(WHAT, at, "a name inside the directory", name_at + name_len));
        };
        // The CRC may cover the padding. The tag's location is not checked: writers differ on it.
        let padded_len = descriptor.len().next_multiple_of(4).min(rest.len());
        let tag = Tag::parse(&rest[..padded_len], WHAT, at)?;
        if tag.id != id::FILE_IDENTIFIER {
            return Err(FormatError::damaged(WHAT, at, format!("tag {}", id::FILE_IDENTIFIER), tag.id));
        }
        start += padded_len;
        if fixed[18] & (IS_DELETED | IS_PARENT) != 0 {
            continue;
        }
        let Some(name) = charset::decode(&descriptor[name_at..]) else {
            return Err(FormatError::damaged(WHAT, at, "a name in 8 or 16 bits", "another width"));
        };
        identifiers.push(FileIdentifier {
            at,
            name,
            is_directory: fixed[18] & IS_DIRECTORY != 0,
            icb: Allocation::long(&fixed[20..36]).address,
        });
    }
    Ok(identifiers)
}
