//! What lies on a partition: out of udev's database, else out of its first bytes.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::format::signature;

use super::super::Volume;
use super::super::printable::printable;
use super::root::{Root, read_text};
use super::sysfs::Node;

/// The volume on a device, where one is recognised. No device is opened when udev has an answer, be it "nothing".
pub(super) fn volume(root: &Root, node: &Node) -> Option<Volume> {
    let (major, minor) = node.number;
    let entry = root.at(format!("/run/udev/data/b{major}:{minor}"));
    if fs::exists(&entry).unwrap_or(false) {
        return from_udev(&read_text(&entry));
    }
    // O_NONBLOCK: a drive without a medium must not hold us up.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(root.at(&node.path)).ok()?;
    from_start(file)
}

/// The volume that covers a plain file.
pub(in crate::device) fn volume_of_file(path: &Path) -> Option<Volume> {
    from_start(File::open(path).ok()?)
}

fn from_start(file: File) -> Option<Volume> {
    let mut start = Vec::with_capacity(signature::PROBE_BYTES);
    file.take(signature::PROBE_BYTES as u64).read_to_end(&mut start).ok()?;
    let found = signature::identify(&start)?;
    Some(Volume { kind: found.kind.to_owned(), label: found.label.as_deref().and_then(printable) })
}

/// Reads the properties (`E:` lines) of one record of udev's database.
fn from_udev(record: &str) -> Option<Volume> {
    let property = |key: &str| {
        record
            .lines()
            .find_map(|line| line.strip_prefix("E:")?.strip_prefix(key)?.strip_prefix('='))
            .map(unescape)
    };
    let kind = property("ID_FS_TYPE").as_deref().and_then(printable)?;
    Some(Volume { kind, label: property("ID_FS_LABEL_ENC").as_deref().and_then(printable) })
}

/// Undoes udev's `\x20`.
fn unescape(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = rest.strip_prefix(b"\\x").and_then(|hex| std::str::from_utf8(hex.get(..2)?).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) => {
                plain.push(value);
                rest = &rest[4..];
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn udev_records_are_read_and_cleaned() {
        let record = "S:disk/by-id/x\nI:123\nE:ID_FS_LABEL=My_Stick\nE:ID_FS_LABEL_ENC=My\\x20Stick\\x1b\\x\nE:ID_FS_TYPE=vfat\n";
        let volume = from_udev(record).unwrap();
        assert_eq!((volume.kind.as_str(), volume.label.as_deref()), ("vfat", Some("My Stick\u{FFFD}\\x")));
        assert_eq!(from_udev("E:ID_PART_TABLE_TYPE=gpt\n"), None);
    }
}
