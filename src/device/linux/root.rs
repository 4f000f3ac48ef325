//! Where `/` is. The real one, or a folder in which a test has laid out a `/sys`, `/proc`, `/dev` and `/run`.

use std::fs;
use std::path::{Path, PathBuf};

/// The root below which all system files are read.
#[derive(Clone, Debug)]
pub(super) struct Root(PathBuf);

impl Root {
    pub(super) fn real() -> Self {
        Self("/".into())
    }

    #[cfg(test)]
    pub(super) fn fake(folder: &Path) -> Self {
        Self(fs::canonicalize(folder).expect("the folder of a fake root exists"))
    }

    /// The place of an absolute path below this root.
    pub(super) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.0.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The content of a text file; empty when there is none, as with an attribute that a driver does not have.
    pub(super) fn text(&self, path: impl AsRef<Path>) -> String {
        read_text(&self.at(path))
    }
}

/// A text file whole; empty when it cannot be read. Bytes that are not UTF-8 are replaced.
pub(super) fn read_text(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// One sysfs attribute without its line end; `None` when it is missing or blank.
pub(super) fn attribute(dir: &Path, name: &str) -> Option<String> {
    let text = read_text(&dir.join(name));
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!text.is_empty()).then(|| text.to_owned())
}

/// A sysfs attribute that is a decimal number.
pub(super) fn number(dir: &Path, name: &str) -> Option<u64> {
    attribute(dir, name)?.parse().ok()
}

/// The last component of what a sysfs link points to: the name of a driver or a subsystem.
pub(super) fn link_name(dir: &Path, name: &str) -> Option<String> {
    Some(fs::read_link(dir.join(name)).ok()?.file_name()?.to_string_lossy().into_owned())
}

/// The names in a folder, sorted; empty when it cannot be read.
pub(super) fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
