//! Profiles as files: TOML, or JSON where the text begins with a brace.

use serde_json::Value;

use super::keys::ProductKey;
use super::options::AnswerOptions;

/// Profiles have some kilobytes.
pub const MAX_PROFILE_BYTES: usize = 1 << 20;

/// A profile that cannot be read. Never quotes the text, which may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    #[error("the profile has {bytes} bytes, more than {MAX_PROFILE_BYTES}")]
    TooLarge { bytes: usize },
    #[error("the profile is not UTF-8 text")]
    NotText,
    #[error("line {line} of the profile: {what}")]
    Wrong { line: usize, what: String },
}

/// Are the secrets written as they are?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    Shown,
    Masked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileFormat {
    Toml,
    Json,
}

/// Reads a profile. An unknown field is an error that names it.
pub fn read_profile(bytes: &[u8]) -> Result<AnswerOptions, ProfileError> {
    if bytes.len() > MAX_PROFILE_BYTES {
        return Err(ProfileError::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ProfileError::NotText)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| {
            let what = error.to_string();
            let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
            ProfileError::Wrong { line: error.line(), what: what.to_owned() }
        })
    } else {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            // Its own text would show the line.
            let line = text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
            ProfileError::Wrong { line, what: error.message().replace('\n', ", ") }
        })
    }
}

/// The text of a profile. With [`Secrets::Masked`] it cannot be read again, which is meant.
pub fn write_profile(options: &AnswerOptions, format: ProfileFormat, secrets: Secrets) -> String {
    // Options are strings, numbers and lists, which have a form in both.
    let mut value = serde_json::to_value(options).unwrap_or_default();
    if secrets == Secrets::Shown {
        reveal(&mut value, options);
    }
    match format {
        ProfileFormat::Json => serde_json::to_string_pretty(&value).unwrap_or_default() + "\n",
        ProfileFormat::Toml => toml::to_string(&value).unwrap_or_default(),
    }
}

/// Puts the secrets in the places where serialising left masks.
fn reveal(value: &mut Value, options: &AnswerOptions) {
    let mut put = |pointer: &str, secret: &str| {
        if let Some(place) = value.pointer_mut(pointer) {
            *place = Value::String(secret.to_owned());
        }
    };
    if let Some(ProductKey::Key(key)) = &options.setup.product_key {
        put("/setup/product_key", key.reveal());
    }
    if let Some(password) = &options.accounts.administrator_password {
        put("/accounts/administrator_password", password.reveal());
    }
    for (at, user) in options.accounts.users.iter().enumerate() {
        if let Some(password) = &user.password {
            put(&format!("/accounts/users/{at}/password"), password.reveal());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::options::{Disks, User};
    use crate::answer::secret::Secret;

    fn with_secrets() -> AnswerOptions {
        let mut options = AnswerOptions::default();
        options.setup.product_key = Some(ProductKey::Key(Secret::new("BCDFG-HJKMP-QRTVW-XY234-6789B")));
        options.accounts.administrator_password = Some(Secret::new("s3cr3t\"\\'"));
        let user = |name: &str, password: Option<&str>| User {
            name: name.to_owned(),
            password: password.map(Secret::new),
            ..User::default()
        };
        options.accounts.users = vec![user("a", None), user("b", Some("hidden\nword"))];
        options
    }

    #[test]
    fn a_profile_is_written_and_read() {
        for options in [AnswerOptions::default(), with_secrets()] {
            for format in [ProfileFormat::Toml, ProfileFormat::Json] {
                let text = write_profile(&options, format, Secrets::Shown);
                assert_eq!(read_profile(text.as_bytes()).unwrap(), options, "{text}");
            }
        }
    }

    #[test]
    fn a_masked_profile_has_no_secret_and_is_not_read_again() {
        for format in [ProfileFormat::Toml, ProfileFormat::Json] {
            let text = write_profile(&with_secrets(), format, Secrets::Masked);
            assert!(!["BCDFG", "s3cr3t", "hidden"].iter().any(|secret| text.contains(secret)), "{text}");
            let error = read_profile(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("masked"), "{error}");
        }
    }

    #[test]
    fn an_error_names_the_field_and_the_line_and_quotes_nothing() {
        for (text, line, words) in [
            ("windows = \"7\"\nwindwos = \"7\"", 2, "windwos"),
            ("[accounts]\npasword = \"hunter2\"", 2, "pasword"),
            ("[[accounts.users]]\nname = \"a\"\npassword = 123456", 3, "text in quotes"),
            ("[accounts]\nadministrator_password = [\"hunter2\"]", 2, "text in quotes"),
            ("[accounts]\nadministrator_password = \"hunter2", 2, ""),
            ("[accounts]\nadministrator_password hunter2", 2, ""),
            ("[disks]\nmode = \"wipe\"\ndisk = 0\nlayout = \"uefi\"\nstick_disk = 1\nsizee = 2", 1, "sizee"),
            ("[disks]\nmode = \"wipe\"\ndisk = 0\nlayout = \"uefi\"", 1, "stick_disk"),
            ("[disks]\nmode = \"shred\"", 1, "shred"),
            ("{\"setup\":\n {\"product_key\": 123456}}", 2, "text in quotes"),
            ("{\"setup\":\n {\"fullname\": \"x\"}}", 2, "fullname"),
        ] {
            match read_profile(text.as_bytes()).unwrap_err() {
                ProfileError::Wrong { line: found, what } => {
                    assert!(
                        found.abs_diff(line) <= 1 && what.contains(words),
                        "{text}: line {found}: {what}"
                    );
                    assert!(!what.contains("hunter2") && !what.contains("123456"), "{what}");
                }
                other => panic!("{other}"),
            }
        }
        assert_eq!(read_profile(b"\xFF\xFE").unwrap_err(), ProfileError::NotText);
        assert!(matches!(read_profile(&vec![b' '; 2 << 20]), Err(ProfileError::TooLarge { .. })));
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(read_profile(deep.as_bytes()).is_err());
        assert_eq!(read_profile(b"[disks]\nmode = \"interactive\"").unwrap().disks, Disks::Interactive);
    }
}
