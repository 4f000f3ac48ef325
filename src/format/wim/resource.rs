//! The content of resources: stored plain, or cut into chunks that are compressed each by itself ([MS-WIM] 2.3).
//!
//! A table of where each chunk but the first begins comes before them. A chunk that compression would not make smaller is
//! stored plain.

use std::io::{Read, Seek};

use super::codec::{Decoder, decode_chunk};
use super::header::Header;
use super::lookup::Resource;
use super::solid;
use crate::base::digest::{Algorithm, Digest, Hasher};
use crate::format::FormatError;
use crate::format::bytes::{read_at, u32_le, u64_le};

const WHAT: &str = "resource of a WIM file";
const PLAIN_PIECE_BYTES: u64 = 256 * 1024;

/// Gives the content of `resource`, of the lookup table `resources`, to `sink` in pieces, and checks its SHA-1 at the end.
pub(super) fn stream(
    reader: &mut (impl Read + Seek),
    header: &Header,
    resources: &[Resource],
    resource: &Resource,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), FormatError> {
    let at = resource.offset_bytes;
    if resource.part != header.part {
        return Err(FormatError::Unsupported { what: "resource in another part of a split WIM file", at });
    }
    if resource.is_solid_container() {
        return Err(FormatError::Unsupported { what: "reading a solid resource as a whole", at });
    }
    if resource.header().end_bytes().is_none() {
        return Err(FormatError::PastEnd { what: WHAT, at, len_bytes: resource.stored_bytes });
    }
    let mut hasher = Hasher::new(Algorithm::Sha1);
    let mut take = |piece: &[u8]| {
        hasher.update(piece);
        sink(piece);
    };
    if resource.is_solid() {
        solid::stream(reader, resources, resource, &mut take)?;
    } else if resource.is_compressed() {
        stream_chunks(reader, header, resource, &mut take)?;
    } else {
        stream_plain(reader, resource, &mut take)?;
    }
    let (expected, actual) = (Digest::new(Algorithm::Sha1, resource.sha1.to_vec()), hasher.finish());
    match expected {
        Some(expected) if expected != actual => Err(FormatError::damaged(WHAT, at, expected, actual)),
        _ => Ok(()),
    }
}

fn stream_plain(
    reader: &mut (impl Read + Seek),
    resource: &Resource,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), FormatError> {
    let mut piece = vec![0; resource.stored_bytes.min(PLAIN_PIECE_BYTES) as usize];
    let mut done = 0;
    while done < resource.stored_bytes {
        let len = PLAIN_PIECE_BYTES.min(resource.stored_bytes - done) as usize;
        read_at(reader, WHAT, resource.offset_bytes + done, &mut piece[..len])?;
        sink(&piece[..len]);
        done += len as u64;
    }
    Ok(())
}

fn stream_chunks(
    reader: &mut (impl Read + Seek),
    header: &Header,
    resource: &Resource,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), FormatError> {
    let compressed =
        || FormatError::damaged(WHAT, resource.offset_bytes, "no compression, as the header says", "some");
    let mut decoder = Decoder::new(header.compression, header.chunk_bytes).ok_or_else(compressed)?;
    let chunk_bytes = u64::from(header.chunk_bytes);
    let mut table = ChunkTable::new(resource, chunk_bytes)?;
    // Of the size of one chunk at most, however large the resource says it is.
    let mut out = vec![0; resource.original_bytes.min(chunk_bytes) as usize];
    let mut stored = Vec::new();
    let mut left = resource.original_bytes;
    while left > 0 {
        let out = &mut out[..left.min(chunk_bytes) as usize];
        let (at, stored_bytes) = table.next(reader, out.len())?;
        stored.resize(stored_bytes, 0);
        read_at(reader, WHAT, at, &mut stored)?;
        decode_chunk(&mut decoder, WHAT, at, &stored, out)?;
        sink(out);
        left -= out.len() as u64;
    }
    Ok(())
}

/// Where chunks are, read a piece at a time.
struct ChunkTable {
    /// The next entries' place in the file, and how many are left there.
    at: u64,
    left: u64,
    /// Entries have four bytes, or eight in resources of 4 GiB and more.
    entry_bytes: usize,
    /// Entries read, last first.
    ready: Vec<u64>,
    /// The chunks' place in the file, to which entries are relative, and their length together.
    data_at: u64,
    data_bytes: u64,
    /// Where the next chunk begins.
    start: u64,
}

impl ChunkTable {
    const PIECE_ENTRIES: u64 = 8192;

    fn new(resource: &Resource, chunk_bytes: u64) -> Result<Self, FormatError> {
        let entry_bytes = if resource.original_bytes > u64::from(u32::MAX) { 8 } else { 4 };
        let left = resource.original_bytes.div_ceil(chunk_bytes).saturating_sub(1);
        // At least 4096 bytes to a chunk: this cannot overflow.
        let table_bytes = left * entry_bytes;
        let at = resource.offset_bytes;
        let data_bytes = resource.stored_bytes.checked_sub(table_bytes).ok_or_else(|| {
            FormatError::damaged(
                WHAT,
                at,
                format!("a chunk table of {table_bytes} bytes"),
                resource.stored_bytes,
            )
        })?;
        let (entry_bytes, ready, data_at) = (entry_bytes as usize, Vec::new(), at + table_bytes);
        Ok(Self { at, left, entry_bytes, ready, data_at, data_bytes, start: 0 })
    }

    /// Place and length of the next chunk, which has `original_bytes` bytes and so no more as stored, but some.
    fn next(
        &mut self,
        reader: &mut (impl Read + Seek),
        original_bytes: usize,
    ) -> Result<(u64, usize), FormatError> {
        if self.ready.is_empty() && self.left > 0 {
            self.read_entries(reader)?;
        }
        let end = self.ready.pop().unwrap_or(self.data_bytes);
        let stored_bytes =
            end.checked_sub(self.start).filter(|len| (1..=original_bytes as u64).contains(len));
        match stored_bytes.filter(|_| end <= self.data_bytes) {
            Some(stored_bytes) => {
                let at = self.data_at + self.start;
                self.start = end;
                Ok((at, stored_bytes as usize))
            }
            None => {
                let expected = format!("a chunk of up to {original_bytes} bytes");
                let actual = format!("bytes {} to {end} of {}", self.start, self.data_bytes);
                Err(FormatError::damaged("chunk table of a WIM file", self.data_at, expected, actual))
            }
        }
    }

    fn read_entries(&mut self, reader: &mut (impl Read + Seek)) -> Result<(), FormatError> {
        let count = self.left.min(Self::PIECE_ENTRIES);
        let mut bytes = vec![0; count as usize * self.entry_bytes];
        read_at(reader, "chunk table of a WIM file", self.at, &mut bytes)?;
        self.at += bytes.len() as u64;
        self.left -= count;
        let entries = bytes.chunks_exact(self.entry_bytes).rev();
        self.ready.extend(entries.map(|entry| match entry.len() {
            4 => u32_le(entry, 0).into(),
            _ => u64_le(entry, 0),
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::header::ResourceHeader;

    use super::*;

    const CHUNK_BYTES: u64 = 32768;

    fn resource(original_bytes: u64, stored_bytes: u64) -> Resource {
        let (flags, sha1) = (ResourceHeader::COMPRESSED, [0; 20]);
        Resource { stored_bytes, offset_bytes: 100, original_bytes, sha1, refcount: 1, part: 1, flags }
    }

    /// From 4 GiB on, entries have eight bytes.
    #[test]
    fn both_widths_of_the_chunk_table() {
        for (original_bytes, entry_bytes) in [(1u64 << 32, 8), ((1 << 32) - 1, 4), (3 * CHUNK_BYTES, 4)] {
            let chunks = original_bytes.div_ceil(CHUNK_BYTES);
            // Every chunk has three bytes, but the second has four.
            let starts = (1..chunks).map(|chunk| 3 * chunk + u64::from(chunk > 1));
            let mut file = vec![0xEE; 100];
            file.extend(starts.flat_map(|start| start.to_le_bytes()[..entry_bytes].to_vec()));
            let data_at = file.len() as u64;
            let stored_bytes = data_at - 100 + 3 * chunks + 1;
            let mut table = ChunkTable::new(&resource(original_bytes, stored_bytes), CHUNK_BYTES).unwrap();
            let mut at = data_at;
            for chunk in 0..chunks {
                let len = 3 + usize::from(chunk == 1);
                assert_eq!(
                    table.next(&mut Cursor::new(&file), CHUNK_BYTES as usize).unwrap(),
                    (at, len),
                    "{chunk}"
                );
                at += len as u64;
            }
            assert_eq!(at, 100 + stored_bytes);
        }
    }

    #[test]
    fn a_table_larger_than_its_resource_is_damage() {
        for (original_bytes, stored_bytes) in [(u64::MAX, 1000), (3 * CHUNK_BYTES, 7)] {
            assert!(ChunkTable::new(&resource(original_bytes, stored_bytes), CHUNK_BYTES).is_err());
        }
    }
}
