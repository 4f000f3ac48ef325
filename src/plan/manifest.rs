//! The list of a stick's files that is left on it, so that the stick can be checked later without its image.
//!
//! It reads as `sha256sum` writes and checks it: `sha256sum -c sticksmith.sha256` proves the files on any system. What
//! `sha256sum` takes for comments says how the stick was made. Its length is known before any checksum is.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::base::MIB;
use crate::format::gpt::SECTOR_SIZES;
use crate::source::{Addition, AdditionKind};

use super::Scheme;

/// In the root of the stick.
pub const MANIFEST_NAME: &str = "sticksmith.sha256";
/// A manifest of more bytes than this is nobody's.
pub const MAX_MANIFEST_BYTES: u64 = 64 << 20;

const INTRODUCTION: &str =
    "# Made by Sticksmith. To check this stick: sticksmith check DRIVE, or sha256sum -c sticksmith.sha256\n";
const SEAL: &str = "# SHA-256 of the lines above: ";
/// Hex digits, two blanks, line end.
const LINE_BYTES: usize = 64 + 2 + 1;

/// How the stick was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// Of this form; a later form has a higher number.
    pub manifest: u32,
    pub program: String,
    pub image: String,
    pub image_bytes: u64,
    pub system: Option<String>,
    pub scheme: Scheme,
    pub label: String,
    /// What serial numbers and identifiers were derived from.
    pub seed: u64,
    /// Size of the parts of a split install image, where one was asked for.
    pub split_bytes: Option<u64>,
    pub sector_bytes: u32,
    pub drive_bytes: u64,
    /// Files and folders of the user's, by their place on the stick.
    pub added: Vec<Added>,
    /// Answer files that the image brings were left out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_answer_files: bool,
    /// Files of the image that more was appended to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patched: Vec<Patched>,
}

/// A WIM file of the image with another header and more behind its end, which the checksum of the whole covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patched {
    pub path: String,
    pub appended_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    pub path: String,
    /// `None`: a folder.
    pub bytes: Option<u64>,
    pub modified_unix_secs: Option<i64>,
    /// It took the place of a file of the image.
    pub replaces: bool,
    /// It belongs to the stick's answer file.
    #[serde(default, skip_serializing_if = "is_false")]
    pub answer: bool,
}

impl Added {
    pub(super) fn of(addition: &Addition) -> Self {
        Self {
            path: addition.dest.clone(),
            bytes: match addition.kind {
                AdditionKind::Folder => None,
                AdditionKind::File { len_bytes } => Some(len_bytes),
            },
            modified_unix_secs: addition.modified_unix_secs,
            replaces: addition.replaces,
            answer: addition.of_answer,
        }
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// A manifest that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub making: Making,
    pub files: Vec<ListedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    pub path: String,
    /// Lower-case hex.
    pub sha256: String,
}

/// Everything before the list.
pub(super) fn head(making: &Making) -> String {
    // Strings and numbers always have a JSON form.
    format!("{INTRODUCTION}# {}\n", serde_json::to_string(making).unwrap_or_default())
}

/// The length of a manifest that lists these paths.
pub(super) fn len_bytes<'a>(head: &str, paths: impl Iterator<Item = &'a str>) -> u64 {
    let list: usize = paths.map(|path| LINE_BYTES + path.len()).sum();
    (head.len() + list + SEAL.len() + 64 + 1) as u64
}

/// The whole text, once the checksums (lower-case hex) are known.
pub fn render<'a>(head: &str, files: impl Iterator<Item = (&'a str, String)>) -> Vec<u8> {
    let mut text = head.to_owned();
    for (path, sha256) in files {
        text.push_str(&format!("{sha256}  {path}\n"));
    }
    let seal = hex(&Sha256::digest(text.as_bytes()));
    text.push_str(&format!("{SEAL}{seal}\n"));
    text.into_bytes()
}

/// Reads what [`render`] made. The error is the end of the sentence "the manifest …".
pub fn parse(bytes: &[u8]) -> Result<Manifest, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is no text".to_owned())?;
    let (lines, seal) = text.rsplit_once(SEAL).ok_or("has no last line")?;
    if seal.trim_end() != hex(&Sha256::digest(lines.as_bytes())) {
        return Err("was changed: its own checksum is wrong".to_owned());
    }
    let rest = lines.strip_prefix(INTRODUCTION).ok_or("begins with another line")?;
    let (making, list) = rest.split_once('\n').ok_or("is cut off")?;
    let making = making.strip_prefix("# ").ok_or("does not say how the stick was made")?;
    let making: Making = serde_json::from_str(making)
        .map_err(|error| format!("does not say in a known form how the stick was made ({error})"))?;
    if making.manifest != 1 {
        return Err(format!("has form {}, which a later version of the program made", making.manifest));
    }
    let is_possible = SECTOR_SIZES.contains(&making.sector_bytes)
        && making.patched.iter().all(|patched| patched.appended_bytes <= u32::MAX.into())
        && making.split_bytes.is_none_or(|bytes| bytes >= MIB);
    if !is_possible {
        return Err("says of the stick what cannot be".to_owned());
    }
    let file = |line: &str| {
        let (sha256, path) = line.split_once("  ")?;
        let is_hex = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        is_hex.then(|| ListedFile { path: path.to_owned(), sha256: sha256.to_ascii_lowercase() })
    };
    let files =
        list.lines().map(|line| file(line).ok_or_else(|| format!("has a line that is none: {line:?}")));
    Ok(Manifest { making, files: files.collect::<Result<_, _>>()? })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn making() -> Making {
        Making {
            manifest: 1,
            program: "Sticksmith 0.1.0".to_owned(),
            image: "win\n7.iso".to_owned(),
            image_bytes: 5,
            system: None,
            scheme: Scheme::Mbr,
            label: "WIN7".to_owned(),
            seed: u64::MAX,
            split_bytes: None,
            sector_bytes: 512,
            drive_bytes: 8_000_000_000,
            added: Vec::new(),
            without_answer_files: false,
            patched: Vec::new(),
        }
    }

    fn manifest() -> Vec<u8> {
        let files = [("bootmgr", "ab".repeat(32)), ("sources/Größe.txt", "cd".repeat(32))];
        render(&head(&making()), files.into_iter())
    }

    #[test]
    fn what_was_written_reads_back_and_has_the_length_that_was_foretold() {
        let bytes = manifest();
        let paths = ["bootmgr", "sources/Größe.txt"];
        assert_eq!(bytes.len() as u64, len_bytes(&head(&making()), paths.into_iter()));
        let manifest = parse(&bytes).unwrap();
        assert_eq!(manifest.making, making());
        assert_eq!(manifest.files[1], ListedFile { path: paths[1].to_owned(), sha256: "cd".repeat(32) });
    }

    #[test]
    fn a_changed_manifest_is_known_by_its_own_checksum() {
        let good = manifest();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(parse(&bad).is_err() || at + 1 == good.len(), "byte {at}");
        }
        for impossible in [
            Making { sector_bytes: 0, ..making() },
            Making { split_bytes: Some(0), ..making() },
            Making { manifest: 2, ..making() },
        ] {
            assert!(parse(&render(&head(&impossible), std::iter::empty())).is_err(), "{impossible:?}");
        }
        assert!(parse(b"").is_err());
        assert!(parse(&good[..good.len() - 70]).is_err());
    }
}
