//! `--report`: the file that a job leaves its record in.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::device::Identity;
use crate::job::{Ending, Record, Records};

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

/// What one job left behind.
pub fn write_report(console: &Console, drive: &Identity, ending: &Ending, file: &Path) -> anyhow::Result<()> {
    let record = Record::of(drive, ending);
    if record.left.is_err() {
        console.notice("There is nothing to report: the job did not begin.");
        return Ok(());
    }
    write_records(&[record], file)
}

/// What several jobs left behind, in one file.
pub fn write_records(records: &[Record], file: &Path) -> anyhow::Result<()> {
    fs::write(file, Records(records).for_file(file)).with_context(|| {
        format!(
            "the report could not be written to {}; what was said above of the drive stands",
            file.display()
        )
    })
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
