//! Checks a stick that was laid out file by file: each file wherever it lies now, and what makes the stick start. What a
//! system does to a stick that is merely plugged in is told, and no fault.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::Cancel;
use crate::device::{BlockDevice, Drive, Standing};
use crate::engine::{self, Mismatch, Phase};
use crate::format::FormatError;
use crate::plan::manifest::{Added, MANIFEST_NAME, Manifest};
use crate::plan::{FoundFile, Plan, PlanOptions, PlannedStick, Refusal, WindowsOptions, plan};
use crate::source::{Addition, AdditionKind, Origin, Source, alike_as_one};

use super::super::super::landmarks::Landmarks;
use super::super::super::recorder::Recorder;
use super::super::super::watch::media;
use super::super::super::{Event, FindingKind, Report};
use super::super::{Stop, Verdict};
use super::boot::{self, THIS_PROGRAM};
use super::difference;
use super::findings::Findings;
use super::volume::{self, Volume};

/// Room for any Windows: where a stick does not say how large it was, only the files of its plan count.
const LARGE_DRIVE_BYTES: u64 = 1 << 40;

/// A stick that is being read, for whoever watches and may cancel.
pub(super) struct Reading<'a> {
    pub device: Arc<dyn BlockDevice>,
    pub recorder: &'a Recorder,
    pub cancel: &'a Cancel,
}

/// By the list of files that the program left on the stick.
pub(super) fn against_manifest(reading: &Reading<'_>, report: &mut Report) -> Result<Verdict, Stop> {
    let mut findings = Findings::default();
    let volume = match volume::read(&*reading.device) {
        Ok(Some(volume)) => volume,
        Ok(None) => return Err(Refusal::NoManifest.into()),
        Err(error) => return damaged_tables(&error, findings, report),
    };
    tell_answers(&volume, reading, report);
    let manifest = match &volume.manifest {
        Some(Ok(manifest)) if !manifest.files.is_empty() => manifest,
        Some(Ok(_)) => return Err(Refusal::NoManifest.into()),
        Some(Err(what)) => {
            return Err(Stop::Failed(format!(
                "the list of files on the stick {what}; check the stick against its image instead"
            )));
        }
        None => {
            for found in alike_as_one(&volume.answers) {
                reading.recorder.warn(format!("The stick carries an answer file. {}", found.line()));
            }
            return Err(Refusal::NoManifest.into());
        }
    };
    findings.add_table_copies(&volume);
    findings.add_tree(&tree_difference(&volume, manifest.files.iter().map(|file| file.path.as_str())));
    let wanted: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    let compared =
        prove_by_digests(reading, &volume, manifest, &wanted, Phase::Comparing, &mut findings, report)?;
    findings.add_boot(boot::differences(&*reading.device, volume.start_bytes, &manifest.making)?);
    let proved = format!(
        "{compared} files ({} bytes) were read and compared with the checksums that were left on the stick.",
        report.proof.verified_bytes
    );
    Ok(findings.conclude(&proved, report))
}

/// By the image that it was made from. `None`: the drive has no volume of files.
pub(super) fn against_image(
    source: &Source,
    drive: &Drive,
    reading: &Reading<'_>,
    report: &mut Report,
) -> Result<Option<Verdict>, Stop> {
    let mut findings = Findings::default();
    let volume = match volume::read(&*reading.device) {
        Ok(Some(volume)) => volume,
        Ok(None) => return Ok(None),
        Err(error) => return damaged_tables(&error, findings, report).map(Some),
    };
    tell_answers(&volume, reading, report);
    let manifest = match &volume.manifest {
        Some(Ok(manifest)) => Some(manifest),
        Some(Err(what)) => {
            findings.add(FindingKind::Changed, None, format!("The list of files on the stick {what}."));
            None
        }
        None => None,
    };
    let plan = planned(source, drive, manifest)?;
    let Some(stick) = &plan.stick else { return Ok(None) };
    reading.recorder.event(Event::Planned { plan: Box::new(plan.clone()) });

    findings.add_table_copies(&volume);
    let expected = stick.files.iter().map(|file| file.path.as_str());
    findings.add_tree(&tree_difference(&volume, expected));
    add_lengths(&mut findings, stick, &volume);
    // Another version of the program may make other tables; its files are the same.
    let mut is_ours = manifest.is_some_and(|manifest| manifest.making.program == THIS_PROGRAM);
    if manifest.is_some() && drive.identity.size_bytes < plan.target.size_bytes {
        let detail =
            format!("The stick had {} bytes when it was made and has fewer now.", plan.target.size_bytes);
        findings.add(FindingKind::Changed, None, detail);
        is_ours = false;
    }
    let as_it_lies = match plan.as_it_lies(&volume.files, is_ours) {
        Ok(plan) => plan,
        Err((one, other)) => {
            let detail = format!("{one} and {other} lie on the same place: the file system is damaged.");
            findings.add(FindingKind::Changed, None, detail);
            return Ok(Some(findings.conclude("The files were not compared.", report)));
        }
    };
    let observer = |step| reading.recorder.step(step);
    report.proof = engine::compare(&as_it_lies, source, &reading.device, &observer, reading.cancel)?;
    let landmarks = Landmarks::of(&*reading.device);
    judge(&mut report.proof.mismatches, stick, &volume, &landmarks, &mut findings);
    if !report.proof.truncated {
        report.proof.different_bytes = report.proof.mismatches.iter().map(|m| m.len).sum();
    }
    if let Some(manifest) = manifest {
        let patched = stick.patched.iter().map(|patched| patched.path.as_str());
        let added: Vec<&str> =
            stick.additions.iter().map(|added| added.dest.as_str()).chain(patched).collect();
        prove_by_digests(reading, &volume, manifest, &added, Phase::Hashing, &mut findings, report)?;
    }
    let tables = match is_ours && !findings.are_structural() {
        true => ", and what makes the stick start is as it was made",
        false => "",
    };
    let proved = format!(
        "{} bytes of the stick’s files were compared with the image{tables}.",
        report.proof.verified_bytes
    );
    Ok(Some(findings.conclude(&proved, report)))
}

/// A refusal has no report, so that what the stick would erase is said at once.
fn tell_answers(volume: &Volume, reading: &Reading<'_>, report: &mut Report) {
    report.answers.clone_from(&volume.answers);
    for found in alike_as_one(&volume.answers) {
        if let Some(erases) = found.erases() {
            reading.recorder.warn(format!("{}: {erases}", found.path));
        }
    }
}

fn damaged_tables(error: &FormatError, mut findings: Findings, report: &mut Report) -> Result<Verdict, Stop> {
    if let FormatError::Io { .. } = error {
        return Err(Stop::Failed(error.to_string()));
    }
    findings.add(FindingKind::Changed, None, format!("The file system on the stick is damaged: {error}."));
    Ok(findings.conclude("No file could be compared.", report))
}

/// The plan that the stick was made by, or one that has at least its files.
fn planned(source: &Source, drive: &Drive, manifest: Option<&Manifest>) -> Result<Plan, Stop> {
    let mut drive = drive.clone();
    let windows = match manifest {
        Some(Manifest { making, files }) => {
            drive.identity.size_bytes = making.drive_bytes;
            drive.identity.sector_bytes = making.sector_bytes;
            WindowsOptions {
                scheme: making.scheme,
                split_bytes: making.split_bytes,
                additions: making.added.iter().map(addition).collect(),
                without_checksums: files.is_empty(),
                answer: None,
                without_answer_files: making.without_answer_files,
                without_spare_room: true,
                seed: Some(making.seed),
                patched: making.patched.clone(),
                ..WindowsOptions::default()
            }
        }
        None => {
            drive.identity.size_bytes = LARGE_DRIVE_BYTES;
            WindowsOptions::default()
        }
    };
    let options = PlanOptions { windows, ..PlanOptions::default() };
    Ok(plan(source.facts(), media(source).as_ref(), &drive, &Standing::Selectable, &options)?)
}

/// Where the user's file came from does not matter any more.
fn addition(added: &Added) -> Addition {
    Addition {
        dest: added.path.clone(),
        origin: Origin::Disk(PathBuf::new()),
        kind: added.bytes.map_or(AdditionKind::Folder, |len_bytes| AdditionKind::File { len_bytes }),
        modified_unix_secs: added.modified_unix_secs,
        replaces: added.replaces,
        of_answer: added.answer,
    }
}

fn tree_difference<'a>(
    volume: &Volume,
    expected: impl Iterator<Item = &'a str>,
) -> difference::TreeDifference {
    let is_there = volume.manifest.is_some();
    let expected = expected.filter(|path| *path != MANIFEST_NAME).chain(is_there.then_some(MANIFEST_NAME));
    difference::compare(expected, &volume.files, &volume.folders)
}

fn add_lengths(findings: &mut Findings, stick: &PlannedStick, volume: &Volume) {
    let lens: HashMap<String, u64> =
        stick.files.iter().map(|file| (file.path.to_lowercase(), file.len)).collect();
    for file in &volume.files {
        if let Some(len) = lens.get(&file.path.to_lowercase()).filter(|len| **len != file.len_bytes()) {
            let detail = format!("{} has {} bytes and should have {len}.", file.path, file.len_bytes());
            findings.add(FindingKind::Changed, Some(&file.path), detail);
        }
    }
}

/// Reads the files of `wanted` and compares their SHA-256 with the manifest's. Returns how many there are.
fn prove_by_digests(
    reading: &Reading<'_>,
    volume: &Volume,
    manifest: &Manifest,
    wanted: &[&str],
    phase: Phase,
    findings: &mut Findings,
    report: &mut Report,
) -> Result<usize, Stop> {
    let listed: HashMap<String, &str> =
        manifest.files.iter().map(|file| (file.path.to_lowercase(), file.sha256.as_str())).collect();
    let wanted: HashSet<String> = wanted.iter().map(|path| path.to_lowercase()).collect();
    let mut files: Vec<(&FoundFile, &str)> = volume
        .files
        .iter()
        .filter_map(|file| {
            let key = file.path.to_lowercase();
            wanted.contains(&key).then(|| Some((file, *listed.get(&key)?)))?
        })
        .collect();
    // In the order of the medium.
    files.sort_by_key(|(file, _)| file.pieces.first().map(|piece| piece.0));
    let pieces: Vec<engine::Pieces> = files.iter().map(|(file, _)| file.pieces.clone()).collect();
    let observer = |step| reading.recorder.step(step);
    let hashed = engine::hash_files(&reading.device, &pieces, phase, &observer, reading.cancel)?;
    report.proof.past_cache = hashed.past_cache;
    for ((file, expected), actual) in files.iter().zip(hashed.digests) {
        report.proof.verified_bytes += file.len_bytes();
        if **expected != *actual {
            let detail =
                format!("{} is not what it was: its SHA-256 is {actual}, not {expected}.", file.path);
            findings.add(FindingKind::Changed, Some(&file.path), detail);
        }
    }
    Ok(files.len())
}

/// Gives each difference the name of what lies there now, and takes out those that are a system's doing.
fn judge(
    mismatches: &mut Vec<Mismatch>,
    stick: &PlannedStick,
    volume: &Volume,
    landmarks: &Landmarks,
    findings: &mut Findings,
) {
    let mut pieces: Vec<(u64, u64, &str)> = Vec::new();
    for file in &volume.files {
        pieces.extend(file.pieces.iter().map(|(start, len)| (*start, *len, file.path.as_str())));
    }
    pieces.sort_unstable();
    let tables = stick.tables();
    let mut has_marks = false;
    mismatches.retain_mut(|mismatch| {
        let last = mismatch.offset + mismatch.len - 1;
        let after = pieces.partition_point(|(start, ..)| *start <= mismatch.offset);
        let file = after.checked_sub(1).and_then(|at| pieces.get(at));
        if let Some((start, _, path)) = file.filter(|(start, len, _)| mismatch.offset < start + len) {
            mismatch.what = Some((*path).to_owned());
            let detail =
                format!("{path} is not what the image has, from its byte {} on.", mismatch.offset - start);
            findings.add(FindingKind::Changed, Some(path), detail);
            return true;
        }
        let is_mark = |at| tables.contains(&at) || landmarks.is_harmless(at);
        if (mismatch.offset..=last).all(is_mark) {
            has_marks = true;
            return false;
        }
        let what = landmarks.describe(mismatch.offset, mismatch.len);
        let what = what.unwrap_or_else(|| stick.what_lies_at(mismatch.offset));
        findings.add(
            FindingKind::Changed,
            None,
            format!("What is at byte {} differs: {what}.", mismatch.offset),
        );
        mismatch.what = Some(what);
        true
    });
    if has_marks {
        let detail =
            "The volume’s tables bear the marks of having been mounted (dates, free space, folders)."
                .to_owned();
        findings.add(FindingKind::Tolerated, None, detail);
    }
}
