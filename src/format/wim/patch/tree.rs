//! New entries in an image's directory tree, each at its place among the old ones. These keep all their bytes but the
//! places of directories, which move with what is put in before them. New folders come behind everything.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::format::FormatError;
use crate::format::wim::metadata::{
    ATTRIBUTE_DIRECTORY, ATTRIBUTE_REPARSE_POINT, ENTRY_FIXED_BYTES, Metadata, StoredEntry, fold,
};

use super::{NewFile, PatchError};

const ATTRIBUTE_ARCHIVE: u32 = 0x20;
/// Of an entry, where the place of its children is.
const CHILDREN_AT: usize = 0x10;
/// Ends a directory.
const END: [u8; 8] = [0; 8];
/// Windows' own limit, in 16-bit units.
const MAX_NAME_UNITS: usize = 255;

/// A new file: what its entry has to say.
pub(super) struct File<'a> {
    path: &'a str,
    sha1: Option<[u8; 20]>,
    filetime: u64,
}

impl<'a> File<'a> {
    pub fn of(new: &'a NewFile) -> Self {
        Self { path: &new.path, sha1: new.content.sha1(), filetime: filetime(new.modified_unix_secs) }
    }
}

/// New files and folders of one folder, by their names as names are compared: which is the order of entries too.
#[derive(Default)]
struct Folder<'a>(BTreeMap<Vec<u16>, (&'a str, New<'a>)>);

enum New<'a> {
    File(&'a File<'a>),
    Folder(Folder<'a>),
}

/// The directory tree with `files` in it, and how many folders were made for them. The old tree must have been read whole.
pub(super) fn add(metadata: Metadata, files: &[File<'_>]) -> Result<(Vec<u8>, u64), PatchError> {
    let mut root = Folder::default();
    for file in files {
        root.insert(file.path, file)?;
    }
    let now = files.iter().map(|file| file.filetime).max().unwrap_or_default();
    let mut adding = Adding { metadata: &metadata, now, inserted: Vec::new(), behind: Vec::new() };
    let old_root = metadata.stored_root().map_err(damaged)?;
    adding.directory(&old_root, &root, "")?;
    adding.written(old_root)
}

fn damaged(error: FormatError) -> PatchError {
    PatchError::Damaged(error.to_string())
}

impl<'a> Folder<'a> {
    fn insert(&mut self, path: &'a str, file: &'a File<'a>) -> Result<(), PatchError> {
        let (name, below) = path.split_once('/').map_or((path, None), |(name, below)| (name, Some(below)));
        let units: Vec<u16> = name.encode_utf16().collect();
        let is_bad = |c: char| c < ' ' || r#"\/:*?"<>|"#.contains(c);
        if matches!(name, "" | "." | "..") || name.contains(is_bad) || units.len() > MAX_NAME_UNITS {
            return Err(PatchError::Path { path: file.path.to_owned() });
        }
        let exists = || PatchError::Exists { path: file.path.to_owned() };
        match (self.0.entry(fold(&units)), below) {
            (Entry::Vacant(slot), None) => {
                slot.insert((name, New::File(file)));
                Ok(())
            }
            (Entry::Occupied(_), None) => Err(exists()),
            (slot, Some(below)) => match &mut slot.or_insert((name, New::Folder(Self::default()))).1 {
                New::Folder(folder) => folder.insert(below, file),
                New::File(_) => Err(exists()),
            },
        }
    }
}

struct Adding<'a> {
    metadata: &'a Metadata,
    /// The time of folders.
    now: u64,
    /// What comes into old directories.
    inserted: Vec<Inserted<'a>>,
    /// Old directories that are empty: where the entry stands that leads there, and what they get.
    behind: Vec<(usize, &'a Folder<'a>, u32)>,
}

/// A new entry in an old directory.
struct Inserted<'a> {
    /// Before this byte of the old metadata.
    at: usize,
    bytes: Vec<u8>,
    /// What the new folder holds, and its security descriptor.
    folder: Option<(&'a Folder<'a>, u32)>,
}

impl<'a> Adding<'a> {
    /// Finds the places of `new` in the directory that `entry` leads to.
    fn directory(&mut self, entry: &StoredEntry, new: &'a Folder<'a>, path: &str) -> Result<(), PatchError> {
        let old = match entry.children {
            0 => Vec::new(),
            children => self.metadata.stored_directory(children).map_err(damaged)?,
        };
        let Some(end) = old.last().map(|last| last.bytes.end) else {
            // Empty ones may have their place in common with others.
            self.behind.push((entry.bytes.start, new, entry.security));
            return Ok(());
        };
        for (folded, (name, item)) in &new.0 {
            if let Some(same) = old.iter().find(|old| old.folded == *folded) {
                let path = if path.is_empty() { (*name).to_owned() } else { format!("{path}/{name}") };
                match item {
                    New::Folder(folder) if is_folder(same) => self.directory(same, folder, &path)?,
                    _ => return Err(PatchError::Exists { path }),
                }
                continue;
            }
            let next = old.iter().find(|old| old.folded > *folded).map_or(end, |next| next.bytes.start);
            // What is new has the security descriptor of the folder that it is in.
            let (bytes, folder) = self.entry(name, item, entry.security);
            self.inserted.push(Inserted { at: next, bytes, folder });
        }
        Ok(())
    }

    fn entry(
        &self,
        name: &str,
        item: &'a New<'a>,
        security: u32,
    ) -> (Vec<u8>, Option<(&'a Folder<'a>, u32)>) {
        match item {
            New::File(file) => (entry(name, ATTRIBUTE_ARCHIVE, security, file.filetime, file.sha1), None),
            New::Folder(folder) => {
                (entry(name, ATTRIBUTE_DIRECTORY, security, self.now, None), Some((folder, security)))
            }
        }
    }

    /// The new metadata, and how many folders are new in it.
    fn written(mut self, root: StoredEntry) -> Result<(Vec<u8>, u64), PatchError> {
        // Those for one place keep their order.
        self.inserted.sort_by_key(|inserted| inserted.at);
        let old = self.metadata.as_bytes();
        let mut new = Vec::with_capacity(old.len());
        // Where something is put in, and how many bytes have been by then.
        let mut shifts: Vec<(usize, usize)> = Vec::with_capacity(self.inserted.len());
        let mut open: Vec<(usize, &Folder<'_>, u32)> = Vec::new();
        let mut copied = 0;
        for inserted in &self.inserted {
            new.extend_from_slice(&old[copied..inserted.at]);
            copied = inserted.at;
            open.extend(inserted.folder.map(|(folder, security)| (new.len(), folder, security)));
            new.extend_from_slice(&inserted.bytes);
            shifts.push((inserted.at, new.len() - copied));
        }
        new.extend_from_slice(&old[copied..]);
        new.resize(new.len().next_multiple_of(8), 0);
        let shift = |count: usize| count.checked_sub(1).map_or(0, |last| shifts[last].1);
        let entry_at = |at: usize| at + shift(shifts.partition_point(|(place, _)| *place <= at));
        // What is put in before a directory's first entry is in that directory.
        let directory_at =
            |at: u64| at + shift(shifts.partition_point(|(place, _)| (*place as u64) < at)) as u64;

        let mut directories = vec![root];
        while let Some(directory) = directories.pop() {
            if directory.children == 0 {
                continue;
            }
            put_children(&mut new, entry_at(directory.bytes.start), directory_at(directory.children));
            let entries = self.metadata.stored_directory(directory.children).map_err(damaged)?;
            directories
                .extend(entries.into_iter().filter(|entry| entry.attributes & ATTRIBUTE_DIRECTORY != 0));
        }
        open.extend(self.behind.iter().map(|(at, folder, security)| (entry_at(*at), *folder, *security)));
        let mut new_folders =
            self.inserted.iter().filter(|inserted| inserted.folder.is_some()).count() as u64;
        while let Some((entry, folder, security)) = open.pop() {
            let children = new.len() as u64;
            put_children(&mut new, entry, children);
            for (name, item) in folder.0.values() {
                let (bytes, folder) = self.entry(name, item, security);
                new_folders += u64::from(folder.is_some());
                open.extend(folder.map(|(folder, security)| (new.len(), folder, security)));
                new.extend(bytes);
            }
            new.extend(END);
        }
        Ok((new, new_folders))
    }
}

fn put_children(metadata: &mut [u8], entry: usize, children: u64) {
    let place = entry + CHILDREN_AT;
    metadata[place..place + 8].copy_from_slice(&children.to_le_bytes());
}

fn entry(name: &str, attributes: u32, security: u32, filetime: u64, sha1: Option<[u8; 20]>) -> Vec<u8> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let len = (ENTRY_FIXED_BYTES + name.len() + 2).next_multiple_of(8);
    let mut entry = vec![0; len];
    let mut put = |at: usize, bytes: &[u8]| entry[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &(len as u64).to_le_bytes());
    put(0x08, &attributes.to_le_bytes());
    put(0x0C, &security.to_le_bytes());
    for at in [0x28, 0x30, 0x38] {
        put(at, &filetime.to_le_bytes());
    }
    put(0x40, &sha1.unwrap_or_default());
    // Names were checked to be short.
    put(0x64, &(name.len() as u16).to_le_bytes());
    put(ENTRY_FIXED_BYTES, &name);
    entry
}

fn is_folder(entry: &StoredEntry) -> bool {
    entry.attributes & ATTRIBUTE_DIRECTORY != 0 && entry.attributes & ATTRIBUTE_REPARSE_POINT == 0
}

/// Tenths of microseconds since 1601; of no known time, 1980 as FAT has it.
fn filetime(unix_secs: Option<i64>) -> u64 {
    const UNIX_EPOCH_SECS: i64 = 11_644_473_600;
    const DOS_EPOCH_UNIX_SECS: i64 = 315_532_800;
    let secs = unix_secs.unwrap_or(DOS_EPOCH_UNIX_SECS).saturating_add(UNIX_EPOCH_SECS);
    u64::try_from(secs).unwrap_or(0).saturating_mul(10_000_000)
}
