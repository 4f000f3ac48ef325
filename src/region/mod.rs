//! Floor 2: how this computer is set, in the words of answer files. Read only when somebody asks for it, from environment
//! and files; what cannot be told is left out.

mod keyboard;
mod locale;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod source;
#[cfg(any(target_os = "linux", test))]
mod values;

use crate::answer::{Region, time_zones};

/// Languages, keyboards and time of this computer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThisRegion {
    /// Tag of the language that it speaks: `de-DE`.
    pub language: Option<String>,
    /// Tag of the region whose dates and numbers it shows.
    pub formats: Option<String>,
    /// `0407:00000407`, the usual one first.
    pub keyboards: Vec<String>,
    /// Id of Windows.
    pub time_zone: Option<String>,
}

impl ThisRegion {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Without the languages of Setup and of Windows, which are those of the media.
    pub fn for_profile(&self) -> Region {
        Region {
            system_locale: self.language.clone(),
            user_locale: self.formats.clone(),
            keyboards: self.keyboards.clone(),
            time_zone: self.time_zone.clone(),
            ..Region::default()
        }
    }
}

/// Reads it.
pub fn this_region() -> ThisRegion {
    of(&source::read())
}

/// What a system says in its own words, each as it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    /// `de_DE.UTF-8`.
    language: Option<String>,
    formats: Option<String>,
    /// Names of layouts and their variants, as X has them; separated by commas.
    layouts: Option<String>,
    variants: Option<String>,
    /// `de-latin1-nodeadkeys`, where nothing else is said.
    console_keymap: Option<String>,
    /// `Europe/Berlin`.
    time_zone: Option<String>,
}

fn of(said: &Said) -> ThisRegion {
    let language = said.language.as_deref().and_then(locale::tag);
    let mut keyboards = said.layouts.as_deref().map_or_else(Vec::new, |layouts| {
        keyboard::of_layouts(layouts, said.variants.as_deref().unwrap_or_default())
    });
    if keyboards.is_empty() {
        keyboards.extend(said.console_keymap.as_deref().and_then(keyboard::of_console));
    }
    ThisRegion {
        formats: said.formats.as_deref().and_then(locale::tag).or_else(|| language.clone()),
        language,
        keyboards,
        time_zone: said.time_zone.as_deref().and_then(time_zones::find).map(|zone| zone.id.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_system_says_is_told_in_the_words_of_windows() {
        let text = |text: &str| Some(text.to_owned());
        let said = Said {
            language: text("en_US.UTF-8"),
            formats: text("de_DE.UTF-8"),
            layouts: text("de,us"),
            variants: text("nodeadkeys,"),
            console_keymap: text("fr"),
            time_zone: text("Europe/Berlin"),
        };
        let region = of(&said);
        assert_eq!(region.language.as_deref(), Some("en-US"));
        assert_eq!(region.formats.as_deref(), Some("de-DE"));
        assert_eq!(region.keyboards, ["0407:00000407", "0409:00000409"]);
        assert_eq!(region.time_zone.as_deref(), Some("W. Europe Standard Time"));
        assert_eq!(region.for_profile().setup_language, None);

        assert!(of(&Said::default()).is_empty());
        let bare = Said { language: text("C.UTF-8"), time_zone: text("Mars/Phobos"), ..Said::default() };
        assert!(of(&bare).is_empty(), "what is not known is left out");
        let console = Said { console_keymap: text("de-latin1-nodeadkeys"), ..Said::default() };
        assert_eq!(of(&console).keyboards, ["0407:00000407"]);
        let same = Said { language: text("fr_CH"), ..Said::default() };
        assert_eq!(of(&same).formats.as_deref(), Some("fr-CH"), "formats follow the language");
    }
}
