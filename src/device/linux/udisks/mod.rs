//! UDisks2: the service that opens and unmounts a drive for a user who may not do so directly. It asks polkit whether
//! it may, and polkit asks the user for a password where the system's policy says so.
//!
//! Interfaces: `org.freedesktop.UDisks2.Manager`, `.Block`, `.Filesystem` of the UDisks Reference Manual, version 2.7.3
//! or newer (`OpenDevice`, `ResolveDevice`).
//!
//! It folds every failure of a system call into one error name, and tells which only in words, of whatever language the
//! service runs in. So nothing is read out of the words: what failed is found out by asking for less.

mod answer;
mod drive;

use std::collections::HashMap;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use rustix::fs::{OFlags, makedev};
use zbus::blocking::{Connection, connection::Builder};
use zbus::proxy;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{self, ObjectPath, OwnedObjectPath, Value};

use super::patience::within;
use super::root::number;
use super::sysfs::Node;
pub(super) use answer::Answer;

/// How long a person may take to type a password. Whoever has not answered by then has gone away.
pub(super) const PASSWORD_PATIENCE: Duration = Duration::from_secs(300);

/// What needs no person is answered at once, or by a service that is stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// UDisks2 learns of a new device from udev, some time after the kernel shows it.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// The option of every method that says: ask nobody for a password.
const QUIET: &str = "auth.no_user_interaction";

type Options<'a> = HashMap<&'a str, Value<'a>>;

#[proxy(
    interface = "org.freedesktop.UDisks2.Manager",
    default_service = "org.freedesktop.UDisks2",
    default_path = "/org/freedesktop/UDisks2/Manager",
    gen_async = false
)]
trait Manager {
    fn resolve_device(&self, wanted: Options<'_>, options: Options<'_>)
    -> zbus::Result<Vec<OwnedObjectPath>>;
}

#[proxy(
    interface = "org.freedesktop.UDisks2.Block",
    default_service = "org.freedesktop.UDisks2",
    gen_async = false
)]
trait Block {
    fn open_device(&self, mode: &str, options: Options<'_>) -> zbus::Result<zvariant::OwnedFd>;

    fn rescan(&self, options: Options<'_>) -> zbus::Result<()>;

    /// As in `st_rdev` of stat(2).
    #[zbus(property(emits_changed_signal = "false"))]
    fn device_number(&self) -> zbus::Result<u64>;

    #[zbus(property(emits_changed_signal = "false"))]
    fn drive(&self) -> zbus::Result<OwnedObjectPath>;
}

#[proxy(
    interface = "org.freedesktop.UDisks2.Filesystem",
    default_service = "org.freedesktop.UDisks2",
    gen_async = false
)]
trait Filesystem {
    fn mount(&self, options: Options<'_>) -> zbus::Result<String>;

    fn unmount(&self, options: Options<'_>) -> zbus::Result<()>;
}

/// A connection to UDisks2, which answered on it.
pub(super) struct Udisks {
    connection: Connection,
}

impl Udisks {
    /// Connects, and starts the service where the system can. An answer may take as long as a person needs.
    pub(super) fn reach() -> Result<Self, Answer> {
        Self::reach_with(PASSWORD_PATIENCE)
    }

    fn reach_with(patience: Duration) -> Result<Self, Answer> {
        let connection = Builder::system()
            .and_then(|builder| builder.method_timeout(patience).build())
            .map_err(|_| Answer::NoService)?;
        // The cheapest question: an empty list is an answer. Any error means that the service is missing, cannot be
        // started, is hindered by the bus or too old.
        let manager = ManagerProxy::new(&connection)?;
        let nothing = HashMap::from([("path", Value::from("/dev/null"))]);
        manager.resolve_device(nothing, Options::new()).map_err(|_| Answer::NoService)?;
        Ok(Self { connection })
    }

    /// The same for one drive, if the policy lets this user open it at all, with or without a password. Nobody is asked
    /// for one yet.
    pub(super) fn reach_for(node: &Node) -> Result<Self, Answer> {
        let udisks = Self::reach()?;
        let object = udisks.object(node)?;
        let quiet = HashMap::from([(QUIET, Value::from(true))]);
        match udisks.block(&object)?.open_device("r", quiet).map_err(Answer::from) {
            Err(Answer::Forbidden) => Err(Answer::Forbidden),
            // A password may help; whatever else is wrong shows when it is opened in earnest.
            _ => Ok(udisks),
        }
    }

    fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The object of a device: by its node, and then only with its number.
    fn object(&self, node: &Node) -> Result<OwnedObjectPath, Answer> {
        for _ in 1..ATTEMPTS {
            if let Some(object) = self.object_now(node)? {
                return Ok(object);
            }
            thread::sleep(PAUSE);
        }
        self.object_now(node)?.ok_or(Answer::Gone)
    }

    /// The same without waiting for it; `None` where it is not known, or not yet.
    fn object_now(&self, node: &Node) -> Result<Option<OwnedObjectPath>, Answer> {
        let number = device_number(node.number).ok_or(Answer::Gone)?;
        let path = node.path.to_string_lossy();
        let wanted = HashMap::from([("path", Value::from(path.as_ref()))]);
        let manager = ManagerProxy::new(&self.connection)?;
        for object in manager.resolve_device(wanted, Options::new())? {
            if self.block(&object)?.device_number()? == number {
                return Ok(Some(object));
            }
        }
        Ok(None)
    }

    fn block<'a>(&self, object: &'a ObjectPath<'_>) -> zbus::Result<BlockProxy<'a>> {
        BlockProxy::builder(&self.connection)
            .path(object.as_ref())?
            .cache_properties(CacheProperties::No)
            .build()
    }

    /// Unmounts the file system on a device from one of the places where it is mounted.
    pub(super) fn unmount(&self, node: &Node) -> Result<(), Answer> {
        let object = self.object(node)?;
        Ok(self.file_system(&object)?.unmount(Options::new())?)
    }

    /// Mounts the file system on a device where UDisks2 mounts it for this user. Nobody is asked for a password.
    pub(super) fn mount(&self, node: &Node) -> Result<(), Answer> {
        let quiet = HashMap::from([(QUIET, Value::from(true))]);
        let object = self.object(node)?;
        self.file_system(&object)?.mount(quiet)?;
        Ok(())
    }

    fn file_system<'a>(&self, object: &'a ObjectPath<'_>) -> zbus::Result<FilesystemProxy<'a>> {
        FilesystemProxy::builder(&self.connection)
            .path(object.as_ref())?
            .cache_properties(CacheProperties::No)
            .build()
    }

    /// Has polkit ask for the right to open a drive, and leaves it closed. The answer is good for a while where the policy
    /// keeps it, as those of the distributions do. After [`Self::reach_for`].
    pub(super) fn ask(&self, node: &Node) -> Result<(), Answer> {
        let object = self.object(node)?;
        match self.block(&object)?.open_device("r", Options::new()).map_err(Answer::from) {
            Err(Answer::Forbidden) => Err(Answer::NotProved),
            // The right was there; why it does not open is found out in earnest.
            Ok(_) | Err(Answer::Busy | Answer::Other(_)) => Ok(()),
            Err(answer) => Err(answer),
        }
    }

    /// Opens a drive past the page cache where the system allows it (`true` says that it did), and for writing
    /// exclusively. Blocks while polkit asks for a password. After [`Self::reach_for`].
    pub(super) fn open(&self, node: &Node, write: bool) -> Result<(File, bool), Answer> {
        let object = self.object(node)?;
        let block = self.block(&object)?;
        let mode = if write { "rw" } else { "r" };
        let claim = if write { OFlags::EXCL } else { OFlags::empty() } | OFlags::CLOEXEC;
        let open = |flags: OFlags| -> Result<File, Answer> {
            let options = HashMap::from([("flags", Value::from(flags.bits().cast_signed()))]);
            match block.open_device(mode, options).map_err(Answer::from) {
                Ok(fd) => Ok(OwnedFd::from(fd).into()),
                // The policy asks for a password: it had its say in `reach_for`.
                Err(Answer::Forbidden) => Err(Answer::NotProved),
                Err(answer) => Err(answer),
            }
        };
        // Never without the right: it was there just now.
        let opens = |flags: OFlags| {
            let flags = Value::from((flags | OFlags::CLOEXEC).bits().cast_signed());
            block.open_device("r", HashMap::from([("flags", flags), (QUIET, Value::from(true))])).is_ok()
        };
        let words = match open(claim | OFlags::DIRECT) {
            Err(Answer::Other(words)) => words,
            opened => return Ok((opened?, true)),
        };
        match (number(&node.dir, "size"), number(&node.dir, "ro")) {
            (None | Some(0), _) => return Err(Answer::Gone),
            (_, Some(1)) if write => return Err(Answer::ReadOnly),
            _ => {}
        }
        // What is open to reading past the cache fails by the claim alone.
        if write && opens(OFlags::DIRECT) {
            return Err(Answer::Busy);
        }
        if !opens(OFlags::empty()) {
            return Err(Answer::Other(words));
        }
        match open(claim) {
            Err(Answer::Other(_)) if write => Err(Answer::Busy),
            opened => Ok((opened?, false)),
        }
    }
}

/// Has UDisks2 read the partition table again when it is dropped: as long as the drive is held exclusively, nobody can.
pub(super) struct RescanOnClose(pub(super) Node);

impl RescanOnClose {
    fn rescan(node: &Node) -> Result<(), Answer> {
        let udisks = Udisks::reach_with(PATIENCE)?;
        let object = udisks.object(node)?;
        let quiet = HashMap::from([(QUIET, Value::from(true))]);
        Ok(udisks.block(&object)?.rescan(quiet)?)
    }
}

impl Drop for RescanOnClose {
    fn drop(&mut self) {
        // Best effort, without a question to the user: udev looks at a drive as well when its last writer closes it.
        let node = self.0.clone();
        let _ = within(PATIENCE, move || Self::rescan(&node));
    }
}

fn device_number((major, minor): (u64, u64)) -> Option<u64> {
    Some(makedev(u32::try_from(major).ok()?, u32::try_from(minor).ok()?))
}
