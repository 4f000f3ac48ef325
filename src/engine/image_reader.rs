//! Reads an image at ascending offsets, whether it can be read anywhere or only from its start on, alone or together with
//! others.

use std::ops::Deref;

use crate::base::Cancel;
use crate::source::{ImageStream, Source, SourceError};

use super::tape::TapeReader;
use super::{BLOCK_BYTES, EngineError};

pub(super) enum ImageReader<'a> {
    Alone(OwnReader<&'a Source>),
    /// The image is read once for several sticks.
    Taped(TapeReader),
}

impl<'a> ImageReader<'a> {
    pub fn new(source: &'a Source) -> Result<Self, SourceError> {
        Ok(Self::Alone(OwnReader::new(source)?))
    }

    /// Fills `buf` from byte `offset` on, which must not lie before the end of the last call's bytes if the image is
    /// compressed. Short only at the end of the image. Returns the bytes filled.
    pub fn read(&mut self, offset: u64, buf: &mut [u8], cancel: &Cancel) -> Result<usize, EngineError> {
        match self {
            Self::Alone(reader) => reader.read(offset, buf, cancel),
            Self::Taped(reader) => reader.read(offset, buf, cancel),
        }
    }

    /// Reads a compressed image to its end, so that damage behind the last byte that was wanted still shows.
    pub fn finish(&mut self, cancel: &Cancel) -> Result<(), EngineError> {
        match self {
            Self::Alone(reader) => reader.finish(cancel),
            Self::Taped(reader) => reader.finish(cancel),
        }
    }

    /// Share of the file that has been consumed, for a compressed image.
    pub fn consumed(&self) -> Option<f32> {
        match self {
            Self::Alone(reader) => reader.consumed(),
            Self::Taped(reader) => reader.consumed(),
        }
    }
}

/// Reads, and decompresses, by itself.
pub(super) struct OwnReader<S> {
    source: S,
    /// `None`: the image can be read at any place.
    stream: Option<ImageStream>,
    position: u64,
    skipped: Vec<u8>,
}

impl<S: Deref<Target = Source>> OwnReader<S> {
    pub fn new(source: S) -> Result<Self, SourceError> {
        let stream = if source.is_random_access() { None } else { Some(source.stream(decoder_threads())?) };
        Ok(Self { source, stream, position: 0, skipped: Vec::new() })
    }

    /// As [`ImageReader::read`].
    pub fn read(&mut self, offset: u64, buf: &mut [u8], cancel: &Cancel) -> Result<usize, EngineError> {
        let Some(stream) = &mut self.stream else { return Ok(self.source.read_at(offset, buf)?) };
        while self.position < offset {
            cancel.check()?;
            self.skipped.resize(BLOCK_BYTES, 0);
            let want = (offset - self.position).min(BLOCK_BYTES as u64) as usize;
            let got = stream.fill(&mut self.skipped[..want])?;
            if got == 0 {
                return Ok(0);
            }
            self.position += got as u64;
        }
        let filled = stream.fill(buf)?;
        self.position += filled as u64;
        Ok(filled)
    }

    /// As [`ImageReader::finish`].
    pub fn finish(&mut self, cancel: &Cancel) -> Result<(), EngineError> {
        if self.stream.is_none() {
            return Ok(());
        }
        // Past any image: skips to its end.
        self.read(u64::MAX, &mut [], cancel).map(|_| ())
    }

    /// As [`ImageReader::consumed`].
    pub fn consumed(&self) -> Option<f32> {
        let stream = self.stream.as_ref()?;
        Some(stream.file_position() as f32 / self.source.facts().file_bytes.max(1) as f32)
    }
}

/// Every processor, for the one decoder that all else waits for.
pub(super) fn decoder_threads() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| n.get() as u32)
}
