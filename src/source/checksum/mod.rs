//! Checksum files beside an image, as publishers put them there.

mod lines;
mod names;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::Digest;

use super::SourceError;
use names::{ChecksumFile, ImageNames};

/// Far more than any publisher's list has.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// A folder with more files than this is not searched to its end.
const MAX_FILES_IN_FOLDER: usize = 1 << 16;

/// A checksum that the image should have, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    pub digest: Digest,
    pub file: PathBuf,
    /// The entry names the image as it is after decompression, not the file that lies there.
    pub of_decompressed: bool,
}

/// Looks beside `image` for `NAME.sha256`, `SHA256SUMS`, `sha256sum.txt` and their SHA-1, SHA-512 and MD5 twins, GNU and
/// BSD style, and returns the entries that name this image, each checksum once. Unreadable or contradicting files are
/// errors, and so is a file of this image's own that does not have its checksum; a list of several files that does not
/// name it is not.
///
/// Nothing vouches for these files: signatures around them are passed over, not checked.
pub fn published_beside(image: &Path) -> Result<Vec<Published>, SourceError> {
    let Some(names) = image.file_name().and_then(|name| name.to_str()).map(ImageNames::of) else {
        return Ok(Vec::new());
    };
    let folder = match image.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut found: Vec<Published> = Vec::new();
    for (kind, file) in checksum_files(folder, &names)? {
        let error = |what: String| SourceError::Sidecar { path: file.clone(), what };
        let text = match read_text(&file).map_err(|e| error(format!("it cannot be read: {e}")))? {
            Ok(text) => text,
            // Whatever this is, it is not about our image.
            Err(_) if kind == ChecksumFile::List => continue,
            Err(what) => return Err(error(what.into())),
        };
        let entries = lines::entries_for(&text, &kind, &names).map_err(error)?;
        // A list of other files under this image's name is most likely of the files inside it.
        if entries.is_empty() && kind != ChecksumFile::List && !lines::is_list(&text) {
            let what = format!("it has no checksum for “{}” in a form that is known here", names.name);
            return Err(error(what));
        }
        for (digest, of_decompressed) in entries {
            let twin = found
                .iter()
                .find(|p| p.of_decompressed == of_decompressed && p.digest.algorithm() == digest.algorithm());
            match twin {
                Some(twin) if twin.digest != digest => {
                    return Err(error(format!(
                        "it contradicts {}: both have the {} of “{}”, and they differ",
                        twin.file.display(),
                        digest.algorithm(),
                        names.name,
                    )));
                }
                Some(_) => {}
                None => found.push(Published { digest, file: file.clone(), of_decompressed }),
            }
        }
    }
    Ok(found)
}

/// The files in `folder` whose names tell that they have checksums: the image's own before lists, by name.
fn checksum_files(
    folder: &Path,
    names: &ImageNames<'_>,
) -> Result<Vec<(ChecksumFile, PathBuf)>, SourceError> {
    let error = |e: io::Error| SourceError::Sidecar { path: folder.to_owned(), what: e.to_string() };
    let mut files = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // A folder that may be passed through but not listed hides its files from us; that is no fault of the image.
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Ok(files),
        Err(e) => return Err(error(e)),
    };
    for entry in entries.take(MAX_FILES_IN_FOLDER) {
        let entry = entry.map_err(error)?;
        let Some(kind) = entry.file_name().to_str().and_then(|name| names.checksum_file(name)) else {
            continue;
        };
        // Through links; and a pipe or a folder of that name has nothing to say.
        if entry.path().is_file() {
            files.push((kind, entry.path()));
        }
    }
    files.sort_by(|(kind, file), (other_kind, other)| {
        let is_list = |kind: &ChecksumFile| *kind == ChecksumFile::List;
        is_list(kind).cmp(&is_list(other_kind)).then_with(|| file.cmp(other))
    });
    Ok(files)
}

/// The text of a file, or in the inner result why it is none.
fn read_text(file: &Path) -> io::Result<Result<String, &'static str>> {
    let mut bytes = Vec::new();
    fs::File::open(file)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > MAX_FILE_BYTES {
        Err("it is much too large to be a checksum file")
    } else {
        text_of(&bytes).ok_or("it is not a text file")
    })
}

/// UTF-8, and the UTF-16 that Windows PowerShell writes. A name in another encoding will not match, its neighbours will.
fn text_of(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            char::decode_utf16(units).collect::<Result<String, _>>().ok()?
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    (!text.contains('\0')).then_some(text)
}

#[cfg(test)]
mod tests;
