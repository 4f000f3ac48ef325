//! What can be typed. Help, man page and shell completions all come from these definitions.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::base::{Algorithm, Digest};

use super::answer::AnswerCommand;
use super::manual;

mod erase;
mod windows;

pub use erase::{RestoreArgs, TargetArgs, TestArgs, WipeArgs};
pub use windows::WindowsArgs;

/// Make bootable USB sticks, and prove them
///
/// Without a command the window opens; the path of an image alone opens it with that image chosen.
#[derive(Debug, Parser)]
#[command(name = "sticksmith", version, about, after_help = manual::SHORT, after_long_help = manual::long_help())]
#[command(override_usage = "sticksmith [OPTIONS] [IMAGE]\n       sticksmith [OPTIONS] <COMMAND>")]
pub struct Arguments {
    #[command(flatten)]
    pub output: Output,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The image of `sticksmith IMAGE`, which stands alone. A bare word that is no file is rather a mistyped command.
pub fn image_alone(arguments: &[OsString]) -> Option<PathBuf> {
    let [only] = arguments else { return None };
    let text = only.to_string_lossy();
    if text.starts_with('-') || text == "help" || Arguments::command().find_subcommand(only).is_some() {
        return None;
    }
    let image = PathBuf::from(only);
    (image.exists() || text.contains(['.', '/'])).then_some(image)
}

#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Output {
    /// Print one JSON object per line instead of text
    #[arg(long, global = true)]
    pub json: bool,

    /// Print results and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything out on a practice stick, without hardware
    ///
    /// Makes a small demo image and a practice stick in the cache folder. Opens the window with both chosen, or does the
    /// job in the terminal where there is no display.
    Demo {
        /// Stay in the terminal
        #[arg(long)]
        terminal: bool,
    },
    /// List the drives that can be written to
    List {
        /// Show the others as well, each with the reason
        #[arg(long)]
        all: bool,

        /// Wait until a drive is plugged in, and list that one: which of them it is
        #[arg(long, short)]
        wait: bool,
    },
    /// Tell what an image or a drive is, what it holds and how it would start
    Inspect {
        /// An image file, or a drive as `list` shows it
        #[arg(value_name = "IMAGE|DRIVE")]
        subject: PathBuf,
    },
    /// Compute checksums, and compare them with those published beside the image
    Hash(HashArgs),
    /// Show what `write` would do, without doing it
    Plan(PlanArgs),
    /// Write an image to a drive, read it back and compare every byte
    ///
    /// Windows media are laid out file by file on FAT32, so that the stick starts by BIOS and by UEFI; every other image is
    /// copied byte for byte. Several drives are written at once, and the image is read once for all of them: each succeeds or
    /// fails by itself, but one that may not be written to refuses the command before any is touched.
    Write(WriteArgs),
    /// Compare a drive with an image, a checksum, or what it says of itself; nothing is written
    Check(CheckArgs),
    /// Copy a drive into a file, compressed by its ending (.gz, .xz, .zst)
    Save(SaveArgs),
    /// Find out whether a drive is as large as it says; erases it
    ///
    /// Drives that lie about their size are sold everywhere: what is written past their real end is lost, or overwrites what
    /// lies before it. The drive is left empty.
    Test(TestArgs),
    /// Make a drive a normal stick again: one partition with an empty file system
    Restore(RestoreArgs),
    /// Empty a drive, so that no system finds anything on it
    Wipe(WipeArgs),
    /// Unmount a drive, flush it and let go of it, so that it can be unplugged
    Eject {
        #[arg(help = DRIVE_HELP)]
        drive: String,
    },
    /// Make, check and show answer files, by which Windows installs itself without questions
    ///
    /// A profile (TOML or JSON) says what is to be answered beforehand; `show` makes the autounattend.xml of it, and `write
    /// --answer PROFILE` puts it onto a stick, with the script and the applications that belong to it.
    #[command(subcommand)]
    Answer(AnswerCommand),
    /// Print completions for a shell
    Completions {
        /// The shell that will read them
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

impl Command {
    /// Reads or writes whole images or drives, which may hang in a drive that does not answer.
    pub fn moves_data(&self) -> bool {
        matches!(
            self,
            Self::Hash(_)
                | Self::Write(_)
                | Self::Check(_)
                | Self::Save(_)
                | Self::Test(_)
                | Self::Wipe(_)
                | Self::Restore(_)
                | Self::Eject { .. }
                | Self::Answer(AnswerCommand::Put { .. } | AnswerCommand::Remove { .. })
        )
    }
}

const DRIVE_HELP: &str = "A device node, an id from `list`, or an existing regular file (a practice stick)";

const DRIVES_HELP: &str = "A device node, an id from `list`, or an existing regular file (a practice stick); several are \
written at once";

#[derive(Args, Debug)]
pub struct HashArgs {
    /// An image file, or a drive as `list` shows it
    #[arg(value_name = "IMAGE|DRIVE")]
    pub subject: PathBuf,

    /// Kinds of checksum [default: sha256, and the kinds published beside the image]
    #[arg(long, value_name = "KIND,...", value_delimiter = ',', ignore_case = true, value_parser = algorithm())]
    pub with: Vec<Algorithm>,

    /// Only the first N bytes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub bytes: Option<u64>,

    /// Of the image inside a compressed file, rather than of the file
    #[arg(long)]
    pub decompressed: bool,
}

/// What decides which bytes of the drive are written.
#[derive(Args, Clone, Debug)]
pub struct PlanOptions {
    /// Leave the drive as it is where a raw image has holes: old bytes stay there
    #[arg(long)]
    pub skip_holes: bool,

    /// Write all of the image, even if a .bmap file beside it says which parts carry data
    #[arg(long)]
    pub no_bmap: bool,

    #[command(flatten)]
    pub windows: WindowsArgs,

    /// Allow a drive that only `list --all` shows, such as an internal disk; never one in use by the system
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    /// The image to write
    pub image: PathBuf,

    /// The drive to write to
    #[arg(help = DRIVE_HELP)]
    pub drive: String,

    #[command(flatten)]
    pub options: PlanOptions,
}

#[derive(Args, Debug)]
pub struct WriteArgs {
    /// The image to write; compressed files are decompressed on the way
    pub image: PathBuf,

    /// The drives to write to
    #[arg(help = DRIVES_HELP, required = true, value_name = "DRIVE")]
    pub drives: Vec<String>,

    /// Do not ask; an internal disk then needs --all and --serial as well
    #[arg(long, short)]
    pub yes: bool,

    /// Refuse unless the drive has this serial number; for several drives given once for each
    #[arg(long, value_name = "S")]
    pub serial: Vec<String>,

    /// Refuse unless the drive has exactly this many bytes; for several drives once for each size
    #[arg(long, value_name = "N")]
    pub size: Vec<u64>,

    /// Refuse unless the image has this checksum, such as sha256:HEX; may be given several times
    #[arg(long, value_name = "KIND:HEX")]
    pub hash: Vec<Digest>,

    /// Do not look for checksum files beside the image
    #[arg(long)]
    pub no_sidecar: bool,

    /// Do not read the drive back
    #[arg(long)]
    pub no_verify: bool,

    /// Do not compute the SHA-256 of the image on the way, nor those of a Windows stick's files, which `check` needs where
    /// the image is not at hand
    #[arg(long)]
    pub no_hash: bool,

    /// Do not try out first, in about 2 s, whether a removable USB drive is as large as it says
    #[arg(long)]
    pub no_probe: bool,

    #[command(flatten)]
    pub options: PlanOptions,

    #[command(flatten)]
    pub uses: UsesArgs,

    /// Leave a record of the job, for several drives one for each in the same file: .json, .html, anything else is text
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    #[command(flatten)]
    pub after: AfterArgs,
}

/// What is done with the drive when the job is over.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct AfterArgs {
    /// Eject the drive when all went well, so that it can be unplugged
    #[arg(long)]
    pub eject: bool,
}

/// The drive may be busy with something that its owner can end.
#[derive(Args, Clone, Copy, Debug)]
pub struct UsesArgs {
    /// Without being asked, lock encrypted volumes of the drive that are unlocked, and stop swap on it; never what the
    /// system needs
    #[arg(long)]
    pub stop_uses: bool,
}

#[derive(Args, Debug)]
pub struct SaveArgs {
    /// The drive to read
    #[arg(help = DRIVE_HELP)]
    pub drive: String,

    /// The file to make
    pub file: PathBuf,

    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    pub after: AfterArgs,
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The drive to read
    #[arg(help = DRIVE_HELP)]
    pub drive: String,

    /// The image that should be on it [default: what a stick that Sticksmith made says of itself]
    #[arg(conflicts_with = "hash")]
    pub image: Option<PathBuf>,

    /// The checksum that the drive should have, such as sha256:HEX
    #[arg(long, value_name = "KIND:HEX")]
    pub hash: Option<Digest>,

    /// The checksum is of the first N bytes only
    #[arg(long, value_name = "N", requires = "hash", conflicts_with = "image", value_parser = clap::value_parser!(u64).range(1..))]
    pub bytes: Option<u64>,

    #[command(flatten)]
    pub after: AfterArgs,
}

fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name)).try_map(|name| name.parse::<Algorithm>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definitions_agree_with_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_switches_stand_before_or_after_the_command() {
        for line in ["sticksmith --json list --all", "sticksmith list --all --json"] {
            let arguments = parse(line).unwrap();
            assert!(arguments.output.json, "{line}");
            assert!(matches!(arguments.command, Some(Command::List { all: true, wait: false })), "{line}");
        }
    }

    #[test]
    fn an_image_alone_is_for_the_window_and_a_word_for_the_terminal() {
        for (line, image) in [
            ("debian.iso", true),
            ("./debian", true),
            ("src", true),
            ("list", false),
            ("help", false),
            ("wirte", false),
            ("--version", false),
            ("wirte debian.iso", false),
            ("", false),
        ] {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            assert_eq!(image_alone(&words).is_some(), image, "{line}");
        }
        assert!(parse("sticksmith wirte debian.iso sdb").unwrap_err().to_string().contains("'write'"));
    }

    #[test]
    fn check_takes_an_image_or_a_checksum_or_neither() {
        let md5 = "md5:900150983cd24fb0d6963f7d28e17f72";
        assert!(parse("sticksmith check sdb").is_ok());
        assert!(parse("sticksmith check sdb a.iso").is_ok());
        assert!(parse(&format!("sticksmith check sdb --hash {md5} --bytes 3")).is_ok());
        assert!(parse(&format!("sticksmith check sdb a.iso --hash {md5}")).is_err());
        assert!(parse("sticksmith check sdb a.iso --bytes 3").is_err());
    }

    #[test]
    fn erasing_commands_take_what_write_takes() {
        for line in [
            "test sdb --full -y --eject",
            "wipe sdb --stop-uses --yes",
            "save sdb a.img --eject",
            "check sdb --eject",
            "wipe sdb --serial S --all",
            "restore sdb --fs ExFAT --label L",
        ] {
            assert!(parse(&format!("sticksmith {line}")).is_ok(), "{line}");
        }
        for line in ["test", "test sdb --full --quick", "restore sdb --fs ntfs"] {
            assert!(parse(&format!("sticksmith {line}")).is_err(), "{line}");
        }
    }

    #[test]
    fn checksum_kinds_come_as_a_list_in_any_case() {
        let arguments = parse("sticksmith hash a.iso --with SHA256,md5").unwrap();
        let Some(Command::Hash(hash)) = arguments.command else { panic!("not hash") };
        assert_eq!(hash.with, [Algorithm::Sha256, Algorithm::Md5]);
        assert!(parse("sticksmith hash a.iso --with crc32").is_err());
        assert!(parse("sticksmith write a.iso sdb --hash sha256:00").is_err());
    }
}
