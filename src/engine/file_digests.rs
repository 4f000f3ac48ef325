//! SHA-256 of every file of a planned stick, computed beside the writing while the files pass; and the manifest that is
//! made of them.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{SendTimeoutError, Sender, bounded};

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel};
use crate::plan::{PlannedFile, PlannedStick, manifest};

use super::EngineError;
use super::awaited::Awaited;
use super::blocks::Block;
use super::pool::CANCEL_POLL;

/// Blocks that may wait for the hasher; each is one that the pool misses.
pub(super) const BLOCKS_HELD: usize = 1;

/// Where the checksums of a stick's files come from.
pub(super) enum FileDigests {
    /// From a hasher that takes the stick's blocks, in order.
    Own { blocks: Sender<Arc<Block>>, thread: JoinHandle<Vec<String>> },
    /// From one that works for several sticks with the same files.
    OfAll(Awaited<Arc<[String]>>),
}

impl FileDigests {
    /// Begins to hash this stick's files.
    pub fn start(stick: &PlannedStick) -> Self {
        let (blocks, incoming) = bounded::<Arc<Block>>(BLOCKS_HELD);
        let mut hasher = FilesHasher::new(stick);
        let thread = std::thread::spawn(move || {
            incoming.iter().for_each(|block| hasher.update(block.offset, &block.bytes));
            hasher.finish()
        });
        Self::Own { blocks, thread }
    }

    /// Waits while the hasher is behind.
    pub fn offer(&self, block: &Arc<Block>, cancel: &Cancel) -> Result<(), EngineError> {
        let Self::Own { blocks, .. } = self else { return Ok(()) };
        let mut block = Arc::clone(block);
        loop {
            cancel.check()?;
            match blocks.send_timeout(block, CANCEL_POLL) {
                Err(SendTimeoutError::Timeout(back)) => block = back,
                // A hasher that is gone shows when it is joined.
                Ok(()) | Err(SendTimeoutError::Disconnected(_)) => return Ok(()),
            }
        }
    }

    /// The manifest, once every file has passed.
    pub fn manifest(self, stick: &PlannedStick, cancel: &Cancel) -> Result<Vec<u8>, EngineError> {
        let digests: Arc<[String]> = match self {
            Self::Own { blocks, thread } => {
                drop(blocks);
                thread.join().map_err(|_| EngineError::Internal("the hasher of files"))?.into()
            }
            Self::OfAll(digests) => digests.wait(cancel)?,
        };
        let paths: Vec<&str> = listed(stick).map(|file| file.path.as_str()).collect();
        // A list that is too short would be a manifest that leaves files out.
        if digests.len() != paths.len() {
            return Err(EngineError::Internal("the checksums of the files"));
        }
        Ok(manifest::render(&stick.manifest_head, paths.into_iter().zip(digests.iter().cloned())))
    }
}

/// The files that a manifest lists, in its order.
pub(super) fn listed(stick: &PlannedStick) -> impl Iterator<Item = &PlannedFile> {
    stick.files.iter().filter(|file| file.path != manifest::MANIFEST_NAME)
}

/// SHA-256 of files that lie one behind the other.
pub(super) struct FilesHasher {
    /// (start, length), in order of their places.
    files: Vec<(u64, u64)>,
    /// Lower-case hex for each file that has passed.
    found: Vec<String>,
    hasher: Hasher,
    /// Bytes of the present file.
    hashed: u64,
}

impl FilesHasher {
    pub fn new(stick: &PlannedStick) -> Self {
        let files = listed(stick).map(|file| (file.start, file.len)).collect();
        Self { files, found: Vec::new(), hasher: Hasher::new(Algorithm::Sha256), hashed: 0 }
    }

    /// Takes the stick's next bytes, from its byte `offset` on.
    pub fn update(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset + bytes.len() as u64;
        while let Some(&(start, len)) = self.files.get(self.found.len()) {
            if len > self.hashed && start + self.hashed < end {
                let from = (start + self.hashed).saturating_sub(offset) as usize;
                let to = ((start + len).min(end) - offset) as usize;
                self.hasher.update(&bytes[from..to]);
                self.hashed += (to - from) as u64;
            }
            if self.hashed < len {
                break;
            }
            self.close();
        }
    }

    /// One for each file that has passed whole.
    pub fn finish(mut self) -> Vec<String> {
        // Files without content may be all that is left.
        while let Some(&(_, 0)) = self.files.get(self.found.len()) {
            self.close();
        }
        self.found
    }

    fn close(&mut self) {
        let hasher = std::mem::replace(&mut self.hasher, Hasher::new(Algorithm::Sha256));
        self.found.push(hasher.finish().hex());
        self.hashed = 0;
    }
}
