//! How far several jobs are: a line for each drive, redrawn in place on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use crate::device::Identity;
use crate::job::{Phase, Progress};

use super::console::{Console, printable};
use super::progress::{Steps, bar_line, name, percent, print, size};

/// Several jobs tell their progress ten times a second each; the screen is drawn so often for all of them.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// Draws on standard error, so that results can be piped away.
pub struct Board {
    rows: Vec<Row>,
    way: Way,
}

enum Way {
    Bars {
        /// Lines that stand on the screen, above the cursor.
        drawn: usize,
        last: Option<Instant>,
    },
    Lines,
    Silent,
}

struct Row {
    label: String,
    state: State,
    steps: Steps,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Waiting,
    Phase(Phase),
    Moving(Progress),
    /// In one word, how.
    Ended(&'static str),
}

impl Board {
    pub fn new<'a>(console: &Console, drives: impl Iterator<Item = &'a Identity>) -> Self {
        let row = |drive| Row { label: label(drive), state: State::Waiting, steps: Steps::default() };
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let way = if console.json() || console.quiet() {
            Way::Silent
        } else if io::stderr().is_terminal() && !dumb {
            Way::Bars { drawn: 0, last: None }
        } else {
            Way::Lines
        };
        Self { rows: drives.map(row).collect(), way }
    }

    /// The drive's name before each of its lines.
    pub fn label(&self, drive: usize) -> &str {
        &self.rows[drive].label
    }

    pub fn phase(&mut self, drive: usize, phase: Phase) {
        self.rows[drive].state = State::Phase(phase);
        match self.way {
            Way::Lines => {
                let line = self.rows[drive].steps.begin(phase);
                self.line(drive, line);
            }
            _ => self.draw(true),
        }
    }

    pub fn progress(&mut self, drive: usize, progress: &Progress) {
        self.rows[drive].state = State::Moving(*progress);
        match self.way {
            Way::Lines => {
                let line = self.rows[drive].steps.advance(progress);
                self.line(drive, line);
            }
            _ => self.draw(false),
        }
    }

    pub fn ended(&mut self, drive: usize, how: &'static str) {
        self.rows[drive].state = State::Ended(how);
        match self.way {
            Way::Lines => self.line(drive, Some(how.to_owned())),
            _ => self.draw(true),
        }
    }

    /// Takes the lines away, so that others can be printed where they stood.
    pub fn clear(&mut self) {
        if let Way::Bars { drawn, .. } = &mut self.way
            && *drawn > 0
        {
            print(&format!("\r\x1b[{drawn}A\x1b[J"));
            *drawn = 0;
        }
    }

    fn line(&self, drive: usize, line: Option<String>) {
        if let Some(line) = line {
            print(&format!("{}: {line}\n", self.rows[drive].label));
        }
    }

    fn draw(&mut self, at_once: bool) {
        let Way::Bars { drawn, last } = &mut self.way else { return };
        if !at_once && last.is_some_and(|last| last.elapsed() < REDRAW_INTERVAL) {
            return;
        }
        *last = Some(Instant::now());
        let (width, height) = size();
        let lines = lines(&self.rows, width, height);
        // One write, so that the screen does not flicker.
        let mut text = if *drawn > 0 { format!("\r\x1b[{drawn}A") } else { "\r".to_owned() };
        lines.iter().for_each(|line| text += &format!("{line}\x1b[K\n"));
        print(&format!("{text}\x1b[J"));
        *drawn = lines.len();
    }
}

/// `sdb 4C530001`: the node and the serial number, or a practice stick's path.
fn label(drive: &Identity) -> String {
    let path = drive.path.strip_prefix("/dev").unwrap_or(&drive.path).display().to_string();
    let serial = drive.serial.as_ref().map(|serial| format!(" {serial}"));
    printable(&(path + &serial.unwrap_or_default()))
}

/// One line for each drive, of at most `width` columns and `height - 1` lines: the last one is the cursor's. Where there
/// are more drives, those that have ended give way first.
fn lines(rows: &[Row], width: usize, height: usize) -> Vec<String> {
    let room = height.saturating_sub(1).max(1);
    let longest = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let column = longest.min((width / 3).max(8)).min(width);
    let shown: Vec<usize> = if rows.len() <= room {
        (0..rows.len()).collect()
    } else {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|at| matches!(rows[*at].state, State::Ended(_)));
        order.truncate(room - 1);
        order.sort_unstable();
        order
    };
    let line = |row: &Row| {
        let state = match row.state {
            State::Waiting => "waiting".to_owned(),
            State::Phase(phase) => format!("{} …", name(phase)),
            State::Moving(progress) => bar_line(&progress, "", width.saturating_sub(column + 2)),
            State::Ended(how) => how.to_owned(),
        };
        let line = format!("{:<column$}  {state}", end_of(&row.label, column));
        line.chars().take(width).collect::<String>()
    };
    let mut lines: Vec<String> = shown.iter().map(|at| line(&rows[*at])).collect();
    if shown.len() < rows.len() {
        lines.push(rest(rows, &shown).chars().take(width).collect());
    }
    lines
}

/// What is said of the drives that have no line.
fn rest(rows: &[Row], shown: &[usize]) -> String {
    let hidden: Vec<&Row> =
        rows.iter().enumerate().filter(|(at, _)| !shown.contains(at)).map(|(_, row)| row).collect();
    let ended = hidden.iter().filter(|row| matches!(row.state, State::Ended(_))).count();
    let fraction = |row: &&&Row| match row.state {
        State::Moving(progress) => progress.fraction,
        _ => None,
    };
    let slowest = hidden.iter().filter_map(|row| fraction(&row)).reduce(f32::min);
    let slowest = slowest.map(|least| format!(", the others at {} % or more", percent(least)));
    format!("and {} more: {ended} ended{}", hidden.len(), slowest.unwrap_or_default())
}

/// The last `width` characters: paths and serial numbers differ there.
fn end_of(text: &str, width: usize) -> String {
    let len = text.chars().count();
    if len <= width {
        return text.to_owned();
    }
    let tail = text.chars().skip(len - width.saturating_sub(1));
    std::iter::once('…').chain(tail).take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, state: State) -> Row {
        Row { label: label.to_owned(), state, steps: Steps::default() }
    }

    fn moving(fraction: f32) -> State {
        State::Moving(Progress {
            phase: Phase::Writing,
            done_bytes: (f64::from(fraction) * 2e9) as u64,
            total_bytes: Some(2_000_000_000),
            fraction: Some(fraction),
            bytes_per_sec: 20e6,
            average_bytes_per_sec: 25e6,
            elapsed_secs: 50.0,
            eta_secs: Some(65.0),
        })
    }

    #[test]
    fn every_drive_has_its_line_in_its_columns() {
        let rows =
            [row("sdb 4C530001", moving(0.5)), row("sdc", State::Ended("done")), row("sdd", State::Waiting)];
        assert_eq!(
            lines(&rows, 79, 24),
            [
                "sdb 4C530001  Writing     50 %     1.0 GB of   2.0 GB   20.0 MB/s   1:05 left",
                "sdc           done",
                "sdd           waiting",
            ]
        );
    }

    #[test]
    fn the_board_fits_whatever_the_size() {
        let rows: Vec<Row> = (0..16)
            .map(|at| {
                let state = if at < 3 { State::Ended("done") } else { moving(0.3 + at as f32 / 100.0) };
                row(&format!("/home/somebody/sticks/stick-{at}"), state)
            })
            .collect();
        for width in 0..120 {
            for height in 0..24 {
                let lines = lines(&rows, width, height);
                assert!(lines.len() <= height.saturating_sub(1).max(1), "{height}: {lines:?}");
                assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:?}");
            }
        }
        let low = lines(&rows, 79, 6);
        assert!(low[0].contains("stick-3 ") && low[4].starts_with("and 12 more: 3 ended"), "{low:?}");
        assert!(low[4].ends_with("the others at 37 % or more"), "{low:?}");
    }
}
