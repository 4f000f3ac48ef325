//! What a file is wrapped in, by the magic bytes at its start.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::{Container, Fault, lz4, xz, zstd_frame};

const HEAD_BYTES: u64 = 10;

/// Enough to pass over what tools put in front of a file's first frame.
const MAX_SKIPPABLE_FRAMES: u32 = 1 << 10;

/// Tells the container. A magic number alone decides: where the bytes behind it are not what they should be, decoding
/// says that the file is damaged, instead of a compressed file being written to a stick as if it were an image.
pub fn container_of(file: &File, file_bytes: u64) -> Result<Container, Fault> {
    let head_at = |at: u64| -> Result<Vec<u8>, Fault> {
        let mut head = vec![0; file_bytes.saturating_sub(at).min(HEAD_BYTES) as usize];
        file.read_exact_at(&mut head, at).map_err(Fault::Read)?;
        Ok(head)
    };
    let mut head = head_at(0)?;
    if skippable_frame_bytes(&head).is_none() {
        return of_head(&head);
    }
    // Zstandard and lz4 share the skippable frame; what comes behind tells which of them it is.
    let mut at: u64 = 0;
    for _ in 0..MAX_SKIPPABLE_FRAMES {
        let Some(frame_bytes) = skippable_frame_bytes(&head) else { break };
        at = at.saturating_add(frame_bytes);
        head = head_at(at)?;
    }
    Ok(if head.starts_with(&lz4::MAGIC) { Container::Lz4 } else { Container::Zstd })
}

/// `head`: the first ten bytes, or all that the file has.
fn of_head(head: &[u8]) -> Result<Container, Fault> {
    // A file that was cut off within its magic number is a damaged container too, not an image of a few bytes.
    let begins = |magic: &[u8]| head.starts_with(magic) || (head.len() >= 2 && magic.starts_with(head));

    // RFC 1952, 2.3.1: the method is always deflate, and three flags are always zero.
    let is_gzip = begins(&[0x1f, 0x8b, 8]) && head.get(3).is_none_or(|flags| flags & 0xe0 == 0);
    // The level is between the signature and the magic number of the first block, or of the end of an empty file.
    let is_bzip2 = (b'1'..=b'9').any(|level| {
        let [block, end] = [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]];
        [block, end].iter().any(|magic| begins(&[b"BZh".as_slice(), &[level], magic].concat()))
    });
    // A local file header, or the end record of an archive without files.
    let is_zip = begins(b"PK\x03\x04") || begins(b"PK\x05\x06");

    Ok(if is_gzip {
        Container::Gzip
    } else if begins(&xz::MAGIC) {
        Container::Xz
    } else if begins(&zstd_frame::MAGIC) {
        Container::Zstd
    } else if is_bzip2 {
        Container::Bzip2
    } else if begins(&lz4::MAGIC) {
        Container::Lz4
    } else if is_zip {
        Container::Zip
    } else if begins(&lz4::LEGACY_MAGIC) {
        return Err(Fault::Unsupported(
            "the file is in lz4's legacy format, which has neither an end mark nor a checksum, so nobody can tell \
             whether it is whole; unpack it first with lz4 -d"
                .into(),
        ));
    } else {
        Container::Raw
    })
}

/// The size, header included, of the skippable frame that `head` begins, if it begins one (RFC 8878, 3.1.2).
pub fn skippable_frame_bytes(head: &[u8]) -> Option<u64> {
    match *head {
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] => {
            Some(8 + u64::from(u32::from_le_bytes([a, b, c, d])))
        }
        _ => None,
    }
}
