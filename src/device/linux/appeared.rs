//! When a drive was plugged in.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::root::{Root, read_text};
use super::sysfs::Node;

/// In seconds since 1970; `None` where nothing tells, and for what is not plugged in.
pub(super) fn appeared_unix_secs(root: &Root, node: &Node) -> Option<u64> {
    if node.dir.to_string_lossy().contains("/devices/virtual/") {
        return None;
    }
    node_made(&root.at(&node.path)).or_else(|| seen_by_udev(root, node))
}

/// The kernel makes the node when the drive appears, and removes it with the drive. Its file system tells the time from
/// Linux 5.18 on.
fn node_made(path: &Path) -> Option<u64> {
    let metadata = fs::metadata(path).ok().filter(|metadata| metadata.file_type().is_block_device())?;
    Some(metadata.created().ok()?.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// udev notes when it first saw a device, in microseconds of a clock that starts with the system. That clock stands
/// still while the system sleeps, which makes this the second choice.
fn seen_by_udev(root: &Root, node: &Node) -> Option<u64> {
    let (major, minor) = node.number;
    let record = read_text(&root.at(format!("/run/udev/data/b{major}:{minor}")));
    let seen_usecs: u64 = record.lines().find_map(|line| line.strip_prefix("I:"))?.parse().ok()?;
    let boot_secs: u64 =
        root.text("/proc/stat").lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    boot_secs.checked_add(seen_usecs / 1_000_000)
}
