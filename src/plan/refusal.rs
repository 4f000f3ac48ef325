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
    /// It does not go with the image, or files that belong to it are missing.
    AnswerFile {
        reason: String,
    },
    /// The image brings one itself.
    AnswerFileThere {
        path: String,
    },
    /// Nobody knows what it is good for but its owner.
    AnswerFileOfOthers {
        path: String,
    },
    /// There is none that could go.
    NoAnswerFile,
    /// Only a stick that this program made says what belongs to its answer file.
    NotOurStick {
        reason: String,
    },
    /// The stick's volume cannot be changed as it lies.
    CannotChange {
        reason: String,
    },
    /// What is free on the stick is not enough.
    StickFull {
        needed_bytes: u64,
        free_bytes: u64,
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
            Self::AnswerFile { reason } => f.write_str(reason),
            Self::AnswerFileThere { path } => write!(
                f,
                "The image brings an answer file itself ({path}), which Setup would obey. Look at it, and say that yours \
                 replaces it if it shall."
            ),
            Self::AnswerFileOfOthers { path } => write!(
                f,
                "The stick has an answer file that came with its image or was put there by somebody ({path}). Look at it, and \
                 say that it may be replaced."
            ),
            Self::NoAnswerFile => f.write_str("There is no answer file on this stick."),
            Self::NotOurStick { reason } => write!(
                f,
                "The answer file of this drive cannot be changed: {reason}. It takes a Windows stick that Sticksmith made: \
                 make one with its answer file at once (write IMAGE DRIVE --answer FILE)."
            ),
            Self::CannotChange { reason } => write!(
                f,
                "The files on this stick cannot be changed as they lie: {reason}. Let a system repair the stick (Windows: \
                 chkdsk /f; Linux: fsck.fat -a), or write it again."
            ),
            Self::StickFull { needed_bytes, free_bytes } => write!(
                f,
                "There is not enough room on the stick: {} ({needed_bytes} bytes) are needed, while the old files are still \
                 there, and {} ({free_bytes} bytes) are free. Remove files of your own from it.",
                ByteSize(*needed_bytes),
                ByteSize(*free_bytes)
            ),
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
