//! `check` and `save`: commands that read a drive and write nothing to it.

use crate::job::{Against, CheckRequest, Request, SaveRequest};

use super::args::{CheckArgs, SaveArgs};
use super::console::Console;
use super::outcome::{Exit, refuse};
use super::{follow, target};

pub fn check(console: &Console, arguments: &CheckArgs) -> anyhow::Result<Exit> {
    let against = match (&arguments.image, &arguments.hash) {
        (Some(image), _) => {
            target::require_image(image)?;
            Against::Image(image.clone())
        }
        (None, Some(digest)) => Against::Digest { digest: digest.clone(), len_bytes: arguments.bytes },
        (None, None) => Against::Manifest,
    };
    let drive = target::find_drive(&arguments.drive)?;
    let request = Request::Check(CheckRequest { target: drive.identity, against });
    Ok(Exit::of_ending(&follow::run(console, request, arguments.after)?))
}

pub fn save(console: &Console, arguments: &SaveArgs) -> anyhow::Result<Exit> {
    let SaveArgs { drive, file, force, after: _ } = arguments;
    let drive = target::find_drive(drive)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return refuse(format!("There is no folder {}.", folder.display()));
    }
    if file.exists() {
        let same =
            matches!((file.canonicalize(), drive.identity.path.canonicalize()), (Ok(a), Ok(b)) if a == b);
        if same || !file.is_file() {
            return refuse(format!("The file {} cannot be replaced by a saved drive.", file.display()));
        }
        if !*force {
            return refuse(format!("The file {} exists already. Add --force to replace it.", file.display()));
        }
    }
    let request = Request::Save(SaveRequest { drive: drive.identity, file: file.clone(), overwrite: *force });
    Ok(Exit::of_ending(&follow::run(console, request, arguments.after)?))
}
