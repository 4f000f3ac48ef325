//! Another answer file for a stick that stays as it is: which files come and go, what the list of files says of it, and
//! the plan of that, made of the sectors that change.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::device::Identity;
use crate::format::fat::edit::{Change, FatEdit, PieceContent};
use crate::source::{ANSWER_PLACES, Addition, AdditionKind, ImageFacts};

use super::manifest::{self, Added, MANIFEST_NAME, Making, Manifest};
use super::{Extent, Fill, Plan, Refusal};

/// What is to happen to a stick's files, and how the plan of it goes on once the clusters are chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedChange {
    /// Files that come, or have other content: as the stick spells them.
    pub put: Vec<String>,
    /// Files that go.
    pub removed: Vec<String>,
    pub free_bytes: u64,
    /// What is written when the plan's extents are on the medium and proved: each step is proved before the next begins.
    pub steps: Vec<Vec<Extent>>,
    #[serde(skip)]
    pub additions: Vec<Addition>,
}

/// A stick as it is now.
#[derive(Clone, Debug)]
pub struct StickNow {
    pub manifest: Manifest,
    /// Answer files that Setup would find on it, as the stick spells them.
    pub answer_files: Vec<String>,
    /// All its files, likewise.
    pub files: Vec<String>,
}

/// The stick as it shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerChange {
    /// What belongs to the answer file, with its places as the stick spells their folders.
    pub additions: Vec<Addition>,
    /// Everything but the list of files, in order.
    changes: Vec<Change>,
    making: Making,
    /// Files of the list that stay: path, SHA-256.
    kept: Vec<(String, String)>,
    has_checksums: bool,
}

impl StickNow {
    /// Files that belong to its answer file, by their places in the list.
    pub fn answer_parts(&self) -> Vec<&str> {
        self.manifest
            .making
            .added
            .iter()
            .filter(|added| is_of_answer(added))
            .map(|added| added.path.as_str())
            .collect()
    }

    /// Answer files that are not there because of the list: the image's own, or somebody's.
    pub fn others(&self) -> impl Iterator<Item = &String> {
        self.answer_files.iter().filter(|path| {
            let mut ours = self.manifest.making.added.iter().filter(|added| !added.replaces);
            !ours.any(|added| is_of_answer(added) && is_same(&added.path, path))
        })
    }
}

impl AnswerChange {
    /// The answer file with what belongs to it goes, and `additions` come. `replaces`: also where the answer file that is
    /// there was not put there by this program.
    pub fn decide(
        now: &StickNow,
        additions: &[Addition],
        replaces: bool,
        now_unix_secs: Option<i64>,
    ) -> Result<Self, Refusal> {
        let Manifest { making, files } = &now.manifest;
        let mut going: Vec<String> = now.answer_parts().into_iter().map(str::to_owned).collect();
        let others: Vec<&String> = now.others().collect();
        if let Some(path) = others.first().filter(|_| !replaces) {
            return Err(Refusal::AnswerFileOfOthers { path: (*path).clone() });
        }
        if additions.is_empty() && going.is_empty() && others.is_empty() {
            return Err(Refusal::NoAnswerFile);
        }
        let is_listed = |path: &str| files.iter().any(|file| is_same(&file.path, path));
        let of_image = others.iter().any(|path| is_listed(path));
        for path in others {
            if !going.iter().any(|known| is_same(known, path)) {
                going.push(path.clone());
            }
        }
        let additions: Vec<Addition> = additions
            .iter()
            .map(|addition| Addition {
                dest: spelled(&addition.dest, &now.files),
                modified_unix_secs: addition.modified_unix_secs.or(now_unix_secs),
                of_answer: true,
                ..addition.clone()
            })
            .collect();
        let goes = |path: &str| going.iter().any(|gone| is_same(gone, path));
        let is_users = |path: &str| making.added.iter().any(|added| is_same(&added.path, path));
        let is_taken = |path: &str| is_same(path, MANIFEST_NAME) || is_listed(path) || is_users(path);
        if let Some(clash) = additions.iter().find(|it| is_taken(&it.dest) && !goes(&it.dest)) {
            return Err(Refusal::Clash { path: clash.dest.clone() });
        }
        let comes = |path: &str| additions.iter().any(|addition| is_same(&addition.dest, path));

        let mut changes: Vec<Change> = going
            .iter()
            .filter(|path| !comes(path))
            .map(|path| Change::Remove { path: path.clone() })
            .collect();
        changes.extend(additions.iter().filter_map(|addition| match addition.kind {
            AdditionKind::File { len_bytes } => Some(Change::Put {
                path: addition.dest.clone(),
                len_bytes,
                modified_unix_secs: addition.modified_unix_secs,
            }),
            AdditionKind::Folder => None,
        }));
        let emptied: BTreeSet<&str> =
            going.iter().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at])).collect();
        // Those that lie deepest come first. A folder that the user added stays.
        changes.extend(
            emptied
                .into_iter()
                .rev()
                .filter(|path| !is_users(path))
                .map(|path| Change::RemoveIfEmpty { path: path.to_owned() }),
        );

        let mut making = making.clone();
        making.added.retain(|added| !goes(&added.path));
        making.added.extend(additions.iter().map(Added::of));
        making.without_answer_files |= of_image;
        let kept = files.iter().filter(|file| !goes(&file.path));
        let kept = kept.map(|file| (file.path.clone(), file.sha256.clone())).collect();
        Ok(Self { additions, changes, making, kept, has_checksums: !files.is_empty() })
    }

    /// The new list of files. `digests`: of the additions, lower-case hex.
    pub fn manifest(&self, digests: &[String]) -> Vec<u8> {
        let new =
            self.additions.iter().zip(digests).filter(|(addition, _)| addition.kind != AdditionKind::Folder);
        let new = new.map(|(addition, digest)| (addition.dest.clone(), digest.clone()));
        let files: Vec<(String, String)> = match self.has_checksums {
            true => self.kept.iter().cloned().chain(new).collect(),
            false => Vec::new(),
        };
        manifest::render(
            &manifest::head(&self.making),
            files.iter().map(|(path, digest)| (path.as_str(), digest.clone())),
        )
    }

    /// What happens to the volume's files. The list comes last of those that are put.
    pub fn changes(&self, manifest: &[u8], now_unix_secs: Option<i64>) -> Vec<Change> {
        let list = Change::Put {
            path: MANIFEST_NAME.to_owned(),
            len_bytes: manifest.len() as u64,
            modified_unix_secs: now_unix_secs,
        };
        let after = self.changes.iter().position(|change| matches!(change, Change::RemoveIfEmpty { .. }));
        let mut changes = self.changes.clone();
        changes.insert(after.unwrap_or(changes.len()), list);
        changes
    }
}

/// The plan of a change. `edit`: what the [`AnswerChange::changes`] come to on the stick's volume.
pub fn plan_answer_change(
    target: &Identity,
    change: &AnswerChange,
    manifest: Vec<u8>,
    edit: FatEdit,
) -> Result<Plan, Refusal> {
    let sector = u64::from(target.sector_bytes);
    if !edit.sector_bytes.is_multiple_of(sector) {
        let reason = "the volume’s sectors are smaller than the drive’s".to_owned();
        return Err(Refusal::CannotChange { reason });
    }
    let files: Vec<usize> = change
        .additions
        .iter()
        .enumerate()
        .filter(|(_, addition)| addition.kind != AdditionKind::Folder)
        .map(|(index, _)| index)
        .collect();
    let list = Fill::bytes(manifest);
    let fill = |content: PieceContent| match content {
        PieceContent::Zeroes => Fill::Zeroes,
        PieceContent::Bytes(bytes) => Fill::bytes(bytes),
        PieceContent::File { put, offset_bytes } => match files.get(put) {
            Some(index) => Fill::Addition { index: *index, offset: offset_bytes },
            None => list.from(offset_bytes),
        },
    };
    let extents: Vec<Extent> = edit
        .contents
        .into_iter()
        .map(|piece| Extent { start: piece.offset_bytes, len: piece.len_bytes, fill: fill(piece.content) })
        .collect();
    let steps: Vec<Vec<Extent>> = [edit.tables, edit.folders, edit.release]
        .into_iter()
        .map(|patches| {
            let extent = |patch: crate::format::fat::edit::Patch| Extent {
                start: patch.offset_bytes,
                len: patch.bytes.len() as u64,
                fill: Fill::bytes(patch.bytes),
            };
            patches.into_iter().map(extent).collect()
        })
        .collect();
    let mut notes = vec![match change.additions.is_empty() {
        true => "The answer file goes; nothing else on the stick is touched.".to_owned(),
        false => "The answer file is put; nothing else on the stick is touched.".to_owned(),
    }];
    if edit.was_dirty {
        notes.push(
            "The stick was pulled out while a system was using it. All its files are whole; let a system check it when \
             it offers to."
                .to_owned(),
        );
    }
    Ok(Plan {
        target: target.clone(),
        image: ImageFacts::of_nothing("an answer file"),
        extents,
        sized: true,
        wipes: Vec::new(),
        notes,
        advice: Vec::new(),
        stick: None,
        change: Some(Box::new(PlannedChange {
            put: edit.put.into_iter().map(|placed| placed.path).collect(),
            removed: edit.removed,
            free_bytes: edit.free_bytes,
            steps,
            additions: change.additions.clone(),
        })),
    })
}

/// Older sticks have their answer files among the user's other files.
fn is_of_answer(added: &Added) -> bool {
    added.answer || ANSWER_PLACES.iter().any(|place| is_same(place, &added.path))
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The path as the stick has it, as far as it has it: in upper and lower case.
fn spelled(path: &str, files: &[String]) -> String {
    let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).collect();
    for end in ends.into_iter().rev() {
        let there = files.iter().find_map(|other| {
            let (start, rest) = (other.get(..end)?, other.get(end..)?);
            // A file ends where its path does.
            let is_as_long = if end == path.len() { rest.is_empty() } else { rest.starts_with('/') };
            (is_as_long && is_same(start, &path[..end])).then_some(start)
        });
        if let Some(there) = there {
            return format!("{there}{}", &path[end..]);
        }
    }
    path.to_owned()
}
