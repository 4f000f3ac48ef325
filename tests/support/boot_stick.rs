//! Sticks to start from, made by outside tools around our boot code: mkfs.fat formats, mtools copies, nasm assembles a
//! stand-in BOOTMGR that reports how it was entered.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{lab, noise, run, tool};

pub const MBR_CODE: &[u8] = include_bytes!("../../assets/boot/mbr.bin");
pub const GPT_CODE: &[u8] = include_bytes!("../../assets/boot/gpt.bin");
pub const FAT32_CODE: &[u8] = include_bytes!("../../assets/boot/fat32.bin");

const BPB_END: usize = 0x5A;
/// The lab's; see there how it reports.
const STAND_IN: &str = "stand-in-bootmgr.asm";
/// So many bytes precede the stick in its image file: room for the disk that watches.
pub const FRONT_BYTES: u64 = 4096;

/// All that these tests need; says what is missing.
pub fn tools() -> bool {
    let found = ["qemu-system-x86_64", "nasm", "mkfs.fat", "mcopy"].map(tool).into_iter().all(|there| there);
    found && lab::file(STAND_IN).is_some()
}

/// The form of a stick's volume.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub sector_bytes: u32,
    pub cluster_sectors: u32,
    /// where the volume starts; 0 means that the stick has no partitions
    pub start_sector: u32,
    /// of the whole stick; mtools wants FAT32 to have 65,525 clusters at least
    pub bytes: u64,
    /// so much of the stick is junk before it is formatted
    pub junk_bytes: usize,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            sector_bytes: 512,
            cluster_sectors: 8,
            start_sector: 2048,
            bytes: 320 << 20,
            junk_bytes: 4 << 20,
        }
    }
}

/// A stick's image, in a folder of its own.
pub struct Stick {
    pub form: Form,
    pub image: PathBuf,
    pub folder: tempfile::TempDir,
}

impl Stick {
    /// A stick with our boot code and an empty volume, whose label is a decoy.
    pub fn format(form: Form) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("stick.img");
        let file = File::create(&image).unwrap();
        file.set_len(FRONT_BYTES + form.bytes).unwrap();
        file.write_all_at(&noise(form.junk_bytes, 1), FRONT_BYTES).unwrap();
        let sector_bytes = u64::from(form.sector_bytes);
        let offset = u64::from(form.start_sector) + FRONT_BYTES / sector_bytes;
        run(
            "mkfs.fat",
            &[
                "-F32",
                "-S",
                &form.sector_bytes.to_string(),
                "-s",
                &form.cluster_sectors.to_string(),
                "-h",
                &form.start_sector.to_string(),
                "--offset",
                &offset.to_string(),
                "-n",
                "BOOTMGR",
                &image.display().to_string(),
                &((form.bytes - u64::from(form.start_sector) * sector_bytes) / 1024).to_string(),
            ],
        );
        let stick = Self { form, image, folder };
        stick.install();
        stick
    }

    /// Puts the boot code into place, as the program will.
    fn install(&self) {
        let sector_bytes = u64::from(self.form.sector_bytes);
        let bpb = self.read(self.volume() + 3, BPB_END - 3);
        let mut first = FAT32_CODE[..512].to_vec();
        first[3..BPB_END].copy_from_slice(&bpb);
        for copy in [0, 6] {
            self.write(self.volume() + copy * sector_bytes, &first);
            self.write(self.volume() + (copy + 2) * sector_bytes, &FAT32_CODE[512..]);
        }
        if self.form.start_sector != 0 {
            self.write(0, MBR_CODE);
            let sectors = self.form.bytes / sector_bytes - u64::from(self.form.start_sector);
            self.partition_table(&[(0x80, 0x0C, self.form.start_sector, u32::try_from(sectors).unwrap())]);
        }
    }

    /// Writes the partition table: status, type, first sector, sectors. CHS values are those for "out of reach".
    pub fn partition_table(&self, entries: &[(u8, u8, u32, u32)]) {
        let mut table = [0; 72];
        table[..6].copy_from_slice(b"\x78\x56\x34\x12\0\0");
        for (slot, (status, kind, start, sectors)) in entries.iter().enumerate() {
            let entry = &mut table[6 + 16 * slot..][..16];
            entry[..8].copy_from_slice(&[*status, 0xFE, 0xFF, 0xFF, *kind, 0xFE, 0xFF, 0xFF]);
            entry[8..12].copy_from_slice(&start.to_le_bytes());
            entry[12..].copy_from_slice(&sectors.to_le_bytes());
        }
        table[70..].copy_from_slice(&[0x55, 0xAA]);
        self.write(440, &table);
    }

    /// Byte offset of the volume.
    pub fn volume(&self) -> u64 {
        u64::from(self.form.start_sector) * u64::from(self.form.sector_bytes)
    }

    pub fn read(&self, offset_bytes: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        File::open(&self.image).unwrap().read_exact_at(&mut bytes, FRONT_BYTES + offset_bytes).unwrap();
        bytes
    }

    pub fn write(&self, offset_bytes: u64, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(&self.image).unwrap();
        file.write_all_at(bytes, FRONT_BYTES + offset_bytes).unwrap();
    }

    /// The length of one FAT.
    pub fn fat_sectors(&self) -> u32 {
        u32::from_le_bytes(self.read(self.volume() + 0x24, 4).try_into().unwrap())
    }

    /// Runs a program of mtools on the volume; `{}` in the arguments stands for the stick's folder.
    pub fn mtools(&self, program: &str, args: &[&str]) {
        let drive = format!("{}@@{}", self.image.display(), FRONT_BYTES + self.volume());
        let folder = self.folder.path().display().to_string();
        let args: Vec<String> = args.iter().map(|arg| arg.replace("{}", &folder)).collect();
        let output = Command::new(program)
            .args(["-i", &drive])
            .args(&args)
            .env("MTOOLS_SKIP_CHECK", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program} {args:?}: {said}");
    }

    /// Copies a stand-in BOOTMGR of `len` bytes onto the volume. Its marker is `marker`.
    pub fn copy_bootmgr(&self, len: usize, marker: &str) {
        let path = self.folder.path().join("bootmgr");
        run(
            "nasm",
            &[
                "-f",
                "bin",
                &format!("-DMARKER=\"{marker}\""),
                &format!("-DTOTAL={len}"),
                "-o",
                &path.display().to_string(),
                &lab::file(STAND_IN).unwrap().display().to_string(),
            ],
        );
        let mut bytes = std::fs::read(&path).unwrap();
        assert!(bytes.len() <= 0x600, "its code must end before the bytes that it adds up");
        bytes.extend(noise(len - 4 - bytes.len(), 2));
        let sum: u32 = bytes[0x600..].iter().map(|byte| u32::from(*byte)).sum();
        bytes.extend(sum.to_le_bytes());
        std::fs::write(&path, bytes).unwrap();
        self.mtools("mcopy", &["-o", "{}/bootmgr", "::/bootmgr"]);
    }

    /// Makes the next file that is copied begin near `cluster`: the hint in FSInfo.
    pub fn go_on_at_cluster(&self, cluster: u32) {
        self.write(self.volume() + u64::from(self.form.sector_bytes) + 492, &cluster.to_le_bytes());
    }

    /// The clusters of the file whose directory entry is the root's first named BOOTMGR.
    pub fn chain_of_bootmgr(&self) -> Vec<u32> {
        let sector = u64::from(self.form.sector_bytes);
        let bpb = self.read(self.volume(), BPB_END);
        let word = |at: usize| u64::from(u16::from_le_bytes([bpb[at], bpb[at + 1]]));
        let dword = |at: usize| u32::from_le_bytes(bpb[at..at + 4].try_into().unwrap());
        let fat = self.volume() + word(14) * sector;
        let data = fat + u64::from(bpb[16]) * u64::from(dword(0x24)) * sector;
        let cluster_bytes = u64::from(bpb[13]) * sector;
        let next = |cluster: u32| {
            u32::from_le_bytes(self.read(fat + u64::from(cluster) * 4, 4).try_into().unwrap()) & 0x0FFF_FFFF
        };
        let chain = |first: u32| {
            std::iter::successors(Some(first), |at| Some(next(*at)).filter(|next| *next < 0x0FFF_FFF8))
        };
        let entry = chain(dword(0x2C))
            .flat_map(|cluster| {
                let at = data + u64::from(cluster - 2) * cluster_bytes;
                let bytes = self.read(at, usize::try_from(cluster_bytes).unwrap());
                bytes.chunks(32).map(<[u8]>::to_vec).collect::<Vec<_>>()
            })
            .find(|entry| entry.starts_with(b"BOOTMGR    ") && entry[11] & 0x18 == 0)
            .unwrap();
        let first = u32::from_le_bytes([entry[26], entry[27], entry[20], entry[21]]);
        chain(first).collect()
    }

    /// Puts a disk that watches and misbehaves before the stick (see `disk_hook.asm`).
    pub fn watch(&self, options: &[&str]) {
        let hook = assembled(&self.folder.path().join("hook"), "disk_hook.asm", options);
        let file = OpenOptions::new().write(true).open(&self.image).unwrap();
        file.write_all_at(&hook, 0).unwrap();
    }
}

/// The bytes of an assembler source of the tests'.
pub fn assembled(out: &Path, source: &str, options: &[&str]) -> Vec<u8> {
    let source = format!("{}/tests/support/{source}", env!("CARGO_MANIFEST_DIR"));
    run("nasm", &[&["-f", "bin", "-o", out.to_str().unwrap(), &source], options].concat());
    std::fs::read(out).unwrap()
}
