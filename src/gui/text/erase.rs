//! Test and Restore in words: what may be chosen, and what will happen to the drive.

use super::is_erased;
use crate::base::ByteSize;
use crate::device::Drive;
use crate::gui::action::Becomes;
use crate::gui::state::Work;
use crate::job::{Request, TestExtent};
use crate::plan::{FileSystem, Plan};

// Test
pub const TEST_INTRO: &str = "Some sticks say that they hold more than they do: what is written past their real end is lost. A test finds \
     out, and erases the stick.";
pub const HOW_THOROUGHLY: &str = "How thoroughly";
pub const CHOOSE_TO_TEST: &str = "Choose the stick that is to be tested. Nothing happens before you confirm.";

pub fn extent(extent: TestExtent) -> &'static str {
    match extent {
        TestExtent::Quick => "Quick",
        TestExtent::Full => "Full",
    }
}

/// `drive_bytes`: of the chosen drive.
pub fn extent_detail(extent: TestExtent, drive_bytes: Option<u64>) -> String {
    match extent {
        TestExtent::Quick => {
            "In seconds: finds sticks that lie about their size, by places all over it.".to_owned()
        }
        TestExtent::Full => format!(
            "Every byte: real size, each bad area, and the speed of writing and reading. {}",
            takes_long(drive_bytes)
        ),
    }
}

/// All of the drive is written and read back.
fn takes_long(drive_bytes: Option<u64>) -> String {
    const USUAL_BYTES_PER_SEC: f64 = 20e6;
    drive_bytes.map_or_else(
        || "Takes long: the whole stick is written, and read back.".to_owned(),
        |bytes| {
            let secs = 2.0 * bytes as f64 / USUAL_BYTES_PER_SEC;
            format!("Takes long: {} at 20 MB/s.", roughly(secs))
        },
    )
}

/// `about 26 min`, `about 1 h 47 min`
fn roughly(secs: f64) -> String {
    match (secs / 60.0).round() as u64 {
        0 => "under a minute".to_owned(),
        minutes @ 1..60 => format!("about {minutes} min"),
        minutes => format!("about {} h {} min", minutes / 60, minutes % 60),
    }
}

// Restore
pub const RESTORE_INTRO: &str =
    "Makes a stick that was used for installing, or that shows up wrong, an ordinary one again.";
pub const WHAT_IT_BECOMES: &str = "What it becomes";
pub const CHOOSE_TO_RESTORE: &str =
    "Choose the stick that is to be erased. Nothing happens before you confirm.";
pub const NORMAL_STICK: &str = "The normal stick";
pub const FILE_SYSTEM: &str = "File system";
pub const LABEL: &str = "Name of the stick";
pub const LABEL_HINT: &str = "Name (optional)";

pub fn becomes(becomes: Becomes) -> &'static str {
    match becomes {
        Becomes::Normal => "A normal stick again",
        Becomes::Empty => "Only empty it",
        Becomes::Zeroes => "Empty it to the last byte",
    }
}

/// `drive_bytes`: of the chosen drive.
pub fn becomes_detail(becomes: Becomes, drive_bytes: Option<u64>) -> String {
    match becomes {
        Becomes::Normal => "One partition over the whole stick, ready for your files.".to_owned(),
        Becomes::Empty => {
            "In seconds: no system finds anything on it. Recovery tools still could.".to_owned()
        }
        Becomes::Zeroes => {
            format!("For handing it on: every byte zero. {}", takes_long(drive_bytes))
        }
    }
}

/// `usual`: what a drive of the chosen one's size is sold with.
pub fn file_system_choice(file_system: FileSystem, usual: Option<FileSystem>) -> String {
    let note = if usual == Some(file_system) { ", usual for this size" } else { "" };
    format!("{file_system}{note}")
}

pub fn file_system_limits(file_system: FileSystem) -> &'static str {
    match file_system {
        FileSystem::Fat32 => {
            "Read by everything, old systems, cars, televisions and firmware too. A file can have 4 GB at most."
        }
        FileSystem::ExFat => {
            "Files of any size. Read by Windows, macOS and Linux of today; not by every television, car or firmware."
        }
    }
}

/// What the stick will be called, where that is not plainly what was typed.
pub enum LabelText {
    Plain(String),
    Changed(String),
}

/// Reads the name as it is typed.
pub fn label(file_system: FileSystem, typed: &str) -> LabelText {
    const MOST: usize = 11;
    let typed = typed.trim();
    if typed.is_empty() {
        return LabelText::Plain("Without a name, systems call it something like “USB drive”.".to_owned());
    }
    let Some(made) = file_system.label(typed) else {
        return LabelText::Changed(format!(
            "None of this can stand in the name of a {file_system} stick; it will have none."
        ));
    };
    if made == typed {
        return LabelText::Plain(format!("It will be called “{made}”."));
    }
    let units = match file_system {
        FileSystem::Fat32 => typed.chars().count(),
        FileSystem::ExFat => typed.encode_utf16().count(),
    };
    let is_capitals = made == typed.to_uppercase();
    let why = match file_system {
        _ if units > MOST => "A name has 11 characters at most",
        FileSystem::Fat32 if is_capitals => "FAT32 knows capitals only",
        FileSystem::Fat32 => "FAT32 knows capitals from A to Z, digits and some signs; exFAT knows more",
        FileSystem::ExFat => "Some of these signs cannot stand in a name",
    };
    let told = format!("{why}: it will be called “{made}”.");
    if is_capitals { LabelText::Plain(told) } else { LabelText::Changed(told) }
}

// What will happen
/// The sentences in the order in which they come true; `true`: something is lost by it.
pub fn will_erase(work: Work, drive: &Drive, plan: Option<&Plan>) -> Vec<(String, bool)> {
    let mut sentences = vec![(is_erased(drive, drive.identity.size_bytes), true)];
    let mut calm = |words: &str| sentences.push((words.to_owned(), false));
    match work {
        Work::Test(TestExtent::Quick) => {
            calm("Places all over it are written, and thousands are read, to see where things really are.");
            calm(EMPTY_AFTERWARDS);
        }
        Work::Test(TestExtent::Full) => {
            calm("Every byte is written, and then every byte is read back and compared.");
            calm(EMPTY_AFTERWARDS);
        }
        Work::Restore => {
            plan.into_iter().flat_map(|plan| &plan.notes).for_each(|note| calm(note));
            calm("What is written is read back from the stick and compared.");
        }
        Work::Wipe { everywhere: false } => {
            let zeroes = plan.map_or(0, Plan::planned_bytes);
            calm(&format!(
                "Zeroes are written to every place where a system looks for something, {} in all, and read back.",
                ByteSize(zeroes)
            ));
            calm("Old files stay in between, unseen. A recovery tool can find them.");
        }
        Work::Wipe { everywhere: true } => {
            calm("Zeroes are written to the last byte, and all of them are read back.");
            calm(
                "No program can read an old file afterwards. (Spare cells inside the stick are out of any program’s reach.)",
            );
        }
        Work::Write | Work::Check | Work::Save | Work::Answer { .. } => {}
    }
    sentences
}

const EMPTY_AFTERWARDS: &str = "Afterwards the stick is empty. Restore makes it a normal one again.";

// Confirm
/// What a job without an image does, behind the drive's name.
pub fn work(work: Work) -> &'static str {
    match work {
        Work::Write => "an image is written",
        Work::Check => "a check",
        Work::Save => "a copy of it",
        Work::Test(TestExtent::Quick) => "a quick test",
        Work::Test(TestExtent::Full) => "a test of every byte",
        Work::Restore => "a normal stick again",
        Work::Wipe { everywhere: false } => "emptied",
        Work::Wipe { everywhere: true } => "emptied to the last byte",
        Work::Answer { puts: true } => "another answer file",
        Work::Answer { puts: false } => "without its answer file",
    }
}

pub fn confirm_erase_summary(request: &Request) -> &'static str {
    match request {
        Request::Test(test) if test.extent == TestExtent::Full => {
            "It is written and read to the last byte, and is empty afterwards."
        }
        Request::Test(_) => "It is tested in places all over it, and is empty afterwards.",
        Request::Restore(_) => "It becomes a normal, empty stick.",
        Request::Wipe(wipe) if wipe.everywhere => "Nothing but zeroes takes their place.",
        Request::Wipe(_) => "It is empty afterwards.",
        Request::Write(_)
        | Request::Check(_)
        | Request::Save(_)
        | Request::Hash(_)
        | Request::AnswerChange(_) => "",
    }
}

pub fn confirm_erase_button(request: &Request, title: &str) -> String {
    match request {
        Request::Write(_) => format!("Erase and write {title}"),
        Request::Test(_) => format!("Erase and test {title}"),
        Request::Restore(_) => format!("Erase and restore {title}"),
        _ => format!("Erase {title}"),
    }
}
