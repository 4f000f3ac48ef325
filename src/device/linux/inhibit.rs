//! Keeps the machine awake and on while a drive is open: a stick whose power goes in mid-write is half made.
//!
//! logind's inhibitor locks (org.freedesktop.login1(5), `Inhibit`): the lock lasts as long as the file descriptor that
//! it is given by, so it is released whatever becomes of this program.

use std::os::fd::OwnedFd;
use std::time::Duration;

use zbus::blocking::connection::Builder;
use zbus::{proxy, zvariant};

use super::patience::within;

/// A job must not wait for a service that only makes it more comfortable.
const PATIENCE: Duration = Duration::from_secs(2);

/// What to ask for, the best first. A user who is not at the machine may often not block, but delay; closing the lid
/// suspends in spite of a lock on sleep, and asks for one of its own.
const WISHES: [(&str, &str); 3] = [
    ("shutdown:sleep:idle:handle-lid-switch", "block"),
    ("shutdown:sleep", "block"),
    ("shutdown:sleep", "delay"),
];

#[proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_async = false
)]
trait Login {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<zvariant::OwnedFd>;
}

/// Neither suspend nor shutdown while this lives, as far as the system grants it.
pub(super) struct Inhibitor {
    _lock: OwnedFd,
}

impl Inhibitor {
    /// `None`, and nothing said: no logind, or it grants nothing.
    pub(super) fn take(why: String) -> Option<Self> {
        within(PATIENCE, move || Self::ask(&why)).flatten()
    }

    fn ask(why: &str) -> Option<Self> {
        let connection = Builder::system().ok()?.method_timeout(PATIENCE).build().ok()?;
        let login = LoginProxy::new(&connection).ok()?;
        WISHES.iter().find_map(|(what, mode)| {
            let lock = login.inhibit(what, "Sticksmith", why, mode).ok()?;
            Some(Self { _lock: lock.into() })
        })
    }
}
