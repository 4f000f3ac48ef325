//! The FAT volume of a stick, and what the stick says of itself.

use std::io::{Read, Seek, SeekFrom};

use crate::base::MIB;
use crate::device::{BlockDevice, DeviceReader};
use crate::format::FormatError;
use crate::format::fat::{FatTree, FatVolume};
use crate::format::gpt::Gpt;
use crate::format::mbr::{MBR_BYTES, Mbr};
use crate::format::tree::{EntryKind, ImageTree};
use crate::plan::FoundFile;
use crate::plan::manifest::{self, MANIFEST_NAME, Manifest};
use crate::source::{FoundAnswer, answers_in};

/// A stick's volume, read.
pub(in crate::job::perform) struct Volume {
    pub start_bytes: u64,
    pub files: Vec<FoundFile>,
    pub folders: Vec<String>,
    /// Where the second copy of the allocation table first differs from the first.
    pub table_copies_differ_at: Option<u64>,
    /// `None`: there is none. `Err`: a clause, what is wrong with it.
    pub manifest: Option<Result<Manifest, String>>,
    /// Answer files that Setup would find.
    pub answers: Vec<FoundAnswer>,
}

/// Finds the first FAT volume of the device: in a partition, or all over it. `None`: there is none.
pub(in crate::job::perform) fn read(device: &dyn BlockDevice) -> Result<Option<Volume>, FormatError> {
    for start in partition_starts(device)? {
        if let Some(tree) = FatTree::open(DeviceReader::new(device), start)? {
            let mut volume = list(tree, start, device.geometry().sector_bytes)?;
            if let Some(fat) = FatVolume::open(&mut DeviceReader::new(device), start)? {
                volume.table_copies_differ_at = fat.fat_difference(&mut DeviceReader::new(device))?;
            }
            return Ok(Some(volume));
        }
    }
    Ok(None)
}

/// Where volumes of sticks begin whose partition table says nothing any more.
const USUAL_START: u64 = MIB;

/// Where the volumes may begin.
pub(in crate::job) fn partition_starts(device: &dyn BlockDevice) -> Result<Vec<u64>, FormatError> {
    let sector_bytes = device.geometry().sector_bytes;
    let mut reader = DeviceReader::new(device);
    if FatVolume::open(&mut reader, 0)?.is_some() {
        return Ok(vec![0]);
    }
    if let Ok(Some(gpt)) = Gpt::read_primary(&mut reader, sector_bytes) {
        return Ok(gpt.partitions.iter().map(|p| p.start_bytes(sector_bytes)).collect());
    }
    let mut sector = [0; MBR_BYTES];
    let read = reader.seek(SeekFrom::Start(0)).and_then(|_| reader.read_exact(&mut sector));
    read.map_err(|source| FormatError::Io { at: 0, source })?;
    let mbr = Mbr::parse(&sector).filter(Mbr::has_partition_table);
    let starts: Vec<u64> =
        mbr.iter().flat_map(Mbr::partitions).map(|p| p.start_bytes(sector_bytes)).collect();
    Ok(if starts.is_empty() { vec![USUAL_START] } else { starts })
}

fn list(
    mut tree: FatTree<DeviceReader<'_>>,
    start_bytes: u64,
    sector_bytes: u32,
) -> Result<Volume, FormatError> {
    let mut volume = Volume {
        start_bytes,
        files: Vec::new(),
        folders: Vec::new(),
        table_copies_differ_at: None,
        manifest: None,
        answers: answers_in(&mut tree),
    };
    for (path, entry) in tree.walk()? {
        if path.eq_ignore_ascii_case(MANIFEST_NAME) && entry.len_bytes <= manifest::MAX_MANIFEST_BYTES {
            let bytes = tree.read_at(&entry, 0, manifest::MAX_MANIFEST_BYTES)?;
            volume.manifest = Some(manifest::parse(&bytes));
        }
        match entry.kind {
            EntryKind::Directory => volume.folders.push(path),
            _ => {
                let pieces = entry.extents.iter().map(|e| (e.offset_bytes.unwrap_or_default(), e.len_bytes));
                let pieces: Vec<(u64, u64)> = pieces.collect();
                if let Some((at, _)) = pieces.iter().find(|(at, _)| at % u64::from(sector_bytes) != 0) {
                    let what = "volume whose sectors are smaller than the drive's";
                    return Err(FormatError::Unsupported { what, at: *at });
                }
                volume.files.push(FoundFile { path, pieces });
            }
        }
    }
    Ok(volume)
}
