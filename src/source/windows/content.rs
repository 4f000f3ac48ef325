//! The files of Windows media, as far as planning a stick needs them: where their bytes lie in the image, which loader
//! can be taken out of an image, and the tables of install images that may have to be split.

use std::io::{Cursor, Read, Seek};
use std::sync::Arc;

use super::boot_wim::{self, BootWim};
use super::{Architecture, WindowsFacts, runs_on};
use crate::format::pe::Pe;
use crate::format::tree::{Entry, EntryKind, FileExtent, FileReader};
use crate::format::wim::{self, Header, Resource, Wim};
use crate::format::{FormatError, disc};

/// Real loaders have 0.6 to 3 MB.
const MAX_LOADER_BYTES: u64 = 16 << 20;
/// Where Windows keeps the loader that starts it by UEFI.
const LOADER_IN_IMAGE: &str = "Windows/Boot/EFI/bootmgfw.efi";

/// All that a stick is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowsMedia {
    pub label: Option<String>,
    /// Path, time of the last change.
    pub folders: Vec<(String, Option<i64>)>,
    pub files: Vec<MediaFile>,
    /// The loader that goes to `EFI/BOOT/BOOTX64.EFI`, where the media have none.
    pub loader: Option<Loader>,
    /// Why there is no such loader though there should be one.
    pub loader_missing: Option<String>,
    /// Of install images that are not solid, by their path: what splitting them needs, or why they cannot be read.
    pub splittable: Vec<(String, Result<WimTables, String>)>,
    /// What putting files into the image that starts needs, or why there is no such thing; by the path of each.
    pub boot_wims: Vec<(String, Result<BootWim, String>)>,
}

/// What splitting a WIM file needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WimTables {
    pub header: Header,
    pub resources: Vec<Resource>,
    pub xml: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFile {
    /// As the media spell it: `sources/boot.wim`.
    pub path: String,
    pub len_bytes: u64,
    /// Where its bytes lie in the image.
    pub extents: Vec<FileExtent>,
    pub modified_unix_secs: Option<i64>,
}

/// A program for UEFI firmware that was read out of a WIM file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loader {
    pub bytes: Arc<[u8]>,
    /// `image 1 of sources/install.wim`
    pub from: String,
    /// Of that file.
    pub modified_unix_secs: Option<i64>,
}

/// Lists the files of `image`, a disc that holds Windows media. UDF is read first; beside it, ISO 9660 is a decoy.
pub(in crate::source) fn read(
    image: &(impl Read + Seek + Clone),
    facts: &WindowsFacts,
) -> Result<WindowsMedia, FormatError> {
    let mut disc = image.clone();
    let Some(mut disc) = disc::open_tree(&mut disc)? else {
        return Err(FormatError::damaged("image", 0, "the file system of a disc", "none"));
    };
    let (label, entries) = (disc.tree.label().map(str::to_owned), disc.tree.walk()?);
    let mut media = WindowsMedia {
        label,
        folders: Vec::new(),
        files: Vec::new(),
        loader: None,
        loader_missing: None,
        splittable: Vec::new(),
        boot_wims: Vec::new(),
    };
    for (path, entry) in &entries {
        let modified_unix_secs = entry.modified_unix_secs;
        match entry.kind {
            EntryKind::Directory => media.folders.push((path.clone(), modified_unix_secs)),
            EntryKind::File => media.files.push(MediaFile {
                path: path.clone(),
                len_bytes: entry.len_bytes,
                extents: entry.extents.clone(),
                modified_unix_secs,
            }),
            EntryKind::Other => {}
        }
    }
    let find = |path: &str| entries.iter().find(|(found, _)| found == path).map(|(_, entry)| entry);
    match loader(image, facts, &find) {
        Ok(loader) => media.loader = loader,
        Err(error) => media.loader_missing = Some(error.to_string()),
    }
    media.boot_wims = boot_wim::read(image, facts, &find);
    for install in facts.install.iter().filter(|install| install.parts.len() == 1 && !install.is_solid) {
        let Some(entry) = find(&install.path) else { continue };
        // Whether one has to be split at all, the plan decides.
        let tables = match Wim::open(FileReader::new(image.clone(), entry)) {
            Ok(wim) if wim.is_solid() => continue,
            Ok(wim) => Ok(WimTables {
                header: wim.header().clone(),
                resources: wim.resources().to_vec(),
                xml: wim.xml().to_vec(),
            }),
            Err(error) => Err(error.to_string()),
        };
        media.splittable.push((install.path.clone(), tables));
    }
    Ok(media)
}

/// The first loader for x64 in the images that may hold one. `None`: no image is expected to.
fn loader<'a>(
    image: &(impl Read + Seek + Clone),
    facts: &WindowsFacts,
    find: &dyn Fn(&str) -> Option<&'a Entry>,
) -> Result<Option<Loader>, FormatError> {
    let mut first_error = None;
    for place in &facts.boot.uefi_from_image {
        let parts = facts
            .install
            .iter()
            .find(|install| install.path == place.path)
            .map_or_else(|| vec![place.path.clone()], |install| install.parts.clone());
        let entries: Vec<&Entry> = parts.iter().filter_map(|part| find(part)).collect();
        match loader_in_image(image, &entries, place.index) {
            Ok(Some(bytes)) => {
                let from = format!("image {} of {}", place.index, place.path);
                let modified_unix_secs = entries.first().and_then(|part| part.modified_unix_secs);
                return Ok(Some(Loader { bytes: bytes.into(), from, modified_unix_secs }));
            }
            Ok(None) => {}
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    first_error.map_or(Ok(None), Err)
}

/// The loader in one image of a WIM file, or of a set of parts; checked to be a program for x64.
fn loader_in_image(
    image: &(impl Read + Seek + Clone),
    parts: &[&Entry],
    index: u32,
) -> Result<Option<Vec<u8>>, FormatError> {
    let readers = parts.iter().map(|part| Wim::open(FileReader::new(image.clone(), part)));
    let mut wims = readers.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = wims.first_mut() else { return Ok(None) };
    if first.find(index, LOADER_IN_IMAGE)?.is_none() {
        return Ok(None);
    }
    let Some(bytes) = wim::read_file_from_set(&mut wims, index, LOADER_IN_IMAGE, MAX_LOADER_BYTES)? else {
        return Ok(None);
    };
    match Pe::read(&mut Cursor::new(&bytes))? {
        Some(pe) if runs_on(pe.machine, Architecture::X64) => Ok(Some(bytes)),
        _ => Err(FormatError::damaged("bootmgfw.efi", 0, "a program for x64", "another machine’s, or none")),
    }
}
