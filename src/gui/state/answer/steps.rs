//! What is done on the Make page's row and on the form.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{StepKind, Used};
use crate::answer::Secrets;
use crate::gui::action::{
    AnswerAction, AnswerText, Command, Dialog, Field, Page, Panel, Section, StepText, UserText,
};
use crate::gui::state::{Screen, State, fields::expand_home};
use crate::gui::text;
use crate::region::ThisRegion;

impl State {
    pub(in crate::gui::state) fn answer(&mut self, now: Duration, action: AnswerAction) -> Vec<Command> {
        // Only the form is changed on its own page; the rest belongs to Make.
        if !matches!(self.screen, Screen::Choose | Screen::Answer) || self.page != Page::Make {
            return Vec::new();
        }
        let answer = &mut self.make.answer;
        match action {
            AnswerAction::Edit => {
                if answer.target().is_some() {
                    answer.used = Used::Form;
                    answer.asks_for_file = false;
                    answer.failed = None;
                    answer.section = answer.checked.first_broken().unwrap_or(answer.section);
                    answer.shows_preview = false;
                    self.enter(Screen::Answer);
                }
            }
            AnswerAction::Back => return self.leave_form(),
            AnswerAction::Remove => {
                answer.used = Used::Nothing;
                answer.xml = None;
                answer.replaces = false;
                answer.failed = None;
                // To be given anew, should the form be used again.
                answer.form.forget_consent();
                answer.check();
            }
            AnswerAction::AskForFile(on) => {
                answer.asks_for_file = on;
                answer.failed = None;
                if on {
                    return self.open_dialog(now, Dialog::Fill(Field::Answer(AnswerText::UsePath)));
                }
            }
            AnswerAction::Replace(on) => answer.replaces = on,
            AnswerAction::Show(section) => {
                answer.section = section;
                answer.shows_preview = false;
            }
            AnswerAction::ShowPreview => answer.shows_preview = true,
            AnswerAction::ShowSecrets(on) => answer.shows_secrets = on,
            AnswerAction::ListZones(on) => answer.lists_zones = on,
            AnswerAction::Set(switch, on) => {
                answer.form.switch(switch, on);
                answer.check();
            }
            AnswerAction::Pick(pick) => answer.pick(pick),
            AnswerAction::Consent(on) => answer.consent(on),
            AnswerAction::Administrator(user, on) => {
                answer.form.make_administrator(user, on);
                answer.check();
            }
            AnswerAction::AddUser => {
                let user = answer.form.add_user();
                if answer.form.users.len() == 1 {
                    // Somebody has to be one.
                    answer.form.make_administrator(user, true);
                } else {
                    answer.form.put(AnswerText::User(user, UserText::Groups), "Users");
                }
                answer.check();
            }
            AnswerAction::AddCommand => {
                answer.form.add_step(StepKind::Command);
                answer.check();
            }
            AnswerAction::RemoveRow(row) => {
                answer.form.remove_row(row);
                answer.check();
            }
            AnswerAction::MoveStep(row, to) => {
                answer.form.move_step(row, to);
                answer.check();
            }
            AnswerAction::UseThisRegion => return vec![Command::ReadRegion],
            AnswerAction::Panel(panel) => return self.open_panel(now, panel),
            AnswerAction::SaveWith(secrets) => answer.save_with = Some(secrets),
            AnswerAction::DoPanel => return self.do_panel(),
            AnswerAction::EditXml => {
                if let Some(Ok(options)) = answer.xml.as_ref().map(|xml| xml.as_profile.clone()) {
                    answer.take_profile(&options);
                    answer.xml = None;
                    answer.used = Used::Form;
                    answer.section = Section::default();
                    self.enter(Screen::Answer);
                }
            }
        }
        self.answer_changed();
        Vec::new()
    }

    /// A form in which nothing is answered is no answer file.
    pub(in crate::gui::state) fn leave_form(&mut self) -> Vec<Command> {
        if matches!(self.screen, Screen::Answer) {
            let answer = &mut self.make.answer;
            answer.panel = None;
            answer.lists_zones = false;
            answer.shows_secrets = false;
            if answer.used == Used::Form && !answer.checked.is_broken() && !answer.checked.answers_anything()
            {
                answer.used = Used::Nothing;
            }
            self.enter(Screen::Choose);
            self.answer_changed();
            return self.prepare_answer();
        }
        Vec::new()
    }

    pub(in crate::gui::state) fn edit_answer(&mut self, text: AnswerText, value: String) {
        self.make.answer.put(text, value);
        self.answer_changed();
    }

    pub(in crate::gui::state) fn commit_answer(&mut self, text: AnswerText) -> Vec<Command> {
        match text {
            AnswerText::NewStep => {
                let typed = std::mem::take(&mut self.make.answer.new_step);
                if !typed.trim().is_empty() {
                    let file = expand_home(typed.trim(), &self.home);
                    self.add_steps(&[file]);
                }
                Vec::new()
            }
            AnswerText::UsePath => self.use_file(),
            AnswerText::PanelPath => self.do_panel(),
            _ => Vec::new(),
        }
    }

    /// Each is called by its file's name, until the user says otherwise.
    pub(in crate::gui::state) fn add_steps(&mut self, files: &[PathBuf]) {
        let answer = &mut self.make.answer;
        for file in files {
            let id = answer.form.add_step(StepKind::File);
            let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            answer.form.put(AnswerText::Step(id, StepText::Name), name);
            answer.form.put(AnswerText::Step(id, StepText::File), file.display().to_string());
            if let Some(arguments) = usual_arguments(file) {
                answer.form.put(AnswerText::Step(id, StepText::Arguments), arguments);
            }
        }
        answer.check();
        self.answer_changed();
    }

    /// What this computer does not tell stays as it is.
    pub(in crate::gui::state) fn take_region(&mut self, region: &ThisRegion) {
        let languages = self
            .make
            .image
            .known()
            .and_then(|image| image.facts.windows.as_deref())
            .map_or(&[][..], |windows| &windows.languages);
        let language = region.language.as_deref().and_then(|tag| of_the_media(tag, languages));
        let answer = &mut self.make.answer;
        for (text, value) in [
            (AnswerText::SetupLanguage, language.clone()),
            (AnswerText::UiLanguage, language),
            (AnswerText::SystemLocale, region.language.clone()),
            (AnswerText::UserLocale, region.formats.clone()),
            (AnswerText::Keyboards, Some(region.keyboards.join(", ")).filter(|it| !it.is_empty())),
            (AnswerText::TimeZone, region.time_zone.clone()),
        ] {
            if let Some(value) = value {
                answer.form.put(text, value);
            }
        }
        answer.check();
        self.answer_changed();
        let words = if region.is_empty() { text::REGION_SAYS_NOTHING } else { text::REGION_TAKEN };
        self.tell(words.to_owned(), region.is_empty());
    }

    /// With the dialog that fills its path, unless something else is to be chosen first.
    fn open_panel(&mut self, now: Duration, panel: Option<Panel>) -> Vec<Command> {
        let suggestion = match panel {
            Some(Panel::Save) => Some("answers.toml"),
            Some(Panel::Export) => Some("autounattend.xml"),
            _ => None,
        };
        let path = suggestion.map(|name| self.home.join(name).display().to_string()).unwrap_or_default();
        let answer = &mut self.make.answer;
        answer.panel = panel;
        answer.panel_path = path;
        answer.panel_picked = false;
        answer.said = None;
        // A profile without a secret in it has nothing to decide.
        answer.save_with = (!answer.has_secrets()).then_some(Secrets::Shown);
        if panel.is_none() || (panel == Some(Panel::Save) && answer.save_with.is_none()) {
            return Vec::new();
        }
        let dialog = match panel {
            Some(Panel::Load) => Dialog::Fill(Field::Answer(AnswerText::PanelPath)),
            _ => Dialog::SaveAnswer,
        };
        self.open_dialog(now, dialog)
    }
}

/// What Windows Installer understands in place of questions; other installers have their own words.
fn usual_arguments(file: &Path) -> Option<&'static str> {
    file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("msi")).then_some("/qn /norestart")
}

/// The same language, or else one of the same name: `de-DE` for `de-AT`.
fn of_the_media(tag: &str, languages: &[String]) -> Option<String> {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let same = languages.iter().find(|language| language.eq_ignore_ascii_case(tag));
    same.or_else(|| languages.iter().find(|language| primary(language) == primary(tag))).cloned()
}
