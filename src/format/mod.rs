//! Floor 1: the structures on disks and discs, named as their specifications name them. Readers over `Read + Seek` and
//! pure layout; nothing here knows a device or a compressed file.
//!
//! All input is hostile: lengths are checked before use, loops are bounded, memory never follows a number that was read.

pub mod disc;
pub mod eltorito;
pub mod exfat;
pub mod fat;
pub mod gpt;
pub mod guid;
pub mod inf;
pub mod iso9660;
pub mod mbr;
pub mod pe;
pub mod signature;
pub mod tree;
pub mod udf;
pub mod wim;

mod bytes;
mod error;
mod timestamp;

pub use error::FormatError;
