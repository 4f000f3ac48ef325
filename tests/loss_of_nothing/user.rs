//! What the user has consented to, by rules that are written down without a look at the window's.

use std::collections::HashMap;

use sticksmith::device::{Drive, Identity};
use sticksmith::gui::action::{Action, Field, Page, Switch};
use sticksmith::gui::state::{Screen, State};
use sticksmith::job::Request;

use super::machine::{Machine, Thing};
use super::{Seen, written_to};

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
}

/// What stands on the screen of one drive when the user says yes.
#[derive(Debug, PartialEq)]
pub struct Asked {
    pub target: Identity,
    /// What may end, sorted.
    pub uses: Vec<String>,
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
            uses.iter().all(is_ticked).then(|| Asked { target: identity.clone(), uses })
        };
        // One that was not ticked, and nothing may start.
        confirm.sticks.iter().map(|stick| asked(&stick.drive.identity)).collect()
    }

    pub fn new_screen(&mut self) {
        self.typed.clear();
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
