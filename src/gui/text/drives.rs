//! Drives in words: where they are, what lies on them, why a choice was dropped.

use super::file_name;
use crate::base::ByteSize;
use crate::device::{Drive, Identity, Partition};

pub const SHOW_ALL_DRIVES: &str = "Show all drives";
pub const LOOKING_FOR_DRIVES: &str = "Looking for drives…";
pub const NO_DRIVES: &str = "No stick or card is plugged in. Plug one in, and it appears here.";
pub const NO_PARTITIONS: &str = "nothing recognised on it";

/// `SanDisk Ultra` or, without any name, the node's.
pub fn drive_name(identity: &Identity) -> String {
    identity.title().unwrap_or_else(|| file_name(&identity.path))
}

/// The line below the drive's name: where it is.
pub fn drive_facts(drive: &Drive) -> String {
    let identity = &drive.identity;
    let mut parts = vec![drive.bus.to_string(), identity.path.display().to_string()];
    if let Some(port) = &identity.port {
        parts.push(format!("port {port}"));
    }
    if let Some(serial) = &identity.serial {
        parts.push(format!("serial {serial}"));
    }
    if drive.read_only {
        parts.push("write-protected".to_owned());
    }
    parts.join(" · ")
}

pub fn partition(partition: &Partition) -> String {
    let mut text = match partition.number {
        Some(number) => format!("Partition {number}"),
        None => "Whole drive".to_owned(),
    };
    match &partition.volume {
        Some(volume) => {
            text += &format!(": {}", file_system(&volume.kind));
            if let Some(label) = &volume.label {
                text += &format!(" “{label}”");
            }
        }
        None => text += ": no file system recognised",
    }
    text += &format!(", {}", ByteSize(partition.size_bytes));
    if let Some(first) = partition.mount_points.first() {
        text += &format!(", open at {}", first.display());
    }
    text
}

/// Names as people know them; udev's own where there is no better one.
fn file_system(kind: &str) -> &str {
    match kind {
        "vfat" => "FAT",
        "exfat" => "exFAT",
        "ntfs" => "NTFS",
        "iso9660" => "ISO 9660",
        "udf" => "UDF",
        "hfsplus" => "HFS+",
        "crypto_LUKS" => "encrypted (LUKS)",
        "LVM2_member" => "part of LVM",
        "swap" => "swap space",
        other => other,
    }
}

pub fn partitions(drive: &Drive) -> Vec<String> {
    drive.partitions.iter().map(partition).collect()
}

pub fn choice_vanished(title: &str) -> String {
    format!("{title} was unplugged, so it is not chosen any more. Plug it in again, or choose another drive.")
}

pub fn choice_changed(title: &str, difference: &str) -> String {
    format!("{title} is not the drive that was chosen any more: {difference}. Choose again.")
}

pub fn choice_forbidden(title: &str, reason: &str) -> String {
    format!("{title} cannot be used: {reason}. Choose another drive.")
}

pub fn drives_unknown(error: &str) -> String {
    format!("The list of drives may be out of date: {error}")
}
