//! An opened image: its facts, and its bytes in order or, where it is not compressed, at any place.

use std::fs::{File, FileType, Metadata};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::stream::read_at;
use super::windows::{self, WindowsMedia};
use super::{Container, ImageFacts, ImageStream, SourceError, decode, os, recognise};

/// How much of a compressed image is decompressed to recognise it: the structures that tell are in its first MiB.
const HEAD_BYTES: usize = 8 << 20;

/// An image, opened and recognised. Cheap to share; every reader has a place of its own.
pub struct Source {
    path: PathBuf,
    file: Arc<File>,
    state: FileState,
    facts: ImageFacts,
}

impl Source {
    /// Opens a file or a block device and tells what it is.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let cannot_open = |source| SourceError::Open { path: path.to_owned(), source: in_words(source) };
        // Looked at first, because opening a pipe waits for its other end, and opening a tape may move it.
        check_type(path, path.metadata().map_err(cannot_open)?.file_type())?;
        let file = File::open(path).map_err(cannot_open)?;
        let state = FileState::of_handle(&file).map_err(cannot_open)?;
        os::expect_sequential_reads(&file);

        let file = Arc::new(file);
        let facts = recognised(path, &file, state.bytes)?;
        Ok(Self { path: path.to_owned(), file, state, facts })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn facts(&self) -> &ImageFacts {
        &self.facts
    }

    /// The image is not compressed, so [`Source::read_at`] works.
    pub fn is_random_access(&self) -> bool {
        self.facts.container == Container::Raw
    }

    /// Fills `buf` from byte `offset` of a raw image; short only at its end. Returns the bytes filled.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, SourceError> {
        if !self.is_random_access() {
            let source = io::Error::new(io::ErrorKind::Unsupported, "it is compressed");
            return Err(SourceError::Read { at: offset, source });
        }
        // What was added to the file after it was opened is not part of the image.
        let left = usize::try_from(self.state.bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = left.min(buf.len());
        let read = read_at(&self.file, offset, &mut buf[..wanted])?;
        if read < wanted {
            let actual = offset + read as u64;
            return Err(SourceError::Length { expected: self.state.bytes, actual });
        }
        Ok(read)
    }

    /// Reads and seeks in a raw image, for the structures inside it. `None` if it is compressed.
    pub fn reader(&self) -> Option<impl Read + Seek + '_> {
        let reader = PositionedReader { file: &self.file, bytes: self.state.bytes, position: 0 };
        self.is_random_access().then_some(reader)
    }

    /// The image from its first byte on, decompressed. `threads`: how many a decoder may use.
    pub fn stream(&self, threads: u32) -> Result<ImageStream, SourceError> {
        let ImageFacts { container, file_bytes, image_bytes, .. } = self.facts;
        ImageStream::of_image(container, self.file.clone(), file_bytes, image_bytes, threads)
    }

    /// The file as it lies on the disk, compressed or not, from its first byte on: what published checksums are of.
    pub fn file_stream(&self) -> Result<ImageStream, SourceError> {
        Ok(ImageStream::of_file(self.file.clone(), self.state.bytes))
    }

    /// The files of Windows media. `None`: it holds none, or is compressed and cannot be read at any place.
    pub fn windows_media(&self) -> Option<Result<WindowsMedia, SourceError>> {
        let windows = self.facts.windows.as_ref().filter(|_| self.is_random_access())?;
        let image = PositionedReader { file: &self.file, bytes: self.state.bytes, position: 0 };
        let media = windows::read_media(&image, windows);
        Some(media.map_err(|error| SourceError::NotAnImage(error.to_string())))
    }

    /// Where the file has data and where it has holes: (offset, length) of the data, ascending. `None` if it has no
    /// holes, the file system cannot tell, or the image is compressed.
    pub fn data_ranges(&self) -> Option<Vec<(u64, u64)>> {
        if self.is_random_access() { os::data_ranges(&self.file, self.state.bytes) } else { None }
    }

    /// An error if the path does not lead to what was opened any more.
    pub fn still_as_opened(&self) -> Result<(), SourceError> {
        let path = || self.path.clone();
        match self.path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(SourceError::Vanished { path: path() })
            }
            _ if self.has_changed() => Err(SourceError::Changed { path: path() }),
            _ => Ok(()),
        }
    }

    /// Has the file changed (size, time, inode) since it was opened?
    pub fn has_changed(&self) -> bool {
        let now = || {
            check_type(&self.path, self.path.metadata().ok()?.file_type()).ok()?;
            FileState::of_handle(&File::open(&self.path).ok()?).ok()
        };
        now() != Some(self.state)
    }
}

/// The common reasons as people would say them.
fn in_words(error: io::Error) -> io::Error {
    let words = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file",
        io::ErrorKind::PermissionDenied => "you are not allowed to read it",
        _ => return error,
    };
    io::Error::new(error.kind(), words)
}

fn check_type(path: &Path, file_type: FileType) -> Result<(), SourceError> {
    let what = if file_type.is_file() || file_type.is_block_device() {
        return Ok(());
    } else if file_type.is_dir() {
        "is a folder; choose the image file in it"
    } else if file_type.is_fifo() {
        "is a pipe; save what comes out of it to a file first"
    } else if file_type.is_char_device() {
        "is a character device; an image is a file or a block device"
    } else {
        "is neither a file nor a block device"
    };
    Err(SourceError::NotAnImage(format!("{} {what}", path.display())))
}

/// What tells whether a path still leads to the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileState {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds. Not of a block device, whose node may be touched without its content being written.
    modified: Option<(i64, i64)>,
}

impl FileState {
    fn of_handle(mut file: &File) -> io::Result<Self> {
        let metadata: Metadata = file.metadata()?;
        Ok(if metadata.file_type().is_block_device() {
            let bytes = file.seek(SeekFrom::End(0))?;
            Self { device: metadata.rdev(), inode: metadata.ino(), bytes, modified: None }
        } else {
            let modified = Some((metadata.mtime(), metadata.mtime_nsec()));
            Self { device: metadata.dev(), inode: metadata.ino(), bytes: metadata.len(), modified }
        })
    }
}

fn recognised(path: &Path, file: &Arc<File>, file_bytes: u64) -> Result<ImageFacts, SourceError> {
    let container = decode::container_of(file, file_bytes).map_err(|fault| fault.at(Container::Raw, 0))?;
    let mut image_bytes =
        decode::stated_bytes(container, file, file_bytes).map_err(|fault| fault.at(container, 0))?;
    let recognised = if container == Container::Raw {
        recognise::recognise(&mut PositionedReader { file, bytes: file_bytes, position: 0 }, image_bytes)
    } else {
        let mut stream = ImageStream::of_image(container, file.clone(), file_bytes, image_bytes, 1)?;
        let mut head = vec![0; HEAD_BYTES];
        let filled = stream.fill(&mut head)?;
        if filled < head.len() {
            // The stream has ended, so this is no statement but a fact.
            image_bytes = Some(filled as u64);
        }
        recognise::recognise(&mut Cursor::new(&head[..filled]), image_bytes)
    };
    Ok(facts(path, container, file_bytes, image_bytes, recognised))
}

/// What lies on a drive that somebody else opened: the drive at `path`, of `bytes`, as `content` shows it.
pub fn facts_of_drive(path: &Path, bytes: u64, content: &mut (impl Read + Seek)) -> ImageFacts {
    facts(path, Container::Raw, bytes, Some(bytes), recognise::recognise(content, Some(bytes)))
}

fn facts(
    path: &Path,
    container: Container,
    file_bytes: u64,
    image_bytes: Option<u64>,
    recognised: recognise::Recognised,
) -> ImageFacts {
    ImageFacts {
        name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        container,
        file_bytes,
        image_bytes,
        kind: recognised.kind,
        label: recognised.label,
        system: recognised.system,
        partition_tables: recognised.partition_tables,
        boot: recognised.boot,
        windows: recognised.windows.map(Box::new),
        notes: recognised.notes,
    }
}

/// Reads a file without moving the place that all its handles share.
#[derive(Clone)]
struct PositionedReader<'a> {
    file: &'a File,
    bytes: u64,
    position: u64,
}

impl Read for PositionedReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = left.min(buf.len());
        let read = std::os::unix::fs::FileExt::read_at(self.file, &mut buf[..wanted], self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for PositionedReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.bytes.checked_add_signed(offset),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
