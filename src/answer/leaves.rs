//! The values of a component, each by its path; what has been understood is taken out, and the rest is left over.

use roxmltree::{Document, Node};

use super::profile::Secrets;
use super::xml::{Element, UNATTEND, WCM};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaves {
    pub pass: String,
    pub name: String,
    pub architecture: String,
    /// `UserData/FullName`; items of lists are counted: `LocalAccounts/LocalAccount[0]/Name`.
    pub values: Vec<(String, String)>,
}

/// Elements that are items of lists.
pub(super) const ITEMS: [&str; 9] = [
    "Disk",
    "CreatePartition",
    "ModifyPartition",
    "MetaData",
    "PathAndCredentials",
    "RunSynchronousCommand",
    "SynchronousCommand",
    "LocalAccount",
    "DomainAccount",
];

impl Leaves {
    /// Of every component. The error is a sentence.
    pub fn of_document(document: &Document<'_>) -> Result<Vec<Self>, String> {
        let root = document.root_element();
        if !root.has_tag_name((UNATTEND, "unattend")) {
            return Err("The file is no answer file: its root is another element.".to_owned());
        }
        let settings = root.children().filter(|node| node.has_tag_name((UNATTEND, "settings")));
        let components = settings.flat_map(|settings| {
            let pass = settings.attribute("pass").unwrap_or_default();
            let components = settings.children().filter(|node| node.has_tag_name((UNATTEND, "component")));
            components.map(move |component| Self::of_component(component, pass))
        });
        Ok(components.collect())
    }

    fn of_component(component: Node<'_, '_>, pass: &str) -> Self {
        let attribute = |name: &str| component.attribute(name).unwrap_or_default().to_owned();
        let mut values = Vec::new();
        flatten(component, "", &mut values);
        Self {
            pass: pass.to_owned(),
            name: attribute("name"),
            architecture: attribute("processorArchitecture"),
            values,
        }
    }

    /// The values that an element of ours has.
    pub fn of_element(element: &Element) -> Vec<(String, String)> {
        let mut text = format!("<component xmlns=\"{UNATTEND}\" xmlns:wcm=\"{WCM}\">");
        if !element.is_empty() {
            element.write(0, Secrets::Shown, &mut text);
        }
        text.push_str("</component>");
        let mut values = Vec::new();
        if let Ok(document) = Document::parse(&text) {
            flatten(document.root_element(), "", &mut values);
        }
        values
    }

    pub fn get(&self, path: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == path).map(|(_, value)| value.as_str())
    }

    pub fn take(&mut self, path: &str) -> Option<String> {
        let at = self.values.iter().position(|(known, _)| known == path)?;
        Some(self.values.remove(at).1)
    }

    /// Takes the value if it can be made use of.
    pub fn take_if(&mut self, path: &str, fits: impl FnOnce(&str) -> bool) -> Option<String> {
        if fits(self.get(path)?) { self.take(path) } else { None }
    }

    pub fn below(&self, path: &str) -> Vec<(String, String)> {
        self.values.iter().filter(|(known, _)| is_below(known, path)).cloned().collect()
    }

    pub fn has_below(&self, path: &str) -> bool {
        self.values.iter().any(|(known, _)| is_below(known, path))
    }

    pub fn take_below(&mut self, path: &str) {
        self.values.retain(|(known, _)| !is_below(known, path));
    }

    /// Takes the item of RunSynchronous that has this line.
    pub fn take_command(&mut self, line: &str) -> bool {
        let is_it = |(path, value): &&(String, String)| {
            path.starts_with("RunSynchronous/") && path.ends_with("/Path") && value == line
        };
        let item = self.values.iter().find(is_it).and_then(|(path, _)| path.strip_suffix("/Path"));
        let item = item.map(str::to_owned);
        if let Some(item) = &item {
            self.take_below(item);
        }
        item.is_some()
    }
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}

/// Documents that get here are not deep: `check::parse` sees to it.
fn flatten(node: Node<'_, '_>, path: &str, values: &mut Vec<(String, String)>) {
    let mut counts = [0; ITEMS.len()];
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let slash = if path.is_empty() { "" } else { "/" };
        let mut own = format!("{path}{slash}{name}");
        if let Some(item) = ITEMS.iter().position(|item| *item == name) {
            own += &format!("[{}]", counts[item]);
            counts[item] += 1;
        }
        if child.children().any(|node| node.is_element()) {
            flatten(child, &own, values);
        } else {
            let text = child.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
            values.push((own, text));
        }
    }
}
