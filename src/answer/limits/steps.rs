//! Applications and commands.

use super::{Limits, MAX_COMMAND_LINE, MAX_ORDER, MAX_PATH};
use crate::answer::options::{AfterSetup, Step, When};
use crate::answer::script::{can_be_run, endings, file_name};
use crate::answer::version::Version;

const MAX_STEP_NAME: usize = 64;
/// The folder on the machine and a slash stand before it.
const MAX_FILE_NAME: usize = MAX_PATH - "C:\\Sticksmith\\".len();
/// They mean something to `cmd`, even inside quotes or remarks.
const NOT_IN_NAMES: &str = "\"%&<>|^!";
/// FAT32 and NTFS cannot have these.
const NOT_IN_FILE_NAMES: &str = "\"%&<>|^!:*?";
/// Ours, in the same folder.
const OWN_FILES: [&str; 2] = ["first-logon.cmd", "install.log"];

pub(super) fn check(after_setup: &AfterSetup, limits: &mut Limits) {
    let steps = &after_setup.steps;
    if steps.len() > MAX_ORDER {
        limits.complain("after_setup.steps", steps.len(), format!("at most {MAX_ORDER} are possible"));
    }
    for (at, step) in steps.iter().enumerate() {
        let field = format!("after_setup.steps[{at}]");
        check_step(step, &field, limits);
        if step.restart && after_setup.when == When::SetupComplete {
            let limit =
                "SetupComplete.cmd must not restart the machine; with when = \"first-logon\" a step may";
            limits.complain(&format!("{field}.restart"), true, limit);
        }
        let name = |step: &Step| step.file.as_deref().map(|file| file_name(file).to_lowercase());
        if let Some(file) = &step.file
            && let Some(other) = steps[..at].iter().position(|other| name(other) == name(step))
            && steps[other].file != step.file
        {
            let limit = format!("after_setup.steps[{other}].file has the same name in another folder");
            limits.complain(&format!("{field}.file"), file, limit);
        }
    }
}

fn check_step(step: &Step, field: &str, limits: &mut Limits) {
    let own = |part: &str| format!("{field}.{part}");
    if limits.text(&own("name"), &step.name, MAX_STEP_NAME)
        && step.name.contains(|c| NOT_IN_NAMES.contains(c))
    {
        limits.complain(&own("name"), &step.name, format!("none of {NOT_IN_NAMES} is possible"));
    }
    match (&step.file, &step.command) {
        (Some(file), None) => check_file(file, &own("file"), limits),
        (None, Some(command)) => {
            limits.text(&own("command"), command, MAX_COMMAND_LINE);
            if let Some(arguments) = &step.arguments {
                limits.complain(&own("arguments"), arguments, "a command has its arguments in itself");
            }
        }
        (Some(file), Some(_)) => {
            limits.complain(&own("file"), file, "a step has a file or a command, not both")
        }
        (None, None) => limits.missing(&own("file"), "a step needs a file or a command"),
    }
    if let Some(arguments) = &step.arguments {
        limits.text(&own("arguments"), arguments, MAX_COMMAND_LINE - MAX_PATH);
    }
}

fn check_file(file: &str, field: &str, limits: &mut Limits) {
    let name = file_name(file);
    let units = name.encode_utf16().count();
    if !limits.text(field, file, 32_767) {
    } else if name.is_empty() || name.starts_with('.') || name.ends_with(['.', ' ']) || name.starts_with(' ')
    {
        limits.complain(field, file, "it has to end in the name of a file");
    } else if units > MAX_FILE_NAME {
        let limit = format!("the file's name can have {MAX_FILE_NAME} characters, and it has {units}");
        limits.complain(field, file, limit);
    } else if name.contains(|c| NOT_IN_FILE_NAMES.contains(c)) {
        limits.complain(field, file, format!("none of {NOT_IN_FILE_NAMES} is possible in the file's name"));
    } else if OWN_FILES.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        limits.complain(field, file, "this name is taken by a file that is made for the answer file");
    } else if !can_be_run(file) {
        let known: Vec<_> = endings().collect();
        limits.complain(field, file, format!("files that can be run end in {}", known.join(", ")));
    } else if name.to_ascii_lowercase().ends_with(".ps1") {
        limits.since(field, file, Version::Seven);
    }
}
