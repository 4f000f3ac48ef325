//! The sizes in an xz file's indexes, read from the end backwards (the .xz file format 1.2, sections 2.1.2 and 4).

use std::fs::File;
use std::os::unix::fs::FileExt;

use flate2::Crc;

use super::{bytes_at, xz};

const HEADER_BYTES: u64 = 12;

const FOOTER_MAGIC: [u8; 2] = *b"YZ";

/// An index has at most 18 bytes for each block, so this is enough for half a million blocks.
const MAX_INDEX_BYTES: u64 = 8 << 20;
const MAX_STREAMS: u32 = 1 << 14;

/// Padding is looked through four bytes at a time, and nobody writes much of it.
const MAX_PADDING_BYTES: u64 = 1 << 16;

/// The size of the image, summed over all blocks of all streams. `None` if the indexes are damaged or absurd; decoding
/// will then say what is wrong.
pub fn stated_bytes(file: &File, file_bytes: u64) -> Option<u64> {
    let mut total: u64 = 0;
    let mut end = file_bytes;
    for _ in 0..MAX_STREAMS {
        end = without_padding(file, end)?;
        let stream = StreamSizes::ending_at(file, end)?;
        total = total.checked_add(stream.uncompressed_bytes)?;
        end = end.checked_sub(stream.stream_bytes)?;
        if end == 0 {
            return Some(total);
        }
    }
    None
}

fn without_padding(file: &File, end: u64) -> Option<u64> {
    let lowest = end.saturating_sub(MAX_PADDING_BYTES);
    let mut end = end;
    while end >= lowest.checked_add(4)? {
        if bytes_at::<4>(file, end - 4)? != [0; 4] {
            return Some(end);
        }
        end -= 4;
    }
    None
}

struct StreamSizes {
    stream_bytes: u64,
    uncompressed_bytes: u64,
}

impl StreamSizes {
    fn ending_at(file: &File, end: u64) -> Option<Self> {
        let footer_at = end.checked_sub(HEADER_BYTES)?;
        let footer: [u8; HEADER_BYTES as usize] = bytes_at(file, footer_at)?;
        let (crc, rest) = footer.split_first_chunk::<4>()?;
        let (fields, magic) = rest.split_at(6);
        if magic != FOOTER_MAGIC || crc32(fields) != u32::from_le_bytes(*crc) {
            return None;
        }
        let stored_size = u32::from_le_bytes(*fields.first_chunk()?);
        let index_bytes = (u64::from(stored_size) + 1) * 4;
        if index_bytes > MAX_INDEX_BYTES || index_bytes > footer_at {
            return None;
        }
        let mut index = vec![0; index_bytes as usize];
        file.read_exact_at(&mut index, footer_at - index_bytes).ok()?;
        let (blocks_bytes, uncompressed_bytes) = sums(&index)?;
        let stream_bytes = (2 * HEADER_BYTES + index_bytes).checked_add(blocks_bytes)?;
        let header: [u8; 6] = bytes_at(file, end.checked_sub(stream_bytes)?)?;
        (header == xz::MAGIC).then_some(Self { stream_bytes, uncompressed_bytes })
    }
}

/// The bytes that the blocks take in the file, and those that they decompress to.
fn sums(index: &[u8]) -> Option<(u64, u64)> {
    let (content, crc) = index.split_last_chunk::<4>()?;
    if crc32(content) != u32::from_le_bytes(*crc) {
        return None;
    }
    let mut rest = content.strip_prefix(&[0])?;
    let records = multibyte_integer(&mut rest)?;
    let (mut stored, mut uncompressed) = (0u64, 0u64);
    for _ in 0..records {
        // Blocks are padded to multiples of four; the index has their sizes without that.
        stored = stored.checked_add(multibyte_integer(&mut rest)?.checked_next_multiple_of(4)?)?;
        uncompressed = uncompressed.checked_add(multibyte_integer(&mut rest)?)?;
    }
    (rest.len() < 4 && rest.iter().all(|b| *b == 0)).then_some((stored, uncompressed))
}

/// Section 1.2: seven bits in each byte, the lowest first, nine bytes at most.
fn multibyte_integer(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for i in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
