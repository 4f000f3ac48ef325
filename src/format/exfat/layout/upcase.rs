//! The up-case table (§7.2.5): which letters of names are one and the same, for every UTF-16 unit, with runs of units that
//! stand for themselves compressed.

use std::sync::LazyLock;

/// Begins a run; the number of units follows.
const RUN: u16 = 0xFFFF;

/// Of every letter that has one upper-case letter, that one. The first 128 are the ones that the specification demands
/// (§7.2.5.1); nothing else becomes one of these.
pub(super) fn table() -> Vec<u8> {
    // It is always the same, and a window plans at every key that is pressed.
    static TABLE: LazyLock<Vec<u8>> = LazyLock::new(compute);
    TABLE.clone()
}

fn compute() -> Vec<u8> {
    let mut words: Vec<u16> = Vec::new();
    let mut run: u16 = 0;
    // The last unit is never a letter: it is part of the last run, which so has a length.
    for unit in 0..=u16::MAX {
        let upper = upper(unit);
        if upper == unit && run < u16::MAX {
            run += 1;
            continue;
        }
        push_run(&mut words, run);
        run = u16::from(upper == unit);
        if upper != unit {
            words.push(upper);
        }
    }
    push_run(&mut words, run);
    words.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn push_run(words: &mut Vec<u16>, run: u16) {
    if run > 0 {
        words.extend([RUN, run]);
    }
}

fn upper(unit: u16) -> u16 {
    let Some(letter) = char::from_u32(unit.into()) else { return unit };
    let mut upper = letter.to_uppercase();
    match (upper.next().map(u32::from), upper.next()) {
        (Some(upper), None) if letter.is_ascii() || upper >= 0x80 => u16::try_from(upper).unwrap_or(unit),
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a reader expands it.
    fn expanded() -> Vec<u16> {
        let bytes = table();
        let mut words = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        let mut all: Vec<u16> = Vec::new();
        while let Some(word) = words.next() {
            if word == RUN {
                let len = words.next().unwrap();
                all.extend((0..len).map(|_| 0));
                let from = all.len() - usize::from(len);
                (from..all.len()).for_each(|unit| all[unit] = unit as u16);
            } else {
                all.push(word);
            }
        }
        all
    }

    #[test]
    fn every_unit_has_its_place() {
        let all = expanded();
        assert_eq!(all.len(), 1 << 16);
        for (unit, upper) in (0..128_u16).zip(&all) {
            let letter = unit as u8;
            assert_eq!(*upper, u16::from(letter.to_ascii_uppercase()));
        }
        for (lower, upper) in
            [('ä', 'Ä'), ('ß', 'ß'), ('ÿ', 'Ÿ'), ('я', 'Я'), ('ω', 'Ω'), ('ı', 'ı'), ('～', '～')]
        {
            assert_eq!(all[lower as usize], upper as u16, "{lower}");
        }
        assert!(all.iter().enumerate().all(|(unit, upper)| unit < 128 || *upper >= 128));
    }
}
