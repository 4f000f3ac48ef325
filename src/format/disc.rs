//! Which tree holds a disc's files, where a disc has two.

use std::io::{Read, Seek};

use super::FormatError;
use super::iso9660::Iso9660;
use super::tree::{EntryKind, ImageTree};
use super::udf::Udf;

/// A tree of less than this, without folders, beside a UDF volume says only that the files are in that one.
const MAX_DECOY_BYTES: u64 = 64 * 1024;
/// Discs have blocks of 2048 bytes. A UDF volume with others is a drive's, unless ISO 9660 stands beside it.
const DISC_BLOCK_BYTES: u32 = 2048;

/// The files of a disc.
pub struct DiscTree<'a> {
    pub tree: Box<dyn ImageTree + 'a>,
    /// Why the UDF volume was not used, although the disc has one.
    pub passed_over: Option<FormatError>,
}

/// Opens the tree that has all the files of the disc in `image`; `None` if it is no disc.
///
/// Where UDF is there, it counts: ISO 9660 beside it may hold a read-me only, and give sizes modulo 4 GiB. If UDF cannot
/// be read, the files are taken from ISO 9660, but only if it holds more than such a read-me; else it is an error.
pub fn open_tree<'a, R: Read + Seek>(image: &'a mut R) -> Result<Option<DiscTree<'a>>, FormatError> {
    let has_iso = matches!(Iso9660::open(&mut *image), Ok(Some(_)));
    let udf_error = match readable_udf(image, has_iso) {
        Ok(true) => {
            let tree = Udf::open(image)?.map(|udf| Box::new(udf) as Box<dyn ImageTree>);
            return Ok(tree.map(|tree| DiscTree { tree, passed_over: None }));
        }
        Ok(false) => None,
        Err(error) => Some(error),
    };
    if let Some(error) = udf_error {
        if !has_iso || is_decoy(image) {
            return Err(error);
        }
        return open_iso(image, Some(error));
    }
    open_iso(image, None)
}

fn open_iso<'a, R: Read + Seek>(
    image: &'a mut R,
    passed_over: Option<FormatError>,
) -> Result<Option<DiscTree<'a>>, FormatError> {
    let tree = Iso9660::open(image)?.map(|iso| Box::new(iso) as Box<dyn ImageTree>);
    Ok(tree.map(|tree| DiscTree { tree, passed_over }))
}

/// Is there a disc's UDF volume whose root can be read?
fn readable_udf(image: &mut (impl Read + Seek), has_iso: bool) -> Result<bool, FormatError> {
    let Some(mut udf) = Udf::open(image)? else { return Ok(false) };
    if !has_iso && udf.block_bytes() != DISC_BLOCK_BYTES {
        return Ok(false);
    }
    let root = udf.root()?;
    udf.read_dir(&root)?;
    Ok(true)
}

fn is_decoy(image: &mut (impl Read + Seek)) -> bool {
    let files = || {
        let mut iso = Iso9660::open(image).ok()??;
        let root = iso.root().ok()?;
        iso.read_dir(&root).ok()
    };
    // A tree that cannot be read is no better than none.
    files().is_none_or(|files| {
        files.iter().all(|entry| entry.kind == EntryKind::File)
            && files.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.len_bytes)) < MAX_DECOY_BYTES
    })
}
