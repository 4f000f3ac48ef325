//! One pass over an image for several readers.
//!
//! The readers want the image's blocks in practically the same order. Whoever comes first to a block that is not on the
//! tape reads it, or decodes it, and puts it at the tape's end; the others take it from there; it goes when the last one
//! has passed it. The tape is short, so the fastest reader waits for the slowest. One that moves no more while another
//! waits for it, as with a drive that hangs, is left behind: from then on it reads by itself, and the others go on.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::base::Cancel;
use crate::source::{ImageStream, Source, SourceError};

use super::image_reader::{OwnReader, decoder_threads};
use super::pool::{CANCEL_POLL, Pool, PooledBuf};
use super::{BLOCK_BYTES, EngineError};

/// 64 MiB: what a drive may pause without another one's noticing.
const BLOCKS_ON_TAPE: usize = 64;

/// How long the others wait for a reader that does not move.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Once it has begun.
    pub moving: Duration,
    /// Before its first block, when its drive is opened, tried out and wiped.
    pub starting: Duration,
}

impl Patience {
    /// Cheap sticks pause for seconds when they tidy up. To read a raw image by oneself costs little; to decode a
    /// compressed one from its start costs as much as has been done.
    pub fn with(source: &Source) -> Self {
        let starting = Duration::from_secs(20);
        Self { moving: if source.is_random_access() { Duration::from_secs(5) } else { starting }, starting }
    }
}

pub(super) struct Tape {
    source: Arc<Source>,
    patience: Patience,
    pool: Pool,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    blocks: VecDeque<TapeBlock>,
    /// Blocks that have gone: the number of the first one that is there.
    first: u64,
    /// `None`: it has ended or was left behind.
    readers: Vec<Option<Place>>,
    /// The block of the image that somebody reads now.
    reading: Option<u64>,
    /// `None`: the image can be read at any place.
    decoder: Option<Decoder>,
    /// The number of the image's blocks, once its end was seen.
    ends: Option<u64>,
    failed: Option<Arc<EngineError>>,
    /// When a block went last.
    moved: Instant,
}

#[derive(Clone, Copy, Default)]
struct Place {
    /// Number on the tape of the first block that it may still want.
    next: u64,
    /// It is asking the tape; otherwise it is busy elsewhere.
    asks: bool,
}

/// A MiB of the image, less at its end.
#[derive(Clone)]
struct TapeBlock {
    /// Counts MiB of the image.
    index: u64,
    bytes: Arc<PooledBuf>,
    consumed: Option<f32>,
}

struct Decoder {
    /// `None` while somebody reads.
    stream: Option<ImageStream>,
    /// The block that comes next.
    next: u64,
}

/// How a reader comes by a block.
enum Way {
    Taken(TapeBlock),
    /// There is no such block: the image has ended.
    Ended,
    /// The others are elsewhere; this one block is read beside the tape.
    Beside,
    LeftBehind,
}

impl Tape {
    /// A tape with all its readers.
    pub fn new(
        source: &Arc<Source>,
        readers: usize,
        patience: Patience,
    ) -> Result<(Arc<Self>, Vec<TapeReader>), SourceError> {
        let decoder = if source.is_random_access() {
            None
        } else {
            Some(Decoder { stream: Some(source.stream(decoder_threads())?), next: 0 })
        };
        let tape = Arc::new(Self {
            source: Arc::clone(source),
            patience,
            // Each reader may hold one that has left the tape, and one is being read.
            pool: Pool::new(BLOCKS_ON_TAPE + readers + 1, BLOCK_BYTES),
            state: Mutex::new(State {
                blocks: VecDeque::new(),
                first: 0,
                readers: vec![Some(Place::default()); readers],
                reading: None,
                decoder,
                ends: None,
                failed: None,
                moved: Instant::now(),
            }),
            changed: Condvar::new(),
        });
        let reader =
            |id| TapeReader { tape: Arc::clone(&tape), id, current: None, consumed: None, own: None };
        let readers = (0..readers).map(reader).collect();
        Ok((tape, readers))
    }

    /// Ends every reader's work with this error, unless there was one before.
    pub fn fail(&self, error: Arc<EngineError>) {
        self.state().failed.get_or_insert(error);
        self.changed.notify_all();
    }

    fn take(&self, id: usize, index: u64, cancel: &Cancel) -> Result<Way, EngineError> {
        let mut state = self.state();
        let asked = Instant::now();
        state.asks(id, true);
        let way = loop {
            if let Err(cancelled) = cancel.check() {
                break Err(cancelled.into());
            }
            if let Some(error) = &state.failed {
                break Err(EngineError::OfAll(Arc::clone(error)));
            }
            if let Some(way) = state.way_to(id, index) {
                break Ok(way);
            }
            if state.reading.is_none() {
                if state.blocks.len() < BLOCKS_ON_TAPE {
                    state = self.append(state, index, cancel)?;
                    continue;
                }
                state.leave_behind(asked, self.patience);
            }
            let waited = self.changed.wait_timeout(state, CANCEL_POLL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        state.asks(id, false);
        drop(state);
        self.changed.notify_all();
        way
    }

    /// Reads the block without holding anybody up who finds theirs on the tape.
    fn append<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        index: u64,
        cancel: &Cancel,
    ) -> Result<MutexGuard<'a, State>, EngineError> {
        state.reading = Some(index);
        let stream = state.decoder.as_mut().and_then(|decoder| Some((decoder.stream.take()?, decoder.next)));
        drop(state);
        let unfinished = Reading(self);
        let read = self.read(stream, index, cancel);
        std::mem::forget(unfinished);
        let mut state = self.state();
        state.reading = None;
        self.changed.notify_all();
        match read {
            Ok((block, stream)) => {
                let next = block.index + u64::from(!block.bytes.is_empty());
                if block.bytes.len() < BLOCK_BYTES {
                    state.ends = Some(next);
                }
                if let Some(decoder) = &mut state.decoder {
                    decoder.stream = stream;
                    decoder.next = next;
                }
                // An image of whole MiB ends with a block of no bytes.
                if !block.bytes.is_empty() {
                    state.blocks.push_back(block);
                }
                Ok(state)
            }
            Err(error) => {
                let error = Arc::new(error);
                state.failed.get_or_insert_with(|| Arc::clone(&error));
                Err(EngineError::OfAll(error))
            }
        }
    }

    /// The block `index`. Of a compressed image, whose stream stands before block `next`, the last one if it ends before,
    /// and an earlier one if that is enough after a cancel.
    fn read(
        &self,
        stream: Option<(ImageStream, u64)>,
        index: u64,
        cancel: &Cancel,
    ) -> Result<(TapeBlock, Option<ImageStream>), EngineError> {
        // Once begun it is not cancelled: the others want it too.
        let mut bytes = self.pool.take(&Cancel::new())?;
        let Some((mut stream, mut next)) = stream else {
            let got = self.source.read_at(index * BLOCK_BYTES as u64, &mut bytes)?;
            bytes.set_len(got);
            return Ok((TapeBlock { index, bytes: Arc::new(bytes), consumed: None }, None));
        };
        loop {
            let got = stream.fill(&mut bytes)?;
            bytes.set_len(got);
            if next == index || got < BLOCK_BYTES || cancel.is_raised() {
                let whole = self.source.facts().file_bytes.max(1);
                let consumed = Some(stream.file_position() as f32 / whole as f32);
                return Ok((TapeBlock { index: next, bytes: Arc::new(bytes), consumed }, Some(stream)));
            }
            next += 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How the reader comes by this block without reading; `None`: somebody has to, or does.
    fn way_to(&mut self, id: usize, index: u64) -> Option<Way> {
        let Some(Place { next, .. }) = self.readers[id] else { return Some(Way::LeftBehind) };
        if self.ends.is_some_and(|ends| index >= ends) {
            return Some(Way::Ended);
        }
        let passed = (next - self.first) as usize;
        if let Some(at) = self.blocks.iter().skip(passed).position(|block| block.index == index) {
            let block = self.blocks[passed + at].clone();
            self.pass(id, self.first + (passed + at) as u64 + 1);
            return Some(Way::Taken(block));
        }
        let end = self.first + self.blocks.len() as u64;
        match &self.decoder {
            Some(decoder) if index < decoder.next => {
                // The others had no use for it.
                self.readers[id] = None;
                self.drop_passed();
                Some(Way::LeftBehind)
            }
            // What is on the tape lies before it.
            Some(_) => {
                self.pass(id, end);
                None
            }
            None if self.reading == Some(index) || next == end => None,
            None => Some(Way::Beside),
        }
    }

    fn pass(&mut self, id: usize, next: u64) {
        if let Some(place) = &mut self.readers[id] {
            place.next = next;
        }
        self.drop_passed();
    }

    fn drop_passed(&mut self) {
        let end = self.first + self.blocks.len() as u64;
        let slowest = self.readers.iter().flatten().map(|place| place.next).min().unwrap_or(end);
        while self.first < slowest {
            self.blocks.pop_front();
            self.first += 1;
            self.moved = Instant::now();
        }
    }

    fn asks(&mut self, id: usize, asks: bool) {
        if let Some(place) = &mut self.readers[id] {
            place.asks = asks;
        }
    }

    /// Goes on without those for whom somebody has waited too long, since `asked`.
    fn leave_behind(&mut self, asked: Instant, patience: Patience) {
        let waited = self.moved.max(asked).elapsed();
        for reader in &mut self.readers {
            let Some(Place { next, asks: false }) = *reader else { continue };
            let bearable = if next == 0 { patience.starting } else { patience.moving };
            if next == self.first && waited >= bearable {
                *reader = None;
            }
        }
        self.drop_passed();
    }
}

/// Speaks for a reader that panics while the others wait for its block.
struct Reading<'a>(&'a Tape);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.fail(Arc::new(EngineError::Internal("the image reader")));
    }
}

/// One of several who read the same image. Leaves the tape when it is dropped.
pub(super) struct TapeReader {
    tape: Arc<Tape>,
    id: usize,
    current: Option<TapeBlock>,
    /// By the block that was wanted last.
    consumed: Option<f32>,
    /// It was left behind.
    own: Option<OwnReader<Arc<Source>>>,
}

impl TapeReader {
    /// As `ImageReader::read`.
    pub fn read(&mut self, offset: u64, buf: &mut [u8], cancel: &Cancel) -> Result<usize, EngineError> {
        let block_bytes = BLOCK_BYTES as u64;
        let mut done = 0;
        while done < buf.len() {
            let at = offset + done as u64;
            let within = (at % block_bytes) as usize;
            if self.own.is_none() && self.current.as_ref().is_none_or(|block| block.index != at / block_bytes)
            {
                match self.tape.take(self.id, at / block_bytes, cancel)? {
                    Way::Taken(block) => {
                        self.consumed = block.consumed;
                        self.current = Some(block);
                    }
                    Way::Ended => return Ok(done),
                    Way::Beside => {
                        let piece = (BLOCK_BYTES - within).min(buf.len() - done);
                        let got = self.tape.source.read_at(at, &mut buf[done..done + piece])?;
                        done += got;
                        if got < piece {
                            return Ok(done);
                        }
                        continue;
                    }
                    Way::LeftBehind => {
                        self.current = None;
                        self.own = Some(OwnReader::new(Arc::clone(&self.tape.source))?);
                    }
                }
            }
            if let Some(own) = &mut self.own {
                return Ok(done + own.read(at, &mut buf[done..], cancel)?);
            }
            let Some(block) = &self.current else { continue };
            let rest = block.bytes.get(within..).unwrap_or_default();
            let piece = rest.len().min(buf.len() - done);
            buf[done..done + piece].copy_from_slice(&rest[..piece]);
            done += piece;
            if block.bytes.len() < BLOCK_BYTES && piece == rest.len() {
                break;
            }
        }
        Ok(done)
    }

    /// As `ImageReader::finish`.
    pub fn finish(&mut self, cancel: &Cancel) -> Result<(), EngineError> {
        if self.tape.source.is_random_access() {
            return Ok(());
        }
        let mut index = self.current.as_ref().map_or(0, |block| block.index + 1);
        loop {
            if let Some(own) = &mut self.own {
                return own.finish(cancel);
            }
            match self.tape.take(self.id, index, cancel)? {
                Way::Ended => return Ok(()),
                Way::LeftBehind => self.own = Some(OwnReader::new(Arc::clone(&self.tape.source))?),
                Way::Taken(_) | Way::Beside => index += 1,
            }
        }
    }

    /// As `ImageReader::consumed`.
    pub fn consumed(&self) -> Option<f32> {
        match &self.own {
            Some(own) => own.consumed(),
            None => self.consumed,
        }
    }
}

impl Drop for TapeReader {
    fn drop(&mut self) {
        let mut state = self.tape.state();
        state.readers[self.id] = None;
        state.drop_passed();
        drop(state);
        self.tape.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
