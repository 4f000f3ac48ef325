//! Answer files on sticks: at their places, whole, nothing secret anywhere else, and found again by whoever looks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::judges::{files_of, judge};
use super::media::{Iso, SEVEN_BOTH, SEVEN_X64, TEN_X64, by_hand, lab_iso, small_tree, tools};
use super::secrets::{KEY, PASSWORD, assert_silent};
use super::stick::{MIB, Stick, ended, sticksmith};
use super::support::{LoopDevice, noise, run};
use super::together::ended_of;

pub const PLACES: [&str; 2] = ["Autounattend.xml", "sources/Autounattend.xml"];
const BELOW: &str = "sources/$OEM$/$1/Sticksmith";

/// A small company: one edition, one disk that is wiped, an administrator, three applications.
pub fn company(folder: &Path) -> PathBuf {
    // Three hundred characters of folders are a path on this computer alone.
    let deep = format!("apps/{}/{}", "ordner".repeat(25), "größe".repeat(25));
    fs::create_dir_all(folder.join(&deep)).unwrap();
    fs::write(folder.join("apps/7z.msi"), noise(70_001, 1)).unwrap();
    fs::write(folder.join("apps/Büro – Ω.exe"), noise(300_000, 2)).unwrap();
    fs::write(folder.join(&deep).join("last.cmd"), b"echo done\r\n").unwrap();
    let text = format!(
        r#"windows = "7"
[region]
ui_language = "en-US"
time_zone = "Berlin"
[setup]
edition = "Windows 7 PROFESSIONAL"
product_key = "{KEY}"
accept_eula = true
[disks]
mode = "wipe"
disk = 0
layout = "bios"
stick_disk = 1
consent = "erase disk 0"
[accounts]
encode_passwords = false
auto_logon = {{ user = "Jürgen", count = 1 }}
[[accounts.users]]
name = "Jürgen"
groups = ["Administrators"]
password = '''{PASSWORD}'''
[[after_setup.steps]]
name = "7-Zip"
file = 'apps\7z.msi'
arguments = "/qn"
[[after_setup.steps]]
name = "Büro"
file = "apps/Büro – Ω.exe"
[[after_setup.steps]]
name = "Last"
file = "{deep}/last.cmd"
"#
    );
    let path = folder.join("Firma Größe.toml");
    fs::write(&path, text).unwrap();
    path
}

fn md5(path: &Path) -> String {
    run("md5sum", &[path.to_str().unwrap()]).split(' ').next().unwrap().trim_start_matches('\\').to_owned()
}

fn extracted(stick: &Stick, place: &str) -> PathBuf {
    stick.path(&format!("by-7z/{place}"))
}

#[track_caller]
fn assert_both_places(stick: &Stick, architectures: &[&str]) -> String {
    let texts = PLACES.map(|place| fs::read_to_string(extracted(stick, place)).unwrap());
    assert_eq!(texts[0], texts[1]);
    for architecture in ["x86", "amd64", "arm64"] {
        let is_there = texts[0].contains(&format!("processorArchitecture=\"{architecture}\""));
        assert_eq!(is_there, architectures.contains(&architecture), "{architecture}");
    }
    run("xmllint", &["--noout", extracted(stick, PLACES[0]).to_str().unwrap()]);
    let [text, _] = texts;
    text
}

/// The files of a stick that was made with the company's answer file.
fn expected_of(iso: &Iso, loader: bool, profile: &Path) -> BTreeMap<String, Option<String>> {
    let folder = profile.parent().unwrap();
    let mut expected = files_of(iso, loader);
    for place in PLACES {
        expected.insert(place.to_owned(), None);
    }
    expected.insert(format!("{BELOW}/first-logon.cmd"), None);
    for file in ["7z.msi", "Büro – Ω.exe"] {
        expected.insert(format!("{BELOW}/{file}"), Some(md5(&folder.join("apps").join(file))));
    }
    expected.insert(format!("{BELOW}/last.cmd"), None);
    expected
}

/// Writes, and has everything judged. Returns all that was said.
fn make(stick: &Stick, iso: &Iso, loader: bool, profile: &Path) -> Vec<u8> {
    let mut said = Vec::new();
    let report = stick.path("report");
    let mut arguments = vec!["--json", "write", "--yes", iso.text(), stick.text()];
    let (answer, report_text) = (profile.to_str().unwrap(), report.with_extension("json"));
    arguments.extend(["--answer", answer, "--report", report_text.to_str().unwrap()]);
    let output = sticksmith(&arguments);
    said.extend([&output.stdout[..], &output.stderr].concat());
    let ended = ended(&output).with(0);
    said.extend(fs::read(report_text).unwrap());
    judge(stick, "mbr", &ended, &expected_of(iso, loader, profile));
    said
}

#[test]
fn a_profile_becomes_a_stick_and_its_secrets_lie_in_the_answer_files_alone() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = company(folder.path());
    let iso = lab_iso(SEVEN_X64);
    let stick = Stick::new(1 << 30);
    let mut said = make(&stick, &iso, true, &profile);
    let text = assert_both_places(&stick, &["amd64"]);
    assert!(text.contains(KEY) && text.contains("Jürgen"));
    assert!(text.contains("Quokka&lt;7"), "{text}");

    // By the list on the stick, by the image, in every form of a report.
    let (image, answer) = (iso.text(), profile.to_str().unwrap());
    for (ending, more) in [("html", &[][..]), ("txt", &[image][..])] {
        let report = stick.path(&format!("again.{ending}"));
        let check = [&["--json", "check", stick.text()], more].concat();
        let output = sticksmith(&check);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("Autounattend.xml") && told.contains("\"wipes\":[\"0\"]"), "{told}");
        said.extend([&output.stdout[..], &output.stderr].concat());
        let output = sticksmith(&[&["check", stick.text()], more].concat());
        let told =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("erase disk 0"), "{told}");
        said.extend(told.into_bytes());
        let report_text = report.to_str().unwrap();
        let write = ["write", "--yes", image, stick.text(), "--answer", answer, "--report", report_text];
        let output = sticksmith(&write);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        said.extend([&output.stdout[..], &output.stderr].concat());
        said.extend(fs::read(report).unwrap());
    }
    for json in [&["--json"][..], &[]] {
        for words in [&["plan", image, stick.text(), "--answer", answer][..], &["inspect", stick.text()]] {
            let output = sticksmith(&[json, words].concat());
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            said.extend([&output.stdout[..], &output.stderr].concat());
        }
    }
    let told = String::from_utf8_lossy(&said).into_owned();
    assert!(told.contains("Autounattend.xml from the answer file Firma Größe.toml"), "{told}");
    assert!(told.contains("the file stays on the stick: whoever has the stick"), "{told}");
    assert_silent("what was said", &said);
    // And not in the manifest, nor anywhere else on the stick.
    stick.volume().extract_by_mtools(&stick.path("by-mtools"));
    for path in super::media::md5_of_tree(&stick.path("by-mtools")).keys() {
        if !PLACES.contains(&path.as_str()) && !path.ends_with(".wim") {
            assert_silent(path, &fs::read(stick.path("by-mtools").join(path)).unwrap());
        }
    }
    let manifest = fs::read_to_string(stick.path("by-mtools/sticksmith.sha256")).unwrap();
    assert_eq!(manifest.lines().nth(1).unwrap().matches("\"answer\":true").count(), 6, "{manifest}");

    // A changed answer file is found, by both.
    let other = stick.path("other.xml");
    fs::write(&other, text.replace("Jürgen", "Jurgen ")).unwrap();
    stick.mtools("mcopy", &["-o", other.to_str().unwrap(), "::sources/Autounattend.xml"]);
    for more in [&[][..], &[image][..]] {
        let output = sticksmith(&[&["check", stick.text()], more].concat());
        let told =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("sources/Autounattend.xml is not what it was"), "{told}");
        assert_silent("a check", told.as_bytes());
    }
}

#[test]
fn two_architectures_get_a_component_each() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = company(folder.path());
    let iso = lab_iso(SEVEN_BOTH);
    let stick = Stick::new(1 << 30);
    make(&stick, &iso, true, &profile);
    assert_both_places(&stick, &["x86", "amd64"]);
}

/// One command for sticks of other sizes, and of other sectors where the system lets one have them.
#[test]
fn several_sticks_get_the_answer_file_at_once_whatever_their_sectors() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = company(folder.path());
    let iso = lab_iso(SEVEN_X64);
    let size = 1_500_000_000 / 4096 * 4096;
    let mut sticks = vec![Stick::new(300 * MIB), Stick::new(1_000_000_000 + 1234)];
    let large = Stick::with_front(size, 4096, 80 * MIB);
    let device = LoopDevice::attach(&large.image, 4096, &[]);
    sticks.extend(device.is_some().then_some(large));
    let node = |(at, stick): (usize, &Stick)| match &device {
        Some(device) if at == 2 => device.node.to_str().unwrap().to_owned(),
        _ => stick.text().to_owned(),
    };
    let nodes: Vec<String> = sticks.iter().enumerate().map(node).collect();
    let mut arguments = vec!["--json", "write", "--yes", iso.text()];
    arguments.extend(nodes.iter().map(String::as_str));
    arguments.extend(["--answer", profile.to_str().unwrap()]);
    let output = sticksmith(&arguments);
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert_silent("a write to several sticks", out.as_bytes());
    let objects: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for node in &nodes {
        for more in [&[][..], &[iso.text()]] {
            let output = sticksmith(&[&["check", node], more].concat());
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(output.status.code(), Some(0), "{node}: {told}");
            assert!(told.contains("erase disk 0"), "{told}");
        }
    }
    drop(device);
    let mut texts = Vec::new();
    for (stick, node) in sticks.iter().zip(&nodes) {
        judge(stick, "mbr", &ended_of(&objects, node).with(0), &expected_of(&iso, true, &profile));
        texts.push(assert_both_places(stick, &["amd64"]));
    }
    assert!(texts.iter().all(|text| *text == texts[0] && text.contains(KEY)));
}

#[test]
fn what_does_not_go_with_the_image_is_refused_and_nothing_touched() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let iso = lab_iso(TEN_X64);
    let stick = Stick::new(300 << 20);
    let xml = |architecture: &str| {
        format!(
            "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><settings pass=\"windowsPE\"><component \
             name=\"Microsoft-Windows-Setup\" processorArchitecture=\"{architecture}\" \
             publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\"><UserData>\
             <AcceptEula>true</AcceptEula></UserData></component></settings></unattend>"
        )
    };
    for (name, text, words) in [
        ("a.toml", "windows = \"7\"".to_owned(), "Windows 7"),
        ("b.toml", "architectures = [\"arm64\"]".to_owned(), "arm64"),
        ("c.toml", "setup.edition = \"Windows 10 Nano\"".to_owned(), "1 “"),
        ("d.toml", "setup.edition_index = 77".to_owned(), "77"),
        ("e.toml", "region.setup_language = \"fr-FR\"".to_owned(), "fr-FR"),
        ("language.toml", "region.ui_language = \"fr-FR\"".to_owned(), "region.ui_language is “fr-FR”"),
        ("f.toml", "after_setup.steps = [{ name = \"A\", file = \"no.exe\" }]".to_owned(), "Step 1 (“A”)"),
        ("g.toml", "nothing = 1".to_owned(), "nothing"),
        ("h.xml", xml("x86"), "None of its components"),
        ("i.xml", "<unattend>".to_owned(), "well-formed"),
        ("j.xml", "<html/>".to_owned(), "unattend"),
        ("none.toml", String::new(), "cannot be opened"),
    ] {
        let path = folder.path().join(name);
        if !text.is_empty() {
            fs::write(&path, text).unwrap();
        }
        let refused = stick.write(&iso.path, &["--answer", path.to_str().unwrap()]).with(2);
        refused.says(name).says(words);
        stick.assert_untouched();
        // The same without a stick.
        let check = ["answer", "check", path.to_str().unwrap(), "--image", iso.text()];
        let output = sticksmith(&check);
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(matches!(output.status.code(), Some(2 | 3)) && told.contains(words), "{name}: {told}");
    }
    let good = folder.path().join("good.toml");
    fs::write(&good, "windows = \"10\"\n[disks]\nmode = \"wipe\"\ndisk = 0\nlayout = \"uefi\"\nstick_disk = 1\nconsent = \"erase disk 0\"\n").unwrap();
    let output = sticksmith(&["answer", "check", good.to_str().unwrap(), "--image", iso.text()]);
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    for words in ["Setup of Windows 10", "erase disk 0", "good.toml can be used"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // One that Setup reads is put there as it is, whatever is to be said of it.
    let own = folder.path().join("own.xml");
    fs::write(&own, xml("amd64").replace("</settings>", "</settings>\r\n<!-- Größe -->")).unwrap();
    stick.write(&iso.path, &["--answer", own.to_str().unwrap()]).with(0);
    stick.volume().fsck();
    stick.volume().extract_by_7z(&stick.path("by-7z"));
    for place in PLACES {
        assert_eq!(md5(&extracted(&stick, place)), md5(&own));
    }
}

#[test]
fn an_answer_file_of_the_image_is_never_replaced_silently() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    small_tree(&root);
    let theirs = "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><settings pass=\"windowsPE\"><component \
        name=\"Microsoft-Windows-Setup\" processorArchitecture=\"amd64\"><DiskConfiguration><Disk><DiskID>3</DiskID>\
        <WillWipeDisk>true</WillWipeDisk></Disk></DiskConfiguration></component></settings></unattend>";
    fs::create_dir_all(root.join("sources/$OEM$/$$/Panther")).unwrap();
    for place in ["AutoUnattend.xml", "sources/$OEM$/$$/Panther/unattend.xml"] {
        fs::write(root.join(place), theirs).unwrap();
    }
    let iso = folder.path().join("small.iso");
    by_hand(&root, &iso, "SMALL");
    let own = folder.path().join("own.xml");
    fs::write(&own, theirs.replace('3', "4")).unwrap();
    let answer = ["--answer", own.to_str().unwrap()];

    let stick = Stick::new(100 << 20);
    let refused = stick.write(&iso, &answer).with(2);
    refused.says("The image brings an answer file itself (AutoUnattend.xml)");
    stick.assert_untouched();
    let text = |words: &[&str]| {
        let output = sticksmith(words);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let iso_text = iso.to_str().unwrap();
    for words in [&["inspect", iso_text][..], &["plan", iso_text, stick.text()]] {
        let told = text(words);
        assert!(told.contains("AutoUnattend.xml") && told.contains("disk 3"), "{told}");
    }

    stick.write(&iso, &[answer[0], answer[1], "--replace-answer"]).with(0);
    let found = stick.volume().extract_by_7z(&stick.path("by-7z"));
    stick.volume().fsck();
    for place in PLACES {
        assert_eq!(found[place], md5(&own));
    }
    assert!(!found.contains_key("AutoUnattend.xml"));
    assert!(!found.contains_key("sources/$OEM$/$$/Panther/unattend.xml"));
    for words in [&["check", stick.text()][..], &["check", stick.text(), iso_text]] {
        let told = text(words);
        assert!(told.contains("what it should be"), "{told}");
    }
    // Others' sticks are told of as well.
    stick.mtools("mdel", &["::Autounattend.xml", "::sources/Autounattend.xml", "::sticksmith.sha256"]);
    for folder in ["$OEM$", "$OEM$/$$", "$OEM$/$$/Panther"] {
        let made = std::process::Command::new("mmd")
            .args(["-i", &stick.mtools_drive(), &format!("::sources/{folder}")])
            .env("MTOOLS_SKIP_CHECK", "1")
            .status();
        made.unwrap();
    }
    stick.mtools("mcopy", &[own.to_str().unwrap(), "::sources/$OEM$/$$/Panther/unattend.xml"]);
    let told = text(&["inspect", stick.text()]);
    assert!(told.contains("Panther/unattend.xml: for amd64") && told.contains("erases disk 4"), "{told}");
}
