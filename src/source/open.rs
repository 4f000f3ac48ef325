//! An opened image: its facts, and its bytes in order or, where it is not compressed, at any place.

use std::path::{Path, PathBuf};

use super::{ImageFacts, SourceError};

/// An image, opened and recognised. Cheap to share; every reader has a place of its own.
pub struct Source {
    path: PathBuf,
    facts: ImageFacts,
}

impl Source {
    /// Opens a file or a block device and tells what it is.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        todo!()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn facts(&self) -> &ImageFacts {
        &self.facts
    }

    /// The image is not compressed, so [`Source::read_at`] works.
    pub fn is_random_access(&self) -> bool {
        todo!()
    }

    /// Fills `buf` from byte `offset` of a raw image; short only at its end. Returns the bytes filled.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, SourceError> {
        todo!()
    }

    /// The image from its first byte on, decompressed. `threads`: how many a decoder may use.
    pub fn stream(&self, threads: u32) -> Result<ImageStream, SourceError> {
        todo!()
    }

    /// The file as it lies on the disk, compressed or not, from its first byte on: what published checksums are of.
    pub fn file_stream(&self) -> Result<ImageStream, SourceError> {
        todo!()
    }

    /// Where the file has data and where it has holes: (offset, length) of the data, ascending. `None` if it has no
    /// holes or the file system cannot tell.
    pub fn data_ranges(&self) -> Option<Vec<(u64, u64)>> {
        todo!()
    }

    /// Has the file changed (size, time, inode) since it was opened?
    pub fn has_changed(&self) -> bool {
        todo!()
    }
}

/// A forward-only reader of an image.
pub struct ImageStream {}

impl ImageStream {
    /// Fills all of `buf`, or what is left of the image. 0 means that the image ended, whole and with every
    /// checksum right: damage, truncation and garbage after the end are errors, never an early 0.
    pub fn fill(&mut self, buf: &mut [u8]) -> Result<usize, SourceError> {
        todo!()
    }

    /// Bytes of the file on disk that have been consumed so far, for progress when the image's size is unknown.
    pub fn file_position(&self) -> u64 {
        todo!()
    }
}
