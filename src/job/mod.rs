//! Floor 6: work in the background. One worker thread for each job, commands in, events out, and exactly one last
//! event, whatever happens.

mod eject;
mod landmarks;
mod lent;
mod perform;
mod progress;
mod recorder;
mod report;
mod watch;
mod worker;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::base::{Algorithm, Digest};
use crate::device::Identity;
use crate::plan::{FileSystem, Plan, Refusal, Scheme};
use crate::source::{AddRequest, AnswerFile, ImageFacts};

pub use crate::engine::{
    BadArea, CapacityTest, Comparison as Proof, Holds, Lie, Mismatch, Phase, TestExtent,
};
pub use eject::eject;
pub use perform::{AnswerOnStick, answer_on_stick, is_worth_a_probe};
pub use progress::Progress;
pub use report::{ChangedFiles, Finding, FindingKind, Made, NamedDigest, PhaseTime, Record, Records, Report};
pub use watch::{
    Inspection, inspect, inspect_drive, inspect_in_background, list_additions, list_drivers, plan_options,
    prepare_answer, watch_drives,
};
pub use worker::{Job, start, start_on, start_together};

/// What is to be done. A value that the window and the terminal can both spell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Write(WriteRequest),
    Check(CheckRequest),
    Save(SaveRequest),
    /// Computes checksums of an image or a drive; writes nothing.
    Hash(HashRequest),
    /// Finds out whether a drive is as large as it says, and erases it.
    Test(TestRequest),
    /// Empties a drive.
    Wipe(WipeRequest),
    /// Makes a drive a normal stick again.
    Restore(RestoreRequest),
    /// Gives a Windows stick another answer file, or takes it away; the rest of the stick stays as it is.
    AnswerChange(AnswerChangeRequest),
}

impl Request {
    /// The drive that the job opens, if it opens one.
    pub fn drive(&self) -> Option<&Identity> {
        match self {
            Self::Write(request) => Some(&request.target),
            Self::Check(request) => Some(&request.target),
            Self::Save(request) => Some(&request.drive),
            Self::Hash(HashRequest { of: HashOf::Drive { drive, .. }, .. }) => Some(drive),
            Self::Hash(_) => None,
            Self::Test(request) => Some(&request.target),
            Self::Wipe(request) => Some(&request.target),
            Self::Restore(request) => Some(&request.target),
            Self::AnswerChange(request) => Some(&request.target),
        }
    }

    /// The same job, which ends these uses of its drive before it writes; one that only reads leaves them as they are.
    /// Only what the user has agreed to end, as [`crate::device::Drive::stoppable_uses`] names it. Whatever else has come
    /// to use the drive by then refuses the job.
    pub fn ending(mut self, uses: &[String]) -> Self {
        match &mut self {
            Self::Write(WriteRequest { end_uses, .. })
            | Self::Test(TestRequest { end_uses, .. })
            | Self::Wipe(WipeRequest { end_uses, .. })
            | Self::Restore(RestoreRequest { end_uses, .. })
            | Self::AnswerChange(AnswerChangeRequest { end_uses, .. }) => *end_uses = uses.to_vec(),
            Self::Check(_) | Self::Save(_) | Self::Hash(_) => {}
        }
        self
    }

    /// What a job waits for when it does not wait for its drive, in words.
    fn besides_the_drive(&self) -> String {
        match self {
            Self::Write(WriteRequest { image, windows, .. })
                if !windows.add.is_empty() || windows.answer.is_some() =>
            {
                format!("the image {} or one of the files that are added", image.display())
            }
            Self::Write(WriteRequest { image, .. })
            | Self::Check(CheckRequest { against: Against::Image(image), .. })
            | Self::Hash(HashRequest { of: HashOf::File(image) | HashOf::Image(image), .. }) => {
                format!("the image {}", image.display())
            }
            Self::AnswerChange(AnswerChangeRequest { answer: Some(file), .. }) => {
                format!("{} or one of the files that belong to it", file.name())
            }
            Self::Save(request) => format!("the file {}", request.file.display()),
            _ => "the system".to_owned(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRequest {
    pub image: PathBuf,
    pub target: Identity,
    /// See [`Request::ending`].
    pub end_uses: Vec<String>,
    pub verify: bool,
    /// Compute SHA-256 of the image on the way.
    pub hash: bool,
    /// Checksums that the image must have before the first byte is written. Sidecar files beside the image are looked
    /// for as well, unless `sidecars` is off.
    pub expected: Vec<Digest>,
    pub sidecars: bool,
    /// Keep what lies on the drive where a raw image has holes.
    pub skip_holes: bool,
    /// A `.bmap` beside the image is used where there is one.
    pub bmap: bool,
    pub windows: WindowsChoices,
    /// Find out first, in seconds, whether the drive is as large as it says; only on removable USB drives of 1 GiB and more.
    pub probe: bool,
}

/// What may be chosen where the image is Windows media.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowsChoices {
    /// Copy the image byte for byte all the same.
    pub as_raw_copy: bool,
    pub scheme: Scheme,
    /// Size of the parts of a split install image; `None`: split only what FAT32 cannot hold.
    pub split_bytes: Option<u64>,
    /// Compute no checksums of the files for the list that is left on the stick.
    pub without_checksums: bool,
    pub add: Vec<AddRequest>,
    /// Folders of drivers.
    pub drivers: Vec<PathBuf>,
    /// Have them loaded before Setup starts.
    pub drivers_in_setup: bool,
    pub answer: Option<AnswerChoice>,
}

/// The answer file that goes onto the stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerChoice {
    pub file: AnswerFile,
    /// It takes the place of those that the image brings.
    pub replaces: bool,
}

/// Compares a drive with an image, or with a checksum. Nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRequest {
    pub target: Identity,
    pub against: Against,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    Image(PathBuf),
    /// The list of files with their checksums that the program left on the stick.
    Manifest,
    /// The first `len_bytes` of the drive (all of it if `None`) must have this checksum.
    Digest {
        digest: Digest,
        len_bytes: Option<u64>,
    },
}

/// Copies a drive into a file; compressed by the file's ending (`.gz`, `.xz`, `.zst`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveRequest {
    pub drive: Identity,
    pub file: PathBuf,
    pub overwrite: bool,
}

/// Checksums of a file as it lies there, of the image in it, or of a drive's first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashRequest {
    pub of: HashOf,
    pub algorithms: Vec<Algorithm>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashOf {
    /// The file as it lies there: what publishers give checksums of.
    File(PathBuf),
    /// The image inside, decompressed.
    Image(PathBuf),
    /// The first `len_bytes` of a drive, or all of it.
    Drive { drive: Identity, len_bytes: Option<u64> },
}

/// Writes to all of the drive, or to places all over it, and reads that back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRequest {
    pub target: Identity,
    /// See [`Request::ending`].
    pub end_uses: Vec<String>,
    pub extent: TestExtent,
}

/// Zeroes where any system looks for something, or everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WipeRequest {
    pub target: Identity,
    /// See [`Request::ending`].
    pub end_uses: Vec<String>,
    pub everywhere: bool,
}

/// One partition over the whole drive, with an empty file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreRequest {
    pub target: Identity,
    /// See [`Request::ending`].
    pub end_uses: Vec<String>,
    /// `None`: what a drive of its size usually has.
    pub file_system: Option<FileSystem>,
    /// Empty: none.
    pub label: String,
}

/// Another answer file for a Windows stick that this program made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerChangeRequest {
    pub target: Identity,
    /// See [`Request::ending`].
    pub end_uses: Vec<String>,
    /// `None`: the stick has none from then on.
    pub answer: Option<AnswerFile>,
    /// Also where the answer file that is there came with the image, or was put there by somebody else.
    pub replaces: bool,
}

/// What a job tells, in order. The last one is always [`Event::Ended`], exactly once.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The image was opened and recognised.
    Opened {
        image: ImageFacts,
    },
    /// What will be done; sent before the first byte is written.
    Planned {
        plan: Box<Plan>,
    },
    Phase {
        phase: Phase,
    },
    Progress(Progress),
    Warning {
        message: String,
    },
    Ended(Box<Ending>),
}

/// How a job ended.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum Ending {
    /// Everything was done, and proved unless verification was off.
    Done { report: Report },
    /// Verification or check found differences; `report.proof` lists them.
    Different { report: Report },
    /// Nothing was touched.
    Refused { refusal: Refusal },
    /// `message` is a whole sentence or two: what failed, where, and what to do.
    Failed { message: String, report: Option<Report> },
    /// `message` says what state the drive is in.
    Cancelled { message: String, report: Option<Report> },
}

/// How long a job may take to answer a cancel before it is left to itself.
pub const CANCEL_GRACE: Duration = Duration::from_millis(600);
