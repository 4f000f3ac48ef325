//! Whether a volume is whole: every chain leads through clusters of its own to its end. Only then can be told which
//! clusters are free.

use std::io::{Read, Seek};

use super::EditError;
use crate::format::FormatError;
use crate::format::bytes::read_at;
use crate::format::fat::chain::Window;
use crate::format::fat::directory::entries;
use crate::format::fat::{FatVolume, Root};

/// What the walk over a volume has claimed.
pub(super) struct Survey<'a, R> {
    image: &'a mut R,
    volume: &'a FatVolume,
    window: Window,
    /// A bit for each cluster: some chain has it.
    claimed: Vec<u64>,
}

impl<'a, R: Read + Seek> Survey<'a, R> {
    /// Follows every chain that the folders name. What is lost (in use by the table, named by no folder) is no fault.
    pub fn check(image: &'a mut R, volume: &'a FatVolume) -> Result<(), EditError> {
        let Root::Cluster(root) = volume.root else { return Err(EditError::NotFat32) };
        let words = (u64::from(volume.cluster_count) + 2).div_ceil(64);
        let mut survey = Self { image, volume, window: Window::default(), claimed: vec![0; words as usize] };
        let mut folders = vec![root];
        while let Some(first) = folders.pop() {
            for entry in entries(&survey.folder(first)?, volume.fat_type) {
                if entry.is_volume_label() || entry.is_dot() {
                    continue;
                }
                if entry.is_directory() {
                    folders.push(entry.first_cluster);
                } else {
                    survey.file(entry.first_cluster, entry.len_bytes.into())?;
                }
            }
        }
        Ok(())
    }

    /// All of a folder's data.
    fn folder(&mut self, first: u32) -> Result<Vec<u8>, FormatError> {
        const WHAT: &str = "directory's chain of clusters";
        let mut data = Vec::new();
        let mut cluster = Some(first);
        for _ in 0..self.volume.max_directory_clusters() {
            let Some(here) = cluster else { return Ok(data) };
            let filled = data.len();
            let at = self.claim(WHAT, here)?;
            data.resize(filled + self.volume.cluster_bytes as usize, 0);
            read_at(self.image, "FAT directory", at, &mut data[filled..])?;
            cluster = self.volume.next_cluster(self.image, &mut self.window, here)?;
        }
        if cluster.is_none() { Ok(data) } else { Err(self.volume.directory_too_large()) }
    }

    fn file(&mut self, first: u32, len_bytes: u64) -> Result<(), FormatError> {
        const WHAT: &str = "file's chain of clusters";
        let mut clusters = 0;
        // An empty file has none.
        let mut cluster = (first != 0).then_some(first);
        while let Some(here) = cluster {
            self.claim(WHAT, here)?;
            clusters += 1;
            cluster = self.volume.next_cluster(self.image, &mut self.window, here)?;
        }
        let has_bytes = clusters * self.volume.cluster_bytes;
        if has_bytes < len_bytes {
            let at = self.volume.start_bytes();
            let expected = format!("clusters for {len_bytes} bytes");
            return Err(FormatError::damaged(WHAT, at, expected, format!("an end after {has_bytes}")));
        }
        Ok(())
    }

    /// Where the cluster lies. A chain that comes back to itself, or into another one, has a cluster that is claimed
    /// already: that also bounds the walk.
    fn claim(&mut self, what: &'static str, cluster: u32) -> Result<u64, FormatError> {
        let at = self.volume.cluster_at(what, cluster)?;
        let (word, bit) = (&mut self.claimed[cluster as usize / 64], 1_u64 << (cluster % 64));
        if *word & bit != 0 {
            return Err(FormatError::damaged(what, at, "a cluster of its own", "one that another has too"));
        }
        *word |= bit;
        Ok(at)
    }
}
