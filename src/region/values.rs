//! The small files that systems keep their settings in.

/// The value of `NAME=value` or `NAME="value"`, where it is there and not empty.
pub(super) fn assigned(text: &str, name: &str) -> Option<String> {
    text.lines().rev().find_map(|line| {
        let value = line.trim().strip_prefix(name)?.strip_prefix('=')?.trim();
        let value = value.trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_owned())
    })
}

/// The value of `Option "XkbLayout" "value"` in a file of the X server.
pub(super) fn x_option(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let mut quoted = line.trim().strip_prefix("Option")?.split('"').skip(1).step_by(2);
        let is_it = quoted.next()?.eq_ignore_ascii_case(name);
        quoted.next().filter(|value| is_it && !value.is_empty()).map(str::to_owned)
    })
}

/// `Europe/Berlin` of `/usr/share/zoneinfo/Europe/Berlin`.
pub(super) fn zone_of_link(target: &str) -> Option<String> {
    let (_, name) = target.split_once("zoneinfo/")?;
    let name = name.strip_prefix("posix/").unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files() {
        let keyboard =
            "# KEYBOARD CONFIGURATION FILE\nXKBMODEL=\"pc105\"\nXKBLAYOUT=\"de,us\"\nXKBVARIANT=\"\"\n";
        assert_eq!(assigned(keyboard, "XKBLAYOUT").as_deref(), Some("de,us"));
        assert_eq!(assigned(keyboard, "XKBVARIANT"), None);
        assert_eq!(assigned("KEYMAP=de-latin1\nXKBLAYOUT=de", "KEYMAP").as_deref(), Some("de-latin1"));
        assert_eq!(assigned("LANG='de_DE.UTF-8'", "LANG").as_deref(), Some("de_DE.UTF-8"));
        assert_eq!(assigned("LANGUAGE=de", "LANG"), None);
        let x = "Section \"InputClass\"\n        Option \"XkbLayout\" \"fr\"\n        Option \"XkbVariant\" \"oss\"\nEndSection";
        assert_eq!(x_option(x, "XkbLayout").as_deref(), Some("fr"));
        assert_eq!(x_option(x, "XkbVariant").as_deref(), Some("oss"));
        assert_eq!(x_option(x, "XkbModel"), None);
        assert_eq!(x_option("Option", "XkbModel"), None);
        assert_eq!(zone_of_link("../usr/share/zoneinfo/Europe/Berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone_of_link("/etc/other"), None);
    }
}
