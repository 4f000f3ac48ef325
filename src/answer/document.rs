//! The answer file as a whole: passes, in them components, each once for every architecture, and the text of it.

use super::options::AnswerOptions;
use super::profile::Secrets;
use super::version::Target;
use super::xml::{Element, UNATTEND, WCM};
use super::{oobe_system, specialize, windows_pe};

/// A stage of Setup. The order is that of the document, and of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Setup itself: disks, edition, key.
    WindowsPe,
    /// The installed Windows, before anybody sees it.
    Specialize,
    /// The first start that a person sees.
    OobeSystem,
}

impl Pass {
    pub fn name(self) -> &'static str {
        match self {
            Self::WindowsPe => "windowsPE",
            Self::Specialize => "specialize",
            Self::OobeSystem => "oobeSystem",
        }
    }
}

/// Settings of one part of Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    pub name: &'static str,
    pub settings: Vec<Element>,
}

impl Component {
    /// Without those settings that say nothing.
    pub(super) fn new(name: &'static str, settings: Vec<Element>) -> Self {
        Self { name, settings: settings.into_iter().filter(|setting| !setting.is_empty()).collect() }
    }
}

/// A document that keeps every limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    target: Target,
    passes: Vec<(Pass, Vec<Component>)>,
}

impl Document {
    /// Of options that `limits` has no complaint about.
    pub(super) fn of(options: &AnswerOptions, target: &Target) -> Self {
        let version = target.version;
        let mut passes = vec![
            (Pass::WindowsPe, windows_pe::components(options, version)),
            (Pass::Specialize, specialize::components(options)),
            (Pass::OobeSystem, oobe_system::components(options)),
        ];
        for (pass, components) in &mut passes {
            components.retain(|component| !component.settings.is_empty());
            if *pass == Pass::WindowsPe && components.is_empty() {
                // A file without this pass may not be carried on to the installed Windows.
                components.push(Component::new(windows_pe::SETUP, Vec::new()));
            }
        }
        passes.retain(|(_, components)| !components.is_empty());
        Self { target: target.clone(), passes }
    }

    /// The text of `autounattend.xml`, to be saved as UTF-8. Masked, it is for reading alone, and says so.
    pub fn to_xml(&self, secrets: Secrets) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        if secrets == Secrets::Masked {
            out.push_str("<!-- Secrets are masked. This text is for reading, not for Setup. -->\n");
        }
        out.push_str(&format!("<unattend xmlns=\"{UNATTEND}\" xmlns:wcm=\"{WCM}\">\n"));
        for (pass, components) in &self.passes {
            out.push_str(&format!("  <settings pass=\"{}\">\n", pass.name()));
            for component in components {
                self.target.architectures.iter().for_each(|architecture| {
                    write_component(component, architecture.name(), secrets, &mut out);
                });
            }
            out.push_str("  </settings>\n");
        }
        out + "</unattend>\n"
    }
}

fn write_component(component: &Component, architecture: &str, secrets: Secrets, out: &mut String) {
    out.push_str(&format!(
        "    <component name=\"{}\" processorArchitecture=\"{architecture}\" \
         publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\"",
        component.name
    ));
    if component.settings.is_empty() {
        return out.push_str(" />\n");
    }
    out.push_str(">\n");
    component.settings.iter().for_each(|setting| setting.write(3, secrets, out));
    out.push_str("    </component>\n");
}
