//! The pass specialize: the machine's name and time, and registry values that the first start reads.

use super::document::Component;
use super::options::{AnswerOptions, SERIAL, Telemetry};
use super::time_zones;
use super::windows_pe::{reg_add, run_synchronous};
use super::xml::Element;

pub(super) const SHELL: &str = "Microsoft-Windows-Shell-Setup";
pub(super) const DEPLOYMENT: &str = "Microsoft-Windows-Deployment";

/// Setup makes one up.
pub(super) const RANDOM_NAME: &str = "*";

pub(super) fn components(options: &AnswerOptions) -> Vec<Component> {
    let zone = options.region.time_zone.as_deref().and_then(time_zones::find).map(|zone| zone.id);
    let name = options.computer.name.as_deref();
    let name = name.map(|name| if name.contains(SERIAL) { RANDOM_NAME } else { name });
    let shell = [
        ("ComputerName", name),
        ("RegisteredOrganization", options.setup.organization.as_deref()),
        ("RegisteredOwner", options.setup.full_name.as_deref()),
        ("TimeZone", zone),
    ];
    let shell = shell.into_iter().filter_map(|(name, value)| Some(Element::text(name, value?)));
    let asked = COMMANDS.iter().filter(|command| {
        let mut changed = options.clone();
        (command.apply)(&mut changed);
        changed == *options
    });
    let commands = asked.map(|command| (command.description.to_owned(), command.line()));
    vec![Component::new(DEPLOYMENT, vec![run_synchronous(commands)]), Component::new(SHELL, shell.collect())]
}

/// A command of this pass. It is asked for where applying it changes nothing.
pub(super) struct Command {
    description: &'static str,
    action: Action,
    pub apply: fn(&mut AnswerOptions),
}

enum Action {
    /// Key, value, number.
    Registry(&'static str, &'static str, u32),
    Line(&'static str),
}

impl Command {
    pub fn line(&self) -> String {
        match self.action {
            Action::Registry(key, value, number) => reg_add(key, value, number),
            Action::Line(line) => line.to_owned(),
        }
    }
}

const OOBE: &str = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\OOBE";
const OOBE_POLICY: &str = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\OOBE";
const DATA_POLICY: &str = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\DataCollection";
const BITLOCKER: &str = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\BitLocker";

pub(super) const COMMANDS: [Command; 7] = [
    Command {
        description: "No network is needed",
        action: Action::Registry(OOBE, "BypassNRO", 1),
        apply: |options| options.first_start.allow_no_network = true,
    },
    Command {
        description: "No questions about privacy",
        action: Action::Registry(OOBE_POLICY, "DisablePrivacyExperience", 1),
        apply: |options| options.privacy.skip_questions = true,
    },
    Command {
        description: "Telemetry off",
        action: Action::Registry(DATA_POLICY, "AllowTelemetry", 0),
        apply: |options| options.privacy.telemetry = Some(Telemetry::Off),
    },
    Command {
        description: "Telemetry as far as it is required",
        action: Action::Registry(DATA_POLICY, "AllowTelemetry", 1),
        apply: |options| options.privacy.telemetry = Some(Telemetry::Required),
    },
    Command {
        description: "The disk is not encrypted unasked",
        action: Action::Registry(BITLOCKER, "PreventDeviceEncryption", 1),
        apply: |options| options.privacy.prevent_device_encryption = true,
    },
    Command {
        description: "The built-in administrator is on",
        action: Action::Line("net.exe user Administrator /active:yes"),
        apply: |options| options.accounts.administrator_enabled = Some(true),
    },
    Command {
        description: "The built-in administrator is off",
        action: Action::Line("net.exe user Administrator /active:no"),
        apply: |options| options.accounts.administrator_enabled = Some(false),
    },
];
