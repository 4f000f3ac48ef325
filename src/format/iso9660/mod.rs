//! ISO 9660 (ECMA-119, 4th edition) with the names of Rock Ridge or Joliet where the disc has them.
//!
//! Names are taken from Rock Ridge first, then Joliet, then the plain tree, as Linux does. File data is the same in all
//! three.

mod record;
mod rock_ridge;

use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::{Metered, padded_text, printable, read_array, u16_le, u32_le};
use super::tree::{self, Entry, EntryKind, ImageTree, Tally};
use record::{Names, Record};

/// §6.1.2: a logical sector.
pub const SECTOR_BYTES: u64 = 2048;
/// §6.2.1: the system area, 16 sectors that are left to whoever starts the disc.
const FIRST_DESCRIPTOR: u64 = 16;
const MAX_DESCRIPTORS: u64 = 64;

/// An ISO 9660 volume.
#[derive(Debug)]
pub struct Iso9660<R> {
    image: Metered<R>,
    label: Option<String>,
    size_bytes: u64,
    block_bytes: u64,
    root: Record,
    names: Names,
}

impl<R: Read + Seek> Iso9660<R> {
    /// Opens the volume in `image`. `None` when there is none.
    pub fn open(image: R) -> Result<Option<Self>, FormatError> {
        let mut image = Metered::new(image);
        let (mut primary, mut joliet) = (None, None);
        for sector in FIRST_DESCRIPTOR..FIRST_DESCRIPTOR + MAX_DESCRIPTORS {
            let at = sector * SECTOR_BYTES;
            let descriptor: [u8; SECTOR_BYTES as usize] =
                match read_array(&mut image, "volume descriptor", at) {
                    Err(FormatError::PastEnd { .. }) => break,
                    read => read?,
                };
            match (&descriptor[1..6], descriptor[0]) {
                (b"CD001", 1) if primary.is_none() => primary = Some((at, descriptor)),
                (b"CD001", 2) if joliet.is_none() && is_joliet(&descriptor) => joliet = Some(descriptor),
                (b"CD001", 0..=254) => {}
                _ => break,
            }
        }
        let Some((at, primary)) = primary else { return Ok(None) };
        // §8.4.12; discs have 2048, the standard allows 512 and 1024 as well.
        let block_bytes = u64::from(u16_le(&primary, 128));
        if !matches!(block_bytes, 512 | 1024 | 2048) {
            return Err(FormatError::damaged("logical block size", at, "512, 1024 or 2048", block_bytes));
        }
        let mut volume = Self {
            image,
            label: padded_text(&primary[40..72]),
            size_bytes: u64::from(u32_le(&primary, 80)) * block_bytes,
            block_bytes,
            root: root_record(at, &primary)?,
            names: Names::Plain,
        };
        volume.choose_names(at, joliet.as_ref())?;
        Ok(Some(volume))
    }

    /// The size that the volume claims (§8.4.8, volume space size).
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    fn choose_names(
        &mut self,
        at: u64,
        joliet: Option<&[u8; SECTOR_BYTES as usize]>,
    ) -> Result<(), FormatError> {
        // A damaged root, or one past the end of what can be read, has no say in which names there are.
        if let Ok(Some(skip)) = rock_ridge::detect(&mut self.image, &self.root, self.block_bytes) {
            self.names = Names::RockRidge { skip };
        } else if let Some(descriptor) = joliet {
            self.names = Names::Joliet;
            self.root = root_record(at, descriptor)?;
            if self.label.is_none() {
                self.label = printable(&record::ucs2(&descriptor[40..72]));
            }
        }
        Ok(())
    }

    /// The entries of a directory, records of one file joined.
    fn entries(&mut self, directory: &Entry) -> Result<Vec<Entry>, FormatError> {
        let data = tree::read_directory(&mut self.image, directory)?;
        let at = directory.extents.first().and_then(|extent| extent.offset_bytes).unwrap_or_default();
        let mut entries: Vec<Entry> = Vec::new();
        let mut tally = Tally::default();
        let mut continues = false;
        for record in record::records(&data, at) {
            let record = record?;
            let Some(entry) = record::entry(&mut self.image, &record, self.names, self.block_bytes)? else {
                continue;
            };
            tally.add(&entry.name, &entry)?;
            // §9.1.6: a file section that is not the last is followed by the record of the next one, of the same name.
            match entries.last_mut() {
                Some(last) if continues => {
                    if last.name != entry.name {
                        let expected = format!("the next section of {:?}", last.name);
                        return Err(FormatError::damaged("file section", record.at, expected, entry.name));
                    }
                    for extent in entry.extents {
                        tree::push_extent(&mut last.extents, extent)?;
                    }
                    last.len_bytes = last.len_bytes.saturating_add(entry.len_bytes);
                }
                _ => entries.push(entry),
            }
            continues = record.has_more_sections();
        }
        Ok(entries)
    }
}

impl<R: Read + Seek> ImageTree for Iso9660<R> {
    fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    fn root(&mut self) -> Result<Entry, FormatError> {
        Ok(Entry {
            name: String::new(),
            kind: EntryKind::Directory,
            len_bytes: self.root.len_bytes,
            extents: self.root.extents(self.block_bytes)?,
            modified_unix_secs: self.root.modified_unix_secs,
        })
    }

    fn read_dir(&mut self, directory: &Entry) -> Result<Vec<Entry>, FormatError> {
        let entries = self.entries(directory)?;
        let at = directory.extents.first().and_then(|extent| extent.offset_bytes).unwrap_or_default();
        entries.iter().try_for_each(|entry| tree::check_name(&entry.name, at))?;
        Ok(entries)
    }

    fn find(&mut self, directory: &Entry, name: &str) -> Result<Option<Entry>, FormatError> {
        let mut entries = self.entries(directory)?;
        let position = tree::position_of_name(entries.iter().map(|entry| entry.name.as_str()), name);
        Ok(position.map(|index| entries.swap_remove(index)))
    }

    fn read_at(&mut self, file: &Entry, start: u64, limit_bytes: u64) -> Result<Vec<u8>, FormatError> {
        tree::read_extents(self.image.unmetered(), "file", &file.extents, start, limit_bytes)
    }
}

/// The root's record lies inside the volume descriptor (§8.4.18).
fn root_record(at: u64, descriptor: &[u8; SECTOR_BYTES as usize]) -> Result<Record, FormatError> {
    let record = Record::parse(&descriptor[156..190], at + 156)?;
    if !record.is_directory() {
        return Err(FormatError::damaged("root directory", record.at, "a directory", "a file"));
    }
    Ok(record)
}

/// Joliet Specification 1, "Escape sequences": UCS-2 level 1, 2 or 3.
fn is_joliet(descriptor: &[u8; SECTOR_BYTES as usize]) -> bool {
    matches!(&descriptor[88..91], b"%/@" | b"%/C" | b"%/E")
}
