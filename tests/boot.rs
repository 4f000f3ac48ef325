//! A stick that was made really starts: the demo, in an emulator, by BIOS.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use support::tool;

const LINE: &str = "Sticksmith practice stick: this stick starts.";

/// Starts a machine from a USB stick and waits for `line` on its serial port.
fn starts_with(stick: &Path, line: &str) -> bool {
    let mut machine = Command::new("qemu-system-x86_64")
        .args(["-machine", "q35", "-m", "64", "-display", "none", "-serial", "stdio", "-monitor", "none"])
        .args(["-device", "qemu-xhci", "-device", "usb-storage,drive=stick"])
        .arg("-drive")
        .arg(format!("if=none,id=stick,format=raw,snapshot=on,file={}", stick.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(machine.stdout.take().unwrap());
    let (send, lines) = mpsc::channel();
    thread::spawn(move || output.split(b'\n').map_while(Result::ok).try_for_each(|line| send.send(line)));
    // Long enough for a slow emulator; the good case ends at once.
    let mut found = false;
    while let Ok(said) = lines.recv_timeout(Duration::from_secs(60)) {
        found = String::from_utf8_lossy(&said).contains(line);
        if found {
            break;
        }
    }
    machine.kill().unwrap();
    machine.wait().unwrap();
    found
}

#[test]
fn the_demo_makes_a_stick_that_starts() {
    if !tool("qemu-system-x86_64") {
        return;
    }
    let cache = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_sticksmith"))
        .args(["--quiet", "demo", "--terminal"])
        .env("XDG_CACHE_HOME", cache.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(starts_with(&cache.path().join("sticksmith/demo/practice-stick.img"), LINE));
}
