//! `test`, `wipe` and `restore` from outside: the built program on practice sticks and loop devices, judged by what others
//! say of the result.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use support::{LoopDevice, noise, run, tool};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn sticksmith(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sticksmith")).args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn ends_with(status: i32, args: &[&str]) -> String {
    let output = sticksmith(args);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {text}");
    text
}

/// A sparse stick, with junk where a stick has something.
fn stick(folder: &Path, size_bytes: u64) -> PathBuf {
    let path = folder.join("stick.img");
    let file = File::create(&path).unwrap();
    file.set_len(size_bytes).unwrap();
    let junk = noise(MIB as usize, 5);
    for at in [0, MIB, 2 * MIB, 3 * MIB, size_bytes / 2, size_bytes - MIB] {
        file.write_all_at(&junk, at).unwrap();
    }
    path
}

/// What a tool says, however it ends.
fn tell(program: &str, args: &[&str]) -> (bool, String) {
    let output = Command::new(program).args(args).output().unwrap();
    (output.status.success(), text(&output))
}

/// The whole stick and its one partition, as the system sees them with such sectors.
struct Attached {
    whole: LoopDevice,
    partition: LoopDevice,
}

impl Attached {
    fn new(image: &Path, sector_bytes: u32) -> Option<Self> {
        let whole = LoopDevice::attach(image, sector_bytes, &["--read-only"])?;
        let sfdisk = run("sfdisk", &["--json", whole.node.to_str().unwrap()]);
        // Behind the table comes what it says on standard error.
        let mut tables = serde_json::Deserializer::from_str(&sfdisk).into_iter::<serde_json::Value>();
        let table = tables.next().unwrap().unwrap();
        let entries = table["partitiontable"]["partitions"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{sfdisk}");
        let bytes = |field: &str| (entries[0][field].as_u64().unwrap() * u64::from(sector_bytes)).to_string();
        let place = ["--offset", &bytes("start"), "--sizelimit", &bytes("size")];
        assert_eq!(place[1], MIB.to_string());
        Some(Self { partition: LoopDevice::attach(image, sector_bytes, &place)?, whole })
    }
}

#[test]
fn a_restored_stick_is_sound_for_everyone() {
    if !["sfdisk", "fsck.fat", "fsck.exfat", "dump.exfat", "blkid", "mcopy"].into_iter().all(tool) {
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (size_bytes, sector_bytes, fs, label) in [
        (64 * MIB, 512, "fat32", "FOTOS"),
        (64 * MIB + 512, 512, "exfat", ""),
        (320 * MIB, 4096, "fat32", "MY STICK"),
        (300 * MIB, 4096, "exfat", "Größe und x"),
        (4 * GIB - 512, 512, "fat32", ""),
        (4 * GIB, 512, "exfat", "Fotos"),
        (64_023_257_088, 512, "exfat", "Große Fotos"),
        (2048 * GIB, 512, "exfat", "TWO"),
        (2048 * GIB, 4096, "exfat", "TWO"),
    ] {
        let image = stick(folder.path(), size_bytes);
        let what = format!("{size_bytes}, {sector_bytes}, {fs}");
        {
            let Some(device) = LoopDevice::attach(&image, sector_bytes, &[]) else { return };
            let node = device.node.to_str().unwrap();
            let said = ends_with(0, &["restore", node, "--yes", "--fs", fs, "--label", label]);
            assert!(said.contains("A normal stick again"), "{said}");
        }
        let Some(attached) = Attached::new(&image, sector_bytes) else { return };
        let whole = attached.whole.node.to_str().unwrap();
        let partition = attached.partition.node.to_str().unwrap();
        let verified = run("sfdisk", &["--verify", whole]);
        assert!(verified.contains("No errors detected"), "{what}: {verified}");
        let (is_well, said) = if fs == "fat32" {
            let (is_well, said) = tell("fsck.fat", &["-n", partition]);
            (is_well && said.lines().count() == 2, said)
        } else {
            let (is_well, said) = tell("fsck.exfat", &["-n", partition]);
            (is_well && said.contains("clean"), said)
        };
        assert!(is_well, "{what}: {said}");
        let probed = run("blkid", &["-p", "-o", "export", partition]);
        let kind = if fs == "fat32" { "TYPE=vfat" } else { "TYPE=exfat" };
        assert!(probed.contains(kind), "{what}: {probed}");
        let named = run("blkid", &["-p", "-s", "LABEL", "-o", "value", partition]);
        assert_eq!(named.trim(), label, "{what}");
        if fs == "exfat" {
            let dump = run("dump.exfat", &[partition]);
            let number = |name: &str| -> u64 {
                let line = dump.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap();
                line.split_whitespace().next_back().unwrap().parse().unwrap()
            };
            // The root directory is the last that is used, and clusters are numbered from 2 on.
            let used = number("Root Cluster (cluster offset):") - 1;
            assert_eq!(number("Free Clusters:"), number("Total Clusters:") - used, "{dump}");
        } else {
            let file = folder.path().join("a long name.txt");
            fs::write(&file, noise(100_000, 3)).unwrap();
            let place = format!("{}@@1M", image.display());
            run("mcopy", &["-i", &place, file.to_str().unwrap(), "::"]);
            let back = folder.path().join("back");
            let _ = fs::remove_file(&back);
            run("mcopy", &["-i", &place, "::a long name.txt", back.to_str().unwrap()]);
            assert_eq!(fs::read(back).unwrap(), noise(100_000, 3));
        }
    }
}

#[test]
fn the_file_system_suits_the_size_unless_it_is_chosen() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (size_bytes, kind) in [(GIB, 0x0C), (33 * GIB, 0x07)] {
        let image = stick(folder.path(), size_bytes);
        ends_with(0, &["restore", image.to_str().unwrap(), "-y"]);
        let mut record = [0; 512];
        File::open(&image).unwrap().read_exact_at(&mut record, 0).unwrap();
        assert_eq!((record[446], record[450]), (0, kind), "{size_bytes}");
    }
    let small = stick(folder.path(), 16 * MIB);
    let said = ends_with(2, &["restore", small.to_str().unwrap(), "-y"]);
    assert!(said.contains("FAT32 needs a drive of at least"), "{said}");
    ends_with(0, &["restore", small.to_str().unwrap(), "-y", "--fs", "exfat"]);
    // No two sticks are one.
    let serial = || {
        ends_with(0, &["restore", small.to_str().unwrap(), "-y", "--fs", "exfat"]);
        let mut serial = [0; 4];
        File::open(&small).unwrap().read_exact_at(&mut serial, MIB + 100).unwrap();
        serial
    };
    assert_ne!(serial(), serial());
}

#[test]
fn a_wiped_stick_is_empty_for_everyone() {
    if !["wipefs", "sfdisk", "mkfs.ext4"].into_iter().all(tool) {
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let image = stick(folder.path(), 200 * MIB);
    let Some(device) = LoopDevice::attach(&image, 512, &["--partscan"]) else { return };
    let node = device.node.to_str().unwrap();
    let script = folder.path().join("table");
    fs::write(&script, "label: gpt\nstart=100M, size=64M\n").unwrap();
    let table = File::open(&script).unwrap();
    assert!(Command::new("sfdisk").args(["-q", node]).stdin(table).status().unwrap().success());
    let inner =
        LoopDevice::attach(&image, 512, &["--offset", "104857600", "--sizelimit", "67108864"]).unwrap();
    run("mkfs.ext4", &["-q", inner.node.to_str().unwrap()]);
    assert!(run("wipefs", &[inner.node.to_str().unwrap()]).contains("ext4"));
    drop(inner);

    ends_with(0, &["wipe", node, "--yes"]);
    assert_eq!(run("wipefs", &[node]).trim(), "");
    drop(device);
    // The old partition's file system does not come back with its partition.
    let inner =
        LoopDevice::attach(&image, 512, &["--offset", "104857600", "--sizelimit", "67108864"]).unwrap();
    assert_eq!(run("wipefs", &[inner.node.to_str().unwrap()]).trim(), "");
    drop(inner);

    let path = image.to_str().unwrap();
    File::options().write(true).open(&image).unwrap().write_all_at(b"rest", 70 * MIB).unwrap();
    let said = ends_with(0, &["wipe", path, "--yes", "--full", "--json"]);
    assert!(said.contains("Every byte of the drive is zero"), "{said}");
    assert!(fs::read(&image).unwrap().iter().all(|byte| *byte == 0));
}

#[test]
fn a_practice_stick_is_tested_and_left_empty() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let image = stick(folder.path(), 24 * MIB);
    let path = image.to_str().unwrap();
    let before = fs::read(&image).unwrap();
    let said = ends_with(2, &["test", path]);
    assert!(said.contains("--yes"), "{said}");
    ends_with(2, &["test", path, "--yes", "--serial", "OTHER"]);
    ends_with(2, &["wipe", path, "--yes", "--size", "5"]);
    assert!(fs::read(&image).unwrap() == before, "a refusal touched the stick");

    for how in ["--quick", "--full"] {
        fs::write(&image, &before).unwrap();
        let report = folder.path().join("report.json");
        let said = ends_with(0, &["test", path, "--yes", how, "--report", report.to_str().unwrap()]);
        assert!(said.contains("has the size that it says"), "{said}");
        let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
        assert_eq!(report["capacity"]["at_most_bytes"], 24 * MIB);
        let after = fs::read(&image).unwrap();
        assert!(after[..MIB as usize].iter().all(|byte| *byte == 0));
        assert!(after[23 * MIB as usize..].iter().all(|byte| *byte == 0));
    }
}
