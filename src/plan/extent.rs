//! One stretch of the stick, and where its bytes come from.

use std::sync::Arc;

use serde::Serialize;

use crate::format::fat::layout::FatTable;

/// `len` bytes from byte `start` of the device on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extent {
    pub start: u64,
    pub len: u64,
    #[serde(flatten)]
    pub fill: Fill,
}

/// Where the bytes of an extent come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fill", rename_all = "lowercase")]
pub enum Fill {
    /// The image, from byte `offset` on.
    Source {
        offset: u64,
    },
    /// Bytes that the plan itself made (tables, boot code).
    Bytes {
        #[serde(skip)]
        bytes: Arc<[u8]>,
        /// The extent begins with this one of them.
        #[serde(skip)]
        offset: usize,
    },
    Zeroes,
    /// A file allocation table, from its byte `offset` on; its entries are computed when they are written.
    Fat {
        #[serde(skip)]
        table: Arc<FatTable>,
        offset: u64,
    },
    /// A file of the user's, by its place among the stick's additions, from byte `offset` on.
    Addition {
        index: usize,
        offset: u64,
    },
    /// The list of the stick's files with their checksums, which are known when all of them have passed. Always the
    /// last extent that depends on anything but the plan.
    Manifest,
    /// Whatever lies there. Only in plans that a stick is compared with; it cannot be written.
    Unknown,
}

impl Fill {
    pub(super) fn bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Bytes { bytes: bytes.into(), offset: 0 }
    }
}

impl Extent {
    /// The first byte after it.
    pub fn end(&self) -> u64 {
        self.start + self.len
    }
}

/// Extents one behind the other, while a plan is put together.
#[derive(Default)]
pub(super) struct Run {
    pub extents: Vec<Extent>,
    /// Where the next one begins.
    pub end: u64,
}

impl Run {
    pub fn push(&mut self, len: u64, fill: Fill) {
        if len > 0 {
            self.extents.push(Extent { start: self.end, len, fill });
            self.end += len;
        }
    }

    pub fn push_bytes(&mut self, bytes: Vec<u8>) {
        self.push(bytes.len() as u64, Fill::bytes(bytes));
    }

    pub fn zero_to(&mut self, end: u64) {
        self.push(end.saturating_sub(self.end), Fill::Zeroes);
    }
}
