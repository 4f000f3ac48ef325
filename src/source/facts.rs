//! What is said of an image, in values: the result of recognition, and all that planning and the faces know of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::windows::WindowsFacts;

/// What the bytes of the file are wrapped in. Told by content, never by the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// The file is the image.
    Raw,
    Gzip,
    Xz,
    Zstd,
    Bzip2,
    Lz4,
    /// The single file inside a zip archive.
    Zip,
}

/// What an image is good for, once it lies on a stick byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    /// An ISO that also carries a partition table or boot code at its very start: starts from a stick as it is.
    HybridIso,
    /// An ISO for optical discs only: copied as it is, no machine starts it from a stick.
    OpticalIso,
    /// Windows setup media: needs its files on a FAT32 stick, a raw copy does not start.
    WindowsSetup,
    /// A disk image with a partition table or boot code.
    Disk,
    /// A bare file system without boot code, or data that no machine would start.
    NotBootable,
    /// No bytes, or nothing but zeroes where anything could be recognised.
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartitionTable {
    Mbr,
    Gpt,
}

/// One way in which the image offers to be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BootRecord {
    /// Boot code in the first sector: BIOS, from a stick.
    MbrCode,
    /// A partition that UEFI firmware looks into (EFI system partition in MBR or GPT): UEFI, from a stick.
    EfiPartition,
    /// El Torito entry for BIOS: from an optical disc.
    ElToritoBios,
    /// El Torito entry for UEFI: from an optical disc.
    ElToritoUefi,
}

/// All that is known of an image before it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// File name without folders, for people.
    pub name: String,
    pub container: Container,
    /// Size of the file as it lies there, compressed or not.
    pub file_bytes: u64,
    /// Size of the image itself; `None` where only decompressing tells.
    pub image_bytes: Option<u64>,
    pub kind: ImageKind,
    /// The volume label of the ISO, UDF or FAT volume.
    pub label: Option<String>,
    /// What system it installs or runs, as far as its label and files tell: `Debian 12.8 amd64`.
    pub system: Option<String>,
    pub partition_tables: Vec<PartitionTable>,
    pub boot: Vec<BootRecord>,
    /// What only Windows media have.
    #[serde(default)]
    pub windows: Option<Box<WindowsFacts>>,
    /// Facts worth a sentence that fit nowhere else ("the backup GPT is missing").
    pub notes: Vec<String>,
}

impl ImageFacts {
    /// What stands for an image where none is written. `name`: what is made instead.
    pub fn of_nothing(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            container: Container::Raw,
            file_bytes: 0,
            image_bytes: Some(0),
            kind: ImageKind::Empty,
            label: None,
            system: None,
            partition_tables: Vec::new(),
            boot: Vec::new(),
            windows: None,
            notes: Vec::new(),
        }
    }

    /// Would a machine with BIOS (or UEFI in its compatibility mode) start the stick?
    pub fn boots_bios(&self) -> bool {
        self.boot.contains(&BootRecord::MbrCode)
    }

    /// Would a machine with UEFI start the stick?
    pub fn boots_uefi(&self) -> bool {
        self.boot.contains(&BootRecord::EfiPartition)
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "not compressed",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Lz4 => "lz4",
            Self::Zip => "zip",
        })
    }
}

impl fmt::Display for ImageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HybridIso => "hybrid ISO",
            Self::OpticalIso => "ISO for optical discs",
            Self::WindowsSetup => "Windows setup media",
            Self::Disk => "disk image",
            Self::NotBootable => "not bootable",
            Self::Empty => "empty",
        })
    }
}
