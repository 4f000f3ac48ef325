//! The free clusters of a volume, and who gets which.

use std::io::{Read, Seek};

use super::EditError;
use crate::format::FormatError;
use crate::format::bytes::{read_at, u32_le};
use crate::format::fat::FatVolume;

const PIECE_BYTES: u64 = 64 << 10;
/// More stretches of free clusters are remembered only as long as they are needed.
const MAX_RUNS: usize = 1 << 16;
const ENTRY: u32 = 0x0FFF_FFFF;

/// Clusters that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub first: u32,
    pub count: u32,
}

#[derive(Debug)]
pub(super) struct Space {
    /// Ascending.
    runs: Vec<Run>,
    cluster_bytes: u64,
    /// All free clusters, whether their runs are remembered or not.
    free: u64,
    /// What will be taken at least.
    wanted: u64,
    taken: u64,
}

impl Space {
    /// Counts the free clusters of the whole table. `wanted`: clusters that will certainly be taken.
    pub fn of(image: &mut (impl Read + Seek), volume: &FatVolume, wanted: u64) -> Result<Self, FormatError> {
        let mut space =
            Self { runs: Vec::new(), cluster_bytes: volume.cluster_bytes, free: 0, wanted, taken: 0 };
        let table_bytes = (u64::from(volume.cluster_count) + 2) * 4;
        if table_bytes > volume.fat_bytes {
            let expected = format!("{table_bytes} bytes for {} clusters", volume.cluster_count);
            return Err(FormatError::damaged(
                "file allocation table",
                volume.fat_at,
                expected,
                volume.fat_bytes,
            ));
        }
        let mut piece = vec![0; PIECE_BYTES as usize];
        for start in (0..table_bytes).step_by(PIECE_BYTES as usize) {
            let piece = &mut piece[..PIECE_BYTES.min(table_bytes - start) as usize];
            read_at(image, "file allocation table", volume.fat_at.saturating_add(start), piece)?;
            for (index, entry) in piece.chunks_exact(4).enumerate() {
                let cluster = (start / 4) as u32 + index as u32;
                if cluster >= 2 && u32_le(entry, 0) & ENTRY == 0 {
                    space.add(cluster);
                }
            }
        }
        Ok(space)
    }

    fn add(&mut self, cluster: u32) {
        self.free += 1;
        // A little more than is wanted, for folders.
        let is_kept = self.runs.len() < MAX_RUNS || self.free <= self.wanted + MAX_RUNS as u64;
        match self.runs.last_mut() {
            Some(last) if last.first + last.count == cluster => last.count += 1,
            _ if is_kept => self.runs.push(Run { first: cluster, count: 1 }),
            _ => {}
        }
    }

    pub fn free(&self) -> u64 {
        self.free
    }

    /// Gives out clusters for so many bytes: in one piece where one is large enough, else in as many as it takes.
    pub fn take(&mut self, len_bytes: u64) -> Result<Vec<Run>, EditError> {
        let mut left = len_bytes.div_ceil(self.cluster_bytes);
        if left > self.free {
            let needed = self.wanted.max(self.taken + left);
            return Err(EditError::Full {
                needed_bytes: needed * self.cluster_bytes,
                free_bytes: (self.free + self.taken) * self.cluster_bytes,
            });
        }
        (self.free, self.taken) = (self.free - left, self.taken + left);
        let mut given = Vec::new();
        let mut take = |run: &mut Run, left: &mut u64| {
            let count = (*left).min(run.count.into()) as u32;
            given.push(Run { first: run.first, count });
            (run.first, run.count, *left) = (run.first + count, run.count - count, *left - u64::from(count));
        };
        if let Some(run) = self.runs.iter_mut().find(|run| left > 0 && u64::from(run.count) >= left) {
            take(run, &mut left);
        }
        for run in &mut self.runs {
            if left == 0 {
                break;
            }
            take(run, &mut left);
        }
        self.runs.retain(|run| run.count > 0);
        if left > 0 {
            // So many stretches that not all were remembered.
            return Err(EditError::Full {
                needed_bytes: self.wanted.max(self.taken) * self.cluster_bytes,
                free_bytes: (self.taken - left) * self.cluster_bytes,
            });
        }
        Ok(given)
    }
}

impl Run {
    pub fn clusters(self) -> impl Iterator<Item = u32> {
        self.first..self.first + self.count
    }
}
