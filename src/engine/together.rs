//! Several sticks out of one pass over the image.
//!
//! ```text
//! source -> tape -+-> stick 1's blocks -> device 1      each on a thread of its caller's, each with its own verification
//!                 +-> stick 2's blocks -> device 2
//!                 +-> checksum of the image, its block map      once for all; no stick is made bootable before
//!                 +-> checksums of a Windows stick's files      once for all sticks with the same files
//! ```
//!
//! The hashers read the tape like a stick that has no drive, so that no stick's failure takes the others' checksums away.

use std::sync::Arc;
use std::thread;

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel, Digest};
use crate::plan::{Fill, Plan};
use crate::source::Source;
use crate::source::bmap::MappedRange;

use super::awaited::Awaited;
use super::blocks::{Filler, spans};
use super::file_digests::{FilesHasher, listed};
use super::image_reader::ImageReader;
use super::map_check::MapCheck;
use super::tape::{Patience, Tape, TapeReader};
use super::{BLOCK_BYTES, EngineError};

/// One stick's part in the pass; see [`share_out`]. Dropped, it leaves the others alone.
pub struct Share {
    pub(super) source: Arc<Source>,
    pub(super) reader: TapeReader,
    pub(super) found: Found,
}

/// What is found out once for all sticks.
pub(super) struct Found {
    /// The image's checksum, if it was asked for. Until it is there the image may still turn out wrong.
    image: Option<Awaited<Option<Digest>>>,
    /// Checksums of the stick's files, in the manifest's order. `None`: nobody has the same files.
    pub files: Option<Awaited<Arc<[String]>>>,
    /// The hashers stop when the last share is gone.
    _wanted: Arc<Wanted>,
}

struct Wanted(Cancel);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.raise();
    }
}

impl Found {
    /// Waits until the image has passed whole and proved right. Returns its checksum, if it is computed.
    pub fn image_is_right(&self, cancel: &Cancel) -> Result<Option<Digest>, EngineError> {
        self.image.as_ref().map_or(Ok(None), |image| image.wait(cancel))
    }
}

/// Prepares one pass over `source` for all of `plans`, which must be of this image. `hash` and `map` are as in
/// [`super::WriteOptions`]. Every share has to be written, on a thread of its own, or dropped: the others wait for it, for
/// some seconds.
pub fn share_out(
    source: &Arc<Source>,
    plans: &[&Plan],
    hash: Option<Algorithm>,
    map: Vec<MappedRange>,
) -> Result<Vec<Share>, EngineError> {
    let hash = hash.filter(|_| plans.iter().all(|plan| plan.covers_image()));
    let hashes_image = hash.is_some() || map.iter().any(|range| range.digest.is_some());
    let model = plans.first().filter(|plan| plan.stick.as_ref().is_some_and(|stick| stick.has_checksums));
    let hashers = usize::from(hashes_image) + usize::from(model.is_some());
    let (tape, mut readers) = Tape::new(source, plans.len() + hashers, Patience::with(source))?;
    let stop = Cancel::new();
    let wanted = Arc::new(Wanted(stop.clone()));

    let image = hashes_image.then(|| readers.pop()).flatten().map(|reader| {
        let hasher = hash.map(Hasher::new);
        hash_beside(&tape, stop.clone(), move |stop| hash_image(reader, hasher, map, stop))
    });
    let files = model
        .and_then(|plan| Some((readers.pop()?, Plan::clone(plan))))
        .map(|(reader, plan)| hash_beside(&tape, stop.clone(), move |stop| hash_files(&plan, reader, stop)));
    let share = |(reader, plan): (TapeReader, &&Plan)| {
        let has_same_files = model.is_some_and(|model| have_same_files(model, plan));
        let found = Found {
            image: image.clone(),
            files: files.clone().filter(|_| has_same_files),
            _wanted: Arc::clone(&wanted),
        };
        Share { source: Arc::clone(source), reader, found }
    };
    Ok(readers.into_iter().zip(plans).map(share).collect())
}

/// Runs `work` on a thread; its failure is that of the whole tape.
fn hash_beside<T: Clone + Send + 'static>(
    tape: &Arc<Tape>,
    stop: Cancel,
    work: impl FnOnce(&Cancel) -> Result<T, EngineError> + Send + 'static,
) -> Awaited<T> {
    let (promise, awaited) = Awaited::new();
    let tape = Arc::clone(tape);
    thread::spawn(move || {
        let result = work(&stop).map_err(|error| match error {
            EngineError::OfAll(error) => error,
            error => Arc::new(error),
        });
        if let Err(error) = &result {
            tape.fail(Arc::clone(error));
        }
        promise.keep(result);
    });
    awaited
}

/// Reads the whole image, or what its map names, to its end.
fn hash_image(
    reader: TapeReader,
    mut hasher: Option<Hasher>,
    map: Vec<MappedRange>,
    stop: &Cancel,
) -> Result<Option<Digest>, EngineError> {
    let mut image = ImageReader::Taped(reader);
    let ranges = match &hasher {
        Some(_) => vec![(0, u64::MAX)],
        None => map.iter().map(|range| (range.offset, range.len)).collect(),
    };
    let mut map = MapCheck::new(map);
    let mut bytes = vec![0; BLOCK_BYTES];
    for (start, len) in ranges {
        let end = len.saturating_add(start);
        let mut at = start;
        while at < end {
            // Whole blocks of the tape.
            let want = (BLOCK_BYTES as u64 - at % BLOCK_BYTES as u64).min(end - at) as usize;
            let got = image.read(at, &mut bytes[..want], stop)?;
            map.update(at, &bytes[..got])?;
            if let Some(hasher) = &mut hasher {
                hasher.update(&bytes[..got]);
            }
            at += got as u64;
            if got < want {
                break;
            }
        }
    }
    image.finish(stop)?;
    Ok(hasher.map(Hasher::finish))
}

/// Makes the stick's bytes up to its manifest, for their checksums alone.
fn hash_files(plan: &Plan, reader: TapeReader, stop: &Cancel) -> Result<Arc<[String]>, EngineError> {
    let Some(stick) = &plan.stick else { return Err(EngineError::Internal("a stick without files")) };
    let manifest_at = plan.extents.iter().find(|e| e.fill == Fill::Manifest).map(|e| e.start);
    let mut filler = Filler::new(plan, Some(ImageReader::Taped(reader)));
    let mut hasher = FilesHasher::new(stick);
    let mut bytes = vec![0; BLOCK_BYTES];
    for span in spans(plan).take_while(|span| Some(span.offset) != manifest_at) {
        let (len, _) = filler.fill(span.offset, &mut bytes[..span.len], stop)?;
        hasher.update(span.offset, &bytes[..len]);
    }
    Ok(hasher.finish().into())
}

/// Are the files of both sticks, in their order, made of the same bytes? Where they lie may differ, and so may the
/// manifest.
fn have_same_files(one: &Plan, other: &Plan) -> bool {
    let (Some(a), Some(b)) = (&one.stick, &other.stick) else { return false };
    a.additions == b.additions
        && listed(a).count() == listed(b).count()
        && listed(a).zip(listed(b)).all(|(file, twin)| {
            let same_name = file.path == twin.path && file.len == twin.len;
            same_name
                && (file.len == 0
                    || pieces(one, file.start, file.len).eq(pieces(other, twin.start, twin.len)))
        })
}

/// What a stretch of the stick is made of: places within it, lengths, and where the bytes come from.
fn pieces(plan: &Plan, start: u64, len: u64) -> impl Iterator<Item = (u64, u64, &Fill)> {
    let first = plan.extents.partition_point(|extent| extent.end() <= start);
    let within = plan.extents[first..].iter().take_while(move |extent| extent.start < start + len);
    within.map(move |extent| (extent.start.wrapping_sub(start), extent.len, &extent.fill))
}
