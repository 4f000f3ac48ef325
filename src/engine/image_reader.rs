//! Reads an image at ascending offsets, whether it can be read anywhere or only from its start on.

use crate::base::Cancel;
use crate::source::{ImageStream, Source, SourceError};

use super::{BLOCK_BYTES, EngineError};

pub(super) struct ImageReader<'a> {
    source: &'a Source,
    /// `None`: the image can be read at any place.
    stream: Option<ImageStream>,
    position: u64,
    skipped: Vec<u8>,
}

impl<'a> ImageReader<'a> {
    pub fn new(source: &'a Source) -> Result<Self, SourceError> {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
        let stream = if source.is_random_access() { None } else { Some(source.stream(threads)?) };
        Ok(Self { source, stream, position: 0, skipped: Vec::new() })
    }

    /// Fills `buf` from byte `offset` on, which must not lie before the end of the last call's bytes if the image is
    /// compressed. Short only at the end of the image. Returns the bytes filled.
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

    /// Reads a compressed image to its end, so that damage behind the last byte that was wanted still shows.
    pub fn finish(&mut self, cancel: &Cancel) -> Result<(), EngineError> {
        if self.stream.is_none() {
            return Ok(());
        }
        // Past any image: skips to its end.
        self.read(u64::MAX, &mut [], cancel).map(|_| ())
    }

    /// Share of the file that has been consumed, for a compressed image.
    pub fn consumed(&self) -> Option<f32> {
        let stream = self.stream.as_ref()?;
        Some(stream.file_position() as f32 / self.source.facts().file_bytes.max(1) as f32)
    }
}
