//! Opening drives, each only if it is still the one that was chosen: directly where the user may, else by UDisks2.
//!
//! Holding a drive exclusively is also what keeps automounters off it while it is half made: the kernel lets nobody
//! mount the drive or a partition of it meanwhile, and udev leaves a locked drive alone. What no program can do without
//! rules of its own in the system: keep one that does not ask for the drive alone from writing to it, and keep the
//! desktop from mounting what it recognises in the moment between unmounting and opening (hence the attempts) or once
//! the finished stick has been closed, which is what the desktop is for.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::Duration;

use rustix::fs::{Access, FlockOperation, OFlags, flock, ioctl_blksszget};
use rustix::io::Errno;

use super::super::{BlockDevice, Bus, DeviceError, Drive, ErrorClass, Geometry, Identity, Operation};
use super::drives::{drive, is_drive};
use super::fault::{access, class_of, denied, write_protected};
use super::handle::Handle;
use super::holders::processes;
use super::inhibit::Inhibitor;
use super::practice::open_practice;
use super::sysfs::{Node, numbers};
use super::system::System;
use super::udisks::{Answer, RescanOnClose, Udisks};
use super::unmount::unmount_all;
use super::{ioctl, root::Root};

/// A desktop may mount a stick again, or look into it, just when we open it: such holders go away by themselves.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// Unmounts what is mounted of the drive, opens it exclusively and directly, and checks on the open handle that it is
/// still the one that was chosen.
pub fn open_for_writing(chosen: &Identity) -> Result<Box<dyn BlockDevice>, DeviceError> {
    if is_regular_file(&chosen.path) {
        return open_practice(chosen, true);
    }
    let mut attempt = 1;
    loop {
        let system = System::here()?;
        let found = still_there(&system, chosen)?;
        refuse_if_used(&found)?;
        refuse_if_read_only(&found)?;
        // Before anything is unmounted: it stays as it is where nobody could open the drive, or nobody lets this user.
        let way = Way::to(&system, &found, true)?;
        if attempt == 1 && found.mount_points().next().is_some() {
            way.ask(&found)?;
        }
        let unmounted = unmount_all(&chosen.path)?;
        match way.open(&found, true) {
            Ok(opened) => {
                // Best effort: udev leaves a drive alone that is locked (systemd.io/BLOCK_DEVICE_LOCKING).
                let _ = flock(&opened.file, FlockOperation::NonBlockingLockExclusive);
                return block_handle(opened, chosen, true);
            }
            Err(Failed::System(error)) if is(&error, Errno::BUSY) && attempt < ATTEMPTS => {
                attempt += 1;
                thread::sleep(PAUSE);
            }
            Err(failed) => {
                unmounted.put_back();
                return Err(failed.explained(&found));
            }
        }
    }
}

/// Opens the drive for reading past the cache; what is mounted stays mounted.
pub fn open_for_reading(chosen: &Identity) -> Result<Box<dyn BlockDevice>, DeviceError> {
    if is_regular_file(&chosen.path) {
        return open_practice(chosen, false);
    }
    let system = System::here()?;
    let found = still_there(&system, chosen)?;
    match Way::to(&system, &found, false)?.open(&found, false) {
        Ok(opened) => block_handle(opened, chosen, false),
        Err(failed) => Err(failed.explained(&found)),
    }
}

/// Who opens a drive.
pub(super) enum Way {
    /// This program itself; the node is kept for the case that the system has other reasons to refuse.
    Direct(Node),
    Udisks(Udisks, Node),
}

/// A node that was opened, by whomever.
struct Opened {
    file: File,
    /// Past the page cache.
    direct: bool,
    rescan: Option<RescanOnClose>,
}

enum Failed {
    System(io::Error),
    /// It was explained already.
    Refused(DeviceError),
}

impl Way {
    pub(super) fn to(system: &System, found: &Drive, write: bool) -> Result<Self, DeviceError> {
        let path = &found.identity.path;
        let node = system.tree.by_path(&system.root, path).cloned();
        let node = node.ok_or_else(|| access(Operation::Open, path, Errno::NODEV.into()))?;
        let rights = if write { Access::READ_OK | Access::WRITE_OK } else { Access::READ_OK };
        match rustix::fs::access(path, rights) {
            Err(Errno::ACCESS | Errno::PERM) => {
                let udisks = Udisks::reach_for(&node).map_err(|answer| not_granted(answer, path))?;
                Ok(Self::Udisks(udisks, node))
            }
            _ => Ok(Self::Direct(node)),
        }
    }

    /// Has the user asked for the right to open the drive, where it takes that.
    pub(super) fn ask(&self, found: &Drive) -> Result<(), DeviceError> {
        match self {
            Self::Direct(_) => Ok(()),
            Self::Udisks(udisks, node) => {
                udisks.ask(node).map_err(|answer| not_granted(answer, &found.identity.path))
            }
        }
    }

    fn open(self, found: &Drive, write: bool) -> Result<Opened, Failed> {
        let path = &found.identity.path;
        match self {
            Self::Direct(node) => match open_node(path, write) {
                Ok((file, direct)) => Ok(Opened { file, direct, rescan: None }),
                // The node allows it, something above it does not: a container, a security module.
                Err(error) if is(&error, Errno::ACCESS) || is(&error, Errno::PERM) => {
                    match Udisks::reach_for(&node) {
                        Ok(udisks) => Self::Udisks(udisks, node).open(found, write),
                        Err(_) => Err(Failed::System(error)),
                    }
                }
                Err(error) => Err(Failed::System(error)),
            },
            Self::Udisks(udisks, node) => match udisks.open(&node, write) {
                Ok((file, direct)) => Ok(Opened { file, direct, rescan: write.then(|| RescanOnClose(node)) }),
                Err(Answer::Busy) => Err(Failed::System(Errno::BUSY.into())),
                Err(Answer::ReadOnly) => Err(Failed::System(Errno::ROFS.into())),
                Err(answer) => Err(Failed::Refused(not_granted(answer, path))),
            },
        }
    }
}

impl Failed {
    fn explained(self, found: &Drive) -> DeviceError {
        match self {
            Self::System(error) => opening_failed(found, error),
            Self::Refused(error) => error,
        }
    }
}

fn not_granted(answer: Answer, path: &Path) -> DeviceError {
    answer.error(Operation::Open, path, &who_may_open(path))
}

/// The drive that the path names now, if it is the chosen one.
pub(super) fn still_there(system: &System, chosen: &Identity) -> Result<Drive, DeviceError> {
    let node = system.tree.by_path(&system.root, &chosen.path).filter(|node| is_drive(node));
    let changed = |difference| DeviceError::Changed { path: chosen.path.display().to_string(), difference };
    let found = node.map(|node| drive(system, node)).ok_or_else(|| changed("it was unplugged".to_owned()))?;
    match chosen.difference(&found.identity) {
        None => Ok(found),
        Some(difference) => Err(changed(difference)),
    }
}

pub(super) fn refuse_if_used(found: &Drive) -> Result<(), DeviceError> {
    refuse_if_used_by_the_system(found)?;
    refuse_for(found, &found.stoppable_uses, "; lock or stop that first")
}

/// The same where the uses that are `named` may stay for now.
pub(super) fn refuse_if_used_besides(found: &Drive, named: &[String]) -> Result<(), DeviceError> {
    refuse_if_used_by_the_system(found)?;
    refuse_for(
        found,
        &found.uses_besides(named),
        "; nobody has agreed to end that, so start again to be asked",
    )
}

/// The same for what no consent can end.
fn refuse_if_used_by_the_system(found: &Drive) -> Result<(), DeviceError> {
    refuse_for(found, &found.system_uses, "")
}

fn refuse_for(found: &Drive, uses: &[String], way: &str) -> Result<(), DeviceError> {
    if uses.is_empty() {
        return Ok(());
    }
    let path = found.identity.path.display().to_string();
    Err(DeviceError::Held { path, holder: format!("{}{way}", uses.join("; ")) })
}

pub(super) fn refuse_if_read_only(found: &Drive) -> Result<(), DeviceError> {
    if found.read_only { Err(write_protected(&found.identity.path)) } else { Ok(()) }
}

/// Opens a node past the page cache where the system allows it; `true` says that it did.
fn open_node(path: &Path, write: bool) -> io::Result<(File, bool)> {
    // On a block device O_EXCL, without O_CREAT, claims it: no mount, swap or layer can take it meanwhile (open(2)).
    let claim = if write { OFlags::EXCL } else { OFlags::empty() };
    let open = |flags: OFlags| {
        OpenOptions::new().read(true).write(write).custom_flags(flags.bits().cast_signed()).open(path)
    };
    match open(claim | OFlags::DIRECT) {
        Err(error) if is(&error, Errno::INVAL) => Ok((open(claim)?, false)),
        opened => Ok((opened?, true)),
    }
}

/// Puts an open block device behind the seam, after it has proved on the handle itself to be the chosen one.
fn block_handle(opened: Opened, chosen: &Identity, write: bool) -> Result<Box<dyn BlockDevice>, DeviceError> {
    let Opened { file, direct, rescan } = opened;
    let failed = |error| access(Operation::Open, &chosen.path, error);
    let now = Identity {
        device_number: numbers(file.metadata().map_err(failed)?.rdev()),
        size_bytes: ioctl::size_bytes(&file).map_err(failed)?,
        sector_bytes: ioctl_blksszget(&file).map_err(io::Error::from).map_err(failed)?,
        // Older kernels do not count.
        sequence: ioctl::disk_sequence(&file).ok().or(chosen.sequence).filter(|_| chosen.sequence.is_some()),
        ..chosen.clone()
    };
    if let Some(difference) = chosen.difference(&now) {
        return Err(DeviceError::Changed { path: chosen.path.display().to_string(), difference });
    }
    // What only sysfs tells, once more now that the drive cannot be swapped under the number any more.
    let found = still_there(&System::here()?, chosen)?;
    if write && ioctl::is_read_only(&file).map_err(failed)? {
        return Err(write_protected(&chosen.path));
    }
    let geometry = Geometry { size_bytes: now.size_bytes, sector_bytes: now.sector_bytes, direct };
    Ok(Box::new(Handle {
        file,
        path: chosen.path.clone(),
        geometry,
        is_block: true,
        unsynced_bytes: AtomicU64::new(0),
        _rescan: rescan,
        _inhibitor: if found.bus == Bus::Loop { None } else { Inhibitor::take(why_awake(&found, write)) },
    }))
}

/// What the desktop shows when it asks whether to shut down all the same.
fn why_awake(found: &Drive, write: bool) -> String {
    format!(
        "{} {} is being {}",
        found.title(),
        found.identity.path.display(),
        if write { "written" } else { "read" }
    )
}

pub(super) fn is_regular_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

pub(super) fn is(error: &io::Error, errno: Errno) -> bool {
    error.raw_os_error() == Some(errno.raw_os_error())
}

/// Why a drive cannot be opened, with a way forward.
pub(super) fn opening_failed(found: &Drive, error: io::Error) -> DeviceError {
    let path = &found.identity.path;
    match class_of(&error, Operation::Open) {
        ErrorClass::Busy => {
            let nodes: Vec<&Path> =
                found.partitions.iter().map(|p| p.path.as_path()).chain([path.as_path()]).collect();
            let holder = processes(|link| nodes.contains(&link)).map_or_else(
                || {
                    "another program has claimed it, or it is mounted where this program cannot see it"
                        .to_owned()
                },
                |who| format!("it is held open by {who}"),
            );
            DeviceError::Held { path: path.display().to_string(), holder }
        }
        ErrorClass::Denied => denied(Operation::Open, path, &who_may_open(path)),
        ErrorClass::WriteProtected => write_protected(path),
        _ => access(Operation::Open, path, error),
    }
}

/// What a user without the right to open a node can do about it.
fn who_may_open(path: &Path) -> String {
    const GROUP_READ_WRITE: u32 = 0o060;
    let group = fs::metadata(path)
        .ok()
        .filter(|metadata| metadata.gid() != 0 && metadata.mode() & GROUP_READ_WRITE == GROUP_READ_WRITE)
        .and_then(|metadata| group_name(metadata.gid()));
    match group {
        Some(group) => format!("run the program as root, or join the group “{group}” that may open it"),
        None => "run the program as a user who may open it, such as root".to_owned(),
    }
}

fn group_name(gid: u32) -> Option<String> {
    Root::real().text("/etc/group").lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(gid)).then(|| name.to_owned())
    })
}
