//! The engine against a drive that checks how it is used, and against drives that fail in every way.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use sticksmith::base::{Algorithm, Cancel, Digest};
use sticksmith::device::{BlockDevice, ErrorClass, Standing};
use sticksmith::engine::{self, EngineError, Phase, WriteOptions, Written};
use sticksmith::plan::{Plan, RawOptions, plan_raw};
use sticksmith::source::Source;
use support::device::{Call, Fault, JUNK, TestDevice, drive};
use support::{file, noise};

const MIB: usize = 1 << 20;

/// An image of noise that no first sector of could be mistaken for nothing.
fn image(folder: &Path, len: usize) -> (Arc<Source>, Vec<u8>) {
    let bytes = noise(len, 7);
    (Arc::new(Source::open(&file(folder, "image.raw", &bytes)).unwrap()), bytes)
}

fn gzipped(folder: &Path, bytes: &[u8]) -> Arc<Source> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    Arc::new(Source::open(&file(folder, "image.gz", &encoder.finish().unwrap())).unwrap())
}

fn zstd_without_its_size(folder: &Path, bytes: &[u8]) -> Arc<Source> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.write_all(bytes).unwrap();
    Arc::new(Source::open(&file(folder, "image.zst", &encoder.finish().unwrap())).unwrap())
}

fn plan_for(source: &Source, size_bytes: usize, sector_bytes: u32) -> Plan {
    plan_raw(source.facts(), &drive(size_bytes, sector_bytes), &Standing::Selectable, &RawOptions::default())
        .unwrap()
}

fn options() -> WriteOptions {
    WriteOptions { verify: true, hash: Some(Algorithm::Sha256), map: Vec::new() }
}

fn write(source: &Arc<Source>, device: &Arc<TestDevice>) -> Result<Written, EngineError> {
    let geometry = device.geometry();
    let plan = plan_for(source, geometry.size_bytes as usize, geometry.sector_bytes);
    let device: Arc<dyn BlockDevice> = Arc::clone(device) as _;
    engine::write(&plan, source, &device, &options(), &|_| {}, &|_| {}, &Cancel::new())
}

fn sha256(bytes: &[u8]) -> Digest {
    let mut hasher = sticksmith::base::digest::Hasher::new(Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish()
}

/// What an interrupted stick must look like at its start.
fn assert_visibly_empty(device: &TestDevice) {
    assert!(device.bytes()[..MIB].iter().all(|b| *b == 0), "the stick does not look empty");
}

#[test]
fn every_byte_arrives_whatever_the_sizes() {
    let folder = tempfile::tempdir().unwrap();
    for sector in [512, 4096] {
        for len in [1, 511, 512, 4097, MIB - 1, MIB, MIB + 1, 3 * MIB + 700, 9 * MIB + 4096, 16 * MIB] {
            let (source, bytes) = image(folder.path(), len);
            for source in [source, gzipped(folder.path(), &bytes)] {
                let device = Arc::new(TestDevice::new(16 * MIB, sector, &[]));
                let written = write(&source, &device).unwrap();
                let on_device = device.bytes();
                let padded = len.next_multiple_of(sector as usize);
                assert!(on_device[..len] == bytes, "{len} bytes, sectors of {sector}");
                assert!(on_device[len..padded].iter().all(|b| *b == 0), "the tail is not zeroes");
                assert!(on_device[padded.max(MIB)..(15 * MIB).max(padded)].iter().all(|b| *b == JUNK));
                assert!(
                    on_device[padded.max(15 * MIB)..].iter().all(|b| *b == 0),
                    "the old backup GPT is still there"
                );
                assert_eq!(written.digest, Some(sha256(&bytes)));
                let proof = written.comparison.unwrap();
                assert_eq!((proof.verified_bytes, proof.is_identical()), (padded as u64, true));
                assert!(written.committed && written.plan.sized);
            }
        }
    }
}

#[test]
fn the_first_block_goes_last_and_only_after_everything_else_was_proved() {
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = image(folder.path(), 5 * MIB);
    let device = Arc::new(TestDevice::new(8 * MIB, 512, &[]));
    write(&source, &device).unwrap();
    let calls = device.calls();
    assert_eq!(calls[0], Call::Write { offset: 0, len: MIB, zeroes: true });
    assert_eq!(calls[1], Call::Write { offset: 7 * MIB as u64, len: MIB, zeroes: true });
    assert_eq!(calls[2], Call::Sync);
    let first = calls.iter().position(|c| matches!(c, Call::Write { offset: 0, zeroes: false, .. })).unwrap();
    let last_other = calls.iter().rposition(|c| matches!(c, Call::Write { offset: 1.., .. })).unwrap();
    let read = calls.iter().position(|c| matches!(c, Call::Read { .. })).unwrap();
    assert!(last_other < read && read < first);
    assert_eq!(&calls[first + 1..], [Call::Sync, Call::DropCaches, Call::Read { offset: 0, len: MIB }]);
    assert_eq!(calls.iter().filter(|c| matches!(c, Call::Write { offset: 0, .. })).count(), 2);
}

#[test]
fn marks_tell_what_the_start_of_the_drive_holds() {
    use engine::Mark::{Blank, Committing, Wiping};
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = image(folder.path(), 3 * MIB);
    for (faults, expected) in [
        (vec![], vec![Wiping, Blank, Committing]),
        (vec![Fault::FailWrite { at: 0 }], vec![Wiping]),
        (vec![Fault::Corrupt { at: 2 * MIB as u64 }], vec![Wiping, Blank, Blank]),
        (vec![Fault::Corrupt { at: 100 }], vec![Wiping, Blank, Committing, Blank]),
    ] {
        let device: Arc<dyn BlockDevice> = Arc::new(TestDevice::new(8 * MIB, 512, &faults));
        let marks = std::sync::Mutex::new(Vec::new());
        let mark = |mark| marks.lock().unwrap().push(mark);
        let plan = plan_for(&source, 8 * MIB, 512);
        let _ = engine::write(&plan, &source, &device, &options(), &|_| {}, &mark, &Cancel::new());
        assert_eq!(*marks.lock().unwrap(), expected, "{faults:?}");
    }
}

#[test]
fn a_wrong_byte_on_the_medium_is_found_named_and_the_stick_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let (source, bytes) = image(folder.path(), 5 * MIB);
    let at = 3 * MIB as u64 + 12_345;
    for (source, expected_len) in [(source, 1), (gzipped(folder.path(), &bytes), MIB as u64)] {
        let device = Arc::new(TestDevice::new(8 * MIB, 512, &[Fault::Corrupt { at }]));
        let written = write(&source, &device).unwrap();
        let proof = written.comparison.unwrap();
        assert!(!written.committed);
        assert_eq!(proof.different_bytes, expected_len);
        let mismatch = &proof.mismatches[0];
        assert!(mismatch.offset <= at && at < mismatch.offset + mismatch.len && mismatch.len == expected_len);
        assert!(!mismatch.flaky);
        assert_visibly_empty(&device);
    }
}

#[test]
fn a_wrong_byte_in_the_first_block_is_found_and_the_block_erased_again() {
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = image(folder.path(), 2 * MIB);
    let device = Arc::new(TestDevice::new(8 * MIB, 512, &[Fault::Corrupt { at: 100 }]));
    let written = write(&source, &device).unwrap();
    assert!(!written.committed);
    assert_eq!(written.comparison.unwrap().different_bytes, MIB as u64);
    assert!(device.bytes()[101..MIB].iter().all(|b| *b == 0));
}

#[test]
fn writes_that_a_device_drops_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = image(folder.path(), 5 * MIB);
    let device = Arc::new(TestDevice::new(8 * MIB, 4096, &[Fault::DropWrite { at: 2 * MIB as u64 }]));
    let proof = write(&source, &device).unwrap().comparison.unwrap();
    assert_eq!((proof.mismatches.len(), proof.mismatches[0].offset), (1, 2 * MIB as u64));
    assert_visibly_empty(&device);
}

#[test]
fn a_read_that_is_right_the_second_time_is_told_from_a_bad_medium() {
    let folder = tempfile::tempdir().unwrap();
    let (source, bytes) = image(folder.path(), 5 * MIB);
    for source in [source, gzipped(folder.path(), &bytes)] {
        let device = Arc::new(TestDevice::new(8 * MIB, 512, &[Fault::FlakyRead { at: 2 * MIB as u64 + 5 }]));
        let written = write(&source, &device).unwrap();
        assert!(written.comparison.unwrap().mismatches[0].flaky);
        assert!(!written.committed);
    }
}

#[test]
fn failures_name_their_place_and_leave_the_stick_empty() {
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = image(folder.path(), 5 * MIB);
    let at = 3 * MIB as u64 + 512;
    for (fault, class, offset) in [
        (Fault::FailWrite { at }, ErrorClass::Media, 3 * MIB as u64),
        (Fault::FailRead { at }, ErrorClass::Media, 3 * MIB as u64),
        (Fault::GoneAfter { bytes: 5 * MIB as u64 }, ErrorClass::Gone, 4 * MIB as u64),
        (Fault::FailSync { nth: 1 }, ErrorClass::Media, 0),
        // The one that ends the first block's writing: the block is there, and has to go again.
        (Fault::FailSync { nth: 2 }, ErrorClass::Media, 0),
    ] {
        let device = Arc::new(TestDevice::new(8 * MIB, 512, std::slice::from_ref(&fault)));
        match write(&source, &device) {
            Err(EngineError::Device(error)) => {
                assert_eq!((error.class(), error.offset()), (class, Some(offset)), "{fault:?}");
            }
            other => panic!("{fault:?}: {other:?}"),
        }
        assert_visibly_empty(&device);
    }
}

#[test]
fn a_failure_while_wiping_is_an_error_too() {
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = image(folder.path(), MIB);
    for fault in [Fault::FailWrite { at: 0 }, Fault::FailSync { nth: 0 }] {
        let device = Arc::new(TestDevice::new(8 * MIB, 512, &[fault]));
        assert!(matches!(write(&source, &device), Err(EngineError::Device(_))));
        assert!(!device.calls().iter().any(|c| matches!(c, Call::Write { zeroes: false, .. })));
    }
}

#[test]
fn an_image_that_turns_out_too_large_stops_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(8 * MIB + 1, 3);
    let device = Arc::new(TestDevice::new(8 * MIB, 512, &[]));
    match write(&gzipped(folder.path(), &bytes), &device) {
        Err(EngineError::DoesNotFit { drive_bytes }) => assert_eq!(drive_bytes, 8 * MIB as u64),
        other => panic!("{other:?}"),
    }
    assert_visibly_empty(&device);
    // To the last byte, it fits.
    let device = Arc::new(TestDevice::new(8 * MIB, 512, &[]));
    assert!(write(&gzipped(folder.path(), &bytes[..8 * MIB]), &device).unwrap().committed);
}

#[test]
fn damage_at_the_very_end_of_an_image_keeps_the_stick_empty() {
    let folder = tempfile::tempdir().unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&noise(10 * MIB, 3)).unwrap();
    let mut packed = encoder.finish().unwrap();
    let crc = packed.len() - 8;
    packed[crc] ^= 1;
    let source = Arc::new(Source::open(&file(folder.path(), "bad.gz", &packed)).unwrap());
    let device = Arc::new(TestDevice::new(16 * MIB, 512, &[]));
    assert!(matches!(write(&source, &device), Err(EngineError::Source(_))));
    assert_visibly_empty(&device);
}

#[test]
fn damage_behind_the_last_byte_of_an_image_of_known_size_keeps_the_stick_empty() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(10 * MIB, 3);
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.set_pledged_src_size(Some(bytes.len() as u64)).unwrap();
    encoder.include_contentsize(true).unwrap();
    encoder.write_all(&bytes).unwrap();
    let mut packed = encoder.finish().unwrap();
    packed.extend(b"garbage");
    let source = Arc::new(Source::open(&file(folder.path(), "bad.zst", &packed)).unwrap());
    assert_eq!(source.facts().image_bytes, None, "a file with garbage behind it promises no size");

    let map = RawOptions { mapped: Some(vec![(0, MIB as u64)]) };
    let mut facts = source.facts().clone();
    facts.image_bytes = Some(bytes.len() as u64);
    let plan = plan_raw(&facts, &drive(16 * MIB, 512), &Standing::Selectable, &map).unwrap();
    let device = Arc::new(TestDevice::new(16 * MIB, 512, &[]));
    let seam: Arc<dyn BlockDevice> = Arc::clone(&device) as _;
    let result = engine::write(&plan, &source, &seam, &options(), &|_| {}, &|_| {}, &Cancel::new());
    assert!(matches!(result, Err(EngineError::Source(_))), "{result:?}");
    assert_visibly_empty(&device);
}

#[test]
fn cancelling_in_any_phase_stops_and_leaves_the_stick_empty() {
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = image(folder.path(), 6 * MIB);
    for phase in [Phase::Wiping, Phase::Writing, Phase::Syncing, Phase::Verifying] {
        let device = Arc::new(TestDevice::new(8 * MIB, 512, &[]));
        let plan = plan_for(&source, 8 * MIB, 512);
        let cancel = Cancel::new();
        let observer = |step: engine::Step| {
            if step.phase == phase {
                cancel.raise();
            }
        };
        let seam: Arc<dyn BlockDevice> = Arc::clone(&device) as _;
        let result = engine::write(&plan, &source, &seam, &options(), &observer, &|_| {}, &cancel);
        assert!(matches!(result, Err(EngineError::Cancelled)), "{phase:?}: {result:?}");
        assert!(!device.calls().iter().any(|c| matches!(c, Call::Write { offset: 0, zeroes: false, .. })));
    }
}

/// What is told is what the drive has taken and given by then; all of it is told when nothing is outstanding any more.
#[test]
fn no_step_is_ahead_of_the_drive() {
    let folder = tempfile::tempdir().unwrap();
    let (raw, bytes) = image(folder.path(), 9 * MIB + 512);
    for (source, is_sized) in [(raw, true), (zstd_without_its_size(folder.path(), &bytes), false)] {
        let device = Arc::new(TestDevice::new(12 * MIB, 512, &[]));
        let plan = plan_for(&source, 12 * MIB, 512);
        assert_eq!(plan.sized, is_sized);
        // (written, read, is the first block there?)
        let moved = || {
            let (mut written, mut read, mut is_whole) = (0, 0, false);
            for call in device.calls() {
                match call {
                    Call::Write { offset, len, zeroes } => {
                        written += len as u64;
                        is_whole = offset == 0 && !zeroes;
                    }
                    Call::Read { len, .. } => read += len as u64,
                    Call::Sync | Call::DropCaches => {}
                }
            }
            (written, read, is_whole)
        };
        let begin = std::sync::Mutex::new((None, (0, 0, false)));
        let steps = std::sync::atomic::AtomicUsize::new(0);
        let observer = |step: engine::Step| {
            let now = moved();
            let mut begin = begin.lock().unwrap();
            if begin.0 != Some(step.phase) {
                *begin = (Some(step.phase), now);
            }
            steps.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let (written, read) = (now.0 - begin.1.0, now.1 - begin.1.1);
            match step.phase {
                Phase::Writing => {
                    assert!(step.done_bytes <= written, "{step:?}, {written} written");
                    assert_eq!(step.total_bytes.is_some(), is_sized);
                    assert!(step.total_bytes.is_none_or(|total| step.done_bytes < total), "{step:?}");
                }
                Phase::Verifying => {
                    assert!(step.done_bytes <= read, "{step:?}, {read} read");
                    let is_all = step.total_bytes == Some(step.done_bytes);
                    assert!(!is_all || now.2, "{step:?}, and the first block was not written");
                }
                _ => {}
            }
        };
        let seam: Arc<dyn BlockDevice> = Arc::clone(&device) as _;
        engine::write(&plan, &source, &seam, &options(), &observer, &|_| {}, &Cancel::new()).unwrap();
        assert!(steps.into_inner() > 18);
    }
}

#[test]
fn mapped_parts_alone_are_written_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let (source, bytes) = image(folder.path(), 6 * MIB);
    let mapped = vec![(0, 4096), (2 * MIB as u64, 8192), (5 * MIB as u64 + 4096, MIB as u64 - 4096)];
    let options_raw = RawOptions { mapped: Some(mapped.clone()) };
    let plan = plan_raw(source.facts(), &drive(8 * MIB, 512), &Standing::Selectable, &options_raw).unwrap();
    let device = Arc::new(TestDevice::new(8 * MIB, 512, &[]));
    let seam: Arc<dyn BlockDevice> = Arc::clone(&device) as _;
    let written = engine::write(&plan, &source, &seam, &options(), &|_| {}, &|_| {}, &Cancel::new()).unwrap();
    let total: u64 = mapped.iter().map(|(_, len)| len).sum();
    assert_eq!((written.written_bytes, written.comparison.unwrap().verified_bytes), (total, total));
    assert_eq!(written.digest, None);
    let on_device = device.bytes();
    for (offset, len) in mapped {
        let range = offset as usize..(offset + len) as usize;
        assert!(on_device[range.clone()] == bytes[range]);
    }
    assert!(
        on_device[3 * MIB..4 * MIB].iter().all(|b| *b == JUNK),
        "old bytes stay between the mapped parts"
    );
}

#[test]
fn a_stick_is_compared_without_a_write() {
    let folder = tempfile::tempdir().unwrap();
    let (source, bytes) = image(folder.path(), 5 * MIB + 100);
    let device = Arc::new(TestDevice::new(8 * MIB, 512, &[]));
    write(&source, &device).unwrap();
    let before = device.calls().len();
    let plan = plan_for(&source, 8 * MIB, 512);
    let seam: Arc<dyn BlockDevice> = Arc::clone(&device) as _;
    for source in [source, gzipped(folder.path(), &bytes)] {
        let proof =
            engine::compare(&plan_for(&source, 8 * MIB, 512), &source, &seam, &|_| {}, &Cancel::new())
                .unwrap();
        assert!(proof.is_identical());
        assert_eq!(proof.verified_bytes, plan.planned_bytes());
    }
    assert!(device.calls()[before..].iter().all(|c| !matches!(c, Call::Write { .. })));
}
