//! A FAT volume as a tree of files, whatever its type.

use std::io::{Read, Seek};

use super::chain::Window;
use super::directory::{self, DirectoryEntry};
use super::{FatVolume, Root};
use crate::format::FormatError;
use crate::format::bytes::Metered;
use crate::format::tree::{self, Entry, EntryKind, FileExtent, ImageTree, Tally};

/// What following a chain costs at least, whether its part of the table must be read or not.
const STEP_BYTES: u64 = 4;

/// The tree of a FAT volume. Extents are byte offsets in the image, not in the volume.
#[derive(Debug)]
pub struct FatTree<R> {
    image: Metered<R>,
    volume: FatVolume,
    label: Option<String>,
    window: Window,
}

impl<R: Read + Seek> FatTree<R> {
    /// Opens the volume whose boot sector lies at byte `at` of the image. `None` when no FAT volume begins there.
    pub fn open(image: R, at: u64) -> Result<Option<Self>, FormatError> {
        let mut image = Metered::new(image);
        let Some(volume) = FatVolume::open(&mut image, at)? else { return Ok(None) };
        let label = volume.label(&mut image);
        Ok(Some(Self { image, volume, label, window: Window::default() }))
    }

    pub fn volume(&self) -> &FatVolume {
        &self.volume
    }

    fn entries(&mut self, directory: &Entry) -> Result<Vec<DirectoryEntry>, FormatError> {
        let data = tree::read_directory(&mut self.image, directory)?;
        let mut entries = directory::entries(&data, self.volume.fat_type);
        entries.retain(|entry| !entry.is_volume_label() && !entry.is_dot());
        Ok(entries)
    }

    fn entry(&mut self, entry: DirectoryEntry) -> Result<Entry, FormatError> {
        tree::check_name(&entry.name, self.volume.start_bytes())?;
        let (kind, len_bytes, extents) = if entry.is_directory() {
            let extents = self.directory(entry.first_cluster)?;
            (EntryKind::Directory, sum(&extents), extents)
        } else {
            let len_bytes = u64::from(entry.len_bytes);
            let steps = len_bytes / self.volume.cluster_bytes;
            self.image.charge(self.volume.start_bytes(), steps * STEP_BYTES)?;
            let extents = self.volume.file_extents(
                &mut self.image,
                &mut self.window,
                entry.first_cluster,
                len_bytes,
            )?;
            (EntryKind::File, len_bytes, extents)
        };
        let modified_unix_secs = entry.modified_unix_secs;
        Ok(Entry { name: entry.name, kind, len_bytes, extents, modified_unix_secs })
    }

    fn directory(&mut self, first_cluster: u32) -> Result<Vec<FileExtent>, FormatError> {
        let extents = self.volume.directory_extents(&mut self.image, &mut self.window, first_cluster)?;
        let steps = sum(&extents) / self.volume.cluster_bytes;
        self.image.charge(self.volume.start_bytes(), steps * STEP_BYTES)?;
        Ok(extents)
    }
}

impl<R: Read + Seek> ImageTree for FatTree<R> {
    fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    fn root(&mut self) -> Result<Entry, FormatError> {
        let extents = match self.volume.root {
            Root::Cluster(first) => self.directory(first)?,
            Root::Region { at, len_bytes } => vec![FileExtent { offset_bytes: Some(at), len_bytes }],
        };
        Ok(Entry {
            name: String::new(),
            kind: EntryKind::Directory,
            len_bytes: sum(&extents),
            extents,
            modified_unix_secs: None,
        })
    }

    fn read_dir(&mut self, directory: &Entry) -> Result<Vec<Entry>, FormatError> {
        let mut entries = Vec::new();
        let mut tally = Tally::default();
        for entry in self.entries(directory)? {
            let entry = self.entry(entry)?;
            tally.add(&entry.name, &entry)?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn find(&mut self, directory: &Entry, name: &str) -> Result<Option<Entry>, FormatError> {
        let mut entries = self.entries(directory)?;
        match tree::position_of_name(entries.iter().map(|entry| entry.name.as_str()), name) {
            Some(index) => self.entry(entries.swap_remove(index)).map(Some),
            None => Ok(None),
        }
    }

    fn read_at(&mut self, file: &Entry, start: u64, limit_bytes: u64) -> Result<Vec<u8>, FormatError> {
        tree::read_extents(self.image.unmetered(), "file", &file.extents, start, limit_bytes)
    }
}

fn sum(extents: &[FileExtent]) -> u64 {
    extents.iter().map(|extent| extent.len_bytes).sum()
}
