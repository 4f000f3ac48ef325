//! What a job leaves behind: who, what, how fast, and the proof.

mod html;
mod made;
mod record;
mod text;

use std::path::PathBuf;

use serde::Serialize;

use crate::base::Digest;
use crate::device::Identity;
use crate::source::{FoundAnswer, ImageFacts};

use super::{Against, CapacityTest, HashOf, Phase, Proof, Request};

pub use made::Made;
pub use record::{Record, Records};

/// The record of one job.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name and version of the program.
    pub program: String,
    /// `write`, `check`, `save`, `hash`, `test`, `wipe`, `restore`, `answer`.
    pub action: String,
    /// Seconds since 1970, UTC.
    pub started_unix_secs: u64,
    pub image: Option<ImageFacts>,
    /// The image that was read, or the file that was made.
    pub image_path: Option<PathBuf>,
    /// The official image that its checksum belongs to; `None` means "not on our list".
    pub known_as: Option<String>,
    pub drive: Option<Identity>,
    /// Uses of the drive that were ended first, as the user had agreed.
    pub ended_uses: Vec<String>,
    /// Checksums of the image; `of` says of which bytes.
    pub digests: Vec<NamedDigest>,
    pub phases: Vec<PhaseTime>,
    pub bytes_written: u64,
    /// What was laid out file by file; `None`: a copy, byte for byte, or nothing.
    pub made: Option<Made>,
    /// Files of a stick that stays as it is; `None`: another kind of job, or nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<ChangedFiles>,
    pub proof: Proof,
    /// What a test of the drive's size found; also of the short one before a write.
    pub capacity: Option<CapacityTest>,
    /// What a check of a stick's files found.
    pub findings: Vec<Finding>,
    /// Answer files on a stick that was checked.
    pub answers: Vec<FoundAnswer>,
    pub warnings: Vec<String>,
    /// The last word, as the user saw it.
    pub conclusion: String,
}

/// What came and went on a stick.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangedFiles {
    pub put: Vec<String>,
    pub removed: Vec<String>,
    pub free_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedDigest {
    /// "image", "compressed file", "drive".
    pub of: String,
    pub digest: Digest,
    /// Where an expected value came from ("the given checksum", "SHA256SUMS"), if one agreed.
    pub matches: Option<String>,
}

/// Something about a stick's content that is not as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: FindingKind,
    /// The file or folder; `None`: it is about the stick's structures.
    pub path: Option<String>,
    /// A sentence.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    Changed,
    Missing,
    Added,
    /// What a system does to a stick that is merely plugged in; no harm.
    Tolerated,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseTime {
    pub phase: Phase,
    pub bytes: u64,
    pub secs: f64,
}

impl Report {
    /// The report of a job that is about to start.
    pub(super) fn begun(request: &Request, started_unix_secs: u64) -> Self {
        let (action, drive, image_path) = match request {
            Request::Write(r) => ("write", Some(&r.target), Some(&r.image)),
            Request::Check(r) => {
                let image = match &r.against {
                    Against::Image(image) => Some(image),
                    Against::Manifest | Against::Digest { .. } => None,
                };
                ("check", Some(&r.target), image)
            }
            Request::Save(r) => ("save", Some(&r.drive), Some(&r.file)),
            Request::Hash(r) => match &r.of {
                HashOf::Drive { drive, .. } => ("hash", Some(drive), None),
                HashOf::File(path) | HashOf::Image(path) => ("hash", None, Some(path)),
            },
            Request::Test(r) => ("test", Some(&r.target), None),
            Request::Wipe(r) => ("wipe", Some(&r.target), None),
            Request::Restore(r) => ("restore", Some(&r.target), None),
            Request::AnswerChange(r) => ("answer", Some(&r.target), None),
        };
        Self {
            program: format!("Sticksmith {}", env!("CARGO_PKG_VERSION")),
            action: action.to_owned(),
            started_unix_secs,
            image: None,
            image_path: image_path.cloned(),
            known_as: None,
            drive: drive.cloned(),
            ended_uses: Vec::new(),
            digests: Vec::new(),
            phases: Vec::new(),
            bytes_written: 0,
            made: None,
            changed: None,
            proof: Proof::default(),
            capacity: None,
            findings: Vec::new(),
            answers: Vec::new(),
            warnings: Vec::new(),
            conclusion: String::new(),
        }
    }

    /// For machines: the fields of this type.
    pub fn to_json(&self) -> String {
        // A value of plain strings and numbers always has a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// For people, in a terminal or a text file.
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    /// For people, as one self-contained page.
    pub fn to_html(&self) -> String {
        html::render(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Mismatch;
    use crate::job::HashRequest;

    fn sample() -> Report {
        let request =
            Request::Hash(HashRequest { of: HashOf::File("/tmp/<b>.iso".into()), algorithms: Vec::new() });
        let mut report = Report::begun(&request, 1_700_000_000);
        report.proof.verified_bytes = 4096;
        report.proof.mismatches.push(Mismatch {
            offset: 512,
            len: 3,
            flaky: false,
            unsteady: false,
            what: None,
        });
        report.phases.push(PhaseTime { phase: Phase::Writing, bytes: 10_000_000, secs: 2.0 });
        report.conclusion = "Done & dusted.".to_owned();
        report
    }

    #[test]
    fn text_says_what_happened_and_when() {
        let text = sample().to_text();
        for part in ["2023-11-14 22:13:20 UTC", "5.0 MB/s", "byte 512", "Done & dusted."] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn html_cannot_be_broken_by_names() {
        let html = sample().to_html();
        assert!(html.contains("/tmp/&lt;b&gt;.iso") && html.contains("Done &amp; dusted."));
        assert!(!html.contains("<b>"));
    }

    #[test]
    fn json_reads_back() {
        let value: serde_json::Value = serde_json::from_str(&sample().to_json()).unwrap();
        assert_eq!(value["proof"]["mismatches"][0]["offset"], 512);
    }
}
