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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{HashOf, HashRequest, Request};
    use crate::plan::Refusal;

    fn drive(serial: Option<&str>, port: &str) -> Identity {
        Identity {
            path: "/dev/sdb".into(),
            vendor: None,
            model: Some("<Stick>".to_owned()),
            serial: serial.map(str::to_owned),
            wwn: None,
            size_bytes: 8_000_000_000,
            sector_bytes: 512,
            port: Some(port.to_owned()),
            device_number: (8, 16),
            sequence: None,
        }
    }

    fn report() -> Report {
        let request =
            Request::Hash(HashRequest { of: HashOf::File("/a.iso".into()), algorithms: Vec::new() });
        Report { conclusion: "Proved.".to_owned(), ..Report::begun(&request, 1_700_000_000) }
    }

    fn records() -> [Record; 3] {
        let ended = [
            (drive(Some("4C53"), "1-1"), Ending::Done { report: report() }),
            (drive(None, "1-2"), Ending::Failed { message: "It broke.".to_owned(), report: None }),
            (drive(Some("4C54"), "1-3"), Ending::Refused { refusal: Refusal::EmptyImage }),
        ];
        ended.map(|(drive, ending)| Record::of(&drive, &ending))
    }

    #[test]
    fn each_is_named_also_one_without_a_report() {
        let text = Records(&records()).to_text();
        for part in
            ["== <Stick>, serial 4C53\n", "== <Stick>, port 1-2\n", "== <Stick>, serial 4C54\n", "Proved."]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(text.contains("It broke.") && text.contains("Nothing was touched."));
        let html = Records(&records()).to_html();
        assert!(html.contains("<h2>&lt;Stick&gt;, serial 4C53</h2>") && !html.contains("<Stick>"), "{html}");
        let json: serde_json::Value = serde_json::from_str(&Records(&records()).to_json()).unwrap();
        assert_eq!(json[0]["conclusion"], "Proved.");
        assert_eq!(json[1]["drive"]["port"], "1-2");
        assert_eq!(
            json[2]["conclusion"].as_str().map(|words| words.contains("Nothing was touched")),
            Some(true)
        );
    }

    #[test]
    fn one_record_is_its_report_as_it_is() {
        let [one, ..] = records();
        let one = [one];
        assert_eq!(Records(&one).to_json(), report().to_json());
        assert_eq!(Records(&one).to_text(), report().to_text());
        assert_eq!(Records(&one).to_html(), report().to_html());
    }
}
