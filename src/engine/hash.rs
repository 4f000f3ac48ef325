//! Checksums of images, files and drives, several kinds at once.

use std::sync::Arc;

use crossbeam_channel::bounded;

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel, Digest};
use crate::device::BlockDevice;
use crate::source::{ImageStream, Source};

use super::pool::{Pool, PooledBuf};
use super::{BLOCK_BYTES, BLOCKS_IN_FLIGHT, EngineError, Observer, Phase, Step};

/// Checksums of the image, decompressed; with its length in bytes.
pub fn hash_image(
    source: &Source,
    algorithms: &[Algorithm],
    phase: Phase,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<(Vec<Digest>, u64), EngineError> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
    let facts = source.facts();
    hash_stream(
        source.stream(threads)?,
        facts.image_bytes,
        facts.file_bytes,
        algorithms,
        phase,
        observer,
        cancel,
    )
}

/// Checksums of the file as it lies on the disk, which is what publishers give them of.
pub fn hash_file(
    source: &Source,
    algorithms: &[Algorithm],
    phase: Phase,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<Vec<Digest>, EngineError> {
    let len = source.facts().file_bytes;
    hash_stream(source.file_stream()?, Some(len), len, algorithms, phase, observer, cancel)
        .map(|(digests, _)| digests)
}

fn hash_stream(
    mut stream: ImageStream,
    total_bytes: Option<u64>,
    file_bytes: u64,
    algorithms: &[Algorithm],
    phase: Phase,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<(Vec<Digest>, u64), EngineError> {
    let mut done_bytes = 0;
    observer(Step { phase, done_bytes, total_bytes, consumed: None });
    let digests = hash_blocks(algorithms, cancel, |buf| {
        let got = stream.fill(buf)?;
        buf.set_len(got);
        done_bytes += got as u64;
        let consumed =
            total_bytes.is_none().then(|| stream.file_position() as f32 / file_bytes.max(1) as f32);
        observer(Step { phase, done_bytes, total_bytes, consumed });
        Ok(())
    })?;
    Ok((digests, done_bytes))
}

/// Checksums of the first `len` bytes of a device.
pub fn hash_device(
    device: &Arc<dyn BlockDevice>,
    len: u64,
    algorithms: &[Algorithm],
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<Vec<Digest>, EngineError> {
    device.drop_caches()?;
    let sector = device.geometry().sector_bytes as usize;
    let mut done_bytes = 0;
    hash_blocks(algorithms, cancel, |buf| {
        let want = (len - done_bytes).min(BLOCK_BYTES as u64) as usize;
        if want > 0 {
            buf.set_len(want.next_multiple_of(sector));
            device.read_at(done_bytes, buf)?;
        }
        buf.set_len(want);
        done_bytes += want as u64;
        observer(Step { phase: Phase::Hashing, done_bytes, total_bytes: Some(len), consumed: None });
        Ok(())
    })
}

/// Reads on this thread, by `next`, which sets each buffer's length, 0 at the end; hashes on one thread a kind.
fn hash_blocks(
    algorithms: &[Algorithm],
    cancel: &Cancel,
    mut next: impl FnMut(&mut PooledBuf) -> Result<(), EngineError>,
) -> Result<Vec<Digest>, EngineError> {
    let pool = Pool::new(BLOCKS_IN_FLIGHT, BLOCK_BYTES);
    std::thread::scope(|scope| {
        let hashers: Vec<_> = algorithms
            .iter()
            .map(|&algorithm| {
                let (send, blocks) = bounded::<Arc<PooledBuf>>(BLOCKS_IN_FLIGHT);
                let thread = scope.spawn(move || {
                    let mut hasher = Hasher::new(algorithm);
                    for block in blocks {
                        hasher.update(&block);
                    }
                    hasher.finish()
                });
                (send, thread)
            })
            .collect();
        loop {
            let mut buf = pool.take(cancel)?;
            next(&mut buf)?;
            if buf.is_empty() {
                break;
            }
            let block = Arc::new(buf);
            for (send, _) in &hashers {
                // A hasher that is gone shows when it is joined.
                let _ = send.send(Arc::clone(&block));
            }
        }
        hashers
            .into_iter()
            .map(|(send, thread)| {
                drop(send);
                thread.join().map_err(|_| EngineError::Internal("a hasher"))
            })
            .collect()
    })
}
