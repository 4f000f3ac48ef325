//! What can be typed where the image is Windows media.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::base::{GIB, KIB, MIB};
use crate::cli::outcome::refuse;
use crate::job::{AnswerChoice, WindowsChoices};
use crate::plan::Scheme;
use crate::source::{AddRequest, AnswerFile};

const WINDOWS_MEDIA: &str = "Windows media";

/// What may be chosen where the image is Windows media.
#[derive(Args, Clone, Debug)]
pub struct WindowsArgs {
    /// mbr starts by BIOS and by UEFI, gpt by UEFI only
    #[arg(long, help_heading = WINDOWS_MEDIA, value_name = "TABLE", default_value = "mbr", ignore_case = true, value_parser = scheme())]
    pub scheme: Scheme,

    /// Put a file or folder onto the stick as well; DEST is its path there, or with a slash at its end the folder that it
    /// goes into [default: the root]
    #[arg(long, help_heading = WINDOWS_MEDIA, value_name = "PATH[:DEST]")]
    pub add: Vec<OsString>,

    /// Put a file in the place of one that the image brings
    #[arg(long, help_heading = WINDOWS_MEDIA, value_name = "FILE:DEST")]
    pub replace: Vec<OsString>,

    /// Split an install image larger than this into parts of this size, such as 2G [default: 3.8 GiB, for images that
    /// FAT32 cannot hold]
    #[arg(long, help_heading = WINDOWS_MEDIA, value_name = "SIZE", value_parser = split_size)]
    pub split_size: Option<u64>,

    /// Put an answer file onto the stick, by which Setup does not ask: a profile (see `answer new`), with its script and
    /// applications, or an XML file of your own
    #[arg(long, help_heading = WINDOWS_MEDIA, value_name = "PROFILE|XML")]
    pub answer: Option<PathBuf>,

    /// It takes the place of answer files that the image brings
    #[arg(long, help_heading = WINDOWS_MEDIA, requires = "answer")]
    pub replace_answer: bool,

    /// Put a folder of unpacked drivers (INF files) into $WinPEDriver$, where Setup looks for them; may be given several
    /// times
    #[arg(long, help_heading = WINDOWS_MEDIA, value_name = "FOLDER", conflicts_with = "raw")]
    pub drivers: Vec<PathBuf>,

    /// Experimental: load these drivers before Setup starts as well, for Windows 7 on machines whose ports are all USB 3;
    /// they are appended to boot.wim
    #[arg(long, help_heading = WINDOWS_MEDIA, requires = "drivers", conflicts_with = "raw")]
    pub drivers_in_setup: bool,

    /// Copy the image byte for byte, though no machine starts from that
    #[arg(long, help_heading = WINDOWS_MEDIA, conflicts_with_all = ["scheme", "add", "replace", "split_size", "answer"])]
    pub raw: bool,
}

impl WindowsArgs {
    /// Reads the answer file; whatever is wrong with it refuses the command.
    pub fn choices(&self) -> anyhow::Result<WindowsChoices> {
        let request = |text: &OsString, replaces| {
            let (path, dest) = path_and_dest(text);
            AddRequest { path, dest, replaces }
        };
        let add = self.add.iter().map(|text| request(text, false));
        let replace = self.replace.iter().map(|text| request(text, true));
        let file = match self.answer.as_deref().map(AnswerFile::read) {
            Some(Err(error)) => return refuse(error.to_string()),
            Some(Ok(file)) => Some(file),
            None => None,
        };
        Ok(WindowsChoices {
            as_raw_copy: self.raw,
            scheme: self.scheme,
            split_bytes: self.split_size,
            without_checksums: false,
            add: add.chain(replace).collect(),
            drivers: self.drivers.clone(),
            drivers_in_setup: self.drivers_in_setup,
            answer: file.map(|file| AnswerChoice { file, replaces: self.replace_answer }),
        })
    }
}

/// A path that exists as it stands has no destination in it, whatever colons its name has.
fn path_and_dest(text: &OsString) -> (PathBuf, Option<String>) {
    let whole = PathBuf::from(text);
    match text.to_str().and_then(|text| text.rsplit_once(':')) {
        Some((path, dest)) if !path.is_empty() && !whole.exists() => {
            (PathBuf::from(path), Some(dest.to_owned()))
        }
        _ => (whole, None),
    }
}

fn scheme() -> impl TypedValueParser<Value = Scheme> {
    PossibleValuesParser::new(Scheme::ALL.map(Scheme::name)).try_map(|name| name.parse::<Scheme>())
}

/// A number of bytes, with K, M or G for powers of 1024. Parts of less than a MiB would be too many for one set.
fn split_size(text: &str) -> Result<u64, String> {
    let (number, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], KIB),
        Some((at, 'm' | 'M')) => (&text[..at], MIB),
        Some((at, 'g' | 'G')) => (&text[..at], GIB),
        _ => (text, 1),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    match bytes {
        Some(bytes) if (MIB..=u64::from(u32::MAX)).contains(&bytes) => Ok(bytes),
        Some(bytes) => Err(format!("parts have 1 MiB to 4 GiB less a byte, not {bytes} bytes")),
        None => Err("a size is a whole number of bytes, or one with K, M or G behind it".to_owned()),
    }
}
