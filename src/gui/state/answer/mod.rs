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
use crate::answer::{Architecture, Secrets, Target, Version};
use crate::gui::action::{AnswerPick, AnswerText, DisksChoice, Panel, ReadFor, Section};
use crate::source::windows::{self, WindowsFacts};

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
    /// What the image says of itself, as answer files say it; `None`: it is no Windows media of a known version.
    pub target: Option<Target>,
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
        self.checked = Checked::of(&self.form, self.target.as_ref(), last);
    }

    /// What was consented to for one image is not consented to for the next.
    pub(super) fn image_changed(&mut self, windows: Option<&WindowsFacts>) {
        self.replaces = false;
        self.form.forget_consent();
        self.target = windows.and_then(target);
        self.checked.last = None;
        self.check();
        if let Some(xml) = &mut self.xml {
            xml.check(self.target.as_ref());
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
            let is_certain = self.target.as_ref().is_some_and(|it| it.version >= Version::Eleven);
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

    /// `image_has_one`: an answer file lies on the image already.
    pub(super) fn missing(&self, image_has_one: bool) -> Option<Missing> {
        if self.reading.as_ref().is_some_and(|(read_for, _)| *read_for == ReadFor::Use) {
            return Some(Missing::AnswerWait);
        }
        let is_usable = match self.used {
            Used::Nothing => return None,
            Used::Form => self.checked.answer.is_some(),
            Used::Xml => self.xml.as_ref().is_some_and(OwnXml::is_usable),
        };
        if !is_usable {
            return Some(Missing::UsableAnswer);
        }
        (image_has_one && !self.replaces).then_some(Missing::AnswerReplaces)
    }
}

/// Which Windows, and which machines, as answer files say it.
fn target(windows: &WindowsFacts) -> Option<Target> {
    let version = Version::of_image(windows.version?)?;
    let known = windows.architectures.iter().filter_map(|architecture| match architecture {
        windows::Architecture::X86 => Some(Architecture::X86),
        windows::Architecture::X64 => Some(Architecture::Amd64),
        windows::Architecture::Arm64 => Some(Architecture::Arm64),
        windows::Architecture::Arm => None,
    });
    let architectures: Vec<_> = known.collect();
    (!architectures.is_empty()).then_some(Target { version, architectures })
}

impl State {
    /// Whatever the form, the file or the media have become.
    fn answer_changed(&mut self) {
        self.make.replan(&self.drives);
    }
}
