//! What a job leaves behind: who, what, how fast, and the proof.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::Digest;
use crate::device::Identity;
use crate::source::ImageFacts;

use super::{Phase, Proof};

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
