//! Arguments of the commands that write to a drive and need no image.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::plan::FileSystem;

use super::{AfterArgs, DRIVE_HELP, UsesArgs};

/// Which drive is to be written to, and how sure the user is.
#[derive(Args, Debug)]
pub struct TargetArgs {
    /// The drive to write to
    #[arg(help = DRIVE_HELP)]
    pub drive: String,

    /// Do not ask; an internal disk then needs --all and --serial as well
    #[arg(long, short)]
    pub yes: bool,

    /// Refuse unless the drive has this serial number
    #[arg(long, value_name = "S")]
    pub serial: Option<String>,

    /// Refuse unless the drive has exactly this many bytes
    #[arg(long, value_name = "N")]
    pub size: Option<u64>,

    /// Allow a drive that only `list --all` shows, such as an internal disk; never one in use by the system
    #[arg(long)]
    pub all: bool,

    #[command(flatten)]
    pub uses: UsesArgs,

    /// Leave a record of the job: .json, .html, anything else is text
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    #[command(flatten)]
    pub after: AfterArgs,
}

#[derive(Args, Debug)]
pub struct TestArgs {
    #[command(flatten)]
    pub target: TargetArgs,

    /// In seconds: finds drives that lie about their size [default]
    #[arg(long)]
    pub quick: bool,

    /// Write and read every byte: real size, bad areas, speeds
    #[arg(long, conflicts_with = "quick")]
    pub full: bool,
}

#[derive(Args, Debug)]
pub struct WipeArgs {
    #[command(flatten)]
    pub target: TargetArgs,

    /// Overwrite every byte, rather than the places where systems look
    #[arg(long)]
    pub full: bool,
}

#[derive(Args, Debug)]
pub struct RestoreArgs {
    #[command(flatten)]
    pub target: TargetArgs,

    /// The file system [default: fat32 up to 32 GB, exfat above]
    #[arg(long, value_name = "FS", ignore_case = true, value_parser = file_system())]
    pub fs: Option<FileSystem>,

    /// The name that systems show, of 11 characters at most
    #[arg(long, value_name = "L", default_value = "", hide_default_value = true)]
    pub label: String,
}

fn file_system() -> impl TypedValueParser<Value = FileSystem> {
    PossibleValuesParser::new(FileSystem::ALL.map(FileSystem::name))
        .try_map(|name| name.parse::<FileSystem>())
}
