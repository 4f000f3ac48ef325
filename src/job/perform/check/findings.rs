//! What a check found, and what it comes to.

use std::collections::HashSet;

use super::super::super::{Finding, FindingKind, Report};
use super::super::Verdict;
use super::difference::TreeDifference;
use super::volume::Volume;

/// Findings that are listed; a stick with more is another stick.
const MOST_LISTED: usize = 500;
/// Findings that the last word names.
const MOST_SPOKEN: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    /// Files of which something was said.
    told: HashSet<String>,
}

impl Findings {
    /// Of a file, the first finding counts.
    pub fn add(&mut self, kind: FindingKind, path: Option<&str>, detail: String) {
        if path.is_some_and(|path| !self.told.insert(path.to_lowercase())) || self.list.len() >= MOST_LISTED {
            return;
        }
        self.list.push(Finding { kind, path: path.map(str::to_owned), detail });
    }

    pub fn add_tree(&mut self, difference: &TreeDifference) {
        for path in &difference.missing {
            self.add(FindingKind::Missing, Some(path), format!("{path} is not there any more."));
        }
        for path in &difference.added {
            self.add(
                FindingKind::Added,
                Some(path),
                format!("{path} was not there when the stick was made."),
            );
        }
        for path in &difference.traces {
            self.add(
                FindingKind::Tolerated,
                Some(path),
                format!("{path} was left by a system that used the stick."),
            );
        }
    }

    pub fn add_table_copies(&mut self, volume: &Volume) {
        if let Some(at) = volume.table_copies_differ_at {
            let detail = format!(
                "The two copies of the file system’s allocation table differ (byte {at}): it was not unmounted properly, or \
                 is damaged."
            );
            self.add(FindingKind::Changed, None, detail);
        }
    }

    pub fn add_boot(&mut self, differences: Vec<String>) {
        for detail in differences {
            self.add(FindingKind::Changed, None, detail);
        }
    }

    /// Is one of them about what lies outside of all files, and a fault?
    pub fn are_structural(&self) -> bool {
        self.list.iter().any(|finding| finding.path.is_none() && finding.kind != FindingKind::Tolerated)
    }

    /// The last word; `proved` says what was compared. The list goes into the report.
    pub fn conclude(self, proved: &str, report: &mut Report) -> Verdict {
        let of = |kind| self.list.iter().filter(move |finding| finding.kind == kind);
        let (changed, missing, added) =
            (of(FindingKind::Changed), of(FindingKind::Missing), of(FindingKind::Added));
        let faults: Vec<&Finding> = changed.chain(missing).chain(added).collect();
        let tolerated = of(FindingKind::Tolerated).count();
        let verdict = if faults.is_empty() {
            let marks = if tolerated > 0 { " It has been used since; that did it no harm." } else { "" };
            Verdict::Good(format!("This stick is what it should be. {proved}{marks}"))
        } else {
            let spoken: Vec<&str> =
                faults.iter().take(MOST_SPOKEN).map(|finding| finding.detail.as_str()).collect();
            let more = match faults.len().saturating_sub(MOST_SPOKEN) {
                0 => String::new(),
                1 => " One more difference is listed.".to_owned(),
                n => format!(" {n} more differences are listed."),
            };
            let head = if faults.iter().all(|finding| finding.kind == FindingKind::Added) {
                "All that was put onto this stick is there and right, but it holds more."
            } else {
                "This stick is not what it was made to be."
            };
            Verdict::Different(format!("{head} {}{more} {proved}", spoken.join(" ")))
        };
        report.findings = self.list;
        verdict
    }
}
