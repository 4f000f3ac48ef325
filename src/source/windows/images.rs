//! One WIM file of the media, by its header, its XML data and, as far as that can be read, its lookup table.

use std::io::{Read, Seek};

use super::{Architecture, Edition};
use crate::format::FormatError;
use crate::format::tree::FileReader;
use crate::format::wim::{self, Header, Wim, WimImage};

use super::media::MediaFile;

/// What is worth knowing of a WIM file here.
#[derive(Debug)]
pub(super) struct WimSummary {
    pub images: Vec<WimImage>,
    pub boot_index: u32,
    pub is_solid: bool,
    /// How many files the set has that this one belongs to.
    pub total_parts: u16,
}

pub(super) fn read(image: &mut (impl Read + Seek), file: &MediaFile) -> Result<WimSummary, FormatError> {
    let mut reader = FileReader::new(image, &file.entry);
    let header = Header::read(&mut reader)?;
    let images = wim::read_images(&mut reader)?;
    // The lookup table is not needed for more than this, so that its damage hides nothing else.
    let is_solid = Wim::open(&mut reader).map_or(header.has_solid_version(), |wim| wim.is_solid());
    Ok(WimSummary { images, boot_index: header.boot_index, is_solid, total_parts: header.total_parts })
}

pub(super) fn architecture(image: &WimImage) -> Option<Architecture> {
    image.architecture.and_then(Architecture::from_wim)
}

/// The default language first.
pub(super) fn languages(image: &WimImage) -> Vec<String> {
    let mut languages: Vec<String> = image.default_language.iter().cloned().collect();
    for language in &image.languages {
        push_new(&mut languages, language.clone());
    }
    languages
}

pub(super) fn edition(path: &str, image: &WimImage) -> Edition {
    let name = image.name.clone().or_else(|| image.display_name.clone());
    Edition {
        source: path.to_owned(),
        index: image.index,
        name: name.unwrap_or_else(|| format!("Image {}", image.index)),
        display_name: image.display_name.clone(),
        edition_id: image.edition_id.clone(),
        installation_type: image.installation_type.clone(),
        architecture: architecture(image),
        version: image.version,
        languages: languages(image),
    }
}

/// Appends what is not there yet.
pub(super) fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
