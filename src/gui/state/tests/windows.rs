//! Windows sticks: how they are partitioned, and what of the user's own goes onto them.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::format::tree::FileExtent;
use crate::gui::action::{Dialog, EntryId, Switch};
use crate::job::WindowsChoices;
use crate::plan::{Plan, Scheme};
use crate::source::windows::{Architecture, Loader, MediaFile, WindowsBoot, WindowsFacts, WindowsMedia};
use crate::source::{AddRequest, Addition, AdditionKind, DriverFolder, Origin};

fn windows_inspection(path: &str) -> Inspection {
    let mut inspection = inspection(path);
    let facts = &mut inspection.facts;
    facts.kind = ImageKind::WindowsSetup;
    facts.windows = Some(Box::new(WindowsFacts {
        product: "Windows 7".to_owned(),
        version: Some([6, 1, 7601]),
        architectures: vec![Architecture::X64],
        languages: Vec::new(),
        editions: Vec::new(),
        boot: WindowsBoot { bios: true, ..WindowsBoot::default() },
        install: Vec::new(),
        boot_images: Vec::new(),
        ei_cfg: None,
        has_pid_txt: false,
        answer_files: Vec::new(),
        answers: Vec::new(),
    }));
    inspection.media = Some(Ok(Arc::new(WindowsMedia {
        label: Some("GRMCPRXFRER".to_owned()),
        folders: Vec::new(),
        files: vec![MediaFile {
            path: "BOOTMGR".to_owned(),
            len_bytes: 4096,
            extents: vec![FileExtent { offset_bytes: Some(4096), len_bytes: 4096 }],
            modified_unix_secs: None,
        }],
        loader: Some(Loader {
            bytes: Arc::from(&b"MZ"[..]),
            from: "image 1 of sources/install.wim".to_owned(),
            modified_unix_secs: None,
        }),
        loader_missing: None,
        splittable: Vec::new(),
        boot_wims: Vec::new(),
    })));
    inspection
}

fn windows_state() -> State {
    let mut state = with_image_and_drive();
    state.on_action(START, Action::DropFile("/win.iso".into()));
    look(&mut state, "/win.iso", Ok(windows_inspection("/win.iso")));
    assert!(plan(&state).stick.is_some());
    state
}

fn plan(state: &State) -> &Plan {
    super::plan(state).unwrap()
}

fn paths(state: &State) -> Vec<&str> {
    plan(state).stick.iter().flat_map(|stick| &stick.files).map(|file| file.path.as_str()).collect()
}

/// Drops a file; what the program is asked to list.
fn drop(state: &mut State, path: &str) -> (EntryId, AddRequest) {
    listing(&state.on_action(START, Action::DropFile(path.into())))
}

fn listing(commands: &[Command]) -> (EntryId, AddRequest) {
    let [Command::List(id, request)] = commands else { panic!("{commands:?}") };
    (*id, request.clone())
}

fn file_at(request: &AddRequest) -> Vec<Addition> {
    vec![Addition {
        dest: request.dest.clone().unwrap(),
        origin: Origin::Disk(request.path.clone()),
        kind: AdditionKind::File { len_bytes: 10 },
        modified_unix_secs: None,
        replaces: request.replaces,
        of_answer: false,
    }]
}

fn found(state: &mut State, (id, request): (EntryId, AddRequest)) {
    let answer = Ok(file_at(&request));
    state.on_event(START, Event::Listed { id, request, answer });
}

#[test]
fn what_is_dropped_chooses_an_image_or_is_added() {
    for (path, is_image) in [
        ("/x/b.iso", true),
        ("/x/B.ISO", true),
        ("/x/b.img.xz", true),
        ("/x/tool.zip", false),
        ("/x/drivers", false),
        ("/x/iso", false),
        ("/x/a.iso.txt", false),
    ] {
        let mut state = windows_state();
        let commands = state.on_action(START, Action::DropFile(path.into()));
        assert_eq!(matches!(commands[..], [Command::Inspect(..)]), is_image, "{path}");
        assert_eq!(state.make.own.entries.is_empty(), is_image, "{path}");
    }
    let mut state = with_image_and_drive();
    let commands = state.on_action(START, Action::DropFile("/x/drivers".into()));
    assert!(matches!(commands[..], [Command::Inspect(..)]), "nothing is added to a copy byte for byte");
}

#[test]
fn what_is_added_is_planned_once_it_is_known_and_gone_when_it_is_removed() {
    let mut state = windows_state();
    let asked = drop(&mut state, "/home/ada/tool.exe");
    assert_eq!(asked.1.dest.as_deref(), Some("tool.exe"));
    assert_eq!(state.missing(), Some(Missing::OwnFilesWait));
    assert!(state.on_action(START, Action::Start).is_empty());
    assert!(matches!(state.screen, Screen::Choose), "not before all is known");

    found(&mut state, asked.clone());
    assert_eq!(state.missing(), None);
    assert!(paths(&state).contains(&"tool.exe"));
    state.on_action(START, Action::Remove(asked.0));
    assert!(!paths(&state).contains(&"tool.exe"));
    found(&mut state, asked);
    assert!(state.make.own.entries.is_empty(), "an answer brings nothing back");
}

#[test]
fn a_failure_stands_in_the_way_until_its_entry_is_gone() {
    let mut state = windows_state();
    let (id, request) = drop(&mut state, "/home/ada/gone");
    let answer = Err("no such file".to_owned());
    state.on_event(START, Event::Listed { id, request, answer });
    assert_eq!(state.missing(), Some(Missing::UsableOwnFiles));
    state.on_action(START, Action::Remove(id));
    assert_eq!(state.missing(), None);
}

#[test]
fn another_place_is_another_question() {
    let mut state = windows_state();
    let first = drop(&mut state, "/home/ada/tool.exe");
    let id = first.0;
    state.on_action(START, Action::Edit(Field::Place(id), "tools/tool.exe".to_owned()));
    let second = listing(&state.on_action(START, Action::Commit(Field::Place(id))));
    assert_eq!(second.1.dest.as_deref(), Some("tools/tool.exe"));
    found(&mut state, first);
    assert_eq!(state.missing(), Some(Missing::OwnFilesWait), "an answer to an older question is none");
    found(&mut state, second);
    assert!(paths(&state).contains(&"tools/tool.exe"));
    assert!(state.on_action(START, Action::Commit(Field::Place(id))).is_empty(), "nothing has changed");
}

#[test]
fn replacing_is_asked_for_one_file_of_one_image() {
    let mut state = windows_state();
    let asked = drop(&mut state, "/home/ada/bootmgr");
    let id = asked.0;
    found(&mut state, asked);
    assert_eq!(state.missing(), Some(Missing::Refused), "its place is taken");
    let taken = |state: &State| {
        let media = state.make.media().unwrap();
        state.make.own.entries[0].file_in_its_place(media).map(str::to_owned)
    };
    assert_eq!(taken(&state).as_deref(), Some("BOOTMGR"), "names are one whatever their case");
    state.on_action(START, Action::Set(Switch::ReplaceInImage(id), true));
    assert_eq!(state.missing(), None);
    assert!(state.make.windows_choices().add[0].replaces);

    state.on_action(START, Action::DropFile("/other.iso".into()));
    look(&mut state, "/other.iso", Ok(windows_inspection("/other.iso")));
    assert_eq!(state.missing(), Some(Missing::Refused), "consent for one image is none for the next");

    state.on_action(START, Action::Set(Switch::ReplaceInImage(id), true));
    state.on_action(START, Action::Edit(Field::Place(id), "efi/boot/bootx64.efi".to_owned()));
    let asked = listing(&state.on_action(START, Action::Commit(Field::Place(id))));
    assert!(!asked.1.replaces, "nor for one file another's");
    found(&mut state, asked);
    assert_eq!(taken(&state).as_deref(), Some("EFI/BOOT/BOOTX64.EFI"), "the loader out of the image counts");
}

#[test]
fn drivers_are_recognised_and_moved_only_on_request() {
    let mut state = windows_state();
    let (id, request) = drop(&mut state, "/home/ada/usb3");
    let folder = |request: &AddRequest| {
        let dest = request.dest.clone().unwrap();
        let mut found = file_at(request);
        found[0].kind = AdditionKind::Folder;
        let inf =
            AddRequest { path: "/home/ada/usb3/A.INF".into(), dest: Some(dest + "/A.INF"), replaces: false };
        found.extend(file_at(&inf));
        found
    };
    let answer = Ok(folder(&request));
    state.on_event(START, Event::Listed { id, request, answer });
    assert!(state.make.own.entries[0].are_drivers_elsewhere());
    assert!(paths(&state).contains(&"usb3/A.INF"), "a suggestion is only that");

    let (id, request) = listing(&state.on_action(START, Action::PlaceAsDrivers(id)));
    let answer = Ok(folder(&request));
    state.on_event(START, Event::Listed { id, request, answer });
    assert!(!state.make.own.entries[0].are_drivers_elsewhere());
    assert!(paths(&state).contains(&"$WinPEDriver$/usb3/A.INF"));
}

#[test]
fn erase_makes_the_windows_stick_that_was_confirmed() {
    let mut state = windows_state();
    state.on_action(START, Action::Scheme(Scheme::Gpt));
    assert_eq!(plan(&state).stick.as_ref().unwrap().scheme, Scheme::Gpt);
    state.on_action(START, Action::Edit(Field::OwnFile, " ~/tool.exe ".to_owned()));
    let asked = listing(&state.on_action(START, Action::Commit(Field::OwnFile)));
    assert_eq!(asked.1.path, Path::new("/home/ada/tool.exe"));
    assert_eq!(state.make.own.typed, "");
    found(&mut state, asked);
    state.on_action(START, Action::Start);
    let commands = state.on_action(START, Action::Erase);
    let [Command::StartJob(_, request)] = &commands[..] else { panic!("{commands:?}") };
    let Request::Write(request) = &**request else { panic!("{request:?}") };
    assert_eq!(request.windows.scheme, Scheme::Gpt);
    assert_eq!(request.windows.add.len(), 1);
    assert!(!request.bmap && !request.skip_holes && !request.windows.as_raw_copy);
}

#[test]
fn advice_is_told_from_what_is_plain() {
    let state = windows_state();
    let plan = plan(&state);
    assert_eq!((plan.notes.len(), plan.advice.len()), (2, 2), "{:#?} {:#?}", plan.notes, plan.advice);
}

#[test]
fn drivers_are_waited_for_and_may_be_loaded_before_setup() {
    let mut state = windows_state();
    let choose = |state: &mut State, folder: &str| {
        state.on_action(START, Action::Browse(Dialog::Drivers));
        let picked = Event::Picked(Dialog::Drivers, vec![folder.into()]);
        let commands = state.on_event(START, picked);
        assert!(matches!(&commands[..], [Command::ListDrivers(asked)] if asked == Path::new(folder)));
    };
    choose(&mut state, "/x/old");
    choose(&mut state, "/x/usb3");
    assert_eq!(state.missing(), Some(Missing::OwnFilesWait));
    state.on_event(START, Event::DriversListed("/x/old".into(), Ok(Vec::new())));
    assert_eq!(state.missing(), Some(Missing::OwnFilesWait), "an answer to an older question is none");
    state.on_event(START, Event::DriversListed("/x/usb3".into(), Err("it is no folder".to_owned())));
    assert_eq!(state.missing(), Some(Missing::UsableOwnFiles));

    // A folder without any driver: the plan says so.
    choose(&mut state, "/x/usb3");
    let nothing = DriverFolder {
        path: "/x/usb3".into(),
        name: "usb3".to_owned(),
        additions: Vec::new(),
        sha1: Vec::new(),
        infs: Vec::new(),
        packed: Vec::new(),
    };
    state.on_event(START, Event::DriversListed("/x/usb3".into(), Ok(vec![nothing])));
    assert_eq!(state.missing(), Some(Missing::Refused));
    state.on_action(START, Action::Set(Switch::DriversInSetup, true));
    let choices = state.make.windows_choices();
    assert!(choices.drivers_in_setup && choices.drivers == [Path::new("/x/usb3")]);
    state.on_action(START, Action::RemoveDrivers);
    assert_eq!((state.missing(), state.make.windows_choices()), (None, WindowsChoices::default()));
}
