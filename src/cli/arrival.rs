//! `list --wait`: which one is it? The one that is plugged in now.

use std::process;
use std::time::Duration;

use anyhow::Context;

use crate::device::{self, Drive, DriveWatcher, Identity, Standing, standing};

use super::console::Console;
use super::outcome::{Exit, error_object};

/// How long a wait for news lasts before the drives are compared all the same.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A drive shows up in parts: itself, its partitions, their labels. It is shown once nothing new has come for so long.
const SETTLED_AFTER: Duration = Duration::from_millis(700);

/// Some drives never settle. Long enough for a slow stick whose label is read.
const SETTLED_AT_LAST: Duration = Duration::from_secs(10);

const CANCELLED: &str = "Cancelled. No drive was plugged in.";

/// All drives, and which of them have come. Returns when at least one has, or never: Ctrl-C ends the program. Loop
/// devices and internal drives count only with `all`.
pub fn wait(console: &Console, all: bool) -> anyhow::Result<(Vec<Drive>, Vec<Identity>)> {
    let json = console.json();
    ctrlc::set_handler(move || {
        // Nothing is open and nothing has been printed: this is the whole of the ending.
        let console = Console::new(super::args::Output { json, quiet: false });
        if json {
            console.object(&error_object(Exit::Cancelled, CANCELLED, None));
        } else {
            console.error(CANCELLED);
        }
        process::exit(i32::from(Exit::Cancelled as u8));
    })
    .context("Ctrl-C cannot be caught")?;
    let mut watcher = DriveWatcher::new();
    let mut before = device::list()?;
    console.notice("Plug the drive in now. If it is in already, pull it out and plug it in again.");
    loop {
        let now = device::list()?;
        if newcomers(&before, &now, all).is_empty() {
            before = now;
            watcher.wait(LOOK_AGAIN);
            continue;
        }
        watcher.settle(SETTLED_AFTER, SETTLED_AT_LAST);
        let now = device::list()?;
        let came = newcomers(&before, &now, all);
        if !came.is_empty() {
            return Ok((now, came));
        }
        before = now;
    }
}

/// Who is there now and was not before. The same stick plugged in again is somebody new: the system counts.
fn newcomers(before: &[Drive], now: &[Drive], all: bool) -> Vec<Identity> {
    let is_new = |drive: &&Drive| before.iter().all(|old| old.identity != drive.identity);
    let counts = |drive: &&Drive| all || !matches!(standing::judge(drive, &[]), Standing::Hidden(_));
    now.iter().filter(is_new).filter(counts).map(|drive| drive.identity.clone()).collect()
}

#[cfg(test)]
mod tests {
    use crate::device::Bus;

    use super::super::target::tests::stick;
    use super::*;

    fn come(before: &[&Drive], now: &Drive, all: bool) -> bool {
        let before: Vec<Drive> = before.iter().copied().cloned().collect();
        !newcomers(&before, std::slice::from_ref(now), all).is_empty()
    }

    #[test]
    fn a_stick_is_new_when_it_is_plugged_in_again() {
        let (old, mut again) = (stick(Bus::Usb), stick(Bus::Usb));
        again.identity.sequence = Some(12);
        assert!(!come(&[&old], &old, false));
        assert!(come(&[], &old, false));
        assert!(come(&[&old], &again, false));
    }

    #[test]
    fn write_protected_sticks_come_and_internal_drives_only_when_asked_for() {
        let locked = Drive { read_only: true, ..stick(Bus::Usb) };
        let internal = Drive { hotplug: false, ..stick(Bus::Ata) };
        assert!(come(&[], &locked, false));
        assert!(!come(&[], &internal, false));
        assert!(come(&[], &internal, true));
    }
}
