//! What the user has consented to, by rules that are written down without a look at the window's.

use std::collections::HashMap;

use sticksmith::answer::SecretBytes;
use sticksmith::device::{Drive, Identity};
use sticksmith::gui::action::{Action, Agreement, Field, NewAnswer, Page, StickLook, Switch};
use sticksmith::gui::state::{Screen, State};
use sticksmith::job::{AnswerOnStick, Request};
use sticksmith::source::{AnswerFile, FoundAnswer, PreparedAnswer};

use super::machine::{Machine, Thing};
use super::{Look, Seen, written_to};

#[derive(Default)]
pub struct Consent {
    /// The list that the window was told last.
    told: Vec<Drive>,
    /// What was clicked, by page, and not clicked away or lost since.
    chosen: Vec<(Page, Identity, Option<Thing>)>,
    show_all: bool,
    sources: Vec<(u64, u64)>,
    /// What was typed on this screen, by place.
    typed: HashMap<usize, String>,
    /// Uses that may be ended, each as it stood on this screen when it was ticked, and of what.
    ticked: Vec<(Identity, String)>,
    /// What this screen says of the stick whose answer file is to change, and what was agreed to of it since.
    told_of_stick: Option<ToldOfStick>,
    /// The look that this screen has asked for.
    last_look: Option<u32>,
}

struct ToldOfStick {
    drive: Identity,
    puts: bool,
    found: usize,
    agreed: [bool; 2],
}

/// What stands on the screen of one drive when the user says yes.
#[derive(Debug, PartialEq)]
pub struct Asked {
    pub target: Identity,
    /// What may end, sorted.
    pub uses: Vec<String>,
    /// Of the answer file that comes, and whether that of somebody else gives way; `None`: all of the drive is erased.
    pub change: Option<(Option<String>, bool)>,
}

impl Consent {
    pub fn list(&self) -> &[Drive] {
        &self.told
    }

    /// `true`: something that was ticked does not count any more.
    pub fn told(&mut self, list: Vec<Drive>) -> bool {
        let before = std::mem::replace(&mut self.told, list);
        let had = self.ticked.len();
        let ticked = std::mem::take(&mut self.ticked);
        let uses = |list: &[Drive], of: &Identity| {
            list.iter().find(|drive| drive.identity == *of).map(|drive| drive.stoppable_uses.clone())
        };
        let is_as_before = |of: &Identity| uses(&before, of) == uses(&self.told, of);
        self.ticked = ticked.into_iter().filter(|(of, _)| is_as_before(of)).collect();
        self.drop_what_is_not_the_same();
        self.ticked.len() < had
    }

    /// The first answer to what this screen asked counts, and what was agreed to before was agreed to of nothing.
    pub fn stick_was_looked_at(&mut self, state: &State, look: &Look, found: usize) {
        let Screen::Confirm(confirm) = &state.screen else { return };
        let is_asked = self.last_look == Some(look.serial);
        let is_of_change = state.page == Page::Answer && confirm.sticks.len() == 1;
        if is_asked && is_of_change && self.told_of_stick.is_none() {
            let (drive, puts) = (look.drive.clone(), look.puts);
            self.told_of_stick = Some(ToldOfStick { drive, puts, found, agreed: [false; 2] });
        }
    }

    /// This screen wants to know this.
    pub fn screen_asks(&mut self, serial: u32) {
        self.last_look = Some(serial);
    }

    pub fn image_lies_on(&mut self, state: &State) {
        self.sources = state.make.image.known().map_or_else(Vec::new, |image| image.source_drives.clone());
        self.drop_what_is_not_the_same();
    }

    fn drop_what_is_not_the_same(&mut self) {
        let chosen = std::mem::take(&mut self.chosen);
        self.chosen = chosen.into_iter().filter(|(page, identity, _)| self.may_be(*page, identity)).collect();
    }

    fn now(&self, identity: &Identity) -> Option<&Drive> {
        self.told.iter().find(|drive| drive.identity == *identity)
    }

    /// It is listed just as it was chosen, and nothing forbids it.
    fn may_be(&self, page: Page, identity: &Identity) -> bool {
        let Some(drive) = self.now(identity) else { return false };
        let is_forbidden = !drive.system_uses.is_empty()
            || drive.read_only
            || page == Page::Make && self.sources.contains(&identity.device_number);
        is_for_reading(page) || !is_forbidden
    }

    fn is_shown(&self, identity: &Identity) -> bool {
        self.show_all || self.now(identity).is_some_and(|drive| drive.hotplug)
    }

    pub fn acted(&mut self, state: &State, action: &Action) {
        let page = state.page;
        let is_choosing = matches!(state.screen, Screen::Choose);
        match action {
            // Neither cards nor switches are on the screen: whatever comes of it, the user has not asked for it.
            Action::ChooseDrive(_) | Action::UnchooseDrive(_) | Action::Set(..) if !is_choosing => {}
            Action::ChooseDrive(identity) if self.may_be(page, identity) && self.is_shown(identity) => {
                if page != Page::Make {
                    self.chosen.retain(|(of, _, _)| *of != page);
                }
                self.chosen.push((page, identity.clone(), None));
            }
            // The button says that the drive is chosen by it.
            Action::RestoreTested => {
                let Screen::Done(done) = &state.screen else { return };
                let Some(tested) = done.sticks.first().map(|stick| stick.task.drive.clone()) else { return };
                let page = Page::Restore;
                if done.page == Page::Test && self.may_be(page, &tested) && self.is_shown(&tested) {
                    self.chosen.retain(|(of, _, _)| *of != page);
                    self.chosen.push((page, tested, None));
                }
            }
            Action::UnchooseDrive(identity) => {
                self.chosen.retain(|(of, chosen, _)| *of != page || chosen != identity);
            }
            Action::Set(Switch::ShowAllDrives, on) => {
                self.show_all = *on;
                let chosen = std::mem::take(&mut self.chosen);
                self.chosen = chosen.into_iter().filter(|(_, identity, _)| self.is_shown(identity)).collect();
            }
            Action::Edit(Field::TypedName(place), text) if matches!(state.screen, Screen::Confirm(_)) => {
                self.typed.insert(*place, text.clone());
            }
            Action::Agree(agreement, on) => {
                if let Some(told) = &mut self.told_of_stick {
                    told.agreed[usize::from(*agreement == Agreement::EraseDisks)] = *on;
                }
            }
            Action::EndUse { stick, named, agreed } => {
                let Screen::Confirm(confirm) = &state.screen else { return };
                let Some(stick) = confirm.sticks.get(*stick) else { return };
                let tick = (stick.drive.identity.clone(), named.clone());
                self.ticked.retain(|other| *other != tick);
                let stands_there =
                    self.now(&tick.0).is_some_and(|drive| drive.stoppable_uses.contains(named));
                if *agreed && stands_there {
                    self.ticked.push(tick);
                }
            }
            _ => {}
        }
    }

    /// The things behind what was just chosen, which nobody but the machine knows.
    pub fn learn_things(&mut self, machine: &Machine) {
        for (_, identity, thing) in &mut self.chosen {
            if thing.is_none() {
                *thing = machine.thing(identity);
            }
        }
    }

    /// What stands on the screen when the user says yes; `None`: this is no yes.
    pub fn asked(&self, state: &State, action: &Action, seen: &mut Seen) -> Option<Vec<Asked>> {
        let (Screen::Confirm(confirm), Action::Erase) = (&state.screen, action) else { return None };
        let internal = |identity: &Identity| self.now(identity).is_none_or(|drive| !drive.hotplug);
        for (place, stick) in confirm.sticks.iter().enumerate() {
            if internal(&stick.drive.identity) {
                // Nothing may start now; `None` makes it fail if it does.
                let typed = self.typed.get(&place).map(|typed| typed.trim());
                if typed != Some(stick.drive.title().as_str()) {
                    return None;
                }
                seen.names_typed += 1;
            }
        }
        let asked = |identity: &Identity| {
            let mut uses = self.now(identity)?.stoppable_uses.clone();
            uses.sort();
            let is_ticked = |named: &String| self.ticked.contains(&(identity.clone(), named.clone()));
            uses.iter().all(is_ticked).then(|| Asked { target: identity.clone(), uses, change: None })
        };
        if state.page == Page::Answer {
            let (told, [stick]) = (self.told_of_stick.as_ref()?, confirm.sticks.as_slice()) else {
                return None;
            };
            // The very stick that was looked at.
            let asked = asked(&told.drive).filter(|_| stick.drive.identity == told.drive)?;
            return Some(vec![Asked { change: Some(told.agreed_change()?), ..asked }]);
        }
        // One that was not ticked, and nothing may start.
        confirm.sticks.iter().map(|stick| asked(&stick.drive.identity)).collect()
    }

    pub fn new_screen(&mut self) {
        self.typed.clear();
        (self.told_of_stick, self.last_look) = (None, None);
        self.ticked.clear();
    }

    pub fn has_chosen(&self, page: Page, identity: &Identity) {
        let is_chosen = self.chosen.iter().any(|(of, chosen, _)| *of == page && chosen == identity);
        assert!(is_chosen, "{page:?} has {identity:?} chosen, which the user has not, or not as it is now");
    }

    pub fn permits_asking(&self, page: Page, identity: &Identity) {
        self.has_chosen(page, identity);
        assert!(self.may_be(page, identity), "the question is about {identity:?}, which may not be erased");
    }

    pub fn permits(&self, page: Page, identity: &Identity) {
        self.permits_asking(page, identity);
        assert!(self.is_shown(identity), "{identity:?} is not on the screen");
    }

    /// The thing that the user saw when choosing.
    pub fn thing(&self, page: Page, identity: &Identity) -> Thing {
        let chosen = self.chosen.iter().find(|(of, chosen, _)| *of == page && chosen == identity);
        chosen.and_then(|(_, _, thing)| *thing).unwrap()
    }

    /// The next stick is chosen afresh.
    pub fn was_written(&mut self, page: Page, request: &Request) {
        if let Some(target) = written_to(request) {
            self.chosen.retain(|(of, chosen, _)| *of != page || chosen != target);
        }
    }
}

fn is_for_reading(page: Page) -> bool {
    matches!(page, Page::Check | Page::Save)
}

const HAS_OTHERS: usize = 1;
const NEW_ERASES: usize = 2;
const UNREADABLE: usize = 7;

impl ToldOfStick {
    /// What it may come to; `None`: something is not agreed to, or cannot be.
    fn agreed_change(&self) -> Option<(Option<String>, bool)> {
        let [replaces, erases] = self.agreed;
        let (has_others, new_erases) =
            (self.found & HAS_OTHERS != 0, self.found & NEW_ERASES != 0 && self.puts);
        if self.found == UNREADABLE || (has_others && !replaces) || (new_erases && !erases) {
            return None;
        }
        Some((self.puts.then(|| new_name(self.found)), has_others))
    }
}

fn new_name(found: usize) -> String {
    if found & NEW_ERASES != 0 { "erasing.xml".to_owned() } else { "calm.xml".to_owned() }
}

pub fn erases(name: &Option<String>) -> bool {
    name.as_deref() == Some("erasing.xml")
}

pub fn name_of(file: Option<&AnswerFile>) -> Option<String> {
    file.map(|file| file.name().to_owned())
}

/// `found`: bits, and one number that stands for a stick that cannot be read.
pub fn found_on_stick(puts: bool, found: usize) -> Result<StickLook, String> {
    if found == UNREADABLE {
        return Err("It cannot be read.".to_owned());
    }
    let path = "Autounattend.xml".to_owned();
    let there = AnswerOnStick {
        answers: vec![FoundAnswer { path: path.clone(), summary: None, problem: None }],
        parts: Vec::new(),
        others: if found & HAS_OTHERS != 0 { vec![path] } else { Vec::new() },
        image: "win7.iso".to_owned(),
        system: None,
        windows: None,
    };
    let name = new_name(found);
    let erases = (found & NEW_ERASES != 0).then(|| "Setup will erase disk 0.".to_owned());
    let prepared = PreparedAnswer {
        name: name.clone(),
        additions: Vec::new(),
        notes: Vec::new(),
        erases,
        advice: Vec::new(),
    };
    let file = AnswerFile::Xml { bytes: SecretBytes::new(Vec::new()), name };
    Ok(StickLook { there, new: puts.then_some(NewAnswer { file, prepared: Ok(prepared) }) })
}
