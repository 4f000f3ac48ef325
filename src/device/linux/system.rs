//! One look at the whole system: block devices, mounts and swap, and how they stand on each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::super::{DeviceError, Operation};
use super::fault::access;
use super::mounts::{Mount, Swap, covering, mounts, swaps};
use super::root::{Root, names};
use super::sysfs::{Node, Tree, numbers};

/// Layers of mounts that refer to mounts (overlay on overlay) that are followed; real systems have two.
const MAX_DEPTH: usize = 8;

/// What was found in one look. Everything is read once, so that the answers agree with each other.
#[derive(Debug)]
pub(super) struct System {
    pub(super) root: Root,
    pub(super) tree: Tree,
    pub(super) mounts: Vec<Mount>,
    swaps: Vec<Swap>,
    /// Names of the devices that make up one mounted btrfs, a group for each.
    btrfs: Vec<Vec<String>>,
    /// By the device's name; what uses the layers above it is not in it.
    claims: BTreeMap<String, BTreeSet<Claim>>,
}

/// How something above a device uses it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    Mount(PathBuf),
    Swap,
    SwapFile(PathBuf),
}

impl System {
    /// The system that this program runs on.
    pub(super) fn here() -> Result<Self, DeviceError> {
        Self::look(Root::real()).map_err(|error| access(Operation::Open, "/sys/block".as_ref(), error))
    }

    pub(super) fn look(root: Root) -> io::Result<Self> {
        let tree = Tree::read(&root)?;
        let (mounts, swaps) = (mounts(&root), swaps(&root));
        let folder = root.at("/sys/fs/btrfs");
        let btrfs = names(&folder)
            .into_iter()
            .map(|uuid| names(&folder.join(uuid).join("devices")))
            .filter(|devices| !devices.is_empty())
            .collect();
        let mut system = Self { root, tree, mounts, swaps, btrfs, claims: BTreeMap::new() };
        system.stack_loops();
        system.claims = system.all_claims();
        Ok(system)
    }

    /// A loop device stands on whatever its file lies on.
    fn stack_loops(&mut self) {
        let layers: Vec<(BTreeSet<String>, String)> =
            self.tree.loops().map(|(node, file)| (self.below_file(file), node.name.clone())).collect();
        for (lowers, upper) in layers {
            for lower in lowers {
                self.tree.add_layer(lower, upper.clone());
            }
        }
    }

    fn all_claims(&self) -> BTreeMap<String, BTreeSet<Claim>> {
        let mounted = self.mounts.iter().map(|m| (self.below_mount(m, 0), Claim::Mount(m.point.clone())));
        let swap = self.swaps.iter().map(|swap| {
            if swap.is_file {
                (self.below_file(&swap.path), Claim::SwapFile(swap.path.clone()))
            } else {
                let node = self.tree.by_path(&self.root, &swap.path);
                (node.into_iter().map(|node| node.name.clone()).collect(), Claim::Swap)
            }
        });
        let mut claims = BTreeMap::<String, BTreeSet<Claim>>::new();
        for (names, claim) in mounted.chain(swap) {
            for name in names {
                claims.entry(name).or_default().insert(claim.clone());
            }
        }
        claims
    }

    /// What uses the device itself, without the layers above it.
    pub(super) fn claims(&self, name: &str) -> impl Iterator<Item = &Claim> {
        self.claims.get(name).into_iter().flatten()
    }

    /// Mounts of any of the devices, in the kernel's order.
    pub(super) fn mounts_of(&self, nodes: &[&Node]) -> Vec<&Mount> {
        let is_ours = |mount: &&Mount| {
            let below = self.below_mount(mount, 0);
            nodes.iter().any(|node| below.contains(&node.name))
        };
        self.mounts.iter().filter(is_ours).collect()
    }

    /// Everything that is carried by a device: its own claims, those of its partitions and of all layers above.
    pub(super) fn carried(&self, name: &str) -> BTreeSet<&Claim> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![name];
        let mut claims = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if seen.insert(name) {
                claims.extend(self.claims(name));
                waiting.extend(self.tree.partitions(name).into_iter().map(|node| node.name.as_str()));
                waiting.extend(self.tree.uppers(name).map(|node| node.name.as_str()));
            }
        }
        claims
    }

    /// Loop devices that are attached to exactly this file.
    pub(super) fn loops_on(&self, file: &Path) -> Vec<&Node> {
        let number = file_number(&self.root.at(file));
        let same = |backing: &Path| {
            backing == file || (number.is_some() && number == file_number(&self.root.at(backing)))
        };
        self.tree.loops().filter(|(_, backing)| same(backing)).map(|(node, _)| node).collect()
    }

    pub(super) fn is_swap_file(&self, file: &Path) -> bool {
        self.swaps.iter().any(|swap| swap.is_file && swap.path == file)
    }

    /// Names of the devices directly below the file system that a path lies on.
    pub(super) fn below_file(&self, path: &Path) -> BTreeSet<String> {
        if let Ok(metadata) = fs::metadata(self.root.at(path))
            && let Some(node) = self.tree.by_number(numbers(metadata.dev()))
        {
            return [node.name.clone()].into();
        }
        self.below_covered(path, 0)
    }

    fn below_covered(&self, path: &Path, depth: usize) -> BTreeSet<String> {
        covering(&self.mounts, path).map(|mount| self.below_mount(mount, depth)).unwrap_or_default()
    }

    /// Names of the devices directly below a mounted file system.
    fn below_mount(&self, mount: &Mount, depth: usize) -> BTreeSet<String> {
        if let Some(node) = self.tree.by_number(mount.number) {
            return [node.name.clone()].into();
        }
        match mount.kind.as_str() {
            "overlay" if depth < MAX_DEPTH => overlay_folders(&mount.super_options)
                .flat_map(|folder| self.below_covered(Path::new(folder), depth + 1))
                .collect(),
            // bcachefs names all its devices, with colons between them.
            "bcachefs" => mount
                .source
                .to_string_lossy()
                .split(':')
                .filter_map(|source| Some(self.tree.by_path(&self.root, Path::new(source))?.name.clone()))
                .collect(),
            _ => {
                let Some(node) = self.tree.by_path(&self.root, &mount.source) else { return BTreeSet::new() };
                let group =
                    self.btrfs.iter().find(|group| mount.kind == "btrfs" && group.contains(&node.name));
                group.into_iter().flatten().cloned().chain([node.name.clone()]).collect()
            }
        }
    }

    /// Device numbers of whole drives and files that a path stands on; see [`super::source_drives`].
    pub(super) fn sources(&self, path: &Path) -> Vec<(u64, u64)> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<String> = Vec::new();
        let mut add_file = |path: &Path, waiting: &mut Vec<String>| {
            let is_file = fs::metadata(self.root.at(path)).is_ok_and(|metadata| metadata.is_file());
            found.extend(file_number(&self.root.at(path)).filter(|_| is_file));
            found.extend(self.loops_on(path).into_iter().map(|node| node.number));
            waiting.extend(self.below_file(path));
        };
        match self.tree.by_path(&self.root, path) {
            Some(node) => waiting.push(node.name.clone()),
            None => add_file(path, &mut waiting),
        }
        while let Some(node) = waiting.pop().and_then(|name| self.tree.get(&name)) {
            if !seen.insert(node.name.clone()) {
                continue;
            }
            if let Some(file) = &node.backing_file {
                add_file(file, &mut waiting);
            }
            match &node.partition {
                Some(place) => waiting.push(place.whole.clone()),
                None => waiting.extend(self.tree.lowers(&node.name).map(|lower| lower.name.clone())),
            }
        }
        found.extend(
            seen.iter()
                .filter_map(|name| self.tree.get(name))
                .filter_map(|node| node.partition.is_none().then_some(node.number)),
        );
        found.into_iter().collect()
    }
}

/// File system and inode: what makes two names the same file.
pub(super) fn file_number(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

fn overlay_folders(options: &str) -> impl Iterator<Item = &str> {
    options
        .split(',')
        .filter_map(|option| {
            ["lowerdir=", "lowerdir+=", "upperdir="].into_iter().find_map(|key| option.strip_prefix(key))
        })
        .flat_map(|folders| folders.split(':').filter(|folder| !folder.is_empty()))
}
