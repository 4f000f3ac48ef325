//! The page Answer file: by clicks and by keyboard to the job, and once for real on a practice stick, judged by others.

use std::fs;
use std::path::Path;

use eframe::egui::{Key, accesskit::Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use sticksmith::answer::{SecretBytes, Summary};
use sticksmith::device::{self, Drive, Identity};
use sticksmith::gui::action::{Action, ChangeTo, Command, Event, Field, NewAnswer, Page, StickLook};
use sticksmith::gui::state::Screen;
use sticksmith::job::{self, AnswerOnStick, ChangedFiles, Ending, Phase, Report, Request, WindowsChoices};
use sticksmith::job::{Job, WriteRequest};
use sticksmith::source::{AnswerFile, FoundAnswer, PreparedAnswer};

use crate::fake::{World, drives, report, stick};
use crate::images::windows::{Media, program};
use crate::support::{noise, run, tool};
use crate::{card, click, is_enabled, press, sized_window, tab_to};

const PUT: &str = "Put it on SanDisk Ultra";
const START: &str = "Change it…";

fn page(to: ChangeTo) -> World {
    let mut world = World::new();
    world.tell(Event::Drives(Ok(drives())));
    world.act(Action::Show(Page::Answer));
    world.choose_drive(&stick());
    world.act(Action::ChangeTo(to));
    world.act(Action::Edit(Field::NewAnswer, "/home/ada/company.toml".to_owned()));
    world
}

/// A stick with an answer file of this program's, another one that somebody put there, and an application.
fn there() -> AnswerOnStick {
    let answers = ["the time zone (W. Europe Standard Time)", "the disks"].map(str::to_owned).to_vec();
    let summary = Summary { architectures: vec!["amd64".to_owned()], answers, ..Summary::default() };
    let found =
        |path: &str| FoundAnswer { path: path.to_owned(), summary: Some(summary.clone()), problem: None };
    AnswerOnStick {
        answers: vec![found("Autounattend.xml"), found("sources/Autounattend.xml")],
        parts: vec![
            "sources/Autounattend.xml".to_owned(),
            "sources/$OEM$/$1/Sticksmith/apps/7z.msi".to_owned(),
        ],
        others: vec!["Autounattend.xml".to_owned()],
        image: "win7.iso".to_owned(),
        system: Some("Windows 7 x64 (6.1.7601)".to_owned()),
        windows: None,
    }
}

/// The new one erases a disk.
fn look(to: ChangeTo) -> StickLook {
    let file = AnswerFile::Xml { bytes: SecretBytes::new(Vec::new()), name: "company.toml".to_owned() };
    let prepared = PreparedAnswer {
        name: "company.toml".to_owned(),
        additions: Vec::new(),
        notes: vec!["Setup answers its questions by company.toml.".to_owned()],
        erases: Some("Setup will erase disk 0 without a question.".to_owned()),
        advice: vec!["The passwords in the answer file can be read by whoever has the stick.".to_owned()],
    };
    let new = (to == ChangeTo::File).then_some(NewAnswer { file, prepared: Ok(prepared) });
    StickLook { there: there(), new }
}

/// The look that was asked for last.
fn asked_look(world: &World) -> (u32, Identity, Option<std::path::PathBuf>) {
    let asked = world.commands.iter().rev().find_map(|command| match command {
        Command::LookAtStick { serial, drive, file } => Some((*serial, drive.clone(), file.clone())),
        _ => None,
    });
    asked.expect("a stick is looked at")
}

fn answer(world: &mut World, look: Result<StickLook, String>) {
    let (serial, ..) = asked_look(world);
    world.tell(Event::StickLookedAt { serial, look: Box::new(look) });
}

fn confirmed(to: ChangeTo) -> World {
    let mut world = page(to);
    world.act(Action::Start);
    answer(&mut world, Ok(look(to)));
    world
}

/// The screens that are written down.
pub fn scenes() -> Vec<(&'static str, World)> {
    let mut looking = page(ChangeTo::File);
    looking.act(Action::Start);
    let mut not_ours = page(ChangeTo::File);
    not_ours.act(Action::Start);
    answer(
        &mut not_ours,
        Err("The answer file of this drive cannot be changed: there is no FAT volume on it.".to_owned()),
    );
    let begun = || {
        let mut world = page(ChangeTo::File);
        world.act(Action::Start);
        let mut harmless = look(ChangeTo::File);
        harmless.there.others.clear();
        if let Some(Ok(prepared)) = harmless.new.as_mut().map(|new| &mut new.prepared) {
            prepared.erases = None;
        }
        answer(&mut world, Ok(harmless));
        world.act(Action::Erase);
        world.job(job::Event::Phase { phase: Phase::Hashing });
        world.job(job::Event::Phase { phase: Phase::Writing });
        world
    };
    let mut done = begun();
    let conclusion = "The answer file of the stick is company.toml now. All 90112 bytes that this took were read back and \
                      are right; nothing else was touched.";
    let changed = ChangedFiles {
        put: vec!["Autounattend.xml".to_owned(), "sources/Autounattend.xml".to_owned()],
        removed: vec!["sources/$OEM$/$1/Sticksmith/apps/7z.msi".to_owned()],
        free_bytes: 12_000_000_000,
    };
    let mut report = Report {
        action: "answer".to_owned(),
        image: None,
        image_path: None,
        digests: Vec::new(),
        phases: Vec::new(),
        bytes_written: 90_112,
        changed: Some(changed),
        conclusion: conclusion.to_owned(),
        ..report()
    };
    report.proof.verified_bytes = 90_112;
    done.end(Ending::Done { report });
    vec![
        ("change", page(ChangeTo::File)),
        ("change-looking", looking),
        ("change-confirm", confirmed(ChangeTo::File)),
        ("change-remove", confirmed(ChangeTo::Nothing)),
        ("change-not-ours", not_ours),
        ("change-working", begun()),
        ("change-done", done),
    ]
}

#[test]
fn a_stick_gets_another_answer_file_by_clicks() {
    let mut world = World::new();
    world.tell(Event::Drives(Ok(drives())));
    let mut harness = sized_window(world, 1080.0, 900.0);
    click(&mut harness, Role::Tab, "Answer file");
    harness.get_by_label("Choose a drive.");
    card(&harness, "SanDisk Ultra").click();
    harness.run();
    harness.get_by_label("Choose the answer file.");
    click(&mut harness, Role::Button, "Choose file…");
    let asked = harness.state().commands.last();
    let Some(Command::OpenDialog { dialog, .. }) = asked else { panic!("no dialog: {asked:?}") };
    let dialog = *dialog;
    harness.state_mut().tell(Event::Picked(dialog, vec!["/home/ada/company.toml".into()]));
    harness.run();
    harness.get_by_label("Nothing else on the stick is touched.");
    click(&mut harness, Role::Button, START);
    harness.get_by_role_and_label(Role::Heading, "Change the answer file of SanDisk Ultra?");
    harness.get_by_label_contains("Looking at what the stick has now.");
    assert!(!is_enabled(&harness, Role::Button, PUT));
    assert_eq!(asked_look(harness.state()).1, stick().identity);
    answer(harness.state_mut(), Ok(look(ChangeTo::File)));
    harness.run();
    harness.get_by_label("Made from: win7.iso, Windows 7 x64 (6.1.7601)");
    harness.get_by_label_contains(
        "Has now: Autounattend.xml and sources/Autounattend.xml: for amd64; answers the time zone",
    );
    harness.get_by_label("With it: sources/$OEM$/$1/Sticksmith/apps/7z.msi");
    harness.get_by_label("Will have: company.toml, with all that belongs to it");
    let tree = crate::spoken::tree(&harness);
    assert!(!tree.to_lowercase().contains("erased") && !tree.contains("cannot be undone"), "{tree}");
    for tick in ["Replace it", "I want that on every machine that starts from this stick"] {
        assert!(!is_enabled(&harness, Role::Button, PUT));
        click(&mut harness, Role::CheckBox, tick);
    }
    click(&mut harness, Role::Button, PUT);
    let Some(Request::AnswerChange(request)) = harness.state().started() else { panic!("no job") };
    assert!(request.replaces && request.answer.as_ref().is_some_and(|file| file.name() == "company.toml"));
    assert_eq!(request.target, stick().identity);
}

#[test]
fn by_keyboard_alone_it_is_taken_away() {
    let mut world = World::new();
    world.tell(Event::Drives(Ok(drives())));
    let mut harness = sized_window(world, 1080.0, 900.0);
    tab_to(&mut harness, "Answer file");
    press(&mut harness, Key::Enter);
    tab_to(&mut harness, "SanDisk Ultra, ");
    press(&mut harness, Key::Space);
    tab_to(&mut harness, "Take the one away that is there");
    press(&mut harness, Key::Space);
    let ask = |harness: &mut Harness<'_, World>| {
        tab_to(harness, START);
        press(harness, Key::Enter);
        answer(harness.state_mut(), Ok(look(ChangeTo::Nothing)));
        harness.run();
    };
    ask(&mut harness);
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Enter twice lands on Cancel");
    ask(&mut harness);
    press(&mut harness, Key::Escape);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Escape goes back");
    ask(&mut harness);
    tab_to(&mut harness, "Take it away all the same");
    press(&mut harness, Key::Space);
    tab_to(&mut harness, "Remove it from SanDisk Ultra");
    press(&mut harness, Key::Enter);
    let Some(Request::AnswerChange(request)) = harness.state().started() else { panic!("no job") };
    assert!(request.replaces && request.answer.is_none());
}

#[test]
fn a_stick_that_cannot_be_changed_says_why() {
    let mut refused = look(ChangeTo::File);
    if let Some(new) = &mut refused.new {
        new.prepared = Err("company.toml cannot be the answer file. It is for Windows 11.".to_owned());
    }
    let mut empty = look(ChangeTo::Nothing);
    (empty.there.answers, empty.there.parts, empty.there.others) = (Vec::new(), Vec::new(), Vec::new());
    for (to, look, words, button) in [
        (ChangeTo::File, Err("It takes a Windows stick that Sticksmith made.".to_owned()), "It takes a", PUT),
        (ChangeTo::File, Ok(refused), "It is for Windows 11.", PUT),
        (
            ChangeTo::Nothing,
            Ok(empty),
            "There is no answer file on this stick.",
            "Remove it from SanDisk Ultra",
        ),
    ] {
        let mut world = page(to);
        world.act(Action::Start);
        answer(&mut world, look);
        let harness = sized_window(world, 1080.0, 900.0);
        harness.get_by_label_contains(words);
        assert!(!is_enabled(&harness, Role::Button, button), "{words}");
    }
}

/// What the window does of itself, done here.
fn look_for_real(harness: &mut Harness<'_, World>) {
    let (_, drive, file) = asked_look(harness.state());
    let file = file.map(|path| AnswerFile::read(&path).expect("it is a profile").with_consent());
    let there = job::answer_on_stick(&drive).expect("it is a stick of ours");
    let new = file.map(|file| {
        let prepared = there.prepare(&file).map_err(|refusal| refusal.to_string());
        NewAnswer { file, prepared }
    });
    answer(harness.state_mut(), Ok(StickLook { there, new }));
    harness.run();
}

fn run_job(harness: &mut Harness<'_, World>) {
    let request = harness.state().started().expect("a job was started").clone();
    for event in job::start(request, || {}).events.iter() {
        harness.state_mut().job(event);
        harness.run();
    }
    assert!(matches!(harness.state().state.screen, Screen::Done(_)), "the job ended");
}

fn windows_stick(media: &Media, file: &Path) -> Drive {
    fs::write(file, noise(96 << 20, 5)).expect("there is room");
    let drive = device::practice_stick(file).expect("it was just made");
    let job: Job = job::start(
        Request::Write(WriteRequest {
            image: media.bridged(),
            target: drive.identity,
            end_uses: Vec::new(),
            verify: true,
            hash: true,
            expected: Vec::new(),
            sidecars: false,
            skip_holes: false,
            bmap: false,
            windows: WindowsChoices::default(),
            probe: false,
        }),
        || {},
    );
    let last = job.events.iter().last();
    assert!(
        matches!(&last, Some(job::Event::Ended(ending)) if matches!(**ending, Ending::Done { .. })),
        "{last:?}"
    );
    device::practice_stick(file).expect("it is there")
}

#[test]
fn a_real_stick_is_changed_by_clicks_and_is_sound_for_others() {
    if !["genisoimage", "wimlib-imagex", "mcopy", "mtype", "mdir", "fsck.fat"].into_iter().all(tool) {
        return;
    }
    let media = Media::new(&[
        ("bootmgr", &noise(383_786, 1)),
        ("boot/bcd", &noise(262_144, 2)),
        ("efi/boot/bootx64.efi", &program(0x8664)),
        ("setup.exe", &noise(100_000, 3)),
    ]);
    media.image("sources/boot.wim", "Setup", 9, "10.0.19045", "WindowsPE", "en-US");
    media.image("sources/install.wim", "Windows 10 Pro", 9, "10.0.19045", "Client", "en-US");
    let file = media.shop.path("stick.img");
    let drive = windows_stick(&media, &file);
    let profile = media.shop.path("company.toml");
    let text = "windows = \"10\"\n[computer]\nname = \"PC-07\"\n[disks]\nmode = \"wipe\"\ndisk = 0\nstick_disk = 1\nlayout = \"bios\"\n";
    fs::write(&profile, text).expect("the folder is writable");

    let mut world = World::new();
    world.tell(Event::Drives(Ok(vec![drive.clone()])));
    let mut harness = sized_window(world, 1080.0, 1000.0);
    click(&mut harness, Role::Tab, "Answer file");
    card(&harness, "Practice stick").click();
    harness.state_mut().act(Action::DropFile(profile));
    harness.run();
    click(&mut harness, Role::Button, START);
    look_for_real(&mut harness);
    harness.get_by_label("Has now: no answer file");
    harness.get_by_label_contains("Setup will erase disk 0 without a question");
    click(&mut harness, Role::CheckBox, "I want that on every machine that starts from this stick");
    click(&mut harness, Role::Button, "Put it on Practice stick");
    run_job(&mut harness);
    harness.get_by_role_and_label(Role::Heading, "The answer file is on the stick");
    let volume = format!("{}@@1M", file.display());
    for place in ["::Autounattend.xml", "::sources/Autounattend.xml"] {
        let xml = run("mtype", &["-i", &volume, place]);
        assert!(xml.contains("PC-07") && xml.contains("WillWipeDisk"), "{xml}");
    }

    click(&mut harness, Role::Button, "Change another stick");
    assert!(harness.state().state.chosen_drives(Page::Answer).is_empty(), "it is chosen afresh");
    card(&harness, "Practice stick").click();
    harness.run();
    click(&mut harness, Role::RadioButton, "Take the one away that is there");
    click(&mut harness, Role::Button, START);
    look_for_real(&mut harness);
    harness.get_by_label("Will have: no answer file");
    click(&mut harness, Role::Button, "Remove it from Practice stick");
    run_job(&mut harness);
    harness.get_by_role_and_label(Role::Heading, "The answer file is gone");
    let listed = run("mdir", &["-i", &volume, "-/", "-b", "::"]);
    assert!(listed.contains("setup.exe") && !listed.to_lowercase().contains("unattend"), "{listed}");
    let partition = media.shop.path("partition.img");
    let bytes = fs::read(&file).expect("it is there");
    fs::write(&partition, &bytes[1 << 20..]).expect("there is room");
    run("fsck.fat", &["-n", partition.to_str().expect("an ASCII path")]);
}
