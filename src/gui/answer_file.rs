//! Reading and writing profiles and answer files, and looking at the one that a stick has, for `app`.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::action::{NewAnswer, StickLook};
use super::text;
use crate::answer::{MAX_XML_BYTES, Secret, SecretBytes};
use crate::device::Identity;
use crate::job;
use crate::source::AnswerFile;

/// One byte more than is allowed at most, so that who reads it can say so. The error is a clause.
pub fn read(path: &Path) -> Result<SecretBytes, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_XML_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(SecretBytes::new(bytes))
}

/// A file that is there already is replaced only when a dialog has asked. The error is a sentence.
pub fn write(path: PathBuf, contents: &Secret, replace: bool) -> Result<PathBuf, String> {
    let mut options = OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options.open(&path).and_then(|mut file| file.write_all(contents.reveal().as_bytes()));
    written.map_err(|error| text::report_error(&path, &error))?;
    Ok(path)
}

/// What the stick has, and whether the new file goes with it. Consent to erase a disk is not taken from a file: Confirm
/// asks for it. The error is a sentence.
pub fn look(drive: &Identity, file: Option<&Path>) -> Result<StickLook, String> {
    // Before anybody is asked for a password to open the drive.
    let file = file.map(AnswerFile::read).transpose().map_err(|error| error.to_string())?;
    let there = job::answer_on_stick(drive)?;
    let new = file.map(AnswerFile::with_consent).map(|file| {
        let prepared = there.prepare(&file).map_err(|refusal| text::refusal(&refusal));
        NewAnswer { file, prepared }
    });
    Ok(StickLook { there, new })
}
