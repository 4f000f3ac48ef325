//! XPRESS as in WIM files: the LZ77 and Huffman form of [MS-XCA] 2.1 and 2.2, one code for each chunk.

use super::bits::BitReader;
use super::codec::{CodecError, copy_match};
use super::huffman::HuffmanTable;

const SYMBOLS: usize = 512;
const LITERALS: usize = 256;
/// The codeword lengths, four bits each.
const TABLE_BYTES: usize = SYMBOLS / 2;
const MIN_MATCH_BYTES: usize = 3;
/// A length of this many means that a byte follows, and that byte at its highest, that a 16-bit number follows.
const LENGTH_ESCAPE: usize = 15;

pub(super) struct XpressDecoder {
    code: HuffmanTable,
}

impl Default for XpressDecoder {
    fn default() -> Self {
        Self { code: HuffmanTable::new() }
    }
}

impl XpressDecoder {
    pub(super) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        let (table, _) =
            input.split_at_checked(TABLE_BYTES).ok_or(CodecError::new(input.len(), "a Huffman table"))?;
        let mut lens = [0; SYMBOLS];
        for (pair, byte) in lens.chunks_exact_mut(2).zip(table) {
            (pair[0], pair[1]) = (byte & 15, byte >> 4);
        }
        self.code.build(&lens).ok_or(CodecError::new(0, "a Huffman code"))?;
        let mut bits = BitReader::new(input, TABLE_BYTES);
        let mut at = 0;
        while at < out.len() {
            let symbol = self.code.decode(&mut bits).ok_or(CodecError::new(bits.at(), "a codeword"))?;
            if symbol < LITERALS {
                out[at] = symbol as u8;
                at += 1;
                continue;
            }
            let (offset_bits, mut len) = ((symbol >> 4 & 15) as u32, symbol & 15);
            // The unit with the offset's bits comes before the bytes of the length, whether they are needed or not.
            bits.ensure(16);
            let offset = 1 << offset_bits | bits.read(offset_bits) as usize;
            if len == LENGTH_ESCAPE {
                len += usize::from(bits.read_byte()?);
                if len == LENGTH_ESCAPE + 255 {
                    len = usize::from(bits.read_u16()?);
                }
            }
            len += MIN_MATCH_BYTES;
            copy_match(out, at, offset, len).ok_or(CodecError::new(bits.at(), "a match within the chunk"))?;
            at += len;
        }
        bits.finish()
    }
}
