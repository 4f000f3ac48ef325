//! Test and Restore: what may be chosen, what is asked, and that there are words for everything.

use super::*;
use crate::answer::SecretBytes;
use crate::device::Partition;
use crate::gui::action::Becomes;
use crate::job::{
    Against, AnswerChangeRequest, CapacityTest, CheckRequest, HashOf, HashRequest, Lie, Phase, Report,
    RestoreRequest, SaveRequest, TestExtent, TestRequest, WindowsChoices, WipeRequest, WriteRequest,
};
use crate::plan::{FileSystem, Refusal};
use crate::source::AnswerFile;

fn on(page: Page, drives: &[Drive]) -> State {
    let mut state = new_state();
    list(&mut state, drives);
    state.on_action(START, Action::Show(page));
    state
}

fn with_drive(page: Page, drive: &Drive) -> State {
    let mut state = on(page, std::slice::from_ref(drive));
    assert_eq!(state.missing(), Some(Missing::Drive));
    state.on_action(START, Action::ChooseDrive(drive.identity.clone()));
    state
}

fn of_size(size_bytes: u64) -> Drive {
    let there = drive("/dev/sdb", true);
    Drive { identity: Identity { size_bytes, ..there.identity }, ..there }
}

fn confirmed(state: &State) -> &ToWrite {
    let Screen::Confirm(confirm) = &state.screen else { panic!("not asked: {:?}", state.screen) };
    let [confirm] = confirm.sticks.as_slice() else { panic!("not one: {confirm:?}") };
    confirm
}

fn start(state: &mut State) -> Request {
    assert!(state.on_action(START, Action::Start).is_empty(), "nothing starts unasked");
    confirmed(state);
    let commands = state.on_action(START, Action::Erase);
    let [Command::StartJob(_, request)] = &commands[..] else { panic!("{commands:?}") };
    (**request).clone()
}

#[test]
fn what_suits_the_size_is_preselected_and_what_does_not_fit_says_why() {
    for (size_bytes, usual, refused) in [
        (8_000_000_000, FileSystem::Fat32, None),
        (64_000_000_000, FileSystem::ExFat, None),
        // FAT32 needs more clusters than such a drive has.
        (16 << 20, FileSystem::ExFat, Some(FileSystem::Fat32)),
    ] {
        let mut state = with_drive(Page::Restore, &of_size(size_bytes));
        assert_eq!(state.restore.file_system(), Some(usual), "{size_bytes}");
        for file_system in FileSystem::ALL {
            let refusal = state.restore.refusal_of(file_system);
            let is_refused = matches!(refusal, Some(Refusal::TooSmallFor { .. }));
            assert_eq!(is_refused, refused == Some(file_system), "{size_bytes}: {refusal:?}");
        }
        let Request::Restore(request) = start(&mut state) else { panic!("another job") };
        assert_eq!(request.file_system, Some(usual), "the job does what was shown");
    }
}

#[test]
fn what_was_chosen_is_what_is_asked_and_done() {
    let there = of_size(8_000_000_000);
    let mut state = with_drive(Page::Restore, &there);
    state.on_action(START, Action::FileSystem(FileSystem::ExFat));
    state.on_action(START, Action::Edit(Field::Label, "Fotos".to_owned()));
    let target = there.identity.clone();
    let file_system = Some(FileSystem::ExFat);
    let wanted =
        RestoreRequest { target: target.clone(), end_uses: vec![], file_system, label: "Fotos".to_owned() };
    assert_eq!(start(&mut state), Request::Restore(wanted));

    for (becomes, everywhere) in [(Becomes::Empty, false), (Becomes::Zeroes, true)] {
        let mut state = with_drive(Page::Restore, &there);
        state.on_action(START, Action::Become(becomes));
        let wanted = WipeRequest { target: target.clone(), end_uses: Vec::new(), everywhere };
        assert_eq!(start(&mut state), Request::Wipe(wanted));
    }
    for extent in [TestExtent::Quick, TestExtent::Full] {
        let mut state = with_drive(Page::Test, &there);
        state.on_action(START, Action::TestExtent(extent));
        assert_eq!(
            start(&mut state),
            Request::Test(TestRequest { target: target.clone(), end_uses: Vec::new(), extent })
        );
    }
}

/// A quick wipe looks at the places of the partitions too.
#[test]
fn the_plan_of_an_empty_stick_goes_by_its_partitions() {
    let plain = of_size(8_000_000_000);
    let partition = Partition {
        path: "/dev/sdb1".into(),
        number: Some(1),
        offset_bytes: 1 << 30,
        size_bytes: 1 << 30,
        volume: None,
        mount_points: Vec::new(),
    };
    let parted = Drive { partitions: vec![partition], ..plain.clone() };
    let bytes = |drive: &Drive, becomes| {
        let mut state = with_drive(Page::Restore, drive);
        state.on_action(START, Action::Become(becomes));
        let Some(Ok(plan)) = &state.restore.plan else { panic!("{:?}", state.restore.plan) };
        plan.planned_bytes()
    };
    assert!(bytes(&parted, Becomes::Empty) > bytes(&plain, Becomes::Empty));
    assert_eq!(bytes(&plain, Becomes::Zeroes), 8_000_000_000);
}

#[test]
fn a_choice_that_goes_takes_its_question_with_it() {
    let there = of_size(8_000_000_000);
    let replaced =
        Drive { identity: Identity { sequence: Some(2), ..there.identity.clone() }, ..there.clone() };
    let used = Drive { system_uses: vec!["swap is on /dev/sdb1".to_owned()], ..there.clone() };
    for page in [Page::Test, Page::Restore] {
        for (drives, words) in [
            (vec![], "was unplugged"),
            (vec![replaced.clone()], "unplugged or replaced since"),
            (vec![used.clone()], "swap is on /dev/sdb1"),
        ] {
            let mut state = with_drive(page, &there);
            state.on_action(START, Action::Start);
            confirmed(&state);
            list(&mut state, &drives);
            assert_eq!(state.chosen_drives(page).first(), None);
            assert!(matches!(state.screen, Screen::Choose), "{page:?}: {words}");
            assert!(notice(&state).contains(words), "{}", notice(&state));
            assert!(state.on_action(START, Action::Erase).is_empty(), "a late click erases nothing");
        }
    }
}

#[test]
fn forbidden_drives_cannot_be_chosen_and_hidden_ones_want_their_name() {
    let used = Drive { system_uses: vec!["/ is on it".to_owned()], ..of_size(8_000_000_000) };
    let internal = Drive { hotplug: false, ..of_size(8_000_000_000) };
    for page in [Page::Test, Page::Restore] {
        let mut state = on(page, std::slice::from_ref(&used));
        state.on_action(START, Action::ChooseDrive(used.identity.clone()));
        assert_eq!(state.chosen_drives(page).first(), None);
        let mut state = on(page, std::slice::from_ref(&internal));
        state.on_action(START, Action::ChooseDrive(internal.identity.clone()));
        assert_eq!(state.chosen_drives(page).first(), None, "what is not shown cannot be chosen");
        state.on_action(START, Action::Set(Switch::ShowAllDrives, true));
        state.on_action(START, Action::ChooseDrive(internal.identity.clone()));
        state.on_action(START, Action::Start);
        assert!(state.on_action(START, Action::Erase).is_empty());
        state.on_action(START, Action::Edit(Field::TypedName(0), internal.title()));
        assert_eq!(state.on_action(START, Action::Erase).len(), 1);
    }
}

#[test]
fn a_drive_chosen_on_one_page_is_chosen_on_no_other() {
    let state = with_drive(Page::Test, &of_size(8_000_000_000));
    for page in Page::ALL.into_iter().filter(|page| *page != Page::Test) {
        assert_eq!(state.chosen_drives(page).first(), None, "{page:?}");
    }
}

fn change(target: Identity, answer: Option<AnswerFile>) -> Request {
    Request::AnswerChange(AnswerChangeRequest { target, end_uses: Vec::new(), answer, replaces: false })
}

/// One of every kind of request that there is; a new kind does not compile until it stands here.
fn every_request() -> Vec<Request> {
    let target = drive("/dev/sdb", true).identity;
    let all = vec![
        Request::Write(WriteRequest {
            image: "/a.img".into(),
            target: target.clone(),
            end_uses: Vec::new(),
            verify: true,
            hash: true,
            expected: Vec::new(),
            sidecars: true,
            skip_holes: false,
            bmap: true,
            windows: WindowsChoices::default(),
            probe: true,
        }),
        Request::Check(CheckRequest { target: target.clone(), against: Against::Manifest }),
        Request::Save(SaveRequest { drive: target.clone(), file: "/b.img".into(), overwrite: false }),
        Request::Hash(HashRequest { of: HashOf::File("/a.img".into()), algorithms: Vec::new() }),
        Request::Test(TestRequest {
            target: target.clone(),
            end_uses: Vec::new(),
            extent: TestExtent::Quick,
        }),
        Request::Test(TestRequest { target: target.clone(), end_uses: Vec::new(), extent: TestExtent::Full }),
        Request::Wipe(WipeRequest { target: target.clone(), end_uses: Vec::new(), everywhere: false }),
        Request::Wipe(WipeRequest { target: target.clone(), end_uses: Vec::new(), everywhere: true }),
        Request::Restore(RestoreRequest {
            target: target.clone(),
            end_uses: Vec::new(),
            file_system: None,
            label: String::new(),
        }),
        change(
            target.clone(),
            Some(AnswerFile::Xml { bytes: SecretBytes::new(vec![]), name: String::new() }),
        ),
        change(target, None),
    ];
    for request in &all {
        match request {
            Request::Write(_) | Request::Check(_) | Request::Save(_) | Request::Hash(_) => {}
            Request::Test(_) | Request::Wipe(_) | Request::Restore(_) | Request::AnswerChange(_) => {}
        }
    }
    all
}

fn report_of(action: &str, capacity: Option<CapacityTest>) -> Report {
    Report {
        program: String::new(),
        action: action.to_owned(),
        started_unix_secs: 7,
        image: None,
        image_path: None,
        known_as: None,
        drive: None,
        ended_uses: Vec::new(),
        digests: Vec::new(),
        phases: Vec::new(),
        bytes_written: 1,
        made: None,
        changed: None,
        proof: crate::job::Proof::default(),
        capacity,
        findings: Vec::new(),
        answers: Vec::new(),
        warnings: Vec::new(),
        conclusion: "So it ended.".to_owned(),
    }
}

#[test]
fn every_request_has_words_of_its_own() {
    const PHASES: [Phase; 9] = [
        Phase::Checking,
        Phase::Wiping,
        Phase::Writing,
        Phase::Syncing,
        Phase::Verifying,
        Phase::Comparing,
        Phase::Saving,
        Phase::Hashing,
        Phase::Testing,
    ];
    let sound = CapacityTest {
        extent: TestExtent::Full,
        claimed_bytes: 8,
        at_least_bytes: 8,
        at_most_bytes: 8,
        lie: None,
        bad_areas: Vec::new(),
        truncated: false,
        bad_bytes: 0,
        flaky_reads: 0,
        tested_bytes: 8,
        cut_short: false,
        wraps_excluded_bytes: 0,
        write_bytes_per_sec: 0,
        read_bytes_per_sec: 0,
        left_empty: true,
        past_cache: true,
    };
    let mut told: Vec<String> = Vec::new();
    for request in every_request() {
        let Some(task) = Task::of(&request, "Stick".to_owned(), Vec::new()) else {
            assert!(matches!(request, Request::Hash(_)), "the terminal's alone: {request:?}");
            continue;
        };
        assert_eq!(Some(task.work), Work::of(&request));
        assert_eq!(task.page, task.work.page());
        assert!(!task.phases.is_empty());
        let is_of_image = matches!(task.work, Work::Write);
        let mut words = vec![text::task(&task)];
        for phase in PHASES {
            assert!(!text::phase_short(phase).is_empty());
            // What the work never does may be called by its usual name.
            if task.phases.contains(&phase) || phase == Phase::Wiping {
                words.push(text::phase(task.work, phase).to_owned());
            }
        }
        let capacity = matches!(task.work, Work::Test(_)).then(|| sound.clone());
        let action = match &request {
            Request::Write(_) => "write",
            Request::Check(_) => "check",
            Request::Save(_) => "save",
            Request::Hash(_) => "hash",
            Request::Test(_) => "test",
            Request::Wipe(_) => "wipe",
            Request::Restore(_) => "restore",
            Request::AnswerChange(_) => "answer",
        };
        let report = || report_of(action, capacity.clone());
        let message = || "It broke.".to_owned();
        for ending in [
            Ending::Done { report: report() },
            Ending::Different { report: report() },
            Ending::Failed { message: message(), report: None },
            Ending::Cancelled { message: message(), report: None },
            Ending::Refused { refusal: Refusal::ReadOnly },
        ] {
            let said = text::ending(&task, &ending, 1.0);
            assert!(!said.title.is_empty() && said.message.ends_with('.'), "{request:?}: {}", said.message);
            words.extend([said.title, said.message]);
            let mut at_work = StickAtWork::new(START, JobId(1), task.clone());
            at_work.on_event(START, job::Event::Ended(Box::new(ending)));
            let outcomes = [Outcome::of(at_work).unwrap()];
            let file = text::suggested_report_file("/home/ada".as_ref(), &outcomes);
            assert!(file.is_empty() || file.ends_with(&format!("sticksmith-{action}-7.html")), "{file}");
        }
        if matches!(task.work, Work::Answer { .. }) {
            assert!(words.iter().all(|words| !words.to_lowercase().contains("erase")), "{words:?}");
        } else if task.page.writes() && !is_of_image {
            words.push(text::confirm_erase_summary(&request).to_owned());
            words.push(text::confirm_erase_button(&request, "Stick"));
            let sentences = text::will_erase(task.work, &drive("/dev/sdb", true), None);
            assert!(sentences.len() >= 2 && sentences[0].1, "the loss is said first");
            words.extend(sentences.into_iter().map(|(words, _)| words));
        }
        assert!(words.iter().all(|words| !words.is_empty()), "{words:?}");
        let speaks_of_image = words.iter().any(|words| words.contains("image"));
        assert!(is_of_image || !speaks_of_image, "{words:?}");
        let first = &words[0];
        assert!(!told.contains(first), "two kinds of work are called {first}");
        told.push(first.clone());
    }
}

#[test]
fn a_name_is_read_as_it_is_typed() {
    use text::LabelText::{self, Changed, Plain};
    let is_changed = |read: &LabelText| matches!(read, Changed(_));
    for (file_system, typed, words, changed) in [
        (FileSystem::Fat32, "", "Without a name", false),
        (FileSystem::Fat32, "FOTOS", "will be called “FOTOS”", false),
        (FileSystem::Fat32, " fotos ", "capitals only: it will be called “FOTOS”", false),
        (FileSystem::Fat32, "Größe", "exFAT knows more: it will be called “GR__E”", true),
        (
            FileSystem::Fat32,
            "A LONG LONG NAME",
            "11 characters at most: it will be called “A LONG LONG”",
            true,
        ),
        (FileSystem::Fat32, "no name", "it will have none", true),
        (FileSystem::ExFat, "Größe 1", "will be called “Größe 1”", false),
        (FileSystem::ExFat, "a/b", "cannot stand in a name: it will be called “ab”", true),
        (FileSystem::ExFat, "Urlaub in Rom", "11 characters at most", true),
        (FileSystem::ExFat, "??", "it will have none", true),
    ] {
        let read = text::label(file_system, typed);
        assert_eq!(is_changed(&read), changed, "{typed}");
        let (Plain(said) | Changed(said)) = read;
        assert!(said.contains(words), "{typed}: {said}");
    }
}

#[test]
fn a_found_lie_is_the_title_whoever_found_it() {
    let lying = CapacityTest {
        extent: TestExtent::Quick,
        claimed_bytes: 8,
        at_least_bytes: 2,
        at_most_bytes: 2,
        lie: Some(Lie::Drops),
        bad_areas: Vec::new(),
        truncated: false,
        bad_bytes: 0,
        flaky_reads: 0,
        tested_bytes: 8,
        cut_short: false,
        wraps_excluded_bytes: 0,
        write_bytes_per_sec: 0,
        read_bytes_per_sec: 0,
        left_empty: true,
        past_cache: true,
    };
    for (request, ending) in [
        (4, Ending::Different { report: report_of("test", Some(lying.clone())) }),
        (0, Ending::Failed { message: "No.".to_owned(), report: Some(report_of("write", Some(lying))) }),
    ] {
        let task = Task::of(&every_request()[request], String::new(), Vec::new()).unwrap();
        assert_eq!(text::ending(&task, &ending, 1.0).title, "This stick lies about its size");
    }
}
