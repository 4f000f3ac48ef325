//! Turns a Plan into blocks: runs of bytes that begin and end on sector boundaries, in ascending order.

use std::ops::Range;
use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::base::Cancel;
use crate::plan::{Fill, Plan, manifest};
use crate::source::AdditionReader;
use crate::source::bmap::MappedRange;

use super::awaited::Awaited;
use super::compare::block_digest;
use super::file_digests::FileDigests;
use super::image_reader::ImageReader;
use super::map_check::MapCheck;
use super::pool::{Pool, PooledBuf};
use super::trailing_hash::HashFeed;
use super::{BLOCK_BYTES, EngineError};

/// Bytes and their place on the device.
pub(super) struct Block {
    pub offset: u64,
    pub bytes: PooledBuf,
    /// For verification, if there is to be one.
    pub digest: Option<u128>,
    pub consumed: Option<f32>,
}

/// A stretch of at most [`BLOCK_BYTES`] on the device, and what fills it: indexes into the plan's extents.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub offset: u64,
    pub len: usize,
}

/// Cuts the plan's extents into spans: extents that touch share one, a gap begins another, and so does the manifest, for
/// which everything before it must have passed. Every span begins and ends on a sector boundary because runs of extents
/// do, and starts at a multiple of the block size where its run allows.
pub(super) fn spans(plan: &Plan) -> impl Iterator<Item = Span> + '_ {
    let mut extents = plan.extents.iter().peekable();
    let mut run = 0..0;
    std::iter::from_fn(move || {
        if run.is_empty() {
            let first = extents.next()?;
            run = first.start..first.end();
            while let Some(next) =
                extents.next_if(|next| next.start == run.end && next.fill != Fill::Manifest)
            {
                run.end = next.end();
            }
        }
        let block = BLOCK_BYTES as u64;
        let end = ((run.start / block + 1) * block).min(run.end);
        let span = Span { offset: run.start, len: (end - run.start) as usize };
        run.start = end;
        Some(span)
    })
}

/// Fills spans with the plan's bytes, in ascending order.
pub(super) struct Filler<'a> {
    plan: &'a Plan,
    /// `None`: the plan needs no image.
    image: Option<ImageReader<'a>>,
    additions: AdditionReader<'a>,
    /// The manifest's text, once it is known.
    manifest: Option<Arc<[u8]>>,
    /// Checksums of the stick's files that are computed elsewhere.
    known_files: Option<Awaited<Arc<[String]>>>,
    /// The first extent that may still have bytes to give.
    extent: usize,
    /// Of the bytes that were filled last, those that nothing is known of.
    unknown: Vec<Range<usize>>,
    /// Where an image of unknown size turned out to end.
    image_end: Option<u64>,
    map: Option<MapCheck>,
}

impl<'a> Filler<'a> {
    pub fn new(plan: &'a Plan, image: Option<ImageReader<'a>>) -> Self {
        Self {
            plan,
            image,
            additions: AdditionReader::new(plan.additions()),
            manifest: None,
            known_files: None,
            extent: 0,
            unknown: Vec::new(),
            image_end: None,
            map: None,
        }
    }

    /// With the manifest as it was written.
    pub fn with_manifest(mut self, manifest: Option<Arc<[u8]>>) -> Self {
        self.manifest = manifest;
        self
    }

    /// With the checksums of the stick's files, in the manifest's order.
    pub fn with_known_files(mut self, digests: Option<Awaited<Arc<[String]>>>) -> Self {
        self.known_files = digests;
        self
    }

    /// Also checks the image against the checksums of its block map.
    pub fn with_map(mut self, ranges: Vec<MappedRange>) -> Self {
        self.map = Some(MapCheck::new(ranges));
        self
    }

    /// Fills all of `out` with the bytes that belong at `offset`; less only where an image of unknown size has ended.
    /// Returns (bytes that hold, padded to whole sectors; leading bytes of them that are the image's).
    pub fn fill(
        &mut self,
        offset: u64,
        out: &mut [u8],
        cancel: &Cancel,
    ) -> Result<(usize, usize), EngineError> {
        self.unknown.clear();
        let mut done = 0;
        let mut of_image = 0;
        while done < out.len() {
            cancel.check()?;
            let at = offset + done as u64;
            while self.plan.extents.get(self.extent).is_some_and(|e| e.end() <= at) {
                self.extent += 1;
            }
            let Some(extent) = self.plan.extents.get(self.extent).filter(|e| e.start <= at) else {
                return Err(EngineError::Internal("a span outside the plan"));
            };
            let piece_end = out.len().min(done + (extent.end() - at) as usize);
            let piece = &mut out[done..piece_end];
            let skip = (at - extent.start) as usize;
            match &extent.fill {
                Fill::Zeroes => piece.fill(0),
                Fill::Bytes { bytes, offset } => {
                    piece.copy_from_slice(&bytes[offset + skip..offset + skip + piece.len()]);
                }
                Fill::Fat { table, offset } => table.fill(offset + skip as u64, piece),
                Fill::Addition { index, offset } => {
                    self.additions.read(*index, offset + skip as u64, piece)?;
                }
                Fill::Unknown => self.unknown.push(done..piece_end),
                Fill::Manifest => {
                    let text = self.manifest.as_deref().and_then(|text| text.get(skip..skip + piece.len()));
                    piece.copy_from_slice(text.ok_or(EngineError::Internal("the manifest"))?);
                }
                Fill::Source { offset } => {
                    let image_offset = offset + skip as u64;
                    let Some(image) = &mut self.image else {
                        return Err(EngineError::Internal("a plan without its image"));
                    };
                    let got = image.read(image_offset, piece, cancel)?;
                    if let Some(map) = &mut self.map {
                        map.update(image_offset, &piece[..got])?;
                    }
                    if done == of_image {
                        of_image += got;
                    }
                    if got < piece.len() {
                        let image_end = image_offset + got as u64;
                        if self.plan.sized {
                            let expected = self.plan.image.image_bytes.unwrap_or(extent.end());
                            return Err(
                                crate::source::SourceError::Length { expected, actual: image_end }.into()
                            );
                        }
                        self.image_end = Some(image_end);
                        let whole = (done + got).next_multiple_of(self.plan.target.sector_bytes as usize);
                        out[done + got..whole].fill(0);
                        return Ok((whole, of_image));
                    }
                }
            }
            done = piece_end;
        }
        Ok((done, of_image))
    }

    /// Takes over what was read, wherever the plan does not say what should be there.
    pub fn accept_unknown(&self, expected: &mut [u8], read: &[u8]) {
        for range in &self.unknown {
            expected[range.clone()].copy_from_slice(&read[range.clone()]);
        }
    }

    /// Reads what is left of a compressed image, and finds an image of unknown size out that goes on behind the end of
    /// the drive. Returns the image's length where the plan did not know it.
    pub fn finish(mut self, cancel: &Cancel) -> Result<Option<u64>, EngineError> {
        let Some(image) = &mut self.image else { return Ok(None) };
        if !self.plan.sized && self.image_end.is_none() {
            let drive_bytes = self.plan.planned_bytes();
            if image.read(drive_bytes, &mut [0], cancel)? != 0 {
                return Err(EngineError::DoesNotFit { drive_bytes });
            }
            self.image_end = Some(drive_bytes);
        }
        image.finish(cancel)?;
        Ok(self.image_end)
    }
}

/// What is known when every block has been sent.
pub(super) struct Produced {
    /// The length of an image whose size was unknown.
    pub image_end: Option<u64>,
    pub manifest: Option<Arc<[u8]>>,
}

/// Sends every block of the plan, in order. A receiver that is gone ends it early and quietly: whoever dropped it knows
/// why.
pub(super) fn produce(
    mut filler: Filler<'_>,
    plan: &Plan,
    pool: &Pool,
    out: &Sender<Arc<Block>>,
    mut hash: Option<HashFeed>,
    verify: bool,
    cancel: &Cancel,
) -> Result<Produced, EngineError> {
    let hashed = plan.stick.as_deref().filter(|stick| stick.has_checksums);
    let mut files = hashed.map(|stick| {
        (filler.known_files.take().map_or_else(|| FileDigests::start(stick), FileDigests::OfAll), stick)
    });
    if let Some(stick) = plan.stick.as_deref().filter(|stick| !stick.has_checksums) {
        filler.manifest = Some(manifest::render(&stick.manifest_head, std::iter::empty()).into());
    }
    let manifest_at = plan.extents.iter().find(|e| e.fill == Fill::Manifest).map(|e| e.start);
    for span in spans(plan) {
        if manifest_at == Some(span.offset)
            && let Some((digests, stick)) = files.take()
        {
            filler.manifest = Some(digests.manifest(stick, cancel)?.into());
        }
        let mut bytes = pool.take(cancel)?;
        bytes.set_len(span.len);
        let (len, of_image) = filler.fill(span.offset, &mut bytes, cancel)?;
        if !filler.unknown.is_empty() {
            return Err(EngineError::Internal("a plan that cannot be written"));
        }
        bytes.set_len(len);
        // Here, where the bytes are still in the processor's cache.
        let digest = verify.then(|| block_digest(&bytes));
        let consumed = filler.image.as_ref().and_then(ImageReader::consumed);
        let block = Arc::new(Block { offset: span.offset, bytes, digest, consumed });
        if let Some(hash) = &mut hash {
            hash.offer(&block, of_image, cancel)?;
        }
        if let Some((digests, _)) = &files {
            digests.offer(&block, cancel)?;
        }
        if len > 0 && out.send(block).is_err() {
            return Err(EngineError::Cancelled);
        }
        if len < span.len {
            break;
        }
    }
    let manifest = filler.manifest.clone();
    Ok(Produced { image_end: filler.finish(cancel)?, manifest })
}
