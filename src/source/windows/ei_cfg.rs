//! `sources/ei.cfg`: sections in brackets, each followed by a line with its value.

use super::EiCfg;

/// What the file says; sections that it does not have, or leaves empty, are `None`.
pub(super) fn parse(bytes: &[u8]) -> EiCfg {
    let text = decode(bytes);
    let value = |section: &str| {
        let lines = text.lines().map(str::trim);
        let mut values = lines.skip_while(|line| !line.eq_ignore_ascii_case(section)).skip(1);
        let value = values.find(|line| !line.is_empty())?;
        let is_value = !value.starts_with('[') && !value.contains(char::is_control);
        is_value.then(|| value.chars().take(64).collect::<String>())
    };
    EiCfg {
        edition_id: value("[EditionID]"),
        channel: value("[Channel]"),
        volume_licence: value("[VL]").and_then(|value| match value.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }),
    }
}

/// Editors on Windows write UTF-16 as readily as single bytes.
fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xFF, 0xFE, units @ ..] => {
            let units: Vec<u16> =
                units.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).trim_start_matches('\u{FEFF}').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cfg(edition_id: Option<&str>, channel: Option<&str>, volume_licence: Option<bool>) -> EiCfg {
        EiCfg {
            edition_id: edition_id.map(str::to_owned),
            channel: channel.map(str::to_owned),
            volume_licence,
        }
    }

    #[test]
    fn sections_in_any_order_and_case() {
        let text = "[EditionID]\r\nProfessional\r\n[Channel]\r\nRetail\r\n[VL]\r\n0\r\n";
        assert_eq!(parse(text.as_bytes()), cfg(Some("Professional"), Some("Retail"), Some(false)));
        let utf16: Vec<u8> =
            "\u{FEFF}".chars().chain(text.chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
        assert_eq!(parse(&utf16), parse(text.as_bytes()));
        assert_eq!(parse(b"[vl]\n\n 1 \n[channel]\nOEM"), cfg(None, Some("OEM"), Some(true)));
        // An empty section is followed by the next one.
        assert_eq!(parse(b"[EditionID]\n\n[Channel]\nVolume\n[VL]\nyes"), cfg(None, Some("Volume"), None));
        assert_eq!(parse(b""), EiCfg::default());
        assert_eq!(parse(&[0xFF; 999]), EiCfg::default());
    }
}
