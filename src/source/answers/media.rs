//! What an answer file has to agree with: the Windows of the media.

use super::staged::in_both_places;
use super::{AnswerFile, AnswerFileError, additions};
use crate::answer::{self, Severity, Target, Version, check_xml};
use crate::source::Addition;
use crate::source::windows::{Architecture, WindowsFacts};

/// An answer file that goes with the media, ready to be laid onto a stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedAnswer {
    pub name: String,
    /// What the stick gets for it.
    pub additions: Vec<Addition>,
    /// What it does: sentences.
    pub notes: Vec<String>,
    /// What the user should know of it before machines are installed: sentences, the weightiest first.
    pub advice: Vec<String>,
}

/// Compares the answer file with the media and reads the files that belong to it. Blocking.
pub fn prepare_answer(file: &AnswerFile, facts: &WindowsFacts) -> Result<PreparedAnswer, AnswerFileError> {
    let name = file.name().to_owned();
    match file {
        AnswerFile::Profile { options, .. } => {
            let target = target_of_media(facts).map_err(|problem| AnswerFileError::new(&name, problem))?;
            let additions = additions(file, &target)?;
            Ok(PreparedAnswer {
                name,
                additions,
                notes: Vec::new(),
                advice: answer::advice(options, &target),
            })
        }
        AnswerFile::Xml { bytes, .. } => {
            let media = answer::Media {
                version: versions(facts).first().copied(),
                architectures: architectures(facts).unwrap_or_default(),
            };
            let findings = check_xml(bytes.reveal(), &media);
            let (errors, warnings): (Vec<_>, Vec<_>) =
                findings.into_iter().partition(|finding| finding.severity == Severity::Error);
            let said = |finding: answer::Finding| match finding.line {
                Some(line) => format!("{name}, line {line}: {}", finding.message),
                None => format!("{name}: {}", finding.message),
            };
            if !errors.is_empty() {
                let problems = errors.into_iter().map(said).collect();
                return Err(AnswerFileError { name, problems });
            }
            let advice = warnings.into_iter().map(said).collect();
            Ok(PreparedAnswer { additions: in_both_places(bytes, &name), name, notes: Vec::new(), advice })
        }
    }
}

/// What a document has to be made for, so that Setup of these media obeys it. The error is a sentence.
pub fn target_of_media(facts: &WindowsFacts) -> Result<Target, String> {
    let versions = versions(facts);
    let [version] = versions[..] else {
        return Err(match versions.len() {
            0 => format!(
                "The media do not tell which Windows they install ({}), and a profile is made into an answer file for one \
                 of Vista to 11. Use an XML file of your own.",
                facts.product
            ),
            _ => {
                let names: Vec<_> = versions.iter().map(Version::to_string).collect();
                format!(
                    "The media have several versions of Windows ({}), and an answer file is for one. Use media of one \
                     version, or an XML file of your own.",
                    names.join(", ")
                )
            }
        });
    };
    Ok(Target { version, architectures: architectures(facts)? })
}

/// Of what is installed; of Setup's own image where nothing tells that.
fn versions(facts: &WindowsFacts) -> Vec<Version> {
    let of_editions = facts.editions.iter().filter_map(|edition| edition.version);
    let of_setup = facts.boot_images.iter().filter_map(|image| image.version);
    let mut versions: Vec<Version> = of_editions.filter_map(Version::of_image).collect();
    if versions.is_empty() {
        versions = facts.version.into_iter().chain(of_setup).filter_map(Version::of_image).collect();
    }
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// Those of Setup, which reads the file, and those of what is installed, which reads it later.
fn architectures(facts: &WindowsFacts) -> Result<Vec<answer::Architecture>, String> {
    let of_setup = facts.boot_images.iter().filter_map(|image| image.architecture);
    let of_editions = facts.editions.iter().filter_map(|edition| edition.architecture);
    let mut found: Vec<Architecture> = of_setup.chain(of_editions).collect();
    if found.is_empty() {
        found.clone_from(&facts.architectures);
    }
    let mut known = Vec::new();
    for architecture in found {
        let architecture = match architecture {
            Architecture::X86 => answer::Architecture::X86,
            Architecture::X64 => answer::Architecture::Amd64,
            Architecture::Arm64 => answer::Architecture::Arm64,
            Architecture::Arm => {
                return Err("Answer files cannot be made for Windows on 32-bit ARM.".to_owned());
            }
        };
        if !known.contains(&architecture) {
            known.push(architecture);
        }
    }
    match known.is_empty() {
        true => Err("The media do not tell which processors they are for.".to_owned()),
        false => Ok(known),
    }
}
