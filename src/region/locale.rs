//! Locales of Unix as tags of Windows.

/// `de-DE` for `de_DE.UTF-8@euro`; `None` for `C` and what is no locale.
pub(super) fn tag(locale: &str) -> Option<String> {
    let (name, modifier) = locale.split_once('@').map_or((locale, ""), |(name, modifier)| (name, modifier));
    let name = name.split('.').next().unwrap_or_default();
    let (language, country) = name.split_once('_')?;
    let is_language = matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_lowercase());
    let is_country = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    if !is_language || !is_country {
        return None;
    }
    Some(match (language, country, modifier) {
        // Both scripts are written there; Unix means the Cyrillic one where it says nothing.
        ("sr", _, "latin") => format!("sr-Latn-{country}"),
        ("sr", _, _) => format!("sr-Cyrl-{country}"),
        ("uz", "UZ", "cyrillic") => "uz-Cyrl-UZ".to_owned(),
        ("uz", "UZ", _) => "uz-Latn-UZ".to_owned(),
        ("ca", "ES", "valencia") => "ca-ES-valencia".to_owned(),
        ("no", _, _) => format!("nb-{country}"),
        _ => format!("{language}-{country}"),
    })
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn locales() {
        for (locale, wanted) in [
            ("de_DE.UTF-8", "de-DE"),
            ("de_DE@euro", "de-DE"),
            ("en_GB", "en-GB"),
            ("sr_RS.UTF-8", "sr-Cyrl-RS"),
            ("sr_RS.UTF-8@latin", "sr-Latn-RS"),
            ("ca_ES.UTF-8@valencia", "ca-ES-valencia"),
            ("no_NO", "nb-NO"),
        ] {
            assert_eq!(tag(locale).as_deref(), Some(wanted), "{locale}");
        }
        for none in ["", "C", "POSIX", "C.UTF-8", "C_DE", "english", "de", "de_", "_DE", "de_DEU", "d\"_DE"] {
            assert_eq!(tag(none), None, "{none}");
        }
    }
}
