//! How long ago something happened, in words that need no calendar and no time zone.

use std::fmt;

/// A number of seconds that have passed; prints `just now`, `3 min ago`, `2 days ago`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub u64);

impl Age {
    /// From one moment to another, both in seconds since 1970. A moment that is still to come has just been: clocks are
    /// set back.
    pub fn between(then_unix_secs: u64, now_unix_secs: u64) -> Self {
        Self(now_unix_secs.saturating_sub(then_unix_secs))
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        match self.0 {
            0..10 => f.write_str("just now"),
            secs @ 10..MINUTE => write!(f, "{secs} s ago"),
            secs @ MINUTE..HOUR => write!(f, "{} min ago", secs / MINUTE),
            secs @ HOUR..DAY => write!(f, "{} h ago", secs / HOUR),
            secs if secs / DAY == 1 => f.write_str("1 day ago"),
            secs => write!(f, "{} days ago", secs / DAY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_one_unit() {
        for (secs, text) in [
            (0, "just now"),
            (9, "just now"),
            (10, "10 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (3599, "59 min ago"),
            (3600, "1 h ago"),
            (86_400, "1 day ago"),
            (200_000, "2 days ago"),
        ] {
            assert_eq!(Age(secs).to_string(), text);
        }
        assert_eq!(Age::between(100, 130), Age(30));
        assert_eq!(Age::between(130, 100), Age(0));
    }
}
