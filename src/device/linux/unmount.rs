//! Taking the mounts of a stick away before it is overwritten. Never lazily: a lazy unmount succeeds while programs
//! still write. What the user may not unmount, UDisks2 does.

use std::path::Path;

use rustix::io::Errno;
use rustix::mount::{UnmountFlags, unmount};

use super::super::{DeviceError, Operation};
use super::fault::access;
use super::holders::processes;
use super::sysfs::Node;
use super::system::System;
use super::udisks::{Answer, Udisks};

/// Mounts on one drive before something must be wrong.
const MAX_MOUNTS: usize = 128;

/// What UDisks2 has unmounted and could mount again. What root unmounted is not in it: nobody noted how it was mounted.
#[derive(Default)]
pub(super) struct Unmounted {
    nodes: Vec<Node>,
    udisks: Option<Udisks>,
}

impl Unmounted {
    /// The drive could not be had after all. Best effort: the user can mount it as before.
    pub(super) fn put_back(self) {
        if let Some(udisks) = self.udisks {
            for node in self.nodes {
                let _ = udisks.mount(&node);
            }
        }
    }
}

/// Unmounts everything that is mounted of the drive or layer at `path`. The caller has made sure that none of it belongs
/// to the system. Where something cannot be unmounted, the rest is put back.
pub(super) fn unmount_all(path: &Path) -> Result<Unmounted, DeviceError> {
    let mut done = Unmounted::default();
    match unmount_each(path, &mut done) {
        Ok(()) => Ok(done),
        Err(error) => {
            done.put_back();
            Err(error)
        }
    }
}

fn unmount_each(path: &Path, done: &mut Unmounted) -> Result<(), DeviceError> {
    // The table is read anew each time: mounts may be stacked, and a mount may propagate to several places.
    for _ in 0..MAX_MOUNTS {
        let system = System::here()?;
        let whole = system.tree.by_path(&system.root, path);
        let family = whole.map(|whole| system.tree.family(&whole.name)).unwrap_or_default();
        let Some(mount) = system.mounts_of(&family).pop() else { return Ok(()) };
        let point = &mount.point;
        let held = |holder: String| DeviceError::Held { path: path.display().to_string(), holder };
        // unmount(2) takes the topmost mount at a place, and that must be ours.
        if system.mounts.iter().rfind(|other| other.point == *point) != Some(mount) {
            return Err(held(format!("its mount at {} is covered by another mount", point.display())));
        }
        match unmount(point, UnmountFlags::NOFOLLOW) {
            // EINVAL: somebody else has unmounted it just now.
            Ok(()) | Err(Errno::INVAL) => {}
            Err(Errno::BUSY) => return Err(held(busy(point, None))),
            Err(Errno::PERM | Errno::ACCESS) => {
                let on_it = |node: &&&Node| system.mounts_of(&[node]).contains(&mount);
                let node = family.iter().find(on_it);
                let node = node.ok_or_else(|| access(Operation::Unmount, point, Errno::PERM.into()))?;
                // Found once for all mounts; each call is an answer of its own.
                if done.udisks.is_none() {
                    done.udisks = Some(Udisks::reach().map_err(|answer| refused(answer, point))?);
                }
                match done.udisks.as_ref().map(|udisks| udisks.unmount(node)) {
                    // Somebody else has unmounted it just now; if not, the loop ends by itself.
                    None | Some(Err(Answer::NotMounted)) => {}
                    Some(Ok(())) => done.nodes.push((*node).clone()),
                    Some(Err(Answer::Busy)) => return Err(held(busy(point, None))),
                    // Nearly always the same, but told in words of the service's language.
                    Some(Err(Answer::Other(words))) => return Err(held(busy(point, Some(&words)))),
                    Some(Err(answer)) => return Err(refused(answer, point)),
                }
            }
            Err(error) => return Err(access(Operation::Unmount, point, error.into())),
        }
    }
    Err(DeviceError::Held {
        path: path.display().to_string(),
        holder: "it is mounted again as soon as it is unmounted".to_owned(),
    })
}

/// Who keeps a mount from going away. `words`: what UDisks2 said of it.
fn busy(point: &Path, words: Option<&str>) -> String {
    let who = processes(|link| link.starts_with(point)).map_or_else(
        || match words {
            Some(words) => format!("UDisks2 says: {words}"),
            None => "files on it are open, or something else is mounted below it".to_owned(),
        },
        |who| format!("it is used by {who}"),
    );
    format!("{} cannot be unmounted: {who}", point.display())
}

fn refused(answer: Answer, point: &Path) -> DeviceError {
    answer.error(Operation::Unmount, point, "unmount it in the file manager first")
}
