//! What UDisks2 does with whole drives, encrypted volumes and swap: ejecting, locking, stopping.
//!
//! Interfaces: `org.freedesktop.UDisks2.Drive`, `.Encrypted`, `.Swapspace`.

use zbus::proxy;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedObjectPath, Value};

use super::super::sysfs::Node;
use super::{Answer, Options, QUIET, Udisks};

#[proxy(
    interface = "org.freedesktop.UDisks2.Drive",
    default_service = "org.freedesktop.UDisks2",
    gen_async = false
)]
trait Drive {
    fn eject(&self, options: Options<'_>) -> zbus::Result<()>;

    fn power_off(&self, options: Options<'_>) -> zbus::Result<()>;

    #[zbus(property(emits_changed_signal = "false"))]
    fn can_power_off(&self) -> zbus::Result<bool>;
}

#[proxy(
    interface = "org.freedesktop.UDisks2.Encrypted",
    default_service = "org.freedesktop.UDisks2",
    gen_async = false
)]
trait Encrypted {
    fn lock(&self, options: Options<'_>) -> zbus::Result<()>;
}

#[proxy(
    interface = "org.freedesktop.UDisks2.Swapspace",
    default_service = "org.freedesktop.UDisks2",
    gen_async = false
)]
trait Swapspace {
    fn stop(&self, options: Options<'_>) -> zbus::Result<()>;
}

impl Udisks {
    /// The first of `others` that UDisks2 takes for the same drive as `node`: it tells drives apart by name and serial
    /// number, so two alike without a number are one to it.
    pub(in crate::device::linux) fn takes_for_the_same<'a>(
        &self,
        node: &Node,
        others: &[&'a Node],
    ) -> Result<Option<&'a Node>, Answer> {
        let drive = self.drive_of(&self.object(node)?)?;
        let is_same = |other: &&&Node| {
            self.object_now(other).ok().flatten().and_then(|object| self.drive_of(&object).ok())
                == Some(drive.clone())
        };
        Ok(others.iter().find(is_same).copied())
    }

    /// Flushes the drive and switches it off, so that it is gone for the system; where its port cannot do that, or other
    /// drives hang on it (`alone` is false), only the medium is let go.
    pub(in crate::device::linux) fn eject(&self, node: &Node, alone: bool) -> Result<(), Answer> {
        let path = self.drive_of(&self.object(node)?)?;
        let drive = DriveProxy::builder(self.connection())
            .path(path)?
            .cache_properties(CacheProperties::No)
            .build()?;
        if alone && drive.can_power_off()? {
            Ok(drive.power_off(Options::new())?)
        } else {
            Ok(drive.eject(Options::new())?)
        }
    }

    /// Locks the encrypted volume on a device.
    pub(in crate::device::linux) fn lock(&self, node: &Node) -> Result<(), Answer> {
        let encrypted = EncryptedProxy::builder(self.connection())
            .path(self.object(node)?)?
            .cache_properties(CacheProperties::No)
            .build()?;
        asking(|options| encrypted.lock(options))
    }

    /// Stops the swap on a device.
    pub(in crate::device::linux) fn stop_swap(&self, node: &Node) -> Result<(), Answer> {
        let swap = SwapspaceProxy::builder(self.connection())
            .path(self.object(node)?)?
            .cache_properties(CacheProperties::No)
            .build()?;
        asking(|options| swap.stop(options))
    }

    fn drive_of(&self, object: &OwnedObjectPath) -> Result<OwnedObjectPath, Answer> {
        Ok(self.block(object)?.drive()?)
    }
}

/// Calls without a question first: only then is a refusal the policy's own, and not that of whoever was asked.
fn asking(call: impl Fn(Options<'_>) -> zbus::Result<()>) -> Result<(), Answer> {
    match call(Options::from([(QUIET, Value::from(true))])).map_err(Answer::from) {
        Err(Answer::NotAuthorizedCanObtain) => {}
        answered => return answered,
    }
    match call(Options::new()).map_err(Answer::from) {
        Err(Answer::Forbidden) => Err(Answer::NotProved),
        answered => answered,
    }
}
