//! `hash`: checksums of an image or a drive, compared with what is published of it.

use crate::base::Algorithm;
use crate::job::{self, Ending, Inspection, NamedDigest, Report, Request};
use crate::source::checksum::Published;
use crate::source::{ImageKind, known_image};

use super::args::HashArgs;
use super::console::Console;
use super::follow;
use super::outcome::{Exit, refuse};
use super::target::{self, Subject};

pub fn run(console: &Console, arguments: &HashArgs) -> anyhow::Result<Exit> {
    // Nothing is published of a drive, or of the first bytes of something.
    let (path, inspection) = match target::find_subject(&arguments.subject)? {
        Subject::Drive(drive) if arguments.bytes.is_some_and(|bytes| bytes > drive.identity.size_bytes) => {
            return refuse(format!("The drive has only {} bytes.", drive.identity.size_bytes));
        }
        Subject::Drive(drive) => (drive.identity.path, None),
        Subject::Image(path) if arguments.bytes.is_some() => (path, None),
        Subject::Image(path) => {
            // What cannot be recognised can still be summed, so this error is not the end.
            let inspection =
                job::inspect(&path).map_err(|error| console.error(format_args!("Warning: {error}")));
            (path, inspection.ok())
        }
    };
    let request = Request::Hash {
        path: path.clone(),
        algorithms: algorithms(&arguments.with, inspection.as_ref(), arguments.decompressed),
        len_bytes: arguments.bytes,
        decompressed: arguments.decompressed,
    };
    let mut ending = follow::run_to_ending(console, request)?;
    if let (Ending::Done { report }, Some(inspection)) = (&ending, &inspection) {
        ending = judged(report.clone(), inspection, arguments.decompressed);
    }
    match &ending {
        Ending::Done { report } | Ending::Different { report } if !console.json() => {
            for NamedDigest { digest, .. } in &report.digests {
                console.result(format_args!("{}  {}", digest.hex(), path.display()));
            }
            console.notice(&report.conclusion);
        }
        _ => follow::say_ending(console, &ending),
    }
    Ok(Exit::of_ending(&ending))
}

/// What was asked for; else SHA-256, and whatever the image can be compared by.
fn algorithms(asked: &[Algorithm], inspection: Option<&Inspection>, decompressed: bool) -> Vec<Algorithm> {
    if !asked.is_empty() {
        return unique(asked.iter().copied());
    }
    let mut wanted = vec![Algorithm::Sha256];
    if let Some(inspection) = inspection {
        let comparable = inspection.published.iter().filter(|p| is_of(p, decompressed));
        wanted.extend(comparable.map(|published| published.digest.algorithm()));
        if inspection.facts.kind == ImageKind::WindowsSetup {
            // The publisher of these gave SHA-1 sums.
            wanted.push(Algorithm::Sha1);
        }
    }
    unique(wanted.into_iter())
}

fn unique(algorithms: impl Iterator<Item = Algorithm>) -> Vec<Algorithm> {
    let mut seen = Vec::new();
    for algorithm in algorithms {
        if !seen.contains(&algorithm) {
            seen.push(algorithm);
        }
    }
    seen
}

/// Is the published checksum one of the bytes that are summed here?
fn is_of(published: &Published, decompressed: bool) -> bool {
    published.of_decompressed == decompressed
}

/// Compares the checksums with the published ones and with those of official images, and concludes.
fn judged(mut report: Report, inspection: &Inspection, decompressed: bool) -> Ending {
    let mut sentences = Vec::new();
    let mut differs = false;
    for entry in &inspection.published {
        let file = entry.file.display();
        if !is_of(entry, decompressed) {
            let (of, way) = if decompressed {
                ("the compressed file", "without --decompressed")
            } else {
                ("the decompressed image", "with --decompressed")
            };
            sentences.push(format!("{file} gives a checksum of {of}: compare it {way}."));
            continue;
        }
        let kind = entry.digest.algorithm();
        let Some(named) = report.digests.iter_mut().find(|named| named.digest.algorithm() == kind) else {
            continue;
        };
        if named.digest == entry.digest {
            named.matches = Some(file.to_string());
            sentences.push(format!("The {kind} is the one in {file}."));
        } else {
            differs = true;
            let expected = entry.digest.hex();
            sentences.push(format!(
                "This is not what {file} promises, which has the {kind} {expected}. Download the image again."
            ));
        }
    }
    let known = report.digests.iter().find_map(|named| known_image(&named.digest));
    match known {
        Some(known) => sentences.push(format!("This is an official image: {}.", known.name)),
        None if inspection.facts.kind == ImageKind::WindowsSetup => sentences.push(
            "It is not on the list of official images that is built in, which says nothing against it."
                .to_owned(),
        ),
        None => {}
    }
    if !sentences.is_empty() {
        report.conclusion = sentences.join(" ");
    }
    if differs { Ending::Different { report } } else { Ending::Done { report } }
}

#[cfg(test)]
mod tests {
    use crate::job::Proof;
    use crate::source::{Container, ImageFacts};

    use super::*;

    const ABC: &str = "900150983cd24fb0d6963f7d28e17f72";
    const OTHER: &str = "900150983cd24fb0d6963f7d28e17f73";

    fn report_with(digest: &str) -> Report {
        let digest = NamedDigest { of: "file".into(), digest: digest.parse().unwrap(), matches: None };
        Report {
            program: String::new(),
            action: "hash".into(),
            started_unix_secs: 0,
            image: None,
            image_path: None,
            drive: None,
            digests: vec![digest],
            phases: Vec::new(),
            bytes_written: 0,
            proof: Proof::default(),
            warnings: Vec::new(),
            conclusion: "Summed.".into(),
        }
    }

    fn inspection_with(digest: &str, of_decompressed: bool) -> Inspection {
        let published = Published { digest: digest.parse().unwrap(), file: "SUMS".into(), of_decompressed };
        let facts = ImageFacts {
            name: "a.gz".into(),
            container: Container::Gzip,
            file_bytes: 3,
            image_bytes: None,
            kind: ImageKind::NotBootable,
            label: None,
            system: None,
            partition_tables: Vec::new(),
            boot: Vec::new(),
            notes: Vec::new(),
        };
        Inspection {
            path: "a.gz".into(),
            facts,
            published: vec![published],
            source_drives: Vec::new(),
            bmap: None,
            data_ranges: None,
        }
    }

    #[test]
    fn only_checksums_of_the_same_bytes_are_compared() {
        for (published, of_decompressed, decompressed, exit, words) in [
            (ABC, false, false, Exit::Done, "is the one in SUMS"),
            (OTHER, false, false, Exit::Different, "not what SUMS promises"),
            (OTHER, true, false, Exit::Done, "with --decompressed"),
            (OTHER, true, true, Exit::Different, "not what SUMS promises"),
            (OTHER, false, true, Exit::Done, "without --decompressed"),
        ] {
            let inspection = inspection_with(published, of_decompressed);
            let ending = judged(report_with(ABC), &inspection, decompressed);
            assert_eq!(Exit::of_ending(&ending), exit);
            let (Ending::Done { report } | Ending::Different { report }) = ending else {
                panic!("no report")
            };
            assert!(report.conclusion.contains(words), "{}", report.conclusion);
            assert_eq!(report.digests[0].matches.is_some(), words.contains("is the one"));
        }
    }

    #[test]
    fn kinds_are_summed_once_and_follow_what_is_published() {
        use Algorithm::{Md5, Sha1, Sha256};
        assert_eq!(algorithms(&[Md5, Sha1, Md5], None, false), [Md5, Sha1]);
        assert_eq!(algorithms(&[], None, false), [Sha256]);
        let inspection = inspection_with(ABC, false);
        assert_eq!(algorithms(&[], Some(&inspection), false), [Sha256, Md5]);
        assert_eq!(algorithms(&[], Some(&inspection), true), [Sha256]);
    }
}
