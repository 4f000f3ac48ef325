//! One run of the lab's guest: sticks in, a script in, words and sticks out.
// Each test program takes what it needs.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::support::{file, lab, noise, run};

/// Emulated machines are slow enough one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// For one run of the guest; generous, because the machine may have other work.
const SECONDS_LIMIT: &str = "500";

/// guest-run's exit status where the lab itself failed, whatever ran in the guest.
const LAB_FAILED: i32 = 125;

/// `tell NAME ARGUMENTS…` runs the program and prints one line: `NAME: its last words exit STATUS`. A slow machine gives rise
/// to warnings that it waits; they are left out.
const TELL: &str = r#"
tell() {
    local name=$1 words status
    shift
    words=$(sticksmith --quiet "$@" 2>&1)
    status=$?
    echo "$name: $(grep -v '^Warning: ' <<<"$words" | tr '\n' ' ')exit $status"
}
"#;

/// Set where the guest is known to be there: a test that cannot have it fails.
fn must_be_there() -> bool {
    std::env::var_os("STICKSMITH_REQUIRE_USB_LAB").is_some_and(|value| value == "1")
}

/// Whether there is a guest, built now if need be. One that cannot be built on this machine (no root, no packages) is only
/// spoken of, unless it must be there.
fn guest_is_built() -> bool {
    static BUILT: OnceLock<bool> = OnceLock::new();
    let Some(build) = lab::file("guest-build") else { return false };
    *BUILT.get_or_init(|| {
        let output = Command::new(build).output();
        let built = output.as_ref().is_ok_and(|output| output.status.success());
        if !built {
            let words = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
            assert!(!must_be_there(), "the guest of the USB lab cannot be built here: {words:?}");
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
    /// As [`Guest::new`], for the tests that the gate runs: only where the guest is known to be there.
    pub fn of_gate(image_bytes: usize) -> Option<Self> {
        if !must_be_there() {
            eprintln!("SKIPPED: boots a machine with USB sticks; STICKSMITH_REQUIRE_USB_LAB=1 asks for it");
            return None;
        }
        Self::new(image_bytes)
    }

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

    /// A file of this size with a GPT, for `image=FILE`.
    pub fn partitioned(&self, len: usize) -> String {
        let path = self.folder.path().join("partitioned.raw");
        fs::write(&path, noise(len, 99)).unwrap();
        let path = path.to_str().unwrap().to_owned();
        run("sgdisk", &["--clear", "--new=1:2048:0", &path]);
        path
    }

    pub fn options(mut self, more: &[&str]) -> Self {
        self.options.extend(more.iter().map(|option| (*option).to_owned()));
        self
    }

    /// Runs lines of shell in the guest, with `sticksmith` in the path and [`TELL`].
    pub fn run(self, script: &str) -> Ran {
        let script = prepared(script);
        let (mut status, mut words) = self.attempt(&script);
        if status == Some(LAB_FAILED) {
            eprintln!("The guest failed to run, and is started once more: {words}");
            (status, words) = self.attempt(&script);
        }
        assert_eq!(status, Some(0), "the guest's status and words: {words}");
        Ran { folder: self.folder, words }
    }

    /// The same, until an action (`--at`) ends the machine.
    pub fn run_to_the_cut(self, script: &str) -> Ran {
        let (status, words) = self.attempt(&prepared(script));
        let was_cut = words.contains("the machine went down") || words.contains("the guest went down");
        assert!(
            status == Some(LAB_FAILED) && was_cut,
            "the machine's power was not cut: {status:?}, {words}"
        );
        Ran { folder: self.folder, words }
    }

    fn attempt(&self, script: &str) -> (Option<i32>, String) {
        let run = lab::file("guest-run").unwrap();
        let output = Command::new(run).args(&self.options).args(["--", script]).output().unwrap();
        let words =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), words)
    }
}

fn prepared(script: &str) -> String {
    format!("export PATH=/lab/in/in:$PATH IMAGE=/lab/in/in/image.raw\nexec 2>&1\n{TELL}\n{script}")
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

    /// Which of the lines is the first that begins so.
    #[track_caller]
    pub fn place(&self, begin: &str) -> usize {
        let found = self.words.lines().position(|line| line.starts_with(begin));
        found.unwrap_or_else(|| panic!("no line begins with “{begin}” in:\n{}", self.words))
    }

    /// The first line that begins so and has these words.
    #[track_caller]
    pub fn line_with(&self, begin: &str, words: &str) -> Line<'_> {
        let found = self.words.lines().find(|line| line.starts_with(begin) && line.contains(words));
        Line(found.unwrap_or_else(|| panic!("no line “{begin}…{words}” in:\n{}", self.words)))
    }

    /// Not one byte was written to the stick, as the other end of its cable counts them.
    #[track_caller]
    pub fn is_untouched(&self, name: &str) {
        assert_eq!(self.counted(name, "written"), 0, "{}", self.words);
    }

    /// A counter at the other end of a stick's cable: `written`, `flushes`.
    pub fn counted(&self, name: &str, what: &str) -> u64 {
        let told = fs::read_to_string(self.folder.path().join("out/lab.json")).unwrap();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        told["sticks"][name][what].as_u64().unwrap()
    }

    /// The bytes of a stick as it was when the machine was cut off.
    pub fn stick(&self, name: &str) -> Vec<u8> {
        fs::read(self.stick_path(name)).unwrap()
    }

    pub fn stick_path(&self, name: &str) -> PathBuf {
        self.folder.path().join("out").join(format!("stick-{name}.raw"))
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
