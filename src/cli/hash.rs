//! `hash`: checksums of an image or a drive, compared with what is published of it.

use crate::base::Algorithm;
use crate::job::{self, Ending, HashOf, HashRequest, Inspection, NamedDigest, Request};
use crate::source::ImageKind;
use crate::source::checksum::Published;

use super::args::HashArgs;
use super::console::Console;
use super::follow;
use super::outcome::Exit;
use super::target::{self, Subject};

pub fn run(console: &Console, arguments: &HashArgs) -> anyhow::Result<Exit> {
    let (of, inspection) = match target::find_subject(&arguments.subject)? {
        Subject::Drive(drive) => (HashOf::Drive { drive: drive.identity, len_bytes: arguments.bytes }, None),
        Subject::Image(path) if arguments.bytes.is_some() => {
            // As far as its bytes go, a file is a practice stick.
            let drive = target::find_drive(&path.to_string_lossy())?;
            (HashOf::Drive { drive: drive.identity, len_bytes: arguments.bytes }, None)
        }
        Subject::Image(path) => {
            // What cannot be recognised can still be summed, so an error is not the end.
            let inspection = job::inspect(&path).ok();
            (if arguments.decompressed { HashOf::Image(path) } else { HashOf::File(path) }, inspection)
        }
    };
    let algorithms = algorithms(&arguments.with, inspection.as_ref(), arguments.decompressed);
    let ending = follow::run_to_ending(console, Request::Hash(HashRequest { of, algorithms }))?;
    match &ending {
        Ending::Done { report } | Ending::Different { report } if !console.json() => {
            // As the coreutils print them, so that other programs can read them.
            for NamedDigest { digest, .. } in &report.digests {
                console.result(format_args!("{}  {}", digest.hex(), arguments.subject.display()));
            }
            match ending {
                Ending::Different { .. } => console.error(&report.conclusion),
                _ => console.notice(&report.conclusion),
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_summed_once() {
        use Algorithm::{Md5, Sha1, Sha256};
        assert_eq!(algorithms(&[Md5, Sha1, Md5], None, false), [Md5, Sha1]);
        assert_eq!(algorithms(&[], None, false), [Sha256]);
    }
}
