//! What Linux tells and is told about an open file beyond reading it.

use std::fs::File;

use rustix::fs::{Advice, SeekFrom, fadvise, fstat, seek};
use rustix::io::Errno;

/// More holes than this are not worth knowing: the list would cost more than it saves.
const MAX_RANGES: usize = 1 << 20;

/// Tells the kernel to read far ahead. Only advice: a refusal changes nothing.
pub fn expect_sequential_reads(file: &File) {
    let _ = fadvise(file, 0, None, Advice::Sequential);
}

/// The (offset, length) of each part of the file that has data, ascending; `None` if it has no holes or the file system
/// cannot tell (lseek(2), `SEEK_DATA`).
pub fn data_ranges(file: &File, file_bytes: u64) -> Option<Vec<(u64, u64)>> {
    // As many blocks as bytes: no holes to look for. The number of blocks is in units of 512 bytes (stat(2)).
    if fstat(file).is_ok_and(|stat| stat.st_blocks as u64 * 512 >= file_bytes) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < file_bytes {
        let start = match seek(file, SeekFrom::Data(at)) {
            Ok(start) => start.min(file_bytes),
            Err(Errno::NXIO) => break,
            Err(_) => return None,
        };
        if start == file_bytes {
            break;
        }
        let end = seek(file, SeekFrom::Hole(start)).ok()?.min(file_bytes);
        // A file that changes meanwhile must not keep this loop going.
        if end <= start || ranges.len() == MAX_RANGES {
            return None;
        }
        ranges.push((start, end - start));
        at = end;
    }
    (ranges != [(0, file_bytes)] && file_bytes > 0).then_some(ranges)
}
