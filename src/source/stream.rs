//! An image's bytes in order, whatever they are wrapped in.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::decode::{self, Decoding};
use super::{Container, SourceError};

/// A forward-only reader of an image.
pub struct ImageStream {
    bytes: Bytes,
    container: Container,
    /// Bytes of the image handed out.
    position: u64,
    /// The size that was told in advance, and that the image must turn out to have.
    expected: Option<u64>,
    has_failed: bool,
}

enum Bytes {
    /// The file as it is.
    Plain {
        file: Arc<File>,
        len: u64,
    },
    Decoded(Decoding),
}

impl ImageStream {
    /// The file as it lies there.
    pub(super) fn of_file(file: Arc<File>, len: u64) -> Self {
        Self {
            bytes: Bytes::Plain { file, len },
            container: Container::Raw,
            position: 0,
            expected: Some(len),
            has_failed: false,
        }
    }

    /// The image inside the file. `threads`: how many a decoder may use.
    pub(super) fn of_image(
        container: Container,
        file: Arc<File>,
        file_bytes: u64,
        expected: Option<u64>,
        threads: u32,
    ) -> Result<Self, SourceError> {
        let decoding = decode::begin(container, &file, file_bytes, threads);
        match decoding.map_err(|fault| fault.at(container, 0))? {
            None => Ok(Self::of_file(file, file_bytes)),
            Some(decoding) => {
                let bytes = Bytes::Decoded(decoding);
                Ok(Self { bytes, container, position: 0, expected, has_failed: false })
            }
        }
    }

    /// Fills all of `buf`, or what is left of the image. 0 means that the image ended, whole and with every
    /// checksum right: damage, truncation and garbage after the end are errors, never an early 0. So is a call after
    /// an error.
    pub fn fill(&mut self, buf: &mut [u8]) -> Result<usize, SourceError> {
        if self.has_failed {
            let source = io::Error::other("it has failed before");
            return Err(SourceError::Read { at: self.position, source });
        }
        let mut filled = 0;
        while filled < buf.len() {
            let read = self.read(&mut buf[filled..]).inspect_err(|_| self.has_failed = true)?;
            if read == 0 {
                break;
            }
            filled += read;
        }
        Ok(filled)
    }

    /// Bytes of the file on disk that have been consumed so far, for progress when the image's size is unknown.
    pub fn file_position(&self) -> u64 {
        match &self.bytes {
            Bytes::Plain { .. } => self.position,
            Bytes::Decoded(decoding) => decoding.input.position(),
        }
    }

    /// Reads at least one byte into `buf`, which is not empty, unless the image has ended and was right.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, SourceError> {
        let at = self.position;
        let read = match &mut self.bytes {
            Bytes::Plain { file, len } => read_file(file, *len, at, buf)?,
            Bytes::Decoded(decoding) => decoding.decode(buf).map_err(|fault| fault.at(self.container, at))?,
        };
        self.position += read as u64;
        match self.expected {
            Some(expected) if self.position > expected || (read == 0 && self.position < expected) => {
                Err(SourceError::Length { expected, actual: self.position })
            }
            _ => Ok(read),
        }
    }
}

/// Reads from `at` a file that had `len` bytes when it was opened. Behind them, looks whether it has grown.
fn read_file(file: &File, len: u64, at: u64, buf: &mut [u8]) -> Result<usize, SourceError> {
    let left = len.saturating_sub(at);
    if left == 0 {
        let mut beyond = [0];
        return match read_at(file, at, &mut beyond)? {
            0 => Ok(0),
            _ => Err(SourceError::Length { expected: len, actual: at + 1 }),
        };
    }
    let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
    read_at(file, at, &mut buf[..wanted])
}

/// Fills `buf` from `offset` of a file; short only at its end.
pub(super) fn read_at(file: &File, offset: u64, buf: &mut [u8]) -> Result<usize, SourceError> {
    let mut filled = 0;
    while filled < buf.len() {
        let at = offset + filled as u64;
        match file.read_at(&mut buf[filled..], at) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(SourceError::Read { at, source }),
        }
    }
    Ok(filled)
}
