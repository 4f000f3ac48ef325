//! Zstandard's frame and block headers (RFC 8878, 3.1.1), as far as they tell sizes.

use std::fs::File;

use super::{bytes_at, container};

pub const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
pub const MAX_HEADER_BYTES: usize = 18;

/// Each block has up to 128 KiB of the image, so this reaches to 4 GiB. Beyond, looking for the size would take longer
/// than it is worth.
const MAX_HEADERS_WALKED: u32 = 1 << 15;

#[derive(Debug, PartialEq, Eq)]
pub struct FrameHeader {
    pub header_bytes: u64,
    pub window_bytes: u64,
    pub content_bytes: Option<u64>,
    pub dictionary_id: u32,
    has_checksum: bool,
}

impl FrameHeader {
    /// Parses from the magic number on; `None` if `bytes` are too few or do not begin a frame.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&MAGIC)?;
        let descriptor = number(&mut rest, 1)?;
        let is_single_segment = descriptor & 0x20 != 0;
        let window = if is_single_segment { None } else { Some(number(&mut rest, 1)?) };
        let dictionary_id = number(&mut rest, [0, 1, 2, 4][(descriptor & 3) as usize])?;
        let content_bytes = match (descriptor >> 6, is_single_segment) {
            (0, false) => None,
            (0, true) => Some(number(&mut rest, 1)?),
            (1, _) => Some(number(&mut rest, 2)? + 256),
            (2, _) => Some(number(&mut rest, 4)?),
            _ => Some(number(&mut rest, 8)?),
        };
        let window_bytes = match window {
            Some(w) => {
                let base = 1u64 << (10 + (w >> 3));
                base + base / 8 * (w & 7)
            }
            None => content_bytes.unwrap_or(0),
        };
        Some(Self {
            header_bytes: (bytes.len() - rest.len()) as u64,
            window_bytes,
            content_bytes,
            dictionary_id: dictionary_id as u32,
            has_checksum: descriptor & 4 != 0,
        })
    }
}

/// Takes a little-endian number of `len` bytes, at most 8, from the front of `bytes`.
fn number(bytes: &mut &[u8], len: usize) -> Option<u64> {
    let (front, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(front.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// The sum of the content sizes of all frames, if each frame states one.
pub fn stated_bytes(file: &File, file_bytes: u64) -> Option<u64> {
    let mut total: u64 = 0;
    let mut at: u64 = 0;
    let mut walked = 0;
    while at < file_bytes {
        walked += 1;
        if walked > MAX_HEADERS_WALKED {
            return None;
        }
        if let Some(len) = bytes_at::<8>(file, at).and_then(|head| container::skippable_frame_bytes(&head)) {
            at = at.checked_add(len)?;
            continue;
        }
        // The smallest frame has 9 bytes, so a header near the end of the file may be followed by too few to fill this.
        let mut head = [0; MAX_HEADER_BYTES];
        let len = (file_bytes - at).min(MAX_HEADER_BYTES as u64) as usize;
        std::os::unix::fs::FileExt::read_exact_at(file, &mut head[..len], at).ok()?;
        let frame = FrameHeader::parse(&head[..len])?;
        total = total.checked_add(frame.content_bytes?)?;
        at = at.checked_add(frame.header_bytes)?;
        loop {
            walked += 1;
            if walked > MAX_HEADERS_WALKED {
                return None;
            }
            let [a, b, c] = bytes_at(file, at)?;
            let block = u32::from_le_bytes([a, b, c, 0]);
            let stored_bytes = match (block >> 1) & 3 {
                0 | 2 => u64::from(block >> 3),
                1 => 1,
                _ => return None,
            };
            at = at.checked_add(3 + stored_bytes)?;
            if block & 1 != 0 {
                break;
            }
        }
        if frame.has_checksum {
            at = at.checked_add(4)?;
        }
    }
    (at == file_bytes).then_some(total)
}
