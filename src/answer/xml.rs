//! A small XML tree, and its text: as much as answer files need.

use super::profile::Secrets;
use super::secret::{MASK, Secret};

pub(super) const UNATTEND: &str = "urn:schemas-microsoft-com:unattend";
pub(super) const WCM: &str = "http://schemas.microsoft.com/WMIConfig/2002/State";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub name: &'static str,
    /// `wcm:action` of an item of a list: `add` or `modify`.
    action: Option<&'static str>,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Children(Vec<Element>),
    Text(String),
    Secret(Secret),
}

impl Element {
    pub fn text(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, action: None, content: Content::Text(text.into()) }
    }

    pub fn secret(name: &'static str, secret: Secret) -> Self {
        Self { name, action: None, content: Content::Secret(secret) }
    }

    pub fn parent(name: &'static str, children: Vec<Element>) -> Self {
        Self { name, action: None, content: Content::Children(children) }
    }

    /// A new item of a list.
    pub fn item(name: &'static str, children: Vec<Element>) -> Self {
        Self { action: Some("add"), ..Self::parent(name, children) }
    }

    /// An item of a list that changes what is there.
    pub fn change(name: &'static str, children: Vec<Element>) -> Self {
        Self { action: Some("modify"), ..Self::parent(name, children) }
    }

    /// Of no effect: a parent without children.
    pub fn is_empty(&self) -> bool {
        matches!(&self.content, Content::Children(children) if children.is_empty())
    }

    pub(super) fn write(&self, depth: usize, secrets: Secrets, out: &mut String) {
        let indent = "  ".repeat(depth);
        let name = self.name;
        out.push_str(&format!("{indent}<{name}"));
        if let Some(action) = self.action {
            out.push_str(&format!(" wcm:action=\"{action}\""));
        }
        let text = match &self.content {
            Content::Children(children) if children.is_empty() => return out.push_str(" />\n"),
            Content::Children(children) => {
                out.push_str(">\n");
                children.iter().for_each(|child| child.write(depth + 1, secrets, out));
                return out.push_str(&format!("{indent}</{name}>\n"));
            }
            Content::Text(text) => text,
            Content::Secret(secret) if secrets == Secrets::Shown => secret.reveal(),
            Content::Secret(_) => MASK,
        };
        out.push_str(&format!(">{}</{name}>\n", escape(text)));
    }
}

/// For text and for attributes in double quotes. Characters that XML cannot have do not get here: `limits` refuses them.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_secrets_are_masked() {
        let tree = Element::item(
            "A",
            vec![
                Element::text("B", "<&>\"' ]]>"),
                Element::secret("C", Secret::new("x&y")),
                Element::parent("D", vec![]),
            ],
        );
        let mut shown = String::new();
        tree.write(1, Secrets::Shown, &mut shown);
        assert_eq!(
            shown,
            "  <A wcm:action=\"add\">\n    <B>&lt;&amp;&gt;&quot;' ]]&gt;</B>\n    <C>x&amp;y</C>\n    <D />\n  </A>\n"
        );
        let mut masked = String::new();
        tree.write(0, Secrets::Masked, &mut masked);
        assert!(masked.contains("<C>********</C>") && !masked.contains("x&amp;y"));
    }
}
