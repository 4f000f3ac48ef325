//! A file of a tree, read as if it lay there alone: its extents in order, from any place on.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use super::{Entry, FileExtent};

/// Reads a file's data out of the image that holds it. Holes read as zeroes.
///
/// An extent that reaches past the end of the image is an error of kind [`ErrorKind::UnexpectedEof`], not an early end:
/// a file that is cut short must not look like a shorter one.
#[derive(Debug)]
pub struct FileReader<R> {
    image: R,
    /// Each with the place in the file where it begins; ascending.
    extents: Vec<(u64, FileExtent)>,
    len_bytes: u64,
    position: u64,
}

impl<R: Read + Seek> FileReader<R> {
    /// `image` is the one that `file`'s tree was read from.
    pub fn new(image: R, file: &Entry) -> Self {
        let mut len_bytes = 0_u64;
        let mut extents = Vec::with_capacity(file.extents.len());
        for extent in &file.extents {
            extents.push((len_bytes, *extent));
            len_bytes = len_bytes.saturating_add(extent.len_bytes);
        }
        Self { image, extents, len_bytes, position: 0 }
    }

    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// The extent that holds the present position, and how far into it that is.
    fn here(&self) -> Option<(FileExtent, u64)> {
        let next = self.extents.partition_point(|(start, _)| *start <= self.position);
        let (start, extent) = self.extents.get(next.checked_sub(1)?)?;
        let inside = self.position - start;
        (inside < extent.len_bytes).then_some((*extent, inside))
    }
}

impl<R: Read + Seek> Read for FileReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some((extent, inside)) = self.here() else { return Ok(0) };
        let left = usize::try_from(extent.len_bytes - inside).unwrap_or(usize::MAX);
        let wanted = left.min(buf.len());
        let buf = &mut buf[..wanted];
        let filled = match extent.offset_bytes {
            None => {
                buf.fill(0);
                wanted
            }
            Some(offset) => {
                // Files cannot be sought past i64::MAX; that is simply past the end.
                let at = offset.checked_add(inside).filter(|at| *at <= i64::MAX as u64);
                self.image.seek(SeekFrom::Start(at.ok_or(ErrorKind::UnexpectedEof)?))?;
                self.image.read(buf)?
            }
        };
        if filled == 0 && wanted > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.position += filled as u64;
        Ok(filled)
    }
}

impl<R: Read + Seek> Seek for FileReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.len_bytes.checked_add_signed(offset),
        };
        self.position = target.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::EntryKind;
    use super::*;

    fn file(extents: &[(Option<u64>, u64)]) -> Entry {
        let extents = extents.iter().map(|(offset_bytes, len_bytes)| FileExtent {
            offset_bytes: *offset_bytes,
            len_bytes: *len_bytes,
        });
        let extents: Vec<_> = extents.collect();
        Entry {
            name: "file".to_owned(),
            kind: EntryKind::File,
            len_bytes: extents.iter().fold(0, |sum, e| e.len_bytes.saturating_add(sum)),
            extents,
            modified_unix_secs: None,
        }
    }

    #[test]
    fn extents_and_holes_read_as_one_file() {
        let image = Cursor::new(b"0123456789".to_vec());
        let mut reader = FileReader::new(image, &file(&[(Some(7), 3), (None, 2), (Some(0), 4)]));
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"789\0\x000123");
        assert_eq!(reader.len_bytes(), 9);
        // From every place, by every way of seeking, as the whole reads.
        for start in 0..=all.len() {
            let from_end = start as i64 - all.len() as i64;
            for to in [SeekFrom::Start(start as u64), SeekFrom::End(from_end)] {
                assert_eq!(reader.seek(to).unwrap(), start as u64);
                let mut rest = Vec::new();
                reader.read_to_end(&mut rest).unwrap();
                assert_eq!(rest, all[start..], "{to:?}");
            }
        }
        assert_eq!(reader.seek(SeekFrom::Start(5)).unwrap(), 5);
        assert_eq!(reader.seek(SeekFrom::Current(-3)).unwrap(), 2);
        assert!(reader.seek(SeekFrom::Current(-3)).is_err());
        assert_eq!(reader.stream_position().unwrap(), 2);
    }

    #[test]
    fn behind_its_end_there_is_nothing() {
        let mut reader = FileReader::new(Cursor::new(vec![1; 10]), &file(&[(Some(0), 4)]));
        let mut buf = [0; 4];
        for at in [4, 5, u64::MAX] {
            reader.seek(SeekFrom::Start(at)).unwrap();
            assert_eq!(reader.read(&mut buf).unwrap(), 0);
        }
        assert_eq!(FileReader::new(Cursor::new(vec![1; 10]), &file(&[])).read(&mut buf).unwrap(), 0);
    }

    #[test]
    fn a_file_that_is_cut_short_is_an_error() {
        for extent in [(Some(8), 4), (Some(100), 1), (Some(u64::MAX), 8), (Some(5), u64::MAX)] {
            let mut reader = FileReader::new(Cursor::new(vec![1; 10]), &file(&[extent, (Some(0), 8)]));
            let error = io::copy(&mut reader, &mut io::sink()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{extent:?}");
        }
    }
}
