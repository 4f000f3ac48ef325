//! A FAT volume as a tree of files, whatever its type.

use std::io::{Read, Seek};

use super::FatVolume;
use crate::format::FormatError;
use crate::format::bytes::Metered;
use crate::format::tree::{Entry, ImageTree};

/// The tree of a FAT volume. Extents are byte offsets in the image, not in the volume.
#[derive(Debug)]
pub struct FatTree<R> {
    image: Metered<R>,
    volume: FatVolume,
    label: Option<String>,
}

impl<R: Read + Seek> FatTree<R> {
    /// Opens the volume whose boot sector lies at byte `at` of the image. `None` when no FAT volume begins there.
    pub fn open(image: R, at: u64) -> Result<Option<Self>, FormatError> {
        let mut image = Metered::new(image);
        let Some(volume) = FatVolume::open(&mut image, at)? else { return Ok(None) };
        let label = volume.label(&mut image);
        Ok(Some(Self { image, volume, label }))
    }

    pub fn volume(&self) -> &FatVolume {
        &self.volume
    }
}

impl<R: Read + Seek> ImageTree for FatTree<R> {
    fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }
    fn root(&mut self) -> Result<Entry, FormatError> {
        todo!()
    }
    fn read_dir(&mut self, _: &Entry) -> Result<Vec<Entry>, FormatError> {
        todo!()
    }
    fn find(&mut self, _: &Entry, _: &str) -> Result<Option<Entry>, FormatError> {
        todo!()
    }
    fn read_at(&mut self, _: &Entry, _: u64, _: u64) -> Result<Vec<u8>, FormatError> {
        self.image.unmetered();
        todo!()
    }
}
