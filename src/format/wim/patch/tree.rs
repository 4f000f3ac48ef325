//! New entries in an image's directory tree. A directory that gets some is written once more, behind all others, with its
//! old entries as they were; the entry that leads to it is told its new place. Nothing else changes.

use std::collections::BTreeMap;

use crate::format::FormatError;
use crate::format::wim::metadata::{
    ATTRIBUTE_DIRECTORY, ATTRIBUTE_REPARSE_POINT, ENTRY_FIXED_BYTES, Metadata, StoredEntry, fold,
};

use super::{NewFile, PatchError};

const ATTRIBUTE_ARCHIVE: u32 = 0x20;
/// Of an entry, where the place of its children is.
const CHILDREN_AT: usize = 0x10;
const END_BYTES: usize = 8;
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
        let filetime = filetime(new.modified_unix_secs);
        Self { path: &new.path, sha1: new.content.sha1(), filetime }
    }
}

/// New files and folders of one folder, by their names as names are compared: which is the order of entries too.
#[derive(Default)]
struct Folder<'a>(BTreeMap<Vec<u16>, (&'a str, New<'a>)>);

enum New<'a> {
    File(&'a File<'a>),
    Folder(Folder<'a>),
}

/// The directory tree with `files` in it, and how many folders were made for them.
pub(super) fn add(metadata: Metadata, files: &[File<'_>]) -> Result<(Vec<u8>, u64), PatchError> {
    let mut root = Folder::default();
    for file in files {
        root.insert(file.path, file)?;
    }
    let damaged = |error: FormatError| PatchError::Damaged(error.to_string());
    let entry = metadata.stored_root().map_err(damaged)?;
    let mut adding = Adding { metadata, behind: Vec::new(), start: 0, new_folders: 0, now: 0 };
    adding.now = files.iter().map(|file| file.filetime).max().unwrap_or_default();
    adding.start = adding.metadata.len_bytes().next_multiple_of(8);
    let children = adding.directory(entry.children, entry.security, &root, "")?;
    let Adding { metadata, behind, start, new_folders, .. } = adding;
    let mut bytes = metadata.into_bytes();
    bytes.resize(start, 0);
    let place = entry.bytes.start + CHILDREN_AT;
    bytes[place..place + 8].copy_from_slice(&children.to_le_bytes());
    bytes.extend(behind);
    Ok((bytes, new_folders))
}

impl<'a> Folder<'a> {
    fn insert(&mut self, path: &'a str, file: &'a File<'a>) -> Result<(), PatchError> {
        let (name, below) = match path.split_once('/') {
            Some((name, below)) => (name, Some(below)),
            None => (path, None),
        };
        let units: Vec<u16> = name.encode_utf16().collect();
        let is_bad = |c: char| c < ' ' || r#"\/:*?"<>|"#.contains(c);
        if matches!(name, "" | "." | "..") || name.contains(is_bad) || units.len() > MAX_NAME_UNITS {
            return Err(PatchError::Path { path: file.path.to_owned() });
        }
        let exists = || PatchError::Exists { path: file.path.to_owned() };
        let new = match below {
            Some(_) => New::Folder(Folder::default()),
            None => New::File(file),
        };
        let is_file = below.is_none();
        let slot = self.0.entry(fold(&units));
        if is_file && matches!(slot, std::collections::btree_map::Entry::Occupied(_)) {
            return Err(exists());
        }
        match (&mut slot.or_insert((name, new)).1, below) {
            (New::Folder(folder), Some(below)) => folder.insert(below, file),
            (New::File(_), Some(_)) => Err(exists()),
            _ => Ok(()),
        }
    }
}

struct Adding {
    metadata: Metadata,
    /// What comes behind the old metadata, which has `start` bytes with what aligns its end.
    behind: Vec<u8>,
    start: usize,
    new_folders: u64,
    /// The time of folders.
    now: u64,
}

impl Adding {
    /// Writes the directory whose entries begin at `old` (0: there are none) with `new` ones. Returns where it begins now.
    fn directory(
        &mut self,
        old: u64,
        security: u32,
        new: &Folder<'_>,
        path: &str,
    ) -> Result<u64, PatchError> {
        let damaged = |error: FormatError| PatchError::Damaged(error.to_string());
        let old = if old == 0 { Vec::new() } else { self.metadata.stored_directory(old).map_err(damaged)? };
        let place = self.start + self.behind.len();
        let mut left: Vec<(&Vec<u16>, &(&str, New<'_>))> = new.0.iter().rev().collect();
        // Where in `behind` an entry stands, what it leads to, and the descriptor of what is made there.
        let mut deeper: Vec<(usize, u64, u32, &Folder<'_>, String)> = Vec::new();
        for entry in &old {
            while let Some((_, (name, item))) = left.pop_if(|(folded, _)| **folded < entry.folded) {
                self.push_new(name, item, security, path, &mut deeper);
            }
            let at = self.behind.len();
            let bytes = self.metadata.bytes(entry);
            self.behind.extend_from_slice(bytes);
            let same = left.iter().position(|(folded, _)| **folded == entry.folded);
            if let Some((_, (name, item))) = same.map(|index| left.remove(index)) {
                let path = join(path, name);
                match item {
                    New::Folder(folder) if is_folder(entry) => {
                        deeper.push((at, entry.children, entry.security, folder, path));
                    }
                    _ => return Err(PatchError::Exists { path }),
                }
            }
        }
        while let Some((_, (name, item))) = left.pop() {
            self.push_new(name, item, security, path, &mut deeper);
        }
        self.behind.extend_from_slice(&[0; END_BYTES]);
        for (at, children, security, folder, path) in deeper {
            let children = self.directory(children, security, folder, &path)?;
            self.behind[at + CHILDREN_AT..at + CHILDREN_AT + 8].copy_from_slice(&children.to_le_bytes());
        }
        Ok(place as u64)
    }

    /// What is new has the security descriptor of the folder that it is in.
    fn push_new<'a>(
        &mut self,
        name: &str,
        item: &'a New<'a>,
        security: u32,
        path: &str,
        deeper: &mut Vec<(usize, u64, u32, &'a Folder<'a>, String)>,
    ) {
        let at = self.behind.len();
        match item {
            New::File(file) => {
                self.push_entry(name, ATTRIBUTE_ARCHIVE, security, file.filetime, file.sha1);
            }
            New::Folder(folder) => {
                self.new_folders += 1;
                self.push_entry(name, ATTRIBUTE_DIRECTORY, security, self.now, None);
                deeper.push((at, 0, security, folder, join(path, name)));
            }
        }
    }

    fn push_entry(
        &mut self,
        name: &str,
        attributes: u32,
        security: u32,
        filetime: u64,
        sha1: Option<[u8; 20]>,
    ) {
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
        self.behind.extend(entry);
    }
}

fn is_folder(entry: &StoredEntry) -> bool {
    entry.attributes & ATTRIBUTE_DIRECTORY != 0 && entry.attributes & ATTRIBUTE_REPARSE_POINT == 0
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Tenths of microseconds since 1601; of no known time, 1980 as FAT has it.
fn filetime(unix_secs: Option<i64>) -> u64 {
    const UNIX_EPOCH_SECS: i64 = 11_644_473_600;
    const DOS_EPOCH_UNIX_SECS: i64 = 315_532_800;
    let secs = unix_secs.unwrap_or(DOS_EPOCH_UNIX_SECS).saturating_add(UNIX_EPOCH_SECS);
    u64::try_from(secs).unwrap_or(0).saturating_mul(10_000_000)
}
