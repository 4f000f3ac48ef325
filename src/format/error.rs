//! What can be wrong with a structure, and where.

use std::io;

/// Why a structure could not be read. `at` is always a byte offset into the image.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    #[error("reading at byte {at} failed: {source}")]
    Io { at: u64, source: io::Error },
    /// The image, or the part of it that can be read, ends inside or before the structure.
    #[error("{what} at byte {at} ({len_bytes} bytes) lies past the end of the image")]
    PastEnd { what: &'static str, at: u64, len_bytes: u64 },
    #[error("{what} at byte {at} is damaged: expected {expected}, found {actual}")]
    Damaged { what: &'static str, at: u64, expected: String, actual: String },
    /// Larger, deeper or more of it than any real image has: refused instead of followed.
    #[error("{what} at byte {at} exceeds the limit of {limit}")]
    Limit { what: &'static str, at: u64, limit: u64 },
    /// Whole as far as can be told, but of a kind that is not read here.
    #[error("{what} at byte {at} is not supported")]
    Unsupported { what: &'static str, at: u64 },
}

impl FormatError {
    pub(crate) fn damaged(
        what: &'static str,
        at: u64,
        expected: impl ToString,
        actual: impl ToString,
    ) -> Self {
        Self::Damaged { what, at, expected: expected.to_string(), actual: actual.to_string() }
    }

    /// The answer lies past the end of what can be read, so that nothing is known to be wrong.
    pub fn is_past_end(&self) -> bool {
        matches!(self, Self::PastEnd { .. })
    }
}
