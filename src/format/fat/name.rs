//! Names: which ones FAT can hold, their 8.3 aliases (§6.1 and §7), and labels.

use std::collections::{HashMap, HashSet};

use super::layout::LayoutError;

/// §7.1: a long name has at most 255 UTF-16 units.
const MAX_NAME_UNITS: usize = 255;
/// Name and extension of a short entry, each filled with blanks.
pub(super) const SHORT_NAME_BYTES: usize = 11;
const BASE_BYTES: usize = 8;
const NO_NAME: &str = "NO NAME";

pub(super) type ShortName = [u8; SHORT_NAME_BYTES];

/// `path` is the one that the name ends.
pub(super) fn check(name: &str, path: &str) -> Result<(), LayoutError> {
    let problem = if name.is_empty() {
        "is empty"
    } else if matches!(name, "." | "..") {
        "names the directory itself or the one above"
    } else if name.contains(['"', '*', ':', '<', '>', '?', '\\', '|']) {
        "contains one of \" * : < > ? \\ |"
    } else if name.contains(|c| c < ' ') {
        "contains a control character"
    } else if name.ends_with(['.', ' ']) {
        // FAT would hold it, but Windows drops these, and then does not find the file.
        "ends in a dot or a blank"
    } else if is_device(name) {
        // Likewise.
        "is what Windows calls a device"
    } else {
        let units = name.encode_utf16().count();
        return match units {
            0..=MAX_NAME_UNITS => Ok(()),
            _ => Err(LayoutError::NameTooLong { path: path.to_owned(), units }),
        };
    };
    Err(LayoutError::BadName { path: path.to_owned(), problem })
}

/// Windows opens its devices by these names, whatever ending they have (Win32, "Naming Files").
fn is_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let is_port = |prefix| {
        let number = base.strip_prefix(prefix).and_then(|rest: &str| rest.parse::<u8>().ok());
        base.len() == 4 && number.is_some_and(|number| (1..=9).contains(&number))
    };
    matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL") || is_port("COM") || is_port("LPT")
}

/// Names that come out alike are one name. As Windows does it, one letter becomes one letter.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(upper), None) => upper,
                _ => c,
            }
        })
        .collect()
}

/// The short name of a name that is 8.3 but for its letters' case. Boot code and firmware look for these.
pub(super) fn exact_alias(name: &str) -> Option<ShortName> {
    let (base, extension) = match name.rsplit_once('.') {
        Some((base, extension)) if !extension.is_empty() => (base, extension),
        Some(_) => return None,
        None => (name, ""),
    };
    let fits = (1..=BASE_BYTES).contains(&base.len()) && extension.len() <= SHORT_NAME_BYTES - BASE_BYTES;
    let is_plain = |text: &str| text.chars().all(is_short_character);
    (fits && is_plain(base) && is_plain(extension)).then(|| padded(base, extension))
}

/// Does a short entry alone keep the name as it is?
pub(super) fn is_short(name: &str) -> bool {
    exact_alias(name).is_some() && !name.contains(|c: char| c.is_ascii_lowercase())
}

/// The short names of one directory.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    taken: HashSet<ShortName>,
    /// The last number used, by what the number is put to.
    numbers: HashMap<(String, String), u32>,
}

impl Aliases {
    /// Exact aliases come before any are made up.
    pub fn reserve(&mut self, exact: ShortName) {
        self.taken.insert(exact);
    }

    /// A short name for a long one (§7.4): what is left of its characters, and `~` with a number that makes it the only one.
    pub fn make_up(&mut self, name: &str) -> ShortName {
        let (base, extension) = basis(name);
        let number = self.numbers.entry((base.clone(), extension.clone())).or_default();
        loop {
            *number += 1;
            let tail = format!("~{number}");
            let kept = base.len().min(BASE_BYTES - tail.len());
            let alias = padded(&format!("{}{tail}", &base[..kept]), &extension);
            if self.taken.insert(alias) {
                return alias;
            }
        }
    }
}

/// What is left of a name for its alias: at most six characters and three, ASCII.
fn basis(name: &str) -> (String, String) {
    const KEPT: usize = BASE_BYTES - "~1".len();
    let name = name.trim_start_matches([' ', '.']);
    let (base, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let short = |text: &str, len: usize| -> String {
        text.chars().filter(|c| !matches!(c, ' ' | '.')).map(short_character).take(len).collect()
    };
    (short(base, KEPT), short(extension, SHORT_NAME_BYTES - BASE_BYTES))
}

/// Characters beyond ASCII depend on a code page that nothing on the volume names, so that they are never used.
fn short_character(c: char) -> char {
    if is_short_character(c) { c.to_ascii_uppercase() } else { '_' }
}

/// §6.1, upper and lower case alike.
fn is_short_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'()-@^_`{}~".contains(c)
}

/// Both are ASCII and fit.
fn padded(base: &str, extension: &str) -> ShortName {
    let mut name = [b' '; SHORT_NAME_BYTES];
    for (byte, from) in name.iter_mut().zip(base.bytes()) {
        *byte = from;
    }
    for (byte, from) in name[BASE_BYTES..].iter_mut().zip(extension.bytes()) {
        *byte = from;
    }
    name.make_ascii_uppercase();
    name
}

/// §3.2 and §6.4. A volume that is called what volumes without a label are called has none.
pub(super) fn label(text: &str) -> Option<String> {
    let legal = |c| if c == ' ' { c } else { short_character(c) };
    let label: String = text.trim().chars().map(legal).take(SHORT_NAME_BYTES).collect();
    let label = label.trim_end();
    (!label.is_empty() && label != NO_NAME).then(|| label.to_owned())
}

/// A label as it is stored.
pub(super) fn stored_label(label: Option<&str>) -> ShortName {
    padded(label.unwrap_or(NO_NAME), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: ShortName) -> String {
        String::from_utf8(name.to_vec()).unwrap()
    }

    #[test]
    fn names_that_are_short_but_for_their_case() {
        for (name, alias) in [
            ("bootmgr", Some("BOOTMGR    ")),
            ("BOOTX64.EFI", Some("BOOTX64 EFI")),
            ("bootx64.efi", Some("BOOTX64 EFI")),
            ("Readme.1st", Some("README  1ST")),
            ("12345678.123", Some("12345678123")),
            ("{a}~1.x", Some("{A}~1   X  ")),
            ("123456789", None),
            ("a.html", None),
            ("a.b.c", None),
            (".efi", None),
            ("a b", None),
            ("a+b", None),
            ("ä", None),
        ] {
            assert_eq!(exact_alias(name).map(text).as_deref(), alias, "{name}");
        }
        assert!(is_short("BOOT.INI") && !is_short("boot.ini") && !is_short("BOOT.INIT"));
    }

    #[test]
    fn aliases_are_made_of_what_is_left() {
        for (name, alias) in [
            ("autounattend.xml", "AUTOUN~1XML"),
            ("a b", "AB~1       "),
            (".gitignore", "GITIGN~1   "),
            ("x.tar.gz", "XTAR~1  GZ "),
            ("Größe.größe", "GR__E~1 GR_"),
            ("日本", "__~1       "),
            ("😀.txt", "_~1     TXT"),
            ("a+b,c;d=e[f]", "A_B_C_~1   "),
            ("index.html", "INDEX~1 HTM"),
        ] {
            assert_eq!(text(Aliases::default().make_up(name)), alias, "{name}");
        }
    }

    #[test]
    fn aliases_are_unique() {
        let mut aliases = Aliases::default();
        aliases.reserve(*b"LONGNA~1TXT");
        aliases.reserve(*b"LONGN~10TXT");
        let made: Vec<_> =
            (0..20_000).map(|n| text(aliases.make_up(&format!("long name {n}.txt")))).collect();
        assert_eq!(made[..2], ["LONGNA~2TXT", "LONGNA~3TXT"]);
        assert_eq!(made[8], "LONGN~11TXT");
        assert_eq!(made.last().unwrap(), "LO~20002TXT");
        assert_eq!(made.iter().collect::<HashSet<_>>().len(), 20_000);
    }

    #[test]
    fn names_that_fat_cannot_hold() {
        for bad in [
            "",
            ".",
            "..",
            "a.",
            "a ",
            "a:b",
            "a\\b",
            "a\tb",
            "a\0",
            "\"",
            "?",
            "a|b",
            "CON",
            "aux.txt",
            "Lpt1 .inf",
            "com9",
        ] {
            let error = check(bad, "x").unwrap_err();
            assert!(matches!(error, LayoutError::BadName { .. }), "{bad:?}: {error}");
        }
        for good in [
            " a",
            ".a",
            "a..b",
            "CONSOLE",
            "com10",
            "com",
            "lpt0",
            "a+b,c;[d]=e",
            &"x".repeat(255),
            &"😀".repeat(127),
        ] {
            check(good, "x").unwrap();
        }
        let error = check(&"😀".repeat(128), "x").unwrap_err();
        assert_eq!(error, LayoutError::NameTooLong { path: "x".to_owned(), units: 256 });
    }

    #[test]
    fn labels() {
        for (given, made) in [
            ("GRMCPRXFRER_DE_DVD", Some("GRMCPRXFRER")),
            ("my stick", Some("MY STICK")),
            ("0123456789 x", Some("0123456789")),
            (" a.b:c ", Some("A_B_C")),
            ("Grün", Some("GR_N")),
            ("no name", None),
            ("  ", None),
        ] {
            assert_eq!(label(given).as_deref(), made, "{given}");
        }
        assert_eq!(text(stored_label(None)), "NO NAME    ");
    }
}
