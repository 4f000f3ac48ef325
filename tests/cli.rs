//! The terminal from outside: the built program, practice sticks in temporary folders, exit statuses, bytes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use sticksmith::base::{Algorithm, digest::Hasher};
use support::ran::Ran;
use support::{LoopDevice, noise, skip_unless, tool};
use tempfile::TempDir;

const MIB: usize = 1 << 20;
const IMAGE_BYTES: usize = 5 * MIB + 512 * 3;
const STICK_BYTES: usize = 12 * MIB;

/// A folder with an image and a practice stick that is full of junk.
struct Bench {
    folder: TempDir,
    image: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let image = disk_image(IMAGE_BYTES);
        fs::write(folder.path().join("image.img"), &image).unwrap();
        fs::write(folder.path().join("stick"), vec![0xD1; STICK_BYTES]).unwrap();
        Self { folder, image }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// The program with this folder as its current one, no display and no terminal.
    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        command.env("XDG_CACHE_HOME", self.folder.path());
        command
    }

    fn run(&self, arguments: &str) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    #[track_caller]
    fn assert_written(&self) {
        let stick = fs::read(self.path("stick")).unwrap();
        assert!(stick[..IMAGE_BYTES] == self.image, "the image is not on the stick");
        assert_eq!(stick.len(), STICK_BYTES);
    }

    #[track_caller]
    fn assert_untouched(&self) {
        let stick = fs::read(self.path("stick")).unwrap();
        assert!(
            stick.len() == STICK_BYTES && stick.iter().all(|byte| *byte == 0xD1),
            "the stick was touched"
        );
    }
}

/// Boot code, a partition table with one entry, and bytes that never repeat a sector.
fn disk_image(len: usize) -> Vec<u8> {
    let mut image = noise(len, 1);
    image[..2].copy_from_slice(&[0xEB, 0xFE]);
    image[446..510].fill(0);
    image[446] = 0x80;
    image[450] = 0xDA;
    image[454..458].copy_from_slice(&8_u32.to_le_bytes());
    image[458..462].copy_from_slice(&((len / 512 - 8) as u32).to_le_bytes());
    image[510..512].copy_from_slice(&[0x55, 0xAA]);
    image
}

fn checksum(algorithm: Algorithm, bytes: &[u8]) -> String {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish().hex()
}

#[test]
fn write_puts_the_image_on_the_stick_and_proves_it() {
    let bench = Bench::new();
    let sha256 = checksum(Algorithm::Sha256, &bench.image);
    bench.run("write --yes image.img stick").ended_with(0).says(&sha256).says("Verifying 100 %");
    bench.assert_written();
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let bench = Bench::new();
    let ran = bench.run("write --yes --quiet image.img stick").ended_with(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    bench.assert_written();
}

#[test]
fn compressed_images_are_told_by_content() {
    let bench = Bench::new();
    let gzip = compress_gzip(&bench.image);
    let zstd = zstd::encode_all(&bench.image[..], 1).unwrap();
    for bytes in [gzip, zstd] {
        bench.file("packed", &bytes);
        bench.file("stick", &vec![0xD1; STICK_BYTES]);
        bench.run("write --yes packed stick").ended_with(0);
        bench.assert_written();
    }
}

fn compress_gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_truncated_compressed_image_never_ends_well() {
    let bench = Bench::new();
    let packed = compress_gzip(&bench.image);
    bench.file("short.gz", &packed[..packed.len() - 9]);
    bench.run("write --yes short.gz stick").ended_with(1).says("Nothing was written");
    bench.assert_untouched();

    // So long that the damage shows only when much of it is on the stick.
    let long = [bench.image.as_slice(), &vec![7; 200 * MIB]].concat();
    let packed = compress_gzip(&long);
    bench.file("long.gz", &packed[..packed.len() - 9]);
    bench.file("large-stick", &vec![0xD1; MIB]);
    File::options().write(true).open(bench.path("large-stick")).unwrap().set_len(220 * MIB as u64).unwrap();
    bench.run("write --yes long.gz large-stick").ended_with(1).says("damaged");
    let mut first = [0xFF; 4096];
    File::open(bench.path("large-stick")).unwrap().read_exact(&mut first).unwrap();
    assert!(first.iter().all(|byte| *byte == 0), "a broken stick looks bootable");
}

#[test]
fn the_right_checksum_is_let_through_and_a_wrong_one_refuses() {
    let bench = Bench::new();
    let right = checksum(Algorithm::Sha1, &bench.image);
    let wrong = checksum(Algorithm::Sha1, b"something else");
    bench.run(&format!("write --yes --hash sha1:{wrong} image.img stick")).ended_with(2).says(&right);
    bench.assert_untouched();
    bench.run(&format!("write --yes --hash {right} image.img stick")).ended_with(0);
    bench.assert_written();
}

#[test]
fn a_checksum_file_beside_the_image_counts_unless_told_otherwise() {
    let bench = Bench::new();
    let wrong = checksum(Algorithm::Sha256, b"something else");
    bench.file("SHA256SUMS", format!("{wrong} *image.img\n").as_bytes());
    bench.run("write --yes image.img stick").ended_with(2).says(&wrong);
    bench.assert_untouched();
    bench.run("hash image.img").ended_with(3).says("SHA256SUMS");
    bench.run("write --yes --no-sidecar image.img stick").ended_with(0);
    bench.assert_written();
}

#[test]
fn what_cannot_be_done_is_refused_with_2_and_the_stick_left_alone() {
    let bench = Bench::new();
    bench.file("large.img", &disk_image(STICK_BYTES + 512));
    bench.file("empty.img", b"");
    for (arguments, words) in [
        ("write --yes large.img stick", "larger"),
        ("plan large.img stick", "larger"),
        ("write --yes empty.img stick", "empty"),
        ("write --yes missing.img stick", "missing.img"),
        ("write --yes image.img missing", "missing"),
        ("write --yes . stick", "folder"),
        ("write --yes stick stick", "holds the image"),
        ("write image.img stick", "--yes"),
        ("write --yes --size 12 image.img stick", "12"),
        ("write --yes --serial S1 image.img stick", "S1"),
        ("write --yes --report image.img image.img stick", "report"),
        ("write --yes --report none/report.txt image.img stick", "folder"),
        ("save stick image.img", "--force"),
        ("save stick stick --force", "stick"),
        ("check stick", "no list of files"),
        ("frobnicate", "frobnicate"),
        ("wirte image.img stick", "'write'"),
        ("missing.iso", "missing.iso"),
        ("", "demo"),
        ("image.img", "demo"),
    ] {
        bench.run(arguments).ended_with(2).says(words);
        bench.assert_untouched();
    }
    bench.run(&format!("write --yes --size {STICK_BYTES} image.img stick")).ended_with(0);
    bench.assert_written();
}

#[test]
fn a_refusal_has_a_form_for_programs() {
    let bench = Bench::new();
    bench.file("large.img", &disk_image(STICK_BYTES + 512));
    for command in ["write --json --yes large.img stick", "plan --json large.img stick"] {
        let ran = bench.run(command).ended_with(2);
        let ended = ran.objects().pop().expect("a last object");
        assert_eq!((&ended["event"], &ended["refusal"]["refusal"]), (&"ended".into(), &"too-small".into()));
        assert_eq!(ended["refusal"]["needed_bytes"], STICK_BYTES + 512);
    }
}

#[test]
fn json_events_come_in_order_and_end_once() {
    let bench = Bench::new();
    let ran = bench.run("write --json --yes image.img stick").ended_with(0);
    let events = ran.objects();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().expect("a name")).collect();
    assert_eq!(names[..2], ["opened", "planned"]);
    assert_eq!(names.iter().filter(|name| **name == "ended").count(), 1);
    assert_eq!(names.last(), Some(&"ended"));

    let phases: Vec<&str> =
        events.iter().filter(|e| e["event"] == "phase").map(|e| e["phase"].as_str().unwrap()).collect();
    let at =
        |phase| phases.iter().position(|p| *p == phase).unwrap_or_else(|| panic!("{phase} in {phases:?}"));
    assert!(at("writing") < at("syncing") && at("syncing") < at("verifying"), "{phases:?}");

    let ended = events.last().unwrap();
    assert_eq!((&ended["result"], &ended["exit_status"]), (&"done".into(), &0.into()));
    assert_eq!(ended["report"]["proof"]["verified_bytes"], IMAGE_BYTES);
}

#[test]
fn json_says_a_refusal_as_an_ending_too() {
    let bench = Bench::new();
    bench.file("empty.img", b"");
    for arguments in
        ["write --json --yes empty.img stick", "plan --json empty.img stick", "inspect --json none"]
    {
        let ran = bench.run(arguments).ended_with(2);
        let ended = ran.objects().pop().expect("an object");
        assert_eq!((&ended["event"], &ended["result"]), (&"ended".into(), &"refused".into()), "{arguments}");
        assert_eq!(ended["exit_status"], 2);
    }
    bench.assert_untouched();
}

#[test]
fn check_tells_identical_from_different_and_changes_nothing() {
    let bench = Bench::new();
    let mut stick = bench.image.clone();
    stick.resize(STICK_BYTES, 0xD1);
    bench.file("stick", &stick);
    let sha256 = checksum(Algorithm::Sha256, &bench.image);
    bench.run("check stick image.img").ended_with(0);
    bench.run(&format!("check stick --hash sha256:{sha256} --bytes {IMAGE_BYTES}")).ended_with(0);
    bench.run(&format!("check stick --hash sha256:{sha256}")).ended_with(3);

    let place = 3 * MIB + 77;
    stick[place] ^= 1;
    bench.file("stick", &stick);
    bench.run("check stick image.img").ended_with(3);
    let ran = bench.run("check --json stick image.img").ended_with(3);
    let ended = ran.objects().pop().unwrap();
    let mismatch = &ended["report"]["proof"]["mismatches"][0];
    let offset = mismatch["offset"].as_u64().unwrap() as usize;
    let len = mismatch["len"].as_u64().unwrap() as usize;
    assert!((offset..offset + len).contains(&place), "{mismatch}");
    assert!(fs::read(bench.path("stick")).unwrap() == stick, "check wrote to the stick");
}

#[test]
fn save_and_write_are_a_round_trip_in_every_form() {
    let bench = Bench::new();
    let mut stick = bench.image.clone();
    stick.resize(STICK_BYTES, 0);
    bench.file("stick", &stick);
    for name in ["copy.img", "copy.img.gz", "copy.img.zst", "copy.img.xz"] {
        bench.run(&format!("save stick {name}")).ended_with(0);
        let file = fs::read(bench.path(name)).unwrap();
        let mut copy = Vec::new();
        match name {
            "copy.img" => copy = file,
            "copy.img.gz" => _ = flate2::read::MultiGzDecoder::new(&file[..]).read_to_end(&mut copy).unwrap(),
            "copy.img.zst" => copy = zstd::decode_all(&file[..]).unwrap(),
            _ => _ = liblzma::read::XzDecoder::new_multi_decoder(&file[..]).read_to_end(&mut copy).unwrap(),
        }
        assert!(copy == stick, "{name} holds something else than the stick");
        bench.run(&format!("check stick {name}")).ended_with(0);
    }
    bench.run("save stick copy.img --force").ended_with(0);
}

#[test]
fn plan_covers_the_image_and_does_nothing() {
    let bench = Bench::new();
    bench.run("plan image.img stick").ended_with(0).says("image.img");
    let plan = bench.run("plan --json image.img stick").ended_with(0).objects().pop().unwrap();
    let extents = plan["extents"].as_array().unwrap();
    let total: u64 = extents.iter().map(|extent| extent["len"].as_u64().unwrap()).sum();
    assert_eq!((extents[0]["start"].as_u64(), total), (Some(0), IMAGE_BYTES as u64));
    bench.assert_untouched();
}

#[test]
fn hash_prints_checksums_and_compares_them() {
    let bench = Bench::new();
    let sha256 = checksum(Algorithm::Sha256, &bench.image);
    let md5 = checksum(Algorithm::Md5, &bench.image);
    let ran = bench.run("hash image.img --with sha256,md5").ended_with(0);
    assert_eq!(ran.out, format!("{sha256}  image.img\n{md5}  image.img\n"));

    let start = checksum(Algorithm::Sha256, &bench.image[..1000]);
    bench.run("hash image.img --bytes 1000").ended_with(0).says(&start);

    let packed = compress_gzip(&bench.image);
    bench.file("image.gz", &packed);
    bench.run("hash image.gz").ended_with(0).says(&checksum(Algorithm::Sha256, &packed));
    bench.run("hash image.gz --decompressed").ended_with(0).says(&sha256);

    bench.file("image.img.md5", format!("{md5}  image.img\n").as_bytes());
    bench.run("hash image.img").ended_with(0).says(&sha256).says(&md5).says("image.img.md5");
}

#[test]
fn inspect_and_list_speak_both_languages() {
    let bench = Bench::new();
    bench.run("inspect image.img").ended_with(0).says("disk image").says("MBR").says("BIOS");
    let object = bench.run("inspect --json image.img").ended_with(0).objects().pop().unwrap();
    assert_eq!((&object["kind"], &object["boots_bios"]), (&"disk".into(), &true.into()));
    bench.run("list").ended_with(0);
    for drive in bench.run("list --all --json").ended_with(0).objects() {
        assert!(drive["id"].is_string() && drive["standing"].is_string(), "{drive}");
    }
}

#[test]
fn reports_take_the_form_of_their_ending() {
    let bench = Bench::new();
    for (name, start) in [("report.json", "{"), ("report.html", "<"), ("report.txt", "")] {
        bench.run(&format!("write --yes --report {name} image.img stick")).ended_with(0);
        let report = fs::read_to_string(bench.path(name)).unwrap();
        assert!(report.starts_with(start) && report.contains("image.img"), "{name}: {report}");
        if name == "report.json" {
            let report: Value = serde_json::from_str(&report).unwrap();
            assert_eq!(report["proof"]["verified_bytes"], IMAGE_BYTES);
        }
    }
}

#[test]
fn demo_does_the_whole_job_in_the_terminal() {
    let bench = Bench::new();
    bench.run("demo").ended_with(0).says("Verifying 100 %");
    let folder = bench.path("sticksmith/demo");
    let image = fs::read(folder.join("demo.img")).unwrap();
    let stick = fs::read(folder.join("practice-stick.img")).unwrap();
    assert!(stick.len() > image.len() && stick[..image.len()] == image);
    bench.run("demo --terminal --json").ended_with(0);
}

/// The image is so large that it cannot be done before the signal arrives, and sparse, so that it costs nothing.
#[test]
fn an_interrupt_stops_in_mid_write_and_leaves_an_empty_looking_stick() {
    let bench = Bench::new();
    let large = |name: &str, start: &[u8]| {
        let mut file = File::create(bench.path(name)).unwrap();
        file.write_all(start).unwrap();
        file.set_len(16 << 30).unwrap();
    };
    large("large.img", &bench.image);
    large("large-stick", &vec![0xD1; MIB]);

    let mut child = bench.command("write --json --yes large.img large-stick");
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let progress = lines.find(|line| line.contains("\"progress\"") && line.contains("\"writing\""));
    assert!(progress.is_some(), "the job ended before it wrote anything");
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());

    let rest: Vec<String> = lines.collect();
    let ended: Value = serde_json::from_str(rest.last().unwrap()).unwrap();
    assert_eq!((&ended["result"], &ended["exit_status"]), (&"cancelled".into(), &130.into()));
    assert_eq!(child.wait().unwrap().code(), Some(130));

    let mut first = [0xFF; 4096];
    File::open(bench.path("large-stick")).unwrap().read_exact(&mut first).unwrap();
    assert!(first.iter().all(|byte| *byte == 0), "the first block is not empty");
}

/// On a terminal (which `script` provides) the question names the drive, and only `yes` writes.
#[test]
fn write_asks_on_a_terminal() {
    if !tool("script") {
        return;
    }
    let bench = Bench::new();
    let ask = |answer: &str| {
        let program = env!("CARGO_BIN_EXE_sticksmith");
        let mut script = Command::new("script")
            .args(["-qec", &format!("'{program}' write image.img stick"), "/dev/null"])
            .current_dir(bench.folder.path())
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        script.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        Ran::from(script.wait_with_output().unwrap())
    };
    ask("y\n").ended_with(2).says("image.img").says("stick").says("Type yes").says("Nothing was written");
    bench.assert_untouched();
    ask("yes\n").ended_with(0).says(&checksum(Algorithm::Sha256, &bench.image));
    bench.assert_written();
}

/// A loop device that was named by its node is a drive like any other.
#[test]
fn a_loop_device_is_written_to_without_further_words() {
    let bench = Bench::new();
    let Some(device) = LoopDevice::attach(&bench.path("stick"), 512, &[]) else { return };
    let node = device.node.to_str().unwrap();
    bench.run(&format!("write --yes image.img {node}")).ended_with(0);
    bench.assert_written();
    bench.run(&format!("check {node} image.img")).ended_with(0);
    bench.run(&format!("inspect {node}")).ended_with(0).says(node);
}

#[test]
fn help_manual_and_completions_render() {
    let bench = Bench::new();
    bench.run("--help").ended_with(0).says("130").says("\"event\"").says("write");
    bench.run("write --help").ended_with(0).says("--no-verify");
    bench.run("man").ended_with(0).says(".SH \"EXIT STATUS\"").says("no\\-verify");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        bench.run(&format!("completions {shell}")).ended_with(0).says("inspect");
    }
    bench.run("--nonsense").ended_with(2);
    bench.run("list extra").ended_with(2);
}

#[test]
fn names_of_files_cannot_steer_the_terminal() {
    let bench = Bench::new();
    let name = "evil\u{1b}[2J.img";
    fs::write(bench.path(name), &bench.image).unwrap();
    for arguments in
        [["inspect", name].as_slice(), &["write", "--yes", name, "stick"], &["plan", name, "stick"]]
    {
        let output = bench.command("").args(arguments).output().unwrap();
        let ran = Ran::from(output).ended_with(0);
        assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{arguments:?}");
    }
}

#[test]
fn a_result_that_cannot_be_printed_is_no_success() {
    let full = Path::new("/dev/full");
    if !skip_unless(full.exists(), "/dev/full") {
        return;
    }
    let bench = Bench::new();
    let full = File::options().write(true).open(full).unwrap();
    let output = bench.command("hash image.img").stdout(full).output().unwrap();
    Ran::from(output).ended_with(1);
}
