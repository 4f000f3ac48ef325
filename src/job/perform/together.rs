//! Writes one image onto several drives: the image is opened, checked and read once, everything else is each drive's own.
//!
//! A thread of its own prepares the image for all and plans each stick; the members wait for its word, each on its own
//! job's thread, so that each can be cancelled at any time and no member's slow face holds up another.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use crate::base::{Algorithm, Cancel, Cancelled};
use crate::device::{self, BlockDevice, Drive, Identity};
use crate::engine::{self, Share, Step};
use crate::plan::{Plan, Refusal};
use crate::source::Source;

use super::super::recorder::Recorder;
use super::super::{Ending, Event, NamedDigest, Report, Request, WriteRequest};
use super::write::{Image, check_digests, conclude, open};
use super::{Stop, Verdict, capacity, current, opened, to_ending};

/// How often one who waits looks whether it should stop.
const CANCEL_POLL: Duration = Duration::from_millis(50);

/// Do these requests differ in their drives only, so that one pass over the image serves them all?
pub fn as_one(requests: &[WriteRequest]) -> bool {
    let (Some(first), true) = (requests.first(), requests.len() > 1) else { return false };
    requests.iter().all(|request| {
        let (target, end_uses) = (first.target.clone(), first.end_uses.clone());
        let twin = WriteRequest { target, end_uses, ..request.clone() };
        twin == *first
    })
}

/// One stick of several, before its job begins.
pub struct Member {
    request: WriteRequest,
    words: Receiver<Word>,
    turnstile: Arc<Turnstile>,
    _wanted: Arc<Wanted>,
}

/// What the preparing thread tells a member, in order.
enum Word {
    Opened(Arc<Source>),
    Step(Step),
    /// It will not be written.
    Stop(Stop),
    Begin(Box<Prepared>),
}

struct Prepared {
    drive: Drive,
    plan: Plan,
    /// Checksums that the image was compared with.
    checked: Vec<NamedDigest>,
    share: Share,
}

/// Stops the preparation when the last member has gone.
struct Wanted(Cancel);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.raise();
    }
}

impl Member {
    /// Starts the preparation for all of `requests`, for which [`as_one`] holds.
    pub fn all_of(requests: Vec<WriteRequest>) -> Vec<Self> {
        let unwanted = Cancel::new();
        let wanted = Arc::new(Wanted(unwanted.clone()));
        let turnstile = Arc::new(Turnstile::default());
        let (tells, members) = requests
            .iter()
            .map(|request| {
                let (tell, words) = unbounded();
                let (turnstile, _wanted) = (Arc::clone(&turnstile), Arc::clone(&wanted));
                (tell, Self { request: request.clone(), words, turnstile, _wanted })
            })
            .unzip();
        thread::spawn(move || prepare(&requests, tells, &unwanted));
        members
    }

    /// What the job waits for when it does not wait for its drive.
    pub fn besides_the_drive(&self) -> String {
        format!("{}, or another of the drives", Request::Write(self.request.clone()).besides_the_drive())
    }

    pub fn perform(self, recorder: &Recorder, cancel: &Cancel) -> Ending {
        let request = Request::Write(self.request.clone());
        to_ending(&request, recorder, |report| self.write(report, recorder, cancel))
    }

    fn write(self, report: &mut Report, recorder: &Recorder, cancel: &Cancel) -> Result<Verdict, Stop> {
        let Prepared { drive, plan, checked, share } = *self.prepared(report, recorder, cancel)?;
        report.digests.extend(checked);
        recorder.event(Event::Planned { plan: Box::new(plan.clone()) });
        let device: Arc<dyn BlockDevice> = {
            let Ok(_inside) = self.turnstile.enter(cancel) else { return Err(Stop::Cancelled) };
            open(&self.request.target, &self.request.end_uses, recorder, cancel)?
        };
        if self.request.probe && capacity::is_worth_a_probe(&drive) {
            capacity::probe(&*device, report, recorder, cancel)?;
        }
        let observer = |step| recorder.step(step);
        let mark = |mark| recorder.mark(mark);
        let verify = self.request.verify;
        let written = engine::write_share(&plan, share, &device, verify, &observer, &mark, cancel)?;
        device.rescan();
        conclude(written, report, recorder)
    }

    /// Passes on what is told of the image until it is ready.
    fn prepared(
        &self,
        report: &mut Report,
        recorder: &Recorder,
        cancel: &Cancel,
    ) -> Result<Box<Prepared>, Stop> {
        loop {
            if cancel.is_raised() {
                return Err(Stop::Cancelled);
            }
            match self.words.recv_timeout(CANCEL_POLL) {
                Ok(Word::Opened(source)) => opened(recorder, report, &source),
                Ok(Word::Step(step)) => recorder.step(step),
                Ok(Word::Stop(stop)) => return Err(stop),
                Ok(Word::Begin(prepared)) => return Ok(prepared),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Stop::Failed(
                        "the program made a mistake before it wrote anything".to_owned(),
                    ));
                }
            }
        }
    }
}

fn prepare(requests: &[WriteRequest], tells: Vec<Sender<Word>>, unwanted: &Cancel) {
    let Some(request) = requests.first() else { return };
    // A member that has gone hears nothing.
    let tell_all = |word: &dyn Fn() -> Word| tells.iter().for_each(|tell| drop(tell.send(word())));
    let ready = Source::open(&request.image).map_err(Stop::from).map(Arc::new).and_then(|source| {
        tell_all(&|| Word::Opened(Arc::clone(&source)));
        Image::of(request, source)
    });
    let image = match ready {
        Ok(image) => image,
        Err(stop) => return tell_all(&|| Word::Stop(stop.clone())),
    };
    let mut planned: Vec<(&Sender<Word>, Drive, Plan)> = Vec::new();
    for (index, (request, tell)) in requests.iter().zip(&tells).enumerate() {
        let is_named_twice = requests[..index].iter().any(|other| is_same(&other.target, &request.target));
        let drive = if is_named_twice { Err(named_twice()) } else { current(&request.target, device::find) };
        let plan_for = |drive: Drive| Ok((image.plan_for(&drive, &request.end_uses)?, drive));
        match drive.and_then(plan_for) {
            Ok((plan, drive)) => planned.push((tell, drive, plan)),
            Err(stop) => drop(tell.send(Word::Stop(stop))),
        }
    }
    if planned.is_empty() {
        return;
    }
    let shared = check_digests(request, &image.source, &|step| tell_all(&|| Word::Step(step)), unwanted)
        .and_then(|checked| {
            let plans: Vec<&Plan> = planned.iter().map(|(_, _, plan)| plan).collect();
            let hash = request.hash.then_some(Algorithm::Sha256);
            let map = image.map.map(|map| map.ranges).unwrap_or_default();
            Ok((checked, engine::share_out(&image.source, &plans, hash, map)?))
        });
    match shared {
        Ok((checked, shares)) => {
            for ((tell, drive, plan), share) in planned.into_iter().zip(shares) {
                let prepared = Prepared { drive, plan, checked: checked.clone(), share };
                let _ = tell.send(Word::Begin(Box::new(prepared)));
            }
        }
        Err(stop) => tell_all(&|| Word::Stop(stop.clone())),
    }
}

fn is_same(one: &Identity, other: &Identity) -> bool {
    one.device_number == other.device_number
}

fn named_twice() -> Stop {
    let reason = "The drive was named before, and is being written already.".to_owned();
    Stop::Refused(Refusal::Drive { reason })
}

/// Lets one member open its drive at a time, so that somebody who is asked for a password is asked once. One that was
/// cancelled while the system still asks no longer stands in the way.
#[derive(Default)]
struct Turnstile(Mutex<Passage>);

#[derive(Default)]
struct Passage {
    entered: u64,
    /// The number of the one inside, and its wish to stop.
    inside: Option<(u64, Cancel)>,
}

struct Inside<'a> {
    turnstile: &'a Turnstile,
    number: u64,
}

impl Turnstile {
    fn enter(&self, cancel: &Cancel) -> Result<Inside<'_>, Cancelled> {
        loop {
            cancel.check()?;
            let mut passage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if passage.inside.as_ref().is_none_or(|(_, cancel)| cancel.is_raised()) {
                passage.entered += 1;
                let number = passage.entered;
                passage.inside = Some((number, cancel.clone()));
                return Ok(Inside { turnstile: self, number });
            }
            drop(passage);
            thread::sleep(CANCEL_POLL);
        }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut passage = self.turnstile.0.lock().unwrap_or_else(PoisonError::into_inner);
        if passage.inside.as_ref().is_some_and(|(number, _)| *number == self.number) {
            passage.inside = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_enters_at_a_time_and_a_cancelled_one_is_passed_by() {
        let turnstile = Turnstile::default();
        let (first, second, third) = (Cancel::new(), Cancel::new(), Cancel::new());
        let inside = turnstile.enter(&first).unwrap();
        second.raise();
        assert!(turnstile.enter(&second).is_err(), "a cancelled one need not wait");
        first.raise();
        let passed = turnstile.enter(&third).unwrap();
        // The first one's leaving must not let a fourth in beside the third.
        drop(inside);
        assert!(turnstile.0.lock().unwrap().inside.is_some());
        drop(passed);
        assert!(turnstile.0.lock().unwrap().inside.is_none());
    }
}
