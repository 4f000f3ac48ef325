//! The capacity test against drives that lie, drives with bad places, and honest ones.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use sticksmith::base::{Cancel, GIB, MIB};
use sticksmith::device::{BlockDevice, ErrorClass};
use sticksmith::engine::{CapacityTest, EngineError, Holds, Lie, TestExtent, probe_capacity, test_capacity};
use support::device::{Fault, TestDevice};
use support::fake_stick::{FakeStick, Pace, Past};

/// Nothing takes any time, unless a stick keeps a clock itself.
fn no_time() -> Duration {
    Duration::ZERO
}

fn run(device: &dyn BlockDevice, extent: TestExtent) -> Result<CapacityTest, EngineError> {
    test_capacity(device, extent, &no_time, &|_| {}, &|_| {}, &Cancel::new())
}

fn quick(device: &dyn BlockDevice) -> CapacityTest {
    run(device, TestExtent::Quick).unwrap()
}

fn probe(device: &dyn BlockDevice) -> CapacityTest {
    probe_capacity(device, &no_time, &|_| {}, &|_| {}, &Cancel::new()).unwrap()
}

fn full(device: &dyn BlockDevice) -> CapacityTest {
    run(device, TestExtent::Full).unwrap()
}

/// By the stick's own clock: what was found, and the seconds that it took.
fn timed(stick: &FakeStick, extent: Option<TestExtent>) -> (CapacityTest, f64) {
    let (clock, began) = (|| stick.clock(), stick.clock());
    let found = match extent {
        None => probe_capacity(stick, &clock, &|_| {}, &|_| {}, &Cancel::new()),
        Some(extent) => test_capacity(stick, extent, &clock, &|_| {}, &|_| {}, &Cancel::new()),
    };
    (found.unwrap(), (stick.clock() - began).as_secs_f64())
}

#[track_caller]
fn assert_empty(device: &TestDevice, what: &str) {
    let bytes = device.bytes();
    let ends = (MIB as usize).min(bytes.len());
    assert!(bytes[..ends].iter().all(|b| *b == 0), "{what}: the start is not empty");
}

/// Wherever a drive wraps around, both quick tests say so, to the byte.
#[test]
fn wrapping_drives_are_measured_to_the_byte() {
    for sector in [512_u32, 4096] {
        for claimed in [4 * MIB, 10 * MIB + 7 * 4096, 15_931_539_456] {
            let s = u64::from(sector);
            let parts = [2, 4, 8, 7].map(|n| claimed / n);
            let odd = [2 * MIB - s, claimed / 5 * 3 + 17 * s, claimed / 9 * 8 + 3 * s, claimed - MIB];
            // A large one takes its time in a debug build.
            let odd = odd.into_iter().filter(|_| claimed < GIB);
            let parts =
                parts.into_iter().filter(|part| claimed < GIB || sector == 512 && part * 4 <= claimed);
            for real in parts.chain(odd).map(|real| real / s * s) {
                let fake = FakeStick::new(claimed, real, sector, Past::Wraps);
                for (which, found) in [("quick", quick(&fake)), ("probe", probe(&fake))] {
                    let measured = (found.lie, found.at_least_bytes, found.at_most_bytes);
                    assert_eq!(measured, (Some(Lie::Wraps), real, real), "{which}, {claimed}, {sector}");
                    assert!(
                        fake.bytes(0, MIB as usize).iter().all(|b| *b == 0),
                        "{which}, {claimed}, {real}"
                    );
                }
            }
        }
    }
}

/// Sizes that are sold, with what is really in such sticks.
#[test]
fn large_drives_that_wrap_are_found() {
    for (claimed, real) in [
        (64 * GIB, 8 * GIB),
        (128_043_712_512, 31_457_280_000),
        (1_000_204_886_016, 64 * GIB),
        (2_000_398_934_016, 15_376_000_000 / 512 * 512),
    ] {
        let fake = FakeStick::new(claimed, real, 512, Past::Wraps);
        let found = quick(&fake);
        assert_eq!((found.lie, found.at_most_bytes), (Some(Lie::Wraps), real), "{claimed}");
        let writes = fake.writes.load(Ordering::Relaxed);
        assert!(writes < 500, "{writes} writes");
        let found = probe(&fake);
        // What is not at a round number and over 16 GiB is left to the longer test.
        if real < 16 * GIB || real.is_multiple_of(GIB) {
            assert_eq!((found.lie, found.at_most_bytes), (Some(Lie::Wraps), real), "{claimed}");
        }
    }
}

#[test]
fn dropping_drives_are_measured_to_the_byte() {
    for past in [Past::Drops, Past::Scratch] {
        for sector in [512_u32, 4096] {
            for claimed in [8 * MIB, 10 * MIB + 7 * 4096] {
                let s = u64::from(sector);
                let all = [claimed / 4, claimed / 9 * 8 + 3 * s, claimed / 2, claimed / 8, claimed - MIB];
                for real in all.map(|real| real / s * s) {
                    let fake = FakeStick::new(claimed, real, sector, past);
                    for (which, found) in [("quick", quick(&fake)), ("probe", probe(&fake))] {
                        let what = format!("{which}, {claimed}, {real}, {past:?}: {found:?}");
                        assert!(fake.bytes(0, MIB as usize).iter().all(|b| *b == 0));
                        // Such a drive keeps the last thing that it was told: that it is bad is known, its size less well.
                        if matches!(past, Past::Scratch) {
                            assert!(!found.is_good(), "{what}");
                            continue;
                        }
                        assert_eq!(found.lie, Some(Lie::Drops), "{what}");
                        assert_eq!((found.at_least_bytes, found.at_most_bytes), (real, real), "{what}");
                    }
                }
            }
        }
    }
    let real = 250 * GIB + 7 * 4096;
    let large = FakeStick::new(1000 * GIB, real, 4096, Past::Drops).with_pace(COMMON);
    let found = timed(&large, None).0;
    assert_eq!((found.lie, found.at_most_bytes), (Some(Lie::Drops), real), "{found:?}");
}

#[test]
fn honest_drives_are_never_accused() {
    let sizes =
        [256 << 10, 257 << 10, MIB, 2 * MIB + 512, 3 * MIB, 5 * MIB + 1024, 8 * MIB, 31 * MIB + 512 * 7];
    for (sector, more) in [(512_u32, 512), (4096, 4096)] {
        for size in sizes.into_iter().map(|size: u64| size / more * more) {
            let stick = TestDevice::new(size as usize, sector, &[]);
            for found in [quick(&stick), probe(&stick), run(&stick, TestExtent::Full).unwrap()] {
                assert!(found.is_good(), "{size}, {sector}: {found:?}");
                assert_eq!((found.at_least_bytes, found.at_most_bytes), (size, size));
                assert_eq!(found.flaky_reads, 0);
            }
            assert_empty(&stick, "honest");
        }
    }
    for size in [8_053_063_680, 123_456_789 * 512, 1 << 45] {
        let stick = FakeStick::honest(size, 512);
        assert!(quick(&stick).is_good() && probe(&stick).is_good(), "{size}");
    }
    let tiny = TestDevice::new(128 << 10, 512, &[]);
    assert!(matches!(run(&tiny, TestExtent::Quick), Err(EngineError::TooSmallToTest { .. })));
}

const COMMON: Pace = Pace { bytes_per_sec: 20_000_000, writes_per_sec: 30, reads_per_sec: 1000 };

/// What the probe before a write costs, by the clock of sticks of all kinds.
#[test]
fn the_probe_is_short() {
    let sticks = [
        ("a common one", COMMON, 2.3),
        ("USB 3", Pace { bytes_per_sec: 150_000_000, writes_per_sec: 500, reads_per_sec: 4000 }, 2.0),
        ("a slow one", Pace { bytes_per_sec: 5_000_000, ..COMMON }, 4.0),
        ("50 requests a second", Pace { writes_per_sec: 50, reads_per_sec: 50, ..COMMON }, 3.0),
        ("one that hardly writes", Pace { writes_per_sec: 3, ..COMMON }, 4.0),
    ];
    for (what, pace, most_secs) in sticks {
        for claimed in [GIB, 128 * GIB] {
            // A debug build takes its time for bytes that a stick would take at once.
            if claimed == GIB && pace.bytes_per_sec > COMMON.bytes_per_sec {
                continue;
            }
            let (found, secs) = timed(&FakeStick::honest(claimed, 512).with_pace(pace), None);
            assert!(found.is_good(), "{what}: {found:?}");
            assert!(secs <= most_secs, "{what}, {claimed}: {secs} s");
            // The speed is that of the stick, where a single request does not take long.
            let ratio = found.write_bytes_per_sec as f64 / pace.bytes_per_sec as f64;
            assert!(pace.writes_per_sec < 30 || (0.75..1.01).contains(&ratio), "{what}: {found:?}");
            for (past, lie) in [(Past::Drops, Lie::Drops), (Past::Wraps, Lie::Wraps)] {
                let fake = FakeStick::new(claimed, claimed / 8, 512, past).with_pace(pace);
                assert_eq!(timed(&fake, None).0.lie, Some(lie), "{what}, {claimed}");
            }
        }
    }
    // Sizes that are no power of two, and what is sold as larger than that.
    for (claimed, real) in
        [(8 * GIB, 1300 * MIB), (64 * GIB, 11_111_111_168), (64 * GIB, 32_010_928_128 - 512)]
    {
        let (found, secs) = timed(&FakeStick::new(claimed, real, 512, Past::Wraps).with_pace(COMMON), None);
        assert_eq!((found.lie, found.at_most_bytes), (Some(Lie::Wraps), real), "{secs} s: {found:?}");
    }
    let (found, secs) = timed(&FakeStick::honest(64 * GIB, 512).with_pace(COMMON), Some(TestExtent::Quick));
    assert_eq!(found.wraps_excluded_bytes, 64 * GIB, "{secs} s");
    let ratio = found.read_bytes_per_sec as f64 / COMMON.bytes_per_sec as f64;
    assert!((0.9..1.01).contains(&ratio), "{found:?}");
    // What was left out is said.
    let slow = FakeStick::honest(64 * GIB, 512).with_pace(Pace { writes_per_sec: 3, ..COMMON });
    assert!(timed(&slow, None).0.cut_short);
    assert!(!probe(&FakeStick::honest(64 * GIB, 512)).cut_short);
    // The longer test is bounded as well.
    let (found, secs) = timed(&slow, Some(TestExtent::Quick));
    assert!(found.is_good() && found.cut_short && secs < 30.0, "{secs} s: {found:?}");
}

/// Drives that show what was written last, until so much more has been written that they must give it up.
#[test]
fn a_memory_inside_the_drive_does_not_hide_a_lie() {
    for (past, lie) in [(Past::Drops, Lie::Drops), (Past::Wraps, Lie::Wraps)] {
        for (claimed, real) in [(64 * MIB, 24 * MIB), (64 * GIB, 64 * GIB / 5 / 4096 * 4096 + 512)] {
            // With a pace the probe writes no more than it needs.
            let fake = FakeStick::new(claimed, real, 512, past).with_cache(2 * MIB).with_pace(COMMON);
            let found = timed(&fake, None).0;
            assert_eq!(found.lie, Some(lie), "{claimed}, {real}: {found:?}");
            assert_eq!((found.at_least_bytes, found.at_most_bytes), (real, real), "{found:?}");
        }
        let fake = FakeStick::new(32 * MIB, 12 * MIB + 512, 512, past).with_cache(MIB);
        let found = full(&fake);
        assert_eq!((found.lie, found.at_most_bytes), (Some(lie), 12 * MIB + 512), "{found:?}");
    }
    let large = FakeStick::new(64 * GIB, 8 * GIB, 512, Past::Drops).with_cache(24 * MIB);
    assert_eq!(quick(&large).lie, Some(Lie::Drops));
    assert!(quick(&FakeStick::honest(64 * MIB, 512).with_cache(8 * MIB)).is_good());
}

/// Past the real end, addresses come around in the last part of what there is.
#[test]
fn a_window_on_the_last_part_is_a_lie() {
    for (claimed, real, window) in
        [(32 * MIB, 8 * MIB, 2 * MIB), (32 * MIB, 10 * MIB + 4096, MIB), (32 * MIB, 8 * MIB, 4 * MIB)]
    {
        let fake = || FakeStick::new(claimed, real, 512, Past::Window(window));
        for found in [quick(&fake()), probe(&fake())] {
            assert_eq!(found.lie, Some(Lie::Wraps), "{real}, {window}: {found:?}");
            assert!(found.at_least_bytes <= real && real <= found.at_most_bytes, "{found:?}");
        }
        let found = full(&fake());
        assert_eq!((found.lie, found.at_most_bytes), (Some(Lie::Wraps), real), "{window}");
    }
    let large = FakeStick::new(64 * GIB, 8 * GIB, 512, Past::Window(GIB));
    assert_eq!(probe(&large).lie, Some(Lie::Wraps));
}

/// Sticks that fail are bad, and are not called liars.
#[test]
fn failing_sticks_are_told_from_lying_ones() {
    for claimed in [9 * MIB, 17 * MIB] {
        for nth in [2, 7] {
            let fake = || FakeStick::honest(claimed, 512).losing_every(nth);
            for found in [quick(&fake()), probe(&fake()), full(&fake())] {
                assert!(!found.is_good() && found.lie.is_none(), "every {nth}: {found:?}");
                assert!(found.bad_bytes > 0 && found.bad_bytes < found.tested_bytes, "{found:?}");
            }
        }
        // Locked by its own firmware: it takes everything and keeps nothing.
        let locked = || FakeStick::honest(claimed, 512).losing_every(1);
        for found in [quick(&locked()), probe(&locked()), full(&locked())] {
            assert!(found.lie.is_none() && !found.left_empty, "{found:?}");
            assert!(found.bad_bytes >= found.tested_bytes, "{found:?}");
        }
        // It says what it cannot do.
        let honest = || FakeStick::new(claimed, claimed / 4, 512, Past::Refuses);
        for found in [quick(&honest()), probe(&honest()), full(&honest())] {
            assert!(!found.is_good() && found.lie.is_none() && found.left_empty, "{found:?}");
            assert!(found.bad_areas.iter().all(|area| area.holds == Holds::Unreadable), "{found:?}");
        }
    }
    // Bad places at the very end.
    let last = 16 * MIB - 1;
    for fault in [Fault::Corrupt { at: last }, Fault::FailRead { at: last }, Fault::FailWrite { at: last }] {
        let found = quick(&TestDevice::new(16 << 20, 512, &[fault]));
        assert!(!found.is_good() && found.lie.is_none(), "{fault:?}: {found:?}");
    }
}

/// A stick that was tested before is full of stamps.
#[test]
fn stamps_of_an_earlier_test_are_junk() {
    let stick = FakeStick::honest(64 * MIB, 512);
    for found in [full(&stick), quick(&stick), probe(&stick), full(&stick)] {
        assert!(found.is_good() && found.left_empty && found.flaky_reads == 0, "{found:?}");
    }
}

/// A stretch that shows at a multiple of the real size, by any factor, gives that size all the same.
#[test]
fn a_drive_that_wraps_around_often_is_measured_too() {
    for (claimed, real) in
        [(2_000_398_934_016, 53_687_091_200 / 31 / 512 * 512), (64 * GIB, 64 * GIB / 37 / 512 * 512)]
    {
        let fake = FakeStick::new(claimed, real, 512, Past::Wraps);
        for found in [quick(&fake), probe(&fake)] {
            assert_eq!((found.lie, found.at_most_bytes), (Some(Lie::Wraps), real), "{claimed}");
        }
    }
}

#[test]
fn the_full_test_measures_wraps_and_drops() {
    const SIZE: u64 = 8 * MIB + 5 * 4096;
    for sector in [512_u32, 4096] {
        let s = u64::from(sector);
        for real in [SIZE / 2, SIZE / 4, SIZE / 8, 3 * MIB + 7 * s].map(|real| real / s * s) {
            for (fault, lie) in
                [(Fault::WrapAt { bytes: real }, Lie::Wraps), (Fault::DropFrom { bytes: real }, Lie::Drops)]
            {
                let fake = TestDevice::new(SIZE as usize, sector, &[fault]);
                let found = run(&fake, TestExtent::Full).unwrap();
                let measured = (found.lie, found.at_least_bytes, found.at_most_bytes);
                assert_eq!(measured, (Some(lie), real, real), "{fault:?}, {sector}");
                assert_eq!(found.bad_bytes, 0, "{found:?}");
                assert_empty(&fake, "fake");
            }
        }
    }
}

#[test]
fn the_full_test_names_what_is_bad() {
    const SIZE: usize = 8 << 20;
    let every = TestDevice::new(SIZE, 512, &[Fault::DropEvery { nth: 7, block_bytes: 4096 }]);
    let found = run(&every, TestExtent::Full).unwrap();
    let blocks = SIZE as u64 / 4096 / 7;
    assert_eq!((found.lie, found.bad_bytes, found.bad_areas.len()), (None, blocks * 4096, blocks as usize));
    for (area, i) in found.bad_areas.iter().zip(0..) {
        assert_eq!((area.offset, area.len, area.holds), ((i * 7 + 6) * 4096, 4096, Holds::Wrong));
    }
    for at in [100, 2_000_001, SIZE as u64 - 1] {
        let place = at / 512 * 512;
        let corrupt = run(&TestDevice::new(SIZE, 512, &[Fault::Corrupt { at }]), TestExtent::Full).unwrap();
        assert_eq!((corrupt.lie, corrupt.bad_bytes), (None, 512), "{at}");
        assert_eq!((corrupt.bad_areas[0].offset, corrupt.bad_areas[0].holds), (place, Holds::Wrong));

        for fault in [Fault::FailRead { at }, Fault::FailWrite { at: at.max(MIB) }] {
            let bad = TestDevice::new(SIZE, 512, &[fault]);
            if at < MIB && matches!(fault, Fault::FailWrite { .. }) {
                continue;
            }
            let found = run(&bad, TestExtent::Full).unwrap();
            assert_eq!(found.lie, None, "{fault:?}");
            assert!(
                !found.is_good() && found.bad_areas.iter().any(|a| a.offset <= at && at < a.offset + a.len)
            );
        }
    }

    let flaky = TestDevice::new(SIZE, 512, &[Fault::FlakyRead { at: 5 << 20 }]);
    let found = run(&flaky, TestExtent::Full).unwrap();
    assert_eq!((found.is_good(), found.flaky_reads), (true, 1));
    let flaky = TestDevice::new(SIZE, 512, &[Fault::FlakyRead { at: 2 << 20 }]);
    assert_eq!((quick(&flaky).is_good(), quick(&flaky).flaky_reads), (true, 0));
}

#[test]
fn the_quick_test_says_what_it_happens_to_meet() {
    let every = TestDevice::new(16 << 20, 512, &[Fault::DropEvery { nth: 3, block_bytes: 4096 }]);
    let found = quick(&every);
    assert!(!found.is_good(), "{found:?}");
    let last = TestDevice::new(16 << 20, 512, &[Fault::Corrupt { at: (16 << 20) - 1 }]);
    let found = quick(&last);
    assert_eq!((found.lie, found.bad_bytes, found.at_least_bytes), (None, 512, 16 << 20));
}

#[test]
fn a_drive_that_is_gone_ends_the_test_and_so_does_a_cancel() {
    for extent in [TestExtent::Quick, TestExtent::Full] {
        let gone = TestDevice::new(16 << 20, 512, &[Fault::GoneAfter { bytes: 6 << 20 }]);
        let error = run(&gone, extent).unwrap_err();
        assert!(matches!(&error, EngineError::Device(e) if e.class() == ErrorClass::Gone), "{error}");

        for steps in [1_usize, 3, 5, 9, 14, 20, 24] {
            let stick = TestDevice::new(16 << 20, 512, &[Fault::WrapAt { bytes: 8 << 20 }]);
            let cancel = Cancel::new();
            let count = std::sync::atomic::AtomicUsize::new(0);
            let observer = |_| {
                if count.fetch_add(1, Ordering::Relaxed) == steps {
                    cancel.raise();
                }
            };
            let ended = test_capacity(&stick, extent, &no_time, &observer, &|_| {}, &cancel);
            assert!(matches!(ended, Err(EngineError::Cancelled)), "{extent:?}, {steps}: {ended:?}");
            assert_empty(&stick, "cancelled");
        }
    }
}
