//! The report as lines of `name: value`, for people.

use crate::base::ByteSize;
use crate::device::Identity;
use crate::engine::{BadArea, CapacityTest, Holds, Mismatch, Phase, TestExtent};
use crate::source::alike_as_one;

use super::{FindingKind, Report};

/// Differences that are listed for people; the JSON report has all.
const MISMATCHES_SHOWN: usize = 20;

pub(super) fn render(report: &Report) -> String {
    lines(&report.conclusion, &rows(report))
}

pub(super) fn lines(conclusion: &str, rows: &[(String, String)]) -> String {
    let mut out = format!("{conclusion}\n\n");
    for (name, value) in rows {
        out.push_str(&format!("{name:<18} {value}\n"));
    }
    out
}

/// What tells a drive from others of its kind: `SanDisk Ultra, serial 4C53…`, else its port, else its node.
pub(super) fn name(drive: &Identity) -> String {
    let told_apart = match (&drive.serial, &drive.port) {
        (Some(serial), _) => format!("serial {serial}"),
        (None, Some(port)) => format!("port {port}"),
        (None, None) => drive.path.display().to_string(),
    };
    drive.title().map(|title| format!("{title}, ")).unwrap_or_default() + &told_apart
}

/// Every line of the report: (name, value).
pub(super) fn rows(report: &Report) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut row = |name: &str, value: String| rows.push((name.to_owned(), value));
    row("Job", format!("{}, by {}", report.action, report.program));
    row("Started", utc(report.started_unix_secs));
    if let Some(path) = &report.image_path {
        row("Image", path.display().to_string());
    }
    if let Some(image) = &report.image {
        let system = image.system.as_ref().map(|s| format!(", {s}")).unwrap_or_default();
        row("What it is", format!("{}{system}, {}", image.kind, image.container));
        if let Some(bytes) = image.image_bytes {
            row("Image size", format!("{} ({bytes} bytes)", ByteSize(bytes)));
        }
    }
    for named in &report.digests {
        let origin = named.matches.as_ref().map(|o| format!(", as {o} says")).unwrap_or_default();
        row(&named.digest.algorithm().to_string(), format!("{} ({}{origin})", named.digest.hex(), named.of));
    }
    if let Some(known) = &report.known_as {
        row("Known as", known.clone());
    }
    if let Some(drive) = &report.drive {
        row("Drive", describe_drive(drive));
    }
    for ended in &report.ended_uses {
        row("Ended", ended.clone());
    }
    if let Some(made) = &report.made {
        row("Made", made.volume());
        row("Starts", made.starts());
    }
    if let Some(changed) = &report.changed {
        changed.put.iter().for_each(|path| row("Put", path.clone()));
        changed.removed.iter().for_each(|path| row("Removed", path.clone()));
        row("Free", ByteSize(changed.free_bytes).to_string());
    }
    for time in &report.phases {
        row(phase_name(time.phase), pace(time.bytes, time.secs));
    }
    if report.proof.verified_bytes > 0 {
        let past = if report.proof.past_cache { "" } else { ", perhaps out of the system's cache" };
        row("Verified", format!("{} bytes{past}", report.proof.verified_bytes));
    }
    if report.proof.different_bytes > 0 {
        let (bytes, sectors) = (report.proof.different_bytes, report.proof.different_sectors);
        row("Different", format!("{bytes} bytes in {sectors} sectors"));
    }
    if let Some(test) = &report.capacity {
        capacity_rows(test, &mut row);
    }
    for finding in &report.findings {
        row(finding_name(finding.kind), finding.detail.clone());
    }
    for found in alike_as_one(&report.answers) {
        row("Answer file", found.line());
    }
    for mismatch in report.proof.mismatches.iter().take(MISMATCHES_SHOWN) {
        row("  from", describe_mismatch(mismatch));
    }
    if report.proof.truncated || report.proof.mismatches.len() > MISMATCHES_SHOWN {
        row("  and", "more places".to_owned());
    }
    for warning in &report.warnings {
        row("Warning", warning.clone());
    }
    rows
}

fn capacity_rows(test: &CapacityTest, row: &mut impl FnMut(&str, String)) {
    let how = match test.extent {
        TestExtent::Quick => "in places all over the drive",
        TestExtent::Full => "every byte",
    };
    let past = if test.past_cache { "" } else { ", perhaps out of the system's cache" };
    row("Test", format!("{} bytes written and read back, {how}{past}", test.tested_bytes));
    if test.extent == TestExtent::Quick
        && test.lie.is_none()
        && test.wraps_excluded_bytes < test.claimed_bytes
    {
        row(
            "Excluded",
            format!("addresses that come around after {} or less", ByteSize(test.wraps_excluded_bytes)),
        );
    }
    row("Says to have", format!("{} bytes", test.claimed_bytes));
    let has = match (test.at_least_bytes, test.at_most_bytes) {
        (low, high) if low == high => format!("{high} bytes"),
        (low, high) => format!("{low} to {high} bytes"),
    };
    row("Has", has);
    for (name, bytes_per_sec) in [("Writes", test.write_bytes_per_sec), ("Reads", test.read_bytes_per_sec)] {
        if bytes_per_sec > 0 {
            row(name, format!("{}/s", ByteSize(bytes_per_sec)));
        }
    }
    if test.bad_bytes > 0 {
        row("Bad", format!("{} bytes", test.bad_bytes));
    }
    for area in test.bad_areas.iter().take(MISMATCHES_SHOWN) {
        row("  from", describe_area(area));
    }
    if test.truncated || test.bad_areas.len() > MISMATCHES_SHOWN {
        row("  and", "more places".to_owned());
    }
    if test.flaky_reads > 0 {
        row("Unsteady", format!("{} reads were right only when they were repeated", test.flaky_reads));
    }
}

fn describe_area(area: &BadArea) -> String {
    let what = match area.holds {
        Holds::Another { of } => format!("what was written at byte {of}"),
        Holds::Wrong => "not what was written".to_owned(),
        Holds::Unreadable => "the medium reports an error".to_owned(),
    };
    format!("byte {}, {} bytes: {what}", area.offset, area.len)
}

pub(super) fn describe_drive(drive: &Identity) -> String {
    let mut text = drive.title().map(|title| format!("{title}, ")).unwrap_or_default();
    let size = ByteSize(drive.size_bytes);
    text.push_str(&format!("{size} ({} bytes), {}", drive.size_bytes, drive.path.display()));
    for (name, value) in [("serial", &drive.serial), ("WWN", &drive.wwn), ("port", &drive.port)] {
        if let Some(value) = value {
            text.push_str(&format!(", {name} {value}"));
        }
    }
    text
}

fn describe_mismatch(mismatch: &Mismatch) -> String {
    let what = mismatch.what.as_ref().map(|w| format!(": {w}")).unwrap_or_default();
    let again = match (mismatch.flaky, mismatch.unsteady) {
        (true, _) => " (right on a second read)",
        (_, true) => " (wrong in another way on a second read)",
        _ => "",
    };
    format!("byte {}, {} bytes{what}{again}", mismatch.offset, mismatch.len)
}

fn finding_name(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Changed => "Changed",
        FindingKind::Missing => "Missing",
        FindingKind::Added => "Added",
        FindingKind::Tolerated => "Tolerated",
    }
}

fn pace(bytes: u64, secs: f64) -> String {
    if bytes == 0 || secs <= 0.0 {
        return format!("{secs:.1} s");
    }
    format!("{} in {secs:.1} s, {}/s", ByteSize(bytes), ByteSize((bytes as f64 / secs) as u64))
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "Checksum",
        Phase::Wiping => "Wiped",
        Phase::Writing => "Written",
        Phase::Syncing => "Flushed",
        Phase::Verifying => "Read back",
        Phase::Comparing => "Compared",
        Phase::Saving => "Saved",
        Phase::Hashing => "Hashed",
        Phase::Testing => "Tested",
    }
}

/// `2026-11-23 14:00:00 UTC`, by the proleptic Gregorian calendar.
fn utc(unix_secs: u64) -> String {
    let (days, secs) = (unix_secs / 86_400, unix_secs % 86_400);
    // Days since 0000-03-01, in eras of 400 years, so that leap days fall at the end of a year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", secs / 3600, secs / 60 % 60, secs % 60)
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn dates_agree_with_the_calendar() {
        for (secs, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_709_251_199, "2024-02-29 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(utc(secs), text);
        }
    }
}
