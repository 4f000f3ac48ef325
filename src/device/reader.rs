//! Reads a device at any place and length, for looking at structures. Not for moving data.

use std::io::{self, Read, Seek, SeekFrom};

use super::{AlignedBuf, BlockDevice};

const WINDOW_BYTES: u64 = 64 * 1024;

/// `Read` and `Seek` over sectors, by way of one aligned window.
pub struct DeviceReader<'a> {
    device: &'a dyn BlockDevice,
    size_bytes: u64,
    position: u64,
    window: AlignedBuf,
    /// Where the window's bytes lie on the device; `None` before the first read.
    window_at: Option<u64>,
}

impl<'a> DeviceReader<'a> {
    pub fn new(device: &'a dyn BlockDevice) -> Self {
        let geometry = device.geometry();
        let sector = u64::from(geometry.sector_bytes);
        Self {
            device,
            size_bytes: geometry.size_bytes / sector * sector,
            position: 0,
            window: AlignedBuf::new(WINDOW_BYTES as usize),
            window_at: None,
        }
    }
}

impl Read for DeviceReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size_bytes || buf.is_empty() {
            return Ok(0);
        }
        let at = self.position / WINDOW_BYTES * WINDOW_BYTES;
        if self.window_at != Some(at) {
            self.window_at = None;
            self.window.set_len((self.size_bytes - at).min(WINDOW_BYTES) as usize);
            self.device.read_at(at, &mut self.window).map_err(io::Error::other)?;
            self.window_at = Some(at);
        }
        let from = (self.position - at) as usize;
        let len = buf.len().min(self.window.len() - from);
        buf[..len].copy_from_slice(&self.window[from..from + len]);
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for DeviceReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size_bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
