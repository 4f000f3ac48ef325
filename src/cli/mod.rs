//! Floor 7: the terminal. Arguments in, text or JSON lines out.

mod args;
mod confirm;
mod console;
mod demo;
mod follow;
mod hash;
mod inspect;
mod list;
mod manual;
mod outcome;
mod progress;
mod read;

mod target;
mod window;
mod write;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use console::Console;
use outcome::{Exit, error_object};

pub use window::{NoWindow, WindowStart};

/// The whole program. `open_window` shows the window and returns when it is closed; a build without one answers
/// [`NoWindow`].
pub fn main(open_window: impl FnOnce(WindowStart) -> anyhow::Result<()>) -> ExitCode {
    let arguments = Arguments::parse();
    let console = Console::new(arguments.output);
    let mut exit = run(&console, arguments, open_window).unwrap_or_else(|error| {
        let exit = Exit::of_error(&error);
        tell_error(&console, exit, &format!("{error:#}"));
        exit
    });
    if exit == Exit::Done && console.result_lost() {
        console.error("The result could not be printed.");
        exit = Exit::Failed;
    }
    ExitCode::from(exit as u8)
}

fn run(
    console: &Console,
    arguments: Arguments,
    open_window: impl FnOnce(WindowStart) -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    let Some(command) = arguments.command else {
        return window::run(console, arguments.image, open_window);
    };
    if let Some(image) = arguments.image {
        return outcome::refuse(format!(
            "{} stands before the command, where nothing belongs.",
            image.display()
        ));
    }
    match command {
        Command::Demo { terminal } => demo::run(console, terminal, open_window),
        Command::List { all } => list::run(console, all),
        Command::Inspect { subject } => inspect::run(console, &subject),
        Command::Hash(arguments) => hash::run(console, &arguments),
        Command::Plan(arguments) => write::plan(console, &arguments),
        Command::Write(arguments) => write::write(console, &arguments),
        Command::Check(arguments) => read::check(console, &arguments),
        Command::Save { drive, file, force } => read::save(console, &drive, &file, force),
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

fn tell_error(console: &Console, exit: Exit, message: &str) {
    if console.json() {
        console.object(&error_object(exit, message));
    } else {
        message.lines().for_each(|line| console.error(line));
    }
}
