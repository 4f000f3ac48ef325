//! The plan of a Windows stick: one FAT32 partition with the files of the image, started by BIOS through our own boot
//! code and by UEFI through the loader that it looks for. Nothing is mounted and nothing unpacked: file data comes
//! straight out of the image, an install image that is too large for FAT32 is split on the way.

mod advice;
mod assemble;
mod contents;
mod drivers;
mod in_setup;
mod split;

use sha2::{Digest as _, Sha256};

use crate::base::{ByteSize, MIB};
use crate::device::{Drive, Standing};
use crate::format::fat::layout::{self, FatLayout, LayoutError, Node, NodeKind, VolumeSpec};
use crate::format::gpt;
use crate::format::guid::Guid;
use crate::source::windows::{Architecture, WindowsFacts, WindowsMedia};
use crate::source::{Addition, DriverFolder, ImageFacts};

use super::manifest::{self, Added, Making, Patched};
use super::raw::{gate, wipes};
use super::{Plan, PlannedStick, Refusal, Scheme};
pub use assemble::{FAT32_BOOT_CODE, mbr_boot_code};
use contents::{Contents, Item};

/// What a user may choose about a Windows stick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowsOptions {
    pub scheme: Scheme,
    /// Size of the parts of a split install image. `None`: split only what FAT32 cannot hold.
    pub split_bytes: Option<u64>,
    /// Files of the user's, those of the answer file among them.
    pub additions: Vec<Addition>,
    /// What is to be known of the answer file.
    pub answer: Option<AnswerWords>,
    /// Answer files that the image brings are left out.
    pub without_answer_files: bool,
    /// The list that is left on the stick gives no checksums of the files: they need not be computed.
    pub without_checksums: bool,
    /// Nothing is kept free for another answer file: the stick has been made already.
    pub without_spare_room: bool,
    pub drivers: Vec<DriverFolder>,
    /// Put the drivers into the image that Setup starts in as well, and have them loaded there first.
    pub drivers_in_setup: bool,
    /// Of a stick that is checked: what was appended to files of the image. It is not known any more.
    pub patched: Vec<Patched>,
    /// What serial numbers and identifiers are derived from. `None`: from the image and the drive.
    pub seed: Option<u64>,
}

/// What an answer file does, in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerWords {
    pub notes: Vec<String>,
    /// It erases disks.
    pub erases: Option<String>,
    /// What else is worth knowing.
    pub advice: Vec<String>,
}

/// Kept free on every stick, so that it can get another answer file later without being made anew.
const SPARE_BYTES: u64 = MIB;

/// Where the partition begins, and what its end is aligned to.
const ALIGN_BYTES: u64 = MIB;

/// Lays the files of Windows media out on `drive`.
pub fn plan_windows(
    image: &ImageFacts,
    media: &WindowsMedia,
    drive: &Drive,
    standing: &Standing,
    options: &WindowsOptions,
) -> Result<Plan, Refusal> {
    gate(drive, standing)?;
    let Some(windows) = &image.windows else { return Err(Refusal::NotWindows) };
    let target = &drive.identity;
    let seed = options.seed.unwrap_or_else(|| seed_of(image, target));
    let ids = Ids { seed };
    let mut contents = Contents::of_media(media, options.split_bytes)?;
    contents.add_loader(media);
    if options.without_answer_files {
        contents.leave_out(&windows.answer_files);
    } else if let Some(path) = windows.answer_files.first()
        && options.additions.iter().any(|addition| addition.of_answer)
    {
        return Err(Refusal::AnswerFileThere { path: path.clone() });
    }
    let drivers = drivers::judge(&options.drivers, windows)?;
    let of_drivers = options.drivers.iter().flat_map(|folder| &folder.additions);
    let additions: Vec<Addition> = options.additions.iter().chain(of_drivers).cloned().collect();
    contents.add(&additions)?;
    let patched = match options.drivers_in_setup {
        true => in_setup::put(&mut contents, media, windows, options)?,
        false => in_setup::as_made(&mut contents, media, &options.patched),
    };

    let boots_uefi = uefi_architectures(windows, &contents);
    // A GPT stick starts by no other way.
    if options.scheme == Scheme::Gpt && boots_uefi.is_empty() {
        return Err(Refusal::NoUefiLoader);
    }
    let label = layout::fat_label(media.label.as_deref().unwrap_or_default()).unwrap_or_default();
    let making = Making {
        manifest: 1,
        program: format!("Sticksmith {}", env!("CARGO_PKG_VERSION")),
        image: image.name.clone(),
        image_bytes: image.file_bytes,
        system: image.system.clone(),
        scheme: options.scheme,
        label: label.clone(),
        seed,
        split_bytes: options.split_bytes,
        sector_bytes: target.sector_bytes,
        drive_bytes: target.size_bytes,
        added: additions.iter().map(Added::of).collect(),
        without_answer_files: options.without_answer_files,
        patched: patched.clone(),
    };
    let manifest_head = manifest::head(&making);
    let items = contents.into_items(|paths| {
        let listed = paths.filter(|_| !options.without_checksums);
        manifest::len_bytes(&manifest_head, listed)
    });

    let place = Place::on(target.size_bytes, target.sector_bytes, options.scheme)?;
    let spare_bytes = if options.without_spare_room { 0 } else { SPARE_BYTES };
    let volume = lay_out(&place, &items, &label, spare_bytes, &ids)?;
    let mut stick = stick(&place, &volume, &items, media, options, manifest_head, boots_uefi);
    stick.erases = advice::erases(windows, options);
    (stick.additions, stick.patched) = (additions, patched);
    let extents = assemble::extents(&place, &volume, &items, &ids)?;
    Ok(Plan {
        target: target.clone(),
        image: image.clone(),
        extents,
        sized: true,
        wipes: wipes(place.drive_bytes),
        notes: [advice::notes(media, &stick, options), drivers.notes, in_setup::notes(&stick)].concat(),
        advice: [
            advice::advice(windows, media, &stick, target.sector_bytes, &image.notes, options),
            drivers.advice,
            in_setup::advice(&stick, windows),
        ]
        .concat(),
        stick: Some(Box::new(stick)),
        change: None,
    })
}

/// Where the partition lies.
struct Place {
    scheme: Scheme,
    sector_bytes: u32,
    /// Whole sectors.
    drive_bytes: u64,
    start: u64,
    len: u64,
    /// What a table at the drive's end takes.
    tail: u64,
}

impl Place {
    fn on(size_bytes: u64, sector_bytes: u32, scheme: Scheme) -> Result<Self, Refusal> {
        let sector = u64::from(sector_bytes);
        let drive_bytes = size_bytes / sector * sector;
        let too_small = Refusal::TooSmall { needed_bytes: 64 * MIB, drive_bytes };
        let end = match scheme {
            Scheme::Mbr => drive_bytes,
            Scheme::Gpt => {
                let usable = gpt::usable_lbas(sector_bytes, drive_bytes / sector);
                (usable.map_err(|_| too_small.clone())?.1 + 1) * sector
            }
        };
        let tail = drive_bytes - end;
        // An MBR counts sectors in 32 bits, and so does FAT32.
        let end = end.min(u64::from(u32::MAX) * sector) / ALIGN_BYTES * ALIGN_BYTES;
        if end <= ALIGN_BYTES {
            return Err(too_small);
        }
        Ok(Self { scheme, sector_bytes, drive_bytes, start: ALIGN_BYTES, len: end - ALIGN_BYTES, tail })
    }

    fn first_lba(&self) -> u32 {
        (self.start / u64::from(self.sector_bytes)) as u32
    }
}

fn lay_out(
    place: &Place,
    items: &[Item],
    label: &str,
    spare_bytes: u64,
    ids: &Ids,
) -> Result<FatLayout, Refusal> {
    let newest = items.iter().filter_map(|item| item.modified_unix_secs).max();
    let spec = VolumeSpec {
        volume_bytes: place.len,
        sector_bytes: place.sector_bytes,
        first_lba: place.first_lba(),
        serial: ids.number("volume serial"),
        label,
        label_unix_secs: newest,
        boot_code: FAT32_BOOT_CODE,
        align_bytes: ALIGN_BYTES,
        spare_bytes,
    };
    let node = |item: &Item| Node {
        path: item.path.clone(),
        kind: match &item.content {
            None => NodeKind::Directory,
            Some(content) => NodeKind::File { len_bytes: content.len_bytes() },
        },
        modified_unix_secs: item.modified_unix_secs.or(newest),
        is_hidden: false,
    };
    let nodes: Vec<Node> = items.iter().map(node).collect();
    layout::lay_out(&spec, &nodes).map_err(|error| match error {
        LayoutError::TooSmall { needed_bytes, .. } => {
            let needed_bytes = place.start + needed_bytes.next_multiple_of(ALIGN_BYTES) + place.tail;
            Refusal::TooSmall { needed_bytes, drive_bytes: place.drive_bytes }
        }
        LayoutError::FileTooLarge { path, len_bytes } => Refusal::FileTooLarge { path, len_bytes },
        error => Refusal::Layout { reason: error.to_string() },
    })
}

fn stick(
    place: &Place,
    volume: &FatLayout,
    items: &[Item],
    media: &WindowsMedia,
    options: &WindowsOptions,
    manifest_head: String,
    boots_uefi: Vec<Architecture>,
) -> PlannedStick {
    let has = |path: &str| items.iter().any(|item| item.path.eq_ignore_ascii_case(path));
    let mut files: Vec<super::PlannedFile> = volume
        .files
        .iter()
        .map(|file| super::PlannedFile {
            path: items[file.node].path.clone(),
            start: place.start + file.offset_bytes,
            len: file.len_bytes,
        })
        .collect();
    files.sort_by_key(|file| (file.len > 0, file.start));
    PlannedStick {
        scheme: options.scheme,
        partition_start: place.start,
        partition_bytes: volume.volume_bytes,
        tables_start: place.start + volume.fat_offsets_bytes[0],
        cluster_bytes: volume.cluster_bytes,
        label: volume.label.clone().unwrap_or_default(),
        free_bytes: u64::from(volume.free_clusters) * u64::from(volume.cluster_bytes),
        payload_bytes: files.iter().map(|file| file.len).sum(),
        boots_bios: options.scheme == Scheme::Mbr && has("bootmgr"),
        boots_uefi,
        loader_from: media.loader.as_ref().map(|loader| loader.from.clone()),
        split: split::summary(items, media),
        files,
        additions: Vec::new(),
        patched: Vec::new(),
        has_checksums: !options.without_checksums,
        manifest_head,
        erases: Vec::new(),
    }
}

/// The loaders that firmware will find.
fn uefi_architectures(windows: &WindowsFacts, contents: &Contents) -> Vec<Architecture> {
    let mut found: Vec<Architecture> = windows.boot.uefi.iter().map(|loader| loader.architecture).collect();
    if !found.contains(&Architecture::X64) && contents.has(contents::X64_LOADER) {
        found.push(Architecture::X64);
    }
    found
}

/// Numbers that must differ from stick to stick, and be the same whenever the same stick is planned again.
struct Ids {
    seed: u64,
}

impl Ids {
    fn bytes(&self, purpose: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(purpose).finalize().into()
    }

    /// Never zero.
    fn number(&self, purpose: &str) -> u32 {
        let [a, b, c, d, ..] = self.bytes(purpose);
        u32::from_le_bytes([a, b, c, d]).max(1)
    }

    fn guid(&self, purpose: &str) -> Guid {
        guid_of(self.bytes(purpose))
    }
}

/// Marked as made by chance (RFC 9562, version 4).
fn guid_of(digest: [u8; 32]) -> Guid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[7] = bytes[7] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    Guid(bytes)
}

/// Another image or another drive is another seed, and so is the same drive plugged in again.
fn seed_of(image: &ImageFacts, target: &crate::device::Identity) -> u64 {
    let text = format!("{:?} {:?} {:?} {target:?}", image.name, image.file_bytes, image.label);
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

impl PlannedStick {
    /// `FAT32 “WIN7”, 7.9 GB, MBR`
    pub fn describe(&self) -> String {
        let label = if self.label.is_empty() { String::new() } else { format!(" “{}”", self.label) };
        format!("FAT32{label}, {}, {}", ByteSize(self.partition_bytes), self.scheme)
    }
}

#[cfg(test)]
mod tests;
