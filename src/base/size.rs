//! Amounts of bytes, and how people read them.

use std::fmt;

use serde::{Deserialize, Serialize};

pub const KIB: u64 = 1 << 10;
pub const MIB: u64 = 1 << 20;
pub const GIB: u64 = 1 << 30;

/// A number of bytes that prints in decimal units, as drives are labelled: `8.0 GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
        if self.0 < 1000 {
            return write!(f, "{} bytes", self.0);
        }
        // Tenths, rounded half up in integers, so that 999,950 is "1.0 MB" and never "1000.0 kB".
        let mut unit = 0;
        let mut divisor: u64 = 1000;
        loop {
            let tenths = (u128::from(self.0) * 10 + u128::from(divisor) / 2) / u128::from(divisor);
            if tenths < 10_000 || unit + 1 == UNITS.len() {
                return write!(f, "{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]);
            }
            unit += 1;
            divisor *= 1000;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_decimal_units_as_drives_are_labelled() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (8_000_000_000, "8.0 GB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(ByteSize(bytes).to_string(), text);
        }
    }
}
