//! Another answer file: nothing begins before the stick was looked at, and each consent stands for itself.

use super::*;
use crate::answer::SecretBytes;
use crate::gui::action::{Agreement, ChangeTo, JobId, NewAnswer, StickLook};
use crate::job::AnswerOnStick;
use crate::plan::Refusal;
use crate::source::{AnswerFile, FoundAnswer, PreparedAnswer};

const FILE: &str = "/home/ada/own.xml";

fn answer_file() -> AnswerFile {
    AnswerFile::Xml { bytes: SecretBytes::new(b"<unattend/>".to_vec()), name: "own.xml".to_owned() }
}

/// A stick with an answer file of this program's; the new one does no harm.
fn calm(to: ChangeTo) -> StickLook {
    let path = "Autounattend.xml".to_owned();
    let there = AnswerOnStick {
        answers: vec![FoundAnswer { path: path.clone(), summary: None, problem: None }],
        parts: vec![path],
        others: Vec::new(),
        image: "win7.iso".to_owned(),
        system: None,
        windows: None,
    };
    let prepared = PreparedAnswer {
        name: "own.xml".to_owned(),
        additions: Vec::new(),
        notes: Vec::new(),
        erases: None,
        advice: Vec::new(),
    };
    let new = (to == ChangeTo::File).then(|| NewAnswer { file: answer_file(), prepared: Ok(prepared) });
    StickLook { there, new }
}

/// Start; gives back which look was asked for.
pub fn start(state: &mut State) -> u32 {
    let commands = state.on_action(START, Action::Start);
    let [Command::LookAtStick { serial, drive, file }] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(Some(drive), state.change.drive.as_ref());
    assert_eq!(file.is_some(), state.change.to == ChangeTo::File);
    *serial
}

pub fn tell(state: &mut State, serial: u32, look: Result<StickLook, String>) {
    let commands = state.on_event(START, Event::StickLookedAt { serial, look: Box::new(look) });
    assert!(commands.is_empty(), "looking starts nothing");
}

/// The stick is looked at, and nothing but a yes is wanted.
pub fn look_calmly(state: &mut State) {
    let Screen::Confirm(confirm) = &state.screen else { panic!("not asked") };
    let question = confirm.sticks[0].change.as_ref().unwrap();
    let (serial, to) = (question.serial(), question.to);
    tell(state, serial, Ok(calm(to)));
}

fn chosen(to: ChangeTo) -> State {
    let mut state = new_state();
    list(&mut state, &[drive("/dev/sdb", true)]);
    state.on_action(START, Action::Show(Page::Answer));
    assert_eq!(state.missing(), Some(Missing::Drive));
    state.on_action(START, Action::ChooseDrive(drive("/dev/sdb", true).identity));
    assert_eq!(state.missing(), Some(Missing::File));
    state.on_action(START, Action::Edit(Field::NewAnswer, " ~/own.xml ".to_owned()));
    state.on_action(START, Action::ChangeTo(to));
    assert_eq!(state.missing(), None);
    state
}

fn asked(look: Result<StickLook, String>) -> State {
    let to = match &look {
        Ok(look) if look.new.is_none() => ChangeTo::Nothing,
        _ => ChangeTo::File,
    };
    let mut state = chosen(to);
    let serial = start(&mut state);
    assert!(yes(&mut state).is_none(), "nothing is known yet");
    tell(&mut state, serial, look);
    state
}

/// The job that a yes starts.
fn yes(state: &mut State) -> Option<Request> {
    match state.on_action(START, Action::Erase).as_slice() {
        [] => None,
        [Command::StartJob(_, request)] => Some((**request).clone()),
        other => panic!("{other:?}"),
    }
}

fn agree(state: &mut State, agreement: Agreement, on: bool) {
    assert!(state.on_action(START, Action::Agree(agreement, on)).is_empty());
}

#[test]
fn what_was_asked_about_is_what_is_done() {
    for to in ChangeTo::ALL {
        let mut state = asked(Ok(calm(to)));
        let Some(Request::AnswerChange(request)) = yes(&mut state) else { panic!("{to:?}: no job") };
        assert_eq!(request.target, drive("/dev/sdb", true).identity);
        assert_eq!(request.answer, (to == ChangeTo::File).then(answer_file));
        assert!(!request.replaces && request.end_uses.is_empty());
        state.on_event(START, Event::JobLost(JobId(1)));
        assert!(state.chosen_drives(Page::Answer).is_empty(), "the next stick is chosen afresh");
    }
}

#[test]
fn the_file_is_read_when_confirm_opens() {
    let mut state = chosen(ChangeTo::File);
    let commands = state.on_action(START, Action::Start);
    let [Command::LookAtStick { file: Some(file), .. }] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(file, std::path::Path::new(FILE));
    for path in ["/tmp/a.toml", "/tmp/b.xml"] {
        state.on_action(START, Action::Cancel);
        state.on_action(START, Action::ChangeTo(ChangeTo::Nothing));
        state.on_action(START, Action::DropFile(path.into()));
        assert_eq!((state.change.to, state.change.path.as_str()), (ChangeTo::File, path));
    }
}

#[test]
fn what_cannot_be_done_is_not_begun() {
    let mut refused = calm(ChangeTo::File);
    refused.new.as_mut().unwrap().prepared = Err("It is for Windows 11.".to_owned());
    let mut nothing_there = calm(ChangeTo::Nothing);
    (nothing_there.there.answers, nothing_there.there.parts) = (Vec::new(), Vec::new());
    // An answer to another question than the one that stands there.
    let mut other_question = calm(ChangeTo::File);
    other_question.new = None;
    let mut state = chosen(ChangeTo::File);
    let serial = start(&mut state);
    tell(&mut state, serial, Ok(other_question));
    assert!(yes(&mut state).is_none(), "taken away though another was to be put");
    for look in [Err("It is no stick of Sticksmith’s.".to_owned()), Ok(refused), Ok(nothing_there)] {
        let mut state = asked(look);
        agree(&mut state, Agreement::ReplaceOthers, true);
        agree(&mut state, Agreement::EraseDisks, true);
        assert!(yes(&mut state).is_none());
    }
}

#[test]
fn each_consent_is_given_by_itself_and_for_this_question_alone() {
    for to in ChangeTo::ALL {
        let mut look = calm(to);
        look.there.others = vec!["Autounattend.xml".to_owned()];
        if let Some(new) = &mut look.new {
            new.prepared.as_mut().unwrap().erases = Some("Setup will erase disk 0.".to_owned());
        }
        let mut state = asked(Ok(look.clone()));
        assert!(yes(&mut state).is_none());
        agree(&mut state, Agreement::EraseDisks, true);
        assert!(yes(&mut state).is_none(), "the file of others");
        agree(&mut state, Agreement::ReplaceOthers, true);
        if to == ChangeTo::File {
            agree(&mut state, Agreement::EraseDisks, false);
            assert!(yes(&mut state).is_none(), "the disk");
            agree(&mut state, Agreement::EraseDisks, true);
        }
        // Another question is asked anew.
        state.on_action(START, Action::Cancel);
        let serial = start(&mut state);
        tell(&mut state, serial, Ok(look));
        assert!(yes(&mut state).is_none(), "{to:?}");
        agree(&mut state, Agreement::EraseDisks, true);
        agree(&mut state, Agreement::ReplaceOthers, true);
        let Some(Request::AnswerChange(request)) = yes(&mut state) else { panic!("no job") };
        assert!(request.replaces);
    }
}

/// Consent before there is anything to consent to counts for nothing.
#[test]
fn nothing_is_agreed_to_before_it_stands_there() {
    let mut state = chosen(ChangeTo::File);
    let serial = start(&mut state);
    agree(&mut state, Agreement::ReplaceOthers, true);
    agree(&mut state, Agreement::EraseDisks, true);
    let mut look = calm(ChangeTo::File);
    look.there.others = vec!["Autounattend.xml".to_owned()];
    tell(&mut state, serial, Ok(look.clone()));
    assert!(yes(&mut state).is_none());

    // The look of an older question is not the look of this one, and none is taken twice.
    state.on_action(START, Action::Cancel);
    let newer = start(&mut state);
    tell(&mut state, serial, Ok(calm(ChangeTo::File)));
    assert!(yes(&mut state).is_none(), "an old look");
    tell(&mut state, newer, Ok(look));
    tell(&mut state, newer, Ok(calm(ChangeTo::File)));
    assert!(yes(&mut state).is_none(), "a second look");
}

#[test]
fn a_stick_that_goes_takes_its_question_with_it() {
    let there = drive("/dev/sdb", true);
    let replaced =
        Drive { identity: Identity { sequence: Some(2), ..there.identity.clone() }, ..there.clone() };
    let used = Drive { system_uses: vec!["/ is on it".to_owned()], ..there.clone() };
    for drives in [vec![], vec![replaced], vec![used], vec![Drive { read_only: true, ..there }]] {
        let mut state = asked(Ok(calm(ChangeTo::File)));
        list(&mut state, &drives);
        assert!(state.chosen_drives(Page::Answer).is_empty(), "{drives:?}");
        assert!(matches!(state.screen, Screen::Choose));
        assert!(yes(&mut state).is_none(), "a late click changes nothing");
    }
}

#[test]
fn closing_speaks_of_what_a_change_leaves() {
    let mut state = asked(Ok(calm(ChangeTo::File)));
    yes(&mut state).unwrap();
    let Screen::Working(working) = &state.screen else { panic!("{:?}", state.screen) };
    let words = text::close_body(working);
    assert!(words.contains("old answer file") && !words.contains("partition table"), "{words}");
    let message = Refusal::NoAnswerFile.to_string();
    assert_eq!(text::nothing_to_take_away(), message);
}
