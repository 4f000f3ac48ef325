//! What a test found, in words and numbers.

use super::{bytes_and_size, duration, grouped, speed};
use crate::base::ByteSize;
use crate::gui::state::SpeedSeries;
use crate::job::{BadArea, CapacityTest, Holds, Lie, Phase, TestExtent};

pub const WHAT_WAS_FOUND: &str = "What was found";
pub const BAD_AREAS: &str = "Bad areas";
pub const RESTORE_TESTED: &str = "Make it a normal stick…";

/// In one line.
pub fn verdict(found: &CapacityTest) -> &'static str {
    match (found.lie, found.bad_bytes, found.extent) {
        (Some(_), ..) => "This stick lies about its size",
        (None, 1.., _) => "This stick has bad areas",
        (None, 0, TestExtent::Quick) => "As large as it says",
        (None, 0, TestExtent::Full) => "As large as it says, and sound",
    }
}

/// Label and value, in the order of reading.
pub fn found(found: &CapacityTest, speeds: &SpeedSeries) -> Vec<(&'static str, String)> {
    let mut facts = vec![("It says", bytes_and_size(found.claimed_bytes)), ("It has", has(found))];
    match found.lie {
        Some(Lie::Wraps) => {
            facts.push(("Past that", "What is written there overwrites what lies before.".to_owned()));
        }
        Some(Lie::Drops) => facts.push(("Past that", "What is written there is lost.".to_owned())),
        None => {}
    }
    if found.bad_bytes > 0 {
        facts.push(("Bad", format!("{} in {}", bytes_and_size(found.bad_bytes), places(found))));
    }
    if found.flaky_reads > 0 {
        let reads = match found.flaky_reads {
            1 => "One read was".to_owned(),
            n => format!("{} reads were", grouped(n)),
        };
        facts.push(("Unsteady", format!("{reads} right only when repeated. Try another port.")));
    }
    let tested = ByteSize(found.tested_bytes);
    facts.push(match (found.extent, found.cut_short) {
        (TestExtent::Quick, false) => ("Tested", format!("{tested} in places all over it")),
        (TestExtent::Quick, true) => ("Tested", format!("{tested} only, because it is very slow")),
        (TestExtent::Full, _) => ("Tested", format!("{tested}: every byte was written and read back")),
    });
    let paces = [
        ("Writes", found.write_bytes_per_sec, Phase::Writing),
        ("Reads", found.read_bytes_per_sec, Phase::Verifying),
    ];
    facts.extend(
        paces
            .into_iter()
            .filter(|(_, bytes_per_sec, _)| *bytes_per_sec > 0)
            .map(|(name, bytes_per_sec, phase)| (name, pace(bytes_per_sec as f64, speeds.range(phase)))),
    );
    facts
}

fn has(found: &CapacityTest) -> String {
    match (found.at_least_bytes, found.at_most_bytes) {
        (low, high) if low == high => bytes_and_size(high),
        (low, high) => {
            format!("{} (between {} and {} bytes)", ByteSize(low), grouped(low), grouped(high))
        }
    }
}

fn places(found: &CapacityTest) -> String {
    match (found.bad_areas.len(), found.truncated) {
        (1, false) => "one place".to_owned(),
        (n, false) => format!("{} places", grouped(n as u64)),
        (n, true) => format!("more than {} places", grouped(n as u64)),
    }
}

/// `21.4 MB/s, between 18.0 MB/s and 23.1 MB/s; 1 GB takes 47 s`
fn pace(bytes_per_sec: f64, range: Option<(f64, f64)>) -> String {
    let between = match range {
        Some((low, high)) if low > 0.0 && high - low > bytes_per_sec / 20.0 => {
            format!(", between {} and {}", speed(low), speed(high))
        }
        _ => String::new(),
    };
    format!("{}{between}; 1 GB takes {}", speed(bytes_per_sec), duration(1e9 / bytes_per_sec))
}

/// One stretch of what the stick says it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    There,
    /// It may be there or not.
    Unsure,
    Missing,
}

/// In the order of the drive's bytes; none of no length.
pub fn shares(found: &CapacityTest) -> Vec<(Share, u64)> {
    let unsure = found.at_most_bytes.saturating_sub(found.at_least_bytes);
    let missing = found.claimed_bytes.saturating_sub(found.at_most_bytes);
    let shares = [(Share::There, found.at_least_bytes), (Share::Unsure, unsure), (Share::Missing, missing)];
    // A doubt of some kilobytes is none.
    shares
        .into_iter()
        .filter(|(share, bytes)| *bytes > if *share == Share::Unsure { found.claimed_bytes / 100 } else { 0 })
        .collect()
}

pub fn share(share: Share, bytes: u64) -> String {
    let name = match share {
        Share::There => "Really there",
        Share::Unsure => "Not sure",
        Share::Missing => "Not there",
    };
    format!("{name} {}", ByteSize(bytes))
}

/// The bar for those who do not see it.
pub fn shares_spoken(found: &CapacityTest) -> String {
    format!(
        "Of the {} that the stick says it has, {} are really there",
        ByteSize(found.claimed_bytes),
        ByteSize(found.at_least_bytes)
    )
}

pub fn bad_area(area: &BadArea) -> String {
    let what = match area.holds {
        Holds::Another { of } => format!("what was written at byte {}", grouped(of)),
        Holds::Wrong => "not what was written".to_owned(),
        Holds::Unreadable => "cannot be read".to_owned(),
    };
    format!("At byte {}, {} long: {what}", grouped(area.offset), ByteSize(area.len))
}

pub fn more_bad_areas(found: &CapacityTest, shown: usize) -> Option<String> {
    let is_more = found.truncated || found.bad_areas.len() > shown;
    is_more.then(|| "There are more bad areas than are listed.".to_owned())
}
