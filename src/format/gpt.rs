//! The GUID partition table (UEFI 2.10 §5.3): header at LBA 1, its entry array, and the copy of both at the disk's end.

mod layout;

use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::{array, len_bytes, read_array, read_at, u32_le, u64_le};
use super::guid::Guid;
pub use layout::{GptLayout, GptLayoutError, lay_out, usable_lbas};

const SIGNATURE: &[u8; 8] = b"EFI PART";
/// Table 5.5: the fields end here, and the header's own size may not be less.
const HEADER_BYTES: usize = 92;
/// Table 5.6: an entry has this size or a power of two times as much.
const ENTRY_BYTES: u32 = 128;
/// The specification asks for at least 16 KiB; real tables have that. A larger array than this is not followed.
const MAX_ARRAY_BYTES: u64 = 1 << 20;
/// The sector sizes of drives. A table is bound to the one it was made for.
pub const SECTOR_SIZES: [u32; 2] = [512, 4096];

/// Partition type of the EFI system partition.
pub const TYPE_EFI_SYSTEM: Guid = Guid::new(0xC12A_7328, 0xF81F, 0x11D2, 0xBA4B_00A0_C93E_C93B);

/// Partition type of data that Windows gives a drive letter ("basic data").
pub const TYPE_BASIC_DATA: Guid = Guid::new(0xEBD0_A0A2, 0xB9E5, 0x4433, 0x87C0_68B6_B726_99C7);
/// Attribute: firmware that knows no GPT may start this partition (table 5.8).
pub const ATTRIBUTE_LEGACY_BOOTABLE: u64 = 1 << 2;

/// A header whose checksums are right, with its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpt {
    /// Bytes in a sector of the drives this table is for.
    pub sector_bytes: u32,
    /// The sector this header lies in.
    pub my_lba: u64,
    /// The sector of the other copy.
    pub alternate_lba: u64,
    pub first_usable_lba: u64,
    pub last_usable_lba: u64,
    pub disk_guid: Guid,
    /// The entries in use, in the order of the table.
    pub partitions: Vec<GptPartition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GptPartition {
    /// From 1: the place in the table.
    pub number: u32,
    pub type_guid: Guid,
    pub unique_guid: Guid,
    pub first_lba: u64,
    /// The last sector that belongs to it.
    pub last_lba: u64,
    pub attributes: u64,
    pub name: String,
}

impl Gpt {
    /// The primary table for drives with sectors of `sector_bytes`. `None` when no header begins at LBA 1.
    pub fn read_primary(
        image: &mut (impl Read + Seek),
        sector_bytes: u32,
    ) -> Result<Option<Self>, FormatError> {
        Self::read(image, sector_bytes, 1)
    }

    /// The table whose header lies in sector `lba`. `None` when no header begins there.
    pub fn read(
        image: &mut (impl Read + Seek),
        sector_bytes: u32,
        lba: u64,
    ) -> Result<Option<Self>, FormatError> {
        const WHAT: &str = "GPT header";
        let at = lba.checked_mul(u64::from(sector_bytes)).ok_or(FormatError::PastEnd {
            what: WHAT,
            at: u64::MAX,
            len_bytes: HEADER_BYTES as u64,
        })?;
        // No field past the first sector of 512 bytes matters: a longer header has only reserved zeroes there, which
        // the checksum covers.
        let header: [u8; 512] = match read_array(image, WHAT, at) {
            Err(FormatError::PastEnd { .. }) if lba == 1 => return Ok(None),
            read => read?,
        };
        if header[..8] != *SIGNATURE {
            return Ok(None);
        }
        let header_bytes = u32_le(&header, 12) as usize;
        if !(HEADER_BYTES..=header.len()).contains(&header_bytes) {
            return Err(FormatError::damaged("GPT header size", at, "92 to 512", header_bytes));
        }
        let mut summed = header;
        summed[16..20].fill(0);
        check_crc(WHAT, at, u32_le(&header, 16), crc32fast::hash(&summed[..header_bytes]))?;
        let my_lba = u64_le(&header, 24);
        if my_lba != lba {
            return Err(FormatError::damaged("GPT header's own sector", at, lba, my_lba));
        }
        Ok(Some(Self {
            sector_bytes,
            my_lba,
            alternate_lba: u64_le(&header, 32),
            first_usable_lba: u64_le(&header, 40),
            last_usable_lba: u64_le(&header, 48),
            disk_guid: Guid(array(&header, 56)),
            partitions: read_entries(image, sector_bytes, &header)?,
        }))
    }

    /// Reads the backup of this primary table and compares the two. `Ok(false)`: no header lies where it should.
    pub fn backup_is_valid(&self, image: &mut (impl Read + Seek)) -> Result<bool, FormatError> {
        let Some(backup) = Self::read(image, self.sector_bytes, self.alternate_lba)? else {
            return Ok(false);
        };
        let at = self.alternate_lba.saturating_mul(u64::from(self.sector_bytes));
        if backup.alternate_lba != self.my_lba {
            return Err(FormatError::damaged("backup GPT's link", at, self.my_lba, backup.alternate_lba));
        }
        if backup.disk_guid != self.disk_guid || backup.partitions != self.partitions {
            return Err(FormatError::damaged("backup GPT", at, "the primary's partitions", "other ones"));
        }
        Ok(true)
    }

    /// The backup in the last sector of the image, for images whose primary table is lost.
    pub fn read_backup(
        image: &mut (impl Read + Seek),
        sector_bytes: u32,
    ) -> Result<Option<Self>, FormatError> {
        let sectors = len_bytes(image)? / u64::from(sector_bytes);
        if sectors < 2 { Ok(None) } else { Self::read(image, sector_bytes, sectors - 1) }
    }

    /// First byte after the backup header: what the disk needs to have at least.
    pub fn end_bytes(&self) -> u64 {
        self.alternate_lba.max(self.my_lba).saturating_add(1).saturating_mul(u64::from(self.sector_bytes))
    }
}

impl GptPartition {
    pub fn start_bytes(&self, sector_bytes: u32) -> u64 {
        self.first_lba.saturating_mul(u64::from(sector_bytes))
    }

    /// First byte after the partition.
    pub fn end_bytes(&self, sector_bytes: u32) -> u64 {
        self.last_lba.saturating_add(1).saturating_mul(u64::from(sector_bytes))
    }
}

fn check_crc(what: &'static str, at: u64, stored: u32, computed: u32) -> Result<(), FormatError> {
    if stored == computed {
        return Ok(());
    }
    Err(FormatError::damaged(what, at, format!("checksum {computed:08X}"), format!("{stored:08X}")))
}

fn read_entries(
    image: &mut (impl Read + Seek),
    sector_bytes: u32,
    header: &[u8; 512],
) -> Result<Vec<GptPartition>, FormatError> {
    const WHAT: &str = "GPT entry array";
    let (first_lba, count, entry_bytes) = (u64_le(header, 72), u32_le(header, 80), u32_le(header, 84));
    let at = first_lba.saturating_mul(u64::from(sector_bytes));
    if entry_bytes < ENTRY_BYTES || !entry_bytes.is_power_of_two() {
        return Err(FormatError::damaged("GPT entry size", at, "128 times a power of two", entry_bytes));
    }
    let array_bytes = u64::from(count) * u64::from(entry_bytes);
    if array_bytes > MAX_ARRAY_BYTES {
        return Err(FormatError::Limit { what: WHAT, at, limit: MAX_ARRAY_BYTES });
    }
    let mut entries = vec![0; array_bytes as usize];
    read_at(image, WHAT, at, &mut entries)?;
    check_crc(WHAT, at, u32_le(header, 88), crc32fast::hash(&entries))?;
    let in_use = (1..).zip(entries.chunks_exact(entry_bytes as usize)).filter(|(_, e)| e[..16] != [0; 16]);
    Ok(in_use
        .map(|(number, e)| GptPartition {
            number,
            type_guid: Guid(array(e, 0)),
            unique_guid: Guid(array(e, 16)),
            first_lba: u64_le(e, 32),
            last_lba: u64_le(e, 40),
            attributes: u64_le(e, 48),
            name: name(&e[56..128]),
        })
        .collect())
}

/// 36 code units of UTF-16LE, ended by a zero.
fn name(field: &[u8]) -> String {
    let units = field.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text: String =
        char::decode_utf16(units.take_while(|u| *u != 0)).map(|c| c.unwrap_or('\u{FFFD}')).collect();
    text.chars().filter(|c| !c.is_control()).collect()
}
