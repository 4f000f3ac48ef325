//! Opening drives and practice sticks, each only if it is still the one that was chosen.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, OFlags, flock, ioctl_blksszget};
use rustix::io::Errno;

use super::super::{
    AlignedBuf, BlockDevice, DeviceError, Drive, ErrorClass, Geometry, Identity, Operation, practice_stick,
};
use super::drives::{drive, is_drive};
use super::fault::{access, class_of, denied, write_protected};
use super::handle::Handle;
use super::holders::processes;
use super::sysfs::numbers;
use super::system::System;
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
        let found = still_there(&System::here()?, chosen)?;
        refuse_if_used(&found)?;
        refuse_if_read_only(&found)?;
        unmount_all(&chosen.path)?;
        match open_node(&chosen.path, true) {
            Ok((file, direct)) => {
                // Best effort: udev leaves a drive alone that is locked (systemd.io/BLOCK_DEVICE_LOCKING).
                let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
                return block_handle(file, direct, chosen, true);
            }
            Err(error) if is(&error, Errno::BUSY) && attempt < ATTEMPTS => {
                attempt += 1;
                thread::sleep(PAUSE);
            }
            Err(error) => return Err(opening_failed(&found, error)),
        }
    }
}

/// Opens the drive for reading past the cache; what is mounted stays mounted.
pub fn open_for_reading(chosen: &Identity) -> Result<Box<dyn BlockDevice>, DeviceError> {
    if is_regular_file(&chosen.path) {
        return open_practice(chosen, false);
    }
    let found = still_there(&System::here()?, chosen)?;
    match open_node(&chosen.path, false) {
        Ok((file, direct)) => block_handle(file, direct, chosen, false),
        Err(error) => Err(opening_failed(&found, error)),
    }
}

/// The drive that the path names now, if it is the chosen one.
fn still_there(system: &System, chosen: &Identity) -> Result<Drive, DeviceError> {
    let node = system.tree.by_path(&system.root, &chosen.path).filter(|node| is_drive(node));
    let changed = |difference| DeviceError::Changed { path: chosen.path.display().to_string(), difference };
    let found = node.map(|node| drive(system, node)).ok_or_else(|| changed("it was unplugged".to_owned()))?;
    match chosen.difference(&found.identity) {
        None => Ok(found),
        Some(difference) => Err(changed(difference)),
    }
}

fn refuse_if_used(found: &Drive) -> Result<(), DeviceError> {
    if found.system_uses.is_empty() {
        return Ok(());
    }
    let path = found.identity.path.display().to_string();
    Err(DeviceError::Held { path, holder: found.system_uses.join("; ") })
}

fn refuse_if_read_only(found: &Drive) -> Result<(), DeviceError> {
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
fn block_handle(
    file: File,
    direct: bool,
    chosen: &Identity,
    write: bool,
) -> Result<Box<dyn BlockDevice>, DeviceError> {
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
    still_there(&System::here()?, chosen)?;
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
    }))
}

fn open_practice(chosen: &Identity, write: bool) -> Result<Box<dyn BlockDevice>, DeviceError> {
    let changed = |difference| DeviceError::Changed { path: chosen.path.display().to_string(), difference };
    let found = practice_stick(&chosen.path)?;
    if let Some(difference) = chosen.difference(&found.identity) {
        return Err(changed(difference));
    }
    if write {
        refuse_if_used(&found)?;
        refuse_if_read_only(&found)?;
    }
    let open = |flags: OFlags| {
        OpenOptions::new().read(true).write(write).custom_flags(flags.bits().cast_signed()).open(&chosen.path)
    };
    let failed = |error: io::Error| opening_failed(&found, error);
    let (file, direct) = match open(OFlags::DIRECT) {
        Ok(file) if reads_a_sector(&file, found.identity.sector_bytes) => (file, true),
        Ok(_) => (open(OFlags::empty()).map_err(failed)?, false),
        Err(error) if is(&error, Errno::INVAL) => (open(OFlags::empty()).map_err(failed)?, false),
        Err(error) => return Err(failed(error)),
    };
    if write {
        // Stands in for the exclusive opening of a drive, among programs that ask.
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            Errno::AGAIN => opening_failed(&found, Errno::BUSY.into()),
            error => failed(error.into()),
        })?;
    }
    let metadata = file.metadata().map_err(failed)?;
    let same = file_identity(&metadata) == chosen.device_number
        && metadata.len() / u64::from(chosen.sector_bytes) * u64::from(chosen.sector_bytes)
            == chosen.size_bytes;
    if !same {
        return Err(changed("its file was replaced".to_owned()));
    }
    let geometry = Geometry { size_bytes: chosen.size_bytes, sector_bytes: chosen.sector_bytes, direct };
    Ok(Box::new(Handle {
        file,
        path: chosen.path.clone(),
        geometry,
        is_block: false,
        unsynced_bytes: AtomicU64::new(0),
    }))
}

/// The file system may demand larger pieces for direct I/O than the sectors of the stick.
fn reads_a_sector(file: &File, sector_bytes: u32) -> bool {
    let mut sector = AlignedBuf::new(sector_bytes as usize);
    file.read_at(&mut sector, u64::from(sector_bytes)).is_ok()
}

/// What stands for the device number of a practice stick: file system and inode.
pub(in crate::device) fn file_identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn is_regular_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn is(error: &io::Error, errno: Errno) -> bool {
    error.raw_os_error() == Some(errno.raw_os_error())
}

/// Why a drive cannot be opened, with a way forward.
fn opening_failed(found: &Drive, error: io::Error) -> DeviceError {
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
