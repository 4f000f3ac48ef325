//! SHA-256 of files by the places of their pieces on a device.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel};
use crate::device::BlockDevice;

use super::pool::{Pool, PooledBuf};
use super::{BLOCK_BYTES, BLOCKS_IN_FLIGHT, EngineError, Observer, Phase, Step};

/// Where a file's bytes lie: (offset, length) in order. Offsets are on sector boundaries, and so are all lengths but the
/// last.
pub type Pieces = Vec<(u64, u64)>;

/// What the hasher is told, in order.
enum Part {
    Bytes(PooledBuf),
    /// The file is at its end.
    End,
}

/// Checksums of files.
#[derive(Debug)]
pub struct HashedFiles {
    /// Lower-case hex for each, in order.
    pub digests: Vec<String>,
    /// `false`: the system could not promise that reads came from the medium.
    pub past_cache: bool,
}

/// Reads ahead while it hashes.
pub fn hash_files(
    device: &Arc<dyn BlockDevice>,
    files: &[Pieces],
    phase: Phase,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<HashedFiles, EngineError> {
    let past_cache = device.drop_caches()?;
    let total_bytes = files.iter().flatten().map(|(_, len)| len).sum();
    let pool = Pool::new(BLOCKS_IN_FLIGHT, BLOCK_BYTES);
    let (send, parts) = bounded(BLOCKS_IN_FLIGHT);
    let sector = device.geometry().sector_bytes as usize;
    std::thread::scope(|scope| {
        let hasher = scope.spawn(move || hash(&parts));
        let send = send;
        let mut done_bytes = 0;
        observer(Step {
            phase: Phase::Comparing,
            done_bytes,
            total_bytes: Some(total_bytes),
            consumed: None,
        });
        for pieces in files {
            for &(offset, len) in pieces {
                let mut done = 0;
                while done < len {
                    let mut buf = pool.take(cancel)?;
                    let want = (len - done).min(BLOCK_BYTES as u64) as usize;
                    buf.set_len(want.next_multiple_of(sector));
                    device.read_at(offset + done, &mut buf)?;
                    buf.set_len(want);
                    done += want as u64;
                    done_bytes += want as u64;
                    // A hasher that is gone shows when it is joined.
                    let _ = send.send(Part::Bytes(buf));
                    let total_bytes = Some(total_bytes);
                    observer(Step { phase, done_bytes, total_bytes, consumed: None });
                }
            }
            let _ = send.send(Part::End);
        }
        drop(send);
        let digests = hasher.join().map_err(|_| EngineError::Internal("the hasher of files"))?;
        Ok(HashedFiles { digests, past_cache })
    })
}

fn hash(parts: &Receiver<Part>) -> Vec<String> {
    let mut found = Vec::new();
    let mut hasher = Hasher::new(Algorithm::Sha256);
    for part in parts {
        match part {
            Part::Bytes(bytes) => hasher.update(&bytes),
            Part::End => {
                found.push(std::mem::replace(&mut hasher, Hasher::new(Algorithm::Sha256)).finish().hex());
            }
        }
    }
    found
}
