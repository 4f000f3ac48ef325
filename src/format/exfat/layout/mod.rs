//! An empty exFAT volume decided whole, before its first byte is written: which bytes stand where, as a pure function of the
//! volume's size, serial number and label. Sections are those of the exFAT specification.
//!
//! ```text
//! boot region   sectors 0 to 11: boot sector, its extensions, checksum (§3)
//! backup        sectors 12 to 23: the same once more
//! table         at 1 MiB of the volume (§4.1)
//! heap          at a later MiB: allocation bitmap, up-case table, root directory, each in a piece; then all is free (§5, §7)
//! ```

mod boot;
mod upcase;

use crate::base::{GIB, KIB, MIB};

/// The table and the heap begin at multiples of this, so that clusters lie on whole pages of flash memory.
const ALIGN_BYTES: u64 = MIB;
/// Data clusters are numbered from here on.
const FIRST_CLUSTER: u32 = 2;
const TABLE_ENTRY_BYTES: u64 = 4;
/// §3.1.9.
const MAX_CLUSTERS: u64 = u32::MAX as u64 - 10;
/// §4.1.2 and §4.1: media, and the end of a chain.
const MEDIA_ENTRY: u32 = 0xFFFF_FFF8;
const END_OF_CHAIN: u32 = 0xFFFF_FFFF;
const ENTRY_BYTES: usize = 32;
/// §7.3: UTF-16 units of a label.
const MAX_LABEL_UNITS: usize = 11;

/// The volume that shall be made.
#[derive(Clone, Copy, Debug)]
pub struct VolumeSpec<'a> {
    pub volume_bytes: u64,
    /// 512 or 4096.
    pub sector_bytes: u32,
    /// Where the volume begins on the device; 0 without partitions.
    pub partition_start_bytes: u64,
    pub serial: u32,
    /// Any text: what exFAT cannot hold of it is left out. Nothing of it left: the volume has none.
    pub label: &'a str,
}

/// What stands where. Up to `used_end_bytes`, everything between the pieces is zero; behind, nothing matters.
#[derive(Clone, Debug)]
pub struct ExfatLayout {
    /// In whole sectors, no more than was offered.
    pub volume_bytes: u64,
    pub cluster_bytes: u32,
    pub cluster_count: u32,
    pub free_clusters: u32,
    /// Ascending.
    pub pieces: Vec<Piece>,
    pub used_end_bytes: u64,
    pub label: Option<String>,
}

/// Whole sectors at a place of the volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub offset_bytes: u64,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("an exFAT volume needs at least {needed_bytes} bytes here")]
    TooSmall { needed_bytes: u64 },
    #[error("sectors of {sector_bytes} bytes are not supported; 512 and 4096 are")]
    SectorSize { sector_bytes: u32 },
}

/// All in bytes of the volume.
#[derive(Clone, Copy, Debug)]
struct Geometry {
    sector_bytes: u64,
    volume_bytes: u64,
    cluster_bytes: u64,
    cluster_count: u32,
    table_offset: u64,
    table_bytes: u64,
    heap_offset: u64,
}

/// Decides the volume.
pub fn lay_out(spec: &VolumeSpec<'_>) -> Result<ExfatLayout, LayoutError> {
    let geometry = Geometry::choose(spec)?;
    let label = exfat_label(spec.label);
    let upcase = upcase::table();

    let cluster_bytes = geometry.cluster_bytes;
    let clusters = |len_bytes: u64| len_bytes.div_ceil(cluster_bytes) as u32;
    let bitmap_bytes = u64::from(geometry.cluster_count).div_ceil(8);
    let chains = [clusters(bitmap_bytes), clusters(upcase.len() as u64), 1];
    let [bitmap, upcase_first, root] = first_clusters(chains);
    let used_clusters: u32 = chains.iter().sum();
    if used_clusters > geometry.cluster_count {
        return Err(LayoutError::TooSmall { needed_bytes: needed_bytes(spec) });
    }

    let offset_of = |cluster: u32| geometry.heap_offset + u64::from(cluster - FIRST_CLUSTER) * cluster_bytes;
    let directory = root_directory(label.as_deref(), (bitmap, bitmap_bytes), (upcase_first, &upcase));
    let region = boot::region(spec, &geometry, root, used_clusters);
    let region_bytes = region.len() as u64;
    let piece = |offset_bytes: u64, bytes: Vec<u8>| {
        let mut bytes = bytes;
        bytes.resize(bytes.len().next_multiple_of(geometry.sector_bytes as usize), 0);
        Piece { offset_bytes, bytes }
    };
    let pieces = vec![
        piece(0, region.clone()),
        piece(region_bytes, region),
        piece(geometry.table_offset, table(chains)),
        piece(offset_of(bitmap), used_bits(used_clusters)),
        piece(offset_of(upcase_first), upcase),
        piece(offset_of(root), directory),
    ];
    Ok(ExfatLayout {
        volume_bytes: geometry.volume_bytes,
        cluster_bytes: cluster_bytes as u32,
        cluster_count: geometry.cluster_count,
        free_clusters: geometry.cluster_count - used_clusters,
        pieces,
        used_end_bytes: offset_of(FIRST_CLUSTER + used_clusters),
        label,
    })
}

impl Geometry {
    fn choose(spec: &VolumeSpec<'_>) -> Result<Self, LayoutError> {
        let sector_bytes = match spec.sector_bytes {
            512 | 4096 => u64::from(spec.sector_bytes),
            sector_bytes => return Err(LayoutError::SectorSize { sector_bytes }),
        };
        let volume_bytes = spec.volume_bytes / sector_bytes * sector_bytes;
        let cluster_bytes = cluster_bytes(volume_bytes);
        // The start of the volume itself is aligned where a partition is.
        let table_offset = ALIGN_BYTES;
        // As if there were no table: a little more than is needed.
        let most = (volume_bytes / cluster_bytes).min(MAX_CLUSTERS);
        let table_bytes =
            ((most + u64::from(FIRST_CLUSTER)) * TABLE_ENTRY_BYTES).next_multiple_of(sector_bytes);
        let heap_offset = (table_offset + table_bytes).next_multiple_of(ALIGN_BYTES);
        let count = volume_bytes.saturating_sub(heap_offset) / cluster_bytes;
        if volume_bytes < needed_bytes(spec) || count == 0 {
            return Err(LayoutError::TooSmall { needed_bytes: needed_bytes(spec) });
        }
        let cluster_count = count.min(MAX_CLUSTERS) as u32;
        Ok(Self {
            sector_bytes,
            volume_bytes,
            cluster_bytes,
            cluster_count,
            table_offset,
            table_bytes,
            heap_offset,
        })
    }
}

/// Room for both tables' alignment and the least content, with some to spare for files.
fn needed_bytes(_spec: &VolumeSpec<'_>) -> u64 {
    4 * ALIGN_BYTES
}

/// What `format` of Windows takes by default.
fn cluster_bytes(volume_bytes: u64) -> u64 {
    match volume_bytes.div_ceil(MIB) {
        0..=256 => 4 * KIB,
        mib if mib <= 32 * GIB / MIB => 32 * KIB,
        _ => 128 * KIB,
    }
}

fn first_clusters(chains: [u32; 3]) -> [u32; 3] {
    let mut next = FIRST_CLUSTER;
    chains.map(|count| {
        let first = next;
        next += count;
        first
    })
}

/// The entries of the clusters that are used, each chain in one piece (§4.1).
fn table(chains: [u32; 3]) -> Vec<u8> {
    let mut entries = vec![MEDIA_ENTRY, END_OF_CHAIN];
    for (first, count) in first_clusters(chains).into_iter().zip(chains) {
        entries.extend(first + 1..first + count);
        entries.push(END_OF_CHAIN);
    }
    entries.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// The allocation bitmap's first bytes (§7.1.5): one bit a cluster, the lowest first.
fn used_bits(used_clusters: u32) -> Vec<u8> {
    let mut bits = vec![0xFF; (used_clusters / 8) as usize];
    bits.push((1_u8 << (used_clusters % 8)) - 1);
    bits
}

/// §7: the label, the bitmap, the up-case table. The rest of the cluster is zero: no more entries.
fn root_directory(label: Option<&str>, bitmap: (u32, u64), upcase: (u32, &[u8])) -> Vec<u8> {
    let mut entries = [[0_u8; ENTRY_BYTES]; 3];
    // §7.3: without the highest bit the entry is there and says nothing.
    entries[0][0] = if label.is_some() { 0x83 } else { 0x03 };
    let units: Vec<u16> = label.unwrap_or_default().encode_utf16().collect();
    entries[0][1] = units.len() as u8;
    for (unit, place) in units.iter().zip(entries[0][2..24].chunks_exact_mut(2)) {
        place.copy_from_slice(&unit.to_le_bytes());
    }
    entries[1][0] = 0x81;
    entries[2][0] = 0x82;
    entries[2][4..8].copy_from_slice(&boot::checksum(upcase.1.iter().copied()).to_le_bytes());
    for (entry, first, len) in [(1, bitmap.0, bitmap.1), (2, upcase.0, upcase.1.len() as u64)] {
        entries[entry][20..24].copy_from_slice(&first.to_le_bytes());
        entries[entry][24..32].copy_from_slice(&len.to_le_bytes());
    }
    entries.concat()
}

/// The label that is made of a text: eleven UTF-16 units at most, of whole characters, without those that no name may
/// have (§7.7.3). `None` if none is left.
pub fn exfat_label(text: &str) -> Option<String> {
    let mut label = String::new();
    let mut units = 0;
    for c in text.trim().chars().filter(|c| *c >= ' ' && !r#""*/:<>?\|"#.contains(*c)) {
        units += c.len_utf16();
        if units > MAX_LABEL_UNITS {
            break;
        }
        label.push(c);
    }
    let label = label.trim_end();
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_cut_to_eleven_units() {
        for (text, expected) in [
            ("", None),
            ("  \n", None),
            ("Fotos & Größe", Some("Fotos & Grö")),
            ("a/b:c", Some("abc")),
            ("0123456789😀", Some("0123456789")),
            ("012345678😀x", Some("012345678😀")),
        ] {
            assert_eq!(exfat_label(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn bits_and_chains() {
        assert_eq!(used_bits(3), [0b111]);
        assert_eq!(used_bits(16), [0xFF, 0xFF, 0]);
        let words = [0xFFFF_FFF8_u32, u32::MAX, 3, u32::MAX, u32::MAX, u32::MAX];
        assert_eq!(table([2, 1, 1]), words.map(u32::to_le_bytes).concat());
    }
}
