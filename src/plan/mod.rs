//! Floor 4: the Plan. What a stick will be, decided whole before its first byte is written. Pure: no input, no output,
//! no clock, no chance.
//!
//! The same value is printed by `plan`, shown before Start, compared by tests, executed by the writer, and walked again
//! by verification.

mod extent;
mod raw;
mod refusal;

use serde::Serialize;

use crate::device::Identity;
use crate::source::ImageFacts;

pub use extent::{Extent, Fill};
pub use raw::{RawOptions, plan_raw};
pub use refusal::Refusal;

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
    /// What the user should know before Start: sentences.
    pub notes: Vec<String>,
}

impl Plan {
    /// Bytes that will be written (and read back), wiping aside. An upper bound where the plan is not `sized`.
    pub fn planned_bytes(&self) -> u64 {
        self.extents.iter().map(|e| e.len).sum()
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
