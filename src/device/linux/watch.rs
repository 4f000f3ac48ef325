//! Noticing that drives or mounts changed: kernel uevents, and the poll signal of the mount table.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};

use super::root::{names, read_text};

/// The kernel's own events come in group 1. Those of udev, in group 2, come when its database has been filled: only
/// then the labels are known.
const KERNEL_AND_UDEV: u32 = 1 | 2;

/// How often the list of drives is compared, for systems on which events do not reach us (containers).
const COMPARE_EVERY: Duration = Duration::from_secs(1);

/// There while udev has devices to look at (udev_queue_get_queue_is_empty(3) asks the same).
const UDEV_QUEUE: &str = "/run/udev/queue";

/// Wakes when drives come, go or change.
pub struct DriveWatcher {
    uevents: Option<OwnedFd>,
    mounts: Option<File>,
    seen: Vec<[String; 4]>,
}

impl Default for DriveWatcher {
    fn default() -> Self {
        Self::new()
    }
}

impl DriveWatcher {
    pub fn new() -> Self {
        Self {
            uevents: uevent_socket().ok(),
            mounts: File::open("/proc/self/mountinfo").ok(),
            seen: fingerprint(),
        }
    }

    /// Blocks until something about block devices or mounts changed (`true`) or the time is over (`false`).
    pub fn wait(&mut self, timeout: Duration) -> bool {
        let start = Instant::now();
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let changed = self.poll(left.min(COMPARE_EVERY));
            let now = fingerprint();
            if changed || now != self.seen {
                self.seen = now;
                return true;
            }
            if left.is_zero() {
                return false;
            }
        }
    }

    /// Blocks until nothing has changed for `quiet` and udev has looked at all that came, but not much longer than `at_most`.
    /// A slow stick is quiet while udev reads its labels.
    pub fn settle(&mut self, quiet: Duration, at_most: Duration) {
        self.settle_with(quiet, at_most, || Path::new(UDEV_QUEUE).exists());
    }

    fn settle_with(&mut self, quiet: Duration, at_most: Duration, mut udev_is_busy: impl FnMut() -> bool) {
        let start = Instant::now();
        while start.elapsed() < at_most && (self.wait(quiet) || udev_is_busy()) {}
    }

    fn poll(&self, timeout: Duration) -> bool {
        let mut fds = Vec::with_capacity(2);
        fds.extend(self.mounts.as_ref().map(|file| PollFd::new(file, PollFlags::PRI)));
        fds.extend(self.uevents.as_ref().map(|socket| PollFd::new(socket, PollFlags::IN)));
        let Ok(timeout) = Timespec::try_from(timeout) else { return false };
        match poll(&mut fds, Some(&timeout)) {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
        let mounts_changed = self.mounts.is_some() && fds[0].revents().contains(PollFlags::PRI);
        // All events that wait are taken together: one stick makes a dozen of them.
        self.drain_uevents() || mounts_changed
    }

    /// Empties the socket; `true` if one of the events was about a block device.
    fn drain_uevents(&self) -> bool {
        let Some(socket) = &self.uevents else { return false };
        let mut about_blocks = false;
        let mut event = [0; 8192];
        loop {
            match recv(socket, &mut event, RecvFlags::DONTWAIT) {
                Ok((len, _)) => about_blocks |= is_about_block_device(&event[..len]),
                // More came than the socket holds; what was lost may have mattered.
                Err(Errno::NOBUFS) => about_blocks = true,
                Err(Errno::INTR) => {}
                Err(_) => return about_blocks,
            }
        }
    }
}

fn uevent_socket() -> rustix::io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(KOBJECT_UEVENT))?;
    bind(&socket, &SocketAddrNetlink::new(0, KERNEL_AND_UDEV))?;
    Ok(socket)
}

/// Both kinds of message carry the properties as strings that end in a zero byte.
fn is_about_block_device(event: &[u8]) -> bool {
    event.split(|byte| *byte == 0).any(|property| property == b"SUBSYSTEM=block")
}

/// What changes whenever a drive does.
fn fingerprint() -> Vec<[String; 4]> {
    let block = Path::new("/sys/block");
    names(block)
        .into_iter()
        .map(|name| {
            let read = |attribute| read_text(&block.join(&name).join(attribute));
            [read("size"), read("diskseq"), read("ro"), name]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_about_block_devices_are_told_from_others() {
        let kernel = b"add@/devices/x/block/sdb\0ACTION=add\0SUBSYSTEM=block\0SEQNUM=1\0";
        let udev = b"libudev\0\xfe\xed\xca\xfe\0\0\0\x28ACTION=add\0SUBSYSTEM=block\0";
        assert!(is_about_block_device(kernel) && is_about_block_device(udev));
        assert!(!is_about_block_device(b"add@/devices/x\0SUBSYSTEM=blocks\0"));
        assert!(!is_about_block_device(b""));
    }

    #[test]
    fn a_quiet_wait_ends() {
        let mut watcher = DriveWatcher::new();
        watcher.wait(Duration::ZERO);
    }

    #[test]
    fn nothing_is_settled_while_udev_looks_at_it() {
        let mut asked = 0;
        DriveWatcher::new().settle_with(Duration::ZERO, Duration::from_secs(600), || {
            asked += 1;
            asked < 3
        });
        assert_eq!(asked, 3);
        DriveWatcher::new().settle_with(Duration::ZERO, Duration::ZERO, || panic!("nobody waits for ever"));
    }
}
