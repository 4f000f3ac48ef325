//! Floor 2: drives. What the system knows of them, whether one may be chosen, and the one narrow seam through which
//! sectors are read and written.
//!
//! This floor owns every operating-system call. It knows partition tables and file systems by name only (floor 1)
//! and never looks into an image.

mod block;
mod drive;
mod error;
mod image_file;
mod printable;
mod reader;
pub mod standing;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as os;

pub use block::{AlignedBuf, BlockDevice, Geometry, SECTOR_ALIGN};
pub use drive::{Bus, Drive, Identity, Partition, Volume, distinct_ids};
pub use error::{DeviceError, ErrorClass, Operation};
pub use image_file::{create_practice_stick, practice_stick};
pub use os::{
    DriveWatcher, PasswordAgent, eject, find, list, open_for_reading, open_for_writing, release,
    source_drives,
};
pub use reader::DeviceReader;
pub use standing::Standing;
