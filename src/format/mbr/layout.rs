//! Writing the record: one partition, or the guard of a GPT.

use super::{BOOT_SIGNATURE, CODE_BYTES, DISK_SIGNATURE, ENTRIES, ENTRY_BYTES, MBR_BYTES, TYPE_PROTECTIVE};

/// The geometry that firmware gives every large disk.
const HEADS: u32 = 255;
const TRACK_SECTORS: u32 = 63;
/// Cylinders have ten bits. What lies past them gets the last cylinder, head and sector.
const CYLINDERS: u32 = 1024;
const CHS_BEYOND: [u8; 3] = [0xFE, 0xFF, 0xFF];

/// An entry of the table, in sectors of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPartition {
    /// Marked as the one to start.
    pub is_active: bool,
    pub type_code: u8,
    pub first_lba: u32,
    pub sector_count: u32,
}

/// A record with this partition alone, first in the table.
pub fn record(
    boot_code: &[u8; CODE_BYTES],
    disk_signature: u32,
    partition: &NewPartition,
) -> [u8; MBR_BYTES] {
    let last_lba = u64::from(partition.first_lba) + u64::from(partition.sector_count.saturating_sub(1));
    let status = if partition.is_active { 0x80 } else { 0x00 };
    let (first_chs, last_chs) = (chs(partition.first_lba.into()), chs(last_lba));
    let [f0, f1, f2] = first_chs;
    let [l0, l1, l2] = last_chs;
    with_entry(boot_code, disk_signature, [status, f0, f1, f2, partition.type_code, l0, l1, l2], partition)
}

/// The record that keeps older tools away from a GPT (UEFI 2.10 §5.2.3): one entry over all of a disk of `disk_sectors`, as
/// far as 32 bits reach. Code is run by firmware that does not know the GPT.
pub fn protective_record(boot_code: &[u8; CODE_BYTES], disk_sectors: u64) -> [u8; MBR_BYTES] {
    let sector_count = u32::try_from(disk_sectors.saturating_sub(1)).unwrap_or(u32::MAX);
    let partition = NewPartition { is_active: false, type_code: TYPE_PROTECTIVE, first_lba: 1, sector_count };
    // Table 5.4: where the disk's end cannot be expressed, all bits are set.
    let [l0, l1, l2] = match chs(disk_sectors.saturating_sub(1)) {
        CHS_BEYOND => [0xFF; 3],
        last => last,
    };
    with_entry(boot_code, 0, [0, 0, 2, 0, TYPE_PROTECTIVE, l0, l1, l2], &partition)
}

fn with_entry(
    boot_code: &[u8; CODE_BYTES],
    disk_signature: u32,
    first_half: [u8; 8],
    partition: &NewPartition,
) -> [u8; MBR_BYTES] {
    let mut sector = [0; MBR_BYTES];
    sector[..CODE_BYTES].copy_from_slice(boot_code);
    sector[DISK_SIGNATURE..DISK_SIGNATURE + 4].copy_from_slice(&disk_signature.to_le_bytes());
    let entry = &mut sector[ENTRIES..ENTRIES + ENTRY_BYTES];
    entry[..8].copy_from_slice(&first_half);
    entry[8..12].copy_from_slice(&partition.first_lba.to_le_bytes());
    entry[12..].copy_from_slice(&partition.sector_count.to_le_bytes());
    sector[BOOT_SIGNATURE..].copy_from_slice(&[0x55, 0xAA]);
    sector
}

/// Head, then the cylinder's upper two bits with the sector, then its lower eight.
fn chs(lba: u64) -> [u8; 3] {
    let track_sectors = u64::from(TRACK_SECTORS);
    let (track, sector) = (lba / track_sectors, lba % track_sectors + 1);
    let (cylinder, head) = (track / u64::from(HEADS), track % u64::from(HEADS));
    if cylinder >= u64::from(CYLINDERS) {
        return CHS_BEYOND;
    }
    [head as u8, (cylinder >> 8 << 6) as u8 | sector as u8, cylinder as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: cylinder = LBA / (255 * 63), and so on. The last of all is 1023/254/63.
    #[test]
    fn addresses_by_cylinder() {
        for (lba, expected) in [
            (0, [0, 1, 0]),
            (62, [0, 63, 0]),
            (63, [1, 1, 0]),
            (2048, [32, 33, 0]),
            (16_065, [0, 1, 1]),
            (256 * 16_065, [0, 0x41, 0]),
            (1024 * 16_065 - 1, [254, 0xFF, 0xFF]),
            (1024 * 16_065, [254, 0xFF, 0xFF]),
            (u64::MAX, [254, 0xFF, 0xFF]),
        ] {
            assert_eq!(chs(lba), expected, "{lba}");
        }
    }
}
