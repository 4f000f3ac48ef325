//! A file of an image's tree as something to read and seek in, for formats that lie in files of discs.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use super::FormatError;
use super::tree::{Entry, ImageTree};

/// Reads the data of one file of a tree. Nothing is buffered.
pub struct FileReader<'a> {
    tree: &'a mut dyn ImageTree,
    file: &'a Entry,
    at: u64,
}

impl<'a> FileReader<'a> {
    pub fn new(tree: &'a mut dyn ImageTree, file: &'a Entry) -> Self {
        Self { tree, file, at: 0 }
    }
}

impl Read for FileReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let data = self.tree.read_at(self.file, self.at, buf.len() as u64).map_err(|error| match error {
            FormatError::Io { source, .. } => source,
            error if error.is_past_end() => io::Error::new(ErrorKind::UnexpectedEof, error),
            error => io::Error::other(error),
        })?;
        buf[..data.len()].copy_from_slice(&data);
        self.at += data.len() as u64;
        Ok(data.len())
    }
}

impl Seek for FileReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.file.len_bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::tree::EntryKind;

    struct OneFile;

    impl ImageTree for OneFile {
        fn label(&self) -> Option<&str> {
            None
        }

        fn root(&mut self) -> Result<Entry, FormatError> {
            let (kind, extents) = (EntryKind::File, Vec::new());
            Ok(Entry { name: String::new(), kind, len_bytes: 10, extents, modified_unix_secs: None })
        }

        fn read_dir(&mut self, _: &Entry) -> Result<Vec<Entry>, FormatError> {
            Ok(Vec::new())
        }

        fn find(&mut self, _: &Entry, _: &str) -> Result<Option<Entry>, FormatError> {
            Ok(None)
        }

        fn read_at(&mut self, _: &Entry, start: u64, limit_bytes: u64) -> Result<Vec<u8>, FormatError> {
            // Pieces of at most three bytes.
            Ok((start..10.min(start.saturating_add(limit_bytes.min(3)))).map(|byte| byte as u8).collect())
        }
    }

    #[test]
    fn reads_where_it_was_sought() {
        let file = OneFile.root().unwrap();
        let mut tree = OneFile;
        let mut reader = FileReader::new(&mut tree, &file);
        let mut data = Vec::new();
        reader.read_to_end(&mut data).unwrap();
        assert_eq!(data, (0..10).collect::<Vec<u8>>());
        for (to, at) in [(SeekFrom::Start(4), 4), (SeekFrom::End(-3), 7), (SeekFrom::Start(50), 50)] {
            assert_eq!(reader.seek(to).unwrap(), at);
            data.clear();
            reader.read_to_end(&mut data).unwrap();
            assert_eq!(data, (at as u8..10).collect::<Vec<u8>>());
        }
        assert_eq!(reader.seek(SeekFrom::Current(-1)).unwrap(), 49);
        assert!(reader.seek(SeekFrom::End(-11)).is_err());
    }
}
