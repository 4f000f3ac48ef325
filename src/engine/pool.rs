//! A fixed set of aligned buffers that go round between threads: the bound on the engine's memory.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::base::{Cancel, Cancelled};
use crate::device::AlignedBuf;

/// How often a thread that waits looks whether it should stop.
pub(super) const CANCEL_POLL: Duration = Duration::from_millis(50);

#[derive(Clone)]
pub(super) struct Pool {
    home: Sender<AlignedBuf>,
    free: Receiver<AlignedBuf>,
}

/// A buffer that returns to its pool when it is dropped, on whichever thread that happens.
pub(super) struct PooledBuf {
    buf: Option<AlignedBuf>,
    home: Sender<AlignedBuf>,
}

impl Pool {
    pub fn new(count: usize, capacity: usize) -> Self {
        let (home, free) = bounded(count);
        for _ in 0..count {
            // The channel has room for all of them.
            let _ = home.send(AlignedBuf::new(capacity));
        }
        Self { home, free }
    }

    /// Waits for a free buffer. What it holds is left from its last use.
    pub fn take(&self, cancel: &Cancel) -> Result<PooledBuf, Cancelled> {
        loop {
            cancel.check()?;
            if let Ok(mut buf) = self.free.recv_timeout(CANCEL_POLL) {
                buf.set_len(buf.capacity());
                return Ok(PooledBuf { buf: Some(buf), home: self.home.clone() });
            }
        }
    }
}

impl Deref for PooledBuf {
    type Target = AlignedBuf;

    fn deref(&self) -> &AlignedBuf {
        self.buf.as_ref().expect("a buffer is taken out only by drop")
    }
}

impl DerefMut for PooledBuf {
    fn deref_mut(&mut self) -> &mut AlignedBuf {
        self.buf.as_mut().expect("a buffer is taken out only by drop")
    }
}

impl Drop for PooledBuf {
    fn drop(&mut self) {
        if let Some(buf) = self.buf.take() {
            // Fails only when the pool is gone, and then nobody misses the buffer.
            let _ = self.home.send(buf);
        }
    }
}
