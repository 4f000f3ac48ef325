//! The boot catalog of a bootable optical disc ("El Torito" Bootable CD-ROM Format Specification 1.0; platform EFh by
//! UEFI 2.10 §13.3.2.1).

use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::{read_array, u16_le, u32_le};

const SECTOR_BYTES: u64 = 2048;
/// ECMA-119 §6.7.1: volume descriptors begin in sector 16. The boot record should lie in 17 (El Torito §2.0), but is
/// searched for among all of them.
const FIRST_DESCRIPTOR: u64 = 16;
const MAX_DESCRIPTORS: u64 = 64;
const RECORD_BYTES: usize = 32;
/// A catalog of this many records has more entries than any firmware's menu shows.
const MAX_CATALOG_BYTES: usize = 16 * 1024;

/// One way to start the disc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootEntry {
    pub platform: Platform,
    /// Marked as bootable (88h).
    pub is_bootable: bool,
    pub media: Media,
    /// Real-mode segment to load to; 0 stands for 07C0h.
    pub load_segment: u16,
    /// Sectors of 512 bytes to load. Nominal: UEFI entries often say 1 and mean a whole image.
    pub sector_count: u16,
    /// First byte of the boot image.
    pub offset_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// 80x86 BIOS.
    Bios,
    PowerPc,
    Mac,
    Uefi,
    Other(u8),
}

/// What the firmware is to take the boot image for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    NoEmulation,
    Floppy1200,
    Floppy1440,
    Floppy2880,
    HardDisk,
    Other(u8),
}

/// The entries of the boot catalog. Empty when the disc has none.
pub fn read_entries(image: &mut (impl Read + Seek)) -> Result<Vec<BootEntry>, FormatError> {
    let Some(catalog_at) = find_catalog(image)? else { return Ok(Vec::new()) };
    let mut catalog = Catalog { image, at: catalog_at, end: catalog_at + MAX_CATALOG_BYTES as u64 };
    let Some(validation) = catalog.next()? else { return Ok(Vec::new()) };
    check_validation_entry(catalog_at, &validation)?;
    let mut entries = Vec::new();
    let Some(default) = catalog.next()? else { return Ok(entries) };
    entries.push(boot_entry(Platform::from(validation[1]), &default));
    // Section headers follow (§2.3): 90h, or 91h for the last; any other byte ends the catalog.
    while let Some(header) = catalog.next()?
        && matches!(header[0], 0x90 | 0x91)
    {
        let mut left = u16_le(&header, 2);
        while left > 0
            && let Some(record) = catalog.next()?
        {
            // Extension records (§2.5) carry selection criteria of the entry before them.
            if record[0] != 0x44 {
                entries.push(boot_entry(Platform::from(header[1]), &record));
                left -= 1;
            }
        }
        if header[0] == 0x91 {
            break;
        }
    }
    Ok(entries)
}

/// The catalog's place, out of the boot record volume descriptor (§2.0, figure 7).
fn find_catalog(image: &mut (impl Read + Seek)) -> Result<Option<u64>, FormatError> {
    for sector in FIRST_DESCRIPTOR..FIRST_DESCRIPTOR + MAX_DESCRIPTORS {
        let descriptor: [u8; 0x4B] = match read_array(image, "volume descriptor", sector * SECTOR_BYTES) {
            Err(FormatError::PastEnd { .. }) => return Ok(None),
            read => read?,
        };
        match (&descriptor[1..6], descriptor[0]) {
            (b"CD001", 0) if descriptor[7..].starts_with(b"EL TORITO SPECIFICATION") => {
                return Ok(Some(u64::from(u32_le(&descriptor, 0x47)) * SECTOR_BYTES));
            }
            (b"CD001", 0..=254) => {}
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Reads records until the bound, so that a count of 65,535 entries ends with the catalog.
struct Catalog<'a, R> {
    image: &'a mut R,
    at: u64,
    end: u64,
}

impl<R: Read + Seek> Catalog<'_, R> {
    fn next(&mut self) -> Result<Option<[u8; RECORD_BYTES]>, FormatError> {
        if self.at >= self.end {
            return Ok(None);
        }
        let record = read_array(self.image, "boot catalog", self.at)?;
        self.at += RECORD_BYTES as u64;
        Ok(Some(record))
    }
}

/// §2.1: header 01h, key bytes 55 AA, and all words together make zero.
fn check_validation_entry(at: u64, record: &[u8; RECORD_BYTES]) -> Result<(), FormatError> {
    let sum = record.chunks_exact(2).fold(0u16, |sum, w| sum.wrapping_add(u16::from_le_bytes([w[0], w[1]])));
    if record[0] != 1 || record[30..] != [0x55, 0xAA] || sum != 0 {
        let actual = format!("{:02X} .. {:02X} {:02X}, sum {sum:04X}", record[0], record[30], record[31]);
        return Err(FormatError::damaged("boot catalog", at, "01 .. 55 AA, sum 0000", actual));
    }
    Ok(())
}

/// §2.2 and §2.4: initial entries and section entries share these fields.
fn boot_entry(platform: Platform, record: &[u8; RECORD_BYTES]) -> BootEntry {
    BootEntry {
        platform,
        is_bootable: record[0] == 0x88,
        media: Media::from(record[1]),
        load_segment: u16_le(record, 2),
        sector_count: u16_le(record, 6),
        offset_bytes: u64::from(u32_le(record, 8)) * SECTOR_BYTES,
    }
}

impl From<u8> for Platform {
    fn from(id: u8) -> Self {
        match id {
            0x00 => Self::Bios,
            0x01 => Self::PowerPc,
            0x02 => Self::Mac,
            0xEF => Self::Uefi,
            other => Self::Other(other),
        }
    }
}

impl From<u8> for Media {
    fn from(byte: u8) -> Self {
        match byte & 0x0F {
            0 => Self::NoEmulation,
            1 => Self::Floppy1200,
            2 => Self::Floppy1440,
            3 => Self::Floppy2880,
            4 => Self::HardDisk,
            other => Self::Other(other),
        }
    }
}
