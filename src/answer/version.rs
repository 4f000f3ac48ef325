//! Which Windows an answer file is for, and which machines: both decide what may stand in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A version of Windows whose Setup reads answer files of the kind that Vista brought; older comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// 6.0
    #[serde(rename = "vista")]
    Vista,
    /// 6.1
    #[serde(rename = "7")]
    Seven,
    /// 6.2
    #[serde(rename = "8")]
    Eight,
    /// 6.3
    #[serde(rename = "8.1")]
    EightOne,
    /// 10.0 below build 22000
    #[serde(rename = "10")]
    Ten,
    /// 10.0 from build 22000 on
    #[serde(rename = "11")]
    Eleven,
}

impl Version {
    pub const ALL: [Self; 6] =
        [Self::Vista, Self::Seven, Self::Eight, Self::EightOne, Self::Ten, Self::Eleven];

    /// As profiles and the terminal spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vista => "vista",
            Self::Seven => "7",
            Self::Eight => "8",
            Self::EightOne => "8.1",
            Self::Ten => "10",
            Self::Eleven => "11",
        }
    }

    /// The version that an install image gives in its XML data: major, minor, build.
    pub fn of_image([major, minor, build]: [u32; 3]) -> Option<Self> {
        Some(match (major, minor) {
            (6, 0) => Self::Vista,
            (6, 1) => Self::Seven,
            (6, 2) => Self::Eight,
            (6, 3) => Self::EightOne,
            (10, 0) if build >= 22_000 => Self::Eleven,
            (10, 0) => Self::Ten,
            _ => return None,
        })
    }
}

/// `Windows 7`, `Windows Vista`.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vista => f.write_str("Windows Vista"),
            other => write!(f, "Windows {}", other.name()),
        }
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|version| version.name().eq_ignore_ascii_case(text));
        known.ok_or_else(|| "the versions of Windows are vista, 7, 8, 8.1, 10 and 11".to_owned())
    }
}

/// The processor that `boot.wim` and the installed Windows are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    X86,
    Amd64,
    Arm64,
}

impl Architecture {
    pub const ALL: [Self; 3] = [Self::X86, Self::Amd64, Self::Arm64];

    /// As answer files spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86 => "x86",
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }
}

impl FromStr for Architecture {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(text));
        known.ok_or_else(|| "the architectures are x86, amd64 and arm64".to_owned())
    }
}

/// What a document is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub version: Version,
    /// Those that the media has. Setup ignores components of another architecture than its own without a word, so each
    /// component is written once for each.
    pub architectures: Vec<Architecture>,
}
