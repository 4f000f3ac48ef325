//! Changes to a FAT32 volume that others have used: which sectors have to be written, and in which order, so that files
//! come and go while all that is not named stays where it is. Nothing is written here, and of the volume only its tables
//! and folders are read.
//!
//! The steps of [`FatEdit`] are each to be on the medium before the next begins. Whenever the power goes, a name leads to
//! all of its old content or to all of its new one:
//!
//! 1. `contents` go into free clusters, to which nothing leads;
//! 2. `tables` make these clusters chains that no folder names yet, and mark the volume as being changed;
//! 3. `folders` name them, and forget what is to go;
//! 4. `release` frees what is forgotten, and takes the mark away.
//!
//! Up to the second step nothing was changed that anybody reads; after a cut between the others some clusters are in use by
//! nobody, which any system's repair frees.

mod editor;
mod error;
mod folder;
mod sectors;
mod space;
mod survey;

use std::io::{Read, Seek};

pub use error::EditError;
pub use sectors::Patch;

/// What is to be different. Paths are like `sources/autounattend.xml`, upper and lower case alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The file goes. If it is gone already, nothing happens.
    Remove { path: String },
    /// The folder goes if nothing is in it by then.
    RemoveIfEmpty { path: String },
    /// The file has this content from now on, whether it was there or not. Folders on the way are made.
    Put { path: String, len_bytes: u64, modified_unix_secs: Option<i64> },
}

/// Everything that has to be written. Offsets are bytes of the image, all in whole sectors of the volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FatEdit {
    pub contents: Vec<Piece>,
    pub tables: Vec<Patch>,
    pub folders: Vec<Patch>,
    pub release: Vec<Patch>,
    /// One for each [`Change::Put`], in their order.
    pub put: Vec<Placed>,
    /// Files that were there and go.
    pub removed: Vec<String>,
    /// A system's mark says that the volume was not unmounted in order, or the second copy of its table was left behind.
    /// It is whole all the same. The mark stays; the copy is made like the first.
    pub was_dirty: bool,
    pub free_bytes: u64,
    /// Of the volume: what every place and length is a multiple of.
    pub sector_bytes: u64,
}

/// A stretch of what goes into free clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub offset_bytes: u64,
    pub len_bytes: u64,
    pub content: PieceContent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceContent {
    /// Of the file with this number among the puts, from its byte `offset_bytes` on.
    File {
        put: usize,
        offset_bytes: u64,
    },
    Bytes(Vec<u8>),
    Zeroes,
}

/// A file that is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// As the volume spells it.
    pub path: String,
    /// There was one before.
    pub replaces: bool,
}

/// Decides what the `changes` take, in their order, on the volume that begins at byte `at` of the image.
pub fn edit(image: &mut (impl Read + Seek), at: u64, changes: &[Change]) -> Result<FatEdit, EditError> {
    editor::edit(image, at, changes)
}
