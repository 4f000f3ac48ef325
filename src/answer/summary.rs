//! What an answer file does, in a few words and without its secrets: for whoever holds a stick with one on it.

use serde::{Deserialize, Serialize};

use super::leaves::Leaves;
use super::options::{Disks, Wipe};
use super::version::Version;
use super::{check, guard, oobe_system, read_xml, specialize, windows_pe};

/// More than this of a name is not shown.
const SHOWN_CHARS: usize = 60;
/// More names than this are not shown.
const SHOWN_NAMES: usize = 3;

/// Read from the file's text; whoever wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// As the components spell them, each once: `amd64`.
    pub architectures: Vec<String>,
    /// What is answered, in words: `the edition (Windows 7 PROFESSIONAL)`, `the product key`.
    pub answers: Vec<String>,
    /// Numbers of the disks that Setup erases.
    pub wipes: Vec<String>,
    /// The disk that the stick has to be, where the wiping is guarded by this program's guard.
    pub guarded_by_disk: Option<u32>,
    /// The image that Setup installs, by its name or its number.
    pub edition: Option<String>,
    pub has_passwords: bool,
}

impl Summary {
    /// The error is a sentence.
    pub fn of_xml(bytes: &[u8]) -> Result<Self, String> {
        let text = check::decode(bytes).map_err(|error| format!("The file {error}."))?;
        let document = check::parse(&text)?;
        let components = Leaves::of_document(&document)?;
        let mut summary = Self::default();
        for component in &components {
            push_new(&mut summary.architectures, shown(&component.architecture));
            summary.read(component);
        }
        if !summary.wipes.is_empty() {
            summary.guarded_by_disk = guard_of(bytes, &components).map(|wipe| wipe.stick_disk);
        }
        Ok(summary)
    }

    /// `Setup will erase disk 0 without a question …`; `None`: no disk is erased as a whole.
    pub fn erases(&self) -> Option<String> {
        let [first, others @ ..] = self.wipes.as_slice() else { return None };
        let disks = match others {
            [] => format!("disk {first}"),
            _ => format!("the disks {}", self.wipes.join(", ")),
        };
        let guard = match self.guarded_by_disk {
            Some(stick) => format!(
                "It does so only where disk {first} is not on USB and disk {stick} is: otherwise it shows its page of disks."
            ),
            None => "No guard of this program’s is in the file: if the stick is that disk, Setup erases the stick."
                .to_owned(),
        };
        Some(format!(
            "Setup will erase {disks} without a question, on every machine that starts from this stick. {guard}"
        ))
    }

    /// `for amd64; answers the edition (…), the disks`
    pub fn line(&self) -> String {
        let architectures = match self.architectures.as_slice() {
            [] => "for no architecture".to_owned(),
            names => format!("for {}", names.join(" and ")),
        };
        let wipes = match self.wipes.as_slice() {
            [] => String::new(),
            disks => format!("; erases disk {} without a question", disks.join(" and ")),
        };
        let guarded = match self.guarded_by_disk {
            Some(stick) => format!(", guarded by disk {stick} being the stick"),
            None => String::new(),
        };
        format!("{architectures}; answers {}{wipes}{guarded}", self.answered())
    }

    /// `the time zone (UTC), the disks`, `nothing`
    pub fn answered(&self) -> String {
        if self.answers.is_empty() { "nothing".to_owned() } else { self.answers.join(", ") }
    }

    fn add(&mut self, answer: impl Into<String>) {
        push_new(&mut self.answers, answer.into());
    }

    fn add_value(&mut self, what: &str, leaves: &Leaves, path: &str) {
        if let Some(value) = leaves.get(path) {
            self.add(format!("{what} ({})", shown(value)));
        }
    }

    fn read(&mut self, leaves: &Leaves) {
        match (leaves.pass.as_str(), leaves.name.as_str()) {
            ("windowsPE", windows_pe::INTERNATIONAL) => {
                self.add_value("Setup’s language", leaves, "SetupUILanguage/UILanguage");
                self.languages(leaves);
            }
            ("oobeSystem", oobe_system::INTERNATIONAL) => self.languages(leaves),
            ("windowsPE", windows_pe::SETUP) => self.setup(leaves),
            ("specialize", specialize::SHELL) => {
                self.add_value("the computer’s name", leaves, "ComputerName");
                self.add_value("the time zone", leaves, "TimeZone");
                if leaves.get("ProductKey").is_some() {
                    self.add("the product key");
                }
            }
            ("oobeSystem", specialize::SHELL) => self.first_start(leaves),
            _ => {}
        }
        self.commands(leaves);
    }

    fn languages(&mut self, leaves: &Leaves) {
        self.add_value("Windows’ language", leaves, "UILanguage");
        self.add_value("the keyboard", leaves, "InputLocale");
    }

    fn setup(&mut self, leaves: &Leaves) {
        const IMAGE: &str = "ImageInstall/OSImage/InstallFrom/MetaData[0]/Value";
        self.edition = leaves.get(IMAGE).map(shown).or(self.edition.take());
        self.add_value("the edition", leaves, IMAGE);
        if leaves.get("UserData/ProductKey/Key").is_some_and(|key| !key.is_empty()) {
            self.add("the product key");
        }
        if leaves.get("UserData/AcceptEula") == Some("true") {
            self.add("the licence terms");
        }
        if leaves.has_below("ImageInstall/OSImage/InstallTo") || leaves.has_below("DiskConfiguration/Disk") {
            self.add("the disks");
        }
        for (path, value) in &leaves.values {
            let Some(disk) = path.strip_suffix("/WillWipeDisk") else { continue };
            if value.trim().eq_ignore_ascii_case("true") && disk.starts_with("DiskConfiguration/") {
                let id = leaves.get(&format!("{disk}/DiskID")).map_or_else(|| "?".to_owned(), shown);
                push_new(&mut self.wipes, id);
            }
        }
    }

    fn first_start(&mut self, leaves: &Leaves) {
        self.add_value("the time zone", leaves, "TimeZone");
        if leaves.has_below("UserAccounts/AdministratorPassword") {
            self.add("the administrator’s password");
        }
        let accounts: Vec<String> = leaves
            .values
            .iter()
            .filter(|(path, _)| path.starts_with("UserAccounts/LocalAccounts/") && path.ends_with("]/Name"))
            .map(|(_, name)| shown(name))
            .collect();
        match accounts.as_slice() {
            [] => {}
            [name] => self.add(format!("a user ({name})")),
            names if names.len() <= SHOWN_NAMES => {
                self.add(format!("{} users ({})", names.len(), names.join(", ")));
            }
            names => self.add(format!("{} users", names.len())),
        }
        self.add_value("the automatic logon", leaves, "AutoLogon/Username");
        if leaves.has_below("OOBE") {
            self.add("pages of the first start");
        }
        self.has_passwords |= leaves.values.iter().any(|(path, value)| {
            let is_password = path.ends_with("Password/Value") || path.ends_with("Password");
            is_password && !value.is_empty()
        });
    }

    fn commands(&mut self, leaves: &Leaves) {
        let count = |list: &str, line: &str| {
            let is_one = |(path, _): &&(String, String)| path.starts_with(list) && path.ends_with(line);
            leaves.values.iter().filter(is_one).count()
        };
        let when = match leaves.pass.as_str() {
            "windowsPE" => "in Setup",
            "specialize" => "before the first start",
            _ => "at the first logon",
        };
        match count("RunSynchronous/", "/Path") + count("FirstLogonCommands/", "/CommandLine") {
            0 => {}
            1 => self.add(format!("a command {when}")),
            commands => self.add(format!("{commands} commands {when}")),
        }
    }
}

/// The wiping, if it is all as this program makes it, its guard with it.
fn guard_of(bytes: &[u8], components: &[Leaves]) -> Option<Wipe> {
    let wipe = Version::ALL.into_iter().find_map(|version| {
        match read_xml(bytes, None, version).ok()?.options.disks {
            Disks::Wipe(wipe) => Some(wipe),
            _ => None,
        }
    })?;
    // Reading a file is lenient with commands that are missing, and a guard is whole or none: for every architecture.
    let commands = guard::commands(&Disks::Wipe(wipe.clone()));
    let wiping = components.iter().filter(|component| component.has_below("DiskConfiguration"));
    let has = |component: &Leaves, line: &str| {
        let is_it = |(path, value): &(String, String)| {
            path.starts_with("RunSynchronous/") && path.ends_with("/Path") && value == line
        };
        component.values.iter().any(is_it)
    };
    let is_whole = wiping.into_iter().all(|component| commands.iter().all(|(_, line)| has(component, line)));
    is_whole.then_some(wipe)
}

/// As much of a value as fits into a line, and nothing that would break the line.
fn shown(value: &str) -> String {
    let value = value.trim();
    let mut text: String =
        value.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().count() > SHOWN_CHARS {
        text.push('…');
    }
    text
}

fn push_new(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{
        AnswerOptions, Architecture, Layout, ProductKey, Secret, Secrets, Target, User, answer,
    };

    fn options() -> AnswerOptions {
        let mut options = AnswerOptions::default();
        options.setup.edition = Some("Windows 7 PROFESSIONAL".to_owned());
        options.setup.product_key = Some(ProductKey::Key(Secret::new("BCDFG-HJKMP-QRTVW-XY234-6789B")));
        options.accounts.administrator_password = Some(Secret::new("hunter2-Größe"));
        options.accounts.users = vec![User {
            name: "Ada".to_owned(),
            password: Some(Secret::new("hunter3")),
            groups: vec!["Administrators".to_owned()],
            ..User::default()
        }];
        let mut wipe = Wipe {
            disk: 0,
            layout: Layout::Bios,
            stick_disk: 1,
            consent: None,
            system_mb: None,
            reserved_mb: None,
            recovery_mb: None,
            windows_mb: None,
        };
        wipe.consent = Some(wipe.consent_words());
        options.disks = Disks::Wipe(wipe);
        options
    }

    fn xml() -> String {
        let architectures = vec![Architecture::X86, Architecture::Amd64];
        let target = Target { version: Version::Seven, architectures };
        answer(&options(), &target).unwrap().document.to_xml(Secrets::Shown)
    }

    #[test]
    fn a_file_is_told_in_a_line_without_its_secrets() {
        let summary = Summary::of_xml(xml().as_bytes()).unwrap();
        assert_eq!(summary.architectures, ["x86", "amd64"]);
        assert_eq!((summary.wipes.as_slice(), summary.guarded_by_disk), (&["0".to_owned()][..], Some(1)));
        assert_eq!(summary.edition.as_deref(), Some("Windows 7 PROFESSIONAL"));
        assert!(summary.has_passwords);
        let line = summary.line();
        for part in
            ["x86 and amd64", "edition (Windows 7 PROFESSIONAL)", "product key", "a user (Ada)", "disk 0"]
        {
            assert!(line.contains(part), "{part} is missing in {line}");
        }
        for said in [line, format!("{summary:?}"), summary.erases().unwrap()] {
            assert!(!said.contains("hunter") && !said.contains("BCDFG"), "{said}");
        }
    }

    #[test]
    fn a_wipe_without_the_guard_is_told_as_such() {
        let whole = xml();
        let unguarded = whole.replace("readonly", "nothing");
        assert_ne!(unguarded, whole);
        let summary = Summary::of_xml(unguarded.as_bytes()).unwrap();
        assert_eq!((summary.wipes.len(), summary.guarded_by_disk), (1, None));
        assert!(summary.erases().unwrap().contains("No guard"));
        let kept = whole.replace("<WillWipeDisk>true<", "<WillWipeDisk>false<");
        assert_eq!(Summary::of_xml(kept.as_bytes()).unwrap().erases(), None);
        assert!(Summary::of_xml(b"<html/>").is_err());
    }
}
