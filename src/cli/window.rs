//! The way to the window. The terminal does not know the window itself: `main` hands in the function that opens it.

use std::path::PathBuf;

use super::console::Console;
use super::outcome::{Exit, refuse};
use super::sentence;

/// What the window is to show when it opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowStart {
    pub image: Option<PathBuf>,
    /// A practice stick that was just made: listed as a drive, and chosen.
    pub practice: Option<PathBuf>,
}

/// This program was built without its window.
#[derive(Debug, thiserror::Error)]
#[error("this build has no window")]
pub struct NoWindow;

const COMMANDS: &str = "\
Commands for the terminal (each one explains itself with --help):
  demo          try everything out on a practice stick
  list          the drives that can be written to
  inspect       what an image or a drive is
  hash          checksums
  plan          what write would do
  write         an image onto a drive, read back and compared
  check         a drive against an image or a checksum
  save          a drive into a file
  test          is a drive as large as it says? erases it
  restore       a normal stick again
  wipe          an empty drive
  eject         so that a drive can be unplugged
  answer        answer files, by which Windows installs itself
  completions   for your shell
  man           the manual page";

/// Is there a display? By the variables of Wayland and X11.
pub fn has_display(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> bool {
    ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
        .into_iter()
        .any(|name| variable(name).is_some_and(|value| !value.is_empty()))
}

/// No command: the window.
pub fn run(
    console: &Console,
    image: Option<PathBuf>,
    open_window: impl FnOnce(WindowStart) -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    if let Some(image) = &image
        && !image.exists()
    {
        return refuse(format!(
            "There is neither a command nor a file called {}.\n{COMMANDS}",
            image.display()
        ));
    }
    if !has_display(|name| std::env::var_os(name)) {
        return refuse(format!("There is no display here to open the window on.\n{COMMANDS}"));
    }
    match open_window(WindowStart { image, practice: None }) {
        Ok(()) => Ok(Exit::Done),
        Err(error) if error.is::<NoWindow>() => refuse(format!(
            "This build has no window. `cargo install --path .` (or `cargo run`) builds it with one.\n{COMMANDS}"
        )),
        Err(error) => {
            console.error(sentence(&format!("{error:#}")));
            COMMANDS.lines().for_each(|line| console.error(line));
            Ok(Exit::Failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_display_is_a_variable_that_is_not_empty() {
        for (set, value, expected) in [
            ("DISPLAY", ":0", true),
            ("WAYLAND_DISPLAY", "wayland-0", true),
            ("DISPLAY", "", false),
            ("X", "1", false),
        ] {
            assert_eq!(has_display(|name| (name == set).then(|| value.into())), expected, "{set}={value}");
        }
    }

    #[test]
    fn every_command_is_in_the_overview() {
        for command in super::super::args::Arguments::command().get_subcommands() {
            assert!(COMMANDS.contains(&format!("\n  {} ", command.get_name())), "{}", command.get_name());
        }
    }
}
