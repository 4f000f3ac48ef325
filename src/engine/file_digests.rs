//! SHA-256 of every file of a planned stick, computed beside the writing while the files pass; and the manifest that is
//! made of them.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, SendTimeoutError, Sender, bounded};

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel};
use crate::plan::{PlannedStick, manifest};

use super::EngineError;
use super::blocks::Block;
use super::pool::CANCEL_POLL;

/// Blocks that may wait for the hasher; each is one that the pool misses.
pub(super) const BLOCKS_HELD: usize = 1;

/// Takes the stick's blocks, in order.
pub(super) struct FileDigests {
    blocks: Sender<Arc<Block>>,
    thread: JoinHandle<Vec<String>>,
}

impl FileDigests {
    pub fn start(stick: &PlannedStick) -> Self {
        let (blocks, incoming) = bounded(BLOCKS_HELD);
        let files = stick.files.iter().filter(|file| file.path != manifest::MANIFEST_NAME);
        let files: Vec<(u64, u64)> = files.map(|file| (file.start, file.len)).collect();
        let thread = std::thread::spawn(move || digests(&files, &incoming));
        Self { blocks, thread }
    }

    /// Waits while the hasher is behind.
    pub fn offer(&self, block: &Arc<Block>, cancel: &Cancel) -> Result<(), EngineError> {
        let mut block = Arc::clone(block);
        loop {
            cancel.check()?;
            match self.blocks.send_timeout(block, CANCEL_POLL) {
                Err(SendTimeoutError::Timeout(back)) => block = back,
                // A hasher that is gone shows when it is joined.
                Ok(()) | Err(SendTimeoutError::Disconnected(_)) => return Ok(()),
            }
        }
    }

    /// The manifest, once every file has passed.
    pub fn manifest(self, stick: &PlannedStick) -> Result<Vec<u8>, EngineError> {
        drop(self.blocks);
        let digests = self.thread.join().map_err(|_| EngineError::Internal("the hasher of files"))?;
        let paths = stick.files.iter().map(|file| file.path.as_str());
        let paths = paths.filter(|path| *path != manifest::MANIFEST_NAME);
        Ok(manifest::render(&stick.manifest_head, paths.zip(digests)))
    }
}

/// Lower-case hex for each of `files` (start, length), which come in order of their places.
fn digests(files: &[(u64, u64)], blocks: &Receiver<Arc<Block>>) -> Vec<String> {
    let mut found = Vec::with_capacity(files.len());
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let mut hashed = 0;
    for block in blocks {
        let end = block.offset + block.bytes.len() as u64;
        while let Some(&(start, len)) = files.get(found.len()) {
            if len > hashed && start + hashed < end {
                let from = (start + hashed).saturating_sub(block.offset) as usize;
                let to = ((start + len).min(end) - block.offset) as usize;
                hasher.update(&block.bytes[from..to]);
                hashed += (to - from) as u64;
            }
            if hashed < len {
                break;
            }
            found.push(std::mem::replace(&mut hasher, Hasher::new(Algorithm::Sha256)).finish().hex());
            hashed = 0;
        }
    }
    // Files without content may be all that is left.
    while let Some(&(_, 0)) = files.get(found.len()) {
        found.push(Hasher::new(Algorithm::Sha256).finish().hex());
    }
    found
}
