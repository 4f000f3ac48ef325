//! Puts files into the image that starts, without any byte of a WIM file being moved: pure planning of what is appended.
//!
//! Behind all that is there come the new files, the image's directory tree once more with them in it, the lookup table
//! and the XML data. Nothing of that is compressed. The header, which is made anew, leads to these; nothing leads to the
//! old ones any more. Images that do not start, files, security descriptors and streams stay as they are.

mod tree;
mod xml;

use std::collections::BTreeMap;
use std::fmt;

use sha1::{Digest as _, Sha1};

use super::header::{FLAG_SPANNED, HEADER_BYTES, Header, ResourceHeader};
use super::lookup::Resource;
use super::metadata::Metadata;
use crate::format::FormatError;

/// More files than this are no drivers for Setup.
const MAX_FILES: usize = 10_000;

/// A whole WIM file, as far as it has to be known.
#[derive(Clone, Copy, Debug)]
pub struct Patchable<'a> {
    pub header: &'a Header,
    pub resources: &'a [Resource],
    pub xml: &'a [u8],
    /// The directory tree of the image that starts, decompressed.
    pub metadata: &'a [u8],
    pub file_bytes: u64,
}

/// A file that is put into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// `Windows/System32/winpeshl.ini`; folders that are not there yet are made.
    pub path: String,
    pub content: NewContent,
    pub modified_unix_secs: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewContent {
    Bytes(Vec<u8>),
    /// A file of the caller's, by its number.
    File {
        index: usize,
        len_bytes: u64,
        sha1: [u8; 20],
    },
}

/// What the new file is made of, in order.
#[derive(Clone, PartialEq, Eq)]
pub enum PatchPiece {
    Bytes(Vec<u8>),
    /// A range of the old file.
    Copy {
        offset_bytes: u64,
        len_bytes: u64,
    },
    /// A file of the caller's, whole.
    File {
        index: usize,
        len_bytes: u64,
    },
}

/// Why nothing can be put into the image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    #[error("none of its images is marked as the one that starts")]
    NoBootImage,
    #[error("it is compressed as one piece (solid)")]
    Solid,
    #[error("it is a part of a split set")]
    Split,
    #[error("it would hold {count} more files, and {MAX_FILES} are the most")]
    TooManyFiles { count: usize },
    #[error("it would have {len_bytes} bytes, and {limit_bytes} are the most")]
    TooLarge { len_bytes: u64, limit_bytes: u64 },
    #[error("its image has {path} already")]
    Exists { path: String },
    #[error("{path:?} is no path in a Windows image")]
    Path { path: String },
    #[error("its directory tree cannot be read: {0}")]
    Damaged(String),
}

/// Decides how the file becomes one with `files` in the image that starts, and with at most `max_bytes`.
pub fn patch(wim: &Patchable<'_>, files: &[NewFile], max_bytes: u64) -> Result<Vec<PatchPiece>, PatchError> {
    let header = wim.header;
    if header.total_parts != 1 || header.flags & FLAG_SPANNED != 0 {
        return Err(PatchError::Split);
    }
    if wim.resources.iter().any(Resource::is_solid) {
        return Err(PatchError::Solid);
    }
    if wim.file_bytes > max_bytes.min(i64::MAX as u64) {
        return Err(PatchError::TooLarge { len_bytes: wim.file_bytes, limit_bytes: max_bytes });
    }
    let image = header.boot_index.checked_sub(1).ok_or(PatchError::NoBootImage)?;
    if files.len() > MAX_FILES {
        return Err(PatchError::TooManyFiles { count: files.len() });
    }
    let damaged = |error: FormatError| PatchError::Damaged(error.to_string());
    let metadata = Metadata::new(wim.metadata.to_vec(), 0);
    // All of it has to make sense, and not only the folders on the way.
    let before = metadata.walk().map_err(damaged)?.len() as u64;
    let named: Vec<tree::File<'_>> = files.iter().map(tree::File::of).collect();
    let (new, new_folders) = tree::add(metadata, &named)?;
    let metadata = Metadata::new(new, 0);
    let after = metadata.walk().map_err(damaged)?.len() as u64;
    if after != before + files.len() as u64 + new_folders {
        // Directories that lie in one another; no tool makes such.
        return Err(PatchError::Damaged("its directories overlap".to_owned()));
    }
    let metadata = metadata.into_bytes();

    let mut pieces = vec![
        PatchPiece::Bytes(Vec::new()),
        PatchPiece::Copy {
            offset_bytes: HEADER_BYTES as u64,
            len_bytes: wim.file_bytes.saturating_sub(HEADER_BYTES as u64),
        },
    ];
    let mut end = wim.file_bytes.max(HEADER_BYTES as u64);
    let mut resources = wim.resources.to_vec();
    append_contents(files, &mut resources, &mut pieces, &mut end);

    let plain = |offset_bytes: u64, bytes: &[u8], flags: u8| {
        let stored_bytes = bytes.len() as u64;
        ResourceHeader { stored_bytes, flags, offset_bytes, original_bytes: stored_bytes }
    };
    let boot_metadata = plain(end, &metadata, ResourceHeader::METADATA);
    let of_images = resources.iter_mut().filter(|resource| resource.is_metadata());
    let resource = of_images.into_iter().nth(image as usize).ok_or(PatchError::NoBootImage)?;
    *resource = Resource {
        stored_bytes: boot_metadata.stored_bytes,
        offset_bytes: boot_metadata.offset_bytes,
        original_bytes: boot_metadata.original_bytes,
        flags: boot_metadata.flags,
        sha1: Sha1::digest(&metadata).into(),
        ..*resource
    };
    let mut tail = metadata;
    let table: Vec<u8> = resources.into_iter().flat_map(Resource::to_bytes).collect();
    let lookup_table = plain(end + tail.len() as u64, &table, header.lookup_table.flags);
    tail.extend(table);
    let xml = xml::with_more(wim.xml, header.boot_index, new_folders, files);
    let xml_place = plain(end + tail.len() as u64, &xml, header.xml.flags);
    tail.extend(xml);
    end += tail.len() as u64;
    if end > max_bytes {
        return Err(PatchError::TooLarge { len_bytes: end, limit_bytes: max_bytes });
    }
    let header = Header {
        lookup_table,
        xml: xml_place,
        boot_metadata,
        // Its checksums are of what the file was.
        integrity: ResourceHeader::default(),
        ..header.clone()
    };
    pieces[0] = PatchPiece::Bytes(header.to_bytes().to_vec());
    pieces.push(PatchPiece::Bytes(tail));
    Ok(pieces)
}

/// Each content once, however many files have it; none that is there already.
fn append_contents(
    files: &[NewFile],
    resources: &mut Vec<Resource>,
    pieces: &mut Vec<PatchPiece>,
    end: &mut u64,
) {
    let streams = (0..).zip(resources.iter()).filter(|(_, resource)| {
        resource.flags & ResourceHeader::METADATA == 0 && resource.refcount != 0 && resource.part == 1
    });
    let mut known: BTreeMap<[u8; 20], usize> =
        streams.map(|(place, resource)| (resource.sha1, place)).collect();
    for file in files {
        let (len_bytes, Some(sha1)) = (file.content.len_bytes(), file.content.sha1()) else { continue };
        if let Some(resource) = known.get(&sha1).and_then(|place| resources.get_mut(*place)) {
            resource.refcount = resource.refcount.saturating_add(1);
            continue;
        }
        known.insert(sha1, resources.len());
        resources.push(Resource {
            stored_bytes: len_bytes,
            offset_bytes: *end,
            original_bytes: len_bytes,
            sha1,
            refcount: 1,
            part: 1,
            flags: 0,
        });
        pieces.push(match &file.content {
            NewContent::Bytes(bytes) => PatchPiece::Bytes(bytes.clone()),
            NewContent::File { index, len_bytes, .. } => {
                PatchPiece::File { index: *index, len_bytes: *len_bytes }
            }
        });
        *end = end.saturating_add(len_bytes);
    }
}

impl NewContent {
    pub fn len_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { len_bytes, .. } => *len_bytes,
        }
    }

    /// `None`: empty files have no content that could be looked up.
    fn sha1(&self) -> Option<[u8; 20]> {
        match self {
            _ if self.len_bytes() == 0 => None,
            Self::Bytes(bytes) => Some(Sha1::digest(bytes).into()),
            Self::File { sha1, .. } => Some(*sha1),
        }
    }
}

impl PatchPiece {
    pub fn len_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Copy { len_bytes, .. } | Self::File { len_bytes, .. } => *len_bytes,
        }
    }
}

impl fmt::Debug for PatchPiece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Copy { offset_bytes, len_bytes } => write!(f, "Copy({offset_bytes}, {len_bytes})"),
            Self::File { index, len_bytes } => write!(f, "File({index}, {len_bytes})"),
        }
    }
}
