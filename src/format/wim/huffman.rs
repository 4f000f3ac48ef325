//! Canonical Huffman codes: codewords ordered by length, then by symbol.

use super::bits::BitReader;

pub(super) const MAX_CODEWORD_BITS: usize = 16;
/// Codewords up to this length are looked up, longer ones searched. An entry has room for lengths to 15.
const TABLE_BITS: u32 = 11;
const TABLE_LEN: usize = 1 << TABLE_BITS;

pub(super) struct HuffmanTable {
    /// By the next `TABLE_BITS` bits: the symbol shifted by four, and the length of its codeword. 0 if it is longer, or
    /// none.
    table: Vec<u16>,
    /// Symbols by codeword.
    symbols: Vec<u16>,
    /// For each length, the first codeword, how many there are, and the place of the first one's symbol.
    first: [u32; MAX_CODEWORD_BITS + 1],
    count: [u32; MAX_CODEWORD_BITS + 1],
    place: [u32; MAX_CODEWORD_BITS + 1],
    longest: u32,
}

impl HuffmanTable {
    pub(super) fn new() -> Self {
        Self {
            table: vec![0; TABLE_LEN],
            symbols: Vec::new(),
            first: [0; MAX_CODEWORD_BITS + 1],
            count: [0; MAX_CODEWORD_BITS + 1],
            place: [0; MAX_CODEWORD_BITS + 1],
            longest: 0,
        }
    }

    /// Makes it the code in which each symbol's codeword has the length in `lens`; 0 for those that have none. Up to 4096
    /// symbols. `None` if there are more codewords than the lengths leave room for. A code that leaves room unused is
    /// taken: only decoding a codeword that is none is an error.
    pub(super) fn build(&mut self, lens: &[u8]) -> Option<()> {
        self.count.fill(0);
        for len in lens {
            self.count[usize::from(*len)] += 1;
        }
        self.count[0] = 0;
        let (mut code, mut place) = (0, 0);
        self.longest = 0;
        for len in 1..=MAX_CODEWORD_BITS {
            code = (code + self.count[len - 1]) << 1;
            if code + self.count[len] > 1 << len {
                return None;
            }
            (self.first[len], self.place[len]) = (code, place);
            place += self.count[len];
            if self.count[len] > 0 {
                self.longest = len as u32;
            }
        }
        self.symbols.clear();
        self.symbols.resize(place as usize, 0);
        let mut next = self.place;
        for (symbol, len) in lens.iter().enumerate().filter(|(_, len)| **len > 0) {
            let place = &mut next[usize::from(*len)];
            self.symbols[*place as usize] = symbol as u16;
            *place += 1;
        }
        // Canonical codewords in their order fill the table from its start.
        let (mut filled, mut place) = (0, 0);
        for len in 1..=TABLE_BITS.min(self.longest) {
            let span = 1 << (TABLE_BITS - len);
            for _ in 0..self.count[len as usize] {
                self.table[filled..filled + span].fill(self.symbols[place] << 4 | len as u16);
                (filled, place) = (filled + span, place + 1);
            }
        }
        self.table[filled..].fill(0);
        Some(())
    }

    /// The next symbol. `None` if the bits are no codeword.
    #[inline(always)]
    pub(super) fn decode(&self, bits: &mut BitReader<'_>) -> Option<usize> {
        bits.ensure(MAX_CODEWORD_BITS as u32);
        let entry = self.table[bits.peek(TABLE_BITS) as usize];
        if entry != 0 {
            bits.consume(u32::from(entry & 15));
            return Some(usize::from(entry >> 4));
        }
        self.search(bits)
    }

    #[cold]
    fn search(&self, bits: &mut BitReader<'_>) -> Option<usize> {
        for len in TABLE_BITS + 1..=self.longest {
            let at = len as usize;
            // Codewords below the first one belong to shorter lengths and were found there.
            let nth = bits.peek(len).checked_sub(self.first[at]);
            if let Some(nth) = nth.filter(|nth| *nth < self.count[at]) {
                bits.consume(len);
                return self.symbols.get((self.place[at] + nth) as usize).map(|symbol| usize::from(*symbol));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits to units, highest bit first.
    fn units(codewords: &[(u32, u32)]) -> Vec<u8> {
        let mut bits: Vec<bool> = Vec::new();
        for (code, len) in codewords {
            bits.extend((0..*len).rev().map(|bit| code >> bit & 1 == 1));
        }
        bits.resize(bits.len().next_multiple_of(16), false);
        let unit = |bits: &[bool]| bits.iter().fold(0u16, |unit, bit| unit << 1 | u16::from(*bit));
        bits.chunks(16).flat_map(|bits| unit(bits).to_le_bytes()).collect()
    }

    #[test]
    fn short_and_long_codewords() {
        // Symbol 0 has one bit, 1 two, and so on to 15 with sixteen, and 16 with sixteen.
        let lens: Vec<u8> = (1..=16).chain([16]).collect();
        let mut table = HuffmanTable::new();
        table.build(&lens).unwrap();
        let codewords: Vec<(u32, u32)> =
            (1..=16).map(|len| ((1 << len) - 2, len)).chain([(0xFFFF, 16)]).collect();
        let data = units(&codewords);
        let mut bits = BitReader::new(&data, 0);
        let symbols: Vec<usize> = (0..17).map(|_| table.decode(&mut bits).unwrap()).collect();
        assert_eq!(symbols, (0..17).collect::<Vec<_>>());
    }

    #[test]
    fn codes_that_are_none() {
        let mut table = HuffmanTable::new();
        assert_eq!(table.build(&[1, 1, 1]), None);
        assert_eq!(table.build(&[1, 2, 2, 16]), None);
        table.build(&[0, 1, 0]).unwrap();
        let data = units(&[(0, 1), (1, 1)]);
        let mut bits = BitReader::new(&data, 0);
        assert_eq!(table.decode(&mut bits), Some(1));
        assert_eq!(table.decode(&mut bits), None);
        table.build(&[0; 249]).unwrap();
        assert_eq!(table.decode(&mut BitReader::new(&data, 0)), None);
    }
}
