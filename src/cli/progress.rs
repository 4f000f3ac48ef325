//! How far a job is, for people: one line that is redrawn on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal, Write};

use crate::base::ByteSize;
use crate::job::{Phase, Progress};

use super::console::Console;

/// Draws on standard error, so that results can be piped away.
pub enum Meter {
    Bar { drawn: bool, then_verifies: bool },
    Lines(Steps),
    Silent,
}

/// Where plain lines stand: one for each phase and each tenth of it.
#[derive(Default)]
pub struct Steps {
    phase: Option<Phase>,
    tenths: u32,
}

impl Meter {
    /// `then_verifies`: what is written will be read back, which takes its own time.
    pub fn new(console: &Console, then_verifies: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        if console.json() || console.quiet() {
            Self::Silent
        } else if io::stderr().is_terminal() && !dumb {
            Self::Bar { drawn: false, then_verifies }
        } else {
            Self::Lines(Steps::default())
        }
    }

    pub fn phase(&mut self, phase: Phase) {
        match self {
            Self::Bar { .. } => self.draw(&format!("{} …", name(phase))),
            Self::Lines(steps) => {
                if let Some(line) = steps.begin(phase) {
                    print(&format!("{line}\n"));
                }
            }
            Self::Silent => {}
        }
    }

    pub fn progress(&mut self, progress: &Progress) {
        match self {
            Self::Bar { then_verifies, .. } => {
                let then = if *then_verifies && progress.phase == Phase::Writing { THEN_VERIFY } else { "" };
                let line = bar_line(progress, then, width());
                self.draw(&line);
            }
            Self::Lines(steps) => {
                if let Some(line) = steps.advance(progress) {
                    print(&format!("{line}\n"));
                }
            }
            Self::Silent => {}
        }
    }

    /// Takes the bar away, so that lines can be printed where it stood.
    pub fn clear(&mut self) {
        if let Self::Bar { drawn, .. } = self
            && std::mem::take(drawn)
        {
            print("\r\x1b[K");
        }
    }

    fn draw(&mut self, line: &str) {
        print(&format!("\r{line}\x1b[K"));
        if let Self::Bar { drawn, .. } = self {
            *drawn = true;
        }
    }
}

impl Steps {
    pub fn begin(&mut self, phase: Phase) -> Option<String> {
        if self.phase == Some(phase) {
            return None;
        }
        *self = Self { phase: Some(phase), tenths: 0 };
        Some(name(phase).to_owned())
    }

    pub fn advance(&mut self, progress: &Progress) -> Option<String> {
        // A phase that nobody announced still gets its lines.
        if self.phase != Some(progress.phase) {
            *self = Self { phase: Some(progress.phase), tenths: 0 };
        }
        let tenths = percent(progress.fraction?) / 10;
        if tenths <= self.tenths {
            return None;
        }
        self.tenths = tenths;
        let mut line = format!("{} {} %, {}", name(progress.phase), tenths * 10, amount(progress));
        if progress.average_bytes_per_sec > 0.0 {
            line += &format!(", {}", rate(progress.average_bytes_per_sec));
        }
        Some(line)
    }
}

pub fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "Checking",
        Phase::Wiping => "Wiping",
        Phase::Writing => "Writing",
        Phase::Syncing => "Flushing",
        Phase::Verifying => "Verifying",
        Phase::Comparing => "Comparing",
        Phase::Saving => "Saving",
        Phase::Hashing => "Hashing",
        Phase::Testing => "Testing",
    }
}

pub fn rate(bytes_per_sec: f64) -> String {
    // Saturates, and makes nonsense (NaN) a zero.
    format!("{}/s", ByteSize(bytes_per_sec as u64))
}

/// `9 s`, `3:05`, `1:02:03`
pub fn duration(secs: f64) -> String {
    let whole = secs.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Rounded down: 100 % is said when everything is done.
pub fn percent(fraction: f32) -> u32 {
    (fraction.clamp(0.0, 1.0) * 100.0) as u32
}

fn amount(progress: &Progress) -> String {
    match progress.total_bytes {
        Some(total) => format!("{} of {}", ByteSize(progress.done_bytes), ByteSize(total)),
        None => ByteSize(progress.done_bytes).to_string(),
    }
}

/// There is nothing to count, only to wait for.
fn is_waiting(progress: &Progress) -> bool {
    progress.total_bytes.is_none() && progress.done_bytes == 0
}

const BAR_LONGEST: usize = 40;
const BAR_SHORTEST: usize = 8;
/// The time that is left is the phase's; this says so where there is room.
const THEN_VERIFY: &str = ", then to verify";

/// One line of at most `width` columns. What does not fit is left out: the bar first, then the amount, the speed, the
/// time. Everything keeps its column while the numbers grow. Where there is room, `then` follows the time.
pub fn bar_line(progress: &Progress, then: &str, width: usize) -> String {
    let name = name(progress.phase);
    if is_waiting(progress) {
        return format!("{name} …").chars().take(width).collect();
    }
    let percent = progress.fraction.map(|fraction| format!("  {:>3} %", percent(fraction)));
    let amount = match progress.total_bytes {
        Some(total) => format!(
            "  {:>9} of {:>8}",
            ByteSize(progress.done_bytes).to_string(),
            ByteSize(total).to_string()
        ),
        None => format!("  {:>9}", ByteSize(progress.done_bytes).to_string()),
    };
    // Before the first bytes are through there is no speed worth a word.
    let moving = progress.bytes_per_sec > 0.0;
    let speed = format!("  {:>10}", if moving { rate(progress.bytes_per_sec) } else { String::new() });
    let left = progress.eta_secs.filter(|_| moving).map(|secs| format!("{} left", duration(secs)));
    let left = format!("  {:>10}", left.unwrap_or_default());

    let mut line = format!("{name:<9}");
    let mut room = width.saturating_sub(line.len());
    let mut take = |part: &str| {
        let fits = part.len() <= room;
        room -= if fits { part.len() } else { 0 };
        fits
    };
    let percent = percent.filter(|percent| take(percent));
    let [left, speed, amount] = [left, speed, amount].map(|part| take(&part).then_some(part));
    if let Some(fraction) = progress.fraction
        && room >= BAR_SHORTEST + 4
    {
        let cells = (room - 4).min(BAR_LONGEST);
        let full = (f64::from(fraction.clamp(0.0, 1.0)) * cells as f64) as usize;
        line += &format!("  [{}{}]", "=".repeat(full), " ".repeat(cells - full));
    }
    let has_time = left.as_ref().is_some_and(|left| !left.trim().is_empty());
    [percent, amount, speed, left].into_iter().flatten().for_each(|part| line += &part);
    if has_time && line.chars().count() + then.len() <= width {
        line += then;
    }
    line.trim_end().chars().take(width).collect()
}

fn width() -> usize {
    size().0
}

/// Columns and lines. One column is kept free: a character in the last one makes some terminals begin a new line.
pub fn size() -> (usize, usize) {
    terminal_size::terminal_size_of(io::stderr())
        .map_or((79, 24), |(width, height)| (usize::from(width.0).saturating_sub(1), height.0.into()))
}

pub fn print(text: &str) {
    let mut screen = io::stderr();
    // A job does not end because nobody watches.
    let _ = screen.write_all(text.as_bytes()).and_then(|()| screen.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(fraction: f32) -> Progress {
        Progress {
            phase: Phase::Writing,
            done_bytes: (f64::from(fraction) * 2e9) as u64,
            total_bytes: Some(2_000_000_000),
            fraction: Some(fraction),
            bytes_per_sec: 20e6,
            average_bytes_per_sec: 25e6,
            elapsed_secs: 50.0,
            eta_secs: Some(65.0),
        }
    }

    #[test]
    fn the_bar_fits_whatever_the_width() {
        assert_eq!(
            bar_line(&at(0.5), "", 79),
            "Writing    [======      ]   50 %     1.0 GB of   2.0 GB   20.0 MB/s   1:05 left"
        );
        assert_eq!(bar_line(&at(0.5), "", 40), "Writing     50 %   20.0 MB/s   1:05 left");
        for width in 0..200 {
            let line = bar_line(&at(0.999), THEN_VERIFY, width);
            assert!(line.chars().count() <= width, "{width}: {line}");
            assert!(width < 20 || line.contains("99 %"), "{width}: {line}");
        }
    }

    #[test]
    fn the_time_left_is_not_the_whole_job_s() {
        let wide = bar_line(&at(0.5), THEN_VERIFY, 130);
        assert!(wide.ends_with("1:05 left, then to verify"), "{wide}");
        let flushing = Progress {
            phase: Phase::Syncing,
            done_bytes: 0,
            total_bytes: None,
            fraction: None,
            bytes_per_sec: 0.0,
            eta_secs: None,
            ..at(0.5)
        };
        assert_eq!(bar_line(&flushing, THEN_VERIFY, 120), "Flushing …");
    }

    #[test]
    fn an_unknown_size_needs_no_bar() {
        let progress = Progress { total_bytes: None, fraction: None, eta_secs: None, ..at(0.5) };
        assert_eq!(bar_line(&progress, "", 79), "Writing       1.0 GB   20.0 MB/s");
    }

    #[test]
    fn plain_lines_come_at_each_tenth_once() {
        let mut steps = Steps::default();
        assert_eq!(steps.begin(Phase::Writing).as_deref(), Some("Writing"));
        assert_eq!(steps.begin(Phase::Writing), None);
        let lines: Vec<String> = (0..=1000).filter_map(|i| steps.advance(&at(i as f32 / 1000.0))).collect();
        assert_eq!(lines.len(), 10);
        assert_eq!(lines[9], "Writing 100 %, 2.0 GB of 2.0 GB, 25.0 MB/s");
    }

    #[test]
    fn durations_read_like_a_clock() {
        for (secs, text) in
            [(0.2, "0 s"), (59.4, "59 s"), (65.0, "1:05"), (3723.0, "1:02:03"), (f64::NAN, "0 s")]
        {
            assert_eq!(duration(secs), text);
        }
    }
}
