//! Reasons not to make a stick. Values, not errors: nothing went wrong, the answer is no, and it says what would help.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::{ByteSize, Digest};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "refusal", rename_all = "kebab-case")]
pub enum Refusal {
    EmptyImage,
    /// A raw copy of Windows setup media starts nowhere.
    WindowsSetup,
    TooSmall {
        needed_bytes: u64,
        drive_bytes: u64,
    },
    ReadOnly,
    /// The drive is forbidden or hidden; the sentence says why.
    Drive {
        reason: String,
    },
    WrongHash {
        expected: Digest,
        actual: Digest,
    },
    /// A file that is to be made exists already.
    FileExists {
        path: PathBuf,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::EmptyImage => f.write_str("The image is empty: there is nothing to write. Choose another file."),
            Self::WindowsSetup => f.write_str(
                "This is Windows setup media. Copied byte for byte it would not start from a stick, and making a \
                 Windows stick from its files is not built yet.",
            ),
            Self::TooSmall { needed_bytes, drive_bytes } => write!(
                f,
                "The image needs {} ({needed_bytes} bytes) and the drive has {} ({drive_bytes} bytes). Choose a larger drive.",
                ByteSize(*needed_bytes),
                ByteSize(*drive_bytes)
            ),
            Self::ReadOnly => f.write_str("The drive is write-protected. Move its switch, or choose another drive."),
            Self::Drive { reason } => f.write_str(reason),
            Self::WrongHash { expected, actual } => write!(
                f,
                "The image is not what its checksum says: expected {expected}, but it has {actual}. Download it again."
            ),
            Self::FileExists { path } => {
                write!(f, "{} exists already. Choose another name, or say that it may be replaced.", path.display())
            }
        }
    }
}
