//! Checksums of files, images and drives.

use crate::base::Cancel;
use crate::engine::{self, Phase};
use crate::plan::Refusal;
use crate::source::{Container, ImageKind, Source, checksum, known_image};

use super::super::recorder::Recorder;
use super::super::{HashOf, HashRequest, NamedDigest, Report};
use super::{Stop, Verdict, current, opened, unavailable};

pub(super) fn hash(
    request: &HashRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let observer = |step| recorder.step(step);
    let kinds = &request.algorithms;
    let (of, digests, published) = match &request.of {
        HashOf::Drive { drive, len_bytes } => {
            let size = current(drive, |path| recorder.find(path))?.identity.size_bytes;
            let len = len_bytes.unwrap_or(size);
            if len > size {
                return Err(Refusal::TooSmall { needed_bytes: len, drive_bytes: size }.into());
            }
            let device = recorder.open_for_reading(drive).map_err(unavailable)?;
            let digests = engine::hash_device(&device, len, kinds, &observer, cancel)?;
            (format!("first {len} bytes of the drive"), digests, Vec::new())
        }
        HashOf::File(path) | HashOf::Image(path) => {
            let source = Source::open(path)?;
            opened(recorder, report, &source);
            let published = checksum::published_beside(path)?;
            let raw = source.facts().container == Container::Raw;
            let decompressed = matches!(request.of, HashOf::Image(_));
            let hashed = if raw || !decompressed {
                let of = if raw { "image" } else { "compressed file" };
                let digests = engine::hash_file(&source, kinds, Phase::Hashing, &observer, cancel)?;
                (of.to_owned(), digests, published.into_iter().filter(|p| !p.of_decompressed).collect())
            } else {
                let (digests, _) = engine::hash_image(&source, kinds, Phase::Hashing, &observer, cancel)?;
                ("image".to_owned(), digests, published.into_iter().filter(|p| p.of_decompressed).collect())
            };
            source.still_as_opened()?;
            hashed
        }
    };
    let mut sentences = Vec::new();
    let mut wrong = false;
    for digest in digests {
        let mut matches = None;
        for published in published.iter().filter(|p| p.digest.algorithm() == digest.algorithm()) {
            let origin = published.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let kind = digest.algorithm();
            if published.digest == digest {
                sentences.push(format!("The {kind} is the one in {origin}."));
                matches = Some(origin);
            } else {
                wrong = true;
                sentences.push(format!(
                    "This is not what {origin} promises, which has the {kind} {}. Download the image again.",
                    published.digest.hex()
                ));
            }
        }
        if let Some(known) = known_image(&digest) {
            report.known_as = Some(known.name.to_owned());
        }
        report.digests.push(NamedDigest { of: of.clone(), digest, matches });
    }
    match &report.known_as {
        Some(known) => sentences.push(format!("This is an official image: {known}.")),
        None if report.image.as_ref().is_some_and(|image| image.kind == ImageKind::WindowsSetup) => sentences
            .push(
                "It is not on the built-in list of official images, which says nothing against it."
                    .to_owned(),
            ),
        None => {}
    }
    if sentences.is_empty() {
        sentences.push("Computed; there is nothing here to compare it with.".to_owned());
    }
    let conclusion = sentences.join(" ");
    Ok(if wrong { Verdict::Different(conclusion) } else { Verdict::Good(conclusion) })
}
