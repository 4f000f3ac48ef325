//! "Which one is it?", and sticks that are alike.

use super::*;

fn at(secs: u64, state: &mut State, drives: &[Drive]) {
    state.on_event(Duration::from_secs(secs), Event::Drives(Ok(drives.to_vec())));
}

fn arrived(state: &State) -> Vec<(PathBuf, Option<Duration>)> {
    state.cards(Page::Make).into_iter().map(|card| (card.drive.identity.path, card.arrived)).collect()
}

fn replugged(drive: &Drive) -> Drive {
    let sequence = drive.identity.sequence.map(|sequence| sequence + 1);
    Drive { identity: Identity { sequence, ..drive.identity.clone() }, ..drive.clone() }
}

#[test]
fn what_is_plugged_in_while_it_is_asked_is_marked_and_never_chosen() {
    let (old, new) = (drive("/dev/sdb", true), drive("/dev/sdcc", true));
    let mut state = new_state();
    at(0, &mut state, std::slice::from_ref(&old));
    at(1, &mut state, &[old.clone(), new.clone()]);
    assert!(arrived(&state).iter().all(|(_, at)| at.is_none()), "nobody has asked");
    at(2, &mut state, std::slice::from_ref(&old));

    state.on_action(START, Action::Set(Switch::FindDrive, true));
    at(3, &mut state, std::slice::from_ref(&old));
    at(4, &mut state, &[old.clone(), new.clone()]);
    let marks =
        [(new.identity.path.clone(), Some(Duration::from_secs(4))), (old.identity.path.clone(), None)];
    assert_eq!(arrived(&state), marks);
    assert!(Page::ALL.iter().all(|page| state.chosen_drives(*page).is_empty()));

    at(5, &mut state, &[old.clone(), new.clone()]);
    assert_eq!(arrived(&state), marks, "it has been there since");
    at(6, &mut state, &[replugged(&old), new.clone()]);
    assert_eq!(
        state.drives.arrivals.as_ref().unwrap()[0].drive,
        replugged(&old).identity,
        "the latest is first"
    );
    at(7, &mut state, std::slice::from_ref(&new));
    assert_eq!(arrived(&state), marks[..1], "what goes is no arrival any more");
    state.on_action(START, Action::Set(Switch::FindDrive, false));
    assert!(arrived(&state).iter().all(|(_, at)| at.is_none()));
}

#[test]
fn the_same_stick_put_in_again_is_an_arrival_where_only_the_time_tells() {
    let plain = |secs| {
        let mut stick = drive("/dev/sdb", true);
        stick.identity.sequence = None;
        Drive { appeared_unix_secs: secs, ..stick }
    };
    let mut state = new_state();
    at(0, &mut state, &[plain(Some(100))]);
    state.on_action(START, Action::Set(Switch::FindDrive, true));
    at(1, &mut state, &[plain(None)]);
    assert_eq!(arrived(&state)[0].1, None, "not to know is no news");
    at(2, &mut state, &[plain(Some(100))]);
    at(3, &mut state, &[plain(Some(103))]);
    assert_eq!(arrived(&state)[0].1, Some(Duration::from_secs(3)));
}

#[test]
fn the_first_list_is_no_arrival() {
    let mut state = new_state();
    state.on_action(START, Action::Set(Switch::FindDrive, true));
    at(1, &mut state, &[drive("/dev/sdb", true)]);
    assert_eq!(state.drives.arrivals.as_deref(), Some(&[][..]));
}

#[test]
fn sticks_that_are_alike_are_told_apart_by_port_or_else_by_node() {
    let stick = |node: &str, serial: Option<&str>, port: Option<&str>| {
        let mut stick = drive(node, true);
        stick.identity.serial = serial.map(str::to_owned);
        stick.identity.port = port.map(str::to_owned);
        stick
    };
    let names = |drives: &[Drive]| {
        let mut state = new_state();
        list(&mut state, drives);
        state.cards(Page::Make).into_iter().map(|card| card.name).collect::<Vec<_>>()
    };
    let (a, b) = (stick("/dev/sdb", None, Some("1-2")), stick("/dev/sdc", None, Some("1-3")));
    assert_eq!(names(&[a.clone(), b]), ["Stick · port 1-2", "Stick · port 1-3"]);
    assert_eq!(names(std::slice::from_ref(&a)), ["Stick"], "alone it needs nothing");
    let named = stick("/dev/sdd", Some("0123"), Some("1-4"));
    assert_eq!(names(&[a.clone(), named]), ["Stick", "Stick"], "serials are on the cards");
    let same_reader = stick("/dev/sde", None, Some("1-2"));
    assert_eq!(names(&[a, same_reader]), ["Stick · sdb", "Stick · sde"]);
}
