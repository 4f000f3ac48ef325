//! The image as an optical disc: its volume, its boot catalog, and what its files say.

use std::io::{Read, Seek};

use super::{Reach, system};
use crate::base::ByteSize;
use crate::format::FormatError;
use crate::format::disc::{DiscTree, open_tree};
use crate::format::eltorito::{self, Platform};
use crate::format::iso9660::Iso9660;
use crate::format::tree::ImageTree;
use crate::format::udf::Udf;
use crate::source::BootRecord;
use crate::source::windows::{self, Media, WindowsFacts};

#[derive(Debug, Default)]
pub(super) struct Disc {
    pub label: Option<String>,
    pub system: Option<String>,
    pub windows: Option<WindowsFacts>,
    /// How the image would start from an optical disc.
    pub boot: Vec<BootRecord>,
    pub notes: Vec<String>,
}

/// `None` when the image holds no volume of an optical disc.
pub(super) fn survey(image: &mut (impl Read + Seek), reach: &Reach) -> Option<Disc> {
    let mut disc = Disc::default();
    let iso = disc.opened("ISO 9660", Iso9660::open(&mut *image));
    let has_iso = iso.is_some();
    if let Some(iso) = iso {
        disc.label = iso.label().map(str::to_owned);
        disc.note_size(reach, iso.size_bytes());
    }
    let udf = disc.opened("UDF", Udf::open(&mut *image));
    // Discs have blocks of 2048 bytes. A UDF volume with others is a drive's.
    if let Some(udf) = udf.filter(|udf| has_iso || udf.block_bytes() == 2048) {
        disc.label = udf.label().map(str::to_owned).or(disc.label);
        disc.note_size(reach, udf.end_bytes());
    } else if !has_iso {
        return None;
    }
    disc.survey_files(image, reach);
    if disc.system.is_none() {
        disc.system = disc.label.as_deref().and_then(system::from_label);
    }
    disc.survey_boot_catalog(image);
    Some(disc)
}

impl Disc {
    fn opened<T>(&mut self, volume: &str, result: Result<Option<T>, FormatError>) -> Option<T> {
        result.unwrap_or_else(|error| {
            if !error.is_past_end() {
                self.notes.push(format!("The {volume} volume cannot be read: {error}."));
            }
            None
        })
    }

    fn note_size(&mut self, reach: &Reach, volume_bytes: u64) {
        if let Some(image_bytes) = reach.image_bytes.filter(|bytes| *bytes < volume_bytes) {
            let note = format!(
                "The disc's volume has {}, but the image only {}: it may be incomplete. Compare its checksum.",
                ByteSize(volume_bytes),
                ByteSize(image_bytes)
            );
            // Both volumes of a bridged disc miss the same end.
            if !self.notes.iter().any(|n| n.starts_with("The disc's volume")) {
                self.notes.push(note);
            }
        }
    }

    fn survey_files(&mut self, image: &mut (impl Read + Seek), reach: &Reach) {
        let media = match open_tree(image) {
            Ok(Some(DiscTree { mut tree, passed_over })) => {
                if let Some(error) = passed_over {
                    self.note_passed_over(&error);
                }
                let found = Media::find(&mut *tree);
                if !matches!(found, Ok(Some(_))) {
                    self.system = system::from_files(&mut *tree);
                }
                found
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        match media {
            Ok(Some(media)) => {
                let windows = windows::survey(image, &media, reach.is_whole(), &mut self.notes);
                self.system = Some(system::from_windows(&windows));
                self.windows = Some(windows);
            }
            Ok(None) => {}
            Err(error) if error.is_past_end() => self.note_unseen_windows(),
            Err(error) => self.note_unlisted(&error),
        }
    }

    fn note_passed_over(&mut self, error: &FormatError) {
        // Why a volume cannot be opened was said already.
        let error = error.to_string();
        if !self.notes.iter().any(|note| note.contains(&error)) {
            self.notes.push(format!("The files of the UDF volume cannot be read: {error}."));
        }
        self.notes.push(
            "Its files are taken from the ISO 9660 volume instead, which may give wrong sizes for those over 4 GB."
                .to_owned(),
        );
    }

    fn note_unlisted(&mut self, error: &FormatError) {
        // Why a volume cannot be opened was said already.
        let error = error.to_string();
        if !self.notes.iter().any(|note| note.contains(&error)) {
            self.notes.push(format!("Its files cannot be listed: {error}."));
        }
    }

    /// A label alone convicts nobody: other discs may carry it.
    fn note_unseen_windows(&mut self) {
        if self.label.as_deref().is_some_and(system::is_windows_label) {
            self.notes.push(
                "Its label is that of Windows setup media, but its files lie beyond the part that could be looked at. \
                 If it is Windows, a raw copy does not start."
                    .to_owned(),
            );
        }
    }

    fn survey_boot_catalog(&mut self, image: &mut (impl Read + Seek)) {
        match eltorito::read_entries(image) {
            Ok(entries) => {
                for entry in entries.iter().filter(|entry| entry.is_bootable) {
                    let record = match entry.platform {
                        Platform::Bios => BootRecord::ElToritoBios,
                        Platform::Uefi => BootRecord::ElToritoUefi,
                        _ => continue,
                    };
                    if !self.boot.contains(&record) {
                        self.boot.push(record);
                    }
                }
            }
            Err(error) if error.is_past_end() => {}
            Err(error) => self.notes.push(format!("Its boot catalog cannot be read: {error}.")),
        }
    }
}
