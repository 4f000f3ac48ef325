//! Decompression: what a file is wrapped in, how large the image inside says it is, and its bytes.
//!
//! Each container's decoder reads a whole file: every frame, member or stream in it, one after the other, up to the
//! file's last byte. The image has ended only when all checksums were right and nothing else follows.

mod bzip2;
mod container;
mod framed;
mod gzip;
mod input;
mod lz4;
mod xz;
mod xz_index;
mod zip;
mod zip_directory;
mod zstd;
mod zstd_frame;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::{Container, SourceError};

pub use container::container_of;
use input::Input;

/// Turns the bytes of a container into those of the image.
pub trait Decoder: Send {
    /// Puts the next bytes of the image into `out`, which is not empty, and returns how many. 0 means that the image
    /// ended, and everything about the container was right to its very last byte.
    fn decode(&mut self, input: &mut Input, out: &mut [u8]) -> Result<usize, Fault>;
}

/// A decoder and what it is to be fed with.
pub struct Decoding {
    pub input: Input,
    pub decoder: Box<dyn Decoder>,
}

impl Decoding {
    pub fn decode(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        self.decoder.decode(&mut self.input, out)
    }
}

/// Why a decoder cannot go on.
#[derive(Debug)]
pub enum Fault {
    /// The file could not be read.
    Read(io::Error),
    /// The container is not what its format demands.
    Damaged(String),
    /// The container is or may be sound, but needs something that is not offered here.
    Unsupported(String),
}

impl Fault {
    fn cut_off() -> Self {
        Self::Damaged("it ends in the middle; was it copied or downloaded completely?".into())
    }

    fn trailing(bytes: u64) -> Self {
        Self::Damaged(format!("after its end, {bytes} bytes follow that do not belong to it"))
    }

    /// `at`: how many bytes of the image came out well.
    pub fn at(self, container: Container, at: u64) -> SourceError {
        match self {
            Self::Read(source) => SourceError::Read { at, source },
            Self::Damaged(what) => SourceError::Damaged { container, at, what },
            Self::Unsupported(what) => SourceError::NotAnImage(what),
        }
    }
}

/// Begins to decode a whole file of `file_bytes`. `threads`: how many the decoder may use. `None` if there is nothing to
/// decode.
pub fn begin(
    container: Container,
    file: &Arc<File>,
    file_bytes: u64,
    threads: u32,
) -> Result<Option<Decoding>, Fault> {
    let decoder: Box<dyn Decoder> = match container {
        Container::Raw => return Ok(None),
        Container::Gzip => Box::new(gzip::decoder()),
        Container::Bzip2 => Box::new(bzip2::decoder()),
        Container::Zstd => Box::new(zstd::decoder()?),
        Container::Xz => Box::new(xz::decoder(threads)?),
        Container::Lz4 => Box::new(lz4::Lz4::new()),
        Container::Zip => return zip::open(file, file_bytes).map(Some),
    };
    Ok(Some(Decoding { input: Input::new(file.clone(), 0, file_bytes), decoder }))
}

/// The size of the image, where the container states it in a way that can be read without decompressing and that
/// covers the whole file. It is a statement only: whoever decodes must compare.
pub fn stated_bytes(container: Container, file: &File, file_bytes: u64) -> Result<Option<u64>, Fault> {
    Ok(match container {
        Container::Raw => Some(file_bytes),
        // Gzip's length field counts modulo 4 GiB and covers one member only; bzip2 has none.
        Container::Gzip | Container::Bzip2 => None,
        Container::Xz => xz_index::stated_bytes(file, file_bytes),
        Container::Zstd => zstd_frame::stated_bytes(file, file_bytes),
        Container::Lz4 => lz4::stated_bytes(file, file_bytes),
        Container::Zip => Some(zip_directory::single_file(file, file_bytes)?.uncompressed_bytes),
    })
}

/// The `N` bytes at `offset`; `None` where the file does not have them.
fn bytes_at<const N: usize>(file: &File, offset: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact_at(&mut bytes, offset).ok()?;
    Some(bytes)
}
