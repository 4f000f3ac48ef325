//! What a worker leaves on its way: messages for the watcher, times for the report, who is waited for, and how far the
//! drive has been changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::base::Cancel;
use crate::device::{self, BlockDevice, DeviceError, Drive, Identity};
use crate::engine::{Mark, Step};

use super::lent::{Activity, Lent};
use super::{Ending, Event, PhaseTime};

/// From the worker to its watcher.
pub(super) enum Message {
    Event(Event),
    /// A phase began, with its first step; `before`: the last one of the phase before.
    Phase {
        before: Option<Stepped>,
        first: Stepped,
    },
    Ended(Box<Ending>),
}

/// A step, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stepped {
    pub step: Step,
    pub at: Instant,
}

/// Shared by everything that works on one job.
#[derive(Clone)]
pub(super) struct Recorder {
    messages: Sender<Message>,
    state: Arc<Mutex<State>>,
    activity: Arc<Activity>,
    /// A drive that somebody has opened already, instead of those of the system.
    given: Option<Given>,
}

#[derive(Clone)]
pub(super) struct Given {
    pub drive: Drive,
    pub device: Arc<dyn BlockDevice>,
}

/// Who has not answered, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// The system, for the right to open a drive.
    Opening,
    Drive,
    /// The system, which closes a drive.
    Closing,
    /// Whatever else the job reads or writes.
    Other,
}

#[derive(Default)]
struct State {
    latest: Option<Stepped>,
    since: Option<Instant>,
    times: Vec<PhaseTime>,
    /// `None`: nothing was changed on the drive.
    mark: Option<Mark>,
    warnings: Vec<String>,
    /// Uses of the drive that were ended, as they were named.
    ended_uses: Vec<String>,
    opening: bool,
    lent: Vec<Weak<Lent>>,
}

impl Recorder {
    pub fn new(given: Option<Given>) -> (Self, Receiver<Message>) {
        let (messages, receiver) = bounded(16);
        (Self { messages, state: Arc::default(), activity: Arc::default(), given }, receiver)
    }

    pub fn tell(&self, message: Message) {
        // Fails only when the watcher has given this worker up.
        let _ = self.messages.send(message);
    }

    pub fn event(&self, event: Event) {
        self.tell(Message::Event(event));
    }

    pub fn warn(&self, message: String) {
        self.state().warnings.push(message.clone());
        self.event(Event::Warning { message });
    }

    pub fn step(&self, step: Step) {
        let mut state = self.state();
        let now = Stepped { step, at: Instant::now() };
        let before = state.latest;
        let new_phase = before.is_none_or(|before| before.step.phase != step.phase);
        if new_phase {
            state.close_phase();
            state.since = Some(now.at);
        }
        state.latest = Some(now);
        drop(state);
        if new_phase {
            self.tell(Message::Phase { before, first: now });
        }
    }

    pub fn mark(&self, mark: Mark) {
        self.state().mark = Some(mark);
    }

    /// The drive that this path names now.
    pub fn find(&self, path: &str) -> Result<Drive, DeviceError> {
        self.given.as_ref().map_or_else(|| device::find(path), |given| Ok(given.drive.clone()))
    }

    /// Ends the uses of a drive to which the user has agreed. A drive that was given is nobody else's.
    pub fn end_uses(&self, chosen: &Identity, agreed: &[String], cancel: &Cancel) -> Result<(), DeviceError> {
        if agreed.is_empty() || self.given.is_some() {
            return Ok(());
        }
        let mut ended = |named: &str| self.state().ended_uses.push(named.to_owned());
        self.opening(|| device::release(chosen, agreed, cancel, &mut ended))
    }

    pub fn ended_uses(&self) -> Vec<String> {
        self.state().ended_uses.clone()
    }

    pub fn open_for_writing(&self, chosen: &Identity) -> Result<Arc<dyn BlockDevice>, DeviceError> {
        self.lend(|| device::open_for_writing(chosen))
    }

    pub fn open_for_reading(&self, chosen: &Identity) -> Result<Arc<dyn BlockDevice>, DeviceError> {
        self.lend(|| device::open_for_reading(chosen))
    }

    fn lend(
        &self,
        open: impl FnOnce() -> Result<Box<dyn BlockDevice>, DeviceError>,
    ) -> Result<Arc<dyn BlockDevice>, DeviceError> {
        let device = match &self.given {
            Some(given) => Arc::clone(&given.device),
            None => self.opening(open)?.into(),
        };
        let lent = Arc::new(Lent::new(device, Arc::clone(&self.activity)));
        self.state().lent.push(Arc::downgrade(&lent));
        Ok(lent)
    }

    /// Opens a drive. Meanwhile the system may be asking somebody for a password, and the drive is not at fault.
    pub fn opening<T>(&self, open: impl FnOnce() -> T) -> T {
        self.state().opening = true;
        let opened = open();
        self.state().opening = false;
        opened
    }

    pub fn waits_for(&self) -> WaitsFor {
        if self.state().opening {
            WaitsFor::Opening
        } else if self.activity.is_closing() {
            WaitsFor::Closing
        } else if self.activity.waits_for_drive() {
            WaitsFor::Drive
        } else {
            WaitsFor::Other
        }
    }

    /// Takes the drives away from a worker that is not waited for any longer: each is closed as soon as it has answered
    /// its last command, and can be used by others, wherever the worker hangs.
    pub fn take_back_drives(&self) {
        let lent = std::mem::take(&mut self.state().lent);
        lent.iter().filter_map(Weak::upgrade).for_each(|lent| lent.take_back());
    }

    pub fn latest(&self) -> Option<Stepped> {
        self.state().latest
    }

    /// Times of all phases, the running one closed, and every warning.
    pub fn close(&self) -> (Vec<PhaseTime>, Vec<String>) {
        let mut state = self.state();
        state.close_phase();
        (state.times.clone(), state.warnings.clone())
    }

    /// The state of the drive after a job that did not end well, in a sentence.
    pub fn drive_state(&self) -> &'static str {
        match self.state().mark {
            None => "Nothing was changed on the drive.",
            Some(Mark::Unchanged) => {
                "The files on the stick are as they were: only its free space was written to."
            }
            Some(Mark::Amending) => {
                "Each of the files that change is the old or the new one, and all others are as they were. Do it again, then                  check the stick."
            }
            Some(Mark::Wiping) => {
                "The start of the drive may have been erased already. Write it again before use."
            }
            Some(Mark::Blank) => {
                "The drive was left empty on purpose: no computer starts from it. Write it again before use."
            }
            Some(Mark::Committing) => {
                "Everything but the first block was proved; whether that one is right is not known. Check the drive, or \
                 write it again."
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn close_phase(&mut self) {
        if let (Some(Stepped { step, .. }), Some(since)) = (self.latest, self.since.take()) {
            let secs = since.elapsed().as_secs_f64();
            self.times.push(PhaseTime { phase: step.phase, bytes: step.done_bytes, secs });
        }
    }
}
