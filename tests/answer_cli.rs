//! `sticksmith answer` from outside: exit statuses, what is printed where, and that no secret is.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::ran::Ran;
use tempfile::TempDir;

fn run(folder: &Path, arguments: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
    command.args(arguments.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    command.output().unwrap().into()
}

fn folder_with(name: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    folder
}

/// The environment says the language; what else this machine says is its own matter.
#[test]
#[cfg(target_os = "linux")]
fn a_profile_has_this_computers_region_where_it_is_asked_for() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (arguments, wanted) in [("--this-region", "de-AT"), ("", "en-US")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sticksmith"));
        command.args(["answer", "new", "region.toml", "--force"]).args(arguments.split_whitespace());
        let status = command.current_dir(folder.path()).env("LC_ALL", "de_AT.UTF-8").status().unwrap();
        assert!(status.success());
        let text = fs::read_to_string(folder.path().join("region.toml")).unwrap();
        assert!(text.contains(&format!("user_locale = \"{wanted}\"")), "{text}");
        assert!(text.contains("setup_language = \"en-US\""), "the media decide that: {text}");
        run(folder.path(), "answer check region.toml").ended_with(0);
    }
}

const SECRET: &str = "[accounts]\nadministrator_password = \"hunter2\"\n";

#[test]
fn a_new_profile_can_be_used_at_once() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    for version in ["vista", "7", "8", "8.1", "10", "11"] {
        run(folder, &format!("answer new {version}.toml --for {version}")).ended_with(0);
        run(folder, &format!("answer check {version}.toml")).ended_with(0).says("can be used");
        let shown = run(folder, &format!("answer show {version}.toml --secrets")).ended_with(0);
        fs::write(folder.join("a.xml"), &shown.out).unwrap();
        run(folder, &format!("answer check a.xml --for {version} --arch amd64")).ended_with(0);
    }
    let before = fs::read(folder.join("7.toml")).unwrap();
    run(folder, "answer new 7.toml --for 10").ended_with(2).says("--force");
    assert_eq!(fs::read(folder.join("7.toml")).unwrap(), before);
    run(folder, "answer new 7.toml --for 10 --force").ended_with(0);
    assert_ne!(fs::read(folder.join("7.toml")).unwrap(), before);
    run(folder, "answer new a.json --for 8.1").ended_with(0);
    run(folder, "answer check a.json").ended_with(0);
    run(folder, "answer new no/such/folder.toml").ended_with(1);
    run(folder, "answer new x.toml --for 95").ended_with(2).says("vista, 7, 8");
}

#[test]
fn secrets_are_printed_only_when_asked_for() {
    let folder = folder_with("a.toml", SECRET);
    let folder = folder.path();
    run(folder, "answer show a.toml --for 7")
        .ended_with(0)
        .hides("hunter2")
        .says("********")
        .says("--secrets");
    run(folder, "answer show a.toml --for 7 --json").ended_with(0).hides("hunter2");
    run(folder, "answer show a.toml --for 7 --json --secrets").ended_with(2);
    run(folder, "answer check a.toml --for 7").ended_with(0).hides("hunter2").says("stays on the stick");
    let shown = run(folder, "answer show a.toml --for 7 --secrets").ended_with(0).says("hunter2");
    // And the way back.
    fs::write(folder.join("a.xml"), &shown.out).unwrap();
    run(folder, "answer show a.xml --for 7")
        .ended_with(0)
        .hides("hunter2")
        .says("administrator_password = \"********\"");
    let back = run(folder, "answer show a.xml --for 7 --secrets").ended_with(0);
    fs::write(folder.join("back.toml"), &back.out).unwrap();
    assert_eq!(run(folder, "answer show back.toml --secrets").ended_with(0).out, shown.out);
    // What was printed masked is not taken for an answer file.
    let masked = run(folder, "answer show a.toml --for 7");
    fs::write(folder.join("masked.xml"), &masked.out).unwrap();
    run(folder, "answer check masked.xml").ended_with(3).says("masked");
}

#[test]
fn what_is_wrong_is_named() {
    let folder = folder_with("digits.toml", "[computer]\nname = \"123456\"\n");
    let folder = folder.path();
    run(folder, "answer show digits.toml").ended_with(2).says("which Windows");
    run(folder, "answer check digits.toml --for 7").ended_with(3).says("computer.name is “123456”");
    run(folder, "answer show digits.toml --for 7").ended_with(2).says("computer.name is “123456”");
    let ran = run(folder, "answer show digits.toml --for 7 --json").ended_with(2);
    let object: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert!(object["message"].as_str().unwrap().contains("computer.name"), "{object}");
    let ran = run(folder, "answer check digits.toml --for 7 --json").ended_with(3);
    let object: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(
        (&object["errors"], &object["findings"][0]["severity"]),
        (&Value::from(1), &Value::from("error"))
    );

    fs::write(folder.join("typo.toml"), "[accounts]\npasword = \"hunter2\"\n").unwrap();
    run(folder, "answer check typo.toml").ended_with(2).says("pasword").says("Line 2").hides("hunter2");
    fs::write(folder.join("wipe.toml"), "[disks]\nmode=\"wipe\"\ndisk=0\nlayout=\"bios\"\nstick_disk=1\n")
        .unwrap();
    run(folder, "answer show wipe.toml --for 7").ended_with(2).says("consent = \"erase disk 0\"");
    fs::write(folder.join("bad.xml"), "<unattend>").unwrap();
    run(folder, "answer check bad.xml").ended_with(3).says("well-formed");
    fs::write(folder.join("other.xml"), "<html/>").unwrap();
    run(folder, "answer check other.xml").ended_with(3).says("unattend");
    run(folder, "answer show other.xml").ended_with(2).says("root");
    run(folder, "answer check missing.toml").ended_with(2).says("missing.toml");
    run(folder, "answer show digits.toml --for 7 --script").ended_with(2);
}

#[test]
fn the_script_and_the_files_are_shown() {
    let step = "[[after_setup.steps]]\nname = \"7-Zip\"\nfile = \"apps/7z.msi\"\n";
    let folder = folder_with("a.toml", step);
    let folder = folder.path();
    let script = run(folder, "answer show a.toml --for 7 --script").ended_with(0).says("msiexec.exe /i");
    assert!(script.out.contains("\r\n"));
    let ran = run(folder, "answer show a.toml --for 7 --json").ended_with(0);
    let object: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(object["files"][0]["dest"], "sources/$OEM$/$1/Sticksmith/7z.msi");
    assert_eq!(object["script"]["dest"], "sources/$OEM$/$1/Sticksmith/first-logon.cmd");
}

/// As on a stick: the script says what is installed, and without it that something is missing is said.
#[test]
fn an_answer_file_is_shown_with_the_script_beside_it() {
    let step = "[[after_setup.steps]]\nname = \"7-Zip\"\nfile = \"apps/7z.msi\"\narguments = \"/qn\"\n";
    let folder = folder_with("a.toml", step);
    let folder = folder.path();
    let xml = run(folder, "answer show a.toml --for 7 --secrets").ended_with(0).out;
    let script = run(folder, "answer show a.toml --for 7 --script").ended_with(0).out;
    let below = folder.join("stick/sources/$OEM$/$1/Sticksmith");
    fs::create_dir_all(&below).unwrap();
    for place in ["stick/Autounattend.xml", "stick/sources/Autounattend.xml"] {
        fs::write(folder.join(place), &xml).unwrap();
        let alone = run(folder, &format!("answer show {place} --for 7")).ended_with(0);
        let alone = alone.says("Not in the profile: oobeSystem").says("FirstLogonCommands");
        assert!(!alone.out.contains("7z.msi"), "{}", alone.out);
        fs::write(below.join("first-logon.cmd"), &script).unwrap();
        let whole = run(folder, &format!("answer show {place} --for 7")).ended_with(0);
        let whole = whole.says("first-logon.cmd was read as well").says("file = \"7z.msi\"").says("\"/qn\"");
        assert!(!whole.err.contains("Not in the profile"), "{}", whole.err);
        let json = run(folder, &format!("--json answer show {place} --for 7")).ended_with(0);
        let object: Value = serde_json::from_str(json.out.trim()).unwrap();
        assert_eq!(object["script"], "sources/$OEM$/$1/Sticksmith/first-logon.cmd");
        assert_eq!(object["profile"]["after_setup"]["steps"][0]["name"], "7-Zip");
        fs::remove_file(below.join("first-logon.cmd")).unwrap();
    }
}

#[test]
fn only_windows_media_can_be_held_against_a_profile() {
    let folder = folder_with("a.toml", "windows = \"7\"\n");
    let folder = folder.path();
    fs::write(folder.join("other.iso"), [0; 4096]).unwrap();
    run(folder, "answer check a.toml --image other.iso").ended_with(2).says("Windows");
    run(folder, "answer check a.toml --image none.iso").ended_with(1).says("none.iso");
    run(folder, "answer check a.toml --image other.iso --for 7").ended_with(2).says("--for");
}

#[test]
fn time_zones_are_found() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let ran = run(folder.path(), "answer zones new york").ended_with(0);
    assert_eq!(ran.out.lines().count(), 1);
    assert!(ran.out.contains("Eastern Standard Time"));
    run(folder.path(), "answer zones atlantis").ended_with(2);
    let ran = run(folder.path(), "answer zones --json").ended_with(0);
    assert!(ran.out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
}
