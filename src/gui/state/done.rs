//! How it ended: one outcome for each stick, and what can be done after.

use std::path::PathBuf;
use std::time::Duration;

use super::fields::expand_home;
use super::run::{StickAtWork, Task};
use super::speed::SpeedSeries;
use super::{Screen, State};
use crate::gui::action::{Command, JobId, Page};
use crate::job::{Ending, Record, Report};

/// Everything that was started together has ended.
#[derive(Debug)]
pub struct Done {
    pub page: Page,
    pub sticks: Vec<Outcome>,
    pub report_file: String,
    /// The path came out of a dialog, which asked before replacing a file.
    pub report_picked: bool,
    pub report_saved: Option<Result<PathBuf, String>>,
}

/// A job that has ended.
#[derive(Debug)]
pub struct Outcome {
    pub job: JobId,
    pub task: Task,
    pub ending: Ending,
    pub elapsed: Duration,
    pub speeds: SpeedSeries,
    pub warnings: Vec<String>,
    pub taking_out: TakingOut,
}

/// Whether a stick may be pulled out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TakingOut {
    #[default]
    NotAsked,
    Asked,
    Out,
    /// A sentence.
    Failed(String),
}

impl Done {
    /// Empty when no job left any record.
    pub fn records(&self) -> Vec<Record> {
        if self.sticks.iter().all(|stick| stick.report().is_none()) {
            return Vec::new();
        }
        self.sticks.iter().map(|stick| Record::of(&stick.task.drive, &stick.ending)).collect()
    }

    pub fn has_report(&self) -> bool {
        self.sticks.iter().any(|stick| stick.report().is_some())
    }
}

impl Outcome {
    /// `None` as long as the job runs.
    pub(super) fn of(stick: StickAtWork) -> Option<Self> {
        let (ending, at) = stick.ended?;
        // The report has what is still worth knowing; words of waiting were for as long as it lasted.
        let warnings = report_of(&ending).map_or(stick.warnings, |report| report.warnings.clone());
        Some(Self {
            job: stick.job,
            task: stick.task,
            ending,
            elapsed: at.saturating_sub(stick.started),
            speeds: stick.speeds,
            warnings,
            taking_out: TakingOut::default(),
        })
    }

    pub fn report(&self) -> Option<&Report> {
        report_of(&self.ending)
    }
}

fn report_of(ending: &Ending) -> Option<&Report> {
    match ending {
        Ending::Done { report } | Ending::Different { report } => Some(report),
        Ending::Failed { report, .. } | Ending::Cancelled { report, .. } => report.as_ref(),
        Ending::Refused { .. } => None,
    }
}

impl State {
    pub(super) fn another(&mut self) {
        if let Screen::Done(done) = &self.screen {
            self.page = done.page;
            self.enter(Screen::Choose);
        }
    }

    pub(super) fn save_report(&mut self) -> Vec<Command> {
        let Screen::Done(done) = &self.screen else { return Vec::new() };
        let typed = done.report_file.trim();
        let records = done.records();
        if typed.is_empty() || records.is_empty() {
            return Vec::new();
        }
        let path = expand_home(typed, &self.home);
        vec![Command::SaveReport { path, records, replace: done.report_picked }]
    }

    /// The sticks on Done that are still plugged in and may be asked to let go.
    pub fn to_take_out(&self) -> Vec<JobId> {
        let Screen::Done(done) = &self.screen else { return Vec::new() };
        let can_be = |stick: &&Outcome| {
            let drive = self.drives.find(&stick.task.drive.path);
            let is_there = drive
                .is_some_and(|drive| drive.hotplug && stick.task.drive.difference(&drive.identity).is_none());
            is_there && matches!(stick.taking_out, TakingOut::NotAsked | TakingOut::Failed(_))
        };
        done.sticks.iter().filter(can_be).map(|stick| stick.job).collect()
    }

    pub(super) fn take_out(&mut self) -> Vec<Command> {
        let jobs = self.to_take_out();
        let Screen::Done(done) = &mut self.screen else { return Vec::new() };
        let asked = done.sticks.iter_mut().filter(|stick| jobs.contains(&stick.job));
        let ask = |stick: &mut Outcome| {
            stick.taking_out = TakingOut::Asked;
            Command::TakeOut(stick.job, stick.task.drive.clone())
        };
        asked.map(ask).collect()
    }

    pub(super) fn taken_out(&mut self, job: JobId, result: Result<(), String>) {
        if let Screen::Done(done) = &mut self.screen
            && let Some(stick) = done.sticks.iter_mut().find(|stick| stick.job == job)
        {
            stick.taking_out = result.map_or_else(TakingOut::Failed, |()| TakingOut::Out);
        }
    }
}
