//! `hash`: checksums of an image or a drive, compared with what is published of it.

use crate::base::{Algorithm, Digest};
use crate::job::{self, Ending, Inspection, NamedDigest, Request};
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
    let published = inspection.as_ref().map_or(&[][..], |inspection| &inspection.published);
    let ending = follow::run(
        console,
        Request::Hash {
            path: path.clone(),
            algorithms: algorithms(&arguments.with, inspection.as_ref(), arguments.decompressed),
            len_bytes: arguments.bytes,
            decompressed: arguments.decompressed,
        },
    )?;
    let Ending::Done { report } = &ending else {
        if !console.json() {
            follow::tell(console, &ending);
        }
        return Ok(Exit::of_ending(&ending));
    };
    if !console.json() {
        for NamedDigest { digest, .. } in &report.digests {
            console.result(format_args!("{}  {}", digest.hex(), path.display()));
        }
    }
    let digests: Vec<&Digest> = report.digests.iter().map(|named| &named.digest).collect();
    let verdict = judge(&digests, published, arguments.decompressed);
    verdict.lines.iter().for_each(|line| console.notice(line));
    if let Some(inspection) = &inspection {
        name_official(console, &digests, inspection);
    }
    if verdict.differs {
        console.error("The image is not what its checksum file says. Download it again.");
        return Ok(Exit::Different);
    }
    Ok(Exit::Done)
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

struct Verdict {
    lines: Vec<String>,
    differs: bool,
}

fn judge(digests: &[&Digest], published: &[Published], decompressed: bool) -> Verdict {
    let mut verdict = Verdict { lines: Vec::new(), differs: false };
    for entry in published {
        let file = entry.file.display();
        if !is_of(entry, decompressed) {
            let (of, way) = if decompressed {
                ("the compressed file", "without --decompressed")
            } else {
                ("the decompressed image", "with --decompressed")
            };
            verdict.lines.push(format!("{file} gives a checksum of {of}: compare it {way}."));
            continue;
        }
        let kind = entry.digest.algorithm();
        let Some(digest) = digests.iter().find(|digest| digest.algorithm() == kind) else { continue };
        if **digest == entry.digest {
            verdict.lines.push(format!("The {kind} is the one in {file}."));
        } else {
            verdict.differs = true;
            verdict.lines.push(format!("The {kind} in {file} is another: {}", entry.digest.hex()));
        }
    }
    verdict
}

fn name_official(console: &Console, digests: &[&Digest], inspection: &Inspection) {
    match digests.iter().find_map(|digest| known_image(digest)) {
        Some(known) => console.notice(format_args!("This is an official image: {}.", known.name)),
        None if inspection.facts.kind == ImageKind::WindowsSetup => {
            console.notice("This image is not on the list of official ones that is built in, which says nothing against it.");
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(digest: &str, of_decompressed: bool) -> Published {
        Published { digest: digest.parse().unwrap(), file: "SUMS".into(), of_decompressed }
    }

    const ABC: &str = "900150983cd24fb0d6963f7d28e17f72";
    const OTHER: &str = "900150983cd24fb0d6963f7d28e17f73";

    #[test]
    fn only_checksums_of_the_same_bytes_are_compared() {
        let digest: Digest = ABC.parse().unwrap();
        let differs = |entry, decompressed| judge(&[&digest], &[entry], decompressed).differs;
        assert!(!differs(published(ABC, false), false));
        assert!(differs(published(OTHER, false), false));
        assert!(!differs(published(OTHER, true), false));
        assert!(differs(published(OTHER, true), true));
        let hint = judge(&[&digest], &[published(OTHER, true)], false).lines.join("");
        assert!(hint.contains("with --decompressed"), "{hint}");
    }

    #[test]
    fn kinds_are_summed_once_in_the_order_asked_for() {
        use Algorithm::{Md5, Sha1, Sha256};
        assert_eq!(algorithms(&[Md5, Sha1, Md5], None, false), [Md5, Sha1]);
        assert_eq!(algorithms(&[], None, false), [Sha256]);
    }
}
