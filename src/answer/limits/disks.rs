//! Disks and partitions.

use super::Limits;
use crate::answer::options::{Disks, Layout, Wipe};
use crate::answer::version::Version;

const MAX_DISK: u32 = 99;

pub(super) fn check(disks: &Disks, limits: &mut Limits) {
    match disks {
        Disks::Interactive => {}
        Disks::Keep(keep) => {
            limits.number("disks.disk", keep.disk, 0..=MAX_DISK);
            limits.number("disks.partition", keep.partition, 1..=128);
        }
        Disks::Wipe(wipe) => check_wipe(wipe, limits),
    }
}

fn check_wipe(wipe: &Wipe, limits: &mut Limits) {
    limits.number("disks.disk", wipe.disk, 0..=MAX_DISK);
    limits.number("disks.stick_disk", wipe.stick_disk, 0..=MAX_DISK);
    if wipe.stick_disk == wipe.disk {
        limits.complain("disks.stick_disk", wipe.stick_disk, "the stick cannot be the disk that is erased");
    }
    let words = wipe.consent_words();
    if wipe.consent.as_deref() != Some(&words) {
        let limit = format!(
            "a disk is erased without a question only where the profile says so a second time: consent = \"{words}\""
        );
        match &wipe.consent {
            Some(consent) => limits.complain("disks.consent", consent, limit),
            None => limits.missing("disks.consent", limit),
        }
    }
    let system_mb = match wipe.layout {
        Layout::Bios => 100..=500,
        Layout::Uefi => 100..=260,
    };
    if let Some(size_mb) = wipe.system_mb {
        limits.number("disks.system_mb", size_mb, system_mb);
    }
    if let Some(size_mb) = wipe.reserved_mb {
        limits.number("disks.reserved_mb", size_mb, 16..=128);
        if wipe.layout == Layout::Bios {
            limits.complain("disks.reserved_mb", size_mb, "only the UEFI layout has a reserved partition");
        }
    }
    if let Some(size_mb) = wipe.recovery_mb {
        limits.number("disks.recovery_mb", size_mb, 300..=32_768);
        // Vista cannot give a partition a type.
        limits.since("disks.recovery_mb", size_mb, Version::Seven);
    }
    if let Some(size_mb) = wipe.windows_mb {
        let smallest = if limits.version >= Version::Eleven { 65_536 } else { 16_384 };
        limits.number("disks.windows_mb", size_mb, smallest..=16_777_216);
    }
}
