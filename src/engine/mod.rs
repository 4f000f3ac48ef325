//! Floor 5: walks a Plan over a device. Blocking calls that use threads inside and leave none behind, unless a drive
//! has stopped answering.
//!
//! ```text
//! write    source -> blocks -> device          a reader thread runs ahead of the writer, a hasher beside them
//! together source -> tape -> each stick's blocks -> its device      the image is read once; see `together`
//! verify   device -> checksums of the blocks   a device reader runs ahead; the image is not read again
//! check    device -> comparison <- source      the same, with the image's bytes
//! save     device -> file
//! hash     anything -> checksums
//! test     stamps -> device -> stamps?       is the drive as large as it says?
//! ```

mod amend;
mod awaited;
mod blocks;
mod capacity;
mod compare;
mod error;
mod file_digests;
mod files;
mod hash;
mod image_reader;
mod map_check;
mod pool;
mod save;
mod tape;
mod together;
mod trailing_hash;
mod write;

use serde::Serialize;

pub use amend::{amend, hash_additions};
pub use capacity::{BadArea, CapacityTest, Clock, Holds, Lie, TestExtent, probe_capacity, test_capacity};
pub use compare::{Comparison, Mismatch, compare};
pub use error::EngineError;
pub use files::{HashedFiles, Pieces, hash_files};
pub use hash::{hash_device, hash_file, hash_image};
pub use save::{Compression, Saved, save};
pub use together::{Share, share_out};
pub use write::{Mark, WriteOptions, Written, write, write_planned, write_share};

/// What the engine is doing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Reading the image to compare its checksum before anything is written.
    Checking,
    Wiping,
    Writing,
    Syncing,
    Verifying,
    /// Reading a drive that was written earlier; nothing is written.
    Comparing,
    Saving,
    Hashing,
    /// Trying out whether a drive is as large as it says.
    Testing,
}

/// A point of progress inside a phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub phase: Phase,
    pub done_bytes: u64,
    /// `None` while the size of a compressed image is unknown.
    pub total_bytes: Option<u64>,
    /// Share of the compressed file that has been consumed, for images of unknown size.
    pub consumed: Option<f32>,
}

/// Is told of every step, from whichever thread makes it.
pub type Observer<'a> = &'a (dyn Fn(Step) + Sync);

/// Bytes that are moved at once: large enough for full speed, small enough to be cancelled and to stay in the cache.
const BLOCK_BYTES: usize = 1 << 20;

/// Blocks in flight between two threads.
const BLOCKS_IN_FLIGHT: usize = 3;
