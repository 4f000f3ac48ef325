//! The choice of a drive: made by the user alone, and dropped as soon as it is not what was chosen.

use super::{Screen, State};
use crate::device::{Bus, Identity, Standing, standing};
use crate::gui::action::{Page, Switch};
use crate::gui::text;

impl State {
    pub(super) fn choose_drive(&mut self, identity: Identity) {
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
            Page::Test => self.test.drive = Some(identity),
            Page::Restore => self.restore.drive = Some(identity),
        }
        self.make.replan(&self.drives);
        self.restore.replan(&self.drives);
    }

    pub(super) fn set(&mut self, switch: Switch, on: bool) {
        match switch {
            Switch::ShowAllDrives => {
                self.drives.show_all = on;
                self.drop_unseen_choices();
            }
            Switch::Verify => self.make.verify = on,
            Switch::BlockMap => self.make.block_map = on,
            Switch::SkipHoles => self.make.skip_holes = on,
            Switch::Replace => self.save.replace = on,
            Switch::ReplaceInImage(id) => {
                if let Some(entry) = self.make.own.find(id) {
                    entry.replace_in_image(on);
                }
            }
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

    pub(super) fn forget_drive(&mut self, page: Page) {
        match page {
            Page::Make => {
                self.make.target = None;
                self.make.replan(&self.drives);
            }
            Page::Check => self.check.drive = None,
            Page::Save => self.save.drive = None,
            Page::Test => self.test.drive = None,
            Page::Restore => {
                self.restore.drive = None;
                self.restore.replan(&self.drives);
            }
        }
    }

    /// Holds every choice against the drives as they are now, and drops those that are not the same any more.
    pub(super) fn drives_changed(&mut self) {
        for page in Page::ALL {
            let Some(chosen) = self.chosen_drive(page) else { continue };
            let title = text::drive_name(chosen);
            let reason = match self.drives.find(&chosen.path) {
                None => Some(text::choice_vanished(&title)),
                Some(now) => match chosen.difference(&now.identity) {
                    Some(difference) => Some(text::choice_changed(&title, &difference)),
                    None => match standing::judge(now, self.sources(page)) {
                        Standing::Forbidden(reason) if page.erases() => {
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
        self.refresh_confirm_erase();
        self.restore.replan(&self.drives);
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
