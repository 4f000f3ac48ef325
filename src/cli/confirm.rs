//! The question before a drive is overwritten.

use std::io::{BufRead, Write};

use crate::device::Drive;
use crate::plan::Plan;

use super::console::printable;
use super::inspect::image_line;
use super::target::{Consent, describe, describe_contents};

/// A drive that is to be written, as far as it is known before anything is touched.
pub struct Target {
    pub drive: Drive,
    pub plan: Plan,
    pub consent: Consent,
}

/// Says what will be written where and what is lost, and waits for the answer. `false`: the user does not want it.
pub fn confirm(
    targets: &[Target],
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> std::io::Result<bool> {
    let [first, others @ ..] = targets else { return Ok(false) };
    let image = format!("This image:  {}", image_line(&first.plan.image));
    if others.is_empty() {
        let Target { drive, plan, consent } = first;
        let head = [image, format!("will go to:  {}", describe(drive))];
        erases_on_machines(plan, screen)?;
        let notes: Vec<&String> =
            plan.notes.iter().chain(&plan.advice).filter(|note| !erases(plan).contains(note)).collect();
        return confirm_loss(&head, &notes, "write", drive, *consent, answers, screen);
    }
    say(screen, &image)?;
    say(screen, &format!("will go to {} drives, and all that is on them will be lost:", targets.len()))?;
    for Target { drive, .. } in targets {
        say(screen, &format!("  {}", describe(drive)))?;
        let contents = describe_contents(drive);
        if contents.is_empty() {
            say(screen, "    nothing that was recognised")?;
        }
        contents.iter().try_for_each(|line| say(screen, &format!("    {line}")))?;
    }
    // They are made of one image with one answer file.
    erases_on_machines(&first.plan, screen)?;
    let notes_of = |target: &Target| [&target.plan.notes[..], &target.plan.advice[..]].concat();
    let in_all = |note: &String| targets.iter().all(|target| notes_of(target).contains(note));
    let is_told = |note: &&String| erases(&first.plan).contains(note);
    for note in notes_of(first).iter().filter(|note| in_all(note) && !is_told(note)) {
        say(screen, &format!("Note: {note}"))?;
    }
    for target in targets {
        for note in notes_of(target).iter().filter(|note| !in_all(note)) {
            say(screen, &format!("Note on {}: {note}", target.drive.identity.path.display()))?;
        }
    }
    let drives: Vec<&Drive> = targets.iter().map(|target| &target.drive).collect();
    let write = if say_uses(&drives, screen)? { "end these uses and write" } else { "write" };
    // One word for all of them, and the id of each that is not shown for a reason.
    let by_word = targets.iter().filter(|target| target.consent == Consent::Word).count();
    if by_word > 0 {
        let which = if by_word == targets.len() { "all of them" } else { "those that are shown" };
        let question = format!("Type yes to {write} {which}, anything else to leave every drive as it is: ");
        if !is_answer("yes", &question, answers, screen)? {
            return Ok(false);
        }
    }
    for target in targets.iter().filter(|target| target.consent == Consent::Id) {
        let (path, id) = (target.drive.identity.path.display(), target.drive.id());
        let question =
            format!("The drive {path} is not shown for a reason. Type its id, {id}, to write it too: ");
        if !is_answer(&id, &question, answers, screen)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the stick will erase on other machines: said before everything, and not as a note among others.
fn erases_on_machines(plan: &Plan, screen: &mut impl Write) -> std::io::Result<()> {
    erases(plan).iter().try_for_each(|sentence| say(screen, &format!("BEWARE: {sentence}")))
}

fn erases(plan: &Plan) -> &[String] {
    plan.stick.as_ref().map_or(&[], |stick| &stick.erases)
}

/// The same for whatever else makes the drive's content go. `verb`: what is going to be done.
pub fn confirm_loss(
    head: &[String],
    notes: &[&String],
    verb: &str,
    drive: &Drive,
    consent: Consent,
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> std::io::Result<bool> {
    head.iter().try_for_each(|line| say(screen, line))?;
    let contents = describe_contents(drive);
    if contents.is_empty() {
        say(screen, "On it now:   nothing that was recognised; whatever is there will be lost")?;
    } else {
        say(screen, "All of this will be lost:")?;
        contents.iter().try_for_each(|line| say(screen, &format!("  {line}")))?;
    }
    notes.iter().try_for_each(|note| say(screen, &format!("Note: {note}")))?;
    ask(verb, drive, consent, answers, screen)
}

/// Waits for the word that this drive takes.
fn ask(
    verb: &str,
    drive: &Drive,
    consent: Consent,
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> std::io::Result<bool> {
    let uses = say_uses(std::slice::from_ref(&drive), screen)?;
    let verb = &if uses { format!("end these uses and {verb}") } else { verb.to_owned() };
    let (word, question) = match consent {
        Consent::Word => {
            ("yes".to_owned(), format!("Type yes to {verb}, anything else to leave the drive as it is: "))
        }
        Consent::Id => {
            let id = drive.id();
            let question = format!("This drive is not shown for a reason. Type its id, {id}, to {verb}: ");
            (id, question)
        }
    };
    is_answer(&word, &question, answers, screen)
}

/// The same for a stick of which only some files change. `verb`: what is going to be done.
pub fn confirm_change(
    lines: &[String],
    verb: &str,
    drive: &Drive,
    consent: Consent,
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> std::io::Result<bool> {
    lines.iter().try_for_each(|line| say(screen, line))?;
    ask(verb, drive, consent, answers, screen)
}

/// Names what has to be ended before the drives can be written; `false`: nothing has.
fn say_uses(drives: &[&Drive], screen: &mut impl Write) -> std::io::Result<bool> {
    let mut uses = drives.iter().flat_map(|drive| &drive.stoppable_uses).peekable();
    if uses.peek().is_none() {
        return Ok(false);
    }
    say(screen, "In use now. This will be ended first, volumes unmounted and locked:")?;
    uses.try_for_each(|line| say(screen, &format!("  {line}")))?;
    Ok(true)
}

fn say(screen: &mut impl Write, line: &str) -> std::io::Result<()> {
    writeln!(screen, "{}", printable(line))
}

fn is_answer(
    word: &str,
    question: &str,
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> std::io::Result<bool> {
    write!(screen, "{}", printable(question))?;
    screen.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(answer.trim() == word)
}

#[cfg(test)]
mod tests {
    use crate::device::Bus;
    use crate::plan::{Extent, Fill};
    use crate::source::{Container, ImageFacts, ImageKind};

    use super::super::target::tests::stick;
    use super::*;

    fn plan(drive: &Drive) -> Plan {
        let image = ImageFacts {
            name: "debian.iso".into(),
            container: Container::Raw,
            file_bytes: 4096,
            image_bytes: Some(4096),
            kind: ImageKind::HybridIso,
            label: Some("\x1b[31mred".into()),
            system: None,
            partition_tables: Vec::new(),
            boot: Vec::new(),
            windows: None,
            notes: Vec::new(),
        };
        let extents = vec![Extent { start: 0, len: 4096, fill: Fill::Source { offset: 0 } }];
        let notes = vec!["Mind this.".into()];
        let target = drive.identity.clone();
        Plan {
            target,
            image,
            extents,
            sized: true,
            wipes: Vec::new(),
            notes,
            advice: Vec::new(),
            stick: None,
            change: None,
        }
    }

    fn ask(answer: &str) -> (bool, String) {
        ask_of(stick(Bus::Usb), answer)
    }

    fn ask_of(drive: Drive, answer: &str) -> (bool, String) {
        let mut screen = Vec::new();
        let target = Target { plan: plan(&drive), drive, consent: Consent::Word };
        let yes = confirm(&[target], &mut answer.as_bytes(), &mut screen).unwrap();
        (yes, String::from_utf8(screen).unwrap())
    }

    #[test]
    fn several_drives_are_all_listed_and_one_word_is_enough_but_for_hidden_ones() {
        let ask = |second: Consent, answer: &str| {
            let mut other = stick(Bus::Usb);
            other.identity.path = "/dev/sdy".into();
            other.identity.serial = Some("S2".into());
            let mut plans = [plan(&stick(Bus::Usb)), plan(&other)];
            plans[1].notes.push("Only here.".into());
            let [one, two] = plans;
            let targets = [
                Target { drive: stick(Bus::Usb), plan: one, consent: Consent::Word },
                Target { drive: other, plan: two, consent: second },
            ];
            let mut screen = Vec::new();
            let yes = confirm(&targets, &mut answer.as_bytes(), &mut screen).unwrap();
            (yes, String::from_utf8(screen).unwrap())
        };
        let (yes, screen) = ask(Consent::Word, "yes\n");
        assert!(yes);
        for part in ["/dev/sdx", "/dev/sdy", "serial S1", "serial S2", "Note on /dev/sdy: Only here."] {
            assert!(screen.contains(part), "{part} is missing in {screen}");
        }
        assert_eq!((screen.matches("“PHOTOS”").count(), screen.matches("Mind this.").count()), (2, 1));
        assert!(!ask(Consent::Word, "no\n").0);
        assert!(!ask(Consent::Id, "yes\n").0);
        assert!(!ask(Consent::Id, "yes\nusb-S1\n").0);
        assert!(ask(Consent::Id, "yes\nusb-S2\n").0);
    }

    #[test]
    fn only_the_whole_word_counts() {
        for (answer, expected) in [("yes\n", true), ("yes", true), ("y\n", false), ("\n", false), ("", false)]
        {
            assert_eq!(ask(answer).0, expected, "{answer:?}");
        }
    }

    #[test]
    fn the_question_names_the_uses_that_will_end() {
        let used = Drive { stoppable_uses: vec!["swap is on /dev/sdx1".into()], ..stick(Bus::Usb) };
        let (_, screen) = ask_of(used, "");
        assert!(screen.contains("  swap is on /dev/sdx1\n"), "{screen}");
        assert!(screen.contains("Type yes to end these uses and write, anything else"), "{screen}");
    }

    #[test]
    fn the_question_names_drive_and_loss_and_escapes_labels() {
        let (_, screen) = ask("");
        for part in [
            "debian.iso",
            "Acme Stick",
            "serial S1",
            "“PHOTOS”",
            "/media/photos",
            "will be lost",
            "Mind this.",
        ] {
            assert!(screen.contains(part), "{part} is missing in {screen}");
        }
        assert!(!screen.contains('\x1b'), "{screen:?}");
    }
}
