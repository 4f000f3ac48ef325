//! What a stick that was laid out file by file has become, in the report's few words.

use std::fmt;

use serde::Serialize;

use crate::base::ByteSize;
use crate::plan::{PlannedStick, Scheme};
use crate::source::windows::Architecture;

/// One FAT32 partition with files in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    pub scheme: Scheme,
    /// Empty where the image has none that FAT can spell.
    pub label: String,
    pub files: usize,
    pub payload_bytes: u64,
    pub free_bytes: u64,
    pub boots_bios: bool,
    pub boots_uefi: Vec<Architecture>,
}

impl Made {
    pub fn of(stick: &PlannedStick) -> Self {
        Self {
            scheme: stick.scheme,
            label: stick.label.clone(),
            files: stick.files.len(),
            payload_bytes: stick.payload_bytes,
            free_bytes: stick.free_bytes,
            boots_bios: stick.boots_bios,
            boots_uefi: stick.boots_uefi.clone(),
        }
    }
}

/// `FAT32 “GRMCPRXFRER” on MBR, 427 files, 3.2 GB; starts by BIOS and by UEFI (x64); 4.6 GB free`
impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FAT32")?;
        if !self.label.is_empty() {
            write!(f, " “{}”", self.label)?;
        }
        write!(f, " on {}, {} files, {}; ", self.scheme, self.files, ByteSize(self.payload_bytes))?;
        let uefi: Vec<String> = self.boots_uefi.iter().map(Architecture::to_string).collect();
        let uefi = uefi.join(", ");
        match (self.boots_bios, uefi.is_empty()) {
            (true, false) => write!(f, "starts by BIOS and by UEFI ({uefi})"),
            (true, true) => f.write_str("starts by BIOS only"),
            (false, false) => write!(f, "starts by UEFI only ({uefi})"),
            (false, true) => f.write_str("starts no computer"),
        }?;
        write!(f, "; {} free", ByteSize(self.free_bytes))
    }
}
