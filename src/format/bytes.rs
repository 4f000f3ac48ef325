//! Bytes at places: structures out of an image, and numbers out of a structure.
//!
//! A [`Metered`] image bounds how much one opened file system may read, whatever its structures lead to.
//!
//! The number readers take offsets that the specification fixes, into buffers of the structure's fixed size. Whoever
//! computes an offset from something read checks it against the buffer first.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use super::FormatError;

/// More than this is read of no real file system's directories and file entries, not even for listing all of it. It is
/// what bounds the time that damaged or hostile structures can cost, where each alone stays within its limits.
const MAX_METADATA_BYTES: u64 = 1 << 30;

/// An image of which only so much may be read.
#[derive(Debug)]
pub(crate) struct Metered<R> {
    image: R,
    left: u64,
}

impl<R> Metered<R> {
    pub(crate) fn new(image: R) -> Self {
        Self { image, left: MAX_METADATA_BYTES }
    }

    /// Counts work as if so much had been read: for what is worked out from bytes that are kept.
    pub(crate) fn charge(&mut self, at: u64, len_bytes: u64) -> Result<(), FormatError> {
        let limit = FormatError::Limit { what: "amount of metadata", at, limit: MAX_METADATA_BYTES };
        self.left = self.left.checked_sub(len_bytes).ok_or(limit)?;
        Ok(())
    }

    /// For file data, of which whoever asks says how much.
    pub(crate) fn unmetered(&mut self) -> &mut R {
        &mut self.image
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        // Small reads cost as much as a sector does.
        let charge = (buf.len() as u64).max(512);
        self.left = self.left.checked_sub(charge).ok_or(ErrorKind::QuotaExceeded)?;
        self.image.read(buf)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.image.seek(to)
    }
}

/// Fills `buf` from byte `at` of the image. `what` names the structure in errors.
pub(crate) fn read_at(
    image: &mut (impl Read + Seek + ?Sized),
    what: &'static str,
    at: u64,
    buf: &mut [u8],
) -> Result<(), FormatError> {
    let past_end = FormatError::PastEnd { what, at, len_bytes: buf.len() as u64 };
    // Files cannot be sought past i64::MAX; for the reader that is simply far past the end.
    if at.checked_add(buf.len() as u64).is_none_or(|end| end > i64::MAX as u64) {
        return Err(past_end);
    }
    image.seek(SeekFrom::Start(at)).map_err(|source| FormatError::Io { at, source })?;
    image.read_exact(buf).map_err(|source| match source.kind() {
        ErrorKind::UnexpectedEof => past_end,
        ErrorKind::QuotaExceeded => {
            FormatError::Limit { what: "amount of metadata", at, limit: MAX_METADATA_BYTES }
        }
        _ => FormatError::Io { at, source },
    })
}

/// A structure of `N` bytes at byte `at`.
pub(crate) fn read_array<const N: usize>(
    image: &mut (impl Read + Seek + ?Sized),
    what: &'static str,
    at: u64,
) -> Result<[u8; N], FormatError> {
    let mut bytes = [0; N];
    read_at(image, what, at, &mut bytes)?;
    Ok(bytes)
}

/// How many bytes can be read.
pub(crate) fn len_bytes(image: &mut (impl Seek + ?Sized)) -> Result<u64, FormatError> {
    image.seek(SeekFrom::End(0)).map_err(|source| FormatError::Io { at: 0, source })
}

/// `N` bytes at `at`.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

pub(crate) fn u16_le(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

pub(crate) fn u32_le(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

pub(crate) fn u64_le(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

/// Text in single bytes (ASCII in the specifications, Latin-1 in practice) without its padding.
pub(crate) fn padded_text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let text: String = bytes[..end].iter().map(|b| char::from(*b)).collect();
    printable(&text)
}

/// Text for people: trimmed, without control characters; `None` if nothing is left.
pub(crate) fn printable(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
