//! FAT12, FAT16 and FAT32: they have no signature of their own, only a parameter block that must make sense (Microsoft
//! FAT specification, 3.1 to 3.5).

use super::{Signature, Volume};

/// What is needed of the parameter block to find the label.
struct Layout {
    /// Byte offset and length of the fixed root directory, or of the root's first cluster on FAT32.
    root: (u64, u64),
    /// Of the label in the boot sector.
    label_at: usize,
}

pub(super) fn fat(volume: Volume<'_>) -> Option<Signature> {
    let layout = layout(volume)?;
    let boot_label = volume.label(layout.label_at, 11).filter(|label| label != "NO NAME");
    Some(Signature { kind: "vfat", label: root_label(volume, layout.root).or(boot_label) })
}

fn layout(volume: Volume<'_>) -> Option<Layout> {
    let byte = |at: usize| volume.0.get(at).copied();
    let is_jump = matches!((byte(0)?, byte(2)?), (0xEB, 0x90) | (0xE9, _));
    let sector = u64::from(volume.u16(11)?);
    let cluster_sectors = byte(13)?;
    let reserved = u64::from(volume.u16(14)?);
    let fats = u64::from(byte(16)?);
    let root_entries = u64::from(volume.u16(17)?);
    let media = byte(21)?;
    let sane = is_jump
        && volume.has(510, &[0x55, 0xAA])
        && sector.is_power_of_two()
        && (512..=4096).contains(&sector)
        && cluster_sectors.is_power_of_two()
        && reserved > 0
        && (1..=2).contains(&fats)
        && (media == 0xF0 || media >= 0xF8)
        && (volume.u16(19)? != 0 || volume.u32(32)? != 0);
    if !sane {
        return None;
    }
    let small_fat = u64::from(volume.u16(22)?);
    if small_fat != 0 {
        let root = (reserved + fats * small_fat) * sector;
        return (root_entries > 0).then_some(Layout { root: (root, root_entries * 32), label_at: 43 });
    }
    let fat_sectors = u64::from(volume.u32(36)?);
    let cluster = u64::from(volume.u32(44)?.checked_sub(2)?);
    if fat_sectors == 0 || root_entries != 0 {
        return None;
    }
    let cluster_bytes = u64::from(cluster_sectors) * sector;
    let root = (reserved + fats * fat_sectors) * sector + cluster * cluster_bytes;
    Some(Layout { root: (root, cluster_bytes), label_at: 71 })
}

/// The label as the root directory has it: the first entry with the volume attribute that is no part of a long name.
/// It is the one that systems keep up to date; often it lies too far in to be seen.
fn root_label(volume: Volume<'_>, (start, len): (u64, u64)) -> Option<String> {
    const VOLUME_ID: u8 = 0x08;
    const LONG_NAME: u8 = 0x0F;
    let (start, len) = (usize::try_from(start).ok()?, usize::try_from(len).ok()?);
    let entries = volume.0.get(start..)?.chunks_exact(32).take(len / 32);
    let entry = entries
        .take_while(|entry| entry[0] != 0)
        .find(|entry| entry[0] != 0xE5 && entry[11] & VOLUME_ID != 0 && entry[11] & LONG_NAME != LONG_NAME)?;
    Volume(entry).label(0, 11)
}
