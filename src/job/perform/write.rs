//! Writes an image onto a drive, and proves it.

use std::sync::Arc;

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel, Digest};
use crate::device::{self, BlockDevice, Drive, Identity, standing};
use crate::engine::{self, Observer, Phase, WriteOptions, Written};
use crate::plan::{Plan, PlanOptions, Refusal, plan};
use crate::source::bmap::{self, BlockMap};
use crate::source::windows::WindowsMedia;
use crate::source::{Container, ImageFacts, Source, checksum, gather, known_image, list_drivers};

use super::super::recorder::Recorder;
use super::super::watch::{media, plan_options, prepare_answer};
use super::super::{Event, Made, NamedDigest, Proof, Report, WriteRequest};
use super::opening::open_for_writing;
use super::{Stop, Verdict, capacity, current, differences, opened};

pub(super) fn write(
    request: &WriteRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let source = Arc::new(Source::open(&request.image)?);
    opened(recorder, report, &source);
    let image = Image::of(request, source)?;
    let drive = current(&request.target, |path| recorder.find(path))?;
    let plan = image.plan_for(&drive, &request.end_uses)?;
    let checked = check_digests(request, &image.source, &|step| recorder.step(step), cancel)?;
    report.digests.extend(checked);
    recorder.event(Event::Planned { plan: Box::new(plan.clone()) });

    let device = open(&request.target, &request.end_uses, recorder, cancel)?;
    if request.probe && capacity::is_worth_a_probe(&drive) {
        capacity::probe(&*device, report, recorder, cancel)?;
    }
    let options = WriteOptions {
        verify: request.verify,
        hash: request.hash.then_some(Algorithm::Sha256),
        map: image.map.map(|map| map.ranges).unwrap_or_default(),
    };
    let observer = |step| recorder.step(step);
    let mark = |mark| recorder.mark(mark);
    let written = engine::write(&plan, &image.source, &device, &options, &observer, &mark, cancel)?;
    device.rescan();
    conclude(written, report, recorder)
}

/// Everything about a write that no drive has a say in.
pub(super) struct Image {
    pub source: Arc<Source>,
    pub map: Option<BlockMap>,
    facts: ImageFacts,
    media: Option<Result<Arc<WindowsMedia>, String>>,
    options: PlanOptions,
    /// Drives that hold the image.
    drives: Vec<(u64, u64)>,
}

impl Image {
    pub fn of(request: &WriteRequest, source: Arc<Source>) -> Result<Self, Stop> {
        let mut facts = source.facts().clone();
        let map = if request.bmap { bmap::beside(&request.image)? } else { None };
        if let Some(map) = &map {
            let map_bytes = map.image_bytes;
            if let Some(image_bytes) = facts.image_bytes.filter(|bytes| *bytes != map_bytes) {
                return Err(Stop::Failed(format!(
                    "the block map {} is of an image of {map_bytes} bytes, but this one has {image_bytes}; remove it, \
                     or leave block maps off",
                    map.file.display()
                )));
            }
            facts.image_bytes = Some(map_bytes);
        }
        let mapped = match &map {
            Some(map) => Some(map.ranges.iter().map(|range| (range.offset, range.len)).collect()),
            None if request.skip_holes => source.data_ranges(),
            None => None,
        };
        let windows = &request.windows;
        let answer = windows.answer.as_ref().map(|choice| prepare_answer(choice, &facts)).transpose()?;
        let mut options = plan_options(mapped, windows, gather(&windows.add)?, answer);
        options.windows.drivers = list_drivers(&windows.drivers)?;
        let drives = device::source_drives(&request.image);
        Ok(Self { media: media(&source), source, map, facts, options, drives })
    }

    /// What the drive will be, if it may be written once these uses of it have been ended.
    pub fn plan_for(&self, drive: &Drive, end_uses: &[String]) -> Result<Plan, Stop> {
        let standing = standing::judge_released(drive, end_uses, &self.drives);
        Ok(plan(&self.facts, self.media.as_ref(), drive, &standing, &self.options)?)
    }
}

/// Opens the drive, and warns where the system's cache stands in the way.
pub(super) fn open(
    target: &Identity,
    end_uses: &[String],
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Arc<dyn BlockDevice>, Stop> {
    let device = open_for_writing(target, end_uses, recorder, cancel)?;
    if !device.geometry().direct {
        recorder
            .warn("The drive is written through the system's cache; direct access was refused.".to_owned());
    }
    Ok(device)
}

/// Puts into the report what was written and proved.
pub(super) fn conclude(written: Written, report: &mut Report, recorder: &Recorder) -> Result<Verdict, Stop> {
    report.bytes_written = written.written_bytes;
    report.made = written.plan.stick.as_deref().map(Made::of);
    if let Some(digest) = written.digest {
        note_digest(report, "image", digest);
    }
    if let Some(manifest) = &written.manifest {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        hasher.update(manifest);
        note_digest(report, "list of files on the stick", hasher.finish());
    }
    let Some(proof) = written.comparison else {
        return Ok(Verdict::Good(
            "Written and flushed. It was not read back: verification was off.".to_owned(),
        ));
    };
    if !proof.past_cache {
        recorder.warn("The system could not promise that the drive was read past its cache.".to_owned());
    }
    report.proof = proof;
    name_places(&written.plan, &mut report.proof);
    let proof = &report.proof;
    if proof.is_identical() {
        return Ok(Verdict::Good(format!(
            "Written, and proved: all {} bytes were read back from the drive and are right.",
            proof.verified_bytes
        )));
    }
    Ok(Verdict::Different(format!("{} {}", differences(proof), recorder.drive_state())))
}

/// Names the file that each difference lies in, where the plan knows.
fn name_places(plan: &Plan, proof: &mut Proof) {
    let Some(stick) = &plan.stick else { return };
    for mismatch in &mut proof.mismatches {
        mismatch.what = Some(stick.what_lies_at(mismatch.offset));
    }
}

/// Compares the image with the checksums that it should have, before anything is written. Returns those that agreed.
pub(super) fn check_digests(
    request: &WriteRequest,
    source: &Source,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<Vec<NamedDigest>, Stop> {
    let mut matched = Vec::new();
    let mut note_match = |of: &str, digest: Digest, origin: String| {
        matched.push(NamedDigest { of: of.to_owned(), digest, matches: Some(origin) });
    };
    let mut of_file: Vec<(Digest, String)> = Vec::new();
    let mut of_image: Vec<(Digest, String)> = Vec::new();
    if request.sidecars {
        for published in checksum::published_beside(&request.image)? {
            let origin = published.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let list = if published.of_decompressed { &mut of_image } else { &mut of_file };
            list.push((published.digest, origin));
        }
    }
    of_file.extend(request.expected.iter().map(|digest| (digest.clone(), "the given checksum".to_owned())));
    let kinds = |wanted: &[(Digest, String)]| {
        let mut kinds: Vec<Algorithm> = wanted.iter().map(|(digest, _)| digest.algorithm()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };

    if !of_file.is_empty() {
        let actual = engine::hash_file(source, &kinds(&of_file), Phase::Checking, observer, cancel)?;
        let of = if source.facts().container == Container::Raw { "image" } else { "compressed file" };
        for (expected, origin) in of_file {
            let Some(found) = actual.iter().find(|digest| digest.algorithm() == expected.algorithm()) else {
                continue;
            };
            if *found == expected {
                note_match(of, expected, origin);
            } else if source.facts().container != Container::Raw && request.expected.contains(&expected) {
                // A checksum that the user has may be of the image inside as well.
                of_image.push((expected, origin));
            } else {
                return Err(Refusal::WrongHash { expected, actual: found.clone() }.into());
            }
        }
    }
    if !of_image.is_empty() {
        let (actual, _) = engine::hash_image(source, &kinds(&of_image), Phase::Checking, observer, cancel)?;
        for (expected, origin) in of_image {
            match actual.iter().find(|digest| digest.algorithm() == expected.algorithm()) {
                Some(found) if *found != expected => {
                    return Err(Refusal::WrongHash { expected, actual: found.clone() }.into());
                }
                _ => note_match("image", expected, origin),
            }
        }
    }
    Ok(matched)
}

/// Adds a checksum that was computed on the way, unless it is there already.
fn note_digest(report: &mut Report, of: &str, digest: Digest) {
    if let Some(known) = known_image(&digest) {
        report.known_as = Some(known.name.to_owned());
    }
    if !report.digests.iter().any(|named| named.digest == digest) {
        report.digests.push(NamedDigest { of: of.to_owned(), digest, matches: None });
    }
}
