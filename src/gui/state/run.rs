//! From Start to the end: what was asked, how far it is, how it ended.

use std::path::PathBuf;
use std::time::Duration;

use super::speed::{SpeedPoint, SpeedSeries};
use super::work::Work;
use crate::device::{Drive, Identity};
use crate::gui::action::Page;
use crate::job::{Against, Ending, Event, Phase, Progress, Report, Request, WriteRequest};
use crate::plan::Plan;

/// The last look before a drive is erased.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub plan: Plan,
    /// As it is now, with its present partitions.
    pub drive: Drive,
    pub request: WriteRequest,
    /// A drive that is not for everyday use: its name has to be typed.
    pub name_to_type: Option<String>,
    /// Why it is not for everyday use.
    pub caution: Option<String>,
    pub typed: String,
}

impl Confirm {
    pub fn is_allowed(&self) -> bool {
        self.name_to_type.as_ref().is_none_or(|name| self.typed.trim() == name)
    }
}

/// The other side of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskFile {
    /// The image, or the file that is made.
    File(PathBuf),
    Checksum,
    /// The list of files on the stick itself.
    Manifest,
    /// The drive is all that there is.
    Nothing,
}

/// A job, in the words of the page that began it.
#[derive(Clone, Debug)]
pub struct Task {
    pub page: Page,
    pub work: Work,
    pub drive: Identity,
    /// What the drive is called.
    pub title: String,
    pub other: TaskFile,
    /// Phases that are still to be expected, in order.
    pub phases: Vec<Phase>,
}

impl Task {
    /// `before`: the phases before an image is written. `None`: no page does such a job.
    pub fn of(request: &Request, title: String, before: Vec<Phase>) -> Option<Self> {
        let work = Work::of(request)?;
        Some(match request {
            Request::Write(write) => {
                let mut phases = before;
                phases.extend([Phase::Writing, Phase::Syncing]);
                if write.verify {
                    phases.push(Phase::Verifying);
                }
                Self {
                    page: Page::Make,
                    work,
                    drive: write.target.clone(),
                    title,
                    other: TaskFile::File(write.image.clone()),
                    phases,
                }
            }
            Request::Check(check) => Self {
                page: Page::Check,
                work,
                drive: check.target.clone(),
                title,
                other: match &check.against {
                    Against::Image(path) => TaskFile::File(path.clone()),
                    Against::Manifest => TaskFile::Manifest,
                    Against::Digest { .. } => TaskFile::Checksum,
                },
                phases: vec![Phase::Comparing],
            },
            Request::Save(save) => Self {
                page: Page::Save,
                work,
                drive: save.drive.clone(),
                title,
                other: TaskFile::File(save.file.clone()),
                phases: vec![Phase::Saving],
            },
            Request::Test(_) | Request::Wipe(_) | Request::Restore(_) => Self {
                page: work.page(),
                work,
                drive: request.drive()?.clone(),
                title,
                other: TaskFile::Nothing,
                phases: work.phases(),
            },
            Request::Hash(_) => return None,
        })
    }

    pub fn writes_to_drive(&self) -> bool {
        self.page.erases()
    }
}

/// A job that runs.
#[derive(Debug)]
pub struct Working {
    pub task: Task,
    pub started: Duration,
    pub phase: Option<Phase>,
    pub finished: Vec<Phase>,
    pub progress: Option<Progress>,
    pub speeds: SpeedSeries,
    pub warnings: Vec<String>,
    pub cancelling: bool,
    /// The user wants to close the window; the question is on the screen.
    pub close_asked: bool,
    pub close_after: bool,
}

impl Working {
    pub fn new(now: Duration, task: Task) -> Self {
        Self {
            task,
            started: now,
            phase: None,
            finished: Vec::new(),
            progress: None,
            speeds: SpeedSeries::default(),
            warnings: Vec::new(),
            cancelling: false,
            close_asked: false,
            close_after: false,
        }
    }

    /// Takes in one event; the ending is handed back.
    pub fn on_event(&mut self, now: Duration, event: Event) -> Option<Ending> {
        match event {
            Event::Opened { .. } | Event::Planned { .. } => {}
            Event::Phase { phase } => self.enter(phase),
            Event::Progress(progress) => {
                if self.phase != Some(progress.phase) {
                    self.enter(progress.phase);
                }
                // The first word of a phase comes before there is any speed, and single places have none.
                if progress.done_bytes > 0 && progress.phase != Phase::Testing {
                    self.speeds.push(SpeedPoint {
                        secs: now.saturating_sub(self.started).as_secs_f64(),
                        bytes_per_sec: progress.bytes_per_sec,
                        phase: progress.phase,
                    });
                }
                self.progress = Some(progress);
            }
            Event::Warning { message } => self.warnings.push(message),
            Event::Ended(ending) => return Some(*ending),
        }
        None
    }

    fn enter(&mut self, phase: Phase) {
        if let Some(before) = self.phase.filter(|p| *p != phase)
            && !self.finished.contains(&before)
        {
            self.finished.push(before);
        }
        self.phase = Some(phase);
        self.progress = None;
    }
}

/// A job that has ended.
#[derive(Debug)]
pub struct Outcome {
    pub task: Task,
    pub ending: Ending,
    pub elapsed: Duration,
    pub speeds: SpeedSeries,
    pub warnings: Vec<String>,
    pub report_file: String,
    /// The path came out of a dialog, which asked before replacing a file.
    pub report_picked: bool,
    pub report_saved: Option<Result<PathBuf, String>>,
}

impl Outcome {
    pub fn report(&self) -> Option<&Report> {
        match &self.ending {
            Ending::Done { report } | Ending::Different { report } => Some(report),
            Ending::Failed { report, .. } | Ending::Cancelled { report, .. } => report.as_ref(),
            Ending::Refused { .. } => None,
        }
    }
}
