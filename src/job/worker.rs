//! The worker thread.

use crossbeam_channel::Receiver;

use crate::base::Cancel;

use super::{Event, Request};

/// A job that runs, or has ended.
pub struct Job {
    /// Ends with exactly one [`Event::Ended`], then disconnects.
    pub events: Receiver<Event>,
    cancel: Cancel,
}

impl Job {
    /// Asks the job to stop. [`Event::Ended`] follows within a second, also while the drive does not answer.
    pub fn cancel(&self) {
        self.cancel.raise();
    }
}

/// Starts a job on a thread of its own. `wake` is called after each event, so that a window can repaint.
pub fn start(request: Request, wake: impl Fn() + Send + Sync + 'static) -> Job {
    let _ = (request, wake);
    todo!()
}
