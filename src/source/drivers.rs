//! A folder of drivers that the user gave: its files, and what its INF files say.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha1::{Digest as _, Sha1};

use super::SourceError;
use super::addition::{AddRequest, Addition, AdditionKind, gather};
use crate::format::inf::{Inf, MAX_INF_BYTES};

/// Where Windows Setup looks for drivers on the media that it started from (Microsoft, KB2686316).
pub const DRIVERS_FOLDER: &str = "$WinPEDriver$";
/// What is loaded into memory at every start, before Setup; drivers of controllers have a few megabytes.
pub const MAX_IN_SETUP_BYTES: u64 = 256 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverFolder {
    pub path: PathBuf,
    /// Its folder in `$WinPEDriver$`.
    pub name: String,
    /// Itself, and all that is in it.
    pub additions: Vec<Addition>,
    /// Of each addition that has content; none of folders with more than [`MAX_IN_SETUP_BYTES`].
    pub sha1: Vec<Option<[u8; 20]>>,
    pub infs: Vec<DriverInf>,
    /// Programs and archives, which may have drivers in them.
    pub packed: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverInf {
    /// `usb3/amd64/xhci.inf`, from the folder on.
    pub path: String,
    /// Or why it is no driver's: a clause.
    pub inf: Result<Inf, String>,
}

/// Lists these folders, and reads their INF files.
pub fn list_drivers(folders: &[PathBuf]) -> Result<Vec<DriverFolder>, SourceError> {
    folders.iter().map(|folder| list(folder)).collect()
}

fn list(path: &Path) -> Result<DriverFolder, SourceError> {
    let unusable = |what: &str| SourceError::Sidecar { path: path.to_owned(), what: what.to_owned() };
    if fs::metadata(path).map_err(|source| cannot_open(path, source))?.is_file() {
        return Err(unusable(
            "it is no folder; unpack it first, and name the folder that its INF files are in",
        ));
    }
    let dest = Some(format!("{DRIVERS_FOLDER}/"));
    let additions = gather(&[AddRequest { path: path.to_owned(), dest, replaces: false }])?;
    let root = additions.first().map(|first| first.dest.clone()).unwrap_or_default();
    let name = root.strip_prefix(DRIVERS_FOLDER).unwrap_or_default().trim_matches('/').to_owned();
    let bytes: u64 = additions.iter().map(Addition::len_bytes).sum();
    let (mut sha1, mut infs, mut packed) = (Vec::new(), Vec::new(), Vec::new());
    for addition in &additions {
        let below = addition.dest.strip_prefix(&root).unwrap_or_default().trim_start_matches('/').to_owned();
        let is_hashed = bytes <= MAX_IN_SETUP_BYTES && addition.len_bytes() > 0;
        sha1.push(if is_hashed { Some(digest(addition)?) } else { None });
        let ending = below.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref() {
            _ if addition.kind == AdditionKind::Folder => {}
            Some("inf") => infs.push(DriverInf { inf: read_inf(addition)?, path: below }),
            Some("exe" | "msi" | "zip" | "7z" | "rar" | "cab" | "msu") => packed.push(below),
            _ => {}
        }
    }
    Ok(DriverFolder { path: path.to_owned(), name, additions, sha1, infs, packed })
}

/// All of an addition's bytes, or the first `limit_bytes`, piece by piece.
fn read(addition: &Addition, limit_bytes: u64, take: &mut dyn FnMut(&[u8])) -> Result<(), SourceError> {
    // What was gathered lies on the disk.
    let path = addition.origin.path().unwrap_or(Path::new(&addition.dest));
    let failed = |source| cannot_open(path, source);
    let mut file = File::open(path).map_err(failed)?.take(limit_bytes);
    let mut piece = vec![0; 256 * 1024];
    loop {
        match file.read(&mut piece).map_err(failed)? {
            0 => return Ok(()),
            len => take(&piece[..len]),
        }
    }
}

fn read_inf(addition: &Addition) -> Result<Result<Inf, String>, SourceError> {
    let mut bytes = Vec::new();
    // One byte more than there may be is one that is too many.
    read(addition, MAX_INF_BYTES as u64 + 1, &mut |piece| bytes.extend_from_slice(piece))?;
    Ok(Inf::parse(&bytes).map_err(|error| error.to_string()))
}

/// What finds the file's content in a WIM file. Whoever reads the file later checks that it is still of that time.
fn digest(addition: &Addition) -> Result<[u8; 20], SourceError> {
    let mut hasher = Sha1::new();
    read(addition, u64::MAX, &mut |piece| hasher.update(piece))?;
    Ok(hasher.finalize().into())
}

fn cannot_open(path: &Path, source: std::io::Error) -> SourceError {
    SourceError::Open { path: path.to_owned(), source }
}
