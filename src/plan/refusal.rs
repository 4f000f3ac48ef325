//! Reasons not to make a stick. Values, not errors: nothing went wrong, the answer is no, and it says what would help.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::{ByteSize, Digest};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "refusal", rename_all = "kebab-case")]
pub enum Refusal {
    EmptyImage,
    /// Files can be added only to a stick that is laid out file by file.
    NotWindows,
    /// Its files lie wherever the image has them; a compressed image can be read from its start only.
    CompressedWindows,
    /// The disc's file system is damaged or of an unknown kind.
    UnreadableWindows {
        reason: String,
    },
    /// A GPT stick would start no machine at all.
    NoUefiLoader,
    /// FAT32 ends a byte before 4 GiB.
    FileTooLarge {
        path: String,
        len_bytes: u64,
    },
    CannotSplit {
        path: String,
        reason: String,
    },
    /// The user's file would take the place of another.
    Clash {
        path: String,
    },
    NothingToReplace {
        path: String,
    },
    /// None of the drivers is of use; sentences.
    Drivers {
        reason: String,
    },
    /// They cannot be loaded before Setup; a clause.
    DriversInSetup {
        path: String,
        reason: String,
    },
    /// The files cannot lie on a FAT32 volume as they are.
    Layout {
        reason: String,
    },
    TooSmall {
        needed_bytes: u64,
        drive_bytes: u64,
    },
    /// The drive is too small for such a file system.
    TooSmallFor {
        what: String,
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
    /// A stick cannot be checked by itself.
    NoManifest,
    /// A file that is to be made exists already.
    FileExists {
        path: PathBuf,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::EmptyImage => f.write_str("The image is empty: there is nothing to write. Choose another file."),
            Self::NotWindows => f.write_str(
                "Files can be added, and the partition table chosen, only where a Windows stick is made. This image is \
                 written byte for byte.",
            ),
            Self::CompressedWindows => f.write_str(
                "This is Windows media inside a compressed file. Decompress it first; then its files can be laid out on a \
                 stick.",
            ),
            Self::UnreadableWindows { reason } => {
                write!(f, "The files of this Windows image cannot be listed: {reason}. Compare its checksum.")
            }
            Self::NoUefiLoader => f.write_str(
                "A GPT stick starts by UEFI only, and this image has no loader for UEFI. Choose MBR.",
            ),
            Self::FileTooLarge { path, len_bytes } => too_large(f, path, *len_bytes),
            Self::CannotSplit { path, reason } => write!(f, "The file {path} cannot be split for FAT32: {reason}."),
            Self::Clash { path } => write!(
                f,
                "The stick has {path} already. Give the added file another place, or say that it replaces that one."
            ),
            Self::NothingToReplace { path } => {
                write!(f, "There is no file {path} in the image that could be replaced. Add yours instead.")
            }
            Self::Drivers { reason } => f.write_str(reason),
            Self::DriversInSetup { path, reason } => write!(
                f,
                "No drivers can be loaded before Setup starts, because of {path}: {reason}. Leave that out; they still go to \
                 $WinPEDriver$."
            ),
            Self::Layout { reason } => write!(f, "The files cannot be laid out on FAT32: {reason}."),
            Self::TooSmall { needed_bytes, drive_bytes } => write!(
                f,
                "The image needs {} ({needed_bytes} bytes) and the drive has {} ({drive_bytes} bytes). Choose a larger drive.",
                ByteSize(*needed_bytes),
                ByteSize(*drive_bytes)
            ),
            Self::TooSmallFor { what, needed_bytes, drive_bytes } => write!(
                f,
                "{what} needs a drive of at least {} ({needed_bytes} bytes), and this one has {} ({drive_bytes} bytes). Choose \
                 another file system or a larger drive.",
                ByteSize(*needed_bytes),
                ByteSize(*drive_bytes)
            ),
            Self::ReadOnly => f.write_str("The drive is write-protected. Move its switch, or choose another drive."),
            Self::Drive { reason } => f.write_str(reason),
            Self::WrongHash { expected, actual } => write!(
                f,
                "The image is not what its checksum says: expected {expected}, but it has {actual}. Download it again."
            ),
            Self::NoManifest => f.write_str(
                "There is no list of files with their checksums by Sticksmith on this drive. Name the image that should be on it, or a checksum.",
            ),
            Self::FileExists { path } => {
                write!(f, "{} exists already. Choose another name, or say that it may be replaced.", path.display())
            }
        }
    }
}

/// What can be done about a file that FAT32 cannot hold.
fn too_large(f: &mut std::fmt::Formatter<'_>, path: &str, len_bytes: u64) -> std::fmt::Result {
    write!(f, "The file {path} has {} and FAT32 holds files of less than 4 GiB. ", ByteSize(len_bytes))?;
    let is_image = path.to_ascii_lowercase();
    if is_image.ends_with(".esd") || is_image.ends_with(".wim") {
        f.write_str(
            "It is compressed as one piece (solid), so it cannot be split as it is. Export it into an ordinary install.wim \
             first (wimlib-imagex export install.esd all install.wim --compress=LZX, or DISM /Export-Image on Windows) and \
             put that into the image, or use an image with fewer editions.",
        )
    } else {
        f.write_str("Leave it out of the image, or split it.")
    }
}
