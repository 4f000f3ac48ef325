//! Sticks of every size and with sectors of 512 and 4096 bytes, and the smallest that will do.

use super::judges::{files_of, judge};
use super::media::{Iso, SEVEN_X64, TEN_X64, lab_iso, tools};
use super::stick::{MIB, Stick, ended, sticksmith};
use super::support::LoopDevice;

const GB: u64 = 1_000_000_000;

/// Of a volume of this size, as Windows formats it.
fn windows_cluster_bytes(volume_bytes: u64) -> u64 {
    match volume_bytes {
        0..=0x2_0000_0000 => 4096,
        0x2_0000_0001..=0x4_0000_0000 => 8192,
        0x4_0000_0001..=0x8_0000_0000 => 16384,
        _ => 32768,
    }
}

/// Makes a stick, and sees that its file has grown by nothing: the midst is not touched.
fn made(iso: &Iso, stick: &Stick, scheme: &str) {
    let before = stick.allocated_bytes();
    let ended = stick.write(&iso.path, &["--scheme", scheme]).with(0);
    let grown = stick.allocated_bytes().saturating_sub(before);
    assert!(grown < MIB, "{grown} bytes were written where nothing belongs");
    let volume = judge(stick, scheme, &ended, &files_of(iso, false));
    let checked = volume.fsck();
    assert_eq!(checked.cluster_bytes, windows_cluster_bytes(volume.len).max(stick.sector_bytes));
    // All but the first MiB, less than one at the end, and of a GPT its copy.
    let unused = stick.size_bytes - MIB - volume.len;
    assert!(unused < MIB + if scheme == "gpt" { 17 * stick.sector_bytes.max(1024) } else { 0 }, "{unused}");
    assert!(
        checked.data_start + checked.clusters * checked.cluster_bytes + checked.cluster_bytes > volume.len
    );
}

#[test]
fn from_1_gb_to_64_gb() {
    if !tools() {
        return;
    }
    let iso = lab_iso(TEN_X64);
    for (size, scheme) in [
        (GB, "mbr"),
        (GB + 1, "gpt"),
        (1_500_000_001, "mbr"),
        (1_500_000_511, "gpt"),
        (8 * GB + 513, "mbr"),
        (8 << 30, "gpt"),
        (16 * GB - 1, "mbr"),
        (32 * GB + 4097, "gpt"),
        (64 * GB, "mbr"),
    ] {
        made(&iso, &Stick::new(size), scheme);
    }
}

#[test]
#[ignore = "writes 512 MB of allocation tables: cargo test --test windows_stick -- --ignored two_terabytes"]
fn two_terabytes() {
    if !tools() {
        return;
    }
    let iso = lab_iso(TEN_X64);
    for (size, scheme) in [(2000 * GB, "mbr"), ((2 << 40) + 12345, "gpt")] {
        made(&iso, &Stick::with_front(size, 512, 700 * MIB), scheme);
    }
}

/// What an MBR and FAT32 cannot count is left alone, whatever the drive has.
#[test]
fn more_than_two_tebibytes_are_planned_within_what_fat32_counts() {
    if !tools() {
        return;
    }
    let iso = lab_iso(TEN_X64);
    for scheme in ["mbr", "gpt"] {
        let stick = Stick::with_front(3 << 40, 512, MIB);
        let arguments = ["--json", "plan", iso.text(), stick.text(), "--scheme", scheme];
        let plan = ended(&sticksmith(&arguments)).with(0).event;
        let (start, len) = (&plan["stick"]["partition_start"], &plan["stick"]["partition_bytes"]);
        let end = start.as_u64().unwrap() + len.as_u64().unwrap();
        assert!(end <= u64::from(u32::MAX) * 512 && end + MIB > u64::from(u32::MAX) * 512, "{end}");
        stick.assert_untouched();
    }
}

#[test]
fn block_devices_of_either_sector_size() {
    if !tools() {
        return;
    }
    for (kind, loader, sector_bytes, size, scheme) in [
        (SEVEN_X64, true, 512, 3 << 30, "mbr"),
        (TEN_X64, false, 4096, 1_500_000_000 / 4096 * 4096, "mbr"),
        (TEN_X64, false, 4096, 40 << 30, "gpt"),
    ] {
        let iso = lab_iso(kind);
        let stick = Stick::with_front(size, sector_bytes, 80 * MIB);
        let Some(device) = LoopDevice::attach(&stick.image, sector_bytes as u32, &[]) else { return };
        let node = device.node.to_str().unwrap();
        let arguments = ["--json", "write", iso.text(), node, "--yes", "--scheme", scheme];
        let ended = ended(&sticksmith(&arguments)).with(0);
        drop(device);
        let volume = judge(&stick, scheme, &ended, &files_of(&iso, loader));
        assert_eq!(u64::from(stick.read(MIB + 12, 1)[0]) << 8, sector_bytes);
        assert_eq!(volume.fsck().cluster_bytes, windows_cluster_bytes(volume.len));
    }
}

#[test]
fn the_smallest_stick_that_will_do() {
    if !tools() {
        return;
    }
    let iso = lab_iso(SEVEN_X64);
    for scheme in ["mbr", "gpt"] {
        let small = Stick::new(20 << 20);
        let refused = small.write(&iso.path, &["--scheme", scheme]).with(2);
        small.assert_untouched();
        let needed = refused.needed_bytes();
        for (size, status) in [(needed - 1, 2), (needed, 0), (needed + 511, 0)] {
            let stick = Stick::new(size);
            let ended = stick.write(&iso.path, &["--scheme", scheme]).with(status);
            if status == 2 {
                assert_eq!(ended.needed_bytes(), needed);
                stick.assert_untouched();
            } else {
                // No junk is left behind the files; the rest of what holds of a stick holds of this one.
                let volume = stick.volume();
                volume.fsck();
                let found = volume.extract_by_7z(&stick.path("by-7z"));
                assert!(iso.files.iter().all(|(path, md5)| found[path] == *md5));
            }
        }
    }
}
