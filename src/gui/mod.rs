//! Floor 7: the window. A reducer and views; no input or output in a view.

use std::path::PathBuf;

/// What the window shows when it opens.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// An image that is chosen already.
    pub image: Option<PathBuf>,
    /// Files that are listed as drives.
    pub practice: Vec<PathBuf>,
    /// The practice stick that is chosen already: only `demo` does this, and only for a stick that it just made.
    pub chosen_practice: Option<PathBuf>,
}

/// Opens the window; returns when it is closed.
pub fn run(start: Start) -> anyhow::Result<()> {
    let _ = start;
    todo!()
}
