//! Who uses a drive, through whatever layers, in sentences for people.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::printable::printable;
use super::root::attribute;
use super::sysfs::Node;
use super::system::{Claim, System};

/// Mount points that belong to the running system.
const SYSTEM_MOUNTS: [&str; 14] = [
    "/",
    "/boot",
    "/boot/efi",
    "/efi",
    "/usr",
    "/var",
    "/home",
    "/root",
    "/opt",
    "/srv",
    "/etc",
    "/tmp",
    "/nix",
    "/gnu",
];

/// Below these, a mount belongs to the running system too.
const SYSTEM_FOLDERS: [&str; 5] = ["/usr", "/var", "/boot", "/etc", "/nix"];

fn is_system_mount(point: &Path) -> bool {
    SYSTEM_MOUNTS.iter().any(|mount| point == Path::new(mount))
        || SYSTEM_FOLDERS.iter().any(|folder| point.starts_with(folder))
}

/// Everything that forbids a drive.
#[derive(Default)]
pub(super) struct Uses<'a> {
    /// Sentences.
    pub(super) system: Vec<String>,
    /// What can be ended once the user agrees. Only of hot-plug drives: nobody expects it of any other.
    pub(super) stoppable: Vec<Stoppable<'a>>,
}

/// A use that goes away without a loss of anything but the use itself.
pub(super) enum Stoppable<'a> {
    Swap {
        node: &'a Node,
    },
    /// An encrypted volume that is unlocked. Nothing of the system is mounted from it, and nothing is built on it.
    Unlocked {
        node: &'a Node,
        cleartext: &'a Node,
        carried: String,
    },
}

impl Stoppable<'_> {
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Swap { node } => format!("swap is on {}", node.path.display()),
            Self::Unlocked { node, cleartext, carried } => {
                format!("{} is part of {}{carried}", node.path.display(), layer_title(cleartext))
            }
        }
    }
}

/// Who uses a drive. A plain mount of a hot-plug drive is no use: it is unmounted on opening. On any other drive nobody
/// expects a mount to go away, so there it forbids.
pub(super) fn uses<'a>(system: &'a System, whole: &str, hotplug: bool) -> Uses<'a> {
    let mut uses = Uses::default();
    for node in system.tree.family(whole) {
        add_uses(system, node, hotplug, &mut uses);
    }
    uses
}

fn add_uses<'a>(system: &'a System, node: &'a Node, hotplug: bool, uses: &mut Uses<'a>) {
    let path = node.path.display();
    let points = system.claims(&node.name).filter_map(|claim| match claim {
        Claim::Mount(point) => Some(point.as_path()),
        _ => None,
    });
    let (of_system, others): (Vec<&Path>, Vec<&Path>) = points.partition(|point| is_system_mount(point));
    if !of_system.is_empty() {
        let verb = if of_system.len() == 1 { "is" } else { "are" };
        uses.system
            .push(format!("{} {verb} mounted from {path}", enumerate(of_system.into_iter().map(shown))));
    } else if !others.is_empty() && !hotplug {
        uses.system.push(format!(
            "{path} is mounted at {}; unmount it first",
            enumerate(others.into_iter().map(shown))
        ));
    }
    for claim in system.claims(&node.name) {
        match claim {
            Claim::Mount(_) => {}
            Claim::Swap if hotplug => uses.stoppable.push(Stoppable::Swap { node }),
            Claim::Swap => uses.system.push(Stoppable::Swap { node }.sentence()),
            Claim::SwapFile(file) => {
                uses.system.push(format!("the swap file {} lies on {path}", shown(file)))
            }
        }
    }
    for upper in system.tree.uppers(&node.name) {
        let carried = carried_words(&system.carried(&upper.name));
        if hotplug && can_be_locked(system, upper) {
            uses.stoppable.push(Stoppable::Unlocked { node, cleartext: upper, carried });
            continue;
        }
        uses.system.push(match &upper.backing_file {
            Some(file) => {
                format!(
                    "{path} holds {}, which is attached as {}{carried}",
                    shown(file),
                    upper.path.display()
                )
            }
            None => format!("{path} is part of {}{carried}", layer_title(upper)),
        });
    }
}

/// A LUKS volume on one drive alone, of which at most some places outside the system are mounted.
fn can_be_locked(system: &System, upper: &Node) -> bool {
    let is_luks = attribute(&upper.dir, "dm/uuid").is_some_and(|uuid| uuid.starts_with("CRYPT-LUKS"));
    is_luks
        && system.tree.lowers(&upper.name).count() == 1
        && system.tree.uppers(&upper.name).next().is_none()
        && system.claims(&upper.name).all(|claim| match claim {
            Claim::Mount(point) => !is_system_mount(point),
            Claim::Swap | Claim::SwapFile(_) => false,
        })
}

/// Who uses the file behind a practice stick.
pub(super) fn file_uses(system: &System, file: &Path) -> Vec<String> {
    let attached = system.loops_on(file).into_iter().map(|node| {
        let carried = carried_words(&system.carried(&node.name));
        format!("it is attached as {}{carried}", node.path.display())
    });
    let swap = system.is_swap_file(file).then(|| "it is an active swap file".to_owned());
    attached.chain(swap).collect()
}

/// ` that carries /, /home and swap`; nothing where nothing is carried.
fn carried_words(claims: &BTreeSet<&Claim>) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let names = claims.iter().map(|claim| match claim {
        Claim::Mount(point) => shown(point),
        Claim::Swap => "swap".to_owned(),
        Claim::SwapFile(file) => format!("the swap file {}", shown(file)),
    });
    format!(" that carries {}", enumerate(names))
}

/// `a, b and c`; of very many only the first, for a server may mount one drive in a hundred places.
fn enumerate(names: impl Iterator<Item = String>) -> String {
    const MOST: usize = 4;
    let mut names: Vec<String> = names.collect();
    if names.len() > MOST {
        let more = names.len() - (MOST - 1);
        names.truncate(MOST - 1);
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// What a layer is called: `the encrypted volume luks-home`, `the RAID array /dev/md0`.
fn layer_title(node: &Node) -> String {
    if let Some(name) = attribute(&node.dir, "dm/name").as_deref().and_then(printable) {
        let uuid = attribute(&node.dir, "dm/uuid").unwrap_or_default();
        let kind = match uuid.split('-').next() {
            Some("LVM") => "LVM volume",
            Some("CRYPT") => "encrypted volume",
            Some("mpath") => "multipath device",
            _ => "device-mapper volume",
        };
        return format!("the {kind} {name}");
    }
    let path = node.path.display();
    if node.name.starts_with("md") { format!("the RAID array {path}") } else { format!("the device {path}") }
}

/// A path as it may be shown: whoever names a file must not be able to forge the rest of the sentence.
fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).unwrap_or_default()
}
