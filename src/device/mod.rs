//! Floor 2: drives. What the system knows of them, whether one may be chosen, and the one narrow seam through which
//! sectors are read and written.
//!
//! This floor owns every operating-system call. It knows partition tables and file systems by name only (floor 1)
//! and never looks into an image.

mod block;
mod drive;
mod error;
mod image_file;
pub mod standing;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as os;

pub use block::{AlignedBuf, BlockDevice, Geometry, SECTOR_ALIGN};
pub use drive::{Bus, Drive, Identity, Partition, Volume};
pub use error::{DeviceError, ErrorClass, Operation};
pub use image_file::{create_practice_stick, practice_stick};
pub use os::{DriveWatcher, list, open_for_reading, open_for_writing, source_drives};
pub use standing::Standing;

/// The drive that the user means: a device node (links are followed), an id that `list` prints, or the path of a regular
/// file, which is then a practice stick.
pub fn find(text: &str) -> Result<Drive, DeviceError> {
    let _ = text;
    todo!()
}
