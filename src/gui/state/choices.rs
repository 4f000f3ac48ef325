//! What has been chosen on each page, and what stands in the way of starting.

use std::path::{Path, PathBuf};

use super::answer::Answering;
use super::drive_list::{DriveList, judge_for_erasing};
use super::drivers::Drivers;
use super::own_files::OwnFiles;
use crate::base::{ByteSize, Digest};
use crate::device::{Identity, Standing};
use crate::gui::action::CheckWith;
use crate::job::{self, Inspection, WindowsChoices};
use crate::plan::{self, Plan, Refusal, Scheme};
use crate::source::windows::WindowsMedia;
use crate::source::{Addition, ImageKind};

/// A path that was typed, and what was found there.
#[derive(Debug, Default)]
pub struct ImageChoice {
    pub path: String,
    pub stage: ImageStage,
}

#[derive(Debug, Default)]
pub enum ImageStage {
    #[default]
    None,
    Looking(PathBuf),
    Known(Box<Inspection>),
    Failed {
        path: PathBuf,
        message: String,
    },
}

impl ImageChoice {
    pub fn known(&self) -> Option<&Inspection> {
        match &self.stage {
            ImageStage::Known(inspection) => Some(inspection),
            _ => None,
        }
    }

    /// The path that the stage speaks of.
    pub fn stage_path(&self) -> Option<&Path> {
        match &self.stage {
            ImageStage::None => None,
            ImageStage::Looking(path) | ImageStage::Failed { path, .. } => Some(path),
            ImageStage::Known(inspection) => Some(&inspection.path),
        }
    }
}

/// A checksum as it was typed or pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChecksumText {
    Empty,
    Valid(Digest),
    Invalid(String),
}

/// Reads a bare checksum, `sha256:…`, or a whole line of a checksum file.
pub fn read_checksum(text: &str) -> ChecksumText {
    let text = text.trim();
    if text.is_empty() {
        return ChecksumText::Empty;
    }
    match text.parse::<Digest>() {
        Ok(digest) => ChecksumText::Valid(digest),
        Err(error) => text
            .split_whitespace()
            .find_map(|word| word.parse().ok())
            .map_or_else(|| ChecksumText::Invalid(error.to_string()), ChecksumText::Valid),
    }
}

/// What stands between a page and its primary button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    Image,
    /// The image is being looked at.
    Wait,
    UnusableImage,
    /// The user's own files are being listed.
    OwnFilesWait,
    /// One of them cannot be added.
    UsableOwnFiles,
    /// A profile or an answer file is being read.
    AnswerWait,
    /// The answer file has something to be corrected.
    UsableAnswer,
    /// The image has an answer file already, and which one counts is not said.
    AnswerReplaces,
    Drive,
    ValidChecksum,
    Checksum,
    ValidLength,
    File,
    Refused,
    /// Some of the chosen drives cannot be made.
    SomeRefused,
}

/// A drive that was chosen to be written to.
#[derive(Debug)]
pub struct Target {
    pub drive: Identity,
    /// What will become of it, as soon as the image is known.
    pub plan: Option<Result<Plan, Refusal>>,
}

/// The page that writes an image to one stick or several.
#[derive(Debug)]
pub struct Make {
    pub image: ImageChoice,
    pub checksum: String,
    /// In the order of choosing.
    pub targets: Vec<Target>,
    pub verify: bool,
    pub block_map: bool,
    pub skip_holes: bool,
    /// Where the image is Windows media: how the stick is partitioned, and what else goes onto it.
    pub scheme: Scheme,
    pub own: OwnFiles,
    pub answer: Answering,
    pub drivers: Drivers,
}

impl Default for Make {
    fn default() -> Self {
        Self {
            image: ImageChoice::default(),
            checksum: String::new(),
            targets: Vec::new(),
            verify: true,
            block_map: true,
            skip_holes: false,
            scheme: Scheme::default(),
            own: OwnFiles::default(),
            answer: Answering::default(),
            drivers: Drivers::default(),
        }
    }
}

impl Make {
    /// Device numbers of the drives that hold the image.
    pub fn sources(&self) -> &[(u64, u64)] {
        self.image.known().map_or(&[], |i| &i.source_drives)
    }

    pub fn target(&self, drive: &Identity) -> Option<&Target> {
        self.targets.iter().find(|target| target.drive == *drive)
    }

    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.targets.iter().filter_map(|target| target.plan.as_ref()?.as_ref().ok())
    }

    /// The drives that cannot be made, and why.
    pub fn refusals(&self) -> impl Iterator<Item = (&Identity, &Refusal)> {
        self.targets.iter().filter_map(|target| Some((&target.drive, target.plan.as_ref()?.as_ref().err()?)))
    }

    /// Plans every stick anew, after anything that the plans depend on has changed.
    pub fn replan(&mut self, drives: &DriveList) {
        let plans: Vec<_> = self.targets.iter().map(|target| self.plan(&target.drive, drives)).collect();
        for (target, plan) in self.targets.iter_mut().zip(plans) {
            target.plan = plan;
        }
    }

    fn plan(&self, target: &Identity, drives: &DriveList) -> Option<Result<Plan, Refusal>> {
        let image = self.image.known()?;
        let drive = drives.find(&target.path)?;
        let standing = match judge_for_erasing(drive, &image.source_drives) {
            // The window lets a hidden drive through by having its name typed.
            Standing::Hidden(_) => Standing::Selectable,
            other => other,
        };
        let prepared = self.answer.prepared.as_ref().and_then(|prepared| prepared.as_ref().ok());
        let answer = prepared.filter(|_| self.takes_own_files()).cloned();
        let mut options =
            job::plan_options(self.mapped_ranges(image), &self.windows_choices(), self.additions(), answer);
        if self.takes_own_files() {
            options.windows.drivers = self.drivers.known();
        }
        Some(plan::plan(&image.facts, image.media.as_ref(), drive, &standing, &options))
    }

    /// The files of Windows media that will be laid out one by one.
    pub fn media(&self) -> Option<&WindowsMedia> {
        let image = self.image.known().filter(|image| image.facts.kind == ImageKind::WindowsSetup)?;
        Some(&**image.media.as_ref()?.as_ref().ok()?)
    }

    pub fn takes_own_files(&self) -> bool {
        self.media().is_some()
    }

    /// Answer files that lie on the image already.
    pub fn answer_files(&self) -> &[String] {
        let windows = self.image.known().and_then(|image| image.facts.windows.as_deref());
        windows.map_or(&[], |windows| &windows.answer_files)
    }

    pub(super) fn tell_answer_of_image(&mut self) {
        let image = self.image.known().filter(|_| self.takes_own_files());
        self.answer.image_changed(image.and_then(|image| image.facts.windows.as_deref()));
    }

    /// Nothing is chosen where nothing can be.
    pub fn windows_choices(&self) -> WindowsChoices {
        if !self.takes_own_files() {
            return WindowsChoices::default();
        }
        WindowsChoices {
            scheme: self.scheme,
            add: self.own.requests(),
            answer: self.answer.choice(),
            drivers: self.drivers.folder.iter().cloned().collect(),
            drivers_in_setup: self.drivers.folder.is_some() && self.drivers.in_setup,
            ..WindowsChoices::default()
        }
    }

    fn additions(&self) -> Vec<Addition> {
        if self.takes_own_files() { self.own.additions() } else { Vec::new() }
    }

    fn mapped_ranges(&self, image: &Inspection) -> Option<Vec<(u64, u64)>> {
        match (&image.bmap, &image.data_ranges) {
            (Some(ranges), _) if self.block_map => Some(ranges.clone()),
            (_, Some(ranges)) if self.skip_holes => Some(ranges.clone()),
            _ => None,
        }
    }

    pub fn missing(&self) -> Option<Missing> {
        match &self.image.stage {
            ImageStage::None => return Some(Missing::Image),
            ImageStage::Looking(_) => return Some(Missing::Wait),
            ImageStage::Failed { .. } => return Some(Missing::UnusableImage),
            ImageStage::Known(_) => {}
        }
        if self.takes_own_files()
            && let Some(missing) = (self.own.missing())
                .or_else(|| self.drivers.missing())
                .or_else(|| self.answer.missing(!self.answer_files().is_empty()))
        {
            return Some(missing);
        }
        match self.targets.as_slice() {
            [] => Some(Missing::Drive),
            [_] if self.refusals().next().is_some() => Some(Missing::Refused),
            _ if self.refusals().next().is_some() => Some(Missing::SomeRefused),
            _ => matches!(read_checksum(&self.checksum), ChecksumText::Invalid(_))
                .then_some(Missing::ValidChecksum),
        }
    }
}

/// The page that compares a drive with what it says itself, with an image or a checksum.
#[derive(Debug)]
pub struct Check {
    pub drive: Option<Identity>,
    pub with: CheckWith,
    pub image: ImageChoice,
    pub checksum: String,
    /// Bytes of the drive that the checksum is of; empty: all.
    pub length: String,
}

impl Default for Check {
    fn default() -> Self {
        Self {
            drive: None,
            with: CheckWith::Manifest,
            image: ImageChoice::default(),
            checksum: String::new(),
            length: String::new(),
        }
    }
}

impl Check {
    pub fn missing(&self) -> Option<Missing> {
        if self.drive.is_none() {
            return Some(Missing::Drive);
        }
        match self.with {
            CheckWith::Manifest => None,
            CheckWith::Image => match &self.image.stage {
                ImageStage::None => Some(Missing::Image),
                ImageStage::Looking(_) => Some(Missing::Wait),
                ImageStage::Failed { .. } => Some(Missing::UnusableImage),
                ImageStage::Known(image) if image.facts.kind == ImageKind::Empty => {
                    Some(Missing::UnusableImage)
                }
                ImageStage::Known(_) => None,
            },
            CheckWith::Checksum => match read_checksum(&self.checksum) {
                ChecksumText::Empty => Some(Missing::Checksum),
                ChecksumText::Invalid(_) => Some(Missing::ValidChecksum),
                ChecksumText::Valid(_) => self.length_bytes().is_err().then_some(Missing::ValidLength),
            },
        }
    }

    /// The typed length; digits may be grouped by spaces, commas or points.
    pub fn length_bytes(&self) -> Result<Option<u64>, String> {
        let drive_bytes = self.drive.as_ref().map_or(u64::MAX, |d| d.size_bytes);
        let digits: String =
            self.length.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '_')).collect();
        if digits.is_empty() {
            return Ok(None);
        }
        match digits.parse::<u64>() {
            Ok(0) => Err("At least one byte has to be compared.".to_owned()),
            Ok(bytes) if bytes > drive_bytes => {
                Err(format!("The drive has only {} ({drive_bytes} bytes).", ByteSize(drive_bytes)))
            }
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => Err("A length is a whole number of bytes, for example 4700372992.".to_owned()),
        }
    }
}

/// The page that copies a drive into a file.
#[derive(Debug, Default)]
pub struct Save {
    pub drive: Option<Identity>,
    pub file: String,
    /// The file's name was suggested by the program, so another drive may change it.
    pub suggested: bool,
    pub replace: bool,
}

impl Save {
    pub fn missing(&self) -> Option<Missing> {
        if self.drive.is_none() {
            return Some(Missing::Drive);
        }
        self.file.trim().is_empty().then_some(Missing::File)
    }
}
