//! The threads of a job: one works, one watches over it and speaks.
//!
//! The watching thread is why there is always exactly one last event: also after a panic, and also when a cancelled
//! worker hangs in a call that nobody answers. Such a worker is left to itself. The drive is taken away from it: it is
//! closed when it has answered its last command, and the worker ends without touching anything more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::base::Cancel;
use crate::device::{BlockDevice, Drive};

use super::progress::SpeedMeter;
use super::recorder::{Given, Message, Recorder, Stepped, WaitsFor};
use super::{CANCEL_GRACE, Ending, Event, Request, WriteRequest, perform};

/// How often progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// How often a progress that is none is told, so that the speed that is shown falls.
const SILENCE_INTERVAL: Duration = Duration::from_secs(1);

/// Whoever has been silent for this long is spoken of.
const SILENCE_WORTH_A_WORD: Duration = Duration::from_secs(10);

/// A drive opens at once, unless somebody is asked for a password in a window that may lie behind others.
const OPENING_WORTH_A_WORD: Duration = Duration::from_secs(3);

/// Events that may wait for a face that is slow to take them.
const EVENTS_QUEUED: usize = 256;

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

/// Starts a job on threads of its own. `wake` is called after each event, so that a window can repaint.
pub fn start(request: Request, wake: impl Fn() + Send + Sync + 'static) -> Job {
    start_request(request, None, wake)
}

/// The same on a device that is open already, which `drive` describes: for devices of one's own making.
pub fn start_on(
    request: Request,
    drive: Drive,
    device: Arc<dyn BlockDevice>,
    wake: impl Fn() + Send + Sync + 'static,
) -> Job {
    start_request(request, Some(Given { drive, device }), wake)
}

fn start_request(request: Request, given: Option<Given>, wake: impl Fn() + Send + Sync + 'static) -> Job {
    let other = request.besides_the_drive();
    start_with(given, other, wake, move |recorder, cancel| perform::perform(&request, recorder, cancel))
}

/// Starts several writes of one image, one job for each request: the image is read once for all of them, and each stick
/// succeeds, fails and is cancelled by itself. Requests that differ in more than the drive are separate jobs.
pub fn start_together(
    requests: Vec<WriteRequest>,
    wake: impl Fn() + Clone + Send + Sync + 'static,
) -> Vec<Job> {
    if !perform::as_one(&requests) {
        return requests.into_iter().map(|request| start(Request::Write(request), wake.clone())).collect();
    }
    let start_one = |member: perform::Member| {
        let other = member.besides_the_drive();
        start_with(None, other, wake.clone(), move |recorder, cancel| member.perform(recorder, cancel))
    };
    perform::Member::all_of(requests).into_iter().map(start_one).collect()
}

/// `other`: what the job waits for when it does not wait for the drive.
fn start_with(
    given: Option<Given>,
    other: String,
    wake: impl Fn() + Send + Sync + 'static,
    work: impl FnOnce(&Recorder, &Cancel) -> Ending + Send + 'static,
) -> Job {
    let cancel = Cancel::new();
    let (send, events) = bounded(EVENTS_QUEUED);
    let (recorder, messages) = Recorder::new(given);
    let worker_cancel = cancel.clone();
    let watched = recorder.clone();
    thread::spawn(move || {
        let ending =
            catch_unwind(AssertUnwindSafe(|| work(&recorder, &worker_cancel))).unwrap_or_else(|_| {
                Ending::Failed {
                    message: format!(
                        "The program made a mistake and stopped this job. {}",
                        recorder.drive_state()
                    ),
                    report: None,
                }
            });
        recorder.tell(Message::Ended(Box::new(ending)));
    });
    let watcher =
        Watcher { send, wake: Box::new(wake), cancel: cancel.clone(), recorder: watched, other, meter: None };
    thread::spawn(move || watcher.run(&messages));
    Job { events, cancel }
}

struct Watcher {
    send: Sender<Event>,
    wake: Box<dyn Fn() + Send + Sync>,
    cancel: Cancel,
    recorder: Recorder,
    other: String,
    meter: Option<(SpeedMeter, Stepped)>,
}

impl Watcher {
    fn run(mut self, messages: &Receiver<Message>) {
        let mut give_up: Option<Instant> = None;
        let mut last_sign = Instant::now();
        let mut silence_told = false;
        let mut opening_told = false;
        let mut told: Option<Stepped> = None;
        let mut last_word = last_sign;
        let ending = loop {
            match messages.recv_timeout(PROGRESS_INTERVAL) {
                Ok(Message::Ended(ending)) => break ending,
                Ok(Message::Event(event)) => {
                    self.say(event);
                    continue;
                }
                Ok(Message::Phase { before, first }) => {
                    self.tell_progress(before);
                    self.meter = Some((SpeedMeter::new(first.at), first));
                    self.say(Event::Phase { phase: first.step.phase });
                    self.tell_progress(self.recorder.latest());
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    break Box::new(Ending::Failed {
                        message: format!("The job ended without a word. {}", self.recorder.drive_state()),
                        report: None,
                    });
                }
            }
            if self.cancel.is_raised()
                && Instant::now() >= *give_up.get_or_insert(Instant::now() + CANCEL_GRACE)
            {
                break Box::new(Ending::Cancelled {
                    message: format!("{} {}", self.why_left_behind(), self.recorder.drive_state()),
                    report: None,
                });
            }
            let now = Instant::now();
            let step = self.recorder.latest();
            if step != told {
                (told, last_sign, last_word, silence_told) = (step, now, now, false);
                self.tell_progress(step);
            } else if self.recorder.waits_for() == WaitsFor::Opening {
                if !opening_told && now.duration_since(last_sign) > OPENING_WORTH_A_WORD {
                    opening_told = true;
                    self.say(Event::Warning {
                        message: "Waiting for the right to open the drive: the system may be asking for a password."
                            .to_owned(),
                    });
                }
            } else if !silence_told && now.duration_since(last_sign) > SILENCE_WORTH_A_WORD {
                silence_told = true;
                self.say(Event::Warning { message: self.who_is_silent() });
            } else if now.duration_since(last_word) >= SILENCE_INTERVAL {
                last_word = now;
                self.tell_progress(step);
            }
        };
        if !matches!(*ending, Ending::Cancelled { .. }) {
            self.tell_progress(self.recorder.latest());
        }
        // The worker may still be in a call; nothing that it says later gets through.
        let _ = self.send.send(Event::Ended(ending));
        (self.wake)();
        self.recorder.take_back_drives();
    }

    fn why_left_behind(&self) -> String {
        match self.recorder.waits_for() {
            WaitsFor::Opening => {
                "Cancelled while the system was asked to open the drive. If it is still asking for a \
                                  password, close that window."
                    .to_owned()
            }
            WaitsFor::Drive => {
                "Cancelled, but the drive has not answered its last command yet. Unplug it, or wait until \
                                it does."
                    .to_owned()
            }
            WaitsFor::Closing => "Cancelled while the system was closing the drive.".to_owned(),
            WaitsFor::Other => format!(
                "Cancelled while waiting for {}, which did not answer. Is the disk or network that it lies on still there?",
                self.other
            ),
        }
    }

    fn who_is_silent(&self) -> String {
        let who = match self.recorder.waits_for() {
            WaitsFor::Drive => "the drive",
            WaitsFor::Opening | WaitsFor::Closing => "the system",
            WaitsFor::Other => &self.other,
        };
        format!(
            "There has been no progress for 10 seconds: waiting for {who}. The job goes on waiting; it can be cancelled."
        )
    }

    /// `step` counts only if it is of the phase that was announced last: the worker may be further on already.
    fn tell_progress(&mut self, stepped: Option<Stepped>) {
        let Some((meter, last)) = &mut self.meter else { return };
        if let Some(stepped) = stepped.filter(|stepped| stepped.step.phase == last.step.phase) {
            *last = stepped;
        }
        let progress = meter.measure(Instant::now(), last.step, last.at);
        // Only the newest is worth anything: a full queue may lose it.
        let _ = self.send.try_send(Event::Progress(progress));
        (self.wake)();
    }

    fn say(&self, event: Event) {
        if self.send.send(event).is_err() {
            // Nobody listens any more: nobody wants the work.
            self.cancel.raise();
        }
        (self.wake)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{AlignedBuf, DeviceError, Geometry};
    use crate::engine::{Phase, Step};

    fn events(job: &Job) -> Vec<Event> {
        job.events.iter().collect()
    }

    #[test]
    fn a_panic_is_one_last_event() {
        let job = start_with(None, String::new(), || {}, |_, _| panic!("on purpose"));
        let all = events(&job);
        assert!(
            matches!(all.as_slice(), [Event::Ended(ending)] if matches!(**ending, Ending::Failed { .. }))
        );
    }

    #[test]
    fn a_worker_that_hangs_is_left_behind_when_it_is_cancelled() {
        let (release, hang) = bounded::<()>(0);
        let job = start_with(
            None,
            String::new(),
            || {},
            move |recorder, _| {
                recorder.step(Step {
                    phase: Phase::Writing,
                    done_bytes: 1,
                    total_bytes: Some(2),
                    consumed: None,
                });
                let _ = hang.recv();
                Ending::Failed { message: "too late".to_owned(), report: None }
            },
        );
        job.cancel();
        let all = events(&job);
        let endings: Vec<_> = all.iter().filter(|e| matches!(e, Event::Ended(_))).collect();
        assert_eq!(endings.len(), 1);
        assert!(
            matches!(all.last(), Some(Event::Ended(ending)) if matches!(**ending, Ending::Cancelled { .. }))
        );
        drop(release);
    }

    #[test]
    fn a_job_that_waits_for_a_password_can_be_cancelled_and_blames_no_drive() {
        let (release, hang) = bounded::<()>(0);
        let (opening, is_opening) = bounded::<()>(1);
        let job = start_with(
            None,
            String::new(),
            || {},
            move |recorder, _| {
                recorder.opening(|| {
                    let _ = opening.send(());
                    let _ = hang.recv();
                });
                Ending::Failed { message: "too late".to_owned(), report: None }
            },
        );
        is_opening.recv().unwrap();
        job.cancel();
        match events(&job).pop() {
            Some(Event::Ended(ending)) => match *ending {
                Ending::Cancelled { message, .. } => {
                    assert!(
                        message.contains("password") && message.contains("Nothing was changed"),
                        "{message}"
                    );
                }
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
        drop(release);
    }

    /// A drive that answers everything.
    struct Willing;

    impl BlockDevice for Willing {
        fn geometry(&self) -> Geometry {
            Geometry { size_bytes: 1 << 20, sector_bytes: 512, direct: true }
        }

        fn read_at(&self, _: u64, _: &mut AlignedBuf) -> Result<(), DeviceError> {
            Ok(())
        }

        fn write_at(&self, _: u64, _: &AlignedBuf) -> Result<(), DeviceError> {
            Ok(())
        }

        fn sync(&self) -> Result<(), DeviceError> {
            Ok(())
        }

        fn drop_caches(&self) -> Result<bool, DeviceError> {
            Ok(true)
        }
    }

    #[test]
    fn an_image_that_does_not_answer_is_named_and_the_drive_taken_from_the_worker() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stick");
        let drive = crate::device::create_practice_stick(&path, 1 << 20).unwrap();
        let device: Arc<dyn BlockDevice> = Arc::new(Willing);
        let (release, hang) = bounded::<()>(0);
        let (result, written) = bounded(1);
        let identity = drive.identity.clone();
        let given = Given { drive, device: Arc::clone(&device) };
        let job = start_with(
            Some(given),
            "the image /net/x.iso".to_owned(),
            || {},
            move |recorder, _| {
                let device = recorder.open_for_writing(&identity).unwrap();
                device.sync().unwrap();
                let _ = hang.recv();
                let _ = result.send(device.write_at(0, &AlignedBuf::new(512)));
                Ending::Failed { message: "too late".to_owned(), report: None }
            },
        );
        job.cancel();
        match events(&job).pop() {
            Some(Event::Ended(ending)) => match *ending {
                Ending::Cancelled { message, .. } => assert!(
                    message.starts_with(
                        "Cancelled while waiting for the image /net/x.iso, which did not answer."
                    ),
                    "{message}"
                ),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
        drop(release);
        assert!(written.recv().unwrap().is_err(), "the worker still has the drive");
    }

    #[test]
    fn phases_are_told_in_order_with_their_progress() {
        let job = start_with(
            None,
            String::new(),
            || {},
            |recorder, _| {
                for (phase, done_bytes) in [(Phase::Wiping, 0), (Phase::Wiping, 5), (Phase::Writing, 7)] {
                    recorder.step(Step { phase, done_bytes, total_bytes: Some(10), consumed: None });
                }
                Ending::Failed { message: String::new(), report: None }
            },
        );
        let all = events(&job);
        let phases: Vec<_> = all
            .iter()
            .filter_map(|e| if let Event::Phase { phase } = e { Some(*phase) } else { None })
            .collect();
        assert_eq!(phases, [Phase::Wiping, Phase::Writing]);
        for (phase, done) in [(Phase::Wiping, 5), (Phase::Writing, 7)] {
            let told =
                |e: &Event| matches!(e, Event::Progress(p) if p.phase == phase && p.done_bytes == done);
            assert!(all.iter().any(told), "the end of {phase:?} was not told");
        }
    }
}
