//! Eyes of the faces: the list of drives and the facts of an image, looked up in the background.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::device::{self, DeviceReader, Drive, DriveWatcher, Identity};
use crate::plan::{PlanOptions, RawOptions, WindowsOptions};
use crate::source::checksum::{self, Published};
use crate::source::windows::WindowsMedia;
use crate::source::{AddRequest, Addition, DriverFolder, ImageFacts, Source, bmap, facts_of_drive, gather};

use super::WindowsChoices;
use super::perform::sentence;

/// How long a change may go unseen where the system does not tell of changes.
const POLL: Duration = Duration::from_secs(1);

/// Sends the list of drives at once and again whenever it changes. `practice`: files that are listed as drives too.
/// The thread ends when the receiver is dropped.
pub fn watch_drives(
    practice: Vec<PathBuf>,
    wake: impl Fn() + Send + 'static,
) -> Receiver<Result<Vec<Drive>, String>> {
    let (send, receiver) = bounded(4);
    thread::spawn(move || {
        let mut watcher = DriveWatcher::new();
        let mut told = None;
        loop {
            let found = device::list().map_err(|error| error.to_string()).map(|mut drives| {
                drives.extend(practice.iter().filter_map(|file| device::practice_stick(file).ok()));
                drives
            });
            if told.as_ref() != Some(&found) {
                if send.send(found.clone()).is_err() {
                    return;
                }
                told = Some(found);
                wake();
            }
            watcher.wait(POLL);
        }
    });
    receiver
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
    /// The files of Windows media, or why they cannot be listed.
    pub media: Option<Result<Arc<WindowsMedia>, String>>,
}

/// Opens and recognises an image; the error is a sentence for people. Blocking.
pub fn inspect(path: &Path) -> Result<Inspection, String> {
    let source = Source::open(path).map_err(|error| error.to_string())?;
    let mut facts = source.facts().clone();
    let mut unusable = |what: &str, error: String| {
        facts.notes.push(format!("A {what} lies beside the image but cannot be used: {error}"));
    };
    let published = checksum::published_beside(path).unwrap_or_else(|error| {
        unusable("checksum file", error.to_string());
        Vec::new()
    });
    let map = bmap::beside(path).unwrap_or_else(|error| {
        unusable("block map", error.to_string());
        None
    });
    if let Some(map) = &map {
        facts.image_bytes = facts.image_bytes.or(Some(map.image_bytes));
    }
    Ok(Inspection {
        path: path.to_owned(),
        facts,
        published,
        source_drives: device::source_drives(path),
        bmap: map.map(|map| map.ranges.iter().map(|range| (range.offset, range.len)).collect()),
        data_ranges: source.data_ranges(),
        media: media(&source),
    })
}

/// What lies on a drive, which is opened as a job opens it: the user may be asked for a password. The error is a sentence.
/// Blocking.
pub fn inspect_drive(drive: &Identity) -> Result<ImageFacts, String> {
    let device = device::open_for_reading(drive).map_err(|error| sentence(&error.to_string()))?;
    let bytes = device.geometry().size_bytes;
    Ok(facts_of_drive(&drive.path, bytes, &mut DeviceReader::new(&*device)))
}

/// The files of Windows media; the error is a clause for people.
pub(super) fn media(source: &Source) -> Option<Result<Arc<WindowsMedia>, String>> {
    Some(source.windows_media()?.map(Arc::new).map_err(|error| error.to_string()))
}

/// The options that these choices come to. `additions`: what [`list_additions`] said of `choices.add`.
pub fn plan_options(
    mapped: Option<Vec<(u64, u64)>>,
    choices: &WindowsChoices,
    additions: Vec<Addition>,
) -> PlanOptions {
    let windows = WindowsOptions {
        scheme: choices.scheme,
        split_bytes: choices.split_bytes,
        without_checksums: choices.without_checksums,
        additions,
        drivers_in_setup: choices.drivers_in_setup,
        seed: None,
        ..WindowsOptions::default()
    };
    PlanOptions { as_raw_copy: choices.as_raw_copy, raw: RawOptions { mapped }, windows }
}

/// Lists the files that are to be added; the error is a clause for people. Blocking.
pub fn list_additions(requests: &[AddRequest]) -> Result<Vec<Addition>, String> {
    gather(requests).map_err(|error| error.to_string())
}

/// Lists folders of drivers and reads their INF files; the error is a clause for people. Blocking.
pub fn list_drivers(folders: &[PathBuf]) -> Result<Vec<DriverFolder>, String> {
    crate::source::list_drivers(folders).map_err(|error| error.to_string())
}

/// The same on a thread of its own; one answer arrives.
pub fn inspect_in_background(
    path: PathBuf,
    wake: impl Fn() + Send + 'static,
) -> Receiver<Result<Inspection, String>> {
    let (send, receiver) = bounded(1);
    thread::spawn(move || {
        // Nobody may be waiting any more.
        let _ = send.send(inspect(&path));
        wake();
    });
    receiver
}
