//! The bytes of a compressed file, in order, with a look ahead.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::Fault;

/// Large enough that a system call costs nothing next to decompressing what it brought.
const BUFFER_BYTES: usize = 512 << 10;

/// A buffered reader over a part of a file. It has a place of its own, so that one open file serves many readers.
pub struct Input {
    file: Arc<File>,
    /// Where in the file the byte after the buffered ones lies.
    next: u64,
    end: u64,
    buffer: Box<[u8]>,
    start: usize,
    filled: usize,
}

impl Input {
    /// Reads the bytes of `file` from offset `start` up to `end`.
    pub fn new(file: Arc<File>, start: u64, end: u64) -> Self {
        let len = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX).clamp(1, BUFFER_BYTES);
        Self { file, next: start, end, buffer: vec![0; len].into_boxed_slice(), start: 0, filled: 0 }
    }

    /// Offset in the file of the first byte that is not consumed.
    pub fn position(&self) -> u64 {
        self.next - (self.filled - self.start) as u64
    }

    /// Bytes that are not consumed.
    pub fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.position())
    }

    /// The bytes at hand: at least one, unless the input has ended.
    pub fn fill(&mut self) -> Result<&[u8], Fault> {
        self.peek(1)
    }

    /// At least `len` bytes, or all that are left, without consuming them. `len` is a few dozens at most.
    pub fn peek(&mut self, len: usize) -> Result<&[u8], Fault> {
        while self.filled - self.start < len && self.next < self.end {
            self.read_more()?;
        }
        Ok(&self.buffer[self.start..self.filled])
    }

    pub fn consume(&mut self, len: usize) {
        self.start = (self.start + len).min(self.filled);
    }

    /// Consumes `len` bytes unseen; the input being shorter is an error.
    pub fn skip(&mut self, len: u64) -> Result<(), Fault> {
        if len > self.remaining() {
            return Err(Fault::cut_off());
        }
        match usize::try_from(len) {
            Ok(len) if len <= self.filled - self.start => self.start += len,
            _ => {
                self.next = self.position() + len;
                self.start = 0;
                self.filled = 0;
            }
        }
        Ok(())
    }

    /// Fills all of `out`; the input being shorter is an error.
    pub fn read_exact(&mut self, mut out: &mut [u8]) -> Result<(), Fault> {
        while !out.is_empty() {
            let bytes = self.fill()?;
            if bytes.is_empty() {
                return Err(Fault::cut_off());
            }
            let len = bytes.len().min(out.len());
            out[..len].copy_from_slice(&bytes[..len]);
            out = &mut out[len..];
            self.consume(len);
        }
        Ok(())
    }

    fn read_more(&mut self) -> Result<(), Fault> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        let free = &mut self.buffer[self.filled..];
        let wanted = usize::try_from(self.end - self.next).unwrap_or(usize::MAX).min(free.len());
        let read = loop {
            match self.file.read_at(&mut free[..wanted], self.next) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(Fault::Read)?,
            }
        };
        if read == 0 {
            let shrunk = io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter meanwhile");
            return Err(Fault::Read(shrunk));
        }
        self.filled += read;
        self.next += read as u64;
        Ok(())
    }
}
