//! OSTA compressed Unicode (UDF 1.02 §2.1.1): a byte that tells the width, then characters of that width.

/// Text in d-characters. `None` when the width is neither 8 nor 16 bits.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let (width, characters) = bytes.split_first()?;
    match width {
        8 => Some(characters.iter().map(|b| char::from(*b)).collect()),
        16 => {
            let units = characters.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect())
        }
        _ => None,
    }
}

/// A dstring: a field of fixed size whose last byte tells how many are used (UDF 1.02 §2.1.3).
pub(super) fn decode_dstring(field: &[u8]) -> Option<String> {
    let (len, text) = field.split_last()?;
    decode(text.get(..usize::from(*len))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_widths() {
        assert_eq!(decode(b"\x08Gr\xF6\xDFe").as_deref(), Some("Größe"));
        assert_eq!(decode(b"\x10\x03\xA9\xD8\x3D\xDC\xBE").as_deref(), Some("Ω💾"));
        assert_eq!(decode(b"\x09abc"), None);
        assert_eq!(decode(b""), None);
    }

    #[test]
    fn a_dstring_cannot_be_longer_than_its_field() {
        assert_eq!(decode_dstring(b"\x08AB\0\0\x03").as_deref(), Some("AB"));
        assert_eq!(decode_dstring(b"\x08AB\x04"), None);
        assert_eq!(decode_dstring(b"\0\0\0\0"), None);
    }
}
