//! The program on the system's own block devices: loop devices with sectors of 512 and 4096 bytes.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use support::{LoopDevice, file, noise, run, skip_unless, tool};

const MIB: usize = 1 << 20;

fn sticksmith(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sticksmith")).args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A device full of junk, and the file behind it.
fn device(
    folder: &Path,
    len: usize,
    sector_bytes: u32,
    more: &[&str],
) -> Option<(LoopDevice, std::path::PathBuf)> {
    let backing = file(folder, &format!("device-{sector_bytes}.raw"), &noise(len, 99));
    Some((LoopDevice::attach(&backing, sector_bytes, more)?, backing))
}

#[test]
fn hybrid_isos_are_written_proved_and_checked() {
    let isos = [
        "/usr/lib/memtest86+/memtest86+x64.iso",
        "/usr/lib/grub-rescue/grub-rescue-cdrom.iso",
        "/usr/lib/ipxe/ipxe.iso",
    ];
    for iso in isos {
        if !skip_unless(Path::new(iso).exists(), iso) {
            continue;
        }
        let image = fs::read(iso).unwrap();
        for sector in [512, 4096] {
            let folder = tempfile::tempdir().unwrap();
            let Some((device, backing)) = device(folder.path(), 24 * MIB, sector, &[]) else { return };
            let node = device.node.to_str().unwrap();
            let output = sticksmith(&["write", "--yes", iso, node]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output));
            drop(device);
            let written = fs::read(&backing).unwrap();
            assert!(written[..image.len()] == image, "{iso} on sectors of {sector}");
            assert!(
                written[written.len() - MIB..].iter().all(|b| *b == 0),
                "the place of the old backup GPT"
            );
            assert!(written[image.len() + 4096..][..MIB] == noise(24 * MIB, 99)[image.len() + 4096..][..MIB]);

            let device = LoopDevice::attach(&backing, sector, &[]).unwrap();
            let node = device.node.to_str().unwrap();
            assert_eq!(sticksmith(&["check", node, iso]).status.code(), Some(0));
            drop(device);
            let mut spoiled = written;
            spoiled[image.len() / 2] ^= 1;
            fs::write(&backing, &spoiled).unwrap();
            let device = LoopDevice::attach(&backing, sector, &[]).unwrap();
            let output = sticksmith(&["check", device.node.to_str().unwrap(), iso]);
            assert_eq!(output.status.code(), Some(3), "{}", text(&output));
            assert!(text(&output).contains(&(image.len() / 2).to_string()), "{}", text(&output));
        }
    }
}

#[test]
fn a_device_that_is_read_only_held_or_gone_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let image = file(folder.path(), "image.raw", &noise(2 * MIB, 5));
    let image = image.to_str().unwrap();

    let Some((read_only, backing)) = device(folder.path(), 4 * MIB, 512, &["--read-only"]) else { return };
    let node = read_only.node.to_str().unwrap().to_owned();
    let output = sticksmith(&["write", "--yes", image, &node]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("protected"), "{}", text(&output));
    drop(read_only);

    let output = sticksmith(&["write", "--yes", image, &node]);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{}", text(&output));

    let device = LoopDevice::attach(&backing, 512, &[]).unwrap();
    let node = device.node.to_str().unwrap();
    let _held = {
        use std::os::unix::fs::OpenOptionsExt;
        // O_EXCL on a block device claims it, as a mount does.
        fs::OpenOptions::new().read(true).custom_flags(0o200).open(node).unwrap()
    };
    let output = sticksmith(&["write", "--yes", image, node]);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{}", text(&output));
    assert!(text(&output).contains("in use"), "{}", text(&output));
    assert!(fs::read(&backing).unwrap() == noise(4 * MIB, 99), "a refused device was changed");
}

#[test]
fn a_mounted_device_and_the_device_that_holds_the_image_are_refused() {
    if !tool("mkfs.ext4") || !tool("mount") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some((device, _backing)) = device(folder.path(), 16 * MIB, 512, &[]) else { return };
    let node = device.node.to_str().unwrap();
    run("mkfs.ext4", &["-q", "-F", node]);
    let mount = folder.path().join("mnt");
    fs::create_dir(&mount).unwrap();
    let mount = mount.to_str().unwrap();
    let mounted = Command::new("mount").args([node, mount]).status().unwrap().success();
    if !skip_unless(mounted, "the right to mount ext4") {
        return;
    }
    let inside = file(Path::new(mount), "image.raw", &noise(MIB, 5));
    let outside = file(folder.path(), "image.raw", &noise(MIB, 5));
    let outputs: Vec<Output> = [&inside, &outside]
        .map(|image| sticksmith(&["write", "--yes", image.to_str().unwrap(), node]))
        .into();
    run("umount", &[mount]);
    for output in outputs {
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    }
    run("e2fsck", &["-fn", node]);
}

#[test]
fn a_program_that_is_killed_leaves_a_stick_that_looks_empty() {
    let folder = tempfile::tempdir().unwrap();
    let image = file(folder.path(), "image.raw", &noise(192 * MIB, 5));
    let Some((device, backing)) = device(folder.path(), 200 * MIB, 512, &[]) else { return };
    let node = device.node.to_str().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sticksmith"))
        .args(["--quiet", "write", "--yes", image.to_str().unwrap(), node])
        .spawn()
        .unwrap();
    // Until something behind the first block has arrived.
    let started = Instant::now();
    let junk = noise(200 * MIB, 99);
    loop {
        use std::os::unix::fs::FileExt;
        let mut page = [0; 4096];
        fs::File::open(&backing).unwrap().read_exact_at(&mut page, 2 * MIB as u64).unwrap();
        if page != junk[2 * MIB..2 * MIB + 4096] {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "nothing was written");
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    if status.signal().is_some() {
        // Nobody writes on after the death of the program.
        assert!(fs::read(&backing).unwrap()[..MIB].iter().all(|b| *b == 0), "the stick does not look empty");
    }
}
