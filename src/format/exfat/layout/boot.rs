//! The boot region (§3): twelve sectors, of which the last is a checksum over the others.

use super::{Geometry, VolumeSpec};

const SECTORS: usize = 12;
const CHECKSUM_SECTOR: usize = SECTORS - 1;
/// §3.2: sectors that may hold more boot code, each with a signature at its end.
const EXTENDED_SECTORS: std::ops::RangeInclusive<usize> = 1..=8;
/// §3.1.13 and §3.1.18 change while the volume is used, and do not count (§3.4).
const UNCOUNTED: [usize; 3] = [106, 107, 112];
const REVISION: u16 = 0x0100;
/// A fixed disk, as BIOS numbers it.
const DRIVE: u8 = 0x80;

/// The region as it stands twice at the volume's start.
pub(super) fn region(
    spec: &VolumeSpec<'_>,
    geometry: &Geometry,
    root_cluster: u32,
    used_clusters: u32,
) -> Vec<u8> {
    let sector_bytes = geometry.sector_bytes as usize;
    let sectors = |bytes: u64| bytes / geometry.sector_bytes;
    let percent_used = u64::from(used_clusters) * 100 / u64::from(geometry.cluster_count).max(1);
    let mut region = vec![0; SECTORS * sector_bytes];
    let mut put = |at: usize, bytes: &[u8]| region[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[0xEB, 0x76, 0x90]);
    put(3, b"EXFAT   ");
    put(64, &sectors(spec.partition_start_bytes).to_le_bytes());
    put(72, &sectors(geometry.volume_bytes).to_le_bytes());
    put(80, &(sectors(geometry.table_offset) as u32).to_le_bytes());
    put(84, &(sectors(geometry.table_bytes) as u32).to_le_bytes());
    put(88, &(sectors(geometry.heap_offset) as u32).to_le_bytes());
    put(92, &geometry.cluster_count.to_le_bytes());
    put(96, &root_cluster.to_le_bytes());
    put(100, &spec.serial.to_le_bytes());
    put(104, &REVISION.to_le_bytes());
    put(108, &[geometry.sector_bytes.ilog2() as u8]);
    put(109, &[(geometry.cluster_bytes / geometry.sector_bytes).ilog2() as u8]);
    put(110, &[1, DRIVE, percent_used as u8]);
    // §3.1.19: without code, halts.
    put(120, &[0xF4; 390]);
    put(510, &[0x55, 0xAA]);
    for sector in EXTENDED_SECTORS {
        put((sector + 1) * sector_bytes - 4, &[0, 0, 0x55, 0xAA]);
    }
    let counted = region[..CHECKSUM_SECTOR * sector_bytes].iter().enumerate();
    let sum = checksum(counted.filter(|(at, _)| !UNCOUNTED.contains(at)).map(|(_, byte)| *byte));
    for place in region[CHECKSUM_SECTOR * sector_bytes..].chunks_exact_mut(4) {
        place.copy_from_slice(&sum.to_le_bytes());
    }
    region
}

/// §3.4 and §7.2.2.
pub(super) fn checksum(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0, |sum: u32, byte| sum.rotate_right(1).wrapping_add(byte.into()))
}
