//! Answer files that lie on media or on a stick already.

use serde::{Deserialize, Serialize};

use crate::answer::{MAX_XML_BYTES, Summary};
use crate::format::tree::{EntryKind, ImageTree};
use crate::source::windows::ANSWER_FILES;

/// An answer file that Setup would find.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAnswer {
    /// As it is spelled there.
    pub path: String,
    /// `None`: it could not be understood.
    pub summary: Option<Summary>,
    /// Why not: a sentence.
    pub problem: Option<String>,
}

impl FoundAnswer {
    /// `bytes`: the file, or so much of it that it is seen to be too large.
    pub(in crate::source) fn of(path: String, bytes: Result<Vec<u8>, String>) -> Self {
        match bytes.and_then(|bytes| Summary::of_xml(&bytes)) {
            Ok(summary) => Self { path, summary: Some(summary), problem: None },
            Err(problem) => Self { path, summary: None, problem: Some(problem) },
        }
    }

    /// `Autounattend.xml: for amd64; answers …`
    pub fn line(&self) -> String {
        match (&self.summary, &self.problem) {
            (Some(summary), _) => format!("{}: {}", self.path, summary.line()),
            (None, problem) => {
                let problem = problem.as_deref().unwrap_or("It is empty.");
                format!("{}: an answer file that cannot be understood. {problem}", self.path)
            }
        }
    }

    /// A sentence, if Setup erases a disk by it.
    pub fn erases(&self) -> Option<String> {
        self.summary.as_ref().and_then(Summary::erases)
    }
}

/// Setup looks in several places, and mostly the same file lies in each: those that say the same, as one with the paths of
/// all.
pub fn alike_as_one(found: &[FoundAnswer]) -> Vec<FoundAnswer> {
    let mut told: Vec<FoundAnswer> = Vec::new();
    for answer in found {
        let twin = told
            .iter_mut()
            .find(|other| (&other.summary, &other.problem) == (&answer.summary, &answer.problem));
        match twin {
            Some(twin) => twin.path = format!("{} and {}", twin.path, answer.path),
            None => told.push(answer.clone()),
        }
    }
    told
}

/// Those in a tree, the one that Setup takes first at first. What cannot be read is not there.
pub fn answers_in(tree: &mut dyn ImageTree) -> Vec<FoundAnswer> {
    let mut found = Vec::new();
    for path in ANSWER_FILES {
        let Ok(Some(entry)) = tree.lookup(path) else { continue };
        if entry.kind != EntryKind::File {
            continue;
        }
        let bytes = tree.read_at(&entry, 0, MAX_XML_BYTES as u64 + 1);
        let path = match path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{}", entry.name),
            None => entry.name.clone(),
        };
        found.push(FoundAnswer::of(path, bytes.map_err(|error| format!("It cannot be read: {error}."))));
    }
    found
}
