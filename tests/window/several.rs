//! Several sticks at once, and "Which one is it?".

use eframe::egui::{Key, accesskit::Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use sticksmith::gui::action::{Command, Event, Page};
use sticksmith::gui::state::Screen;
use sticksmith::job::{self, Ending, Report};

use super::fake::{
    self, World, drives, inspection, internal_drive, plain_stick, report, stick, three_sticks,
};
use super::{card, click, focused_label, is_enabled, press, sized_window, tab_to, window};

const NAMES: [&str; 3] = ["SanDisk Ultra", "Generic Flash Disk · port 1-1", "Generic Flash Disk · port 1-3"];

fn with_three() -> World {
    let mut world = World::ready();
    world.tell(Event::Drives(Ok(three_sticks().to_vec())));
    world
}

#[test]
fn three_sticks_by_clicks_and_one_of_them_fails() {
    let mut harness = sized_window(with_three(), 1080.0, 1000.0);
    for name in NAMES {
        card(&harness, name).click();
        harness.run();
    }
    harness.get_by_label("3 drives are erased, with all 2 partitions that are on them now.");
    harness
        .get_by_label_contains("are written to each, from the first byte on. The image is read once for all");
    card(&harness, NAMES[2]).click();
    harness.run();
    assert_eq!(harness.state().state.make.targets.len(), 2, "a second click takes the choice back");
    card(&harness, NAMES[2]).click();
    harness.run();
    click(&mut harness, Role::Button, "Start…");

    harness.get_by_role_and_label(Role::Heading, "Erase 3 sticks?");
    for name in NAMES {
        harness.get_by_role_and_label(Role::Heading, name);
    }
    harness.get_by_label_contains("Partition 1: FAT “HOLIDAY”");
    assert_eq!(focused_label(&harness).as_deref(), Some("Cancel"));
    click(&mut harness, Role::Button, "Erase and write 3 sticks");
    let Some(Command::StartTogether(writes)) = harness.state().commands.last() else {
        panic!("nothing started")
    };
    let targets: Vec<_> = writes.iter().map(|(_, write)| write.target.clone()).collect();
    assert_eq!(targets, three_sticks().map(|stick| stick.identity));

    let jobs = harness.state().jobs();
    for job in &jobs {
        let progress = fake::progress(job::Phase::Writing, 0.5, 20.4e6);
        harness.state_mut().tell(Event::Job(*job, job::Event::Progress(progress)));
    }
    harness.run();
    harness.get_by_role_and_label(Role::Heading, "Making 3 sticks");
    harness.get_by_label_contains("serial 4C5300012000016 · port 1-4.2");
    harness.get_by_label("61.2 MB/s together");
    for name in NAMES {
        let bar = harness.get_by_role_and_label(Role::ProgressIndicator, name);
        assert_eq!(bar.accesskit_node().numeric_value(), Some(50.0));
    }
    let message = "It was unplugged while it was written.".to_owned();
    harness.state_mut().end_job(jobs[1], Ending::Failed { message, report: None });
    harness.run();
    harness.get_by_label("It was unplugged while it was written.");
    harness.get_by_role_and_label(Role::Alert, "1 failed");
    assert!(harness.query_by_label(&format!("Cancel {}", NAMES[1])).is_none());
    click(&mut harness, Role::Button, &format!("Cancel {}", NAMES[2]));
    assert!(matches!(harness.state().commands.last(), Some(Command::CancelJob(job)) if *job == jobs[2]));
    assert!(is_enabled(&harness, Role::Button, "Cancel all"), "one is still at work");
    let message = "Cancelled. The drive has no partition table.".to_owned();
    harness.state_mut().end_job(jobs[2], Ending::Cancelled { message, report: None });
    let done = Report { drive: Some(stick().identity), ..report() };
    harness.state_mut().end_job(jobs[0], Ending::Done { report: done });
    harness.run();

    harness.get_by_role_and_label(Role::Heading, "1 of 3 sticks was not made");
    for words in ["Proved", "Failed", "Cancelled"] {
        harness.get_by_label(words);
    }
    harness.get_by_label_contains("04396d12b0f377958a070c38a923c227832fa3b3e18ddc013936ecf492e9fbb3");
    click(&mut harness, Role::Button, "Save report");
    let Some(Command::SaveReport { records, .. }) = harness.state().commands.last() else {
        panic!("no report")
    };
    let text = job::Records(records).to_text();
    for part in [
        "SanDisk Ultra, serial 4C5300012000016",
        "Generic Flash Disk, port 1-1",
        "It was unplugged while it was written.",
        "Generic Flash Disk, port 1-3",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    click(&mut harness, Role::Button, "Write more sticks");
    assert!(harness.state().state.make.targets.is_empty());
    assert!(harness.state().state.make.image.known().is_some(), "the image stays");
}

#[test]
fn several_sticks_by_keyboard_alone() {
    let mut harness = window(with_three());
    for name in NAMES {
        tab_to(&mut harness, name);
        press(&mut harness, Key::Space);
    }
    assert_eq!(harness.state().state.make.targets.len(), 3);
    tab_to(&mut harness, "Start…");
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Enter twice lands on Cancel");
    tab_to(&mut harness, "Start…");
    press(&mut harness, Key::Enter);
    tab_to(&mut harness, "Erase and write 3 sticks");
    press(&mut harness, Key::Enter);
    assert!(harness.state().state.is_working());
    tab_to(&mut harness, &format!("Cancel {}", NAMES[1]));
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state().commands.last(), Some(Command::CancelJob(_))));
}

#[test]
fn an_internal_drive_among_them_wants_its_name_typed() {
    let mut world = with_three();
    world.tell(Event::Drives(Ok([three_sticks().to_vec(), vec![internal_drive()]].concat())));
    let mut harness = sized_window(world, 1080.0, 1200.0);
    click(&mut harness, Role::CheckBox, "Show all drives");
    for name in [NAMES[0], "WD Black SN770"] {
        card(&harness, name).click();
        harness.run();
    }
    click(&mut harness, Role::Button, "Start…");
    assert!(!is_enabled(&harness, Role::Button, "Erase and write 2 sticks"));
    harness.get_by_role(Role::TextInput).focus();
    harness.run();
    harness.event(eframe::egui::Event::Text("WD Black SN770".to_owned()));
    harness.run();
    assert!(is_enabled(&harness, Role::Button, "Erase and write 2 sticks"));
}

#[test]
fn one_that_cannot_be_made_is_named_at_its_card() {
    let mut world = with_three();
    let small = plain_stick("/dev/sde", "1-7", 80, 100_000_000);
    world.tell(Event::Drives(Ok(vec![stick(), small.clone()])));
    world.choose_drive(&stick());
    world.choose_drive(&small);
    let harness = window(world);
    let label = card(&harness, "Generic Flash Disk").accesskit_node().label().unwrap_or_default();
    assert!(label.contains("Choose a larger drive"), "{label}");
    assert!(!is_enabled(&harness, Role::Button, "Start…"));
}

#[test]
fn sticks_that_differ_say_in_what() {
    let mut world = World::windows();
    world.choose_three();
    let harness = sized_window(world, 1080.0, 1400.0);
    harness.get_by_label_contains(
        "stay 12.4 GB on the stick of 15.5 GB and 5.0 GB on each of the 2 sticks of 8.1 GB.",
    );
    assert!(harness.query_by_role(Role::Image).is_none(), "one bar would be true of one alone");
}

#[test]
fn a_stick_is_found_by_plugging_it_in_and_not_chosen() {
    let mut harness = window(World::ready());
    click(&mut harness, Role::Button, "Which one is it?");
    harness.get_by_role_and_label(
        Role::Status,
        "Plug the stick in now; if it is in, pull it out and put it in again.",
    );
    let [_, new, _] = three_sticks();
    harness.state_mut().tell(Event::Drives(Ok([drives(), vec![new]].concat())));
    harness.run();
    let label = card(&harness, "Generic Flash Disk").accesskit_node().label().unwrap_or_default();
    assert!(label.contains("Plugged in just now at port 1-1, a moment ago"), "{label}");
    harness.get_by_role_and_label(Role::Status, "Generic Flash Disk was plugged in. It is marked below.");
    assert!(Page::ALL.iter().all(|page| harness.state().state.chosen_drives(*page).is_empty()));

    let hidden = sticksmith::device::Drive {
        identity: fake::identity("/dev/sdx", ("A", "Disk"), 1 << 40, "2", 99),
        ..internal_drive()
    };
    let listed = [drives(), vec![hidden]].concat();
    harness.state_mut().tell(Event::Drives(Ok(listed)));
    harness.run();
    harness.get_by_label_contains("only “Show all drives” shows it");
    click(&mut harness, Role::Button, "Which one is it?");
    assert!(harness.query_by_label_contains("was plugged in").is_none());
}

#[test]
fn what_was_made_can_be_taken_out() {
    let mut world = with_three();
    world.choose_drive(&stick());
    world.act(sticksmith::gui::action::Action::Start);
    world.act(sticksmith::gui::action::Action::Erase);
    world.end(Ending::Done { report: report() });
    let mut harness = window(world);
    click(&mut harness, Role::Button, "Take it out safely");
    let Some(Command::TakeOut(job, drive)) = harness.state().commands.last() else { panic!("nothing asked") };
    assert_eq!(*drive, stick().identity);
    let job = *job;
    assert!(harness.query_by_label("Take it out safely").is_none(), "once is enough");
    harness.state_mut().tell(Event::TakenOut(job, Err("A program still uses it.".to_owned())));
    harness.run();
    harness.get_by_label("SanDisk Ultra could not be taken out: A program still uses it.");
    click(&mut harness, Role::Button, "Take it out safely");
    harness.state_mut().tell(Event::TakenOut(job, Ok(())));
    harness.run();
    harness.get_by_label("SanDisk Ultra can be pulled out now.");
}

#[test]
fn closing_while_several_are_at_work_says_how_many() {
    let mut world = World::ready();
    world.choose_image(inspection());
    world.choose_three();
    world.work_on_three();
    world.act(sticksmith::gui::action::Action::CloseAsked);
    let harness = window(world);
    harness.get_by_label_contains("2 sticks are not finished.");
}
