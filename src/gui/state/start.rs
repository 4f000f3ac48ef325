//! The way from a page through Confirm and the job to its end, and back.

use std::time::Duration;

use super::{
    ChecksumText, Confirm, Done, Missing, Outcome, Screen, State, StickAtWork, Target, Task, ToWrite,
    Working, fields::expand_home, judge_for_erasing, read_checksum,
};
use crate::device::Standing;
use crate::gui::action::{CheckWith, Command, JobId, Page};
use crate::gui::text;
use crate::job::{self, Against, CheckRequest, Ending, Phase, Request, SaveRequest, WriteRequest};

impl State {
    /// What the page still lacks before its primary button works.
    pub fn missing(&self) -> Option<Missing> {
        match self.page {
            Page::Make => self.make.missing(),
            Page::Check => self.check.missing(),
            Page::Save => self.save.missing(),
            Page::Test => self.test.missing(&self.drives),
            Page::Restore => self.restore.missing(),
            Page::Answer => self.change.missing(&self.drives),
        }
    }

    pub(super) fn start(&mut self, now: Duration) -> Vec<Command> {
        if !matches!(self.screen, Screen::Choose) || self.missing().is_some() {
            return Vec::new();
        }
        self.notice = None;
        match self.page {
            Page::Make => {
                if let Some(confirm) = self.confirmation() {
                    self.enter(Screen::Confirm(Box::new(confirm)));
                }
                Vec::new()
            }
            Page::Test | Page::Restore => {
                if let Some(stick) = self.to_write_without_image() {
                    self.enter(Screen::Confirm(Box::new(Confirm { sticks: vec![stick] })));
                }
                Vec::new()
            }
            Page::Answer => self.ask_to_change(),
            Page::Check => {
                self.check_request().map_or_else(Vec::new, |request| self.begin(now, vec![request]))
            }
            Page::Save => self.save_request().map_or_else(Vec::new, |request| self.begin(now, vec![request])),
        }
    }

    /// All that were chosen, or nothing.
    fn confirmation(&self) -> Option<Confirm> {
        let sticks =
            self.make.targets.iter().map(|target| self.to_write(target)).collect::<Option<Vec<_>>>()?;
        (!sticks.is_empty()).then_some(Confirm { sticks })
    }

    fn to_write(&self, target: &Target) -> Option<ToWrite> {
        let make = &self.make;
        let image = make.image.known()?;
        let plan = target.plan.as_ref()?.as_ref().ok()?.clone();
        let drive = self.drives.find(&target.drive.path)?.clone();
        let caution = match judge_for_erasing(&drive, &image.source_drives) {
            Standing::Selectable => None,
            Standing::Hidden(reason) => Some(reason),
            Standing::Forbidden(_) => return None,
        };
        let expected = match read_checksum(&make.checksum) {
            ChecksumText::Empty => Vec::new(),
            ChecksumText::Valid(digest) => vec![digest],
            ChecksumText::Invalid(_) => return None,
        };
        let request = Request::Write(WriteRequest {
            image: image.path.clone(),
            target: drive.identity.clone(),
            end_uses: Vec::new(),
            verify: make.verify,
            hash: true,
            expected,
            sidecars: true,
            // Where files are laid out one by one, holes and maps of the image have no meaning.
            skip_holes: make.skip_holes && plan.stick.is_none(),
            bmap: make.block_map && plan.stick.is_none(),
            windows: make.windows_choices(),
            probe: true,
        });
        Some(ToWrite::new(Some(plan), drive, request, caution))
    }

    fn check_request(&self) -> Option<Request> {
        let target = self.check.drive.clone()?;
        let against = match self.check.with {
            CheckWith::Manifest => Against::Manifest,
            CheckWith::Image => Against::Image(self.check.image.known()?.path.clone()),
            CheckWith::Checksum => match read_checksum(&self.check.checksum) {
                ChecksumText::Valid(digest) => {
                    Against::Digest { digest, len_bytes: self.check.length_bytes().ok()? }
                }
                _ => return None,
            },
        };
        Some(Request::Check(CheckRequest { target, against }))
    }

    fn save_request(&self) -> Option<Request> {
        Some(Request::Save(SaveRequest {
            drive: self.save.drive.clone()?,
            file: expand_home(self.save.file.trim(), &self.home),
            overwrite: self.save.replace,
        }))
    }

    pub(super) fn erase(&mut self, now: Duration) -> Vec<Command> {
        let Screen::Confirm(confirm) = &self.screen else { return Vec::new() };
        if !confirm.is_allowed() {
            return Vec::new();
        }
        let requests: Option<_> = confirm.sticks.iter().map(ToWrite::agreed_request).collect();
        requests.map_or_else(Vec::new, |requests| self.begin(now, requests))
    }

    /// One job for each request.
    fn begin(&mut self, now: Duration, requests: Vec<Request>) -> Vec<Command> {
        let mut sticks = Vec::new();
        let mut jobs = Vec::new();
        for request in requests {
            let Some(task) = self.task(&request) else { return Vec::new() };
            self.next_job += 1;
            sticks.push(StickAtWork::new(now, JobId(self.next_job), task));
            jobs.push((JobId(self.next_job), request));
        }
        let working = Working { page: self.page, sticks, close_asked: false, close_after: false };
        self.drives.arrivals = None;
        self.enter(Screen::Working(Box::new(working)));
        start_command(jobs).into_iter().collect()
    }

    fn task(&self, request: &Request) -> Option<Task> {
        let drive = request.drive().and_then(|drive| self.drives.find(&drive.path));
        let mut before = Vec::new();
        if let Request::Write(write) = request {
            let is_published = self.make.image.known().is_some_and(|image| !image.published.is_empty());
            if is_published || !write.expected.is_empty() {
                before.push(Phase::Checking);
            }
            if write.probe && drive.is_some_and(job::is_worth_a_probe) {
                before.push(Phase::Testing);
            }
        }
        Task::of(request, drive.map_or_else(String::new, |drive| self.drives.name(drive)), before)
    }

    /// Back from Confirm, or stop everything.
    pub(super) fn cancel(&mut self) -> Vec<Command> {
        match &mut self.screen {
            Screen::Confirm(_) => {
                self.enter(Screen::Choose);
                Vec::new()
            }
            Screen::Working(working) => working.sticks.iter_mut().filter_map(cancel).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn cancel_stick(&mut self, job: JobId) -> Vec<Command> {
        match &mut self.screen {
            Screen::Working(working) => working.stick(job).and_then(cancel).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// What comes from a job that is not of this screen comes too late.
    pub(super) fn job_told(&mut self, now: Duration, job: JobId, event: job::Event) -> Vec<Command> {
        let Screen::Working(working) = &mut self.screen else { return Vec::new() };
        if let Some(stick) = working.stick(job) {
            stick.on_event(now, event);
        }
        if working.at_work().next().is_some() { Vec::new() } else { self.all_ended() }
    }

    fn all_ended(&mut self) -> Vec<Command> {
        let Screen::Working(working) = std::mem::replace(&mut self.screen, Screen::Choose) else {
            return Vec::new();
        };
        let sticks: Vec<Outcome> = working.sticks.into_iter().filter_map(Outcome::of).collect();
        // Nothing was touched by a refusal; in every other case the next stick is chosen afresh.
        let was_touched = |stick: &&Outcome| !matches!(stick.ending, Ending::Refused { .. });
        if working.page.writes() {
            for stick in sticks.iter().filter(was_touched) {
                let writing = Page::ALL.into_iter().filter(|page| page.writes());
                writing.for_each(|page| self.forget_drive(page, &stick.task.drive));
            }
        }
        let done = Done {
            page: working.page,
            report_file: text::suggested_report_file(&self.home, &sticks),
            sticks,
            report_picked: false,
            report_saved: None,
        };
        self.enter(Screen::Done(Box::new(done)));
        if working.close_after { vec![Command::CloseWindow] } else { Vec::new() }
    }
}

fn cancel(stick: &mut StickAtWork) -> Option<Command> {
    if stick.cancelling || stick.ended.is_some() {
        return None;
    }
    stick.cancelling = true;
    Some(Command::CancelJob(stick.job))
}

/// Several jobs are writes of one image.
fn start_command(mut jobs: Vec<(JobId, Request)>) -> Option<Command> {
    if jobs.len() > 1 {
        let write = |(job, request)| match request {
            Request::Write(write) => Some((job, write)),
            _ => None,
        };
        return jobs.into_iter().map(write).collect::<Option<_>>().map(Command::StartTogether);
    }
    jobs.pop().map(|(job, request)| Command::StartJob(job, Box::new(request)))
}
