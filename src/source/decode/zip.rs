//! The single file inside a zip archive.

use std::fs::File;
use std::sync::Arc;

use flate2::Crc;

use super::zip_directory::{Method, ZipEntry, single_file};
use super::{Decoder, Decoding, Fault, Input, bzip2, gzip, xz, zstd};

/// The decoder for the archive's only file, and the input that holds that file's data and nothing else.
pub fn open(file: &Arc<File>, file_bytes: u64) -> Result<Decoding, Fault> {
    let entry = single_file(file, file_bytes)?;
    let input = Input::new(file.clone(), entry.data_start, entry.data_end);
    let data: Box<dyn Decoder> = match entry.method {
        Method::Stored => Box::new(Stored),
        Method::Deflated => Box::new(gzip::deflate_decoder()),
        Method::Bzip2 => Box::new(bzip2::decoder()),
        Method::Zstd => Box::new(zstd::decoder()?),
        Method::Xz => Box::new(xz::decoder(1)?),
    };
    let decoder = Box::new(Zip { entry, data, crc: Crc::new(), uncompressed_bytes: 0 });
    Ok(Decoding { input, decoder })
}

struct Zip {
    entry: ZipEntry,
    data: Box<dyn Decoder>,
    crc: Crc,
    /// Counted apart from the CRC, whose own count is modulo 4 GiB.
    uncompressed_bytes: u64,
}

impl Decoder for Zip {
    fn decode(&mut self, input: &mut Input, out: &mut [u8]) -> Result<usize, Fault> {
        let len = self.data.decode(input, out)?;
        self.crc.update(&out[..len]);
        self.uncompressed_bytes += len as u64;
        let stated = self.entry.uncompressed_bytes;
        if self.uncompressed_bytes > stated || (len == 0 && self.uncompressed_bytes < stated) {
            let what = format!("the archive states a size of {stated} bytes, its data has another");
            return Err(Fault::Damaged(what));
        }
        if len == 0 && input.remaining() > 0 {
            return Err(Fault::trailing(input.remaining()));
        }
        if len == 0 && self.crc.sum() != self.entry.crc32 {
            return Err(Fault::Damaged("the checksum (CRC-32) of the file inside is wrong".into()));
        }
        Ok(len)
    }
}

struct Stored;

impl Decoder for Stored {
    fn decode(&mut self, input: &mut Input, out: &mut [u8]) -> Result<usize, Fault> {
        let bytes = input.fill()?;
        let len = bytes.len().min(out.len());
        out[..len].copy_from_slice(&bytes[..len]);
        input.consume(len);
        Ok(len)
    }
}
