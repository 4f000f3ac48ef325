//! What LZMS decodes with: binary decisions and Huffman codes, both of which follow what was decoded before.

use super::bits::BitReader;
use super::codec::CodecError;
use super::huffman::{HuffmanTable, MAX_CODEWORD_BITS};

/// Probabilities are in 64ths: how many of the last 64 decisions were zeroes.
const PROBABILITY_BITS: u32 = 6;
const FIRST_HISTORY: u64 = 0x5555_5555;

/// Binary decisions of one kind. Those before choose the probability of the next.
pub(super) struct Decisions {
    /// The last 64 of each state.
    histories: Vec<u64>,
    /// The last decisions: as many as number the states.
    state: usize,
}

impl Decisions {
    /// `states` is a power of two.
    pub(super) fn new(states: usize) -> Self {
        Self { histories: vec![FIRST_HISTORY; states], state: 0 }
    }

    pub(super) fn reset(&mut self) {
        self.histories.fill(FIRST_HISTORY);
        self.state = 0;
    }

    #[inline(always)]
    pub(super) fn decode(&mut self, ranges: &mut RangeReader<'_>) -> bool {
        let history = &mut self.histories[self.state];
        let bit = ranges.decode(history.count_zeros().clamp(1, 63));
        *history = *history << 1 | u64::from(bit);
        self.state = (self.state << 1 | usize::from(bit)) & (self.histories.len() - 1);
        bit
    }
}

/// A range decoder over 16-bit units. Past the end it reads zeroes.
pub(super) struct RangeReader<'a> {
    data: &'a [u8],
    at: usize,
    range: u32,
    code: u32,
}

impl<'a> RangeReader<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        let mut reader = Self { data, at: 0, range: u32::MAX, code: 0 };
        reader.code = reader.next_unit() << 16 | reader.next_unit();
        reader
    }

    fn next_unit(&mut self) -> u32 {
        let unit = self.data.get(self.at..).and_then(|rest| rest.first_chunk());
        self.at = self.at.saturating_add(2);
        unit.map_or(0, |unit| u16::from_le_bytes(*unit).into())
    }

    /// `zeroes` of 64 is the probability of a zero.
    #[inline(always)]
    fn decode(&mut self, zeroes: u32) -> bool {
        if self.range <= 0xFFFF {
            self.range <<= 16;
            self.code = self.code << 16 | self.next_unit();
        }
        let bound = (self.range >> PROBABILITY_BITS) * zeroes;
        let bit = self.code >= bound;
        if bit {
            self.range -= bound;
            self.code -= bound;
        } else {
            self.range = bound;
        }
        bit
    }

    /// Where the reader is, for errors.
    pub(super) fn at(&self) -> usize {
        self.at.min(self.data.len())
    }
}

/// A Huffman code that is made anew from how often its symbols occurred, each time that so many were decoded.
pub(super) struct AdaptiveCode {
    frequencies: Vec<u32>,
    lens: Vec<u8>,
    table: HuffmanTable,
    period: u32,
    left: u32,
}

impl AdaptiveCode {
    /// A code without symbols; `reset` gives it some.
    pub(super) fn new(period: u32) -> Self {
        Self { frequencies: Vec::new(), lens: Vec::new(), table: HuffmanTable::new(), period, left: 0 }
    }

    /// Makes it a code of symbols that all occur alike. There are up to 799.
    pub(super) fn reset(&mut self, symbols: usize) -> Option<()> {
        self.frequencies.clear();
        self.frequencies.resize(symbols, 1);
        self.rebuild()
    }

    fn rebuild(&mut self) -> Option<()> {
        self.left = self.period;
        codeword_lens(&self.frequencies, &mut self.lens)?;
        self.table.build(&self.lens)
    }

    #[inline(always)]
    pub(super) fn decode(&mut self, bits: &mut BitReader<'_>) -> Result<usize, CodecError> {
        let no_codeword = CodecError::new(bits.at(), "a codeword");
        let symbol = self.table.decode(bits).ok_or(no_codeword)?;
        self.frequencies[symbol] += 1;
        self.left -= 1;
        if self.left == 0 {
            self.rebuild().ok_or(no_codeword)?;
            self.frequencies.iter_mut().for_each(|frequency| *frequency = (*frequency >> 1) + 1);
        }
        Ok(symbol)
    }
}

/// The lengths of Huffman's codewords for these frequencies. Of nodes that are equally rare, leaves are joined first, by
/// symbol; the rarest symbols get the longest codewords. `None` if one would be too long, which these codes never need.
fn codeword_lens(frequencies: &[u32], lens: &mut Vec<u8>) -> Option<()> {
    lens.clear();
    lens.resize(frequencies.len(), 0);
    let mut leaves: Vec<(u32, usize)> =
        (0..).zip(frequencies).map(|(symbol, count)| (*count, symbol)).collect();
    if let [(_, only)] = leaves[..] {
        lens[only] = 1;
        return Some(());
    }
    leaves.sort_unstable();
    // Nodes become rarer never: joined in order, both leaves and nodes stay sorted.
    let joins = leaves.len().saturating_sub(1);
    let mut node_frequencies: Vec<u32> = Vec::with_capacity(joins);
    let mut parents = vec![0; joins];
    let mut leaf_parents = vec![0; leaves.len()];
    let (mut leaf, mut node) = (0, 0);
    for join in 0..joins {
        let mut frequency = 0;
        for _ in 0..2 {
            let is_leaf = leaf < leaves.len()
                && node_frequencies.get(node).is_none_or(|frequency| leaves[leaf].0 <= *frequency);
            if is_leaf {
                frequency += leaves[leaf].0;
                leaf_parents[leaf] = join;
                leaf += 1;
            } else {
                frequency += node_frequencies[node];
                parents[node] = join;
                node += 1;
            }
        }
        node_frequencies.push(frequency);
    }
    // The last node is the root; parents come after their children.
    let mut depths = vec![0u32; joins];
    for node in (0..joins.saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    let mut by_length = [0; MAX_CODEWORD_BITS + 1];
    for parent in leaf_parents.into_iter().take(if joins > 0 { leaves.len() } else { 0 }) {
        *by_length.get_mut(depths[parent] as usize + 1)? += 1;
    }
    let rarest_first = (1..=MAX_CODEWORD_BITS).rev().flat_map(|len| std::iter::repeat_n(len, by_length[len]));
    for ((_, symbol), len) in leaves.into_iter().zip(rarest_first) {
        lens[symbol] = len as u8;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_frequencies() {
        for (frequencies, expected) in [
            ([].as_slice(), [].as_slice()),
            (&[9], &[1]),
            (&[1, 1], &[1, 1]),
            (&[1, 1, 1], &[2, 2, 1]),
            (&[8, 1, 1, 2, 4], &[1, 4, 4, 3, 2]),
            // Joined leaves first: not a chain.
            (&[1, 1, 2, 2], &[2, 2, 2, 2]),
        ] {
            let mut lens = Vec::new();
            codeword_lens(frequencies, &mut lens).unwrap();
            assert_eq!(lens, expected, "{frequencies:?}");
        }
        let mut fibonacci = vec![1, 1];
        (2..40).for_each(|at| fibonacci.push(fibonacci[at - 1] + fibonacci[at - 2]));
        assert_eq!(codeword_lens(&fibonacci, &mut Vec::new()), None);
    }
}
