//! What can be wrong with an image.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{path} cannot be opened: {source}")]
    Open { path: PathBuf, source: io::Error },
    #[error("{0}")]
    NotAnImage(String),
    /// `at` counts bytes of the decompressed image.
    #[error("reading the image failed at byte {at}: {source}")]
    Read { at: u64, source: io::Error },
    /// Truncated, garbage after the end, a wrong checksum inside the container. `at` counts decompressed bytes.
    #[error("the {container} file is damaged; the image came out well up to byte {at}: {what}")]
    Damaged { container: super::Container, at: u64, what: String },
    /// The image gave fewer or more bytes than it promised.
    #[error("the image was expected to have {expected} bytes and has {actual}; it changed or is incomplete")]
    Length { expected: u64, actual: u64 },
    #[error("{path} cannot be used: {what}")]
    Sidecar { path: PathBuf, what: String },
    #[error(
        "{path} changed while it was being read, so what was read is no single image; wait until it is whole and start again"
    )]
    Changed { path: PathBuf },
    #[error("{path} was removed or renamed while it was being read; bring it back and start again")]
    Vanished { path: PathBuf },
}
