//! How one WIM file becomes a split set without any of its resources being touched: pure planning of what each part holds.
//!
//! A part is a header, whole resources, the lookup table of these, and the XML data of the whole. All parts have a new
//! GUID in common. The metadata of all images is in the first.

use std::fmt;

use super::header::{FLAG_SPANNED, HEADER_BYTES, Header, ResourceHeader};
use super::lookup::{ENTRY_BYTES, Resource};
use crate::format::guid::Guid;

/// What FAT32 allows a file to have, and so a part.
pub const MAX_PART_BYTES: u64 = u32::MAX as u64;

/// A part of a split set: its pieces in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitPart {
    pub len_bytes: u64,
    pub pieces: Vec<Piece>,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    /// The header, the lookup table or the XML data.
    Bytes(Vec<u8>),
    /// A range of the file that is split.
    Copy { offset_bytes: u64, len_bytes: u64 },
}

impl Piece {
    pub fn len_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Copy { len_bytes, .. } => *len_bytes,
        }
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Copy { offset_bytes, len_bytes } => write!(f, "Copy({offset_bytes}, {len_bytes})"),
        }
    }
}

/// Why a file cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    #[error("the WIM file is solid: its files are compressed as one and cannot be told apart")]
    Solid,
    #[error("the WIM file is a part of a split set already")]
    AlreadySplit,
    #[error(
        "the WIM file holds {len_bytes} bytes that belong in one part, which can have {limit_bytes} at most"
    )]
    TooLarge { len_bytes: u64, limit_bytes: u64 },
    #[error("the WIM file would have more than 65535 parts")]
    TooManyParts,
    #[error("resources of the WIM file at bytes {first} and {second} overlap")]
    Overlap { first: u64, second: u64 },
}

/// Decides the parts of the whole, non-solid file with this header, lookup table and XML data. Each has up to `part_bytes`
/// bytes in all, except where a resource, or the metadata together, needs more: up to `max_part_bytes`. `guid` becomes
/// that of the set. In each part, ranges are copied by ascending offset, in the first after those of the metadata.
pub fn split(
    header: &Header,
    resources: &[Resource],
    xml: &[u8],
    guid: Guid,
    part_bytes: u64,
    max_part_bytes: u64,
) -> Result<Vec<SplitPart>, SplitError> {
    if header.total_parts != 1 || header.flags & FLAG_SPANNED != 0 {
        return Err(SplitError::AlreadySplit);
    }
    if resources.iter().any(Resource::is_solid) {
        return Err(SplitError::Solid);
    }
    let (metadata, streams) = in_order_of_offset(resources)?;
    let groups = group(&metadata, &streams, xml.len() as u64, part_bytes, max_part_bytes)?;
    let total = u16::try_from(groups.len()).map_err(|_| SplitError::TooManyParts)?;
    let set =
        Header { flags: header.flags | FLAG_SPANNED, guid, total_parts: total, boot_index: 0, ..*header };
    Ok((1..=total).zip(groups).map(|(part, group)| lay_out(&Header { part, ..set }, &group, xml)).collect())
}

/// Metadata in the table's order, which is that of the images; the others by their place, each once.
fn in_order_of_offset(resources: &[Resource]) -> Result<(Vec<Resource>, Vec<Resource>), SplitError> {
    // Metadata that no image refers to any more has no place in the count of the images.
    let live =
        |resource: &&Resource| resource.is_metadata() || resource.flags & ResourceHeader::METADATA == 0;
    let (metadata, mut streams): (Vec<Resource>, Vec<Resource>) =
        resources.iter().filter(live).copied().partition(Resource::is_metadata);
    let place = |resource: &Resource| (resource.offset_bytes, resource.stored_bytes, resource.sha1);
    streams.sort_by_key(place);
    streams.dedup_by_key(|resource| place(resource));
    let mut all: Vec<(u64, u64)> = (metadata.iter().chain(&streams))
        .map(|resource| (resource.offset_bytes, resource.stored_bytes))
        .filter(|(_, stored_bytes)| *stored_bytes > 0)
        .collect();
    all.sort_unstable();
    match all.windows(2).find(|pair| pair[0].0.saturating_add(pair[0].1) > pair[1].0) {
        Some(pair) => Err(SplitError::Overlap { first: pair[0].0, second: pair[1].0 }),
        None => Ok((metadata, streams)),
    }
}

/// Which resources go into which part.
fn group(
    metadata: &[Resource],
    streams: &[Resource],
    xml_bytes: u64,
    part_bytes: u64,
    max_part_bytes: u64,
) -> Result<Vec<Vec<Resource>>, SplitError> {
    let empty = HEADER_BYTES as u64 + xml_bytes;
    let cost = |resource: &Resource| resource.stored_bytes.saturating_add(ENTRY_BYTES as u64);
    let mut len = metadata.iter().fold(empty, |len, resource| len.saturating_add(cost(resource)));
    let too_large = |len_bytes| SplitError::TooLarge { len_bytes, limit_bytes: max_part_bytes };
    if len > max_part_bytes {
        return Err(too_large(len));
    }
    let (mut groups, mut group) = (Vec::new(), metadata.to_vec());
    for resource in streams {
        let longer = len.saturating_add(cost(resource));
        if longer > part_bytes.min(max_part_bytes) && !group.is_empty() {
            groups.push(std::mem::take(&mut group));
            len = empty.saturating_add(cost(resource));
        } else {
            len = longer;
        }
        if len > max_part_bytes {
            return Err(too_large(resource.stored_bytes));
        }
        group.push(*resource);
    }
    groups.push(group);
    Ok(groups)
}

/// The part with this header that holds `group`.
fn lay_out(header: &Header, group: &[Resource], xml: &[u8]) -> SplitPart {
    let mut by_offset: Vec<usize> = (0..group.len()).collect();
    by_offset.sort_by_key(|index| (!group[*index].is_metadata(), group[*index].offset_bytes));
    let mut len_bytes = HEADER_BYTES as u64;
    let mut entries = group.to_vec();
    let mut copies: Vec<(u64, u64)> = Vec::new();
    for index in by_offset {
        let Resource { offset_bytes, stored_bytes, .. } = group[index];
        entries[index].offset_bytes = len_bytes;
        entries[index].part = header.part;
        len_bytes += stored_bytes;
        match copies.last_mut().filter(|(last, len)| last + len == offset_bytes) {
            Some((_, len)) => *len += stored_bytes,
            None if stored_bytes > 0 => copies.push((offset_bytes, stored_bytes)),
            None => {}
        }
    }
    let table: Vec<u8> = entries.into_iter().flat_map(Resource::to_bytes).collect();
    let mut place = |original: &ResourceHeader, bytes: &[u8]| {
        let (offset_bytes, stored_bytes) = (len_bytes, bytes.len() as u64);
        len_bytes += stored_bytes;
        ResourceHeader { stored_bytes, flags: original.flags, offset_bytes, original_bytes: stored_bytes }
    };
    let header = Header {
        lookup_table: place(&header.lookup_table, &table),
        xml: place(&header.xml, xml),
        boot_metadata: ResourceHeader::default(),
        integrity: ResourceHeader::default(),
        ..*header
    };
    let mut pieces = vec![Piece::Bytes(header.to_bytes().to_vec())];
    pieces.extend(copies.iter().map(|&(offset_bytes, len_bytes)| Piece::Copy { offset_bytes, len_bytes }));
    pieces.extend([table, xml.to_vec()].into_iter().filter(|bytes| !bytes.is_empty()).map(Piece::Bytes));
    SplitPart { len_bytes, pieces }
}

#[cfg(test)]
mod tests {
    use super::super::header::Compression;
    use super::*;

    const XML: [u8; 100] = [7; 100];
    const EMPTY: u64 = 308;
    const GUID: Guid = Guid([9; 16]);

    fn header() -> Header {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..12].copy_from_slice(b"MSWIM\0\0\0\xD0\0\0\0");
        bytes[12..24].copy_from_slice(&[0, 0x0D, 1, 0, 2, 0, 4, 0, 0, 0x80, 0, 0]);
        bytes[0x28..0x2D].copy_from_slice(&[1, 0, 1, 0, 2]);
        bytes[0x78] = 2;
        Header::parse(&bytes).unwrap()
    }

    fn resource(offset_bytes: u64, stored_bytes: u64, flags: u8) -> Resource {
        let (original_bytes, sha1) = (stored_bytes, [offset_bytes as u8; 20]);
        Resource { stored_bytes, offset_bytes, original_bytes, sha1, refcount: 1, part: 1, flags }
    }

    fn copies(part: &SplitPart) -> Vec<(u64, u64)> {
        let copy = |piece: &Piece| match piece {
            Piece::Copy { offset_bytes, len_bytes } => Some((*offset_bytes, *len_bytes)),
            Piece::Bytes(_) => None,
        };
        part.pieces.iter().filter_map(copy).collect()
    }

    #[test]
    fn whole_resources_in_order() {
        // The second image's metadata lies before the first's; an image that was deleted left a third.
        let mut resources = vec![
            resource(3000, 100, 2),
            resource(2000, 50, 2),
            resource(4000, 10, 2),
            resource(1000, 300, 4),
            resource(208, 792, 0),
            resource(5000, 3000, 0),
            resource(1300, 1, 0),
            resource(1000, 300, 4),
        ];
        resources[2].refcount = 0;
        let limit = EMPTY + 1100;
        let parts = split(&header(), &resources, &XML, GUID, limit, MAX_PART_BYTES).unwrap();
        let found: Vec<_> = parts.iter().map(copies).collect();
        assert_eq!(found, [vec![(2000, 50), (3000, 100), (208, 792)], vec![(1000, 301)], vec![(5000, 3000)]]);
        assert_eq!(parts[0].len_bytes, EMPTY + 150 + 792 + 3 * 50);
        for part in &parts {
            assert_eq!(part.len_bytes, part.pieces.iter().map(Piece::len_bytes).sum::<u64>());
        }
        let Piece::Bytes(bytes) = &parts[0].pieces[0] else { panic!() };
        let first = Header::parse(bytes.as_slice().try_into().unwrap()).unwrap();
        assert_eq!((first.part, first.total_parts, first.image_count, first.boot_index), (1, 3, 2, 0));
        assert_eq!((first.guid, first.compression, first.flags & 8), (GUID, Compression::Lzx, 8));
        let Piece::Bytes(table) = &parts[0].pieces[4] else { panic!() };
        // The order of the images stays in the table, wherever their metadata lies.
        assert_eq!(table[8..16], (208 + 50u64).to_le_bytes());
        assert_eq!(table[58..66], 208u64.to_le_bytes());
    }

    #[test]
    fn what_cannot_be_split() {
        let try_split = |header: &Header, resources: &[Resource], max| {
            split(header, resources, &XML, GUID, 1000, max).map(|parts| parts.len())
        };
        let large = [resource(208, 5000, 0)];
        assert_eq!(try_split(&header(), &large, EMPTY + 5050), Ok(1));
        let too_large = SplitError::TooLarge { len_bytes: 5000, limit_bytes: EMPTY + 5049 };
        assert_eq!(try_split(&header(), &large, EMPTY + 5049), Err(too_large));
        assert!(matches!(
            try_split(&header(), &[resource(208, 5000, 2)], 5000),
            Err(SplitError::TooLarge { .. })
        ));
        assert!(matches!(
            try_split(&header(), &[resource(0, u64::MAX, 0)], u64::MAX - 1),
            Err(SplitError::TooLarge { .. })
        ));
        assert_eq!(try_split(&header(), &[resource(0, 1, 0x14)], 5000), Err(SplitError::Solid));
        let part = Header { total_parts: 2, ..header() };
        assert_eq!(try_split(&part, &large, 9000), Err(SplitError::AlreadySplit));
        let overlap = [resource(300, 10, 0), resource(309, 10, 0)];
        assert_eq!(
            try_split(&header(), &overlap, 9000),
            Err(SplitError::Overlap { first: 300, second: 309 })
        );
        let many: Vec<Resource> = (0..65_536).map(|nth| resource(nth * 1000, 1000, 0)).collect();
        assert_eq!(try_split(&header(), &many, 9000), Err(SplitError::TooManyParts));
        assert_eq!(try_split(&header(), &many[1..], 9000), Ok(65_535));
    }
}
