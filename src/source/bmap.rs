//! Block maps (`.bmap`, versions 1.x and 2.0 of the format that bmaptool writes): which parts of an image carry data.

use std::path::{Path, PathBuf};

use crate::base::Digest;

use super::SourceError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockMap {
    pub file: PathBuf,
    pub image_bytes: u64,
    pub ranges: Vec<MappedRange>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedRange {
    pub offset: u64,
    pub len: u64,
    pub digest: Option<Digest>,
}

/// The block map beside `image`: `NAME.bmap`, or the name without its last ending, or two, plus `.bmap`. Its own checksum
/// is verified; ranges are ascending, inside the image and never overlap.
pub fn beside(image: &Path) -> Result<Option<BlockMap>, SourceError> {
    let _ = image;
    todo!()
}
