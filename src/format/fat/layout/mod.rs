//! A FAT32 volume decided whole, before its first byte is written (Microsoft FAT specification 1.03): which bytes stand
//! where, as a pure function of the volume's size and the names, sizes and times of what it shall hold. Nothing is read or
//! written here.
//!
//! Directories come first, the root in cluster 2, then the files in the order given, each in one piece; behind them
//! everything is free. So the allocation table need not be kept: [`FatTable`] works out any part of it.

mod boot;
mod error;
mod geometry;
mod table;
mod tree;

pub use error::LayoutError;
pub use table::FatTable;

use super::name;
use tree::{Clusters, Tree};

/// The volume that shall be made.
#[derive(Clone, Copy, Debug)]
pub struct VolumeSpec<'a> {
    /// All of the partition. What FAT32 cannot count is left unused: [`FatLayout::volume_bytes`].
    pub volume_bytes: u64,
    /// 512 or 4096.
    pub sector_bytes: u32,
    /// The partition's first sector on the device (BPB_HiddSec); 0 without partitions.
    pub first_lba: u32,
    /// BS_VolID.
    pub serial: u32,
    /// Any text: [`fat_label`] makes it a label. Nothing of it left: the volume has none.
    pub label: &'a str,
    /// Of the label, and of nodes that have no time of their own. Seconds of the Unix epoch.
    pub label_unix_secs: Option<i64>,
    /// 1024 bytes, or none. The first 512 go into sector 0, where the parameter block (bytes 3 to 0x59) and the signature
    /// are put in; the others into sector 2, unchanged.
    pub boot_code: &'a [u8],
    /// The data region begins at a multiple of this on the device. 1 MiB suits every stick.
    pub align_bytes: u64,
    /// So much must be left free, in whole clusters.
    pub spare_bytes: u64,
}

/// A file or directory that the volume shall hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Like `sources/boot.wim`. The directories that it lies in need no nodes of their own.
    pub path: String,
    pub kind: NodeKind,
    /// Seconds of the Unix epoch, stored as UTC.
    pub modified_unix_secs: Option<i64>,
    pub is_hidden: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Directory,
    File { len_bytes: u64 },
}

/// What stands where. All offsets are in bytes from the volume's start, all but the files' lengths in whole sectors.
/// Together `reserved`, the two tables' [`FatTable::used_bytes`], `directories` and `files` are all that needs writing, if
/// the rest of the tables (up to `fat_bytes`) is made zero as well.
#[derive(Clone, Debug)]
pub struct FatLayout {
    /// What the volume takes of the partition. A little of what was offered may be left (less than a cluster, or than a step
    /// of alignment where one more cluster would have cost one), and all that lies past some 2^32 sectors or past
    /// FAT32's greatest number of clusters.
    pub volume_bytes: u64,
    pub cluster_bytes: u32,
    pub cluster_count: u32,
    pub free_clusters: u32,
    /// Where cluster 2 begins.
    pub data_offset_bytes: u64,
    /// The volume's first 32 sectors: boot sector, FSInfo, more boot code, their copies from sector 6 on, zeroes. More
    /// reserved sectors may follow, up to `fat_offsets_bytes[0]`; what they hold does not matter.
    pub reserved: Vec<u8>,
    /// Both copies of the table.
    pub fat_offsets_bytes: [u64; 2],
    /// Length of one copy.
    pub fat_bytes: u64,
    pub table: FatTable,
    /// In the order of the volume; the first is the root.
    pub directories: Vec<DirectoryPlace>,
    /// Those nodes that are files, in their order.
    pub files: Vec<FilePlace>,
    /// First byte behind everything, in whole clusters. The rest is free.
    pub used_end_bytes: u64,
    /// As it stands in the volume, without its padding.
    pub label: Option<String>,
}

/// Where a directory lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryPlace {
    /// Empty for the root.
    pub path: String,
    pub offset_bytes: u64,
    /// Whole clusters.
    pub bytes: Vec<u8>,
}

/// Where a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// Its place among the nodes.
    pub node: usize,
    /// An empty file has no place; this then is where the next begins.
    pub offset_bytes: u64,
    pub len_bytes: u64,
    /// In whole clusters; what follows the file in its last one does not matter.
    pub allocated_bytes: u64,
}

/// Decides the volume. The error says what stands against it; [`LayoutError::TooSmall`] also how much would be enough.
pub fn lay_out(spec: &VolumeSpec<'_>, nodes: &[Node]) -> Result<FatLayout, LayoutError> {
    let label = fat_label(spec.label);
    let tree = Tree::build(nodes, label.is_some())?;
    let geometry =
        geometry::choose(spec, |cluster_bytes| wanted_clusters(spec, &tree, nodes, cluster_bytes))?;
    let cluster_bytes = u64::from(geometry.cluster_bytes());

    let mut space = Space { next_cluster: FIRST_CLUSTER, cluster_bytes, last_clusters: Vec::new() };
    let directory_clusters: Vec<u32> = (0..tree.directories.len())
        .map(|index| space.take(tree.directory_bytes(index).max(1) as u64))
        .collect();
    let mut file_clusters = vec![0; nodes.len()];
    let mut files = Vec::new();
    let offset_bytes =
        |cluster: u32| geometry.data_offset_bytes() + u64::from(cluster - FIRST_CLUSTER) * cluster_bytes;
    for (index, node) in nodes.iter().enumerate() {
        let NodeKind::File { len_bytes } = node.kind else { continue };
        let first = space.take(len_bytes);
        // §6.2: a file without data has no first cluster.
        file_clusters[index] = if len_bytes == 0 { 0 } else { first };
        files.push(FilePlace {
            node: index,
            offset_bytes: offset_bytes(first),
            len_bytes,
            allocated_bytes: len_bytes.next_multiple_of(cluster_bytes),
        });
    }

    let clusters = Clusters { directories: &directory_clusters, files: &file_clusters };
    let stored_label = label.as_deref().map(|label| name::stored_label(Some(label)));
    let directories = tree.directories.iter().zip(&directory_clusters).enumerate();
    let directories = directories
        .map(|(index, (directory, first))| {
            let mut bytes = tree.encode(index, nodes, &clusters, stored_label, spec.label_unix_secs);
            // Behind the last entry, zeroes say that there are no more (§6.1).
            bytes.resize(bytes.len().max(1).next_multiple_of(cluster_bytes as usize), 0);
            DirectoryPlace { path: directory.path.clone(), offset_bytes: offset_bytes(*first), bytes }
        })
        .collect();
    let used_clusters = space.next_cluster - FIRST_CLUSTER;
    Ok(FatLayout {
        volume_bytes: geometry.volume_bytes(),
        cluster_bytes: geometry.cluster_bytes(),
        cluster_count: geometry.cluster_count,
        free_clusters: geometry.cluster_count - used_clusters,
        data_offset_bytes: geometry.data_offset_bytes(),
        reserved: boot::reserved(spec, &geometry, label.as_deref(), used_clusters)?,
        fat_offsets_bytes: geometry.fat_offsets_bytes(),
        fat_bytes: geometry.fat_bytes(),
        used_end_bytes: offset_bytes(space.next_cluster),
        table: FatTable::new(space.last_clusters),
        directories,
        files,
        label,
    })
}

/// The smallest `volume_bytes` at which [`lay_out`] succeeds; what `spec` says of it does not matter.
pub fn needed_bytes(spec: &VolumeSpec<'_>, nodes: &[Node]) -> Result<u64, LayoutError> {
    let tree = Tree::build(nodes, fat_label(spec.label).is_some())?;
    geometry::needed_bytes(spec, |cluster_bytes| wanted_clusters(spec, &tree, nodes, cluster_bytes))
}

/// Data clusters are numbered from here on; the root begins in the first.
const FIRST_CLUSTER: u32 = 2;

fn wanted_clusters(spec: &VolumeSpec<'_>, tree: &Tree, nodes: &[Node], cluster_bytes: u64) -> u64 {
    let directories = (0..tree.directories.len())
        .map(|index| (tree.directory_bytes(index) as u64).max(1).div_ceil(cluster_bytes));
    let files = nodes.iter().map(|node| node.len_bytes().div_ceil(cluster_bytes));
    directories.chain(files).sum::<u64>() + spec.spare_bytes.div_ceil(cluster_bytes)
}

/// Gives out clusters one behind the other. [`geometry::choose`] has seen to it that there are enough.
struct Space {
    next_cluster: u32,
    cluster_bytes: u64,
    last_clusters: Vec<u32>,
}

impl Space {
    /// The first cluster of the next `len_bytes`.
    fn take(&mut self, len_bytes: u64) -> u32 {
        let first = self.next_cluster;
        let count = len_bytes.div_ceil(self.cluster_bytes) as u32;
        if count > 0 {
            self.next_cluster += count;
            self.last_clusters.push(self.next_cluster - 1);
        }
        first
    }
}

/// The label that is made of a text: upper case, `_` for what FAT does not allow, 11 characters. `None` if none is left.
pub fn fat_label(text: &str) -> Option<String> {
    name::label(text)
}
