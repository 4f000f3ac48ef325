//! Product keys: their form, what may stand in their place, and the keys that only choose an edition.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::secret::{Secret, SecretVisitor};
use super::version::Version;

/// What Setup is told of the product key. In a profile: `"ask"`, `"none"`, `"firmware"`, `"generic"`, or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductKey {
    /// Setup shows its page.
    Ask,
    /// Windows is installed without one, as a trial or to be activated later; Vista and 7.
    None,
    /// The key that the maker of the machine put into its firmware; 10 and 11.
    Firmware,
    /// A key that Microsoft publishes for each edition: it chooses the edition and activates nothing; 10 and 11.
    Generic,
    Key(Secret),
}

impl ProductKey {
    /// The word in a profile; a key has none.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Self::Ask => Some("ask"),
            Self::None => Some("none"),
            Self::Firmware => Some("firmware"),
            Self::Generic => Some("generic"),
            Self::Key(_) => None,
        }
    }

    /// Can this version do it?
    pub fn is_known_to(&self, version: Version) -> bool {
        match self {
            Self::Ask | Self::Key(_) => true,
            Self::None => version <= Version::Seven,
            Self::Firmware | Self::Generic => version >= Version::Ten,
        }
    }
}

impl Serialize for ProductKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Key(key) => key.serialize(serializer),
            other => serializer.serialize_str(other.word().unwrap_or_default()),
        }
    }
}

impl<'de> Deserialize<'de> for ProductKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(SecretVisitor)?;
        let words = [Self::Ask, Self::None, Self::Firmware, Self::Generic];
        let word = words.into_iter().find(|word| word.word() == Some(text.reveal()));
        Ok(word.unwrap_or(Self::Key(text)))
    }
}

/// Five groups of five, joined by hyphens: of letters without vowels and the digits 2, 3, 4, 6, 7, 8, 9. An N may stand
/// in keys since Windows 8. Setup reads small letters as well.
pub fn has_the_form_of_a_key(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_of_keys = |b: u8| b"BCDFGHJKMNPQRTVWXY2346789".contains(&b.to_ascii_uppercase());
    groups.len() == 5 && groups.iter().all(|group| group.len() == 5 && group.bytes().all(is_of_keys))
}

/// Stands where Windows 10 and 11 shall ask for the key.
pub(super) const KEY_THAT_ASKS: &str = "00000-00000-00000-00000-00000";

/// The keys that Microsoft publishes for installing an edition of Windows 10 and 11; they activate nothing.
const GENERIC_KEYS: [(&str, &str); 13] = [
    ("Home", "YTMG3-N6DKC-DKB77-7M9GH-8HVX7"),
    ("Home N", "4CPRK-NM3K3-X6XXQ-RXX86-WXCHW"),
    ("Home Single Language", "BT79Q-G7N6G-PGBYW-4YWX6-6F4BT"),
    ("Pro", "VK7JG-NPHTM-C97JM-9MPGT-3V66T"),
    ("Pro N", "2B87N-8KFHP-DKV6R-Y2C8J-PKCKT"),
    ("Pro Education", "8PTT6-RNW4C-6V7J2-C2D3X-MHBPB"),
    ("Pro Education N", "GJTYN-HDMQY-FRR76-HVGC7-QPF8P"),
    ("Pro for Workstations", "DXG7C-N36C4-C4HTG-X4T3X-2YV77"),
    ("Pro N for Workstations", "WYPNQ-8C467-V2W6J-TX4WX-WT2RQ"),
    ("Education", "YNMGQ-8RYV3-4PGQ3-C8XTP-7CFBY"),
    ("Education N", "84NGF-MHBT6-FXBX8-QWJK7-DRR8H"),
    ("Enterprise", "XGVPP-NMH47-7TTHJ-W3FW7-8HV2C"),
    ("Enterprise N", "WGGHN-J84D6-QYCPR-T7PJ7-X766F"),
];

/// The editions that have a generic key, as their names end: `Pro` for `Windows 11 Pro`.
pub fn editions_with_a_generic_key() -> impl Iterator<Item = &'static str> {
    GENERIC_KEYS.iter().map(|(edition, _)| *edition)
}

/// The generic key of `Windows 11 Pro` or `Pro`.
pub(super) fn generic_key(edition: &str) -> Option<&'static str> {
    let ending = edition.strip_prefix("Windows 10 ").or_else(|| edition.strip_prefix("Windows 11 "));
    let wanted = ending.unwrap_or(edition);
    GENERIC_KEYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_a_form() {
        assert!(GENERIC_KEYS.iter().all(|(_, key)| has_the_form_of_a_key(key)));
        assert!(has_the_form_of_a_key("bcdfg-hjkmp-qrtvw-xy234-6789b"));
        for bad in ["", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", "BBBBB-BBBBB-BBBBB-BBBBB", KEY_THAT_ASKS] {
            assert!(!has_the_form_of_a_key(bad), "{bad}");
        }
        assert!(!has_the_form_of_a_key("BBBBB-BBBBB-BBBBB-BBBBB-BBBBB-BBBBB"));
        assert!(!has_the_form_of_a_key("BBBBBBBBBBBBBBBBBBBBBBBBB"));
    }

    #[test]
    fn a_word_is_no_key() {
        for word in ["ask", "none", "firmware", "generic"] {
            let key: ProductKey = serde_json::from_str(&format!("\"{word}\"")).unwrap();
            assert_eq!(serde_json::to_string(&key).unwrap(), format!("\"{word}\""));
        }
        let key: ProductKey = serde_json::from_str("\"BCDFG-HJKMP-QRTVW-XY234-6789B\"").unwrap();
        assert!(!format!("{key:?}{}", serde_json::to_string(&key).unwrap()).contains("BCDFG"));
        assert_eq!(generic_key("Windows 11 Pro"), generic_key("pro"));
        assert_eq!(generic_key("Windows 7 Professional"), None);
    }
}
