//! The files that an answer file comes to on a stick.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::{AnswerFile, AnswerFileError};
use crate::answer::{AnswerOptions, SecretBytes, Secrets, StagedFile, Target, answer};
use crate::source::addition::modified;
use crate::source::{Addition, AdditionKind, Origin};

/// Setup looks into the root of removable drives, and beside itself: a stick that calls itself fixed is found by the second
/// only.
pub const ANSWER_PLACES: [&str; 2] = ["Autounattend.xml", "sources/Autounattend.xml"];
/// Windows' limit for a whole path, which Setup meets as `D:\` and the place on the stick.
const MAX_PATH_UNITS: usize = 259 - "D:\\".len();

/// Everything that goes onto a stick for this answer file: `Autounattend.xml` in both its places, the script, and the files
/// of the steps, read where they lie on this computer. `target`: what the media on the stick are.
pub fn additions(file: &AnswerFile, target: &Target) -> Result<Vec<Addition>, AnswerFileError> {
    match file {
        AnswerFile::Xml { bytes, name } => Ok(in_both_places(bytes, name)),
        AnswerFile::Profile { options, folder, name } => of_profile(options, folder, name, target),
    }
}

pub(super) fn in_both_places(bytes: &SecretBytes, name: &str) -> Vec<Addition> {
    ANSWER_PLACES.map(|place| made(place.to_owned(), bytes.clone(), name)).into()
}

fn made(dest: String, bytes: SecretBytes, name: &str) -> Addition {
    Addition {
        dest,
        kind: AdditionKind::File { len_bytes: bytes.len_bytes() },
        origin: Origin::Memory { bytes, of: format!("the answer file {name}") },
        modified_unix_secs: None,
        replaces: false,
        of_answer: true,
    }
}

fn of_profile(
    options: &AnswerOptions,
    folder: &Path,
    name: &str,
    target: &Target,
) -> Result<Vec<Addition>, AnswerFileError> {
    let answer = answer(options, target).map_err(|limits| AnswerFileError::of_limits(name, &limits))?;
    let xml = SecretBytes::new(answer.document.to_xml(Secrets::Shown).into_bytes());
    let mut additions = in_both_places(&xml, name);
    if let Some(script) = answer.script {
        additions.push(made(script.dest, SecretBytes::new(script.text.into_bytes()), name));
    }
    let mut problems = Vec::new();
    // Several steps may run one file.
    let mut staged: Vec<(&StagedFile, PathBuf)> = Vec::new();
    for file in &answer.files {
        let path = on_this_computer(folder, &file.file);
        let step = step_of(options, file);
        let same_place = |other: &Addition| other.dest.to_lowercase() == file.dest.to_lowercase();
        if staged.iter().any(|(other, at)| other.dest == file.dest && *at == path) {
            continue;
        }
        if let Some((other, _)) =
            staged.iter().find(|(other, _)| other.dest.to_lowercase() == file.dest.to_lowercase())
        {
            problems.push(format!(
                "{step} and {} would be one file on the machine ({}): rename one of them.",
                step_of(options, other),
                file.dest
            ));
            continue;
        }
        if additions.iter().any(same_place) {
            problems.push(format!(
                "{step} has a file whose place is taken by the answer file’s own {}.",
                file.dest
            ));
            continue;
        }
        let units = file.dest.encode_utf16().count();
        if units > MAX_PATH_UNITS {
            problems.push(format!(
                "{step} has a file whose path on the stick would have {units} characters, and Setup copies none with more \
                 than {MAX_PATH_UNITS}: give {} a shorter name.",
                file.file
            ));
            continue;
        }
        match listed(&path, &file.dest) {
            Ok(addition) => additions.push(addition),
            Err(what) => problems.push(format!("{step}: {} {what}.", path.display())),
        }
        staged.push((file, path));
    }
    match problems.is_empty() {
        true => Ok(additions),
        false => Err(AnswerFileError { name: name.to_owned(), problems }),
    }
}

/// `Step 2, “7-Zip”,`: the first that has this file.
fn step_of(options: &AnswerOptions, file: &StagedFile) -> String {
    let mut steps = options.after_setup.steps.iter().enumerate();
    match steps.find(|(_, step)| step.file.as_ref() == Some(&file.file)) {
        Some((at, step)) => format!("Step {} (“{}”)", at + 1, step.name),
        None => "A step".to_owned(),
    }
}

/// Profiles are written on Windows as well: slashes may lean either way.
fn on_this_computer(folder: &Path, file: &str) -> PathBuf {
    let as_it_is = folder.join(file);
    if as_it_is.exists() { as_it_is } else { folder.join(file.replace('\\', "/")) }
}

/// The error is the end of the sentence “the file …”.
fn listed(path: &Path, dest: &str) -> Result<Addition, String> {
    // Opened, because one that cannot be read would show only in the middle of the writing.
    let metadata = match File::open(path).and_then(|file| file.metadata()) {
        Ok(metadata) => metadata,
        Err(error) => return Err(format!("cannot be read: {error}")),
    };
    if !metadata.is_file() {
        return Err("is no file".to_owned());
    }
    Ok(Addition {
        dest: dest.to_owned(),
        origin: Origin::Disk(path.to_owned()),
        kind: AdditionKind::File { len_bytes: metadata.len() },
        modified_unix_secs: modified(&metadata),
        replaces: false,
        of_answer: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Architecture, Step, Version};
    use std::fs;

    fn target() -> Target {
        Target { version: Version::Seven, architectures: vec![Architecture::X86, Architecture::Amd64] }
    }

    fn profile(folder: &Path, files: &[&str]) -> AnswerFile {
        let mut options = AnswerOptions::default();
        options.after_setup.steps = files
            .iter()
            .map(|file| Step {
                name: format!("Run {}", files.len()),
                file: Some((*file).to_owned()),
                ..Step::default()
            })
            .collect();
        AnswerFile::Profile {
            options: Box::new(options),
            folder: folder.to_owned(),
            name: "p.toml".to_owned(),
        }
    }

    #[test]
    fn a_profile_becomes_the_files_of_a_stick() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("apps")).unwrap();
        fs::write(folder.path().join("apps/Büro.msi"), b"12345").unwrap();
        let file = profile(folder.path(), &["apps\\Büro.msi", "apps\\Büro.msi"]);
        let found = additions(&file, &target()).unwrap();
        let dests: Vec<&str> = found.iter().map(|addition| addition.dest.as_str()).collect();
        let below = "sources/$OEM$/$1/Sticksmith";
        assert_eq!(
            dests,
            [
                "Autounattend.xml",
                "sources/Autounattend.xml",
                &format!("{below}/first-logon.cmd"),
                &format!("{below}/Büro.msi")
            ]
        );
        assert!(found.iter().all(|addition| addition.of_answer && !addition.replaces));
        assert_eq!(found[3].kind, AdditionKind::File { len_bytes: 5 });
        let Origin::Memory { bytes, of } = &found[0].origin else { panic!("{found:?}") };
        assert_eq!(of, "the answer file p.toml");
        let text = std::str::from_utf8(bytes.reveal()).unwrap();
        assert!(text.contains("\"x86\"") && text.contains("\"amd64\""), "{text}");
        assert_eq!(found[0].origin, found[1].origin);
    }

    #[test]
    fn what_cannot_go_onto_the_stick_is_named_with_its_step() {
        let folder = tempfile::tempdir().unwrap();
        for sub in ["a", "b"] {
            fs::create_dir(folder.path().join(sub)).unwrap();
            fs::write(folder.path().join(sub).join("x.exe"), b"").unwrap();
        }
        fs::create_dir(folder.path().join("folder.exe")).unwrap();
        let fails = |files: &[&str]| {
            let error = additions(&profile(folder.path(), files), &target()).unwrap_err();
            assert_eq!((error.name.as_str(), error.problems.len()), ("p.toml", 1), "{error}");
            error.to_string()
        };
        let text = fails(&["a/x.exe", "none.exe"]);
        assert!(text.contains("Step 2 (“Run 2”)") && text.contains("none.exe cannot be read"), "{text}");
        assert!(fails(&["folder.exe"]).contains("is no file"));
        assert!(fails(&["a/x.exe", "b/X.exe"]).contains("b/X.exe"));
        let long = format!("{}.exe", "ü".repeat(230));
        let text = fails(&[&long]);
        assert!(text.contains("262 characters"), "{text}");
        let limit = fails(&["a/x.zip"]);
        assert!(limit.contains("after_setup.steps[0].file"), "{limit}");
    }

    #[test]
    fn a_file_of_the_users_own_goes_as_it_is() {
        let bytes = SecretBytes::new(*b"<unattend/>");
        let file = AnswerFile::Xml { bytes: bytes.clone(), name: "own.xml".to_owned() };
        let found = additions(&file, &target()).unwrap();
        assert_eq!(found.iter().map(|it| it.dest.as_str()).collect::<Vec<_>>(), ANSWER_PLACES);
        assert!(
            found.iter().all(|it| matches!(&it.origin, Origin::Memory { bytes: it, .. } if *it == bytes))
        );
    }
}
