//! What can be typed behind `answer`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::answer::{Architecture, Version};

use super::super::args::TargetArgs;

#[derive(Debug, Subcommand)]
pub enum AnswerCommand {
    /// Write a profile to start from, with an explanation at every field
    New {
        /// The profile to make
        file: PathBuf,
        /// Which Windows it is for: vista, 7, 8, 8.1, 10 or 11
        #[arg(long = "for", value_name = "VERSION", default_value = "7")]
        version: Version,
        /// Put in this computer's region: formats, keyboards, time zone
        #[arg(long)]
        this_region: bool,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
    /// Say whether a profile can be made an answer file, or what Setup will think of an XML file
    ///
    /// Limits that a profile breaks, and an XML file that Setup cannot read, end with status 3. Warnings block nothing.
    Check {
        /// A profile, or an answer file of anybody's
        file: PathBuf,
        #[command(flatten)]
        target: AnswerTarget,
        /// Hold it against these Windows media instead: their version, architectures, editions and languages
        #[arg(long, value_name = "ISO", conflicts_with_all = ["version", "architectures"])]
        image: Option<PathBuf>,
    },
    /// Print the answer file that a profile makes; of an answer file, the profile that says the same
    ///
    /// Passwords and the product key are masked, and the text is then not for Setup: with --secrets it is. Of an answer file
    /// among a stick's files (`sources/$OEM$` beside it), the script with its applications is read as well.
    Show {
        /// A profile, or an answer file of anybody's
        file: PathBuf,
        #[command(flatten)]
        target: AnswerTarget,
        /// Print passwords and the product key as they are
        #[arg(long, conflicts_with = "json")]
        secrets: bool,
        /// Print the script that installs applications instead, if there is one
        #[arg(long, conflicts_with = "json")]
        script: bool,
    },
    /// Give a Windows stick another answer file; the rest of the stick stays as it is
    ///
    /// For sticks that `write` has made, also after a system has used them. The profile is held against the Windows on the
    /// stick; the files of the old answer file go, those of the new one come, and only what changes is written and proved.
    Put {
        #[command(flatten)]
        stick: TargetArgs,
        /// A profile, or an answer file of anybody's
        #[arg(value_name = "PROFILE|XML")]
        file: PathBuf,
        /// Also in the place of an answer file that came with the image, or that somebody else put there
        #[arg(long)]
        replace_answer: bool,
    },
    /// Take the answer file of a Windows stick away; the rest of the stick stays as it is
    Remove {
        #[command(flatten)]
        stick: TargetArgs,
        /// Also an answer file that came with the image, or that somebody else put there
        #[arg(long)]
        replace_answer: bool,
    },
    /// List time zones in which all the words occur: in the id of Windows, an IANA name, a city or the offset
    Zones {
        /// Words to look for [default: all time zones]
        words: Vec<String>,
    },
}

/// Where the profile does not say it, or says otherwise.
#[derive(Args, Clone, Debug)]
pub struct AnswerTarget {
    /// Which Windows: vista, 7, 8, 8.1, 10 or 11 [default: as the profile says]
    #[arg(long = "for", value_name = "VERSION")]
    pub version: Option<Version>,
    /// Architectures of the media: x86, amd64, arm64 [default: as the profile says, or amd64]
    #[arg(long = "arch", value_name = "ARCH,...", value_delimiter = ',')]
    pub architectures: Vec<Architecture>,
}
