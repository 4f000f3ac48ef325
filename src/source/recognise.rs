//! What an image is good for, told by the structures at its start and end.

use std::io::{Read, Seek};

use super::{BootRecord, ImageKind, PartitionTable};

pub(super) struct Recognised {
    pub kind: ImageKind,
    pub label: Option<String>,
    pub system: Option<String>,
    pub partition_tables: Vec<PartitionTable>,
    pub boot: Vec<BootRecord>,
    pub notes: Vec<String>,
}

/// `head` is the whole image, or the first MiBs of a compressed one; `image_bytes` the size of the whole, if known.
pub(super) fn recognise(head: &mut (impl Read + Seek), image_bytes: Option<u64>) -> Recognised {
    let _ = head;
    Recognised {
        kind: if image_bytes == Some(0) { ImageKind::Empty } else { ImageKind::NotBootable },
        label: None,
        system: None,
        partition_tables: Vec::new(),
        boot: Vec::new(),
        notes: Vec::new(),
    }
}
