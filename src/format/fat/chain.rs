//! Chains of clusters (§4): each entry of the allocation table names the next cluster of its file.

use std::io::{Read, Seek};

use super::{FatType, FatVolume};
use crate::format::FormatError;
use crate::format::bytes::{read_at, u16_le, u32_le};
use crate::format::tree::{FileExtent, push_extent};

/// So much of the table is read at once.
const WINDOW_BYTES: u64 = 4096;

/// The part of the table that was read last. Chains mostly go on near where they are.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Byte of the table where `data` begins.
    start: u64,
    data: Vec<u8>,
}

impl Window {
    /// Four bytes at byte `offset` of the table, of which the first `width` lie in it; the others may be zeroes.
    fn entry(
        &mut self,
        image: &mut (impl Read + Seek),
        volume: &FatVolume,
        offset: u64,
        width: u64,
    ) -> Result<[u8; 4], FormatError> {
        const WHAT: &str = "file allocation table";
        let at = volume.fat_at.saturating_add(offset);
        let Some(left) = volume.fat_bytes.checked_sub(offset).filter(|left| *left >= width) else {
            let expected = format!("an entry within {} bytes", volume.fat_bytes);
            return Err(FormatError::damaged(WHAT, at, expected, offset));
        };
        let is_inside =
            offset >= self.start && offset + width <= self.start.saturating_add(self.data.len() as u64);
        if !is_inside {
            self.data.resize(left.min(WINDOW_BYTES) as usize, 0);
            self.start = offset;
            if let Err(error) = read_at(image, WHAT, at, &mut self.data) {
                self.data.clear();
                return Err(error);
            }
        }
        let mut entry = [0; 4];
        let found = &self.data[(offset - self.start) as usize..];
        let len = found.len().min(entry.len());
        entry[..len].copy_from_slice(&found[..len]);
        Ok(entry)
    }
}

impl FatVolume {
    /// The cluster after this one. `None` at the chain's end, which values from ..F8 on mark.
    pub(super) fn next_cluster(
        &self,
        image: &mut (impl Read + Seek),
        window: &mut Window,
        cluster: u32,
    ) -> Result<Option<u32>, FormatError> {
        let number = u64::from(cluster);
        let (next, end) = match self.fat_type {
            FatType::Fat12 => {
                let pair = u16_le(&window.entry(image, self, number + number / 2, 2)?, 0);
                let entry = if cluster.is_multiple_of(2) { pair & 0xFFF } else { pair >> 4 };
                (u32::from(entry), 0xFF8)
            }
            FatType::Fat16 => (u32::from(u16_le(&window.entry(image, self, number * 2, 2)?, 0)), 0xFFF8),
            FatType::Fat32 => {
                (u32_le(&window.entry(image, self, number * 4, 4)?, 0) & 0x0FFF_FFFF, 0x0FFF_FFF8)
            }
        };
        Ok((next < end).then_some(next))
    }

    /// Where a cluster's data lies in the image. `what` is whose it is.
    pub(super) fn cluster_at(&self, what: &'static str, cluster: u32) -> Result<u64, FormatError> {
        let index = cluster.checked_sub(2).filter(|index| *index < self.cluster_count);
        let Some(index) = index else {
            let expected = format!("a cluster from 2 to {}", self.cluster_count.saturating_add(1));
            return Err(FormatError::damaged(what, self.start_bytes(), expected, cluster));
        };
        Ok(self.clusters_at.saturating_add(u64::from(index) * self.cluster_bytes))
    }

    /// The first `len_bytes` of the chain that begins in `first`: chains may be longer than their files.
    pub(super) fn file_extents(
        &self,
        image: &mut (impl Read + Seek),
        window: &mut Window,
        first: u32,
        len_bytes: u64,
    ) -> Result<Vec<FileExtent>, FormatError> {
        const WHAT: &str = "file's chain of clusters";
        let mut extents = Vec::new();
        let mut left = len_bytes;
        let mut cluster = Some(first);
        while left > 0 {
            let Some(here) = cluster else {
                let expected = format!("clusters for {len_bytes} bytes");
                let actual = format!("an end after {}", len_bytes - left);
                return Err(FormatError::damaged(WHAT, self.start_bytes(), expected, actual));
            };
            let taken = left.min(self.cluster_bytes);
            let offset_bytes = Some(self.cluster_at(WHAT, here)?);
            push_extent(&mut extents, FileExtent { offset_bytes, len_bytes: taken })?;
            left -= taken;
            if left > 0 {
                cluster = self.next_cluster(image, window, here)?;
            }
        }
        self.check_distinct(WHAT, &extents)?;
        Ok(extents)
    }

    /// All of the chain that begins in `first`: directories have no length of their own.
    pub(super) fn directory_extents(
        &self,
        image: &mut (impl Read + Seek),
        window: &mut Window,
        first: u32,
    ) -> Result<Vec<FileExtent>, FormatError> {
        const WHAT: &str = "directory's chain of clusters";
        let mut extents = Vec::new();
        let mut cluster = first;
        for _ in 0..self.max_directory_clusters() {
            let offset_bytes = Some(self.cluster_at(WHAT, cluster)?);
            push_extent(&mut extents, FileExtent { offset_bytes, len_bytes: self.cluster_bytes })?;
            match self.next_cluster(image, window, cluster)? {
                Some(next) => cluster = next,
                None => {
                    self.check_distinct(WHAT, &extents)?;
                    return Ok(extents);
                }
            }
        }
        self.check_distinct(WHAT, &extents)?;
        Err(self.directory_too_large())
    }

    /// A chain that leads back into itself has some cluster twice.
    fn check_distinct(&self, what: &'static str, extents: &[FileExtent]) -> Result<(), FormatError> {
        let mut ranges: Vec<(u64, u64)> =
            extents.iter().filter_map(|extent| Some((extent.offset_bytes?, extent.len_bytes))).collect();
        ranges.sort_unstable();
        let overlap = ranges.windows(2).find(|pair| pair[0].0.saturating_add(pair[0].1) > pair[1].0);
        match overlap {
            Some(pair) => Err(FormatError::damaged(what, pair[1].0, "each cluster once", "one twice")),
            None => Ok(()),
        }
    }
}
