//! Floor 7: the terminal. Arguments in, text or JSON lines out.

mod answer;
mod args;
mod arrival;
mod attendant;
mod board;
mod confirm;
mod console;
mod demo;
mod eject;
mod erase;
mod follow;
mod hash;
mod inspect;
mod list;
mod manual;
mod outcome;
mod progress;
mod read;
mod report_file;
mod target;
mod together;
mod window;
mod windows_args;
mod write;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command, Output};
use console::Console;
use outcome::{Exit, Refused, error_object};

use crate::plan::Refusal;

pub use window::{NoWindow, WindowStart};

/// The whole program. `open_window` shows the window and returns when it is closed; a build without one answers
/// [`NoWindow`].
pub fn main(open_window: impl FnOnce(WindowStart) -> anyhow::Result<()> + Send) -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (output, command, image) = match args::image_alone(&typed) {
        Some(image) => (Output::default(), None, Some(image)),
        None => {
            let arguments = Arguments::parse();
            (arguments.output, arguments.command, None)
        }
    };
    let console = Console::new(output);
    match command {
        Some(command) if command.moves_data() => attendant::attend(move || {
            let caught = follow::catch_interrupts(&console);
            finish(&console, caught.and_then(|()| run(&console, command, open_window)))
        }),
        Some(command) => finish(&console, run(&console, command, open_window)),
        None => finish(&console, window::run(&console, image, open_window)),
    }
}

fn finish(console: &Console, result: anyhow::Result<Exit>) -> ExitCode {
    let mut exit = result.unwrap_or_else(|error| {
        let exit = Exit::of_error(&error);
        let refusal = error.downcast_ref::<Refused>().and_then(|refused| refused.refusal.as_ref());
        tell_error(console, exit, &sentence(&format!("{error:#}")), refusal);
        exit
    });
    if exit == Exit::Done && console.result_lost() {
        console.error("The result could not be printed.");
        exit = Exit::Failed;
    }
    exit.into()
}

fn run(
    console: &Console,
    command: Command,
    open_window: impl FnOnce(WindowStart) -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    match command {
        Command::Demo { terminal } => demo::run(console, terminal, open_window),
        Command::List { all, wait } => list::run(console, all, wait),
        Command::Inspect { subject } => inspect::run(console, &subject),
        Command::Hash(arguments) => hash::run(console, &arguments),
        Command::Plan(arguments) => write::plan(console, &arguments),
        Command::Write(arguments) => write::write(console, &arguments),
        Command::Check(arguments) => read::check(console, &arguments),
        Command::Test(arguments) => erase::test(console, &arguments),
        Command::Wipe(arguments) => erase::wipe(console, &arguments),
        Command::Restore(arguments) => erase::restore(console, &arguments),
        Command::Save(arguments) => read::save(console, &arguments),
        Command::Eject { drive } => eject::run(console, &drive),
        Command::Answer(command) => answer::run(console, &command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            manual::completions(shell, &mut script);
            console.raw(&script);
            Ok(Exit::Done)
        }
        Command::Man => {
            let mut page = Vec::new();
            manual::man_page(&mut page)?;
            console.raw(&page);
            Ok(Exit::Done)
        }
    }
}

/// Errors begin in the middle of a sentence; what a person reads begins with a capital and ends with a full stop.
fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    let mut text = text.to_owned();
    // Anything but a plain word is a name, which keeps its letters.
    if word.bytes().all(|b| b.is_ascii_lowercase()) {
        text[..word.len().min(1)].make_ascii_uppercase();
    }
    if !text.ends_with(['.', '!', '?']) && !text.contains('\n') {
        text.push('.');
    }
    text
}

fn tell_error(console: &Console, exit: Exit, message: &str, refusal: Option<&Refusal>) {
    if console.json() {
        console.object(&error_object(exit, message, refusal));
    } else {
        message.lines().for_each(|line| console.error(line));
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn names_keep_their_letters() {
        for (text, expected) in [
            ("the gzip file is damaged", "The gzip file is damaged."),
            ("debian.iso cannot be opened", "debian.iso cannot be opened."),
            ("/dev/sdx is gone!", "/dev/sdx is gone!"),
            ("", "."),
        ] {
            assert_eq!(sentence(text), expected);
        }
    }
}
