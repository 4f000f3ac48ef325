//! Drives that are in use until their owner ends that: chosen, asked for each use, and never more agreed to than stood there.

use super::*;
use crate::gui::action::JobId;
use crate::job::WriteRequest;

const SWAP: &str = "swap is on /dev/sdb2";
const VOLUME: &str = "/dev/sdb1 is part of the encrypted volume photos";

fn used(node: &str, uses: &[&str]) -> Drive {
    let plain = drive(node, true);
    let mut identity = plain.identity.clone();
    identity.device_number = (8, u64::from(node.as_bytes()[7]));
    let stoppable_uses = uses.iter().map(|named| (*named).to_owned()).collect();
    Drive { identity, stoppable_uses, ..plain }
}

fn writing() -> impl Iterator<Item = Page> {
    Page::ALL.into_iter().filter(|page| page.writes())
}

/// At the question for these drives.
fn asked(page: Page, drives: &[Drive]) -> State {
    let mut state = new_state();
    list(&mut state, drives);
    if page == Page::Make {
        state.on_action(START, Action::DropFile("/a.img".into()));
        look(&mut state, "/a.img", Ok(inspection("/a.img")));
    }
    state.on_action(START, Action::Show(page));
    for drive in drives {
        state.on_action(START, Action::ChooseDrive(drive.identity.clone()));
    }
    start(&mut state);
    state
}

fn start(state: &mut State) {
    if state.page == Page::Answer {
        state.on_action(START, Action::Edit(Field::NewAnswer, "/a.toml".to_owned()));
        super::change::start(state);
        super::change::look_calmly(state);
    } else {
        assert!(state.on_action(START, Action::Start).is_empty(), "nothing starts unasked");
    }
    assert!(is_asking(state), "{:?}: {:?}", state.page, state.missing());
}

fn is_asking(state: &State) -> bool {
    matches!(state.screen, Screen::Confirm(_))
}

fn tick(state: &mut State, stick: usize, named: &str, agreed: bool) {
    let named = named.to_owned();
    assert!(state.on_action(START, Action::EndUse { stick, named, agreed }).is_empty(), "nothing ends by it");
}

/// The jobs that Erase starts, with the uses that each ends.
fn erase(state: &mut State) -> Vec<Vec<String>> {
    let ends = |request: &Request| match request {
        Request::Write(WriteRequest { end_uses, .. }) => end_uses.clone(),
        Request::Test(test) => test.end_uses.clone(),
        Request::Wipe(wipe) => wipe.end_uses.clone(),
        Request::Restore(restore) => restore.end_uses.clone(),
        Request::AnswerChange(change) => change.end_uses.clone(),
        other => panic!("{other:?}"),
    };
    match state.on_action(START, Action::Erase).as_slice() {
        [] => Vec::new(),
        [Command::StartJob(_, request)] => vec![ends(request)],
        [Command::StartTogether(writes)] => {
            writes.iter().map(|(_, write)| ends(&Request::Write(write.clone()))).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_use_is_agreed_to_before_anything_is_erased() {
    for page in writing() {
        let mut state = asked(page, &[used("/dev/sdb", &[SWAP, VOLUME])]);
        assert!(erase(&mut state).is_empty(), "{page:?}");
        tick(&mut state, 0, SWAP, true);
        assert!(erase(&mut state).is_empty(), "{page:?}: one of two");
        tick(&mut state, 0, VOLUME, true);
        tick(&mut state, 0, SWAP, false);
        assert!(erase(&mut state).is_empty(), "{page:?}: it was taken back");
        tick(&mut state, 0, SWAP, true);
        assert_eq!(erase(&mut state), [[VOLUME, SWAP]], "{page:?}");
    }
}

#[test]
fn emptying_ends_uses_as_well() {
    let mut state = new_state();
    let there = used("/dev/sdb", &[SWAP]);
    list(&mut state, std::slice::from_ref(&there));
    state.on_action(START, Action::Show(Page::Restore));
    state.on_action(START, Action::Become(crate::gui::action::Becomes::Zeroes));
    state.on_action(START, Action::ChooseDrive(there.identity));
    state.on_action(START, Action::Start);
    assert!(erase(&mut state).is_empty());
    tick(&mut state, 0, SWAP, true);
    assert_eq!(erase(&mut state), [[SWAP]]);
}

#[test]
fn of_several_sticks_each_ends_its_own() {
    let drives =
        [used("/dev/sdb", &[SWAP]), used("/dev/sdc", &[]), used("/dev/sdd", &["swap is on /dev/sdd1"])];
    let mut state = asked(Page::Make, &drives);
    tick(&mut state, 0, SWAP, true);
    assert!(erase(&mut state).is_empty());
    // Neither another stick's use nor one that nobody named.
    tick(&mut state, 2, SWAP, true);
    tick(&mut state, 2, "swap is on /dev/sdd2", true);
    tick(&mut state, 9, SWAP, true);
    assert!(erase(&mut state).is_empty());
    tick(&mut state, 2, "swap is on /dev/sdd1", true);
    assert_eq!(erase(&mut state), [vec![SWAP], vec![], vec!["swap is on /dev/sdd1"]]);
}

#[test]
fn what_was_agreed_to_goes_with_what_it_was_said_of() {
    for page in writing() {
        let there = used("/dev/sdb", &[SWAP]);
        let agreed = || {
            let mut state = asked(page, std::slice::from_ref(&there));
            tick(&mut state, 0, SWAP, true);
            state
        };
        // The same list once more changes nothing.
        let mut state = agreed();
        list(&mut state, std::slice::from_ref(&there));
        assert_eq!(erase(&mut state).len(), 1);

        let mut state = agreed();
        list(&mut state, &[used("/dev/sdb", &[SWAP, VOLUME])]);
        assert!(is_asking(&state) && notice(&state).contains("has changed"), "{}", notice(&state));
        tick(&mut state, 0, VOLUME, true);
        assert!(erase(&mut state).is_empty(), "{page:?}: the first is asked for anew");

        // It went and came again meanwhile: not the use that was agreed to.
        let mut state = agreed();
        list(&mut state, &[used("/dev/sdb", &[])]);
        list(&mut state, std::slice::from_ref(&there));
        assert!(erase(&mut state).is_empty(), "{page:?}");

        let mut state = agreed();
        state.on_action(START, Action::Cancel);
        start(&mut state);
        assert!(is_asking(&state) && erase(&mut state).is_empty(), "{page:?}: another question");

        let mut state = agreed();
        let other = writing().find(|other| *other != page).unwrap();
        state.on_action(START, Action::Show(other));
        state.on_action(START, Action::Show(page));
        start(&mut state);
        assert!(is_asking(&state) && erase(&mut state).is_empty(), "{page:?}: another page");

        let mut state = agreed();
        let mut replaced = there.clone();
        replaced.identity.sequence = Some(2);
        list(&mut state, &[replaced]);
        assert!(!is_asking(&state) && erase(&mut state).is_empty(), "{page:?}: another stick");
    }
}

#[test]
fn uses_that_end_by_themselves_need_nobody() {
    let mut state = asked(Page::Test, &[used("/dev/sdb", &[SWAP])]);
    list(&mut state, &[used("/dev/sdb", &[])]);
    assert!(is_asking(&state));
    assert_eq!(erase(&mut state), [Vec::<String>::new()]);
    state.on_event(START, Event::JobLost(JobId(1)));
    assert!(matches!(state.screen, Screen::Done(_)));
}

#[test]
fn whatever_else_forbids_a_drive_forbids_it_still() {
    let plain = used("/dev/sdb", &[SWAP]);
    for drive in [
        Drive { system_uses: vec!["/ is mounted from /dev/sdb3".to_owned()], ..plain.clone() },
        Drive { read_only: true, ..plain.clone() },
    ] {
        for page in writing() {
            let mut state = new_state();
            list(&mut state, std::slice::from_ref(&drive));
            state.on_action(START, Action::Show(page));
            state.on_action(START, Action::ChooseDrive(drive.identity.clone()));
            assert!(state.chosen_drives(page).is_empty(), "{page:?}: {drive:?}");
        }
    }
    let mut state = new_state();
    list(&mut state, &[plain]);
    for page in Page::ALL.into_iter().filter(|page| !page.writes()) {
        let cards = state.cards(page);
        assert!(
            cards[0].choosable && cards[0].reason.is_none(),
            "what only reads ends nothing, and asks nothing"
        );
    }
}
