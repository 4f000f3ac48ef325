//! Sectors that change, over those that are there.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use crate::format::FormatError;
use crate::format::bytes::{read_at, u32_le};
use crate::format::fat::FatVolume;

/// Bytes and their place in the image, in whole sectors of the volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    pub offset_bytes: u64,
    pub bytes: Vec<u8>,
}

/// The sectors of the tables as they are after the steps so far.
#[derive(Default)]
pub(super) struct TableSectors {
    sectors: BTreeMap<u64, Vec<u8>>,
    /// Places of those that this step changes.
    touched: BTreeSet<u64>,
}

impl TableSectors {
    /// Sets the entry of a cluster in every copy of the table that is kept. The upper four bits are nobody's to change
    /// (§4).
    pub fn set(
        &mut self,
        image: &mut (impl Read + Seek),
        volume: &FatVolume,
        cluster: u32,
        value: u32,
    ) -> Result<(), FormatError> {
        for table_at in [Some(volume.fat_at), volume.fat_copy_at].into_iter().flatten() {
            let offset = u64::from(cluster) * 4;
            let at = table_at.saturating_add(offset / volume.sector_bytes * volume.sector_bytes);
            let within = (offset % volume.sector_bytes) as usize;
            self.change(image, volume, at, |sector| {
                let kept = u32_le(sector, within) & 0xF000_0000;
                sector[within..within + 4].copy_from_slice(&(kept | value).to_le_bytes());
            })?;
        }
        Ok(())
    }

    /// Makes the second copy's sector that begins at this byte of the table like the first's.
    pub fn mend_copy(
        &mut self,
        image: &mut (impl Read + Seek),
        volume: &FatVolume,
        sector: u64,
    ) -> Result<(), FormatError> {
        let Some(copy_at) = volume.fat_copy_at else { return Ok(()) };
        let mut first = vec![0; volume.sector_bytes as usize];
        read_at(image, "file allocation table", volume.fat_at.saturating_add(sector), &mut first)?;
        self.change(image, volume, copy_at.saturating_add(sector), |copy| copy.copy_from_slice(&first))
    }

    /// Changes the sector at byte `at`.
    pub fn change(
        &mut self,
        image: &mut (impl Read + Seek),
        volume: &FatVolume,
        at: u64,
        change: impl FnOnce(&mut [u8]),
    ) -> Result<(), FormatError> {
        let sector = match self.sectors.entry(at) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => {
                let mut sector = vec![0; volume.sector_bytes as usize];
                read_at(image, "sector of the tables", at, &mut sector)?;
                place.insert(sector)
            }
        };
        change(sector);
        self.touched.insert(at);
        Ok(())
    }

    /// What this step writes, ascending; the next step begins.
    pub fn finish_step(&mut self) -> Vec<Patch> {
        let touched = std::mem::take(&mut self.touched);
        joined(touched.into_iter().filter_map(|at| Some((at, self.sectors.get(&at)?.clone()))))
    }
}

/// Neighbours become one.
pub(super) fn joined(sectors: impl Iterator<Item = (u64, Vec<u8>)>) -> Vec<Patch> {
    let mut patches: Vec<Patch> = Vec::new();
    for (offset_bytes, bytes) in sectors {
        match patches.last_mut() {
            Some(last) if last.offset_bytes + last.bytes.len() as u64 == offset_bytes => {
                last.bytes.extend(bytes);
            }
            _ => patches.push(Patch { offset_bytes, bytes }),
        }
    }
    patches
}
