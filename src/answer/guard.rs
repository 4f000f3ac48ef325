//! The guard of an answer file that wipes a disk.
//!
//! Setup counts disks as the firmware and the drivers happen to find them: on one machine the stick is disk 1, on the next
//! it is disk 0, and a file that wipes disk 0 would erase the stick, or a disk of data that came first. So the file says
//! which disk the stick has to be, and two things of different kinds stand before the wiping:
//!
//! 1. Commands that run first. If the disk to be wiped hangs on USB, or the one that shall be the stick does not, both are
//!    made read-only for this run of Setup, so that wiping the one fails, and so does naming the other.
//! 2. In the disk configuration, ahead of the disk to be wiped, a change of the label of the stick's first partition. It
//!    fails where that disk or partition is missing.
//!
//! With `WillShowUI` `OnError` a failure ends in Setup's own page of disks, where a person decides; not in the wrong disk.
//! `diskpart` translates its words, but not the name of a bus, so that `USB` is found in every language. A disk whose
//! name happens to hold these letters leads to the page as well, which is the safe side.

use super::options::{Disks, Wipe};
use super::xml::Element;

/// The label that the stick gets. Eleven letters at most, because the stick has FAT32.
pub const STICK_LABEL: &str = "STICKSMITH";

/// What a person should know who decides about wiping.
pub fn explanation(wipe: &Wipe) -> String {
    let Wipe { disk, stick_disk, .. } = wipe;
    format!(
        "Setup will erase disk {disk} without a question, on every machine that starts from this stick. It does so only \
         where disk {disk} is not on USB and disk {stick_disk} is: otherwise it shows its page of disks, and a person \
         decides. Other disks are not touched. The numbers are those that Setup shows; they can differ from machine to \
         machine."
    )
}

/// The commands of the first kind: what each does, and its line.
pub(super) fn commands(disks: &Disks) -> Vec<(String, String)> {
    let Disks::Wipe(Wipe { disk, stick_disk, .. }) = disks else { return Vec::new() };
    let lock = |disk: &u32| format!("echo select disk {disk}&echo attributes disk set readonly");
    let protect = format!("({}&{})|diskpart&exit 0", lock(disk), lock(stick_disk));
    let is_usb = |disk: &u32| format!("(echo select disk {disk}&echo detail disk)|diskpart|find \"USB\"");
    vec![
        (
            format!("Guard: disk {disk} is not wiped if it is on USB"),
            format!("cmd.exe /c \"{}&&{protect}\"", is_usb(disk)),
        ),
        (
            format!("Guard: disk {disk} is not wiped unless disk {stick_disk} is on USB"),
            format!("cmd.exe /c \"{}||{protect}\"", is_usb(stick_disk)),
        ),
    ]
}

/// The entry of the second kind.
pub(super) fn stick(wipe: &Wipe) -> Element {
    let change = Element::change(
        "ModifyPartition",
        vec![
            Element::text("Order", "1"),
            Element::text("PartitionID", "1"),
            Element::text("Label", STICK_LABEL),
        ],
    );
    Element::change(
        "Disk",
        vec![
            Element::text("DiskID", wipe.stick_disk.to_string()),
            Element::parent("ModifyPartitions", vec![change]),
        ],
    )
}
