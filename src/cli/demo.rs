//! `demo`: the main job without hardware, on a practice stick and an image that are made here.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::base::{ByteSize, MIB};
use crate::device::{self, Drive, create_practice_stick};
use crate::job::{Request, WindowsChoices, WriteRequest};

use super::args::AfterArgs;
use super::console::Console;
use super::follow;
use super::outcome::Exit;
use super::sentence;
use super::window::{NoWindow, WindowStart, has_display};

const STICK_NAME: &str = "practice-stick.img";
const IMAGE_BYTES: u64 = 64 * MIB;
const STICK_BYTES: u64 = 128 * MIB;
/// At the start of the stick, so that what was there before and is replaced can be seen.
const JUNK_BYTES: u64 = 8 * MIB;
const SECTOR_BYTES: u64 = 512;
const PARTITION_START: u64 = MIB;

/// Boot code that prints a line and stops; bytes 440 to 509 are left for signature and partition table.
const BOOT_SECTOR: &[u8; SECTOR_BYTES as usize] = include_bytes!("../../assets/boot/demo.bin");

/// The practice stick of an earlier demo, if it is still there.
pub fn practice_stick() -> Option<Drive> {
    device::practice_stick(&folder(|name| std::env::var_os(name))?.join(STICK_NAME)).ok()
}

pub fn run(
    console: &Console,
    terminal: bool,
    open_window: impl FnOnce(WindowStart) -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    let folder = folder(|name| std::env::var_os(name)).context("neither XDG_CACHE_HOME nor HOME is set")?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let image = folder.join("demo.img");
    let stick = folder.join(STICK_NAME);
    make_image(&image).with_context(|| format!("cannot make the demo image {}", image.display()))?;
    let target = make_stick(&stick)
        .with_context(|| format!("cannot make the practice stick {}", stick.display()))?
        .identity;

    if !terminal && has_display(|name| std::env::var_os(name)) {
        match open_window(WindowStart { image: Some(image.clone()), practice: Some(stick.clone()) }) {
            Ok(()) => return Ok(Exit::Done),
            Err(error) if error.is::<NoWindow>() => {}
            Err(error) => {
                console
                    .error(format_args!("{} The terminal does it instead.", sentence(&format!("{error:#}"))));
            }
        }
    }

    console.notice(format_args!("Image:          {}, {}", image.display(), ByteSize(IMAGE_BYTES)));
    console.notice(format_args!("Practice stick: {}, {}", stick.display(), ByteSize(STICK_BYTES)));
    let request = WriteRequest {
        image,
        target,
        end_uses: Vec::new(),
        verify: true,
        hash: true,
        expected: Vec::new(),
        sidecars: true,
        skip_holes: false,
        bmap: true,
        windows: WindowsChoices::default(),
        probe: true,
    };
    follow::catch_interrupts(console)?;
    let ending = follow::run(console, Request::Write(request), AfterArgs::default())?;
    let exit = Exit::of_ending(&ending);
    if exit == Exit::Done {
        console.notice(format_args!(
            "See it start: qemu-system-x86_64 -drive format=raw,file={}",
            stick.display()
        ));
    }
    Ok(exit)
}

/// `sticksmith/demo` in the user's cache. Relative values are to be ignored (XDG base directory specification).
fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")))?;
    Some(cache.join("sticksmith").join("demo"))
}

/// A disk image that a BIOS starts: boot code, one partition, bytes that look random and are the same every time.
fn make_image(path: &Path) -> io::Result<()> {
    // A new file under a name of its own: a job that still reads the old one is not disturbed.
    let fresh = path.with_extension("new");
    let mut file = BufWriter::with_capacity(MIB as usize, File::create(&fresh)?);
    file.write_all(&boot_sector())?;
    file.write_all(&vec![0; (PARTITION_START - SECTOR_BYTES) as usize])?;
    write_noise(&mut file, 1, IMAGE_BYTES - PARTITION_START)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?;
    fs::rename(fresh, path)
}

fn boot_sector() -> [u8; SECTOR_BYTES as usize] {
    const TABLE: usize = 446;
    /// Any number but zero, by which systems tell disks apart.
    const DISK_SIGNATURE: [u8; 4] = *b"demo";
    /// "Non-FS data": no system tries to mount it.
    const PARTITION_TYPE: u8 = 0xDA;
    /// Cylinder, head and sector where only the LBA counts.
    const NO_CHS: [u8; 3] = [0xFE, 0xFF, 0xFF];

    let first_lba = (PARTITION_START / SECTOR_BYTES) as u32;
    let sectors = (IMAGE_BYTES / SECTOR_BYTES) as u32 - first_lba;
    let mut entry = vec![0x80];
    entry.extend(NO_CHS);
    entry.push(PARTITION_TYPE);
    entry.extend(NO_CHS);
    entry.extend(first_lba.to_le_bytes());
    entry.extend(sectors.to_le_bytes());

    let mut sector = *BOOT_SECTOR;
    sector[TABLE - 6..510].fill(0);
    sector[TABLE - 6..TABLE - 2].copy_from_slice(&DISK_SIGNATURE);
    sector[TABLE..TABLE + entry.len()].copy_from_slice(&entry);
    sector[510..].copy_from_slice(&[0x55, 0xAA]);
    sector
}

/// A practice stick that has been used before.
fn make_stick(path: &Path) -> anyhow::Result<crate::device::Drive> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let drive = create_practice_stick(path, STICK_BYTES)?;
    let mut file = File::options().write(true).open(path)?;
    file.seek(SeekFrom::Start(0))?;
    let mut file = BufWriter::new(file);
    write_noise(&mut file, 2, JUNK_BYTES)?;
    file.flush()?;
    Ok(drive)
}

/// `len_bytes` (a multiple of 8) of SplitMix64's sequence from this seed on.
fn write_noise(out: &mut impl Write, seed: u64, len_bytes: u64) -> io::Result<()> {
    let mut state = seed;
    let mut block = Vec::with_capacity(4096);
    for _ in 0..len_bytes / 8 {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        block.extend((z ^ (z >> 31)).to_le_bytes());
        if block.len() == 4096 {
            out.write_all(&block)?;
            block.clear();
        }
    }
    out.write_all(&block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_is_the_same_every_time_and_has_one_active_partition() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.img");
        make_image(&path).unwrap();
        let first = fs::read(&path).unwrap();
        assert_eq!(first.len() as u64, IMAGE_BYTES);
        assert_eq!(first[446], 0x80);
        assert_eq!(first[454..458], 2048_u32.to_le_bytes());
        assert_eq!(first[458..462], (131_072_u32 - 2048).to_le_bytes());
        assert_eq!(first[510..512], [0x55, 0xAA]);
        assert_eq!(first[..440], BOOT_SECTOR[..440]);
        make_image(&path).unwrap();
        assert!(first == fs::read(&path).unwrap());
    }

    /// The first outputs for seed 0, as published with the generator.
    #[test]
    fn noise_is_splitmix64() {
        let mut out = Vec::new();
        write_noise(&mut out, 0, 16).unwrap();
        assert_eq!(out[..8], 0xE220_A839_7B1D_CDAF_u64.to_le_bytes());
        assert_eq!(out[8..], 0x6E78_9E6A_A1B9_65F4_u64.to_le_bytes());
    }

    #[test]
    fn the_cache_folder_follows_the_variables() {
        let with = |cache: &str, home: &str| {
            let (cache, home) = (OsString::from(cache), OsString::from(home));
            folder(|name| Some(if name == "HOME" { home.clone() } else { cache.clone() }))
        };
        assert_eq!(with("/c", "/h"), Some("/c/sticksmith/demo".into()));
        assert_eq!(with("relative", "/h"), Some("/h/.cache/sticksmith/demo".into()));
        assert_eq!(with("", ""), None);
    }
}
