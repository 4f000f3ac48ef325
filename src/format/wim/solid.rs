//! Solid resources: many streams compressed as one, in containers. In the lookup table, containers and streams
//! are runs of entries; each stream has its place in what all containers of its run hold, one after the other.

use std::io::{Read, Seek};

use super::codec::{Decoder, decode_chunk};
use super::header::Compression;
use super::lookup::Resource;
use crate::format::FormatError;
use crate::format::bytes::{read_array, read_at, u32_le, u64_le};

const WHAT: &str = "solid resource of a WIM file";
const HEADER_BYTES: u64 = 16;
const SIZE_BYTES: u64 = 4;
/// What a chunk takes in memory. Microsoft's have 64 MiB.
const MAX_CHUNK_BYTES: u32 = 64 << 20;

/// The head of a container.
struct Container {
    at: u64,
    original_bytes: u64,
    chunk_bytes: u32,
    compression: Compression,
    /// Where chunks begin in the file, and where they end.
    data_at: u64,
    end: u64,
}

impl Container {
    fn read(reader: &mut (impl Read + Seek), resource: &Resource) -> Result<Self, FormatError> {
        let at = resource.offset_bytes;
        let head: [u8; HEADER_BYTES as usize] = read_array(reader, WHAT, at)?;
        let (original_bytes, chunk_bytes) = (u64_le(&head, 0), u32_le(&head, 8));
        let compression = match u32_le(&head, 12) {
            1 => Compression::Xpress,
            2 => Compression::Lzx,
            3 => Compression::Lzms,
            _ => return Err(FormatError::Unsupported { what: "compression of a solid resource", at }),
        };
        if !compression.allows_chunks_of(chunk_bytes) {
            return Err(FormatError::damaged(
                WHAT,
                at + 8,
                "a chunk size that its compression allows",
                chunk_bytes,
            ));
        }
        if chunk_bytes > MAX_CHUNK_BYTES {
            let what = "chunk size of a solid resource";
            return Err(FormatError::Limit { what, at: at + 8, limit: MAX_CHUNK_BYTES.into() });
        }
        let table_bytes = original_bytes.div_ceil(chunk_bytes.into()) * SIZE_BYTES;
        let end = at + resource.stored_bytes;
        let data_at = at + HEADER_BYTES + table_bytes;
        if data_at > end {
            let expected = format!("a chunk table of {table_bytes} bytes");
            return Err(FormatError::damaged(WHAT, at, expected, resource.stored_bytes));
        }
        Ok(Self { at, original_bytes, chunk_bytes, compression, data_at, end })
    }
}

/// Gives the content of a stream of the lookup table `resources` to `sink`. What comes before it in its first chunk is
/// decoded too.
pub(super) fn stream(
    reader: &mut (impl Read + Seek),
    resources: &[Resource],
    resource: &Resource,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), FormatError> {
    let no_container = || FormatError::damaged(WHAT, resource.offset_bytes, "a container", "none");
    let mut offset = resource.offset_bytes;
    for container in containers(resources, resource).ok_or_else(no_container)? {
        let container = Container::read(reader, container)?;
        match offset.checked_sub(container.original_bytes) {
            Some(rest) => offset = rest,
            None => return stream_range(reader, &container, offset, resource.original_bytes, sink),
        }
    }
    Err(no_container())
}

/// The containers of the run that `resource` belongs to.
fn containers<'a>(
    resources: &'a [Resource],
    resource: &Resource,
) -> Option<impl Iterator<Item = &'a Resource>> {
    let place = resources.iter().position(|other| other == resource)?;
    let (before, after) = resources.split_at(place);
    let start = before.iter().rposition(|other| !other.is_solid()).map_or(0, |place| place + 1);
    let run = before[start..].iter().chain(after.iter().take_while(|other| other.is_solid()));
    Some(run.filter(|other| other.is_solid_container()))
}

fn stream_range(
    reader: &mut (impl Read + Seek),
    container: &Container,
    offset: u64,
    len_bytes: u64,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), FormatError> {
    let end = offset.checked_add(len_bytes).filter(|end| *end <= container.original_bytes);
    let end = end.ok_or_else(|| {
        let expected = format!("a stream within {} bytes", container.original_bytes);
        FormatError::damaged(WHAT, container.at, expected, format!("{len_bytes} bytes from byte {offset}"))
    })?;
    let unsupported = FormatError::Unsupported { what: "compression of a solid resource", at: container.at };
    let mut decoder = Decoder::new(container.compression, container.chunk_bytes).ok_or(unsupported)?;
    let chunk_bytes = u64::from(container.chunk_bytes);
    let mut data_at = container.data_at;
    let (mut stored, mut out) = (Vec::new(), Vec::new());
    // The table is read as far as the stream's end: chunks begin where those before them end.
    for chunk in 0..end.div_ceil(chunk_bytes) {
        let start = chunk * chunk_bytes;
        let original_bytes = chunk_bytes.min(container.original_bytes - start);
        let entry_at = container.at + HEADER_BYTES + chunk * SIZE_BYTES;
        let size: [u8; 4] = read_array(reader, "chunk table of a solid resource", entry_at)?;
        let stored_bytes = u64::from(u32::from_le_bytes(size));
        if !(1..=original_bytes).contains(&stored_bytes) || stored_bytes > container.end - data_at {
            let expected = format!("a chunk of up to {original_bytes} bytes");
            return Err(FormatError::damaged(
                "chunk table of a solid resource",
                entry_at,
                expected,
                stored_bytes,
            ));
        }
        if start + original_bytes > offset {
            stored.resize(stored_bytes as usize, 0);
            out.resize(original_bytes as usize, 0);
            read_at(reader, WHAT, data_at, &mut stored)?;
            decode_chunk(&mut decoder, WHAT, data_at, &stored, &mut out)?;
            let from = offset.saturating_sub(start) as usize;
            let to = (end - start).min(original_bytes) as usize;
            sink(&out[from..to]);
        }
        data_at += stored_bytes;
    }
    Ok(())
}
