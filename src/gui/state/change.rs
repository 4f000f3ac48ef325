//! The page that gives a Windows stick another answer file, or takes it away: what is chosen, and what Confirm asks then.

use std::path::PathBuf;

use super::erase::refusal_to_write;
use super::fields::expand_home;
use super::{Confirm, DriveList, Missing, Screen, State};
use crate::device::Identity;
use crate::gui::action::{Agreement, ChangeTo, Command, StickLook};
use crate::job::{AnswerChangeRequest, Request};
use crate::plan::Refusal;

/// What is chosen on the page.
#[derive(Debug, Default)]
pub struct Change {
    pub drive: Option<Identity>,
    pub to: ChangeTo,
    /// Of a profile or an answer file, as it is typed. It is read when Confirm opens, so that it is never out of date.
    pub path: String,
    /// Of the last look at a stick.
    serial: u32,
}

impl Change {
    pub fn refusal(&self, drives: &DriveList) -> Option<Refusal> {
        refusal_to_write(self.drive.as_ref(), drives)
    }

    pub fn missing(&self, drives: &DriveList) -> Option<Missing> {
        if self.drive.is_none() {
            return Some(Missing::Drive);
        }
        if self.to == ChangeTo::File && self.path.trim().is_empty() {
            return Some(Missing::File);
        }
        self.refusal(drives).map(|_| Missing::Refused)
    }
}

/// What Confirm asks: it opens before the stick has been looked at, and nothing can begin before that.
#[derive(Clone, Debug)]
pub struct ChangeQuestion {
    pub to: ChangeTo,
    serial: u32,
    /// `None`: it is still looked at. The error is a sentence.
    pub look: Option<Result<StickLook, String>>,
    /// The answer file that came with the image, or from somebody else, goes.
    pub replaces: bool,
    /// The new one may erase the disks that it names.
    pub may_erase: bool,
}

impl ChangeQuestion {
    #[cfg(test)]
    pub(super) fn serial(&self) -> u32 {
        self.serial
    }

    pub fn known(&self) -> Option<&StickLook> {
        self.look.as_ref()?.as_ref().ok()
    }

    /// What Setup will erase by the new file: a sentence.
    pub fn erases(&self) -> Option<&String> {
        self.known()?.new.as_ref()?.prepared.as_ref().ok()?.erases.as_ref()
    }

    /// An answer file is there that this program did not put there.
    pub fn has_others(&self) -> bool {
        self.known().is_some_and(|look| !look.there.others.is_empty())
    }

    /// There is none that could be taken away.
    pub fn is_pointless(&self) -> bool {
        self.to == ChangeTo::Nothing
            && self.known().is_some_and(|look| look.there.answers.is_empty() && look.there.parts.is_empty())
    }

    /// It can be done, as far as is known.
    pub fn is_possible(&self) -> bool {
        let Some(look) = &self.look else { return true };
        match (self.to, look.as_ref().map(|look| &look.new)) {
            (ChangeTo::File, Ok(Some(new))) => new.prepared.is_ok(),
            (ChangeTo::Nothing, Ok(None)) => !self.is_pointless(),
            _ => false,
        }
    }

    pub(super) fn is_allowed(&self) -> bool {
        let is_ready = self.known().is_some() && self.is_possible();
        is_ready && (self.replaces || !self.has_others()) && (self.may_erase || self.erases().is_none())
    }

    /// What the job is to do; `None`: not everything is known that it needs.
    pub(super) fn request(&self, target: Identity) -> Option<Request> {
        let look = self.known().filter(|_| self.is_allowed())?;
        let answer = look.new.as_ref().map(|new| new.file.clone());
        let replaces = self.replaces;
        Some(Request::AnswerChange(AnswerChangeRequest { target, end_uses: Vec::new(), answer, replaces }))
    }
}

impl State {
    /// Confirm opens, and the stick is looked at.
    pub(super) fn ask_to_change(&mut self) -> Vec<Command> {
        let Some(mut stick) = self.to_write_without_image() else { return Vec::new() };
        let change = &mut self.change;
        change.serial += 1;
        let (serial, to) = (change.serial, change.to);
        let typed = change.path.trim();
        let file: Option<PathBuf> = (to == ChangeTo::File).then(|| expand_home(typed, &self.home));
        let drive = stick.drive.identity.clone();
        let question = ChangeQuestion { to, serial, look: None, replaces: false, may_erase: false };
        stick.change = Some(Box::new(question));
        self.enter(Screen::Confirm(Box::new(Confirm { sticks: vec![stick] })));
        vec![Command::LookAtStick { serial, drive, file }]
    }

    fn question(&mut self) -> Option<&mut ChangeQuestion> {
        let Screen::Confirm(confirm) = &mut self.screen else { return None };
        confirm.sticks.first_mut()?.change.as_deref_mut()
    }

    /// An answer to an older question is dropped.
    pub(super) fn stick_looked_at(&mut self, serial: u32, look: Result<StickLook, String>) {
        if let Some(question) = self.question().filter(|it| it.serial == serial && it.look.is_none()) {
            question.look = Some(look);
        }
    }

    /// What does not stand on the screen cannot be agreed to.
    pub(super) fn agree(&mut self, agreement: Agreement, on: bool) {
        let Some(question) = self.question() else { return };
        match agreement {
            Agreement::ReplaceOthers => question.replaces = on && question.has_others(),
            Agreement::EraseDisks => question.may_erase = on && question.erases().is_some(),
        }
    }
}
