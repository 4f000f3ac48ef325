//! May this drive be chosen? Promise 1, as a pure function.

use std::path::Path;

use serde::Serialize;

use super::{Bus, Drive};

/// Whether a drive may be chosen, with the reason where it may not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "reason", rename_all = "lowercase")]
pub enum Standing {
    Selectable,
    /// Not shown until asked for; then its name has to be typed to confirm.
    Hidden(String),
    /// Never selectable, whatever the user says.
    Forbidden(String),
}

/// Judges one drive. `sources`: device numbers of the drives that hold the image (see [`super::source_drives`]).
pub fn judge(drive: &Drive, sources: &[(u64, u64)]) -> Standing {
    let _ = (drive, sources, Bus::Usb, Path::new(""));
    todo!()
}
