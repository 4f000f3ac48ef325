//! No subcommand and a display: the window. A subcommand: the terminal. The only place that knows both.

use std::process::ExitCode;

use sticksmith::cli::{self, WindowStart};

fn main() -> ExitCode {
    cli::main(open_window)
}

#[cfg(feature = "gui")]
fn open_window(start: WindowStart) -> anyhow::Result<()> {
    sticksmith::gui::run(sticksmith::gui::Start {
        image: start.image,
        practice: start.practice.iter().cloned().collect(),
        chosen_practice: start.practice,
    })
}

#[cfg(not(feature = "gui"))]
fn open_window(_: WindowStart) -> anyhow::Result<()> {
    Err(cli::NoWindow.into())
}
