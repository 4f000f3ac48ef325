//! `inspect`: what an image or a drive is, in plain words.

use std::path::Path;

use serde::Serialize;

use crate::base::ByteSize;
use crate::device::{self, Drive, PasswordAgent};
use crate::job::{self, Inspection};
use crate::source::checksum::Published;
use crate::source::windows::WindowsFacts;
use crate::source::{BootRecord, Container, ImageFacts, ImageKind, PartitionTable};

use super::console::Console;
use super::list::DriveLine;
use super::outcome::Exit;
use super::target::{self, Subject};

pub fn run(console: &Console, subject: &Path) -> anyhow::Result<Exit> {
    match target::find_subject(subject)? {
        Subject::Image(path) => {
            let mut inspection = job::inspect(&path).map_err(anyhow::Error::msg)?;
            inspection.facts = with_files(inspection.facts, &path);
            if console.json() {
                console.object(&ImageObject::new(&inspection));
            } else {
                lines_of_image(&inspection).iter().for_each(|line| console.result(line));
            }
        }
        Subject::Drive(drive) => inspect_drive(console, &drive),
    }
    Ok(Exit::Done)
}

/// The image of a stick holds files, as the stick itself would.
fn with_files(facts: ImageFacts, path: &Path) -> ImageFacts {
    if facts.kind != ImageKind::Disk || facts.container != Container::Raw {
        return facts;
    }
    let as_stick = device::practice_stick(path).ok().and_then(|it| job::inspect_drive(&it.identity).ok());
    ImageFacts { windows: as_stick.and_then(|stick| stick.windows), ..facts }
}

/// What the system says of the drive can always be told; its first bytes only where the user may have it opened.
fn inspect_drive(console: &Console, drive: &Drive) {
    let head = {
        let _agent = PasswordAgent::for_opening(&drive.identity.path);
        job::inspect_drive(&drive.identity)
    };
    if console.json() {
        let (contents, contents_error) = match &head {
            Ok(facts) => (Some(facts), None),
            Err(error) => (None, Some(error)),
        };
        console.object(&DriveObject { drive: DriveLine::new(drive.id(), drive), contents, contents_error });
        return;
    }
    console.result(target::describe(drive));
    let contents = target::describe_contents(drive);
    if contents.is_empty() {
        console.result("  nothing that the system recognises");
    }
    contents.iter().for_each(|line| console.result(format_args!("  {line}")));
    match head {
        Ok(facts) => {
            console.result("As it lies there:");
            facts_of_content(&facts).iter().for_each(|line| console.result(line));
        }
        Err(error) => console.result(format_args!("Its contents could not be read: {error}")),
    }
}

#[derive(Serialize)]
struct ImageObject<'a> {
    path: String,
    #[serde(flatten)]
    facts: &'a ImageFacts,
    boots_bios: bool,
    boots_uefi: bool,
    published: &'a [Published],
    /// Bytes that a .bmap beside the image marks as data.
    bmap_bytes: Option<u64>,
    /// Bytes of a sparse file that are no holes.
    data_bytes: Option<u64>,
}

impl<'a> ImageObject<'a> {
    fn new(inspection: &'a Inspection) -> Self {
        let facts = &inspection.facts;
        Self {
            path: inspection.path.display().to_string(),
            facts,
            boots_bios: facts.boots_bios(),
            boots_uefi: facts.boots_uefi(),
            published: &inspection.published,
            bmap_bytes: inspection.bmap.as_deref().map(sum),
            data_bytes: inspection.data_ranges.as_deref().map(sum),
        }
    }
}

#[derive(Serialize)]
struct DriveObject<'a> {
    #[serde(flatten)]
    drive: DriveLine<'a>,
    contents: Option<&'a ImageFacts>,
    contents_error: Option<&'a String>,
}

fn sum(ranges: &[(u64, u64)]) -> u64 {
    ranges.iter().fold(0, |sum, (_, len)| sum.saturating_add(*len))
}

/// `debian.iso, hybrid ISO, 650.1 MB, Debian 12.8 amd64`
pub fn image_line(facts: &ImageFacts) -> String {
    let mut words = vec![facts.name.clone(), facts.kind.to_string()];
    words.push(match facts.image_bytes {
        Some(bytes) => ByteSize(bytes).to_string(),
        None => format!("{} as {}", ByteSize(facts.file_bytes), facts.container),
    });
    if let Some(label) = &facts.label {
        words.push(format!("“{label}”"));
    }
    words.extend(facts.system.clone());
    words.join(", ")
}

fn lines_of_image(inspection: &Inspection) -> Vec<String> {
    let mut lines = vec![inspection.path.display().to_string()];
    lines.extend(facts_of_content(&inspection.facts));
    for published in &inspection.published {
        let of = if published.of_decompressed { ", of the decompressed image" } else { "" };
        lines.push(row("published", format!("{} in {}{of}", published.digest, published.file.display())));
    }
    if let Some(ranges) = &inspection.bmap {
        lines.push(row("block map", format!("a .bmap file marks {} as data", ByteSize(sum(ranges)))));
    }
    if let Some(ranges) = &inspection.data_ranges {
        lines.push(row("holes", format!("all but {} of the file are holes", ByteSize(sum(ranges)))));
    }
    lines
}

fn facts_of_content(facts: &ImageFacts) -> Vec<String> {
    let mut lines = vec![row("kind", kind_sentence(facts.kind))];
    lines.push(row(
        "size",
        match facts.image_bytes {
            Some(bytes) => format!("{} ({bytes} bytes)", ByteSize(bytes)),
            None => "only decompressing will tell".to_owned(),
        },
    ));
    if facts.container != Container::Raw {
        let file = facts.file_bytes;
        lines.push(row("packed", format!("{}, {} ({file} bytes)", facts.container, ByteSize(file))));
    }
    lines.extend(facts.label.as_ref().map(|label| row("label", format!("“{label}”"))));
    lines.extend(facts.system.as_ref().map(|system| row("system", system)));
    if !facts.partition_tables.is_empty() {
        let names = facts.partition_tables.iter().map(|table| match table {
            PartitionTable::Mbr => "MBR",
            PartitionTable::Gpt => "GPT",
        });
        lines.push(row("table", names.collect::<Vec<_>>().join(" and ")));
    }
    match &facts.windows {
        Some(windows) => lines.extend(windows_rows(windows)),
        None => lines.push(row("starts", starts(facts))),
    }
    lines.extend(facts.notes.iter().map(|note| row("note", note)));
    lines
}

fn windows_rows(windows: &WindowsFacts) -> Vec<String> {
    let mut lines = vec![row("windows", windows.contents())];
    for edition in &windows.editions {
        let architecture = edition.architecture.map(|found| format!(", {found}")).unwrap_or_default();
        let version = edition.version.map(|[major, minor, build]| format!(", {major}.{minor}.{build}"));
        let languages = edition.languages.iter().map(|tag| format!(", {tag}")).collect::<String>();
        let name = edition.shown_name();
        let words =
            format!("{}. {name}{architecture}{}{languages}", edition.index, version.unwrap_or_default());
        lines.push(row("edition", words));
    }
    lines.extend(windows.install_lines().iter().map(|line| row("install", line)));
    for image in &windows.boot_images {
        let architecture = image.architecture.map(|found| format!(", {found}")).unwrap_or_default();
        let words = format!(
            "{}, {}, image {} of {} starts{architecture}",
            image.path,
            ByteSize(image.bytes),
            image.boot_index.max(1),
            image.images
        );
        lines.push(row("boot image", words));
    }
    lines.push(row("starts", windows.starts().trim_start_matches("Starts ")));
    lines.extend(windows.secure_boot().iter().map(|line| row("loader", line)));
    lines.extend(windows.setup_lines().iter().map(|line| row("inside", line)));
    lines.extend(windows.answer_lines().iter().map(|line| row("answers", line)));
    lines
}

fn kind_sentence(kind: ImageKind) -> String {
    let meaning = match kind {
        ImageKind::HybridIso => "starts from a stick as it is",
        ImageKind::OpticalIso => "a stick with a copy of it will not start",
        ImageKind::WindowsSetup => "its files are laid out on a FAT32 stick",
        ImageKind::Disk => "goes onto the stick as it is",
        ImageKind::NotBootable => "no machine would start from it",
        ImageKind::Empty => "there is nothing to write",
    };
    format!("{kind}: {meaning}")
}

fn starts(facts: &ImageFacts) -> String {
    let ways: Vec<&str> = facts
        .boot
        .iter()
        .map(|record| match record {
            BootRecord::MbrCode => "BIOS, from a stick (boot code in the first sector)",
            BootRecord::EfiPartition => "UEFI, from a stick (EFI system partition)",
            BootRecord::ElToritoBios => "BIOS, from an optical disc",
            BootRecord::ElToritoUefi => "UEFI, from an optical disc",
        })
        .collect();
    if ways.is_empty() { "no boot record was found".to_owned() } else { ways.join("; ") }
}

fn row(name: &str, value: impl std::fmt::Display) -> String {
    format!("  {name:<10} {value}")
}
