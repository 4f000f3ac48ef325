//! A stick that was made really starts: the demo, in an emulator, by BIOS.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::process::Command;

use support::machine::{Machine, Port};
use support::tool;

const LINE: &str = "Sticksmith practice stick: this stick starts.";

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
    let stick = cache.path().join("sticksmith/demo/practice-stick.img");
    assert!(Machine::start("q35", Port::Xhci, &stick, 0).wait_for_serial(LINE));
}
