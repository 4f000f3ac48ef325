//! Time zones: Windows has names of its own for them, people know cities, and other systems the IANA names.

use super::version::Version;

/// Where the list is from, and its form: `assets/time-zones/README.md`.
const LIST: &str = include_str!("../../assets/time-zones/windows.txt");

/// One that Windows knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone {
    /// `W. Europe Standard Time`.
    pub id: &'static str,
    /// Standard time, `+01:00`.
    pub from_utc: &'static str,
    /// On the media of this version and later; earlier ones may have got it by an update.
    pub since: Version,
    iana: &'static str,
}

impl TimeZone {
    /// `Europe/Berlin` and its like, the usual one first.
    pub fn iana_names(self) -> impl Iterator<Item = &'static str> {
        self.iana.split(' ')
    }

    /// `New York`, `Chicago`; as the IANA names have them.
    pub fn cities(self) -> impl Iterator<Item = String> {
        let is_place = |name: &&str| !name.starts_with("Etc/") && name.contains('/');
        self.iana_names().filter(is_place).map(city)
    }
}

fn city(iana: &str) -> String {
    iana.rsplit('/').next().unwrap_or(iana).replace('_', " ")
}

/// All of them, from west to east.
pub fn time_zones() -> impl Iterator<Item = TimeZone> {
    LIST.lines().filter_map(|line| {
        let mut columns = line.split('|');
        let (id, from_utc) = (columns.next()?, columns.next()?);
        Some(TimeZone { id, from_utc, since: columns.next()?.parse().ok()?, iana: columns.next()? })
    })
}

/// The time zone that `name` is: an id of Windows, an IANA name or a city, whatever the case of its letters.
pub fn find(name: &str) -> Option<TimeZone> {
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    time_zones()
        .find(|zone| same(zone.id))
        .or_else(|| time_zones().find(|zone| zone.iana_names().any(same)))
        .or_else(|| time_zones().find(|zone| zone.cities().any(|city| same(&city))))
}

/// Those in which `words` occur, in any order, in id, offset, IANA names or cities; all, where nothing is asked for.
pub fn search(words: &str) -> Vec<TimeZone> {
    let folded = words.to_lowercase();
    let wanted: Vec<&str> = folded.split_whitespace().collect();
    let has_all = |zone: &TimeZone| {
        let text = format!("{} utc{} {} {}", zone.id, zone.from_utc, zone.iana, zone.iana.replace('_', " "));
        let text = text.to_lowercase();
        wanted.iter().all(|word| text.contains(word))
    };
    time_zones().filter(has_all).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_is_read() {
        assert_eq!(time_zones().count(), LIST.lines().count());
        assert!(time_zones().count() > 130);
        let ids: HashSet<_> = time_zones().map(|zone| zone.id).collect();
        assert_eq!(ids.len(), time_zones().count());
        for zone in time_zones() {
            assert!(zone.from_utc.starts_with(['+', '-']) && zone.from_utc.len() == 6, "{zone:?}");
            assert!(zone.id.len() <= 32 && zone.iana_names().all(|name| !name.is_empty()), "{zone:?}");
            assert_eq!(find(zone.id), Some(zone));
        }
    }

    #[test]
    fn a_zone_has_many_names() {
        for (name, id) in [
            ("W. Europe Standard Time", "W. Europe Standard Time"),
            ("w. europe standard time", "W. Europe Standard Time"),
            ("Europe/Berlin", "W. Europe Standard Time"),
            ("Zurich", "W. Europe Standard Time"),
            ("New York", "Eastern Standard Time"),
            ("America/Los_Angeles", "Pacific Standard Time"),
            ("UTC", "UTC"),
            ("Asia/Kolkata", "India Standard Time"),
            ("ho chi minh", "SE Asia Standard Time"),
        ] {
            assert_eq!(find(name).map(|zone| zone.id), Some(id), "{name}");
        }
        for unknown in ["", "Atlantis", "Mars/Phobos", "Standard Time"] {
            assert_eq!(find(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn words_are_looked_for_everywhere() {
        let ids = |words| search(words).into_iter().map(|zone| zone.id).collect::<Vec<_>>();
        assert_eq!(ids("new york"), ["Eastern Standard Time"]);
        assert!(ids("utc+05:30").contains(&"India Standard Time"));
        assert!(ids("europe standard").len() > 3);
        assert_eq!(ids("").len(), time_zones().count());
        assert_eq!(ids("atlantis"), [""; 0]);
    }
}
