//! Media shaped like Microsoft's, without a file of Microsoft's.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use super::{Workshop, content, run};

/// A folder that becomes an ISO.
pub struct Media {
    pub shop: Workshop,
}

impl Media {
    pub fn new(files: &[(&str, &[u8])]) -> Self {
        let shop = Workshop::new();
        fs::create_dir_all(shop.path("root")).unwrap();
        fs::create_dir_all(shop.path("captured")).unwrap();
        fs::write(shop.path("captured/file.txt"), "content of an image").unwrap();
        let media = Self { shop };
        files.iter().for_each(|(path, content)| media.file(path, content));
        media
    }

    /// Windows 10 x64, as small as can be.
    pub fn windows_10() -> Self {
        let media = Self::new(&[("efi/boot/bootx64.efi", &program(0x8664)), ("sources/empty.txt", b"")]);
        for (path, len) in [
            ("bootmgr", 383_786),
            ("boot/bcd", 262_144),
            ("setup.exe", 100_000),
            ("sources/lang/Größe.dll", 5000),
        ] {
            media.file(path, &content(path, len));
        }
        media.image("sources/boot.wim", "Setup", 9, "10.0.19045", "WindowsPE", "en-US");
        media.image("sources/install.wim", "Windows 10 Pro", 9, "10.0.19045", "Client", "en-US");
        media
    }

    pub fn file(&self, path: &str, content: &[u8]) {
        let path = self.shop.path(&format!("root/{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Adds an image to a WIM file. `version` is `6.1.7601`, `languages` a list with blanks.
    pub fn image(&self, path: &str, name: &str, arch: u32, version: &str, kind: &str, languages: &str) {
        let wim = self.shop.path(&format!("root/{path}"));
        fs::create_dir_all(wim.parent().unwrap()).unwrap();
        let command = if wim.exists() { "append" } else { "capture" };
        let mut args = vec![command.to_owned(), self.shop.text("captured"), wim.to_str().unwrap().to_owned()];
        args.extend([name.to_owned(), "--no-acls".to_owned()]);
        if command == "capture" && path.ends_with(".esd") {
            args.push("--solid".to_owned());
        }
        let [major, minor, build] = version.split('.').collect::<Vec<_>>()[..] else { panic!("{version}") };
        for (key, value) in
            [("ARCH", arch.to_string().as_str()), ("VERSION/MAJOR", major), ("VERSION/MINOR", minor)]
                .into_iter()
                .chain([("VERSION/BUILD", build), ("INSTALLATIONTYPE", kind)])
        {
            args.push(format!("--image-property=WINDOWS/{key}={value}"));
        }
        for (number, language) in (1..).zip(languages.split_whitespace()) {
            args.push(format!("--image-property=WINDOWS/LANGUAGES/LANGUAGE[{number}]={language}"));
        }
        run("wimlib-imagex", &args.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// With UDF and a read-me on the ISO 9660 side, as Microsoft makes them.
    pub fn bridged(&self) -> PathBuf {
        self.file("README.TXT", b"This disc contains a \"UDF\" file system");
        let mut args = vec!["-udf".to_owned()];
        for entry in fs::read_dir(self.shop.path("root")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name != "README.TXT" {
                args.extend(["-hide".to_owned(), name]);
            }
        }
        self.iso(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub fn iso(&self, more: &[&str]) -> PathBuf {
        let (root, iso) = (self.shop.text("root"), self.shop.text("media.iso"));
        let common = ["-quiet", "-iso-level", "3", "-D", "-N", "-V", "MEDIA", "-o", &iso, &root];
        run("genisoimage", &[more, &common].concat());
        self.shop.path("media.iso")
    }
}

/// The headers of a program for UEFI on this machine type, unsigned.
pub fn program(machine: u16) -> Vec<u8> {
    let mut file = vec![0; 0x40 + 24 + 240];
    file[..2].copy_from_slice(b"MZ");
    file[0x3C] = 0x40;
    file[0x40..0x44].copy_from_slice(b"PE\0\0");
    file[0x44..0x46].copy_from_slice(&machine.to_le_bytes());
    file[0x54..0x56].copy_from_slice(&240_u16.to_le_bytes());
    file[0x58..0x5A].copy_from_slice(&0x020B_u16.to_le_bytes());
    file[0x58 + 68] = 10;
    file[0x58 + 108] = 16;
    file
}
