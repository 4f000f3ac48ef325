//! A planned stick as it lies now: whoever uses a stick may move a file to another place, and it is still the same file.
//! The plan's content, at the places where the stick's own tables say that the files are.

use std::collections::HashMap;

use super::{Extent, Fill, Plan};

/// A file that is on the stick, and where: (offset, length) of its pieces in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    pub path: String,
    pub pieces: Vec<(u64, u64)>,
}

impl FoundFile {
    pub fn len_bytes(&self) -> u64 {
        self.pieces.iter().map(|(_, len)| len).sum()
    }
}

impl Plan {
    /// What the device should hold, given that the files lie where `found` says: their content, and with `structures` also
    /// what the plan puts outside of all files. Of files whose content the plan cannot tell (the user's own) and of the
    /// rest of their last sectors, nothing is said. Files that the plan does not know, or that have another length, are
    /// left out. `Err`: two files lie on one place.
    pub fn as_it_lies(&self, found: &[FoundFile], structures: bool) -> Result<Plan, (String, String)> {
        let sector = u64::from(self.target.sector_bytes);
        let planned = self.stick.iter().flat_map(|stick| &stick.files);
        let planned: HashMap<String, _> = planned.map(|file| (file.path.to_lowercase(), file)).collect();
        let mut pieces: Vec<Placed<'_>> = Vec::new();
        for file in found {
            let same_len = |planned: &&&super::PlannedFile| planned.len == file.len_bytes();
            let Some(planned) = planned.get(&file.path.to_lowercase()).filter(same_len) else { continue };
            let mut from = planned.start;
            for &(start, len) in &file.pieces {
                pieces.push(Placed { start, len, path: &file.path, planned: from });
                from += len;
            }
        }
        pieces.sort_by_key(|piece| piece.start);
        if let Some(pair) = pieces.windows(2).find(|pair| pair[0].start + pair[0].len > pair[1].start) {
            return Err((pair[0].path.to_owned(), pair[1].path.to_owned()));
        }
        let mut extents = if structures { self.structures(&pieces) } else { Vec::new() };
        for piece in &pieces {
            self.push_range(&mut extents, piece);
            let end = piece.start + piece.len;
            let sector_end = end.next_multiple_of(sector);
            if sector_end > end {
                extents.push(Extent { start: end, len: sector_end - end, fill: Fill::Unknown });
            }
        }
        extents.sort_by_key(|extent| extent.start);
        Ok(Plan { extents, ..self.clone() })
    }

    /// The plan's extents outside of its files, as far as no file lies there now.
    fn structures(&self, pieces: &[Placed<'_>]) -> Vec<Extent> {
        let Some(stick) = &self.stick else { return Vec::new() };
        let files: Vec<_> = stick.files.iter().filter(|file| file.len > 0).collect();
        let first_file =
            files.first().map_or(stick.partition_start + stick.partition_bytes, |file| file.start);
        let partition_end = stick.partition_start + stick.partition_bytes;
        let is_outside = |extent: &&Extent| extent.end() <= first_file || extent.start >= partition_end;
        let is_taken = |extent: &Extent| {
            let after = pieces.partition_point(|piece| piece.start + piece.len <= extent.start);
            pieces.get(after).is_some_and(|piece| piece.start < extent.end())
        };
        self.extents.iter().filter(is_outside).filter(|extent| !is_taken(extent)).cloned().collect()
    }

    /// The planned bytes of a piece, at its place.
    fn push_range(&self, extents: &mut Vec<Extent>, piece: &Placed<'_>) {
        let (mut at, end) = (piece.planned, piece.planned + piece.len);
        let first = self.extents.partition_point(|extent| extent.end() <= at);
        for extent in &self.extents[first..] {
            let len = extent.end().min(end).saturating_sub(at);
            if len == 0 {
                break;
            }
            let fill = extent.fill.from(at - extent.start);
            extents.push(Extent { start: piece.start + (at - piece.planned), len, fill });
            at += len;
        }
    }
}

struct Placed<'a> {
    start: u64,
    len: u64,
    path: &'a str,
    /// Where the plan has these bytes.
    planned: u64,
}

impl Fill {
    /// The same from its byte `skip` on. The user's own files and the manifest are not known any more when a stick is
    /// checked.
    pub(super) fn from(&self, skip: u64) -> Self {
        match self {
            Self::Source { offset } => Self::Source { offset: offset + skip },
            Self::Bytes { bytes, offset } => {
                Self::Bytes { bytes: bytes.clone(), offset: offset + skip as usize }
            }
            Self::Fat { table, offset } => Self::Fat { table: table.clone(), offset: offset + skip },
            Self::Zeroes => Self::Zeroes,
            Self::Addition { .. } | Self::Manifest | Self::Unknown => Self::Unknown,
        }
    }
}
