//! Ending those uses of a stick that its owner may end: an encrypted volume that is unlocked, and swap.

use std::path::Path;
use std::process::Command;

use crate::base::Cancel;

use super::super::{DeviceError, Drive, Identity, Operation};
use super::fault::{access, denied};
use super::open::{Way, refuse_if_used_besides, still_there};
use super::root::attribute;
use super::sysfs::Node;
use super::system::System;
use super::udisks::{Answer, Udisks};
use super::unmount::unmount_all;
use super::uses::{Stoppable, uses};

/// Uses of one drive before something must be wrong.
const MAX_USES: usize = 32;

/// Ends those uses of a drive that `agreed` names, as [`Drive::stoppable_uses`] does: encrypted volumes are unmounted and
/// locked, swap is stopped. `ended` is told of each when it has ended. Nothing is changed on the drive; nothing ends where
/// nobody could open the drive afterwards, or where it has come into a use that was not agreed to. Once it is cancelled no
/// more is ended, which is no error.
pub fn release(
    chosen: &Identity,
    agreed: &[String],
    cancel: &Cancel,
    ended: &mut dyn FnMut(&str),
) -> Result<(), DeviceError> {
    for use_count in 0..MAX_USES {
        let system = System::here()?;
        let found = still_there(&system, chosen)?;
        refuse_if_used_besides(&found, agreed)?;
        let Some(first) = found.stoppable_uses.first() else { return Ok(()) };
        if use_count == 0 {
            Way::to(&system, &found, true)?.ask(&found)?;
        }
        if cancel.is_raised() {
            return Ok(());
        }
        end_one(&system, &found)?;
        ended(first);
    }
    let path = chosen.path.display().to_string();
    Err(DeviceError::Held { path, holder: "it is in use again as soon as that is ended".to_owned() })
}

fn end_one(system: &System, found: &Drive) -> Result<(), DeviceError> {
    let Some(whole) = system.tree.by_path(&system.root, &found.identity.path) else { return Ok(()) };
    match uses(system, &whole.name, found.hotplug).stoppable.first() {
        None => Ok(()),
        Some(Stoppable::Swap { node }) => stop_swap(node),
        Some(Stoppable::Unlocked { node, cleartext, .. }) => {
            let unmounted = unmount_all(&cleartext.path)?;
            let name = attribute(&cleartext.dir, "dm/name").unwrap_or_default();
            let other_way = format!("run `cryptsetup close {name}` as root");
            let locked = Udisks::reach().and_then(|udisks| udisks.lock(node));
            locked.map_err(|answer| {
                unmounted.put_back();
                answer.error(Operation::Release, &node.path, &other_way)
            })
        }
    }
}

fn stop_swap(node: &Node) -> Result<(), DeviceError> {
    if rustix::process::geteuid().is_root() {
        return run_swapoff(&node.path);
    }
    match Udisks::reach().and_then(|udisks| udisks.stop_swap(node)) {
        Ok(()) => Ok(()),
        Err(Answer::Other(words)) => {
            let source = std::io::Error::other(format!("UDisks2 says: {words}"));
            Err(access(Operation::Release, &node.path, source))
        }
        Err(answer) => {
            let other_way = format!("run `swapoff {}` as root", node.path.display());
            Err(answer.error(Operation::Release, &node.path, &other_way))
        }
    }
}

/// swapoff(8), by its full path: a root's program is not looked for where others may write.
fn run_swapoff(path: &Path) -> Result<(), DeviceError> {
    let program =
        ["/usr/sbin/swapoff", "/sbin/swapoff"].into_iter().find(|program| Path::new(program).exists());
    let Some(program) = program else {
        return Err(denied(Operation::Release, path, "there is no swapoff; stop the swap by other means"));
    };
    let output =
        Command::new(program).arg(path).output().map_err(|error| access(Operation::Release, path, error))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(access(Operation::Release, path, std::io::Error::other(words)))
}
