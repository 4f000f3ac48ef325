//! How a volume is found: recognition sequence, anchor, and the volume descriptor sequence that the anchor points to
//! (ECMA-167 parts 2 and 3).

use std::io::{Read, Seek};

use super::descriptor::{Tag, id};
use crate::format::FormatError;
use crate::format::bytes::{len_bytes, read_array, read_at, u16_le, u32_le};

/// ECMA-167 2/8.1.2.1: the recognition sequence begins behind 32 KiB of system area.
const RECOGNITION_AT: u64 = 32 * 1024;
/// 2/9.1: one structure per 2048 bytes, or per sector where that is larger. Bridged discs begin with ISO 9660's.
const RECOGNITION_STEP: u64 = 2048;
const MAX_RECOGNITION_STRUCTURES: u64 = 64;
/// The sizes a sector of the volume may have, the usual ones first. Nothing but a valid anchor tells which it is.
const SECTOR_SIZES: [u32; 4] = [2048, 512, 4096, 1024];
/// UDF 1.02 §2.2.3 asks for 16 sectors at least; real sequences have that.
const MAX_SEQUENCE_SECTORS: u32 = 256;
const MAX_SEQUENCE_EXTENTS: usize = 8;
/// Descriptors of a volume are read this far, which is their fixed size (3/10).
pub(super) const DESCRIPTOR_BYTES: usize = 512;

/// Does the recognition sequence name ECMA-167 (NSR02, second edition, or NSR03, third)?
pub(super) fn is_recognised(image: &mut (impl Read + Seek)) -> Result<bool, FormatError> {
    for number in 0..MAX_RECOGNITION_STRUCTURES {
        let at = RECOGNITION_AT + number * RECOGNITION_STEP;
        match read_array::<7>(image, "volume recognition sequence", at) {
            Err(FormatError::PastEnd { .. }) => return Ok(false),
            read => match &read?[1..6] {
                b"NSR02" | b"NSR03" => return Ok(true),
                // Zeroes lie between structures where sectors have 4096 bytes.
                b"CD001" | b"BEA01" | b"BOOT2" | b"CDW02" | [0, 0, 0, 0, 0] => {}
                _ => return Ok(false),
            },
        }
    }
    Ok(false)
}

/// Where the two copies of the volume descriptor sequence lie, and how large sectors are.
#[derive(Debug)]
pub(super) struct Anchor {
    pub sector_bytes: u32,
    pub main: VolumeExtent,
    pub reserve: VolumeExtent,
}

/// extent_ad (3/7.1): bytes, and the first sector of the volume.
#[derive(Clone, Copy, Debug)]
pub(super) struct VolumeExtent {
    len_bytes: u32,
    sector: u32,
}

impl VolumeExtent {
    fn parse(bytes: &[u8], at: usize) -> Self {
        Self { len_bytes: u32_le(bytes, at), sector: u32_le(bytes, at + 4) }
    }

    pub(super) fn start_bytes(&self, anchor: &Anchor) -> u64 {
        u64::from(self.sector) * u64::from(anchor.sector_bytes)
    }
}

/// The anchor lies in at least two of the sectors 256, N-256 and N (3/8.4.2.1). N is the last sector; some writers took it
/// for the number of sectors.
pub(super) fn find_anchor(image: &mut (impl Read + Seek)) -> Result<Anchor, FormatError> {
    const WHAT: &str = "anchor volume descriptor";
    let image_bytes = len_bytes(image)?;
    let mut first_error = None;
    for from_end in [None, Some(1), Some(257), Some(256)] {
        for sector_bytes in SECTOR_SIZES {
            let sectors = image_bytes / u64::from(sector_bytes);
            let Some(sector) = from_end.map_or(Some(256), |n| sectors.checked_sub(n)) else { continue };
            let Ok(location) = u32::try_from(sector) else { continue };
            let at = sector * u64::from(sector_bytes);
            let anchor = read_array::<DESCRIPTOR_BYTES>(image, WHAT, at).and_then(|bytes| {
                Tag::expect(&bytes, WHAT, at, &[id::ANCHOR], location)?;
                let (main, reserve) = (VolumeExtent::parse(&bytes, 16), VolumeExtent::parse(&bytes, 24));
                Ok(Anchor { sector_bytes, main, reserve })
            });
            match anchor {
                Ok(anchor) => return Ok(anchor),
                Err(error) => first_error.get_or_insert(error),
            };
        }
    }
    Err(first_error.unwrap_or(FormatError::PastEnd { what: WHAT, at: 0, len_bytes: 0 }))
}

#[derive(Debug)]
pub(super) struct PartitionDescriptor {
    sequence_number: u32,
    pub number: u16,
    pub first_sector: u32,
    pub sector_count: u32,
}

/// The prevailing descriptors of a volume descriptor sequence: of those alike, the highest sequence number (3/8.4.3).
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// Sequence number, place, the whole sector.
    pub logical_volume: Option<(u32, u64, Vec<u8>)>,
    pub partitions: Vec<PartitionDescriptor>,
}

impl Sequence {
    /// Reads a sequence, in any order (3/8.4.2), up to its terminator. A damaged sector is passed over; it matters only
    /// if what it held is found nowhere else.
    pub(super) fn read(
        &mut self,
        image: &mut (impl Read + Seek),
        anchor: &Anchor,
        mut extent: VolumeExtent,
    ) -> Result<(), FormatError> {
        const WHAT: &str = "volume descriptor";
        let mut sector_data = vec![0; anchor.sector_bytes as usize];
        for _ in 0..MAX_SEQUENCE_EXTENTS {
            let mut next = None;
            let sectors = (extent.len_bytes / anchor.sector_bytes).min(MAX_SEQUENCE_SECTORS);
            for location in extent.sector..extent.sector.saturating_add(sectors) {
                let at = u64::from(location) * u64::from(anchor.sector_bytes);
                read_at(image, WHAT, at, &mut sector_data)?;
                let Ok(tag) = Tag::parse(&sector_data, WHAT, at) else { continue };
                match tag.id {
                    _ if tag.location != location => {}
                    id::TERMINATING => break,
                    id::VOLUME_POINTER => next = Some(VolumeExtent::parse(&sector_data, 20)),
                    id::PARTITION => self.keep_partition(&sector_data),
                    id::LOGICAL_VOLUME => self.keep_logical_volume(at, &sector_data),
                    _ => {}
                }
            }
            match next {
                Some(next) => extent = next,
                None => return Ok(()),
            }
        }
        let at = extent.start_bytes(anchor);
        Err(FormatError::Limit { what: "volume descriptor sequence", at, limit: MAX_SEQUENCE_EXTENTS as u64 })
    }

    fn keep_logical_volume(&mut self, at: u64, sector: &[u8]) {
        let sequence_number = u32_le(sector, 16);
        if self.logical_volume.as_ref().is_none_or(|(kept, ..)| *kept < sequence_number) {
            self.logical_volume = Some((sequence_number, at, sector.to_vec()));
        }
    }

    fn keep_partition(&mut self, sector: &[u8]) {
        let found = PartitionDescriptor {
            sequence_number: u32_le(sector, 16),
            number: u16_le(sector, 22),
            first_sector: u32_le(sector, 188),
            sector_count: u32_le(sector, 192),
        };
        match self.partitions.iter_mut().find(|kept| kept.number == found.number) {
            Some(kept) if kept.sequence_number < found.sequence_number => *kept = found,
            Some(_) => {}
            None => self.partitions.push(found),
        }
    }
}
