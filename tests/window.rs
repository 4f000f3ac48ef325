//! The window, used by its accessible labels as a person with a screen reader and a keyboard would use it.
#![cfg(feature = "gui")]

#[path = "window/answer.rs"]
mod answer_file;
#[path = "window/change.rs"]
mod change;
#[path = "window/erase.rs"]
mod erase;
#[path = "window/fake.rs"]
mod fake;
#[path = "window/found.rs"]
mod found;
mod images;
#[path = "window/practice.rs"]
mod practice;
#[path = "answer/random.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod random;
#[path = "window/several.rs"]
mod several;
#[path = "window/spoken.rs"]
mod spoken;
mod support;
#[path = "window/uses.rs"]
mod uses;

use std::path::{Path, PathBuf};

use eframe::egui::{Key, Modifiers, accesskit::Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use fake::{
    World, bad_report, drives, inspection, internal_drive, report, stick, three_sticks, windows_inspection,
};
use sticksmith::gui::action::{Command, Dialog, Event, Field, Page};
use sticksmith::gui::state::Screen;
use sticksmith::gui::theme;
use sticksmith::job::{self, Ending, Phase, Request};
use sticksmith::plan::Refusal;
use sticksmith::source::windows::{Architecture, LoaderCertificate, UefiLoader};

fn window(world: World) -> Harness<'static, World> {
    sized_window(world, 1080.0, 740.0)
}

fn sized_window(world: World, width: f32, height: f32) -> Harness<'static, World> {
    let mut harness = Harness::builder()
        .with_size(vec2(width, height))
        .with_max_steps(20)
        .with_context_setup(theme::install)
        .build_ui_state(|ui, world: &mut World| world.draw(ui), world);
    harness.run();
    harness
}

fn click(harness: &mut Harness<'_, World>, role: Role, label: &str) {
    harness.get_by_role_and_label(role, label).click();
    harness.run();
}

fn press(harness: &mut Harness<'_, World>, key: Key) {
    harness.key_press(key);
    harness.run();
}

/// The drive's card; its name begins with the drive's title.
fn card<'h>(harness: &'h Harness<'_, World>, title: &str) -> egui_kittest::Node<'h> {
    let title = format!("{title}, ");
    harness.get_by(move |node| {
        matches!(node.role(), Role::RadioButton | Role::CheckBox)
            && node.label().is_some_and(|label| label.starts_with(&title))
    })
}

fn is_enabled(harness: &Harness<'_, World>, role: Role, label: &str) -> bool {
    !harness.get_by_role_and_label(role, label).accesskit_node().is_disabled()
}

fn focused_label(harness: &Harness<'_, World>) -> Option<String> {
    let node = harness.root().children_recursive().find(|node| node.is_focused())?;
    node.accesskit_node().label()
}

#[test]
fn from_image_to_proof_by_clicks() {
    let mut harness = window(World::ready());
    assert!(!is_enabled(&harness, Role::Button, "Start…"), "nothing is preselected");
    harness.get_by_label("Choose a drive.");

    card(&harness, "SanDisk Ultra").click();
    harness.run();
    harness.get_by_label("SanDisk Ultra (15.5 GB) is erased, with all 2 partitions that are on it now.");
    click(&mut harness, Role::Button, "Start…");

    harness.get_by_label("Erase SanDisk Ultra?");
    harness.get_by_label_contains("Partition 1: FAT “HOLIDAY”, 15.0 GB, open at /media/ada/HOLIDAY");
    assert_eq!(focused_label(&harness).as_deref(), Some("Cancel"));
    click(&mut harness, Role::Button, "Erase and write SanDisk Ultra");
    let Some(Request::Write(request)) = harness.state().started() else { panic!("no job was started") };
    assert_eq!(request.target, stick().identity);
    assert!(request.verify && request.sidecars && request.hash);

    harness.state_mut().write_half();
    harness.run();
    let bar = harness.get_by_role_and_label(Role::ProgressIndicator, "Writing the image");
    assert_eq!(bar.accesskit_node().numeric_value(), Some(50.0));
    harness.get_by_label("Speed now: 20.4 MB/s");
    harness.get_by_label_contains("Speed over time: between");

    harness.state_mut().end(Ending::Done { report: report() });
    harness.run();
    harness.get_by_label("Done, and proved");
    harness.get_by_label_contains("04396d12b0f377958a070c38a923c227832fa3b3e18ddc013936ecf492e9fbb3");
    click(&mut harness, Role::Button, "Write another stick");
    assert!(harness.state().state.make.targets.is_empty(), "the next stick is chosen afresh");
    assert!(harness.state().state.make.image.known().is_some(), "the image stays");
}

#[test]
fn from_image_to_job_by_keyboard_alone() {
    let mut world = World::new();
    world.tell(Event::Drives(Ok(drives())));
    let mut harness = window(world);

    let mut reached = Vec::new();
    for _ in 0..20 {
        press(&mut harness, Key::Tab);
        let label = focused_label(&harness).unwrap_or_default();
        if label == "Path of the image" {
            break;
        }
        reached.push(label);
    }
    assert_eq!(
        reached[..6],
        ["Make", "Check", "Save", "Test", "Restore", "Answer file"],
        "the order is that of reading"
    );
    harness.event(eframe::egui::Event::Text(fake::IMAGE.to_owned()));
    harness.run();
    press(&mut harness, Key::Enter);
    assert!(
        matches!(harness.state().commands.last(), Some(Command::Inspect(_, path)) if path == Path::new(fake::IMAGE))
    );
    let (of, path) = (sticksmith::gui::action::ImageOf::Make, PathBuf::from(fake::IMAGE));
    harness.state_mut().tell(Event::Inspected { of, path, answer: Box::new(Ok(inspection())) });
    harness.run();

    tab_to(&mut harness, "SanDisk Ultra, ");
    press(&mut harness, Key::Space);
    assert_eq!(harness.state().state.chosen_drives(Page::Make), [&stick().identity]);
    tab_to(&mut harness, "Start…");
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state().state.screen, Screen::Confirm(_)));
    press(&mut harness, Key::Escape);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Escape goes back");

    tab_to(&mut harness, "Start…");
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Enter twice lands on Cancel");

    tab_to(&mut harness, "Start…");
    press(&mut harness, Key::Enter);
    tab_to(&mut harness, "Erase and write");
    press(&mut harness, Key::Enter);
    assert!(harness.state().state.is_working());
}

fn tab_to(harness: &mut Harness<'_, World>, label: &str) {
    let is_reached = (0..40).any(|_| {
        press(harness, Key::Tab);
        focused_label(harness).is_some_and(|focused| focused.starts_with(label))
    });
    assert!(is_reached, "Tab never reached {label}");
}

#[test]
fn control_o_opens_the_dialog_and_a_missing_one_is_told() {
    let mut harness = window(World::new());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::O);
    harness.run();
    assert!(matches!(
        harness.state().commands.last(),
        Some(Command::OpenDialog { dialog: Dialog::Fill(Field::Image(_)), .. })
    ));
    let dialog = Dialog::Fill(Field::Image(sticksmith::gui::action::ImageOf::Make));
    harness.state_mut().tell(Event::Picked(dialog, Vec::new()));
    harness.run();
    harness.get_by_label_contains("Type or paste the path");
}

#[test]
fn a_vanished_drive_is_not_chosen_any_more() {
    let mut world = World::ready();
    world.choose_drive(&stick());
    let mut harness = window(world);
    assert!(is_enabled(&harness, Role::Button, "Start…"));
    harness.state_mut().tell(Event::Drives(Ok(vec![internal_drive()])));
    harness.run();
    let notice = harness.get_by_role(Role::Alert).accesskit_node().label();
    assert!(notice.is_some_and(|text| text.starts_with("SanDisk Ultra was unplugged")));
    assert!(!is_enabled(&harness, Role::Button, "Start…"));
    click(&mut harness, Role::Button, "Dismiss");
    assert!(harness.query_by_role(Role::Alert).is_none());
}

#[test]
fn a_drive_that_may_not_be_chosen_says_why_and_cannot_be_clicked() {
    let mut harness = window(World::ready());
    let system = card(&harness, "Samsung Portable SSD T7");
    assert!(system.accesskit_node().is_disabled());
    assert!(system.accesskit_node().label().is_some_and(|l| l.contains("/dev/sda1 is mounted on /")));
    system.click();
    harness.run();
    assert!(harness.state().state.make.targets.is_empty());
}

#[test]
fn an_internal_drive_shows_on_request_and_wants_its_name_typed() {
    let mut harness = window(World::ready());
    assert!(harness.query_by_label_contains("WD Black SN770").is_none());
    click(&mut harness, Role::CheckBox, "Show all drives");
    card(&harness, "WD Black SN770").click();
    harness.run();
    click(&mut harness, Role::Button, "Start…");
    let erase = "Erase and write WD Black SN770";
    assert!(!is_enabled(&harness, Role::Button, erase));
    for (typed, allowed) in [("WD Black", false), (" SN770", true)] {
        harness.get_by_role(Role::TextInput).focus();
        harness.run();
        press(&mut harness, Key::End);
        harness.event(eframe::egui::Event::Text(typed.to_owned()));
        harness.run();
        assert_eq!(is_enabled(&harness, Role::Button, erase), allowed, "{typed}");
    }
    click(&mut harness, Role::Button, erase);
    assert!(harness.state().state.is_working());
}

#[test]
fn the_card_of_windows_media_says_what_it_holds_and_how_it_starts() {
    let mut world = World::ready();
    world.choose_image(windows_inspection());
    let harness = window(world);
    for line in [
        "Windows 7 x64 (6.1.7601)",
        "Windows setup media",
        "Windows 7 Professional and 4 other editions, x64, German",
        "Starts by BIOS, and by UEFI (x64) with a loader taken from install.wim.",
        "install.wim, 2.9 GB · ei.cfg: Setup offers Professional only (Retail) · Autounattend.xml: an answer file is inside already",
    ] {
        harness.get_by_label(line);
    }

    let mut modern = windows_inspection();
    let windows = modern.facts.windows.as_mut().expect("it is of Windows media");
    windows.boot.uefi_from_image.clear();
    windows.boot.uefi.push(UefiLoader {
        path: "efi/boot/bootx64.efi".to_owned(),
        architecture: Architecture::X64,
        certificate: LoaderCertificate::Pca2011,
    });
    let mut world = World::ready();
    world.choose_image(modern);
    let harness = window(world);
    harness.get_by_label("Starts by BIOS, and by UEFI (x64).");
    harness.get_by_label_contains("bootx64.efi is signed under Microsoft Windows Production PCA 2011");
}

/// The whole way of a Windows stick: drivers and a tool of one's own, GPT, Confirm, Done.
#[test]
fn a_windows_stick_with_own_files_by_clicks() {
    let mut world = World::windows();
    world.choose_drive(&stick());
    let mut harness = sized_window(world, 1080.0, 1400.0);
    harness.get_by_label(
        "7 files, 3.0 GB, are laid out on one FAT32 partition “GRMCPRXFRER”; 12.4 GB stay free for your own files.",
    );
    harness.get_by_label("The stick will start computers by BIOS and by UEFI (x64).");
    harness.get_by_role_and_label(Role::Heading, "Worth knowing before you start");
    harness.get_by_label_contains("no drivers for USB 3 and for NVMe disks inside. Use a USB 2 port");
    let bar = harness.get_by_role(Role::Image).accesskit_node().label().unwrap_or_default();
    assert!(
        bar.starts_with("Layout of the stick, MBR with FAT32: ") && bar.ends_with("12.4 GB free"),
        "{bar}"
    );

    click(&mut harness, Role::RadioButton, "Starts by UEFI only (GPT)");
    harness.get_by_label_contains("by UEFI only (x64); by BIOS it says so");
    click(&mut harness, Role::RadioButton, "Starts by BIOS and UEFI (MBR)");

    harness.get_by_role_and_label(Role::TextInput, "Path of a file or folder to add").focus();
    harness.run();
    harness.event(eframe::egui::Event::Text("~/usb3".to_owned()));
    harness.run();
    press(&mut harness, Key::Enter);
    harness.get_by_role_and_label(Role::Status, "Looking at the files to add…");
    assert!(!is_enabled(&harness, Role::Button, "Start…"), "nothing starts before all is known");
    harness.state_mut().answer_listings();
    harness.run();
    harness.get_by_label("2 files, 866.0 kB");
    click(&mut harness, Role::Button, "Put usb3 into $WinPEDriver$");
    harness.state_mut().answer_listings();
    harness.run();
    assert!(harness.query_by_label("Put usb3 into $WinPEDriver$").is_none());
    harness.get_by_label_contains("2 of the files are yours, 866.0 kB together.");
    harness.get_by_label_contains("Setup will load the drivers in $WinPEDriver$");

    click(&mut harness, Role::Button, "Add files…");
    assert!(matches!(
        harness.state().commands.last(),
        Some(Command::OpenDialog { dialog: Dialog::AddFiles, .. })
    ));
    let picked = vec!["/home/ada/bootmgr".into(), "/home/ada/tool.exe".into()];
    harness.state_mut().tell(Event::Picked(Dialog::AddFiles, picked));
    harness.state_mut().answer_listings();
    harness.run();
    harness.get_by_label_contains("has bootmgr already");
    assert!(!is_enabled(&harness, Role::Button, "Start…"));
    click(&mut harness, Role::CheckBox, "Replace bootmgr of the image");
    click(&mut harness, Role::Button, "Remove tool.exe");
    click(&mut harness, Role::Button, "Start…");

    harness.get_by_label("A stick with the files of win7.iso takes its place.");
    harness.get_by_label_contains("Layout of the stick, MBR with FAT32");
    harness.get_by_label_contains("By UEFI, Windows 7 needs the machine’s compatibility module");
    let made = harness.state().confirmed_stick();
    click(&mut harness, Role::Button, "Erase and write SanDisk Ultra");
    let Some(Request::Write(request)) = harness.state().started() else { panic!("no job was started") };
    let added: Vec<_> = request.windows.add.iter().map(|add| (add.dest.as_deref(), add.replaces)).collect();
    assert_eq!(added, [(Some("$WinPEDriver$/usb3"), false), (Some("bootmgr"), true)]);
    assert!(!request.bmap && !request.windows.as_raw_copy);

    harness.state_mut().end(Ending::Done { report: fake::windows_report(made) });
    harness.run();
    harness.get_by_label_contains("Made: FAT32 “GRMCPRXFRER” on MBR, 9 files, 3.1 GB; 12.4 GB free");
    harness.get_by_label("Starts: by BIOS and by UEFI (x64)");
}

/// A folder of drivers is chosen, looked at, and may be loaded before Setup starts.
#[test]
fn drivers_by_clicks() {
    let mut world = World::windows();
    world.choose_drive(&stick());
    let mut harness = sized_window(world, 1080.0, 1400.0);
    click(&mut harness, Role::Button, "Drivers…");
    assert!(matches!(
        harness.state().commands.last(),
        Some(Command::OpenDialog { dialog: Dialog::Drivers, .. })
    ));
    harness.state_mut().tell(Event::Picked(Dialog::Drivers, vec!["/home/ada/usb3".into()]));
    harness.run();
    assert!(!is_enabled(&harness, Role::Button, "Start…"), "nothing starts before all is known");
    let unusable = Err("it is no folder".to_owned());
    harness.state_mut().tell(Event::DriversListed("/home/ada/usb3".into(), unusable));
    harness.run();
    harness.get_by_label_contains("it is no folder");
    harness.get_by_label_contains("For Windows 7 on machines whose ports are all USB 3");
    click(&mut harness, Role::CheckBox, "Load them before Setup starts (experimental)");
    assert!(harness.state().state.make.drivers.in_setup);
    click(&mut harness, Role::Button, "Remove usb3");
    assert!(is_enabled(&harness, Role::Button, "Start…"));
}

#[test]
fn only_windows_media_take_choices_and_own_files() {
    let mut world = World::windows();
    world.act(sticksmith::gui::action::Action::DropFile("/home/ada/usb3".into()));
    world.act(sticksmith::gui::action::Action::Scheme(sticksmith::plan::Scheme::Gpt));
    world.answer_listings();
    world.choose_image(inspection());
    world.choose_drive(&stick());
    let mut harness = window(world);
    assert!(harness.query_by_label("Your own files").is_none());
    assert!(is_enabled(&harness, Role::Button, "Start…"), "hidden choices stand in no way");
    click(&mut harness, Role::Button, "Start…");
    click(&mut harness, Role::Button, "Erase and write SanDisk Ultra");
    let Some(Request::Write(request)) = harness.state().started() else { panic!("no job was started") };
    assert_eq!(request.windows, sticksmith::job::WindowsChoices::default());
}

#[test]
fn refusals_and_failures_stand_there_in_words() {
    let mut world = World::ready();
    let mut small = stick();
    small.identity.size_bytes = 100_000_000;
    world.tell(Event::Drives(Ok(vec![small.clone()])));
    world.choose_drive(&small);
    let harness = window(world);
    harness.get_by_label_contains("Choose a larger drive.");
    assert!(!is_enabled(&harness, Role::Button, "Start…"));

    for (ending, title) in [
        (Ending::Different { report: bad_report() }, "The stick is not right"),
        (Ending::Failed { message: "It broke.".to_owned(), report: None }, "The stick was not made"),
        (Ending::Refused { refusal: Refusal::EmptyImage }, "Not started"),
        (Ending::Cancelled { message: "Cancelled.".to_owned(), report: None }, "Cancelled"),
    ] {
        let mut world = World::ready();
        world.choose_drive(&stick());
        world.act(sticksmith::gui::action::Action::Start);
        world.act(sticksmith::gui::action::Action::Erase);
        let is_different = matches!(ending, Ending::Different { .. });
        world.end(ending);
        let harness = window(world);
        harness.get_by_role_and_label(Role::Heading, title);
        if is_different {
            harness.get_by_label("At byte 305,397,760, 1.0 MB long: partition 1");
        }
    }
}

#[test]
fn closing_asks_while_a_job_runs_and_waits_for_its_end() {
    let mut world = World::ready();
    world.choose_drive(&stick());
    world.act(sticksmith::gui::action::Action::Start);
    world.act(sticksmith::gui::action::Action::Erase);
    world.job(job::Event::Phase { phase: Phase::Writing });
    world.act(sticksmith::gui::action::Action::CloseAsked);
    let mut harness = window(world);
    harness.get_by_role_and_label(Role::Heading, "Close while the work is going on?");
    press(&mut harness, Key::Escape);
    assert!(harness.query_all_by_label("Close while the work is going on?").next().is_none());

    harness.state_mut().act(sticksmith::gui::action::Action::CloseAsked);
    harness.run();
    assert_eq!(focused_label(&harness).as_deref(), Some("Keep working"));
    click(&mut harness, Role::Button, "Cancel the work and close");
    assert!(matches!(harness.state().commands.last(), Some(Command::CancelJob(_))));
    harness.state_mut().end(Ending::Cancelled { message: "Cancelled.".to_owned(), report: None });
    assert!(matches!(harness.state().commands.last(), Some(Command::CloseWindow)));
}

#[test]
fn check_and_save_start_their_jobs() {
    let mut harness = window(World::ready());
    click(&mut harness, Role::Tab, "Check");
    card(&harness, "SanDisk Ultra").click();
    harness.run();
    assert!(
        is_enabled(&harness, Role::Button, "Start checking"),
        "the stick itself may say what it should be"
    );
    click(&mut harness, Role::Button, "Start checking");
    let Some(Request::Check(check)) = harness.state().started() else { panic!("nothing is checked") };
    assert_eq!(check.against, job::Against::Manifest);
    harness.state_mut().end(Ending::Done { report: report() });
    harness.run();
    click(&mut harness, Role::Button, "Check another drive");
    click(&mut harness, Role::RadioButton, "A checksum");
    harness.get_by_role_and_label(Role::TextInput, "Checksum that the drive should have").focus();
    harness.run();
    harness.event(eframe::egui::Event::Text(fake::digest().to_string()));
    harness.run();
    click(&mut harness, Role::Button, "Start checking");
    assert!(matches!(harness.state().started(), Some(Request::Check(_))));
    harness.state_mut().end(Ending::Done { report: report() });
    harness.run();

    click(&mut harness, Role::Tab, "Save");
    card(&harness, "SanDisk Ultra").click();
    harness.run();
    click(&mut harness, Role::Button, "Start saving");
    let Some(Request::Save(save)) = harness.state().started() else { panic!("nothing is saved") };
    assert_eq!(save.file, PathBuf::from("/home/ada/SanDisk-Ultra.img.zst"));
    assert!(!save.overwrite);
}

/// Down to the smallest window nothing is cut off at the sides.
#[test]
fn everything_fits_a_small_window() {
    for size in [vec2(760.0, 640.0), theme::SMALLEST_WINDOW] {
        for (name, mut world) in spoken::scenes() {
            world.tell(Event::Drives(Ok(drives()
                .into_iter()
                .chain(three_sticks().into_iter().skip(1))
                .collect())));
            let harness = sized_window(world, size.x, size.y);
            for node in harness.root().children_recursive() {
                let access = node.accesskit_node();
                let (Some(bounds), Some(label)) = (access.raw_bounds(), access.label()) else { continue };
                let fits = bounds.x0 >= -0.5 && bounds.x1 <= f64::from(size.x) + 0.5;
                assert!(fits, "{name}, {size:?}, {label}: {bounds:?}");
            }
        }
    }
}

/// The pages' names and the appearance stand beside each other, however narrow the window.
#[test]
fn the_bar_at_the_top_never_overlaps() {
    for width in [640.0, 700.0, 720.0, 800.0] {
        let harness = sized_window(World::ready(), width, 600.0);
        let bounds =
            |label: &str| harness.get_by_label(label).accesskit_node().raw_bounds().expect("it is drawn");
        assert!(bounds("Appearance: as the system prefers").x0 >= bounds("Answer file").x1, "{width}");
    }
}

/// What a screen reader finds on each screen, in its order. `UPDATE_SNAPSHOTS=1` writes the files anew.
#[test]
fn every_screen_is_spoken_as_written_down() {
    for (name, world) in spoken::scenes() {
        let harness = window(world);
        spoken::compare(name, &spoken::tree(&harness));
    }
}

#[test]
fn an_idle_window_does_not_repaint() {
    // That one counts the seconds since a stick was plugged in, as long as somebody looks for it.
    for (name, world) in spoken::scenes().into_iter().filter(|(name, _)| *name != "which-one") {
        let harness = window(world);
        let delay = harness.output().viewport_output.values().map(|out| out.repaint_delay).min();
        assert!(delay.is_some_and(|d| d > std::time::Duration::from_secs(3600)), "{name}: {delay:?}");
    }
}
