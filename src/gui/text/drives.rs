//! Drives in words: where they are, what lies on them, why a choice was dropped.

use std::path::Path;
use std::time::Duration;

use super::{duration, file_name};
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

/// For a drive that its place alone tells from another.
pub fn at_port(title: &str, port: &str) -> String {
    format!("{title} · port {port}")
}

/// The same where the port does not tell either.
pub fn at_node(title: &str, path: &Path) -> String {
    format!("{title} · {}", file_name(path))
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

/// On the card of a drive that can be chosen all the same.
pub fn in_use(drive: &Drive) -> String {
    format!(
        "In use: {}. It can be chosen; you are asked before that is ended.",
        drive.stoppable_uses.join("; ")
    )
}

// Confirm
pub const IN_USE: &str = "In use now";
pub const ENDS_FIRST: &str = "Tick what may be ended. It ends just before the drive is written to, and nothing ends before that: volumes \
                              are unmounted and locked, swap is stopped.";

pub fn end_this(named: &str) -> String {
    format!("End this: {named}")
}

pub fn uses_changed(title: &str) -> String {
    format!("What uses {title} has changed. Look again, and tick what may be ended.")
}

/// Which drive it is, of all that carry its name: `serial 4C53… · port 1-4.2`.
pub fn told_apart(identity: &Identity) -> String {
    let mut parts = Vec::new();
    if let Some(serial) = &identity.serial {
        parts.push(format!("serial {serial}"));
    }
    if let Some(port) = &identity.port {
        parts.push(format!("port {port}"));
    }
    parts.push(identity.path.display().to_string());
    parts.join(" · ")
}

pub const WHICH_ONE: &str = "Which one is it?";
pub const PLUG_IT_IN: &str = "Plug the stick in now; if it is in, pull it out and put it in again.";

/// On the card of a drive that was plugged in this long ago.
pub fn plugged_in(identity: &Identity, ago: Duration) -> String {
    let port = identity.port.as_ref().map_or_else(String::new, |port| format!(" at port {port}"));
    format!("Plugged in just now{port}, {}", since(ago))
}

/// Said when it happens.
pub fn appeared(name: &str, is_shown: bool) -> String {
    if is_shown {
        format!("{name} was plugged in. It is marked below.")
    } else {
        format!("{name} was plugged in. It is not for everyday use, so only “{SHOW_ALL_DRIVES}” shows it.")
    }
}

fn since(ago: Duration) -> String {
    match ago.as_secs() {
        0..2 => "a moment ago".to_owned(),
        secs @ 2..60 => format!("{secs} s ago"),
        secs => format!("{} ago", duration((secs / 60 * 60) as f64)),
    }
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
