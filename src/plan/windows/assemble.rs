//! From a laid out volume to the extents of the whole stick: tables, boot code, the volume's own structures, and the
//! files.

use std::sync::Arc;

use crate::format::fat::layout::FatLayout;
use crate::format::gpt::{self, GptPartition, TYPE_BASIC_DATA};
use crate::format::mbr::{self, CODE_BYTES, NewPartition, TYPE_FAT32_LBA};
use crate::plan::extent::Run;
use crate::plan::{Extent, Fill, Refusal, Scheme};

use super::contents::Item;
use super::{Ids, Place};

/// `assets/boot` has the sources.
const MBR_CODE: &[u8; CODE_BYTES] = include_bytes!("../../../assets/boot/mbr.bin");
const GPT_CODE: &[u8; CODE_BYTES] = include_bytes!("../../../assets/boot/gpt.bin");
/// The code of the volume's sectors 0 and 2, 512 bytes each.
pub const FAT32_BOOT_CODE: &[u8] = include_bytes!("../../../assets/boot/fat32.bin");

/// The code in a stick's first sector.
pub fn mbr_boot_code(scheme: Scheme) -> &'static [u8; CODE_BYTES] {
    match scheme {
        Scheme::Mbr => MBR_CODE,
        Scheme::Gpt => GPT_CODE,
    }
}

/// The extents of the whole stick, ascending.
pub(super) fn extents(
    place: &Place,
    volume: &FatLayout,
    items: &[Item],
    ids: &Ids,
) -> Result<Vec<Extent>, Refusal> {
    let mut run = Run::default();
    let backup = match place.scheme {
        Scheme::Mbr => {
            run.push_bytes(mbr_sector(place, volume, ids));
            None
        }
        Scheme::Gpt => {
            let (record, table) = gpt_tables(place, volume, ids)?;
            run.push_bytes(record);
            run.push_bytes(table.primary);
            Some(table.backup)
        }
    };
    let [first_fat, second_fat] = volume.fat_offsets_bytes.map(|offset| place.start + offset);
    run.zero_to(place.start);
    run.push_bytes(volume.reserved.clone());
    let table = Arc::new(volume.table.clone());
    for fat in [first_fat, second_fat] {
        run.zero_to(fat);
        run.push(volume.table.used_bytes(), Fill::Fat { table: Arc::clone(&table), offset: 0 });
        run.zero_to(fat + volume.fat_bytes);
    }
    for directory in &volume.directories {
        run.zero_to(place.start + directory.offset_bytes);
        run.push_bytes(directory.bytes.clone());
    }
    for file in &volume.files {
        let pieces = items[file.node].content.iter().flat_map(|content| &content.0);
        run.zero_to(place.start + file.offset_bytes);
        for (len, fill) in pieces {
            run.push(*len, fill.clone());
        }
    }
    run.zero_to(place.start + volume.used_end_bytes);
    if let Some(backup) = backup {
        run.end = place.drive_bytes - backup.len() as u64;
        run.push_bytes(backup);
    }
    Ok(run.extents)
}

fn mbr_sector(place: &Place, volume: &FatLayout, ids: &Ids) -> Vec<u8> {
    let partition = NewPartition {
        is_active: true,
        type_code: TYPE_FAT32_LBA,
        first_lba: place.first_lba(),
        // The place was cut to what 32 bits count.
        sector_count: (volume.volume_bytes / u64::from(place.sector_bytes)) as u32,
    };
    padded(&mbr::record(mbr_boot_code(place.scheme), ids.number("disk signature"), &partition), place)
}

fn gpt_tables(place: &Place, volume: &FatLayout, ids: &Ids) -> Result<(Vec<u8>, gpt::GptLayout), Refusal> {
    let sector = u64::from(place.sector_bytes);
    let disk_sectors = place.drive_bytes / sector;
    let partition = GptPartition {
        number: 1,
        type_guid: TYPE_BASIC_DATA,
        unique_guid: ids.guid("partition"),
        first_lba: place.start / sector,
        last_lba: (place.start + volume.volume_bytes) / sector - 1,
        attributes: 0,
        name: "Windows installation".to_owned(),
    };
    let table = gpt::lay_out(place.sector_bytes, disk_sectors, ids.guid("disk"), &[partition]);
    let table = table.map_err(|error| Refusal::Layout { reason: error.to_string() })?;
    Ok((padded(&mbr::protective_record(mbr_boot_code(place.scheme), disk_sectors), place), table))
}

fn padded(record: &[u8], place: &Place) -> Vec<u8> {
    let mut sector = record.to_vec();
    sector.resize(place.sector_bytes as usize, 0);
    sector
}
