//! Every block device of the kernel as `/sys/block` shows it, whole ones and partitions, and which lies on which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{major, minor};

use super::mounts::parse_number;
use super::root::{Root, attribute, names, number};

/// The unit of `size` and `start` in sysfs, whatever the drive's own sectors are.
const SYSFS_SECTOR: u64 = 512;

/// One block device.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The kernel's name: `sdb`, `nvme0n1p3`, `dm-0`.
    pub(super) name: String,
    /// Its folder in sysfs, links resolved, so that its ancestors are the hardware it hangs on.
    pub(super) dir: PathBuf,
    /// The node to open: `/dev/sdb`.
    pub(super) path: PathBuf,
    pub(super) number: (u64, u64),
    pub(super) size_bytes: u64,
    pub(super) partition: Option<Place>,
    /// The file behind a loop device that is attached.
    pub(super) backing_file: Option<PathBuf>,
}

/// Where a partition lies.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) whole: String,
    pub(super) number: u32,
    pub(super) offset_bytes: u64,
}

/// All block devices at one moment, by the kernel's names.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: BTreeMap<String, Node>,
    /// Direct layers: from a device to those built on it (device-mapper, md, bcache, loop).
    uppers: BTreeMap<String, BTreeSet<String>>,
}

impl Tree {
    pub(super) fn read(root: &Root) -> io::Result<Self> {
        let block = root.at("/sys/block");
        fs::read_dir(&block)?;
        let mut tree = Self::default();
        for name in names(&block) {
            // A device that goes away while we look is no error.
            let Ok(dir) = fs::canonicalize(block.join(&name)) else { continue };
            for child in names(&dir) {
                let dir = dir.join(&child);
                if let Some(partition) = number(&dir, "partition").and_then(|n| u32::try_from(n).ok()) {
                    let offset_bytes = number(&dir, "start").unwrap_or(0).saturating_mul(SYSFS_SECTOR);
                    tree.add(
                        child,
                        dir,
                        Some(Place { whole: name.clone(), number: partition, offset_bytes }),
                    );
                }
            }
            for lower in names(&dir.join("slaves")) {
                tree.add_layer(lower, name.clone());
            }
            tree.add(name, dir, None);
        }
        tree.add_zram_backing();
        Ok(tree)
    }

    fn add(&mut self, name: String, dir: PathBuf, partition: Option<Place>) {
        let Some(number_) = attribute(&dir, "dev").and_then(|text| parse_number(&text)) else { return };
        let node = Node {
            path: node_path(&dir, &name),
            number: number_,
            size_bytes: number(&dir, "size").unwrap_or(0).saturating_mul(SYSFS_SECTOR),
            partition,
            backing_file: attribute(&dir, "loop/backing_file")
                .map(|file| file.strip_suffix(" (deleted)").unwrap_or(&file).into()),
            name: name.clone(),
            dir,
        };
        self.nodes.insert(name, node);
    }

    /// A zram device may write to a block device without naming it among its slaves.
    fn add_zram_backing(&mut self) {
        let backed: Vec<(String, String)> = self
            .nodes
            .values()
            .filter_map(|node| {
                let lower = attribute(&node.dir, "backing_dev")?;
                Some((Path::new(&lower).file_name()?.to_string_lossy().into_owned(), node.name.clone()))
            })
            .collect();
        for (lower, upper) in backed {
            self.add_layer(lower, upper);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.nodes.get(name)
    }

    pub(super) fn by_number(&self, number: (u64, u64)) -> Option<&Node> {
        self.nodes.values().find(|node| node.number == number)
    }

    /// The device behind a path in `/dev`, links resolved.
    pub(super) fn by_path(&self, root: &Root, path: &Path) -> Option<&Node> {
        let place = root.at(path);
        if let Ok(metadata) = fs::metadata(&place)
            && metadata.file_type().is_block_device()
        {
            return self.by_number(numbers(metadata.rdev()));
        }
        self.nodes.values().find(|node| node.path == path)
    }

    /// All devices that are no partitions, by name.
    pub(super) fn wholes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(|node| node.partition.is_none())
    }

    /// The partitions of a device, by offset.
    pub(super) fn partitions(&self, whole: &str) -> Vec<&Node> {
        let mut found: Vec<(&Node, u64)> = self
            .nodes
            .values()
            .filter_map(|node| {
                let place = node.partition.as_ref().filter(|place| place.whole == whole)?;
                Some((node, place.offset_bytes))
            })
            .collect();
        found.sort_by_key(|(_, offset)| *offset);
        found.into_iter().map(|(node, _)| node).collect()
    }

    /// A device and its partitions.
    pub(super) fn family(&self, whole: &str) -> Vec<&Node> {
        self.get(whole).into_iter().chain(self.partitions(whole)).collect()
    }

    pub(super) fn add_layer(&mut self, lower: String, upper: String) {
        self.uppers.entry(lower).or_default().insert(upper);
    }

    /// Devices that are built directly on this one.
    pub(super) fn uppers(&self, name: &str) -> impl Iterator<Item = &Node> {
        self.uppers.get(name).into_iter().flatten().filter_map(|upper| self.get(upper))
    }

    /// Devices that this one is directly built on.
    pub(super) fn lowers(&self, name: &str) -> impl Iterator<Item = &Node> {
        self.uppers
            .iter()
            .filter(move |(_, uppers)| uppers.contains(name))
            .filter_map(|(lower, _)| self.get(lower))
    }

    pub(super) fn loops(&self) -> impl Iterator<Item = (&Node, &Path)> {
        self.nodes.values().filter_map(|node| Some((node, node.backing_file.as_deref()?)))
    }
}

/// `/dev` and the name that the kernel announced, which may lie in a folder (`cciss/c0d0`).
fn node_path(dir: &Path, name: &str) -> PathBuf {
    let uevent = attribute(dir, "uevent").unwrap_or_default();
    let announced = uevent.lines().find_map(|line| line.strip_prefix("DEVNAME="));
    Path::new("/dev").join(announced.map_or_else(|| name.replace('!', "/"), str::to_owned))
}

/// A device number of stat(2) in its two halves.
pub(super) fn numbers(dev: u64) -> (u64, u64) {
    (major(dev).into(), minor(dev).into())
}
