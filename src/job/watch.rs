//! Eyes of the faces: the list of drives and the facts of an image, looked up in the background.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::device::{self, DeviceReader, Drive, DriveWatcher, Identity};
use crate::plan::{AnswerWords, PlanOptions, RawOptions, Refusal, WindowsOptions};
use crate::source::checksum::{self, Published};
use crate::source::windows::WindowsMedia;
use crate::source::{
    self, AddRequest, Addition, DriverFolder, ImageFacts, PreparedAnswer, Source, bmap, facts_of_drive,
    gather, windows_on_volume,
};

use super::perform::{self, sentence};
use super::{AnswerChoice, WindowsChoices};

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
    let mut facts = facts_of_drive(&drive.path, bytes, &mut DeviceReader::new(&*device));
    let starts = perform::volume_starts(&*device).unwrap_or_default();
    let windows = |start| windows_on_volume(&mut DeviceReader::new(&*device), start, &mut facts.notes);
    if facts.windows.is_none() {
        facts.windows = starts.into_iter().find_map(windows).map(Box::new);
    }
    Ok(facts)
}

/// The files of Windows media; the error is a clause for people.
pub(super) fn media(source: &Source) -> Option<Result<Arc<WindowsMedia>, String>> {
    Some(source.windows_media()?.map(Arc::new).map_err(|error| error.to_string()))
}

/// The options that these choices come to. `additions`: what [`list_additions`] said of `choices.add`; `answer`: what
/// [`prepare_answer`] said of `choices.answer`.
pub fn plan_options(
    mapped: Option<Vec<(u64, u64)>>,
    choices: &WindowsChoices,
    mut additions: Vec<Addition>,
    answer: Option<PreparedAnswer>,
) -> PlanOptions {
    let answer = answer.map(|prepared| {
        additions.extend(prepared.additions);
        AnswerWords { notes: prepared.notes, erases: prepared.erases, advice: prepared.advice }
    });
    let windows = WindowsOptions {
        scheme: choices.scheme,
        split_bytes: choices.split_bytes,
        without_checksums: choices.without_checksums,
        additions,
        answer,
        without_answer_files: choices.answer.as_ref().is_some_and(|answer| answer.replaces),
        without_spare_room: false,
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

/// Compares an answer file with the image, and reads the files that belong to it. Blocking.
pub fn prepare_answer(choice: &AnswerChoice, image: &ImageFacts) -> Result<PreparedAnswer, Refusal> {
    let Some(windows) = &image.windows else { return Err(Refusal::NotWindows) };
    source::prepare_answer(&choice.file, windows)
        .map_err(|error| Refusal::AnswerFile { reason: error.to_string() })
}

/// Lists folders of drivers and reads their INF files; the error is a clause for people. Blocking.
pub fn list_drivers(folders: &[PathBuf]) -> Result<Vec<DriverFolder>, String> {
    crate::source::list_drivers(folders).map_err(|error| error.to_string())
}

/// [`inspect`] on a thread of its own; one answer arrives.
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
