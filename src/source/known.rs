//! Official images that are known by their checksums.

use crate::base::Digest;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownImage {
    /// "Windows 7 Professional with SP1, x64, English".
    pub name: &'static str,
}

/// The image that this checksum belongs to. `None` means "not on our list", nothing worse.
pub fn known_image(digest: &Digest) -> Option<KnownImage> {
    let _ = digest;
    todo!()
}
