//! What the file systems of disc images have in common: a tree of named files, each a list of byte extents of the image.
//!
//! Nothing is unpacked or mounted: whoever wants a file's data copies the extents, in order.

mod reader;

use std::collections::HashSet;
use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::read_at;

pub use reader::FileReader;

/// No directory of a real disc is as large; 16 MiB hold over 60,000 names.
pub(crate) const MAX_DIRECTORY_BYTES: u64 = 16 << 20;
/// A file in more pieces than this is refused. On mastered discs each has one.
pub(crate) const MAX_EXTENTS: usize = 4096;
const MAX_DEPTH: usize = 64;
/// What a list of entries may hold in all.
const MAX_LIST_ENTRIES: usize = 500_000;
const MAX_LIST_EXTENTS: usize = 2_000_000;
const MAX_LIST_NAME_BYTES: usize = 128 << 20;

/// A file, or a directory, of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Without folders. Empty for the root.
    pub name: String,
    pub kind: EntryKind,
    pub len_bytes: u64,
    /// Where its data lies in the image, in order; together exactly `len_bytes` long. Neighbours that continue each
    /// other are one extent.
    pub extents: Vec<FileExtent>,
    /// Time of the last change, in seconds of the Unix epoch.
    pub modified_unix_secs: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Directory,
    /// Symbolic links, devices, sockets.
    Other,
}

/// A piece of a file's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileExtent {
    /// Byte offset in the image. `None`: never recorded, reads as zeroes.
    pub offset_bytes: Option<u64>,
    pub len_bytes: u64,
}

/// A file system that can be read as a tree.
pub trait ImageTree {
    /// The volume's label.
    fn label(&self) -> Option<&str>;

    fn root(&mut self) -> Result<Entry, FormatError>;

    /// The entries of a directory, in the order recorded.
    fn read_dir(&mut self, directory: &Entry) -> Result<Vec<Entry>, FormatError>;

    /// The entry of this name in a directory: the exact one, else the first that differs in case only.
    fn find(&mut self, directory: &Entry, name: &str) -> Result<Option<Entry>, FormatError>;

    /// Up to `limit_bytes` of a file, from byte `start` of it on.
    fn read_at(&mut self, file: &Entry, start: u64, limit_bytes: u64) -> Result<Vec<u8>, FormatError>;

    /// The entry at a path like `sources/boot.wim`, upper and lower case alike. `None` if there is none.
    fn lookup(&mut self, path: &str) -> Result<Option<Entry>, FormatError> {
        let mut entry = self.root()?;
        for name in path.split('/').filter(|name| !name.is_empty()).take(MAX_DEPTH) {
            if entry.kind != EntryKind::Directory {
                return Ok(None);
            }
            match self.find(&entry, name)? {
                Some(child) => entry = child,
                None => return Ok(None),
            }
        }
        Ok(Some(entry))
    }

    /// Every entry below the root with its path, folders before what they hold.
    fn walk(&mut self) -> Result<Vec<(String, Entry)>, FormatError> {
        let root = self.root()?;
        let mut seen = HashSet::from([place(&root)]);
        let mut found = Vec::new();
        let mut tally = Tally::default();
        let mut open = vec![(String::new(), 0, root)];
        while let Some((path, depth, directory)) = open.pop() {
            for entry in self.read_dir(&directory)? {
                let path =
                    if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
                tally.add(&path, &entry)?;
                if entry.kind == EntryKind::Directory && entry.len_bytes > 0 {
                    let at = place(&entry).unwrap_or_default();
                    if !seen.insert(place(&entry)) {
                        return Err(FormatError::damaged("directory", at, "one parent", "a second one"));
                    }
                    if depth + 1 == MAX_DEPTH {
                        let limit = MAX_DEPTH as u64;
                        return Err(FormatError::Limit { what: "depth of the tree", at, limit });
                    }
                    open.push((path.clone(), depth + 1, entry.clone()));
                }
                found.push((path, entry));
            }
        }
        Ok(found)
    }
}

/// Counts what a list of entries takes in memory, against hostile trees that name the same large thing again and again.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    entries: usize,
    extents: usize,
    name_bytes: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, name: &str, entry: &Entry) -> Result<(), FormatError> {
        self.entries += 1;
        self.extents += entry.extents.len();
        self.name_bytes += name.len();
        let limits = [
            ("number of files", self.entries, MAX_LIST_ENTRIES),
            ("number of extents", self.extents, MAX_LIST_EXTENTS),
            ("length of all names", self.name_bytes, MAX_LIST_NAME_BYTES),
        ];
        match limits.into_iter().find(|(_, count, limit)| count > limit) {
            Some((what, _, limit)) => {
                Err(FormatError::Limit { what, at: place(entry).unwrap_or_default(), limit: limit as u64 })
            }
            None => Ok(()),
        }
    }
}

/// What makes a directory the same one when a damaged tree leads to it twice.
fn place(directory: &Entry) -> Option<u64> {
    directory.extents.iter().find_map(|extent| extent.offset_bytes)
}

/// Reads up to `limit_bytes` of the data in `extents`, from byte `start` of it on. Memory follows what the image really
/// holds: it is read piece by piece, so that an extent that reaches past the end is an error before it is an allocation.
pub(crate) fn read_extents(
    image: &mut (impl Read + Seek),
    what: &'static str,
    extents: &[FileExtent],
    start: u64,
    limit_bytes: u64,
) -> Result<Vec<u8>, FormatError> {
    const PIECE_BYTES: u64 = 64 * 1024;
    let mut data = Vec::new();
    let mut skip = start;
    for extent in extents {
        let mut done = skip.min(extent.len_bytes);
        skip -= done;
        let end = extent.len_bytes.min(done.saturating_add(limit_bytes - data.len() as u64));
        while done < end {
            let piece = PIECE_BYTES.min(end - done);
            let filled = data.len();
            data.resize(filled + piece as usize, 0);
            if let Some(offset) = extent.offset_bytes {
                read_at(image, what, offset.saturating_add(done), &mut data[filled..])?;
            }
            done += piece;
        }
    }
    Ok(data)
}

/// All of a directory's data.
pub(crate) fn read_directory(
    image: &mut (impl Read + Seek),
    directory: &Entry,
) -> Result<Vec<u8>, FormatError> {
    const WHAT: &str = "directory";
    if directory.len_bytes > MAX_DIRECTORY_BYTES {
        let at = place(directory).unwrap_or_default();
        return Err(FormatError::Limit { what: WHAT, at, limit: MAX_DIRECTORY_BYTES });
    }
    read_extents(image, WHAT, &directory.extents, 0, MAX_DIRECTORY_BYTES)
}

/// Appends an extent, as one with the last if it continues it. Pieces of no length vanish.
pub(crate) fn push_extent(extents: &mut Vec<FileExtent>, next: FileExtent) -> Result<(), FormatError> {
    if next.len_bytes == 0 {
        return Ok(());
    }
    if let Some(last) = extents.last_mut() {
        let joins = match (last.offset_bytes, next.offset_bytes) {
            (Some(last_at), Some(next_at)) => last_at.checked_add(last.len_bytes) == Some(next_at),
            (None, None) => true,
            _ => false,
        };
        if joins && let Some(len_bytes) = last.len_bytes.checked_add(next.len_bytes) {
            last.len_bytes = len_bytes;
            return Ok(());
        }
    }
    if extents.len() >= MAX_EXTENTS {
        let at = next.offset_bytes.unwrap_or_default();
        return Err(FormatError::Limit { what: "number of a file's extents", at, limit: MAX_EXTENTS as u64 });
    }
    extents.push(next);
    Ok(())
}

/// The exact name's place among `names`, else the first that differs in case only.
pub(crate) fn position_of_name<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
    wanted: &str,
) -> Option<usize> {
    let folded = wanted.to_lowercase();
    names
        .clone()
        .position(|name| name == wanted)
        .or_else(|| names.clone().position(|name| name.to_lowercase() == folded))
}

/// A name that may become part of a path elsewhere. Anything that could lead out of its folder is damage.
pub(crate) fn check_name(name: &str, at: u64) -> Result<(), FormatError> {
    if matches!(name, "" | "." | "..") || name.contains(['/', '\0']) {
        return Err(FormatError::damaged("file name", at, "a plain name", format!("{name:?}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset_bytes: u64, len_bytes: u64) -> FileExtent {
        FileExtent { offset_bytes: Some(offset_bytes), len_bytes }
    }

    #[test]
    fn neighbours_become_one_extent() {
        let mut extents = Vec::new();
        let hole = |len_bytes| FileExtent { offset_bytes: None, len_bytes };
        for next in [at(10, 5), at(15, 5), at(20, 0), at(30, 1), hole(4), hole(4), at(31, 1)] {
            push_extent(&mut extents, next).unwrap();
        }
        assert_eq!(extents, [at(10, 10), at(30, 1), hole(8), at(31, 1)]);
    }

    #[test]
    fn reads_pieces_and_holes_up_to_the_limit() {
        let mut image = std::io::Cursor::new(b"0123456789".to_vec());
        let extents = [at(8, 2), FileExtent { offset_bytes: None, len_bytes: 2 }, at(0, 3)];
        assert_eq!(read_extents(&mut image, "file", &extents, 0, 100).unwrap(), b"89\x00\x00012");
        assert_eq!(read_extents(&mut image, "file", &extents, 3, 2).unwrap(), b"\x000");
        assert_eq!(read_extents(&mut image, "file", &extents, 7, 2).unwrap(), b"");
        assert_eq!(read_extents(&mut image, "file", &extents, 0, 3).unwrap(), b"89\0");
    }

    #[test]
    fn an_absurd_extent_is_an_error_not_an_allocation() {
        let mut image = std::io::Cursor::new(vec![1; 100]);
        for extent in [at(0, u64::MAX), at(u64::MAX, u64::MAX), at(50, 51)] {
            let error = read_extents(&mut image, "file", &[extent], 0, u64::MAX).unwrap_err();
            assert!(error.is_past_end(), "{error}");
        }
    }

    #[test]
    fn exact_names_come_first() {
        let names = ["boot", "Boot", "Größe"];
        assert_eq!(position_of_name(names.into_iter(), "Boot"), Some(1));
        assert_eq!(position_of_name(names.into_iter(), "BOOT"), Some(0));
        assert_eq!(position_of_name(names.into_iter(), "GRÖßE"), Some(2));
        assert_eq!(position_of_name(names.into_iter(), "none"), None);
    }
}
