//! The folder of drivers that goes onto a Windows stick. It is looked at in the background, as other own files are.

use std::path::{Path, PathBuf};

use super::{Missing, State};
use crate::gui::action::Command;
use crate::source::DriverFolder;

#[derive(Debug, Default)]
pub struct Drivers {
    pub folder: Option<PathBuf>,
    /// `None`: it is being looked at. An error is a clause.
    pub listing: Option<Result<Vec<DriverFolder>, String>>,
    pub in_setup: bool,
}

impl Drivers {
    pub(super) fn known(&self) -> Vec<DriverFolder> {
        self.listing.iter().flatten().flatten().cloned().collect()
    }

    pub(super) fn missing(&self) -> Option<Missing> {
        self.folder.as_ref()?;
        match &self.listing {
            None => Some(Missing::OwnFilesWait),
            Some(Err(_)) => Some(Missing::UsableOwnFiles),
            Some(Ok(_)) => None,
        }
    }
}

impl State {
    pub(super) fn choose_drivers(&mut self, folder: PathBuf) -> Vec<Command> {
        let in_setup = self.make.drivers.in_setup;
        self.make.drivers = Drivers { folder: Some(folder.clone()), listing: None, in_setup };
        self.make.replan(&self.drives);
        vec![Command::ListDrivers(folder)]
    }

    pub(super) fn remove_drivers(&mut self) {
        self.make.drivers = Drivers::default();
        self.make.replan(&self.drives);
    }

    pub(super) fn load_drivers_in_setup(&mut self, on: bool) {
        self.make.drivers.in_setup = on;
        self.make.replan(&self.drives);
    }

    /// An answer about another folder than the one that is chosen now is dropped.
    pub(super) fn drivers_listed(&mut self, folder: &Path, answer: Result<Vec<DriverFolder>, String>) {
        let drivers = &mut self.make.drivers;
        if drivers.folder.as_deref() == Some(folder) && drivers.listing.is_none() {
            drivers.listing = Some(answer);
            self.make.replan(&self.drives);
        }
    }
}
