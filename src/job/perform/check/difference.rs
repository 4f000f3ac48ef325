//! What is on a stick held against what should be: by names, and without a look at the content. Pure.

use std::collections::{HashMap, HashSet};

use crate::plan::FoundFile;

/// Names that systems leave on a stick that is merely plugged in.
const TRACES: [&str; 9] = [
    "system volume information",
    "$recycle.bin",
    "recycler",
    ".trashes",
    ".fseventsd",
    ".spotlight-v100",
    ".temporaryitems",
    ".ds_store",
    "found.000",
];
/// The same, where only the beginning is always alike: Linux adds the user's number, macOS the file's name.
const TRACE_PREFIXES: [&str; 2] = [".trash-", "._"];

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TreeDifference {
    /// Paths that should be there.
    pub missing: Vec<String>,
    /// Files and folders that should not; of a folder that is new, the folder alone.
    pub added: Vec<String>,
    /// Likewise, but a system's doing.
    pub traces: Vec<String>,
}

/// Compares by name, upper and lower case alike.
pub(super) fn compare<'a>(
    expected_files: impl Iterator<Item = &'a str>,
    found_files: &[FoundFile],
    found_folders: &[String],
) -> TreeDifference {
    let expected: HashMap<String, &str> = expected_files.map(|path| (path.to_lowercase(), path)).collect();
    let mut folders: HashSet<String> = HashSet::new();
    for path in expected.keys() {
        for (at, _) in path.match_indices('/') {
            folders.insert(path[..at].to_owned());
        }
    }
    let found: HashSet<String> = found_files.iter().map(|file| file.path.to_lowercase()).collect();
    let is_missing = |path: &&String| !found.contains(path.as_str());
    let mut missing: Vec<String> =
        expected.keys().filter(is_missing).map(|path| expected[path].to_owned()).collect();
    missing.sort();
    let mut difference = TreeDifference { missing, ..TreeDifference::default() };
    let mut new: Vec<&String> = found_files
        .iter()
        .map(|file| &file.path)
        .filter(|path| !expected.contains_key(&path.to_lowercase()))
        .collect();
    // Empty folders of the image are expected too, but the list of files does not know them: a folder counts where it
    // holds something new, or is a trace.
    new.extend(found_folders.iter().filter(|path| is_trace(path)));
    new.sort();
    let mut told: HashSet<String> = HashSet::new();
    for path in new {
        let top = topmost_new(path, &folders);
        if told.insert(top.to_lowercase()) {
            let list = if is_trace(top) { &mut difference.traces } else { &mut difference.added };
            list.push(top.to_owned());
        }
    }
    difference
}

/// The first folder on the way to `path` that holds nothing expected, or the path itself.
fn topmost_new<'a>(path: &'a str, folders: &HashSet<String>) -> &'a str {
    let mut ends = path.match_indices('/').map(|(at, _)| at);
    ends.find(|at| !folders.contains(&path[..*at].to_lowercase())).map_or(path, |at| &path[..at])
}

fn is_trace(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    TRACES.contains(&name.as_str()) || TRACE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<FoundFile> {
        paths.iter().map(|path| FoundFile { path: (*path).to_owned(), pieces: Vec::new() }).collect()
    }

    #[test]
    fn what_is_missing_new_or_a_trace() {
        let expected = ["bootmgr", "sources/boot.wim", "sources/lang/a.dll"];
        let found = files(&[
            "BOOTMGR",
            "sources/lang/a.dll",
            "sources/lang/mine.txt",
            "photos/2026/a.jpg",
            "photos/b.jpg",
            "System Volume Information/WPSettings.dat",
            "sources/._boot.wim",
        ]);
        let folders = ["sources", "sources/empty", ".Trash-1000", "photos"].map(str::to_owned);
        let difference = compare(expected.into_iter(), &found, &folders);
        assert_eq!(difference.missing, ["sources/boot.wim"]);
        assert_eq!(difference.added, ["photos", "sources/lang/mine.txt"]);
        assert_eq!(difference.traces, [".Trash-1000", "System Volume Information", "sources/._boot.wim"]);
    }

    #[test]
    fn a_stick_as_it_was_made_has_no_difference() {
        let paths = ["a", "b/c"];
        let difference = compare(paths.into_iter(), &files(&paths), &["b".to_owned()]);
        assert_eq!(difference, TreeDifference::default());
    }
}
