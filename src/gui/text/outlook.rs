//! What will happen, and the last question before it does.

use super::bytes_and_size;
use crate::base::ByteSize;
use crate::device::Drive;
use crate::plan::{Plan, Refusal};
use crate::source::Container;

pub const CHOOSE_BOTH: &str =
    "Choose an image and a drive, or several. What will happen shows here, before anything does.";
pub const CHOOSE_DRIVE: &str =
    "Choose the drive that the image is written to. Nothing happens before you confirm.";
pub const VERIFY: &str = "Read everything back and compare";

pub fn will_be_erased(plan: &Plan, drive: &Drive) -> String {
    is_erased(drive, plan.target.size_bytes)
}

/// What goes, in a sentence.
pub fn is_erased(drive: &Drive, size_bytes: u64) -> String {
    let (name, size) = (drive.title(), ByteSize(size_bytes));
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
        "Then all of it is read back from the drive and compared."
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
    match &plan.stick {
        Some(_) => format!("A stick with the files of {} takes its place.", plan.image.name),
        None => format!("{} takes its place.", plan.image.name),
    }
}
