//! The engine writes a Windows plan to drives that fail: whatever happens, a stick that is not proved looks empty.

use std::fs;
use std::sync::Arc;

use sticksmith::base::{Algorithm, Cancel};
use sticksmith::device::{BlockDevice, ErrorClass, Standing};
use sticksmith::engine::{self, EngineError, Phase, WriteOptions, Written};
use sticksmith::plan::{Plan, PlannedFile, Scheme, WindowsOptions, plan_windows};
use sticksmith::source::{AddRequest, Addition, Source, SourceError};

use super::media::{by_hand, small_tree, tools};
use super::support::device::{Call, Fault, JUNK, TestDevice, drive};

const MIB: usize = 1 << 20;
/// The least that FAT32 takes, and the files.
const DRIVE_BYTES: usize = 44 * MIB;
/// A copy of a GPT: a sector, and 128 entries.
const BACKUP_BYTES: usize = 33 * 512;

/// A small image, and one file of the user's.
struct Bench {
    folder: tempfile::TempDir,
    source: Arc<Source>,
    additions: Vec<Addition>,
}

impl Bench {
    fn new() -> Option<Self> {
        if !tools() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        small_tree(&root);
        let iso = folder.path().join("small.iso");
        by_hand(&root, &iso, "SMALL");
        let own = folder.path().join("own.bin");
        fs::write(&own, super::support::noise(700_001, 5)).unwrap();
        let request = AddRequest { path: own, dest: Some("tools/".to_owned()), replaces: false };
        let additions = sticksmith::job::list_additions(&[request]).unwrap();
        Some(Self { folder, source: Arc::new(Source::open(&iso).unwrap()), additions })
    }

    fn plan(&self, scheme: Scheme) -> Plan {
        let media = self.source.windows_media().unwrap().unwrap();
        let options =
            WindowsOptions { scheme, additions: self.additions.clone(), ..WindowsOptions::default() };
        plan_windows(self.source.facts(), &media, &drive(DRIVE_BYTES, 512), &Standing::Selectable, &options)
            .unwrap()
    }

    fn write(&self, plan: &Plan, device: &Arc<TestDevice>) -> Result<Written, EngineError> {
        self.write_until(plan, device, None)
    }

    /// Cancels when this phase begins.
    fn write_until(
        &self,
        plan: &Plan,
        device: &Arc<TestDevice>,
        last: Option<Phase>,
    ) -> Result<Written, EngineError> {
        let cancel = Cancel::new();
        let observer = |step: engine::Step| {
            if Some(step.phase) == last {
                cancel.raise();
            }
        };
        let options = WriteOptions { verify: true, hash: Some(Algorithm::Sha256), map: Vec::new() };
        let device: Arc<dyn BlockDevice> = Arc::clone(device) as _;
        engine::write(plan, &self.source, &device, &options, &observer, &|_| {}, &cancel)
    }
}

fn device(faults: &[Fault]) -> Arc<TestDevice> {
    Arc::new(TestDevice::new(DRIVE_BYTES, 512, faults))
}

fn file<'a>(plan: &'a Plan, path: &str) -> &'a PlannedFile {
    plan.stick.as_ref().unwrap().files.iter().find(|file| file.path == path).unwrap()
}

/// Neither firmware nor system finds a table or a file system at either end.
#[track_caller]
fn assert_looks_empty(device: &TestDevice) {
    let bytes = device.bytes();
    assert!(bytes[..MIB].iter().all(|byte| *byte == 0), "the start is not empty");
    assert!(bytes[DRIVE_BYTES - BACKUP_BYTES..].iter().all(|byte| *byte == 0), "the end is not empty");
}

#[test]
fn each_byte_is_written_once_in_order_and_the_tables_last() {
    let Some(bench) = Bench::new() else { return };
    for scheme in Scheme::ALL {
        let device = device(&[]);
        let plan = bench.plan(scheme);
        let written = bench.write(&plan, &device).unwrap();
        assert!(written.committed && written.comparison.unwrap().is_identical());
        let calls = device.calls();
        let synced = calls.iter().position(|call| *call == Call::Sync).unwrap();
        let wiped = [(0, MIB), (DRIVE_BYTES - MIB, MIB)];
        let ranges = |calls: &[Call]| -> Vec<(usize, usize)> {
            let range = |call: &Call| match call {
                Call::Write { offset, len, .. } => Some((*offset as usize, *len)),
                _ => None,
            };
            calls.iter().filter_map(range).collect()
        };
        assert_eq!(ranges(&calls[..synced]), wiped, "{scheme}");

        let first_read = calls.iter().position(|call| matches!(call, Call::Read { .. })).unwrap();
        let bulk = ranges(&calls[synced..first_read]);
        let mut end = MIB;
        for (start, len) in &bulk {
            assert!(*start >= end, "{scheme}: {start} comes after {end}");
            end = start + len;
        }
        assert!(end <= DRIVE_BYTES - MIB || scheme == Scheme::Mbr, "{scheme}: the last MiB waits");
        let held_back = ranges(&calls[first_read..]);
        match scheme {
            Scheme::Mbr => assert_eq!(held_back, [(0, MIB)]),
            Scheme::Gpt => {
                assert_eq!(held_back, [(DRIVE_BYTES - BACKUP_BYTES, BACKUP_BYTES), (0, MIB)]);
            }
        }
        let total: usize = bulk.iter().chain(&held_back).map(|(_, len)| len).sum();
        assert_eq!((total as u64, written.written_bytes), (plan.planned_bytes(), plan.planned_bytes()));
        // Between the files and the end there is what was there.
        assert!(device.bytes()[end..DRIVE_BYTES - MIB].iter().all(|byte| *byte == JUNK));
    }
}

#[test]
fn a_wrong_byte_is_found_wherever_it_lies() {
    let Some(bench) = Bench::new() else { return };
    for scheme in Scheme::ALL {
        let plan = bench.plan(scheme);
        let stick = plan.stick.as_ref().unwrap();
        let mut places: Vec<(u64, String)> = Vec::new();
        for path in
            ["bootmgr", "sources/payload.bin", "sources/boot.wim", "tools/own.bin", "sticksmith.sha256"]
        {
            let file = file(&plan, path);
            for at in [file.start, file.start + file.len / 2, file.start + file.len - 1] {
                places.push((at, path.to_owned()));
            }
        }
        let volume = stick.partition_start;
        for at in [volume + 0x5A, volume + 512 + 488, volume + 6 * 512] {
            places.push((at, "the file system’s tables and folders".to_owned()));
        }
        for (at, what) in places {
            let device = device(&[Fault::Corrupt { at }]);
            let written = bench.write(&plan, &device).unwrap();
            assert!(!written.committed, "{at} {what}");
            let proof = written.comparison.unwrap();
            let [mismatch] = &proof.mismatches[..] else { panic!("{what}: {:?}", proof.mismatches) };
            assert!(mismatch.offset <= at && at < mismatch.offset + mismatch.len, "{at}: {mismatch:?}");
            assert_eq!((mismatch.len, stick.what_lies_at(mismatch.offset)), (1, what));
            assert_looks_empty(&device);
        }
    }
}

/// In the table itself the byte is found after it was written, and the table taken away again.
#[test]
fn a_wrong_byte_in_the_table_takes_the_table_away() {
    let Some(bench) = Bench::new() else { return };
    for (scheme, places) in
        [(Scheme::Mbr, vec![100, 450]), (Scheme::Gpt, vec![450, 512 + 16, 1024 + 56, DRIVE_BYTES - 512 + 16])]
    {
        let plan = bench.plan(scheme);
        for at in places {
            let device = device(&[Fault::Corrupt { at: at as u64 }]);
            let written = bench.write(&plan, &device).unwrap();
            assert!(!written.committed && !written.comparison.unwrap().is_identical(), "{scheme} {at}");
            let mut bytes = device.bytes();
            bytes[at] = 0;
            assert!(bytes[..MIB].iter().all(|byte| *byte == 0), "{scheme} {at}");
            assert!(bytes[DRIVE_BYTES - BACKUP_BYTES..].iter().all(|byte| *byte == 0), "{scheme} {at}");
        }
    }
}

#[test]
fn failures_anywhere_leave_the_stick_empty() {
    let Some(bench) = Bench::new() else { return };
    for scheme in Scheme::ALL {
        let plan = bench.plan(scheme);
        let payload = file(&plan, "sources/payload.bin").start + 1000;
        let total = plan.planned_bytes();
        let last = DRIVE_BYTES as u64 - 1;
        for (fault, class) in [
            (Fault::FailWrite { at: plan.stick.as_ref().unwrap().partition_start }, ErrorClass::Media),
            (Fault::FailWrite { at: payload }, ErrorClass::Media),
            (Fault::FailRead { at: payload }, ErrorClass::Media),
            (Fault::FailSync { nth: 1 }, ErrorClass::Media),
            (Fault::GoneAfter { bytes: 2 * MIB as u64 + 1 }, ErrorClass::Gone),
            (Fault::GoneAfter { bytes: total / 2 }, ErrorClass::Gone),
            // Within what was held back: the first block must be the last to be missed.
            (Fault::GoneAfter { bytes: 2 * MIB as u64 + total - MIB as u64 - 1 }, ErrorClass::Gone),
        ] {
            let device = device(std::slice::from_ref(&fault));
            match bench.write(&plan, &device) {
                Err(EngineError::Device(error)) => assert_eq!(error.class(), class, "{scheme} {fault:?}"),
                other => panic!("{scheme} {fault:?}: {other:?}"),
            }
            assert_looks_empty(&device);
        }
        // The very end of the drive: where a GPT has its copy, and where an MBR stick is wiped only.
        let device = device(&[Fault::FailWrite { at: last }]);
        assert!(matches!(bench.write(&plan, &device), Err(EngineError::Device(_))), "{scheme}");
        assert!(device.bytes()[..MIB].iter().all(|byte| *byte == 0), "{scheme}");
    }
}

/// Pulled out between the copy of the table and the table: what is left of the copy no system takes for a stick alone.
#[test]
fn a_stick_that_is_pulled_out_while_the_tables_are_written_has_no_first_block() {
    let Some(bench) = Bench::new() else { return };
    let plan = bench.plan(Scheme::Gpt);
    let all = 2 * MIB as u64 + plan.planned_bytes();
    let device = device(&[Fault::GoneAfter { bytes: all - 1 }]);
    assert!(matches!(bench.write(&plan, &device), Err(EngineError::Device(_))));
    assert!(device.bytes()[..MIB].iter().all(|byte| *byte == 0));
}

#[test]
fn cancelling_in_any_phase_leaves_the_stick_empty() {
    let Some(bench) = Bench::new() else { return };
    for scheme in Scheme::ALL {
        let plan = bench.plan(scheme);
        for phase in [Phase::Wiping, Phase::Writing, Phase::Syncing, Phase::Verifying] {
            let device = device(&[]);
            let result = bench.write_until(&plan, &device, Some(phase));
            assert!(matches!(result, Err(EngineError::Cancelled)), "{scheme} {phase:?}: {result:?}");
            let held_back = |call: &Call| match call {
                Call::Write { zeroes: false, offset, .. } => plan.is_held_back(*offset),
                _ => false,
            };
            assert!(!device.calls().iter().any(held_back), "{scheme} {phase:?}");
            if phase != Phase::Wiping {
                assert_looks_empty(&device);
            }
        }
    }
}

#[test]
fn files_that_change_or_vanish_after_the_plan_keep_the_stick_empty() {
    let Some(bench) = Bench::new() else { return };
    let own = bench.folder.path().join("own.bin");
    let plan = bench.plan(Scheme::Gpt);
    // Longer, shorter, of another time, gone.
    let changes: [&dyn Fn(); 4] = [
        &|| fs::write(&own, super::support::noise(700_002, 5)).unwrap(),
        &|| fs::write(&own, b"short").unwrap(),
        &|| {
            fs::write(&own, super::support::noise(700_001, 6)).unwrap();
            let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
            fs::File::options().write(true).open(&own).unwrap().set_modified(long_ago).unwrap();
        },
        &|| fs::remove_file(&own).unwrap(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        change();
        let device = device(&[]);
        match bench.write(&plan, &device) {
            Err(EngineError::Source(SourceError::Changed { path })) if number < 3 => assert_eq!(path, own),
            Err(EngineError::Source(SourceError::Open { path, .. })) if number == 3 => assert_eq!(path, own),
            other => panic!("change {number}: {other:?}"),
        }
        assert_looks_empty(&device);
    }
    // The image itself.
    let iso = bench.folder.path().join("small.iso");
    let Some(bench) = Bench::new().map(|other| Bench { source: Arc::clone(&bench.source), ..other }) else {
        return;
    };
    let plan = bench.plan(Scheme::Mbr);
    let device = device(&[]);
    fs::File::options().append(true).open(&iso).unwrap().set_len(4096).unwrap();
    let result = bench.write(&plan, &device);
    assert!(matches!(result, Err(EngineError::Source(_))), "{result:?}");
    assert_looks_empty(&device);
}
