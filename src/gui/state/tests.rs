use super::*;
use crate::device::{Bus, Drive};
use crate::gui::action::{CheckWith, Dialog, JobId, Switch};
use crate::job::{self, Inspection, Request};
use crate::plan::Plan;
use crate::source::{BootRecord, Container, ImageFacts, ImageKind};

mod change;
mod erase;
mod several;
mod uses;
mod which_one;
mod windows;

const START: Duration = Duration::ZERO;

fn drive(node: &str, hotplug: bool) -> Drive {
    Drive {
        identity: Identity {
            path: node.into(),
            vendor: None,
            model: Some("Stick".to_owned()),
            serial: Some(node.to_owned()),
            wwn: None,
            size_bytes: 8_000_000_000,
            sector_bytes: 512,
            port: None,
            device_number: (8, node.len() as u64),
            sequence: Some(1),
        },
        bus: Bus::Usb,
        physical_sector_bytes: 512,
        removable: false,
        hotplug,
        read_only: false,
        partitions: Vec::new(),
        system_uses: Vec::new(),
        stoppable_uses: Vec::new(),
        appeared_unix_secs: None,
    }
}

fn inspection(path: &str) -> Inspection {
    Inspection {
        path: path.into(),
        facts: ImageFacts {
            name: path.to_owned(),
            container: Container::Raw,
            file_bytes: 1 << 20,
            image_bytes: Some(1 << 20),
            kind: ImageKind::Disk,
            label: None,
            system: None,
            partition_tables: Vec::new(),
            boot: vec![BootRecord::MbrCode],
            windows: None,
            notes: Vec::new(),
        },
        published: Vec::new(),
        source_drives: Vec::new(),
        bmap: None,
        data_ranges: Some(vec![(0, 4096)]),
        media: None,
    }
}

fn new_state() -> State {
    State::new(&Start::default(), "/home/ada".into(), true).0
}

fn list(state: &mut State, drives: &[Drive]) {
    state.on_event(START, Event::Drives(Ok(drives.to_vec())));
}

fn look(state: &mut State, path: &str, answer: Result<Inspection, String>) {
    let answer = Box::new(answer);
    state.on_event(START, Event::Inspected { of: ImageOf::Make, path: path.into(), answer });
}

fn with_image_and_drive() -> State {
    let mut state = new_state();
    list(&mut state, &[drive("/dev/sdb", true)]);
    state.on_action(START, Action::DropFile("/a.img".into()));
    look(&mut state, "/a.img", Ok(inspection("/a.img")));
    state.on_action(START, Action::ChooseDrive(drive("/dev/sdb", true).identity));
    assert!(plan(&state).is_some(), "{:?}", state.make.targets);
    state
}

fn plan(state: &State) -> Option<&Plan> {
    state.make.plans().next()
}

/// What Make has chosen, where that is one drive.
fn chosen(state: &State) -> Option<&Identity> {
    assert!(state.make.targets.len() < 2);
    state.make.targets.first().map(|target| &target.drive)
}

fn notice(state: &State) -> &str {
    state.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn nothing_is_chosen_until_the_user_chooses() {
    let mut state = new_state();
    list(&mut state, &[drive("/dev/sdb", true)]);
    for page in Page::ALL {
        assert!(state.chosen_drives(page).is_empty());
    }
    assert_eq!(state.missing(), Some(Missing::Image));
    assert!(state.on_action(START, Action::Start).is_empty());
    assert!(matches!(state.screen, Screen::Choose));
}

#[test]
fn only_the_awaited_practice_stick_is_chosen_by_itself_and_only_once() {
    let start = Start { chosen_practice: Some("/tmp/stick".into()), ..Start::default() };
    let mut state = State::new(&start, "/home/ada".into(), true).0;
    list(&mut state, &[drive("/tmp/stick", true)]);
    assert_eq!(chosen(&state), None, "a real drive of that path is none");
    let practice = Drive { bus: Bus::Practice, ..drive("/tmp/stick", false) };
    list(&mut state, std::slice::from_ref(&practice));
    assert_eq!(chosen(&state), Some(&practice.identity.clone()));
    list(&mut state, &[]);
    list(&mut state, &[practice]);
    assert_eq!(chosen(&state), None);
}

#[test]
fn an_answer_to_an_older_question_changes_nothing() {
    let mut state = new_state();
    state.on_action(START, Action::DropFile("/a.img".into()));
    state.on_action(START, Action::DropFile("/b.img".into()));
    look(&mut state, "/a.img", Ok(inspection("/a.img")));
    assert!(state.make.image.known().is_none());
    look(&mut state, "/b.img", Err("no".to_owned()));
    assert!(matches!(&state.make.image.stage, ImageStage::Failed { message, .. } if message == "no"));
}

#[test]
fn a_typed_path_is_looked_at_once_and_home_is_understood() {
    let mut state = new_state();
    let field = Field::Image(ImageOf::Make);
    state.on_action(START, Action::Edit(field, " ~/a.img ".to_owned()));
    let commands = state.on_action(START, Action::Commit(field));
    let path = PathBuf::from("/home/ada/a.img");
    assert!(matches!(&commands[..], [Command::Inspect(ImageOf::Make, p)] if *p == path));
    assert!(state.on_action(START, Action::Commit(field)).is_empty());
}

#[test]
fn a_choice_is_dropped_when_the_drive_goes_changes_or_is_taken_into_use() {
    let there = || drive("/dev/sdb", true);
    let replaced = Drive { identity: Identity { sequence: Some(2), ..there().identity }, ..there() };
    let used = Drive { system_uses: vec!["swap is on /dev/sdb1".to_owned()], ..there() };
    for (drives, words) in [
        (vec![], "was unplugged"),
        (vec![replaced], "unplugged or replaced since"),
        (vec![used], "swap is on /dev/sdb1"),
    ] {
        let mut state = with_image_and_drive();
        state.on_action(START, Action::Start);
        assert!(matches!(state.screen, Screen::Confirm(_)));
        list(&mut state, &drives);
        assert_eq!(chosen(&state), None, "{words}");
        assert!(matches!(state.screen, Screen::Choose), "Confirm does not stay on what is gone");
        assert!(notice(&state).contains(words), "{}", notice(&state));
    }
}

#[test]
fn the_drive_of_the_image_cannot_be_chosen_and_loses_its_choice() {
    let mut state = with_image_and_drive();
    state.on_action(START, Action::DropFile("/dev-sdb/b.img".into()));
    let holder = vec![drive("/dev/sdb", true).identity.device_number];
    let answer = Ok(Inspection { source_drives: holder, ..inspection("/dev-sdb/b.img") });
    look(&mut state, "/dev-sdb/b.img", answer);
    assert_eq!(chosen(&state), None);
    assert!(notice(&state).contains("holds the image"));
    state.on_action(START, Action::ChooseDrive(drive("/dev/sdb", true).identity));
    assert_eq!(chosen(&state), None);
}

#[test]
fn a_drive_that_is_hidden_again_is_not_chosen_any_more() {
    let mut state = with_image_and_drive();
    let internal = drive("/dev/sda", false);
    list(&mut state, std::slice::from_ref(&internal));
    state.on_action(START, Action::ChooseDrive(internal.identity.clone()));
    assert_eq!(chosen(&state), None, "what is not shown cannot be chosen");
    state.on_action(START, Action::Set(Switch::ShowAllDrives, true));
    state.on_action(START, Action::ChooseDrive(internal.identity.clone()));
    assert_eq!(chosen(&state), Some(&internal.identity));
    state.on_action(START, Action::Set(Switch::ShowAllDrives, false));
    assert_eq!(chosen(&state), None);
}

#[test]
fn consent_to_old_bytes_ends_with_the_image() {
    let mut state = with_image_and_drive();
    state.on_action(START, Action::Set(Switch::SkipHoles, true));
    assert!(plan(&state).is_some_and(|plan| plan.planned_bytes() == 4096));
    state.on_action(START, Action::DropFile("/b.img".into()));
    look(&mut state, "/b.img", Ok(inspection("/b.img")));
    assert!(!state.make.skip_holes);
}

#[test]
fn a_wrong_checksum_text_stops_start_and_a_line_of_a_file_is_understood() {
    let mut state = with_image_and_drive();
    for (text, missing) in
        [("xyz", Some(Missing::ValidChecksum)), ("900150983cd24fb0d6963f7d28e17f72  a.img", None), ("", None)]
    {
        state.on_action(START, Action::Edit(Field::ExpectedChecksum, text.to_owned()));
        assert_eq!(state.missing(), missing, "{text}");
    }
}

#[test]
fn erase_starts_exactly_what_was_confirmed() {
    let mut state = with_image_and_drive();
    state.on_action(
        START,
        Action::Edit(Field::ExpectedChecksum, "900150983cd24fb0d6963f7d28e17f72".to_owned()),
    );
    state.on_action(START, Action::Set(Switch::Verify, false));
    state.on_action(START, Action::Start);
    let commands = state.on_action(START, Action::Erase);
    let [Command::StartJob(_, request)] = &commands[..] else { panic!("{commands:?}") };
    let Request::Write(request) = &**request else { panic!("{request:?}") };
    assert_eq!((request.expected.len(), request.verify, request.bmap), (1, false, true));
    assert_eq!(request.target, drive("/dev/sdb", true).identity);
    assert!(state.on_action(START, Action::Erase).is_empty(), "once");
    assert!(state.on_action(START, Action::Show(Page::Save)).is_empty());
    assert_eq!(state.page, Page::Make, "no page is left while a job runs");
}

#[test]
fn a_lost_job_is_a_failure_and_a_late_loss_is_nothing() {
    let mut state = with_image_and_drive();
    state.on_action(START, Action::Start);
    state.on_action(START, Action::Erase);
    let job = JobId(1);
    state.on_event(START, Event::JobLost(job));
    assert!(matches!(&state.screen, Screen::Done(d) if matches!(d.sticks[0].ending, Ending::Failed { .. })));
    state.on_event(START, Event::JobLost(job));
    state.on_event(START, Event::Job(job, job::Event::Warning { message: "late".to_owned() }));
    assert!(matches!(state.screen, Screen::Done(_)));
}

#[test]
fn the_length_of_a_check_is_held_against_the_drive() {
    let mut state = new_state();
    list(&mut state, &[drive("/dev/sdb", true)]);
    state.on_action(START, Action::Show(Page::Check));
    state.on_action(START, Action::ChooseDrive(drive("/dev/sdb", true).identity));
    state.on_action(START, Action::CheckWith(CheckWith::Checksum));
    state.on_action(START, Action::Edit(Field::DriveChecksum, "900150983cd24fb0d6963f7d28e17f72".to_owned()));
    for (length, bytes) in [
        ("", Ok(None)),
        ("1 000", Ok(Some(1000))),
        ("4,700", Ok(Some(4700))),
        ("0", Err(())),
        ("9000000000", Err(())),
        ("1e3", Err(())),
        ("99999999999999999999999", Err(())),
    ] {
        state.on_action(START, Action::Edit(Field::DriveLength, length.to_owned()));
        assert_eq!(state.check.length_bytes().map_err(|_| ()), bytes, "{length}");
        assert_eq!(state.missing().is_none(), bytes.is_ok());
    }
}

#[test]
fn a_file_is_replaced_only_where_somebody_was_asked() {
    let mut state = new_state();
    list(&mut state, &[drive("/dev/sdb", true)]);
    state.on_action(START, Action::Show(Page::Save));
    state.on_action(START, Action::ChooseDrive(drive("/dev/sdb", true).identity));
    assert_eq!(state.save.file, "/home/ada/Stick.img.zst");
    state.on_action(START, Action::Browse(Dialog::Fill(Field::SaveFile)));
    state.on_event(
        Duration::from_secs(9),
        Event::Picked(Dialog::Fill(Field::SaveFile), vec!["/x.img".into()]),
    );
    assert!(state.save.replace, "the dialog has asked");
    state.on_action(START, Action::Edit(Field::SaveFile, "/y.img".to_owned()));
    assert!(!state.save.replace);
}
