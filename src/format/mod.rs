//! Floor 1: the structures on disks and discs, named as their specifications name them. Readers over `Read + Seek` and
//! pure layout; nothing here knows a device or a compressed file.
//!
//! All input is hostile: lengths are checked before use, loops are bounded, memory never follows a number that was read.

pub mod signature;
