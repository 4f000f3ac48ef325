//! The places of a FAT volume that a system changes merely by mounting it.

use std::io::{Read, Seek};

use super::{FatType, FatVolume};
use crate::format::FormatError;
use crate::format::bytes::{read_array, u16_le, u32_le};

/// A stretch of bytes on the disk, with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Housekeeping {
    pub start_bytes: u64,
    pub len_bytes: u64,
    pub name: &'static str,
}

impl FatVolume {
    /// The dirty flag in the boot sector (BS_Reserved1, set by Windows and Linux while mounted), the shutdown bits in the
    /// second entry of each FAT, and the free-space hints of FSInfo (Microsoft FAT specification 1.03, FAT[1], FSInfo).
    pub fn housekeeping(&self, image: &mut (impl Read + Seek)) -> Result<Vec<Housekeeping>, FormatError> {
        let at = self.start_bytes();
        let sector: [u8; 512] = read_array(image, "FAT boot sector", at)?;
        let sector_bytes = u64::from(u16_le(&sector, 11));
        let first_fat = at + u64::from(u16_le(&sector, 14)) * sector_bytes;
        let fat_count = u64::from(sector[16]);
        let fat32 = self.fat_type == FatType::Fat32;
        let fat_bytes = sector_bytes
            * if fat32 { u64::from(u32_le(&sector, 36)) } else { u64::from(u16_le(&sector, 22)) };
        let (flag_at, entry_bytes) = match self.fat_type {
            FatType::Fat32 => (65, 4),
            FatType::Fat16 => (37, 2),
            // Entries of 12 bits have no room for shutdown bits.
            FatType::Fat12 => (37, 0),
        };
        let mut places = vec![Housekeeping {
            start_bytes: at + flag_at,
            len_bytes: 1,
            name: "the mark that the volume is or was mounted",
        }];
        if entry_bytes > 0 {
            places.extend((0..fat_count).map(|fat| Housekeeping {
                start_bytes: first_fat + fat * fat_bytes + entry_bytes,
                len_bytes: entry_bytes,
                name: "the shutdown marks in the file allocation table",
            }));
        }
        if fat32 {
            // The copy is as old as the volume, or was brought up to date by whoever repaired it.
            let (first, copies) = (u64::from(u16_le(&sector, 48)), u64::from(u16_le(&sector, 50)));
            let sectors = [Some(first), (copies != 0).then_some(copies + first)];
            places.extend(sectors.into_iter().flatten().map(|sector| Housekeeping {
                start_bytes: at + sector * sector_bytes + 488,
                len_bytes: 8,
                name: "the count of free clusters",
            }));
        }
        Ok(places)
    }
}
