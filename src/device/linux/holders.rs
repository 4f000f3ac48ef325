//! Which processes stand in the way, as far as this user may see them.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::printable::printable;
use super::root::{names, read_text};

/// More names than this help nobody.
const MAX_NAMED: usize = 5;

/// `bash (1234) and vlc (77)`: the processes that have a file open, a working folder, a root or a program that is
/// `held`. `None` where none is seen, which does not mean that there is none.
pub(super) fn processes(held: impl Fn(&Path) -> bool) -> Option<String> {
    let found: Vec<String> = names(Path::new("/proc"))
        .into_iter()
        .filter(|name| name.bytes().all(|b| b.is_ascii_digit()))
        .filter(|pid| links(pid).iter().any(|link| held(link)))
        .take(MAX_NAMED)
        .map(|pid| {
            let name = printable(&read_text(&Path::new("/proc").join(&pid).join("comm")));
            format!("{} (process {pid})", name.unwrap_or_else(|| "a program".to_owned()))
        })
        .collect();
    (!found.is_empty()).then(|| found.join(", "))
}

/// Everything that a process refers to in the file system by an open link.
fn links(pid: &str) -> Vec<PathBuf> {
    let process = Path::new("/proc").join(pid);
    let open = names(&process.join("fd")).into_iter().map(|fd| process.join("fd").join(fd));
    ["cwd", "root", "exe"]
        .into_iter()
        .map(|name| process.join(name))
        .chain(open)
        .filter_map(|link| fs::read_link(link).ok())
        .collect()
}
