//! Everything the window knows, and the only place where it changes. Pure: no input or output, no widgets, and the
//! clock is an argument.

mod answer;
mod change;
mod choices;
mod confirm;
mod done;
mod drive_list;
mod drivers;
mod drives;
mod erase;
mod fields;
mod own_files;
mod run;
mod speed;
mod start;
#[cfg(test)]
mod tests;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use crate::device::Identity;
use crate::gui::Start;
use crate::gui::action::{Action, Appearance, Command, Dialog, Event, Field, ImageOf, Page};
use crate::gui::text;
use crate::job::{self, Ending};

pub use answer::{
    Answering, Checked, Form, LAYOUT_PATH, NETWORK_PATH, OwnXml, StepKind, StepRow, TELEMETRY_PATH, Used,
    form_of, options_of,
};
pub use change::{Change, ChangeQuestion};
pub use choices::{Check, ChecksumText, ImageChoice, ImageStage, Make, Missing, Save, Target, read_checksum};
pub use confirm::{Confirm, ToWrite};
pub use done::{Done, Outcome, TakingOut};
use drive_list::judge_for_erasing;
pub use drive_list::{Arrival, Card, DriveList};
pub use drivers::Drivers;
pub use erase::{Restore, Test};
pub use own_files::{Entry, Listing, OwnFiles};
pub use run::{StickAtWork, Task, TaskFile, Working};
pub use speed::{SpeedPoint, SpeedSeries};
pub use work::Work;

#[derive(Debug)]
pub enum Screen {
    /// The page itself.
    Choose,
    /// Make: the form of the answer file.
    Answer,
    Confirm(Box<Confirm>),
    Working(Box<Working>),
    Done(Box<Done>),
}

/// One message above the page, until it is dismissed or overtaken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub is_warning: bool,
}

#[derive(Debug)]
pub struct State {
    pub page: Page,
    pub screen: Screen,
    /// Counts changes of the screen, so that a view can tell the first time it is drawn.
    pub screen_serial: u64,
    pub appearance: Appearance,
    /// What the desktop prefers, where it says.
    pub system_is_dark: Option<bool>,
    pub drives: DriveList,
    pub make: Make,
    pub check: Check,
    pub save: Save,
    pub test: Test,
    pub restore: Restore,
    pub change: Change,
    pub notice: Option<Notice>,
    /// Where files are suggested to be saved.
    pub home: PathBuf,
    /// Files can be dropped on the window (winit has no drag and drop on Wayland).
    pub can_drop_files: bool,
    /// When something was last told or done, on the clock of the window.
    pub now: Duration,
    dialog: Option<(Dialog, Duration)>,
    next_job: u32,
    /// The practice stick that is chosen as soon as it is listed.
    awaited_practice: Option<PathBuf>,
}

impl State {
    /// The state at the start, and what there is to do first.
    pub fn new(start: &Start, home: PathBuf, can_drop_files: bool) -> (Self, Vec<Command>) {
        let mut state = Self {
            page: Page::Make,
            screen: Screen::Choose,
            screen_serial: 0,
            appearance: Appearance::default(),
            system_is_dark: None,
            drives: DriveList::default(),
            make: Make::default(),
            check: Check::default(),
            save: Save::default(),
            test: Test::default(),
            restore: Restore::default(),
            change: Change::default(),
            notice: None,
            home,
            can_drop_files,
            now: Duration::ZERO,
            dialog: None,
            next_job: 0,
            awaited_practice: start.chosen_practice.clone(),
        };
        let commands = match &start.image {
            Some(path) => state.look_at(ImageOf::Make, path.clone()),
            None => Vec::new(),
        };
        (state, commands)
    }

    pub fn is_dialog_open(&self) -> bool {
        self.dialog.is_some()
    }

    fn is_choosing(&self) -> bool {
        matches!(self.screen, Screen::Choose)
    }

    pub fn is_working(&self) -> bool {
        matches!(self.screen, Screen::Working(_))
    }

    pub fn image(&self, of: ImageOf) -> &ImageChoice {
        match of {
            ImageOf::Make => &self.make.image,
            ImageOf::Check => &self.check.image,
        }
    }

    /// Make takes several drives, the other pages one.
    pub fn chosen_drives(&self, page: Page) -> Vec<&Identity> {
        match page {
            Page::Make => self.make.targets.iter().map(|target| &target.drive).collect(),
            Page::Check => self.check.drive.iter().collect(),
            Page::Save => self.save.drive.iter().collect(),
            Page::Test => self.test.drive.iter().collect(),
            Page::Restore => self.restore.drive.iter().collect(),
            Page::Answer => self.change.drive.iter().collect(),
        }
    }

    /// The drives that the page offers.
    pub fn cards(&self, page: Page) -> Vec<Card> {
        self.drives.cards(self.sources(page), !page.writes())
    }

    fn sources(&self, page: Page) -> &[(u64, u64)] {
        if page == Page::Make { self.make.sources() } else { &[] }
    }

    pub fn on_action(&mut self, now: Duration, action: Action) -> Vec<Command> {
        self.now = now;
        match action {
            Action::Show(page) => {
                if !self.is_working() {
                    let commands = self.leave_form();
                    self.page = page;
                    self.drives.arrivals = None;
                    self.enter(Screen::Choose);
                    return commands;
                }
            }
            Action::Appearance(appearance) => self.appearance = appearance,
            Action::Edit(field, text) => self.edit(field, text),
            Action::Commit(Field::Image(of)) => return self.commit_image(of),
            Action::Commit(Field::ReportFile) => return self.save_report(),
            Action::Commit(Field::OwnFile) => return self.commit_own(),
            Action::Commit(Field::Place(id)) => return self.list_again(id),
            Action::Commit(Field::Answer(text)) => return self.commit_answer(text),
            Action::Commit(_) => {}
            Action::Browse(dialog) => return self.open_dialog(now, dialog),
            Action::DropFile(path) => return self.drop_file(path),
            // What a question or a job is about is not chosen anew behind its back.
            Action::ChooseDrive(_) | Action::UnchooseDrive(_) | Action::Set(..) if !self.is_choosing() => {}
            Action::ChooseDrive(identity) => self.choose_drive(identity),
            Action::UnchooseDrive(identity) => self.unchoose_drive(&identity),
            Action::Set(switch, on) => self.set(switch, on),
            Action::CheckWith(with) => self.check.with = with,
            Action::Scheme(scheme) => {
                self.make.scheme = scheme;
                self.make.replan(&self.drives);
            }
            Action::Become(becomes) => self.become_this(becomes),
            Action::FileSystem(file_system) => self.lay_out(file_system),
            Action::ChangeTo(to) => self.change.to = to,
            Action::TestExtent(extent) => self.test.extent = extent,
            Action::PlaceAsDrivers(id) => return self.place_as_drivers(id),
            Action::Remove(id) => self.remove_own(id),
            Action::Answer(action) => return self.answer(now, action),
            Action::RemoveDrivers => self.remove_drivers(),
            Action::Start => return self.start(now),
            Action::EndUse { stick, named, agreed } => self.agree_to_end(stick, named, agreed),
            Action::Agree(agreement, on) => self.agree(agreement, on),
            Action::Erase => return self.erase(now),
            Action::Cancel => return self.cancel(),
            Action::CancelStick(job) => return self.cancel_stick(job),
            Action::Another => self.another(),
            Action::TakeOut => return self.take_out(),
            Action::RestoreTested => self.restore_tested(),
            Action::SaveReport => return self.save_report(),
            Action::DismissNotice => self.notice = None,
            Action::CloseAsked => {
                if let Screen::Working(working) = &mut self.screen {
                    working.close_asked = true;
                } else {
                    return vec![Command::CloseWindow];
                }
            }
            Action::KeepWorking => {
                if let Screen::Working(working) = &mut self.screen {
                    working.close_asked = false;
                }
            }
            Action::CancelAndClose => {
                if let Screen::Working(working) = &mut self.screen {
                    working.close_asked = false;
                    working.close_after = true;
                    return self.cancel();
                }
            }
        }
        Vec::new()
    }

    pub fn on_event(&mut self, now: Duration, event: Event) -> Vec<Command> {
        self.now = now;
        match event {
            Event::Drives(Ok(drives)) => {
                self.drives.renew(now, drives);
                self.drives_changed();
            }
            Event::Drives(Err(error)) => self.drives.error = Some(error),
            Event::Inspected { of, path, answer } => return self.inspected(of, &path, *answer),
            Event::Picked(dialog, paths) => return self.picked(now, dialog, paths),
            Event::DriversListed(folder, answer) => self.drivers_listed(&folder, answer),
            Event::Listed { id, request, answer } => self.listed(id, &request, answer),
            Event::AnswerRead { read_for, path, answer } => {
                return self.answer_read(read_for, &path, answer);
            }
            Event::AnswerPrepared { serial, answer } => self.answer_prepared(serial, *answer),
            Event::AnswerWritten(result) => self.answer_written(result),
            Event::Region(region) => self.take_region(&region),
            Event::StickLookedAt { serial, look } => self.stick_looked_at(serial, *look),
            Event::Job(job, event) => return self.job_told(now, job, event),
            Event::JobLost(job) => {
                let message = text::JOB_LOST.to_owned();
                let ending = Box::new(Ending::Failed { message, report: None });
                return self.job_told(now, job, job::Event::Ended(ending));
            }
            Event::TakenOut(job, result) => self.taken_out(job, result),
            Event::Tick => {}
            Event::SystemIsDark(is_dark) => self.system_is_dark = Some(is_dark),
            Event::ReportSaved(result) => {
                if let Screen::Done(done) = &mut self.screen {
                    done.report_saved = Some(result);
                }
            }
        }
        Vec::new()
    }

    fn enter(&mut self, screen: Screen) {
        self.screen = screen;
        self.screen_serial += 1;
    }

    fn tell(&mut self, text: String, is_warning: bool) {
        self.notice = Some(Notice { text, is_warning });
    }
}
