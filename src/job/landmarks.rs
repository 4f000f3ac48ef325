//! Says what lies at a place of a drive, so that a difference has a name.

use crate::device::{BlockDevice, DeviceReader};
use crate::engine::Mismatch;
use crate::format::fat::FatVolume;
use crate::format::gpt::{Gpt, GptPartition};
use crate::format::mbr::{MBR_BYTES, Mbr};

/// Named stretches of a drive, the most special first.
pub(super) struct Landmarks(Vec<Landmark>);

struct Landmark {
    start: u64,
    end: u64,
    name: String,
    /// A system changes it merely by using the stick.
    harmless: bool,
}

/// Where a drive's partitions begin and end, by its own tables; none if they cannot be read.
pub(super) fn partition_bounds(device: &dyn BlockDevice) -> Vec<(u64, u64)> {
    let sector_bytes = device.geometry().sector_bytes;
    let mut reader = DeviceReader::new(device);
    if let Ok(Some(gpt)) = Gpt::read_primary(&mut reader, sector_bytes) {
        let bounds = |p: &GptPartition| (p.start_bytes(sector_bytes), p.end_bytes(sector_bytes));
        return gpt.partitions.iter().map(bounds).collect();
    }
    let record = read_mbr(device);
    let partitions = record.iter().flat_map(Mbr::partitions);
    partitions.map(|p| (p.start_bytes(sector_bytes), p.end_bytes(sector_bytes))).collect()
}

impl Landmarks {
    /// Looks at the tables of the drive. What cannot be read has no name.
    pub fn of(device: &dyn BlockDevice) -> Self {
        let geometry = device.geometry();
        let sector_bytes = geometry.sector_bytes;
        let sector = u64::from(sector_bytes);
        let mut reader = DeviceReader::new(device);
        let mut marks = Self(Vec::new());

        let mut partitions: Vec<(u32, u64, u64)> = Vec::new();
        if let Ok(Some(gpt)) = Gpt::read_primary(&mut reader, sector_bytes) {
            for p in &gpt.partitions {
                partitions.push((p.number, p.start_bytes(sector_bytes), p.end_bytes(sector_bytes)));
            }
            marks.add(sector, gpt.first_usable_lba.saturating_mul(sector), "the GPT");
            let backup = gpt.last_usable_lba.saturating_add(1).saturating_mul(sector);
            marks.add(backup, gpt.alternate_lba.saturating_add(1).saturating_mul(sector), "the backup GPT");
        } else if let Some(mbr) = read_mbr(device) {
            for p in mbr.partitions() {
                let (start, end) = (p.start_bytes(sector_bytes), p.end_bytes(sector_bytes));
                partitions.push((p.number.into(), start, end));
            }
        }
        for &(number, start, end) in &partitions {
            marks.add_volume(&mut reader, start, end, &format!("partition {number}"));
        }
        if partitions.is_empty() {
            marks.add_volume(&mut reader, 0, geometry.size_bytes, "the drive");
        }
        marks.add(0, 440, "the boot code");
        marks.add(440, 446, "the disk signature");
        marks.add(446, 512, "the partition table");
        marks.add(
            geometry.size_bytes.saturating_sub(33 * sector),
            geometry.size_bytes,
            "the place of a backup GPT",
        );
        marks
    }

    fn add(&mut self, start: u64, end: u64, name: &str) {
        self.0.push(Landmark { start, end, name: name.to_owned(), harmless: false });
    }

    fn add_volume(&mut self, reader: &mut DeviceReader<'_>, start: u64, end: u64, name: &str) {
        if let Ok(Some(volume)) = FatVolume::open(reader, start) {
            for place in volume.housekeeping(reader).unwrap_or_default() {
                self.0.push(Landmark {
                    start: place.start_bytes,
                    end: place.start_bytes + place.len_bytes,
                    name: format!("{} of {name}", place.name),
                    harmless: true,
                });
            }
            self.add(start, start + 512, &format!("the FAT boot sector of {name}"));
        }
        if start > 0 {
            self.add(start, end, name);
        }
    }

    /// Is this byte one that a system changes when the stick is mounted?
    pub fn is_harmless(&self, offset: u64) -> bool {
        self.at(offset).is_some_and(|mark| mark.harmless)
    }

    fn at(&self, offset: u64) -> Option<&Landmark> {
        self.0.iter().find(|mark| (mark.start..mark.end).contains(&offset))
    }

    /// What lies in the `len` bytes from `offset` on: the name of its first byte's place, and its last one's if that is
    /// another.
    pub fn describe(&self, offset: u64, len: u64) -> Option<String> {
        let first = self.at(offset)?;
        let last = self.at(offset + len.saturating_sub(1));
        Some(match last {
            Some(last) if last.name != first.name => format!("from {} to {}", first.name, last.name),
            _ => first.name.clone(),
        })
    }

    /// Why all of these differences are what a system does to a stick that it merely uses, if they are.
    pub fn harmless(&self, mismatches: &[Mismatch]) -> Option<String> {
        let all = mismatches
            .iter()
            .all(|m| (m.offset..m.offset + m.len).all(|at| self.at(at).is_some_and(|mark| mark.harmless)));
        all.then(|| {
            "Only marks differ that a system changes when the stick is mounted; the files are as they should be."
                .to_owned()
        })
    }
}

fn read_mbr(device: &dyn BlockDevice) -> Option<Mbr> {
    use std::io::Read;
    let mut sector = [0; MBR_BYTES];
    DeviceReader::new(device).read_exact(&mut sector).ok()?;
    Mbr::parse(&sector).filter(Mbr::has_partition_table)
}
