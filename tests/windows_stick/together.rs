//! Several sticks out of one pass over the media: each is what it would have become alone.

use serde_json::Value;

use super::judges::{files_of, judge};
use super::media::{SEVEN_X64, TEN_X64, lab_iso, tools};
use super::stick::{Ended, MIB, Stick, ended, sticksmith};

/// Its two ends: everything that is written lies there.
fn ends(stick: &Stick) -> (Vec<u8>, Vec<u8>) {
    let tail = 2 * MIB;
    (stick.read(0, 120 << 20), stick.read(stick.size_bytes - tail, tail as usize))
}

/// What the command said of this stick.
fn ended_of(objects: &[Value], stick: &Stick) -> Ended {
    let is_its = |object: &&Value| object["event"] == "ended" && object["drive"]["path"] == stick.text();
    let event = objects.iter().find(is_its).unwrap().clone();
    Ended {
        status: i32::try_from(event["exit_status"].as_i64().unwrap()).unwrap(),
        said: event.to_string(),
        event,
    }
}

#[test]
fn sticks_of_any_size_are_each_what_they_become_alone() {
    if !tools() {
        return;
    }
    for (kind, loader, scheme, more) in [
        (TEN_X64, false, "gpt", &[][..]),
        (SEVEN_X64, true, "mbr", &[]),
        (SEVEN_X64, true, "mbr", &["--split-size", "2M"]),
    ] {
        let iso = lab_iso(kind);
        // Other sizes, other clusters, other places of the same files.
        let sticks = [300 * MIB, 1_000_000_000 + 1234, 9 << 30].map(Stick::new);
        let mut arguments = vec!["--json", "write", "--yes", iso.text()];
        arguments.extend(sticks.iter().map(Stick::text));
        arguments.extend(["--scheme", scheme]);
        arguments.extend(more);
        let output = sticksmith(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
        let out = String::from_utf8(output.stdout).unwrap();
        let objects: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for stick in &sticks {
            let mut expected = files_of(&iso, loader);
            if !more.is_empty() {
                let plan = objects.iter().find(|object| object["event"] == "planned").unwrap();
                expected.remove("sources/install.wim").unwrap();
                for file in plan["plan"]["stick"]["files"].as_array().unwrap() {
                    let path = file["path"].as_str().unwrap();
                    if path.ends_with(".swm") {
                        expected.insert(path.to_owned(), None);
                    }
                }
            }
            judge(stick, scheme, &ended_of(&objects, stick).with(0), &expected);
            // The same file is the same stick again, to its last byte.
            let together = ends(stick);
            ended(&sticksmith(
                &[&["--json", "write", "--yes", iso.text(), stick.text(), "--scheme", scheme], more].concat(),
            ))
            .with(0);
            assert!(ends(stick) == together, "{} bytes: alone it is another stick", stick.size_bytes);
        }
    }
}
