//! Every kind of media becomes a clean volume with exactly its files.

use std::fs;
use std::process::Command;

use super::judges::{files_of, judge, times};
use super::media::{
    ELEVEN_X64, Kind, SEVEN_BOTH, SEVEN_SPLIT, SEVEN_X64, SEVEN_X86, TEN_SOLID, TEN_X64, VISTA_X64, by_hand,
    lab_iso, small_tree, tools,
};
use super::stick::Stick;
use super::support::run;

/// `loader`: whether one has to be taken out of an image.
fn becomes_a_stick(kind: Kind, scheme: &str, loader: bool, label: &str) -> Option<Stick> {
    if !tools() {
        return None;
    }
    let iso = lab_iso(kind);
    let stick = Stick::new(1_000_000_000 + 1234);
    let ended = stick.write(&iso.path, &["--scheme", scheme]).with(0);
    let volume = judge(&stick, scheme, &ended, &files_of(&iso, loader));
    let ids = volume.blkid();
    assert_eq!((ids["LABEL"].as_str(), ids["LABEL_FATBOOT"].as_str()), (label, label));
    assert_ne!(ids["UUID"], "0000-0000");
    assert_eq!((ids["TYPE"].as_str(), ids["VERSION"].as_str()), ("vfat", "FAT32"));
    Some(stick)
}

const LABEL: &str = "GRMCPRXFRER";

#[test]
fn windows_7_x64() {
    becomes_a_stick(SEVEN_X64, "mbr", true, r"GR_N\ X64_DV");
}

#[test]
fn windows_7_x64_with_gpt() {
    becomes_a_stick(SEVEN_X64, "gpt", true, r"GR_N\ X64_DV");
}

#[test]
fn windows_7_x86() {
    becomes_a_stick(SEVEN_X86, "mbr", false, LABEL);
    if tools() {
        let stick = Stick::new(64 << 20);
        let ended = stick.write(&lab_iso(SEVEN_X86).path, &["--scheme", "gpt"]).with(2);
        ended.says("no loader for UEFI");
        stick.assert_untouched();
    }
}

#[test]
fn windows_7_for_both() {
    becomes_a_stick(SEVEN_BOTH, "mbr", true, LABEL);
}

#[test]
fn windows_10_x64() {
    becomes_a_stick(TEN_X64, "mbr", false, LABEL);
}

#[test]
fn windows_10_x64_with_gpt_and_a_solid_image() {
    becomes_a_stick(TEN_SOLID, "gpt", false, LABEL);
}

#[test]
fn windows_vista_x64() {
    becomes_a_stick(VISTA_X64, "mbr", true, LABEL);
}

#[test]
fn windows_11() {
    becomes_a_stick(ELEVEN_X64, "mbr", false, LABEL);
}

#[test]
fn a_set_that_is_split_already() {
    let Some(stick) = becomes_a_stick(SEVEN_SPLIT, "mbr", true, LABEL) else { return };
    let sources = stick.path("by-7z/sources");
    let (first, all) = (sources.join("install.swm"), format!("--ref={}/install*.swm", sources.display()));
    run("wimlib-imagex", &["verify", first.to_str().unwrap(), &all]);
}

/// Every file and every folder is one piece, and the pieces lie one behind the other.
#[test]
fn files_lie_in_one_piece() {
    if !tools() {
        return;
    }
    let iso = lab_iso(TEN_X64);
    let stick = Stick::new(1 << 30);
    stick.write(&iso.path, &[]).with(0);
    let paths: Vec<String> = iso.files.keys().map(|path| format!("::/{path}")).collect();
    let said = stick.mtools("mshowfat", &paths.iter().map(String::as_str).collect::<Vec<_>>());
    let mut pieces: Vec<(u64, u64)> = Vec::new();
    for line in said.lines() {
        let clusters = line.rsplit_once(' ').map_or("", |(_, clusters)| clusters);
        let numbers = clusters.trim_matches(['<', '>', ';']);
        assert!(!numbers.contains(['<', ' ']), "{line}");
        let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
        if let (Ok(first), Ok(last)) = (first.parse(), last.parse()) {
            pieces.push((first, last));
        }
    }
    let with_content = iso.files.values().filter(|md5| *md5 != "d41d8cd98f00b204e9800998ecf8427e").count();
    assert_eq!(pieces.len(), with_content, "{said}");
    pieces.sort_unstable();
    for pair in pieces.windows(2) {
        // The loader may lie between, the manifest comes last.
        assert!(pair[1].0 > pair[0].1, "{pair:?} overlap");
    }
    let gaps = pieces.windows(2).filter(|pair| pair[1].0 != pair[0].1 + 1).count();
    assert_eq!(gaps, 0, "{pieces:?}");
}

#[test]
fn two_drives_and_two_images_have_numbers_of_their_own() {
    if !tools() {
        return;
    }
    let mut seen = Vec::new();
    for (kind, size) in [(SEVEN_X64, 1_u64 << 30), (SEVEN_X64, (1 << 30) + 512), (TEN_X64, 1 << 30)] {
        let stick = Stick::new(size);
        stick.write(&lab_iso(kind).path, &[]).with(0);
        seen.push(stick.volume().blkid()["UUID"].clone());
        let dump = run("sfdisk", &["--dump", stick.text()]);
        seen.push(dump.lines().find(|line| line.starts_with("label-id")).unwrap().to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 6, "{seen:?}");
}

/// From the age of DOS to after the year 2038; FAT counts in steps of two seconds, and the program rounds down.
#[test]
fn times_are_those_of_the_image() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    small_tree(&root);
    let set = |path: &str, when: &str| {
        let path = root.join(path);
        let status = Command::new("touch").args(["-d", when]).arg(&path).status().unwrap();
        assert!(status.success());
    };
    for (n, when) in [
        "1980-01-01 00:00:01",
        "1999-12-31 23:59:58",
        "2009-07-14 01:02:03",
        "2024-02-29 12:00:00",
        "2039-05-06 07:08:09",
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(root.join(format!("at {n} Größe.txt")), when).unwrap();
        set(&format!("at {n} Größe.txt"), &format!("{when} UTC"));
    }
    set("bootmgr", "2010-11-20 21:29:20 UTC");
    set("sources", "2011-02-03 04:05:07 UTC");
    set("boot", "2001-02-03 04:05:06 UTC");
    let iso = folder.path().join("times.iso");
    by_hand(&root, &iso, "TIMES");
    let stick = Stick::new(64 << 20);
    stick.write(&iso, &[]).with(0);
    let of_image = times(iso.to_str().unwrap(), "udf");
    let of_stick = times(stick.volume().text(), "fat");
    assert!(of_image["sources"].starts_with("2011-02-03 04:05:0"), "{of_image:?}");
    for (path, time) in &of_image {
        let (rest, second) = time.rsplit_once(':').unwrap();
        let even = format!("{rest}:{:02}", second.parse::<u32>().unwrap() / 2 * 2);
        assert_eq!(of_stick[path], even, "{path}");
    }
}
