//! The plan of a normal stick: one partition over all of it, with one empty file system.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

use crate::base::{GIB, MIB};
use crate::device::{Drive, Standing};
use crate::format::exfat::layout as exfat;
use crate::format::fat::layout as fat;
use crate::format::mbr::{self, CODE_BYTES, NewPartition, TYPE_FAT32_LBA, TYPE_NTFS_EXFAT};
use crate::source::ImageFacts;

use super::extent::Run;
use super::raw::{gate, wipes};
use super::{Fill, Plan, Refusal};

/// Where every system begins the first partition.
const PARTITION_START: u64 = MIB;
/// Sticks that are sold with up to 32 GB come with FAT32, larger ones with exFAT.
const FAT32_UP_TO: u64 = 32 * GIB;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileSystem {
    Fat32,
    ExFat,
}

impl FileSystem {
    pub const ALL: [Self; 2] = [Self::Fat32, Self::ExFat];

    pub fn name(self) -> &'static str {
        match self {
            Self::Fat32 => "fat32",
            Self::ExFat => "exfat",
        }
    }

    /// What a drive of this size usually has.
    pub fn usual(drive_bytes: u64) -> Self {
        if drive_bytes <= FAT32_UP_TO { Self::Fat32 } else { Self::ExFat }
    }

    /// What such a volume will be called where `text` is asked for; `None`: nothing of it can stand in a name.
    pub fn label(self, text: &str) -> Option<String> {
        match self {
            Self::Fat32 => fat::fat_label(text),
            Self::ExFat => exfat::exfat_label(text),
        }
    }
}

impl fmt::Display for FileSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fat32 => "FAT32",
            Self::ExFat => "exFAT",
        })
    }
}

impl FromStr for FileSystem {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|system| system.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| format!("“{text}” is neither fat32 nor exfat"))
    }
}

/// What a user may choose about it, and what must not be the same twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// `None`: what a drive of its size usually has.
    pub file_system: Option<FileSystem>,
    /// Empty: none.
    pub label: String,
    /// The disk signature and the volume's serial number come from this.
    pub seed: u64,
    /// The label's time.
    pub now_unix_secs: Option<i64>,
}

/// Plans one partition from 1 MiB on. What an MBR cannot count, past 2^32 sectors, stays unused, and a note says so.
pub fn plan_restore(drive: &Drive, standing: &Standing, options: &RestoreOptions) -> Result<Plan, Refusal> {
    gate(drive, standing)?;
    let target = &drive.identity;
    let sector = u64::from(target.sector_bytes);
    let drive_bytes = target.size_bytes / sector * sector;
    let most_bytes = u64::from(u32::MAX) * sector;
    let offered_bytes = drive_bytes.saturating_sub(PARTITION_START).min(most_bytes);
    let file_system = options.file_system.unwrap_or_else(|| FileSystem::usual(drive_bytes));
    let place = Place { sector_bytes: target.sector_bytes, offered_bytes, drive_bytes };
    let mut run = Run::default();
    // The record is laid out last, when the volume's size is known.
    run.push_bytes(vec![0; sector as usize]);
    let (volume_bytes, free_bytes, label) = match file_system {
        FileSystem::Fat32 => lay_out_fat32(&mut run, &place, options)?,
        FileSystem::ExFat => lay_out_exfat(&mut run, &place, options)?,
    };
    let partition = NewPartition {
        is_active: false,
        type_code: match file_system {
            FileSystem::Fat32 => TYPE_FAT32_LBA,
            FileSystem::ExFat => TYPE_NTFS_EXFAT,
        },
        first_lba: (PARTITION_START / sector) as u32,
        // No more than was offered, which 32 bits count.
        sector_count: (volume_bytes / sector) as u32,
    };
    let mut record = mbr::record(&[0; CODE_BYTES], (options.seed >> 32) as u32, &partition).to_vec();
    record.resize(sector as usize, 0);
    run.extents[0].fill = Fill::bytes(record);

    let name = label.map_or_else(String::new, |label| format!(" “{label}”"));
    let mut notes = vec![format!(
        "One {file_system} volume{name} over the whole drive, with {} for your files.",
        crate::base::ByteSize(free_bytes)
    )];
    let unused_bytes = drive_bytes - PARTITION_START - volume_bytes;
    if unused_bytes > GIB {
        notes.push(format!(
            "An MBR and {file_system} can count only so far: {} at the end stay unused.",
            crate::base::ByteSize(unused_bytes)
        ));
    }
    Ok(Plan {
        target: target.clone(),
        image: ImageFacts::of_nothing(&format!("an empty {file_system} volume")),
        extents: run.extents,
        sized: true,
        wipes: wipes(drive_bytes),
        advice: Vec::new(),
        notes,
        stick: None,
        change: None,
    })
}

struct Place {
    sector_bytes: u32,
    offered_bytes: u64,
    drive_bytes: u64,
}

impl Place {
    fn too_small(&self, file_system: FileSystem, needed_bytes: u64) -> Refusal {
        let needed_bytes = needed_bytes.saturating_add(PARTITION_START);
        Refusal::TooSmallFor { what: file_system.to_string(), needed_bytes, drive_bytes: self.drive_bytes }
    }
}

/// (bytes of the volume, free bytes, label).
type Made = (u64, u64, Option<String>);

fn lay_out_fat32(run: &mut Run, place: &Place, options: &RestoreOptions) -> Result<Made, Refusal> {
    let spec = fat::VolumeSpec {
        volume_bytes: place.offered_bytes,
        sector_bytes: place.sector_bytes,
        first_lba: (PARTITION_START / u64::from(place.sector_bytes)) as u32,
        serial: options.seed as u32,
        label: &options.label,
        label_unix_secs: options.now_unix_secs,
        boot_code: &[],
        align_bytes: MIB,
        spare_bytes: 0,
    };
    let volume = fat::lay_out(&spec, &[]).map_err(|error| match error {
        fat::LayoutError::TooSmall { needed_bytes, .. } => place.too_small(FileSystem::Fat32, needed_bytes),
        error => Refusal::Layout { reason: error.to_string() },
    })?;
    run.zero_to(PARTITION_START);
    run.push_bytes(volume.reserved);
    let table = Arc::new(volume.table);
    for offset in volume.fat_offsets_bytes {
        run.zero_to(PARTITION_START + offset);
        run.push(table.used_bytes(), Fill::Fat { table: Arc::clone(&table), offset: 0 });
        run.zero_to(PARTITION_START + offset + volume.fat_bytes);
    }
    for directory in volume.directories {
        run.zero_to(PARTITION_START + directory.offset_bytes);
        run.push_bytes(directory.bytes);
    }
    run.zero_to(PARTITION_START + volume.used_end_bytes);
    let free_bytes = u64::from(volume.free_clusters) * u64::from(volume.cluster_bytes);
    Ok((volume.volume_bytes, free_bytes, volume.label))
}

fn lay_out_exfat(run: &mut Run, place: &Place, options: &RestoreOptions) -> Result<Made, Refusal> {
    let spec = exfat::VolumeSpec {
        volume_bytes: place.offered_bytes,
        sector_bytes: place.sector_bytes,
        partition_start_bytes: PARTITION_START,
        serial: options.seed as u32,
        label: &options.label,
    };
    let volume = exfat::lay_out(&spec).map_err(|error| match error {
        exfat::LayoutError::TooSmall { needed_bytes } => place.too_small(FileSystem::ExFat, needed_bytes),
        error @ exfat::LayoutError::SectorSize { .. } => Refusal::Layout { reason: error.to_string() },
    })?;
    for piece in volume.pieces {
        run.zero_to(PARTITION_START + piece.offset_bytes);
        run.push_bytes(piece.bytes);
    }
    run.zero_to(PARTITION_START + volume.used_end_bytes);
    let free_bytes = u64::from(volume.free_clusters) * u64::from(volume.cluster_bytes);
    Ok((volume.volume_bytes, free_bytes, volume.label))
}
