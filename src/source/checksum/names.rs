//! Which files beside an image are about its checksum, by their names.

use crate::base::Algorithm;

/// The names under which a checksum file may speak of an image.
pub struct ImageNames<'a> {
    /// The name of the file that lies there.
    pub name: &'a str,
    /// The name without the ending that tells the compression: `foo.img` for `foo.img.xz`.
    pub decompressed: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecksumFile {
    /// Named after the image: `foo.iso.sha256`.
    Own { algorithm: Option<Algorithm>, of_decompressed: bool },
    /// Named after nothing, or after many: `SHA256SUMS`.
    List,
}

const COMPRESSION_ENDINGS: [&str; 9] =
    [".gz", ".xz", ".zst", ".zstd", ".bz2", ".lz4", ".zip", ".gzip", ".bzip2"];

impl<'a> ImageNames<'a> {
    pub fn of(name: &'a str) -> Self {
        let decompressed = COMPRESSION_ENDINGS.iter().find_map(|ending| {
            let at = name.len().checked_sub(ending.len()).filter(|at| *at > 0)?;
            let (stem, end) = name.split_at_checked(at)?;
            end.eq_ignore_ascii_case(ending).then_some(stem)
        });
        Self { name, decompressed }
    }

    /// What `file_name` would be to this image; `None` if nothing. Image names count exactly, the rest in any case.
    pub fn checksum_file(&self, file_name: &str) -> Option<ChecksumFile> {
        if let Some(algorithm) = file_name.strip_prefix(self.name).and_then(own_ending) {
            return Some(ChecksumFile::Own { algorithm, of_decompressed: false });
        }
        if let Some(stem) = self.decompressed
            && let Some(algorithm) = file_name.strip_prefix(stem).and_then(own_ending)
        {
            return Some(ChecksumFile::Own { algorithm, of_decompressed: true });
        }
        is_list(&file_name.to_ascii_lowercase()).then_some(ChecksumFile::List)
    }
}

/// `.sha256`, `.sha256sum`, `.sha256sums`, `.sha256.txt`, and `.checksum`, `-CHECKSUM` without an algorithm.
fn own_ending(ending: &str) -> Option<Option<Algorithm>> {
    let ending = ending.to_ascii_lowercase();
    let word = ending.strip_prefix(['.', '-', '_'])?;
    let word = word.strip_suffix(".txt").unwrap_or(word);
    if matches!(word, "checksum" | "checksums") {
        return Some(None);
    }
    let algorithm = word.strip_suffix("sums").or(word.strip_suffix("sum")).unwrap_or(word);
    Algorithm::ALL.into_iter().find(|a| a.name() == algorithm).map(Some)
}

/// `sha256sums`, `sha256sum.txt`, `sha256`, `checksum`, `fedora-42-checksum`, `checksum.sha256-freebsd-14`, and any of
/// them signed in the clear (`.asc`).
fn is_list(name: &str) -> bool {
    let name = name.strip_suffix(".asc").unwrap_or(name);
    let name = name.strip_suffix(".txt").unwrap_or(name);
    if name.starts_with("checksum.") {
        return true;
    }
    Algorithm::ALL.iter().map(|a| a.name()).chain(["checksum"]).any(|word| {
        let rest = name.strip_suffix("sums").or(name.strip_suffix("sum"));
        // The bare word is only a list when it is the whole name: `foo.sha256` is about `foo`.
        let before = match rest.and_then(|rest| rest.strip_suffix(word)) {
            Some(before) => Some(before),
            None if word == "checksum" => name.strip_suffix("checksums").or(name.strip_suffix("checksum")),
            None => name.strip_suffix(word).filter(|before| before.is_empty()),
        };
        before.is_some_and(|b| b.is_empty() || b.ends_with(['-', '_', '.']))
    })
}
