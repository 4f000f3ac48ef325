//! The master boot record in the first 512 bytes of a disk (UEFI 2.10 §5.2.1, table 5.1), whatever its sector size.

mod layout;

use super::bytes::u32_le;
pub use layout::{NewPartition, protective_record, record};

/// The size of the record, also on disks with larger sectors.
pub const MBR_BYTES: usize = 512;
/// Room for boot code. The disk signature follows it.
pub const CODE_BYTES: usize = 440;
const DISK_SIGNATURE: usize = CODE_BYTES;
const ENTRIES: usize = 446;
const ENTRY_BYTES: usize = 16;
const BOOT_SIGNATURE: usize = 510;

/// Partition type: the real table is a GPT, and this entry keeps older tools away from it (UEFI 2.10 §5.2.3).
pub const TYPE_PROTECTIVE: u8 = 0xEE;
/// Partition type: FAT32, addressed by LBA.
pub const TYPE_FAT32_LBA: u8 = 0x0C;
/// NTFS or exFAT; the volume itself says which.
pub const TYPE_NTFS_EXFAT: u8 = 0x07;
/// Partition type: EFI system partition (UEFI 2.10 §5.2.2).
pub const TYPE_EFI_SYSTEM: u8 = 0xEF;

/// A first sector that ends in the boot signature 55 AA. Boot sectors of file systems do so too:
/// [`Mbr::has_partition_table`] tells whether the place of the table holds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mbr {
    pub disk_signature: u32,
    /// The first 440 bytes hold more than one filler byte repeated.
    pub has_boot_code: bool,
    entries: [MbrPartition; 4],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MbrPartition {
    /// 1 to 4: the place in the table.
    pub number: u8,
    status: u8,
    pub type_code: u8,
    /// In sectors of the disk.
    pub first_lba: u32,
    pub sector_count: u32,
}

impl Mbr {
    /// `None` without the boot signature.
    pub fn parse(sector: &[u8; MBR_BYTES]) -> Option<Self> {
        if sector[BOOT_SIGNATURE..] != [0x55, 0xAA] {
            return None;
        }
        let code = &sector[..CODE_BYTES];
        Some(Self {
            disk_signature: u32_le(sector, DISK_SIGNATURE),
            has_boot_code: code.iter().any(|b| *b != code[0]),
            entries: [1, 2, 3, 4].map(|number| {
                let at = ENTRIES + usize::from(number - 1) * ENTRY_BYTES;
                MbrPartition {
                    number,
                    status: sector[at],
                    type_code: sector[at + 4],
                    first_lba: u32_le(sector, at + 8),
                    sector_count: u32_le(sector, at + 12),
                }
            }),
        })
    }

    /// All four entries look like entries and at least one is in use: what lies there is a table, not the middle of a
    /// file system's boot code.
    pub fn has_partition_table(&self) -> bool {
        self.entries.iter().all(|e| matches!(e.status, 0x00 | 0x80)) && self.partitions().next().is_some()
    }

    /// The entries in use. Type 0 counts where the entry is active: GRUB's hybrid images mark the disc itself so.
    pub fn partitions(&self) -> impl Iterator<Item = &MbrPartition> {
        self.entries.iter().filter(|e| e.sector_count > 0 && (e.type_code != 0 || e.is_active()))
    }

    /// The record only guards a GPT.
    pub fn is_protective(&self) -> bool {
        self.partitions().any(|p| p.type_code == TYPE_PROTECTIVE)
    }
}

impl MbrPartition {
    /// Marked as the one to start.
    pub fn is_active(&self) -> bool {
        self.status == 0x80
    }

    /// First byte after the partition.
    pub fn end_bytes(&self, sector_bytes: u32) -> u64 {
        (u64::from(self.first_lba) + u64::from(self.sector_count)) * u64::from(sector_bytes)
    }

    pub fn start_bytes(&self, sector_bytes: u32) -> u64 {
        u64::from(self.first_lba) * u64::from(sector_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector_with(entries: &[(usize, [u8; 16])]) -> [u8; MBR_BYTES] {
        let mut sector = [0; MBR_BYTES];
        sector[510..].copy_from_slice(&[0x55, 0xAA]);
        for (number, entry) in entries {
            let at = ENTRIES + (number - 1) * ENTRY_BYTES;
            sector[at..at + ENTRY_BYTES].copy_from_slice(entry);
        }
        sector
    }

    fn entry(status: u8, type_code: u8, first_lba: u32, sector_count: u32) -> [u8; 16] {
        let mut entry = [0; 16];
        (entry[0], entry[4]) = (status, type_code);
        entry[8..12].copy_from_slice(&first_lba.to_le_bytes());
        entry[12..].copy_from_slice(&sector_count.to_le_bytes());
        entry
    }

    #[test]
    fn no_signature_no_record() {
        assert_eq!(Mbr::parse(&[0; MBR_BYTES]), None);
        assert_eq!(Mbr::parse(&[0xFF; MBR_BYTES]), None);
    }

    #[test]
    fn reads_the_entries_in_use() {
        let mut sector = sector_with(&[(2, entry(0x80, 0x0C, 2048, 4096)), (4, entry(0, 0xEE, 1, u32::MAX))]);
        sector[440..444].copy_from_slice(&[1, 2, 3, 4]);
        let mbr = Mbr::parse(&sector).unwrap();
        assert!(mbr.has_partition_table() && mbr.is_protective() && !mbr.has_boot_code);
        assert_eq!(mbr.disk_signature, 0x0403_0201);
        let partitions: Vec<_> = mbr.partitions().map(|p| (p.number, p.is_active(), p.type_code)).collect();
        assert_eq!(partitions, [(2, true, 0x0C), (4, false, 0xEE)]);
        assert_eq!(mbr.partitions().next().unwrap().start_bytes(4096), 2048 * 4096);
        assert_eq!(mbr.partitions().last().unwrap().end_bytes(512), (1 << 32) * 512);
    }

    #[test]
    fn code_is_more_than_filler() {
        let mut sector = sector_with(&[]);
        for filler in [0x00, 0xFF, 0xF6, 0x90] {
            sector[..CODE_BYTES].fill(filler);
            assert!(!Mbr::parse(&sector).unwrap().has_boot_code, "{filler:#x}");
        }
        sector[..2].copy_from_slice(&[0xFA, 0xF4]);
        assert!(Mbr::parse(&sector).unwrap().has_boot_code);
    }

    #[test]
    fn the_middle_of_boot_code_is_no_table() {
        let mbr = Mbr::parse(&sector_with(&[(1, *b"press any key to"), (2, entry(0, 0x83, 1, 1))])).unwrap();
        assert!(!mbr.has_partition_table());
        assert!(!Mbr::parse(&sector_with(&[])).unwrap().has_partition_table());
    }
}
