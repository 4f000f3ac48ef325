//! What the codecs of WIM files have in common. Each turns one chunk of a resource into bytes whose number is known.

use super::header::Compression;
use super::lzms::LzmsDecoder;
use super::lzx::LzxDecoder;
use super::xpress::XpressDecoder;
use crate::format::FormatError;

/// What was expected at a byte of the compressed chunk, and not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodecError {
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

impl CodecError {
    pub(super) const fn new(at: usize, expected: &'static str) -> Self {
        Self { at, expected }
    }
}

/// The decoder for a file's chunks, with its tables.
pub(super) enum Decoder {
    Xpress(Box<XpressDecoder>),
    Lzx(Box<LzxDecoder>),
    Lzms(Box<LzmsDecoder>),
}

impl Decoder {
    /// `None` for no compression. `chunk_bytes` is a power of two that the compression allows.
    pub(super) fn new(compression: Compression, chunk_bytes: u32) -> Option<Self> {
        match compression {
            Compression::None => None,
            Compression::Xpress => Some(Self::Xpress(Box::default())),
            Compression::Lzx => Some(Self::Lzx(Box::new(LzxDecoder::new(chunk_bytes)))),
            Compression::Lzms => Some(Self::Lzms(Box::default())),
        }
    }

    /// Fills `out`, which may be shorter than a chunk at the end of a resource.
    pub(super) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        match self {
            Self::Xpress(decoder) => decoder.decode(input, out),
            Self::Lzx(decoder) => decoder.decode(input, out),
            Self::Lzms(decoder) => decoder.decode(input, out),
        }
    }
}

/// Fills `out` from the chunk `stored`, which is at byte `at` of the file. One that is as long as `out` is not compressed.
pub(super) fn decode_chunk(
    decoder: &mut Decoder,
    what: &'static str,
    at: u64,
    stored: &[u8],
    out: &mut [u8],
) -> Result<(), FormatError> {
    if stored.len() == out.len() {
        out.copy_from_slice(stored);
        return Ok(());
    }
    decoder.decode(stored, out).map_err(|CodecError { at: place, expected }| {
        FormatError::damaged(what, at + place as u64, expected, "something else")
    })
}

/// Repeats at `at` the `len` bytes that stand `offset` before it; they may overlap. `None` if they would begin before
/// `out` or end behind it.
#[inline(always)]
pub(super) fn copy_match(out: &mut [u8], at: usize, offset: usize, len: usize) -> Option<()> {
    if offset == 0 || offset > at || len > out.len() - at {
        return None;
    }
    let from = at - offset;
    if offset >= len {
        out.copy_within(from..from + len, at);
    } else if offset == 1 {
        let byte = out[from];
        out[at..at + len].fill(byte);
    } else {
        // Each round doubles what can be copied without an overlap.
        let (mut at, mut left, mut span) = (at, len, offset);
        while left > 0 {
            let piece = span.min(left);
            out.copy_within(from..from + piece, at);
            (at, left, span) = (at + piece, left - piece, span * 2);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_repeat_what_they_overlap() {
        for offset in 1..10 {
            for len in 0..40 {
                let mut out: Vec<u8> = (0..50).map(|i| if i < 10 { i } else { 0xFF }).collect();
                let mut expected = out.clone();
                for i in 10..10 + len {
                    expected[i] = expected[i - offset];
                }
                copy_match(&mut out, 10, offset, len).unwrap();
                assert_eq!(out, expected, "{offset} {len}");
            }
        }
        let mut out = [0; 20];
        for (at, offset, len) in [(10, 0, 1), (10, 11, 1), (10, 5, 11), (0, 1, 1)] {
            assert_eq!(copy_match(&mut out, at, offset, len), None);
        }
    }
}
