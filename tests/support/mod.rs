//! What the tests share: images, devices that misbehave, outside tools, loop devices.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

pub mod boot_stick;
pub mod device;
pub mod fake_stick;
pub mod lab;
pub mod machine;
pub mod ran;

use std::path::{Path, PathBuf};
use std::process::Command;

/// `true` if the outside tool is there. Otherwise says loudly what is missed, or fails where skipping is not allowed.
pub fn tool(name: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    skip_unless(found, name)
}

/// The same for anything else that a test needs.
pub fn skip_unless(there: bool, what: &str) -> bool {
    if !there {
        let must = std::env::var_os("STICKSMITH_REQUIRE_TOOLS").is_some_and(|v| v == "1");
        assert!(!must, "this test needs {what}, and STICKSMITH_REQUIRE_TOOLS is set");
        eprintln!("SKIPPED: needs {what}");
    }
    there
}

/// Runs an outside tool; its output, or a panic that shows what it said.
pub fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap_or_else(|e| panic!("{program}: {e}"));
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {args:?} ended with {}: {text}", output.status);
    text
}

/// Bytes that look random and are the same every time.
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Writes a file into `folder`.
pub fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A loop device that is detached when it goes out of scope.
pub struct LoopDevice {
    pub node: PathBuf,
}

impl LoopDevice {
    /// Attaches `file`, if this user may.
    pub fn attach(file: &Path, sector_bytes: u32, more: &[&str]) -> Option<Self> {
        if !tool("losetup") {
            return None;
        }
        let output = Command::new("losetup")
            .args(["--find", "--show", "--sector-size", &sector_bytes.to_string()])
            .args(more)
            .arg(file)
            .output()
            .unwrap();
        if !skip_unless(output.status.success(), "the right to attach loop devices (root)") {
            return None;
        }
        Some(Self { node: PathBuf::from(String::from_utf8(output.stdout).unwrap().trim()) })
    }
}

impl Drop for LoopDevice {
    fn drop(&mut self) {
        let _ = Command::new("losetup").arg("--detach").arg(&self.node).status();
    }
}
