//! Block maps (`.bmap`, versions 1.x and 2.0 of the format that bmaptool writes): which parts of an image carry data.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node, ParsingOptions};

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Digest};

use super::SourceError;

/// Enough for some fifty thousand ranges.
const MAX_FILE_BYTES: u64 = 8 << 20;
const MAX_XML_NODES: u32 = 1 << 18;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockMap {
    pub file: PathBuf,
    pub image_bytes: u64,
    pub ranges: Vec<MappedRange>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedRange {
    pub offset: u64,
    pub len: u64,
    pub digest: Option<Digest>,
}

/// The block map beside `image`: `NAME.bmap`, or the name without its last ending, or two, plus `.bmap`. Its own checksum
/// is verified; ranges are ascending, inside the image and never overlap.
pub fn beside(image: &Path) -> Result<Option<BlockMap>, SourceError> {
    for file in candidates(image) {
        let error = |what: String| SourceError::Sidecar { path: file.clone(), what };
        if !file.is_file() {
            continue;
        }
        let text = read_bounded(&file).map_err(|e| error(format!("it cannot be read: {e}")))?;
        let (image_bytes, ranges) = parse(&text).map_err(|what| error(format!("as a block map, {what}")))?;
        return Ok(Some(BlockMap { file, image_bytes, ranges }));
    }
    Ok(None)
}

fn candidates(image: &Path) -> Vec<PathBuf> {
    let mut stem = image.to_owned();
    let mut candidates = Vec::new();
    for _ in 0..3 {
        let Some(name) = stem.file_name() else { break };
        let mut name = name.to_owned();
        name.push(".bmap");
        candidates.push(image.with_file_name(name));
        if stem.extension().is_none() {
            break;
        }
        stem.set_extension("");
    }
    candidates
}

fn read_bounded(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is much too large for a block map"));
    }
    Ok(text)
}

/// How a version of the format spells its checksums.
struct Spelling {
    algorithm: Algorithm,
    file_element: &'static str,
    range_attribute: &'static str,
}

/// The size of the image, and its mapped ranges. Errors continue the sentence "as a block map, ...".
fn parse(text: &str) -> Result<(u64, Vec<MappedRange>), String> {
    let options = ParsingOptions { nodes_limit: MAX_XML_NODES, ..ParsingOptions::default() };
    let document =
        Document::parse_with_options(text, options).map_err(|e| format!("it is not sound: {e}"))?;
    let root = document.root_element();
    if !root.has_tag_name("bmap") {
        return Err("it has the wrong root element".into());
    }
    let spelling = spelling(root)?;
    if let Some(spelling) = &spelling {
        verify_own_checksum(text, root, spelling)?;
    }

    let image_bytes = number(root, "ImageSize")?;
    let block_bytes = number(root, "BlockSize")?;
    let blocks = number(root, "BlocksCount")?;
    let mapped = number(root, "MappedBlocksCount")?;
    if block_bytes == 0 || image_bytes.div_ceil(block_bytes) != blocks {
        return Err(format!("{image_bytes} bytes are not {blocks} blocks of {block_bytes} bytes"));
    }

    let mut ranges = Vec::new();
    let (mut next_block, mut counted) = (0, 0);
    for element in child(root, "BlockMap")?.children().filter(|n| n.has_tag_name("Range")) {
        let text = element.text().unwrap_or_default().trim();
        let (first, last) = block_range(text).ok_or_else(|| format!("“{text}” is no range of blocks"))?;
        if first < next_block || last >= blocks {
            return Err(format!("the range {text} is out of order or beyond the end of the image"));
        }
        let digest = match &spelling {
            Some(spelling) => match element.attribute(spelling.range_attribute) {
                Some(hex) => Some(digest(spelling.algorithm, hex)?),
                None => None,
            },
            None => None,
        };
        next_block = last + 1;
        counted += next_block - first;
        // No product overflows: the last block begins within the image, whose size is a u64.
        let offset = first * block_bytes;
        let end = image_bytes.min(next_block.saturating_mul(block_bytes));
        ranges.push(MappedRange { offset, len: end - offset, digest });
    }
    if counted != mapped {
        return Err(format!("it states {mapped} mapped blocks and lists {counted}"));
    }
    Ok((image_bytes, ranges))
}

/// Versions below 1.3 have no checksums, 1.3 has SHA-1, later ones name the kind.
fn spelling(root: Node<'_, '_>) -> Result<Option<Spelling>, String> {
    let version = root.attribute("version").unwrap_or_default();
    let numbers = version
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?)));
    match numbers {
        Some((1, 0..=2)) => Ok(None),
        Some((1, 3)) => Ok(Some(Spelling {
            algorithm: Algorithm::Sha1,
            file_element: "BmapFileSHA1",
            range_attribute: "sha1",
        })),
        Some((1, _) | (2, _)) => {
            let name = text_of(child(root, "ChecksumType")?);
            let algorithm = name.parse().map_err(|e| format!("its checksums are unusable: {e}"))?;
            Ok(Some(Spelling { algorithm, file_element: "BmapFileChecksum", range_attribute: "chksum" }))
        }
        _ => Err(format!("it has version “{version}”; known here are 1.0 to 2.0")),
    }
}

/// The file's checksum is that of the file with zeroes in the place of the checksum's own digits.
fn verify_own_checksum(text: &str, root: Node<'_, '_>, spelling: &Spelling) -> Result<(), String> {
    let element = child(root, spelling.file_element)?;
    let stated = digest(spelling.algorithm, text_of(element))?;
    let place = digits_place(text, element, text_of(element))
        .ok_or("its own checksum is written in a way that is not known here")?;
    let mut hasher = Hasher::new(spelling.algorithm);
    hasher.update(&text.as_bytes()[..place.start]);
    hasher.update(&vec![b'0'; place.len()]);
    hasher.update(&text.as_bytes()[place.end..]);
    if hasher.finish() != stated {
        return Err("its own checksum is wrong: it was damaged or edited".into());
    }
    Ok(())
}

fn digits_place(text: &str, element: Node<'_, '_>, digits: &str) -> Option<Range<usize>> {
    let within = element.range();
    let start = within.start + text.get(within)?.find(digits)?;
    Some(start..start + digits.len())
}

/// `7` or `7-9`, both ends included.
fn block_range(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last && last < u64::MAX).then_some((first, last))
}

fn digest(algorithm: Algorithm, hex: &str) -> Result<Digest, String> {
    format!("{}:{}", algorithm.name(), hex.trim())
        .parse()
        .map_err(|e| format!("it has an unusable checksum: {e}"))
}

fn number(root: Node<'_, '_>, name: &str) -> Result<u64, String> {
    let text = text_of(child(root, name)?);
    text.parse().map_err(|_| format!("“{text}” is no value for {name}"))
}

fn text_of<'a>(element: Node<'a, '_>) -> &'a str {
    element.text().unwrap_or_default().trim()
}

fn child<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Result<Node<'a, 'input>, String> {
    parent.children().find(|node| node.has_tag_name(name)).ok_or_else(|| format!("it has no {name} element"))
}

#[cfg(test)]
mod tests;
