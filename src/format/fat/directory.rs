//! Directories and the chains of clusters that hold them (§4 and §6 of the FAT specification).

use std::io::{Read, Seek};

use super::{
    ATTRIBUTE_DIRECTORY, ATTRIBUTE_LONG_NAME, ATTRIBUTE_VOLUME_ID, ENTRY_BYTES, FatType, FatVolume,
    MAX_DIRECTORY_BYTES, Root,
};
use crate::format::FormatError;
use crate::format::bytes::{array, read_array, read_at, u16_le};

const ATTRIBUTE_LONG_NAME_MASK: u8 = 0x3F;

/// A short entry. Long names are passed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShortEntry {
    /// Eight characters and three, upper case, filled with blanks.
    pub name: [u8; 11],
    attributes: u8,
    pub first_cluster: u32,
}

impl ShortEntry {
    pub(super) fn is_directory(&self) -> bool {
        self.attributes & ATTRIBUTE_DIRECTORY != 0
    }

    pub(super) fn is_volume_label(&self) -> bool {
        self.attributes & (ATTRIBUTE_VOLUME_ID | ATTRIBUTE_DIRECTORY) == ATTRIBUTE_VOLUME_ID
    }

    pub(super) fn is_file(&self) -> bool {
        self.attributes & (ATTRIBUTE_VOLUME_ID | ATTRIBUTE_DIRECTORY) == 0
    }
}

impl FatVolume {
    pub(super) fn read_root(&self, image: &mut (impl Read + Seek)) -> Result<Vec<ShortEntry>, FormatError> {
        match self.root {
            Root::Cluster(first) => self.read_chain(image, first),
            Root::Region { at, len_bytes } => {
                let mut data = vec![0; len_bytes.min(MAX_DIRECTORY_BYTES) as usize];
                read_at(image, "root directory", at, &mut data)?;
                Ok(entries(&data, self.fat_type).0)
            }
        }
    }

    /// The entries of the directory whose first cluster this is.
    pub(super) fn read_chain(
        &self,
        image: &mut (impl Read + Seek),
        first_cluster: u32,
    ) -> Result<Vec<ShortEntry>, FormatError> {
        let mut found = Vec::new();
        let mut cluster = first_cluster;
        let mut data = vec![0; self.cluster_bytes as usize];
        for _ in 0..MAX_DIRECTORY_BYTES.div_ceil(self.cluster_bytes) {
            let Some(index) = cluster.checked_sub(2).filter(|index| *index < self.cluster_count) else {
                let expected = format!("a cluster from 2 to {}", self.cluster_count.saturating_add(1));
                return Err(FormatError::damaged("FAT directory", self.start_bytes(), expected, cluster));
            };
            let at = self.clusters_at.saturating_add(u64::from(index) * self.cluster_bytes);
            read_at(image, "FAT directory", at, &mut data)?;
            let (entries, is_end) = entries(&data, self.fat_type);
            found.extend(entries);
            if is_end {
                return Ok(found);
            }
            match self.next_cluster(image, cluster)? {
                Some(next) => cluster = next,
                None => return Ok(found),
            }
        }
        let (what, at) = ("FAT directory", self.start_bytes());
        Err(FormatError::Limit { what, at, limit: MAX_DIRECTORY_BYTES })
    }

    /// §4.1: the entry of a cluster names the next; values from ..F8 on end the chain.
    fn next_cluster(&self, image: &mut (impl Read + Seek), cluster: u32) -> Result<Option<u32>, FormatError> {
        const WHAT: &str = "file allocation table";
        let number = u64::from(cluster);
        let (offset, width) = match self.fat_type {
            FatType::Fat12 => (number + number / 2, 2),
            FatType::Fat16 => (number * 2, 2),
            FatType::Fat32 => (number * 4, 4),
        };
        let at = self.fat_at.saturating_add(offset);
        if offset + width > self.fat_bytes {
            let expected = format!("an entry within {} bytes", self.fat_bytes);
            return Err(FormatError::damaged(WHAT, at, expected, offset));
        }
        let (next, end) = match self.fat_type {
            FatType::Fat12 => {
                let pair = u16::from_le_bytes(read_array(image, WHAT, at)?);
                let entry = if cluster.is_multiple_of(2) { pair & 0xFFF } else { pair >> 4 };
                (u32::from(entry), 0xFF8)
            }
            FatType::Fat16 => (u32::from(u16::from_le_bytes(read_array(image, WHAT, at)?)), 0xFFF8),
            FatType::Fat32 => (u32::from_le_bytes(read_array(image, WHAT, at)?) & 0x0FFF_FFFF, 0x0FFF_FFF8),
        };
        Ok((next < end).then_some(next))
    }
}

/// The entries in use, and whether the directory ends here: an entry that begins with zero has none behind it (§6.1).
fn entries(data: &[u8], fat_type: FatType) -> (Vec<ShortEntry>, bool) {
    let mut found = Vec::new();
    for entry in data.chunks_exact(ENTRY_BYTES) {
        match entry[0] {
            0x00 => return (found, true),
            0xE5 => {}
            _ if entry[11] & ATTRIBUTE_LONG_NAME_MASK == ATTRIBUTE_LONG_NAME => {}
            _ => found.push(ShortEntry {
                name: array(entry, 0),
                attributes: entry[11],
                // The upper half is FAT32's; others may have put something else there.
                first_cluster: match fat_type {
                    FatType::Fat32 => u32::from(u16_le(entry, 20)) << 16 | u32::from(u16_le(entry, 26)),
                    _ => u32::from(u16_le(entry, 26)),
                },
            }),
        }
    }
    (found, false)
}
