//! Files of the user's that go onto the stick beside those of the image.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::Serialize;

use super::SourceError;
use super::stream::read_at;
use crate::answer::SecretBytes;

/// More files than this are no addition to an install stick.
const MAX_FILES: usize = 200_000;
const MAX_DEPTH: usize = 64;

/// A file, or a folder without content of its own, and its place on the stick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addition {
    /// `$WinPEDriver$/usb3/xhci.inf`
    pub dest: String,
    pub origin: Origin,
    pub kind: AdditionKind,
    pub modified_unix_secs: Option<i64>,
    /// Takes the place of a file of the image, which must be there.
    pub replaces: bool,
    /// Belongs to the stick's answer file, and goes when another one comes.
    pub of_answer: bool,
}

/// Where an addition comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Disk(PathBuf),
    /// Made by the program. It may hold passwords.
    Memory {
        bytes: SecretBytes,
        /// What of, in words: `the answer file profile.toml`.
        of: String,
    },
}

impl Origin {
    /// Where it lies on this computer, if it does.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Disk(path) => Some(path),
            Self::Memory { .. } => None,
        }
    }
}

/// `/home/ada/tool.exe`, `the answer file profile.toml`
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk(path) => path.display().fmt(f),
            Self::Memory { of, .. } => f.write_str(of),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdditionKind {
    File { len_bytes: u64 },
    Folder,
}

impl Addition {
    /// 0 of folders.
    pub fn len_bytes(&self) -> u64 {
        match self.kind {
            AdditionKind::File { len_bytes } => len_bytes,
            AdditionKind::Folder => 0,
        }
    }
}

/// What the user asks for: a file or a folder, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddRequest {
    pub path: PathBuf,
    /// Path on the stick; with a slash at its end, a folder that it goes into. `None`: the root.
    pub dest: Option<String>,
    pub replaces: bool,
}

/// Lists what these requests put onto the stick: each folder before its content, in order of their names.
pub fn gather(requests: &[AddRequest]) -> Result<Vec<Addition>, SourceError> {
    let mut found = Vec::new();
    for request in requests {
        let path = &request.path;
        let metadata = fs::metadata(path).map_err(|source| cannot_open(path, source))?;
        let name = || path.canonicalize().ok().and_then(|p| Some(p.file_name()?.to_str()?.to_owned()));
        let dest = match request.dest.as_deref().map(|dest| dest.replace('\\', "/")) {
            Some(dest) if !dest.is_empty() && !dest.ends_with('/') => dest,
            folder => {
                let name = name().ok_or_else(|| unusable(path, "its name is no text"))?;
                format!("{}{name}", folder.unwrap_or_default())
            }
        };
        let dest = dest.trim_matches('/').to_owned();
        if dest.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(unusable(path, &format!("“{dest}” is no path on the stick")));
        }
        if request.replaces && !metadata.is_file() {
            return Err(unusable(path, "only a single file can replace a file of the image"));
        }
        list(path, &metadata, dest, request.replaces, 0, &mut found)?;
    }
    Ok(found)
}

fn list(
    path: &Path,
    metadata: &Metadata,
    dest: String,
    replaces: bool,
    depth: usize,
    found: &mut Vec<Addition>,
) -> Result<(), SourceError> {
    if found.len() >= MAX_FILES || depth > MAX_DEPTH {
        return Err(unusable(path, "there is more in it than an install stick can be meant to carry"));
    }
    let kind = if metadata.is_file() {
        AdditionKind::File { len_bytes: metadata.len() }
    } else if metadata.is_dir() {
        AdditionKind::Folder
    } else {
        return Err(unusable(path, "it is neither a file nor a folder"));
    };
    found.push(Addition {
        dest: dest.clone(),
        origin: Origin::Disk(path.to_owned()),
        kind,
        modified_unix_secs: modified(metadata),
        replaces,
        of_answer: false,
    });
    if kind == AdditionKind::Folder {
        let entries = fs::read_dir(path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
        let mut entries = entries.map_err(|source| cannot_open(path, source))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| unusable(&path, "its name is no text"))?;
            // Links are followed: what counts is what the stick will hold. Depth bounds those that lead back.
            let metadata = fs::metadata(&path).map_err(|source| cannot_open(&path, source))?;
            list(&path, &metadata, format!("{dest}/{name}"), replaces, depth + 1, found)?;
        }
    }
    Ok(())
}

pub(super) fn modified(metadata: &Metadata) -> Option<i64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

fn cannot_open(path: &Path, source: io::Error) -> SourceError {
    SourceError::Open { path: path.to_owned(), source }
}

fn unusable(path: &Path, what: &str) -> SourceError {
    SourceError::Sidecar { path: path.to_owned(), what: what.to_owned() }
}

/// Reads additions, one after the other, each of which must still be what it was when it was listed.
pub struct AdditionReader<'a> {
    additions: &'a [Addition],
    open: Option<(usize, File)>,
}

impl<'a> AdditionReader<'a> {
    pub fn new(additions: &'a [Addition]) -> Self {
        Self { additions, open: None }
    }

    /// Fills all of `buf` from byte `offset` of the addition with this number.
    pub fn read(&mut self, index: usize, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        let Some(addition) = self.additions.get(index) else {
            return Err(SourceError::NotAnImage(format!("there is no addition {index}")));
        };
        let path = match &addition.origin {
            Origin::Disk(path) => path,
            Origin::Memory { bytes, .. } => {
                let start = usize::try_from(offset).ok();
                let range = start.and_then(|start| Some(start..start.checked_add(buf.len())?));
                let Some(piece) = range.and_then(|range| bytes.reveal().get(range)) else {
                    let what = format!("{} ends before its byte {offset}", addition.dest);
                    return Err(SourceError::NotAnImage(what));
                };
                buf.copy_from_slice(piece);
                return Ok(());
            }
        };
        let file = match &mut self.open {
            Some((open, file)) if *open == index => file,
            slot => {
                let file = File::open(path).map_err(|source| cannot_open(path, source))?;
                let metadata = file.metadata().map_err(|source| cannot_open(path, source))?;
                let same = addition.kind == AdditionKind::File { len_bytes: metadata.len() }
                    && addition.modified_unix_secs == modified(&metadata);
                if !same {
                    return Err(SourceError::Changed { path: path.clone() });
                }
                &mut slot.insert((index, file)).1
            }
        };
        match read_at(file, offset, buf)? {
            read if read == buf.len() => Ok(()),
            _ => Err(SourceError::Changed { path: path.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &Path, dest: Option<&str>) -> AddRequest {
        AddRequest { path: path.to_owned(), dest: dest.map(str::to_owned), replaces: false }
    }

    #[test]
    fn folders_and_files_find_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let drivers = folder.path().join("drivers");
        fs::create_dir_all(drivers.join("usb3/empty")).unwrap();
        fs::write(drivers.join("usb3/b.inf"), b"b").unwrap();
        fs::write(drivers.join("a.inf"), b"aa").unwrap();
        let dests = |request: AddRequest| {
            gather(&[request]).unwrap().into_iter().map(|found| found.dest).collect::<Vec<_>>()
        };
        let below = ["", "/a.inf", "/usb3", "/usb3/b.inf", "/usb3/empty"];
        for (dest, at) in
            [(None, "drivers"), (Some("$WinPEDriver$"), "$WinPEDriver$"), (Some("x\\y/"), "x/y/drivers")]
        {
            assert_eq!(dests(request(&drivers, dest)), below.map(|path| format!("{at}{path}")));
        }
        let file = drivers.join("a.inf");
        assert_eq!(dests(request(&file, Some("/tools/b.inf"))), ["tools/b.inf"]);
        for bad in ["../x", "a//b", "."] {
            assert!(gather(&[request(&file, Some(bad))]).is_err(), "{bad}");
        }
        assert!(gather(&[AddRequest { replaces: true, ..request(&drivers, None) }]).is_err());
        assert!(gather(&[request(&folder.path().join("none"), None)]).is_err());
    }

    #[test]
    fn a_file_that_changed_since_it_was_listed_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"0123456789").unwrap();
        let additions = gather(&[request(&path, None)]).unwrap();
        let mut buf = [0; 4];
        AdditionReader::new(&additions).read(0, 3, &mut buf).unwrap();
        assert_eq!(&buf, b"3456");
        assert!(AdditionReader::new(&additions).read(0, 8, &mut buf).is_err());
        fs::write(&path, b"012345").unwrap();
        assert!(matches!(
            AdditionReader::new(&additions).read(0, 0, &mut buf),
            Err(SourceError::Changed { .. })
        ));
    }

    #[test]
    fn what_is_in_memory_is_read_like_a_file_and_shown_nowhere() {
        let bytes = SecretBytes::new(*b"0123hunter2");
        let addition = Addition {
            dest: "a.xml".to_owned(),
            kind: AdditionKind::File { len_bytes: bytes.len_bytes() },
            origin: Origin::Memory { bytes, of: "the answer file p.toml".to_owned() },
            modified_unix_secs: None,
            replaces: false,
            of_answer: true,
        };
        assert_eq!(addition.origin.to_string(), "the answer file p.toml");
        let shown = format!("{addition:?} {}", serde_json::to_string(&addition).unwrap());
        assert!(!shown.contains("hunter"), "{shown}");
        let additions = [addition];
        let mut reader = AdditionReader::new(&additions);
        let mut buf = [0; 4];
        reader.read(0, 2, &mut buf).unwrap();
        assert_eq!(&buf, b"23hu");
        for past in [8, u64::MAX] {
            assert!(reader.read(0, past, &mut buf).is_err(), "{past}");
        }
    }
}
