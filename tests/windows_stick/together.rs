//! Several sticks out of one pass over the media: each is what it would have become alone.

use std::fs;
use std::sync::Arc;
use std::thread;

use serde_json::Value;
use sticksmith::base::{Algorithm, Cancel};
use sticksmith::device::{self, BlockDevice, Standing};
use sticksmith::engine;
use sticksmith::job;
use sticksmith::plan::{Plan, WindowsOptions, plan_windows};
use sticksmith::source::{AddRequest, Addition, Source};

use super::judges::{files_of, judge, judge_list};
use super::media::{SEVEN_X64, TEN_X64, lab_iso, md5_of_tree, tools};
use super::stick::{Ended, MIB, Stick, ended, sticksmith};
use super::support::{LoopDevice, noise};

/// Its two ends: everything that is written lies there.
fn ends(stick: &Stick) -> (Vec<u8>, Vec<u8>) {
    let tail = 2 * MIB;
    (stick.read(0, 120 << 20), stick.read(stick.size_bytes - tail, tail as usize))
}

/// What the command said of the stick at this path.
pub fn ended_of(objects: &[Value], node: &str) -> Ended {
    let is_its = |object: &&Value| object["event"] == "ended" && object["drive"]["path"] == *node;
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
            judge(stick, scheme, &ended_of(&objects, stick.text()).with(0), &expected);
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

#[test]
fn a_stick_with_other_sectors_is_as_right_as_the_others() {
    if !tools() {
        return;
    }
    let iso = lab_iso(SEVEN_X64);
    let size = 1_500_000_000 / 4096 * 4096;
    let sticks = [Stick::new(size), Stick::with_front(size, 4096, 80 * MIB), Stick::new(300 * MIB)];
    let Some(device) = LoopDevice::attach(&sticks[1].image, 4096, &[]) else { return };
    let node = device.node.to_str().unwrap().to_owned();
    let nodes = [sticks[0].text(), &node, sticks[2].text()];
    let arguments = [&["--json", "write", "--yes", iso.text()][..], &nodes].concat();
    let output = sticksmith(&arguments);
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{out}");
    let objects: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for node in nodes {
        assert_eq!(sticksmith(&["--quiet", "check", node]).status.code(), Some(0), "{node}");
    }
    drop(device);
    for (stick, node) in sticks.iter().zip(nodes) {
        judge(stick, "mbr", &ended_of(&objects, node).with(0), &files_of(&iso, true));
    }
}

/// The command has the same choices for all of them; the engine takes any plans of one image.
#[test]
fn a_stick_with_other_files_hashes_them_by_itself() {
    if !tools() {
        return;
    }
    let iso = lab_iso(SEVEN_X64);
    let source = Arc::new(Source::open(&iso.path).unwrap());
    let media = source.windows_media().unwrap().unwrap();
    let folder = tempfile::tempdir().unwrap();
    // Of the same name and length as each other: only their bytes differ.
    let [mine, yours, tool] = ["mine.cfg", "yours.cfg", "tool.exe"].map(|name| folder.path().join(name));
    for (path, len, seed) in [(&mine, 5_000, 9), (&yours, 5_000, 10), (&tool, 70_000, 4)] {
        fs::write(path, noise(len, seed)).unwrap();
    }
    let own = |path: &std::path::Path, dest: &str, replaces| -> Vec<Addition> {
        let request = AddRequest { path: path.to_owned(), dest: Some(dest.to_owned()), replaces };
        job::list_additions(&[request]).unwrap()
    };
    let plain = WindowsOptions::default;
    // The first one's files are hashed for all that have the same.
    let choices = [
        WindowsOptions { additions: own(&mine, "sources/ei.cfg", true), ..plain() },
        WindowsOptions { additions: own(&yours, "sources/ei.cfg", true), ..plain() },
        WindowsOptions { additions: own(&tool, "tools/", false), ..plain() },
        WindowsOptions { split_bytes: Some(2 * MIB), ..plain() },
        plain(),
    ];
    let sticks = choices.each_ref().map(|_| Stick::new(300 * MIB));
    let targets = sticks.each_ref().map(|stick| device::find(stick.text()).unwrap());
    let plan = |(drive, options)| {
        plan_windows(source.facts(), &media, drive, &Standing::Selectable, options).unwrap()
    };
    let plans: Vec<Plan> = targets.iter().zip(&choices).map(plan).collect();
    let shares =
        engine::share_out(&source, &plans.iter().collect::<Vec<_>>(), Some(Algorithm::Sha256), Vec::new())
            .unwrap();
    thread::scope(|scope| {
        for (share, plan) in shares.into_iter().zip(&plans) {
            scope.spawn(move || {
                let opened: Arc<dyn BlockDevice> = device::open_for_writing(&plan.target).unwrap().into();
                let cancel = Cancel::new();
                let written =
                    engine::write_share(plan, share, &opened, true, &|_| {}, &|_| {}, &cancel).unwrap();
                assert!(written.committed && written.comparison.unwrap().is_identical());
            });
        }
    });
    for (at, stick) in sticks.iter().enumerate() {
        let extracted = stick.path("by-mtools");
        let found = stick.volume().extract_by_mtools(&extracted);
        judge_list(&extracted, &found);
        // The list is right of what lies there; that this is what was meant, others say.
        if let Some(name) = ["mine.cfg", "yours.cfg"].get(at) {
            assert_eq!(found["sources/ei.cfg"], md5_of_tree(folder.path())[*name]);
        }
        assert_eq!(found.contains_key("tools/tool.exe"), at == 2);
        assert_eq!(found.contains_key("sources/install.swm"), at == 3);
        assert_eq!(sticksmith(&["--quiet", "check", stick.text()]).status.code(), Some(0), "stick {at}");
    }
}
