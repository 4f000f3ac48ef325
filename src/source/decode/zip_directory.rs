//! The central directory of a zip archive (APPNOTE 6.3, 4.3 and 4.4), as far as it takes to find the one file in it.
//!
//! Directories, and the `__MACOSX` folder that macOS adds, are passed over. The directory is read entry by entry and
//! given up at the second file, so that neither time nor memory follow the counts that the archive states.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::{Fault, bytes_at};

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const END_RECORD: u32 = 0x0605_4b50;
const ZIP64_END_RECORD: u32 = 0x0606_4b50;
const ZIP64_LOCATOR: u32 = 0x0706_4b50;

const LOCAL_HEADER_BYTES: usize = 30;
const CENTRAL_HEADER_BYTES: usize = 46;
const END_RECORD_BYTES: usize = 22;
const ZIP64_END_RECORD_BYTES: usize = 56;
const ZIP64_LOCATOR_BYTES: usize = 20;

/// More entries than this are not an image and some folders beside it.
const MAX_ENTRIES: u64 = 1 << 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Stored,
    Deflated,
    Bzip2,
    Zstd,
    Xz,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    pub method: Method,
    pub crc32: u32,
    pub uncompressed_bytes: u64,
    /// Where in the archive the data of the file lies.
    pub data_start: u64,
    pub data_end: u64,
}

/// The only file in the archive.
pub fn single_file(file: &File, file_bytes: u64) -> Result<ZipEntry, Fault> {
    let directory = Directory::find(file, file_bytes)?;
    let mut found = None;
    let mut at = directory.start;
    for index in 0..directory.entries {
        if index == MAX_ENTRIES {
            return Err(Fault::Unsupported("the zip archive has too many entries to be an image".into()));
        }
        let (header, next) = CentralHeader::read(file, at, directory.end)?;
        at = next;
        if header.is_passed_over() {
            continue;
        }
        if found.is_some() {
            return Err(Fault::Unsupported(
                "the zip archive has several files; unpack it and choose the image among them".into(),
            ));
        }
        found = Some(header);
    }
    if at != directory.end {
        return Err(Fault::Damaged("its directory is larger than its entries".into()));
    }
    match found {
        Some(header) => header.locate(file, directory.start),
        None => Err(Fault::Unsupported("there is no file in the zip archive".into())),
    }
}

/// Where the central directory lies.
#[derive(Debug)]
struct Directory {
    start: u64,
    end: u64,
    entries: u64,
}

impl Directory {
    fn find(file: &File, file_bytes: u64) -> Result<Self, Fault> {
        let end_record_at = find_end_record(file, file_bytes)?;
        let record = Fields(&read::<END_RECORD_BYTES>(file, end_record_at)?);
        let (disk, directory_disk) = (record.u16(4), record.u16(6));
        let mut entries = u64::from(record.u16(10));
        let mut bytes = u64::from(record.u32(12));
        let mut start = u64::from(record.u32(16));
        let mut end = end_record_at;

        let is_zip64 = entries == 0xffff || bytes == 0xffff_ffff || start == 0xffff_ffff;
        let locator = end_record_at
            .checked_sub(ZIP64_LOCATOR_BYTES as u64)
            .and_then(|at| bytes_at::<ZIP64_LOCATOR_BYTES>(file, at))
            .filter(|bytes| is_zip64 && Fields(bytes).u32(0) == ZIP64_LOCATOR);
        if let Some(locator) = locator {
            let at = Fields(&locator).u64(8);
            let record = read::<ZIP64_END_RECORD_BYTES>(file, at)?;
            let record = Fields(&record);
            if record.u32(0) != ZIP64_END_RECORD {
                return Err(Fault::Damaged("its 64-bit end record is not where it should be".into()));
            }
            entries = record.u64(32);
            bytes = record.u64(40);
            start = record.u64(48);
            end = at;
        } else if disk != 0 || directory_disk != 0 {
            return Err(Fault::Unsupported(
                "the zip archive is split over several files; join and unpack it first".into(),
            ));
        }
        if start.checked_add(bytes) != Some(end) {
            return Err(Fault::Damaged("its directory does not end where its end record begins".into()));
        }
        Ok(Self { start, end, entries })
    }
}

/// The end record is the last thing in the file but for a comment, whose length it states.
fn find_end_record(file: &File, file_bytes: u64) -> Result<u64, Fault> {
    let tail_bytes = file_bytes.min((END_RECORD_BYTES + usize::from(u16::MAX)) as u64);
    let mut tail = vec![0; tail_bytes as usize];
    file.read_exact_at(&mut tail, file_bytes - tail_bytes).map_err(Fault::Read)?;
    let mut behind = None;
    for at in (0..=tail.len().saturating_sub(END_RECORD_BYTES)).rev() {
        let Some(record) = tail.get(at..at + END_RECORD_BYTES).map(Fields) else { break };
        if record.u32(0) != END_RECORD {
            continue;
        }
        let left = tail.len() - at - END_RECORD_BYTES;
        let comment_bytes = usize::from(record.u16(20));
        if left == comment_bytes {
            return Ok(file_bytes - tail_bytes + at as u64);
        }
        behind = behind.or(left.checked_sub(comment_bytes));
    }
    Err(match behind {
        Some(bytes) => Fault::trailing(bytes as u64),
        None => Fault::cut_off(),
    })
}

/// An entry of the central directory.
#[derive(Debug)]
struct CentralHeader {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc32: u32,
    compressed_bytes: u64,
    uncompressed_bytes: u64,
    local_header_at: u64,
}

impl CentralHeader {
    /// Reads the entry at `at`; also returns where the next one begins.
    fn read(file: &File, at: u64, directory_end: u64) -> Result<(Self, u64), Fault> {
        let bytes = read::<CENTRAL_HEADER_BYTES>(file, at)?;
        let fixed = Fields(&bytes);
        let (name_bytes, extra_bytes) = (usize::from(fixed.u16(28)), usize::from(fixed.u16(30)));
        let variable_at = at.saturating_add(CENTRAL_HEADER_BYTES as u64);
        let next = variable_at.saturating_add((name_bytes + extra_bytes) as u64 + u64::from(fixed.u16(32)));
        if fixed.u32(0) != CENTRAL_HEADER || next > directory_end {
            return Err(Fault::Damaged("an entry of its directory is not what it should be".into()));
        }
        let mut name = vec![0; name_bytes + extra_bytes];
        file.read_exact_at(&mut name, variable_at).map_err(Fault::Read)?;
        let extra = name.split_off(name_bytes);

        // APPNOTE 4.5.3: the 64-bit field has only those values that do not fit, in this order.
        let mut wide = extra_field(&extra, 1).unwrap_or_default();
        let mut widen = |value: u32| -> Result<u64, Fault> {
            if value != u32::MAX {
                return Ok(u64::from(value));
            }
            let Some((front, rest)) = wide.split_first_chunk() else {
                return Err(Fault::Damaged("a 64-bit size is missing in its directory".into()));
            };
            wide = rest;
            Ok(u64::from_le_bytes(*front))
        };
        let uncompressed_bytes = widen(fixed.u32(24))?;
        let compressed_bytes = widen(fixed.u32(20))?;
        let local_header_at = widen(fixed.u32(42))?;
        let header = Self {
            name,
            flags: fixed.u16(8),
            method: fixed.u16(10),
            crc32: fixed.u32(16),
            compressed_bytes,
            uncompressed_bytes,
            local_header_at,
        };
        Ok((header, next))
    }

    fn is_passed_over(&self) -> bool {
        self.name.ends_with(b"/") || self.name.starts_with(b"__MACOSX/")
    }

    fn locate(&self, file: &File, directory_start: u64) -> Result<ZipEntry, Fault> {
        if self.flags & 1 != 0 {
            return Err(Fault::Unsupported(
                "the file in the zip archive is protected by a password; unpack it first".into(),
            ));
        }
        let method = match self.method {
            0 => Method::Stored,
            8 => Method::Deflated,
            12 => Method::Bzip2,
            93 => Method::Zstd,
            95 => Method::Xz,
            other => {
                let name = match other {
                    9 => "Deflate64".to_owned(),
                    14 => "LZMA".to_owned(),
                    98 => "PPMd".to_owned(),
                    _ => format!("method {other}"),
                };
                return Err(Fault::Unsupported(format!(
                    "the file in the zip archive is compressed with {name}, which is not supported; unpack it first"
                )));
            }
        };
        let bytes = read::<LOCAL_HEADER_BYTES>(file, self.local_header_at)?;
        let local = Fields(&bytes);
        // The local header may have other extra fields than the directory, so its own lengths count.
        let variable_bytes = u64::from(local.u16(26)) + u64::from(local.u16(28));
        let data_start = self.local_header_at.checked_add(LOCAL_HEADER_BYTES as u64 + variable_bytes);
        let data_end = data_start.and_then(|start| start.checked_add(self.compressed_bytes));
        match (data_start, data_end) {
            (Some(data_start), Some(data_end))
                if local.u32(0) == LOCAL_HEADER && data_end <= directory_start =>
            {
                let Self { crc32, uncompressed_bytes, .. } = *self;
                Ok(ZipEntry { method, crc32, uncompressed_bytes, data_start, data_end })
            }
            _ => Err(Fault::Damaged("the file inside is not where its directory says".into())),
        }
    }
}

/// The data of the first extra field with this identifier.
fn extra_field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let (data, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([head[2], head[3]])))?;
        if u16::from_le_bytes([head[0], head[1]]) == id {
            return Some(data);
        }
        extra = rest;
    }
    None
}

fn read<const N: usize>(file: &File, at: u64) -> Result<[u8; N], Fault> {
    bytes_at(file, at).ok_or_else(|| Fault::Damaged("it points behind its own end".into()))
}

/// Little-endian numbers at offsets in a record that is known to be long enough.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.0[at], self.0[at + 1]])
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) | u32::from(self.u16(at + 2)) << 16
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from(self.u32(at)) | u64::from(self.u32(at + 4)) << 32
    }
}
