//! Images in words: what they are, what is known of their checksums.

use super::{file_name, grouped};
use crate::base::ByteSize;
use crate::gui::action::{Dialog, Field};
use crate::job::Inspection;
use crate::source::checksum::Published;
use crate::source::{Container, ImageFacts, ImageKind};

pub const CHOOSE_IMAGE: &str = "Choose image…";
pub const CHOOSE_IMAGE_HINT: &str = "Ctrl+O";
pub const IMAGE_PATH: &str = "Path of the image";
pub const IMAGE_PATH_HINT: &str = "/path/to/image.iso";
pub const NO_IMAGE: &str = "An ISO or a disk image; compressed ones are fine as they are.";
pub const NO_IMAGE_DROP: &str =
    "An ISO or a disk image; compressed ones are fine as they are. You can drop the file here.";
pub const LOOKING: &str = "Looking at the image…";
pub const DROP_HERE: &str = "Drop the image here";
pub const DROP_ANSWER: &str = "Drop the profile or the answer file here";
pub const DROP_OR_ADD: &str = "Drop files to add them to the stick, or another image to choose it";
pub const EXPECTED_CHECKSUM: &str = "Checksum to compare, optional";
pub const EXPECTED_CHECKSUM_HINT: &str = "Checksum to compare (optional)";
pub const CHECKSUM_HINT: &str = "Paste a SHA-256, SHA-1, SHA-512 or MD5";
pub const NO_FILE_DIALOG: &str = "The file dialog closed at once; this system may have none to show. Type or paste the path into the field instead.";

pub const LOOK_LOST: &str =
    "The image could not be looked at: the work stopped without an answer. Choose it again.";

pub fn dialog_title(dialog: Dialog) -> &'static str {
    match dialog {
        Dialog::Fill(Field::SaveFile) => "Save the drive as",
        Dialog::Fill(Field::ReportFile) => "Save the report as",
        Dialog::Fill(Field::Answer(_)) => "Choose a profile or an answer file",
        Dialog::Fill(_) => "Choose an image",
        Dialog::AddSteps => "Add files that are run after Setup",
        Dialog::SaveAnswer => "Save as",
        Dialog::AddFiles => "Add files to the stick",
        Dialog::Drivers => "Folder of unpacked drivers",
        Dialog::AddFolder => "Add a folder to the stick",
    }
}

pub fn image_kind(kind: ImageKind) -> &'static str {
    match kind {
        ImageKind::HybridIso => "Hybrid ISO, made for discs and sticks alike",
        ImageKind::OpticalIso => "ISO for optical discs",
        ImageKind::WindowsSetup => "Windows setup media",
        ImageKind::Disk => "Disk image",
        ImageKind::NotBootable => "Data without anything that starts",
        ImageKind::Empty => "Empty",
    }
}

pub fn image_title(facts: &ImageFacts) -> String {
    match (&facts.system, &facts.label) {
        (Some(system), _) => system.clone(),
        (None, Some(label)) => label.clone(),
        (None, None) => facts.name.clone(),
    }
}

/// What it holds, where that is more than its title says.
pub fn contents(facts: &ImageFacts) -> Option<String> {
    facts.windows.as_ref().map(|windows| windows.contents())
}

pub fn starts(facts: &ImageFacts) -> String {
    if let Some(windows) = facts.windows.as_ref().filter(|_| facts.kind == ImageKind::WindowsSetup) {
        return windows.starts();
    }
    match (facts.boots_bios(), facts.boots_uefi()) {
        (true, true) => "Starts machines with BIOS and with UEFI",
        (true, false) => "Starts machines with BIOS, or with UEFI in its compatibility mode",
        (false, true) => "Starts machines with UEFI",
        (false, false) => "Starts no machine from a stick",
    }
    .to_owned()
}

/// `install.wim, 2.9 GB · ei.cfg: Setup offers Professional only (Retail)`, and what Secure Boot makes of its loaders.
pub fn windows_details(facts: &ImageFacts) -> Vec<String> {
    let Some(windows) = &facts.windows else { return Vec::new() };
    let mut files = windows.install_lines();
    files.extend(windows.setup_lines());
    let mut lines = vec![files.join(" · ")];
    lines.extend(windows.secure_boot());
    lines
}

pub fn image_size(facts: &ImageFacts) -> String {
    facts.image_bytes.map_or_else(|| "size not known yet".to_owned(), |bytes| ByteSize(bytes).to_string())
}

/// `debian.iso.xz · label “DEBIAN” · 661,651,456 bytes · 480.2 MB of xz, decompressed while writing`
pub fn image_details(facts: &ImageFacts, name: &str) -> String {
    let mut parts = vec![name.to_owned()];
    if let Some(label) = &facts.label {
        parts.push(format!("label “{label}”"));
    }
    if let Some(bytes) = facts.image_bytes {
        parts.push(format!("{} bytes", grouped(bytes)));
    }
    if facts.container != Container::Raw {
        let packed = ByteSize(facts.file_bytes);
        parts.push(format!("{packed} of {}, decompressed while writing", facts.container));
    }
    parts.join(" · ")
}

/// The checksums that were published beside the image.
pub fn published(inspection: &Inspection) -> Vec<String> {
    let sentence = |p: &Published| {
        let file = file_name(&p.file);
        let of = if p.of_decompressed { ", of the decompressed image" } else { "" };
        format!("Will be compared with the {} in {file}{of}", p.digest.algorithm())
    };
    inspection.published.iter().map(sentence).collect()
}

pub fn checksum_understood(algorithm: crate::base::Algorithm) -> String {
    format!("{algorithm}. It is compared before anything is written.")
}

pub fn checksum_not_understood(error: &str) -> String {
    format!("This is not a checksum: {error}.")
}

pub fn block_map(inspection: &Inspection) -> Option<String> {
    let mapped: u64 = inspection.bmap.as_ref()?.iter().map(|(_, len)| len).sum();
    Some(format!("Use the block map beside it: only the {} that carry data are written", ByteSize(mapped)))
}

pub fn skip_holes(inspection: &Inspection) -> Option<String> {
    let total = inspection.facts.image_bytes?;
    let data: u64 = inspection.data_ranges.as_ref()?.iter().map(|(_, len)| len).sum();
    let holes = total.saturating_sub(data);
    (holes > 0).then(|| {
        format!("Leave the {} of holes in the image unwritten; old bytes stay there", ByteSize(holes))
    })
}
