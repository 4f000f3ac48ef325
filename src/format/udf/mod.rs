//! Universal Disk Format, revisions 1.02 to 2.60 (OSTA UDF over ECMA-167, 3rd edition), as far as discs are mastered with
//! it: type 1 partitions. Virtual, sparable and metadata partitions are recognised and named as unsupported.

mod charset;
mod descriptor;
mod directory;
mod file_entry;
mod sequence;
mod volume;

use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::Metered;
use super::tree::{self, Entry, EntryKind, ImageTree, Tally};
use directory::FileIdentifier;
use volume::Volume;

/// A UDF volume.
#[derive(Debug)]
pub struct Udf<R> {
    image: Metered<R>,
    volume: Volume,
}

impl<R: Read + Seek> Udf<R> {
    /// Opens the volume in `image`. `None` when its recognition sequence does not name one.
    pub fn open(image: R) -> Result<Option<Self>, FormatError> {
        let mut image = Metered::new(image);
        if !sequence::is_recognised(&mut image)? {
            return Ok(None);
        }
        let volume = Volume::read(&mut image)?;
        Ok(Some(Self { image, volume }))
    }

    /// Bytes in a logical block.
    pub fn block_bytes(&self) -> u32 {
        self.volume.block_bytes
    }

    /// The revision of UDF that the volume declares, as in its name: 0x0102 is 1.02.
    pub fn revision(&self) -> u16 {
        self.volume.revision
    }

    /// First byte after the last partition: what the image needs to have at least.
    pub fn end_bytes(&self) -> u64 {
        self.volume.end_bytes()
    }

    fn identifiers(&mut self, directory: &Entry) -> Result<Vec<FileIdentifier>, FormatError> {
        let data = tree::read_directory(&mut self.image, directory)?;
        let at = directory.extents.first().and_then(|extent| extent.offset_bytes).unwrap_or_default();
        directory::file_identifiers(&data, at)
    }

    fn entry(&mut self, identifier: FileIdentifier) -> Result<Entry, FormatError> {
        let mut entry = file_entry::read(&mut self.image, &self.volume, &identifier.icb)?;
        if identifier.is_directory != (entry.kind == EntryKind::Directory) {
            let at = self.volume.offset_bytes(&identifier.icb)?;
            return Err(FormatError::damaged("file entry", at, "the type its directory says", "another"));
        }
        entry.name = identifier.name;
        Ok(entry)
    }
}

impl<R: Read + Seek> ImageTree for Udf<R> {
    fn label(&self) -> Option<&str> {
        self.volume.label.as_deref()
    }

    fn root(&mut self) -> Result<Entry, FormatError> {
        let file_set = volume::read_file_set(&mut self.image, &self.volume)?;
        let root = file_entry::read(&mut self.image, &self.volume, &file_set.root_icb)?;
        if root.kind != EntryKind::Directory {
            let at = self.volume.offset_bytes(&file_set.root_icb)?;
            return Err(FormatError::damaged("root directory", at, "a directory", "another type of file"));
        }
        Ok(root)
    }

    fn read_dir(&mut self, directory: &Entry) -> Result<Vec<Entry>, FormatError> {
        let mut entries = Vec::new();
        let mut tally = Tally::default();
        for identifier in self.identifiers(directory)? {
            tree::check_name(&identifier.name, identifier.at)?;
            let entry = self.entry(identifier)?;
            tally.add(&entry.name, &entry)?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn find(&mut self, directory: &Entry, name: &str) -> Result<Option<Entry>, FormatError> {
        let mut identifiers = self.identifiers(directory)?;
        let names = identifiers.iter().map(|identifier| identifier.name.as_str());
        match tree::position_of_name(names, name) {
            Some(index) => self.entry(identifiers.swap_remove(index)).map(Some),
            None => Ok(None),
        }
    }

    fn read_at(&mut self, file: &Entry, start: u64, limit_bytes: u64) -> Result<Vec<u8>, FormatError> {
        tree::read_extents(self.image.unmetered(), "file", &file.extents, start, limit_bytes)
    }
}
