//! Where everything that is printed passes: to the right stream, in the asked form, and harmless to a terminal.

use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::args::Output;

/// The two output streams, as the user wants them.
pub struct Console {
    output: Output,
    /// A result could not be printed, so the command has not done what it was asked to.
    result_lost: Cell<bool>,
}

impl Console {
    pub fn new(output: Output) -> Self {
        Self { output, result_lost: Cell::new(false) }
    }

    pub fn output(&self) -> Output {
        self.output
    }

    pub fn json(&self) -> bool {
        self.output.json
    }

    pub fn quiet(&self) -> bool {
        self.output.quiet
    }

    /// A line that is the result: standard output, unless objects go there.
    pub fn result(&self, line: impl Display) {
        if self.output.json {
            self.notice(line);
        } else {
            self.write_out(&printable(&line.to_string()));
        }
    }

    /// A line of a result that the exit status says as well; `--quiet` leaves it out.
    pub fn notice_result(&self, line: impl Display) {
        if !self.output.quiet {
            self.result(line);
        }
    }

    /// One object on one line of standard output; only with `--json`.
    pub fn object(&self, object: &impl Serialize) {
        match serde_json::to_string(object) {
            Ok(json) => self.write_out(&printable_json(&json)),
            Err(error) => {
                self.error(format_args!("A result cannot be written as JSON: {error}"));
                self.result_lost.set(true);
            }
        }
    }

    /// A line beside the result; `--quiet` leaves it out.
    pub fn notice(&self, line: impl Display) {
        if !self.output.quiet {
            self.error(line);
        }
    }

    /// A line that has to be seen: standard error.
    pub fn error(&self, line: impl Display) {
        // Nobody is left to tell if this fails.
        let _ = writeln!(io::stderr(), "{}", printable(&line.to_string()));
    }

    /// Bytes as they are to standard output: completions, the manual page.
    pub fn raw(&self, bytes: &[u8]) {
        self.keep(io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()));
    }

    /// Results could not be printed, for another reason than that the reader had enough.
    pub fn result_lost(&self) -> bool {
        self.result_lost.get()
    }

    /// Columns of the terminal that results go to; `None` for a pipe or a file.
    pub fn result_width(&self) -> Option<usize> {
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        width.filter(|_| io::stdout().is_terminal())
    }

    fn write_out(&self, line: &str) {
        self.keep(writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush()));
    }

    fn keep(&self, written: io::Result<()>) {
        if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            self.result_lost.set(true);
        }
    }
}

/// Characters that could move the cursor, change colours, or make a line read as another than it is: controls, line and
/// paragraph separators, marks that turn the direction of writing, characters without width.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text in one line, with unsafe characters spelled out: labels, file and device names are anybody's.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// The same for a line of JSON, where such characters can only stand inside strings.
fn printable_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unsafe(c) {
            safe += &format!("\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_steer_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\r\nc"), "a\\u{1b}[2Jb\\r\\nc");
        assert_eq!(printable("x\u{9b}y\u{202e}z\u{2028}"), "x\\u{9b}y\\u{202e}z\\u{2028}");
        assert_eq!(printable("Größe 日本 “ok”"), "Größe 日本 “ok”");
    }

    #[test]
    fn json_stays_json() {
        let label = "a\x1b\u{9b}\u{202e}\u{7f}\"\\é";
        let line = printable_json(&serde_json::to_string(label).unwrap());
        assert!(!line.chars().any(is_unsafe), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), label);
    }
}
