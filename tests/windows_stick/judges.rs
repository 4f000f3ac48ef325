//! What outside tools say of a stick that was made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::media::{Iso, md5_of_tree};
use super::stick::{Ended, MIB, Stick, run_in_unicode};
use super::support::{LoopDevice, run};

/// The volume of a stick.
pub struct Volume {
    pub image: PathBuf,
    pub start: u64,
    pub len: u64,
}

/// What fsck.fat says of a volume.
#[derive(Debug)]
pub struct Checked {
    pub cluster_bytes: u64,
    pub clusters: u64,
    pub used_clusters: u64,
    pub data_start: u64,
}

impl Checked {
    /// The first byte behind everything that is in use, if that is one piece.
    pub fn used_end(&self) -> u64 {
        self.data_start + self.used_clusters * self.cluster_bytes
    }
}

impl Volume {
    pub fn text(&self) -> &str {
        self.image.to_str().unwrap()
    }

    /// Clean, or a panic with what fsck.fat found.
    #[track_caller]
    pub fn fsck(&self) -> Checked {
        let said = run("fsck.fat", &["-n", "-v", self.text()]);
        for word in ["rong", "differ", "orrect", "Dirty", "dirty", "lost", "Orphan", "cluster chain"] {
            assert!(!said.contains(word), "{said}");
        }
        let number = |words: &str| -> u64 {
            let line = said.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{said}"));
            let digits = line.trim().split(words).next().unwrap().rsplit(' ').next().unwrap();
            digits.parse().unwrap_or_else(|_| panic!("{line}"))
        };
        let (_, start) = said.split_once("Data area starts at byte ").unwrap();
        let last = said.lines().last().unwrap();
        let used = last.split_once("files, ").unwrap().1.split('/').next().unwrap();
        Checked {
            cluster_bytes: number(" bytes per cluster"),
            clusters: number(" data clusters"),
            used_clusters: used.parse().unwrap(),
            data_start: start.split_whitespace().next().unwrap().parse().unwrap(),
        }
    }

    /// `LABEL`, `UUID`… as blkid has them.
    pub fn blkid(&self) -> BTreeMap<String, String> {
        let said = run("blkid", &["-p", "-o", "export", self.text()]);
        said.lines()
            .filter_map(|line| line.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect()
    }

    /// Every file as 7z reads it: its MD5 by path. The files stay in `folder`.
    pub fn extract_by_7z(&self, folder: &Path) -> BTreeMap<String, String> {
        run("7z", &["x", "-y", &format!("-o{}", folder.display()), self.text()]);
        md5_of_tree(folder)
    }

    /// The same by mtools.
    pub fn extract_by_mtools(&self, folder: &Path) -> BTreeMap<String, String> {
        fs::create_dir(folder).unwrap();
        run_in_unicode("mcopy", &["-s", "-n", "-Q", "-i", self.text(), "::/", folder.to_str().unwrap()]);
        md5_of_tree(folder)
    }
}

/// When each file and folder was changed, by its path, as 7z lists an archive of this type: to the second, in UTC.
pub fn times(archive: &str, kind: &str) -> BTreeMap<String, String> {
    let output = Command::new("7z")
        .args(["l", "-slt", &format!("-t{kind}"), archive])
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, entries) = text.split_once("\n----------\n").unwrap();
    let mut found = BTreeMap::new();
    for entry in entries.split("\n\n") {
        let value = |name: &str| entry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        if let (Some(path), Some(modified)) = (value("Path"), value("Modified")) {
            found.insert(path.to_owned(), modified.get(..19).unwrap_or(modified).to_owned());
        }
    }
    found
}

/// Everything that must hold of a stick that was made. `expected` are its files, with their MD5 where that is known. What
/// 7z took out of it stays in the stick's folder `by-7z`.
#[track_caller]
pub fn judge(
    stick: &Stick,
    scheme: &str,
    ended: &Ended,
    expected: &BTreeMap<String, Option<String>>,
) -> Volume {
    judge_table(stick, scheme);
    let volume = stick.volume();
    let checked = volume.fsck();
    assert_eq!(volume.start, MIB);
    assert_eq!((volume.start + checked.data_start) % MIB, 0, "the data region is not aligned");

    // One free space: what is in use is one piece, and behind it is what was there before, up to the last MiB.
    let used_end = volume.start + checked.used_end();
    let last = stick.size_bytes / stick.sector_bytes * stick.sector_bytes - MIB;
    assert!(used_end < stick.front_bytes);
    stick.assert_junk(used_end, stick.front_bytes.min(last) - used_end);
    if last > stick.front_bytes {
        stick.assert_junk(last - MIB / 2, MIB / 2);
    }
    // Everything in front of it was written once, and nothing else but a table at the end.
    let written = ended.event["report"]["bytes_written"].as_u64().unwrap();
    let backup = if scheme == "gpt" { (16384 / stick.sector_bytes + 1) * stick.sector_bytes } else { 0 };
    assert!(
        written <= used_end + backup && written + checked.cluster_bytes > used_end + backup,
        "{written} {used_end}"
    );
    assert_eq!(ended.event["report"]["proof"]["verified_bytes"].as_u64(), Some(written));

    // No byte in the gap but the table's.
    let table = if scheme == "gpt" { 2 * stick.sector_bytes + 16384 } else { 512 };
    assert!(stick.read(table, (MIB - table) as usize).iter().all(|byte| *byte == 0), "the gap is not empty");

    let extracted = stick.path("by-7z");
    let by_7z = volume.extract_by_7z(&extracted);
    assert_same(&by_7z, expected);
    // mtools knows 16 bits of a character.
    let of_16_bits = |c: char| if c.len_utf16() == 1 { c.to_string() } else { "__".to_owned() };
    let expected =
        expected.iter().map(|(path, md5)| (path.chars().map(of_16_bits).collect(), md5.clone())).collect();
    let by_mtools = stick.path("by-mtools");
    assert_same(&volume.extract_by_mtools(&by_mtools), &expected);
    fs::remove_dir_all(by_mtools).unwrap();

    judge_list(&extracted, &by_7z);
    volume
}

/// The list of checksums names every file that was found below `extracted`, and every file is right.
#[track_caller]
pub fn judge_list(extracted: &Path, found: &BTreeMap<String, String>) {
    let said = Command::new("sha256sum")
        .args(["--check", "--strict", "sticksmith.sha256"])
        .current_dir(extracted)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    // What sha256sum warns of are the lines for people; strict counts those that are neither.
    assert!(
        text.lines().all(|line| line.ends_with(": OK")),
        "{text}{}",
        String::from_utf8_lossy(&said.stderr)
    );
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let mut listed: Vec<&str> = text.lines().filter_map(|line| line.strip_suffix(": OK")).collect();
    listed.sort_unstable();
    let all: Vec<&str> =
        found.keys().map(String::as_str).filter(|path| *path != "sticksmith.sha256").collect();
    assert_eq!(listed, all);
}

/// The table is in order, with one partition of the right type.
#[track_caller]
pub fn judge_table(stick: &Stick, scheme: &str) {
    let device = (stick.sector_bytes != 512)
        .then(|| LoopDevice::attach(&stick.image, stick.sector_bytes as u32, &[]).unwrap());
    let node = device.as_ref().map_or(stick.text(), |device| device.node.to_str().unwrap());
    let said = run("sfdisk", &["--verify", node]);
    assert!(said.contains("No errors detected"), "{said}");
    let dump = run("sfdisk", &["--dump", node]);
    if scheme == "gpt" {
        let said = run("sgdisk", &["--verify", node]);
        assert!(said.contains("No problems found"), "{said}");
        assert!(dump.contains("type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"), "{dump}");
    } else {
        assert!(dump.contains("type=c, bootable"), "{dump}");
    }
}

/// The same paths, and the same content where it is known. Says only where they differ.
#[track_caller]
pub fn assert_same(found: &BTreeMap<String, String>, expected: &BTreeMap<String, Option<String>>) {
    let missing: Vec<_> = expected.keys().filter(|path| !found.contains_key(*path)).collect();
    let more: Vec<_> = found.keys().filter(|path| !expected.contains_key(*path)).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing: {missing:?}, nobody's: {more:?}");
    for (path, md5) in expected {
        assert!(md5.as_ref().is_none_or(|md5| *md5 == found[path]), "{path} has other bytes");
    }
}

/// What a stick of `iso` has to hold: its files, and what the program adds.
pub fn files_of(iso: &Iso, loader: bool) -> BTreeMap<String, Option<String>> {
    let mut files: BTreeMap<String, Option<String>> =
        iso.files.iter().map(|(path, md5)| (path.clone(), Some(md5.clone()))).collect();
    // genisoimage's catalogue of boot images: a file of UDF too, without content there.
    files.insert("boot.cat".to_owned(), None);
    files.insert("sticksmith.sha256".to_owned(), None);
    if loader {
        // The lab has put one and the same program into the images and into the root.
        files.insert("efi/BOOT/BOOTX64.EFI".to_owned(), Some(iso.files["bootmgr.efi"].clone()));
    }
    files
}
