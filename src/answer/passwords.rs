//! How an answer file hides a password from a glance: Base64 of the UTF-16LE of the password with the name of its element
//! behind it. That is no encryption: whoever has the file has the password.

use super::secret::Secret;

/// Behind the password of a user and of the automatic logon.
pub(super) const PASSWORD: &str = "Password";
/// Behind that of the built-in administrator.
pub(super) const ADMINISTRATOR_PASSWORD: &str = "AdministratorPassword";

pub(super) fn encode(password: &str, element: &str) -> Secret {
    let bytes: Vec<u8> =
        password.encode_utf16().chain(element.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    Secret::new(to_base64(&bytes))
}

/// `None`: nothing that was encoded for this element.
pub(super) fn decode(encoded: &str, element: &str) -> Option<Secret> {
    let bytes = from_base64(encoded)?;
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty())?;
    Some(Secret::new(text.strip_suffix(element)?))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = ALPHABET[(bits >> shift & 63) as usize];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Blanks are passed over, as Windows does; the padding may be missing, as it is in one of Microsoft's own examples.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let end = digits.iter().position(|b| *b == b'=').unwrap_or(digits.len());
    let (digits, padding) = digits.split_at(end);
    if padding.len() > 2 || padding.iter().any(|b| *b != b'=') || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for chunk in digits.chunks(4) {
        let mut bits = 0u32;
        for at in 0..4 {
            let digit = match chunk.get(at) {
                Some(digit) => ALPHABET.iter().position(|b| b == digit)?,
                None => 0,
            };
            bits = bits << 6 | digit as u32;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_own_examples() {
        assert_eq!(encode("", PASSWORD).reveal(), "UABhAHMAcwB3AG8AcgBkAA==");
        assert_eq!(encode("password", PASSWORD).reveal(), "cABhAHMAcwB3AG8AcgBkAFAAYQBzAHMAdwBvAHIAZAA=");
        assert_eq!(decode("cAB3AFAAYQBzAHMAdwBvAHIAZAA", PASSWORD).unwrap().reveal(), "pw");
        let vagrant = "dgBhAGcAcgBhAG4AdABBAGQAbQBpAG4AaQBzAHQAcgBhAHQAbwByAFAAYQBzAHMAdwBvAHIAZAA=";
        assert_eq!(encode("vagrant", ADMINISTRATOR_PASSWORD).reveal(), vagrant);
        assert_eq!(decode(vagrant, ADMINISTRATOR_PASSWORD).unwrap().reveal(), "vagrant");
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        for password in ["", "a", "<&>\"'", "Größe 日本 🦀", " leading", "Password"] {
            for element in [PASSWORD, ADMINISTRATOR_PASSWORD] {
                let encoded = encode(password, element);
                assert_eq!(decode(encoded.reveal(), element).unwrap().reveal(), password);
            }
        }
        for bad in ["=", "A", "AAAA=A==", "AAAA", "UABhAHMAcwB3AG8AcgBk", "ä", "2A=="] {
            assert_eq!(decode(bad, PASSWORD), None, "{bad}");
        }
    }
}
