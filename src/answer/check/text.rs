//! The text of a file that may be in any encoding that Windows reads: UTF-8, and UTF-16 with a byte order mark.

/// Answer files have some ten kilobytes; those that carry scripts have some hundred.
pub const MAX_XML_BYTES: usize = 4 << 20;

/// Why a file has no text that could be read. Ends the sentence "the file …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("has {bytes} bytes, and no answer file is larger than {MAX_XML_BYTES}")]
    TooLarge { bytes: usize },
    #[error("is in UTF-16 without a byte order mark; Windows wants one")]
    NoMark,
    #[error("is neither in UTF-8 nor in UTF-16 with a byte order mark (byte {at} cannot be)")]
    NotUnicode { at: usize },
    #[error("is in UTF-16 and ends within a character, or has half of one at byte {at}")]
    HalfCharacter { at: usize },
    #[error("says that it is in {declared}, and is in {actual}; Windows refuses that")]
    Contradiction { declared: String, actual: &'static str },
}

pub(super) fn decode(bytes: &[u8]) -> Result<String, TextError> {
    if bytes.len() > MAX_XML_BYTES {
        return Err(TextError::TooLarge { bytes: bytes.len() });
    }
    let (text, actual) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (utf16(rest, u16::from_le_bytes)?, "UTF-16"),
        [0xFE, 0xFF, rest @ ..] => (utf16(rest, u16::from_be_bytes)?, "UTF-16"),
        [b'<', 0, ..] | [0, b'<', ..] => return Err(TextError::NoMark),
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            let text = std::str::from_utf8(bytes)
                .map_err(|error| TextError::NotUnicode { at: error.valid_up_to() })?;
            (text.to_owned(), "UTF-8")
        }
    };
    match declared(&text) {
        // UTF-8 includes ASCII, so that what is declared as ASCII or UTF-8 is read alike.
        Some(name) if !agrees(name, actual) => {
            Err(TextError::Contradiction { declared: name.chars().take(40).collect(), actual })
        }
        _ => Ok(text),
    }
}

fn agrees(declared: &str, actual: &str) -> bool {
    let names: &[&str] = match actual {
        "UTF-16" => &["utf-16", "ucs-2", "iso-10646-ucs-2", "unicode"],
        _ => &["utf-8", "us-ascii", "ascii"],
    };
    names.iter().any(|name| name.eq_ignore_ascii_case(declared))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, TextError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut at = 2;
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let character = character.map_err(|_| TextError::HalfCharacter { at })?;
        at += character.len_utf16() * 2;
        text.push(character);
    }
    if rest.is_empty() { Ok(text) } else { Err(TextError::HalfCharacter { at }) }
}

/// The encoding that the XML declaration names.
fn declared(text: &str) -> Option<&str> {
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split_once(quote)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn what_windows_reads_is_read() {
        let text = "<?xml version='1.0' encoding='UTF-16'?><a>Größe 🦀</a>";
        assert_eq!(decode(&utf16_bytes(text, u16::to_le_bytes)).unwrap(), text);
        assert_eq!(decode(&utf16_bytes(text, u16::to_be_bytes)).unwrap(), text);
        assert_eq!(decode("\u{FEFF}<ä/>".as_bytes()).unwrap(), "<ä/>");
        assert_eq!(decode(b"<?xml version=\"1.0\" encoding = \"utf-8\" ?><a/>").unwrap().len(), 45);
        assert_eq!(decode(b"").unwrap(), "");
    }

    #[test]
    fn what_it_does_not_read_is_named() {
        let wrong = |bytes: &[u8]| decode(bytes).unwrap_err();
        assert_eq!(wrong(b"<\0a\0/\0>\0"), TextError::NoMark);
        assert_eq!(wrong(b"<a>Gr\xF6\xDFe</a>"), TextError::NotUnicode { at: 5 });
        assert_eq!(wrong(b"\xFF\xFE<"), TextError::HalfCharacter { at: 2 });
        assert_eq!(wrong(b"\xFF\xFE<\0\0\xD8a\0"), TextError::HalfCharacter { at: 4 });
        assert!(matches!(wrong(&vec![b' '; MAX_XML_BYTES + 1]), TextError::TooLarge { .. }));
        let declared = b"<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>";
        assert!(matches!(wrong(declared), TextError::Contradiction { .. }));
        let declared = b"<?xml version=\"1.0\" encoding=\"windows-1252\"?><a/>";
        assert!(matches!(wrong(declared), TextError::Contradiction { .. }));
    }
}
