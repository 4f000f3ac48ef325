//! English names of the languages that Windows is published in.

/// By primary language, which is what the tag of Windows begins with.
const LANGUAGES: [(&str, &str); 39] = [
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("he", "Hebrew"),
    ("hr", "Croatian"),
    ("hu", "Hungarian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("nb", "Norwegian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("sr", "Serbian"),
    ("sv", "Swedish"),
    ("th", "Thai"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("vi", "Vietnamese"),
    ("zh", "Chinese"),
    // Published in two kinds each, which differ in more than their spelling.
    ("en-gb", "English (United Kingdom)"),
    ("es-mx", "Spanish (Mexico)"),
    ("fr-ca", "French (Canada)"),
    ("pt-br", "Portuguese (Brazil)"),
    ("zh-tw", "Chinese (Taiwan)"),
];

/// `German` for `de-DE`; a tag that is not known stays as it is.
pub fn language_name(tag: &str) -> &str {
    let folded = tag.to_ascii_lowercase();
    let primary = folded.split('-').next().unwrap_or(&folded);
    let named = |wanted: &str| LANGUAGES.iter().find(|(tag, _)| *tag == wanted).map(|(_, name)| *name);
    named(&folded).or_else(|| named(primary)).unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::language_name;

    #[test]
    fn tags_of_windows() {
        for (tag, name) in [
            ("de-DE", "German"),
            ("en-US", "English"),
            ("en-GB", "English (United Kingdom)"),
            ("pt-BR", "Portuguese (Brazil)"),
            ("sr-Latn-RS", "Serbian"),
            ("xx-YY", "xx-YY"),
            ("", ""),
        ] {
            assert_eq!(language_name(tag), name);
        }
    }
}
