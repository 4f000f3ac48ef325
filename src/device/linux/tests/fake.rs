//! A folder that looks like the `/sys`, `/proc` and `/run` of some machine.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::super::drives::drives;
use super::super::root::Root;
use super::super::system::System;
use crate::device::Drive;

/// Where a stick in the given port of the first controller hangs in sysfs.
pub(super) fn usb_port(port: &str) -> String {
    format!("pci0000:00/0000:00:14.0/usb1/{port}")
}

pub(super) struct Machine {
    folder: tempfile::TempDir,
    mounts: Vec<String>,
    swaps: Vec<String>,
}

/// A device of a fake machine; each method lays out one more part of it.
pub(super) struct Block<'a> {
    machine: &'a Machine,
    dir: PathBuf,
    name: String,
}

impl Machine {
    pub(super) fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap(), mounts: Vec::new(), swaps: Vec::new() };
        fs::create_dir_all(machine.at("sys/block")).unwrap();
        machine
    }

    pub(super) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(path: &Path, content: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(super) fn attribute(&self, path: &str, content: &str) {
        Self::write(&self.at("sys/devices").join(path), &format!("{content}\n"));
    }

    /// A link as sysfs has them, of which only the last component matters.
    pub(super) fn link(&self, path: &str, target: &str) {
        let path = self.at("sys/devices").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(format!("/nowhere/{target}"), path).unwrap();
    }

    /// A whole device whose folder is `devices/PARENT/block/NAME`.
    pub(super) fn block(&self, parent: &str, name: &str, number: &str, bytes: u64) -> Block<'_> {
        let dir = self.at("sys/devices").join(parent).join("block").join(name);
        let block = Block { machine: self, dir, name: name.to_owned() };
        fs::create_dir_all(&block.dir).unwrap();
        symlink(&block.dir, self.at("sys/block").join(name)).unwrap();
        symlink(self.at("sys/devices").join(parent), block.dir.join("device")).unwrap();
        block
            .set("dev", number)
            .set("size", &(bytes / 512).to_string())
            .set("uevent", &format!("DEVNAME={name}"))
    }

    /// Layers and loop devices.
    pub(super) fn virtual_block(&self, name: &str, number: &str, bytes: u64) -> Block<'_> {
        let block = self.block("virtual", name, number, bytes);
        fs::remove_file(block.dir.join("device")).unwrap();
        block
    }

    /// A USB stick of 8 GB at a port, by the usual driver.
    pub(super) fn usb_stick(&self, port: &str, name: &str, number: &str, serial: &str) -> Block<'_> {
        let usb = usb_port(port);
        self.attribute(&format!("{usb}/manufacturer"), "SanDisk Corp.");
        self.attribute(&format!("{usb}/product"), "Ultra Fit");
        self.attribute(&format!("{usb}/serial"), serial);
        self.link(&format!("{usb}/{port}:1.0/driver"), "usb-storage");
        let scsi = format!("{usb}/{port}:1.0/host6/target6:0:0/6:0:0:0");
        self.attribute(&format!("{scsi}/vendor"), "SanDisk ");
        self.attribute(&format!("{scsi}/model"), "Ultra Fit       ");
        self.link(&format!("{scsi}/subsystem"), "scsi");
        self.block(&scsi, name, number, 8_000_000_000).set("removable", "1").set("diskseq", "11")
    }

    pub(super) fn nvme(&self) -> Block<'_> {
        let nvme = "pci0000:00/0000:01:00.0/nvme/nvme0";
        self.attribute(&format!("{nvme}/model"), "Samsung SSD 980 PRO 1TB");
        self.attribute(&format!("{nvme}/serial"), "S5GXNX0R123456");
        self.link(&format!("{nvme}/subsystem"), "nvme");
        self.block(nvme, "nvme0n1", "259:0", 1_000_204_886_016)
    }

    pub(super) fn mount(&mut self, number: &str, point: &str, kind: &str, source: &str) {
        let id = self.mounts.len() + 20;
        self.mounts.push(format!("{id} 1 {number} / {point} rw,relatime shared:1 - {kind} {source} rw"));
    }

    pub(super) fn mount_with(&mut self, number: &str, point: &str, kind: &str, options: &str) {
        let id = self.mounts.len() + 20;
        self.mounts.push(format!("{id} 1 {number} / {point} rw - {kind} {kind} {options}"));
    }

    pub(super) fn mounts_clear(&mut self) {
        self.mounts.clear();
    }

    pub(super) fn swap(&mut self, path: &str, kind: &str) {
        self.swaps.push(format!("{path}\t\t{kind}\t1000\t0\t-2"));
    }

    pub(super) fn udev(&self, number: &str, record: &str) {
        Self::write(&self.at(format!("run/udev/data/b{number}")), record);
    }

    pub(super) fn proc_stat(&self, content: &str) {
        Self::write(&self.at("proc/stat"), content);
    }

    pub(super) fn look(&self) -> System {
        Self::write(&self.at("proc/self/mountinfo"), &(self.mounts.join("\n") + "\n"));
        Self::write(
            &self.at("proc/swaps"),
            &format!("Filename Type Size Used Priority\n{}\n", self.swaps.join("\n")),
        );
        System::look(Root::fake(self.folder.path())).unwrap()
    }

    pub(super) fn drives(&self) -> Vec<Drive> {
        drives(&self.look())
    }

    pub(super) fn drive(&self, name: &str) -> Drive {
        let path = Path::new("/dev").join(name);
        self.drives().into_iter().find(|drive| drive.identity.path == path).expect("the drive is listed")
    }
}

impl Block<'_> {
    pub(super) fn set(self, attribute: &str, value: &str) -> Self {
        Machine::write(&self.dir.join(attribute), &format!("{value}\n"));
        self
    }

    pub(super) fn partition(self, number: u32, dev: &str, start: u64, sectors: u64) -> Self {
        let between = if self.name.ends_with(|c: char| c.is_ascii_digit()) { "p" } else { "" };
        let name = format!("{}{between}{number}", self.name);
        for (attribute, value) in [
            ("partition", number.to_string()),
            ("dev", dev.to_owned()),
            ("start", start.to_string()),
            ("size", sectors.to_string()),
            ("uevent", format!("DEVNAME={name}")),
        ] {
            Machine::write(&self.dir.join(&name).join(attribute), &format!("{value}\n"));
        }
        self
    }

    /// This device is built on that one.
    pub(super) fn on(self, lower: &str) -> Self {
        let slaves = self.dir.join("slaves");
        fs::create_dir_all(&slaves).unwrap();
        symlink(self.machine.at("nowhere").join(lower), slaves.join(lower)).unwrap();
        self
    }
}
