//! The files of Windows media, as far as planning a stick needs them: where their bytes lie in the image, which loader
//! can be taken out of an image, and the tables of install images that may have to be split.

use std::io::{Read, Seek};
use std::sync::Arc;

use super::{Architecture, WindowsFacts};
use crate::format::FormatError;
use crate::format::iso9660::Iso9660;
use crate::format::pe::Pe;
use crate::format::tree::{Entry, EntryKind, FileExtent, FileReader, ImageTree};
use crate::format::udf::Udf;
use crate::format::wim::{self, Wim};

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
    /// Install images that can be split, by their path.
    pub splittable: Vec<(String, wim::Tables)>,
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
    pub modified_unix_secs: Option<i64>,
}

/// Lists the files of `image`, a disc that holds Windows media. UDF is read first; beside it, ISO 9660 is a decoy.
pub(in crate::source) fn read(
    image: &(impl Read + Seek + Clone),
    facts: &WindowsFacts,
) -> Result<WindowsMedia, FormatError> {
    let (label, entries) = match Udf::open(image.clone())? {
        Some(mut tree) => (tree.label().map(str::to_owned), tree.walk()?),
        None => match Iso9660::open(image.clone())? {
            Some(mut tree) => (tree.label().map(str::to_owned), tree.walk()?),
            None => return Err(FormatError::damaged("image", 0, "the file system of a disc", "none")),
        },
    };
    let mut media = WindowsMedia {
        label,
        folders: Vec::new(),
        files: Vec::new(),
        loader: None,
        loader_missing: None,
        splittable: Vec::new(),
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
    for install in facts.install.iter().filter(|install| install.parts.len() == 1 && !install.is_solid) {
        // One that is too large and cannot be split is refused by the plan, which knows whether it has to be.
        if let Some(entry) = find(&install.path)
            && let Ok(tables) = Wim::open(FileReader::new(image.clone(), entry)).and_then(Wim::into_tables)
        {
            media.splittable.push((install.path.clone(), tables));
        }
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
            Ok(Some((bytes, modified_unix_secs))) => {
                let from = format!("image {} of {}", place.index, place.path);
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
) -> Result<Option<(Vec<u8>, Option<i64>)>, FormatError> {
    let (bytes, modified) = match wim::read_file(image, parts, index, LOADER_IN_IMAGE, MAX_LOADER_BYTES)? {
        Some(found) => found,
        None => return Ok(None),
    };
    let machine = Pe::parse(&bytes)?.architecture();
    if machine != Some(Architecture::X64) {
        let found = machine.map_or_else(|| "another machine".to_owned(), |machine| machine.to_string());
        return Err(FormatError::damaged("bootmgfw.efi", 0, "a program for x64", found));
    }
    Ok(Some((bytes, modified)))
}
