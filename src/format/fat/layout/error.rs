//! Why a volume cannot be made.

use super::tree::MAX_DIRECTORY_ENTRIES;
use crate::base::ByteSize;

/// What stands against a volume. Paths are as they were given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("FAT cannot hold the name of {path:?}: it {problem}")]
    BadName { path: String, problem: &'static str },
    #[error("the name of {path:?} has {units} UTF-16 units; FAT holds 255 at most")]
    NameTooLong { path: String, units: usize },
    /// Equal, or equal but for upper and lower case.
    #[error("{path:?} and {other:?} would be one name on FAT, which takes upper and lower case alike")]
    SameName { path: String, other: String },
    #[error("{path:?} is a file and a directory at once")]
    FileAndDirectory { path: String },
    #[error("{path:?} has {} ({len_bytes} bytes); FAT32 holds files of less than 4 GiB", ByteSize(*len_bytes))]
    FileTooLarge { path: String, len_bytes: u64 },
    /// Long names take several entries each.
    #[error("the names in {path:?} need {entries} directory entries; FAT holds {MAX_DIRECTORY_ENTRIES}")]
    DirectoryTooLarge { path: String, entries: usize },
    /// For FAT32 itself, which needs a certain number of clusters, or for what shall be in it.
    #[error("the volume needs {} ({needed_bytes} bytes) and has {available_bytes}", ByteSize(*needed_bytes))]
    TooSmall { needed_bytes: u64, available_bytes: u64 },
    /// More than some 2^32 sectors, or more clusters than FAT32 has numbers for.
    #[error("the content needs more than a FAT32 volume with sectors of {sector_bytes} bytes can hold")]
    BeyondFat32 { sector_bytes: u32 },
    #[error("sectors of {sector_bytes} bytes are not supported; 512 and 4096 are")]
    SectorSize { sector_bytes: u32 },
    #[error("the data region cannot be aligned to {align_bytes} bytes")]
    Alignment { align_bytes: u64 },
    #[error("boot code has 1024 bytes and begins with a jump; this has {len_bytes} bytes")]
    BootCode { len_bytes: usize },
}
