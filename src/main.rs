//! No subcommand and a display: the window. A subcommand: the terminal.

use std::process::ExitCode;

fn main() -> ExitCode {
    sticksmith::cli::main()
}
