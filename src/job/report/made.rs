//! What a stick that was laid out file by file has become, in the report's few words.

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

    /// `FAT32 “GRMCPRXFRER” on MBR, 427 files, 3.2 GB; 4.6 GB free`
    pub fn volume(&self) -> String {
        let label = if self.label.is_empty() { String::new() } else { format!(" “{}”", self.label) };
        let (used, free) = (ByteSize(self.payload_bytes), ByteSize(self.free_bytes));
        format!("FAT32{label} on {}, {} files, {used}; {free} free", self.scheme, self.files)
    }

    /// `by BIOS and by UEFI (x64)`
    pub fn starts(&self) -> String {
        let uefi: Vec<String> = self.boots_uefi.iter().map(Architecture::to_string).collect();
        let uefi = uefi.join(", ");
        match (self.boots_bios, uefi.is_empty()) {
            (true, false) => format!("by BIOS and by UEFI ({uefi})"),
            (true, true) => "by BIOS only".to_owned(),
            (false, false) => format!("by UEFI only ({uefi})"),
            (false, true) => "no computer".to_owned(),
        }
    }
}
