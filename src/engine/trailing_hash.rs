//! The image's checksum, computed beside the writing without ever holding it up where that can be avoided.
//!
//! Blocks on their way to the drive are hashed as they pass. A drive that is faster than the hash outruns it: then the
//! hasher lets blocks go by and reads the image a second time from where it stands, out of the system's cache, on into
//! the time of verification if need be. An image that only flows once (a compressed one) is followed block by block;
//! there decoding is the slower part.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, RecvTimeoutError, SendTimeoutError, Sender, TrySendError, bounded};

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel, Digest};
use crate::source::Source;

use super::blocks::Block;
use super::pool::CANCEL_POLL;
use super::{BLOCK_BYTES, EngineError};

/// Blocks that may wait for the hasher; each is one that the pool misses.
pub(super) const BLOCKS_HELD: usize = 1;

/// The producer's end.
pub(super) struct HashFeed {
    blocks: Sender<(Arc<Block>, usize)>,
    /// `None`: every block must be hashed as it passes.
    lag: Option<Arc<Mutex<Lag>>>,
    position: u64,
}

/// How far the hasher has been left behind.
#[derive(Default)]
struct Lag {
    /// Blocks are not handed over at present.
    behind: bool,
    /// Image bytes that have passed.
    passed: u64,
}

pub(super) struct TrailingHash {
    thread: JoinHandle<Result<Digest, EngineError>>,
}

/// Starts a hasher over all of `source`. The feed must see the image's bytes in order and without gaps.
pub(super) fn start(source: &Arc<Source>, algorithm: Algorithm, cancel: &Cancel) -> (HashFeed, TrailingHash) {
    let (blocks, incoming) = bounded(BLOCKS_HELD);
    let lag = source.is_random_access().then(|| Arc::new(Mutex::new(Lag::default())));
    let state = State {
        source: Arc::clone(source),
        lag: lag.clone(),
        cancel: cancel.clone(),
        position: 0,
        own: Vec::new(),
    };
    let thread = std::thread::spawn(move || state.run(algorithm, &incoming));
    (HashFeed { blocks, lag, position: 0 }, TrailingHash { thread })
}

impl HashFeed {
    /// Hands a block over whose first `of_image` bytes are the next ones of the image.
    pub fn offer(&mut self, block: &Arc<Block>, of_image: usize, cancel: &Cancel) -> Result<(), EngineError> {
        self.position += of_image as u64;
        let mut item = (Arc::clone(block), of_image);
        let Some(lag) = &self.lag else {
            loop {
                cancel.check()?;
                match self.blocks.send_timeout(item, CANCEL_POLL) {
                    Err(SendTimeoutError::Timeout(back)) => item = back,
                    // A hasher that is gone says why when it is joined.
                    Ok(()) | Err(SendTimeoutError::Disconnected(_)) => return Ok(()),
                }
            }
        };
        let mut lag = lag.lock().unwrap_or_else(PoisonError::into_inner);
        lag.behind = lag.behind || matches!(self.blocks.try_send(item), Err(TrySendError::Full(_)));
        lag.passed = self.position;
        Ok(())
    }
}

impl TrailingHash {
    /// Waits until the last byte is hashed.
    pub fn finish(self) -> Result<Digest, EngineError> {
        self.thread.join().unwrap_or(Err(EngineError::Internal("the hasher")))
    }
}

struct State {
    source: Arc<Source>,
    lag: Option<Arc<Mutex<Lag>>>,
    cancel: Cancel,
    position: u64,
    /// Buffer for reading on its own; taken when first needed.
    own: Vec<u8>,
}

impl State {
    fn run(
        mut self,
        algorithm: Algorithm,
        blocks: &Receiver<(Arc<Block>, usize)>,
    ) -> Result<Digest, EngineError> {
        let mut hasher = Hasher::new(algorithm);
        loop {
            self.cancel.check()?;
            match blocks.recv_timeout(CANCEL_POLL) {
                Ok((block, of_image)) => {
                    hasher.update(&block.bytes[..of_image]);
                    self.position += of_image as u64;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.catch_up(&mut hasher, blocks)?;
        }
        self.catch_up(&mut hasher, blocks)?;
        Ok(hasher.finish())
    }

    /// Reads what went by, until in step again. Blocks that were handed over come first.
    fn catch_up(
        &mut self,
        hasher: &mut Hasher,
        blocks: &Receiver<(Arc<Block>, usize)>,
    ) -> Result<(), EngineError> {
        let Some(lag) = self.lag.clone() else { return Ok(()) };
        loop {
            {
                // Blocks are handed over under this lock, so nothing can pass between the look and the change.
                let mut lag = lag.lock().unwrap_or_else(PoisonError::into_inner);
                if self.position >= lag.passed {
                    lag.behind = false;
                }
                if !lag.behind || !blocks.is_empty() {
                    return Ok(());
                }
            }
            self.cancel.check()?;
            self.own.resize(BLOCK_BYTES, 0);
            let got = self.source.read_at(self.position, &mut self.own)?;
            hasher.update(&self.own[..got]);
            self.position += got as u64;
            if got == 0 {
                return Ok(());
            }
        }
    }
}
