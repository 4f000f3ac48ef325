//! The plan of a drive that is to be empty: for handing it on, or before something else is made of it.

use crate::base::{GIB, KIB, MIB};
use crate::device::{Drive, Standing};
use crate::source::ImageFacts;

use super::raw::{gate, wipes};
use super::{Extent, Fill, Plan, Refusal};

/// Both partition tables, and what file systems, RAID, LVM and LUKS have at a start: the last of them is the second header
/// of LUKS2, of which 4 MiB may be used.
const START_BYTES: u64 = 16 * MIB;
/// The backup GPT, RAID superblocks, and the last anchor of UDF, which is 256 blocks of 4096 bytes before the end.
const END_BYTES: u64 = 4 * MIB;
/// btrfs keeps copies of its superblock at these places, if the device is so large.
const BTRFS_COPIES: [u64; 2] = [64 * MIB, 256 * GIB];
const COPY_BYTES: u64 = 64 * KIB;

/// Plans zeroes: with `everywhere` for all of the drive, else for each place where a system looks for something, on the
/// drive itself and on `partitions`, the bounds of those that it has now.
pub fn plan_wipe(
    drive: &Drive,
    standing: &Standing,
    everywhere: bool,
    partitions: &[(u64, u64)],
) -> Result<Plan, Refusal> {
    gate(drive, standing)?;
    let target = &drive.identity;
    let sector = u64::from(target.sector_bytes);
    let drive_bytes = target.size_bytes / sector * sector;
    let ranges = if everywhere {
        vec![(0, drive_bytes)]
    } else {
        let mut ranges = signature_places(0, drive_bytes);
        for (start, end) in partitions {
            ranges.extend(signature_places(*start, (*end).min(drive_bytes)));
        }
        merged(ranges, sector, drive_bytes)
    };
    let extents =
        ranges.into_iter().map(|(start, end)| Extent { start, len: end - start, fill: Fill::Zeroes });
    Ok(Plan {
        target: target.clone(),
        image: ImageFacts::of_nothing("nothing"),
        extents: extents.collect(),
        sized: true,
        wipes: wipes(drive_bytes),
        advice: Vec::new(),
        notes: Vec::new(),
        stick: None,
        change: None,
    })
}

/// (start, end) of what may say, in a volume or drive of these bounds, what it is.
fn signature_places(start: u64, end: u64) -> Vec<(u64, u64)> {
    let copies = BTRFS_COPIES.map(|at| (start.saturating_add(at), start.saturating_add(at + COPY_BYTES)));
    let ends = [(start, start.saturating_add(START_BYTES)), (end.saturating_sub(END_BYTES).max(start), end)];
    ends.into_iter()
        .chain(copies)
        .map(|(from, to)| (from, to.min(end)))
        .filter(|(from, to)| from < to)
        .collect()
}

/// Ascending, in whole sectors, without overlap.
fn merged(mut ranges: Vec<(u64, u64)>, sector: u64, drive_bytes: u64) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (start, end) in ranges {
        let (start, end) = (start / sector * sector, end.next_multiple_of(sector).min(drive_bytes));
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_whole_sectors_in_order_and_inside_the_drive() {
        let drive_bytes = 300 * GIB + 512;
        let mut ranges = signature_places(0, drive_bytes);
        ranges.extend(signature_places(MIB, 100 * GIB + 512));
        let found = merged(ranges, 4096, drive_bytes / 4096 * 4096);
        assert!(
            found.iter().all(|(start, end)| start < end && start % 4096 == 0 && end % 4096 == 0),
            "{found:?}"
        );
        assert!(found.windows(2).all(|pair| pair[0].1 < pair[1].0), "{found:?}");
        assert_eq!((found[0], found.len()), ((0, 17 * MIB), 6));
        assert_eq!(merged(signature_places(0, MIB), 512, MIB), [(0, MIB)]);
    }
}
