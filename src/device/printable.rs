//! Text that came from a drive and will be shown to a person.

/// Stands where a character was that must not reach a terminal or a window.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// `text` without surrounding blanks, with runs of blanks folded into one, and with every control or invisible
/// formatting character replaced: a name must not move the cursor, turn the direction of writing, or hide a part of
/// itself. `None` where nothing is left to show.
pub(super) fn printable(text: &str) -> Option<String> {
    let mut clean = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '\0').filter(|word| !word.is_empty()) {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.extend(word.chars().map(|c| if deceives(c) { REPLACEMENT } else { c }));
    }
    (!clean.is_empty()).then_some(clean)
}

/// Control characters, and the format characters (Unicode general category Cf) that change how others are shown.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_folded_and_deceivers_replaced() {
        for (raw, shown) in [
            ("SanDisk \n", Some("SanDisk")),
            ("  Ultra   Fit\0\0", Some("Ultra Fit")),
            ("", None),
            ("\0\0 \t", None),
            ("bad\x1b[2Jname", Some("bad\u{FFFD}[2Jname")),
            ("disk\u{202E}gpj", Some("disk\u{FFFD}gpj")),
            ("Zoë 磁碟", Some("Zoë 磁碟")),
        ] {
            assert_eq!(printable(raw).as_deref(), shown, "{raw:?}");
        }
    }
}
