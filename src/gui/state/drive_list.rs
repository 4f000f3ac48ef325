//! The drives that the system has now, as the pages offer them, and which of them came since the user asked.

use std::cmp::Reverse;
use std::path::Path;
use std::time::Duration;

use crate::device::{Bus, Drive, Identity, Standing, standing};
use crate::gui::text;

#[derive(Debug, Default)]
pub struct DriveList {
    /// `None` until the first answer.
    pub known: Option<Vec<Drive>>,
    /// Why the list may be out of date.
    pub error: Option<String>,
    pub show_all: bool,
    /// "Which one is it?": what has been plugged in since this was asked, the latest first. `None`: nobody asks.
    pub arrivals: Option<Vec<Arrival>>,
}

/// A drive that was not there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub drive: Identity,
    /// On the clock of the window.
    pub at: Duration,
}

/// One drive as a page offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub drive: Drive,
    /// Its title, with what tells it from a drive that is otherwise alike.
    pub name: String,
    pub choosable: bool,
    /// Why it may not be chosen, or is hidden from everyday view.
    pub reason: Option<String>,
    /// When it was plugged in, if it was since the user asked.
    pub arrived: Option<Duration>,
}

impl DriveList {
    pub fn find(&self, path: &Path) -> Option<&Drive> {
        self.known.iter().flatten().find(|d| d.identity.path == path)
    }

    /// Takes in a newer list, and notes what has come where that was asked for.
    pub fn renew(&mut self, now: Duration, drives: Vec<Drive>) {
        let before = self.known.replace(drives);
        self.error = None;
        let (Some(arrivals), Some(drives)) = (&mut self.arrivals, &self.known) else { return };
        arrivals.retain(|arrival| drives.iter().any(|drive| drive.identity == arrival.drive));
        // Before the first list nothing can be said to be new.
        let Some(before) = before else { return };
        for drive in drives.iter().filter(|drive| !before.iter().any(|other| is_still(other, drive))) {
            arrivals.retain(|arrival| arrival.drive != drive.identity);
            arrivals.insert(0, Arrival { drive: drive.identity.clone(), at: now });
        }
    }

    /// What is shown. Without `show_all`: what may be chosen, and what is plugged in but may not, with the reason.
    /// `for_reading`: nothing will be written, so no drive is forbidden. What came since the user asked stands first.
    pub fn cards(&self, sources: &[(u64, u64)], for_reading: bool) -> Vec<Card> {
        let judged = self.known.iter().flatten().map(|drive| (drive, judge_for_erasing(drive, sources)));
        let shown = judged.filter(|(drive, standing)| self.show_all || is_everyday(drive, standing));
        let card = |(drive, standing): (&Drive, Standing)| {
            let (choosable, reason) = match standing {
                Standing::Selectable => (true, None),
                Standing::Hidden(reason) => (true, Some(reason)),
                Standing::Forbidden(reason) => (false, Some(reason)),
            };
            let reason = reason.filter(|_| !for_reading);
            Card {
                drive: drive.clone(),
                name: self.name(drive),
                choosable: choosable || for_reading,
                reason,
                arrived: self.arrived(&drive.identity),
            }
        };
        let mut cards: Vec<Card> = shown.map(card).collect();
        cards.sort_by_key(|card| Reverse(card.arrived));
        cards
    }

    fn arrived(&self, drive: &Identity) -> Option<Duration> {
        Some(self.arrivals.iter().flatten().find(|arrival| arrival.drive == *drive)?.at)
    }

    /// What the drive is called: its title, and where it is plugged in if that alone tells it from another.
    pub fn name(&self, drive: &Drive) -> String {
        let (title, identity) = (drive.title(), &drive.identity);
        let alike: Vec<&Identity> = (self.known.iter().flatten())
            .filter(|other| other.identity.path != identity.path && other.title() == title)
            .map(|other| &other.identity)
            .filter(|other| other.serial == identity.serial && other.size_bytes == identity.size_bytes)
            .collect();
        if alike.is_empty() {
            return title;
        }
        match &identity.port {
            Some(port) if alike.iter().all(|other| other.port.as_ref() != Some(port)) => {
                text::at_port(&title, port)
            }
            _ => text::at_node(&title, &identity.path),
        }
    }
}

/// Uses that the drive's owner can end forbid nothing here: Confirm asks for each.
pub fn judge_for_erasing(drive: &Drive, sources: &[(u64, u64)]) -> Standing {
    standing::judge_released(drive, &drive.stoppable_uses, sources)
}

/// Nobody has pulled it out and put it in again, as far as can be told.
fn is_still(before: &Drive, now: &Drive) -> bool {
    // A clock that is set right moves what it has told before, a little.
    const SLACK_SECS: u64 = 2;
    let is_later = match (before.appeared_unix_secs, now.appeared_unix_secs) {
        (Some(before), Some(now)) => now > before + SLACK_SECS,
        _ => false,
    };
    before.identity == now.identity && !is_later
}

fn is_everyday(drive: &Drive, standing: &Standing) -> bool {
    match standing {
        Standing::Selectable => true,
        Standing::Hidden(_) => false,
        Standing::Forbidden(_) => drive.hotplug || drive.bus == Bus::Practice,
    }
}
