//! The kernel's tables of mounted file systems and of swap.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::root::Root;

/// One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// Of the file system; major 0 where it has no block device of its own (btrfs, overlay, tmpfs).
    pub(super) number: (u64, u64),
    pub(super) point: PathBuf,
    pub(super) kind: String,
    pub(super) source: PathBuf,
    pub(super) super_options: String,
}

/// All mounts that this process can see, in the kernel's order: a later one at the same place covers an earlier one.
pub(super) fn mounts(root: &Root) -> Vec<Mount> {
    root.text("/proc/self/mountinfo").lines().filter_map(parse_mount).collect()
}

fn parse_mount(line: &str) -> Option<Mount> {
    // A variable number of optional fields ends at a lone hyphen.
    let (place, file_system) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(2);
    let number = parse_number(place.next()?)?;
    let point = unescape(place.nth(1)?);
    let mut file_system = file_system.splitn(3, ' ');
    let kind = file_system.next()?.to_owned();
    let source = unescape(file_system.next()?);
    let super_options = file_system.next().unwrap_or_default().to_owned();
    Some(Mount { number, point, kind, source, super_options })
}

/// A device number as sysfs and `/proc` spell it: `8:16`.
pub(super) fn parse_number(text: &str) -> Option<(u64, u64)> {
    let (major, minor) = text.trim().split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// One active swap area: a block device, or a file on a file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Swap {
    pub(super) path: PathBuf,
    pub(super) is_file: bool,
}

pub(super) fn swaps(root: &Root) -> Vec<Swap> {
    root.text("/proc/swaps")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            Some(Swap { path: unescape(fields.next()?), is_file: fields.next()? == "file" })
        })
        .collect()
}

/// The mount that a path lies in: the one with the longest mount point above it, the latest of several.
pub(super) fn covering<'a>(mounts: &'a [Mount], path: &Path) -> Option<&'a Mount> {
    mounts
        .iter()
        .filter(|mount| path.starts_with(&mount.point))
        .max_by_key(|mount| mount.point.components().count())
}

/// Undoes the octal escapes by which these tables write blanks and line ends: `\040`.
fn unescape(text: &str) -> PathBuf {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits =
            bytes.get(at + 1..at + 4).filter(|d| bytes[at] == b'\\' && d.iter().all(u8::is_ascii_digit));
        match digits.and_then(|d| u8::from_str_radix(&String::from_utf8_lossy(d), 8).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 4;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    OsString::from_vec(plain).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_optional_fields_and_escapes_are_read() {
        let mount = parse_mount(
            "36 35 8:17 / /media/My\\040Stick rw,noatime shared:1 master:2 - vfat /dev/sdb1 rw,errors=continue",
        )
        .unwrap();
        assert_eq!(mount.number, (8, 17));
        assert_eq!(mount.point, Path::new("/media/My Stick"));
        assert_eq!((mount.kind.as_str(), mount.source.as_path()), ("vfat", Path::new("/dev/sdb1")));
        assert_eq!(mount.super_options, "rw,errors=continue");
        for broken in ["", "36 35", "36 35 8:17 / /x rw -", "36 35 8 / /x rw - ext4 /dev/sda rw", " - "] {
            assert_eq!(parse_mount(broken), None, "{broken:?}");
        }
        for odd in ["\\", "\\04", "\\999", "a\\0401"] {
            unescape(odd);
        }
    }

    #[test]
    fn the_deepest_and_latest_mount_covers_a_path() {
        let table: Vec<Mount> = [
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
            "2 1 8:2 / /home rw - ext4 /dev/sda2 rw",
            "3 1 8:3 / /home rw - ext4 /dev/sda3 rw",
        ]
        .into_iter()
        .filter_map(parse_mount)
        .collect();
        let number = |path: &str| covering(&table, Path::new(path)).map(|m| m.number);
        assert_eq!(number("/home/user/image.iso"), Some((8, 3)));
        assert_eq!(number("/homework"), Some((8, 1)));
    }
}
