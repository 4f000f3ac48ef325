//! Directories (§6): their entries, and the long names that go before some of them.

use std::io::{Read, Seek};
use std::ops::Range;

use super::chain::Window;
use super::long_name::{LongName, short_text};
use super::{
    ATTRIBUTE_DIRECTORY, ATTRIBUTE_LONG_NAME, ATTRIBUTE_VOLUME_ID, ENTRY_BYTES, FatType, FatVolume,
    MAX_DIRECTORY_BYTES, Root,
};
use crate::format::FormatError;
use crate::format::bytes::{array, read_at, u16_le, u32_le};
use crate::format::timestamp::unix_secs;

pub(super) const ATTRIBUTE_LONG_NAME_MASK: u8 = 0x3F;
/// In DIR_NTRes: the name, or its extension, is meant in lower case.
const LOWER_CASE_BASE: u8 = 0x08;
const LOWER_CASE_EXTENSION: u8 = 0x10;

/// An entry in use that is no piece of a long name.
#[derive(Clone, Debug)]
pub(super) struct DirectoryEntry {
    /// Eight characters and three, upper case, filled with blanks.
    pub short_name: [u8; 11],
    /// The long name if there is a whole one, else the short one as it is meant to be shown.
    pub name: String,
    attributes: u8,
    pub first_cluster: u32,
    pub len_bytes: u32,
    pub modified_unix_secs: Option<i64>,
}

impl DirectoryEntry {
    pub(super) fn is_directory(&self) -> bool {
        self.attributes & ATTRIBUTE_DIRECTORY != 0
    }

    pub(super) fn is_volume_label(&self) -> bool {
        self.attributes & (ATTRIBUTE_VOLUME_ID | ATTRIBUTE_DIRECTORY) == ATTRIBUTE_VOLUME_ID
    }

    pub(super) fn is_file(&self) -> bool {
        self.attributes & (ATTRIBUTE_VOLUME_ID | ATTRIBUTE_DIRECTORY) == 0
    }

    /// The directory itself, or the one above it (§6.5).
    pub(super) fn is_dot(&self) -> bool {
        matches!(&self.short_name, b".          " | b"..         ")
    }

    fn parse(entry: &[u8], long_name: Option<String>, fat_type: FatType) -> Self {
        let short_name = array(entry, 0);
        let case = entry[12];
        let [base_is_lower, extension_is_lower] =
            [LOWER_CASE_BASE, LOWER_CASE_EXTENSION].map(|bit| case & bit != 0);
        let (time, date) = (u16_le(entry, 22), u16_le(entry, 24));
        let time_of_day = [(time >> 11) as u8, (time >> 5 & 63) as u8, (time & 31) as u8 * 2];
        Self {
            short_name,
            name: long_name.unwrap_or_else(|| short_text(&short_name, base_is_lower, extension_is_lower)),
            attributes: entry[11],
            // The upper half is FAT32's; others may have put something else there.
            first_cluster: match fat_type {
                FatType::Fat32 => u32::from(u16_le(entry, 20)) << 16 | u32::from(u16_le(entry, 26)),
                _ => u32::from(u16_le(entry, 26)),
            },
            len_bytes: u32_le(entry, 28),
            // §6.3: local time of a place that is not said; it is taken as UTC.
            modified_unix_secs: unix_secs(
                1980 + i32::from(date >> 9),
                (date >> 5 & 15) as u8,
                (date & 31) as u8,
                time_of_day,
                0,
            ),
        }
    }
}

impl FatVolume {
    pub(super) fn read_root(
        &self,
        image: &mut (impl Read + Seek),
    ) -> Result<Vec<DirectoryEntry>, FormatError> {
        match self.root {
            Root::Cluster(first) => self.read_chain(image, first),
            Root::Region { at, len_bytes } => {
                let mut data = vec![0; len_bytes.min(MAX_DIRECTORY_BYTES) as usize];
                read_at(image, "root directory", at, &mut data)?;
                Ok(entries(&data, self.fat_type))
            }
        }
    }

    /// The entries of the directory whose first cluster this is. It is read as far as it has entries only, so that the
    /// rest need not be whole.
    pub(super) fn read_chain(
        &self,
        image: &mut (impl Read + Seek),
        first_cluster: u32,
    ) -> Result<Vec<DirectoryEntry>, FormatError> {
        const WHAT: &str = "FAT directory";
        let mut cluster = first_cluster;
        let mut window = Window::default();
        let mut data = Vec::new();
        for _ in 0..self.max_directory_clusters() {
            let at = self.cluster_at(WHAT, cluster)?;
            let filled = data.len();
            data.resize(filled + self.cluster_bytes as usize, 0);
            read_at(image, WHAT, at, &mut data[filled..])?;
            let is_end = data[filled..].chunks_exact(ENTRY_BYTES).any(|entry| entry[0] == 0);
            match if is_end { None } else { self.next_cluster(image, &mut window, cluster)? } {
                Some(next) => cluster = next,
                None => return Ok(entries(&data, self.fat_type)),
            }
        }
        Err(self.directory_too_large())
    }

    pub(super) fn max_directory_clusters(&self) -> u64 {
        MAX_DIRECTORY_BYTES.div_ceil(self.cluster_bytes)
    }

    pub(super) fn directory_too_large(&self) -> FormatError {
        FormatError::Limit { what: "FAT directory", at: self.start_bytes(), limit: MAX_DIRECTORY_BYTES }
    }
}

/// The entries in use. One that begins with zero has none behind it (§6.1).
pub(super) fn entries(data: &[u8], fat_type: FatType) -> Vec<DirectoryEntry> {
    placed_entries(data, fat_type).into_iter().map(|(_, entry)| entry).collect()
}

/// The same with the places that each takes, the pieces of its long name first.
pub(super) fn placed_entries(data: &[u8], fat_type: FatType) -> Vec<(Range<usize>, DirectoryEntry)> {
    let mut found = Vec::new();
    let mut long_name = LongName::default();
    for (place, entry) in data.chunks_exact(ENTRY_BYTES).enumerate() {
        match entry[0] {
            0x00 => break,
            0xE5 => long_name = LongName::default(),
            _ if entry[11] & ATTRIBUTE_LONG_NAME_MASK == ATTRIBUTE_LONG_NAME => long_name.add(entry),
            _ => {
                let pieces = long_name.pieces();
                let name = std::mem::take(&mut long_name).finish(&array(entry, 0));
                let first = place - if name.is_some() { pieces } else { 0 };
                found.push((first..place + 1, DirectoryEntry::parse(entry, name, fat_type)));
            }
        }
    }
    found
}
