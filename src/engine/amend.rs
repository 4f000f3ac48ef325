//! Changes a stick where it lies: new contents first, into free space; then, step by step, what makes them files.
//!
//! Each step is written, flushed, read back and compared before the next one begins. The first one can be cancelled and
//! leaves the stick as it was. The others are a few sectors, and are carried through.

use std::sync::Arc;

use crate::base::digest::Hasher;
use crate::base::{Algorithm, Cancel};
use crate::device::{AlignedBuf, BlockDevice};
use crate::plan::{Extent, Fill, Plan};
use crate::source::{Addition, AdditionKind, AdditionReader};

use super::compare::{BlockDigests, Comparing, Comparison, Reference, block_digest};
use super::write::{Mark, Written, write_planned};
use super::{BLOCK_BYTES, EngineError, Observer, Phase, Step, blocks::Span};

/// Carries out a plan that has a [`crate::plan::PlannedChange`], and proves it.
pub fn amend(
    plan: &Plan,
    device: &Arc<dyn BlockDevice>,
    observer: Observer<'_>,
    mark: &dyn Fn(Mark),
    cancel: &Cancel,
) -> Result<Written, EngineError> {
    let Some(change) = &plan.change else { return Err(EngineError::Internal("a plan without a change")) };
    mark(Mark::Unchanged);
    // Nothing leads to what this writes, so that there is nothing to take back.
    let mut written = write_planned(plan, device, observer, &|_| {}, cancel)?;
    let mut comparison = written.comparison.take().unwrap_or_default();
    cancel.check()?;
    for step in &change.steps {
        if !comparison.is_identical() {
            break;
        }
        if !step.is_empty() {
            mark(Mark::Amending);
            let proof = carry_out(step, device, comparison.verified_bytes, plan.planned_bytes(), observer)?;
            comparison.absorb(proof);
            written.written_bytes += step.iter().map(|extent| extent.len).sum::<u64>();
        }
    }
    written.committed = comparison.is_identical();
    written.comparison = Some(comparison);
    Ok(written)
}

/// Writes one step, flushes it, and reads it back.
fn carry_out(
    step: &[Extent],
    device: &Arc<dyn BlockDevice>,
    base: u64,
    total: u64,
    observer: Observer<'_>,
) -> Result<Comparison, EngineError> {
    let mut digests = BlockDigests::default();
    let mut all = Vec::new();
    for extent in step {
        let Fill::Bytes { bytes, offset } = &extent.fill else {
            return Err(EngineError::Internal("a step of other than bytes"));
        };
        let bytes = bytes.get(*offset..*offset + extent.len as usize);
        let bytes = bytes.ok_or(EngineError::Internal("a step that is too short"))?;
        for (index, piece) in bytes.chunks(BLOCK_BYTES).enumerate() {
            let offset = extent.start + (index * BLOCK_BYTES) as u64;
            let mut block = AlignedBuf::new(piece.len());
            block.copy_from_slice(piece);
            device.write_at(offset, &block)?;
            digests.push(block_digest(piece));
            all.push(Span { offset, len: piece.len() });
        }
    }
    device.sync()?;
    let job = Comparing { device, all, phase: Phase::Verifying, base, total: Some(total) };
    // Too late to cancel: what is half done would be left.
    job.run(Reference { digests: Some(&digests), bytes: None }, observer, &Cancel::new())
}

/// SHA-256 of each of the user's files, in lower-case hex; of folders, of nothing.
pub fn hash_additions(
    additions: &[Addition],
    observer: Observer<'_>,
    cancel: &Cancel,
) -> Result<Vec<String>, EngineError> {
    let len = |addition: &Addition| match addition.kind {
        AdditionKind::File { len_bytes } => len_bytes,
        AdditionKind::Folder => 0,
    };
    let total_bytes = Some(additions.iter().map(len).sum());
    let mut reader = AdditionReader::new(additions);
    let mut buf = vec![0; BLOCK_BYTES];
    let mut done_bytes = 0;
    let mut found = Vec::with_capacity(additions.len());
    for (index, addition) in additions.iter().enumerate() {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        let mut done = 0;
        while done < len(addition) {
            cancel.check()?;
            let piece = &mut buf[..(len(addition) - done).min(BLOCK_BYTES as u64) as usize];
            reader.read(index, done, piece)?;
            hasher.update(piece);
            done += piece.len() as u64;
            done_bytes += piece.len() as u64;
            observer(Step { phase: Phase::Hashing, done_bytes, total_bytes, consumed: None });
        }
        found.push(hasher.finish().hex());
    }
    Ok(found)
}
