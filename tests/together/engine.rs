//! The engine: a tape, and drives that fail in every way.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sticksmith::base::digest::Hasher;
use sticksmith::base::{Algorithm, Cancel, Digest};
use sticksmith::device::{BlockDevice, ErrorClass, Standing};
use sticksmith::engine::{self, EngineError, Phase, Step, WriteOptions, Written};
use sticksmith::plan::{Plan, RawOptions, plan_raw};
use sticksmith::source::Source;
use sticksmith::source::bmap::MappedRange;

use super::support::device::{Fault, JUNK, TestDevice, drive};
use super::support::{file, noise};

const MIB: usize = 1 << 20;

/// The bytes raw, of unknown size in gzip, and of known size in Zstandard and xz.
fn sources(folder: &Path, bytes: &[u8]) -> Vec<Arc<Source>> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    zstd.set_pledged_src_size(Some(bytes.len() as u64)).unwrap();
    zstd.write_all(bytes).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 0);
    xz.write_all(bytes).unwrap();
    [
        ("image.raw", bytes.to_vec()),
        ("image.gz", gzip.finish().unwrap()),
        ("image.zst", zstd.finish().unwrap()),
        ("image.xz", xz.finish().unwrap()),
    ]
    .map(|(name, packed)| Arc::new(Source::open(&file(folder, name, &packed)).unwrap()))
    .into()
}

fn source(folder: &Path, bytes: &[u8]) -> Arc<Source> {
    Arc::new(Source::open(&file(folder, "image.raw", bytes)).unwrap())
}

fn plan_for(source: &Source, device: &TestDevice, mapped: Option<Vec<(u64, u64)>>) -> Plan {
    let geometry = device.geometry();
    let drive = drive(geometry.size_bytes as usize, geometry.sector_bytes);
    plan_raw(source.facts(), &drive, &Standing::Selectable, &RawOptions { mapped }).unwrap()
}

fn device(size_bytes: usize, sector_bytes: u32, faults: &[Fault]) -> Arc<TestDevice> {
    Arc::new(TestDevice::new(size_bytes, sector_bytes, faults))
}

/// Writes all devices at once. `observer` is told which of them takes the step.
fn write_all(
    source: &Arc<Source>,
    devices: &[Arc<TestDevice>],
    map: &[MappedRange],
    cancels: &[Cancel],
    observer: &(dyn Fn(usize, Step) + Sync),
) -> Vec<Result<Written, EngineError>> {
    let mapped: Vec<(u64, u64)> = map.iter().map(|range| (range.offset, range.len)).collect();
    let mapped = (!map.is_empty()).then_some(mapped);
    let plans: Vec<Plan> = devices.iter().map(|device| plan_for(source, device, mapped.clone())).collect();
    let hash = Some(Algorithm::Sha256);
    let shares = engine::share_out(source, &plans.iter().collect::<Vec<_>>(), hash, map.to_vec()).unwrap();
    thread::scope(|scope| {
        let threads: Vec<_> = shares
            .into_iter()
            .zip(&plans)
            .zip(devices)
            .enumerate()
            .map(|(at, ((share, plan), device))| {
                let device: Arc<dyn BlockDevice> = Arc::clone(device) as _;
                let cancel = cancels.get(at).cloned().unwrap_or_default();
                scope.spawn(move || {
                    let observer = |step| observer(at, step);
                    engine::write_share(plan, share, &device, true, &observer, &|_| {}, &cancel)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn write(source: &Arc<Source>, devices: &[Arc<TestDevice>]) -> Vec<Result<Written, EngineError>> {
    write_all(source, devices, &[], &[], &|_, _| {})
}

fn sha256(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish()
}

#[track_caller]
fn assert_proved(written: &Result<Written, EngineError>, device: &TestDevice, image: &[u8]) {
    let written = written.as_ref().unwrap();
    assert!(written.committed && written.comparison.as_ref().unwrap().is_identical());
    assert_eq!(written.digest, Some(sha256(image)));
    assert!(device.bytes()[..image.len()] == *image, "the image is not on the stick");
}

#[track_caller]
fn assert_visibly_empty(device: &TestDevice) {
    assert!(device.bytes()[..MIB].iter().all(|byte| *byte == 0), "the stick does not look empty");
}

#[test]
fn each_stick_is_what_a_single_write_makes() {
    let folder = tempfile::tempdir().unwrap();
    for len in [513, MIB, 3 * MIB + 700, 9 * MIB + 4096] {
        for source in sources(folder.path(), &noise(len, 5)) {
            let forms = [(12 * MIB, 512), (16 * MIB, 4096), (12 * MIB + 512, 512), (20 * MIB, 512)];
            let devices = forms.map(|(size, sector)| device(size, sector, &[]));
            for (at, written) in write(&source, &devices).into_iter().enumerate() {
                let written = written.unwrap();
                let alone = device(forms[at].0, forms[at].1, &[]);
                let plan = plan_for(&source, &alone, None);
                let options =
                    WriteOptions { verify: true, hash: Some(Algorithm::Sha256), ..WriteOptions::default() };
                let seam: Arc<dyn BlockDevice> = Arc::clone(&alone) as _;
                let single =
                    engine::write(&plan, &source, &seam, &options, &|_| {}, &|_| {}, &Cancel::new()).unwrap();
                let what = format!("{len} bytes of {}, {:?}", source.facts().name, forms[at]);
                assert!(devices[at].bytes() == alone.bytes(), "{what}");
                assert_eq!(written.digest, single.digest, "{what}");
                assert!(written.digest.is_some() && written.committed, "{what}");
                assert_eq!(written.comparison, single.comparison, "{what}");
                assert_eq!(
                    (written.plan, written.written_bytes),
                    (single.plan, single.written_bytes),
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn a_stick_that_fails_leaves_the_others_alone() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(5 * MIB + 512, 5);
    let at = 3 * MIB as u64 + 512;
    for source in &sources(folder.path(), &bytes)[..2] {
        for fault in [
            Fault::FailWrite { at: 0 },
            Fault::FailWrite { at },
            Fault::FailRead { at },
            Fault::FailSync { nth: 1 },
            Fault::GoneAfter { bytes: 5 * MIB as u64 },
            Fault::Corrupt { at },
        ] {
            // First, last and in the midst: the one whose plan is the model is no better than the others.
            for bad in 0..3 {
                let devices: Vec<_> = (0..3)
                    .map(|at| {
                        device(8 * MIB, 512, if at == bad { std::slice::from_ref(&fault) } else { &[] })
                    })
                    .collect();
                let results = write(source, &devices);
                for (at, result) in results.iter().enumerate() {
                    if at != bad {
                        assert_proved(result, &devices[at], &bytes);
                    }
                }
                match (&results[bad], fault) {
                    (Ok(written), Fault::Corrupt { .. }) => {
                        assert!(!written.committed && written.digest == Some(sha256(&bytes)));
                        assert_visibly_empty(&devices[bad]);
                    }
                    (Err(EngineError::Device(error)), _) => {
                        assert!(matches!(error.class(), ErrorClass::Media | ErrorClass::Gone));
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_stick_that_is_cancelled_leaves_the_others_alone() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(7 * MIB, 5);
    for source in sources(folder.path(), &bytes) {
        for phase in [Phase::Wiping, Phase::Writing, Phase::Syncing, Phase::Verifying] {
            let devices: Vec<_> = (0..3).map(|_| device(16 * MIB, 512, &[])).collect();
            let cancels: Vec<Cancel> = (0..3).map(|_| Cancel::new()).collect();
            let results = write_all(&source, &devices, &[], &cancels, &|at, step| {
                if at == 1 && step.phase == phase {
                    cancels[1].raise();
                }
            });
            assert!(matches!(results[1], Err(EngineError::Cancelled)), "{phase:?}: {:?}", results[1]);
            for at in [0, 2] {
                assert_proved(&results[at], &devices[at], &bytes);
            }
        }
    }
}

/// The image is longer than the tape, so the others have to go past the one that hangs.
#[test]
fn a_stick_that_hangs_is_left_behind_and_still_made_right() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(80 * MIB + 512, 5);
    let source = source(folder.path(), &bytes);
    let size = 84 * MIB;
    let devices = [
        device(size, 512, &[]),
        device(size, 512, &[Fault::HangWrite { at: 2 * MIB as u64 }]),
        device(size, 512, &[]),
    ];
    let verifying = AtomicUsize::new(0);
    let results = write_all(&source, &devices, &[], &[], &|at, step| {
        let is_last = step.phase == Phase::Verifying && Some(step.done_bytes) == step.total_bytes;
        // Nothing but this lets it go on: the others must get to their ends before.
        if at != 1 && is_last && verifying.fetch_add(1, Ordering::SeqCst) == 1 {
            devices[1].release();
        }
    });
    for (device, result) in devices.iter().zip(&results) {
        assert_proved(result, device, &bytes);
    }
}

#[test]
fn damage_at_the_very_end_of_an_image_leaves_every_stick_empty() {
    let folder = tempfile::tempdir().unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&noise(10 * MIB, 3)).unwrap();
    let mut packed = encoder.finish().unwrap();
    let crc = packed.len() - 8;
    packed[crc] ^= 1;
    let source = Arc::new(Source::open(&file(folder.path(), "bad.gz", &packed)).unwrap());
    let devices: Vec<_> = (0..3).map(|_| device(16 * MIB, 512, &[])).collect();
    for (result, device) in write(&source, &devices).iter().zip(&devices) {
        let said = result.as_ref().unwrap_err().to_string();
        assert!(said.contains("gzip file is damaged"), "{said}");
        assert_visibly_empty(device);
    }
}

#[test]
fn an_image_that_changes_meanwhile_leaves_every_stick_empty() {
    let folder = tempfile::tempdir().unwrap();
    for source in sources(folder.path(), &noise(5 * MIB, 5)) {
        let devices: Vec<_> = (0..3).map(|_| device(16 * MIB, 512, &[])).collect();
        let changed = AtomicUsize::new(0);
        let results = write_all(&source, &devices, &[], &[], &|_, step| {
            if step.phase == Phase::Writing && changed.fetch_add(1, Ordering::SeqCst) == 0 {
                let mut file = fs::File::options().append(true).open(source.path()).unwrap();
                file.write_all(b"more").unwrap();
            }
        });
        for (result, device) in results.iter().zip(&devices) {
            assert!(result.is_err(), "{result:?}");
            assert_visibly_empty(device);
        }
    }
}

fn mapped(bytes: &[u8], ranges: &[(usize, usize)]) -> Vec<MappedRange> {
    let range = |&(offset, len): &(usize, usize)| MappedRange {
        offset: offset as u64,
        len: len as u64,
        digest: Some(sha256(&bytes[offset..offset + len])),
    };
    ranges.iter().map(range).collect()
}

#[test]
fn a_block_map_is_checked_once_and_counts_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(9 * MIB, 5);
    let ranges = [(0, 8192), (2 * MIB + 4096, MIB), (8 * MIB - 4096, 8192)];
    let good = mapped(&bytes, &ranges);
    for source in sources(folder.path(), &bytes) {
        if source.facts().image_bytes.is_none() {
            continue;
        }
        let devices = [device(16 * MIB, 512, &[]), device(16 * MIB, 4096, &[]), device(12 * MIB, 512, &[])];
        for (written, device) in write_all(&source, &devices, &good, &[], &|_, _| {}).iter().zip(&devices) {
            assert!(written.as_ref().unwrap().committed);
            let on_device = device.bytes();
            for (offset, len) in ranges {
                assert!(on_device[offset..offset + len] == bytes[offset..offset + len]);
            }
            assert!(on_device[5 * MIB..7 * MIB].iter().all(|byte| *byte == JUNK));
        }
        for wrong in 0..ranges.len() {
            let mut map = good.clone();
            map[wrong].digest = Some(sha256(b"another"));
            let devices: Vec<_> = (0..3).map(|_| device(16 * MIB, 512, &[])).collect();
            for (result, device) in write_all(&source, &devices, &map, &[], &|_, _| {}).iter().zip(&devices) {
                let said = result.as_ref().unwrap_err().to_string();
                assert!(said.contains("does not match its block map"), "{said}");
                assert_visibly_empty(device);
            }
        }
    }
}

#[test]
fn damage_behind_all_that_is_mapped_leaves_every_stick_empty() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(9 * MIB, 5);
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.set_pledged_src_size(Some(bytes.len() as u64)).unwrap();
    encoder.write_all(&bytes).unwrap();
    let mut packed = encoder.finish().unwrap();
    *packed.last_mut().unwrap() ^= 1;
    let source = Arc::new(Source::open(&file(folder.path(), "bad.zst", &packed)).unwrap());
    assert_eq!(source.facts().image_bytes, Some(bytes.len() as u64));
    let devices: Vec<_> = (0..3).map(|_| device(16 * MIB, 512, &[])).collect();
    let map = mapped(&bytes, &[(0, 8192)]);
    for (result, device) in write_all(&source, &devices, &map, &[], &|_, _| {}).iter().zip(&devices) {
        assert!(result.is_err(), "{result:?}");
        assert_visibly_empty(device);
    }
}

#[test]
fn a_drive_that_turns_out_too_small_ends_alone() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(9 * MIB + 1, 5);
    let source = Arc::clone(&sources(folder.path(), &bytes)[1]);
    assert_eq!(source.facts().image_bytes, None);
    let devices = [device(16 * MIB, 512, &[]), device(9 * MIB, 512, &[]), device(10 * MIB, 512, &[])];
    let results = write(&source, &devices);
    assert!(matches!(results[1], Err(EngineError::DoesNotFit { .. })), "{:?}", results[1]);
    assert_visibly_empty(&devices[1]);
    for at in [0, 2] {
        assert_proved(&results[at], &devices[at], &bytes);
    }
}
