//! PE/COFF (Microsoft's "PE Format"), as far as telling whether a file is a program of a machine type, and who signed it:
//! what UEFI firmware looks at before it starts a loader.

mod signature;

use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::{read_array, read_at, u16_le, u32_le};

/// The optional header up to its first data directory, in PE32+; PE32's is shorter.
const OPTIONAL_HEADER_BYTES: usize = 112;
/// Entry of the data directory that gives the attribute certificate table.
const CERTIFICATE_ENTRY: u32 = 4;
/// Signed programs of Microsoft carry some ten kilobytes.
const MAX_CERTIFICATE_BYTES: u32 = 1 << 20;

/// IMAGE_FILE_MACHINE values of the machines that UEFI firmware runs on.
pub mod machine {
    pub const I386: u16 = 0x014C;
    pub const ARM: u16 = 0x01C0;
    /// Thumb-2, which is what ARM programs for UEFI and Windows say.
    pub const ARM_NT: u16 = 0x01C4;
    pub const AMD64: u16 = 0x8664;
    pub const ARM64: u16 = 0xAA64;
}

/// The headers of a PE file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pe {
    /// One of [`machine`], or another.
    pub machine: u16,
    /// Whether it is PE32+, which has addresses of 64 bits.
    pub is_pe32_plus: bool,
    /// 10 is a program for UEFI.
    pub subsystem: u16,
    certificates: Option<CertificateTable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CertificateTable {
    offset_bytes: u32,
    len_bytes: u32,
}

/// Who signed a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    Nobody,
    /// The common name of who issued the signer's certificate, one for each signature.
    IssuedBy(Vec<String>),
    /// There is a certificate table, but no signature in it could be read.
    Unreadable,
}

impl Pe {
    /// `None` if the file does not begin as a PE file does.
    pub fn read(file: &mut (impl Read + Seek)) -> Result<Option<Self>, FormatError> {
        const WHAT: &str = "header of a PE file";
        let dos: [u8; 64] = match read_array(file, WHAT, 0) {
            Err(FormatError::PastEnd { .. }) => return Ok(None),
            read => read?,
        };
        let at = u64::from(u32_le(&dos, 0x3C));
        if dos[..2] != *b"MZ" {
            return Ok(None);
        }
        // The signature and the COFF header.
        let coff: [u8; 24] = match read_array(file, WHAT, at) {
            Err(FormatError::PastEnd { .. }) => return Ok(None),
            read => read?,
        };
        if coff[..4] != *b"PE\0\0" {
            return Ok(None);
        }
        let optional_at = at + 24;
        let mut optional = [0; OPTIONAL_HEADER_BYTES];
        let optional_len = u16_le(&coff, 20);
        let len = usize::from(optional_len).min(OPTIONAL_HEADER_BYTES);
        read_at(file, WHAT, optional_at, &mut optional[..len])?;
        // Where the number of data directories stands; they follow.
        let (is_pe32_plus, count_at) = match u16_le(&optional, 0) {
            0x010B => (false, 92),
            0x020B => (true, 108),
            magic => {
                let actual = format!("{magic:#06x}");
                return Err(FormatError::damaged(WHAT, optional_at, "magic 0x010b or 0x020b", actual));
            }
        };
        let entry_at = count_at + 4 + 8 * u64::from(CERTIFICATE_ENTRY);
        let has_entry = u32_le(&optional, count_at as usize) > CERTIFICATE_ENTRY
            && entry_at + 8 <= u64::from(optional_len);
        let certificates = if has_entry {
            let entry: [u8; 8] = read_array(file, WHAT, optional_at + entry_at)?;
            // Alone of all entries this one gives a place in the file, not in memory.
            let table = CertificateTable { offset_bytes: u32_le(&entry, 0), len_bytes: u32_le(&entry, 4) };
            (table.len_bytes > 0).then_some(table)
        } else {
            None
        };
        let subsystem = u16_le(&optional, 68);
        Ok(Some(Self { machine: u16_le(&coff, 4), is_pe32_plus, subsystem, certificates }))
    }

    /// Whose signatures the file carries. Nothing is verified: this tells what firmware will check against, not whether
    /// the check succeeds.
    pub fn signer(&self, file: &mut (impl Read + Seek)) -> Result<Signer, FormatError> {
        const WHAT: &str = "certificate table of a PE file";
        let Some(table) = self.certificates else { return Ok(Signer::Nobody) };
        let at = u64::from(table.offset_bytes);
        if table.len_bytes > MAX_CERTIFICATE_BYTES {
            return Err(FormatError::Limit { what: WHAT, at, limit: u64::from(MAX_CERTIFICATE_BYTES) });
        }
        let mut data = vec![0; table.len_bytes as usize];
        read_at(file, WHAT, at, &mut data)?;
        let issuers = signature::issuers(&data);
        Ok(if issuers.is_empty() { Signer::Unreadable } else { Signer::IssuedBy(issuers) })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// The smallest PE32+ that has all that is looked at, with `table` behind it.
    fn program(machine: u16, table: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 0x40 + 24 + 240];
        file[..2].copy_from_slice(b"MZ");
        file[0x3C] = 0x40;
        file[0x40..0x44].copy_from_slice(b"PE\0\0");
        file[0x44..0x46].copy_from_slice(&machine.to_le_bytes());
        file[0x54..0x56].copy_from_slice(&240_u16.to_le_bytes());
        let optional = 0x58;
        file[optional..optional + 2].copy_from_slice(&0x020B_u16.to_le_bytes());
        file[optional + 68] = 10;
        file[optional + 108] = 16;
        let end = file.len() as u32;
        let entry = optional + 112 + 32;
        file[entry..entry + 4].copy_from_slice(&end.to_le_bytes());
        file[entry + 4..entry + 8].copy_from_slice(&(table.len() as u32).to_le_bytes());
        file.extend_from_slice(table);
        file
    }

    #[test]
    fn headers_say_the_machine() {
        let file = program(machine::ARM64, b"");
        let pe = Pe::read(&mut Cursor::new(&file)).unwrap().unwrap();
        assert_eq!((pe.machine, pe.is_pe32_plus, pe.subsystem), (machine::ARM64, true, 10));
        assert_eq!(pe.signer(&mut Cursor::new(&file)).unwrap(), Signer::Nobody);
    }

    #[test]
    fn other_files_are_none() {
        let mut far = program(machine::AMD64, b"");
        far[0x3C..0x40].copy_from_slice(&u32::MAX.to_le_bytes());
        let mut other = program(machine::AMD64, b"");
        other[0x40] = b'N';
        for file in [&b""[..], b"MZ", &[0; 100], &far, &other] {
            assert_eq!(Pe::read(&mut Cursor::new(file)).unwrap(), None);
        }
    }

    #[test]
    fn damage_is_an_error_or_nothing_wherever_it_is() {
        let file = program(machine::AMD64, &[7; 300]);
        for len in 0..file.len() {
            if let Ok(Some(pe)) = Pe::read(&mut Cursor::new(&file[..len])) {
                assert!(pe.signer(&mut Cursor::new(&file[..len])).is_err(), "{len}");
            }
        }
        let pe = Pe::read(&mut Cursor::new(&file)).unwrap().unwrap();
        assert_eq!(pe.signer(&mut Cursor::new(&file)).unwrap(), Signer::Unreadable);
        let mut huge = file.clone();
        huge[0x58 + 148..0x58 + 152].copy_from_slice(&u32::MAX.to_le_bytes());
        let pe = Pe::read(&mut Cursor::new(&huge)).unwrap().unwrap();
        assert!(matches!(pe.signer(&mut Cursor::new(&huge)), Err(FormatError::Limit { .. })));
    }
}
