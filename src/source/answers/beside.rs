//! The script that lies beside an answer file where both are taken off a stick: without it nobody knows what is installed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::ANSWER_PLACES;
use crate::answer::{MAX_XML_BYTES, Reading, SCRIPT_PLACES, Version, read_xml};

/// Reads an answer file that lies at `path`, with the script of this program's that belongs to it, if it lies beside it as
/// on a stick. Returns that script's place on the stick as well. The error is a sentence.
pub fn read_with_script(
    path: &Path,
    bytes: &[u8],
    version: Version,
) -> Result<(Reading, Option<&'static str>), String> {
    for root in ANSWER_PLACES.iter().filter_map(|place| root_of(path, place)) {
        for (place, when) in SCRIPT_PLACES {
            let Some(script) = text(&root.join(place)) else { continue };
            let reading = read_xml(bytes, Some(&script), version)?;
            // A script that the file does not run, or that is somebody else's, tells nothing of it.
            if !reading.options.after_setup.steps.is_empty() && reading.options.after_setup.when == when {
                return Ok((reading, Some(place)));
            }
        }
    }
    Ok((read_xml(bytes, None, version)?, None))
}

/// The folder that the stick's root is, if the file lies at this place in it; what the file is called does not matter.
fn root_of<'a>(path: &'a Path, place: &str) -> Option<&'a Path> {
    match place.rsplit_once('/') {
        None => path.parent(),
        Some((folder, _)) => {
            let above = path.parent()?;
            let is_it = above.file_name()?.to_str()?.eq_ignore_ascii_case(folder);
            is_it.then(|| above.parent())?
        }
    }
}

fn text(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_XML_BYTES as u64).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{AnswerOptions, Architecture, SCRIPT_PLACES, Secrets, Step, Target, When, answer};
    use std::fs;

    #[test]
    fn a_script_counts_where_the_file_runs_it() {
        let target = Target { version: Version::Seven, architectures: vec![Architecture::Amd64] };
        for at in ["Autounattend.xml", "sources/any name.xml", "elsewhere/a.xml"] {
            for when in [When::FirstLogon, When::SetupComplete] {
                let folder = tempfile::tempdir().unwrap();
                let path = |place: &str| folder.path().join(place);
                let mut options = AnswerOptions::default();
                options.after_setup.when = when;
                options.after_setup.steps =
                    vec![Step { name: "A".to_owned(), file: Some("a.msi".to_owned()), ..Step::default() }];
                let made = answer(&options, &target).unwrap();
                let script = made.script.unwrap();
                for place in SCRIPT_PLACES.map(|(place, _)| place).into_iter().chain([at]) {
                    fs::create_dir_all(path(place).parent().unwrap()).unwrap();
                }
                let xml = made.document.to_xml(Secrets::Shown);
                let read = || read_with_script(&path(at), xml.as_bytes(), Version::Seven).unwrap();
                // Nothing there: that something is run at the first logon is said all the same.
                let (reading, place) = read();
                assert_eq!((reading.options.after_setup.steps.len(), place), (0, None));
                assert_eq!(reading.left_over.len(), usize::from(when == When::FirstLogon));
                // One that somebody else wrote, or that lies where this file does not run it.
                for (place, other) in SCRIPT_PLACES {
                    let text = if other == when { "@echo off\r\n" } else { &script.text };
                    fs::write(path(place), text).unwrap();
                }
                if when == When::FirstLogon {
                    assert_eq!(read().1, None);
                }
                fs::write(path(&script.dest), &script.text).unwrap();
                let (reading, place) = read();
                let is_found = at != "elsewhere/a.xml";
                assert_eq!(place, is_found.then_some(script.dest.as_str()), "{at}");
                if is_found {
                    assert_eq!(reading.options.after_setup, options.after_setup);
                    assert!(reading.left_over.is_empty(), "{:?}", reading.left_over);
                }
            }
        }
    }
}
