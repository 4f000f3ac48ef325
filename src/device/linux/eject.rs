//! Making a stick ready to be unplugged: unmounted, flushed, and gone for the system.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::geteuid;

use super::super::{Bus, DeviceError, Drive, Identity, Operation};
use super::fault::{access, denied};
use super::holders::processes;
use super::open::{is_regular_file, opening_failed, refuse_if_used, still_there};
use super::sysfs::Node;
use super::system::System;
use super::udisks::{Answer, Udisks};
use super::unmount::unmount_all;

/// A stick that has just been closed is looked at by udev, and perhaps mounted by the desktop.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(300);

const ONLY_UDISKS: &str = "only UDisks2 or root may eject it; install and start udisks2";

/// Unmounts the drive, flushes it and lets go of it, if it is still the one that is meant: afterwards it can be unplugged.
/// An error is no danger to what was written by this program, which has been flushed before.
pub fn eject(chosen: &Identity) -> Result<(), DeviceError> {
    let name = chosen.path.display();
    if is_regular_file(&chosen.path) {
        return Err(DeviceError::NotADrive(format!("{name} is a file; there is nothing to eject.")));
    }
    let mut attempt = 1;
    loop {
        let system = System::here()?;
        let found = still_there(&system, chosen)?;
        refuse_if_used(&found)?;
        if !found.hotplug || found.bus == Bus::Loop {
            return Err(DeviceError::NotADrive(format!(
                "{name} cannot be ejected: it is no drive that is unplugged while the system runs."
            )));
        }
        let node = system.tree.by_path(&system.root, &chosen.path);
        let node = node.ok_or_else(|| failed(&chosen.path, Errno::NODEV.into()))?;
        unmount_all(&chosen.path)?;
        let ejected = match Udisks::reach() {
            Ok(udisks) => by_udisks(&udisks, &system, node),
            Err(answer) => Err(answer),
        };
        match ejected {
            Ok(()) => return Ok(()),
            Err(Answer::NoService) => return directly(&found, node),
            Err(Answer::Twin(_)) if geteuid().is_root() => return directly(&found, node),
            // It gives no reason that a program could read.
            Err(Answer::Busy | Answer::Other(_)) if attempt < ATTEMPTS => {
                attempt += 1;
                thread::sleep(PAUSE);
            }
            Err(answer @ (Answer::Busy | Answer::Other(_))) => return Err(held(&found, answer)),
            Err(answer) => {
                return Err(answer.error(Operation::Eject, &chosen.path, "eject it in the file manager"));
            }
        }
    }
}

fn by_udisks(udisks: &Udisks, system: &System, node: &Node) -> Result<(), Answer> {
    let device = usb_device(node);
    let others: Vec<&Node> =
        system.tree.wholes().filter(|other| other.name != node.name && usb_device(other).is_some()).collect();
    let (slots, elsewhere): (Vec<&Node>, Vec<&Node>) =
        others.into_iter().partition(|other| usb_device(other) == device);
    // It would take either of them.
    if let Some(twin) = udisks.takes_for_the_same(node, &elsewhere)? {
        return Err(Answer::Twin(twin.path.display().to_string()));
    }
    udisks.eject(node, slots.is_empty())
}

/// The folder of the USB device that a drive is a part of: the one above the interface (`1-4.2:1.0`).
fn usb_device(node: &Node) -> Option<&Path> {
    let is_interface = |dir: &&Path| {
        dir.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.split_once(':').is_some_and(|(port, _)| port.contains('-'))
        })
    };
    node.dir.ancestors().find(is_interface)?.parent()
}

/// As root, without UDisks2: the kernel flushes a SCSI disk when it lets go of it.
fn directly(found: &Drive, node: &Node) -> Result<(), DeviceError> {
    let path = &found.identity.path;
    // Whoever else has claimed it is not done with it.
    let claim = OFlags::EXCL.bits().cast_signed();
    let file =
        File::options().read(true).custom_flags(claim).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => denied(Operation::Eject, path, ONLY_UDISKS),
            _ => opening_failed(found, error),
        })?;
    file.sync_all().map_err(|error| failed(path, error))?;
    drop(file);
    let removal = node.dir.join("device/delete");
    if !removal.exists() {
        return Err(DeviceError::NotADrive(format!(
            "{} has been flushed, but the system has no way to eject it; take it out when its light stands still.",
            path.display()
        )));
    }
    let removed = fs::OpenOptions::new().write(true).open(&removal).and_then(|mut file| file.write_all(b"1"));
    removed.map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => {
            denied(Operation::Eject, path, &format!("it has been flushed, but {ONLY_UDISKS}"))
        }
        _ => failed(path, error),
    })
}

fn failed(path: &Path, error: io::Error) -> DeviceError {
    access(Operation::Eject, path, error)
}

/// Who keeps it, where that can be seen.
fn held(found: &Drive, answer: Answer) -> DeviceError {
    let path = &found.identity.path;
    let nodes: Vec<&Path> =
        found.partitions.iter().map(|part| part.path.as_path()).chain([path.as_path()]).collect();
    match processes(|link| nodes.contains(&link)) {
        Some(who) => DeviceError::Held {
            path: path.display().to_string(),
            holder: format!("it is held open by {who}"),
        },
        None => answer.error(Operation::Eject, path, "eject it in the file manager"),
    }
}
