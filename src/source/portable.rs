//! Stands in where the operating system tells nothing of a file beyond its bytes.

use std::fs::File;

pub fn expect_sequential_reads(_: &File) {}

pub fn data_ranges(_: &File, _file_bytes: u64) -> Option<Vec<(u64, u64)>> {
    None
}
