//! `check` says in words what differs, and which differences are only the marks of a mount.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{file, noise, run, tool};

const MIB: usize = 1 << 20;

/// Exit status and everything that was said.
fn check(stick: &Path, image: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sticksmith"))
        .args(["check"])
        .arg(stick)
        .arg(image)
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text)
}

/// An image with one FAT32 partition from 1 MiB on, by the tools that people use.
fn partitioned_image(folder: &Path) -> Vec<u8> {
    let volume = folder.join("volume.raw");
    run("mkfs.fat", &["-C", "-F", "32", "-s", "1", "-n", "WORK", volume.to_str().unwrap(), "40960"]);
    let mut image = vec![0; MIB];
    image.extend(fs::read(volume).unwrap());
    let path = file(folder, "image.raw", &image);
    run("sh", &["-c", &format!("echo '2048,,c,*' | sfdisk -q '{}'", path.display())]);
    fs::read(path).unwrap()
}

#[test]
fn differences_have_names_and_the_marks_of_a_mount_are_known() {
    if !tool("mkfs.fat") || !tool("sfdisk") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = partitioned_image(folder.path());
    let image_file = folder.path().join("image.raw");
    let mut stick = image.clone();
    stick.extend(noise(8 * MIB, 3));
    let stick_file = file(folder.path(), "stick.raw", &stick);
    let (status, text) = check(&stick_file, &image_file);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("Identical"), "{text}");

    // What Linux and Windows do while a FAT32 volume is mounted: the dirty flag, and the count of free clusters.
    stick[MIB + 65] ^= 1;
    stick[MIB + 512 + 488] ^= 1;
    fs::write(&stick_file, &stick).unwrap();
    let (status, text) = check(&stick_file, &image_file);
    assert_eq!(status, 3, "{text}");
    for part in ["2 bytes differ", "is or was mounted", "count of free clusters", "Only marks differ"] {
        assert!(text.contains(part), "“{part}” is missing in\n{text}");
    }

    stick[20 * MIB] ^= 1;
    stick[450] ^= 1;
    fs::write(&stick_file, &stick).unwrap();
    let (status, text) = check(&stick_file, &image_file);
    assert_eq!(status, 3, "{text}");
    assert!(text.contains("4 bytes differ") && text.contains("the partition table"), "{text}");
    assert!(!text.contains("Only marks differ"), "{text}");
}
