//! Eyes of the faces: the list of drives and the facts of an image, looked up in the background.

use std::path::PathBuf;

use crossbeam_channel::Receiver;

use crate::device::Drive;
use crate::source::ImageFacts;
use crate::source::checksum::Published;

/// Sends the list of drives at once and again whenever it changes. `practice`: files that are listed as drives too.
/// The thread ends when the receiver is dropped.
pub fn watch_drives(
    practice: Vec<PathBuf>,
    wake: impl Fn() + Send + 'static,
) -> Receiver<Result<Vec<Drive>, String>> {
    let _ = (practice, wake);
    todo!()
}

/// What is known of an image before any of it is read whole.
#[derive(Clone, Debug)]
pub struct Inspection {
    pub path: PathBuf,
    pub facts: ImageFacts,
    /// Checksums published beside the image.
    pub published: Vec<Published>,
    /// Device numbers of the drives that hold the image; they are no targets.
    pub source_drives: Vec<(u64, u64)>,
    /// Mapped ranges out of a `.bmap` beside the image.
    pub bmap: Option<Vec<(u64, u64)>>,
    /// Data ranges of a sparse raw file.
    pub data_ranges: Option<Vec<(u64, u64)>>,
}

/// Opens and recognises an image; the error is a sentence for people. Blocking.
pub fn inspect(path: &std::path::Path) -> Result<Inspection, String> {
    let _ = path;
    todo!()
}

/// The same on a thread of its own; one answer arrives.
pub fn inspect_in_background(
    path: PathBuf,
    wake: impl Fn() + Send + 'static,
) -> Receiver<Result<Inspection, String>> {
    let _ = (path, wake);
    todo!()
}
