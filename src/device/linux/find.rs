//! From what a person typed to one drive.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use crate::base::ByteSize;

use super::super::printable::printable;
use super::super::{DeviceError, Drive, distinct_ids, practice_stick};
use super::drives::{drive, drives, is_drive};
use super::sysfs::{Node, numbers};
use super::system::System;

/// The drive that `text` names: a node or a link to one (`/dev/sdb`, `/dev/disk/by-id/…`), the kernel's name (`sdb`),
/// an id as the list prints it, or the path of a regular file, which is then a practice stick. An error says what
/// there is instead.
pub fn find(text: &str) -> Result<Drive, DeviceError> {
    let system = System::here()?;
    let path = Path::new(text);
    if path.is_absolute() {
        return at_path(&system, path);
    }
    let all = drives(&system);
    if let Some(found) = by_id(&all, text) {
        return found.cloned();
    }
    let node = Path::new("/dev").join(path);
    if system.tree.by_path(&system.root, &node).is_some() {
        return at_path(&system, &node);
    }
    if fs::exists(path).unwrap_or(false) {
        return at_path(&system, path);
    }
    Err(DeviceError::NotADrive(format!("No drive is called {}. {}", shown(path), what_there_is(&all))))
}

/// The drive of a list that an id names; `None`: the text is no id of any. A name with a port behind it stays good when
/// the drives that it was told apart from are gone, and never means a drive in another port.
pub(super) fn by_id<'a>(all: &'a [Drive], text: &str) -> Option<Result<&'a Drive, DeviceError>> {
    let ids = distinct_ids(all);
    if let Some(at) = ids.iter().position(|id| id == text) {
        return Some(Ok(&all[at]));
    }
    let is_meant = |drive: &Drive| {
        let id = drive.id();
        let rest = text.strip_prefix(id.as_str());
        let port = rest.and_then(|rest| rest.strip_prefix('@'));
        rest == Some("") || (port.is_some() && port == drive.identity.port.as_deref())
    };
    let meant: Vec<(&Drive, &String)> = all.iter().zip(&ids).filter(|(drive, _)| is_meant(drive)).collect();
    match meant.as_slice() {
        [] => None,
        [(only, _)] => Some(Ok(only)),
        several => {
            let names: Vec<&str> = several.iter().map(|(_, id)| id.as_str()).collect();
            let names = names.join(", ");
            Some(Err(DeviceError::NotADrive(format!(
                "Several drives are called {text}; name one of {names}."
            ))))
        }
    }
}

fn at_path(system: &System, path: &Path) -> Result<Drive, DeviceError> {
    let name = shown(path);
    let not_a_drive = |reason: String| Err(DeviceError::NotADrive(reason));
    let Ok(metadata) = fs::metadata(path) else {
        return not_a_drive(format!("There is no {name}. {}", what_there_is(&drives(system))));
    };
    let kind = metadata.file_type();
    if kind.is_file() {
        return practice_stick(path);
    }
    if kind.is_dir() {
        return not_a_drive(format!(
            "{name} is a folder; name a drive, or a file that serves as a practice stick."
        ));
    }
    if !kind.is_block_device() {
        return not_a_drive(format!("{name} is neither a drive nor a file."));
    }
    let Some(node) = system.tree.by_number(numbers(metadata.rdev())) else {
        return not_a_drive(format!("There is no drive behind {name} any more."));
    };
    if is_drive(node) { Ok(drive(system, node)) } else { not_a_drive(why_not(system, node, &name)) }
}

/// Why a block device is not on the list.
fn why_not(system: &System, node: &Node, name: &str) -> String {
    if let Some(whole) = node.partition.as_ref().and_then(|place| system.tree.get(&place.whole)) {
        return format!("{name} is only a partition; name the whole drive, {}.", whole.path.display());
    }
    if node.size_bytes == 0 {
        return match node.name.starts_with("loop") {
            true => format!("{name} is a loop device with no file attached."),
            false => format!("{name} has no medium in it."),
        };
    }
    format!(
        "{name} is not a drive of its own: the system made it out of memory or of other drives, or it is read optically."
    )
}

fn what_there_is(drives: &[Drive]) -> String {
    if drives.is_empty() {
        return "There are no drives.".to_owned();
    }
    let one = |(drive, id): (&Drive, String)| {
        let size = ByteSize(drive.identity.size_bytes);
        format!("{id} ({}, {}, {size})", drive.identity.path.display(), drive.title())
    };
    let all: Vec<String> = drives.iter().zip(distinct_ids(drives)).map(one).collect();
    format!("There are: {}.", all.join("; "))
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).unwrap_or_else(|| "an empty name".to_owned())
}
