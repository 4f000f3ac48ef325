//! Passwords and product keys: they go into the answer file and nowhere else.
//!
//! Neither `Debug` nor `Serialize` shows one, so no log, report or error can. [`Secret::reveal`] is the way out, and its
//! callers are few: the encoding of passwords, the writing of XML, and the saving of a profile.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// What is shown in a secret's place. Read back, it is an error: a profile that was saved without its secrets must not
/// install machines whose password is this.
pub const MASK: &str = "********";

#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// A whole file that holds secrets, such as an answer file: shows its length and nothing else. Copies share the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Arc<[u8]>);

impl SecretBytes {
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }

    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    pub fn len_bytes(&self) -> u64 {
        self.0.len() as u64
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MASK} ({} bytes)", self.0.len())
    }
}

impl Serialize for SecretBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

/// Takes strings alone. The usual message for another type names the value that was found, which here is the password.
pub(super) struct SecretVisitor;

const NOT_A_STRING: &str = "a password or product key is a text in quotes";

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        if text == MASK {
            return Err(E::custom("a secret is masked here: this file was saved without its secrets"));
        }
        Ok(Secret::new(text))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_nowhere() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), format!("{MASK} Some({MASK})"));
        assert_eq!(serde_json::to_string(&secret).unwrap(), format!("\"{MASK}\""));
        let bytes = SecretBytes::new(*b"hunter2");
        assert_eq!(format!("{bytes:?}"), format!("{MASK} (7 bytes)"));
        assert_eq!(serde_json::to_string(&bytes).unwrap(), format!("\"{MASK}\""));
        for text in ["123456", "-123456", "123456.5", "true", "[\"123456\"]", "{\"123456\": 1}"] {
            let error = serde_json::from_str::<Secret>(text).unwrap_err().to_string();
            assert!(!error.contains("123456"), "{error}");
        }
        assert!(serde_json::from_str::<Secret>(&format!("\"{MASK}\"")).is_err());
        assert_eq!(serde_json::from_str::<Secret>("\"a\\\"b\"").unwrap().reveal(), "a\"b");
    }
}
