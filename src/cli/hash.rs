//! `hash`: checksums of an image or a drive. The job compares them with what is published beside the image.

use crate::base::Algorithm;
use crate::job::{self, Ending, HashOf, HashRequest, Inspection, Request};
use crate::source::ImageKind;

use super::args::HashArgs;
use super::console::Console;
use super::follow;
use super::outcome::Exit;
use super::target::{self, Subject};

pub fn run(console: &Console, arguments: &HashArgs) -> anyhow::Result<Exit> {
    let subject = &arguments.subject;
    let (of, inspection) = match target::find_subject(subject)? {
        Subject::Image(path) if arguments.bytes.is_some() => {
            // As far as its bytes go, a file is a practice stick.
            let drive = target::find_drive(&path.to_string_lossy())?;
            (HashOf::Drive { drive: drive.identity, len_bytes: arguments.bytes }, None)
        }
        Subject::Image(path) => {
            let inspection = job::inspect(&path).map_err(anyhow::Error::msg)?;
            let of = if arguments.decompressed { HashOf::Image(path) } else { HashOf::File(path) };
            (of, Some(inspection))
        }
        Subject::Drive(drive) => (HashOf::Drive { drive: drive.identity, len_bytes: arguments.bytes }, None),
    };
    let algorithms = algorithms(&arguments.with, inspection.as_ref(), arguments.decompressed);
    let ending = follow::run_to_ending(console, Request::Hash(HashRequest { of, algorithms }))?;
    match &ending {
        Ending::Done { report } | Ending::Different { report } if !console.json() => {
            // As the coreutils print them, so that other programs can read them.
            for named in &report.digests {
                console.result(format_args!("{}  {}", named.digest.hex(), subject.display()));
            }
            for named in &report.digests {
                if let Some(origin) = &named.matches {
                    console.notice(format_args!("The {} is the one in {origin}.", named.digest.algorithm()));
                }
            }
            if let Some(known) = &report.known_as {
                console.notice(format_args!("This is an official image: {known}."));
            }
            if let Some(inspection) = &inspection {
                hints(inspection, arguments.decompressed, report.known_as.is_some())
                    .iter()
                    .for_each(|hint| console.notice(hint));
            }
            if matches!(ending, Ending::Different { .. }) {
                console.error(&report.conclusion);
            }
        }
        _ => follow::say_ending(console, &ending),
    }
    Ok(Exit::of_ending(&ending))
}

/// What was asked for; else SHA-256, and whatever the image can be compared by.
fn algorithms(asked: &[Algorithm], inspection: Option<&Inspection>, decompressed: bool) -> Vec<Algorithm> {
    let mut wanted = asked.to_vec();
    if asked.is_empty() {
        wanted.push(Algorithm::Sha256);
        if let Some(inspection) = inspection {
            let comparable = inspection.published.iter().filter(|p| p.of_decompressed == decompressed);
            wanted.extend(comparable.map(|published| published.digest.algorithm()));
            if inspection.facts.kind == ImageKind::WindowsSetup {
                // Some of the official ones are known by their SHA-1 alone.
                wanted.push(Algorithm::Sha1);
            }
        }
    }
    let mut unique = Vec::new();
    for algorithm in wanted {
        if !unique.contains(&algorithm) {
            unique.push(algorithm);
        }
    }
    unique
}

/// What could be compared in another way, and what an unknown image does not mean.
fn hints(inspection: &Inspection, decompressed: bool, known: bool) -> Vec<String> {
    let mut hints = Vec::new();
    for published in inspection.published.iter().filter(|p| p.of_decompressed != decompressed) {
        let (of, way) = match decompressed {
            true => ("the compressed file", "without --decompressed"),
            false => ("the decompressed image", "with --decompressed"),
        };
        hints.push(format!("{} gives a checksum of {of}: compare it {way}.", published.file.display()));
    }
    if inspection.facts.kind == ImageKind::WindowsSetup && !known {
        hints.push(
            "This image is not on the list of official ones that is built in, which says nothing against it."
                .to_owned(),
        );
    }
    hints
}

#[cfg(test)]
mod tests {
    use crate::source::checksum::Published;
    use crate::source::{Container, ImageFacts};

    use super::*;

    const ABC: &str = "900150983cd24fb0d6963f7d28e17f72";

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
    fn a_checksum_of_other_bytes_is_a_hint() {
        assert_eq!(hints(&inspection_with(ABC, false), false, false), Vec::<String>::new());
        let hint = hints(&inspection_with(ABC, true), false, false).join("");
        assert!(hint.contains("SUMS") && hint.contains("with --decompressed"), "{hint}");
        let hint = hints(&inspection_with(ABC, false), true, false).join("");
        assert!(hint.contains("without --decompressed"), "{hint}");
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
