//! `test`, `wipe` and `restore`: commands that make the content of a drive go, and need no image.

use std::io::{self, IsTerminal};

use crate::device::{Drive, standing};
use crate::job::{Request, RestoreRequest, TestExtent, TestRequest, WipeRequest};
use crate::plan::{FileSystem, Refusal};

use super::args::{RestoreArgs, TargetArgs, TestArgs, WipeArgs};
use super::confirm::confirm_loss;
use super::console::Console;
use super::follow;
use super::outcome::{Exit, refuse};
use super::report_file::{require_report_file, write_report};
use super::target::{self, Consent, Insistence};

pub fn test(console: &Console, arguments: &TestArgs) -> anyhow::Result<Exit> {
    let extent = if arguments.full { TestExtent::Full } else { TestExtent::Quick };
    let how = match extent {
        TestExtent::Quick => "It will be erased, and tested in places all over it.",
        TestExtent::Full => "It will be overwritten whole and read back, to test it.",
    };
    erase(console, &arguments.target, how, |drive| {
        Request::Test(TestRequest { target: drive.identity, end_uses: drive.stoppable_uses, extent })
    })
}

pub fn wipe(console: &Console, arguments: &WipeArgs) -> anyhow::Result<Exit> {
    let everywhere = arguments.full;
    let how = if everywhere {
        "It will be overwritten with zeroes, every byte."
    } else {
        "It will be emptied, so that no system finds anything on it."
    };
    erase(console, &arguments.target, how, |drive| {
        Request::Wipe(WipeRequest { target: drive.identity, end_uses: drive.stoppable_uses, everywhere })
    })
}

pub fn restore(console: &Console, arguments: &RestoreArgs) -> anyhow::Result<Exit> {
    let (file_system, label) = (arguments.fs, arguments.label.clone());
    let how = match file_system {
        Some(FileSystem::Fat32) => "It will become a normal, empty stick with FAT32.",
        Some(FileSystem::ExFat) => "It will become a normal, empty stick with exFAT.",
        None => "It will become a normal, empty stick.",
    };
    erase(console, &arguments.target, how, |drive| {
        let (target, end_uses) = (drive.identity, drive.stoppable_uses);
        Request::Restore(RestoreRequest { target, end_uses, file_system, label })
    })
}

/// Finds the drive, makes sure that it may be erased and that the user means it, and runs the job. `how`: the
/// sentence that says what will be done. `request`: what was agreed to, the end of the drive's uses among it.
fn erase(
    console: &Console,
    arguments: &TargetArgs,
    how: &str,
    request: impl FnOnce(Drive) -> Request,
) -> anyhow::Result<Exit> {
    let ask = |drive: &Drive, consent| {
        let head = [format!("This drive:  {}", target::describe(drive)), how.to_owned()];
        let (mut answers, mut screen) = (io::stdin().lock(), io::stderr());
        Ok(confirm_loss(&head, &[], "erase it", drive, consent, &mut answers, &mut screen)?)
    };
    once_sure(console, arguments, "erased", ask, request)
}

/// Finds the drive, makes sure that it may be written to, asks unless the user is sure, and runs the job. `done`: what is
/// done to the drive.
pub fn once_sure(
    console: &Console,
    arguments: &TargetArgs,
    done: &str,
    ask: impl FnOnce(&Drive, Consent) -> anyhow::Result<bool>,
    request: impl FnOnce(Drive) -> Request,
) -> anyhow::Result<Exit> {
    let insistence = Insistence {
        all: arguments.all,
        yes: arguments.yes,
        serials: arguments.serial.as_slice(),
        sizes_bytes: arguments.size.as_slice(),
        stop_uses: arguments.uses.stop_uses,
    };
    if !arguments.yes && !io::stdin().is_terminal() {
        return refuse(format!(
            "There is no terminal to ask whether the drive may be {done}. Add --yes if you are sure."
        ));
    }
    let drive = target::find_drive(&arguments.drive)?;
    if let Some(report) = &arguments.report {
        require_report_file(report, Some(&drive.identity.path))?;
    }
    let consent = match target::consent(
        &drive,
        &standing::judge_released(&drive, &drive.stoppable_uses, &[]),
        insistence,
    ) {
        Ok(consent) => consent,
        Err(reason) => return refuse(Refusal::Drive { reason }.to_string()),
    };
    if !arguments.yes && !ask(&drive, consent)? {
        return refuse("Nothing was written.");
    }
    let identity = drive.identity.clone();
    let ending = follow::run(console, request(drive), arguments.after)?;
    if let Some(file) = &arguments.report {
        write_report(console, &identity, &ending, file)?;
    }
    Ok(Exit::of_ending(&ending))
}
