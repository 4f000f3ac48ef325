//! Drives and images that fail under a job: what is said, how it ends, what the drive holds afterwards, and that the same
//! program writes the next stick. What only real USB shows is in `usb_lab/faults.rs`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

#[path = "faults/bench.rs"]
mod bench;
#[cfg(feature = "gui")]
#[path = "window/fake.rs"]
mod fake;
#[cfg(feature = "gui")]
#[path = "faults/window.rs"]
mod window;

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bench::{Bench, DRIVE_BYTES, IMAGE_BYTES, MIB, ended, left_empty, said, until_writing, words};
use sticksmith::job::{Ending, Event, Phase};
use support::device::{Call, Fault, JUNK, TestDevice};
use support::{file, noise, skip_unless};

const EMPTY: &str =
    "The drive was left empty on purpose: no computer starts from it. Write it again before use.";
const PERHAPS: &str = "The start of the drive may have been erased already. Write it again before use.";

#[test]
fn a_stick_that_is_pulled_out_in_any_phase_is_told_and_followed_by_the_next_one() {
    let bench = Bench::new();
    let (end, middle) = (DRIVE_BYTES as u64 - 512, 3 * MIB as u64);
    for (fault, phase, place, state) in [
        (
            Fault::UnplugAtWrite { at: end },
            Phase::Wiping,
            "Writing at byte 15728640 (1048576 bytes)",
            PERHAPS,
        ),
        (Fault::UnplugAtSync { nth: 0 }, Phase::Wiping, "Flushing", PERHAPS),
        (
            Fault::UnplugAtWrite { at: middle },
            Phase::Writing,
            "Writing at byte 3145728 (1048576 bytes)",
            EMPTY,
        ),
        (Fault::UnplugAtSync { nth: 1 }, Phase::Syncing, "Flushing", EMPTY),
        (
            Fault::UnplugAtRead { at: middle },
            Phase::Verifying,
            "Reading at byte 3145728 (1048576 bytes)",
            EMPTY,
        ),
    ] {
        let device = bench.device(&[fault]);
        let events = bench.write(&device);
        let mut phases =
            events.iter().filter_map(|e| if let Event::Phase { phase } = e { Some(*phase) } else { None });
        assert_eq!(phases.next_back(), Some(phase), "{fault:?}");
        let message = said(&events, "failed");
        assert!(message.starts_with(place) && message.contains("the drive is gone"), "{fault:?}: {message}");
        assert!(message.ends_with(state), "{fault:?}: {message}");
        left_empty(&device);
        bench.the_next_one_is_written();
    }
}

#[test]
fn a_stick_that_is_pulled_out_when_its_first_block_is_under_way_is_not_called_empty() {
    let bench = Bench::new();
    let device = bench.device(&[Fault::UnplugAtSync { nth: 2 }]);
    let message = said(&bench.write(&device), "failed");
    assert!(message.contains("whether that one is right is not known"), "{message}");
    bench.the_next_one_is_written();
}

#[test]
fn a_medium_that_fails_at_a_sector_is_named_with_the_sector() {
    let bench = Bench::new();
    let at = 4 * MIB as u64 + 512;
    for (fault, verb) in [(Fault::FailWrite { at }, "Writing"), (Fault::FailRead { at }, "Reading")] {
        let device = bench.device(&[fault]);
        let message = said(&bench.write(&device), "failed");
        let place = format!("{verb} at byte 4194304 (1048576 bytes): the medium reports an error");
        assert!(message.starts_with(&place) && message.ends_with(EMPTY), "{message}");
        left_empty(&device);
        bench.the_next_one_is_written();
    }
}

#[test]
fn a_stick_that_becomes_read_only_is_told_from_one_that_breaks() {
    let bench = Bench::new();
    let device = bench.device(&[Fault::ReadOnlyAfter { bytes: 4 * MIB as u64 }]);
    let message = said(&bench.write(&device), "failed");
    assert!(message.contains("it is write-protected") && message.ends_with(EMPTY), "{message}");
    left_empty(&device);
    bench.the_next_one_is_written();

    // From its first byte on: nothing was changed, and nobody can say so.
    let device = bench.device(&[Fault::ReadOnlyAfter { bytes: 0 }]);
    let message = said(&bench.write(&device), "failed");
    assert!(message.contains("it is write-protected") && message.ends_with(PERHAPS), "{message}");
    assert!(device.bytes().iter().all(|byte| *byte == JUNK));
}

#[test]
fn a_write_that_hangs_is_given_up_and_the_drive_let_go_when_it_answers() {
    let bench = Bench::new();
    let device = bench.device(&[Fault::HangWrite { at: 3 * MIB as u64 }]);
    let job = bench.start(&device);
    let mut events = until_writing(&job);
    device.wait_until_hanging();
    job.cancel();
    events.extend(job.events.iter());
    let message = said(&events, "cancelled");
    assert!(
        message.starts_with(
            "Cancelled, but the drive has not answered its last command yet. Unplug it, or wait"
        ),
        "{message}"
    );
    assert!(message.ends_with(EMPTY), "{message}");
    // It hangs still.
    bench.the_next_one_is_written();
    assert!(Arc::strong_count(&device) > 1);
    device.release();
    // The worker ends, and nobody holds the drive any more.
    bench::wait_until("the drive is let go", || Arc::strong_count(&device) == 1);
    let calls = device.calls();
    assert!(
        matches!(calls.last(), Some(Call::Write { offset, .. }) if *offset == 3 * MIB as u64),
        "{:?}",
        calls.last()
    );
    left_empty(&device);
}

#[test]
fn what_a_drive_drops_or_corrupts_is_counted_and_placed_and_read_twice() {
    let bench = Bench::new();
    let at = 3 * MIB as u64 + 1000;
    let holds = "A second read gave the same wrong bytes: the drive holds them.";
    for (faults, count, again) in [
        (
            vec![Fault::Corrupt { at }],
            "One byte differs in one place (1 sector), the first at byte 3146728.".to_owned(),
            holds,
        ),
        (
            vec![
                Fault::Corrupt { at },
                Fault::Corrupt { at: at + 512 },
                Fault::Corrupt { at: 6 * MIB as u64 },
            ],
            "3 bytes differ in 3 places (3 sectors), the first at byte 3146728, the last at byte 6291456."
                .to_owned(),
            holds,
        ),
        (
            vec![Fault::FlakyRead { at }],
            "One byte differs in one place (1 sector), the first at byte 3146728.".to_owned(),
            "A second read gave the right bytes: the reader, port or cable is unreliable. Try another port.",
        ),
        (
            vec![Fault::RandomRead { at }],
            "One byte differs in one place (1 sector), the first at byte 3146728.".to_owned(),
            "A second read gave other wrong bytes: the drive or its connection is failing.",
        ),
    ] {
        let device = bench.device(&faults);
        let events = bench.write(&device);
        assert_eq!(said(&events, "different"), format!("{count} {again} {EMPTY}"), "{faults:?}");
        left_empty(&device);
        bench.the_next_one_is_written();
    }

    // A whole block keeps what it held, but for the bytes that happen to be right.
    let device = bench.device(&[Fault::DropWrite { at: 2 * MIB as u64 }]);
    let events = bench.write(&device);
    let Ending::Different { report } = ended(&events) else { panic!("{events:?}") };
    let (proof, json) = (&report.proof, report.to_json());
    let wrong = bench.image[2 * MIB..3 * MIB].iter().filter(|byte| **byte != JUNK).count() as u64;
    assert_eq!((proof.different_bytes, proof.different_sectors), (wrong, 2048));
    let (first, last) = (&proof.mismatches[0], &proof.mismatches[proof.mismatches.len() - 1]);
    assert!(first.offset >= 2 * MIB as u64 && last.offset + last.len <= 3 * MIB as u64);
    assert!(json.contains("\"different_sectors\": 2048") && json.contains("\"flaky\": false"), "{json}");
    assert!(report.to_text().contains(&format!("{wrong} bytes in 2048 sectors")), "{}", report.to_text());
}

#[test]
fn an_image_that_vanishes_shrinks_or_changes_in_mid_write_leaves_an_empty_stick() {
    type Change = fn(&Path);
    let changes: [(Change, &str); 4] = [
        (
            |image| fs::remove_file(image).unwrap(),
            "was removed or renamed while it was being read; bring it back",
        ),
        (
            |image| OpenOptions::new().write(true).open(image).unwrap().set_len(11 * MIB as u64).unwrap(),
            "The image was expected to have 12582912 bytes and has 11534336",
        ),
        (|image| fs::write(image, vec![7; IMAGE_BYTES]).unwrap(), "changed while it was being read"),
        (
            |image| {
                let other = image.with_extension("other");
                fs::write(&other, vec![7; IMAGE_BYTES]).unwrap();
                fs::rename(&other, image).unwrap();
            },
            "changed while it was being read",
        ),
    ];
    for (change, what) in changes {
        let bench = Bench::new();
        // The drive waits with its first block of the image's middle until the image has changed.
        let device = bench.device(&[Fault::HangWrite { at: MIB as u64 }]);
        let job = bench.start(&device);
        let mut events = until_writing(&job);
        device.wait_until_hanging();
        change(&bench.path);
        device.release();
        events.extend(job.events.iter());
        let message = said(&events, "failed");
        assert!(message.contains(what) && message.ends_with(EMPTY), "{message}");
        left_empty(&device);
        fs::write(&bench.path, &bench.image).unwrap();
        bench.the_next_one_is_written();
    }
}

#[test]
fn an_image_that_changes_while_it_is_compared_or_hashed_proves_nothing() {
    let bench = Bench::new();
    let device = bench.device(&[]);
    bench.write(&device);
    let device = device.that_hangs_reading(3 * MIB as u64);
    let job = bench.check(&device);
    device.wait_until_hanging();
    OpenOptions::new().append(true).open(&bench.path).unwrap().set_len(IMAGE_BYTES as u64 + 1).unwrap();
    device.release();
    let events: Vec<Event> = job.events.iter().collect();
    assert!(words(ended(&events)).contains("changed while it was being read"), "{events:?}");
}

#[test]
fn a_device_of_another_size_than_the_chosen_one_is_not_written() {
    let bench = Bench::new();
    for size_bytes in [DRIVE_BYTES - MIB, DRIVE_BYTES + MIB] {
        let device = Arc::new(TestDevice::new(size_bytes, 512, &[]));
        let message = said(&bench.write(&device), "refused");
        assert!(
            message.contains(&format!("its size was {DRIVE_BYTES} bytes and is {size_bytes} now")),
            "{message}"
        );
        assert!(device.calls().is_empty());
        bench.the_next_one_is_written();
    }
}

/// In a mount namespace of its own, with a file system of 2 MiB.
#[test]
fn a_disk_that_runs_full_while_a_drive_is_saved_keeps_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let stick = file(folder.path(), "stick", &noise(6 * MIB, 3));
    let small = folder.path().join("small");
    fs::create_dir(&small).unwrap();
    let in_small = |script: &str| {
        let mount = "mount -t tmpfs -o size=2M none \"$SMALL\" || exit 99; ";
        Command::new("unshare")
            .args(["--mount", "sh", "-c", &format!("{mount}{script}")])
            .env("SMALL", &small)
            .env("STICK", &stick)
            .env("PROGRAM", env!("CARGO_BIN_EXE_sticksmith"))
            .output()
    };
    let may = in_small("true").is_ok_and(|output| output.status.success());
    if !skip_unless(may, "the right to mount (root)") {
        return;
    }
    for name in ["copy.img", "copy.img.gz", "copy.img.xz", "copy.img.zst"] {
        let script = format!(
            "\"$PROGRAM\" --quiet save \"$STICK\" \"$SMALL/{name}\"; echo \"exit $?\"; ls -A \"$SMALL\"; \
             \"$PROGRAM\" --quiet save \"$STICK\" \"$SMALL/../{name}\"; echo \"next $?\""
        );
        let output = in_small(&script).unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(out, "exit 1\nnext 0\n", "{name}: {err}");
        assert!(
            err.contains(&format!("{name}.part failed at byte "))
                || err.contains(&format!("{name} failed at byte ")),
            "{err}"
        );
        assert!(err.contains("No space left on device") && err.contains("No file was left behind."), "{err}");
    }
}

#[test]
fn a_use_that_nobody_agreed_to_end_refuses_the_job() {
    const SWAP: &str = "swap is on /dev/test2";
    const VOLUME: &str = "/dev/test1 is part of the encrypted volume photos";
    let bench = Bench::new();
    for (agreed, words) in [
        (
            &[][..],
            "It is in use: /dev/test1 is part of the encrypted volume photos; swap is on /dev/test2. Lock or",
        ),
        // It came into use after the question.
        (&[SWAP][..], "otherwise than was said: /dev/test1 is part of the encrypted volume photos. Nobody"),
        (&["/dev/test1 is part of the encrypted volume other", SWAP][..], "volume photos. Nobody has agreed"),
    ] {
        let device = bench.device(&[]);
        let said = said(&bench.write_in_use(&device, &[VOLUME, SWAP], agreed), "refused");
        assert!(said.contains(words), "{agreed:?}: {said}");
        assert_eq!(device.calls(), [], "the drive was not touched");
    }
    let device = bench.device(&[]);
    said(&bench.write_in_use(&device, &[VOLUME, SWAP], &[SWAP, VOLUME]), "done");
    assert!(device.bytes()[..IMAGE_BYTES] == bench.image);
}
