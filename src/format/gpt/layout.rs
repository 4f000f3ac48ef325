//! Writing the table: header and entries at the disk's beginning, and the copy at its end.

use super::{ENTRY_BYTES, GptPartition, HEADER_BYTES, SECTOR_SIZES, SIGNATURE};
use crate::format::guid::Guid;

/// The least that the specification allows, 16 KiB of them, and what every tool makes.
const ENTRY_COUNT: u32 = 128;
const ARRAY_BYTES: u64 = ENTRY_COUNT as u64 * ENTRY_BYTES as u64;
/// Table 5.5: revision 1.0.
const REVISION: u32 = 0x0001_0000;
/// A name has room for this many UTF-16 units.
const NAME_UNITS: usize = 36;

/// Both copies of a table, to be written to a disk together with [`crate::format::mbr::protective_record`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GptLayout {
    pub first_usable_lba: u64,
    pub last_usable_lba: u64,
    /// Header and entries; begins in sector 1.
    pub primary: Vec<u8>,
    /// Entries and header; ends with the disk.
    pub backup: Vec<u8>,
    pub backup_lba: u64,
}

/// Why a table cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GptLayoutError {
    #[error("sectors of {sector_bytes} bytes are not supported; 512 and 4096 are")]
    SectorSize { sector_bytes: u32 },
    #[error("a disk of {disk_sectors} sectors is too small for a GPT")]
    DiskTooSmall { disk_sectors: u64 },
    #[error("a GPT has numbers from 1 to 128, each for one partition; {number} is not free")]
    Number { number: u32 },
    #[error("partition {number} does not lie within sectors {first_usable_lba} to {last_usable_lba}")]
    OutOfRange { number: u32, first_usable_lba: u64, last_usable_lba: u64 },
    #[error("partitions {number} and {other} overlap")]
    Overlap { number: u32, other: u32 },
    #[error("the name of partition {number} is longer than {NAME_UNITS} UTF-16 units")]
    NameTooLong { number: u32 },
}

/// Where partitions may lie on a disk of so many sectors: the first and the last sector. Asked before partitions are placed.
pub fn usable_lbas(sector_bytes: u32, disk_sectors: u64) -> Result<(u64, u64), GptLayoutError> {
    if !SECTOR_SIZES.contains(&sector_bytes) {
        return Err(GptLayoutError::SectorSize { sector_bytes });
    }
    let array_sectors = ARRAY_BYTES / u64::from(sector_bytes);
    // In front the protective record too; at the end the array and its header.
    let first = 2 + array_sectors;
    let last = disk_sectors.checked_sub(array_sectors + 2);
    last.filter(|last| *last >= first)
        .map(|last| (first, last))
        .ok_or(GptLayoutError::DiskTooSmall { disk_sectors })
}

/// The table of a disk.
pub fn lay_out(
    sector_bytes: u32,
    disk_sectors: u64,
    disk_guid: Guid,
    partitions: &[GptPartition],
) -> Result<GptLayout, GptLayoutError> {
    let usable = usable_lbas(sector_bytes, disk_sectors)?;
    check(partitions, usable)?;
    let entries = entries(partitions)?;
    let (first_usable_lba, last_usable_lba) = usable;
    let (backup_array_lba, last_lba) = (last_usable_lba + 1, disk_sectors - 1);
    let header = |my_lba: u64, alternate_lba: u64, array_lba: u64| {
        let mut header = vec![0; sector_bytes as usize];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, SIGNATURE);
        put(8, &REVISION.to_le_bytes());
        put(12, &(HEADER_BYTES as u32).to_le_bytes());
        put(24, &my_lba.to_le_bytes());
        put(32, &alternate_lba.to_le_bytes());
        put(40, &first_usable_lba.to_le_bytes());
        put(48, &last_usable_lba.to_le_bytes());
        put(56, &disk_guid.0);
        put(72, &array_lba.to_le_bytes());
        put(80, &ENTRY_COUNT.to_le_bytes());
        put(84, &ENTRY_BYTES.to_le_bytes());
        put(88, &crc32fast::hash(&entries).to_le_bytes());
        let crc = crc32fast::hash(&header[..HEADER_BYTES]);
        header[16..20].copy_from_slice(&crc.to_le_bytes());
        header
    };
    Ok(GptLayout {
        first_usable_lba,
        last_usable_lba,
        primary: [header(1, last_lba, 2), entries.clone()].concat(),
        backup: [entries.clone(), header(last_lba, 1, backup_array_lba)].concat(),
        backup_lba: backup_array_lba,
    })
}

fn check(
    partitions: &[GptPartition],
    (first_usable_lba, last_usable_lba): (u64, u64),
) -> Result<(), GptLayoutError> {
    for (index, partition) in partitions.iter().enumerate() {
        let number = partition.number;
        let others = &partitions[..index];
        if !(1..=ENTRY_COUNT).contains(&number) || others.iter().any(|other| other.number == number) {
            return Err(GptLayoutError::Number { number });
        }
        let usable = first_usable_lba..=last_usable_lba;
        if !usable.contains(&partition.first_lba)
            || !usable.contains(&partition.last_lba)
            || partition.first_lba > partition.last_lba
        {
            return Err(GptLayoutError::OutOfRange { number, first_usable_lba, last_usable_lba });
        }
        let overlapping = others
            .iter()
            .find(|other| partition.first_lba <= other.last_lba && other.first_lba <= partition.last_lba);
        if let Some(other) = overlapping {
            return Err(GptLayoutError::Overlap { number, other: other.number });
        }
    }
    Ok(())
}

fn entries(partitions: &[GptPartition]) -> Result<Vec<u8>, GptLayoutError> {
    let mut entries = vec![0; ARRAY_BYTES as usize];
    for partition in partitions {
        let number = partition.number;
        let at = (number - 1) as usize * ENTRY_BYTES as usize;
        let entry = &mut entries[at..at + ENTRY_BYTES as usize];
        entry[..16].copy_from_slice(&partition.type_guid.0);
        entry[16..32].copy_from_slice(&partition.unique_guid.0);
        entry[32..40].copy_from_slice(&partition.first_lba.to_le_bytes());
        entry[40..48].copy_from_slice(&partition.last_lba.to_le_bytes());
        entry[48..56].copy_from_slice(&partition.attributes.to_le_bytes());
        let name: Vec<u16> = partition.name.encode_utf16().collect();
        if name.len() > NAME_UNITS {
            return Err(GptLayoutError::NameTooLong { number });
        }
        for (field, unit) in entry[56..].chunks_exact_mut(2).zip(name) {
            field.copy_from_slice(&unit.to_le_bytes());
        }
    }
    Ok(entries)
}
