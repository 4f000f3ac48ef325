//! Several sticks at once: chosen, confirmed, made, each for itself.

use super::*;
use crate::job::{Phase, Progress, Report};

fn nodes(count: usize) -> Vec<Drive> {
    (0..count).map(|i| sized(&format!("/dev/sd{}", char::from(b'b' + i as u8)), 8_000_000_000)).collect()
}

fn sized(node: &str, size_bytes: u64) -> Drive {
    let mut sized = drive(node, true);
    sized.identity.size_bytes = size_bytes;
    sized.identity.device_number = (8, u64::from(node.as_bytes()[7]));
    sized
}

/// An image is known, and all of these are chosen.
fn choosing(drives: &[Drive]) -> State {
    let mut state = new_state();
    list(&mut state, drives);
    state.on_action(START, Action::DropFile("/a.img".into()));
    look(&mut state, "/a.img", Ok(inspection("/a.img")));
    for drive in drives {
        state.on_action(START, Action::ChooseDrive(drive.identity.clone()));
    }
    state
}

/// The jobs that were started, with the nodes that they write to.
fn working(drives: &[Drive]) -> (State, Vec<JobId>) {
    let mut state = choosing(drives);
    state.on_action(START, Action::Start);
    let commands = state.on_action(START, Action::Erase);
    let [Command::StartTogether(writes)] = &commands[..] else { panic!("{commands:?}") };
    let targets: Vec<_> = writes.iter().map(|(_, write)| &write.target).collect();
    assert_eq!(targets, drives.iter().map(|drive| &drive.identity).collect::<Vec<_>>());
    let jobs = writes.iter().map(|(job, _)| *job).collect();
    (state, jobs)
}

fn progress(phase: Phase, fraction: f32) -> job::Event {
    job::Event::Progress(Progress {
        phase,
        done_bytes: 1000,
        total_bytes: Some(2000),
        fraction: Some(fraction),
        bytes_per_sec: 10e6,
        average_bytes_per_sec: 10e6,
        elapsed_secs: 1.0,
        eta_secs: Some(1.0),
    })
}

fn end(state: &mut State, job: JobId, ending: Ending) -> Vec<Command> {
    state.on_event(START, Event::Job(job, job::Event::Ended(Box::new(ending))))
}

fn failed() -> Ending {
    Ending::Failed { message: "It was unplugged.".to_owned(), report: None }
}

fn proved() -> Ending {
    let report = report();
    Ending::Done { report }
}

fn report() -> Report {
    Report {
        program: String::new(),
        action: "write".to_owned(),
        started_unix_secs: 1,
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
        proof: job::Proof { verified_bytes: 1, past_cache: true, ..job::Proof::default() },
        capacity: None,
        findings: Vec::new(),
        answers: Vec::new(),
        warnings: Vec::new(),
        conclusion: "Proved.".to_owned(),
    }
}

fn at_work(state: &State) -> &Working {
    match &state.screen {
        Screen::Working(working) => working,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_card_is_chosen_and_chosen_off_by_the_user_alone() {
    let drives = nodes(3);
    let mut state = choosing(&drives);
    assert_eq!(state.make.targets.len(), 3);
    state.on_action(START, Action::ChooseDrive(drives[1].identity.clone()));
    assert_eq!(state.make.targets.len(), 3, "twice is once");
    state.on_action(START, Action::UnchooseDrive(drives[1].identity.clone()));
    assert_eq!(state.chosen_drives(Page::Make), [&drives[0].identity, &drives[2].identity]);

    state.on_action(START, Action::Show(Page::Check));
    for drive in &drives {
        state.on_action(START, Action::ChooseDrive(drive.identity.clone()));
    }
    assert_eq!(state.chosen_drives(Page::Check), [&drives[2].identity], "the other pages take one");
}

#[test]
fn one_that_cannot_be_made_stops_start_until_it_is_chosen_off() {
    let drives = [sized("/dev/sdb", 8_000_000_000), sized("/dev/sdc", 1000 * 512)];
    let mut state = choosing(&drives);
    assert_eq!(state.missing(), Some(Missing::SomeRefused));
    let refused: Vec<_> = state.make.refusals().map(|(drive, _)| drive).collect();
    assert_eq!(refused, [&drives[1].identity]);
    assert!(state.on_action(START, Action::Start).is_empty());
    assert!(matches!(state.screen, Screen::Choose));
    state.on_action(START, Action::UnchooseDrive(drives[1].identity.clone()));
    assert_eq!(state.missing(), None);
}

#[test]
fn one_that_goes_while_asking_takes_the_question_back() {
    let drives = nodes(3);
    let mut state = choosing(&drives);
    state.on_action(START, Action::Start);
    list(&mut state, &[drives[0].clone(), drives[2].clone()]);
    assert!(matches!(state.screen, Screen::Choose));
    assert!(notice(&state).contains("was unplugged"));
    assert_eq!(state.make.targets.len(), 2, "the others stay chosen, and are asked about anew");
    assert!(state.on_action(START, Action::Erase).is_empty());
}

#[test]
fn every_internal_drive_wants_its_own_name() {
    let drives = [drive("/dev/sdb", true), drive("/dev/nvme0n1", false), drive("/dev/nvme10n1", false)];
    let mut state = new_state();
    list(&mut state, &drives);
    state.on_action(START, Action::Set(Switch::ShowAllDrives, true));
    state.on_action(START, Action::DropFile("/a.img".into()));
    look(&mut state, "/a.img", Ok(inspection("/a.img")));
    for drive in &drives {
        state.on_action(START, Action::ChooseDrive(drive.identity.clone()));
    }
    state.on_action(START, Action::Start);
    let type_name = |state: &mut State, place| {
        state.on_action(START, Action::Edit(Field::TypedName(place), "Stick".to_owned()))
    };
    type_name(&mut state, 0);
    type_name(&mut state, 1);
    assert!(state.on_action(START, Action::Erase).is_empty(), "one name is not both");
    type_name(&mut state, 2);
    assert!(matches!(state.on_action(START, Action::Erase)[..], [Command::StartTogether(_)]));
}

#[test]
fn one_that_fails_leaves_the_others_alone() {
    let drives = nodes(3);
    let (mut state, jobs) = working(&drives);
    for job in &jobs {
        state.on_event(START, Event::Job(*job, progress(Phase::Writing, 0.5)));
    }
    assert!(end(&mut state, jobs[1], failed()).is_empty());
    let working = at_work(&state);
    assert_eq!(working.at_work().count(), 2);
    assert!(matches!(working.sticks[1].ended, Some((Ending::Failed { .. }, _))), "visible at once");
    assert!((working.share() - 0.25).abs() < 0.01, "half of the first of two passes, {}", working.share());

    end(&mut state, jobs[1], proved());
    let second = &at_work(&state).sticks[1];
    assert!(matches!(second.ended, Some((Ending::Failed { .. }, _))), "no word after the last");
    end(&mut state, jobs[0], proved());
    end(&mut state, jobs[2], proved());
    let Screen::Done(done) = &state.screen else { panic!("{:?}", state.screen) };
    let failures: Vec<_> = done.sticks.iter().map(|s| matches!(s.ending, Ending::Failed { .. })).collect();
    assert_eq!(failures, [false, true, false]);
    assert_eq!(done.records().len(), 3, "also what left no report is recorded");
    assert!(state.make.targets.is_empty(), "the next sticks are chosen afresh");
    assert!(state.make.image.known().is_some(), "the image stays");
}

#[test]
fn nothing_is_the_whole_before_the_end() {
    let (mut state, jobs) = working(&nodes(2));
    for phase in [Phase::Writing, Phase::Syncing, Phase::Verifying] {
        for job in &jobs {
            state.on_event(START, Event::Job(*job, progress(phase, 1.0)));
        }
    }
    assert!(at_work(&state).share() < 1.0);
}

#[test]
fn cancel_is_for_one_or_for_all() {
    let (mut state, jobs) = working(&nodes(3));
    let cancelled = |commands: &[Command]| -> Vec<JobId> {
        let job = |command: &Command| match command {
            Command::CancelJob(job) => *job,
            other => panic!("{other:?}"),
        };
        commands.iter().map(job).collect()
    };
    assert_eq!(cancelled(&state.on_action(START, Action::CancelStick(jobs[1]))), [jobs[1]]);
    assert!(state.on_action(START, Action::CancelStick(jobs[1])).is_empty(), "once");
    assert!(state.on_action(START, Action::CancelStick(JobId(99))).is_empty());
    assert!(!at_work(&state).is_cancelling());
    end(&mut state, jobs[0], proved());
    assert_eq!(cancelled(&state.on_action(START, Action::Cancel)), [jobs[2]], "only what can still be");
    assert!(at_work(&state).is_cancelling());
}

#[test]
fn the_window_closes_when_the_last_has_ended() {
    let (mut state, jobs) = working(&nodes(2));
    assert!(state.on_action(START, Action::CloseAsked).is_empty());
    assert_eq!(state.on_action(START, Action::CancelAndClose).len(), 2);
    let cancelled = || Ending::Cancelled { message: "Cancelled.".to_owned(), report: None };
    assert!(end(&mut state, jobs[0], cancelled()).is_empty(), "one is still at work");
    assert!(matches!(end(&mut state, jobs[1], cancelled())[..], [Command::CloseWindow]));
}

#[test]
fn what_comes_late_from_an_earlier_job_is_of_no_concern() {
    let drives = nodes(1);
    let mut state = choosing(&drives);
    state.on_action(START, Action::Start);
    state.on_action(START, Action::Erase);
    end(&mut state, JobId(1), failed());
    state.on_action(START, Action::Another);
    state.on_action(START, Action::ChooseDrive(drives[0].identity.clone()));
    state.on_action(START, Action::Start);
    let commands = state.on_action(START, Action::Erase);
    assert!(matches!(&commands[..], [Command::StartJob(JobId(2), _)]), "{commands:?}");
    end(&mut state, JobId(1), proved());
    assert!(state.is_working());
}

#[test]
fn what_is_still_plugged_in_can_be_taken_out() {
    let drives = nodes(2);
    let (mut state, jobs) = working(&drives);
    end(&mut state, jobs[0], proved());
    end(&mut state, jobs[1], failed());
    assert_eq!(state.to_take_out(), jobs);
    list(&mut state, &drives[..1]);
    assert_eq!(state.to_take_out(), jobs[..1], "what is gone is out");
    let commands = state.on_action(START, Action::TakeOut);
    assert!(
        matches!(&commands[..], [Command::TakeOut(job, d)] if *job == jobs[0] && *d == drives[0].identity)
    );
    assert!(state.on_action(START, Action::TakeOut).is_empty(), "it is being asked");
    state.on_event(START, Event::TakenOut(jobs[0], Err("it is busy.".to_owned())));
    assert_eq!(state.to_take_out(), jobs[..1], "again");
    state.on_action(START, Action::TakeOut);
    state.on_event(START, Event::TakenOut(jobs[0], Ok(())));
    assert!(state.to_take_out().is_empty());
}
