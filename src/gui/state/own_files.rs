//! Files of the user's that go onto a Windows stick beside those of the image: what is to be added, where it goes, and
//! what was found there. Looking is done in the background; an answer to an older question is dropped.

use std::path::{Path, PathBuf};

use super::{Missing, State, fields::expand_home};
use crate::gui::action::{Command, EntryId};
use crate::gui::text;
use crate::source::windows::WindowsMedia;
use crate::source::{AddRequest, Addition, AdditionKind, DRIVERS_FOLDER};

/// Where UEFI firmware looks for the loader that is taken out of an image that has none as a file.
const MADE_LOADER: &str = "EFI/BOOT/BOOTX64.EFI";

#[derive(Debug, Default)]
pub struct OwnFiles {
    /// A path that is being typed.
    pub typed: String,
    pub entries: Vec<Entry>,
    next: u32,
}

/// A file or a folder of the user's.
#[derive(Debug)]
pub struct Entry {
    pub id: EntryId,
    pub path: PathBuf,
    /// Its path on the stick, as it is typed.
    pub place: String,
    /// The place that it is listed for.
    asked_place: String,
    pub replaces: bool,
    pub listing: Listing,
}

#[derive(Debug)]
pub enum Listing {
    Looking,
    /// The file itself, or the folder and all that is in it.
    Known(Vec<Addition>),
    /// A clause.
    Failed(String),
}

impl Entry {
    pub fn name(&self) -> String {
        text::file_name(&self.path)
    }

    fn request(&self) -> AddRequest {
        let place = self.asked_place.trim();
        let dest = (!place.is_empty()).then(|| place.to_owned());
        AddRequest { path: self.path.clone(), dest, replaces: self.replaces }
    }

    pub fn known(&self) -> &[Addition] {
        match &self.listing {
            Listing::Known(additions) => additions,
            _ => &[],
        }
    }

    /// How many files, and their bytes.
    pub fn extent(&self) -> (usize, u64) {
        let len = |addition: &Addition| match addition.kind {
            AdditionKind::File { len_bytes } => Some(len_bytes),
            AdditionKind::Folder => None,
        };
        let lens = self.known().iter().filter_map(len);
        lens.fold((0, 0), |(files, bytes), len| (files + 1, bytes + len))
    }

    /// A folder with drivers that Setup would not find where it goes.
    pub fn are_drivers_elsewhere(&self) -> bool {
        let Some(folder) = self.known().first().filter(|first| first.kind == AdditionKind::Folder) else {
            return false;
        };
        let is_there =
            folder.dest.split('/').next().is_some_and(|first| first.eq_ignore_ascii_case(DRIVERS_FOLDER));
        let is_inf = |addition: &Addition| {
            let ending = addition.origin.path().and_then(Path::extension);
            ending.is_some_and(|e| e.eq_ignore_ascii_case("inf"))
        };
        !is_there && self.known().iter().any(is_inf)
    }

    /// The file of the image that lies where this single file would go.
    pub fn file_in_its_place<'a>(&self, media: &'a WindowsMedia) -> Option<&'a str> {
        let [Addition { dest, kind: AdditionKind::File { .. }, .. }] = self.known() else { return None };
        let made = media.loader.as_ref().map(|_| MADE_LOADER);
        let paths = media.files.iter().map(|file| file.path.as_str()).chain(made);
        paths.into_iter().find(|path| path.to_lowercase() == dest.to_lowercase())
    }

    pub(super) fn replace_in_image(&mut self, on: bool) {
        let is_single_file = matches!(self.known(), [Addition { kind: AdditionKind::File { .. }, .. }]);
        self.replaces = on && is_single_file;
        if let Listing::Known(additions) = &mut self.listing {
            for addition in additions {
                addition.replaces = self.replaces;
            }
        }
    }
}

impl OwnFiles {
    pub(super) fn find(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }

    pub(super) fn requests(&self) -> Vec<AddRequest> {
        self.entries.iter().map(Entry::request).collect()
    }

    pub(super) fn additions(&self) -> Vec<Addition> {
        self.entries.iter().flat_map(|entry| entry.known().iter().cloned()).collect()
    }

    pub(super) fn replace_nothing(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.replace_in_image(false));
    }

    pub(super) fn missing(&self) -> Option<Missing> {
        let mut missing = None;
        for entry in &self.entries {
            match entry.listing {
                Listing::Failed(_) => return Some(Missing::UsableOwnFiles),
                Listing::Looking => missing = Some(Missing::OwnFilesWait),
                Listing::Known(_) => {}
            }
        }
        missing
    }
}

impl State {
    /// A typed path becomes an entry.
    pub(super) fn commit_own(&mut self) -> Vec<Command> {
        let typed = std::mem::take(&mut self.make.own.typed);
        match typed.trim() {
            "" => Vec::new(),
            typed => self.add_own(expand_home(typed, &self.home)),
        }
    }

    /// It goes into the root under its own name, until the user says otherwise.
    pub(super) fn add_own(&mut self, path: PathBuf) -> Vec<Command> {
        let own = &mut self.make.own;
        own.next += 1;
        let place = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let entry = Entry {
            id: EntryId(own.next),
            path,
            place: place.clone(),
            asked_place: place,
            replaces: false,
            listing: Listing::Looking,
        };
        let command = Command::List(entry.id, entry.request());
        own.entries.push(entry);
        vec![command]
    }

    /// Its place was changed.
    pub(super) fn list_again(&mut self, id: EntryId) -> Vec<Command> {
        let Some(entry) = self.make.own.find(id).filter(|entry| entry.place != entry.asked_place) else {
            return Vec::new();
        };
        // Consent to replace one file is none for another.
        entry.replaces = false;
        entry.asked_place.clone_from(&entry.place);
        entry.listing = Listing::Looking;
        let command = Command::List(id, entry.request());
        self.make.replan(&self.drives);
        vec![command]
    }

    pub(super) fn place_as_drivers(&mut self, id: EntryId) -> Vec<Command> {
        if let Some(entry) = self.make.own.find(id) {
            entry.place = format!("{DRIVERS_FOLDER}/{}", entry.name());
        }
        self.list_again(id)
    }

    pub(super) fn remove_own(&mut self, id: EntryId) {
        self.make.own.entries.retain(|entry| entry.id != id);
        self.make.replan(&self.drives);
    }

    /// An answer to an older question, or of what was removed since, is dropped.
    pub(super) fn listed(&mut self, id: EntryId, asked: &AddRequest, answer: Result<Vec<Addition>, String>) {
        let Some(entry) = self
            .make
            .own
            .find(id)
            .filter(|entry| matches!(entry.listing, Listing::Looking) && entry.request() == *asked)
        else {
            return;
        };
        entry.listing = match answer {
            Ok(additions) => Listing::Known(additions),
            Err(message) => Listing::Failed(message),
        };
        self.make.replan(&self.drives);
    }
}
