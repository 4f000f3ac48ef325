//! What is kept of jobs that ran together, as one document that names each by its drive.

use std::path::Path;

use serde::Serialize;

use super::{Report, html, text};
use crate::device::Identity;
use crate::job::Ending;

/// What one job left behind.
#[derive(Clone, Debug)]
pub struct Record {
    pub drive: Identity,
    /// The report, or the last word of a job that had nothing to report.
    pub left: Result<Box<Report>, String>,
}

impl Record {
    pub fn of(drive: &Identity, ending: &Ending) -> Self {
        let left = match ending {
            Ending::Done { report }
            | Ending::Different { report }
            | Ending::Failed { report: Some(report), .. }
            | Ending::Cancelled { report: Some(report), .. } => Ok(Box::new(report.clone())),
            Ending::Failed { message, .. } | Ending::Cancelled { message, .. } => Err(message.clone()),
            Ending::Refused { refusal } => Err(format!("{refusal} Nothing was touched.")),
        };
        Self { drive: drive.clone(), left }
    }

    /// `SanDisk Ultra, serial 4C53, /dev/sdb`
    pub fn title(&self) -> String {
        text::name(&self.drive)
    }

    fn conclusion(&self) -> &str {
        self.left.as_ref().map_or_else(String::as_str, |report| &report.conclusion)
    }

    fn kept(&self) -> Kept<'_> {
        match &self.left {
            Ok(report) => Kept::Report(report),
            Err(conclusion) => Kept::LastWord { drive: &self.drive, conclusion },
        }
    }

    /// Name and value.
    fn rows(&self) -> Vec<(String, String)> {
        match &self.left {
            Ok(report) => text::rows(report),
            Err(_) => vec![("Drive".to_owned(), text::describe_drive(&self.drive))],
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Kept<'a> {
    Report(&'a Report),
    LastWord { drive: &'a Identity, conclusion: &'a str },
}

/// One document of several records. One record is its report, as it is.
pub struct Records<'a>(pub &'a [Record]);

impl Records<'_> {
    /// In the form that the file's ending asks for.
    pub fn for_file(&self, file: &Path) -> String {
        let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("json") => self.to_json(),
            Some("html" | "htm") => self.to_html(),
            _ => self.to_text(),
        }
    }

    /// An object of one report, an array of several.
    pub fn to_json(&self) -> String {
        // A value of plain strings and numbers always has a JSON form.
        match self.0 {
            [one] => serde_json::to_string_pretty(&one.kept()),
            all => serde_json::to_string_pretty(&all.iter().map(Record::kept).collect::<Vec<_>>()),
        }
        .unwrap_or_default()
    }

    pub fn to_text(&self) -> String {
        let section = |record: &Record| text::lines(record.conclusion(), &record.rows());
        match self.0 {
            [one] => section(one),
            all => {
                let headed = |record: &Record| format!("== {}\n\n{}", record.title(), section(record));
                all.iter().map(headed).collect::<Vec<_>>().join("\n")
            }
        }
    }

    pub fn to_html(&self) -> String {
        let section = |record: &Record| html::section(record.conclusion(), &record.rows());
        let body = match self.0 {
            [one] => section(one),
            all => all.iter().map(|record| html::heading(&record.title()) + &section(record)).collect(),
        };
        html::page(&body)
    }
}
