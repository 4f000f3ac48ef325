use super::*;
use crate::answer::{Architecture, Layout};
use crate::gui::action::{AnswerSwitch, KeyChoice, Move, UserText};

fn answering(version: Version) -> Answering {
    let target = Target { version, architectures: vec![Architecture::Amd64] };
    let mut answering = Answering { media: Some(Ok(target)), used: Used::Form, ..Answering::default() };
    answering.check();
    answering
}

fn put(answering: &mut Answering, text: AnswerText, value: &str) {
    answering.put(text, value.to_owned());
}

#[test]
fn every_field_has_a_place_of_its_own_in_a_section() {
    let mut answering = answering(Version::Eleven);
    answering.pick(AnswerPick::Disks(DisksChoice::Wipe));
    answering.form.add_user();
    answering.form.add_step(StepKind::File);
    let paths = answering.form.paths();
    for (at, path) in paths.iter().enumerate() {
        assert!(Section::of(path).is_some(), "{path}");
        assert!(!paths[..at].contains(path), "{path} stands twice");
    }
}

#[test]
fn a_complaint_of_no_field_stands_at_its_section_or_above_all() {
    let mut answering = answering(Version::Seven);
    for _ in 0..501 {
        answering.form.add_user();
    }
    answering.check();
    let unplaced: Vec<_> = answering.checked.unplaced(Some(Section::Accounts)).collect();
    assert_eq!(unplaced.len(), 1, "that there are too many");
    answering.media = Some(Ok(Target { version: Version::Seven, architectures: Vec::new() }));
    answering.check();
    assert_eq!(answering.checked.unplaced(None).count(), 1, "which architecture it is for");
}

#[test]
fn consent_goes_with_what_it_was_for() {
    let mut answering = answering(Version::Eleven);
    answering.pick(AnswerPick::Disks(DisksChoice::Wipe));
    assert_eq!(answering.form.layout, Some(Layout::Uefi), "11 starts in no other way");
    assert!(answering.checked.lacks_consent_alone());
    for (text, value) in [(AnswerText::Disk, "1"), (AnswerText::StickDisk, "3")] {
        answering.consent(true);
        put(&mut answering, AnswerText::StickDisk, "2");
        answering.consent(true);
        assert!(answering.checked.answer.is_some());
        put(&mut answering, text, value);
        assert!(answering.checked.answer.is_none(), "{text:?}");
    }
    answering.consent(true);
    answering.pick(AnswerPick::Disks(DisksChoice::Keep));
    answering.pick(AnswerPick::Disks(DisksChoice::Wipe));
    assert!(!answering.form.has_consent());
    answering.consent(true);
    answering.image_changed(None);
    assert!(!answering.form.has_consent());
}

#[test]
fn a_number_that_is_none_is_complained_about_once() {
    let mut answering = answering(Version::Seven);
    answering.pick(AnswerPick::Disks(DisksChoice::Wipe));
    assert_eq!(answering.form.layout, None, "how machines of 7 start is not known");
    answering.pick(AnswerPick::Layout(Layout::Bios));
    for bad in ["", "first", "-1", "4294967296"] {
        put(&mut answering, AnswerText::Disk, bad);
        assert!(answering.checked.at("disks.disk").is_some(), "{bad}");
        assert!(!answering.checked.is_whole, "{bad} is not saved as a number");
        // The other one is the consent.
        assert_eq!(answering.checked.count(None), 2, "{bad}");
    }
}

#[test]
fn a_removed_account_leaves_nothing_to_the_next() {
    let mut form = Form::default();
    let first = form.add_user();
    form.put(AnswerText::User(first, UserText::Password), "hunter2");
    form.remove_row(first);
    let second = form.add_user();
    assert_ne!(first, second);
    assert_eq!(form.text(AnswerText::User(second, UserText::Password)), "");
    assert!(!format!("{form:?}").contains("hunter2"));
}

#[test]
fn steps_move_and_stop_at_the_ends() {
    let mut form = Form::default();
    let [a, b] = [StepKind::File, StepKind::Command].map(|kind| form.add_step(kind));
    form.switch(AnswerSwitch::Restart(a), true);
    for (row, to, order) in
        [(a, Move::Up, [a, b]), (a, Move::Down, [b, a]), (a, Move::Down, [b, a]), (a, Move::Up, [a, b])]
    {
        form.move_step(row, to);
        assert_eq!(form.steps.iter().map(|step| step.id).collect::<Vec<_>>(), order);
    }
    assert_eq!(form.switch_path(AnswerSwitch::Restart(a)).as_deref(), Some("after_setup.steps[0].restart"));
}

#[test]
fn a_typed_key_is_kept_while_another_choice_is_tried() {
    let mut answering = answering(Version::Ten);
    answering.pick(AnswerPick::Key(KeyChoice::Typed));
    assert!(answering.checked.at("setup.product_key").is_some(), "an empty one is none");
    put(&mut answering, AnswerText::ProductKey, "BCDFG-HJKMP-QRTVW-XY234-6789B");
    assert!(answering.checked.answer.is_some());
    answering.pick(AnswerPick::Key(KeyChoice::None));
    assert!(answering.checked.at("setup.product_key").is_some(), "10 knows no such choice");
    answering.pick(AnswerPick::Key(KeyChoice::Typed));
    assert!(answering.checked.answer.is_some() && answering.has_secrets());
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let mut answering = answering(Version::Seven);
    assert_eq!(answering.missing(false), Some(Missing::AnswerWait));
    answering.prepared = Some(Err("A file is missing.".to_owned()));
    assert_eq!(answering.missing(false), Some(Missing::UsableAnswer));
    put(&mut answering, AnswerText::FullName, "Ada");
    assert_eq!(answering.missing(false), Some(Missing::AnswerWait), "what changed is looked at again");
    answering.used = Used::Nothing;
    assert_eq!(answering.missing(true), None, "the image's own is used");
}
