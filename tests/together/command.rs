//! The terminal: `write IMAGE DRIVE DRIVE…` from outside.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::support::{file, noise, run, skip_unless};

const MIB: usize = 1 << 20;
const STICK_BYTES: usize = 28 * MIB;

struct Bench {
    folder: tempfile::TempDir,
    image: Vec<u8>,
}

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Bench {
    /// An image, and sticks of junk that are called a, b, c and d.
    fn new(image_mib: usize) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let image = noise(image_mib * MIB + 512, 1);
        file(folder.path(), "image.img", &image);
        for name in ["a", "b", "c", "d"] {
            file(folder.path(), name, &vec![0xD1; STICK_BYTES]);
        }
        Self { folder, image }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command
    }

    #[track_caller]
    fn run(&self, arguments: &str, status: i32) -> Ran {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ran = Ran {
            status: output.status.code().unwrap(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        assert_eq!(ran.status, status, "{}{}", ran.out, ran.err);
        ran
    }

    #[track_caller]
    fn assert_written(&self, names: &[&str]) {
        for name in names {
            assert!(fs::read(self.path(name)).unwrap()[..self.image.len()] == self.image, "{name}");
        }
    }

    #[track_caller]
    fn assert_untouched(&self, names: &[&str]) {
        for name in names {
            assert!(fs::read(self.path(name)).unwrap().iter().all(|byte| *byte == 0xD1), "{name}");
        }
    }
}

#[test]
fn every_stick_is_written_and_proved_with_lines_of_its_own() {
    let bench = Bench::new(3);
    let ran = bench.run("write --yes image.img a b c", 0);
    bench.assert_written(&["a", "b", "c"]);
    bench.assert_untouched(&["d"]);
    for name in ["a", "b", "c"] {
        let path = bench.path(name);
        assert!(ran.err.contains(&format!("{}: Verifying", path.display())), "{}", ran.err);
        assert!(ran.out.contains(&format!("== {} ==", path.display())), "{}", ran.out);
    }
    assert_eq!(ran.out.matches("and proved").count(), 3);
    assert!(ran.out.ends_with("All 3 drives are done.\n"), "{}", ran.out);
    let quiet = bench.run("write --yes --quiet image.img a b", 0);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
}

#[test]
fn a_drive_that_may_not_be_written_refuses_all_of_them() {
    let bench = Bench::new(3);
    file(bench.folder.path(), "small", &vec![0xD1; MIB]);
    std::os::unix::fs::symlink(bench.path("a"), bench.path("alias")).unwrap();
    for (arguments, said) in [
        ("a b a", "named twice"),
        ("a b alias", "named twice"),
        ("a small b", "small: The image needs"),
        ("a nothing", "nothing"),
        ("a b --serial S1", "S1"),
        ("a b --size 1", "1 bytes"),
        ("a b image.img", "image.img"),
    ] {
        let ran = bench.run(&format!("write --yes image.img {arguments}"), 2);
        assert!(ran.err.contains(said), "{arguments}: {}", ran.err);
        bench.assert_untouched(&["a", "b"]);
    }
    let refused = bench.run("--json write --yes image.img a small", 2);
    let object: Value = serde_json::from_str(refused.out.lines().last().unwrap()).unwrap();
    assert_eq!((&object["event"], &object["refusal"]["refusal"]), (&"ended".into(), &"too-small".into()));
    bench.run(&format!("write --yes image.img a b --size {STICK_BYTES}"), 0);
    bench.assert_written(&["a", "b"]);
}

#[test]
fn json_tells_the_drive_of_every_event_and_ends_with_the_whole() {
    let bench = Bench::new(3);
    let ran = bench.run("--json write --yes image.img a b c", 0);
    let objects: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (whole, events) = objects.split_last().unwrap();
    for name in ["a", "b", "c"] {
        let path = bench.path(name).to_str().unwrap().to_owned();
        let own: Vec<&Value> = events.iter().filter(|object| object["drive"]["path"] == path).collect();
        for event in ["opened", "planned", "phase", "progress"] {
            assert!(own.iter().any(|object| object["event"] == event), "{name}: {event}");
        }
        let ends: Vec<_> = own.iter().filter(|object| object["event"] == "ended").collect();
        assert_eq!(ends.len(), 1);
        assert_eq!((&ends[0]["result"], &ends[0]["exit_status"]), (&"done".into(), &0.into()));
        assert_eq!(own.last().unwrap()["event"], "ended");
    }
    assert!(events.iter().all(|object| object["drive"]["path"].is_string()));
    assert!(whole.get("drive").is_none() && whole["event"] == "ended" && whole["result"] == "done");
    assert_eq!(whole["drives"].as_array().unwrap().len(), 3);
}

#[test]
fn the_report_has_each_drive() {
    let bench = Bench::new(3);
    bench.run("write --yes image.img a b --report r.json", 0);
    let reports: Value = serde_json::from_str(&fs::read_to_string(bench.path("r.json")).unwrap()).unwrap();
    for (at, name) in ["a", "b"].into_iter().enumerate() {
        assert_eq!(reports[at]["drive"]["path"], bench.path(name).to_str().unwrap());
        assert!(reports[at]["digests"][0]["digest"].is_string());
    }
    for ending in ["txt", "html"] {
        bench.run(&format!("write --yes image.img a b --report r.{ending}"), 0);
        let text = fs::read_to_string(bench.path(&format!("r.{ending}"))).unwrap();
        assert!(["a", "b"].iter().all(|name| text.contains(bench.path(name).to_str().unwrap())), "{text}");
        assert_eq!(text.matches("SHA-256").count(), 2);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What each `ended` object says, in the order of the drives, and the whole.
fn results(ran: &Ran) -> Vec<String> {
    let objects = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut ended: Vec<Value> = objects.filter(|object| object["event"] == "ended").collect();
    ended.sort_by_key(|object| object["drive"]["path"].as_str().unwrap_or("~").to_owned());
    ended.iter().map(|object| object["result"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_exit_status_is_that_of_the_worst() {
    // Longer than what is looked at to recognise an image, so its size shows on the way, and so does damage at its end.
    let bench = Bench::new(20);
    let packed = gzip(&bench.image);
    file(bench.folder.path(), "good.gz", &packed);
    file(bench.folder.path(), "bad.gz", &packed[..packed.len() - 9]);
    file(bench.folder.path(), "e-small", &vec![0xD1; 16 * MIB]);
    let ran = bench.run("--json write --yes good.gz a e-small b", 1);
    assert_eq!(results(&ran), ["done", "done", "failed", "failed"]);
    bench.assert_written(&["a", "b"]);
    let ran = bench.run("--json write --yes bad.gz a b", 1);
    assert_eq!(results(&ran), ["failed", "failed", "failed"]);
    for name in ["a", "b"] {
        assert!(fs::read(bench.path(name)).unwrap()[..MIB].iter().all(|byte| *byte == 0), "{name}");
    }
}

#[test]
fn ctrl_c_cancels_all_of_them() {
    let bench = Bench::new(1);
    file(bench.folder.path(), "long.gz", &gzip(&vec![7; 600 * MIB]));
    for name in ["a", "b"] {
        fs::File::options().write(true).open(bench.path(name)).unwrap().set_len(700 * MIB as u64).unwrap();
    }
    let mut child = bench
        .command("--json write --yes long.gz a b")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut out, mut writing) = (String::new(), 0);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // Both are wiped by then.
        if line.contains(r#""event":"phase","phase":"writing""#) {
            writing += 1;
            if writing == 2 {
                run("kill", &["-INT", &child.id().to_string()]);
            }
        }
        out += &format!("{line}\n");
    }
    let ran = Ran { status: child.wait().unwrap().code().unwrap(), out, err: String::new() };
    assert_eq!((ran.status, results(&ran)), (130, vec!["cancelled".to_owned(); 3]), "{}", ran.out);
    for name in ["a", "b"] {
        let mut start = vec![1; MIB];
        fs::File::open(bench.path(name)).unwrap().read_exact(&mut start).unwrap();
        assert!(start.iter().all(|byte| *byte == 0), "{name} does not look empty");
    }
}

/// Bytes that the process has read by now, and whether it has ended. The work must be its own, not a second process's.
fn read_bytes(child: &Child) -> (u64, bool) {
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    let stat = fs::read_to_string(proc.join("stat")).unwrap();
    let io = fs::read_to_string(proc.join("io")).unwrap();
    let number = io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap();
    (number, stat.rsplit(") ").next().unwrap().starts_with('Z'))
}

/// What the command reads of all files. Without verification there is only the image, and the libraries.
fn bytes_read_by(bench: &Bench, arguments: &str) -> u64 {
    let mut child = bench
        .command(&format!("write --yes --no-verify {arguments}"))
        .env("STICKSMITH_ATTENDED", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let read = loop {
        if let (read, true) = read_bytes(&child) {
            break read;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(child.wait().unwrap().success());
    read
}

#[test]
fn the_image_is_read_once() {
    if !skip_unless(fs::metadata("/proc/self/io").is_ok(), "/proc/self/io") {
        return;
    }
    let bench = Bench::new(24);
    file(bench.folder.path(), "packed.zst", &zstd::encode_all(&bench.image[..], 1).unwrap());
    for image in ["image.img", "packed.zst"] {
        let len = fs::metadata(bench.path(image)).unwrap().len();
        // Without a hash: one that falls behind reads the image a second time. What is looked at first is read besides.
        let one = bytes_read_by(&bench, &format!("--no-hash {image} a"));
        assert!(one >= len, "{image}: the count sees no reading");
        let four = bytes_read_by(&bench, &format!("{image} a b c d"));
        assert!(four < one + len / 2, "{image}: {len} bytes, one stick reads {one}, four read {four}");
        bench.assert_written(&["a", "b", "c", "d"]);
    }
}
