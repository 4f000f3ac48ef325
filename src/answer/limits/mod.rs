//! What an answer file cannot say: every limit, with the field that breaks it.
//!
//! All complaints are collected, so that a form can show each at its field. Lengths count UTF-16 units, as Windows does.

mod accounts;
mod disks;
mod region;
mod setup;
mod steps;

use std::fmt;

use super::options::AnswerOptions;
use super::version::{Architecture, Target, Version};

/// A list's `Order` goes from 1 to this.
pub(super) const MAX_ORDER: usize = 500;
/// Of most texts.
pub(super) const MAX_TEXT: usize = 256;
/// Of the full name and the organization.
pub(super) const MAX_NAME: usize = 63;
/// Of a path or command line in RunSynchronous.
pub(super) const MAX_PATH: usize = 259;
/// Of a command line in FirstLogonCommands.
pub(super) const MAX_COMMAND_LINE: usize = 1024;

/// A field that breaks a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// As in a profile: `accounts.users[1].name`.
    pub field: String,
    /// What the field has; `None` for secrets and for fields that are missing.
    pub value: Option<String>,
    /// A clause: `at most 15 characters are possible`.
    pub limit: String,
}

/// A sentence without its full stop.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} is {}: {}", self.field, quoted(value), self.limit),
            None => write!(f, "{}: {}", self.field, self.limit),
        }
    }
}

/// A long one is cut short, and its length named.
fn quoted(value: &str) -> String {
    const SHOWN: usize = 60;
    let count = value.chars().count();
    if count <= SHOWN {
        return format!("“{value}”");
    }
    let start: String = value.chars().take(SHOWN).collect();
    format!("“{start}…” ({count} characters)")
}

/// Everything that is wrong with these options for this Windows.
pub(super) fn check(options: &AnswerOptions, target: &Target) -> Vec<Violation> {
    let mut limits = Limits { version: target.version, violations: Vec::new() };
    architectures(&target.architectures, &mut limits);
    for (field, secret) in options.secrets() {
        limits.secret(&field, secret.reveal());
    }
    region::check(&options.region, &mut limits);
    setup::check(&options.setup, &mut limits);
    setup::check_name(&options.computer, &mut limits);
    disks::check(&options.disks, &mut limits);
    accounts::check(options, &mut limits);
    setup::check_pages(options, &mut limits);
    steps::check(&options.after_setup, &mut limits);
    limits.violations
}

fn architectures(architectures: &[Architecture], limits: &mut Limits) {
    if architectures.is_empty() {
        limits.missing("architectures", "at least one of x86, amd64 and arm64 is needed");
    }
    for (at, architecture) in architectures.iter().enumerate() {
        let name = architecture.name();
        if architectures[..at].contains(architecture) {
            limits.complain("architectures", name, "each is named once");
        }
        let is_made = match architecture {
            Architecture::X86 => limits.version <= Version::Ten,
            Architecture::Amd64 => true,
            Architecture::Arm64 => limits.version >= Version::Ten,
        };
        if !is_made {
            let limit = format!("{} was not made for it", limits.version);
            limits.complain("architectures", name, limit);
        }
    }
}

/// Collects complaints.
struct Limits {
    version: Version,
    violations: Vec<Violation>,
}

impl Limits {
    fn complain(&mut self, field: &str, value: impl ToString, limit: impl Into<String>) {
        let value = Some(value.to_string());
        self.violations.push(Violation { field: field.to_owned(), value, limit: limit.into() });
    }

    /// Of a secret, or of what is not there.
    fn missing(&mut self, field: &str, limit: impl Into<String>) {
        self.violations.push(Violation { field: field.to_owned(), value: None, limit: limit.into() });
    }

    /// A text of one line. `true` if it is one.
    fn text(&mut self, field: &str, text: &str, max_units: usize) -> bool {
        let units = text.encode_utf16().count();
        let limit = if text.is_empty() {
            "it must not be empty; leave the field out instead".to_owned()
        } else if text.chars().any(is_unprintable) {
            "control characters are not possible".to_owned()
        } else if text.trim() != text {
            "blanks at its ends are not possible".to_owned()
        } else if units > max_units {
            format!("at most {max_units} characters are possible, and it has {units}")
        } else {
            return true;
        };
        self.complain(field, text, limit);
        false
    }

    fn secret(&mut self, field: &str, secret: &str) {
        const MAX_PASSWORD: usize = 127;
        let units = secret.encode_utf16().count();
        if secret.is_empty() {
            self.missing(field, "it must not be empty; leave the field out instead");
        } else if secret.chars().any(is_unprintable) {
            self.missing(field, "control characters are not possible");
        } else if units > MAX_PASSWORD {
            self.missing(
                field,
                format!("at most {MAX_PASSWORD} characters are possible, and it has {units}"),
            );
        }
    }

    fn number(&mut self, field: &str, number: u32, range: std::ops::RangeInclusive<u32>) {
        if !range.contains(&number) {
            self.complain(field, number, format!("{} to {} are possible", range.start(), range.end()));
        }
    }

    /// The field is used; is it known to this Windows?
    fn since(&mut self, field: &str, value: impl ToString, since: Version) {
        if self.version < since {
            self.complain(field, value, format!("{} does not know it, {since} and later do", self.version));
        }
    }

    fn until(&mut self, field: &str, value: impl ToString, until: Version) {
        if self.version > until {
            self.complain(
                field,
                value,
                format!("{} does not know it, up to {until} it is known", self.version),
            );
        }
    }
}

/// XML cannot have it, or a line cannot.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests;
