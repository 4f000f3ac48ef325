//! The lz4 frame format (version 1.6.x of its description): frames and skippable frames in any order. The blocks are
//! decoded by `lz4_flex`; frames are read here, because its own reader takes a file that ends between two blocks for
//! whole.

use std::fs::File;
use std::hash::Hasher;

use twox_hash::XxHash32;

use super::{Decoder, Fault, Input, bytes_at, container};

pub const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
pub const LEGACY_MAGIC: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];

const MAX_HEADER_BYTES: usize = 19;

/// How far back a linked block may refer.
const WINDOW_BYTES: usize = 64 << 10;

/// In a block's size: the block is stored as it is.
const STORED: u32 = 1 << 31;

/// The usual block of 4 MiB makes this reach far beyond any image.
const MAX_HEADERS_WALKED: u32 = 1 << 15;

#[derive(Clone, Debug, PartialEq, Eq)]
struct FrameHeader {
    header_bytes: usize,
    block_max_bytes: usize,
    blocks_are_linked: bool,
    has_block_checksums: bool,
    has_content_checksum: bool,
    content_bytes: Option<u64>,
    has_dictionary: bool,
}

impl FrameHeader {
    /// Parses from the magic number on.
    fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let Some(&[flags, block_descriptor]) = bytes.get(4..6) else {
            return Err(Fault::cut_off());
        };
        if flags >> 6 != 1 || flags & 2 != 0 || block_descriptor & 0x8f != 0 {
            return Err(Fault::Damaged("a frame header has bits set that no known version uses".into()));
        }
        let (has_content_bytes, has_dictionary) = (flags & 8 != 0, flags & 1 != 0);
        let checksum_at = 6 + if has_content_bytes { 8 } else { 0 } + if has_dictionary { 4 } else { 0 };
        let checksum = *bytes.get(checksum_at).ok_or_else(Fault::cut_off)?;
        if checksum != (xxh32(&bytes[4..checksum_at]) >> 8) as u8 {
            return Err(Fault::Damaged("the checksum of a frame header is wrong".into()));
        }
        Ok(Self {
            header_bytes: checksum_at + 1,
            block_max_bytes: match block_descriptor >> 4 {
                4 => 64 << 10,
                5 => 256 << 10,
                6 => 1 << 20,
                7 => 4 << 20,
                other => return Err(Fault::Damaged(format!("{other} is not a block size code"))),
            },
            blocks_are_linked: flags & 0x20 == 0,
            has_block_checksums: flags & 0x10 != 0,
            has_content_checksum: flags & 4 != 0,
            content_bytes: has_content_bytes
                .then(|| bytes[6..14].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))),
            has_dictionary,
        })
    }
}

pub struct Lz4 {
    frame: Option<Frame>,
    /// A block as the file has it.
    stored: Vec<u8>,
    /// The last block decoded, `given` of whose `decoded` bytes have been handed out.
    block: Vec<u8>,
    decoded: usize,
    given: usize,
    ended: bool,
}

struct Frame {
    header: FrameHeader,
    content_hash: XxHash32,
    content_bytes: u64,
    /// The end of what the frame has given so far, for linked blocks.
    window: Vec<u8>,
}

impl Lz4 {
    pub fn new() -> Self {
        Self { frame: None, stored: Vec::new(), block: Vec::new(), decoded: 0, given: 0, ended: false }
    }

    /// Reads the header of the next frame; `None` if the file rightly ends here.
    fn next_frame(input: &mut Input) -> Result<Option<Frame>, Fault> {
        while let Some(len) = container::skippable_frame_bytes(input.peek(8)?) {
            input.skip(len)?;
        }
        let head = input.peek(MAX_HEADER_BYTES)?;
        if head.is_empty() {
            return Ok(None);
        }
        if !head.starts_with(&MAGIC[..head.len().min(4)]) {
            return Err(Fault::trailing(input.remaining()));
        }
        let header = FrameHeader::parse(head)?;
        if header.has_dictionary {
            return Err(Fault::Unsupported(
                "the lz4 file needs a dictionary to be decompressed; unpack it first with lz4 -d -D".into(),
            ));
        }
        input.skip(header.header_bytes as u64)?;
        let content_hash = XxHash32::with_seed(0);
        Ok(Some(Frame { header, content_hash, content_bytes: 0, window: Vec::new() }))
    }

    /// Decodes the next block of the frame into `self.block`; `false` if the frame has ended and was right.
    fn next_block(&mut self, input: &mut Input) -> Result<bool, Fault> {
        let Some(frame) = &mut self.frame else { return Ok(false) };
        let max = frame.header.block_max_bytes;
        let size = read_u32(input)?;
        if size == 0 {
            return frame.check_end(input).map(|()| false);
        }
        let stored_bytes = (size & !STORED) as usize;
        if stored_bytes > max {
            return Err(Fault::Damaged(format!(
                "a block of {stored_bytes} bytes is larger than its frame allows"
            )));
        }
        let is_stored = size & STORED != 0;
        // No sequence decodes to more than 255 times its own size, so small blocks get small buffers.
        let most = if is_stored { stored_bytes } else { max.min(stored_bytes.saturating_mul(255)) };
        if self.block.len() < most {
            self.block.resize(most, 0);
        }
        let stored = if is_stored {
            &mut self.block[..stored_bytes]
        } else {
            self.stored.resize(stored_bytes, 0);
            &mut self.stored[..]
        };
        input.read_exact(stored)?;
        if frame.header.has_block_checksums && read_u32(input)? != xxh32(stored) {
            return Err(Fault::Damaged("the checksum of a block is wrong".into()));
        }
        self.decoded = if is_stored {
            stored_bytes
        } else {
            lz4_flex::block::decompress_into_with_dict(&self.stored, &mut self.block[..most], &frame.window)
                .map_err(|error| Fault::Damaged(format!("its data is wrong ({error})")))?
        };
        self.given = 0;
        frame.follow(&self.block[..self.decoded]);
        Ok(true)
    }
}

impl Frame {
    /// Takes note of what a block held.
    fn follow(&mut self, content: &[u8]) {
        self.content_bytes += content.len() as u64;
        if self.header.has_content_checksum {
            self.content_hash.write(content);
        }
        if self.header.blocks_are_linked {
            let new = &content[content.len().saturating_sub(WINDOW_BYTES)..];
            let surplus = (self.window.len() + new.len()).saturating_sub(WINDOW_BYTES);
            self.window.drain(..surplus);
            self.window.extend_from_slice(new);
        }
    }

    fn check_end(&self, input: &mut Input) -> Result<(), Fault> {
        if self.header.has_content_checksum && u64::from(read_u32(input)?) != self.content_hash.finish() {
            return Err(Fault::Damaged("the checksum of the content is wrong".into()));
        }
        match self.header.content_bytes {
            Some(stated) if stated != self.content_bytes => Err(Fault::Damaged(format!(
                "a frame states {stated} bytes of content and has {}",
                self.content_bytes
            ))),
            _ => Ok(()),
        }
    }
}

impl Decoder for Lz4 {
    fn decode(&mut self, input: &mut Input, out: &mut [u8]) -> Result<usize, Fault> {
        while self.given == self.decoded && !self.ended {
            if self.frame.is_none() {
                self.frame = Self::next_frame(input)?;
                self.ended = self.frame.is_none();
            } else if !self.next_block(input)? {
                self.frame = None;
            }
        }
        let left = &self.block[self.given..self.decoded];
        let len = left.len().min(out.len());
        out[..len].copy_from_slice(&left[..len]);
        self.given += len;
        Ok(len)
    }
}

fn read_u32(input: &mut Input) -> Result<u32, Fault> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn xxh32(bytes: &[u8]) -> u32 {
    XxHash32::oneshot(0, bytes)
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
        // The smallest frame that states its size has 19 bytes, the smallest skippable one 8.
        let head = bytes_at::<8>(file, at)?;
        if let Some(len) = container::skippable_frame_bytes(&head) {
            at = at.checked_add(len)?;
            continue;
        }
        let head = bytes_at::<MAX_HEADER_BYTES>(file, at).filter(|head| head.starts_with(&MAGIC))?;
        let frame = FrameHeader::parse(&head).ok()?;
        total = total.checked_add(frame.content_bytes?)?;
        at = at.checked_add(frame.header_bytes as u64)?;
        loop {
            walked += 1;
            if walked > MAX_HEADERS_WALKED {
                return None;
            }
            let size = u32::from_le_bytes(bytes_at(file, at)?);
            at = at.checked_add(4)?;
            if size == 0 {
                break;
            }
            let checksum_bytes = if frame.has_block_checksums { 4 } else { 0 };
            at = at.checked_add(u64::from(size & !STORED) + checksum_bytes)?;
        }
        if frame.has_content_checksum {
            at = at.checked_add(4)?;
        }
    }
    (at == file_bytes).then_some(total)
}
