//! Profiles and answer files that are read and written.

use std::path::{Path, PathBuf};

use super::{Answering, OwnXml, Used, form_of};
use crate::answer::{
    AnswerOptions, Disks, ProductKey, ProfileFormat, Secret, SecretBytes, Secrets, read_profile, read_xml,
    write_profile,
};
use crate::gui::action::{AnswerText, Command, Panel, ReadFor};
use crate::gui::state::{Screen, State, fields::expand_home};
use crate::gui::text;

impl Answering {
    pub fn has_secrets(&self) -> bool {
        let options = &self.checked.options;
        matches!(options.setup.product_key, Some(ProductKey::Key(_)))
            || options.accounts.administrator_password.is_some()
            || options.accounts.users.iter().any(|user| user.password.is_some())
    }

    /// Consent to erase a disk is not taken from a file: a person gives it here, having seen what it is for.
    pub(super) fn take_profile(&mut self, options: &AnswerOptions) {
        self.form = form_of(options);
        self.form.forget_consent();
        self.checked.last = None;
        self.check();
    }

    /// The path in the panel's field.
    fn panel_file(&self, home: &Path) -> Option<PathBuf> {
        let typed = self.panel_path.trim();
        (!typed.is_empty()).then(|| expand_home(typed, home))
    }

    /// Whether the panel's button works.
    pub fn can_do_panel(&self) -> bool {
        !self.panel_path.trim().is_empty()
            && match self.panel {
                None => false,
                Some(Panel::Load) => true,
                // A profile with a fault in it can be saved; a number that is none has no place in one.
                Some(Panel::Save) => self.save_with.is_some() && self.checked.is_whole,
                Some(Panel::Export) => self.checked.answer.is_some(),
            }
    }
}

impl State {
    /// Make: the file whose path was typed or picked.
    pub(super) fn use_file(&mut self) -> Vec<Command> {
        let typed = self.make.answer.use_path.trim();
        if typed.is_empty() {
            return Vec::new();
        }
        let path = expand_home(typed, &self.home);
        self.read_answer(ReadFor::Use, path)
    }

    fn read_answer(&mut self, read_for: ReadFor, path: PathBuf) -> Vec<Command> {
        let answer = &mut self.make.answer;
        if answer.reading.as_ref() == Some(&(read_for, path.clone())) {
            return Vec::new();
        }
        answer.failed = None;
        answer.said = None;
        answer.reading = Some((read_for, path.clone()));
        vec![Command::ReadAnswer(read_for, path)]
    }

    /// An answer to an older question is dropped.
    pub(in crate::gui::state) fn answer_read(
        &mut self,
        read_for: ReadFor,
        path: &Path,
        answer: Result<SecretBytes, String>,
    ) -> Vec<Command> {
        if self.make.answer.reading.as_ref().is_none_or(|(of, asked)| *of != read_for || asked != path) {
            return Vec::new();
        }
        self.make.answer.reading = None;
        let name = text::file_name(path);
        let taken = match answer {
            Err(error) => Err(text::answer_not_read(&name, &error)),
            Ok(bytes) => self.take_file(read_for, path, bytes),
        };
        let answer = &mut self.make.answer;
        match (read_for, taken) {
            (ReadFor::Use, Ok(())) => answer.asks_for_file = false,
            (ReadFor::Use, Err(error)) => answer.failed = Some(error),
            (ReadFor::Form, Ok(())) => {
                answer.panel = None;
                self.tell(text::answer_loaded(&name), false);
            }
            (ReadFor::Form, Err(error)) => answer.said = Some(Err(error)),
        }
        self.answer_changed();
        if read_for == ReadFor::Use { self.prepare_answer() } else { Vec::new() }
    }

    fn take_file(&mut self, read_for: ReadFor, path: &Path, bytes: SecretBytes) -> Result<(), String> {
        let name = text::file_name(path);
        let target = self.make.answer.target().cloned();
        let answer = &mut self.make.answer;
        if is_xml(bytes.reveal()) {
            if read_for == ReadFor::Use {
                answer.xml = Some(OwnXml::new(name, bytes, target.as_ref()));
                answer.used = Used::Xml;
                answer.prepared = None;
                return Ok(());
            }
            let version = target.map_or(crate::answer::Version::Seven, |target| target.version);
            let reading = read_xml(bytes.reveal(), None, version)?;
            if !reading.left_over.is_empty() {
                return Err(text::left_over(&name, &reading.left_over));
            }
            answer.take_profile(&reading.options);
        } else {
            let options =
                read_profile(bytes.reveal()).map_err(|error| text::profile_not_used(&name, &error))?;
            let erases = matches!(options.disks, Disks::Wipe(_));
            answer.take_profile(&options);
            if erases {
                answer.section = crate::gui::action::Section::Disks;
            }
        }
        answer.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        answer.name = Some(name);
        answer.used = Used::Form;
        answer.xml = None;
        Ok(())
    }

    pub(super) fn do_panel(&mut self) -> Vec<Command> {
        let answer = &self.make.answer;
        if !matches!(self.screen, Screen::Answer) || !answer.can_do_panel() {
            return Vec::new();
        }
        let (Some(path), Some(panel)) = (answer.panel_file(&self.home), answer.panel) else {
            return Vec::new();
        };
        let text = match panel {
            Panel::Load => return self.read_answer(ReadFor::Form, path),
            Panel::Save => {
                let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
                let format = if is_json { ProfileFormat::Json } else { ProfileFormat::Toml };
                let secrets = answer.save_with.unwrap_or(Secrets::Masked);
                write_profile(&answer.checked.options, format, secrets)
            }
            Panel::Export => match &answer.checked.answer {
                Some(made) => made.document.to_xml(Secrets::Shown),
                None => return Vec::new(),
            },
        };
        vec![Command::WriteAnswer { path, text: Secret::new(text), replace: answer.panel_picked }]
    }

    pub(in crate::gui::state) fn answer_written(&mut self, result: Result<PathBuf, String>) {
        let answer = &mut self.make.answer;
        match result {
            Ok(path) => {
                answer.panel = None;
                self.tell(text::answer_saved(&path), false);
            }
            Err(error) => answer.said = Some(Err(error)),
        }
    }

    /// A dialog has filled one of the paths.
    pub(in crate::gui::state) fn answer_picked(&mut self, text: AnswerText, path: &Path) -> Vec<Command> {
        self.make.answer.put(text, path.display().to_string());
        match text {
            AnswerText::UsePath => self.use_file(),
            AnswerText::PanelPath => {
                self.make.answer.panel_picked = true;
                self.do_panel()
            }
            _ => Vec::new(),
        }
    }
}

/// An answer file rather than a profile.
fn is_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let is_utf16 = matches!(text, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, ..] | [0, b'<', ..]);
    is_utf16 || text.trim_ascii_start().first() == Some(&b'<')
}
