//! The file allocation table of a volume whose files lie one behind the other (§4).

/// Entries 0 and 1: the media byte, and a volume that was shut down in order and has no read errors (§4.2).
const RESERVED: [u32; 2] = [0x0FFF_FFF8, 0x0FFF_FFFF];
const END_OF_CHAIN: u32 = 0x0FFF_FFFF;
const ENTRY_BYTES: u64 = 4;

/// Any part of a table, worked out from where the chains end. Takes memory for each file, none for each cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FatTable {
    /// The last cluster of every chain, ascending. Each chain begins behind the one before, the first in cluster 2.
    last_clusters: Vec<u32>,
}

impl FatTable {
    /// `last_clusters`: of every chain, strictly ascending, from 2 on.
    pub(super) fn new(last_clusters: Vec<u32>) -> Self {
        Self { last_clusters }
    }

    /// The table's length up to the last entry in use. All that follows is zero.
    pub fn used_bytes(&self) -> u64 {
        self.used_entries() * ENTRY_BYTES
    }

    fn used_entries(&self) -> u64 {
        self.last_clusters.last().map_or(RESERVED.len() as u64, |last| u64::from(*last) + 1)
    }

    /// Fills `out` with the table's bytes from byte `offset_bytes` of it on; zeroes behind the entries in use.
    pub fn fill(&self, offset_bytes: u64, out: &mut [u8]) {
        let first = offset_bytes / ENTRY_BYTES;
        let mut skip = (offset_bytes % ENTRY_BYTES) as usize;
        // The first chain that does not end before.
        let mut chain = self.last_clusters.partition_point(|last| u64::from(*last) < first);
        let mut filled = 0;
        for number in first.. {
            if filled == out.len() {
                break;
            }
            if number >= self.used_entries() {
                out[filled..].fill(0);
                break;
            }
            let entry = match RESERVED.get(number as usize) {
                Some(reserved) => *reserved,
                None if self.last_clusters.get(chain).is_some_and(|last| u64::from(*last) == number) => {
                    chain += 1;
                    END_OF_CHAIN
                }
                None => number as u32 + 1,
            };
            let bytes = &entry.to_le_bytes()[skip..];
            let len = bytes.len().min(out.len() - filled);
            out[filled..filled + len].copy_from_slice(&bytes[..len]);
            (filled, skip) = (filled + len, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_of_the_table_is_the_same_table() {
        // The root in cluster 2, a directory in 3, a file in 4 to 6.
        let table = FatTable::new(vec![2, 3, 6]);
        let entries = [0x0FFF_FFF8, 0x0FFF_FFFF, 0x0FFF_FFFF, 0x0FFF_FFFF, 5, 6, 0x0FFF_FFFF, 0, 0, 0];
        let whole: Vec<u8> = entries.iter().flat_map(|entry: &u32| entry.to_le_bytes()).collect();
        assert_eq!(table.used_bytes(), 28);
        for start in 0..whole.len() {
            for end in start..whole.len() {
                let mut cut = vec![0xEE; end - start];
                table.fill(start as u64, &mut cut);
                assert_eq!(cut, whole[start..end], "{start}..{end}");
            }
        }
    }
}
