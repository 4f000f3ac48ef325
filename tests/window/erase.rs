//! The pages Test and Restore: clicked through to the end, with real jobs on practice sticks, judged by outside tools.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use eframe::egui::{Key, accesskit::Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use sticksmith::device::Drive;
use sticksmith::gui::action::{Action, Event, Page};
use sticksmith::gui::state::Screen;
use sticksmith::job::{self, Ending, Phase, Request, TestExtent};
use sticksmith::plan::FileSystem;

use crate::fake::{World, drives, progress, stick};
use crate::found::{full_test, test_report, tested_fake};
use crate::support::fake_stick::Past;
use crate::support::{noise, run, tool};
use crate::{card, click, focused_label, is_enabled, press, sized_window, tab_to};

const MIB: u64 = 1 << 20;

/// A practice stick full of holes, with junk where a stick has something.
fn practice(folder: &Path, size_bytes: u64) -> (PathBuf, Drive) {
    let path = folder.join("stick.img");
    let file = File::create(&path).expect("the folder is writable");
    file.set_len(size_bytes).expect("files can have holes");
    let junk = noise(MIB as usize, 5);
    for at in [0, MIB, 2 * MIB, size_bytes / 2, size_bytes - MIB] {
        file.write_all_at(&junk, at).expect("there is room");
    }
    let drive = sticksmith::device::find(path.to_str().expect("an ASCII path")).expect("it was just made");
    (path, drive)
}

fn page_with(drive: &Drive, page: &str) -> Harness<'static, World> {
    let mut world = World::new();
    world.tell(Event::Drives(Ok(vec![drive.clone()])));
    let mut harness = sized_window(world, 1080.0, 900.0);
    click(&mut harness, Role::Tab, page);
    assert_eq!(harness.state().state.chosen_drives(harness.state().state.page).first(), None);
    harness.get_by_label("Choose a drive.");
    card(&harness, "Practice stick").click();
    harness.run();
    harness
}

/// Runs the job that was started last, for real. Returns what was shown as its heading, phase by phase.
fn run_job(harness: &mut Harness<'_, World>) -> Vec<String> {
    let request = harness.state().started().expect("a job was started").clone();
    let job = job::start(request, || {});
    let mut shown = Vec::new();
    for event in job.events.iter() {
        let is_phase = matches!(event, job::Event::Phase { .. });
        harness.state_mut().job(event);
        if is_phase {
            harness.run();
            let heading = harness.get_by_role(Role::Heading).accesskit_node().label();
            shown.extend(heading);
        }
    }
    harness.run();
    assert!(matches!(harness.state().state.screen, Screen::Done(_)), "the job ended");
    shown
}

/// The one partition that sfdisk finds, as a file.
fn partition(folder: &Path, image: &Path) -> PathBuf {
    let table = run("sfdisk", &["--json", image.to_str().expect("an ASCII path")]);
    let mut tables = serde_json::Deserializer::from_str(&table).into_iter::<serde_json::Value>();
    let table = tables.next().expect("a table").expect("JSON");
    let entries = table["partitiontable"]["partitions"].as_array().expect("partitions");
    assert_eq!(entries.len(), 1, "{entries:?}");
    let bytes = |field: &str| entries[0][field].as_u64().expect("a number") * 512;
    let mut whole = File::open(image).expect("it is there");
    whole.seek(SeekFrom::Start(bytes("start"))).expect("a file");
    let mut part = Vec::new();
    whole.take(bytes("size")).read_to_end(&mut part).expect("it is as long as it says");
    let path = folder.join("partition.img");
    fs::write(&path, part).expect("there is room");
    path
}

fn tell(program: &str, args: &[&str]) -> (bool, String) {
    let output = Command::new(program).args(args).output().expect("it is installed");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said.into_owned())
}

#[test]
fn a_stick_is_restored_by_clicks_and_is_sound_for_others() {
    if !["sfdisk", "fsck.fat", "fsck.exfat", "mlabel", "blkid"].into_iter().all(tool) {
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    for (file_system, typed, told, label) in [
        ("FAT32, usual for this size", "fotos", "it will be called “FOTOS”", "FOTOS"),
        ("exFAT", "Größe 1", "It will be called “Größe 1”", "Größe 1"),
    ] {
        let (image, drive) = practice(folder.path(), 64 * MIB);
        let mut harness = page_with(&drive, "Restore");
        let usual = harness.get_by_role_and_label(Role::RadioButton, "FAT32, usual for this size");
        let is_on = usual.accesskit_node().toggled() == Some(eframe::egui::accesskit::Toggled::True);
        assert!(is_on, "what suits the size is preselected");
        click(&mut harness, Role::RadioButton, file_system);
        harness.get_by_role_and_label(Role::TextInput, "Name of the stick").focus();
        harness.run();
        harness.event(eframe::egui::Event::Text(typed.to_owned()));
        harness.run();
        harness.get_by_label_contains(told);
        harness.get_by_label("Practice stick (67.1 MB) is overwritten. Nothing was recognised on it.");
        click(&mut harness, Role::Button, "Restore…");
        harness.get_by_label("Erase Practice stick?");
        harness.get_by_label_contains(&format!("volume “{label}” over the whole drive"));
        assert_eq!(focused_label(&harness).as_deref(), Some("Cancel"));
        click(&mut harness, Role::Button, "Erase and restore Practice stick");
        let shown = run_job(&mut harness);
        assert!(shown.contains(&"Writing the empty file system".to_owned()), "{shown:?}");
        harness.get_by_role_and_label(Role::Heading, "Restored");
        harness.get_by_label("Save report");
        assert!(harness.state().state.restore.drive.is_none(), "the next stick is chosen afresh");

        let part = partition(folder.path(), &image);
        let part = part.to_str().expect("an ASCII path");
        let is_fat = label == "FOTOS";
        let (is_well, said) = tell(if is_fat { "fsck.fat" } else { "fsck.exfat" }, &["-n", part]);
        assert!(is_well && (is_fat || said.contains("clean")), "{said}");
        let named = run("blkid", &["-p", "-s", "LABEL", "-o", "value", part]);
        assert_eq!(named.trim(), label);
        if is_fat {
            let said = run("mlabel", &["-s", "-i", &format!("{}@@1M", image.display()), "::"]);
            assert!(said.contains(label), "{said}");
        }
        click(&mut harness, Role::Button, "Restore another stick");
        harness.get_by_label("Choose a drive.");
    }
}

#[test]
fn a_stick_is_emptied_by_clicks() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    for (choice, warning, title, everywhere) in [
        ("Only empty it", "A recovery tool can find them.", "Empty", false),
        ("Empty it to the last byte", "Zeroes are written to the last byte", "Empty, to the last byte", true),
    ] {
        let (image, drive) = practice(folder.path(), 64 * MIB);
        let mut harness = page_with(&drive, "Restore");
        click(&mut harness, Role::RadioButton, choice);
        assert!(harness.query_by_label("Name of the stick").is_none(), "an empty stick has no name");
        harness.get_by_label_contains(warning);
        click(&mut harness, Role::Button, "Empty it…");
        click(&mut harness, Role::Button, "Erase Practice stick");
        run_job(&mut harness);
        harness.get_by_role_and_label(Role::Heading, title);
        let bytes = fs::read(&image).expect("it is there");
        let ends = [&bytes[..3 * MIB as usize], &bytes[63 * MIB as usize..]];
        assert!(ends.iter().all(|end| end.iter().all(|byte| *byte == 0)), "{choice}");
        assert_eq!(bytes.iter().all(|byte| *byte == 0), everywhere, "{choice}");
        click(&mut harness, Role::Button, "Empty another stick");
    }
}

#[test]
fn a_stick_is_tested_by_clicks_and_leads_on_to_restore() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let (image, drive) = practice(folder.path(), 24 * MIB);
    for (extent, phase, title) in [
        ("Quick", "Testing whether the drive is as large as it says", "As large as it says"),
        ("Full", "Writing to every place of the drive", "As large as it says, and sound"),
    ] {
        let mut harness = page_with(&drive, "Test");
        click(&mut harness, Role::RadioButton, extent);
        harness.get_by_label_contains("Afterwards the stick is empty.");
        click(&mut harness, Role::Button, "Test this stick…");
        click(&mut harness, Role::Button, "Erase and test Practice stick");
        let shown = run_job(&mut harness);
        assert!(shown.iter().any(|heading| heading == phase), "{shown:?}");
        assert!(shown.iter().all(|heading| !heading.contains("image")), "{shown:?}");
        harness.get_by_role_and_label(Role::Heading, title);
        harness.get_by_label("It has: 25.2 MB (25,165,824 bytes)");
        harness.get_by_label("Of the 25.2 MB that the stick says it has, 25.2 MB are really there");
        let bytes = fs::read(&image).expect("it is there");
        assert!(bytes[..MIB as usize].iter().all(|byte| *byte == 0), "it is left empty");

        click(&mut harness, Role::Button, "Make it a normal stick…");
        assert_eq!(harness.state().state.page, Page::Restore);
        assert_eq!(harness.state().state.restore.drive.as_ref(), Some(&drive.identity));
        assert!(matches!(harness.state().state.screen, Screen::Choose), "nothing begins by itself");
    }
}

fn tested(extent: TestExtent, ending: Ending) -> Harness<'static, World> {
    let mut world = World::ready();
    world.act(Action::Show(Page::Test));
    world.choose_drive(&stick());
    world.act(Action::TestExtent(extent));
    world.act(Action::Start);
    world.act(Action::Erase);
    world.end(ending);
    sized_window(world, 1080.0, 900.0)
}

/// What the engine finds on a lying drive stands there in words and numbers.
#[test]
fn a_lying_stick_is_told_as_what_it_is() {
    for (past, sentence) in
        [(Past::Wraps, "overwrites what lies before"), (Past::Drops, "What is written there is lost")]
    {
        let found = tested_fake(past, 2_000_000_000);
        let report = test_report("test", found, "This drive lies about its size.");
        let harness = tested(TestExtent::Quick, Ending::Different { report });
        harness.get_by_role_and_label(Role::Heading, "This stick lies about its size");
        // In whole sectors.
        harness.get_by_label("It says: 15.5 GB (15,499,999,744 bytes)");
        harness.get_by_label_contains("It has: 2.0 GB (");
        harness.get_by_label_contains(sentence);
        harness.get_by_label("Of the 15.5 GB that the stick says it has, 2.0 GB are really there");
        harness.get_by_label("Test another stick");
        assert!(harness.query_by_label("Make it a normal stick…").is_none(), "it is of no use");
    }
}

#[test]
fn bad_areas_and_speeds_are_told() {
    let found = full_test(&[(1 << 30, 4096), (3 << 30, 1 << 20)]);
    let report = test_report("test", found, "This drive does not keep what is written to it.");
    let harness = tested(TestExtent::Full, Ending::Different { report });
    harness.get_by_role_and_label(Role::Heading, "This stick has bad areas");
    harness.get_by_label("Bad: 1.1 MB (1,052,672 bytes) in 2 places");
    harness.get_by_label("At byte 1,073,741,824, 4.1 kB long: cannot be read");
    harness.get_by_label("Writes: 17.0 MB/s; 1 GB takes 59 s");
    harness.get_by_label("Reads: 36.0 MB/s; 1 GB takes 28 s");
}

/// Found by the short test before a write: the same words, and the image was not written.
#[test]
fn a_probe_before_a_write_is_shown_and_its_finding_too() {
    let mut world = World::ready();
    world.choose_drive(&stick());
    world.act(Action::Start);
    world.act(Action::Erase);
    world.job(job::Event::Phase { phase: Phase::Wiping });
    let mut harness = sized_window(world, 1080.0, 900.0);
    let steps = |harness: &Harness<'_, World>| -> Vec<String> {
        let values = harness.root().children_recursive().filter_map(|n| n.accesskit_node().value());
        values.filter(|v| v.ends_with(": now") || v.ends_with(": to come") || v.ends_with(": done")).collect()
    };
    let expected =
        ["Checksum: to come", "Test: now", "Write: to come", "Store: to come", "Read back: to come"];
    assert_eq!(steps(&harness), expected);
    harness.state_mut().job(job::Event::Phase { phase: Phase::Testing });
    harness.state_mut().job(job::Event::Progress(progress(Phase::Testing, 0.5, 3e6)));
    harness.run();
    let bar = "Testing whether the drive is as large as it says";
    harness.get_by_role_and_label(Role::ProgressIndicator, bar);
    assert!(harness.query_by_label_contains("Speed now").is_none(), "single places have no speed");
    harness.state_mut().job(job::Event::Phase { phase: Phase::Wiping });
    harness.run();
    assert_eq!(steps(&harness)[1..3], ["Test: done", "Write: now"]);

    let message = "This drive lies about its size. The image was not written; the drive was left empty.";
    let report = test_report("write", tested_fake(Past::Wraps, 1 << 31), message);
    harness.state_mut().end(Ending::Failed { message: message.to_owned(), report: Some(report) });
    harness.run();
    harness.get_by_role_and_label(Role::Heading, "This stick lies about its size");
    harness.get_by_label("It has: 2.1 GB (2,147,483,648 bytes)");
    assert!(harness.state().state.make.targets.is_empty());
}

#[test]
fn restored_by_keyboard_alone() {
    let mut world = World::new();
    world.tell(Event::Drives(Ok(drives())));
    let mut harness = sized_window(world, 1080.0, 900.0);
    tab_to(&mut harness, "Restore");
    press(&mut harness, Key::Enter);
    tab_to(&mut harness, "SanDisk Ultra, ");
    press(&mut harness, Key::Space);
    tab_to(&mut harness, "exFAT");
    press(&mut harness, Key::Space);
    tab_to(&mut harness, "Name of the stick");
    harness.event(eframe::egui::Event::Text("Fotos".to_owned()));
    harness.run();
    tab_to(&mut harness, "Restore…");
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state().state.screen, Screen::Confirm(_)));
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Enter twice lands on Cancel");
    tab_to(&mut harness, "Restore…");
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Escape);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Escape goes back");
    tab_to(&mut harness, "Restore…");
    press(&mut harness, Key::Enter);
    tab_to(&mut harness, "Erase and restore SanDisk Ultra");
    press(&mut harness, Key::Enter);
    let Some(Request::Restore(request)) = harness.state().started() else { panic!("no job was started") };
    assert_eq!((request.file_system, request.label.as_str()), (Some(FileSystem::ExFat), "Fotos"));
}

#[test]
fn pages_that_erase_forbid_what_make_forbids_and_want_a_name_typed() {
    let mut world = World::new();
    world.tell(Event::Drives(Ok(drives())));
    let mut harness = sized_window(world, 1080.0, 1200.0);
    for (page, start, erase) in [
        ("Test", "Test this stick…", "Erase and test WD Black SN770"),
        ("Restore", "Restore…", "Erase and restore WD Black SN770"),
    ] {
        click(&mut harness, Role::Tab, page);
        let system = card(&harness, "Samsung Portable SSD T7");
        assert!(system.accesskit_node().is_disabled());
        assert!(system.accesskit_node().label().is_some_and(|l| l.contains("/dev/sda1 is mounted on /")));
        if page == "Test" {
            assert!(harness.query_by_label_contains("WD Black SN770").is_none());
            click(&mut harness, Role::CheckBox, "Show all drives");
        }
        card(&harness, "WD Black SN770").click();
        harness.run();
        click(&mut harness, Role::Button, start);
        assert!(!is_enabled(&harness, Role::Button, erase));
        harness.get_by_role(Role::TextInput).focus();
        harness.run();
        harness.event(eframe::egui::Event::Text("WD Black SN770".to_owned()));
        harness.run();
        assert!(is_enabled(&harness, Role::Button, erase));
        click(&mut harness, Role::Button, "Cancel");
    }
}
