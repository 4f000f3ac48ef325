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

/// Everything that forbids a drive. A plain mount of a hot-plug drive is none: it is unmounted on opening. On any other
/// drive nobody expects a mount to go away, so there it forbids.
pub(super) fn system_uses(system: &System, whole: &str, hotplug: bool) -> Vec<String> {
    let mut uses = Vec::new();
    for node in system.tree.family(whole) {
        let path = node.path.display();
        for claim in system.claims(&node.name) {
            match claim {
                Claim::Mount(point) if is_system_mount(point) => {
                    uses.push(format!("{} is mounted from {path}", shown(point)));
                }
                Claim::Mount(point) if !hotplug => {
                    uses.push(format!("{path} is mounted at {}; unmount it first", shown(point)));
                }
                Claim::Mount(_) => {}
                Claim::Swap => uses.push(format!("swap is on {path}")),
                Claim::SwapFile(file) => uses.push(format!("the swap file {} lies on {path}", shown(file))),
            }
        }
        for upper in system.tree.uppers(&node.name) {
            let carried = carried_words(&system.carried(&upper.name));
            uses.push(match &upper.backing_file {
                Some(file) => {
                    let attached = upper.path.display();
                    format!("{path} holds {}, which is attached as {attached}{carried}", shown(file))
                }
                None => format!("{path} is part of {}{carried}", layer_title(upper)),
            });
        }
    }
    uses
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
    let names: Vec<String> = claims
        .iter()
        .map(|claim| match claim {
            Claim::Mount(point) => shown(point),
            Claim::Swap => "swap".to_owned(),
            Claim::SwapFile(file) => format!("the swap file {}", shown(file)),
        })
        .collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => format!(" that carries {last}"),
        Some((last, others)) => format!(" that carries {} and {last}", others.join(", ")),
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
