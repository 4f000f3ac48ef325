//! `check` of a Windows stick after its user has had it: by its image, and by the list of files that lies on it. mtools
//! plays the system that the stick was plugged into.
#![allow(clippy::unwrap_used, clippy::panic)]

mod images;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use images::run;
use images::windows::Media;
use support::{noise, tool};

const MIB: u64 = 1 << 20;
const STICK_BYTES: u64 = 300 * MIB;

struct Stick {
    media: Media,
    iso: PathBuf,
    file: PathBuf,
}

impl Stick {
    /// A stick that was made out of small media, in a file full of junk. `None`: a tool is missing.
    fn make(more: &[&str]) -> Option<Self> {
        if !["genisoimage", "wimlib-imagex", "mcopy"].into_iter().all(tool) {
            return None;
        }
        let media = Media::windows_10();
        media.file("drivers/usb/a.inf", b"driver");
        fs::rename(media.shop.path("root/drivers"), media.shop.path("drivers")).unwrap();
        let iso = media.bridged();
        let file = media.shop.path("stick.img");
        fs::write(&file, noise(4 * MIB as usize, 5)).unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_len(STICK_BYTES).unwrap();
        let added = format!("{}:$WinPEDriver$", media.shop.text("drivers"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
        command.args(["write", "--yes", "--add", &added]).args(more).arg(&iso).arg(&file);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(Self { media, iso, file })
    }

    fn mtools(&self, program: &str, args: &[&str]) {
        let image = format!("{}@@1M", self.file.display());
        run(program, &[&["-i", &image], args].concat());
    }

    /// Exit status, and all that was said: by the list on the stick, and by the image.
    fn checks(&self) -> [(i32, String); 2] {
        [self.check(None), self.check(Some(&self.iso))]
    }

    fn check(&self, image: Option<&Path>) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
        let output = command.arg("check").arg(&self.file).args(image).output().unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), text)
    }

    fn assert_said(&self, status: i32, parts: &[&str], unsaid: &[&str]) {
        for (actual, text) in self.checks() {
            assert_eq!(actual, status, "{text}");
            for part in parts {
                assert!(text.contains(part), "“{part}” is missing in\n{text}");
            }
            for part in unsaid {
                assert!(!text.contains(part), "“{part}” is said in\n{text}");
            }
        }
    }

    /// Flips a bit of the byte `inside` a file that lies in one piece.
    fn damage(&self, path: &str, inside: usize) {
        let mut bytes = fs::read(&self.file).unwrap();
        let content = fs::read(self.media.shop.path(&format!("root/{path}"))).unwrap();
        let at = bytes.windows(4096).position(|window| *window == content[..4096]).unwrap();
        bytes[at + inside] ^= 0x10;
        fs::write(&self.file, bytes).unwrap();
    }

    fn put(&self, at: u64, byte: u8) {
        use std::os::unix::fs::FileExt;
        fs::File::options().write(true).open(&self.file).unwrap().write_all_at(&[byte], at).unwrap();
    }
}

#[test]
fn a_stick_that_was_only_used_is_what_it_should_be() {
    let Some(stick) = Stick::make(&[]) else { return };
    stick.assert_said(0, &["is what it should be"], &["Tolerated"]);

    // Windows and macOS leave folders; the volume is marked as in use, its count of free clusters moves.
    stick.mtools("mmd", &["::System Volume Information", "::.Trashes"]);
    let note = stick.media.shop.text("captured/file.txt");
    stick.mtools("mcopy", &[&note, "::System Volume Information/IndexerVolumeGuid"]);
    stick.put(MIB + 65, 1);
    stick.assert_said(0, &["System Volume Information", ".Trashes", "did it no harm"], &["Added", "Changed"]);
}

#[test]
fn a_file_may_move_and_is_still_the_same() {
    let Some(stick) = Stick::make(&["--scheme", "gpt"]) else { return };
    let copy = stick.media.shop.text("bootmgr");
    stick.mtools("mcopy", &["::bootmgr", &copy]);
    stick.mtools("mdel", &["::bootmgr", "::setup.exe"]);
    let large = stick.media.shop.text("root/setup.exe");
    stick.mtools("mcopy", &[&copy, "::bootmgr"]);
    stick.mtools("mcopy", &[&large, "::setup.exe"]);
    stick.assert_said(0, &["is what it should be"], &["Changed", "Missing"]);
}

#[test]
fn what_was_changed_removed_or_added_has_a_name() {
    let Some(stick) = Stick::make(&[]) else { return };
    let mine = stick.media.shop.text("captured/file.txt");
    stick.mtools("mcopy", &[&mine, "::mine.txt"]);
    stick.assert_said(3, &["holds more", "mine.txt was not there"], &["Changed", "Missing"]);

    stick.mtools("mdel", &["::setup.exe", "::mine.txt"]);
    stick.mtools("mcopy", &["-o", &mine, "::sources/lang/Größe.dll"]);
    let parts = ["setup.exe is not there any more", "sources/lang/Größe.dll"];
    stick.assert_said(3, &parts, &["mine.txt", "bootmgr"]);
}

#[test]
fn a_single_wrong_bit_names_its_file() {
    let Some(stick) = Stick::make(&["--split-size", "1M"]) else { return };
    stick.damage("bootmgr", 300_000);
    stick.assert_said(3, &["bootmgr is not what"], &["setup.exe", "boot.wim"]);
    assert!(stick.check(Some(&stick.iso)).1.contains("from its byte 300000 on"));
}

#[test]
fn files_of_the_users_are_proved_by_their_checksums() {
    let Some(stick) = Stick::make(&[]) else { return };
    let other = stick.media.shop.path("a.inf");
    fs::write(&other, b"DRIVER").unwrap();
    stick.mtools("mcopy", &["-o", other.to_str().unwrap(), "::$WinPEDriver$/usb/a.inf"]);
    stick.assert_said(3, &["$WinPEDriver$/usb/a.inf is not what it was"], &["bootmgr"]);
}

#[test]
fn a_stick_without_checksums_is_proved_by_its_image_alone() {
    let Some(stick) = Stick::make(&["--no-hash", "--no-verify", "--split-size", "1M"]) else { return };
    let (status, text) = stick.check(None);
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("no list of files with their checksums"), "{text}");
    let (status, text) = stick.check(Some(&stick.iso));
    assert_eq!(status, 0, "{text}");
    stick.damage("setup.exe", 5000);
    let (status, text) = stick.check(Some(&stick.iso));
    assert_eq!(status, 3, "{text}");
    assert!(text.contains("setup.exe"), "{text}");
}

#[test]
fn boot_code_and_tables_count_as_well() {
    let Some(stick) = Stick::make(&[]) else { return };
    for (at, part) in [(100, "boot code"), (MIB + 0x100, "oot"), (446, "artition table")] {
        let before = fs::read(&stick.file).unwrap();
        stick.put(at, 0x7E);
        stick.assert_said(3, &[part], &["bootmgr"]);
        fs::write(&stick.file, before).unwrap();
    }
}

#[test]
fn a_list_that_was_changed_is_not_believed() {
    let Some(stick) = Stick::make(&[]) else { return };
    let list = stick.media.shop.path("list");
    stick.mtools("mcopy", &["::sticksmith.sha256", list.to_str().unwrap()]);
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replace("  bootmgr", "  bootmgs")).unwrap();
    stick.mtools("mcopy", &["-o", list.to_str().unwrap(), "::sticksmith.sha256"]);
    let (status, text) = stick.check(None);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("its own checksum is wrong") && text.contains("against its image"), "{text}");
    let (status, text) = stick.check(Some(&stick.iso));
    assert_eq!(status, 3, "{text}");
    assert!(text.contains("its own checksum is wrong") && !text.contains("bootmgr"), "{text}");
}

#[test]
fn a_stick_of_another_program_is_checked_by_its_files() {
    if !tool("mkfs.fat") || !tool("sfdisk") {
        return;
    }
    let Some(stick) = Stick::make(&[]) else { return };
    let volume = stick.media.shop.text("volume");
    run("mkfs.fat", &["-C", "-F", "32", "-s", "1", &volume, "204800"]);
    for entry in fs::read_dir(stick.media.shop.path("root")).unwrap() {
        run("mcopy", &["-s", "-i", &volume, entry.unwrap().path().to_str().unwrap(), "::"]);
    }
    let mut image = vec![0; MIB as usize];
    image.extend(fs::read(&volume).unwrap());
    fs::write(&stick.file, image).unwrap();
    run("sh", &["-c", &format!("echo '2048,,c,*' | sfdisk -q '{}'", stick.file.display())]);
    let (status, text) = stick.check(Some(&stick.iso));
    assert_eq!(status, 0, "{text}");
    let (status, text) = stick.check(None);
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("no list of files"), "{text}");
    stick.mtools("mdel", &["::setup.exe"]);
    let (status, text) = stick.check(Some(&stick.iso));
    assert_eq!(status, 3, "{text}");
    assert!(text.contains("setup.exe"), "{text}");
}

#[test]
fn a_damaged_file_system_is_said_to_be_one() {
    let Some(stick) = Stick::make(&[]) else { return };
    // The chain of the root directory leads into nothing.
    let bytes = fs::read(&stick.file).unwrap();
    let reserved = u64::from(u16::from_le_bytes([bytes[MIB as usize + 14], bytes[MIB as usize + 15]]));
    let fat = MIB + reserved * 512;
    for at in 0..4 {
        stick.put(fat + 12 + at, 0x0B);
    }
    for (status, text) in stick.checks() {
        assert_eq!(status, 3, "{text}");
        assert!(text.contains("damaged") || text.contains("differ"), "{text}");
    }
}
