//! Windows sticks in words: how they start, what of the user's own goes onto them, how they will be laid out.

use super::grouped;
use crate::base::ByteSize;
use crate::plan::{Plan, PlannedStick, Scheme};
use crate::source::AdditionKind;
use crate::source::windows::{WindowsFacts, WindowsMedia};

pub const WINDOWS_STICK: &str = "Windows stick";
pub const OPTIONAL: &str = "optional";
pub const PARTITION_TABLE: &str = "Partition table";

/// By what the media can start from.
pub fn scheme(scheme: Scheme, windows: &WindowsFacts, media: &WindowsMedia) -> &'static str {
    let has_uefi = !windows.boot.uefi.is_empty() || media.loader.is_some();
    match (scheme, windows.boot.bios, has_uefi) {
        (Scheme::Mbr, true, true) => "Starts by BIOS and UEFI (MBR)",
        (Scheme::Mbr, true, false) => "Starts by BIOS (MBR)",
        (Scheme::Mbr, false, _) => "Starts by UEFI (MBR)",
        (Scheme::Gpt, _, _) => "Starts by UEFI only (GPT)",
    }
}

// The user's own files
pub const OWN_FILES: &str = "Your own files";
pub const OWN_FILES_HINT: &str = "Drivers, updates, tools: they are written along with the image’s files.";
pub const OWN_FILE: &str = "Path of a file or folder to add";
pub const OWN_FILE_HINT: &str = "Path to add";
pub const ADD_FILES: &str = "Add files…";
pub const ADD_FOLDER: &str = "Add folder…";
pub const REMOVE: &str = "Remove";
pub const GOES_TO: &str = "Goes to";
pub const PLACE_HINT: &str = "In the root, by its own name";
pub const LISTING: &str = "Looking at the files to add…";
pub const LISTING_LOST: &str = "the look at it stopped without an answer; remove it and add it again";

pub fn remove(name: &str) -> String {
    format!("{REMOVE} {name}")
}

pub fn place_of(name: &str) -> String {
    format!("Place of {name} on the stick")
}

/// `14 files, 2.1 MB`; of a single file its size alone.
pub fn own_extent(is_folder: bool, files: usize, bytes: u64) -> String {
    match (is_folder, files) {
        (false, _) => ByteSize(bytes).to_string(),
        (true, 1) => format!("1 file, {}", ByteSize(bytes)),
        (true, files) => format!("{} files, {}", grouped(files as u64), ByteSize(bytes)),
    }
}

pub fn listing_failed(message: &str) -> String {
    format!("This cannot be added: {message}. Correct its place, or remove it.")
}

pub fn replace_in_image(path: &str) -> String {
    format!("Replace {path} of the image")
}

pub fn place_is_taken(path: &str) -> String {
    format!("The image has a file {path} already.")
}

pub const ARE_DRIVERS: &str = "These look like drivers. Windows Setup loads drivers out of $WinPEDriver$.";
pub const PLACE_AS_DRIVERS: &str = "Put into $WinPEDriver$";

pub fn place_as_drivers(name: &str) -> String {
    format!("Put {name} into $WinPEDriver$")
}

pub const DRIVERS: &str = "Drivers…";
pub const DRIVERS_HINT: &str =
    "Unpacked drivers (INF files), which Setup loads and installs from $WinPEDriver$.";
pub const DRIVERS_IN_SETUP: &str = "Load them before Setup starts (experimental)";
pub const DRIVERS_IN_SETUP_HINT: &str = "For Windows 7 on machines whose ports are all USB 3: appended to boot.wim, the rest of which stays as it is.";

// What it will be
pub fn will_be_laid_out(stick: &PlannedStick) -> String {
    let label = if stick.label.is_empty() { String::new() } else { format!(" “{}”", stick.label) };
    format!(
        "{} files, {}, are laid out on one FAT32 partition{label}; {} stay free for your own files.",
        grouped(stick.files.len() as u64),
        ByteSize(stick.payload_bytes),
        ByteSize(stick.free_bytes)
    )
}

pub fn own_files_among_them(stick: &PlannedStick) -> Option<String> {
    let (files, bytes) = own(stick);
    let size = ByteSize(bytes);
    match files {
        0 => None,
        1 => Some(format!("One of the files is yours, {size}.")),
        files => Some(format!("{} of the files are yours, {size} together.", grouped(files as u64))),
    }
}

fn own(stick: &PlannedStick) -> (usize, u64) {
    stick.additions.iter().fold((0, 0), |(files, bytes), addition| match addition.kind {
        AdditionKind::File { len_bytes } => (files + 1, bytes + len_bytes),
        AdditionKind::Folder => (files, bytes),
    })
}

pub const WORTH_KNOWING: &str = "Worth knowing before you start";

/// One stretch of the coming stick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    Tables,
    ImageFiles,
    OwnFiles,
    Free,
}

/// What the stick's bytes will be, in their order; none of no length.
pub fn layout(plan: &Plan, stick: &PlannedStick) -> Vec<(Stretch, u64)> {
    let own = own(stick).1;
    let files = stick.payload_bytes.saturating_sub(own);
    let tables = plan.target.size_bytes.saturating_sub(stick.payload_bytes + stick.free_bytes);
    let stretches = [
        (Stretch::Tables, tables),
        (Stretch::ImageFiles, files),
        (Stretch::OwnFiles, own),
        (Stretch::Free, stick.free_bytes),
    ];
    stretches.into_iter().filter(|(_, bytes)| *bytes > 0).collect()
}

pub fn stretch(stretch: Stretch, bytes: u64) -> String {
    let name = match stretch {
        Stretch::Tables => "Tables",
        Stretch::ImageFiles => "Windows",
        Stretch::OwnFiles => "Your files",
        Stretch::Free => "Free",
    };
    format!("{name} {}", ByteSize(bytes))
}

/// The bar for those who do not see it.
pub fn layout_spoken(stick: &PlannedStick, stretches: &[(Stretch, u64)]) -> String {
    let part = |(stretch, bytes): &(Stretch, u64)| {
        let size = ByteSize(*bytes);
        match stretch {
            Stretch::Tables => format!("{size} for the partition table, folders and file tables"),
            Stretch::ImageFiles => format!("{size} of files for Windows"),
            Stretch::OwnFiles => format!("{size} of your own files"),
            Stretch::Free => format!("{size} free"),
        }
    };
    let parts: Vec<String> = stretches.iter().map(part).collect();
    format!("Layout of the stick, {} with FAT32: {}", stick.scheme, parts.join(", "))
}
