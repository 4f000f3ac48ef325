//! Fields, file dialogs and dropped files: how text and paths come in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ImageChoice, ImageStage, Screen, State};
use crate::gui::action::{CheckWith, Command, Field, ImageOf, Page};
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
    pub(super) fn inspected(&mut self, of: ImageOf, asked: &Path, answer: Result<Inspection, String>) {
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

    pub(super) fn open_dialog(&mut self, now: Duration, field: Field) -> Vec<Command> {
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

    pub(super) fn picked(&mut self, now: Duration, field: Field, path: Option<PathBuf>) -> Vec<Command> {
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

    pub(super) fn drop_file(&mut self, path: PathBuf) -> Vec<Command> {
        match (&self.screen, self.page) {
            (Screen::Choose, Page::Make) => self.look_at(ImageOf::Make, path),
            (Screen::Choose, Page::Check) => {
                self.check.with = CheckWith::Image;
                self.look_at(ImageOf::Check, path)
            }
            _ => Vec::new(),
        }
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
