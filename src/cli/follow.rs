//! Runs one job to its end: shows its events, passes Ctrl-C on, prints the proof.

use std::process;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use crate::device::PasswordAgent;
use crate::job::{self, Ending, Event, Job, Request};

use super::args::AfterArgs;
use super::console::Console;
use super::eject;
use super::outcome::{Exit, ending_object, event_object, message};
use super::progress::Meter;

/// Runs the job, shows what it tells, and says how it ended. Then, if that is wanted and all went well, ejects the drive.
pub fn run(console: &Console, request: Request, after: AfterArgs) -> anyhow::Result<Ending> {
    let drive = request.drive().filter(|_| after.eject).cloned();
    let ending = run_to_ending(console, request)?;
    // People read the proof first; for programs the last object is always that of the ending.
    if !console.json() {
        say_ending(console, &ending);
    }
    if let Some(drive) = &drive {
        eject::after(console, drive, &ending);
    }
    if console.json() {
        say_ending(console, &ending);
    }
    Ok(ending)
}

/// The same without the last word. Once in the life of the program.
pub fn run_to_ending(console: &Console, request: Request) -> anyhow::Result<Ending> {
    let interrupts = interrupts()?;
    let _agent = request.drive().and_then(|drive| PasswordAgent::for_opening(&drive.path));
    let then_verifies = matches!(&request, Request::Write(write) if write.verify);
    let meter = Meter::new(console, then_verifies);
    let job = job::start(request, || {});
    show_events(console, meter, &job, interrupts)
}

/// The answer to Ctrl-C.
pub const STOPPING: &str = "Stopping. Once more Ctrl-C leaves at once, whatever state the drive is in.";

/// Where an interrupt goes once there is a job to cancel.
static JOB: OnceLock<Sender<()>> = OnceLock::new();

/// One Ctrl-C can arrive twice: from the terminal, and passed on by the attendant.
const SAME_INTERRUPT: Duration = Duration::from_millis(400);

/// The first Ctrl-C or SIGTERM from now on arrives here. Once in the life of the program.
pub fn interrupts() -> anyhow::Result<Receiver<()>> {
    let (sender, interrupts) = bounded(1);
    JOB.set(sender).map_err(|_| anyhow!("a second job was started in one run of the program"))?;
    Ok(interrupts)
}

/// From now on, the first Ctrl-C or SIGTERM cancels the job, and a second one ends the program at once. While there is
/// no job yet, an image or a drive that does not answer may hold the program up: then the first one ends it.
pub fn catch_interrupts(console: &Console) -> anyhow::Result<()> {
    let output = console.output();
    let mut first: Option<Instant> = None;
    ctrlc::set_handler(move || {
        if first.is_some_and(|first| first.elapsed() > SAME_INTERRUPT) {
            process::exit(i32::from(Exit::Cancelled as u8));
        }
        first.get_or_insert_with(Instant::now);
        match JOB.get() {
            Some(job) => _ = job.try_send(()),
            None => {
                let ending = Ending::Cancelled {
                    message: "Cancelled before the job began. Nothing was changed on any drive.".to_owned(),
                    report: None,
                };
                say_ending(&Console::new(output), &ending);
                process::exit(i32::from(Exit::Cancelled as u8));
            }
        }
    })
    .context("Ctrl-C cannot be caught, so nothing was begun")
}

fn show_events(
    console: &Console,
    mut meter: Meter,
    job: &Job,
    mut interrupts: Receiver<()>,
) -> anyhow::Result<Ending> {
    loop {
        let event = select! {
            recv(interrupts) -> _ => {
                job.cancel();
                interrupts = never();
                meter.clear();
                console.notice(STOPPING);
                continue;
            }
            recv(job.events) -> event => event.context("the job vanished without a last word")?,
        };
        if console.json() && !matches!(event, Event::Ended(_)) {
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

/// The last object; or, for people, the proof or what went wrong.
pub fn say_ending(console: &Console, ending: &Ending) {
    if console.json() {
        console.object(&ending_object(ending));
        return;
    }
    match ending {
        Ending::Done { report } => report.to_text().lines().for_each(|line| console.notice_result(line)),
        Ending::Different { report } => report.to_text().lines().for_each(|line| console.result(line)),
        Ending::Refused { .. } | Ending::Failed { .. } | Ending::Cancelled { .. } => {
            console.error(message(ending));
        }
    }
}
