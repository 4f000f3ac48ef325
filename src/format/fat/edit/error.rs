//! Why a volume cannot be changed as it is asked for. Nothing was written.

use crate::base::ByteSize;
use crate::format::FormatError;
use crate::format::fat::layout::LayoutError;

#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// What is there cannot be read, or contradicts itself.
    #[error(transparent)]
    Format(#[from] FormatError),
    #[error("only FAT32 can be changed, and this is another kind of FAT")]
    NotFat32,
    /// In more places than an interrupted change leaves.
    #[error("the two copies of its allocation table differ (byte {at} and more)")]
    CopiesDiffer { at: u64 },
    /// HrdErrBitMask of FAT[1] (§4.2), or the same bit of the boot sector.
    #[error("a system has marked it: it met errors when it read or wrote the medium")]
    MediumErrors,
    #[error("{} more are needed ({needed_bytes} bytes) and {} are free", ByteSize(*needed_bytes), ByteSize(*free_bytes))]
    Full { needed_bytes: u64, free_bytes: u64 },
    #[error("the folder {path:?} can hold no more names")]
    FolderFull { path: String },
    #[error(transparent)]
    Name(#[from] LayoutError),
    #[error("{path:?} is a folder there, and not a file")]
    NotAFile { path: String },
    #[error("{path:?} is a file there, and not a folder")]
    NotAFolder { path: String },
    /// By the short name of a file that has another long one.
    #[error("{path:?} is there already as the short name of another file")]
    NameTaken { path: String },
}
