//! Every word that the window says, but for the sentences that come from the floors below. Calm, whole sentences, and
//! where something is wrong, a way forward.

mod ending;
mod numbers;

use std::path::{Path, PathBuf};

use super::action::{Appearance, CheckWith, Field, Page};
use super::state::{Missing, Outcome};
use crate::base::ByteSize;
use crate::device::{Drive, Identity, Partition};
use crate::job::{Ending, Inspection, Phase};
use crate::plan::{Plan, Refusal};
use crate::source::{Container, ImageFacts, ImageKind};

pub use ending::{EndingText, Tone, ending, mismatch, more_mismatches, phase_times, suggested_report_file};
pub use numbers::{bytes_and_size, duration, grouped, percent, speed};

pub const PROGRAM: &str = "Sticksmith";
pub const APP_ID: &str = "sticksmith";

// Navigation
pub const NAVIGATION: &str = "Navigation";
pub const ACTIONS: &str = "Actions";
pub const PAGES: &str = "Pages";
pub const APPEARANCE: &str = "Appearance";
pub const BUSY_ELSEWHERE: &str = "Wait until the work is done, or cancel it.";

pub fn page(page: Page) -> &'static str {
    match page {
        Page::Make => "Make",
        Page::Check => "Check",
        Page::Save => "Save",
    }
}

pub fn page_hint(page: Page) -> &'static str {
    match page {
        Page::Make => "Write an image to a stick, and prove it",
        Page::Check => "Compare a stick with an image or a checksum; nothing is written",
        Page::Save => "Copy a stick into an image file",
    }
}

pub fn appearance(appearance: Appearance) -> &'static str {
    match appearance {
        Appearance::System => "System",
        Appearance::Light => "Light",
        Appearance::Dark => "Dark",
    }
}

pub fn appearance_hint(appearance: Appearance) -> &'static str {
    match appearance {
        Appearance::System => "Appearance: as the system prefers",
        Appearance::Light => "Appearance: light",
        Appearance::Dark => "Appearance: dark",
    }
}

// Steps
pub fn step(number: usize, of: usize, title: &str) -> String {
    format!("Step {number} of {of}: {title}")
}

pub const IMAGE: &str = "Image";
pub const DRIVE: &str = "Drive";
pub const WHAT_WILL_HAPPEN: &str = "What will happen";
pub const COMPARE_WITH: &str = "Compare with";
pub const SAVE_TO: &str = "Save to";
pub const DONE_STEP: &str = "done";

// Image card
pub const CHOOSE_IMAGE: &str = "Choose image…";
pub const CHOOSE_IMAGE_SHORTCUT: &str = "Ctrl+O";
pub const IMAGE_PATH: &str = "Path of the image";
pub const IMAGE_PATH_HINT: &str = "/path/to/image.iso";
pub const NO_IMAGE: &str = "An ISO or a disk image; compressed ones are fine as they are.";
pub const NO_IMAGE_DROP: &str =
    "An ISO or a disk image; compressed ones are fine as they are. You can drop the file here.";
pub const LOOKING: &str = "Looking at the image…";
pub const DROP_HERE: &str = "Drop the image here";
pub const EXPECTED_CHECKSUM: &str = "Checksum to compare, optional";
pub const EXPECTED_CHECKSUM_HINT: &str = "Checksum to compare (optional)";
pub const CHECKSUM_HINT: &str = "Paste a SHA-256, SHA-1, SHA-512 or MD5";
pub const NO_FILE_DIALOG: &str = "The file dialog closed at once; this system may have none to show. Type or paste the path into the field instead.";

pub const LOOK_LOST: &str =
    "The image could not be looked at: the work stopped without an answer. Choose it again.";

pub fn dialog_title(field: Field) -> &'static str {
    match field {
        Field::SaveFile => "Save the drive as",
        Field::ReportFile => "Save the report as",
        _ => "Choose an image",
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

pub fn starts(facts: &ImageFacts) -> &'static str {
    match (facts.boots_bios(), facts.boots_uefi()) {
        (true, true) => "Starts machines with BIOS and with UEFI",
        (true, false) => "Starts machines with BIOS, or with UEFI in its compatibility mode",
        (false, true) => "Starts machines with UEFI",
        (false, false) => "Starts no machine from a stick",
    }
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
    match facts.container {
        Container::Raw => parts.push(facts.container.to_string()),
        packed => {
            parts.push(format!("{} of {packed}, decompressed while writing", ByteSize(facts.file_bytes)))
        }
    }
    parts.join(" · ")
}

/// What is known of the checksums that were published beside the image.
pub fn published(inspection: &Inspection) -> Vec<String> {
    let sentence = |p: &crate::source::checksum::Published| {
        let file = file_name(&p.file);
        let what = if p.of_decompressed { "the decompressed image" } else { "this image" };
        format!(
            "{file} beside it gives the {} of {what}. It is compared before anything is written.",
            p.digest.algorithm()
        )
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

// Drive cards
pub const SHOW_ALL_DRIVES: &str = "Show all drives";
pub const SHOW_ALL_HINT: &str = "Also internal disks and other drives that are not for everyday use";
pub const LOOKING_FOR_DRIVES: &str = "Looking for drives…";
pub const NO_DRIVES: &str = "No stick or card is plugged in. Plug one in, and it appears here.";
pub const NO_PARTITIONS: &str = "nothing recognised on it";

/// `SanDisk Ultra` or, without any name, the node's.
pub fn drive_name(identity: &Identity) -> String {
    identity.title().unwrap_or_else(|| file_name(&identity.path))
}

/// The line below the drive's name: where it is.
pub fn drive_facts(drive: &Drive) -> String {
    let identity = &drive.identity;
    let mut parts = vec![drive.bus.to_string(), identity.path.display().to_string()];
    if let Some(port) = &identity.port {
        parts.push(format!("port {port}"));
    }
    if let Some(serial) = &identity.serial {
        parts.push(format!("serial {serial}"));
    }
    if drive.read_only {
        parts.push("write-protected".to_owned());
    }
    parts.join(" · ")
}

pub fn partition(partition: &Partition) -> String {
    let mut text = match partition.number {
        Some(number) => format!("Partition {number}"),
        None => "Whole drive".to_owned(),
    };
    match &partition.volume {
        Some(volume) => {
            text += &format!(": {}", file_system(&volume.kind));
            if let Some(label) = &volume.label {
                text += &format!(" “{label}”");
            }
        }
        None => text += ": no file system recognised",
    }
    text += &format!(", {}", ByteSize(partition.size_bytes));
    if let Some(first) = partition.mount_points.first() {
        text += &format!(", open at {}", first.display());
    }
    text
}

/// Names as people know them; udev's own where there is no better one.
fn file_system(kind: &str) -> &str {
    match kind {
        "vfat" => "FAT",
        "exfat" => "exFAT",
        "ntfs" => "NTFS",
        "iso9660" => "ISO 9660",
        "udf" => "UDF",
        "hfsplus" => "HFS+",
        "crypto_LUKS" => "encrypted (LUKS)",
        "LVM2_member" => "part of LVM",
        "swap" => "swap space",
        other => other,
    }
}

pub fn partitions(drive: &Drive) -> Vec<String> {
    drive.partitions.iter().map(partition).collect()
}

pub fn choice_vanished(title: &str) -> String {
    format!("{title} was unplugged, so it is not chosen any more. Plug it in again, or choose another drive.")
}

pub fn choice_changed(title: &str, difference: &str) -> String {
    format!("{title} is not the drive that was chosen any more: {difference}. Choose again.")
}

pub fn choice_forbidden(title: &str, reason: &str) -> String {
    format!("{title} cannot be used: {reason}. Choose another drive.")
}

pub fn drives_unknown(error: &str) -> String {
    format!("The list of drives may be out of date: {error}")
}

// What will happen
pub const CHOOSE_BOTH: &str =
    "Choose an image and a drive. What will happen shows here, before anything does.";
pub const CHOOSE_DRIVE: &str =
    "Choose the drive that the image is written to. Nothing happens before you confirm.";
pub const VERIFY: &str = "Read everything back and compare";

pub fn will_be_erased(plan: &Plan, drive: &Drive) -> String {
    let name = drive.title();
    let size = ByteSize(plan.target.size_bytes);
    match drive.partitions.len() {
        0 => format!("{name} ({size}) is overwritten. Nothing was recognised on it."),
        1 => format!("{name} ({size}) is erased, with the one partition that is on it now."),
        n => format!("{name} ({size}) is erased, with all {n} partitions that are on it now."),
    }
}

pub fn will_be_written(plan: &Plan, mapped: bool) -> String {
    let from = match plan.image.container {
        Container::Raw => "",
        _ => ", decompressed on the way",
    };
    let planned = plan.planned_bytes();
    match (plan.sized, mapped, plan.image.image_bytes) {
        (false, _, _) => format!(
            "The image is written from the first byte on{from}. Its size is not known yet; should it not fit, \
             the work stops and says so."
        ),
        (true, true, Some(image)) => {
            format!("{} of the image’s {} are written{from}.", bytes_and_size(planned), ByteSize(image))
        }
        _ => format!("{} are written, from the first byte on{from}.", bytes_and_size(planned)),
    }
}

pub fn will_be_verified(verify: bool) -> &'static str {
    if verify {
        "Then all of it is read back from the drive and compared, byte for byte."
    } else {
        "It is not read back. Nothing will prove that the stick is right."
    }
}

pub fn will_be_compared_first(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("First the image’s checksum is compared. If it is wrong, nothing is written.".to_owned()),
        n => Some(format!(
            "First {n} checksums of the image are compared. If one is wrong, nothing is written."
        )),
    }
}

pub fn refusal(refusal: &Refusal) -> String {
    refusal.to_string()
}

// The action bar
pub fn primary(page: Page) -> &'static str {
    match page {
        Page::Make => "Start…",
        Page::Check => "Start checking",
        Page::Save => "Start saving",
    }
}

/// Why the primary button does not work yet, or what it will do.
pub fn readiness(page: Page, missing: Option<&Missing>) -> &'static str {
    match (page, missing) {
        (Page::Make, None) => "Ready. You will be asked once more before anything is erased.",
        (Page::Check, None) => "Ready. Nothing is written to the drive.",
        (Page::Save, None) => "Ready. Nothing is written to the drive.",
        (_, Some(Missing::Image)) => "Choose an image first.",
        (_, Some(Missing::Wait)) => LOOKING,
        (_, Some(Missing::UnusableImage)) => "This image cannot be used. Choose another one.",
        (_, Some(Missing::Drive)) => "Choose a drive.",
        (_, Some(Missing::ValidChecksum)) => "Correct the checksum, or clear the field.",
        (_, Some(Missing::Checksum)) => "Paste the checksum to compare with.",
        (_, Some(Missing::ValidLength)) => "Correct the length, or clear the field.",
        (_, Some(Missing::File)) => "Say where to save.",
        (_, Some(Missing::Refused)) => "This image cannot be written to this drive, see above.",
    }
}

// Confirm
pub const CANCEL: &str = "Cancel";
pub const LOST: &str = "What is lost";
pub const NOTHING_RECOGNISED: &str =
    "Nothing was recognised on the drive. Bytes that lie there are overwritten all the same.";
pub const TYPE_THE_NAME: &str = "Type the drive’s name to confirm";

pub fn confirm_title(title: &str) -> String {
    format!("Erase {title}?")
}

pub fn confirm_name(name: &str) -> String {
    format!("{TYPE_THE_NAME}: {name}")
}

pub fn erase_button(title: &str) -> String {
    format!("Erase and write {title}")
}

pub const CANNOT_BE_UNDONE: &str = "This cannot be undone.";

pub fn confirm_summary(plan: &Plan) -> String {
    format!("{} takes its place.", plan.image.name)
}

// Check and Save
pub fn check_with(with: CheckWith) -> &'static str {
    match with {
        CheckWith::Image => "An image",
        CheckWith::Checksum => "A checksum",
    }
}

pub const DRIVE_CHECKSUM: &str = "Checksum that the drive should have";
pub const DRIVE_LENGTH: &str = "How many bytes of the drive it covers";
pub const DRIVE_LENGTH_HINT: &str = "Empty: the whole drive";
pub const CHECK_INTRO: &str =
    "Reads a drive and tells whether it is what it should be. Nothing is written to it.";
pub const SAVE_INTRO: &str = "Copies a drive, whole, into an image file. Nothing is written to the drive.";
pub const SAVE_FILE: &str = "Image file";
pub const SAVE_FILE_HINT: &str = "/path/to/stick.img.zst";
pub const CHOOSE_PLACE: &str = "Choose place…";
pub const REPLACE: &str = "Replace the file if it exists";

pub fn save_format(file: &str) -> &'static str {
    let lower = file.trim().to_lowercase();
    if lower.is_empty() {
        "The ending says how it is compressed: .img not at all, .img.zst fast, .img.gz widely read, .img.xz small."
    } else if lower.ends_with(".zst") {
        "Compressed with zstd: fast, and small enough. Make reads it as it is."
    } else if lower.ends_with(".gz") {
        "Compressed with gzip, which every system reads. Make reads it as it is."
    } else if lower.ends_with(".xz") {
        "Compressed with xz: smallest, and slow. Make reads it as it is."
    } else {
        "Not compressed. Zeroes take no room where the file system can leave holes."
    }
}

/// `~/SanDisk-Ultra.img.zst`
pub fn suggested_save_file(home: &Path, drive: &Identity) -> String {
    let name = drive.title().unwrap_or_else(|| "stick".to_owned());
    home.join(format!("{}.img.zst", slug(&name))).display().to_string()
}

fn slug(name: &str) -> String {
    let dashed: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    dashed.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

// Working
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "Comparing the image’s checksum",
        Phase::Wiping => "Clearing old partition tables",
        Phase::Writing => "Writing the image",
        Phase::Syncing => "Waiting until the drive has stored everything",
        Phase::Verifying => "Reading everything back",
        Phase::Comparing => "Comparing",
        Phase::Saving => "Saving the drive",
        Phase::Hashing => "Computing checksums",
    }
}

/// The short word for a row of phases.
pub fn phase_short(phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "Checksum",
        Phase::Wiping => "Clear",
        Phase::Writing => "Write",
        Phase::Syncing => "Store",
        Phase::Verifying => "Read back",
        Phase::Comparing => "Compare",
        Phase::Saving => "Save",
        Phase::Hashing => "Checksum",
    }
}

/// For those who hear the row: `Write: done`.
pub fn phase_state(phase: Phase, is_over: bool, is_now: bool) -> String {
    let state = match (is_over, is_now) {
        (true, _) => "done",
        (_, true) => "now",
        _ => "to come",
    };
    format!("{}: {state}", phase_short(phase))
}

pub const STARTING: &str = "Opening the drive";
pub const CANCELLING: &str = "Cancelling…";
pub const SPEED_NOW: &str = "Speed now";
pub const SPEED_AVERAGE: &str = "Average";
pub const BYTES: &str = "Done";
pub const TIME_LEFT: &str = "Left in this step";
pub const TIME_UNKNOWN: &str = "not known yet";
pub const SPEED_OVER_TIME: &str = "Speed over time";

pub fn task(page: Page, file: Option<&Path>, drive: &str) -> String {
    let file = file.map(file_name);
    match (page, file) {
        (Page::Make, Some(file)) => format!("{file} to {drive}"),
        (Page::Save, Some(file)) => format!("{drive} into {file}"),
        (_, Some(file)) => format!("{drive} against {file}"),
        (_, None) => format!("{drive} against a checksum"),
    }
}

pub fn eta(secs: Option<f64>) -> String {
    secs.map_or_else(|| TIME_UNKNOWN.to_owned(), |s| format!("about {}", duration(s)))
}

pub fn plot(low: f64, high: f64, now: f64) -> String {
    format!("{SPEED_OVER_TIME}: between {} and {}, now {}", speed(low), speed(high), speed(now))
}

pub const CLOSE_TITLE: &str = "Close while the work is going on?";
pub const KEEP_WORKING: &str = "Keep working";
pub const CANCEL_AND_CLOSE: &str = "Cancel the work and close";

pub fn close_body(writes: bool) -> &'static str {
    if writes {
        "The stick is not finished. If you close now, the work is cancelled and the stick is left without a partition \
         table: empty, and no machine starts from it."
    } else {
        "If you close now, the work is cancelled. Nothing was written to the drive."
    }
}

// Done
pub const JOB_LOST: &str = "The work stopped without a last word, which must not happen. Treat the stick as unfinished and write it again.";
pub const MOST_MISMATCHES: usize = 200;
pub const DIFFERENCES: &str = "What differs";
pub const WARNINGS: &str = "Worth knowing";
pub const REPORT: &str = "Report";
pub const REPORT_FILE: &str = "Report file";
pub const SAVE_REPORT: &str = "Save report";
pub const REPORT_FORMATS: &str =
    "The ending chooses the form: .html to read, .txt plain, .json for programs.";

pub fn report_saved(path: &Path) -> String {
    format!("Saved as {}.", path.display())
}

pub fn report_not_saved(error: &str) -> String {
    format!("The report was not saved: {error}")
}

pub fn report_error(path: &Path, error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        format!("{} exists already. Choose another name.", path.display())
    } else {
        format!("{} cannot be written: {error}", path.display())
    }
}

/// Where the primary button of Done leads.
pub fn after(outcome: &Outcome) -> &'static str {
    match (&outcome.ending, outcome.task.page) {
        (Ending::Done { .. }, Page::Make) => "Write another stick",
        (Ending::Done { .. } | Ending::Different { .. }, Page::Check) => "Check another drive",
        (Ending::Done { .. }, Page::Save) => "Save another drive",
        _ => "Back",
    }
}

/// What the facts of an ending are.
pub fn facts_title(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "The proof",
        Tone::Neutral | Tone::Bad => "What was done",
    }
}

pub const DISMISS: &str = "Dismiss";

/// The last part of a path, for people.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// Where a report is suggested to be saved, next to nothing else of that name within the same second.
pub(super) fn report_path(home: &Path, stem: &str) -> PathBuf {
    home.join(format!("{stem}.html"))
}
