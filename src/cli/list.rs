//! `list`: the drives, and why some may not be chosen.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::base::{Age, ByteSize};
use crate::device::{self, Drive, Standing, standing};

use super::console::{Console, printable};
use super::outcome::Exit;
use super::target;
use super::{arrival, demo};

pub fn run(console: &Console, all: bool, wait: bool) -> anyhow::Result<Exit> {
    if wait {
        let (drives, came) = arrival::wait(console, all)?;
        let ids = device::distinct_ids(&drives);
        let lines: Vec<_> = drives
            .iter()
            .zip(ids)
            .filter(|(drive, _)| came.contains(&drive.identity))
            .map(|(drive, id)| DriveLine::new(id, drive))
            .collect();
        show(console, &lines);
        return Ok(Exit::Done);
    }
    let mut drives = device::list()?;
    if all {
        drives.extend(demo::practice_stick());
    }
    // Over all drives: an id tells its drive from the hidden ones as well.
    let ids = device::distinct_ids(&drives);
    let lines = drives.iter().zip(ids).map(|(drive, id)| DriveLine::new(id, drive));
    let (shown, hidden): (Vec<_>, Vec<_>) =
        lines.partition(|line| all || line.standing == Standing::Selectable);
    show(console, &shown);
    if console.json() {
        return Ok(Exit::Done);
    }
    if shown.is_empty() {
        console.notice("There is no drive to write to. Plug in a stick, or try `sticksmith demo`.");
    }
    match hidden.len() {
        0 => {}
        1 => console.notice("One drive is not shown; `sticksmith list --all` shows it and says why."),
        n => console.notice(format_args!(
            "{n} drives are not shown; `sticksmith list --all` shows them and says why."
        )),
    }
    Ok(Exit::Done)
}

fn show(console: &Console, drives: &[DriveLine<'_>]) {
    if console.json() {
        drives.iter().for_each(|line| console.object(line));
    } else {
        table(drives, console.result_width()).iter().for_each(|line| console.result(line));
    }
}

/// A drive, as one JSON object or as a row and what stands below it.
#[derive(Serialize)]
pub struct DriveLine<'a> {
    id: String,
    title: String,
    #[serde(flatten)]
    drive: &'a Drive,
    #[serde(flatten)]
    standing: Standing,
}

impl<'a> DriveLine<'a> {
    pub fn new(id: String, drive: &'a Drive) -> Self {
        Self { id, title: drive.title(), drive, standing: standing::judge(drive, &[]) }
    }
}

const COLUMNS: usize = 8;
const HEADINGS: [&str; COLUMNS] = ["ID", "PATH", "DRIVE", "SIZE", "BUS", "PORT", "APPEARED", "SERIAL"];
/// The columns that give way in a narrow terminal, the first one first: what has another spelling in the row.
const SHRINKING: [usize; 3] = [7, 2, 0];
const SHORTEST: usize = 8;
const GAP: usize = 2;

fn table(drives: &[DriveLine<'_>], width: Option<usize>) -> Vec<String> {
    if drives.is_empty() {
        return Vec::new();
    }
    let rows: Vec<[String; COLUMNS]> = drives.iter().map(cells).collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    if let Some(width) = width {
        fit(&mut widths, width);
    }
    let mut lines = vec![line(&HEADINGS.map(str::to_owned), &widths)];
    for (drive, row) in drives.iter().zip(&rows) {
        lines.push(line(row, &widths));
        lines.extend(target::describe_contents(drive.drive).into_iter().map(|text| format!("    {text}")));
        match &drive.standing {
            Standing::Selectable => {}
            Standing::Hidden(reason) => lines.push(format!("    only with --all: {reason}")),
            Standing::Forbidden(reason) => lines.push(format!("    cannot be chosen: {reason}")),
        }
    }
    lines
}

fn cells(line: &DriveLine<'_>) -> [String; COLUMNS] {
    let identity = &line.drive.identity;
    let or_dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    [
        line.id.clone(),
        identity.path.display().to_string(),
        line.title.clone(),
        ByteSize(identity.size_bytes).to_string(),
        line.drive.bus.to_string(),
        or_dash(&identity.port),
        line.drive
            .appeared_unix_secs
            .map_or("-".to_owned(), |then| Age::between(then, now_unix_secs()).to_string()),
        or_dash(&identity.serial),
    ]
    .map(|cell| printable(&cell))
}

fn now_unix_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

/// Takes from the columns that may shrink what the rows are too long.
fn fit(widths: &mut [usize; COLUMNS], available: usize) {
    let needed = widths.iter().sum::<usize>() + GAP * (COLUMNS - 1);
    let mut excess = needed.saturating_sub(available);
    for column in SHRINKING {
        let give = excess.min(widths[column].saturating_sub(SHORTEST));
        widths[column] -= give;
        excess -= give;
    }
}

fn line(cells: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> String {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{:<width$}", shorten(cell, *width))).collect();
    padded.join(&" ".repeat(GAP)).trim_end().to_owned()
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_shortens_what_is_told_twice() {
        let mut widths = [30, 8, 20, 6, 3, 5, 9, 24];
        fit(&mut widths, 91);
        assert_eq!(widths, [30, 8, 8, 6, 3, 5, 9, 8]);
        fit(&mut widths, 81);
        assert_eq!(widths, [20, 8, 8, 6, 3, 5, 9, 8]);
        assert_eq!(shorten("SanDisk Ultra", 8), "SanDisk…");
        assert_eq!(shorten("SanDisk", 8), "SanDisk");
    }

    #[test]
    fn columns_line_up() {
        let widths = [4, 4, 4, 4, 4, 4, 4, 4];
        let cells = ["a", "bb", "ccc", "dddd", "e", "f", "g", "h"].map(str::to_owned);
        assert_eq!(line(&cells, &widths), "a     bb    ccc   dddd  e     f     g     h");
    }
}
