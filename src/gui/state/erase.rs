//! The pages Test and Restore: work that erases a drive and needs no image. (What Answer file changes begins here too.)

use super::{DriveList, Missing, Screen, State, ToWrite, judge_for_erasing};
use crate::device::{Drive, Identity, Standing};
use crate::gui::action::{Becomes, Page};
use crate::job::{AnswerChangeRequest, Request, RestoreRequest, TestExtent, TestRequest, WipeRequest};
use crate::plan::{FileSystem, Plan, Refusal, RestoreOptions, may_be_erased, plan_restore, plan_wipe};

/// The page that finds out whether a drive is as large as it says.
#[derive(Debug)]
pub struct Test {
    pub drive: Option<Identity>,
    pub extent: TestExtent,
}

impl Default for Test {
    fn default() -> Self {
        Self { drive: None, extent: TestExtent::Quick }
    }
}

impl Test {
    /// Why the chosen drive cannot be tested.
    pub fn refusal(&self, drives: &DriveList) -> Option<Refusal> {
        refusal_to_write(self.drive.as_ref(), drives)
    }

    pub fn missing(&self, drives: &DriveList) -> Option<Missing> {
        if self.drive.is_none() {
            return Some(Missing::Drive);
        }
        self.refusal(drives).map(|_| Missing::Refused)
    }
}

/// The page that makes a drive a normal stick again, or empties it.
#[derive(Debug, Default)]
pub struct Restore {
    pub drive: Option<Identity>,
    pub becomes: Becomes,
    /// As the user has chosen; `None`: what suits the drive.
    pub chosen_file_system: Option<FileSystem>,
    pub label: String,
    /// What each file system would make of the drive; empty while none is chosen.
    pub volumes: Vec<(FileSystem, Result<Plan, Refusal>)>,
    /// What will be done.
    pub plan: Option<Result<Plan, Refusal>>,
}

impl Restore {
    /// What the user has chosen, else what a drive of this size usually has, unless only another fits.
    pub fn file_system(&self) -> Option<FileSystem> {
        self.chosen_file_system.or_else(|| {
            let usual = self.usual_file_system()?;
            let fits = |file_system: FileSystem| self.refusal_of(file_system).is_none();
            let other = FileSystem::ALL.into_iter().find(|file_system| fits(*file_system));
            if fits(usual) { Some(usual) } else { other.or(Some(usual)) }
        })
    }

    /// What a drive of this size is sold with.
    pub fn usual_file_system(&self) -> Option<FileSystem> {
        self.drive.as_ref().map(|drive| FileSystem::usual(drive.size_bytes))
    }

    /// Why the drive cannot have this file system.
    pub fn refusal_of(&self, file_system: FileSystem) -> Option<&Refusal> {
        let (_, plan) = self.volumes.iter().find(|(of, _)| *of == file_system)?;
        plan.as_ref().err()
    }

    /// Plans anew, after anything that the plan depends on has changed.
    pub fn replan(&mut self, drives: &DriveList) {
        let drive = self.drive.as_ref().and_then(|chosen| drives.find(&chosen.path));
        let Some(drive) = drive else {
            (self.volumes, self.plan) = (Vec::new(), None);
            return;
        };
        let standing = permitted(drive);
        let volume = |file_system| {
            // Serial number and time are the job's; nothing that is shown depends on them.
            let options = RestoreOptions {
                file_system: Some(file_system),
                label: self.label.clone(),
                ..RestoreOptions::default()
            };
            (file_system, plan_restore(drive, &standing, &options))
        };
        self.volumes = FileSystem::ALL.map(volume).into();
        self.plan = match self.becomes {
            Becomes::Normal => {
                let chosen = self.file_system();
                self.volumes.iter().find(|(of, _)| Some(*of) == chosen).map(|(_, plan)| plan.clone())
            }
            Becomes::Empty | Becomes::Zeroes => {
                // The job reads the partitions' bounds afresh; these are what the system has told.
                let bounds = drive.partitions.iter().map(|p| (p.offset_bytes, p.offset_bytes + p.size_bytes));
                let everywhere = self.becomes == Becomes::Zeroes;
                Some(plan_wipe(drive, &standing, everywhere, &bounds.collect::<Vec<_>>()))
            }
        };
    }

    pub fn missing(&self) -> Option<Missing> {
        match &self.plan {
            None => Some(Missing::Drive),
            Some(Err(_)) => Some(Missing::Refused),
            Some(Ok(_)) => None,
        }
    }

    fn request(&self, target: Identity) -> Request {
        match self.becomes {
            Becomes::Normal => {
                let file_system = self.file_system();
                let label = self.label.clone();
                Request::Restore(RestoreRequest { target, end_uses: Vec::new(), file_system, label })
            }
            becomes => Request::Wipe(WipeRequest {
                target,
                end_uses: Vec::new(),
                everywhere: becomes == Becomes::Zeroes,
            }),
        }
    }
}

/// Why the chosen drive cannot be written to.
pub(super) fn refusal_to_write(chosen: Option<&Identity>, drives: &DriveList) -> Option<Refusal> {
    let drive = drives.find(&chosen?.path)?;
    may_be_erased(drive, &permitted(drive)).err()
}

/// The window lets a hidden drive through by having its name typed.
fn permitted(drive: &Drive) -> Standing {
    match judge_for_erasing(drive, &[]) {
        Standing::Hidden(_) => Standing::Selectable,
        other => other,
    }
}

impl State {
    pub(super) fn become_this(&mut self, becomes: Becomes) {
        self.restore.becomes = becomes;
        self.restore.replan(&self.drives);
    }

    pub(super) fn lay_out(&mut self, file_system: FileSystem) {
        self.restore.chosen_file_system = Some(file_system);
        self.restore.replan(&self.drives);
    }

    pub(super) fn name_volume(&mut self, label: String) {
        self.restore.label = label;
        self.restore.replan(&self.drives);
    }

    /// What Test, Restore or Answer file would do, if nothing stands in the way.
    pub(super) fn to_write_without_image(&self) -> Option<ToWrite> {
        let chosen = *self.chosen_drives(self.page).first()?;
        let drive = self.drives.find(&chosen.path)?.clone();
        let caution = match judge_for_erasing(&drive, &[]) {
            Standing::Selectable => None,
            Standing::Hidden(reason) => Some(reason),
            Standing::Forbidden(_) => return None,
        };
        let target = drive.identity.clone();
        let (request, plan) = match self.page {
            Page::Test => {
                let extent = self.test.extent;
                (Request::Test(TestRequest { target, end_uses: Vec::new(), extent }), None)
            }
            Page::Restore => {
                let plan = self.restore.plan.as_ref()?.as_ref().ok()?.clone();
                (self.restore.request(target), Some(plan))
            }
            // What it does is asked of its question, when the stick has been looked at.
            Page::Answer => {
                let (end_uses, answer, replaces) = (Vec::new(), None, false);
                let request = AnswerChangeRequest { target, end_uses, answer, replaces };
                (Request::AnswerChange(request), None)
            }
            Page::Make | Page::Check | Page::Save => return None,
        };
        Some(ToWrite::new(plan, drive, request, caution))
    }

    /// A test leaves a drive empty; this is the way to a use of it. Choosing it here is what the button says.
    pub(super) fn restore_tested(&mut self) {
        let Screen::Done(done) = &self.screen else { return };
        if done.page != Page::Test {
            return;
        }
        let Some(tested) = done.sticks.first().map(|stick| stick.task.drive.clone()) else { return };
        self.page = Page::Restore;
        self.enter(Screen::Choose);
        self.restore.becomes = Becomes::Normal;
        self.choose_drive(tested);
    }
}
