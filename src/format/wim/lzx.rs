//! LZX as in WIM files: each chunk by itself, with a window of its own size ([MS-PATCH] 2, [MS-WIM] 2.1.4). It differs from
//! LZX in cabinets in how blocks give their size, and in that calls of x86 code are always translated.

use super::bits::BitReader;
use super::codec::{CodecError, copy_match};
use super::huffman::HuffmanTable;

const LITERALS: usize = 256;
const LENGTH_SYMBOLS: usize = 249;
const PRETREE_SYMBOLS: usize = 20;
const ALIGNED_SYMBOLS: usize = 8;
/// Lengths that a main symbol can give by itself, and one that refers to the length code.
const LENGTH_HEADERS: usize = 8;
const MIN_MATCH_BYTES: usize = 2;
const DEFAULT_BLOCK_BYTES: usize = 32768;
/// Windows from this size on have a third byte in the size of a block.
const WIDE_WINDOW_BYTES: u32 = 1 << 16;
const MAX_SLOTS: usize = 50;
/// From this slot on an aligned block codes the lowest three bits of an offset.
const FIRST_ALIGNED_SLOT: usize = 8;
/// Stored offsets are the real ones and this, as the three smallest mean the last three offsets.
const OFFSET_BIAS: usize = 2;
/// What the translation of calls assumes to be the size of the file, always.
const CALL_FILE_BYTES: i32 = 12_000_000;
/// Calls that begin among the last bytes of a chunk are not translated.
const CALL_FREE_BYTES: usize = 10;

/// For each slot, the first stored offset and the number of bits to add to it.
const SLOTS: [(usize, u32); MAX_SLOTS] = {
    let mut slots = [(0, 0); MAX_SLOTS];
    let mut base = 0;
    let mut slot = 0;
    while slot < MAX_SLOTS {
        let bits = match slot {
            0..4 => 0,
            4..36 => slot as u32 / 2 - 1,
            _ => 17,
        };
        slots[slot] = (base, bits);
        base += 1 << bits;
        slot += 1;
    }
    slots
};

pub(super) struct LzxDecoder {
    has_wide_blocks: bool,
    /// Codeword lengths, which each block gives as differences to the one before.
    main_lens: Vec<u8>,
    length_lens: [u8; LENGTH_SYMBOLS],
    main: HuffmanTable,
    length: HuffmanTable,
    aligned: HuffmanTable,
    pretree: HuffmanTable,
}

impl LzxDecoder {
    /// For chunks of 32 KiB to 2 MiB.
    pub(super) fn new(chunk_bytes: u32) -> Self {
        let slots = SLOTS.iter().take_while(|(base, _)| *base < chunk_bytes as usize).count();
        Self {
            has_wide_blocks: chunk_bytes >= WIDE_WINDOW_BYTES,
            main_lens: vec![0; LITERALS + LENGTH_HEADERS * slots],
            length_lens: [0; LENGTH_SYMBOLS],
            main: HuffmanTable::new(),
            length: HuffmanTable::new(),
            aligned: HuffmanTable::new(),
            pretree: HuffmanTable::new(),
        }
    }

    pub(super) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        self.main_lens.fill(0);
        self.length_lens.fill(0);
        let mut recent = [1; 3];
        let mut bits = BitReader::new(input, 0);
        let mut at = 0;
        while at < out.len() {
            let kind = bits.read(3);
            let len = self.block_len(&mut bits);
            if len == 0 || len > out.len() - at {
                return Err(CodecError::new(bits.at(), "a block within the chunk"));
            }
            let end = at + len;
            match kind {
                1 | 2 => {
                    self.read_codes(&mut bits, kind == 2)?;
                    self.decode_block(&mut bits, kind == 2, &mut recent, &mut out[..end], at)?;
                }
                3 => copy_block(&mut bits, input, &mut recent, &mut out[at..end])?,
                _ => return Err(CodecError::new(bits.at(), "a type of block")),
            }
            // Zeroes are read past the end: without this, each block of a cut off chunk would be decoded from nothing.
            bits.finish()?;
            at = end;
        }
        translate_calls(out);
        Ok(())
    }

    fn block_len(&self, bits: &mut BitReader<'_>) -> usize {
        if bits.read(1) == 1 {
            return DEFAULT_BLOCK_BYTES;
        }
        let len = bits.read(16) as usize;
        if self.has_wide_blocks { len << 8 | bits.read(8) as usize } else { len }
    }

    fn read_codes(&mut self, bits: &mut BitReader<'_>, is_aligned: bool) -> Result<(), CodecError> {
        const EXPECTED: &str = "a Huffman code";
        if is_aligned {
            let lens: [u8; ALIGNED_SYMBOLS] = std::array::from_fn(|_| bits.read(3) as u8);
            self.aligned.build(&lens).ok_or(CodecError::new(bits.at(), EXPECTED))?;
        }
        let (literals, matches) = self.main_lens.split_at_mut(LITERALS);
        for lens in [literals, matches, &mut self.length_lens] {
            read_lens(bits, &mut self.pretree, lens)?;
        }
        self.main.build(&self.main_lens).ok_or(CodecError::new(bits.at(), EXPECTED))?;
        self.length.build(&self.length_lens).ok_or(CodecError::new(bits.at(), EXPECTED))
    }

    /// Decodes a block into `out` from `at` to its end.
    fn decode_block(
        &self,
        bits: &mut BitReader<'_>,
        is_aligned: bool,
        recent: &mut [usize; 3],
        out: &mut [u8],
        mut at: usize,
    ) -> Result<(), CodecError> {
        let no_codeword = |bits: &BitReader<'_>| CodecError::new(bits.at(), "a codeword");
        while at < out.len() {
            let symbol = self.main.decode(bits).ok_or_else(|| no_codeword(bits))?;
            if symbol < LITERALS {
                out[at] = symbol as u8;
                at += 1;
                continue;
            }
            let (slot, mut len) =
                ((symbol - LITERALS) / LENGTH_HEADERS, (symbol - LITERALS) % LENGTH_HEADERS);
            if len == LENGTH_HEADERS - 1 {
                len += self.length.decode(bits).ok_or_else(|| no_codeword(bits))?;
            }
            len += MIN_MATCH_BYTES;
            if slot < recent.len() {
                recent.swap(0, slot);
            } else {
                let (base, extra) = SLOTS[slot];
                let low = if is_aligned && slot >= FIRST_ALIGNED_SLOT {
                    let high = bits.read(extra - 3) as usize;
                    high << 3 | self.aligned.decode(bits).ok_or_else(|| no_codeword(bits))?
                } else {
                    bits.read(extra) as usize
                };
                *recent = [base + low - OFFSET_BIAS, recent[0], recent[1]];
            }
            copy_match(out, at, recent[0], len)
                .ok_or_else(|| CodecError::new(bits.at(), "a match within the block"))?;
            at += len;
        }
        Ok(())
    }
}

/// Codeword lengths as differences to those before, themselves in a Huffman code.
fn read_lens(
    bits: &mut BitReader<'_>,
    pretree: &mut HuffmanTable,
    lens: &mut [u8],
) -> Result<(), CodecError> {
    let pretree_lens: [u8; PRETREE_SYMBOLS] = std::array::from_fn(|_| bits.read(4) as u8);
    pretree.build(&pretree_lens).ok_or(CodecError::new(bits.at(), "a Huffman code"))?;
    let symbol_of = |bits: &mut BitReader<'_>| {
        pretree.decode(bits).ok_or_else(|| CodecError::new(bits.at(), "a codeword"))
    };
    // Lengths are 0 to 16.
    let apply = |before: u8, delta: usize| ((usize::from(before) + 17 - delta) % 17) as u8;
    let mut at = 0;
    while at < lens.len() {
        let symbol = symbol_of(bits)?;
        let (run, len) = match symbol {
            0..17 => (1, apply(lens[at], symbol)),
            17 => (4 + bits.read(4) as usize, 0),
            18 => (20 + bits.read(5) as usize, 0),
            _ => {
                let run = 4 + bits.read(1) as usize;
                let delta = symbol_of(bits)?;
                if delta >= 17 {
                    return Err(CodecError::new(bits.at(), "the length of a codeword"));
                }
                (run, apply(lens[at], delta))
            }
        };
        let end = lens.len().min(at + run);
        lens[at..end].fill(len);
        at = end;
    }
    Ok(())
}

/// An uncompressed block: the three last offsets, then bytes.
fn copy_block(
    bits: &mut BitReader<'_>,
    input: &[u8],
    recent: &mut [usize; 3],
    out: &mut [u8],
) -> Result<(), CodecError> {
    let at = bits.skip_to_unit();
    let no_data = CodecError::new(input.len(), "more data");
    let (offsets, data) = input.get(at..).and_then(|rest| rest.split_first_chunk::<12>()).ok_or(no_data)?;
    for (offset, bytes) in recent.iter_mut().zip(offsets.chunks_exact(4)) {
        *offset = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    }
    out.copy_from_slice(data.get(..out.len()).ok_or(no_data)?);
    // Units go on at an even place.
    bits.resume(at + 12 + out.len().next_multiple_of(2));
    Ok(())
}

/// Gives calls of x86 code their relative targets back, which were made absolute so that calls of one target are alike.
fn translate_calls(data: &mut [u8]) {
    let Some(end) = data.len().checked_sub(CALL_FREE_BYTES) else {
        return;
    };
    let mut at = 0;
    while at < end {
        let Some(skip) = data[at..end].iter().position(|byte| *byte == 0xE8) else {
            return;
        };
        at += skip;
        // A chunk has at most 2 MiB.
        let place = at as i32;
        let target = &mut data[at + 1..at + 5];
        let absolute = i32::from_le_bytes([target[0], target[1], target[2], target[3]]);
        if (-place..CALL_FILE_BYTES).contains(&absolute) {
            let relative = if absolute >= 0 { absolute - place } else { absolute + CALL_FILE_BYTES };
            target.copy_from_slice(&relative.to_le_bytes());
        }
        at += 5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_each_window() {
        let slots = |order: u32| (LzxDecoder::new(1 << order).main_lens.len() - LITERALS) / LENGTH_HEADERS;
        let found: Vec<usize> = (15..=21).map(slots).collect();
        assert_eq!(found, [30, 32, 34, 36, 38, 42, 50]);
    }

    /// Units of these bits, highest first.
    fn units(bits: &str) -> Vec<u8> {
        let digits: Vec<char> = bits.chars().filter(char::is_ascii_digit).collect();
        assert!(digits.len().is_multiple_of(16));
        let unit = |bits: &[char]| u16::from_str_radix(&bits.iter().collect::<String>(), 2).unwrap();
        digits.chunks(16).flat_map(|bits| unit(bits).to_le_bytes()).collect()
    }

    /// Encoders at hand never write uncompressed blocks.
    #[test]
    fn uncompressed_blocks() {
        let offsets = [2u32, 9, 9].map(u32::to_le_bytes).concat();
        // Type 3, 16 bits of size: 5 bytes, and filler to the next unit. An odd number of bytes has filler as well.
        let first = units("011 0 0000000000000101 000000000000");
        let mut chunk = [&first[..], &offsets, b"Block!"].concat();
        // Twice the first again, of 3 bytes.
        chunk.extend([&units("011 0 0000000000000011 111111111111")[..], &offsets, b"two?"].concat());
        let mut out = [0; 8];
        let mut decoder = LzxDecoder::new(32768);
        decoder.decode(&chunk, &mut out).unwrap();
        assert_eq!(&out, b"Blocktwo");
        for len in 0..chunk.len() - 1 {
            assert!(decoder.decode(&chunk[..len], &mut out).is_err(), "{len}");
        }
        assert!(decoder.decode(&chunk, &mut [0; 7]).is_err());

        let mut bits = BitReader::new(&[0x34, 0x12, 0x78, 0x56, 0xBC, 0x9A], 0);
        assert_eq!(bits.read(4), 1);
        assert_eq!(bits.skip_to_unit(), 2);
        assert_eq!(bits.read(16), 0x5678);
        // At the end of a unit a whole one is filler.
        assert_eq!(bits.skip_to_unit(), 6);
    }

    #[test]
    fn calls_are_relative_again() {
        let mut data = [0x90; 40];
        let calls =
            [(3, 100, 97), (8, -8, 11_999_992), (13, -14, -14), (18, 12_000_000, 12_000_000), (30, 50, 50)];
        for (at, absolute, _) in calls {
            data[at] = 0xE8;
            data[at + 1..at + 5].copy_from_slice(&i32::to_le_bytes(absolute));
        }
        translate_calls(&mut data);
        for (at, _, relative) in calls {
            assert_eq!(data[at + 1..at + 5], i32::to_le_bytes(relative), "{at}");
        }
    }
}
