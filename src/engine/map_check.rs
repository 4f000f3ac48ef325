//! Holds an image against the checksums of its block map.

use crate::base::digest::Hasher;
use crate::source::bmap::MappedRange;

use super::EngineError;

/// Compares the image with the checksums of its block map while it passes.
pub(super) struct MapCheck {
    ranges: std::vec::IntoIter<MappedRange>,
    current: Option<(MappedRange, Hasher)>,
}

impl MapCheck {
    pub fn new(ranges: Vec<MappedRange>) -> Self {
        Self { ranges: ranges.into_iter(), current: None }
    }

    /// Takes `bytes` of the image from its byte `offset` on; offsets ascend.
    pub fn update(&mut self, mut offset: u64, mut bytes: &[u8]) -> Result<(), EngineError> {
        while !bytes.is_empty() {
            if self.current.is_none() {
                let Some(range) = self.ranges.next() else { return Ok(()) };
                let Some(digest) = &range.digest else { continue };
                let hasher = Hasher::new(digest.algorithm());
                self.current = Some((range, hasher));
            }
            let Some((range, hasher)) = &mut self.current else { return Ok(()) };
            let before = range.offset.saturating_sub(offset).min(bytes.len() as u64) as usize;
            let within = (range.offset + range.len).saturating_sub(offset).min(bytes.len() as u64) as usize;
            hasher.update(&bytes[before..within.max(before)]);
            if offset + bytes.len() as u64 >= range.offset + range.len
                && let Some((range, hasher)) = self.current.take()
            {
                let actual = hasher.finish();
                if let Some(expected) = range.digest.filter(|expected| *expected != actual) {
                    return Err(EngineError::BlockMap {
                        offset: range.offset,
                        len: range.len,
                        expected: expected.to_string(),
                        actual: actual.to_string(),
                    });
                }
                offset += within as u64;
                bytes = &bytes[within..];
            } else {
                return Ok(());
            }
        }
        Ok(())
    }
}
