//! Directory entries, short (§6) and long (§7), and their times.

use super::name::ShortName;
use super::{ATTRIBUTE_LONG_NAME, ENTRY_BYTES, short_name_checksum};
use crate::format::timestamp::calendar;

/// §7.1: UTF-16 units in one entry of a long name.
const UNITS: usize = 13;
/// Where they lie in it.
const UNIT_PLACES: [usize; UNITS] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
/// Marks the entry with a name's end, which comes first.
const LAST_LONG_ENTRY: u8 = 0x40;

/// §6.5: how a directory calls itself, and the one above it.
pub(super) const DOT: ShortName = *b".          ";
pub(super) const DOT_DOT: ShortName = *b"..         ";

/// §6.2: what the entry of a file or directory says of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShortEntry {
    pub name: ShortName,
    pub attributes: u8,
    /// 0 for empty files.
    pub first_cluster: u32,
    /// 0 for directories.
    pub len_bytes: u32,
    pub modified_unix_secs: Option<i64>,
}

impl ShortEntry {
    pub fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut entry = [0; ENTRY_BYTES];
        let mut put = |at: usize, bytes: &[u8]| entry[at..at + bytes.len()].copy_from_slice(bytes);
        let modified = Time::new(self.modified_unix_secs);
        put(0, &self.name);
        put(11, &[self.attributes]);
        // Creation and last access; fields that are not set are zero, but the last change must be some date (§6.3).
        if self.modified_unix_secs.is_some() {
            put(13, &[modified.hundredths]);
            put(14, &modified.time.to_le_bytes());
            put(16, &modified.date.to_le_bytes());
        }
        self.put_content(&mut entry);
        entry
    }

    /// Says of an entry that is there already where its content is now, how long, and of when.
    pub fn put_content(&self, entry: &mut [u8]) {
        let mut put = |at: usize, bytes: &[u8]| entry[at..at + bytes.len()].copy_from_slice(bytes);
        let modified = Time::new(self.modified_unix_secs);
        if self.modified_unix_secs.is_some() {
            put(18, &modified.date.to_le_bytes());
        }
        let [low, high] = [self.first_cluster as u16, (self.first_cluster >> 16) as u16];
        put(20, &high.to_le_bytes());
        put(22, &modified.time.to_le_bytes());
        put(24, &modified.date.to_le_bytes());
        put(26, &low.to_le_bytes());
        put(28, &self.len_bytes.to_le_bytes());
    }
}

/// How many entries the long name takes.
pub(super) fn long_entries(name: &str) -> usize {
    name.encode_utf16().count().div_ceil(UNITS)
}

/// The entries that go before the short one (§7.2): the name's end first. The name has at most 255 UTF-16 units.
pub(super) fn encode_long(name: &str, alias: &ShortName) -> Vec<u8> {
    let units: Vec<u16> = name.encode_utf16().collect();
    let checksum = short_name_checksum(alias);
    let mut encoded = Vec::with_capacity(long_entries(name) * ENTRY_BYTES);
    for (number, piece) in (1_u8..).zip(units.chunks(UNITS)).collect::<Vec<_>>().into_iter().rev() {
        let mut entry = [0; ENTRY_BYTES];
        let is_last = encoded.is_empty();
        entry[0] = if is_last { number | LAST_LONG_ENTRY } else { number };
        entry[11] = ATTRIBUTE_LONG_NAME;
        entry[13] = checksum;
        // §7.3: a zero behind the name if there is room, then ones.
        let padded = piece.iter().copied().chain([0]).chain(std::iter::repeat(0xFFFF));
        for (place, unit) in UNIT_PLACES.into_iter().zip(padded) {
            entry[place..place + 2].copy_from_slice(&unit.to_le_bytes());
        }
        encoded.extend(entry);
    }
    encoded
}

/// §6.3: local time by the specification, UTC here, so that a volume does not depend on where it is made.
struct Time {
    /// Bits of year since 1980, month, day.
    date: u16,
    /// Bits of hour, minute, pairs of seconds.
    time: u16,
    /// What the pair leaves out, 0 or 100.
    hundredths: u8,
}

impl Time {
    /// 1980 to 2107; other times are the nearest of these. Without a time, the first.
    fn new(unix_secs: Option<i64>) -> Self {
        const FIRST: i64 = 315_532_800;
        const LAST: i64 = 4_354_819_199;
        let (year, month, day, [hour, minute, second]) =
            calendar(unix_secs.unwrap_or(FIRST).clamp(FIRST, LAST));
        Self {
            date: ((year - 1980) as u16) << 9 | u16::from(month) << 5 | u16::from(day),
            time: u16::from(hour) << 11 | u16::from(minute) << 5 | u16::from(second / 2),
            hundredths: second % 2 * 100,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judged by `date -u -d @SECS`.
    #[test]
    fn times_are_clamped_to_what_fits() {
        for (secs, date, time, hundredths) in [
            (Some(1_290_309_663), (30, 11, 21), (3, 21, 1), 100),
            (Some(951_782_400), (20, 2, 29), (0, 0, 0), 0),
            (Some(0), (0, 1, 1), (0, 0, 0), 0),
            (Some(i64::MIN), (0, 1, 1), (0, 0, 0), 0),
            (Some(i64::MAX), (127, 12, 31), (23, 59, 29), 100),
            (None, (0, 1, 1), (0, 0, 0), 0),
        ] {
            let made = Time::new(secs);
            assert_eq!((made.date >> 9, made.date >> 5 & 15, made.date & 31), date, "{secs:?}");
            assert_eq!((made.time >> 11, made.time >> 5 & 63, made.time & 31), time, "{secs:?}");
            assert_eq!(made.hundredths, hundredths);
        }
    }
}
