//! The plan of a raw copy: the image as it is, from the first byte of the stick on.

use crate::base::MIB;
use crate::device::{Drive, Standing};
use crate::source::{ImageFacts, ImageKind};

use super::{Extent, Fill, Plan, Refusal};

/// What a user may choose about a raw copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawOptions {
    /// Write and verify only these ranges (offset, length) of the image, ascending; old bytes stay between them.
    pub mapped: Option<Vec<(u64, u64)>>,
}

/// Plans `image` onto `drive`.
pub fn plan_raw(
    image: &ImageFacts,
    drive: &Drive,
    standing: &Standing,
    options: &RawOptions,
) -> Result<Plan, Refusal> {
    let _ = (
        image,
        drive,
        standing,
        options,
        MIB,
        ImageKind::Disk,
        Fill::Zeroes,
        Extent { start: 0, len: 0, fill: Fill::Zeroes },
    );
    todo!()
}
