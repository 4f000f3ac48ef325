//! What can go wrong with a device, folded from the system's many codes into the few classes that people act on.

use std::fmt;
use std::io;

/// What was being done when a device failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Open,
    Unmount,
    /// Ending a use that its owner may end: locking, stopping swap.
    Release,
    Eject,
    Read,
    Write,
    Sync,
    DropCaches,
}

/// What the system's error code means to the person who holds the stick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Somebody else has it open or mounted.
    Busy,
    /// The user has no right to open it.
    Denied,
    WriteProtected,
    /// Unplugged, or the reader lost it.
    Gone,
    /// The medium answered with an error.
    Media,
    /// No room: past the end of the device, or the file system under a practice stick is full.
    Full,
    Other,
}

#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("{operation} at byte {offset} ({len} bytes): {class}: {source}")]
    Io { operation: Operation, offset: u64, len: u64, class: ErrorClass, source: io::Error },
    #[error("{operation} {path}: {class}: {source}")]
    Access { operation: Operation, path: String, class: ErrorClass, source: io::Error },
    /// The device behind the path is not the one that was chosen.
    #[error("{path} is not the drive that was chosen any more: {difference}")]
    Changed { path: String, difference: String },
    /// Somebody holds the drive; the sentence says who, as far as it can be known.
    #[error("{path} is in use: {holder}")]
    Held { path: String, holder: String },
    #[error("{0}")]
    NotADrive(String),
}

impl DeviceError {
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Io { class, .. } | Self::Access { class, .. } => *class,
            Self::Held { .. } => ErrorClass::Busy,
            Self::Changed { .. } => ErrorClass::Gone,
            Self::NotADrive(_) => ErrorClass::Other,
        }
    }

    /// The byte offset on the device at which it failed, where there is one.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Io { offset, .. } => Some(*offset),
            _ => None,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "opening",
            Self::Unmount => "unmounting",
            Self::Release => "ending the use of",
            Self::Eject => "ejecting",
            Self::Read => "reading",
            Self::Write => "writing",
            Self::Sync => "flushing",
            Self::DropCaches => "dropping the cache of",
        })
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "it is in use",
            Self::Denied => "permission denied",
            Self::WriteProtected => "it is write-protected",
            Self::Gone => "the drive is gone",
            Self::Media => "the medium reports an error",
            Self::Full => "no space left",
            Self::Other => "it failed",
        })
    }
}
