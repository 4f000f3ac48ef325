//! Makes a stick: wipe, write, sync, verify, and only then the block that makes it bootable.
//!
//! The first block of the drive holds the partition table and the boot code. It is written last, after everything else
//! is on the medium and proved, and then read back itself: a stick that was cancelled, unplugged or found wrong at any
//! moment before looks empty to every firmware and system. A second partition table at the end of a drive waits with it.

use std::sync::Arc;

use crossbeam_channel::bounded;

use crate::base::{Algorithm, Cancel, Digest};
use crate::device::{AlignedBuf, BlockDevice};
use crate::plan::Plan;
use crate::source::Source;
use crate::source::bmap::MappedRange;

use super::blocks::{Block, Filler, Produced, Span, produce, spans};
use super::compare::{BlockDigests, Comparing, Comparison, Reference, block_digest};
use super::image_reader::ImageReader;
use super::pool::Pool;
use super::together::Share;
use super::{BLOCK_BYTES, BLOCKS_IN_FLIGHT, EngineError, Observer, Phase, Step, file_digests, trailing_hash};

/// Blocks that wait until everything else is proved: the first one, and the two that a table at the drive's end may
/// touch.
const BLOCKS_HELD_BACK: usize = 3;

#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    pub verify: bool,
    /// Compute this checksum of the image on the way. Left out where the plan skips parts of the image.
    pub hash: Option<Algorithm>,
    /// Checksums of parts of the image, compared while they pass.
    pub map: Vec<MappedRange>,
}

/// A stick that was written, and proved if that was asked for.
#[derive(Debug)]
pub struct Written {
    /// The plan, with the image's real size.
    pub plan: Plan,
    pub digest: Option<Digest>,
    /// The list of files that was left on the stick.
    pub manifest: Option<Arc<[u8]>>,
    /// Bytes that went to the drive, wiping aside.
    pub written_bytes: u64,
    /// `None`: verification was off.
    pub comparison: Option<Comparison>,
    /// The first block was written. `false`: differences were found before, and the stick was left looking empty.
    pub committed: bool,
}

/// What the start of the drive holds from now on: what one has to know of a job that ends at any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Old bytes or zeroes.
    Wiping,
    /// Zeroes.
    Blank,
    /// Zeroes or the first block of the image.
    Committing,
    /// What it held: only free space has been written to.
    Unchanged,
    /// What it held, but some of the files that change may be the new ones already.
    Amending,
}

/// Carries out `plan` on `device`. `mark` is told before each change of what the drive's start holds.
pub fn write(
    plan: &Plan,
    source: &Arc<Source>,
    device: &Arc<dyn BlockDevice>,
    options: &WriteOptions,
    observer: Observer<'_>,
    mark: &dyn Fn(Mark),
    cancel: &Cancel,
) -> Result<Written, EngineError> {
    carry_out(plan, Origin::Image(source), device, options, observer, mark, cancel)
}

/// The same as one of several sticks, out of one pass over their image: [`super::share_out`]. The image's checksum and
/// block map were settled there.
pub fn write_share(
    plan: &Plan,
    share: Share,
    device: &Arc<dyn BlockDevice>,
    verify: bool,
    observer: Observer<'_>,
    mark: &dyn Fn(Mark),
    cancel: &Cancel,
) -> Result<Written, EngineError> {
    let options = WriteOptions { verify, ..WriteOptions::default() };
    carry_out(plan, Origin::Share(Box::new(share)), device, &options, observer, mark, cancel)
}

/// Carries out a plan that needs no image, and proves it.
pub fn write_planned(
    plan: &Plan,
    device: &Arc<dyn BlockDevice>,
    observer: Observer<'_>,
    mark: &dyn Fn(Mark),
    cancel: &Cancel,
) -> Result<Written, EngineError> {
    let options = WriteOptions { verify: true, ..WriteOptions::default() };
    carry_out(plan, Origin::Plan, device, &options, observer, mark, cancel)
}

/// Where the bytes come from that the plan does not have itself.
enum Origin<'a> {
    /// There are none.
    Plan,
    Image(&'a Arc<Source>),
    Share(Box<Share>),
}

fn carry_out(
    plan: &Plan,
    origin: Origin<'_>,
    device: &Arc<dyn BlockDevice>,
    options: &WriteOptions,
    observer: Observer<'_>,
    mark: &dyn Fn(Mark),
    cancel: &Cancel,
) -> Result<Written, EngineError> {
    let (source, reader, found) = match origin {
        Origin::Plan => (None, None, None),
        Origin::Image(source) => (Some(Arc::clone(source)), None, None),
        Origin::Share(share) => {
            let Share { source, reader, found } = *share;
            (Some(source), Some(reader), Some(found))
        }
    };
    let source = source.as_ref();
    let known_files = found.as_ref().and_then(|found| found.files.clone());
    cancel.check()?;
    mark(Mark::Wiping);
    wipe(plan, &**device, observer, cancel)?;
    mark(Mark::Blank);

    // A hasher of its own flag: an error elsewhere must stop it too.
    let stop_hash = Cancel::new();
    let _stop = RaiseOnDrop(stop_hash.clone());
    let image_flows_whole = plan.covers_image();
    let (feed, hash) = match options.hash.filter(|_| image_flows_whole).zip(source) {
        Some((algorithm, source)) => {
            let (feed, hash) = trailing_hash::start(source, algorithm, &stop_hash);
            (Some(feed), Some(hash))
        }
        None => (None, None),
    };
    let mut digests = BlockDigests::default();

    let held = BLOCKS_HELD_BACK - 1 + trailing_hash::BLOCKS_HELD + file_digests::BLOCKS_HELD;
    let pool = Pool::new(BLOCKS_IN_FLIGHT + held, BLOCK_BYTES);
    let (send, blocks) = bounded(BLOCKS_IN_FLIGHT);
    let total = plan.sized.then(|| plan.planned_bytes());
    observer(Step { phase: Phase::Writing, done_bytes: 0, total_bytes: total, consumed: None });
    let mut held_back: Vec<Arc<Block>> = Vec::new();
    let mut written_bytes = 0;
    // What is held back is written when it is written.
    let mut taken_bytes = 0;
    let Produced { image_end, manifest } = std::thread::scope(|scope| {
        let producer = scope.spawn(|| {
            let image = match reader {
                Some(reader) => Some(ImageReader::Taped(reader)),
                None => source.map(|source| ImageReader::new(source)).transpose()?,
            };
            let filler = Filler::new(plan, image).with_map(options.map.clone()).with_known_files(known_files);
            let send = send;
            produce(filler, plan, &pool, &send, feed, options.verify, cancel)
        });
        for block in &blocks {
            cancel.check()?;
            written_bytes += block.bytes.len() as u64;
            let consumed = block.consumed;
            if plan.is_held_back(block.offset) {
                held_back.push(block);
            } else {
                if let Some(digest) = block.digest {
                    digests.push(digest);
                }
                device.write_at(block.offset, &block.bytes)?;
                taken_bytes += block.bytes.len() as u64;
            }
            observer(Step { phase: Phase::Writing, done_bytes: taken_bytes, total_bytes: total, consumed });
        }
        drop(blocks);
        producer.join().unwrap_or(Err(EngineError::Internal("the image reader")))
    })?;
    let plan = image_end.map_or_else(|| plan.clone(), |end| plan.sized_at(end));
    let total = Some(plan.planned_bytes());
    cancel.check()?;

    // Nobody can tell how far a drive is with that.
    observer(Step { phase: Phase::Syncing, done_bytes: 0, total_bytes: None, consumed: None });
    device.sync()?;

    let mut comparison = None;
    if options.verify {
        let all = spans(&plan).filter(|span| !plan.is_held_back(span.offset)).collect();
        let can_be_made_again = source.is_none_or(|source| source.is_random_access());
        let image =
            source.filter(|_| can_be_made_again).map(|source| ImageReader::new(source)).transpose()?;
        let bytes = can_be_made_again.then(|| Filler::new(&plan, image).with_manifest(manifest.clone()));
        let reference = Reference { digests: Some(&digests), bytes };
        let job = Comparing { device, all, phase: Phase::Verifying, base: 0, total };
        comparison = Some(job.run(reference, observer, cancel)?);
    }
    let mut committed = comparison.as_ref().is_none_or(Comparison::is_identical);
    cancel.check()?;
    let digest_for_all = found.map(|found| found.image_is_right(cancel)).transpose()?.flatten();
    source.map_or(Ok(()), |source| source.still_as_opened())?;
    if committed {
        mark(Mark::Committing);
        if let Err(error) = commit(&held_back, &**device) {
            // A drive that still answers is made blank again; one that does not has said why.
            if blank(&held_back, &**device).is_ok() {
                mark(Mark::Blank);
            }
            return Err(error);
        }
        if let Some(comparison) = &mut comparison {
            let mut digests = BlockDigests::default();
            held_back.iter().for_each(|block| digests.push(block_digest(&block.bytes)));
            let span = |block: &Arc<Block>| Span { offset: block.offset, len: block.bytes.len() };
            let job = Comparing {
                device,
                all: held_back.iter().map(span).collect(),
                phase: Phase::Verifying,
                base: comparison.verified_bytes,
                total,
            };
            let reference = Reference { digests: Some(&digests), bytes: None };
            // Too late to cancel: the stick would be neither blank nor proved.
            comparison.absorb(job.run(reference, observer, &Cancel::new())?);
            committed = comparison.is_identical();
        }
    }
    if !committed {
        // Also where they were not written: a drive that lies about its size may have put other bytes there.
        blank(&held_back, &**device)?;
        mark(Mark::Blank);
    }
    let digest = hash.map(|hash| hash.finish()).transpose()?.or(digest_for_all);
    Ok(Written { plan, digest, manifest, written_bytes, comparison, committed })
}

/// Writes the blocks that were held back, the first one of the drive last.
fn commit(held_back: &[Arc<Block>], device: &dyn BlockDevice) -> Result<(), EngineError> {
    let (first, others): (Vec<_>, Vec<_>) = held_back.iter().partition(|block| block.offset == 0);
    for blocks in [others, first] {
        if !blocks.is_empty() {
            blocks.iter().try_for_each(|block| device.write_at(block.offset, &block.bytes))?;
            device.sync()?;
        }
    }
    Ok(())
}

/// Zeroes their places.
fn blank(held_back: &[Arc<Block>], device: &dyn BlockDevice) -> Result<(), EngineError> {
    for block in held_back {
        device.write_at(block.offset, &AlignedBuf::new(block.bytes.len()))?;
    }
    Ok(device.sync()?)
}

/// Zeroes the places of old partition tables and signatures, and makes sure that the zeroes have arrived.
fn wipe(
    plan: &Plan,
    device: &dyn BlockDevice,
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    if plan.wipes.is_empty() {
        return Ok(());
    }
    let total_bytes = Some(plan.wipes.iter().map(|(_, len)| len).sum());
    let mut zeroes = AlignedBuf::new(BLOCK_BYTES);
    let mut done_bytes = 0;
    observer(Step { phase: Phase::Wiping, done_bytes, total_bytes, consumed: None });
    for &(start, len) in &plan.wipes {
        let mut done = 0;
        while done < len {
            cancel.check()?;
            zeroes.set_len((len - done).min(BLOCK_BYTES as u64) as usize);
            device.write_at(start + done, &zeroes)?;
            done += zeroes.len() as u64;
            done_bytes += zeroes.len() as u64;
            observer(Step { phase: Phase::Wiping, done_bytes, total_bytes, consumed: None });
        }
    }
    device.sync()?;
    Ok(())
}

struct RaiseOnDrop(Cancel);

impl Drop for RaiseOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}
