//! Everything the window knows, and the only place where it changes. Pure: no input or output, no widgets, and the
//! clock is an argument.

mod choices;
mod run;
mod speed;
mod start;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::device::{Bus, Identity, Standing, standing};
use crate::gui::Start;
use crate::gui::action::{Action, Appearance, Command, Event, Field, ImageOf, Page, Switch};
use crate::gui::text;
use crate::job::Ending;

pub use choices::{
    Card, Check, ChecksumText, DriveList, ImageChoice, ImageStage, Make, Missing, Save, read_checksum,
};
pub use run::{Confirm, Outcome, Task, Working};
pub use speed::{SpeedPoint, SpeedSeries};

/// A dialog that closes faster than a person can was never shown.
const SHORTEST_DIALOG: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub enum Screen {
    /// The page itself.
    Choose,
    Confirm(Box<Confirm>),
    Working(Box<Working>),
    Done(Box<Outcome>),
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
    pub notice: Option<Notice>,
    /// Where files are suggested to be saved.
    pub home: PathBuf,
    /// Files can be dropped on the window (winit has no drag and drop on Wayland).
    pub can_drop_files: bool,
    dialog: Option<(Field, Duration)>,
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
            notice: None,
            home,
            can_drop_files,
            dialog: None,
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

    pub fn is_working(&self) -> bool {
        matches!(self.screen, Screen::Working(_))
    }

    pub fn image(&self, of: ImageOf) -> &ImageChoice {
        match of {
            ImageOf::Make => &self.make.image,
            ImageOf::Check => &self.check.image,
        }
    }

    pub fn chosen_drive(&self, page: Page) -> Option<&Identity> {
        match page {
            Page::Make => self.make.target.as_ref(),
            Page::Check => self.check.drive.as_ref(),
            Page::Save => self.save.drive.as_ref(),
        }
    }

    /// The drives that the page offers.
    pub fn cards(&self, page: Page) -> Vec<Card> {
        self.drives.cards(self.sources(page), page != Page::Make)
    }

    fn sources(&self, page: Page) -> &[(u64, u64)] {
        if page == Page::Make { self.make.sources() } else { &[] }
    }

    pub fn on_action(&mut self, now: Duration, action: Action) -> Vec<Command> {
        match action {
            Action::Show(page) => {
                if !self.is_working() {
                    self.page = page;
                    self.enter(Screen::Choose);
                }
            }
            Action::Appearance(appearance) => self.appearance = appearance,
            Action::Edit(field, text) => self.edit(field, text),
            Action::Commit(Field::Image(of)) => return self.commit_image(of),
            Action::Commit(Field::ReportFile) => return self.save_report(),
            Action::Commit(_) => {}
            Action::Browse(field) => return self.open_dialog(now, field),
            Action::DropFile(path) => return self.drop_file(path),
            Action::ChooseDrive(identity) => self.choose_drive(identity),
            Action::Set(switch, on) => self.set(switch, on),
            Action::CheckWith(with) => self.check.with = with,
            Action::Start => return self.start(now),
            Action::Erase => return self.erase(now),
            Action::Cancel => return self.cancel(),
            Action::Another => self.another(),
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
        match event {
            Event::Drives(Ok(drives)) => {
                self.drives.known = Some(drives);
                self.drives.error = None;
                self.drives_changed();
            }
            Event::Drives(Err(error)) => self.drives.error = Some(error),
            Event::Inspected { of, path, answer } => self.inspected(of, &path, *answer),
            Event::Picked(field, path) => return self.picked(now, field, path),
            Event::Job(event) => {
                if let Screen::Working(working) = &mut self.screen
                    && let Some(ending) = working.on_event(now, event)
                {
                    return self.ended(now, ending);
                }
            }
            Event::JobLost => {
                let message = text::JOB_LOST.to_owned();
                return self.ended(now, Ending::Failed { message, report: None });
            }
            Event::SystemIsDark(is_dark) => self.system_is_dark = Some(is_dark),
            Event::ReportSaved(result) => {
                if let Screen::Done(outcome) = &mut self.screen {
                    outcome.report_saved = Some(result);
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

    fn edit(&mut self, field: Field, text: String) {
        match field {
            Field::Image(ImageOf::Make) => self.make.image.path = text,
            Field::Image(ImageOf::Check) => self.check.image.path = text,
            Field::ExpectedChecksum => self.make.checksum = text,
            Field::DriveChecksum => self.check.checksum = text,
            Field::DriveLength => self.check.length = text,
            Field::SaveFile => {
                self.save.file = text;
                self.save.suggested = false;
                self.save.replace = false;
            }
            Field::TypedName => {
                if let Screen::Confirm(confirm) = &mut self.screen {
                    confirm.typed = text;
                }
            }
            Field::ReportFile => {
                if let Screen::Done(outcome) = &mut self.screen {
                    outcome.report_file = text;
                    outcome.report_picked = false;
                    outcome.report_saved = None;
                }
            }
        }
    }

    fn commit_image(&mut self, of: ImageOf) -> Vec<Command> {
        let image = self.image(of);
        let typed = image.path.trim();
        if typed.is_empty() {
            self.image_mut(of).stage = ImageStage::None;
            self.image_changed(of);
            return Vec::new();
        }
        let path = expand_home(typed, &self.home);
        if image.stage_path() == Some(&path) {
            return Vec::new();
        }
        self.look_at(of, path)
    }

    fn look_at(&mut self, of: ImageOf, path: PathBuf) -> Vec<Command> {
        let image = self.image_mut(of);
        image.path = path.display().to_string();
        image.stage = ImageStage::Looking(path.clone());
        self.image_changed(of);
        vec![Command::Inspect(of, path)]
    }

    fn image_mut(&mut self, of: ImageOf) -> &mut ImageChoice {
        match of {
            ImageOf::Make => &mut self.make.image,
            ImageOf::Check => &mut self.check.image,
        }
    }

    /// An answer to an older question is dropped.
    fn inspected(&mut self, of: ImageOf, asked: &Path, answer: Result<crate::job::Inspection, String>) {
        let image = self.image_mut(of);
        if !matches!(&image.stage, ImageStage::Looking(path) if path == asked) {
            return;
        }
        image.stage = match answer {
            Ok(inspection) => ImageStage::Known(Box::new(inspection)),
            Err(message) => ImageStage::Failed { path: asked.to_owned(), message },
        };
        self.image_changed(of);
    }

    fn image_changed(&mut self, of: ImageOf) {
        if of == ImageOf::Make {
            // What was consented to for one image is not consented to for the next.
            self.make.skip_holes = false;
            self.drives_changed();
        }
    }

    fn open_dialog(&mut self, now: Duration, field: Field) -> Vec<Command> {
        if self.is_dialog_open() {
            return Vec::new();
        }
        let suggestion = match field {
            Field::SaveFile => &self.save.file,
            Field::ReportFile => match &self.screen {
                Screen::Done(outcome) => &outcome.report_file,
                _ => return Vec::new(),
            },
            Field::Image(of) => &self.image(of).path,
            _ => return Vec::new(),
        };
        let suggestion = expand_home(suggestion.trim(), &self.home);
        self.dialog = Some((field, now));
        vec![Command::OpenDialog { field, suggestion }]
    }

    fn picked(&mut self, now: Duration, field: Field, path: Option<PathBuf>) -> Vec<Command> {
        let opened = self.dialog.take().map(|(_, at)| at);
        let Some(path) = path else {
            if opened.is_some_and(|at| now.saturating_sub(at) < SHORTEST_DIALOG) {
                self.tell(text::NO_FILE_DIALOG.to_owned(), false);
            }
            return Vec::new();
        };
        match field {
            Field::Image(of) => return self.look_at(of, path),
            Field::SaveFile => {
                self.edit(field, path.display().to_string());
                self.save.replace = true;
            }
            Field::ReportFile => {
                self.edit(field, path.display().to_string());
                if let Screen::Done(outcome) = &mut self.screen {
                    outcome.report_picked = true;
                }
                return self.save_report();
            }
            _ => {}
        }
        Vec::new()
    }

    fn drop_file(&mut self, path: PathBuf) -> Vec<Command> {
        match (&self.screen, self.page) {
            (Screen::Choose, Page::Make) => self.look_at(ImageOf::Make, path),
            (Screen::Choose, Page::Check) => {
                self.check.with = crate::gui::action::CheckWith::Image;
                self.look_at(ImageOf::Check, path)
            }
            _ => Vec::new(),
        }
    }

    fn choose_drive(&mut self, identity: Identity) {
        let choosable =
            self.cards(self.page).iter().any(|card| card.choosable && card.drive.identity == identity);
        if !choosable {
            return;
        }
        self.notice = None;
        match self.page {
            Page::Make => self.make.target = Some(identity),
            Page::Check => self.check.drive = Some(identity),
            Page::Save => {
                if self.save.suggested || self.save.file.is_empty() {
                    self.save.file = text::suggested_save_file(&self.home, &identity);
                    self.save.suggested = true;
                }
                self.save.drive = Some(identity);
            }
        }
        self.make.replan(&self.drives);
    }

    fn set(&mut self, switch: Switch, on: bool) {
        match switch {
            Switch::ShowAllDrives => {
                self.drives.show_all = on;
                self.drop_unseen_choices();
            }
            Switch::Verify => self.make.verify = on,
            Switch::BlockMap => self.make.block_map = on,
            Switch::SkipHoles => self.make.skip_holes = on,
            Switch::Replace => self.save.replace = on,
        }
        self.make.replan(&self.drives);
    }

    /// A choice that is not on the screen any more must not be acted upon.
    fn drop_unseen_choices(&mut self) {
        for page in Page::ALL {
            let Some(chosen) = self.chosen_drive(page) else { continue };
            if !self.cards(page).iter().any(|card| card.drive.identity.path == chosen.path) {
                self.forget_drive(page);
            }
        }
    }

    fn forget_drive(&mut self, page: Page) {
        match page {
            Page::Make => {
                self.make.target = None;
                self.make.replan(&self.drives);
            }
            Page::Check => self.check.drive = None,
            Page::Save => self.save.drive = None,
        }
    }

    /// Holds every choice against the drives as they are now, and drops those that are not the same any more.
    fn drives_changed(&mut self) {
        for page in Page::ALL {
            let Some(chosen) = self.chosen_drive(page) else { continue };
            let title = text::drive_name(chosen);
            let reason = match self.drives.find(&chosen.path) {
                None => Some(text::choice_vanished(&title)),
                Some(now) => match chosen.difference(&now.identity) {
                    Some(difference) => Some(text::choice_changed(&title, &difference)),
                    None => match standing::judge(now, self.sources(page)) {
                        Standing::Forbidden(reason) if page == Page::Make => {
                            Some(text::choice_forbidden(&title, &reason))
                        }
                        _ => None,
                    },
                },
            };
            // While a job runs it watches its drive itself, and a choice that goes is no news.
            if let Some(reason) = reason {
                self.forget_drive(page);
                if !self.is_working() && page == self.page {
                    self.tell(reason, true);
                }
            }
        }
        self.refresh_confirm();
        if let Some(path) = &self.awaited_practice
            && let Some(drive) = self.drives.find(path)
            && drive.bus == Bus::Practice
        {
            self.make.target = Some(drive.identity.clone());
            self.awaited_practice = None;
        }
        self.make.replan(&self.drives);
    }

    /// Confirm shows the drive as it is now, or goes back when the choice was dropped.
    fn refresh_confirm(&mut self) {
        let Screen::Confirm(confirm) = &mut self.screen else { return };
        let chosen = self.make.target.as_ref();
        let now = self.drives.find(&confirm.drive.identity.path);
        match now.filter(|_| chosen == Some(&confirm.drive.identity)) {
            Some(drive) => confirm.drive = drive.clone(),
            None => self.enter(Screen::Choose),
        }
    }
}

/// `~` as shells read it, for paths that are typed.
fn expand_home(typed: &str, home: &Path) -> PathBuf {
    match typed.strip_prefix('~') {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed.strip_prefix("file://").unwrap_or(typed)),
    }
}
