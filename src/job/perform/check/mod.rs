//! Holds a drive against an image, against a checksum, or against what it says of itself. Nothing is written.

mod boot;
mod difference;
mod findings;
mod stick;
pub(super) mod volume;

use crate::base::Cancel;
use crate::device::Standing;
use crate::engine;
use crate::plan::{RawOptions, Refusal, plan_raw};
use crate::source::{ImageKind, Source, bmap};

use super::super::landmarks::Landmarks;
use super::super::recorder::Recorder;
use super::super::{Against, CheckRequest, Event, NamedDigest, Report};
use super::{Stop, Verdict, current, differences, opened, unavailable};
use stick::Reading;
pub(in crate::job) use volume::partition_starts as volume_starts;

pub(super) fn check(
    request: &CheckRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let mut drive = current(&request.target, |path| recorder.find(path))?;
    let observer = |step| recorder.step(step);
    let open = || recorder.open_for_reading(&request.target).map_err(unavailable);
    let image = match &request.against {
        Against::Image(image) => image,
        Against::Manifest => {
            return stick::against_manifest(&Reading { device: open()?, recorder, cancel }, report);
        }
        Against::Digest { digest, len_bytes } => {
            let size = drive.identity.size_bytes;
            let len = len_bytes.unwrap_or(size);
            if len > size {
                return Err(Refusal::TooSmall { needed_bytes: len, drive_bytes: size }.into());
            }
            let found = engine::hash_device(&open()?, len, &[digest.algorithm()], &observer, cancel)?;
            report.proof.past_cache = true;
            report.proof.verified_bytes = len;
            let of = format!("first {len} bytes of the drive");
            let same = found.contains(digest);
            let matches = same.then(|| "the given checksum".to_owned());
            report.digests.extend(found.into_iter().map(|digest| NamedDigest {
                of: of.clone(),
                digest,
                matches: matches.clone(),
            }));
            return Ok(if same {
                Verdict::Good(format!("The {of} have the given checksum."))
            } else {
                Verdict::Different(format!("The {of} do not have the given checksum {digest}."))
            });
        }
    };

    let source = Source::open(image)?;
    opened(recorder, report, &source);
    let mut facts = source.facts().clone();
    let map = bmap::beside(image)?;
    if let Some(map) = &map {
        facts.image_bytes = facts.image_bytes.or(Some(map.image_bytes));
    }
    let mapped = map.map(|map| map.ranges.iter().map(|range| (range.offset, range.len)).collect());
    // Reading harms no drive, so neither its standing nor its write protection matters.
    drive.read_only = false;
    if facts.kind == ImageKind::WindowsSetup {
        let reading = Reading { device: open()?, recorder, cancel };
        let checked = stick::against_image(&source, &drive, &reading, report)?;
        source.still_as_opened()?;
        // Without a volume of files, the drive may still hold a copy of the image, byte for byte.
        if let Some(verdict) = checked {
            return Ok(verdict);
        }
    }
    let plan = plan_raw(&facts, &drive, &Standing::Selectable, &RawOptions { mapped })?;
    recorder.event(Event::Planned { plan: Box::new(plan.clone()) });
    let device = open()?;
    report.proof = engine::compare(&plan, &source, &device, &observer, cancel)?;
    source.still_as_opened()?;
    let proof = &mut report.proof;
    if proof.is_identical() {
        return Ok(Verdict::Good(format!(
            "Identical: all {} bytes of the image are on the drive.",
            proof.verified_bytes
        )));
    }
    let landmarks = Landmarks::of(&*device);
    for mismatch in &mut proof.mismatches {
        mismatch.what = landmarks.describe(mismatch.offset, mismatch.len);
    }
    Ok(Verdict::Different(match landmarks.harmless(&proof.mismatches).filter(|_| !proof.truncated) {
        Some(explanation) => format!("{} {explanation}", differences(proof)),
        None => differences(proof),
    }))
}
