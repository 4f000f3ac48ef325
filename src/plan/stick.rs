//! What a stick holds that is laid out file by file, rather than copied byte for byte.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::manifest::Patched;
use crate::source::Addition;
use crate::source::windows::Architecture;

/// How the stick is partitioned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Starts by BIOS and by UEFI.
    #[default]
    Mbr,
    /// Starts by UEFI only.
    Gpt,
}

impl Scheme {
    pub const ALL: [Self; 2] = [Self::Mbr, Self::Gpt];

    pub fn name(self) -> &'static str {
        match self {
            Self::Mbr => "mbr",
            Self::Gpt => "gpt",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mbr => "MBR",
            Self::Gpt => "GPT",
        })
    }
}

impl FromStr for Scheme {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("“{text}” is neither mbr nor gpt"))
    }
}

/// One partition with one FAT32 volume, and the files in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedStick {
    pub scheme: Scheme,
    /// Bytes of the device.
    pub partition_start: u64,
    pub partition_bytes: u64,
    /// Where the first allocation table begins.
    pub tables_start: u64,
    pub cluster_bytes: u32,
    pub label: String,
    /// What the user can still put onto it.
    pub free_bytes: u64,
    /// The sizes of all files.
    pub payload_bytes: u64,
    pub boots_bios: bool,
    pub boots_uefi: Vec<Architecture>,
    /// Where the loader for UEFI was taken from that the image does not have as a file of its own.
    pub loader_from: Option<String>,
    pub split: Option<SplitImage>,
    /// In the order of their places; those without content first.
    pub files: Vec<PlannedFile>,
    /// The files that [`super::Fill::Addition`] counts.
    #[serde(skip)]
    pub additions: Vec<Addition>,
    /// Files of the image with something of the user's appended.
    pub patched: Vec<Patched>,
    /// The manifest lists the files with their checksums, rather than only saying how the stick was made.
    pub has_checksums: bool,
    /// Disks of the machines that start from it are erased without a question, by an answer file: sentences, which are
    /// among the plan's advice as well.
    pub erases: Vec<String>,
    /// The first lines of the manifest.
    #[serde(skip)]
    pub manifest_head: String,
}

/// An install image that is too large for FAT32, or for the user, cut into parts on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SplitImage {
    pub path: String,
    pub image_bytes: u64,
    pub parts: usize,
    pub part_bytes: u64,
}

/// A file, in one piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedFile {
    /// `sources/boot.wim`
    pub path: String,
    /// Byte of the device; means nothing for a file without content.
    pub start: u64,
    pub len: u64,
}

impl PlannedStick {
    /// The allocation tables and the folders: what a system changes when files come and go. From behind the volume's boot
    /// sectors up to the first file.
    pub fn tables(&self) -> Range<u64> {
        let first_file =
            self.files.iter().find(|file| file.len > 0).map_or(self.tables_start, |file| file.start);
        self.tables_start..first_file.max(self.tables_start)
    }

    /// In words, what this byte of the device belongs to.
    pub fn what_lies_at(&self, offset: u64) -> String {
        let partition = self.partition_start..self.partition_start + self.partition_bytes;
        match self.file_at(offset) {
            Some(file) => file.path.clone(),
            None if partition.contains(&offset) => "the file system’s tables and folders".to_owned(),
            None => "the partition table".to_owned(),
        }
    }

    /// The file that holds this byte of the device.
    pub fn file_at(&self, offset: u64) -> Option<&PlannedFile> {
        let after = self.files.partition_point(|file| file.len == 0 || file.start <= offset);
        let file = self.files.get(after.checked_sub(1)?)?;
        (offset < file.start + file.len).then_some(file)
    }
}
