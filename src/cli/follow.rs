//! Runs one job to its end: shows its events, passes Ctrl-C on, prints the proof.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use crate::job::{self, Ending, Event, Job, Request};

use super::console::Console;
use super::outcome::{Exit, event_object, message};
use super::progress::{Meter, name};
use super::proof;

/// Runs the job and shows its events, with `--json` the last one too. Once in the life of the program.
pub fn run(console: &Console, request: Request) -> anyhow::Result<Ending> {
    let interrupts = interrupts()?;
    let job = job::start(request, || {});
    events(console, &job, interrupts)
}

/// Runs the job and tells people how it ended.
pub fn run_and_tell(console: &Console, request: Request) -> anyhow::Result<Ending> {
    let ending = run(console, request)?;
    if !console.json() {
        tell(console, &ending);
    }
    Ok(ending)
}

/// The first Ctrl-C or SIGTERM arrives here; a second one ends the program at once.
fn interrupts() -> anyhow::Result<Receiver<()>> {
    let (sender, receiver): (Sender<()>, _) = bounded(1);
    let asked = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            process::exit(i32::from(Exit::Cancelled as u8));
        }
        let _ = sender.try_send(());
    })
    .context("Ctrl-C cannot be caught, so the job was not started")?;
    Ok(receiver)
}

fn events(console: &Console, job: &Job, mut interrupts: Receiver<()>) -> anyhow::Result<Ending> {
    let mut meter = Meter::new(console);
    loop {
        let event = select! {
            recv(interrupts) -> _ => {
                job.cancel();
                interrupts = never();
                meter.clear();
                console.notice("Stopping. Once more Ctrl-C leaves at once, whatever state the drive is in.");
                continue;
            }
            recv(job.events) -> event => event.context("the job vanished without a last word")?,
        };
        if console.json() {
            console.object(&event_object(&event));
        }
        match event {
            Event::Opened { .. } | Event::Planned { .. } => {}
            Event::Phase { phase } => meter.phase(phase),
            Event::Progress(progress) => meter.progress(&progress),
            Event::Warning { message } => {
                meter.clear();
                console.error(format_args!("Warning: {message}"));
            }
            Event::Ended(ending) => {
                meter.clear();
                return Ok(*ending);
            }
        }
    }
}

/// The proof, or what went wrong.
pub fn tell(console: &Console, ending: &Ending) {
    match ending {
        Ending::Done { report } => proof::lines(report).iter().for_each(|line| console.notice_result(line)),
        Ending::Different { report } => proof::lines(report).iter().for_each(|line| console.result(line)),
        Ending::Refused { .. } | Ending::Failed { .. } | Ending::Cancelled { .. } => {
            console.error(message(ending));
        }
    }
    if let Ending::Failed { report: Some(report), .. } | Ending::Cancelled { report: Some(report), .. } =
        ending
    {
        for phase in &report.phases {
            console.notice(format_args!("  {}: {}", name(phase.phase), proof::phase_text(phase)));
        }
    }
}
