//! Checksums: which kinds there are, how they are written, and how they are computed.

use std::fmt;
use std::str::FromStr;

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// The checksum algorithms that images are published with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    pub const ALL: [Self; 4] = [Self::Sha256, Self::Sha1, Self::Sha512, Self::Md5];

    pub fn len_bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The lower-case name, as in `sha256:…` and in the names of checksum files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl FromStr for Algorithm {
    type Err = DigestParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain: String = text.chars().filter(|c| *c != '-').collect();
        Self::ALL
            .into_iter()
            .find(|a| a.name().eq_ignore_ascii_case(&plain))
            .ok_or_else(|| DigestParseError::Algorithm(text.to_owned()))
    }
}

/// A finished checksum. Reads from `sha256:HEX`, or from bare hex, whose length then tells the kind.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest {
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestParseError {
    #[error("“{0}” is not a checksum kind that is known here; use sha256, sha1, sha512 or md5")]
    Algorithm(String),
    #[error("a checksum is made of the digits 0-9 and a-f; “{0}” is not")]
    NotHex(String),
    #[error(
        "a checksum of {0} hex digits is of no known kind (MD5 has 32, SHA-1 40, SHA-256 64, SHA-512 128)"
    )]
    Length(usize),
    #[error("{algorithm} has {expected} hex digits, not {actual}")]
    LengthFor { algorithm: Algorithm, expected: usize, actual: usize },
}

impl Digest {
    /// `None` when the number of bytes is not that of the algorithm.
    pub fn new(algorithm: Algorithm, bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == algorithm.len_bytes()).then_some(Self { algorithm, bytes })
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Lower-case hex without the kind.
    pub fn hex(&self) -> String {
        self.bytes.iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (named, hex) = match text.split_once(':') {
            Some((name, hex)) => (Some(name.trim().parse::<Algorithm>()?), hex.trim()),
            None => (None, text),
        };
        let bytes = from_hex(hex).ok_or_else(|| DigestParseError::NotHex(hex.to_owned()))?;
        let algorithm = match named {
            Some(algorithm) if algorithm.len_bytes() * 2 != hex.len() => {
                return Err(DigestParseError::LengthFor {
                    algorithm,
                    expected: algorithm.len_bytes() * 2,
                    actual: hex.len(),
                });
            }
            Some(algorithm) => algorithm,
            None => Algorithm::ALL
                .into_iter()
                .find(|a| a.len_bytes() == bytes.len())
                .ok_or(DigestParseError::Length(hex.len()))?,
        };
        Ok(Self { algorithm, bytes })
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

/// Computes one checksum over bytes that arrive in order.
#[derive(Clone)]
pub enum Hasher {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    pub fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(h) => h.update(bytes),
            Self::Sha1(h) => h.update(bytes),
            Self::Sha256(h) => h.update(bytes),
            Self::Sha512(h) => h.update(bytes),
        }
    }

    pub fn finish(self) -> Digest {
        let (algorithm, bytes) = match self {
            Self::Md5(h) => (Algorithm::Md5, h.finalize().to_vec()),
            Self::Sha1(h) => (Algorithm::Sha1, h.finalize().to_vec()),
            Self::Sha256(h) => (Algorithm::Sha256, h.finalize().to_vec()),
            Self::Sha512(h) => (Algorithm::Sha512, h.finalize().to_vec()),
        };
        Digest { algorithm, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 and RFC 1321 test vectors for "abc".
    #[test]
    fn known_answers() {
        for (algorithm, hex) in [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Algorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ] {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(b"a");
            hasher.update(b"bc");
            assert_eq!(hasher.finish().hex(), hex);
        }
    }

    #[test]
    fn bare_hex_tells_its_kind_and_a_named_one_must_fit() {
        let bare: Digest = "900150983CD24FB0D6963F7D28E17F72".parse().unwrap();
        assert_eq!(bare.algorithm(), Algorithm::Md5);
        assert_eq!("MD5:900150983cd24fb0d6963f7d28e17f72".parse::<Digest>().unwrap(), bare);
        assert_eq!(
            "sha-1:a9993e364706816aba3e25717850c26c9cd0d89d".parse::<Digest>().unwrap().algorithm(),
            Algorithm::Sha1
        );
        for wrong in ["", "abc", "zz", "sha256:00", "crc:00", "00é0"] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
