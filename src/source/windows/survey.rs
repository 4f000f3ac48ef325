//! Reads the files that were found on Windows media, and sums up what they say. Never fails: what cannot be read becomes
//! a note.

use std::io::{Read, Seek};

use super::images::{self, WimSummary, push_new};
use super::media::{Media, MediaFile};
use super::{
    Architecture, BootImage, EiCfg, ImagePlace, InstallImage, InstallKind, WindowsBoot, WindowsFacts, ei_cfg,
    loader, product,
};
use crate::answer::MAX_XML_BYTES;
use crate::format::FormatError;
use crate::format::fat::FatTree;
use crate::format::tree::FileReader;
use crate::format::wim::WimImage;
use crate::source::FoundAnswer;

/// Real ones have some fifty bytes.
const MAX_EI_CFG_BYTES: u64 = 64 * 1024;
const UNSEEN: &str = "What its Windows images hold lies beyond the part that could be looked at; decompress the image to see it.";

/// What the `media` in `image` are. `is_whole`: all of the image can be read, so that what is missing is missing.
pub(crate) fn survey(
    image: &mut (impl Read + Seek),
    media: &Media,
    is_whole: bool,
    notes: &mut Vec<String>,
) -> WindowsFacts {
    let mut survey = Survey { is_whole, notes, installed: Vec::new(), started: Vec::new() };
    let install: Vec<InstallImage> =
        media.install.iter().map(|(kind, parts)| survey.install_image(image, *kind, parts)).collect();
    let boot_images = media.boot_images.iter().map(|file| survey.boot_image(image, file)).collect();
    let boot = survey.boot(image, media, &install);
    let told: Vec<&WimImage> = match install.is_empty() {
        true => survey.started.iter().map(|(_, image)| image).collect(),
        false => survey.installed.iter().map(|(_, image)| image).collect(),
    };
    let (mut architectures, mut languages, mut products) = (Vec::new(), Vec::new(), Vec::new());
    for image in &told {
        images::architecture(image).into_iter().for_each(|found| push_new(&mut architectures, found));
        images::languages(image).into_iter().for_each(|found| push_new(&mut languages, found));
        product::product(image).into_iter().for_each(|found| push_new(&mut products, found));
    }
    let mut version = told.iter().find_map(|image| image.version);
    if install.is_empty() && !told.is_empty() {
        products = vec!["Windows PE"];
    } else if told.is_empty() {
        // Setup's own image is of the same version and machine, if not of the same product.
        version = survey.started.iter().find_map(|(_, image)| image.version);
        let started = survey.started.iter().filter_map(|(_, image)| images::architecture(image));
        started.for_each(|found| push_new(&mut architectures, found));
    }
    if architectures.is_empty() {
        architectures = boot.uefi.iter().map(|loader| loader.architecture).collect();
    }
    let editions = survey.installed.iter().map(|(path, image)| images::edition(path, image)).collect();
    WindowsFacts {
        product: if products.is_empty() { "Windows".to_owned() } else { products.join(" and ") },
        version,
        architectures,
        languages,
        editions,
        boot,
        install,
        boot_images,
        ei_cfg: media.ei_cfg.as_ref().and_then(|file| survey.ei_cfg(image, file)),
        has_pid_txt: media.has_pid_txt,
        answer_files: media.answer_files.iter().map(|file| file.path.clone()).collect(),
        answers: media.answer_files.iter().map(|file| found_answer(image, file)).collect(),
    }
}

/// What the Windows media are whose files lie on the FAT volume at byte `at` of the drive. `None`: they are none.
pub fn facts_of_volume(drive: &mut (impl Read + Seek), at: u64) -> Result<Option<WindowsFacts>, FormatError> {
    let media = match FatTree::open(&mut *drive, at)? {
        Some(mut tree) => Media::find(&mut tree)?,
        None => None,
    };
    Ok(media.map(|media| survey(drive, &media, true, &mut Vec::new())))
}

fn found_answer(image: &mut (impl Read + Seek), file: &MediaFile) -> FoundAnswer {
    let mut bytes = Vec::new();
    let read = FileReader::new(image, &file.entry).take(MAX_XML_BYTES as u64 + 1).read_to_end(&mut bytes);
    let bytes = read.map(|_| bytes).map_err(|error| format!("It cannot be read: {error}."));
    FoundAnswer::of(file.path.clone(), bytes)
}

struct Survey<'a> {
    is_whole: bool,
    notes: &'a mut Vec<String>,
    /// Images with the path of their WIM file.
    installed: Vec<(String, WimImage)>,
    started: Vec<(String, WimImage)>,
}

impl Survey<'_> {
    fn install_image(
        &mut self,
        image: &mut (impl Read + Seek),
        kind: InstallKind,
        parts: &[MediaFile],
    ) -> InstallImage {
        let path = parts.first().map(|part| part.path.clone()).unwrap_or_default();
        let mut is_solid = kind == InstallKind::Esd;
        if let Some(summary) = parts.first().and_then(|first| self.wim(image, first)) {
            is_solid = summary.is_solid;
            let wanted = usize::from(summary.total_parts);
            if kind == InstallKind::SplitWim && parts.len() < wanted {
                let there = parts.len();
                self.notes
                    .push(format!("{path} is the first of {wanted} parts, but only {there} are there."));
            } else if kind != InstallKind::SplitWim && wanted > 1 {
                self.notes
                    .push(format!("{path} is one of {wanted} parts; Setup cannot install from it alone."));
            }
            self.installed.extend(summary.images.into_iter().map(|image| (path.clone(), image)));
        }
        InstallImage {
            path,
            kind,
            parts: parts.iter().map(|part| part.path.clone()).collect(),
            is_solid,
            bytes: parts.iter().fold(0, |sum, part| sum.saturating_add(part.entry.len_bytes)),
        }
    }

    fn boot_image(&mut self, image: &mut (impl Read + Seek), file: &MediaFile) -> BootImage {
        let (path, bytes) = (file.path.clone(), file.entry.len_bytes);
        let Some(summary) = self.wim(image, file) else {
            return BootImage {
                path,
                bytes,
                images: 0,
                boot_index: 0,
                architecture: None,
                version: None,
                languages: Vec::new(),
            };
        };
        let index = summary.boot_index;
        let mut languages = Vec::new();
        for image in &summary.images {
            images::languages(image).into_iter().for_each(|tag| push_new(&mut languages, tag));
        }
        // Where none is marked, the loader takes the first.
        let started = summary.images.iter().find(|image| image.index == index.max(1));
        let boot_image = BootImage {
            path: path.clone(),
            bytes,
            images: summary.images.len() as u32,
            boot_index: index,
            architecture: started.and_then(images::architecture),
            version: started.and_then(|image| image.version),
            languages,
        };
        self.started.extend(summary.images.into_iter().map(|image| (path.clone(), image)));
        boot_image
    }

    fn wim(&mut self, image: &mut (impl Read + Seek), file: &MediaFile) -> Option<WimSummary> {
        images::read(image, file).map_err(|error| self.note(file, &error)).ok()
    }

    fn boot(
        &mut self,
        image: &mut (impl Read + Seek),
        media: &Media,
        install: &[InstallImage],
    ) -> WindowsBoot {
        let mut boot = WindowsBoot { bios: media.has_bootmgr && media.has_bcd, ..WindowsBoot::default() };
        for (architecture, file) in &media.loaders {
            match loader::read(image, *architecture, file) {
                Ok(Some(loader)) => boot.uefi.push(loader),
                Ok(None) => self.notes.push(format!(
                    "{} is no UEFI program for {architecture}; firmware will not start it.",
                    file.path
                )),
                Err(error) => self.note(file, &error),
            }
        }
        if media.has_bootmgr && !media.has_bcd {
            self.notes.push(
                "It has bootmgr, but not the boot/bcd that this reads: it will not start by BIOS.".to_owned(),
            );
        }
        if boot.uefi.iter().all(|loader| loader.architecture != Architecture::X64) {
            // Solid files are the last choice: all that lies before a file in one must be decompressed to get at it.
            let is_solid = |path: &str| install.iter().any(|image| image.path == path && image.is_solid);
            let images = self.installed.iter().chain(&self.started);
            let mut places: Vec<&(String, WimImage)> =
                images.filter(|(_, image)| images::architecture(image) == Some(Architecture::X64)).collect();
            places.sort_by_key(|(path, _)| is_solid(path));
            boot.uefi_from_image = places
                .into_iter()
                .map(|(path, image)| ImagePlace { path: path.clone(), index: image.index })
                .collect();
        }
        if (!boot.uefi.is_empty() || !boot.uefi_from_image.is_empty()) && !media.has_efi_bcd {
            let note =
                "It has no efi/microsoft/boot/bcd, which loaders for UEFI read: it may not start by UEFI.";
            self.notes.push(note.to_owned());
        }
        boot
    }

    fn ei_cfg(&mut self, image: &mut (impl Read + Seek), file: &MediaFile) -> Option<EiCfg> {
        let mut bytes = Vec::new();
        match FileReader::new(image, &file.entry).take(MAX_EI_CFG_BYTES).read_to_end(&mut bytes) {
            Ok(_) => Some(ei_cfg::parse(&bytes)),
            Err(_) if !self.is_whole => None,
            Err(error) => {
                self.notes.push(format!("{} cannot be read: {error}.", file.path));
                None
            }
        }
    }

    fn note(&mut self, file: &MediaFile, error: &FormatError) {
        if !error.is_past_end() {
            self.notes.push(format!("{} cannot be read: {error}.", file.path));
        } else if self.is_whole {
            self.notes.push(format!("{} is cut short: {error}.", file.path));
        } else {
            push_new(self.notes, UNSEEN.to_owned());
        }
    }
}
