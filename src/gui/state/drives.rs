//! The choice of drives: made by the user alone, and dropped as soon as one is not what was chosen.

use super::{Screen, State, Target, judge_for_erasing};
use crate::device::{Bus, Identity, Standing};
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
            Page::Make if self.make.target(&identity).is_some() => {}
            Page::Make => self.make.targets.push(Target { drive: identity, plan: None }),
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
            Page::Answer => self.change.drive = Some(identity),
        }
        self.make.replan(&self.drives);
        self.restore.replan(&self.drives);
    }

    pub(super) fn unchoose_drive(&mut self, identity: &Identity) {
        self.notice = None;
        self.forget_drive(self.page, identity);
    }

    pub(super) fn set(&mut self, switch: Switch, on: bool) {
        match switch {
            Switch::ShowAllDrives => {
                self.drives.show_all = on;
                self.drop_unseen_choices();
            }
            Switch::FindDrive => self.drives.arrivals = on.then(Vec::new),
            Switch::Verify => self.make.verify = on,
            Switch::BlockMap => self.make.block_map = on,
            Switch::SkipHoles => self.make.skip_holes = on,
            Switch::Replace => self.save.replace = on,
            Switch::DriversInSetup => self.load_drivers_in_setup(on),
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
            let cards = self.cards(page);
            for chosen in self.chosen_drives(page).into_iter().cloned().collect::<Vec<_>>() {
                if !cards.iter().any(|card| card.drive.identity.path == chosen.path) {
                    self.forget_drive(page, &chosen);
                }
            }
        }
    }

    pub(super) fn forget_drive(&mut self, page: Page, drive: &Identity) {
        let is_it = |chosen: &mut Identity| *chosen == *drive;
        match page {
            Page::Make => self.make.targets.retain(|target| target.drive != *drive),
            Page::Check => drop(self.check.drive.take_if(is_it)),
            Page::Save => drop(self.save.drive.take_if(is_it)),
            Page::Test => drop(self.test.drive.take_if(is_it)),
            Page::Answer => drop(self.change.drive.take_if(is_it)),
            Page::Restore => {
                self.restore.drive.take_if(is_it);
                self.restore.replan(&self.drives);
            }
        }
    }

    /// Holds every choice against the drives as they are now, and drops those that are not the same any more.
    pub(super) fn drives_changed(&mut self) {
        let mut dropped = Vec::new();
        for page in Page::ALL {
            for chosen in self.chosen_drives(page).into_iter().cloned().collect::<Vec<_>>() {
                let Some(reason) = self.reason_to_drop(page, &chosen) else { continue };
                self.forget_drive(page, &chosen);
                if page == self.page {
                    dropped.push(reason);
                }
            }
        }
        // While a job runs it watches its drive itself, and a choice that goes is no news.
        if !self.is_working() && !dropped.is_empty() {
            self.tell(dropped.join(" "), true);
        }
        self.refresh_confirm();
        self.restore.replan(&self.drives);
        if let Some(path) = &self.awaited_practice
            && let Some(drive) = self.drives.find(path)
            && drive.bus == Bus::Practice
        {
            self.make.targets.push(Target { drive: drive.identity.clone(), plan: None });
            self.awaited_practice = None;
        }
        self.make.replan(&self.drives);
    }

    /// A sentence; `None`: it is still the drive that was chosen, and may be.
    fn reason_to_drop(&self, page: Page, chosen: &Identity) -> Option<String> {
        let title = text::drive_name(chosen);
        let Some(now) = self.drives.find(&chosen.path) else { return Some(text::choice_vanished(&title)) };
        if let Some(difference) = chosen.difference(&now.identity) {
            return Some(text::choice_changed(&title, &difference));
        }
        match judge_for_erasing(now, self.sources(page)) {
            Standing::Forbidden(reason) if page.writes() => Some(text::choice_forbidden(&title, &reason)),
            _ => None,
        }
    }

    /// Confirm shows the drives as they are now, or goes back when one of them is not what it was.
    fn refresh_confirm(&mut self) {
        let chosen: Vec<Identity> = self.chosen_drives(self.page).into_iter().cloned().collect();
        let Screen::Confirm(confirm) = &mut self.screen else { return };
        let mut asked_anew = None;
        for stick in &mut confirm.sticks {
            let identity = &stick.drive.identity;
            let now = self.drives.find(&identity.path).filter(|_| chosen.contains(identity));
            // What has become an internal drive meanwhile needs its name typed.
            let now = now.filter(|now| {
                stick.caution.is_some() || !matches!(judge_for_erasing(now, &[]), Standing::Hidden(_))
            });
            match now {
                Some(drive) if stick.renew(drive) => asked_anew = Some(text::uses_changed(&drive.title())),
                Some(_) => {}
                None => return self.enter(Screen::Choose),
            }
        }
        if let Some(words) = asked_anew {
            self.tell(words, true);
        }
    }
}
