//! The seam between the engine and the hardware.

use std::ops::{Deref, DerefMut};

use super::DeviceError;

/// Memory alignment that direct I/O is given; no drive in use asks for more.
pub const SECTOR_ALIGN: usize = 4096;

/// What a device's addresses look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub size_bytes: u64,
    /// Logical sector: every offset and length must be a multiple of it.
    pub sector_bytes: u32,
    /// Reads and writes pass the system's page cache by.
    pub direct: bool,
}

/// A device opened by somebody who had the right to. All-or-error: a call either moves every byte or fails; there are
/// no short transfers above this line. Offsets and lengths are multiples of [`Geometry::sector_bytes`].
///
/// Implementations: the system's block devices, a plain file (a practice stick), and a faulty one in tests.
pub trait BlockDevice: Send + Sync {
    fn geometry(&self) -> Geometry;

    /// Fills all of `buf` from the device at `offset`.
    fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError>;

    /// Writes all of `buf` to the device at `offset`.
    fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError>;

    /// Returns once everything written is on the medium, as far as the device lets one know.
    fn sync(&self) -> Result<(), DeviceError>;

    /// Makes the next reads come from the medium. `false`: the system could not promise that, so a verification has
    /// to say that it may have read the cache.
    fn drop_caches(&self) -> Result<bool, DeviceError>;

    /// Makes the system read the partition table again. Best effort: a failure changes nothing on the medium.
    fn rescan(&self) {}
}

/// A buffer whose memory starts at a multiple of [`SECTOR_ALIGN`], as direct I/O demands. Its length may be set to
/// anything up to its capacity.
pub struct AlignedBuf {
    memory: Vec<u8>,
    start: usize,
    len: usize,
}

impl AlignedBuf {
    /// A zeroed buffer of `capacity` bytes, all of them in use.
    pub fn new(capacity: usize) -> Self {
        let memory = vec![0; capacity + SECTOR_ALIGN];
        let start = memory.as_ptr().align_offset(SECTOR_ALIGN);
        Self { memory, start, len: capacity }
    }

    pub fn capacity(&self) -> usize {
        self.memory.len() - SECTOR_ALIGN
    }

    /// Bytes that come into use by growing are whatever they were before.
    pub fn set_len(&mut self, len: usize) {
        assert!(len <= self.capacity(), "a buffer of {} bytes cannot hold {len}", self.capacity());
        self.len = len;
    }
}

impl Deref for AlignedBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.len]
    }
}

impl DerefMut for AlignedBuf {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_aligned_and_the_length_is_kept() {
        for capacity in [512, 4096, 1 << 20] {
            let mut buf = AlignedBuf::new(capacity);
            assert_eq!(buf.as_ptr() as usize % SECTOR_ALIGN, 0);
            assert_eq!(buf.len(), capacity);
            buf.set_len(512);
            assert_eq!((buf.len(), buf.capacity()), (512, capacity));
        }
    }
}
