//! A PC in an emulator, started from a stick: what it says on its serial line, its screen and the debug port.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Debian's package ovmf.
pub const OVMF: &str = "/usr/share/OVMF";

/// How the stick is plugged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// USB 3
    Xhci,
    /// USB 2: each call of the firmware's costs tens of milliseconds
    Ehci,
    /// not a stick but a hard disk
    Ide,
}

/// Long enough for a slow emulator on a busy machine; a good case ends at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// A machine that runs. It is gone when this goes out of scope.
pub struct Machine {
    qemu: Child,
    folder: tempfile::TempDir,
}

impl Machine {
    /// Starts a machine of type `machine` (`pc`, `q35`) by BIOS. The stick is `image` from byte `offset_bytes` on, which
    /// is left as it is.
    pub fn start(machine: &str, port: Port, image: &Path, offset_bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let device: &[&str] = match port {
            Port::Xhci => &["-device", "qemu-xhci", "-device", "usb-storage,drive=stick,bootindex=0"],
            Port::Ehci => &["-device", "usb-ehci", "-device", "usb-storage,drive=stick,bootindex=0"],
            Port::Ide => &["-device", "ide-hd,drive=stick,bootindex=0"],
        };
        let qemu = Command::new("qemu-system-x86_64")
            .args(["-machine", machine, "-accel", "tcg", "-m", "64", "-display", "none", "-vga", "std"])
            .args(["-nodefaults", "-monitor", "stdio"])
            .args(device)
            .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=1"])
            .args(["-serial", "file:serial", "-debugcon", "file:debug", "-snapshot", "-drive"])
            .arg(format!(
                "if=none,id=stick,driver=raw,offset={offset_bytes},file.filename={}",
                image.display()
            ))
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { qemu, folder }
    }

    /// Starts a machine by UEFI (OVMF, with variables as they come from the factory) from a stick at a USB 3 port. Sectors
    /// of other sizes than 512 bytes OVMF reads right from an NVMe disk, but not from QEMU's stick.
    pub fn start_uefi(image: &Path, sector_bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(format!("{OVMF}/OVMF_VARS_4M.fd"), folder.path().join("variables")).unwrap();
        let device = match sector_bytes {
            512 => "usb-storage,drive=stick,bootindex=0".to_owned(),
            bytes => format!(
                "nvme,serial=1,drive=stick,bootindex=0,logical_block_size={bytes},physical_block_size={bytes}"
            ),
        };
        let qemu = Command::new("qemu-system-x86_64")
            .args(["-machine", "q35,smm=off", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "256"])
            .args(["-display", "none", "-vga", "std", "-nodefaults", "-monitor", "stdio"])
            .args(["-drive", &format!("if=pflash,unit=0,format=raw,readonly=on,file={OVMF}/OVMF_CODE_4M.fd")])
            .args(["-drive", "if=pflash,unit=1,format=raw,file=variables"])
            .args(["-device", "qemu-xhci", "-device", &device])
            .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=1", "-serial", "file:serial", "-drive"])
            .arg(format!("if=none,id=stick,format=raw,snapshot=on,file={}", image.display()))
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { qemu, folder }
    }

    /// What it has said on the serial line so far.
    pub fn serial(&self) -> String {
        self.said("serial")
    }

    /// What was written to port E9h so far.
    pub fn debug(&self) -> String {
        self.said("debug")
    }

    fn said(&self, file: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.path().join(file)).unwrap_or_default())
            .into_owned()
    }

    /// Waits until the guest ends the emulator itself through the debug-exit port; its status.
    pub fn wait_for_exit(&mut self) -> Option<i32> {
        let status =
            self.wait(|machine| machine.qemu.try_wait().unwrap().map(|status| status.code().unwrap()));
        if status.is_none() {
            eprintln!("on the screen:\n{}", self.screen());
        }
        status
    }

    /// Waits for a line on the serial port.
    pub fn wait_for_serial(&mut self, line: &str) -> bool {
        self.wait(|machine| machine.serial().contains(line).then_some(())).is_some()
    }

    /// Waits for a sentence on the text screen.
    pub fn wait_for_screen(&mut self, sentence: &str) -> bool {
        let found = self.wait(|machine| machine.screen().contains(sentence).then_some(()));
        if found.is_none() {
            eprintln!("on the screen:\n{}", self.screen());
        }
        found.is_some()
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        self.tell(&format!("sendkey {key}"));
    }

    fn wait<T>(&mut self, mut there: impl FnMut(&mut Self) -> Option<T>) -> Option<T> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            // First whether it has ended: what is looked at afterwards is complete then.
            let ended = self.qemu.try_wait().unwrap().is_some();
            if let Some(found) = there(self) {
                return Some(found);
            }
            if ended {
                return None;
            }
            thread::sleep(Duration::from_millis(50));
        }
        None
    }

    /// The text screen, shown where a test fails: its 25 lines of 80 characters.
    pub fn screen(&mut self) -> String {
        self.tell("pmemsave 0xb8000 4000 screen");
        thread::sleep(Duration::from_millis(50));
        let cells = std::fs::read(self.folder.path().join("screen")).unwrap_or_default();
        let letters: Vec<u8> = cells.iter().step_by(2).copied().collect();
        let lines = letters.chunks(80).map(|line| String::from_utf8_lossy(line).trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }

    fn tell(&mut self, command: &str) {
        // It may have ended; whoever waits for it sees that.
        let _ = writeln!(self.qemu.stdin.as_mut().unwrap(), "{command}");
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}
