//! Keyboard layouts of X and of the Linux console as those of Windows: language and layout, `0407:00000407`.

/// Layout and variant of X, and what Windows has for it. Where Windows takes an input method instead of a layout, the tag
/// of the language stands for the usual one.
const LAYOUTS: [(&str, &str, &str); 52] = [
    ("us", "", "0409:00000409"),
    ("us", "intl", "0409:00020409"),
    ("us", "altgr-intl", "0409:00020409"),
    ("us", "dvorak", "0409:00010409"),
    ("us", "dvorak-l", "0409:00030409"),
    ("us", "dvorak-r", "0409:00040409"),
    ("gb", "", "0809:00000809"),
    ("ie", "", "1809:00001809"),
    ("de", "", "0407:00000407"),
    ("at", "", "0c07:00000407"),
    ("ch", "", "0807:00000807"),
    ("ch", "fr", "100c:0000100c"),
    ("fr", "", "040c:0000040c"),
    ("be", "", "080c:0000080c"),
    ("ca", "", "0c0c:00001009"),
    ("ca", "multix", "0c0c:00011009"),
    ("ca", "multi", "0c0c:00011009"),
    ("es", "", "040a:0000040a"),
    ("latam", "", "080a:0000080a"),
    ("it", "", "0410:00000410"),
    ("pt", "", "0816:00000816"),
    ("br", "", "0416:00000416"),
    ("nl", "", "0413:00000413"),
    ("dk", "", "0406:00000406"),
    ("no", "", "0414:00000414"),
    ("se", "", "041d:0000041d"),
    ("fi", "", "040b:0000040b"),
    ("is", "", "040f:0000040f"),
    ("pl", "", "0415:00000415"),
    ("cz", "", "0405:00000405"),
    ("cz", "qwerty", "0405:00010405"),
    ("sk", "", "041b:0000041b"),
    ("sk", "qwerty", "041b:0001041b"),
    ("hu", "", "040e:0000040e"),
    ("ro", "", "0418:00010418"),
    ("bg", "", "0402:00030402"),
    ("gr", "", "0408:00000408"),
    ("tr", "", "041f:0000041f"),
    ("tr", "f", "041f:0001041f"),
    ("ru", "", "0419:00000419"),
    ("ua", "", "0422:00020422"),
    ("il", "", "040d:0000040d"),
    ("hr", "", "041a:0000041a"),
    ("si", "", "0424:00000424"),
    ("ee", "", "0425:00000425"),
    ("lv", "", "0426:00000426"),
    ("lt", "", "0427:00010427"),
    ("rs", "", "0c1a:00000c1a"),
    ("rs", "latin", "081a:0000081a"),
    ("jp", "", "ja-JP"),
    ("kr", "", "ko-KR"),
    ("cn", "", "zh-CN"),
];

/// Variants that differ in dead keys, or in keys that Windows has nowhere.
const ALIKE: [&str; 9] =
    ["nodeadkeys", "deadtilde", "oss", "oss_nodeadkeys", "latin9", "winkeys", "kr104", "de", "basic"];

/// Of lists that belong together, such as `de,us` and `nodeadkeys,`. What Windows does not have is left out.
pub(super) fn of_layouts(layouts: &str, variants: &str) -> Vec<String> {
    let mut variants = variants.split(',').map(str::trim);
    let mut known: Vec<String> = Vec::new();
    for layout in layouts.split(',').map(str::trim) {
        let variant = variants.next().unwrap_or_default();
        if let Some(keyboard) = of_layout(layout, variant)
            && !known.iter().any(|other| other == keyboard)
        {
            known.push(keyboard.to_owned());
        }
    }
    known
}

fn of_layout(layout: &str, variant: &str) -> Option<&'static str> {
    let exact = |variant: &str| LAYOUTS.iter().find(|(l, v, _)| *l == layout && *v == variant);
    exact(variant)
        .or_else(|| ALIKE.contains(&variant).then(|| exact("")).flatten())
        .map(|(_, _, keyboard)| *keyboard)
}

/// Of a keymap of the console: `de-latin1-nodeadkeys`, `uk`.
pub(super) fn of_console(keymap: &str) -> Option<String> {
    let name = keymap.split(['-', '_', '.']).next().unwrap_or_default();
    let layout = match name {
        "uk" => "gb",
        "sg" => "ch",
        "sv" => "se",
        "la" => "latam",
        "trq" => "tr",
        "jp106" => "jp",
        "br" => "br",
        other => other,
    };
    // Layouts of another order of keys carry it in their name.
    let is_other = ["dvorak", "colemak", "neo", "bepo"].iter().any(|kind| keymap.contains(kind));
    (!is_other).then(|| of_layout(layout, "")).flatten().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_has_a_form_that_answer_files_take() {
        let is_hex = |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
        for (layout, variant, keyboard) in LAYOUTS {
            let is_good = keyboard
                .split_once(':')
                .map_or(keyboard.len() == 5, |(language, layout)| is_hex(language, 4) && is_hex(layout, 8));
            assert!(is_good, "{layout} {variant}");
            let same = LAYOUTS.iter().filter(|(l, v, _)| (*l, *v) == (layout, variant));
            assert_eq!(same.count(), 1, "{layout} {variant}");
        }
    }

    #[test]
    fn layouts_and_keymaps() {
        assert_eq!(of_layouts("ch,us,xx", "fr,,"), ["100c:0000100c", "0409:00000409"]);
        assert_eq!(of_layouts("de", "nodeadkeys"), ["0407:00000407"]);
        assert_eq!(of_layouts("de", "neo"), [""; 0], "another order of keys is another layout");
        assert_eq!(of_layouts("us,us", ""), ["0409:00000409"]);
        assert_eq!(of_console("uk").as_deref(), Some("0809:00000809"));
        assert_eq!(of_console("de-latin1").as_deref(), Some("0407:00000407"));
        for none in ["", "dvorak", "us-dvorak", "xx"] {
            assert_eq!(of_console(none), None, "{none}");
        }
    }
}
