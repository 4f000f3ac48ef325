//! The boot sector (§3.1 to §3.3), FSInfo (§5), and their copies.

use super::geometry::{Geometry, MIN_RESERVED_SECTORS};
use super::{LayoutError, VolumeSpec};
use crate::format::fat::name::stored_label;

/// The specification's advice: what is least likely to trouble a driver. Old firmware and DOS look for it, and nothing is
/// gained by another.
const OEM_NAME: &[u8; 8] = b"MSWIN4.1";
/// In memory and on disk a boot record has this size, whatever a sector has.
const RECORD_BYTES: usize = 512;
const PARAMETERS: std::ops::Range<usize> = 3..0x5A;
const SIGNATURE_AT: usize = 510;
const SIGNATURE: [u8; 2] = [0x55, 0xAA];
/// A jump over the parameters, for volumes without code.
const JUMP: [u8; 3] = [0xEB, 0x58, 0x90];
const FS_INFO_SECTOR: u16 = 1;
const CODE_SECTOR: usize = 2;
const BACKUP_SECTOR: u16 = 6;
const ROOT_CLUSTER: u32 = 2;
/// A fixed disk, as BIOS numbers it.
const DRIVE: u8 = 0x80;
/// Not removable, by the specification; also the low byte of the table's first entry.
const MEDIA: u8 = 0xF8;
const TRACK_SECTORS: u16 = 63;
const HEADS: u16 = 255;
const EXTENDED_SIGNATURE: u8 = 0x29;
/// §5: there is no free cluster to start looking at.
const UNKNOWN: u32 = 0xFFFF_FFFF;

/// The first [`MIN_RESERVED_SECTORS`] sectors. `used_clusters` lie in front of all free ones.
pub(super) fn reserved(
    spec: &VolumeSpec<'_>,
    geometry: &Geometry,
    label: Option<&str>,
    used_clusters: u32,
) -> Result<Vec<u8>, LayoutError> {
    let sector_bytes = geometry.sector_bytes as usize;
    let code = Code::new(spec.boot_code)?;
    let mut boot = code.first;
    boot[PARAMETERS].fill(0);
    parameters(&mut boot, spec, geometry, label);
    let fs_info = fs_info(geometry, used_clusters);
    let mut sectors = vec![0; MIN_RESERVED_SECTORS as usize * sector_bytes];
    for first in [0, usize::from(BACKUP_SECTOR)] {
        for (sector, record) in
            [(0, &boot), (usize::from(FS_INFO_SECTOR), &fs_info), (CODE_SECTOR, &code.second)]
        {
            let at = (first + sector) * sector_bytes;
            sectors[at..at + RECORD_BYTES].copy_from_slice(record);
        }
    }
    Ok(sectors)
}

struct Code {
    first: [u8; RECORD_BYTES],
    second: [u8; RECORD_BYTES],
}

impl Code {
    fn new(code: &[u8]) -> Result<Self, LayoutError> {
        let mut records = Self { first: [0; RECORD_BYTES], second: [0; RECORD_BYTES] };
        if code.is_empty() {
            records.first[..JUMP.len()].copy_from_slice(&JUMP);
            return Ok(records);
        }
        // Readers take a boot sector for one by its jump (§3.1).
        let begins_with_jump = matches!(code, [0xEB, _, 0x90, ..] | [0xE9, ..]);
        if code.len() != 2 * RECORD_BYTES || !begins_with_jump {
            return Err(LayoutError::BootCode { len_bytes: code.len() });
        }
        records.first.copy_from_slice(&code[..RECORD_BYTES]);
        records.second.copy_from_slice(&code[RECORD_BYTES..]);
        Ok(records)
    }
}

fn parameters(
    boot: &mut [u8; RECORD_BYTES],
    spec: &VolumeSpec<'_>,
    geometry: &Geometry,
    label: Option<&str>,
) {
    let mut put = |at: usize, bytes: &[u8]| boot[at..at + bytes.len()].copy_from_slice(bytes);
    put(3, OEM_NAME);
    put(11, &(geometry.sector_bytes as u16).to_le_bytes());
    put(13, &[geometry.cluster_sectors]);
    put(14, &geometry.reserved_sectors.to_le_bytes());
    put(16, &[2]);
    put(21, &[MEDIA]);
    put(24, &TRACK_SECTORS.to_le_bytes());
    put(26, &HEADS.to_le_bytes());
    put(28, &spec.first_lba.to_le_bytes());
    put(32, &geometry.total_sectors.to_le_bytes());
    put(36, &geometry.fat_sectors.to_le_bytes());
    // BPB_ExtFlags 0: both tables are kept alike. BPB_FSVer 0.
    put(44, &ROOT_CLUSTER.to_le_bytes());
    put(48, &FS_INFO_SECTOR.to_le_bytes());
    put(50, &BACKUP_SECTOR.to_le_bytes());
    put(64, &[DRIVE]);
    put(66, &[EXTENDED_SIGNATURE]);
    put(67, &spec.serial.to_le_bytes());
    put(71, &stored_label(label));
    put(82, b"FAT32   ");
    put(SIGNATURE_AT, &SIGNATURE);
}

fn fs_info(geometry: &Geometry, used_clusters: u32) -> [u8; RECORD_BYTES] {
    let free = geometry.cluster_count - used_clusters;
    let next_free = if free == 0 { UNKNOWN } else { ROOT_CLUSTER + used_clusters };
    let mut sector = [0; RECORD_BYTES];
    let mut put = |at: usize, bytes: &[u8]| sector[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &0x4161_5252_u32.to_le_bytes());
    put(484, &0x6141_7272_u32.to_le_bytes());
    put(488, &free.to_le_bytes());
    put(492, &next_free.to_le_bytes());
    put(508, &0xAA55_0000_u32.to_le_bytes());
    sector
}
