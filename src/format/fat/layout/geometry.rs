//! How large clusters, tables and the reserved region are (§3.1 to §3.5).

use super::{LayoutError, VolumeSpec};

/// With fewer, a volume is FAT16 (§3.5); within 16 of the border, the specification says, some drivers miscount.
const MIN_CLUSTERS: u64 = 65_525 + 16;
/// Of the 28-bit numbers the last nine, from 0FFFFFF7 on, have meanings of their own, and the first two name no cluster.
const MAX_CLUSTERS: u64 = 0x0FFF_FFF7 - 2;
/// They are counted in 32 bits. Readers that reckon a cluster further in 32 bits, as mtools does, must not wrap around.
const MAX_SECTORS: u64 = u32::MAX as u64 - 128;
/// What Windows and mkfs.fat reserve: the boot sectors' copies lie at 6.
pub(super) const MIN_RESERVED_SECTORS: u64 = 32;
const TABLE_ENTRY_BYTES: u64 = 4;
const FAT_COUNT: u64 = 2;
const MAX_CLUSTER_BYTES: u64 = 32 << 10;

/// All lengths in sectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub sector_bytes: u32,
    pub total_sectors: u32,
    pub reserved_sectors: u16,
    /// One table.
    pub fat_sectors: u32,
    pub cluster_sectors: u8,
    pub cluster_count: u32,
}

impl Geometry {
    pub fn cluster_bytes(&self) -> u32 {
        u32::from(self.cluster_sectors) * self.sector_bytes
    }

    pub fn data_offset_bytes(&self) -> u64 {
        let sectors = u64::from(self.reserved_sectors) + FAT_COUNT * u64::from(self.fat_sectors);
        sectors * u64::from(self.sector_bytes)
    }

    pub fn fat_offsets_bytes(&self) -> [u64; 2] {
        let first = u64::from(self.reserved_sectors) * u64::from(self.sector_bytes);
        [first, first + self.fat_bytes()]
    }

    pub fn fat_bytes(&self) -> u64 {
        u64::from(self.fat_sectors) * u64::from(self.sector_bytes)
    }

    pub fn volume_bytes(&self) -> u64 {
        u64::from(self.total_sectors) * u64::from(self.sector_bytes)
    }
}

/// The geometry of a volume whose content takes `content_clusters(cluster_bytes)` clusters: the cluster size that Windows
/// gives a volume of this size, or the next smaller at which there are enough clusters.
pub(super) fn choose(
    spec: &VolumeSpec<'_>,
    content_clusters: impl Fn(u64) -> u64,
) -> Result<Geometry, LayoutError> {
    let sizing = Sizing::new(spec)?;
    let total_sectors = (spec.volume_bytes / sizing.sector_bytes).min(MAX_SECTORS);
    for cluster_bytes in sizing.cluster_sizes(windows_cluster_bytes(spec.volume_bytes)) {
        let geometry = sizing.fill(total_sectors, cluster_bytes);
        let count = u64::from(geometry.cluster_count);
        if count >= MIN_CLUSTERS && count >= content_clusters(cluster_bytes) {
            return Ok(geometry);
        }
    }
    let needed_bytes = needed_bytes(spec, content_clusters)?;
    // A volume that is large enough but for what lies past the last sector that can be counted.
    if needed_bytes <= spec.volume_bytes {
        return Err(LayoutError::BeyondFat32 { sector_bytes: spec.sector_bytes });
    }
    Err(LayoutError::TooSmall { needed_bytes, available_bytes: spec.volume_bytes })
}

/// The smallest volume for such content.
pub(super) fn needed_bytes(
    spec: &VolumeSpec<'_>,
    content_clusters: impl Fn(u64) -> u64,
) -> Result<u64, LayoutError> {
    let sizing = Sizing::new(spec)?;
    sizing
        .cluster_sizes(MAX_CLUSTER_BYTES)
        .filter_map(|cluster_bytes| {
            let count = content_clusters(cluster_bytes).max(MIN_CLUSTERS);
            let sectors = sizing.sectors_for(count, cluster_bytes);
            let volume_bytes = sectors.saturating_mul(sizing.sector_bytes);
            // Larger clusters than Windows' are not used.
            let is_used = cluster_bytes <= windows_cluster_bytes(volume_bytes).max(sizing.sector_bytes);
            let is_possible = count <= MAX_CLUSTERS && sectors <= MAX_SECTORS;
            (is_used && is_possible).then_some(volume_bytes)
        })
        .min()
        .ok_or(LayoutError::BeyondFat32 { sector_bytes: spec.sector_bytes })
}

/// What `format` of Windows takes by default.
fn windows_cluster_bytes(volume_bytes: u64) -> u64 {
    const MIB: u64 = 1 << 20;
    match volume_bytes.div_ceil(MIB) {
        0..=64 => 512,
        65..=128 => 1 << 10,
        129..=256 => 2 << 10,
        257..=8192 => 4 << 10,
        8193..=16_384 => 8 << 10,
        16_385..=32_768 => 16 << 10,
        _ => MAX_CLUSTER_BYTES,
    }
}

/// What a volume's regions are sized by.
struct Sizing {
    sector_bytes: u64,
    first_lba: u64,
    align_sectors: u64,
}

impl Sizing {
    fn new(spec: &VolumeSpec<'_>) -> Result<Self, LayoutError> {
        let sector_bytes = spec.sector_bytes;
        if !matches!(sector_bytes, 512 | 4096) {
            return Err(LayoutError::SectorSize { sector_bytes });
        }
        let sector_bytes = u64::from(sector_bytes);
        let align_sectors = spec.align_bytes / sector_bytes;
        // The reserved region takes up what alignment costs, and is counted in 16 bits.
        let is_possible = spec.align_bytes.is_multiple_of(sector_bytes)
            && (1..=u64::from(u16::MAX) - MIN_RESERVED_SECTORS).contains(&align_sectors);
        if !is_possible {
            return Err(LayoutError::Alignment { align_bytes: spec.align_bytes });
        }
        Ok(Self { sector_bytes, first_lba: spec.first_lba.into(), align_sectors })
    }

    /// Powers of two from `largest` down to a sector.
    fn cluster_sizes(&self, largest: u64) -> impl Iterator<Item = u64> + use<> {
        let smallest = self.sector_bytes;
        std::iter::successors(Some(largest.max(smallest)), move |size| {
            (*size > smallest).then_some(*size / 2)
        })
    }

    fn fat_sectors(&self, cluster_count: u64) -> u64 {
        ((cluster_count + 2) * TABLE_ENTRY_BYTES).div_ceil(self.sector_bytes)
    }

    /// The sector of the volume in which the data region begins.
    fn data_sector(&self, cluster_count: u64) -> u64 {
        let tables_end = self.first_lba + MIN_RESERVED_SECTORS + FAT_COUNT * self.fat_sectors(cluster_count);
        tables_end.next_multiple_of(self.align_sectors) - self.first_lba
    }

    /// The smallest volume with so many clusters; grows with their number. More than there can be count as the most.
    fn sectors_for(&self, cluster_count: u64, cluster_bytes: u64) -> u64 {
        let cluster_count = cluster_count.min(u64::from(u32::MAX));
        self.data_sector(cluster_count) + cluster_count * (cluster_bytes / self.sector_bytes)
    }

    /// As many clusters as find room.
    fn fill(&self, total_sectors: u64, cluster_bytes: u64) -> Geometry {
        let (mut fits, mut fits_not) = (0, MAX_CLUSTERS + 1);
        while fits + 1 < fits_not {
            let count = fits.midpoint(fits_not);
            if self.sectors_for(count, cluster_bytes) <= total_sectors {
                fits = count;
            } else {
                fits_not = count;
            }
        }
        let cluster_sectors = cluster_bytes / self.sector_bytes;
        let (data_sector, fat_sectors) = (self.data_sector(fits), self.fat_sectors(fits));
        // Less than a cluster is left at the end, unless the next cluster would have cost a larger table and with it a
        // whole step of alignment: then that is left, so that the tables cover every cluster that readers count.
        let counted_sectors = data_sector + (fits + 1) * cluster_sectors - 1;
        Geometry {
            sector_bytes: self.sector_bytes as u32,
            total_sectors: total_sectors.min(counted_sectors) as u32,
            reserved_sectors: (data_sector - FAT_COUNT * fat_sectors) as u16,
            fat_sectors: fat_sectors as u32,
            cluster_sectors: cluster_sectors as u8,
            cluster_count: fits as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn spec(volume_bytes: u64, sector_bytes: u32, first_lba: u32) -> VolumeSpec<'static> {
        VolumeSpec {
            volume_bytes,
            sector_bytes,
            first_lba,
            serial: 0,
            label: "",
            label_unix_secs: None,
            boot_code: &[],
            align_bytes: MIB,
            spare_bytes: 0,
        }
    }

    #[test]
    fn clusters_are_as_large_as_windows_makes_them() {
        for (volume_mib, sector_bytes, cluster_bytes) in [
            (40, 512, 512),
            (64, 512, 512),
            (100, 512, 1 << 10),
            (200, 512, 2 << 10),
            // At 4 KiB a volume of 257 MiB would have too few.
            (257, 512, 2 << 10),
            (400, 512, 4 << 10),
            (8 << 10, 512, 4 << 10),
            ((8 << 10) + 1, 512, 8 << 10),
            (16 << 10, 512, 8 << 10),
            (32 << 10, 512, 16 << 10),
            ((32 << 10) + 1, 512, 32 << 10),
            (2 << 20, 512, 32 << 10),
            (300, 4096, 4 << 10),
            (16 << 20, 4096, 32 << 10),
        ] {
            let geometry = choose(&spec(volume_mib * MIB, sector_bytes, 2048), |_| 1).unwrap();
            assert_eq!(geometry.cluster_bytes(), cluster_bytes, "{volume_mib} MiB");
        }
    }

    #[test]
    fn smaller_clusters_before_no_volume_at_all() {
        let spec = spec(128 * MIB, 512, 0);
        let many_small_files = |cluster_bytes: u64| 200_000 * (500_u64.div_ceil(cluster_bytes));
        assert_eq!(choose(&spec, many_small_files).unwrap().cluster_bytes(), 512);
    }

    #[test]
    fn needed_is_enough_and_one_sector_less_is_not() {
        for content_bytes in [0, 50 * MIB, 63 * MIB, 300 * MIB, 9000 * MIB, 40_000 * MIB] {
            for (sector_bytes, first_lba) in [(512, 63), (512, 2048), (4096, 256), (4096, 0)] {
                let content = |cluster_bytes: u64| content_bytes.div_ceil(cluster_bytes) + 100;
                let mut spec = spec(0, sector_bytes, first_lba);
                let needed = needed_bytes(&spec, content).unwrap();
                for extra_sectors in [0, 1, 100, 5000] {
                    spec.volume_bytes = needed + extra_sectors * u64::from(sector_bytes);
                    choose(&spec, content).unwrap();
                }
                spec.volume_bytes = needed - 1;
                let expected = LayoutError::TooSmall { needed_bytes: needed, available_bytes: needed - 1 };
                assert_eq!(choose(&spec, content), Err(expected));
            }
        }
    }

    #[test]
    fn regions_fit_and_are_aligned_at_every_size() {
        for first_lba in [0, 1, 63, 2048, 4097] {
            for sector_bytes in [512, 4096] {
                for volume_bytes in (0..60).map(|step| (300 + step * 40) * MIB + step * 777 * 4096) {
                    let spec = spec(volume_bytes, sector_bytes, first_lba);
                    let g = choose(&spec, |_| 1).unwrap();
                    let data = u64::from(first_lba) * u64::from(sector_bytes) + g.data_offset_bytes();
                    assert!(data.is_multiple_of(MIB) && g.reserved_sectors >= 32);
                    let (sectors, cluster) = (u64::from(g.total_sectors), u64::from(g.cluster_sectors));
                    // As readers count them (§3.5).
                    let counted = (sectors - g.data_offset_bytes() / u64::from(g.sector_bytes)) / cluster;
                    assert_eq!(counted, u64::from(g.cluster_count));
                    assert!(g.fat_bytes() >= (counted + 2) * 4);
                    assert!(volume_bytes - g.volume_bytes() < MIB + u64::from(g.cluster_bytes()));
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_counted_is_left() {
        let geometry = choose(&spec(3 << 40, 512, 2048), |_| 1).unwrap();
        assert_eq!(u64::from(geometry.total_sectors), MAX_SECTORS);
        let geometry = choose(&spec(20 << 40, 4096, 256), |_| 1).unwrap();
        assert_eq!(u64::from(geometry.cluster_count), MAX_CLUSTERS);
        let beyond = LayoutError::BeyondFat32 { sector_bytes: 512 };
        assert_eq!(choose(&spec(3 << 40, 512, 0), |cluster| (5 << 39) / cluster), Err(beyond));
    }

    #[test]
    fn refuses_what_does_not_add_up() {
        let mut bad = spec(100 * MIB, 1024, 0);
        assert_eq!(choose(&bad, |_| 1), Err(LayoutError::SectorSize { sector_bytes: 1024 }));
        for align_bytes in [0, 1, 513, 32 * MIB, u64::MAX] {
            bad = VolumeSpec { sector_bytes: 512, align_bytes, ..bad };
            assert_eq!(choose(&bad, |_| 1), Err(LayoutError::Alignment { align_bytes }));
        }
    }
}
