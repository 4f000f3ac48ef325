//! The user's own files go where they are meant to go, or nothing is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::judges::{files_of, judge, times};
use super::media::{SEVEN_X64, by_hand, lab_iso, md5_of_tree, small_tree, tools};
use super::stick::{Stick, ended, sticksmith};
use super::support::{noise, run};

fn file(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn arguments<'a>(pairs: &'a [(&'a str, String)]) -> Vec<&'a str> {
    pairs.iter().flat_map(|(option, value)| [*option, value.as_str()]).collect()
}

#[test]
fn files_and_folders_are_added_and_replaced() {
    if !tools() {
        return;
    }
    let iso = lab_iso(SEVEN_X64);
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().display().to_string();
    let drivers = folder.path().join("drivers");
    file(&drivers.join("usb3/amd64/xhci driver with a long name.inf"), &noise(5000, 1));
    file(&drivers.join("usb3/amd64/xhci.sys"), &noise(300_001, 2));
    file(&drivers.join("nvme/Größe – Ωmega 日本 😀.cat"), &noise(1, 3));
    file(&drivers.join("nvme/empty.txt"), b"");
    fs::create_dir_all(drivers.join("nvme/no files here")).unwrap();
    file(&folder.path().join("oem/Users/Public/Desktop/Liesmich.txt"), b"Willkommen\r\n");
    file(&folder.path().join("ei.cfg"), b"[Channel]\r\nVolume\r\n");
    file(&folder.path().join("a tool: with colon.exe"), &noise(70_000, 4));
    let touched = std::process::Command::new("touch")
        .args(["-d", "2015-06-07 08:09:10 UTC"])
        .arg(folder.path().join("ei.cfg"))
        .status()
        .unwrap();
    assert!(touched.success());
    let choices = [
        ("--add", format!("{own}/drivers:$WinPEDriver$")),
        ("--add", format!(r"{own}/oem:sources\$OEM$\$1\x")),
        // A name with a colon that exists is a name.
        ("--add", format!("{own}/a tool: with colon.exe")),
        ("--add", format!("{own}/ei.cfg:Support/Logging/")),
        ("--replace", format!("{own}/ei.cfg:SOURCES/EI.CFG")),
    ];
    let stick = Stick::new(1 << 30);
    let refused = stick.write(&iso.path, &arguments(&choices)).with(2);
    // FAT has no colon in names, so that one needs another name there.
    refused.says("a tool: with colon.exe");
    stick.assert_untouched();

    fs::rename(folder.path().join("a tool: with colon.exe"), folder.path().join("tool.exe")).unwrap();
    let choices: Vec<_> =
        choices.into_iter().map(|(o, v)| (o, v.replace("a tool: with colon", "tool"))).collect();
    let ended = stick.write(&iso.path, &arguments(&choices)).with(0);
    let mut expected = files_of(&iso, true);
    let mine: BTreeMap<String, String> = md5_of_tree(folder.path());
    for (path, md5) in &mine {
        let dest = match path.split_once('/') {
            Some(("drivers", rest)) => format!("$WinPEDriver$/{rest}"),
            Some(("oem", rest)) => format!("sources/$OEM$/$1/x/{rest}"),
            _ if path == "ei.cfg" => "support/logging/ei.cfg".to_owned(),
            _ => path.clone(),
        };
        expected.insert(dest, Some(md5.clone()));
    }
    expected.insert("sources/ei.cfg".to_owned(), Some(mine["ei.cfg"].clone()));
    let volume = judge(&stick, "mbr", &ended, &expected);
    assert!(stick.path("by-7z/$WinPEDriver$/nvme/no files here").is_dir());
    let times = times(volume.text(), "fat");
    for path in ["sources/ei.cfg", "support/logging/ei.cfg"] {
        assert_eq!(times[path], "2015-06-07 08:09:10", "{path}");
    }
    // The sums of wrong content would be in the list too: the replaced file's is the one of the user's file.
    let sum = run("sha256sum", &[folder.path().join("ei.cfg").to_str().unwrap()]);
    let list = fs::read_to_string(stick.path("by-7z/sticksmith.sha256")).unwrap();
    assert!(list.contains(&format!("{}  sources/ei.cfg\n", sum.split(' ').next().unwrap())), "{list}");
}

#[test]
fn what_cannot_be_added_is_refused_and_nothing_touched() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    small_tree(&root);
    let iso = folder.path().join("small.iso");
    by_hand(&root, &iso, "SMALL");
    let own = folder.path().display().to_string();
    file(&folder.path().join("file"), b"mine");
    file(&folder.path().join("folder/BCD"), b"mine");
    file(&folder.path().join("cases/readme"), b"a");
    file(&folder.path().join("cases/README"), b"b");
    file(&folder.path().join("bad/CON?.txt"), b"a");
    let long = "n".repeat(250);
    file(&folder.path().join(&long), b"a");
    let large = fs::File::create(folder.path().join("large")).unwrap();
    large.set_len(1 << 32).unwrap();
    let stick = Stick::new(100 << 20);
    for (option, value, status, words) in [
        ("--add", format!("{own}/file:BOOTMGR"), 2, "The stick has BOOTMGR already"),
        ("--add", format!("{own}/folder:boot"), 2, "The stick has "),
        ("--add", format!("{own}/cases"), 2, "The stick has "),
        ("--add", format!("{own}/file:bootmgr/x"), 2, "bootmgr"),
        ("--add", format!("{own}/file:sources"), 2, "The stick has sources already"),
        ("--add", format!("{own}/folder:bootmgr"), 2, "The stick has bootmgr already"),
        ("--add", format!("{own}/file:sticksmith.sha256"), 2, "The stick has sticksmith.sha256 already"),
        ("--replace", format!("{own}/file:none.txt"), 2, "There is no file none.txt"),
        ("--replace", format!("{own}/file:boot"), 2, "There is no file boot"),
        ("--replace", format!("{own}/file:sticksmith.sha256"), 2, "There is no file"),
        ("--add", format!("{own}/file:a*b"), 2, "a*b"),
        ("--add", format!("{own}/file:ends with a blank "), 2, "ends with a blank"),
        ("--add", format!("{own}/file:x/{}", "m".repeat(256)), 2, "mmm"),
        ("--add", format!("{own}/bad"), 2, "CON?.txt"),
        ("--add", format!("{own}/large"), 2, "FAT32 holds files of less than 4 GiB"),
        ("--add", format!("{own}/nothing here"), 1, "nothing here"),
        ("--add", format!("{own}/file:../outside"), 1, "no path on the stick"),
        ("--replace", format!("{own}/folder:boot/bcd"), 1, "single file"),
        ("--add", "/dev/null".to_owned(), 1, "neither a file nor a folder"),
    ] {
        let refused = stick.write(&iso, &[option, &value]);
        assert_eq!(refused.status, status, "{option} {value}: {}", refused.said);
        refused.says(words);
        let plan = ["--json", "plan", iso.to_str().unwrap(), stick.text(), option, &value];
        ended(&sticksmith(&plan)).with(status);
        stick.assert_untouched();
    }
    // What is larger than the drive says how much is needed; with as much, it fits.
    fs::File::create(folder.path().join("large")).unwrap().set_len(90 << 20).unwrap();
    let add = format!("{own}/large");
    let needed = stick.write(&iso, &["--add", &add, "--add", &format!("{own}/{long}")]);
    if needed.status != 0 {
        let stick = Stick::new(needed.with(2).needed_bytes());
        stick.write(&iso, &["--add", &add, "--add", &format!("{own}/{long}")]).with(0);
        stick.volume().fsck();
    }
}
