//! Languages, keyboards and time.

use super::{Limits, MAX_TEXT};
use crate::answer::options::Region;
use crate::answer::time_zones;

pub(super) fn check(region: &Region, limits: &mut Limits) {
    for (field, tag) in [
        ("region.setup_language", &region.setup_language),
        ("region.ui_language", &region.ui_language),
        ("region.system_locale", &region.system_locale),
        ("region.user_locale", &region.user_locale),
    ] {
        if let Some(tag) = tag
            && !is_tag(tag)
        {
            limits.complain(field, tag, "a language is written as a tag such as en-US or sr-Latn-RS");
        }
    }
    for (at, keyboard) in region.keyboards.iter().enumerate() {
        if !is_tag(keyboard) && !is_layout(keyboard) {
            let limit = "a keyboard is written as language and layout, such as 0407:00000407, or as a tag such as de-DE";
            limits.complain(&format!("region.keyboards[{at}]"), keyboard, limit);
        }
    }
    let keyboards = region.keyboards.join(";");
    if keyboards.len() > MAX_TEXT {
        let limit = format!("together at most {MAX_TEXT} characters are possible");
        limits.complain("region.keyboards", keyboards, limit);
    }
    if let Some(zone) = &region.time_zone
        && time_zones::find(zone).is_none()
    {
        limits.complain("region.time_zone", zone, unknown_zone(zone));
    }
}

/// With those that were perhaps meant.
fn unknown_zone(zone: &str) -> String {
    let close: Vec<_> = time_zones::search(zone).into_iter().take(3).map(|zone| zone.id).collect();
    if close.is_empty() || zone.trim().is_empty() {
        let limit = "Windows knows no such time zone; an id of Windows (W. Europe Standard Time), an IANA name \
                     (Europe/Berlin) or a city of one (Berlin) is possible";
        limit.to_owned()
    } else {
        format!("Windows knows no such time zone; perhaps {} is meant", close.join(" or "))
    }
}

/// `en-US`, `sr-Latn-RS`, `ca-ES-valencia`, `es-ES_tradnl`.
fn is_tag(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let is_language =
        |part: &str| matches!(part.len(), 2..=3) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_part = |part: &str| matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    parts.next().is_some_and(is_language) && parts.by_ref().take(4).all(is_part) && parts.next().is_none()
}

/// `0407:00000407`, or with the GUIDs of an input method: `0411:{…}{…}`.
fn is_layout(text: &str) -> bool {
    let is_hex = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_hexdigit());
    let is_guid = |part: &str| {
        part.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && part.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
    };
    let Some((language, layout)) = text.split_once(':') else { return false };
    let guids = layout.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let is_method =
        guids.and_then(|guids| guids.split_once("}{")).is_some_and(|(a, b)| is_guid(a) && is_guid(b));
    is_hex(language, 4) && (is_hex(layout, 8) || is_method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_layouts() {
        for good in ["en-US", "sr-Latn-RS", "ca-ES-valencia", "es-ES_tradnl", "haw-US", "de"] {
            assert!(is_tag(good), "{good}");
        }
        for bad in ["", "english", "en-", "e", "en-US-a-b-c-d", "de DE", "en;de", "0409:00000409", "日本"] {
            assert!(!is_tag(bad), "{bad}");
        }
        let method = "0411:{03B5835F-F03C-411B-9CE2-AA23E1171E36}{A76C93D9-5523-4E90-AAFA-4DB112F9AC76}";
        for good in ["0409:00000409", "0407:a0000407", method] {
            assert!(is_layout(good), "{good}");
        }
        for bad in ["", ":", "409:00000409", "0409:409", "0409:0000040g", "0411:{}{}", "0409-00000409"] {
            assert!(!is_layout(bad), "{bad}");
        }
    }
}
