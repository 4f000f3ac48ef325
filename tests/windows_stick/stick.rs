//! A stick full of junk, and the program that writes to it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use super::judges::Volume;
use super::support::{LoopDevice, noise, run};

pub const MIB: u64 = 1 << 20;
/// Behind what a stick of one of the small ISOs takes, and before it, there is junk.
const FRONT_BYTES: u64 = 80 * MIB;

/// A practice stick, or the file behind a loop device: sparse in its midst, full of junk where anything may come to lie.
pub struct Stick {
    pub image: PathBuf,
    pub size_bytes: u64,
    pub sector_bytes: u64,
    /// So much of it is junk from its start on.
    pub front_bytes: u64,
    folder: tempfile::TempDir,
}

/// What a job said at its end.
pub struct Ended {
    pub status: i32,
    pub said: String,
    /// The last object.
    pub event: Value,
}

impl Ended {
    #[track_caller]
    pub fn with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.said);
        self
    }

    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.said.contains(words), "“{words}” is missing in {}", self.said);
        self
    }

    /// The bytes that a drive needs, where this one was too small.
    #[track_caller]
    pub fn needed_bytes(&self) -> u64 {
        let message = self.event["message"].as_str().unwrap();
        let (_, rest) = message.split_once("The image needs ").unwrap_or_else(|| panic!("{message}"));
        let (bytes, _) = rest.split_once(" bytes)").unwrap();
        bytes.rsplit('(').next().unwrap().parse().unwrap()
    }
}

/// What lies on a stick from byte `offset` on before it is written, up to a MiB of it: a MiB of junk that is repeated.
fn junk_at(offset: u64, len: usize) -> &'static [u8] {
    static JUNK: OnceLock<Vec<u8>> = OnceLock::new();
    let twice = JUNK.get_or_init(|| noise(MIB as usize, 41).repeat(2));
    &twice[(offset % MIB) as usize..][..len]
}

pub fn sticksmith(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
    command.args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().unwrap()
}

pub fn ended(output: &Output) -> Ended {
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = out.lines().last().unwrap_or("null");
    Ended {
        status: output.status.code().unwrap(),
        event: serde_json::from_str(last).unwrap(),
        said: format!("{last}\n{}", String::from_utf8_lossy(&output.stderr)),
    }
}

impl Stick {
    pub fn new(size_bytes: u64) -> Self {
        Self::with_front(size_bytes, 512, FRONT_BYTES)
    }

    pub fn with_front(size_bytes: u64, sector_bytes: u64, front_bytes: u64) -> Self {
        // Not in a /tmp that may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let image = folder.path().join("stick.img");
        let mut file = File::create(&image).unwrap();
        file.set_len(size_bytes).unwrap();
        let front_bytes = front_bytes.min(size_bytes);
        let mut left = front_bytes;
        while left > 0 {
            let piece = left.min(MIB);
            file.write_all(junk_at(0, piece as usize)).unwrap();
            left -= piece;
        }
        for at in [2, 1].map(|mib| size_bytes.saturating_sub(mib * MIB)) {
            file.write_all_at(junk_at(at, (size_bytes - at).min(MIB) as usize), at).unwrap();
        }
        Self { image, size_bytes, sector_bytes, front_bytes, folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self) -> &str {
        self.image.to_str().unwrap()
    }

    /// Has the program write the ISO to it.
    pub fn write(&self, iso: &Path, more: &[&str]) -> Ended {
        let common = ["--json", "write", iso.to_str().unwrap(), self.text(), "--yes"];
        ended(&sticksmith(&[&common[..], more].concat()))
    }

    pub fn read(&self, offset: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        File::open(&self.image).unwrap().read_exact_at(&mut bytes, offset).unwrap();
        bytes
    }

    /// Changes one byte, or changes it back.
    pub fn flip(&self, offset: u64) {
        use std::os::unix::fs::FileExt;
        let byte = self.read(offset, 1)[0] ^ 0xFF;
        fs::OpenOptions::new().write(true).open(&self.image).unwrap().write_all_at(&[byte], offset).unwrap();
    }

    #[track_caller]
    pub fn assert_untouched(&self) {
        self.assert_junk(0, self.front_bytes);
        let tail = (self.size_bytes - self.front_bytes).min(2 * MIB);
        self.assert_junk(self.size_bytes - tail, tail);
    }

    /// These bytes are as they were before.
    #[track_caller]
    pub fn assert_junk(&self, offset: u64, len: u64) {
        let mut at = offset;
        while at < offset + len {
            let piece = (offset + len - at).min(MIB) as usize;
            assert!(self.read(at, piece) == junk_at(at, piece), "the {piece} bytes at {at} were touched");
            at += piece as u64;
        }
    }

    /// Bytes that its file takes on the disk, holes left out.
    pub fn allocated_bytes(&self) -> u64 {
        fs::metadata(&self.image).unwrap().blocks() * 512
    }

    /// The volume in a file of its own, as fsck.fat and 7z want it.
    pub fn volume(&self) -> Volume {
        let (start, len) = self.partition();
        let image = self.path("volume.img");
        let mut from = File::open(&self.image).unwrap();
        from.seek(SeekFrom::Start(start)).unwrap();
        let mut to = File::create(&image).unwrap();
        std::io::copy(&mut from.take(len.min(self.front_bytes - start)), &mut to).unwrap();
        to.set_len(len).unwrap();
        Volume { image, start, len }
    }

    /// Where the partition lies, by sfdisk's word for sectors of 512 bytes, and by the table's own for others.
    pub fn partition(&self) -> (u64, u64) {
        let said = if self.sector_bytes == 512 {
            run("sfdisk", &["--json", self.text()])
        } else {
            let device = LoopDevice::attach(&self.image, self.sector_bytes as u32, &[]).unwrap();
            run("sfdisk", &["--json", device.node.to_str().unwrap()])
        };
        let said: Value =
            serde_json::from_str(&said[said.find('{').unwrap()..said.rfind('}').unwrap() + 1]).unwrap();
        let [partition] = &said["partitiontable"]["partitions"].as_array().unwrap()[..] else {
            panic!("one partition is wanted: {said}")
        };
        let bytes = |key: &str| partition[key].as_u64().unwrap() * self.sector_bytes;
        (bytes("start"), bytes("size"))
    }

    /// The argument that names the volume to mtools.
    pub fn mtools_drive(&self) -> String {
        format!("{}@@1M", self.image.display())
    }

    /// Runs a program of mtools on the volume.
    pub fn mtools(&self, program: &str, arguments: &[&str]) -> String {
        run_in_unicode(program, &[&["-i", &self.mtools_drive()], arguments].concat())
    }
}

/// Runs a program of mtools; what it prints.
pub fn run_in_unicode(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env("MTOOLS_SKIP_CHECK", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
