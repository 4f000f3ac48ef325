//! The accessibility tree as text, and the screens that it is written down for.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::NodeT as _;
use egui_kittest::{Harness, Node};
use sticksmith::gui::action::{Action, CheckWith, Event, Field, Page, Switch};
use sticksmith::job::{Ending, Report};

use crate::fake::{World, bad_report, drives, report, stick, three_sticks, windows_report};

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
    vec![
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
