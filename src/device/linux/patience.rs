//! Services that are asked for comfort alone: whoever asks must be able to go on without an answer.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What `call` comes to, or `None` when it takes longer than this. It goes on on a thread of its own: a bus that has
/// stopped would hold its caller for ever, already while connecting, where the bus's own limits do not count yet.
pub(super) fn within<T: Send + 'static>(
    patience: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (send, answer) = mpsc::channel();
    thread::spawn(move || send.send(call()));
    answer.recv_timeout(patience).ok()
}
