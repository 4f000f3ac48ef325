//! Checksum files beside an image, as publishers put them there.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::Digest;

use super::SourceError;

/// A checksum that the image should have, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    pub digest: Digest,
    pub file: PathBuf,
    /// The entry names the image as it is after decompression, not the file that lies there.
    pub of_decompressed: bool,
}

/// Looks beside `image` for `NAME.sha256`, `SHA256SUMS`, `sha256sum.txt` and their SHA-1, SHA-512 and MD5 twins, GNU and
/// BSD style, and returns the entries that name this image. Unreadable or contradicting files are errors.
pub fn published_beside(image: &Path) -> Result<Vec<Published>, SourceError> {
    let _ = image;
    todo!()
}
