//! Split sets: `install.swm`, `install2.swm`… are one WIM file in parts. The first has the metadata of all images; the
//! data of a file is in one of them.

use std::collections::HashSet;
use std::io::{Read, Seek};

use super::{HEADER_BYTES, Wim};
use crate::format::FormatError;

/// Reads a file out of the parts of a set, given in any order. `None` if the image has no such file. Parts that do not
/// belong together are an error; that one is missing is one only if the file is in it.
pub fn read_file_from_set<R: Read + Seek>(
    parts: &mut [Wim<R>],
    image: u32,
    path: &str,
    limit_bytes: u64,
) -> Result<Option<Vec<u8>>, FormatError> {
    check_set(parts)?;
    let Some(first) = parts.iter_mut().find(|part| part.header.part == 1) else {
        return Err(FormatError::damaged("split WIM file", 0, "its first part", "none"));
    };
    let Some(file) = first.find(image, path)? else {
        return Ok(None);
    };
    let owner = file.sha1.and_then(|sha1| parts.iter().position(|part| part.stream(&sha1).is_some()));
    parts[owner.unwrap_or_default()].read_file(&file, limit_bytes).map(Some)
}

fn check_set<R>(parts: &[Wim<R>]) -> Result<(), FormatError> {
    let Some(first) = parts.first().map(|part| &part.header) else {
        return Ok(());
    };
    let mut numbers = HashSet::new();
    for header in parts.iter().map(|part| &part.header) {
        let is_of_set = (header.guid, header.total_parts) == (first.guid, first.total_parts);
        if !is_of_set || !numbers.insert(header.part) {
            let name = |header: &super::Header| {
                format!("{} of {} ({})", header.part, header.total_parts, header.guid)
            };
            let expected = format!("another part of the set of part {}", name(first));
            return Err(FormatError::damaged("split WIM file", HEADER_BYTES as u64, expected, name(header)));
        }
    }
    Ok(())
}
