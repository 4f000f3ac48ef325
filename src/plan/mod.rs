//! Floor 4: the Plan. What a stick will be, decided whole before its first byte is written. Pure: no input, no output,
//! no clock, no chance.
//!
//! The same value is printed by `plan`, shown before Start, compared by tests, executed by the writer, and walked again
//! by verification.

mod amend;
mod as_it_lies;
mod extent;
pub mod manifest;
mod raw;
mod refusal;
mod restore;
mod stick;
mod windows;
mod wipe;

use std::sync::Arc;

use serde::Serialize;

use crate::device::{Drive, Identity, Standing};
use crate::source::windows::WindowsMedia;
use crate::source::{Addition, ImageFacts, ImageKind};

pub use amend::{AnswerChange, PlannedChange, StickNow, plan_answer_change};
pub use as_it_lies::FoundFile;
pub use extent::{Extent, Fill};
pub use raw::{RawOptions, plan_raw};
pub use refusal::Refusal;
pub use restore::{FileSystem, RestoreOptions, plan_restore};
pub use stick::{PlannedFile, PlannedStick, Scheme, SplitImage};
pub use windows::{AnswerWords, FAT32_BOOT_CODE, WindowsOptions, mbr_boot_code, plan_windows};
pub use wipe::plan_wipe;

/// What a user may choose about a stick, whatever the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// Copy Windows media byte for byte, though no machine starts from such a stick.
    pub as_raw_copy: bool,
    pub raw: RawOptions,
    pub windows: WindowsOptions,
}

/// Plans `image` onto `drive`, as suits its kind. `media`: the files of Windows media, or why they cannot be listed.
pub fn plan(
    image: &ImageFacts,
    media: Option<&Result<Arc<WindowsMedia>, String>>,
    drive: &Drive,
    standing: &Standing,
    options: &PlanOptions,
) -> Result<Plan, Refusal> {
    if image.kind == ImageKind::WindowsSetup && !options.as_raw_copy {
        return match media {
            Some(Ok(media)) => plan_windows(image, media, drive, standing, &options.windows),
            Some(Err(reason)) => Err(Refusal::UnreadableWindows { reason: reason.clone() }),
            None => Err(Refusal::CompressedWindows),
        };
    }
    // Nobody's stick is another one for want of checksums.
    let chosen = WindowsOptions { without_checksums: false, ..options.windows.clone() };
    if chosen != WindowsOptions::default() {
        return Err(Refusal::NotWindows);
    }
    plan_raw(image, drive, standing, &options.raw)
}

/// May anything be written to this drive?
pub fn may_be_erased(drive: &Drive, standing: &Standing) -> Result<(), Refusal> {
    raw::gate(drive, standing)
}

/// Everything that will be on the stick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub target: Identity,
    pub image: ImageFacts,
    /// Ascending by `start`, never overlapping, inside the target. Contiguous runs of extents begin and end on sector
    /// boundaries.
    pub extents: Vec<Extent>,
    /// `false`: the image's size is not known before it has been decompressed; its extent then reaches to the end of
    /// the target, as the most that it may be.
    pub sized: bool,
    /// Ranges (offset, length) that are zeroed before anything else, so that an interrupted stick is visibly empty:
    /// the places of both copies of a partition table, and of old file system signatures.
    pub wipes: Vec<(u64, u64)>,
    /// What the stick will be: sentences.
    pub notes: Vec<String>,
    /// What the user may have to do something about before it is of use: sentences.
    pub advice: Vec<String>,
    /// `None`: a copy, byte for byte.
    pub stick: Option<Box<PlannedStick>>,
    /// Files of a stick that stays as it is come and go; `None`: all of the stick is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<PlannedChange>>,
}

impl Plan {
    /// Bytes that will be written (and read back), wiping aside. An upper bound where the plan is not `sized`.
    pub fn planned_bytes(&self) -> u64 {
        let later = self.change.iter().flat_map(|change| change.steps.iter().flatten());
        self.extents.iter().chain(later).map(|e| e.len).sum()
    }

    /// The user's files that [`Fill::Addition`] counts.
    pub fn additions(&self) -> &[Addition] {
        match (&self.stick, &self.change) {
            (Some(stick), _) => &stick.additions,
            (None, Some(change)) => &change.additions,
            (None, None) => &[],
        }
    }

    /// These bytes wait until all others are written and proved: the drive's first block, and the copy of its partition
    /// table at its end. Without them it looks empty.
    pub fn is_held_back(&self, offset: u64) -> bool {
        let is_gpt = self.stick.as_ref().is_some_and(|stick| stick.scheme == Scheme::Gpt);
        offset == 0 || is_gpt && self.wipes.last().is_some_and(|(start, _)| offset >= *start)
    }

    /// The whole image passes once, in order: the condition for hashing it on the way.
    pub fn covers_image(&self) -> bool {
        match self.extents.as_slice() {
            [Extent { len, fill: Fill::Source { offset: 0 }, .. }, rest @ ..] => {
                self.image.image_bytes.is_none_or(|image| image == *len)
                    && rest.iter().all(|e| e.fill == Fill::Zeroes)
            }
            _ => false,
        }
    }
}
