//! An install image in parts is the same image to wimlib.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::judges::{Volume, assert_same, files_of, judge, judge_list, judge_table};
use super::media::{Iso, SEVEN_BOTH, SEVEN_X64, by_hand, lab_iso, lab_once, md5_of_tree, small_tree, tools};
use super::stick::{MIB, Stick, ended, sticksmith};
use super::support::{LoopDevice, run};

/// The stick holds the ISO's files with `install.wim` in parts; every image comes out of them as out of the original.
fn holds_in_parts(iso: &Iso, stick: &Stick, more: &[&str], most: u64, images: u32) -> usize {
    let ended = stick.write(&iso.path, more).with(0);
    let mut expected = files_of(iso, true);
    expected.remove("sources/install.wim").unwrap();
    let count = (1..)
        .take_while(|part| stick_has(stick, &part_name(*part)))
        .inspect(|part| {
            expected.insert(part_name(*part), None);
        })
        .count();
    judge(stick, "mbr", &ended, &expected);
    let sources = stick.path("by-7z/sources");
    for part in 1..=count {
        let len = fs::metadata(sources.join(part_name(part).trim_start_matches("sources/"))).unwrap().len();
        assert!(len <= most, "part {part} has {len} bytes");
    }
    let original = stick.path("original");
    iso.extract("sources/install.wim", &original);
    let first = sources.join("install.swm");
    let all = format!("--ref={}/install*.swm", sources.display());
    let first = first.to_str().unwrap();
    run("wimlib-imagex", &["verify", first, &all]);
    for image in 1..=images {
        let image = image.to_string();
        let tree = |arguments: &[&str]| {
            let folder = stick.path("applied");
            let of_image =
                [&["apply", arguments[0], &image, folder.to_str().unwrap()], &arguments[1..]].concat();
            run("wimlib-imagex", &of_image);
            let tree = md5_of_tree(&folder);
            fs::remove_dir_all(folder).unwrap();
            tree
        };
        let from_parts = tree(&[first, &all]);
        assert!(from_parts.contains_key("Windows/System32/ntoskrnl.exe"));
        assert!(
            from_parts == tree(&[original.join("sources/install.wim").to_str().unwrap()]),
            "image {image}"
        );
    }
    count
}

fn part_name(part: usize) -> String {
    if part == 1 { "sources/install.swm".to_owned() } else { format!("sources/install{part}.swm") }
}

fn stick_has(stick: &Stick, path: &str) -> bool {
    let status = Command::new("mdir")
        .args(["-b", "-i", &stick.mtools_drive(), &format!("::/{path}")])
        .env("MTOOLS_SKIP_CHECK", "1")
        .output()
        .unwrap();
    status.status.success()
}

#[test]
fn parts_of_the_size_that_is_asked_for() {
    if !tools() {
        return;
    }
    for (kind, size, bytes, parts) in
        [(SEVEN_X64, "8M", 8 * MIB, 3..), (SEVEN_BOTH, "6000K", 6000 << 10, 4..)]
    {
        let stick = Stick::new(1 << 30);
        // A resource is never cut: the payload of 8 MiB takes a part of its own that is larger.
        let count = holds_in_parts(&lab_iso(kind), &stick, &["--split-size", size], bytes.max(9 * MIB), 2);
        assert!(parts.contains(&count), "{count} parts");
    }
}

#[test]
fn an_image_that_is_small_enough_stays_whole() {
    if !tools() {
        return;
    }
    let iso = lab_iso(SEVEN_X64);
    let stick = Stick::new(1 << 30);
    let ended = stick.write(&iso.path, &["--split-size", "64M"]).with(0);
    judge(&stick, "mbr", &ended, &files_of(&iso, true));
}

/// The full size, with as little disk space as that takes.
#[test]
#[ignore = "minutes, 15 GB of disk: cargo test --test windows_stick -- --ignored more_than_4_gib"]
fn more_than_4_gib() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let iso = lab_once(folder.path(), &["--windows", "7", "--install-mib", "4400"]);
    let stick = Stick::new(8_000_000_000);
    let ended = stick.write(&iso.path, &[]).with(0);
    judge_table(&stick, "mbr");
    let (start, len) = stick.partition();
    let place = ["--offset", &start.to_string(), "--sizelimit", &len.to_string()].map(str::to_owned);
    let Some(device) = LoopDevice::attach(&stick.image, 512, &[&place[0], &place[1], &place[2], &place[3]])
    else {
        return;
    };
    let volume = Volume { image: device.node.clone(), start, len };
    let checked = volume.fsck();
    let extracted = folder.path().join("extracted");
    let found = volume.extract_by_mtools(&extracted);
    drop(device);
    let mut expected = files_of(&iso, true);
    expected.remove("sources/install.wim").unwrap();
    for part in [1, 2] {
        expected.insert(part_name(part), None);
        let len = fs::metadata(extracted.join(part_name(part))).unwrap().len();
        assert!(len <= 3800 << 20, "part {part} has {len} bytes");
    }
    assert_same(&found, &expected);
    judge_list(&extracted, &found);
    let written = ended.event["report"]["bytes_written"].as_u64().unwrap();
    let payload: u64 = found.keys().map(|path| fs::metadata(extracted.join(path)).unwrap().len()).sum();
    assert!(
        written <= payload + payload / 50 && written <= start + checked.used_end(),
        "{written} for {payload}"
    );

    fs::remove_file(&stick.image).unwrap();
    let sources = extracted.join("sources");
    let (first, all) = (sources.join("install.swm"), format!("--ref={}/install*.swm", sources.display()));
    run("wimlib-imagex", &["verify", first.to_str().unwrap(), &all]);
    let original = folder.path().join("original");
    iso.extract("sources/install.wim", &original);
    for image in ["1", "2"] {
        let of_parts = hashes(&first, image);
        assert!(of_parts.len() > 20, "{of_parts:?}");
        assert!(of_parts == hashes(&original.join("sources/install.wim"), image), "image {image}");
    }
}

/// Path and SHA-1 of everything in an image, as wimlib lists them. (Sizes it knows only of what lies in this part.)
fn hashes(wim: &Path, image: &str) -> Vec<String> {
    let listed = run("wimlib-imagex", &["dir", "--detailed", wim.to_str().unwrap(), image]);
    let wanted = ["Full Path", "Hash ", "Attributes"];
    let lines =
        listed.lines().map(str::trim).filter(|line| wanted.iter().any(|start| line.starts_with(start)));
    lines.map(str::to_owned).collect()
}

/// A solid image has no pieces that could be dealt out.
#[test]
#[ignore = "slow, 5 GB of disk: cargo test --test windows_stick -- --ignored a_solid_image_over_4_gib"]
fn a_solid_image_over_4_gib_is_refused() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path().join("root");
    small_tree(&root);
    let captured = folder.path().join("captured");
    fs::create_dir(&captured).unwrap();
    fs::write(captured.join("file.txt"), "content of an image").unwrap();
    let esd = root.join("sources/install.esd");
    let (from, to) = (captured.to_str().unwrap(), esd.to_str().unwrap());
    run("wimlib-imagex", &["capture", from, to, "Windows", "--solid", "--no-acls"]);
    fs::File::options().write(true).open(&esd).unwrap().set_len((1 << 32) + 1).unwrap();
    let iso = folder.path().join("solid.iso");
    by_hand(&root, &iso, "SOLID");
    let stick = Stick::new(8 << 30);
    let refused = stick.write(&iso, &["--split-size", "2G"]).with(2);
    refused.says("sources/install.esd has 4.3 GB").says("solid").says("wimlib-imagex export");
    stick.assert_untouched();
    let arguments = ["--json", "plan", iso.to_str().unwrap(), stick.text()];
    ended(&sticksmith(&arguments)).with(2);
}
