//! The logical volume: its label, its partitions, and how their blocks map to bytes of the image (ECMA-167 3/10.6, 3/10.7);
//! the file set that leads to its root (4/14.1).

use std::io::{Read, Seek};

use super::charset;
use super::descriptor::{Allocation, BlockAddress, Tag, id};
use super::sequence::{Anchor, DESCRIPTOR_BYTES, PartitionDescriptor, Sequence, find_anchor};
use crate::format::FormatError;
use crate::format::bytes::{printable, read_array, u16_le, u32_le};

const MAX_PARTITION_MAPS: usize = 16;

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
        if found.logical_volume.is_none() || found.partitions.is_empty() {
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
