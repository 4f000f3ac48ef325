//! Carries out changes in memory, and works out which sectors that comes to.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::folder::{Content, Folder};
use super::sectors::TableSectors;
use super::space::{Run, Space};
use super::survey::Survey;
use super::{Change, EditError, FatEdit, Piece, PieceContent, Placed};
use crate::format::FormatError;
use crate::format::bytes::{Metered, read_array, read_at, u16_le, u32_le};
use crate::format::fat::chain::Window;
use crate::format::fat::layout::LayoutError;
use crate::format::fat::{FatType, FatVolume, Root, name};

/// More of them are not an answer file's business, and are kept in memory.
const MAX_CHANGED_CLUSTERS: u64 = 1 << 21;
/// Sectors in which the copies of the table may differ.
const MAX_DIFFERENCES: usize = 4096;
const END_OF_CHAIN: u32 = 0x0FFF_FFFF;
const ROOT: usize = 0;

/// FAT[1] (§4.2): set while the volume is in order, and while the medium has made no errors.
const CLEAN: u32 = 0x0800_0000;
const NO_ERRORS: u32 = 0x0400_0000;
/// BS_Reserved1, where systems note the opposite.
const STATE_AT: u64 = 65;
const STATE_DIRTY: u8 = 1;
const STATE_ERRORS: u8 = 2;

pub(super) fn edit(
    image: &mut (impl Read + Seek),
    at: u64,
    changes: &[Change],
) -> Result<FatEdit, EditError> {
    let mut image = Metered::new(image);
    let volume = FatVolume::open(&mut image, at)?.filter(|volume| volume.fat_type == FatType::Fat32);
    let volume = volume.ok_or(EditError::NotFat32)?;
    let [state] = read_array(&mut image, "FAT boot sector", at.saturating_add(STATE_AT))?;
    let marks = u32_le(&read_array::<4>(&mut image, "file allocation table", volume.fat_at + 4)?, 0);
    if marks & NO_ERRORS == 0 || state & STATE_ERRORS != 0 {
        return Err(EditError::MediumErrors);
    }
    let differences = volume.fat_differences(&mut image, MAX_DIFFERENCES)?;
    if let [.., (_, at)] = differences[..]
        && differences.len() == MAX_DIFFERENCES
    {
        return Err(EditError::CopiesDiffer { at });
    }
    // By the first copy, as every system reads it.
    Survey::check(&mut image, &volume)?;
    let clusters = |change: &Change| match change {
        Change::Put { len_bytes, .. } if *len_bytes <= u32::MAX.into() => {
            len_bytes.div_ceil(volume.cluster_bytes)
        }
        // The first is refused when its turn comes.
        Change::Put { .. } | Change::Remove { .. } | Change::RemoveIfEmpty { .. } => 0,
    };
    let wanted = changes.iter().map(clusters).sum();
    if wanted > MAX_CHANGED_CLUSTERS {
        return Err(too_many(&volume));
    }
    let space = Space::of(&mut image, &volume, wanted)?;
    let mut editor = Editor {
        image: &mut image,
        volume: &volume,
        window: Window::default(),
        space,
        folders: Vec::new(),
        by_cluster: HashMap::new(),
        links: Vec::new(),
        freed: Vec::new(),
        differences: differences.iter().map(|(sector, _)| *sector).collect(),
        made: FatEdit {
            was_dirty: marks & CLEAN == 0 || state & STATE_DIRTY != 0 || !differences.is_empty(),
            sector_bytes: volume.sector_bytes,
            ..FatEdit::default()
        },
    };
    let Root::Cluster(root) = volume.root else { return Err(EditError::NotFat32) };
    editor.open(root, String::new())?;
    for change in changes {
        editor.apply(change)?;
    }
    editor.finish(marks)
}

struct Editor<'a, R> {
    image: &'a mut R,
    volume: &'a FatVolume,
    window: Window,
    space: Space,
    /// The root is the first.
    folders: Vec<Folder>,
    by_cluster: HashMap<u32, usize>,
    /// New entries of the table.
    links: Vec<(u32, u32)>,
    freed: Vec<u32>,
    /// Sectors of the table of which the second copy was left behind.
    differences: Vec<u64>,
    made: FatEdit,
}

impl<R: Read + Seek> Editor<'_, R> {
    fn apply(&mut self, change: &Change) -> Result<(), EditError> {
        match change {
            Change::Put { path, len_bytes, modified_unix_secs } => {
                self.put(path, *len_bytes, *modified_unix_secs)
            }
            Change::Remove { path } => self.remove(path),
            Change::RemoveIfEmpty { path } => self.remove_folder(path),
        }
    }

    fn put(&mut self, path: &str, len_bytes: u64, modified: Option<i64>) -> Result<(), EditError> {
        let Ok(len) = u32::try_from(len_bytes) else {
            return Err(LayoutError::FileTooLarge { path: path.to_owned(), len_bytes }.into());
        };
        let (above, name) = split(path);
        let Some(folder) = self.folder(above, Some(modified))? else {
            return Err(EditError::NotAFolder { path: above.to_owned() });
        };
        let runs = self.space.take(len_bytes)?;
        self.add_contents(&runs, len_bytes)?;
        self.link(&runs);
        let first_cluster = runs.first().map_or(0, |run| run.first);
        let content = Content { first_cluster, len_bytes: Some(len), modified_unix_secs: modified };
        let there = self.folders[folder].find(name);
        let replaces = there.is_some();
        let spelled = there.as_ref().map_or(name, |(_, entry)| &entry.name);
        let path = joined(&self.folders[folder].path, spelled);
        match there {
            Some((_, entry)) if entry.is_directory() => return Err(EditError::NotAFile { path }),
            Some((places, entry)) => {
                self.folders[folder].replace(&places, content);
                self.free(entry.first_cluster)?;
            }
            None => self.add_name(folder, name, &path, content)?,
        }
        self.made.put.push(Placed { path, replaces });
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), EditError> {
        let (above, name) = split(path);
        let Some(folder) = self.folder(above, None)? else { return Ok(()) };
        let Some((places, entry)) = self.folders[folder].find(name) else { return Ok(()) };
        let path = joined(&self.folders[folder].path, &entry.name);
        if entry.is_directory() {
            return Err(EditError::NotAFile { path });
        }
        self.folders[folder].remove(places);
        self.made.removed.push(path);
        self.free(entry.first_cluster)
    }

    fn remove_folder(&mut self, path: &str) -> Result<(), EditError> {
        let (above, name) = split(path);
        let Some(index) = self.folder(path, None)? else { return Ok(()) };
        let Some(folder) = self.folder(above, None)? else { return Ok(()) };
        let Some((places, entry)) = self.folders[folder].find(name) else { return Ok(()) };
        if self.folders[index].is_empty() && !self.folders[index].is_new() {
            self.folders[index].is_gone = true;
            self.by_cluster.remove(&entry.first_cluster);
            self.folders[folder].remove(places);
            self.free(entry.first_cluster)?;
        }
        Ok(())
    }

    /// The folder at a path. Where it is not there, it is made with the time in `make`, or there is none.
    fn folder(&mut self, path: &str, make: Option<Option<i64>>) -> Result<Option<usize>, EditError> {
        let mut here = ROOT;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let path = joined(&self.folders[here].path, name);
            here = match (self.folders[here].find(name), make) {
                (Some((_, entry)), _) if entry.is_directory() => {
                    let path = joined(&self.folders[here].path, &entry.name);
                    self.open(entry.first_cluster, path)?
                }
                (Some(_), Some(_)) => return Err(EditError::NotAFolder { path }),
                (Some(_), None) | (None, None) => return Ok(None),
                (None, Some(modified)) => self.make_folder(here, name, path, modified)?,
            };
        }
        Ok(Some(here))
    }

    /// Reads a folder that is there, or takes the one that was read before.
    fn open(&mut self, first: u32, path: String) -> Result<usize, EditError> {
        if let Some(index) = self.by_cluster.get(&first) {
            return Ok(*index);
        }
        let clusters = self.chain(first, self.volume.max_directory_clusters())?;
        let mut data = vec![0; clusters.len() * self.volume.cluster_bytes as usize];
        for (cluster, data) in clusters.iter().zip(data.chunks_mut(self.volume.cluster_bytes as usize)) {
            let at = self.volume.cluster_at("directory", *cluster)?;
            read_at(self.image, "directory", at, data)?;
        }
        Ok(self.keep(Folder::read(path, clusters, data)))
    }

    fn make_folder(
        &mut self,
        above: usize,
        name: &str,
        path: String,
        modified: Option<i64>,
    ) -> Result<usize, EditError> {
        let runs = self.space.take(self.volume.cluster_bytes)?;
        self.link(&runs);
        let clusters: Vec<u32> = runs.iter().flat_map(|run| run.clusters()).collect();
        let first_cluster = clusters.first().copied().unwrap_or_default();
        let content = Content { first_cluster, len_bytes: None, modified_unix_secs: modified };
        self.add_name(above, name, &path, content)?;
        let above = if above == ROOT { 0 } else { self.folders[above].clusters[0] };
        Ok(self.keep(Folder::new(path, clusters, above, self.volume.cluster_bytes, modified)))
    }

    fn keep(&mut self, folder: Folder) -> usize {
        let index = self.folders.len();
        self.by_cluster.extend(folder.clusters.first().map(|first| (*first, index)));
        self.folders.push(folder);
        index
    }

    /// A new name in a folder, which becomes larger if it must.
    fn add_name(&mut self, folder: usize, name: &str, path: &str, content: Content) -> Result<(), EditError> {
        name::check(name, path)?;
        let encoded = self.folders[folder].encode(name, path, content)?;
        let cluster_bytes = self.volume.cluster_bytes;
        loop {
            let missing_bytes = self.folders[folder].missing_bytes(name)?;
            if missing_bytes == 0 {
                break;
            }
            let runs = self.space.take(missing_bytes)?;
            let last = self.folders[folder].clusters.last().copied();
            self.link(&runs);
            self.links.extend(last.zip(runs.first()).map(|(last, run)| (last, run.first)));
            if !self.folders[folder].is_new() {
                // The end that the folder has until its entries are written.
                for run in &runs {
                    self.add_piece(run.first, u64::from(run.count) * cluster_bytes, PieceContent::Zeroes)?;
                }
            }
            self.folders[folder].grow(runs.iter().flat_map(|run| run.clusters()), cluster_bytes);
        }
        match self.folders[folder].insert(&encoded) {
            true => Ok(()),
            false => Err(EditError::FolderFull { path: self.folders[folder].path.clone() }),
        }
    }

    /// Makes the clusters of these runs one chain.
    fn link(&mut self, runs: &[Run]) {
        let mut clusters = runs.iter().flat_map(|run| run.clusters()).peekable();
        while let Some(cluster) = clusters.next() {
            self.links.push((cluster, clusters.peek().copied().unwrap_or(END_OF_CHAIN)));
        }
    }

    /// The chain of what is to go, of which nothing is left once no folder names it. 0: there is none.
    fn free(&mut self, first: u32) -> Result<(), EditError> {
        if first != 0 {
            let chain = self.chain(first, MAX_CHANGED_CLUSTERS)?;
            self.freed.extend(chain);
        }
        Ok(())
    }

    fn chain(&mut self, first: u32, limit: u64) -> Result<Vec<u32>, EditError> {
        let mut clusters = Vec::new();
        let mut cluster = Some(first);
        while let Some(here) = cluster {
            self.volume.cluster_at("chain of clusters", here)?;
            if clusters.len() as u64 == limit {
                return Err(too_many(self.volume));
            }
            clusters.push(here);
            cluster = self.volume.next_cluster(self.image, &mut self.window, here)?;
        }
        Ok(clusters)
    }

    /// Where the file that is put next goes, and zeroes up to the end of its last sector.
    fn add_contents(&mut self, runs: &[Run], len_bytes: u64) -> Result<(), EditError> {
        let put = self.made.put.len();
        let mut offset_bytes = 0;
        for run in runs {
            let len = (u64::from(run.count) * self.volume.cluster_bytes).min(len_bytes - offset_bytes);
            let at = self.add_piece(run.first, len, PieceContent::File { put, offset_bytes })?;
            let rest = len.next_multiple_of(self.volume.sector_bytes) - len;
            if rest > 0 {
                let content = PieceContent::Zeroes;
                self.made.contents.push(Piece { offset_bytes: at + len, len_bytes: rest, content });
            }
            offset_bytes += len;
        }
        Ok(())
    }

    fn add_piece(&mut self, first: u32, len_bytes: u64, content: PieceContent) -> Result<u64, EditError> {
        let offset_bytes = self.volume.cluster_at("free cluster", first)?;
        self.made.contents.push(Piece { offset_bytes, len_bytes, content });
        Ok(offset_bytes)
    }

    /// `marks`: FAT[1] as it is.
    fn finish(mut self, marks: u32) -> Result<FatEdit, EditError> {
        for index in 0..self.folders.len() {
            if self.folders[index].is_new() {
                for (run, bytes) in self.folders[index].pieces(self.volume.cluster_bytes) {
                    self.add_piece(run.first, bytes.len() as u64, PieceContent::Bytes(bytes))?;
                }
            } else if !self.folders[index].is_gone {
                let patches = self.folders[index].patches(self.volume);
                self.made.folders.extend(patches);
            }
        }
        self.made.contents.sort_by_key(|piece| piece.offset_bytes);
        self.made.folders.sort_by_key(|patch| patch.offset_bytes);
        let free = self.space.free() + self.freed.len() as u64;
        self.made.free_bytes = free * self.volume.cluster_bytes;
        if self.links.is_empty() && self.freed.is_empty() {
            return Ok(self.made);
        }
        let mut tables = TableSectors::default();
        for sector in &self.differences {
            tables.mend_copy(self.image, self.volume, *sector)?;
        }
        for (cluster, next) in &self.links {
            tables.set(self.image, self.volume, *cluster, *next)?;
        }
        tables.set(self.image, self.volume, 1, marks & END_OF_CHAIN & !CLEAN)?;
        self.made.tables = tables.finish_step();
        for cluster in &self.freed {
            tables.set(self.image, self.volume, *cluster, 0)?;
        }
        tables.set(self.image, self.volume, 1, marks & END_OF_CHAIN)?;
        self.count_free(free, &mut tables)?;
        self.made.release = tables.finish_step();
        Ok(self.made)
    }

    /// The hints of FSInfo (§5), where there are any.
    fn count_free(&mut self, free: u64, tables: &mut TableSectors) -> Result<(), EditError> {
        const SIGNATURES: [(usize, u32); 3] = [(0, 0x4161_5252), (484, 0x6141_7272), (508, 0xAA55_0000)];
        let start = self.volume.start_bytes();
        let boot: [u8; 64] = read_array(self.image, "FAT boot sector", start)?;
        let (sector, reserved) = (u16_le(&boot, 48), u16_le(&boot, 14));
        if sector == 0 || sector >= reserved {
            return Ok(());
        }
        let at = start + u64::from(sector) * self.volume.sector_bytes;
        let info: [u8; 512] = read_array(self.image, "FSInfo", at)?;
        if SIGNATURES.into_iter().any(|(place, signature)| u32_le(&info, place) != signature) {
            return Ok(());
        }
        let last = self.links.iter().map(|(cluster, _)| *cluster).max();
        tables.change(self.image, self.volume, at, |sector| {
            sector[488..492].copy_from_slice(&(free as u32).to_le_bytes());
            if let Some(last) = last {
                sector[492..496].copy_from_slice(&last.to_le_bytes());
            }
        })?;
        Ok(())
    }
}

fn too_many(volume: &FatVolume) -> EditError {
    let (at, limit) = (volume.start_bytes(), MAX_CHANGED_CLUSTERS);
    FormatError::Limit { what: "number of clusters that change", at, limit }.into()
}

/// Folder and name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
