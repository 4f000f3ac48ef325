//! From the first recognised byte to the root directory: recognition sequence, anchor, volume descriptor sequence,
//! partitions, file set (ECMA-167 parts 2 and 3, 4/14.1).

use std::io::{Read, Seek};

use super::charset;
use super::descriptor::{Allocation, BlockAddress, Tag, id};
use crate::format::FormatError;
use crate::format::bytes::{len_bytes, printable, read_array, read_at, u16_le, u32_le};

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
const MAX_PARTITION_MAPS: usize = 16;
/// Descriptors of a volume are read this far, which is their fixed size (3/10).
const DESCRIPTOR_BYTES: usize = 512;

/// Where things are.
#[derive(Debug)]
pub(super) struct Volume {
    pub label: Option<String>,
    pub block_bytes: u32,
    pub revision: u16,
    file_set: Allocation,
    /// By partition reference number.
    maps: Vec<PartitionMap>,
}

#[derive(Clone, Copy, Debug)]
enum PartitionMap {
    /// Type 1 (3/10.7.2): blocks in order, from a sector of the volume on.
    Physical { start_bytes: u64, len_bytes: u64 },
    /// Type 2 (UDF 2.60 §2.2.8 to 2.2.10), by its name.
    Unsupported(&'static str),
}

impl Volume {
    pub(super) fn read(image: &mut (impl Read + Seek)) -> Result<Self, FormatError> {
        let anchor = find_anchor(image)?;
        let mut found = Sequence::default();
        let main = found.read(image, &anchor, anchor.main);
        if found.logical_volume.is_none() || !found.has_partitions() {
            // 3/8.4.2: the reserve is a copy. What the main sequence did give stays.
            found.read(image, &anchor, anchor.reserve).or(main)?;
        }
        let Some((_, at, logical_volume)) = found.logical_volume else {
            let at = anchor.main.start_bytes(&anchor);
            return Err(FormatError::damaged("volume descriptor sequence", at, "a logical volume", "none"));
        };
        Self::from_descriptors(&anchor, at, &logical_volume, &found.partitions)
    }

    fn from_descriptors(
        anchor: &Anchor,
        at: u64,
        logical_volume: &[u8],
        partitions: &[PartitionDescriptor],
    ) -> Result<Self, FormatError> {
        const WHAT: &str = "logical volume descriptor";
        // 3/10.6.4: on disc, the sizes of blocks and of sectors agree (UDF 1.02 §2.2.4.2).
        let block_bytes = u32_le(logical_volume, 212);
        if block_bytes != anchor.sector_bytes {
            let expected = format!("blocks of {} bytes", anchor.sector_bytes);
            return Err(FormatError::damaged(WHAT, at, expected, block_bytes));
        }
        let (maps_len, count) = (u32_le(logical_volume, 264) as usize, u32_le(logical_volume, 268) as usize);
        let maps = logical_volume.get(440..440usize.saturating_add(maps_len));
        let Some(maps) = maps.filter(|_| count <= MAX_PARTITION_MAPS) else {
            let expected = format!("at most {MAX_PARTITION_MAPS} partition maps within the block");
            return Err(FormatError::damaged(WHAT, at, expected, format!("{count} in {maps_len} bytes")));
        };
        Ok(Self {
            label: charset::decode_dstring(&logical_volume[84..212]).and_then(|label| printable(&label)),
            block_bytes,
            revision: u16_le(logical_volume, 240),
            file_set: Allocation::long(&logical_volume[248..264]),
            maps: partition_maps(anchor, at, maps, count, partitions)?,
        })
    }

    /// Where a block of a partition begins.
    pub(super) fn offset_bytes(&self, address: &BlockAddress) -> Result<u64, FormatError> {
        self.range(address, 0)
    }

    /// Where `len` bytes from a block on begin; they must lie inside the partition.
    pub(super) fn range(&self, address: &BlockAddress, len: u64) -> Result<u64, FormatError> {
        const WHAT: &str = "extent";
        let inside = u64::from(address.block) * u64::from(self.block_bytes);
        match self.maps.get(usize::from(address.partition)) {
            Some(PartitionMap::Physical { start_bytes, len_bytes }) => {
                let at = start_bytes.saturating_add(inside);
                if inside.checked_add(len).is_none_or(|end| end > *len_bytes) {
                    let expected = format!("an end inside the partition of {len_bytes} bytes");
                    return Err(FormatError::damaged(WHAT, at, expected, format!("{inside} + {len}")));
                }
                Ok(at)
            }
            Some(PartitionMap::Unsupported(what)) => Err(FormatError::Unsupported { what, at: inside }),
            None => {
                let expected = format!("a partition below {}", self.maps.len());
                Err(FormatError::damaged(WHAT, inside, expected, address.partition))
            }
        }
    }

    pub(super) fn end_bytes(&self) -> u64 {
        let ends = self.maps.iter().filter_map(|map| match map {
            PartitionMap::Physical { start_bytes, len_bytes } => Some(start_bytes.saturating_add(*len_bytes)),
            PartitionMap::Unsupported(_) => None,
        });
        ends.max().unwrap_or(0)
    }
}

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

#[derive(Debug)]
struct Anchor {
    sector_bytes: u32,
    main: VolumeExtent,
    reserve: VolumeExtent,
}

/// extent_ad (3/7.1): bytes, and the first sector of the volume.
#[derive(Clone, Copy, Debug)]
struct VolumeExtent {
    len_bytes: u32,
    sector: u32,
}

impl VolumeExtent {
    fn parse(bytes: &[u8], at: usize) -> Self {
        Self { len_bytes: u32_le(bytes, at), sector: u32_le(bytes, at + 4) }
    }

    fn start_bytes(&self, anchor: &Anchor) -> u64 {
        u64::from(self.sector) * u64::from(anchor.sector_bytes)
    }
}

/// The anchor lies in two or three of the sectors 256, N-256 and the last (3/8.4.2.1); mkudffs and genisoimage count N-256
/// from the last sector, others from the end, so N-257 is tried as well.
fn find_anchor(image: &mut (impl Read + Seek)) -> Result<Anchor, FormatError> {
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
struct PartitionDescriptor {
    sequence_number: u32,
    number: u16,
    first_sector: u32,
    sector_count: u32,
}

/// The prevailing descriptors of a volume descriptor sequence: of those alike, the highest sequence number (3/8.4.3).
#[derive(Debug, Default)]
struct Sequence {
    /// Sequence number, place, the whole sector.
    logical_volume: Option<(u32, u64, Vec<u8>)>,
    partitions: Vec<PartitionDescriptor>,
}

impl Sequence {
    /// The partitions that the logical volume needs are not looked at here, only that there are any.
    fn has_partitions(&self) -> bool {
        !self.partitions.is_empty()
    }

    /// Reads a sequence, in any order (3/8.4.2), up to its terminator. A damaged sector is passed over; it matters only
    /// if what it held is found nowhere else.
    fn read(
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

fn partition_maps(
    anchor: &Anchor,
    at: u64,
    mut bytes: &[u8],
    count: usize,
    partitions: &[PartitionDescriptor],
) -> Result<Vec<PartitionMap>, FormatError> {
    const WHAT: &str = "partition map";
    let mut maps = Vec::new();
    for _ in 0..count {
        // 3/10.7.1: type and length, then what the type says.
        let len = bytes.get(1).copied().map_or(0, usize::from);
        let Some((map, rest)) = bytes.split_at_checked(len).filter(|_| len >= 6) else {
            return Err(FormatError::damaged(WHAT, at, "a length that fits", len));
        };
        bytes = rest;
        maps.push(match (map[0], len) {
            (1, 6) => {
                let number = u16_le(map, 4);
                let Some(partition) = partitions.iter().find(|p| p.number == number) else {
                    let expected = format!("a descriptor of partition {number}");
                    return Err(FormatError::damaged(WHAT, at, expected, "none"));
                };
                let sector_bytes = u64::from(anchor.sector_bytes);
                PartitionMap::Physical {
                    start_bytes: u64::from(partition.first_sector) * sector_bytes,
                    len_bytes: u64::from(partition.sector_count) * sector_bytes,
                }
            }
            (2, 64) => PartitionMap::Unsupported(type_2_name(&map[5..28])),
            _ => PartitionMap::Unsupported("UDF partition of an unknown kind"),
        });
    }
    Ok(maps)
}

fn type_2_name(identifier: &[u8]) -> &'static str {
    match identifier {
        [b'*', b'U', b'D', b'F', b' ', b'V', ..] => "UDF virtual partition (packet-written disc)",
        [b'*', b'U', b'D', b'F', b' ', b'S', ..] => "UDF sparable partition (rewritable disc)",
        [b'*', b'U', b'D', b'F', b' ', b'M', ..] => "UDF metadata partition (UDF 2.50 and later)",
        _ => "UDF partition of an unknown kind",
    }
}

/// The file set descriptor (4/14.1), as far as a tree needs it.
pub(super) struct FileSet {
    pub root_icb: BlockAddress,
}

pub(super) fn read_file_set(image: &mut (impl Read + Seek), volume: &Volume) -> Result<FileSet, FormatError> {
    const WHAT: &str = "file set descriptor";
    let address = volume.file_set.address;
    let at = volume.range(&address, DESCRIPTOR_BYTES as u64)?;
    let bytes: [u8; DESCRIPTOR_BYTES] = read_array(image, WHAT, at)?;
    Tag::expect(&bytes, WHAT, at, &[id::FILE_SET], address.block)?;
    Ok(FileSet { root_icb: Allocation::long(&bytes[400..416]).address })
}
