//! Names as they are read: long ones from their pieces (§7), short ones from their code page.

use super::{ENTRY_BYTES, short_name_checksum};
use crate::format::bytes::u16_le;

/// UTF-16 units in one piece, and where they lie in it.
const UNITS: usize = 13;
const UNIT_PLACES: [usize; UNITS] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
/// Marks the piece with a name's end, which comes first. The rest of the byte counts the pieces down to 1.
const LAST_PIECE: u8 = 0x40;
const MAX_PIECES: u8 = 20;
const MAX_NAME_UNITS: usize = 255;

/// Code page 437 from 80 on: what short names are in unless something says otherwise, and nothing on the volume does.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
                             αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

/// The pieces of a long name, as far as they belong together. What does not is left by systems that know no long names,
/// and is passed over.
#[derive(Debug, Default)]
pub(super) struct LongName {
    units: Vec<u16>,
    checksum: u8,
    /// Of the piece that was added last; 0 when there is none.
    number: u8,
}

impl LongName {
    /// `entry` is a piece.
    pub(super) fn add(&mut self, entry: &[u8]) {
        let (number, checksum) = (entry[0] & !LAST_PIECE, entry[13]);
        if entry[0] & LAST_PIECE != 0 && (1..=MAX_PIECES).contains(&number) {
            *self = Self { units: vec![0; usize::from(number) * UNITS], checksum, number };
        } else if self.number > 1 && number == self.number - 1 && checksum == self.checksum {
            self.number = number;
        } else {
            *self = Self::default();
            return;
        }
        let start = usize::from(number - 1) * UNITS;
        for (unit, place) in self.units[start..start + UNITS].iter_mut().zip(UNIT_PLACES) {
            *unit = u16_le(&entry[..ENTRY_BYTES], place);
        }
    }

    /// How many pieces it takes.
    pub(super) fn pieces(&self) -> usize {
        self.units.len() / UNITS
    }

    /// The name, if all of it is there and was made for the entry of this short name.
    pub(super) fn finish(self, short_name: &[u8; 11]) -> Option<String> {
        if self.number != 1 || self.checksum != short_name_checksum(short_name) {
            return None;
        }
        let units = self.units.split(|unit| *unit == 0).next().unwrap_or_default();
        let is_name = (1..=MAX_NAME_UNITS).contains(&units.len());
        is_name.then(|| String::from_utf16_lossy(units))
    }
}

/// A short name as it is shown.
pub(super) fn short_text(name: &[u8; 11], base_is_lower: bool, extension_is_lower: bool) -> String {
    let part = |bytes: &[u8], is_lower: bool| {
        let text: String = bytes.iter().map(|byte| character(*byte)).collect();
        let text = text.trim_end_matches(' ');
        if is_lower { text.to_lowercase() } else { text.to_owned() }
    };
    let mut bytes = *name;
    // §6.1: a first byte of E5 would mean that the entry is free.
    if bytes[0] == 0x05 {
        bytes[0] = 0xE5;
    }
    let (base, extension) = (part(&bytes[..8], base_is_lower), part(&bytes[8..], extension_is_lower));
    if extension.is_empty() { base } else { format!("{base}.{extension}") }
}

fn character(byte: u8) -> char {
    match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(index) => CODE_PAGE_437.chars().nth(usize::from(index)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_as_they_are_shown() {
        assert_eq!(CODE_PAGE_437.chars().count(), 128);
        for (name, lower, shown) in [
            (b"BOOTMGR    ", (false, false), "BOOTMGR"),
            (b"BOOTMGR    ", (true, false), "bootmgr"),
            (b"README  TXT", (false, true), "README.txt"),
            (b"\x05\x8E\x81\xE1    \x9A  ", (true, false), "σäüß.Ü"),
            (b"A B     C  ", (false, false), "A B.C"),
        ] {
            assert_eq!(short_text(name, lower.0, lower.1), shown);
        }
    }

    /// The three-piece name of the specification's kind, put together by hand.
    fn pieces(checksum: u8) -> [[u8; ENTRY_BYTES]; 2] {
        let mut pieces = [[0xFF; ENTRY_BYTES]; 2];
        let units: Vec<u16> = "A long name of".encode_utf16().chain([0]).collect();
        for (piece, (number, units)) in
            pieces.iter_mut().zip([(LAST_PIECE | 2, &units[UNITS..]), (1, &units[..UNITS])])
        {
            (piece[0], piece[11], piece[13]) = (number, 0x0F, checksum);
            for (place, unit) in UNIT_PLACES.into_iter().zip(units) {
                piece[place..place + 2].copy_from_slice(&unit.to_le_bytes());
            }
        }
        pieces
    }

    #[test]
    fn only_whole_names_of_their_own_entry_count() {
        const SHORT: &[u8; 11] = b"ALONGN~1   ";
        let [end, begin] = pieces(short_name_checksum(SHORT));
        let read = |added: &[[u8; ENTRY_BYTES]], short: &[u8; 11]| {
            let mut name = LongName::default();
            added.iter().for_each(|piece| name.add(piece));
            name.finish(short)
        };
        let whole = Some("A long name of".to_owned());
        assert_eq!(read(&[end, begin], SHORT), whole);
        assert_eq!(read(&[begin, end, end, begin], SHORT), whole, "orphans before it are passed over");
        let [_, foreign] = pieces(1);
        for orphans in [&[][..], &[begin], &[end], &[begin, end], &[end, begin, begin], &[end, foreign]] {
            assert_eq!(read(orphans, SHORT), None);
        }
        assert_eq!(read(&[end, begin], b"OTHER      "), None);
        let mut endless = end;
        endless[0] = LAST_PIECE | 21;
        assert_eq!(read(&[endless, begin], SHORT), None);
    }
}
