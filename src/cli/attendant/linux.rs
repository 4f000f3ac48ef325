//! Stands between the shell and a job, so that a cancelled program ends within a second even while a write hangs.
//!
//! A process cannot end while one of its threads waits for a drive that does not answer: the kernel keeps it, and the
//! shell waits. So the work is done by a second process of the same program, and this one only passes signals on and
//! waits. When a cancelled worker does not end, it is left behind; the kernel kills it the moment that it can, and it
//! never outlives this process otherwise.

use std::env;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{after, bounded, never, select};
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use super::super::outcome::Exit;

/// Tells the second process that it is one.
const ATTENDED: &str = "STICKSMITH_ATTENDED";

/// A worker answers a cancel within its own grace; this is some more.
const PATIENCE: Duration = Duration::from_millis(900);

/// Runs `work`, here or in a second process that this one attends. The program's arguments must be all that `work`
/// depends on.
pub fn attend(work: impl FnOnce() -> ExitCode + Send) -> ExitCode {
    if env::var_os(ATTENDED).is_some() {
        // Killed with its attendant: nobody would be there to stop it.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        // The kernel gives a signal to the first thread, and that one must be able to take it: in a read from a network
        // mount that does not answer, no thread is.
        return thread::scope(|scope| scope.spawn(work).join()).unwrap_or(Exit::Failed.into());
    }
    match start_worker() {
        Some(worker) => wait(worker),
        None => work(),
    }
}

fn start_worker() -> Option<Child> {
    Command::new(env::current_exe().ok()?).args(env::args_os().skip(1)).env(ATTENDED, "1").spawn().ok()
}

fn wait(mut worker: Child) -> ExitCode {
    let pid = Pid::from_child(&worker);
    let (interrupted, interrupts) = bounded(1);
    // Without a handler Ctrl-C ends this process, and the worker with it.
    let _ = ctrlc::set_handler(move || {
        let _ = kill_process(pid, Signal::INT);
        let _ = interrupted.try_send(());
    });
    let (ended, end) = bounded(1);
    thread::spawn(move || ended.send(worker.wait()));
    let mut patience = never();
    loop {
        select! {
            recv(end) -> status => return status.ok().and_then(Result::ok).map_or(Exit::Failed.into(), exit_code),
            recv(interrupts) -> _ => patience = after(PATIENCE),
            recv(patience) -> _ => return Exit::Cancelled.into(),
        }
    }
}

/// A worker that a signal ended did not get to say so itself.
fn exit_code(status: ExitStatus) -> ExitCode {
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(Exit::Cancelled.into(), ExitCode::from)
}
