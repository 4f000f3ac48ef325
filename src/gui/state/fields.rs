//! Fields, file dialogs and dropped files: how text and paths come in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ImageChoice, ImageStage, Screen, State};
use crate::gui::action::{AnswerText, ChangeTo, CheckWith, Command, Dialog, Field, ImageOf, Page, Section};
use crate::gui::text;
use crate::job::Inspection;

/// A dialog that closes faster than a person can was never shown.
const SHORTEST_DIALOG: Duration = Duration::from_millis(400);

impl State {
    pub(super) fn edit(&mut self, field: Field, text: String) {
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
            Field::Label => self.name_volume(text),
            Field::NewAnswer => self.change.path = text,
            Field::OwnFile => self.make.own.typed = text,
            Field::Answer(field) => self.edit_answer(field, text),
            Field::Place(id) => {
                if let Some(entry) = self.make.own.find(id) {
                    entry.place = text;
                }
            }
            Field::TypedName(place) => {
                if let Screen::Confirm(confirm) = &mut self.screen
                    && let Some(stick) = confirm.sticks.get_mut(place)
                {
                    stick.typed = text;
                }
            }
            Field::ReportFile => {
                if let Screen::Done(done) = &mut self.screen {
                    done.report_file = text;
                    done.report_picked = false;
                    done.report_saved = None;
                }
            }
        }
    }

    pub(super) fn commit_image(&mut self, of: ImageOf) -> Vec<Command> {
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

    pub(super) fn look_at(&mut self, of: ImageOf, path: PathBuf) -> Vec<Command> {
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
    pub(super) fn inspected(
        &mut self,
        of: ImageOf,
        asked: &Path,
        answer: Result<Inspection, String>,
    ) -> Vec<Command> {
        let image = self.image_mut(of);
        if !matches!(&image.stage, ImageStage::Looking(path) if path == asked) {
            return Vec::new();
        }
        image.stage = match answer {
            Ok(inspection) => ImageStage::Known(Box::new(inspection)),
            Err(message) => ImageStage::Failed { path: asked.to_owned(), message },
        };
        self.image_changed(of);
        if of == ImageOf::Make { self.prepare_answer() } else { Vec::new() }
    }

    fn image_changed(&mut self, of: ImageOf) {
        if of == ImageOf::Make {
            // What was consented to for one image is not consented to for the next.
            self.make.skip_holes = false;
            self.make.own.replace_nothing();
            self.make.tell_answer_of_image();
            self.drives_changed();
        }
    }

    pub(super) fn open_dialog(&mut self, now: Duration, dialog: Dialog) -> Vec<Command> {
        if self.is_dialog_open() {
            return Vec::new();
        }
        let suggestion = match dialog {
            Dialog::Fill(Field::SaveFile) => self.save.file.clone(),
            Dialog::Fill(Field::ReportFile) => match &self.screen {
                Screen::Done(done) => done.report_file.clone(),
                _ => return Vec::new(),
            },
            Dialog::Fill(Field::Image(of)) => self.image(of).path.clone(),
            Dialog::Fill(Field::NewAnswer) => self.change.path.clone(),
            Dialog::Fill(Field::Answer(AnswerText::PanelPath)) | Dialog::SaveAnswer => {
                self.make.answer.panel_path.clone()
            }
            Dialog::Fill(Field::Answer(AnswerText::UsePath)) => self.make.answer.use_path.clone(),
            Dialog::AddSteps => self.make.answer.folder.join("file").display().to_string(),
            Dialog::Fill(_) => return Vec::new(),
            Dialog::AddFiles | Dialog::AddFolder | Dialog::Drivers => match self.make.own.entries.last() {
                Some(entry) => entry.path.display().to_string(),
                None => self.make.image.path.clone(),
            },
        };
        let suggestion = expand_home(suggestion.trim(), &self.home);
        self.dialog = Some((dialog, now));
        vec![Command::OpenDialog { dialog, suggestion }]
    }

    pub(super) fn picked(&mut self, now: Duration, dialog: Dialog, paths: Vec<PathBuf>) -> Vec<Command> {
        let opened = self.dialog.take().map(|(_, at)| at);
        let Some(path) = paths.first() else {
            if opened.is_some_and(|at| now.saturating_sub(at) < SHORTEST_DIALOG) {
                self.tell(text::NO_FILE_DIALOG.to_owned(), false);
            }
            return Vec::new();
        };
        match dialog {
            Dialog::Fill(Field::Image(of)) => return self.look_at(of, path.clone()),
            Dialog::Fill(Field::SaveFile) => {
                self.edit(Field::SaveFile, path.display().to_string());
                self.save.replace = true;
            }
            Dialog::Fill(Field::ReportFile) => {
                self.edit(Field::ReportFile, path.display().to_string());
                if let Screen::Done(done) = &mut self.screen {
                    done.report_picked = true;
                }
                return self.save_report();
            }
            Dialog::Fill(Field::Answer(text)) => return self.answer_picked(text, path),
            Dialog::Fill(Field::NewAnswer) => self.take_new_answer(path),
            Dialog::Fill(_) => {}
            Dialog::SaveAnswer => return self.answer_picked(AnswerText::PanelPath, path),
            Dialog::AddSteps => self.add_steps(&paths),
            Dialog::Drivers => return self.choose_drivers(path.clone()),
            Dialog::AddFiles | Dialog::AddFolder => {
                return paths.into_iter().flat_map(|path| self.add_own(path)).collect();
            }
        }
        Vec::new()
    }

    fn take_new_answer(&mut self, path: &Path) {
        self.change.path = path.display().to_string();
        self.change.to = ChangeTo::File;
    }

    pub(super) fn drop_file(&mut self, path: PathBuf) -> Vec<Command> {
        match (&self.screen, self.page) {
            (Screen::Choose, Page::Make) if self.make.takes_own_files() && !is_named_as_image(&path) => {
                self.add_own(path)
            }
            (Screen::Choose, Page::Make) => self.look_at(ImageOf::Make, path),
            (Screen::Choose, Page::Check) => {
                self.check.with = CheckWith::Image;
                self.look_at(ImageOf::Check, path)
            }
            (Screen::Choose, Page::Answer) => {
                self.take_new_answer(&path);
                Vec::new()
            }
            (Screen::Answer, _) if self.make.answer.section == Section::Applications => {
                self.add_steps(&[path]);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}

/// By its name: an ISO or a disk image, perhaps compressed.
fn is_named_as_image(path: &Path) -> bool {
    const IMAGES: [&str; 6] = ["iso", "img", "raw", "dd", "wic", "usb"];
    const PACKED: [&str; 6] = ["gz", "xz", "zst", "bz2", "lz4", "zip"];
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut endings = name.rsplit('.');
    match endings.next() {
        Some(ending) if PACKED.contains(&ending) => endings.next().is_some_and(|e| IMAGES.contains(&e)),
        Some(ending) => ending.len() < name.len() && IMAGES.contains(&ending),
        None => false,
    }
}

/// `~` as shells read it, for paths that are typed.
pub(super) fn expand_home(typed: &str, home: &Path) -> PathBuf {
    match typed.strip_prefix('~') {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed.strip_prefix("file://").unwrap_or(typed)),
    }
}
