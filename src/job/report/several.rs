//! The reports of jobs that were done together, in one file.

use super::{Report, html, text};

impl Report {
    /// For machines: a list.
    pub fn several_to_json(reports: &[Self]) -> String {
        // Values of plain strings and numbers always have a JSON form.
        serde_json::to_string_pretty(reports).unwrap_or_default()
    }

    /// For people: one behind the other, each below the name of its drive.
    pub fn several_to_text(reports: &[Self]) -> String {
        let section = |report: &Self| format!("== {} ==\n\n{}", report.title(), text::render(report));
        reports.iter().map(section).collect::<Vec<_>>().join("\n")
    }

    /// For people, as one self-contained page.
    pub fn several_to_html(reports: &[Self]) -> String {
        let titled: Vec<(String, &Self)> = reports.iter().map(|report| (report.title(), report)).collect();
        html::render_several(&titled)
    }

    /// `SanDisk Ultra, serial 4C53, /dev/sdb`
    pub fn title(&self) -> String {
        let Some(drive) = &self.drive else { return self.action.clone() };
        let serial = drive.serial.as_ref().map(|serial| format!("serial {serial}"));
        let words = [drive.title(), serial, Some(drive.path.display().to_string())];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use crate::device::Identity;
    use crate::job::{Request, WipeRequest};

    use super::*;

    #[test]
    fn each_report_is_there_below_the_serial_of_its_drive() {
        let report = |serial: &str| {
            let target = Identity {
                path: "/dev/sdx".into(),
                vendor: None,
                model: Some("<Stick>".into()),
                serial: Some(serial.into()),
                wwn: None,
                size_bytes: 8_000_000_000,
                sector_bytes: 512,
                port: None,
                device_number: (8, 0),
                sequence: None,
            };
            let request = Request::Wipe(WipeRequest { target, everywhere: false });
            Report::without_work(&request, format!("{serial} is done."))
        };
        let reports = [report("S1"), report("S2")];
        let text = Report::several_to_text(&reports);
        for part in ["== <Stick>, serial S1, /dev/sdx ==", "serial S2", "S1 is done.", "S2 is done."] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        let html = Report::several_to_html(&reports);
        assert_eq!((html.matches("<!DOCTYPE").count(), html.matches("<table>").count()), (1, 2));
        assert!(html.contains("&lt;Stick&gt;, serial S2") && !html.contains("<Stick>"));
        let json: serde_json::Value = serde_json::from_str(&Report::several_to_json(&reports)).unwrap();
        assert_eq!(json[1]["drive"]["serial"], "S2");
    }
}
