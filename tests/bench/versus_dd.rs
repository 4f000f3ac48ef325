//! `cargo bench`: write and verify beside `dd` and `cmp` doing the same, in turn, as ratios. Needs Linux and root, and
//! memory for an image and two loop devices.
//!
//! The devices are files in memory behind loop devices with direct I/O, so that neither a disk nor the page cache is
//! measured. Every run is preceded by junk on the device and checked after.
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use support::{LoopDevice, noise};

const MIB: usize = 1 << 20;
const IMAGE_MIB: usize = 1024;
const ROUNDS: usize = 5;

fn main() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
        println!("needs /dev/shm: files in memory");
        return;
    };
    let image = folder.path().join("image.raw");
    let backing = folder.path().join("device.raw");
    write_noise(&image, IMAGE_MIB, 1);
    write_noise(&backing, IMAGE_MIB + 8, 2);
    let Some(device) = LoopDevice::attach(&backing, 512, &["--direct-io=on"]) else {
        println!("needs root, for loop devices");
        return;
    };
    let (image, node) = (image.to_str().unwrap(), device.node.to_str().unwrap());
    let ours = env!("CARGO_BIN_EXE_sticksmith");
    let write_dd = format!("dd if={image} of={node} bs=4M oflag=direct conv=fsync status=none");
    let read_dd =
        format!("dd if={node} bs=4M iflag=direct status=none | cmp -n {} - {image}", IMAGE_MIB * MIB);
    let write = format!("{ours} --quiet write --yes {image} {node}");

    println!(
        "{IMAGE_MIB} MiB of noise, {ROUNDS} rounds in turn, median seconds (ratio to dd, round by round)\n"
    );
    race("write", &write_dd, &[("sticksmith", &format!("{write} --no-verify --no-hash"))], &backing);
    let both = format!("{write_dd} && {read_dd}");
    race(
        "write + verify",
        &both,
        &[("sticksmith", &format!("{write} --no-hash")), ("with SHA-256", &write)],
        &backing,
    );
    race(
        "verify only",
        &read_dd,
        &[("sticksmith", &format!("{ours} --quiet check {node} {image}"))],
        Path::new(""),
    );
}

/// Runs every command in every round and prints a line each. `junk`: a file to spoil before each run.
fn race(title: &str, yardstick: &str, others: &[(&str, &str)], junk: &Path) {
    let commands: Vec<(&str, &str)> =
        std::iter::once(("dd", yardstick)).chain(others.iter().copied()).collect();
    let mut secs = vec![Vec::new(); commands.len()];
    for _ in 0..ROUNDS {
        for (index, (name, command)) in commands.iter().enumerate() {
            if junk.is_file() {
                spoil(junk);
            }
            let start = Instant::now();
            let status = Command::new("sh").args(["-c", command]).stdout(Stdio::null()).status().unwrap();
            secs[index].push(start.elapsed().as_secs_f64());
            assert!(status.success(), "{name} failed: {command}");
        }
    }
    println!("{title}");
    for ((name, _), runs) in commands.iter().zip(&secs) {
        let ratios: Vec<f64> = runs.iter().zip(&secs[0]).map(|(run, dd)| run / dd).collect();
        println!("  {name:<14} {:.2} s  ({:.2} x dd)", median(runs), median(&ratios));
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn write_noise(path: &Path, mib: usize, seed: u64) {
    let mut file = File::create(path).unwrap();
    for block in 0..mib {
        file.write_all(&noise(MIB, seed * 100_000 + block as u64)).unwrap();
    }
}

/// Changes a page in every MiB, so that a run which writes nothing cannot pass.
fn spoil(path: &Path) {
    use std::os::unix::fs::FileExt;
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    for offset in (0..file.metadata().unwrap().len()).step_by(MIB) {
        file.write_all_at(&[0xD1; 4096], offset).unwrap();
    }
}
