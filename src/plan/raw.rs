//! The plan of a raw copy: the image as it is, from the first byte of the stick on.

use crate::base::MIB;
use crate::device::{Drive, Standing};
use crate::source::{ImageFacts, ImageKind};

use super::{Extent, Fill, Plan, Refusal};

/// How much is zeroed at either end of the drive before writing. Holds the MBR, both copies of a GPT (for sectors of
/// 512 and 4096 bytes), and every file system and RAID signature that stands at a drive's start or end.
const WIPE_BYTES: u64 = MIB;

/// What a user may choose about a raw copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawOptions {
    /// Write and verify only these ranges (offset, length) of the image, ascending; old bytes stay between them.
    pub mapped: Option<Vec<(u64, u64)>>,
}

/// Plans `image` onto `drive`.
pub fn plan_raw(
    image: &ImageFacts,
    drive: &Drive,
    standing: &Standing,
    options: &RawOptions,
) -> Result<Plan, Refusal> {
    gate(drive, standing)?;
    if image.image_bytes == Some(0) {
        return Err(Refusal::EmptyImage);
    }
    let target = &drive.identity;
    let sector = u64::from(target.sector_bytes);
    let drive_bytes = target.size_bytes / sector * sector;
    if let Some(needed_bytes) = image.image_bytes
        && needed_bytes > drive_bytes
    {
        return Err(Refusal::TooSmall { needed_bytes, drive_bytes });
    }
    let extents = match (image.image_bytes, &options.mapped) {
        (Some(len), Some(mapped)) => mapped_extents(mapped, len, sector),
        (Some(len), None) => mapped_extents(&[(0, len)], len, sector),
        (None, _) => vec![Extent { start: 0, len: drive_bytes, fill: Fill::Source { offset: 0 } }],
    };
    if extents.is_empty() {
        return Err(Refusal::EmptyImage);
    }
    Ok(Plan {
        target: target.clone(),
        image: image.clone(),
        extents,
        sized: image.image_bytes.is_some(),
        wipes: wipes(drive_bytes),
        notes: notes(image, target.sector_bytes, options),
        advice: Vec::new(),
        stick: None,
        change: None,
    })
}

/// No plan is made for a drive that must not be written to.
pub(super) fn gate(drive: &Drive, standing: &Standing) -> Result<(), Refusal> {
    match standing {
        Standing::Forbidden(reason) => Err(Refusal::Drive { reason: reason.clone() }),
        _ if drive.read_only => Err(Refusal::ReadOnly),
        _ => Ok(()),
    }
}

impl Plan {
    /// The plan of an unsized image, once its real length is known.
    pub fn sized_at(&self, image_bytes: u64) -> Plan {
        let sector = u64::from(self.target.sector_bytes);
        Plan {
            extents: mapped_extents(&[(0, image_bytes)], image_bytes, sector),
            sized: true,
            ..self.clone()
        }
    }
}

/// The ranges of the image at their own places, widened to whole sectors: with bytes of the image where it has them,
/// with zeroes after its end.
fn mapped_extents(ranges: &[(u64, u64)], image_bytes: u64, sector: u64) -> Vec<Extent> {
    let mut extents: Vec<Extent> = Vec::new();
    let mut covered = 0;
    for &(offset, len) in ranges {
        let start = (offset / sector * sector).max(covered);
        let end = offset.saturating_add(len).min(image_bytes);
        let sector_end = end.next_multiple_of(sector);
        if end <= start {
            continue;
        }
        let data_end = sector_end.min(image_bytes);
        match extents.last_mut() {
            Some(last) if last.end() == start => last.len = data_end - last.start,
            _ => extents.push(Extent { start, len: data_end - start, fill: Fill::Source { offset: start } }),
        }
        if sector_end > data_end {
            extents.push(Extent { start: data_end, len: sector_end - data_end, fill: Fill::Zeroes });
        }
        covered = sector_end;
    }
    extents
}

/// Both ends of the drive, whole sectors, without overlap.
pub(super) fn wipes(drive_bytes: u64) -> Vec<(u64, u64)> {
    if drive_bytes <= 2 * WIPE_BYTES {
        return vec![(0, drive_bytes)];
    }
    vec![(0, WIPE_BYTES), (drive_bytes - WIPE_BYTES, WIPE_BYTES)]
}

fn notes(image: &ImageFacts, sector_bytes: u32, options: &RawOptions) -> Vec<String> {
    let mut notes = Vec::new();
    match image.kind {
        ImageKind::OpticalIso => notes.push(
            "This ISO is made for optical discs only. A byte-for-byte copy will not start from a stick on its own."
                .to_owned(),
        ),
        ImageKind::NotBootable => {
            notes.push("Nothing in this image starts a computer; the stick will hold data only.".to_owned());
        }
        ImageKind::HybridIso | ImageKind::Disk => notes.push(
            match (image.boots_bios(), image.boots_uefi()) {
                (true, true) => "The stick will start computers by BIOS and by UEFI.",
                (true, false) => "The stick will start computers by BIOS; nothing on it is made for UEFI.",
                (false, true) => "The stick will start computers by UEFI only.",
                (false, false) => "No boot code was found in this image; it may not start a computer.",
            }
            .to_owned(),
        ),
        ImageKind::Empty => {
            notes.push("This image holds nothing but zeroes, as far as was looked; the stick will be blank.".to_owned());
        }
        ImageKind::WindowsSetup => notes.push(
            "This is Windows media, copied byte for byte as you asked: no machine starts from such a stick.".to_owned(),
        ),
    }
    if sector_bytes != 512 && matches!(image.kind, ImageKind::HybridIso | ImageKind::Disk) {
        notes.push(format!(
            "The drive has sectors of {sector_bytes} bytes. Partition tables in images are usually made for 512, and \
             then no system finds them on this drive."
        ));
    }
    if options.mapped.is_some() {
        notes.push("Only the mapped parts of the image are written; old bytes stay between them.".to_owned());
    }
    notes.extend(image.notes.iter().cloned());
    notes
}

#[cfg(test)]
mod tests;
