//! The accessibility tree as text, and the screens that it is written down for.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::NodeT as _;
use egui_kittest::{Harness, Node};
use sticksmith::gui::action::{Action, Becomes, CheckWith, Event, Field, Page, Switch};
use sticksmith::job::{self, Ending, Phase, Report, TestExtent};

use crate::fake::{World, bad_report, drives, progress, report, stick, three_sticks, windows_report};
use crate::found::{full_test, restored_report, test_report, tested_fake};
use crate::support::fake_stick::Past;

/// One world for each screen.
pub fn scenes() -> Vec<(&'static str, World)> {
    let chosen = || {
        let mut world = World::ready();
        world.choose_drive(&stick());
        world
    };
    let confirmed = || {
        let mut world = chosen();
        world.act(Action::Start);
        world
    };
    let working = || {
        let mut world = confirmed();
        world.act(Action::Erase);
        world.write_half();
        world
    };
    let ended = |ending| {
        let mut world = working();
        world.end(ending);
        world
    };
    let page = |page| {
        let mut world = World::ready();
        world.act(Action::Show(page));
        world.choose_drive(&stick());
        world
    };
    let mut check = page(Page::Check);
    check.act(Action::CheckWith(CheckWith::Checksum));
    check.act(Action::Edit(Field::DriveChecksum, "not hex".to_owned()));
    let windows = || {
        let mut world = World::windows();
        world.choose_drive(&stick());
        for path in ["/home/ada/usb3", "/home/ada/bootmgr", "/home/ada/gone.txt"] {
            world.act(Action::DropFile(path.into()));
        }
        world
    };
    let mut own_files = windows();
    let asked = own_files.asked_listings();
    let (id, request) = asked[2].clone();
    own_files.tell(Event::Listed { id, request, answer: Err("no such file".to_owned()) });
    own_files.answer_listings();
    let mut windows_confirm = World::windows();
    windows_confirm.choose_drive(&stick());
    windows_confirm.act(Action::DropFile("/home/ada/usb3".into()));
    windows_confirm.answer_listings();
    windows_confirm.act(Action::Start);
    let mut windows_done = World::windows();
    windows_done.choose_drive(&stick());
    windows_done.act(Action::Start);
    let made = windows_done.confirmed_stick();
    windows_done.act(Action::Erase);
    windows_done.write_half();
    windows_done.end(Ending::Done { report: windows_report(made) });
    let three = || {
        let mut world = World::ready();
        world.choose_three();
        world
    };
    let mut three_confirmed = three();
    three_confirmed.act(Action::Start);
    let three_at_work = || {
        let mut world = three();
        world.work_on_three();
        world
    };
    let mut three_done = three_at_work();
    for (job, stick) in three_done.jobs().into_iter().zip(three_sticks()) {
        three_done.end_job(job, Ending::Done { report: Report { drive: Some(stick.identity), ..report() } });
    }
    let mut windows_three = World::windows();
    windows_three.choose_three();
    let mut which_one = World::ready();
    which_one.act(Action::Set(Switch::FindDrive, true));
    which_one.tell(Event::Drives(Ok(drives().into_iter().chain([three_sticks()[1].clone()]).collect())));
    let mut scenes = erase_scenes();
    scenes.extend(crate::answer_file::scenes());
    scenes.extend(crate::change::scenes());
    scenes.extend([
        ("three", three()),
        ("three-confirm", three_confirmed),
        ("three-working", three_at_work()),
        ("three-done", three_done),
        ("three-windows", windows_three),
        ("which-one", which_one),
        ("windows", own_files),
        ("windows-confirm", windows_confirm),
        ("windows-done", windows_done),
        ("check-manifest", page(Page::Check)),
        ("make", chosen()),
        ("confirm", confirmed()),
        ("working", working()),
        ("done", ended(Ending::Done { report: report() })),
        ("different", ended(Ending::Different { report: bad_report() })),
        ("check", check),
        ("save", page(Page::Save)),
    ]);
    scenes
}

/// The pages Test and Restore, and what comes of them.
fn erase_scenes() -> Vec<(&'static str, World)> {
    let page = |page| {
        let mut world = World::ready();
        world.act(Action::Show(page));
        world.choose_drive(&stick());
        world
    };
    let restore = |becomes| {
        let mut world = page(Page::Restore);
        world.act(Action::Become(becomes));
        world.act(Action::Edit(Field::Label, "Große Fotos".to_owned()));
        world
    };
    let confirmed = |mut world: World| {
        world.act(Action::Start);
        world
    };
    let started = |world: World| {
        let mut world = confirmed(world);
        world.act(Action::Erase);
        world
    };
    let ended = |world: World, ending| {
        let mut world = started(world);
        world.end(ending);
        world
    };
    let full = || {
        let mut world = page(Page::Test);
        world.act(Action::TestExtent(TestExtent::Full));
        world
    };
    let mut reading = started(full());
    reading.write_half();
    reading.job(job::Event::Phase { phase: Phase::Verifying });
    reading.job(job::Event::Progress(progress(Phase::Verifying, 0.25, 36e6)));
    let mut quick = started(page(Page::Test));
    quick.job(job::Event::Progress(progress(Phase::Testing, 0.5, 3e6)));
    let mut sound = started(full());
    sound.write_half();
    let conclusion = "The drive has the size that it says, 15.5 GB (15500000000 bytes), and every byte of it came back \
                      right. The drive is empty now.";
    sound.end(Ending::Done { report: test_report("test", full_test(&[]), conclusion) });
    let conclusion = "This drive does not keep what is written to it. 1052672 bytes in 2 places came back wrong, the \
                      first at byte 1073741824. The drive is empty now.";
    let bad = test_report("test", full_test(&[(1 << 30, 4096), (10_000_000_000, 1 << 20)]), conclusion);
    let conclusion = "This drive lies about its size: it says 15.5 GB (15500000000 bytes), and it has 2.1 GB (2147483648 \
                      bytes). What is written past that overwrites what lies before. Use it for nothing, and give it back.";
    let fake = |action, end: &str| {
        test_report(action, tested_fake(Past::Wraps, 1 << 31), &format!("{conclusion} {end}"))
    };
    let lies = fake("test", "The drive is empty now.");
    let probed = fake("write", "The image was not written; the drive was left empty.");
    let mut make = World::ready();
    make.choose_drive(&stick());
    let probed = Ending::Failed { message: probed.conclusion.clone(), report: Some(probed) };
    vec![
        ("restore", restore(Becomes::Normal)),
        ("restore-empty", restore(Becomes::Empty)),
        ("restore-zeroes", restore(Becomes::Zeroes)),
        ("restore-confirm", confirmed(restore(Becomes::Normal))),
        ("restore-done", ended(restore(Becomes::Normal), Ending::Done { report: restored_report() })),
        ("test", page(Page::Test)),
        ("test-confirm", confirmed(full())),
        ("test-working", reading),
        ("test-quick", quick),
        ("test-sound", sound),
        ("test-bad", ended(full(), Ending::Different { report: bad })),
        ("test-lies", ended(page(Page::Test), Ending::Different { report: lies })),
        ("make-probed", ended(make, probed)),
    ]
}

/// One line a node: indentation, role, name, value, state. Containers without a name are left out.
pub fn tree(harness: &Harness<'_, World>) -> String {
    let mut text = String::new();
    for child in harness.root().children() {
        write_node(&child, 0, &mut text);
    }
    text
}

fn write_node(node: &Node<'_>, depth: usize, text: &mut String) {
    let access = node.accesskit_node();
    let role = access.role();
    let label = access.label().unwrap_or_default();
    let is_silent =
        matches!(role, Role::GenericContainer | Role::ScrollView | Role::Unknown) && label.is_empty();
    if matches!(role, Role::TextRun | Role::ScrollBar) {
        return;
    }
    if !is_silent {
        let _ = write!(text, "{:depth$}{role:?}", "", depth = depth * 2);
        if !label.is_empty() {
            let _ = write!(text, " “{label}”");
        }
        if let Some(value) = access.value().filter(|value| !value.is_empty()) {
            let _ = write!(text, " = {value}");
        }
        for (is_so, word) in [
            (access.is_disabled(), "disabled"),
            (access.toggled().is_some_and(|t| t == eframe::egui::accesskit::Toggled::True), "on"),
            (node.is_focused(), "focused"),
        ] {
            if is_so {
                let _ = write!(text, " ({word})");
            }
        }
        text.push('\n');
    }
    for child in node.children() {
        write_node(&child, if is_silent { depth } else { depth + 1 }, text);
    }
}

/// Holds `text` against the written-down file, or writes it.
pub fn compare(name: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/window-{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|v| v == "1") {
        fs::write(&file, text).expect("the snapshot can be written");
        return;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        expected == text,
        "{} differs; look at it, then run with UPDATE_SNAPSHOTS=1.\n--- now ---\n{text}",
        file.display()
    );
}
