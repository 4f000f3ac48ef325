//! LZMS: matches, matches of differences, and literals. Which of them comes next is read forwards from the start of the
//! chunk as binary decisions, what they are, backwards from its end as Huffman codes. Microsoft has not published it;
//! these are facts that the authors of wimlib found out and wrote down; the code is this project's own.

use super::adaptive::{AdaptiveCode, Decisions, RangeReader};
use super::bits::BitReader;
use super::codec::{CodecError, copy_match};
use super::lzms_code::CodeFilter;

const LITERALS: usize = 256;
const LENGTH_SLOTS: usize = 54;
const POWERS: usize = 8;
const RECENT: usize = 3;

/// Runs of slots: how many there are with so many bits to add. The slots before them leave off where they begin.
const OFFSET_SLOT_RUNS: [(usize, u32); 21] = [
    (8, 0),
    (9, 2),
    (7, 3),
    (10, 4),
    (15, 5),
    (15, 6),
    (20, 7),
    (20, 8),
    (30, 9),
    (33, 10),
    (40, 11),
    (42, 12),
    (45, 13),
    (60, 14),
    (73, 15),
    (80, 16),
    (85, 17),
    (95, 18),
    (105, 19),
    (6, 20),
    (1, 30),
];
const LENGTH_SLOT_RUNS: [(usize, u32); 13] = [
    (26, 0),
    (4, 1),
    (6, 2),
    (4, 3),
    (5, 4),
    (2, 5),
    (1, 6),
    (1, 7),
    (1, 8),
    (1, 9),
    (1, 10),
    (1, 16),
    (1, 30),
];

/// Numbers from 1 on: the first one of each slot, and the number of bits to add to it.
fn slots(runs: &[(usize, u32)]) -> Vec<(usize, u32)> {
    let all = runs.iter().flat_map(|(count, bits)| std::iter::repeat_n(*bits, *count));
    let with_base = all.scan(1, |base, bits| {
        let slot = (*base, bits);
        *base += 1 << bits;
        Some(slot)
    });
    with_base.collect()
}

/// The sources of the last matches of one kind. A new one counts as recent only after another item.
struct Recent<T> {
    queue: [T; RECENT + 1],
    /// Of the item before.
    pending: Option<T>,
    /// Of this item.
    upcoming: Option<T>,
}

impl<T: Copy> Recent<T> {
    fn new(queue: [T; RECENT + 1]) -> Self {
        Self { queue, pending: None, upcoming: None }
    }

    fn take(&mut self, index: usize) -> T {
        let source = self.queue[index];
        self.queue.copy_within(index + 1.., index);
        source
    }

    /// At the end of each item.
    fn turn(&mut self) {
        if let Some(source) = self.pending.take() {
            self.queue.copy_within(..RECENT, 1);
            self.queue[0] = source;
        }
        self.pending = self.upcoming.take();
    }
}

/// Which of the sources it is, if it is not a new one: up to two decisions.
fn recent_index(decisions: &mut [Decisions; RECENT - 1], ranges: &mut RangeReader<'_>) -> usize {
    let [first, second] = decisions;
    match first.decode(ranges) {
        false => 0,
        true => 1 + usize::from(second.decode(ranges)),
    }
}

pub(super) struct LzmsDecoder {
    offset_slots: Vec<(usize, u32)>,
    length_slots: Vec<(usize, u32)>,
    is_match: Decisions,
    is_delta: Decisions,
    is_recent: Decisions,
    recent: [Decisions; RECENT - 1],
    is_recent_delta: Decisions,
    recent_delta: [Decisions; RECENT - 1],
    literals: AdaptiveCode,
    offsets: AdaptiveCode,
    lengths: AdaptiveCode,
    delta_offsets: AdaptiveCode,
    powers: AdaptiveCode,
    filter: CodeFilter,
    /// The chunk with its units in reverse order.
    reversed: Vec<u8>,
}

impl Default for LzmsDecoder {
    fn default() -> Self {
        Self {
            offset_slots: slots(&OFFSET_SLOT_RUNS),
            length_slots: slots(&LENGTH_SLOT_RUNS),
            is_match: Decisions::new(16),
            is_delta: Decisions::new(32),
            is_recent: Decisions::new(64),
            recent: [Decisions::new(64), Decisions::new(64)],
            is_recent_delta: Decisions::new(64),
            recent_delta: [Decisions::new(64), Decisions::new(64)],
            literals: AdaptiveCode::new(1024),
            offsets: AdaptiveCode::new(1024),
            lengths: AdaptiveCode::new(512),
            delta_offsets: AdaptiveCode::new(1024),
            powers: AdaptiveCode::new(512),
            filter: CodeFilter::default(),
            reversed: Vec::new(),
        }
    }
}

impl LzmsDecoder {
    pub(super) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        if input.len() < 4 || !input.len().is_multiple_of(2) {
            return Err(CodecError::new(input.len(), "at least two whole units"));
        }
        let mut reversed = std::mem::take(&mut self.reversed);
        reversed.clear();
        reversed.extend(input.chunks_exact(2).rev().flatten());
        let decoded = self.reset(out.len()).and_then(|()| {
            self.decode_items(&mut RangeReader::new(input), &mut BitReader::new(&reversed, 0), out)
        });
        self.reversed = reversed;
        decoded?;
        self.filter.undo(out);
        Ok(())
    }

    fn reset(&mut self, out_len: usize) -> Result<(), CodecError> {
        let both = self.recent.iter_mut().chain(&mut self.recent_delta);
        let single = [&mut self.is_match, &mut self.is_delta, &mut self.is_recent, &mut self.is_recent_delta];
        both.chain(single).for_each(Decisions::reset);
        // As many slots as the largest offset needs.
        let slots = self.offset_slots.iter().take_while(|(base, _)| *base < out_len).count();
        let built = (|| {
            self.literals.reset(LITERALS)?;
            self.offsets.reset(slots)?;
            self.lengths.reset(LENGTH_SLOTS)?;
            self.delta_offsets.reset(slots)?;
            self.powers.reset(POWERS)
        })();
        built.ok_or(CodecError::new(0, "a Huffman code"))
    }

    fn decode_items(
        &mut self,
        ranges: &mut RangeReader<'_>,
        bits: &mut BitReader<'_>,
        out: &mut [u8],
    ) -> Result<(), CodecError> {
        let mut offsets = Recent::new([1, 2, 3, 4]);
        let mut deltas = Recent::new([1, 2, 3, 4].map(|offset| (0, offset)));
        let mut at = 0;
        while at < out.len() {
            let no_match = CodecError::new(ranges.at(), "a match within the chunk");
            if !self.is_match.decode(ranges) {
                out[at] = self.literals.decode(bits)? as u8;
                at += 1;
            } else if !self.is_delta.decode(ranges) {
                let offset = if self.is_recent.decode(ranges) {
                    offsets.take(recent_index(&mut self.recent, ranges))
                } else {
                    decode_number(&mut self.offsets, &self.offset_slots, bits)?
                };
                offsets.upcoming = Some(offset);
                let len = decode_number(&mut self.lengths, &self.length_slots, bits)?;
                copy_match(out, at, offset, len).ok_or(no_match)?;
                at += len;
            } else {
                let (power, offset) = if self.is_recent_delta.decode(ranges) {
                    deltas.take(recent_index(&mut self.recent_delta, ranges))
                } else {
                    let power = self.powers.decode(bits)?;
                    (power, decode_number(&mut self.delta_offsets, &self.offset_slots, bits)?)
                };
                deltas.upcoming = Some((power, offset));
                let len = decode_number(&mut self.lengths, &self.length_slots, bits)?;
                copy_differences(out, at, 1 << power, offset, len).ok_or(no_match)?;
                at += len;
            }
            offsets.turn();
            deltas.turn();
        }
        bits.finish()
    }
}

#[inline(always)]
fn decode_number(
    code: &mut AdaptiveCode,
    slots: &[(usize, u32)],
    bits: &mut BitReader<'_>,
) -> Result<usize, CodecError> {
    let (base, extra) = slots[code.decode(bits)?];
    Ok(base + bits.read(extra) as usize)
}

/// Continues at `at` what stands `offset` spans before, in the differences of bytes that are a span apart.
fn copy_differences(out: &mut [u8], at: usize, span: usize, offset: usize, len: usize) -> Option<()> {
    let offset = offset.checked_mul(span)?;
    if offset.checked_add(span)? > at || len > out.len() - at {
        return None;
    }
    for place in at..at + len {
        let difference = out[place - offset].wrapping_sub(out[place - offset - span]);
        out[place] = out[place - span].wrapping_add(difference);
    }
    Some(())
}
