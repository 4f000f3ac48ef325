//! Is a file an answer file, and does it say what its author thinks? For the user's own files and for ours.
//!
//! Errors are what Setup cannot read at all. Everything else is a warning, and blocks nothing: Setup knows settings that
//! are not in our vocabulary.

mod settings;
mod shape;
mod text;
mod vocabulary;

use roxmltree::{Document, Node, ParsingOptions};

use super::secret::MASK;
use super::version::{Architecture, Version};
use super::xml::UNATTEND;

pub use text::{MAX_XML_BYTES, TextError};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Setup reads it otherwise than it looks, or not at all.
    Warning,
    /// No answer file.
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// From 1 on; `None`: the file as a whole.
    pub line: Option<u32>,
    /// A sentence. No secret is in it.
    pub message: String,
}

/// What is known of the media that the file is for; what is not known is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    pub version: Option<Version>,
    pub architectures: Vec<Architecture>,
}

const MAX_FINDINGS: usize = 200;
/// Real ones have some thousand.
const MAX_NODES: u32 = 200_000;

/// Everything that is to be said about a file, in the order of its lines.
pub fn check_xml(bytes: &[u8], media: &Media) -> Vec<Finding> {
    let mut findings = Findings::default();
    match text::decode(bytes) {
        Err(error) => {
            findings.whole(Severity::Error, format!("The file {error}."));
            findings.finish("")
        }
        Ok(text) => {
            match parse(&text) {
                Err(message) => findings.whole(Severity::Error, message),
                Ok(document) => check_document(&document, media, &mut findings),
            }
            findings.finish(&text)
        }
    }
}

/// The text of a file in whatever encoding Windows takes.
pub(super) fn decode(bytes: &[u8]) -> Result<String, TextError> {
    text::decode(bytes)
}

/// Entities and the like are refused with their declaration, so that a small text stays a small document.
pub(super) fn parse(text: &str) -> Result<Document<'_>, String> {
    shape::check(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| format!("The file {}.", clause(&error)))
}

/// Names are left out: in a password that is not escaped, what follows `<` or `&` would be taken for one.
fn clause(error: &roxmltree::Error) -> String {
    use roxmltree::Error;
    let what = match error {
        Error::DtdDetected => return "has a document type declaration, which Setup does not take".to_owned(),
        Error::UnexpectedCloseTag(_, _, at) => {
            format!("a tag is closed at {at} that is not the open one (a “<” in a text is written “&lt;”)")
        }
        Error::UnknownEntityReference(_, at) => {
            format!("an unknown entity stands at {at} (a “&” in a text is written “&amp;”)")
        }
        Error::UnknownNamespace(_, at) => format!("an unknown namespace prefix stands at {at}"),
        Error::DuplicatedNamespace(_, at) => format!("the namespace at {at} is defined already"),
        Error::DuplicatedAttribute(_, at) => format!("the attribute at {at} is there already"),
        error => error.to_string(),
    };
    format!("is no well-formed XML: {what}")
}

/// Each with the place in the text that it is about.
#[derive(Default)]
struct Findings(Vec<(Option<usize>, Severity, String)>);

impl Findings {
    fn error(&mut self, node: Node<'_, '_>, message: impl Into<String>) {
        self.0.push((Some(node.range().start), Severity::Error, message.into()));
    }

    fn warning(&mut self, node: Node<'_, '_>, message: impl Into<String>) {
        self.0.push((Some(node.range().start), Severity::Warning, message.into()));
    }

    /// About the file as a whole.
    fn whole(&mut self, severity: Severity, message: impl Into<String>) {
        self.0.push((None, severity, message.into()));
    }

    fn finish(self, text: &str) -> Vec<Finding> {
        let mut places = self.0;
        places.sort_by_key(|(at, _, _)| *at);
        let (mut line, mut counted) = (1, 0);
        let mut findings: Vec<Finding> = Vec::new();
        for (at, severity, message) in places {
            if let Some(at) = at {
                line += text.as_bytes()[counted..at].iter().filter(|b| **b == b'\n').count() as u32;
                counted = at;
            }
            // Errors are few, and the reason for looking.
            if severity == Severity::Error || findings.len() < MAX_FINDINGS {
                findings.push(Finding { severity, line: at.map(|_| line), message });
            } else if findings.len() == MAX_FINDINGS {
                let message = format!("There is more to say; the first {MAX_FINDINGS} are shown.");
                findings.push(Finding { severity, line: None, message });
            }
        }
        findings
    }
}

fn check_document(document: &Document<'_>, media: &Media, findings: &mut Findings) {
    let root = document.root_element();
    if root.tag_name().name() != "unattend" || root.tag_name().namespace() != Some(UNATTEND) {
        let message = format!("The root is not the element unattend of the namespace {UNATTEND}.");
        return findings.error(root, message);
    }
    if document.descendants().any(|node| node.is_text() && node.text() == Some(MASK)) {
        let message = "Secrets are masked in this file: it was printed for reading, and is not for Setup.";
        findings.whole(Severity::Error, message);
    }
    let elements = |node: Node<'_, '_>| node.is_element() && node.tag_name().namespace() == Some(UNATTEND);
    let mut passes: Vec<&str> = Vec::new();
    for node in root.children().filter(|node| elements(*node)) {
        match node.tag_name().name() {
            "servicing" => {
                if !passes.is_empty() {
                    findings.warning(node, "servicing has to stand before the first settings.".to_owned());
                }
                continue;
            }
            "settings" => {}
            other => {
                let message = format!("unattend has no element {other}; it has servicing and settings.");
                findings.error(node, message);
                continue;
            }
        }
        let Some(pass) = node.attribute("pass") else {
            findings.error(node, "These settings do not say their pass.".to_owned());
            continue;
        };
        if !vocabulary::PASSES.contains(&pass) {
            let message = format!("There is no pass {pass:?}; there are {}.", vocabulary::PASSES.join(", "));
            findings.error(node, message);
            continue;
        }
        if passes.contains(&pass) {
            findings.warning(node, format!("The pass {pass} has settings already; Setup wants it once."));
        }
        passes.push(pass);
        check_pass(node, pass, media, findings);
    }
    check_architectures(root, media, findings);
    if !passes.contains(&"windowsPE") {
        let message = "There is no pass windowsPE: a file on a stick may then not be carried on to the installed \
                       Windows. An empty one will do.";
        findings.whole(Severity::Warning, message);
    }
}

/// Setup passes over components of another architecture, so that such a file may do nothing at all.
fn check_architectures(root: Node<'_, '_>, media: &Media, findings: &mut Findings) {
    let components = || root.descendants().filter(|node| node.has_tag_name((UNATTEND, "component")));
    let is_of_media = |node: Node<'_, '_>| {
        let named = node.attribute("processorArchitecture").unwrap_or_default();
        media.architectures.iter().any(|it| it.name().eq_ignore_ascii_case(named))
    };
    if !media.architectures.is_empty() && components().next().is_some() && !components().any(is_of_media) {
        let names: Vec<_> = media.architectures.iter().map(|it| it.name()).collect();
        let message = format!(
            "None of its components is for {}, which the media are for: Setup would pass over all of the file.",
            names.join(" or ")
        );
        findings.whole(Severity::Error, message);
    }
}

fn check_pass(settings: Node<'_, '_>, pass: &str, media: &Media, findings: &mut Findings) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for component in settings.children().filter(|node| node.is_element()) {
        if component.tag_name().name() != "component" || component.tag_name().namespace() != Some(UNATTEND) {
            let name = component.tag_name().name();
            findings.error(component, format!("settings has no element {name}, only component."));
            continue;
        }
        let (Some(name), Some(architecture)) =
            (component.attribute("name"), component.attribute("processorArchitecture"))
        else {
            let message = "A component needs the attributes name and processorArchitecture.";
            findings.error(component, message.to_owned());
            continue;
        };
        if seen.contains(&(name, architecture)) {
            findings
                .warning(component, format!("{name} for {architecture} stands twice in the pass {pass}."));
        }
        seen.push((name, architecture));
        check_identity(component, architecture, media, findings);
        settings::check(component, name, pass, media.version, findings);
    }
    let names = seen.iter().enumerate().filter(|(at, it)| !seen[..*at].iter().any(|other| other.0 == it.0));
    for (_, (name, _)) in names {
        let is_there = |wanted: &&Architecture| {
            seen.iter().any(|(other, it)| other == name && it.eq_ignore_ascii_case(wanted.name()))
        };
        let missing: Vec<_> =
            media.architectures.iter().filter(|it| !is_there(it)).map(|it| it.name()).collect();
        if !missing.is_empty() {
            let message = format!(
                "{name} of the pass {pass} is not there for {}, which the media have: Setup for it finds nothing.",
                missing.join(" and ")
            );
            findings.warning(settings, message);
        }
    }
}

fn check_identity(component: Node<'_, '_>, architecture: &str, media: &Media, findings: &mut Findings) {
    if !vocabulary::ARCHITECTURES.iter().any(|known| known.eq_ignore_ascii_case(architecture)) {
        let message = format!("There is no architecture {architecture:?}; there are x86, amd64 and arm64.");
        findings.warning(component, message);
    } else if !media.architectures.is_empty()
        && !media.architectures.iter().any(|it| it.name().eq_ignore_ascii_case(architecture))
    {
        let message =
            format!("The media are not for {architecture}: Setup passes over this component silently.");
        findings.warning(component, message);
    }
    for (attribute, wanted) in
        [("publicKeyToken", "31bf3856ad364e35"), ("language", "neutral"), ("versionScope", "nonSxS")]
    {
        match component.attribute(attribute) {
            Some(value) if value.eq_ignore_ascii_case(wanted) => {}
            // The schema gives it a default.
            None if attribute == "versionScope" => {}
            Some(value) => {
                findings.warning(component, format!("{attribute} is {value:?}, and should be {wanted}."))
            }
            None => findings.warning(component, format!("{attribute} is missing; it should be {wanted}.")),
        }
    }
}

#[cfg(test)]
mod tests;
