//! Copies a drive into a file, compressed if wanted.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::bounded;

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel, Digest};
use crate::device::BlockDevice;

use super::pool::{Pool, PooledBuf};
use super::{BLOCK_BYTES, BLOCKS_IN_FLIGHT, EngineError, Observer, Phase, Step};

/// How the file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all; blocks of zeroes become holes.
    None,
    Gzip,
    Xz,
    Zstd,
}

impl Compression {
    /// By the file's ending.
    pub fn of(file: &Path) -> Self {
        match file.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("gz") => Self::Gzip,
            Some("xz") => Self::Xz,
            Some("zst") => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// A drive that lies in a file now.
#[derive(Debug)]
pub struct Saved {
    /// SHA-256 of the drive's bytes.
    pub digest: Digest,
    pub drive_bytes: u64,
    pub file_bytes: u64,
}

/// Copies all of `device` to `file`. The file appears under its name only when it is whole and on the disk; until then
/// it has `.part` behind its name, and is removed if the work stops.
pub fn save(
    device: &Arc<dyn BlockDevice>,
    file: &Path,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<Saved, EngineError> {
    let geometry = device.geometry();
    let len = geometry.size_bytes / u64::from(geometry.sector_bytes) * u64::from(geometry.sector_bytes);
    let mut part = PartFile::create(file)?;
    let pool = Pool::new(2 * BLOCKS_IN_FLIGHT, BLOCK_BYTES);
    device.drop_caches()?;
    let mut done_bytes = 0;
    observer(Step { phase: Phase::Saving, done_bytes, total_bytes: Some(len), consumed: None });
    let digest = std::thread::scope(|scope| {
        let (send, blocks) = bounded::<Arc<PooledBuf>>(BLOCKS_IN_FLIGHT);
        let (send_hash, to_hash) = bounded::<Arc<PooledBuf>>(BLOCKS_IN_FLIGHT);
        let pool = &pool;
        let reader = scope.spawn(move || -> Result<(), EngineError> {
            let mut offset = 0;
            while offset < len {
                let mut buf = pool.take(cancel)?;
                buf.set_len((len - offset).min(BLOCK_BYTES as u64) as usize);
                device.read_at(offset, &mut buf)?;
                offset += buf.len() as u64;
                let block = Arc::new(buf);
                if send_hash.send(Arc::clone(&block)).is_err() || send.send(block).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let hasher = scope.spawn(move || {
            let mut hasher = Hasher::new(Algorithm::Sha256);
            for block in to_hash {
                hasher.update(&block);
            }
            hasher.finish()
        });
        let mut sink = Sink::new(&part.file, Compression::of(file)).map_err(|e| part.error(0, e))?;
        for block in blocks {
            cancel.check()?;
            sink.write(&block).map_err(|e| part.error(done_bytes, e))?;
            done_bytes += block.len() as u64;
            observer(Step { phase: Phase::Saving, done_bytes, total_bytes: Some(len), consumed: None });
        }
        reader.join().unwrap_or(Err(EngineError::Internal("the device reader")))?;
        sink.finish(len).map_err(|e| part.error(done_bytes, e))?;
        hasher.join().map_err(|_| EngineError::Internal("the hasher"))
    })?;
    observer(Step { phase: Phase::Syncing, done_bytes: 0, total_bytes: None, consumed: None });
    part.file.sync_all().map_err(|e| part.error(done_bytes, e))?;
    cancel.check()?;
    let file_bytes = part.commit(file).map_err(|e| part.error(done_bytes, e))?;
    Ok(Saved { digest, drive_bytes: len, file_bytes })
}

/// Where the bytes go: through an encoder, or straight into a sparse file.
enum Sink<'a> {
    Plain(&'a File),
    Gzip(flate2::write::GzEncoder<BufWriter<&'a File>>),
    Xz(liblzma::write::XzEncoder<BufWriter<&'a File>>),
    Zstd(zstd::Encoder<'static, BufWriter<&'a File>>),
}

impl<'a> Sink<'a> {
    fn new(file: &'a File, compression: Compression) -> io::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
        let out = BufWriter::with_capacity(256 * 1024, file);
        Ok(match compression {
            Compression::None => Self::Plain(file),
            Compression::Gzip => {
                Self::Gzip(flate2::write::GzEncoder::new(out, flate2::Compression::default()))
            }
            Compression::Xz => {
                let stream = liblzma::stream::MtStreamBuilder::new()
                    .threads(threads)
                    .preset(3)
                    .check(liblzma::stream::Check::Crc64)
                    .encoder()?;
                Self::Xz(liblzma::write::XzEncoder::new_stream(out, stream))
            }
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(out, 3)?;
                encoder.include_checksum(true)?;
                encoder.multithread(threads)?;
                Self::Zstd(encoder)
            }
        })
    }

    fn write(&mut self, block: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(file) if block.iter().all(|b| *b == 0) => {
                file.seek(SeekFrom::Current(block.len() as i64)).map(|_| ())
            }
            Self::Plain(file) => file.write_all(block),
            Self::Gzip(out) => out.write_all(block),
            Self::Xz(out) => out.write_all(block),
            Self::Zstd(out) => out.write_all(block),
        }
    }

    fn finish(self, len: u64) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.set_len(len),
            Self::Gzip(out) => out.finish()?.flush(),
            Self::Xz(out) => out.finish()?.flush(),
            Self::Zstd(out) => out.finish()?.flush(),
        }
    }
}

/// A file that does not have its name yet.
struct PartFile {
    file: File,
    path: PathBuf,
    committed: bool,
}

impl PartFile {
    fn create(target: &Path) -> Result<Self, EngineError> {
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let file =
            File::create(&path).map_err(|source| EngineError::File { path: path.clone(), at: 0, source })?;
        Ok(Self { file, path, committed: false })
    }

    fn error(&self, at: u64, source: io::Error) -> EngineError {
        EngineError::File { path: self.path.clone(), at, source }
    }

    /// Returns the file's size.
    fn commit(&mut self, target: &Path) -> io::Result<u64> {
        fs::rename(&self.path, target)?;
        self.committed = true;
        Ok(self.file.metadata()?.len())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.committed {
            // Nobody wants half an image; what cannot be removed keeps a name that says what it is.
            let _ = fs::remove_file(&self.path);
        }
    }
}
