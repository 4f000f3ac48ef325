//! The question before a drive is overwritten.

use std::io::{BufRead, Write};

use crate::device::Drive;
use crate::plan::Plan;

use super::console::printable;
use super::inspect::image_line;
use super::target::{Consent, describe, describe_contents};

/// Says what will be written where and what is lost, and waits for the answer. `false`: the user does not want it.
pub fn confirm(
    plan: &Plan,
    drive: &Drive,
    consent: Consent,
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> std::io::Result<bool> {
    let head =
        [format!("This image:  {}", image_line(&plan.image)), format!("will go to:  {}", describe(drive))];
    let notes: Vec<&String> = plan.notes.iter().chain(&plan.advice).collect();
    confirm_loss(&head, &notes, "write", drive, consent, answers, screen)
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
    let mut say = |line: &str| writeln!(screen, "{}", printable(line));
    for line in head {
        say(line)?;
    }
    let contents = describe_contents(drive);
    if contents.is_empty() {
        say("On it now:   nothing that was recognised; whatever is there will be lost")?;
    } else {
        say("All of this will be lost:")?;
        for line in contents {
            say(&format!("  {line}"))?;
        }
    }
    for note in notes {
        say(&format!("Note: {note}"))?;
    }
    let verb = &if drive.stoppable_uses.is_empty() {
        verb.to_owned()
    } else {
        say("It is in use. This will be ended first, volumes unmounted and locked:")?;
        for line in &drive.stoppable_uses {
            say(&format!("  {line}"))?;
        }
        format!("end these uses and {verb}")
    };
    let (word, question) = match consent {
        Consent::Word => {
            ("yes".to_owned(), format!("Type yes to {verb}, anything else to leave the drive as it is: "))
        }
        Consent::Id => {
            let id = drive.id();
            let question =
                format!("This drive is not shown for a reason. Type its id, {}, to {verb}: ", printable(&id));
            (id, question)
        }
    };
    write!(screen, "{question}")?;
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
        }
    }

    fn ask(answer: &str) -> (bool, String) {
        let drive = stick(Bus::Usb);
        let mut screen = Vec::new();
        let yes = confirm(&plan(&drive), &drive, Consent::Word, &mut answer.as_bytes(), &mut screen).unwrap();
        (yes, String::from_utf8(screen).unwrap())
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
        let mut screen = Vec::new();
        confirm(&plan(&used), &used, Consent::Word, &mut "".as_bytes(), &mut screen).unwrap();
        let screen = String::from_utf8(screen).unwrap();
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
