//! Whether the copies of a volume's allocation table say the same.

use std::io::{Read, Seek};

use super::{FatType, FatVolume};
use crate::format::FormatError;
use crate::format::bytes::read_at;

const PIECE_BYTES: u64 = 64 << 10;

impl FatVolume {
    /// Where the second copy of the table first says something else than the first: the byte in the image. The marks that
    /// a system makes while the volume is mounted (entry 1) are passed over, and so is what lies behind the last cluster's
    /// entry. `None`: alike, or only one copy is kept.
    pub fn fat_difference(&self, image: &mut (impl Read + Seek)) -> Result<Option<u64>, FormatError> {
        Ok(self.fat_differences(image, 1)?.first().map(|(_, at)| *at))
    }

    /// The same for each sector of the table that differs, up to `most`: byte of the table where the sector begins, byte of
    /// the image that differs first.
    pub(super) fn fat_differences(
        &self,
        image: &mut (impl Read + Seek),
        most: usize,
    ) -> Result<Vec<(u64, u64)>, FormatError> {
        let mut found = Vec::new();
        let Some(copy_at) = self.fat_copy_at else { return Ok(found) };
        let entries = u64::from(self.cluster_count) + 2;
        let (used_bytes, marks) = match self.fat_type {
            FatType::Fat12 => ((entries * 3).div_ceil(2), 0..0),
            FatType::Fat16 => (entries * 2, 2..4),
            FatType::Fat32 => (entries * 4, 4..8),
        };
        let used_bytes = used_bytes.min(self.fat_bytes);
        let mut buffers = [vec![0; PIECE_BYTES as usize], vec![0; PIECE_BYTES as usize]];
        for start in (0..used_bytes).step_by(PIECE_BYTES as usize) {
            let len = PIECE_BYTES.min(used_bytes - start) as usize;
            for (buffer, at) in buffers.iter_mut().zip([self.fat_at, copy_at]) {
                let buffer = &mut buffer[..len];
                read_at(image, "file allocation table", at.saturating_add(start), buffer)?;
                if start == 0 {
                    let marks = marks.start..marks.end.min(len);
                    buffer[marks].fill(0);
                }
            }
            let sectors = buffers.each_ref().map(|buffer| buffer[..len].chunks(self.sector_bytes as usize));
            let [first, second] = sectors;
            for (index, (first, second)) in first.zip(second).enumerate() {
                if first != second {
                    let place = first.iter().zip(second).take_while(|(a, b)| a == b).count() as u64;
                    let sector = start + index as u64 * self.sector_bytes;
                    found.push((sector, copy_at.saturating_add(sector + place)));
                    if found.len() == most {
                        return Ok(found);
                    }
                }
            }
        }
        Ok(found)
    }
}
