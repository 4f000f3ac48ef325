//! One stretch of the stick, and where its bytes come from.

use serde::Serialize;

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
        bytes: Vec<u8>,
    },
    Zeroes,
}

impl Extent {
    /// The first byte after it.
    pub fn end(&self) -> u64 {
        self.start + self.len
    }
}
