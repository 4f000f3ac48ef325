//! Reports of drives that were tested, restored and emptied.

use std::time::Duration;

use sticksmith::base::{Cancel, MIB};
use sticksmith::engine::{CapacityTest, TestExtent, test_capacity};
use sticksmith::job::{BadArea, Holds, Phase, PhaseTime, Report};

use crate::fake::{report, stick};
use crate::support::fake_stick::{FakeStick, Past};

/// What the engine itself finds on a drive that says 15.5 GB and has less.
pub fn tested_fake(past: Past, real_bytes: u64) -> CapacityTest {
    let device = FakeStick::new(stick().identity.size_bytes, real_bytes, 512, past);
    let found =
        test_capacity(&device, TestExtent::Quick, &|| Duration::ZERO, &|_| {}, &|_| {}, &Cancel::new());
    found.expect("a fake drive answers everything")
}

/// Of a drive that is as large as it says; `bad`: but for these stretches, in bytes.
pub fn full_test(bad: &[(u64, u64)]) -> CapacityTest {
    let size = stick().identity.size_bytes;
    CapacityTest {
        extent: TestExtent::Full,
        claimed_bytes: size,
        at_least_bytes: size,
        at_most_bytes: size,
        lie: None,
        bad_areas: bad
            .iter()
            .map(|(offset, len)| BadArea { offset: *offset, len: *len, holds: Holds::Unreadable })
            .collect(),
        truncated: false,
        bad_bytes: bad.iter().map(|(_, len)| len).sum(),
        flaky_reads: 0,
        tested_bytes: size,
        cut_short: false,
        wraps_excluded_bytes: 0,
        write_bytes_per_sec: size / 912,
        read_bytes_per_sec: size / 431,
        left_empty: true,
        past_cache: true,
    }
}

/// A report of `test`, or of a write that a probe has stopped.
pub fn test_report(action: &str, found: CapacityTest, conclusion: &str) -> Report {
    let size = found.claimed_bytes;
    let phase = |phase, bytes, secs| PhaseTime { phase, bytes, secs };
    let phases = match found.extent {
        TestExtent::Quick => vec![phase(Phase::Wiping, 0, 0.1), phase(Phase::Testing, 40 * MIB, 6.4)],
        TestExtent::Full => vec![
            phase(Phase::Wiping, 0, 0.1),
            phase(Phase::Writing, size, 912.0),
            phase(Phase::Syncing, 0, 1.2),
            phase(Phase::Verifying, size, 431.0),
        ],
    };
    Report {
        action: action.to_owned(),
        image: None,
        image_path: None,
        digests: Vec::new(),
        phases,
        bytes_written: if action == "test" { found.tested_bytes } else { 0 },
        proof: Default::default(),
        capacity: Some(found),
        conclusion: conclusion.to_owned(),
        ..report()
    }
}

/// A report of a drive that is a normal stick again.
pub fn restored_report() -> Report {
    Report {
        action: "restore".to_owned(),
        image: None,
        image_path: None,
        digests: Vec::new(),
        bytes_written: 7_684_096,
        proof: sticksmith::job::Proof {
            verified_bytes: 7_684_096,
            past_cache: true,
            ..sticksmith::job::Proof::default()
        },
        phases: vec![
            PhaseTime { phase: Phase::Writing, bytes: 7_684_096, secs: 0.6 },
            PhaseTime { phase: Phase::Verifying, bytes: 7_684_096, secs: 0.3 },
        ],
        conclusion: "A normal stick again. One FAT32 volume “FOTOS” over the whole drive, with 15.5 GB for your files. All \
                     7.7 MB (7684096 bytes) that were written were read back and are right."
            .to_owned(),
        ..report()
    }
}
