//! Makes discs with the tools that people make them with, out of a folder whose content is known.
#![allow(dead_code, clippy::unwrap_used)]

pub mod windows;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// All tools are there. A missing one skips the test loudly, or fails it where tools are required.
pub fn tools(names: &[&str]) -> bool {
    names.iter().all(|name| {
        let is_there = Command::new(name).arg("--version").output().is_ok();
        if !is_there {
            assert!(std::env::var_os("STICKSMITH_REQUIRE_TOOLS").is_none_or(|v| v != "1"), "needs {name}");
            eprintln!("SKIPPED: needs {name}");
        }
        is_there
    })
}

/// Runs a tool that must succeed; returns what it printed.
pub fn run(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output().unwrap();
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

pub struct Workshop(TempDir);

impl Workshop {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn blank(&self, name: &str, size_bytes: u64) -> String {
        fs::File::create(self.path(name)).unwrap().set_len(size_bytes).unwrap();
        self.text(name)
    }

    /// A tree with everything that is hard about names and sizes; returns the content of its files by path.
    pub fn tree(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let long = "a rather long name with blanks and a number to tell it apart from the others";
        for (path, len) in [
            ("readme.txt", 100),
            ("empty", 0),
            ("BOOT/loader.bin", 2048),
            ("boot2/one more than a sector.bin", 2049),
            ("Größe/Ωmega.txt", 1),
            ("sources/install.img", 300_000),
            ("d1/d2/d3/d4/d5/d6/d7/d8/d9/deep.txt", 33),
        ] {
            files.insert(path.to_owned(), content(path, len));
        }
        for number in 0..150 {
            let path = format!("many/{long} {number:04}.txt");
            let bytes = content(&path, number % 7);
            files.insert(path, bytes);
        }
        for (path, bytes) in &files {
            let file = self.path(name).join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        files
    }

    /// UDF 1.02 over ISO 9660 with Joliet and Rock Ridge, as genisoimage makes it.
    pub fn bridge(&self, name: &str, root: &str) -> PathBuf {
        let (iso, root) = (self.text(name), self.text(root));
        run(
            "genisoimage",
            &["-quiet", "-udf", "-J", "-joliet-long", "-R", "-V", "BRIDGE", "-o", &iso, &root],
        );
        self.path(name)
    }

    /// ISO 9660 with Joliet and Rock Ridge, an MBR with code, a GPT, and El Torito for BIOS and UEFI, as xorriso makes it.
    pub fn hybrid(&self, name: &str, root: &str) -> PathBuf {
        let (iso, tree) = (self.text(name), self.text(root));
        fs::write(self.path("mbr.bin"), [0xEB; 432]).unwrap();
        fs::write(self.path("esp.img"), [0x5A; 64 * 1024]).unwrap();
        let (mbr, esp) = (self.text("mbr.bin"), self.text("esp.img"));
        run(
            "xorriso",
            &[
                &[
                    "-as",
                    "mkisofs",
                    "-quiet",
                    "-R",
                    "-J",
                    "-joliet-long",
                    "-V",
                    "HYBRID",
                    "--grub2-mbr",
                    &mbr,
                ][..],
                &["-partition_offset", "16", "-append_partition", "2", "0xef", &esp, "-appended_part_as_gpt"],
                &["-b", "BOOT/loader.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4"],
                &["-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot"],
                &["-o", &iso, &tree],
            ]
            .concat(),
        );
        self.path(name)
    }
}

/// Bytes that differ from file to file.
pub fn content(path: &str, len: usize) -> Vec<u8> {
    let mut random = Xorshift::new(path.bytes().fold(1, |seed: u64, b| seed * 31 % 1_000_003 + u64::from(b)));
    (0..len).map(|_| random.next() as u8).collect()
}

/// Every path below `root`, files and folders, as the file system has them.
pub fn paths_below(root: &Path) -> Vec<String> {
    fn visit(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            if path.is_dir() {
                visit(root, &path, found);
            }
        }
    }
    let mut found = Vec::new();
    visit(root, root, &mut found);
    found.sort();
    found
}

/// The two name the same things; if not, says only where they differ.
pub fn assert_same(mut ours: Vec<String>, mut theirs: Vec<String>) {
    ours.sort();
    theirs.sort();
    let only = |left: &[String], right: &[String]| -> Vec<String> {
        left.iter().filter(|item| right.binary_search(item).is_err()).cloned().collect()
    };
    let (only_ours, only_theirs) = (only(&ours, &theirs), only(&theirs, &ours));
    assert!(ours == theirs, "only ours: {only_ours:?}, only theirs: {only_theirs:?}");
}

/// Makes the tag of the UDF descriptor that begins `descriptor` right (ECMA-167 3/7.2).
pub fn mend_udf_tag(descriptor: &mut [u8]) {
    let crc_len = usize::from(u16::from_le_bytes([descriptor[10], descriptor[11]]));
    let crc_len = crc_len.min(descriptor.len() - 16).min(2032);
    descriptor[10..12].copy_from_slice(&(crc_len as u16).to_le_bytes());
    let mut crc = 0u16;
    for byte in &descriptor[16..16 + crc_len] {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
        }
    }
    descriptor[8..10].copy_from_slice(&crc.to_le_bytes());
    descriptor[4] = 0;
    descriptor[4] = descriptor[..16].iter().fold(0, |sum, b| sum.wrapping_add(*b));
}

/// Reproducible chance.
pub struct Xorshift(u64);

impl Xorshift {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}
