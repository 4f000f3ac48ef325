//! Why the engine stopped.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::Cancelled;
use crate::device::DeviceError;
use crate::source::SourceError;

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("cancelled")]
    Cancelled,
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Shows only while decompressing: an image of known size is refused by the plan.
    #[error("the image does not fit: it goes on after the drive's {drive_bytes} bytes are full")]
    DoesNotFit { drive_bytes: u64 },
    /// A part of the image that its block map has a checksum for is not as it should be.
    #[error(
        "the image does not match its block map in the {len} bytes from byte {offset} on: expected {expected}, actual {actual}"
    )]
    BlockMap { offset: u64, len: u64, expected: String, actual: String },
    #[error("the drive has {size_bytes} bytes, which are too few to test")]
    TooSmallToTest { size_bytes: u64 },
    #[error("writing {path} failed at byte {at}: {source}")]
    File { path: PathBuf, at: u64, source: io::Error },
    /// It befell the image while several sticks were made of it, and is the error of each of them.
    #[error(transparent)]
    OfAll(Arc<EngineError>),
    /// A thread of the engine ended without a word; a defect of the program.
    #[error("an internal error stopped the work ({0})")]
    Internal(&'static str),
}

impl From<Cancelled> for EngineError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}
