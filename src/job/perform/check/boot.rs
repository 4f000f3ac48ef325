//! Whether what makes a stick start is still as this program writes it.

use std::io::{Read, Seek, SeekFrom};

use crate::device::{BlockDevice, DeviceReader};
use crate::format::mbr::{CODE_BYTES, MBR_BYTES, Mbr, TYPE_FAT32_LBA};
use crate::plan::manifest::Making;
use crate::plan::{FAT32_BOOT_CODE, Scheme, mbr_boot_code};

use super::super::Stop;

/// As a manifest names it.
pub(super) const THIS_PROGRAM: &str = concat!("Sticksmith ", env!("CARGO_PKG_VERSION"));
/// Of the volume's first sector, the jump and the code; between them lies the parameter block.
const JUMP: std::ops::Range<usize> = 0..3;
const CODE: std::ops::Range<usize> = 0x5A..512;

/// Sentences on what differs. Other versions of the program may write other code, and are not judged.
pub(super) fn differences(
    device: &dyn BlockDevice,
    volume_start: u64,
    making: &Making,
) -> Result<Vec<String>, Stop> {
    let mut found = Vec::new();
    if making.program != THIS_PROGRAM {
        return Ok(found);
    }
    let mut reader = DeviceReader::new(device);
    let mut sector = [0; MBR_BYTES];
    let mut read = |at: u64, sector: &mut [u8]| {
        let read = reader.seek(SeekFrom::Start(at)).and_then(|_| reader.read_exact(sector));
        read.map_err(|error| Stop::Failed(format!("reading the boot code at byte {at} failed: {error}")))
    };
    read(0, &mut sector)?;
    if sector[..CODE_BYTES] != mbr_boot_code(making.scheme)[..] {
        found.push("The boot code in the first sector is not the one that was written.".to_owned());
    }
    if making.scheme == Scheme::Mbr {
        let is_right = Mbr::parse(&sector).is_some_and(|mbr| {
            let active: Vec<_> = mbr.partitions().filter(|p| p.is_active()).collect();
            let start = |p: &crate::format::mbr::MbrPartition| p.start_bytes(making.sector_bytes);
            matches!(active[..], [only] if only.type_code == TYPE_FAT32_LBA && start(only) == volume_start)
        });
        if !is_right {
            found.push(
                "The partition table does not mark the stick’s partition as the one to start.".to_owned(),
            );
        }
    }
    read(volume_start, &mut sector)?;
    let first = sector[JUMP] == FAT32_BOOT_CODE[JUMP] && sector[CODE] == FAT32_BOOT_CODE[CODE];
    read(volume_start + 2 * u64::from(making.sector_bytes), &mut sector)?;
    if !first || sector[..] != FAT32_BOOT_CODE[512..] {
        found.push("The boot code of the volume is not the one that was written.".to_owned());
    }
    Ok(found)
}
