//! Numbers as people read them.

use crate::base::ByteSize;

/// `4,700,372,992`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `4.7 GB (4,700,372,992 bytes)`
pub fn bytes_and_size(bytes: u64) -> String {
    if bytes < 1000 {
        return ByteSize(bytes).to_string();
    }
    format!("{} ({} bytes)", ByteSize(bytes), grouped(bytes))
}

/// `21.4 MB/s`
pub fn speed(bytes_per_sec: f64) -> String {
    // A negative or endless speed is a clock's fault; the cast saturates.
    format!("{}/s", ByteSize(bytes_per_sec.max(0.0) as u64))
}

/// `under a second`, `48 s`, `3 min 20 s`, `2 h 5 min`
pub fn duration(secs: f64) -> String {
    if !secs.is_finite() || secs >= 8_640_000.0 {
        return "very long".to_owned();
    }
    let whole = secs.max(0.0).round() as u64;
    match whole {
        0 => "under a second".to_owned(),
        1..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// Rounded down: 100 is said when everything is done, never before.
pub fn percent(fraction: f32) -> u32 {
    (fraction.clamp(0.0, 1.0) * 100.0).floor() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(4_700_372_992), "4,700,372,992");
        assert_eq!(bytes_and_size(512), "512 bytes");
        assert_eq!(bytes_and_size(4_700_372_992), "4.7 GB (4,700,372,992 bytes)");
        assert_eq!(speed(21_400_000.0), "21.4 MB/s");
        assert_eq!(speed(f64::NAN), "0 bytes/s");
        for (secs, text) in [
            (0.2, "under a second"),
            (59.4, "59 s"),
            (200.0, "3 min 20 s"),
            (7500.0, "2 h 5 min"),
            (f64::INFINITY, "very long"),
        ] {
            assert_eq!(duration(secs), text);
        }
        assert_eq!(percent(0.999), 99);
        assert_eq!(percent(1.0), 100);
    }
}
