//! A stick that was made and used gets another answer file where it lies, and loses it again. Judged by fsck.fat, 7z,
//! sha256sum, the bytes of the whole stick, and `check`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod images;
mod support;

#[path = "answer_change/faults.rs"]
mod faults;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use images::run;
use images::windows::Media;
use serde_json::Value;
use support::{LoopDevice, noise, tool};

const MIB: u64 = 1 << 20;

struct Stick {
    media: Media,
    iso: PathBuf,
    file: PathBuf,
}

struct Said {
    status: i32,
    text: String,
    lines: Vec<Value>,
}

impl Stick {
    /// A stick that was made out of small media, in a file full of junk. `None`: a tool is missing.
    fn make(size_bytes: u64, answer_in_image: bool, more: &[&str]) -> Option<Self> {
        if !["genisoimage", "wimlib-imagex", "mcopy", "mdel", "mmd", "fsck.fat", "7z"].into_iter().all(tool) {
            return None;
        }
        let media = Media::windows_10();
        if answer_in_image {
            media.file("autounattend.xml", b"<unattend xmlns='urn:schemas-microsoft-com:unattend'/>");
        }
        let iso = media.bridged();
        let file = media.shop.path("stick.img");
        fs::write(&file, noise((size_bytes / 4) as usize, 5)).unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_len(size_bytes).unwrap();
        let stick = Self { media, iso, file };
        let iso = stick.iso.to_str().unwrap().to_owned();
        let said = stick.sticksmith(&[&["write", "--yes", &iso, stick.text()], more].concat());
        assert_eq!(said.status, 0, "{}", said.text);
        Some(stick)
    }

    fn text(&self) -> &str {
        self.file.to_str().unwrap()
    }

    fn sticksmith(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
        let output = command.arg("--json").args(arguments).output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let text = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
        Said { status: output.status.code().unwrap(), text, lines }
    }

    fn mtools(&self, program: &str, args: &[&str]) {
        let image = format!("{}@@1M", self.file.display());
        run(program, &[&["-i", &image], args].concat());
    }

    /// What a user does with a stick: files come and go, and what is free lies scattered.
    fn use_it(&self) {
        let large = self.media.shop.text("root/setup.exe");
        let small = self.media.shop.text("captured/file.txt");
        self.mtools("mmd", &["::System Volume Information", "::my own files"]);
        for number in 0..30 {
            self.mtools("mcopy", &[&small, &format!("::my own files/A note of mine {number}.txt")]);
            self.mtools("mcopy", &[&large, &format!("::my own files/{number}.bin")]);
        }
        for number in (0..30).step_by(2) {
            self.mtools("mdel", &[&format!("::my own files/A note of mine {number}.txt")]);
            self.mtools("mdel", &[&format!("::my own files/{number}.bin")]);
        }
    }

    fn no_longer_used(&self) {
        self.mtools("mdeltree", &["::my own files", "::System Volume Information"]);
    }

    /// A profile with an application of so many bytes.
    fn profile(&self, name: &str, application: &str, len: usize) -> String {
        let folder = self.media.shop.path("profiles");
        fs::create_dir_all(folder.join("apps")).unwrap();
        fs::write(folder.join("apps").join(application), noise(len, len as u64)).unwrap();
        let text = format!(
            "windows = \"10\"\n[computer]\nname = \"{name}\"\n[[after_setup.steps]]\nname = \"It\"\nfile = \"apps/{application}\"\n"
        );
        let path = folder.join(format!("{name}.toml"));
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Puts or removes; nothing outside of what the plan names may be another byte.
    #[track_caller]
    fn answer(&self, arguments: &[&str]) -> Said {
        let before = fs::read(&self.file).unwrap();
        let said = self.sticksmith(arguments);
        let after = fs::read(&self.file).unwrap();
        let planned = said.lines.iter().find(|line| line["event"] == "planned");
        let mut spans = Vec::new();
        if let Some(planned) = planned {
            let steps = planned["plan"]["change"]["steps"].as_array().unwrap().iter();
            let steps = steps.flat_map(|step| step.as_array().unwrap());
            for extent in planned["plan"]["extents"].as_array().unwrap().iter().chain(steps) {
                let number = |name: &str| extent[name].as_u64().unwrap() as usize;
                spans.push((number("start"), number("start") + number("len")));
            }
            assert_eq!(planned["plan"]["wipes"].as_array().unwrap().len(), 0);
        }
        spans.sort_unstable();
        let mut from = 0;
        for (start, end) in spans {
            assert!(start <= from || before[from..start] == after[from..start], "{from}..{start} changed");
            from = from.max(end);
        }
        assert!(before[from..] == after[from..], "the rest changed");
        said
    }

    /// Others find the volume whole, and the list right; returns the folder with what is on it.
    #[track_caller]
    fn judged(&self) -> PathBuf {
        let volume = self.media.shop.path("volume.img");
        fs::write(&volume, &fs::read(&self.file).unwrap()[MIB as usize..]).unwrap();
        run("fsck.fat", &["-n", volume.to_str().unwrap()]);
        let out = self.media.shop.path("out");
        let _ = fs::remove_dir_all(&out);
        run("7z", &["x", "-y", &format!("-o{}", out.display()), volume.to_str().unwrap()]);
        let checked = Command::new("sha256sum")
            .args(["--quiet", "-c", "sticksmith.sha256"])
            .current_dir(&out)
            .output()
            .unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
        out
    }

    #[track_caller]
    fn assert_checks(&self) {
        for image in [None, Some(self.iso.to_str().unwrap())] {
            let mut arguments = vec!["check", self.text()];
            arguments.extend(image);
            let said = self.sticksmith(&arguments);
            assert_eq!(said.status, 0, "{}", said.text);
            assert!(said.text.contains("is what it should be"), "{}", said.text);
        }
    }
}

fn exists(folder: &Path, path: &str) -> bool {
    folder.join(path).exists()
}

#[test]
fn another_answer_file_and_none_again() {
    let Some(stick) = Stick::make(80 * MIB, false, &[]) else { return };
    let first = stick.profile("FIRST", "tool.exe", 300_000);
    let second = stick.profile("SECOND", "Größer.msi", 700_001);
    for used in [false, true] {
        if used {
            stick.use_it();
        }
        let said = stick.answer(&["answer", "put", "--yes", stick.text(), &first]);
        assert_eq!(said.status, 0, "{}", said.text);
        let ended = said.lines.last().unwrap();
        assert_eq!(ended["report"]["action"], "answer");
        assert!(ended["message"].as_str().unwrap().contains("nothing else was touched"), "{}", said.text);
        let out = stick.judged();
        let xml = fs::read_to_string(out.join("Autounattend.xml")).unwrap();
        assert!(xml.contains("<ComputerName>FIRST</ComputerName>"), "{xml}");
        assert_eq!(fs::read_to_string(out.join("sources/Autounattend.xml")).unwrap(), xml);
        let staged = "sources/$OEM$/$1/Sticksmith";
        assert_eq!(fs::read(out.join(staged).join("tool.exe")).unwrap(), noise(300_000, 300_000));

        let said = stick.answer(&["answer", "put", "--yes", stick.text(), &second]);
        assert_eq!(said.status, 0, "{}", said.text);
        let out = stick.judged();
        assert!(fs::read_to_string(out.join("Autounattend.xml")).unwrap().contains("SECOND"));
        assert!(
            exists(&out, &format!("{staged}/Größer.msi")) && !exists(&out, &format!("{staged}/tool.exe"))
        );
        if used {
            stick.no_longer_used();
        }
        stick.assert_checks();

        let said = stick.answer(&["answer", "remove", "--yes", stick.text()]);
        assert_eq!(said.status, 0, "{}", said.text);
        let out = stick.judged();
        assert!(!exists(&out, "Autounattend.xml") && !exists(&out, "sources/$OEM$"));
        assert!(exists(&out, "sources/lang/Größe.dll"));
        stick.assert_checks();
        let said = stick.answer(&["answer", "remove", "--yes", stick.text()]);
        assert_eq!(said.status, 2, "{}", said.text);
        assert!(said.text.contains("There is no answer file"), "{}", said.text);
    }
}

#[test]
fn an_answer_file_of_others_is_replaced_only_where_that_is_said() {
    let Some(stick) = Stick::make(300 * MIB, true, &["--scheme", "gpt"]) else { return };
    let profile = stick.profile("OURS", "a.exe", 10);
    let said = stick.answer(&["answer", "put", "--yes", stick.text(), &profile]);
    assert_eq!(said.status, 2, "{}", said.text);
    assert!(
        said.text.contains("autounattend.xml") && said.text.contains("came with its image"),
        "{}",
        said.text
    );
    let said = stick.answer(&["answer", "put", "--yes", "--replace-answer", stick.text(), &profile]);
    assert_eq!(said.status, 0, "{}", said.text);
    stick.judged();
    stick.assert_checks();
    let said = stick.answer(&["answer", "remove", "--yes", stick.text()]);
    assert_eq!(said.status, 0, "{}", said.text);
    stick.judged();
    stick.assert_checks();
    // Put there by hand.
    let xml = stick.media.shop.text("root/autounattend.xml");
    stick.mtools("mcopy", &[&xml, "::sources/autounattend.xml"]);
    let said = stick.answer(&["answer", "remove", "--yes", stick.text()]);
    assert_eq!(said.status, 2, "{}", said.text);
    let said = stick.answer(&["answer", "put", "--yes", "--replace-answer", stick.text(), &xml]);
    assert_eq!(said.status, 0, "{}", said.text);
    stick.judged();
    stick.assert_checks();
}

#[test]
fn what_cannot_be_changed_is_left_as_it_is() {
    let Some(stick) = Stick::make(80 * MIB, false, &[]) else { return };
    let profile = stick.profile("OURS", "a.exe", 10);
    let large = stick.profile("LARGE", "large.exe", 78 << 20);
    let wrong = stick.media.shop.path("seven.toml");
    fs::write(&wrong, "windows = \"7\"\n[accounts]\nlocal_account = 1\n").unwrap();
    let refused = |answer: &str, says: &str| {
        let before = fs::read(&stick.file).unwrap();
        let said = stick.sticksmith(&["answer", "put", "--yes", stick.text(), answer]);
        assert_eq!(said.status, 2, "{}", said.text);
        assert!(said.text.contains(says), "“{says}” is missing in {}", said.text);
        assert!(before == fs::read(&stick.file).unwrap());
    };
    refused(&large, "not enough room on the stick");
    refused(wrong.to_str().unwrap(), "cannot be the answer file");
    let whole = fs::read(&stick.file).unwrap();
    let fat = MIB as usize
        + 512 * usize::from(u16::from_le_bytes([whole[MIB as usize + 14], whole[MIB as usize + 15]]));
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        fs::write(&stick.file, bytes).unwrap();
    };
    with(fat + 40, 0x77);
    refused(&profile, "chkdsk");
    with(fat + 7, 0x0B);
    refused(&profile, "met errors");
    fs::write(&stick.file, &whole).unwrap();
    stick.mtools("mdel", &["::sticksmith.sha256"]);
    refused(&profile, "no list of files by Sticksmith");
    fs::write(&stick.file, vec![0; 4 << 20]).unwrap();
    refused(&profile, "no FAT volume");
}

/// The kernel's driver fills the stick and keeps it mounted; the change lets it go, and the kernel finds all of it after.
#[test]
fn a_stick_that_linux_uses_on_sectors_of_either_size() {
    let Some(stick) = Stick::make(300 * MIB, false, &[]) else { return };
    let profile = stick.profile("LINUX", "tool.exe", 300_000);
    let folder = stick.media.shop.path("mounted");
    fs::create_dir(&folder).unwrap();
    for sector_bytes in [512, 4096] {
        let Some(device) = LoopDevice::attach(&stick.file, sector_bytes, &["--partscan"]) else { return };
        let node = device.node.to_str().unwrap();
        let said = stick.sticksmith(&["write", "--yes", stick.iso.to_str().unwrap(), node]);
        assert_eq!(said.status, 0, "{}", said.text);
        let partition = format!("{node}p1");
        let mount = || {
            let options = ["-t", "vfat", "-o", "utf8"];
            Command::new("mount").args(options).args([&partition, folder.to_str().unwrap()]).status().unwrap()
        };
        if !mount().success() {
            // Not every kernel has it, nor does every user have the right.
            eprintln!("SKIPPED: the kernel's vfat cannot be asked here");
            return;
        }
        for number in 0..60 {
            let name = format!("Fotos {}/Größe {number}.jpg", number % 3);
            fs::create_dir_all(folder.join(&name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), noise(30_000, number)).unwrap();
        }
        for number in (0..60).step_by(2) {
            fs::remove_file(folder.join(format!("Fotos {}/Größe {number}.jpg", number % 3))).unwrap();
        }
        let said = stick.sticksmith(&["answer", "put", "--yes", node, &profile]);
        assert_eq!(said.status, 0, "{}", said.text);
        assert!(fs::read_dir(&folder).unwrap().next().is_none(), "it is mounted still");
        run("fsck.fat", &["-n", &partition]);
        assert!(mount().success());
        let found = std::panic::catch_unwind(|| {
            for number in (1..60).step_by(2) {
                let name = format!("Fotos {}/Größe {number}.jpg", number % 3);
                assert!(fs::read(folder.join(name)).unwrap() == noise(30_000, number));
            }
            // The kernel takes upper and lower case alike, and so the list's names are found however they are spelled.
            let list = ["--quiet", "-c", "sticksmith.sha256"];
            assert!(Command::new("sha256sum").args(list).current_dir(&folder).status().unwrap().success());
            assert!(fs::read_to_string(folder.join("autounattend.XML")).unwrap().contains("LINUX"));
        });
        assert!(Command::new("umount").arg(&folder).status().unwrap().success());
        found.unwrap();
        let said = stick.sticksmith(&["answer", "remove", "--yes", node]);
        assert_eq!(said.status, 0, "{}", said.text);
        run("fsck.fat", &["-n", &partition]);
    }
}
