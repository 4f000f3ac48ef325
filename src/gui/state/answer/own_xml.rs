//! An answer file of the user's own: what Setup will think of it, and whether the form could say the same.

use crate::answer::{self, AnswerOptions, Finding, Media, SecretBytes, Severity, Target, read_xml};

#[derive(Clone, Debug)]
pub struct OwnXml {
    pub name: String,
    bytes: SecretBytes,
    pub findings: Vec<Finding>,
    /// What the form would say, or the settings that have no place in it.
    pub as_profile: Result<Box<AnswerOptions>, Vec<String>>,
}

impl OwnXml {
    pub(super) fn new(name: String, bytes: SecretBytes, target: Option<&Target>) -> Self {
        let mut xml = Self { name, bytes, findings: Vec::new(), as_profile: Err(Vec::new()) };
        xml.check(target);
        xml
    }

    pub(super) fn check(&mut self, target: Option<&Target>) {
        let media = target.map_or_else(Media::default, |target| Media {
            version: Some(target.version),
            architectures: target.architectures.clone(),
        });
        self.findings = answer::check_xml(self.bytes.reveal(), &media);
        let version = target.map_or(answer::Version::Seven, |target| target.version);
        self.as_profile = match read_xml(self.bytes.reveal(), None, version) {
            Ok(reading) if reading.left_over.is_empty() => Ok(Box::new(reading.options)),
            Ok(reading) => Err(reading.left_over),
            Err(_) => Err(Vec::new()),
        };
    }

    /// Warnings block nothing.
    pub fn is_usable(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }

    pub fn bytes(&self) -> &SecretBytes {
        &self.bytes
    }
}
