//! A folder while it is changed: its entries, and room for more of them.

use std::ops::Range;

use super::EditError;
use super::sectors::{Patch, joined};
use super::space::Run;
use crate::format::bytes::array;
use crate::format::fat::directory::{ATTRIBUTE_LONG_NAME_MASK, DirectoryEntry, placed_entries};
use crate::format::fat::entry::{DOT, DOT_DOT, ShortEntry, encode_long, long_entries};
use crate::format::fat::name::{self, Aliases, ShortName};
use crate::format::fat::{
    ATTRIBUTE_ARCHIVE, ATTRIBUTE_DIRECTORY, ATTRIBUTE_LONG_NAME, ENTRY_BYTES, FatType, FatVolume,
    MAX_DIRECTORY_BYTES,
};

const ATTRIBUTE_AT: usize = 11;
const FREE: u8 = 0xE5;

pub(super) struct Folder {
    /// As the volume spells it; empty for the root.
    pub path: String,
    /// In the order of the chain.
    pub clusters: Vec<u32>,
    /// What lies there now, zeroes in clusters that the folder did not have. `None`: the folder is new.
    before: Option<Vec<u8>>,
    data: Vec<u8>,
    pub is_gone: bool,
}

/// What an entry says of its file or folder.
#[derive(Clone, Copy)]
pub(super) struct Content {
    pub first_cluster: u32,
    /// `None`: a folder.
    pub len_bytes: Option<u32>,
    pub modified_unix_secs: Option<i64>,
}

impl Content {
    fn entry(self, name: ShortName, attributes: u8) -> ShortEntry {
        let Self { first_cluster, len_bytes, modified_unix_secs } = self;
        let len_bytes = len_bytes.unwrap_or_default();
        ShortEntry { name, attributes, first_cluster, len_bytes, modified_unix_secs }
    }
}

impl Folder {
    pub fn read(path: String, clusters: Vec<u32>, data: Vec<u8>) -> Self {
        Self { path, clusters, before: Some(data.clone()), data, is_gone: false }
    }

    /// A new one, with the entries that each begins with. `above`: the cluster of the folder that it lies in, 0 for the
    /// root (§6.5).
    pub fn new(
        path: String,
        clusters: Vec<u32>,
        above: u32,
        cluster_bytes: u64,
        modified_unix_secs: Option<i64>,
    ) -> Self {
        let mut data = vec![0; clusters.len() * cluster_bytes as usize];
        let own = clusters.first().copied().unwrap_or_default();
        for (place, (name, first_cluster)) in [(DOT, own), (DOT_DOT, above)].into_iter().enumerate() {
            let content = Content { first_cluster, len_bytes: None, modified_unix_secs };
            data[place * ENTRY_BYTES..][..ENTRY_BYTES]
                .copy_from_slice(&content.entry(name, ATTRIBUTE_DIRECTORY).encode());
        }
        Self { path, clusters, before: None, data, is_gone: false }
    }

    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    fn entries(&self) -> impl Iterator<Item = (Range<usize>, DirectoryEntry)> + use<> {
        let entries = placed_entries(&self.data, FatType::Fat32).into_iter();
        entries.filter(|(_, entry)| !entry.is_volume_label() && !entry.is_dot())
    }

    pub fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }

    /// The entry of this name, upper and lower case alike, and its places.
    pub fn find(&self, name: &str) -> Option<(Range<usize>, DirectoryEntry)> {
        let folded = name::folded(name);
        self.entries().find(|(_, entry)| name::folded(&entry.name) == folded)
    }

    pub fn remove(&mut self, places: Range<usize>) {
        places.for_each(|place| self.data[place * ENTRY_BYTES] = FREE);
    }

    /// The file of this entry gets other content: within one sector, so that it is the old or the new one at any moment.
    pub fn replace(&mut self, places: &Range<usize>, content: Content) {
        let entry = &mut self.data[(places.end - 1) * ENTRY_BYTES..][..ENTRY_BYTES];
        entry[ATTRIBUTE_AT] |= ATTRIBUTE_ARCHIVE;
        let name = array(entry, 0);
        content.entry(name, entry[ATTRIBUTE_AT]).put_content(entry);
    }

    /// The entries of a new name. `path`: of the file that they are for.
    pub fn encode(&self, name: &str, path: &str, content: Content) -> Result<Vec<u8>, EditError> {
        let mut aliases = Aliases::default();
        let mut taken =
            placed_entries(&self.data, FatType::Fat32).into_iter().map(|(_, entry)| entry.short_name);
        let alias = match name::exact_alias(name) {
            Some(exact) if taken.any(|other| other == exact) => {
                return Err(EditError::NameTaken { path: path.to_owned() });
            }
            Some(exact) => exact,
            None => {
                taken.for_each(|other| aliases.reserve(other));
                aliases.make_up(name)
            }
        };
        let attributes = if content.len_bytes.is_some() { ATTRIBUTE_ARCHIVE } else { ATTRIBUTE_DIRECTORY };
        let mut encoded = if name::is_short(name) { Vec::new() } else { encode_long(name, &alias) };
        encoded.extend(content.entry(alias, attributes).encode());
        Ok(encoded)
    }

    /// How many more bytes the folder must have before entries of a name of this length find room. 0: they do.
    pub fn missing_bytes(&self, name: &str) -> Result<u64, EditError> {
        let count = 1 + if name::is_short(name) { 0 } else { long_entries(name) };
        if self.room(count).is_some() {
            return Ok(0);
        }
        let trailing = self.free_places().rev().take_while(|is_free| *is_free).count();
        let missing = (count.saturating_sub(trailing).max(1) * ENTRY_BYTES) as u64;
        if self.data.len() as u64 + missing > MAX_DIRECTORY_BYTES {
            return Err(EditError::FolderFull { path: self.path.clone() });
        }
        Ok(missing)
    }

    /// Clusters of zeroes at its end.
    pub fn grow(&mut self, clusters: impl Iterator<Item = u32>, cluster_bytes: u64) {
        self.clusters.extend(clusters);
        let len = self.clusters.len() * cluster_bytes as usize;
        self.data.resize(len, 0);
        if let Some(before) = &mut self.before {
            before.resize(len, 0);
        }
    }

    /// Puts entries where there is room; `false`: there is none.
    pub fn insert(&mut self, encoded: &[u8]) -> bool {
        let count = encoded.len() / ENTRY_BYTES;
        let Some(first) = self.room(count) else { return false };
        let end_mark = self.end_mark();
        self.data[first * ENTRY_BYTES..][..encoded.len()].copy_from_slice(encoded);
        // What lies behind the old end mark may be anything, so the new end gets a mark of its own.
        let next = (first + count) * ENTRY_BYTES;
        if first + count > end_mark
            && let Some(byte) = self.data.get_mut(next)
        {
            *byte = 0;
        }
        true
    }

    /// The place of the entry behind which there are none.
    fn end_mark(&self) -> usize {
        let mut places = self.data.chunks_exact(ENTRY_BYTES);
        places.position(|entry| entry[0] == 0).unwrap_or(self.data.len() / ENTRY_BYTES)
    }

    fn free_places(&self) -> impl DoubleEndedIterator<Item = bool> + ExactSizeIterator + '_ {
        let end_mark = self.end_mark();
        let places = self.data.chunks_exact(ENTRY_BYTES).enumerate();
        places.map(move |(place, entry)| place >= end_mark || entry[0] == FREE)
    }

    /// The first of `count` free places. Not directly behind a piece of a long name whose file is gone: it would be
    /// taken for a part of the new name.
    fn room(&self, count: usize) -> Option<usize> {
        let is_orphan = |place: usize| {
            let attributes = self.data[place * ENTRY_BYTES + ATTRIBUTE_AT];
            attributes & ATTRIBUTE_LONG_NAME_MASK == ATTRIBUTE_LONG_NAME
        };
        let mut free_from = 0;
        for (place, is_free) in self.free_places().enumerate() {
            if !is_free {
                free_from = place + 1;
                if is_orphan(place) {
                    free_from += 1;
                }
            } else if (place + 1).saturating_sub(free_from) == count {
                return Some(free_from);
            }
        }
        None
    }

    /// The sectors that change where the folder was there before.
    pub fn patches(&self, volume: &FatVolume) -> Vec<Patch> {
        let Some(before) = &self.before else { return Vec::new() };
        let sector = volume.sector_bytes as usize;
        let pairs = self.data.chunks(sector).zip(before.chunks(sector)).enumerate();
        let changed = pairs.filter(|(_, (now, before))| now != before);
        let mut sectors: Vec<(u64, Vec<u8>)> = changed
            .filter_map(|(index, (now, _))| {
                let start = (index * sector) as u64;
                let cluster = *self.clusters.get((start / volume.cluster_bytes) as usize)?;
                let at = volume.cluster_at("directory", cluster).ok()?;
                Some((at + start % volume.cluster_bytes, now.to_vec()))
            })
            .collect();
        sectors.sort_by_key(|(at, _)| *at);
        joined(sectors.into_iter())
    }

    /// All of a new folder, by the stretches that it lies in.
    pub fn pieces(&self, cluster_bytes: u64) -> Vec<(Run, Vec<u8>)> {
        let mut pieces: Vec<(Run, Vec<u8>)> = Vec::new();
        for (cluster, bytes) in self.clusters.iter().zip(self.data.chunks(cluster_bytes as usize)) {
            match pieces.last_mut() {
                Some((run, all)) if run.first + run.count == *cluster => {
                    run.count += 1;
                    all.extend_from_slice(bytes);
                }
                _ => pieces.push((Run { first: *cluster, count: 1 }, bytes.to_vec())),
            }
        }
        pieces
    }
}
