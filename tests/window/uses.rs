//! Sticks that are in use until their owner ends that, by label: how the cards and the question say it, and what is ticked.

use eframe::egui::{Key, accesskit::Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use sticksmith::device::Drive;
use sticksmith::gui::action::{Action, Command, Event, Page};
use sticksmith::gui::state::Screen;
use sticksmith::job::Request;

use super::fake::{World, stick, stick_in_use, three_sticks};
use super::{card, click, is_enabled, press, sized_window, tab_to};

const SWAP: &str = "swap is on /dev/sdb2";
const VOLUME: &str = "/dev/sdb1 is part of the encrypted volume photos that carries /media/ada/photos";
const ERASE: &str = "Erase and test SanDisk Ultra";

fn on(page: &str, drives: &[Drive]) -> Harness<'static, World> {
    let mut world = World::ready();
    world.tell(Event::Drives(Ok(drives.to_vec())));
    let mut harness = sized_window(world, 1080.0, 1200.0);
    click(&mut harness, Role::Tab, page);
    harness
}

fn end_this(named: &str) -> String {
    format!("End this: {named}")
}

#[test]
fn a_stick_in_use_is_chosen_by_clicks_and_each_use_is_ticked() {
    for (page, start, erase) in [
        ("Make", "Start…", "Erase and write SanDisk Ultra"),
        ("Test", "Test this stick…", ERASE),
        ("Restore", "Restore…", "Erase and restore SanDisk Ultra"),
    ] {
        let mut harness = on(page, &[stick_in_use()]);
        let there = card(&harness, "SanDisk Ultra");
        assert!(!there.accesskit_node().is_disabled(), "{page}");
        let spoken = there.accesskit_node().label().unwrap_or_default();
        let words = format!("In use: {VOLUME}; {SWAP}. It can be chosen; you are asked before that is ended");
        assert!(spoken.contains(&words), "{page}: {spoken}");
        there.click();
        harness.run();
        click(&mut harness, Role::Button, start);
        harness.get_by_role_and_label(Role::Heading, "In use now");
        harness.get_by_label_contains("nothing ends before that");
        for named in [VOLUME, SWAP] {
            assert!(!is_enabled(&harness, Role::Button, erase), "{page}");
            click(&mut harness, Role::CheckBox, &end_this(named));
        }
        click(&mut harness, Role::CheckBox, &end_this(SWAP));
        assert!(!is_enabled(&harness, Role::Button, erase), "{page}: taken back");
        click(&mut harness, Role::CheckBox, &end_this(SWAP));
        assert!(harness.state().started().is_none(), "{page}: nothing has begun by ticking");
        click(&mut harness, Role::Button, erase);
        let ends = match harness.state().started() {
            Some(Request::Write(write)) => &write.end_uses,
            Some(Request::Test(test)) => &test.end_uses,
            Some(Request::Restore(restore)) => &restore.end_uses,
            other => panic!("{other:?}"),
        };
        assert_eq!(*ends, [VOLUME, SWAP], "{page}");
    }
}

#[test]
fn ticks_go_when_the_uses_change_and_it_is_said() {
    let mut harness = on("Test", &[stick_in_use()]);
    card(&harness, "SanDisk Ultra").click();
    harness.run();
    click(&mut harness, Role::Button, "Test this stick…");
    for named in [VOLUME, SWAP] {
        click(&mut harness, Role::CheckBox, &end_this(named));
    }
    assert!(is_enabled(&harness, Role::Button, ERASE));
    let now = Drive { stoppable_uses: vec![SWAP.to_owned()], ..stick_in_use() };
    harness.state_mut().tell(Event::Drives(Ok(vec![now])));
    harness.run();
    harness.get_by_label_contains("What uses SanDisk Ultra has changed.");
    assert!(harness.query_by_label(&end_this(VOLUME)).is_none());
    assert!(!is_enabled(&harness, Role::Button, ERASE));
    click(&mut harness, Role::CheckBox, &end_this(SWAP));
    assert!(is_enabled(&harness, Role::Button, ERASE));
}

#[test]
fn by_keyboard_alone_and_among_several() {
    let mut drives = three_sticks();
    drives[0] = stick_in_use();
    let mut harness = on("Make", &drives);
    for drive in &drives {
        harness.state_mut().choose_drive(drive);
    }
    harness.state_mut().act(Action::Start);
    harness.run();
    let erase = "Erase and write 3 sticks";
    assert!(!is_enabled(&harness, Role::Button, erase));
    for named in [VOLUME, SWAP] {
        tab_to(&mut harness, &end_this(named));
        press(&mut harness, Key::Space);
    }
    tab_to(&mut harness, erase);
    press(&mut harness, Key::Enter);
    let Some(Command::StartTogether(writes)) = harness.state().commands.last() else {
        panic!("nothing started")
    };
    let ends: Vec<_> = writes.iter().map(|(_, write)| write.end_uses.clone()).collect();
    assert_eq!(ends, [vec![VOLUME.to_owned(), SWAP.to_owned()], vec![], vec![]]);
}

#[test]
fn what_only_reads_says_nothing_of_it() {
    for page in ["Check", "Save"] {
        let mut harness = on(page, &[stick_in_use()]);
        let there = card(&harness, "SanDisk Ultra");
        assert!(there.accesskit_node().label().is_some_and(|label| !label.contains("In use")), "{page}");
        there.click();
        harness.run();
        let of = if page == "Check" { Page::Check } else { Page::Save };
        assert_eq!(harness.state().state.chosen_drives(of), [&stick().identity]);
        assert!(matches!(harness.state().state.screen, Screen::Choose));
    }
}
