//! The form of an answer file in words.

use crate::answer::{Layout, NetworkLocation, Protection, Telemetry, Violation, When};
use crate::gui::action::{
    AnswerSwitch, AnswerText, DisksChoice, KeyChoice, Panel, Section, StepText, UserText,
};

pub const BACK: &str = "Back to Make";
pub const SECTIONS: &str = "Sections";
pub const PREVIEW: &str = "Preview";
pub const PREVIEW_OF: &str = "autounattend.xml";
pub const SHOW_SECRETS: &str = "Show passwords";
pub const NOT_ANSWERED: &str = "Not answered";
pub const LEFT_TO_SETUP: &str = "Whatever is left empty, Setup asks, or does as it always does.";
pub const USE_THIS_REGION: &str = "Use this computer’s region";
pub const REGION_SAYS_NOTHING: &str =
    "This computer does not say in a known way how it is set; fill in the fields by hand.";
pub const REGION_TAKEN: &str = "Filled in as this computer is set. Look at it once more.";
pub const ANSWERED: &str = "answered";
pub const OUTDATED: &str = "This is how it was before the fields that have to be corrected.";
pub const NOTHING_TO_SHOW: &str = "The text shows here as soon as the fields are right.";
pub const ADVANCED: &str = "More";
pub const SIZES: &str = "Sizes of the partitions";
pub const ADD_USER: &str = "Add an account";
pub const ADD_COMMAND: &str = "Add a command";
pub const MOVE_UP: &str = "Up";
pub const MOVE_DOWN: &str = "Down";
pub const RANDOM_NAME: &str = "A random name";
pub const SERIAL_NAME: &str = "By serial number";
pub const COMPUTER_NAME_NOTE: &str = "Up to 15 letters, digits and hyphens, and not digits alone. {serial} stands for the \
     serial number that the maker gave the machine.";
pub const COMPUTER_NAME_NOTE_VISTA: &str = "Up to 15 letters, digits and hyphens, and not digits alone.";
pub const LIST_ZONES: &str = "List";
pub const HIDE_ZONES: &str = "Close";
pub const TIME_ZONES: &str = "Time zones";
pub const NO_ZONES: &str = "No time zone has these words in its names.";
pub const BUILT_IN: &str = "Built-in Administrator";
pub const AUTO_LOGON: &str = "Logon without a question";
pub const NOBODY: &str = "Nobody";
pub const ADMINISTRATOR_OF: &str = "Administrator";
pub const NO_USERS: &str = "No accounts: Windows asks for the first one when it starts.";
pub const NO_STEPS: &str =
    "Nothing is installed. Installers and scripts are copied to the machine and run there in order.";
pub const PRIVACY: &str = "Privacy";
pub const REQUIREMENTS: &str = "Do not insist on";
pub const REQUIREMENTS_NOTE: &str =
    "Windows 11 then installs on machines that it would refuse. Updates may not come for them for ever.";
pub const WHEN: &str = "When they run";
pub const DISKS: &str = "Where Windows goes";
pub const HOW_IT_STARTS: &str = "How the machines start";
pub const ADD_STEPS: &str = "Add files…";
pub const CLOSE_PANEL: &str = "Close";
pub const SECRETS_IN_PROFILE: &str = "Passwords and product key in the file";
pub const SECRETS_MASKED: &str = "Left out";
pub const SECRETS_MASKED_NOTE: &str =
    "Stars stand in their place. Such a profile is not used before somebody fills them in.";
pub const SECRETS_SHOWN: &str = "As they are";
pub const SECRETS_SHOWN_NOTE: &str = "Whoever can read the file can read them.";
pub const EXPORT_NOTE: &str =
    "For Setup, with passwords as they are; it goes into the root of a stick as autounattend.xml.";
pub const LOAD_NOTE: &str =
    "A profile, or an answer file that the form can say; it takes the place of what is answered now.";
pub const SAVE_NOTE: &str = "The ending chooses the form: .toml or .json.";

pub const CONSENT_MISSING: &str = "A disk would be erased: Disks wants your consent.";
pub const CONSENT_MISSING_CARD: &str = "It would erase a disk on every machine that starts from the stick. Edit it, look at what it says, and consent there.";

pub fn section(section: Section) -> &'static str {
    match section {
        Section::Region => "Region",
        Section::Edition => "Edition and key",
        Section::Computer => "Computer",
        Section::Disks => "Disks",
        Section::Accounts => "Accounts",
        Section::FirstStart => "First start",
        Section::Privacy => "Privacy and requirements",
        Section::Applications => "Applications",
    }
}

/// `Disks, 2 fields to correct`, for those who do not see the mark.
pub fn section_spoken(name: &str, errors: usize, is_answered: bool) -> String {
    match (errors, is_answered) {
        (0, false) => name.to_owned(),
        (0, true) => format!("{name}, {ANSWERED}"),
        (errors, _) => format!("{name}, {}", counted(errors, "field to correct", "fields to correct")),
    }
}

/// `one account`, `two accounts`, `13 accounts`
pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("one {one}"),
        2 => format!("two {many}"),
        count => format!("{count} {many}"),
    }
}

pub fn form_status(errors: usize, is_empty: bool) -> String {
    match (errors, is_empty) {
        (0, true) => "Nothing is answered yet.".to_owned(),
        (0, false) => "The answer file can be made.".to_owned(),
        (1, _) => "One field has to be corrected.".to_owned(),
        (errors, _) => format!("{errors} fields have to be corrected."),
    }
}

pub fn panel(panel: Panel) -> &'static str {
    match panel {
        Panel::Load => "Load profile…",
        Panel::Save => "Save profile…",
        Panel::Export => "Export XML…",
    }
}

pub fn panel_path(panel: Panel) -> &'static str {
    match panel {
        Panel::Load => "Path of the profile to load",
        Panel::Save => "Path to save the profile to",
        Panel::Export => "Path to export the XML to",
    }
}

pub fn panel_button(panel: Panel) -> &'static str {
    match panel {
        Panel::Load => "Load",
        Panel::Save => "Save",
        Panel::Export => "Export",
    }
}

pub fn answer_label(text: AnswerText) -> &'static str {
    match text {
        AnswerText::SetupLanguage => "Language of Setup",
        AnswerText::UiLanguage => "Language of Windows",
        AnswerText::SystemLocale => "System locale",
        AnswerText::UserLocale => "Dates and numbers",
        AnswerText::Keyboards => "Keyboards",
        AnswerText::TimeZone => "Time zone",
        AnswerText::Edition => "Edition",
        AnswerText::EditionIndex => "Number of the edition",
        AnswerText::ProductKey => "Key",
        AnswerText::FullName => "Full name",
        AnswerText::Organization => "Organization",
        AnswerText::ComputerName => "Computer name",
        AnswerText::Disk => "Disk",
        AnswerText::StickDisk => "The stick is disk",
        AnswerText::Consent => "Consent",
        AnswerText::SystemMb => "System, MB",
        AnswerText::ReservedMb => "Reserved, MB",
        AnswerText::RecoveryMb => "Recovery, MB",
        AnswerText::WindowsMb => "Windows, MB",
        AnswerText::Partition => "Partition",
        AnswerText::AdministratorPassword => "Password",
        AnswerText::LogonUser => "Who",
        AnswerText::LogonCount => "How many times",
        AnswerText::User(_, UserText::Name) => "Name",
        AnswerText::User(_, UserText::DisplayName) => "Full name",
        AnswerText::User(_, UserText::Description) => "Description",
        AnswerText::User(_, UserText::Groups) => "Groups",
        AnswerText::User(_, UserText::Password) => "Password",
        AnswerText::Step(_, StepText::Name) => "Name",
        AnswerText::Step(_, StepText::File) => "File",
        AnswerText::Step(_, StepText::Arguments) => "Arguments",
        AnswerText::Step(_, StepText::Command) => "Command",
        AnswerText::NewStep => "Path of a file to run",
        AnswerText::PanelPath | AnswerText::UsePath => "Path",
    }
}

pub fn answer_hint(text: AnswerText) -> &'static str {
    match text {
        AnswerText::SetupLanguage
        | AnswerText::UiLanguage
        | AnswerText::SystemLocale
        | AnswerText::UserLocale => "de-DE",
        AnswerText::Keyboards => "0407:00000407, en-US",
        AnswerText::TimeZone => "Berlin, Europe/Berlin, …",
        AnswerText::Edition => "Windows 7 PROFESSIONAL",
        AnswerText::ProductKey => "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX",
        AnswerText::ComputerName => "PC-07",
        AnswerText::SystemMb | AnswerText::ReservedMb => "As usual",
        AnswerText::RecoveryMb => "None",
        AnswerText::WindowsMb => "All the rest",
        AnswerText::User(_, UserText::Password) => "None",
        AnswerText::User(_, UserText::Groups) => "Users, Power Users",
        AnswerText::Step(_, StepText::File) => "apps/7z.msi",
        AnswerText::Step(_, StepText::Arguments) => "/qn /norestart",
        AnswerText::Step(_, StepText::Command) => "powercfg /h off",
        AnswerText::NewStep => "Path to add",
        _ => "",
    }
}

pub fn answer_switch(switch: AnswerSwitch) -> &'static str {
    match switch {
        AnswerSwitch::AcceptEula => "Accept the licence terms",
        AnswerSwitch::EncodePasswords => "Encode the passwords in the file",
        AnswerSwitch::HideEula => "Skip the licence terms",
        AnswerSwitch::HideWirelessSetup => "Skip the choice of a wireless network",
        AnswerSwitch::HideOemRegistration => "Skip the registration with the maker",
        AnswerSwitch::HideOnlineAccounts => "Skip the accounts at Microsoft",
        AnswerSwitch::HideLocalAccount => "Skip the page that makes a local account",
        AnswerSwitch::AllowNoNetwork => "Go on without a network, so that a local account can be made",
        AnswerSwitch::SkipQuestions => "Ask nothing about privacy at the first logon",
        AnswerSwitch::PreventDeviceEncryption => "Do not encrypt the disk by itself",
        AnswerSwitch::IgnoreTpm => "TPM 2.0",
        AnswerSwitch::IgnoreSecureBoot => "Secure Boot",
        AnswerSwitch::IgnoreRam => "Memory",
        AnswerSwitch::IgnoreCpu => "Processor",
        AnswerSwitch::IgnoreStorage => "Size of the disk",
        AnswerSwitch::Restart(_) => "Restart the machine after it",
    }
}

pub const PRODUCT_KEY: &str = "Product key";
pub const DYNAMIC_UPDATE: &str = "Setup updates itself";
pub const NETWORK: &str = "Network";
pub const PROTECTION: &str = "Updates and protection";
pub const TELEMETRY: &str = "Diagnostic data";
pub const ACCOUNT_STATE: &str = "The account is";

pub fn key_choice(key: KeyChoice) -> &'static str {
    match key {
        KeyChoice::NotAnswered => NOT_ANSWERED,
        KeyChoice::Ask => "Setup asks for it",
        KeyChoice::None => "None: a trial, or to be activated later",
        KeyChoice::Firmware => "The one in the machine’s firmware",
        KeyChoice::Generic => "The edition’s generic key, which activates nothing",
        KeyChoice::Typed => "This key",
    }
}

pub fn yes_or_no(choice: Option<bool>) -> &'static str {
    match choice {
        None => NOT_ANSWERED,
        Some(true) => "Yes",
        Some(false) => "No",
    }
}

pub fn on_or_off(choice: Option<bool>) -> &'static str {
    match choice {
        None => NOT_ANSWERED,
        Some(true) => "Switched on",
        Some(false) => "Switched off",
    }
}

pub fn network(choice: Option<NetworkLocation>) -> &'static str {
    match choice {
        None => NOT_ANSWERED,
        Some(NetworkLocation::Home) => "Home",
        Some(NetworkLocation::Work) => "Work",
        Some(NetworkLocation::Other) => "Public",
    }
}

pub fn protection(choice: Option<Protection>) -> &'static str {
    match choice {
        None => NOT_ANSWERED,
        Some(Protection::Recommended) => "Recommended settings",
        Some(Protection::Updates) => "Updates alone",
        Some(Protection::Off) => "Off, until somebody switches it on",
    }
}

pub fn telemetry(choice: Option<Telemetry>) -> &'static str {
    match choice {
        None => NOT_ANSWERED,
        Some(Telemetry::Off) => "Off (Enterprise and Education alone)",
        Some(Telemetry::Required) => "What is required",
    }
}

pub fn disks_choice(choice: DisksChoice) -> (&'static str, &'static str) {
    match choice {
        DisksChoice::Interactive => ("Setup asks", "A person chooses disk and partition."),
        DisksChoice::Wipe => ("Erase a disk", "One disk is erased and divided anew, without a question."),
        DisksChoice::Keep => {
            ("Keep the partitions", "Windows goes into one of them, which is not formatted.")
        }
    }
}

pub fn layout_choice(layout: Layout) -> &'static str {
    match layout {
        Layout::Bios => "By BIOS (MBR)",
        Layout::Uefi => "By UEFI (GPT)",
    }
}

pub fn consent(disk: &str) -> String {
    format!("I want disk {disk} erased on every machine that starts from this stick")
}

pub fn when(when: When) -> (&'static str, &'static str) {
    match when {
        When::FirstLogon => {
            ("At the first logon", "As the first user who logs on, who has to be an administrator.")
        }
        When::SetupComplete => (
            "Before anybody logs on",
            "As the system, by SetupComplete.cmd. Windows does not run it on machines whose key comes from their maker (OEM).",
        ),
    }
}

pub const DISK_NUMBERS: &str = "As Setup counts them, from 0 on.";
pub const PARTITION_NUMBERS: &str = "Setup counts disks from 0 and partitions from 1 on.";
pub const PASSWORDS_STAY: &str = "Encoding is no protection: anybody can undo it. The file stays on the stick, and whoever has \
     the stick has the passwords.";

/// `Name of account 2`: several fields of the form have the same label.
pub fn of_user(label: &str, number: usize) -> String {
    format!("{label} of account {number}")
}

pub fn of_step(label: &str, number: usize) -> String {
    format!("{label} of step {number}")
}

pub fn account(number: usize) -> String {
    format!("Account {number}")
}

pub fn step_number(number: usize) -> String {
    format!("Step {number}")
}

pub fn zone(id: &str, from_utc: &str) -> String {
    format!("{id}, UTC{from_utc}")
}

/// What is wrong with a field, as a sentence beside it.
pub fn complaint(violation: &Violation) -> String {
    let words = match violation.field.as_str() {
        "disks.consent" => "a disk is erased only with your consent",
        field if field.ends_with(".name") && violation.value.as_deref() == Some("") => {
            "a name is needed here"
        }
        field if field.ends_with(".file") && violation.value.is_none() => "name a file",
        field if field.ends_with(".command") && violation.value.as_deref() == Some("") => {
            "a command is needed here"
        }
        "setup.product_key" if violation.value.is_none() => {
            "a key has five groups of five letters and digits, joined by hyphens"
        }
        "setup.product_key" if violation.value.as_deref() == Some("generic") => {
            "there is a generic key for the Home, Pro, Education and Enterprise editions: choose one of them above"
        }
        "accounts.auto_logon.user" if violation.limit.starts_with("it has to be") => {
            "this has to be one of the accounts above, or Administrator"
        }
        "accounts.auto_logon.user" if violation.limit.starts_with("accounts.") => {
            "the built-in account is switched off, so it cannot log on"
        }
        field if field.ends_with(".restart") => "before anybody logs on, no step may restart the machine",
        _ => violation.limit.as_str(),
    };
    sentence_of(words)
}

/// The same of what no field shows.
pub fn complaint_with_field(violation: &Violation) -> String {
    format!("{violation}.")
}

fn sentence_of(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
