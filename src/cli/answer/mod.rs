//! `answer`: profiles and answer files. Nothing but the named files is read or written, and the stick that is named.

mod args;
mod stick;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use serde_json::json;

use crate::answer::{
    AnswerOptions, Architecture, Finding, Media, ProfileFormat, Secrets, Severity, Target, Version,
    Violation, advice, answer, check_xml, read_profile, template, time_zones, write_profile,
};
use crate::job;
use crate::plan::Refusal;
use crate::region::{self, ThisRegion};
use crate::source::{AnswerFile, prepare_answer, read_with_script};

use super::console::Console;
use super::outcome::{Exit, refuse, refuse_for};

pub use args::{AnswerCommand, AnswerTarget};

pub fn run(console: &Console, command: &AnswerCommand) -> anyhow::Result<Exit> {
    match command {
        AnswerCommand::New { file, version, this_region, force } => {
            let region = this_region.then(region::this_region);
            new(console, file, *version, region.as_ref(), *force)
        }
        AnswerCommand::Check { file, target, image } => check(console, file, target, image.as_deref()),
        AnswerCommand::Show { file, target, secrets, script } => {
            let secrets = if *secrets { Secrets::Shown } else { Secrets::Masked };
            show(console, file, target, secrets, *script)
        }
        AnswerCommand::Put { stick, file, replace_answer } => {
            stick::put(console, stick, file, *replace_answer)
        }
        AnswerCommand::Remove { stick, replace_answer } => stick::remove(console, stick, *replace_answer),
        AnswerCommand::Zones { words } => zones(console, &words.join(" ")),
    }
}

fn new(
    console: &Console,
    file: &Path,
    version: Version,
    region: Option<&ThisRegion>,
    force: bool,
) -> anyhow::Result<Exit> {
    if !force && file.exists() {
        return refuse(format!("{} exists; --force replaces it.", file.display()));
    }
    if region.is_some_and(ThisRegion::is_empty) {
        console.notice(
            "This computer does not say in a known way how it is set; the profile has examples instead.",
        );
    }
    let text = template(version, &region.map(ThisRegion::for_profile).unwrap_or_default());
    let is_json = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let text = if is_json {
        // JSON has no comments: what the template asks for is left.
        write_profile(&read_profile(text.as_bytes())?, ProfileFormat::Json, Secrets::Shown)
    } else {
        text
    };
    let written = OpenOptions::new().write(true).create(true).create_new(!force).truncate(force).open(file);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("{} cannot be written", file.display()))?;
    if console.json() {
        console.object(&json!({ "profile": file.display().to_string(), "windows": version.name() }));
    }
    console.notice(format_args!("{} is a profile for {version}; now fill it in.", file.display()));
    Ok(Exit::Done)
}

fn read(file: &Path) -> anyhow::Result<AnswerFile> {
    AnswerFile::read(file).or_else(|error| refuse(error.to_string()))
}

/// What was typed counts before what the profile says.
fn target_of(options: &AnswerOptions, typed: &AnswerTarget) -> anyhow::Result<Target> {
    let Some(version) = typed.version.or(options.windows) else {
        return refuse(
            "The profile does not say which Windows it is for; windows = \"7\" in it does, or --for 7 (vista, 7, 8, 8.1, \
             10, 11).",
        );
    };
    let mut architectures = typed.architectures.clone();
    if architectures.is_empty() {
        architectures = options.architectures.clone();
    }
    if architectures.is_empty() {
        architectures.push(Architecture::Amd64);
    }
    Ok(Target { version, architectures })
}

fn check(console: &Console, file: &Path, typed: &AnswerTarget, image: Option<&Path>) -> anyhow::Result<Exit> {
    let answer_file = read(file)?;
    let findings = match (image, &answer_file) {
        (Some(image), _) => held_against(console, &answer_file, image)?,
        (None, AnswerFile::Xml { bytes, .. }) => {
            let media = Media { version: typed.version, architectures: typed.architectures.clone() };
            check_xml(bytes.reveal(), &media)
        }
        (None, AnswerFile::Profile { options, .. }) => {
            let target = target_of(options, typed)?;
            match answer(options, &target) {
                Err(violations) => {
                    violations.iter().map(|it| whole(Severity::Error, format!("{it}."))).collect()
                }
                Ok(_) => {
                    let advice = advice(options, &target);
                    advice.into_iter().map(|it| whole(Severity::Warning, it)).collect()
                }
            }
        }
    };
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if console.json() {
        let findings: Vec<_> = findings.iter().map(finding_object).collect();
        console
            .object(&json!({ "file": file.display().to_string(), "errors": errors, "findings": findings }));
    }
    for Finding { severity, line, message } in &findings {
        let kind = match severity {
            Severity::Error => "Error",
            Severity::Warning => "Note",
        };
        let place = line.map(|line| format!(" in line {line}")).unwrap_or_default();
        console.result(format_args!("{kind}{place}: {message}"));
    }
    console.notice_result(match errors {
        0 => format!("{} can be used.", file.display()),
        _ => format!("{} cannot be used as it is.", file.display()),
    });
    Ok(if errors == 0 { Exit::Done } else { Exit::Different })
}

/// What a stick of this image would say of it.
fn held_against(console: &Console, file: &AnswerFile, image: &Path) -> anyhow::Result<Vec<Finding>> {
    let facts =
        job::inspect(image).map_err(|error| anyhow!("{} cannot be used: {error}", image.display()))?;
    let Some(windows) = &facts.facts.windows else { return refuse_for(Refusal::NotWindows) };
    Ok(match prepare_answer(file, windows) {
        Ok(prepared) => {
            prepared.notes.iter().for_each(|note| console.notice(note));
            let warnings = prepared.erases.into_iter().chain(prepared.advice);
            warnings.map(|it| whole(Severity::Warning, it)).collect()
        }
        Err(error) => error.problems.into_iter().map(|it| whole(Severity::Error, it)).collect(),
    })
}

fn whole(severity: Severity, message: String) -> Finding {
    Finding { severity, line: None, message }
}

fn finding_object(finding: &Finding) -> serde_json::Value {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    json!({ "severity": severity, "line": finding.line, "message": finding.message })
}

fn show(
    console: &Console,
    file: &Path,
    typed: &AnswerTarget,
    secrets: Secrets,
    script: bool,
) -> anyhow::Result<Exit> {
    match read(file)? {
        AnswerFile::Profile { options, .. } => {
            let target = target_of(&options, typed)?;
            let answer = match answer(&options, &target) {
                Ok(answer) => answer,
                Err(violations) => return refuse(broken(file, &violations)),
            };
            let notes = advice(&options, &target);
            let text = match (&answer.script, script) {
                (_, false) => answer.document.to_xml(secrets),
                (Some(script), true) => script.text.clone(),
                (None, true) => {
                    return refuse("This profile asks for no script: it has no applications or commands.");
                }
            };
            let script = answer.script.map(|script| json!({ "dest": script.dest, "text": script.text }));
            let files: Vec<_> =
                answer.files.iter().map(|it| json!({ "file": it.file, "dest": it.dest })).collect();
            if console.json() {
                console.object(&json!({ "xml": text, "script": script, "files": files, "notes": notes }));
                return Ok(Exit::Done);
            }
            console.raw(text.as_bytes());
            notes.iter().for_each(|note| console.notice(note));
        }
        AnswerFile::Xml { .. } if script => {
            return refuse("An XML file has no script in it; a profile makes one.");
        }
        AnswerFile::Xml { bytes, .. } => {
            let version = typed.version.unwrap_or(Version::Seven);
            let (reading, script) = match read_with_script(file, bytes.reveal(), version) {
                Ok(reading) => reading,
                Err(error) => return refuse(error),
            };
            let text = write_profile(&reading.options, ProfileFormat::Toml, secrets);
            if console.json() {
                console.object(
                    &json!({ "profile": reading.options, "script": script, "left_over": reading.left_over }),
                );
                return Ok(Exit::Done);
            }
            console.raw(text.as_bytes());
            if let Some(place) = script {
                console.notice(format_args!(
                    "Its script {place} was read as well; the files of the steps lie there too."
                ));
            }
            for path in &reading.left_over {
                console.notice(format_args!("Not in the profile: {path}"));
            }
        }
    }
    if secrets == Secrets::Masked {
        console.notice("Secrets, if there are any, are masked; with --secrets they are printed.");
    }
    Ok(Exit::Done)
}

/// One sentence for each limit.
fn broken(file: &Path, violations: &[Violation]) -> String {
    let list: Vec<String> = violations.iter().map(|violation| format!("{violation}.")).collect();
    format!("{} cannot be made an answer file.\n{}", file.display(), list.join("\n"))
}

fn zones(console: &Console, words: &str) -> anyhow::Result<Exit> {
    let found = time_zones::search(words);
    if found.is_empty() {
        return refuse(format!("No time zone of Windows has “{words}” in its names."));
    }
    for zone in found {
        if console.json() {
            let iana: Vec<_> = zone.iana_names().collect();
            console.object(&json!({ "id": zone.id, "from_utc": zone.from_utc, "iana": iana }));
        } else {
            let names: Vec<_> = zone.iana_names().take(3).collect();
            console.result(format_args!("UTC{}  {:<32} {}", zone.from_utc, zone.id, names.join(", ")));
        }
    }
    Ok(Exit::Done)
}
