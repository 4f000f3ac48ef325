//! The settings of one component: are they known, to this version, and can they have the values that they have?

use roxmltree::Node;

use super::Findings;
use super::vocabulary::{KnownComponent, Rule, component};
use crate::answer::leaves::ITEMS;
use crate::answer::time_zones;
use crate::answer::version::Version;
use crate::answer::xml::WCM;

/// No setting lies deeper than half of this.
const MAX_DEPTH: usize = 16;
pub(super) fn check(
    node: Node<'_, '_>,
    name: &str,
    pass: &str,
    version: Option<Version>,
    findings: &mut Findings,
) {
    let Some(known) = component(name) else {
        let message =
            format!("The component {name} is not known here; Setup may know it, or it is misspelt.");
        return findings.warning(node, message);
    };
    if !known.passes.contains(&pass) {
        let message =
            format!("{name} has no settings in the pass {pass}, only in {}.", known.passes.join(", "));
        findings.warning(node, message);
    }
    // A stack of one's own, because the depth is the file's choice.
    let mut open: Vec<(Node<'_, '_>, String, usize)> = vec![(node, String::new(), 0)];
    while let Some((node, path, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            findings.error(node, "Elements are nested deeper than any setting is.".to_owned());
            return;
        }
        check_list(node, findings);
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            if check_setting(child, known, &path, version, findings) {
                open.push((child, path, depth + 1));
            }
        }
    }
    if name.ends_with("Shell-Setup") {
        check_commands(node, version, findings);
    }
    if name == "Microsoft-Windows-Setup" {
        check_disks(node, findings);
    }
}

/// `false`: there is no sense in looking further down.
fn check_setting(
    node: Node<'_, '_>,
    known: &KnownComponent,
    path: &str,
    version: Option<Version>,
    findings: &mut Findings,
) -> bool {
    let setting = match known.setting(path) {
        Ok(Some(setting)) => setting,
        Ok(None) => return true,
        Err(()) => {
            let message = format!("{} has no setting {path} that is known here.", known.name);
            findings.warning(node, message);
            return false;
        }
    };
    if let Some(version) = version {
        if version < setting.since {
            findings
                .warning(node, format!("{version} does not know {path}; {} and later do.", setting.since));
        } else if version > setting.until {
            findings
                .warning(node, format!("{version} does not know {path} any more, {} did.", setting.until));
        }
    }
    if node.children().any(|child| child.is_element()) {
        findings.warning(node, format!("{path} has a value, not elements."));
        return false;
    }
    if let Some(complaint) = broken(setting.rule, path, &value(node)) {
        findings.warning(node, complaint);
    }
    false
}

fn value(node: Node<'_, '_>) -> String {
    node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect()
}

/// What is wrong with a value; a sentence.
fn broken(rule: Rule, path: &str, value: &str) -> Option<String> {
    let shown = || -> String { value.trim().chars().take(60).collect() };
    // Beside a secret the secret itself may stand in the wrong element.
    let is_by_secret = path.contains("Password") || path.contains("ProductKey");
    let it = || if is_by_secret { path.to_owned() } else { format!("{path} is “{}”, and", shown()) };
    let units = value.encode_utf16().count();
    match rule {
        Rule::Any => None,
        Rule::Secret | Rule::Text(_) if value.is_empty() => {
            Some(format!("{path} is empty, which Setup does not take; leave it out."))
        }
        Rule::Text(max) | Rule::Loose(max) if units > max => {
            Some(format!("{path} has {units} characters, and {max} are possible."))
        }
        Rule::Text(_) if path == "ComputerName" => computer_name(value),
        Rule::Text(_) if path == "TimeZone" => {
            let id = value.strip_suffix("_dstoff").unwrap_or(value);
            let is_known = time_zones::time_zones().any(|zone| zone.id.eq_ignore_ascii_case(id));
            let complaint =
                || format!("TimeZone is “{}”, which is no id of Windows that is known here.", shown());
            (!is_known).then(complaint)
        }
        Rule::Secret | Rule::Text(_) | Rule::Loose(_) => None,
        Rule::Bool if matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "false" | "1" | "0") => {
            None
        }
        Rule::Bool => Some(format!("{} has to be true or false.", it())),
        Rule::Number(min, max) => {
            let is_in = value.trim().parse::<u32>().is_ok_and(|number| (min..=max).contains(&number));
            (!is_in).then(|| format!("{} has to be a number from {min} to {max}.", it()))
        }
        Rule::Choice(words) => {
            let is_one = words.iter().any(|word| word.eq_ignore_ascii_case(value.trim()));
            (!is_one).then(|| format!("{} has to be {}.", it(), words.join(" or ")))
        }
    }
}

fn computer_name(name: &str) -> Option<String> {
    if name == "*" {
        return None;
    }
    if name.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("ComputerName is “{name}”: a name of digits alone is not possible."));
    }
    let is_good = name.chars().all(|c| c.is_alphanumeric() || c == '-');
    (!is_good).then(|| "ComputerName has characters other than letters, digits and hyphens.".to_owned())
}

/// Items say what is done with them, and none has the number of another.
fn check_list(parent: Node<'_, '_>, findings: &mut Findings) {
    let mut orders: Vec<(&str, u32)> = Vec::new();
    for item in parent.children().filter(|node| ITEMS.contains(&node.tag_name().name())) {
        let name = item.tag_name().name();
        if item.attribute((WCM, "action")).is_none() {
            findings.warning(item, format!("{name} is an item of a list and needs wcm:action=\"add\"."));
        }
        let order = item
            .children()
            .find(|child| child.has_tag_name((item.tag_name().namespace().unwrap_or(""), "Order")));
        if let Some(order) = order.and_then(|order| value(order).trim().parse::<u32>().ok()) {
            if orders.contains(&(name, order)) {
                findings.warning(item, format!("Two {name} have the Order {order}; it has to be unique."));
            }
            // Longer lists break the rule for Order anyway, and looking through them would take long.
            if orders.len() < 1000 {
                orders.push((name, order));
            }
        }
    }
}

fn check_commands(component: Node<'_, '_>, version: Option<Version>, findings: &mut Findings) {
    let commands = component.children().find(|node| node.tag_name().name() == "FirstLogonCommands");
    let Some(commands) = commands else { return };
    let count = commands.children().filter(Node::is_element).count();
    if count > 1 && version.is_none_or(|version| version >= Version::Ten) {
        let message = format!(
            "Newer versions of Windows start all {count} FirstLogonCommands at the same time, whatever their Order; one \
             script keeps it."
        );
        findings.warning(commands, message);
    }
}

fn check_disks(component: Node<'_, '_>, findings: &mut Findings) {
    let wipes = component.descendants().filter(|node| node.tag_name().name() == "WillWipeDisk");
    for wipe in wipes.filter(|node| value(*node).trim().eq_ignore_ascii_case("true")) {
        let disk = wipe.parent().into_iter().flat_map(|disk| disk.children());
        let id = disk.filter(|node| node.tag_name().name() == "DiskID").map(value).next().unwrap_or_default();
        let id: String = id.trim().chars().take(8).collect();
        let message =
            format!("Setup erases disk {id} without a question, on every machine that reads this file.");
        findings.warning(wipe, message);
    }
    let creates = component.descendants().filter(|node| node.tag_name().name() == "CreatePartition");
    for create in creates {
        let has = |name: &str| create.children().any(|node| node.tag_name().name() == name);
        let extends = create.children().any(|node| {
            node.tag_name().name() == "Extend" && value(node).trim().eq_ignore_ascii_case("true")
        });
        if has("Size") == extends {
            findings.warning(create, "A new partition needs either a Size or Extend, not both.".to_owned());
        }
    }
}
