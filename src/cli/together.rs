//! Runs several writes of one image to their ends: shows the events of each, passes Ctrl-C on to all, prints every proof.

use anyhow::Context;
use crossbeam_channel::{Receiver, Select, never};

use crate::device::{Identity, PasswordAgent};
use crate::job::{self, Ending, Event, Job, Record, WriteRequest};

use super::args::AfterArgs;
use super::board::Board;
use super::console::Console;
use super::eject;
use super::follow::{STOPPING, interrupts};
use super::outcome::{Exit, ending_object, event_object, message, of_drive, whole_object};

/// Runs the jobs, shows what they tell, and says how each ended, in the order of the requests.
/// Then, if that is wanted, ejects those where all went well.
pub fn run(console: &Console, requests: &[WriteRequest], after: AfterArgs) -> anyhow::Result<Vec<Ending>> {
    let interrupts = interrupts()?;
    // One is enough for all: the right to open drives is granted for a while.
    let _agent = requests.iter().find_map(|request| PasswordAgent::for_opening(&request.target.path));
    let drives: Vec<&Identity> = requests.iter().map(|request| &request.target).collect();
    let jobs = job::start_together(requests.to_vec(), || {});
    let mut board = Board::new(console, drives.iter().copied());
    let endings = show_events(console, &jobs, &drives, &mut board, interrupts)?;
    // People read the proof first; for programs the last object is always that of the ending.
    if !console.json() {
        say_endings(console, &endings, &drives, &board);
    }
    if after.eject {
        drives.iter().zip(&endings).for_each(|(drive, ending)| eject::after(console, drive, ending));
    }
    if console.json() {
        say_endings(console, &endings, &drives, &board);
    }
    Ok(endings)
}

fn show_events(
    console: &Console,
    jobs: &[Job],
    drives: &[&Identity],
    board: &mut Board,
    mut interrupts: Receiver<()>,
) -> anyhow::Result<Vec<Ending>> {
    let mut endings: Vec<Option<Ending>> = jobs.iter().map(|_| None).collect();
    while endings.iter().any(Option::is_none) {
        let mut select = Select::new();
        let running: Vec<usize> = (0..jobs.len()).filter(|at| endings[*at].is_none()).collect();
        running.iter().for_each(|at| {
            select.recv(&jobs[*at].events);
        });
        select.recv(&interrupts);
        let ready = select.select();
        let Some(&at) = running.get(ready.index()) else {
            let _ = ready.recv(&interrupts);
            jobs.iter().for_each(Job::cancel);
            interrupts = never();
            board.clear();
            console.notice(STOPPING);
            continue;
        };
        let event = ready.recv(&jobs[at].events).context("a job vanished without a last word")?;
        if console.json() {
            let object = match &event {
                Event::Ended(ending) => ending_object(ending),
                event => event_object(event),
            };
            console.object(&of_drive(object, drives[at]));
        }
        match event {
            Event::Opened { .. } | Event::Planned { .. } => {}
            Event::Phase { phase } => board.phase(at, phase),
            Event::Progress(progress) => board.progress(at, &progress),
            Event::Warning { message } => {
                board.clear();
                console.error(format_args!("{}: Warning: {message}", board.label(at)));
            }
            Event::Ended(ending) => {
                let exit = Exit::of_ending(&ending);
                // What went wrong with one is worth knowing before the others are done.
                if exit != Exit::Done && !console.json() {
                    board.clear();
                    console.error(format_args!("{}: {}", board.label(at), message(&ending)));
                }
                board.ended(at, exit.result());
                endings[at] = Some(*ending);
            }
        }
    }
    board.clear();
    Ok(endings.into_iter().flatten().collect())
}

/// The last object; or, for people, the proof of each drive and what has become of all of them.
fn say_endings(console: &Console, endings: &[Ending], drives: &[&Identity], board: &Board) {
    let exits: Vec<Exit> = endings.iter().map(Exit::of_ending).collect();
    let done = exits.iter().filter(|exit| **exit == Exit::Done).count();
    let mut summary = match done {
        done if done == exits.len() => format!("All {done} drives are done."),
        done => format!("{done} of {} drives are done.", exits.len()),
    };
    for exit in [Exit::Failed, Exit::Different, Exit::Cancelled, Exit::Refused] {
        let labels: Vec<&str> =
            (0..exits.len()).filter(|at| exits[*at] == exit).map(|at| board.label(at)).collect();
        if !labels.is_empty() {
            summary += &format!(" {}: {}.", capitalised(exit.result()), labels.join(", "));
        }
    }
    let worst = Exit::worst(exits.iter().copied());
    if console.json() {
        let drives: Vec<(&Identity, Exit)> = drives.iter().copied().zip(exits).collect();
        return console.object(&whole_object(worst, &summary, &drives));
    }
    for (drive, ending) in drives.iter().zip(endings) {
        let (Ending::Done { report } | Ending::Different { report }) = ending else { continue };
        let is_done = matches!(ending, Ending::Done { .. });
        let say = |line: &str| if is_done { console.notice_result(line) } else { console.result(line) };
        say(&format!("== {} ==", Record::of(drive, ending).title()));
        report.to_text().lines().for_each(say);
        say("");
    }
    if worst == Exit::Done { console.notice_result(summary) } else { console.error(summary) }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
