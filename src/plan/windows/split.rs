//! An install image that FAT32 cannot hold, as a set of parts: `install.swm`, `install2.swm`… Resources are copied as they
//! are; only headers and tables are made anew, so that all sizes are known before the first byte is written.

use sha2::{Digest as _, Sha256};

use crate::format::guid::Guid;
use crate::format::wim::{self, Piece};
use crate::plan::{Fill, Refusal, SplitImage};
use crate::source::windows::{MediaFile, WindowsMedia};

use super::contents::{Content, Item};
use super::guid_of;

/// The largest file of a FAT32 volume (FAT specification, DIR_FileSize).
pub(super) const FAT32_FILE_BYTES: u64 = u32::MAX as u64;
/// What Microsoft's own instructions for USB sticks split at.
const PART_BYTES: u64 = 3800 << 20;

/// The parts of `file` with their paths, where it has to be split or the user asks for it; `None`: it stays whole.
pub(super) fn parts(
    media: &WindowsMedia,
    file: &MediaFile,
    split_bytes: Option<u64>,
) -> Result<Option<Vec<(String, Content)>>, Refusal> {
    let part_bytes = split_bytes.unwrap_or(PART_BYTES);
    let must = file.len_bytes > FAT32_FILE_BYTES;
    let tables = media.splittable.iter().find(|(path, _)| *path == file.path).map(|(_, tables)| tables);
    let Some(tables) = tables.filter(|_| must || split_bytes.is_some_and(|most| file.len_bytes > most))
    else {
        return if must {
            Err(Refusal::FileTooLarge { path: file.path.clone(), len_bytes: file.len_bytes })
        } else {
            Ok(None)
        };
    };
    let cannot = |reason| Refusal::CannotSplit { path: file.path.clone(), reason };
    let tables = tables.as_ref().map_err(|reason| cannot(reason.clone()))?;
    let set = set_guid(tables.header.guid, part_bytes);
    let parts = wim::split(&tables.header, &tables.resources, &tables.xml, set, part_bytes, FAT32_FILE_BYTES)
        .map_err(|error| cannot(error.to_string()))?;
    let named = parts.into_iter().enumerate().map(|(index, part)| {
        let mut content = Content::default();
        for piece in part.pieces {
            match piece {
                Piece::Bytes(bytes) => content.push(bytes.len() as u64, Fill::bytes(bytes)),
                Piece::Copy { offset_bytes, len_bytes } => {
                    content.push_range(&file.extents, offset_bytes, len_bytes);
                }
            }
        }
        (part_path(&file.path, index), content)
    });
    Ok(Some(named.collect()))
}

/// What holds the parts together. The same on every stick of this image, so that all have the same files.
fn set_guid(whole: Guid, part_bytes: u64) -> Guid {
    guid_of(Sha256::new().chain_update(whole.0).chain_update(part_bytes.to_le_bytes()).finalize().into())
}

/// `sources/install.wim` becomes `sources/install.swm`, `sources/install2.swm`… in the same folder.
fn part_path(path: &str, index: usize) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    match index {
        0 => format!("{stem}.swm"),
        _ => format!("{stem}{}.swm", index + 1),
    }
}

/// What was split, if anything was: told by the parts that are not copies of files.
pub(super) fn summary(items: &[Item], media: &WindowsMedia) -> Option<SplitImage> {
    let (path, _) = media.splittable.iter().find(|(path, _)| items.iter().all(|item| item.path != *path))?;
    let stem = part_path(path, 0);
    let stem = stem.strip_suffix(".swm").unwrap_or(&stem);
    let parts: Vec<u64> = items
        .iter()
        .filter(|item| item.path.strip_prefix(stem).is_some_and(|rest| rest.ends_with(".swm")))
        .filter_map(|item| item.content.as_ref().map(Content::len_bytes))
        .collect();
    let part_bytes = parts.iter().copied().max()?;
    let image_bytes = media.files.iter().find(|file| file.path == *path)?.len_bytes;
    Some(SplitImage { path: path.clone(), image_bytes, parts: parts.len(), part_bytes })
}

#[cfg(test)]
mod tests {
    use super::part_path;

    #[test]
    fn parts_are_named_as_setup_looks_for_them() {
        let names = [0, 1, 2, 9].map(|index| part_path("x64/sources/install.wim", index));
        assert_eq!(
            names,
            ["install.swm", "install2.swm", "install3.swm", "install10.swm"]
                .map(|n| format!("x64/sources/{n}"))
        );
    }
}
