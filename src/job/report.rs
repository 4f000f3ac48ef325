//! What a job leaves behind: who, what, how fast, and the proof.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::Digest;
use crate::device::{Bus, Identity};
use crate::source::ImageFacts;

use super::Phase;

/// The record of one job.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub program: String,
    /// `write`, `check`, `save`, `hash`.
    pub action: String,
    /// Seconds since 1970, UTC.
    pub started_unix_secs: u64,
    pub image: Option<ImageFacts>,
    pub image_path: Option<PathBuf>,
    pub drive: Option<Identity>,
    /// Checksums of the image; `of` says of which bytes.
    pub digests: Vec<NamedDigest>,
    pub phases: Vec<PhaseTime>,
    pub bytes_written: u64,
    pub proof: Proof,
    pub warnings: Vec<String>,
    /// The last word, as the user saw it.
    pub conclusion: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedDigest {
    /// "image", "compressed file", "drive".
    pub of: String,
    pub digest: Digest,
    /// Where an expected value came from ("given", "SHA256SUMS"), if it was compared with one.
    pub matches: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PhaseTime {
    pub phase: Phase,
    pub bytes: u64,
    pub secs: f64,
}

/// What verification can say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Bytes that were read back from the medium and compared.
    pub verified_bytes: u64,
    /// `false`: the system could not promise that reads came from the medium.
    pub past_cache: bool,
    /// Differences in ascending order, neighbours joined, cut off at a bound.
    pub mismatches: Vec<Mismatch>,
    /// There were more than are listed.
    pub truncated: bool,
    /// All different bytes, listed or not.
    pub different_bytes: u64,
}

/// A stretch of the drive that is not as planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    pub offset: u64,
    pub len: u64,
    /// A second read agreed with the plan: the reader or cable is flaky, not the medium.
    pub flaky: bool,
    /// What lies there, in words: "backup GPT", "partition 1, FAT boot sector".
    pub what: Option<String>,
}

impl Report {
    /// For machines; the fields of this type.
    pub fn to_json(&self) -> String {
        todo!()
    }

    /// For people, in a terminal or a text file.
    pub fn to_text(&self) -> String {
        todo!()
    }

    /// For people, as one self-contained page.
    pub fn to_html(&self) -> String {
        todo!()
    }
}
