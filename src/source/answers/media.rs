//! What an answer file has to agree with: the Windows of the media.

use super::staged::in_both_places;
use super::{AnswerFile, AnswerFileError, additions};
use crate::answer::{
    self, AnswerOptions, Disks, SecretBytes, Severity, Summary, Target, Version, check_xml, guard,
};
use crate::source::windows::{Architecture, WindowsFacts};
use crate::source::{Addition, Origin};

/// An answer file that goes with the media, ready to be laid onto a stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedAnswer {
    pub name: String,
    /// What the stick gets for it.
    pub additions: Vec<Addition>,
    /// What it does: sentences.
    pub notes: Vec<String>,
    /// Setup will erase disks by it: a sentence that says which, and what guards the others.
    pub erases: Option<String>,
    /// What else the user should know before machines are installed by it: sentences.
    pub advice: Vec<String>,
}

/// Compares the answer file with the media and reads the files that belong to it. Blocking.
pub fn prepare_answer(file: &AnswerFile, facts: &WindowsFacts) -> Result<PreparedAnswer, AnswerFileError> {
    let name = file.name().to_owned();
    let (additions, mut advice) = match file {
        AnswerFile::Profile { options, .. } => {
            let target = target_of_media(facts).map_err(|problem| AnswerFileError::new(&name, problem))?;
            let problems = contradictions(options, facts, &target);
            if !problems.is_empty() {
                return Err(AnswerFileError { name, problems });
            }
            let mut advice = answer::advice(options, &target);
            if let Disks::Wipe(wipe) = &options.disks {
                advice.retain(|sentence| *sentence != guard::explanation(wipe));
            }
            (additions(file, &target)?, advice)
        }
        AnswerFile::Xml { bytes, .. } => (in_both_places(bytes, &name), checked(bytes, &name, facts)?),
    };
    let summary = match additions.first().map(|first| &first.origin) {
        Some(Origin::Memory { bytes, .. }) => Summary::of_xml(bytes.reveal()),
        _ => Ok(Summary::default()),
    };
    let summary = summary.map_err(|problem| AnswerFileError::new(&name, problem))?;
    if let AnswerFile::Xml { .. } = file {
        if summary.has_passwords {
            advice.insert(
                0,
                "The passwords in the answer file can be read by whoever has the stick; encoded ones as well."
                    .to_owned(),
            );
        }
        if let Some(edition) = &summary.edition
            && !facts.editions.is_empty()
            && !facts.editions.iter().any(|it| it.name == *edition || it.index.to_string() == *edition)
        {
            advice.push(format!(
                "The answer file chooses the edition “{edition}”, which the media do not have: Setup will stop there. {}",
                editions(facts)
            ));
        }
    }
    let notes = notes(&name, &summary, &additions, facts);
    let additions = beside_every_setup(additions, facts);
    Ok(PreparedAnswer { name, additions, notes, erases: summary.erases(), advice })
}

/// Media for several architectures may have a Setup for each, in `x86` and `x64`; each looks beside itself.
fn beside_every_setup(additions: Vec<Addition>, facts: &WindowsFacts) -> Vec<Addition> {
    const BOOT_IMAGE: &str = "sources/boot.wim";
    let trees: Vec<&str> = facts
        .boot_images
        .iter()
        .filter(|image| image.path.to_lowercase().ends_with(BOOT_IMAGE))
        .filter_map(|image| image.path.get(..image.path.len() - BOOT_IMAGE.len()))
        .collect();
    if trees.is_empty() {
        return additions;
    }
    let places = |addition: &Addition| match addition.dest.starts_with("sources/") {
        true => trees.iter().map(|tree| format!("{tree}{}", addition.dest)).collect(),
        false => vec![addition.dest.clone()],
    };
    let everywhere = additions
        .iter()
        .flat_map(|addition| places(addition).into_iter().map(|dest| Addition { dest, ..addition.clone() }));
    everywhere.collect()
}

/// What is to be said of an XML file of the user's own for these media.
fn checked(bytes: &SecretBytes, name: &str, facts: &WindowsFacts) -> Result<Vec<String>, AnswerFileError> {
    let media = answer::Media {
        // Of several versions one cannot say which it is for.
        version: match versions(facts)[..] {
            [version] => Some(version),
            _ => None,
        },
        architectures: architectures(facts).unwrap_or_default(),
    };
    let findings = check_xml(bytes.reveal(), &media);
    let (errors, warnings): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.severity == Severity::Error);
    let said = |finding: answer::Finding| match finding.line {
        Some(line) => format!("{name}, line {line}: {}", finding.message),
        None => format!("{name}: {}", finding.message),
    };
    match errors.is_empty() {
        true => Ok(warnings.into_iter().map(said).collect()),
        false => {
            let problems = errors.into_iter().map(said).collect();
            Err(AnswerFileError { name: name.to_owned(), problems })
        }
    }
}

fn notes(name: &str, summary: &Summary, additions: &[Addition], facts: &WindowsFacts) -> Vec<String> {
    let mut notes = vec![format!(
        "Setup of {} ({}) will obey the answer file {name}: it answers {}. What it does not answer, Setup asks.",
        facts.product,
        summary.architectures.join(" and "),
        summary.answered()
    )];
    let files = additions.iter().filter(|it| it.origin.path().is_some()).count();
    if files > 0 {
        let noun = if files == 1 { "file" } else { "files" };
        notes.push(format!(
            "{files} {noun} of yours and a script that runs them are copied to each machine, into \\Sticksmith on its \
             system drive."
        ));
    }
    notes
}

/// What a profile says otherwise than the media: sentences.
fn contradictions(options: &AnswerOptions, facts: &WindowsFacts, target: &Target) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(version) = options.windows.filter(|version| *version != target.version) {
        problems.push(format!(
            "The profile is for {version} (its field windows), and the media are {}.",
            target.version
        ));
    }
    let named = &options.architectures;
    if !named.is_empty() && !named.iter().any(|it| target.architectures.contains(it)) {
        let list =
            |of: &[answer::Architecture]| of.iter().map(|it| it.name()).collect::<Vec<_>>().join(" and ");
        problems.push(format!(
            "The profile is for {} (its field architectures), and the media are for {}.",
            list(named),
            list(&target.architectures)
        ));
    }
    let setup = &options.setup;
    if !facts.editions.is_empty() {
        if let Some(name) = &setup.edition
            && !facts.editions.iter().any(|edition| edition.name == *name)
        {
            problems
                .push(format!("setup.edition is “{name}”, which the media do not have. {}", editions(facts)));
        }
        if let Some(index) = setup.edition_index
            && !facts.editions.iter().any(|edition| edition.index == index)
        {
            problems.push(format!(
                "setup.edition_index is {index}, which the media do not have. {}",
                editions(facts)
            ));
        }
    }
    let of_setup = facts.boot_images.iter().flat_map(|image| &image.languages).collect::<Vec<_>>();
    let of_windows = facts.editions.iter().flat_map(|edition| &edition.languages);
    let of_all: Vec<&String> = of_setup.iter().copied().chain(of_windows).collect();
    for (field, wanted, there, whose) in [
        ("setup_language", &options.region.setup_language, of_setup, "Setup on these media"),
        ("ui_language", &options.region.ui_language, of_all, "the media"),
    ] {
        let Some(wanted) = wanted else { continue };
        if !there.is_empty() && !there.iter().any(|tag| tag.eq_ignore_ascii_case(wanted)) {
            let mut tags: Vec<&str> = there.into_iter().map(String::as_str).collect();
            tags.sort_unstable();
            tags.dedup();
            problems.push(format!(
                "region.{field} is “{wanted}”, and {whose} can speak {} only.",
                tags.join(", ")
            ));
        }
    }
    problems
}

/// `They have 1 “Windows 7 STARTER”, 2 “…”.`
fn editions(facts: &WindowsFacts) -> String {
    let list: Vec<String> =
        facts.editions.iter().map(|edition| format!("{} “{}”", edition.index, edition.name)).collect();
    format!("They have {}.", list.join(", "))
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
