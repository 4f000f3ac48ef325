//! What Windows media say of themselves, in values.
//!
//! All paths are as the media spell them, with `/` between names and none before the first.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::source::FoundAnswer;

/// All that is known of Windows media beyond what every image has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsFacts {
    /// `Windows 7`, `Windows Server 2019`, `Windows PE`; `Windows` where no image tells its version.
    pub product: String,
    /// Major, minor, build of the first image that tells it: 6, 1, 7601.
    pub version: Option<[u32; 3]>,
    /// Of the images that are installed, or of those that start where nothing is; in the order met.
    pub architectures: Vec<Architecture>,
    /// `de-DE`, of the same images, in the order met.
    pub languages: Vec<String>,
    /// What can be installed.
    pub editions: Vec<Edition>,
    pub boot: WindowsBoot,
    /// Several on media that hold a tree for each architecture, none on media that only start.
    pub install: Vec<InstallImage>,
    /// `sources/boot.wim`, likewise one for each tree.
    pub boot_images: Vec<BootImage>,
    /// `sources/ei.cfg`.
    pub ei_cfg: Option<EiCfg>,
    /// `sources/PID.txt` gives a product key.
    pub has_pid_txt: bool,
    /// Answer files that Setup would find on the media, the one that it takes first at first.
    pub answer_files: Vec<String>,
    /// What they do, in the same order.
    #[serde(default)]
    pub answers: Vec<FoundAnswer>,
}

/// What an image is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    X86,
    X64,
    Arm,
    Arm64,
}

/// One image of an install image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Path of the WIM; of a split one's first part.
    pub source: String,
    /// From 1 on.
    pub index: u32,
    /// What Setup and answer files select it by (`/IMAGE/NAME`): `Windows 7 PROFESSIONAL`.
    pub name: String,
    /// What Setup shows: `Windows 7 Professional`.
    pub display_name: Option<String>,
    /// `Professional`.
    pub edition_id: Option<String>,
    /// `Client`, `Server`, `Server Core`.
    pub installation_type: Option<String>,
    pub architecture: Option<Architecture>,
    pub version: Option<[u32; 3]>,
    /// The default one first.
    pub languages: Vec<String>,
}

/// How a stick with these files would start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsBoot {
    /// `bootmgr` lies in the root and `boot/bcd` beside it.
    pub bios: bool,
    /// The loaders in `efi/boot` that are what their name says.
    pub uefi: Vec<UefiLoader>,
    /// Images that hold an x64 loader (`Windows/Boot/EFI/bootmgfw.efi`), in the order in which they are to be searched.
    /// Only where `efi/boot` has none for x64: media of Windows 7 and Vista.
    pub uefi_from_image: Vec<ImagePlace>,
}

/// A file that UEFI firmware starts from removable media.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UefiLoader {
    pub path: String,
    pub architecture: Architecture,
    pub certificate: LoaderCertificate,
}

/// Who vouches for a loader where Secure Boot is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoaderCertificate {
    /// Nobody: it starts only where Secure Boot is off.
    Unsigned,
    /// Microsoft Windows Production PCA 2011, which is being revoked.
    Pca2011,
    /// Windows UEFI CA 2023, which firmware that has not been updated does not know.
    Ca2023,
    /// Another, by its common name.
    Other(String),
    /// There is a signature, but not one that could be read.
    Unreadable,
}

/// An image in a WIM file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagePlace {
    pub path: String,
    /// From 1 on.
    pub index: u32,
}

/// The file, or the set of files, that Windows is installed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallImage {
    /// Of a split one, the first part.
    pub path: String,
    pub kind: InstallKind,
    /// Its files in order: `path` alone, or all the parts.
    pub parts: Vec<String>,
    /// Its files are compressed together (LZMS in all known media), so that it cannot be split by copying.
    pub is_solid: bool,
    /// All parts together.
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstallKind {
    /// `install.wim`
    Wim,
    /// `install.swm`, `install2.swm`…
    SplitWim,
    /// `install.esd`
    Esd,
}

/// The image that Setup, or whatever else these media start, runs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootImage {
    pub path: String,
    pub bytes: u64,
    /// How many images it holds.
    pub images: u32,
    /// The one that starts, from 1 on; 0 if none is marked.
    pub boot_index: u32,
    pub architecture: Option<Architecture>,
    pub version: Option<[u32; 3]>,
    /// Those that Setup can speak, of all its images; the default one first.
    #[serde(default)]
    pub languages: Vec<String>,
}

/// What `sources/ei.cfg` tells Setup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EiCfg {
    /// Setup offers this edition only.
    pub edition_id: Option<String>,
    /// `Retail`, `OEM`, `Volume`.
    pub channel: Option<String>,
    pub volume_licence: Option<bool>,
}

impl WindowsFacts {
    /// Would a stick with these files start by UEFI, with a loader of its own or one taken out of an image?
    pub fn boots_uefi(&self) -> bool {
        !self.boot.uefi.is_empty() || !self.boot.uefi_from_image.is_empty()
    }

    /// The loader for an architecture that lies in `efi/boot`.
    pub fn loader(&self, architecture: Architecture) -> Option<&UefiLoader> {
        self.boot.uefi.iter().find(|loader| loader.architecture == architecture)
    }
}

impl Edition {
    /// Its name for people.
    pub fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }
}

impl Architecture {
    /// PROCESSOR_ARCHITECTURE, as the XML data of a WIM file gives it.
    pub fn from_wim(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::X86),
            5 => Some(Self::Arm),
            9 => Some(Self::X64),
            12 => Some(Self::Arm64),
            _ => None,
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86",
            Self::X64 => "x64",
            Self::Arm => "ARM",
            Self::Arm64 => "ARM64",
        })
    }
}
