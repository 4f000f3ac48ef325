//! Being written.
pub(super) const MAX_DIRECTORY_ENTRIES: usize = 65_536;
