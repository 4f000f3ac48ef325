//! The metadata resource of an image: its directory tree ([MS-WIM] 2.5).
//!
//! Security descriptors come first, then directory entries. Those of one directory follow each other up to eight zero
//! bytes; each directory says where its own begin.

use std::collections::HashSet;
use std::ops::Range;

use crate::format::FormatError;
use crate::format::bytes::{array, u16_le, u32_le, u64_le};

const WHAT: &str = "directory entry of a WIM file";
pub(super) const ENTRY_FIXED_BYTES: usize = 102;
const STREAM_FIXED_BYTES: usize = 38;
pub(super) const ATTRIBUTE_DIRECTORY: u32 = 0x10;
pub(super) const ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
/// Entries and their streams, in all that one question looks at. Windows images have some 200,000.
const MAX_ENTRIES: usize = 4_000_000;
/// What the paths of a list may have in all.
const MAX_PATH_BYTES: usize = 256 << 20;

/// A file or directory of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WimFile {
    /// As stored, `Windows/Boot/EFI/bootmgfw.efi`. Of names that are not valid UTF-16, as much as is.
    pub path: String,
    /// FILE_ATTRIBUTE_… of Windows.
    pub attributes: u32,
    /// What finds its data in the lookup table; `None` for files without any, and most directories.
    pub sha1: Option<[u8; 20]>,
    /// `None` if its data is not in this file: in another part of a split set, or lost.
    pub len_bytes: Option<u64>,
}

impl WimFile {
    pub fn is_directory(&self) -> bool {
        self.attributes & ATTRIBUTE_DIRECTORY != 0
    }

    /// A link: what it holds is where it leads, not data.
    pub fn is_reparse_point(&self) -> bool {
        self.attributes & ATTRIBUTE_REPARSE_POINT != 0
    }
}

/// An entry as it is stored, with its streams.
pub(super) struct StoredEntry {
    pub bytes: Range<usize>,
    /// As names are compared.
    pub folded: Vec<u16>,
    pub attributes: u32,
    /// 0 for none.
    pub children: u64,
    /// What its security descriptor is called; -1 for none.
    pub security: u32,
}

/// The directory tree of an image.
pub(super) struct Metadata {
    data: Vec<u8>,
    /// The resource's place in the file, for errors.
    at: u64,
}

/// An entry without the path to it.
#[derive(Clone)]
struct Dentry {
    /// UTF-16.
    name: Vec<u16>,
    attributes: u32,
    /// Where the entries of this directory begin; 0 for none.
    children: u64,
    sha1: [u8; 20],
}

impl Dentry {
    fn to_file(&self, folder: &str) -> WimFile {
        let name = String::from_utf16_lossy(&self.name);
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let sha1 = (self.sha1 != [0; 20]).then_some(self.sha1);
        WimFile { path, attributes: self.attributes, sha1, len_bytes: None }
    }

    /// Where its children are, if it is a directory that has some.
    fn directory(&self) -> Option<u64> {
        (self.attributes & ATTRIBUTE_DIRECTORY != 0 && self.children != 0).then_some(self.children)
    }
}

impl Metadata {
    pub(super) fn new(data: Vec<u8>, at: u64) -> Self {
        Self { data, at }
    }

    /// The file at a path like `Windows/Boot`, upper and lower case alike, with either slash.
    pub(super) fn find(&self, path: &str) -> Result<Option<WimFile>, FormatError> {
        let mut budget = MAX_ENTRIES;
        let mut directory = self.root(&mut budget)?;
        let mut seen = HashSet::new();
        let mut found: Option<WimFile> = None;
        for name in path.split(['/', '\\']).filter(|name| !name.is_empty()) {
            let Some(children) = directory else {
                return Ok(None);
            };
            if !seen.insert(children) {
                return Err(self.damaged(children, "a directory below its parent", "a directory above it"));
            }
            let wanted = fold(&name.encode_utf16().collect::<Vec<_>>());
            let entries = self.read_directory(children, &mut budget)?;
            let Some(entry) = entries.into_iter().find(|entry| fold(&entry.name) == wanted) else {
                return Ok(None);
            };
            directory = entry.directory();
            found = Some(entry.to_file(found.as_ref().map_or("", |folder| &folder.path)));
        }
        Ok(found)
    }

    /// Everything below the root, directories before what they hold.
    pub(super) fn walk(&self) -> Result<Vec<WimFile>, FormatError> {
        let mut budget = MAX_ENTRIES;
        let mut path_bytes = 0;
        let mut open: Vec<(String, u64)> =
            self.root(&mut budget)?.into_iter().map(|children| (String::new(), children)).collect();
        let mut seen = HashSet::new();
        let mut files = Vec::new();
        while let Some((folder, children)) = open.pop() {
            let entries = self.read_directory(children, &mut budget)?;
            // Empty directories may have their end in common.
            if !entries.is_empty() && !seen.insert(children) {
                return Err(self.damaged(children, "a directory with one parent", "one with two"));
            }
            for entry in entries {
                let file = entry.to_file(&folder);
                path_bytes += file.path.len();
                if path_bytes > MAX_PATH_BYTES {
                    let limit = MAX_PATH_BYTES as u64;
                    return Err(FormatError::Limit {
                        what: "length of all paths of a WIM image",
                        at: self.at,
                        limit,
                    });
                }
                open.extend(entry.directory().map(|children| (file.path.clone(), children)));
                files.push(file);
            }
        }
        Ok(files)
    }

    /// The root's own entry.
    pub(super) fn stored_root(&self) -> Result<StoredEntry, FormatError> {
        let at = self.root_at()?;
        let mut budget = MAX_ENTRIES;
        let root = self.entry(at, &mut budget)?;
        let (root, next) = root.ok_or_else(|| self.damaged(at, "the root", "the end of a directory"))?;
        Ok(self.stored(root, at, next))
    }

    /// The entries of the directory that begins at `at`, in their order.
    pub(super) fn stored_directory(&self, mut at: u64) -> Result<Vec<StoredEntry>, FormatError> {
        let (mut budget, mut entries) = (MAX_ENTRIES, Vec::new());
        while let Some((entry, next)) = self.entry(at, &mut budget)? {
            entries.push(self.stored(entry, at, next));
            at = next;
        }
        Ok(entries)
    }

    fn stored(&self, entry: Dentry, at: u64, next: u64) -> StoredEntry {
        StoredEntry {
            // Both lie in the metadata, or the entry could not have been read.
            bytes: at as usize..next as usize,
            folded: fold(&entry.name),
            attributes: entry.attributes,
            children: entry.children,
            security: u32_le(&self.data[at as usize..], 0x0C),
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.data
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// Where the root's entries begin.
    fn root(&self, budget: &mut usize) -> Result<Option<u64>, FormatError> {
        let root = self.entry(self.root_at()?, budget)?;
        Ok(root.and_then(|(root, _)| (root.children != 0).then_some(root.children)))
    }

    fn root_at(&self) -> Result<u64, FormatError> {
        // The security data begins with its own length, which does not count what aligns its end.
        let Some(security_bytes) = self.data.first_chunk::<4>() else {
            return Err(self.damaged(0, "security data", "the end"));
        };
        Ok(u64::from(u32::from_le_bytes(*security_bytes)).next_multiple_of(8).max(8))
    }

    fn read_directory(&self, mut at: u64, budget: &mut usize) -> Result<Vec<Dentry>, FormatError> {
        let mut entries = Vec::new();
        let mut names = HashSet::new();
        while let Some((entry, next)) = self.entry(at, budget)? {
            self.check_name(&entry.name, at)?;
            if !names.insert(fold(&entry.name)) {
                let name = String::from_utf16_lossy(&entry.name);
                return Err(self.damaged(at, "different names in a directory", format!("{name:?} again")));
            }
            entries.push(entry);
            at = next;
        }
        Ok(entries)
    }

    /// Anything that could lead out of a directory is damage.
    fn check_name(&self, name: &[u16], at: u64) -> Result<(), FormatError> {
        const DOT: u16 = b'.' as u16;
        let is_forbidden = |unit: &u16| [0, u16::from(b'/'), u16::from(b'\\')].contains(unit);
        if matches!(name, [] | [DOT] | [DOT, DOT]) || name.iter().any(is_forbidden) {
            return Err(self.damaged(at, "a plain name", format!("{:?}", String::from_utf16_lossy(name))));
        }
        Ok(())
    }

    /// The entry at `at` and the place of the next one; `None` at the end of a directory.
    fn entry(&self, at: u64, budget: &mut usize) -> Result<Option<(Dentry, u64)>, FormatError> {
        self.pay(budget, 1)?;
        let rest = usize::try_from(at).ok().and_then(|at| self.data.get(at..)).unwrap_or_default();
        if rest.len() < 8 {
            return Err(self.damaged(at, "an entry", "the end of the metadata"));
        }
        let len_bytes = u64_le(rest, 0);
        if len_bytes <= 8 {
            return Ok(None);
        }
        let (entry, mut next) = self
            .sized(rest, len_bytes, ENTRY_FIXED_BYTES)
            .ok_or_else(|| self.damaged(at, "an entry within the metadata", format!("{len_bytes} bytes")))?;
        let (name_bytes, short_bytes) = (u16_le(entry, 0x64), u16_le(entry, 0x62));
        // Each name that is there ends with a zero.
        let with_end = |bytes: u16| if bytes == 0 { 0 } else { usize::from(bytes) + 2 };
        let needed = ENTRY_FIXED_BYTES + with_end(name_bytes) + with_end(short_bytes);
        let is_whole = name_bytes.is_multiple_of(2) && short_bytes.is_multiple_of(2);
        if !is_whole || needed > entry.len() {
            return Err(self.damaged(at, "names within the entry", format!("{needed} bytes of {len_bytes}")));
        }
        let mut sha1 = array(entry, 0x40);
        let streams = u16_le(entry, 0x60);
        self.pay(budget, streams.into())?;
        for _ in 0..streams {
            let stream_at = at + (rest.len() - next.len()) as u64;
            let stream_bytes = next.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            let (stream, after) = self.sized(next, stream_bytes, STREAM_FIXED_BYTES).ok_or_else(|| {
                self.damaged(stream_at, "a stream entry within the metadata", format!("{stream_bytes} bytes"))
            })?;
            // Where there are streams, the one without a name is the file's data.
            if u16_le(stream, 36) == 0 && stream[16..36] != [0; 20] {
                sha1 = array(stream, 16);
            }
            next = after;
        }
        let dentry = Dentry {
            name: units(&entry[ENTRY_FIXED_BYTES..ENTRY_FIXED_BYTES + usize::from(name_bytes)]),
            attributes: u32_le(entry, 8),
            children: u64_le(entry, 0x10),
            sha1,
        };
        Ok(Some((dentry, at + (rest.len() - next.len()) as u64)))
    }

    /// The first `len_bytes` of `rest`, if they are at least `min_bytes`, and what follows at the next multiple of 8.
    fn sized<'a>(&self, rest: &'a [u8], len_bytes: u64, min_bytes: usize) -> Option<(&'a [u8], &'a [u8])> {
        let len = usize::try_from(len_bytes).ok().filter(|len| *len >= min_bytes)?;
        let entry = rest.get(..len)?;
        Some((entry, rest.get(len.checked_next_multiple_of(8)?..)?))
    }

    fn pay(&self, budget: &mut usize, count: usize) -> Result<(), FormatError> {
        let limit = MAX_ENTRIES as u64;
        let too_many = FormatError::Limit { what: "number of files of a WIM image", at: self.at, limit };
        *budget = budget.checked_sub(count).ok_or(too_many)?;
        Ok(())
    }

    /// Damage at a byte of the metadata, of which only the whole resource has a place in the file.
    fn damaged(&self, place: u64, expected: &str, actual: impl std::fmt::Display) -> FormatError {
        FormatError::damaged(WHAT, self.at, expected, format!("{actual}, at byte {place} of the metadata"))
    }
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Names that Windows takes for the same fold to the same: it compares 16-bit units, each in upper case. Letters whose
/// upper case has another lower case (long s, dotless i) stay apart there, but for the final sigma.
pub(super) fn fold(name: &[u16]) -> Vec<u16> {
    let fold_unit = |unit: u16| {
        let upper = char::from_u32(unit.into()).and_then(|lower| {
            let upper = single(lower.to_uppercase())?;
            (lower == 'ς' || single(upper.to_lowercase())? == lower).then_some(upper)
        });
        upper.and_then(|upper| u16::try_from(u32::from(upper)).ok()).unwrap_or(unit)
    };
    name.iter().map(|unit| fold_unit(*unit)).collect()
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}
