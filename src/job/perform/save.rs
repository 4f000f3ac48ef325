//! Copies a drive into an image file.

use std::path::Path;

use crate::base::{ByteSize, Cancel};
use crate::device;
use crate::engine;
use crate::plan::Refusal;

use super::super::recorder::Recorder;
use super::super::{NamedDigest, Report, SaveRequest};
use super::{Stop, Verdict, current, unavailable};

pub(super) fn save(
    request: &SaveRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let drive = current(&request.drive, |path| recorder.find(path))?;
    let file = &request.file;
    if file.exists() && !request.overwrite {
        return Err(Refusal::FileExists { path: file.clone() }.into());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if device::source_drives(folder).contains(&drive.identity.device_number) {
        return Err(Refusal::Drive {
            reason: "The file would lie on the drive that is to be saved. Choose another folder.".to_owned(),
        }
        .into());
    }
    let device = recorder.open_for_reading(&request.drive).map_err(unavailable)?;
    let saved = engine::save(&device, file, &|step| recorder.step(step), cancel)?;
    report.digests.push(NamedDigest { of: "drive".to_owned(), digest: saved.digest, matches: None });
    report.image_path = Some(file.clone());
    Ok(Verdict::Good(format!(
        "Saved: all {} of the drive are in {} ({} on the disk).",
        ByteSize(saved.drive_bytes),
        file.display(),
        ByteSize(saved.file_bytes)
    )))
}
