//! Whether the copies of a volume's allocation table say the same.

use std::io::{Read, Seek};

use super::FatVolume;
use crate::format::FormatError;

impl FatVolume {
    /// Where the second copy of the table first says something else than the first: the byte in the image. The marks that
    /// a system makes while the volume is mounted (entry 1) are passed over. `None`: alike, or there is but one copy.
    pub fn fat_difference(&self, image: &mut (impl Read + Seek)) -> Result<Option<u64>, FormatError> {
        let _ = (image, self.start_bytes());
        todo!()
    }
}
