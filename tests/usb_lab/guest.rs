//! One run of the lab's guest: sticks in, a script in, words and sticks out.
// Each test program takes what it needs.
#![allow(dead_code)]

use std::fs;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::support::{file, lab, noise};

/// Emulated machines are slow enough one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

const SECONDS_LIMIT: &str = "150";

/// Whether there is a guest, built now if need be. One that cannot be built on this machine (no root, no packages) is only
/// spoken of.
fn guest_is_built() -> bool {
    static BUILT: OnceLock<bool> = OnceLock::new();
    let Some(build) = lab::file("guest-build") else { return false };
    *BUILT.get_or_init(|| {
        let output = Command::new(build).output();
        let built = output.as_ref().is_ok_and(|output| output.status.success());
        if !built {
            let words = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
            eprintln!("SKIPPED: the guest of the USB lab cannot be built here: {words:?}");
        }
        built
    })
}

/// What is to be run, before it is.
pub struct Guest {
    folder: tempfile::TempDir,
    options: Vec<String>,
    _turn: MutexGuard<'static, ()>,
}

impl Guest {
    /// With the program, and an image of noise of this size as `$IMAGE`. `None`: no lab, which was said.
    pub fn new(image_bytes: usize) -> Option<Self> {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        if !guest_is_built() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let shared = folder.path().join("in");
        fs::create_dir(&shared).unwrap();
        file(&shared, "image.raw", &noise(image_bytes, 5));
        let program = shared.join("sticksmith");
        fs::copy(env!("CARGO_BIN_EXE_sticksmith"), &program).unwrap();
        // Its debug information would only be carried into the guest, slowly.
        let _ = Command::new("strip").arg(&program).status();
        let shared = shared.to_str().unwrap().to_owned();
        let out = folder.path().join("out").to_str().unwrap().to_owned();
        let options = ["--in", &shared, "--out", &out, "--time-limit", SECONDS_LIMIT].map(str::to_owned);
        Some(Self { folder, options: options.into(), _turn: turn })
    }

    /// A file of junk that a stick may begin with: `image=FILE`.
    pub fn junk(&self) -> String {
        self.file("junk.raw", &noise(8 << 20, 99))
    }

    /// The same with this content.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn options(mut self, more: &[&str]) -> Self {
        self.options.extend(more.iter().map(|option| (*option).to_owned()));
        self
    }

    /// Runs lines of shell in the guest, with `sticksmith` in the path.
    pub fn run(self, script: &str) -> Ran {
        let script = format!("export PATH=/lab/in/in:$PATH IMAGE=/lab/in/in/image.raw\nexec 2>&1\n{script}");
        let output = Command::new(lab::file("guest-run").unwrap())
            .args(&self.options)
            .args(["--", &script])
            .output()
            .unwrap();
        let words =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "the guest ended with {}: {words}", output.status);
        Ran { folder: self.folder, words }
    }
}

/// What came of it.
pub struct Ran {
    folder: tempfile::TempDir,
    words: String,
}

impl Ran {
    #[track_caller]
    pub fn says(&self, words: &str) {
        assert!(self.words.contains(words), "“{words}” is not in:\n{}", self.words);
    }

    #[track_caller]
    pub fn says_not(&self, words: &str) {
        assert!(!self.words.contains(words), "“{words}” is in:\n{}", self.words);
    }

    pub fn has(&self, words: &str) -> bool {
        self.words.contains(words)
    }

    /// The first line that begins so.
    #[track_caller]
    pub fn line(&self, begin: &str) -> Line<'_> {
        let found = self.words.lines().find(|line| line.starts_with(begin));
        Line(found.unwrap_or_else(|| panic!("no line begins with “{begin}” in:\n{}", self.words)))
    }

    /// Not one byte was written to the stick, as the other end of its cable counts them.
    #[track_caller]
    pub fn is_untouched(&self, name: &str) {
        let told = fs::read_to_string(self.folder.path().join("out/lab.json")).unwrap();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["sticks"][name]["written"], 0, "{}", self.words);
    }

    /// The bytes of a stick as it was when the machine was cut off.
    pub fn stick(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join("out").join(format!("stick-{name}.raw"))).unwrap()
    }
}

/// One line of what was said.
pub struct Line<'a>(&'a str);

impl Line<'_> {
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.0.contains(words), "“{words}” is not in: {}", self.0);
        self
    }
}
