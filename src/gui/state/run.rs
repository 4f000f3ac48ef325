//! From Start to the end: what was asked, and how far it is.

use std::path::PathBuf;
use std::time::Duration;

use super::speed::{SpeedPoint, SpeedSeries};
use super::work::Work;
use crate::device::Identity;
use crate::gui::action::{JobId, Page};
use crate::job::{Against, Ending, Event, Phase, Progress, Request};

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
            Request::Test(_) | Request::Wipe(_) | Request::Restore(_) | Request::AnswerChange(_) => Self {
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
        self.page.writes()
    }
}

/// What runs: one job, or several writes of one image, each to a stick of its own.
#[derive(Debug)]
pub struct Working {
    pub page: Page,
    pub sticks: Vec<StickAtWork>,
    /// The user wants to close the window; the question is on the screen.
    pub close_asked: bool,
    pub close_after: bool,
}

/// One job and its drive. None of the others knows of it.
#[derive(Debug)]
pub struct StickAtWork {
    pub job: JobId,
    pub task: Task,
    pub started: Duration,
    pub phase: Option<Phase>,
    pub finished: Vec<Phase>,
    pub progress: Option<Progress>,
    pub speeds: SpeedSeries,
    pub warnings: Vec<String>,
    pub cancelling: bool,
    /// How it ended, and when.
    pub ended: Option<(Ending, Duration)>,
}

impl Working {
    pub fn stick(&mut self, job: JobId) -> Option<&mut StickAtWork> {
        self.sticks.iter_mut().find(|stick| stick.job == job)
    }

    pub fn at_work(&self) -> impl Iterator<Item = &StickAtWork> {
        self.sticks.iter().filter(|stick| stick.ended.is_none())
    }

    /// Nothing is left that could be cancelled.
    pub fn is_cancelling(&self) -> bool {
        self.at_work().all(|stick| stick.cancelling)
    }

    pub fn writes_to_drive(&self) -> bool {
        self.sticks.iter().any(|stick| stick.task.writes_to_drive())
    }

    /// 0 to 1 of all the work. A stick that was given up is no work any more.
    pub fn share(&self) -> f32 {
        let shares: Vec<f32> = self.sticks.iter().filter_map(StickAtWork::share).collect();
        if shares.is_empty() { 0.0 } else { shares.iter().sum::<f32>() / shares.len() as f32 }
    }

    /// Of all sticks together; `None` before anything was measured.
    pub fn bytes_per_sec(&self) -> Option<f64> {
        let together: f64 =
            self.at_work().filter_map(|stick| Some(stick.progress.as_ref()?.bytes_per_sec)).sum();
        (together > 0.0).then_some(together)
    }
}

impl StickAtWork {
    pub fn new(now: Duration, job: JobId, task: Task) -> Self {
        Self {
            job,
            task,
            started: now,
            phase: None,
            finished: Vec::new(),
            progress: None,
            speeds: SpeedSeries::default(),
            warnings: Vec::new(),
            cancelling: false,
            ended: None,
        }
    }

    /// After the last event nothing is heard any more.
    pub fn on_event(&mut self, now: Duration, event: Event) {
        if self.ended.is_some() {
            return;
        }
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
            Event::Ended(ending) => self.ended = Some((*ending, now)),
        }
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

    /// 0 to 1 of its steps, of which each passes over the same bytes; `None`: it was given up. Waiting for the drive has
    /// no measure, and the short test before is none of them; until the end it is never the whole.
    fn share(&self) -> Option<f32> {
        const MOST: f32 = 0.99;
        match &self.ended {
            Some((Ending::Done { .. } | Ending::Different { .. }, _)) => return Some(1.0),
            Some(_) => return None,
            None => {}
        }
        let is_a_pass = |phase: &Phase| !matches!(phase, Phase::Syncing | Phase::Testing);
        let steps: Vec<Phase> = self.task.phases.iter().copied().filter(is_a_pass).collect();
        let behind = steps.iter().filter(|step| self.finished.contains(step)).count() as f32;
        let now = self.progress.filter(|p| steps.contains(&p.phase) && !self.finished.contains(&p.phase));
        let now = now.and_then(|p| p.fraction).unwrap_or(0.0);
        Some(((behind + now) / (steps.len() as f32).max(1.0)).min(MOST))
    }
}
