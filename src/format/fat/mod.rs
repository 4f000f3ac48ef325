//! FAT12, FAT16 and FAT32 (Microsoft FAT specification 1.03; field names from there): what a partition is for
//! ([`FatVolume`]), the files in it ([`FatTree`]), FAT32 volumes to be made ([`layout`]) and to be changed ([`edit`]).

mod chain;
mod copies;
mod directory;
pub mod edit;
mod entry;
mod housekeeping;
pub mod layout;
mod long_name;
mod name;
mod tree;

use std::io::{Read, Seek};

pub use housekeeping::Housekeeping;
pub use tree::FatTree;

use super::FormatError;
use super::bytes::{padded_text, read_array, u16_le, u32_le};

/// §6: a directory entry, short or a piece of a long name.
const ENTRY_BYTES: usize = 32;
/// §6: a directory may not be larger.
const MAX_DIRECTORY_BYTES: u64 = 65_536 * ENTRY_BYTES as u64;

/// DIR_Attr (§6.2).
const ATTRIBUTE_HIDDEN: u8 = 0x02;
const ATTRIBUTE_VOLUME_ID: u8 = 0x08;
const ATTRIBUTE_DIRECTORY: u8 = 0x10;
/// Changed since the last backup, as everything that is new.
const ATTRIBUTE_ARCHIVE: u8 = 0x20;
/// All of read-only, hidden, system and volume id: a piece of a long name.
const ATTRIBUTE_LONG_NAME: u8 = 0x0F;

/// BS_BootCode of the two layouts, and where the signature ends it.
const CODE_AT: usize = 62;
const CODE_AT_32: usize = 90;
const SIGNATURE_AT: usize = 510;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FatType {
    Fat12,
    Fat16,
    Fat32,
}

/// A FAT volume that begins at some byte of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FatVolume {
    pub fat_type: FatType,
    /// BS_VolLab; `None` if there is none or it says NO NAME. The root directory's is in [`FatVolume::label`].
    pub boot_sector_label: Option<String>,
    /// All of the volume.
    pub size_bytes: u64,
    /// There is code behind the parameters, and it is not the stub that only says that the disk does not start.
    pub has_boot_code: bool,
    at: u64,
    sector_bytes: u64,
    cluster_bytes: u64,
    /// The table that counts.
    fat_at: u64,
    fat_bytes: u64,
    /// The other one, if it is kept like the first.
    fat_copy_at: Option<u64>,
    /// FAT12 and FAT16: the root directory's place and size; FAT32: its first cluster.
    root: Root,
    clusters_at: u64,
    cluster_count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Region { at: u64, len_bytes: u64 },
    Cluster(u32),
}

impl FatVolume {
    /// The volume whose boot sector lies at byte `at`. `None` when no FAT volume begins there.
    pub fn open(image: &mut (impl Read + Seek), at: u64) -> Result<Option<Self>, FormatError> {
        match read_array(image, "FAT boot sector", at) {
            Err(FormatError::PastEnd { .. }) => Ok(None),
            read => Ok(Self::parse(&read?, at)),
        }
    }

    /// Every field is bounded by its type, so that no sum below can overflow 64 bits.
    fn parse(sector: &[u8; 512], at: u64) -> Option<Self> {
        let starts_with_jump = matches!(sector[..3], [0xEB, _, 0x90] | [0xE9, _, _]);
        let sector_bytes = u64::from(u16_le(sector, 11));
        let cluster_sectors = u64::from(sector[13]);
        let (reserved, fat_count) = (u64::from(u16_le(sector, 14)), u64::from(sector[16]));
        let root_entries = u64::from(u16_le(sector, 17));
        let is_plausible = starts_with_jump
            && sector[SIGNATURE_AT..] == [0x55, 0xAA]
            && matches!(sector_bytes, 512 | 1024 | 2048 | 4096)
            && cluster_sectors.is_power_of_two()
            && reserved > 0
            && matches!(fat_count, 1 | 2)
            && matches!(sector[21], 0xF0 | 0xF8..=0xFF);
        if !is_plausible {
            return None;
        }
        let either = |short: u64, long: u64| if short != 0 { short } else { long };
        let sectors = either(u16_le(sector, 19).into(), u32_le(sector, 32).into());
        let fat_sectors = either(u16_le(sector, 22).into(), u32_le(sector, 36).into());
        let root_sectors = (root_entries * 32).div_ceil(sector_bytes);
        let data_sector = reserved + fat_count * fat_sectors + root_sectors;
        let cluster_count = sectors.checked_sub(data_sector)? / cluster_sectors;
        if fat_sectors == 0 || cluster_count == 0 {
            return None;
        }
        // The count of clusters alone decides the type (§3.5). A root of no entries is FAT32's.
        let fat_type = match cluster_count {
            _ if root_entries == 0 => FatType::Fat32,
            0..4085 => FatType::Fat12,
            4085..65525 => FatType::Fat16,
            _ => return None,
        };
        let (extended_at, code_at) =
            if fat_type == FatType::Fat32 { (66, CODE_AT_32) } else { (38, CODE_AT) };
        // BPB_ExtFlags, on FAT32 only: one table is kept, and which.
        let kept_alone = (fat_type == FatType::Fat32 && sector[40] & 0x80 != 0)
            .then(|| u64::from(sector[40] & 0x0F).min(fat_count - 1));
        let fat_bytes = fat_sectors * sector_bytes;
        let first_fat_at = at.checked_add(reserved * sector_bytes)?;
        let label = (sector[extended_at] == 0x29).then(|| &sector[extended_at + 5..extended_at + 16]);
        let root_at = at.checked_add((reserved + fat_count * fat_sectors) * sector_bytes)?;
        Some(Self {
            fat_type,
            boot_sector_label: label.and_then(padded_text).filter(|label| label != "NO NAME"),
            size_bytes: sectors * sector_bytes,
            has_boot_code: is_boot_code(&sector[code_at..SIGNATURE_AT]),
            at,
            sector_bytes,
            cluster_bytes: cluster_sectors * sector_bytes,
            fat_at: first_fat_at.checked_add(kept_alone.unwrap_or(0) * fat_bytes)?,
            fat_bytes,
            fat_copy_at: match kept_alone {
                None if fat_count > 1 => Some(first_fat_at.checked_add(fat_bytes)?),
                _ => None,
            },
            root: match fat_type {
                FatType::Fat32 => Root::Cluster(u32_le(sector, 44)),
                _ => Root::Region { at: root_at, len_bytes: root_entries * 32 },
            },
            clusters_at: at.checked_add(data_sector * sector_bytes)?,
            cluster_count: u32::try_from(cluster_count).ok()?,
        })
    }

    /// First byte of the volume.
    pub fn start_bytes(&self) -> u64 {
        self.at
    }

    /// The label: the root directory's, else the boot sector's.
    pub fn label(&self, image: &mut (impl Read + Seek)) -> Option<String> {
        let in_root = self.read_root(image).ok().and_then(|entries| {
            entries.iter().find(|e| e.is_volume_label()).and_then(|e| padded_text(&e.short_name))
        });
        in_root.or_else(|| self.boot_sector_label.clone())
    }

    /// Does firmware of UEFI machines find something to start: `/EFI/BOOT/BOOT*.EFI` (UEFI 2.10 §3.5.1.1)?
    pub fn has_efi_loader(&self, image: &mut (impl Read + Seek)) -> Result<bool, FormatError> {
        let mut entries = self.read_root(image)?;
        for folder in [b"EFI        ", b"BOOT       "] {
            let Some(entry) = entries.iter().find(|e| e.is_directory() && e.short_name == *folder) else {
                return Ok(false);
            };
            entries = self.read_chain(image, entry.first_cluster)?;
        }
        let is_loader = |name: &[u8; 11]| name.starts_with(b"BOOT") && name.ends_with(b"EFI");
        Ok(entries.iter().any(|e| e.is_file() && is_loader(&e.short_name)))
    }
}

/// mkfs.fat and mformat put code there that prints a sentence and waits: that is not a way to start.
fn is_boot_code(code: &[u8]) -> bool {
    const STUBS: [&[u8]; 3] = [b"not a bootable disk", b"not bootable", b"Non-System disk"];
    let says = |text: &[u8]| code.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text));
    code.iter().any(|b| *b != code[0]) && !STUBS.into_iter().any(says)
}

/// §7.2: what binds the pieces of a long name to their short entry.
fn short_name_checksum(name: &[u8; 11]) -> u8 {
    name.iter().fold(0, |sum: u8, byte| sum.rotate_right(1).wrapping_add(*byte))
}
