//! The images that sticks are made from: Windows-shaped ISOs of the lab's, and small ones made by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard};

use md5::{Digest as _, Md5};

use super::support::{lab, run, tool};

/// An ISO of the lab's: `name` in a file's name, and what it is made with.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub arguments: &'static [&'static str],
}

pub const SEVEN_X64: Kind =
    Kind { name: "7-x64", arguments: &["--windows", "7", "--label", "GRÜN x64/DVD"] };
pub const SEVEN_X86: Kind = Kind { name: "7-x86", arguments: &["--windows", "7", "--arch", "x86"] };
pub const SEVEN_BOTH: Kind = Kind { name: "7-x86+x64", arguments: &["--windows", "7", "--arch", "x86+x64"] };
pub const TEN_X64: Kind = Kind { name: "10-x64", arguments: &["--windows", "10"] };
pub const VISTA_X64: Kind = Kind { name: "vista-x64", arguments: &["--windows", "vista"] };
pub const ELEVEN_X64: Kind = Kind { name: "11-x64", arguments: &["--windows", "11"] };
pub const SEVEN_SPLIT: Kind =
    Kind { name: "7-x64-swm", arguments: &["--windows", "7", "--install-kind", "swm"] };
pub const TEN_SOLID: Kind = Kind {
    name: "10-x64-esd",
    arguments: &["--windows", "10", "--install-kind", "esd", "--install-mib", "1"],
};

pub struct Iso {
    pub path: PathBuf,
    /// MD5 (lower-case hex) of each file, by its path.
    pub files: BTreeMap<String, String>,
}

impl Iso {
    pub fn text(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Takes the files whose paths match `pattern` out into `folder`.
    pub fn extract(&self, pattern: &str, folder: &Path) {
        run("7z", &["x", "-y", "-tudf", &format!("-o{}", folder.display()), self.text(), pattern]);
    }
}

const MAKER: &str = "make-windows-iso";

/// All that makes and judges sticks; says what is missing.
pub fn tools() -> bool {
    let makers = ["python3", "nasm", "genisoimage", "wimlib-imagex", "grub-mkimage", "mkfs.fat"];
    let judges = [
        "7z",
        "fsck.fat",
        "mcopy",
        "mshowfat",
        "sfdisk",
        "sgdisk",
        "blkid",
        "sha256sum",
        "md5sum",
        "xmllint",
    ];
    let found = makers.iter().chain(&judges).filter(|name| !tool(name)).count() == 0;
    found && lab::file(MAKER).is_some()
}

/// One is made at a time: the emulators and the other tests want a processor too.
static MAKING: Mutex<()> = Mutex::new(());

/// The lab's ISO of this kind. It stays in the build folder, for the next run too, until what it is made by changes.
pub fn lab_iso(kind: Kind) -> Iso {
    let _making: MutexGuard<'_, ()> = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("windows-isos");
    fs::create_dir_all(&folder).unwrap();
    let maker = lab::file(MAKER).unwrap();
    let arguments = [&["--install-mib", "8", "--small-files", "100", "--marker", kind.name], kind.arguments];
    let mut state = Md5::new();
    for source in [MAKER, "stand-in-bootmgr.asm"] {
        state.update(fs::read(lab::file(source).unwrap()).unwrap());
    }
    state.update(arguments.concat().join("\0"));
    let state = hex(&state.finalize());
    let path = folder.join(format!("{}.iso", kind.name));
    let (list, mark) =
        (folder.join(format!("{}.iso.md5", kind.name)), folder.join(format!("{}.mark", kind.name)));
    if fs::read_to_string(&mark).ok().as_deref() != Some(&state) {
        let made_at = tempfile::tempdir_in(&folder).unwrap();
        let made = made_at.path().join("made.iso");
        let common = [maker.to_str().unwrap(), made.to_str().unwrap()];
        run("python3", &[&common[..], &arguments.concat()].concat());
        let _ = fs::remove_file(&mark);
        fs::rename(&made, &path).unwrap();
        fs::rename(made_at.path().join("made.iso.md5"), &list).unwrap();
        fs::write(&mark, state).unwrap();
    }
    Iso { path, files: listed(&fs::read_to_string(list).unwrap()) }
}

/// An ISO of the lab's that is used once, in a folder of the caller's.
pub fn lab_once(folder: &Path, arguments: &[&str]) -> Iso {
    let (maker, path) = (lab::file(MAKER).unwrap(), folder.join("once.iso"));
    let common = [maker.to_str().unwrap(), path.to_str().unwrap(), "--marker", "once"];
    run("python3", &[&common[..], arguments].concat());
    let list = fs::read_to_string(folder.join("once.iso.md5")).unwrap();
    Iso { path, files: listed(&list) }
}

/// Reads what md5sum prints.
pub fn listed(text: &str) -> BTreeMap<String, String> {
    let line = |line: &str| {
        let (md5, path) = line.split_once("  ").unwrap();
        (path.trim_start_matches("./").to_owned(), md5.to_owned())
    };
    text.lines().map(line).collect()
}

/// What md5sum says of every file below `folder`.
pub fn md5_of_tree(folder: &Path) -> BTreeMap<String, String> {
    let output = Command::new("find")
        .args([".", "-type", "f", "-exec", "md5sum", "--zero", "{}", "+"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success());
    listed(&String::from_utf8(output.stdout).unwrap().replace('\0', "\n"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes an ISO out of `root`, as Microsoft's are: UDF, with Windows media's names.
pub fn by_hand(root: &Path, iso: &Path, label: &str) {
    let out = iso.to_str().unwrap();
    let arguments =
        ["-quiet", "-iso-level", "3", "-udf", "-allow-limited-size", "-D", "-N", "-V", label, "-o", out];
    run("genisoimage", &[&arguments[..], &[root.to_str().unwrap()]].concat());
}

/// Puts into `root` what makes media Windows media that start by BIOS and by UEFI: a few hundred kilobytes.
pub fn small_tree(root: &Path) {
    for folder in ["boot", "efi/boot", "sources"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("bootmgr"), super::support::noise(383_786, 11)).unwrap();
    fs::write(root.join("boot/bcd"), super::support::noise(262_144, 12)).unwrap();
    fs::write(root.join("efi/boot/bootx64.efi"), uefi_program()).unwrap();
    fs::write(root.join("sources/payload.bin"), super::support::noise(3_300_001, 13)).unwrap();
    let captured = tempfile::tempdir().unwrap();
    fs::write(captured.path().join("file.txt"), "content of an image").unwrap();
    let (from, wim) = (captured.path().to_str().unwrap(), root.join("sources/boot.wim"));
    run("wimlib-imagex", &["capture", from, wim.to_str().unwrap(), "PE", "--no-acls"]);
}

/// The headers of a program for UEFI on x64.
fn uefi_program() -> Vec<u8> {
    let mut file = vec![0; 0x40 + 24 + 240];
    file[..2].copy_from_slice(b"MZ");
    file[0x3C] = 0x40;
    file[0x40..0x44].copy_from_slice(b"PE\0\0");
    file[0x44..0x46].copy_from_slice(&0x8664_u16.to_le_bytes());
    file[0x54..0x56].copy_from_slice(&240_u16.to_le_bytes());
    file[0x58..0x5A].copy_from_slice(&0x020B_u16.to_le_bytes());
    file[0x58 + 68] = 10;
    file[0x58 + 108] = 16;
    file
}
