//! The answer file of a Windows stick: none, one that the form makes, or an XML file of the user's own.
//!
//! ```text
//! form (texts) -convert-> AnswerOptions -checked-> answer file, or complaints at fields
//!   ^------------convert------|
//! ```

mod checked;
mod convert;
mod files;
mod form;
mod own_xml;
mod steps;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use super::{Missing, State};
use crate::answer::{Secrets, Target, Version};
use crate::gui::action::{AnswerPick, AnswerText, Command, DisksChoice, Panel, ReadFor, Section};
use crate::gui::text;
use crate::job::AnswerChoice;
use crate::source::windows::WindowsFacts;
use crate::source::{AnswerFile, PreparedAnswer, target_of_media};

pub use checked::Checked;
pub use convert::{form as form_of, options as options_of};
pub use form::{Form, LAYOUT_PATH, NETWORK_PATH, StepKind, StepRow, TELEMETRY_PATH};
pub use own_xml::OwnXml;

/// Which answer file goes onto the stick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Used {
    #[default]
    Nothing,
    Form,
    Xml,
}

#[derive(Debug, Default)]
pub struct Answering {
    pub used: Used,
    pub form: Form,
    pub checked: Checked,
    /// What the image says of itself, as answer files say it; the error is a sentence. `None`: no image is known.
    pub media: Option<Result<Target, String>>,
    /// What the stick gets for it; the error is a sentence. `None`: it is not looked at yet, or nothing is used.
    pub prepared: Option<Result<PreparedAnswer, String>>,
    /// Of the question whose answer is waited for.
    serial: u32,
    /// The image's own answer file gives way.
    pub replaces: bool,
    /// Where the profile lies: its files are beside it.
    pub folder: PathBuf,
    /// The name of the profile's file, where it was read from one.
    pub name: Option<String>,
    pub xml: Option<OwnXml>,
    /// A file is being read.
    pub reading: Option<(ReadFor, PathBuf)>,
    /// Why the file that was named last cannot be used: a sentence.
    pub failed: Option<String>,
    /// Make: the field for a file's path is there.
    pub asks_for_file: bool,
    pub use_path: String,
    // The form's page.
    pub section: Section,
    pub shows_preview: bool,
    pub shows_secrets: bool,
    pub lists_zones: bool,
    pub new_step: String,
    pub panel: Option<Panel>,
    pub panel_path: String,
    /// A dialog has asked already whether to replace the file.
    panel_picked: bool,
    /// How a profile is saved; to be chosen.
    pub save_with: Option<Secrets>,
    /// What came of the panel.
    pub said: Option<Result<String, String>>,
}

impl Answering {
    /// After every change of the form or the media.
    fn check(&mut self) {
        let last = self.checked.last.take();
        self.checked = Checked::of(&self.form, self.target(), last);
        self.prepared = None;
    }

    /// `None`: no form can be made into an answer file.
    pub fn target(&self) -> Option<&Target> {
        self.media.as_ref()?.as_ref().ok()
    }

    /// What was consented to for one image is not consented to for the next.
    pub(super) fn image_changed(&mut self, windows: Option<&WindowsFacts>) {
        self.replaces = false;
        self.form.forget_consent();
        self.media = windows.map(target_of_media);
        self.checked.last = None;
        self.check();
        let target = self.target().cloned();
        if let Some(xml) = &mut self.xml {
            xml.check(target.as_ref());
        }
    }

    fn put(&mut self, text: AnswerText, value: String) {
        match text {
            AnswerText::NewStep => self.new_step = value,
            AnswerText::UsePath => self.use_path = value,
            AnswerText::PanelPath => {
                self.panel_path = value;
                self.panel_picked = false;
                self.said = None;
            }
            _ => {
                if matches!(text, AnswerText::Disk | AnswerText::StickDisk) {
                    self.form.forget_consent();
                }
                if text == AnswerText::TimeZone {
                    self.lists_zones = false;
                }
                let asks_how_often = text == AnswerText::LogonUser
                    && !value.is_empty()
                    && self.form.text(AnswerText::LogonCount).is_empty();
                self.form.put(text, value);
                if asks_how_often {
                    self.form.put(AnswerText::LogonCount, "1");
                }
                self.check();
            }
        }
    }

    fn pick(&mut self, pick: AnswerPick) {
        self.form.pick(pick);
        if pick == AnswerPick::Disks(DisksChoice::Wipe) && self.form.layout.is_none() {
            // Windows 11 starts by UEFI alone.
            let is_certain = self.target().is_some_and(|it| it.version >= Version::Eleven);
            self.form.layout = is_certain.then_some(crate::answer::Layout::Uefi);
        }
        self.check();
    }

    fn consent(&mut self, on: bool) {
        let disk = self.form.text(AnswerText::Disk).trim().to_owned();
        let words = if on { format!("erase disk {disk}") } else { String::new() };
        self.form.put(AnswerText::Consent, words);
        self.check();
    }

    /// What can be said without looking at other files.
    fn is_usable(&self) -> bool {
        match self.used {
            Used::Nothing => false,
            Used::Form => self.checked.answer.is_some(),
            Used::Xml => self.xml.as_ref().is_some_and(OwnXml::is_usable),
        }
    }

    /// What the job is told.
    pub(super) fn choice(&self) -> Option<AnswerChoice> {
        let file = match self.used {
            _ if !self.is_usable() => return None,
            Used::Nothing => return None,
            Used::Form => AnswerFile::Profile {
                options: Box::new(self.checked.options.clone()),
                folder: self.folder.clone(),
                name: self.name.clone().unwrap_or_else(|| text::FORM_ANSWERS.to_owned()),
            },
            Used::Xml => {
                let xml = self.xml.as_ref()?;
                AnswerFile::Xml { bytes: xml.bytes().clone(), name: xml.name.clone() }
            }
        };
        Some(AnswerChoice { file, replaces: self.replaces })
    }

    /// `image_has_one`: an answer file lies on the image already.
    pub(super) fn missing(&self, image_has_one: bool) -> Option<Missing> {
        if self.reading.as_ref().is_some_and(|(read_for, _)| *read_for == ReadFor::Use) {
            return Some(Missing::AnswerWait);
        }
        if self.used == Used::Nothing {
            return None;
        }
        match &self.prepared {
            _ if !self.is_usable() => return Some(Missing::UsableAnswer),
            None => return Some(Missing::AnswerWait),
            Some(Err(_)) => return Some(Missing::UsableAnswer),
            Some(Ok(_)) => {}
        }
        (image_has_one && !self.replaces).then_some(Missing::AnswerReplaces)
    }
}

impl State {
    /// Whatever the form, the file or the media have become.
    fn answer_changed(&mut self) {
        self.make.replan(&self.drives);
    }

    /// Looks whether it goes with the image, as soon as both are there.
    pub(super) fn prepare_answer(&mut self) -> Vec<Command> {
        let image = self.make.image.known().filter(|_| self.make.takes_own_files());
        let (Some(image), Some(choice)) = (image, self.make.answer.choice()) else { return Vec::new() };
        let image = Box::new(image.facts.clone());
        let answer = &mut self.make.answer;
        answer.prepared = None;
        answer.serial += 1;
        vec![Command::PrepareAnswer { serial: answer.serial, choice: Box::new(choice), image }]
    }

    /// An answer to an older question is dropped.
    pub(super) fn answer_prepared(&mut self, serial: u32, prepared: Result<PreparedAnswer, String>) {
        let answer = &mut self.make.answer;
        if answer.serial == serial && answer.used != Used::Nothing {
            answer.prepared = Some(prepared);
            self.answer_changed();
        }
    }
}
