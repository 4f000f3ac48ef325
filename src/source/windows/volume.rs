//! A stick that Windows is installed from: its FAT volume holds the files of the media.

use std::io::{Read, Seek};

use super::{Media, WindowsFacts, survey};
use crate::format::fat::FatTree;

/// What the files on the FAT volume at byte `start` are, whoever put them there. `None`: no Windows media, or no volume that
/// can be read. What is wrong with them goes to `notes`.
pub fn windows_on_volume(
    drive: &mut (impl Read + Seek),
    start: u64,
    notes: &mut Vec<String>,
) -> Option<WindowsFacts> {
    let mut tree = FatTree::open(&mut *drive, start).ok()??;
    let media = Media::find(&mut tree).ok()??;
    drop(tree);
    Some(survey(drive, &media, true, notes))
}
