//! `--report`: the file that a job leaves its record in.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::job::{Ending, Report, Request};

use super::console::Console;
use super::outcome::refuse;

/// Hours of work must not end with a report that has no place, and a report must not replace anything but a report.
pub fn require_report_file(file: &Path, image: Option<&Path>) -> anyhow::Result<()> {
    let image = image.map(Path::canonicalize);
    let same_as_image = matches!((file.canonicalize(), image), (Ok(a), Some(Ok(b))) if a == b);
    if same_as_image || (file.exists() && !file.is_file()) {
        return refuse(format!("The report cannot be written over {}.", file.display()));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            refuse(format!("There is no folder {} for the report.", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The record of one job.
pub fn write_report(console: &Console, ending: &Ending, file: &Path) -> anyhow::Result<()> {
    match report_of(ending) {
        Some(report) => save(std::slice::from_ref(report), file),
        None => {
            console.notice("There is nothing to report: the job did not begin.");
            Ok(())
        }
    }
}

/// The records of several jobs, in one file.
pub fn write_reports(jobs: &[(Request, Ending)], file: &Path) -> anyhow::Result<()> {
    let record = |(request, ending): &(Request, Ending)| match report_of(ending) {
        Some(report) => report.clone(),
        None => Report::without_work(request, super::outcome::message(ending)),
    };
    save(&jobs.iter().map(record).collect::<Vec<_>>(), file)
}

fn report_of(ending: &Ending) -> Option<&Report> {
    match ending {
        Ending::Done { report } | Ending::Different { report } => Some(report),
        Ending::Failed { report, .. } | Ending::Cancelled { report, .. } => report.as_ref(),
        Ending::Refused { .. } => None,
    }
}

fn save(reports: &[Report], file: &Path) -> anyhow::Result<()> {
    fs::write(file, render(reports, file)).with_context(|| {
        format!(
            "the report could not be written to {}; what was said above of the drive stands",
            file.display()
        )
    })
}

/// In the form that the file's ending asks for.
fn render(reports: &[Report], file: &Path) -> String {
    let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match (ending.as_deref(), reports) {
        (Some("json"), [report]) => report.to_json(),
        (Some("json"), reports) => Report::several_to_json(reports),
        (Some("html" | "htm"), [report]) => report.to_html(),
        (Some("html" | "htm"), reports) => Report::several_to_html(reports),
        (_, [report]) => report.to_text(),
        (_, reports) => Report::several_to_text(reports),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_replaces_neither_image_nor_device() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("a.img");
        fs::write(&image, b"image").unwrap();
        assert!(require_report_file(&image, Some(&image)).is_err());
        assert!(require_report_file(&folder.path().join("./a.img"), Some(&image)).is_err());
        assert!(require_report_file(Path::new("/dev/null"), Some(&image)).is_err());
        assert!(require_report_file(folder.path(), Some(&image)).is_err());
        assert!(require_report_file(&folder.path().join("none/r.txt"), Some(&image)).is_err());
        assert!(require_report_file(&folder.path().join("r.txt"), Some(&image)).is_ok());
        assert!(require_report_file(Path::new("r.json"), Some(&image)).is_ok());
    }
}
