//! What an image is, told by its content: how it would start, what it is called, what is wrong with it at first sight.
//!
//! Never fails: what cannot be read or makes no sense becomes a note, or nothing.

mod disc;
mod disk;
mod system;
#[cfg(test)]
mod tests;

use std::io::{Read, Seek, SeekFrom};

use super::windows::WindowsFacts;
use super::{BootRecord, ImageKind, PartitionTable};
use crate::base::{ByteSize, MIB};

/// Zeroes are looked through this far before the image counts as empty.
const ZERO_SCAN_BYTES: u64 = 256 * MIB;

/// The part of an image's facts that its content tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recognised {
    pub kind: ImageKind,
    pub label: Option<String>,
    pub system: Option<String>,
    pub partition_tables: Vec<PartitionTable>,
    pub boot: Vec<BootRecord>,
    pub windows: Option<WindowsFacts>,
    pub notes: Vec<String>,
}

/// How much of the image there is, and how much of it the reader gives.
#[derive(Clone, Copy, Debug)]
struct Reach {
    readable_bytes: u64,
    /// The image's true size, where known. The reader may give less: the head of a compressed image.
    image_bytes: Option<u64>,
}

impl Reach {
    /// The image ends before byte `end`.
    fn is_short_of(&self, end: u64) -> bool {
        self.image_bytes.is_some_and(|size| size < end)
    }

    fn is_whole(&self) -> bool {
        self.image_bytes == Some(self.readable_bytes)
    }
}

/// Recognises `image`, of which the reader may give only the first few MiB. `image_bytes` is the size of all of it.
pub(super) fn recognise(image: &mut (impl Read + Seek), image_bytes: Option<u64>) -> Recognised {
    let readable_bytes = match image.seek(SeekFrom::End(0)) {
        Ok(bytes) => bytes,
        Err(error) => return nothing(ImageKind::NotBootable, format!("The image cannot be read: {error}.")),
    };
    let reach = Reach { readable_bytes, image_bytes };
    if image_bytes == Some(0) || readable_bytes == 0 {
        return Recognised { notes: Vec::new(), ..nothing(ImageKind::Empty, String::new()) };
    }
    match leading_zeroes(image) {
        Ok(zeroes) if zeroes >= readable_bytes.min(ZERO_SCAN_BYTES) => {
            let note = if image_bytes == Some(zeroes) {
                "The image holds nothing but zeroes.".to_owned()
            } else {
                format!("The image holds nothing but zeroes as far as was looked ({}).", ByteSize(zeroes))
            };
            return nothing(ImageKind::Empty, note);
        }
        Ok(zeroes) if zeroes >= MIB => {
            return nothing(
                ImageKind::NotBootable,
                format!(
                    "The image holds nothing but zeroes in its first {}; nothing there starts a machine.",
                    ByteSize(zeroes)
                ),
            );
        }
        Ok(_) => {}
        Err(error) => return nothing(ImageKind::NotBootable, format!("The image cannot be read: {error}.")),
    }
    classify(image, &reach)
}

fn classify(image: &mut (impl Read + Seek), reach: &Reach) -> Recognised {
    let disc = disc::survey(image, reach);
    let disk = disk::survey(image, reach, disc.is_some());
    let starts_from_stick = !disk.boot.is_empty();
    let mut notes = disk.notes;
    let mut windows = None;
    let (kind, label, system, disc_boot) = match disc {
        Some(disc) => {
            notes.extend(disc.notes);
            let kind = match disc.windows.is_some() {
                _ if starts_from_stick => ImageKind::HybridIso,
                true => ImageKind::WindowsSetup,
                false => ImageKind::OpticalIso,
            };
            windows = disc.windows;
            (kind, disc.label.or(disk.label), disc.system, disc.boot)
        }
        None if starts_from_stick || !disk.partition_tables.is_empty() => {
            (ImageKind::Disk, disk.label, None, Vec::new())
        }
        None => (ImageKind::NotBootable, disk.label, None, Vec::new()),
    };
    if kind == ImageKind::HybridIso
        && disc_boot.contains(&BootRecord::ElToritoUefi)
        && !disk.boot.contains(&BootRecord::EfiPartition)
    {
        notes.push(
            "Its entry for UEFI is made for optical discs; only some machines with UEFI start it from a stick."
                .to_owned(),
        );
    }
    let mut boot = disk.boot;
    boot.extend(disc_boot);
    Recognised { kind, label, system, partition_tables: disk.partition_tables, boot, windows, notes }
}

fn nothing(kind: ImageKind, note: String) -> Recognised {
    Recognised {
        kind,
        label: None,
        system: None,
        partition_tables: Vec::new(),
        boot: Vec::new(),
        windows: None,
        notes: vec![note],
    }
}

/// How many bytes from the start on are zero, up to [`ZERO_SCAN_BYTES`].
fn leading_zeroes(image: &mut (impl Read + Seek)) -> std::io::Result<u64> {
    image.seek(SeekFrom::Start(0))?;
    let mut head = image.take(ZERO_SCAN_BYTES);
    let mut buf = vec![0; 64 * 1024];
    let mut zeroes = 0;
    loop {
        match head.read(&mut buf) {
            Ok(0) => return Ok(zeroes),
            Ok(filled) => match buf[..filled].iter().position(|b| *b != 0) {
                Some(position) => return Ok(zeroes + position as u64),
                None => zeroes += filled as u64,
            },
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
