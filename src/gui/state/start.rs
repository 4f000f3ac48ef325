//! The way from a page through Confirm and the job to its end, and back.

use std::time::Duration;

use super::{
    ChecksumText, Confirm, Missing, Outcome, Screen, State, Task, Working, fields::expand_home, read_checksum,
};
use crate::device::{Drive, Standing, standing};
use crate::gui::action::{CheckWith, Command, Page};
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
                if let Some(confirm) = self.erase_confirmation() {
                    self.enter(Screen::ConfirmErase(Box::new(confirm)));
                }
                Vec::new()
            }
            Page::Check => self.check_request().map_or_else(Vec::new, |request| self.begin(now, request)),
            Page::Save => self.save_request().map_or_else(Vec::new, |request| self.begin(now, request)),
        }
    }

    fn confirmation(&self) -> Option<Confirm> {
        let make = &self.make;
        let image = make.image.known()?;
        let plan = make.plan.as_ref()?.as_ref().ok()?.clone();
        let drive = self.drives.find(&make.target.as_ref()?.path)?.clone();
        let caution = match standing::judge(&drive, &image.source_drives) {
            Standing::Selectable => None,
            Standing::Hidden(reason) => Some(reason),
            Standing::Forbidden(_) => return None,
        };
        let expected = match read_checksum(&make.checksum) {
            ChecksumText::Empty => Vec::new(),
            ChecksumText::Valid(digest) => vec![digest],
            ChecksumText::Invalid(_) => return None,
        };
        let request = WriteRequest {
            image: image.path.clone(),
            target: drive.identity.clone(),
            verify: make.verify,
            hash: true,
            expected,
            sidecars: true,
            // Where files are laid out one by one, holes and maps of the image have no meaning.
            skip_holes: make.skip_holes && plan.stick.is_none(),
            bmap: make.block_map && plan.stick.is_none(),
            windows: make.windows_choices(),
            probe: true,
        };
        let name_to_type = caution.is_some().then(|| drive.title());
        Some(Confirm { plan, drive, request, name_to_type, caution, typed: String::new() })
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
        let request = match &self.screen {
            Screen::Confirm(confirm) if confirm.is_allowed() => Request::Write(confirm.request.clone()),
            Screen::ConfirmErase(confirm) if confirm.is_allowed() => confirm.request.clone(),
            _ => return Vec::new(),
        };
        self.begin(now, request)
    }

    fn begin(&mut self, now: Duration, request: Request) -> Vec<Command> {
        let drive = self.chosen_drive(self.page).and_then(|chosen| self.drives.find(&chosen.path));
        let title = drive.map_or_else(String::new, Drive::title);
        let mut before = Vec::new();
        if let Request::Write(write) = &request {
            let is_published = self.make.image.known().is_some_and(|image| !image.published.is_empty());
            if is_published || !write.expected.is_empty() {
                before.push(Phase::Checking);
            }
            if write.probe && drive.is_some_and(job::is_worth_a_probe) {
                before.push(Phase::Testing);
            }
        }
        let Some(task) = Task::of(&request, title, before) else { return Vec::new() };
        self.enter(Screen::Working(Box::new(Working::new(now, task))));
        vec![Command::StartJob(Box::new(request))]
    }

    /// Back from Confirm, or stop the job.
    pub(super) fn cancel(&mut self) -> Vec<Command> {
        match &mut self.screen {
            Screen::Confirm(_) | Screen::ConfirmErase(_) => self.enter(Screen::Choose),
            Screen::Working(working) if !working.cancelling => {
                working.cancelling = true;
                return vec![Command::CancelJob];
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn ended(&mut self, now: Duration, ending: Ending) -> Vec<Command> {
        if !self.is_working() {
            return Vec::new();
        }
        let Screen::Working(working) = std::mem::replace(&mut self.screen, Screen::Choose) else {
            return Vec::new();
        };
        let close_after = working.close_after;
        // Nothing was touched by a refusal; in every other case the next stick is chosen afresh.
        if !matches!(ending, Ending::Refused { .. }) && working.task.page.erases() {
            self.forget_drive(working.task.page);
        }
        let outcome = Outcome {
            report_file: text::suggested_report_file(&self.home, &ending),
            elapsed: now.saturating_sub(working.started),
            task: working.task,
            ending,
            speeds: working.speeds,
            warnings: working.warnings,
            report_picked: false,
            report_saved: None,
        };
        self.enter(Screen::Done(Box::new(outcome)));
        if close_after { vec![Command::CloseWindow] } else { Vec::new() }
    }

    pub(super) fn another(&mut self) {
        if let Screen::Done(outcome) = &self.screen {
            self.page = outcome.task.page;
            self.enter(Screen::Choose);
        }
    }

    pub(super) fn save_report(&mut self) -> Vec<Command> {
        let Screen::Done(outcome) = &self.screen else { return Vec::new() };
        let typed = outcome.report_file.trim();
        match outcome.report() {
            Some(report) if !typed.is_empty() => vec![Command::SaveReport {
                path: expand_home(typed, &self.home),
                report: Box::new(report.clone()),
                replace: outcome.report_picked,
            }],
            _ => Vec::new(),
        }
    }
}
