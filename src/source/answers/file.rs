//! An answer file before it is known which media it goes onto.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::answer::{AnswerOptions, Disks, MAX_XML_BYTES, SecretBytes, Violation, read_profile};

/// What becomes the stick's answer file. Its `Debug` form shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerFile {
    Profile {
        options: Box<AnswerOptions>,
        /// What the files of the profile's steps are relative to.
        folder: PathBuf,
        /// What to call it in words: `profile.toml`.
        name: String,
    },
    /// An XML file of the user's own, as it is.
    Xml { bytes: SecretBytes, name: String },
}

/// Why a file cannot be the answer file of a stick.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} cannot be the answer file. {}", problems.join(" "))]
pub struct AnswerFileError {
    /// Of the answer file.
    pub name: String,
    /// Sentences, none of which holds a secret.
    pub problems: Vec<String>,
}

impl AnswerFileError {
    pub(super) fn new(name: &str, problem: impl Into<String>) -> Self {
        Self { name: name.to_owned(), problems: vec![problem.into()] }
    }

    pub(super) fn of_limits(name: &str, violations: &[Violation]) -> Self {
        let problems = violations.iter().map(|violation| format!("{violation}.")).collect();
        Self { name: name.to_owned(), problems }
    }
}

impl AnswerFile {
    /// A profile, or XML: its content tells which.
    pub fn read(path: &Path) -> Result<Self, AnswerFileError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let fail = |what: String| AnswerFileError::new(&name, what);
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| fail(format!("It cannot be opened: {error}.")))?;
        // One byte more than is allowed, so that the reader can say so.
        file.take(MAX_XML_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| fail(format!("It cannot be read: {error}.")))?;
        if is_xml(&bytes) {
            return Ok(Self::Xml { bytes: SecretBytes::new(bytes), name });
        }
        let options =
            read_profile(&bytes).map_err(|error| fail(format!("{}.", capital(&error.to_string()))))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self::Profile { options: Box::new(options), folder, name })
    }

    /// As if its author had agreed to every disk that it erases: for whoever asks the user for that himself.
    pub fn with_consent(mut self) -> Self {
        if let Self::Profile { options, .. } = &mut self
            && let Disks::Wipe(wipe) = &mut options.disks
        {
            wipe.consent = Some(wipe.consent_words());
        }
        self
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Profile { name, .. } | Self::Xml { name, .. } => name,
        }
    }
}

fn is_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let is_utf16 = matches!(text, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, ..] | [0, b'<', ..]);
    is_utf16 || text.trim_ascii_start().first() == Some(&b'<')
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_content_tells_a_profile_from_xml() {
        let folder = tempfile::tempdir().unwrap();
        let read = |bytes: &[u8]| {
            let path = folder.path().join("Größe.txt");
            fs::write(&path, bytes).unwrap();
            AnswerFile::read(&path)
        };
        let utf16: Vec<u8> = "\u{FEFF}<unattend/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for xml in [b" \n<unattend/>".as_slice(), b"\xEF\xBB\xBF<a/>", &utf16] {
            assert!(matches!(read(xml), Ok(AnswerFile::Xml { .. })), "{xml:?}");
        }
        let Ok(AnswerFile::Profile { folder: beside, name, .. }) = read(b"windows = \"7\"\n") else {
            panic!()
        };
        assert_eq!((beside.as_path(), name.as_str()), (folder.path(), "Größe.txt"));
        let error = read(b"accounts.administrator_password = 123456").unwrap_err();
        assert!(error.to_string().starts_with("Größe.txt cannot be the answer file. Line 1"), "{error}");
        assert!(!error.to_string().contains("123456"), "{error}");
        assert!(AnswerFile::read(&folder.path().join("none")).is_err());
    }
}
