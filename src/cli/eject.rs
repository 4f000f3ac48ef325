//! `eject`, and `--eject`: letting go of a drive, so that it can be unplugged.

use serde_json::json;

use crate::device::{Bus, Identity, PasswordAgent};
use crate::job::{self, Ending};

use super::console::Console;
use super::outcome::{Exit, error_object, refuse};
use super::target;

pub fn run(console: &Console, drive: &str) -> anyhow::Result<Exit> {
    let drive = target::find_drive(drive)?;
    if drive.bus == Bus::Practice {
        return refuse(format!("{} is a file; there is nothing to eject.", drive.identity.path.display()));
    }
    eject(&drive.identity).map_err(anyhow::Error::msg)?;
    if console.json() {
        console.object(&error_object(Exit::Done, &ejected(&drive.identity), None));
    } else {
        console.notice_result(ejected(&drive.identity));
    }
    Ok(Exit::Done)
}

/// For `--eject`: after a job that ended well. That the drive is not let go of changes nothing in what the job has done,
/// so it is a warning.
pub fn after(console: &Console, drive: &Identity, ending: &Ending) {
    if !matches!(ending, Ending::Done { .. }) {
        return;
    }
    match eject(drive) {
        Ok(()) if console.json() => {
            console.object(&json!({"event": "ejected", "path": drive.path, "message": ejected(drive)}));
        }
        Ok(()) => console.notice(ejected(drive)),
        Err(message) if console.json() => {
            console.object(&json!({"event": "warning", "message": message}));
        }
        Err(message) => console.error(format_args!("Warning: {message}")),
    }
}

fn eject(drive: &Identity) -> Result<(), String> {
    let _agent = PasswordAgent::for_opening(&drive.path);
    job::eject(drive)
}

fn ejected(drive: &Identity) -> String {
    let title = drive.title().unwrap_or_else(|| "The drive".to_owned());
    format!("{title} ({}) is ejected and can be unplugged.", drive.path.display())
}
