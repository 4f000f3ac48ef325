//! The form of an answer file, as it is typed. What is empty is not answered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::answer::{Architecture, Layout, NetworkLocation, Protection, Telemetry, Version, When};
use crate::gui::action::{
    AnswerPick, AnswerSwitch, AnswerText, DisksChoice, KeyChoice, Move, RowId, StepText, UserText,
};

#[derive(Clone, Debug, Default)]
pub struct Form {
    /// As a profile says; the media say it otherwise.
    pub windows: Option<Version>,
    pub architectures: Vec<Architecture>,
    texts: Texts,
    on: BTreeSet<AnswerSwitch>,
    pub key: KeyChoice,
    pub disks: DisksChoice,
    /// Where a disk is wiped; `None`: not chosen yet.
    pub layout: Option<Layout>,
    pub dynamic_update: Option<bool>,
    /// The built-in account is on or off.
    pub administrator: Option<bool>,
    pub network: Option<NetworkLocation>,
    pub protection: Option<Protection>,
    pub telemetry: Option<Telemetry>,
    pub when: When,
    pub users: Vec<RowId>,
    pub steps: Vec<StepRow>,
    next: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepRow {
    pub id: RowId,
    pub kind: StepKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    File,
    Command,
}

/// Some of them are passwords, so none shows itself in a log.
#[derive(Clone, Default)]
struct Texts(BTreeMap<AnswerText, String>);

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Form {
    pub fn text(&self, text: AnswerText) -> &str {
        self.texts.0.get(&text).map_or("", String::as_str)
    }

    pub fn put(&mut self, text: AnswerText, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            self.texts.0.remove(&text);
        } else {
            self.texts.0.insert(text, value);
        }
    }

    pub fn is_on(&self, switch: AnswerSwitch) -> bool {
        self.on.contains(&switch)
    }

    pub fn switch(&mut self, switch: AnswerSwitch, on: bool) {
        if on {
            self.on.insert(switch);
        } else {
            self.on.remove(&switch);
        }
    }

    pub(super) fn pick(&mut self, pick: AnswerPick) {
        match pick {
            AnswerPick::Key(key) => self.key = key,
            AnswerPick::Disks(disks) => {
                self.forget_consent();
                self.disks = disks;
                // The usual case, to be looked at: nothing is erased before consent is given.
                if disks != DisksChoice::Interactive && self.text(AnswerText::Disk).is_empty() {
                    self.put(AnswerText::Disk, "0");
                }
                if disks == DisksChoice::Wipe && self.text(AnswerText::StickDisk).is_empty() {
                    self.put(AnswerText::StickDisk, "1");
                }
            }
            AnswerPick::Layout(layout) => self.layout = Some(layout),
            AnswerPick::DynamicUpdate(choice) => self.dynamic_update = choice,
            AnswerPick::Administrator(choice) => self.administrator = choice,
            AnswerPick::Network(choice) => self.network = choice,
            AnswerPick::Protection(choice) => self.protection = choice,
            AnswerPick::Telemetry(choice) => self.telemetry = choice,
            AnswerPick::When(when) => self.when = when,
        }
    }

    /// `true` also where the words are there for another disk than is named now: that is for the limits to say.
    pub fn has_consent(&self) -> bool {
        !self.text(AnswerText::Consent).is_empty()
    }

    pub(super) fn forget_consent(&mut self) {
        self.put(AnswerText::Consent, "");
    }

    fn new_row(&mut self) -> RowId {
        self.next += 1;
        RowId(self.next)
    }

    pub(super) fn add_user(&mut self) -> RowId {
        let id = self.new_row();
        self.users.push(id);
        id
    }

    pub(super) fn add_step(&mut self, kind: StepKind) -> RowId {
        let id = self.new_row();
        self.steps.push(StepRow { id, kind });
        id
    }

    /// With all that was typed for it.
    pub(super) fn remove_row(&mut self, row: RowId) {
        self.users.retain(|id| *id != row);
        self.steps.retain(|step| step.id != row);
        self.texts.0.retain(|text, _| match text {
            AnswerText::User(id, _) | AnswerText::Step(id, _) => *id != row,
            _ => true,
        });
        self.on.remove(&AnswerSwitch::Restart(row));
    }

    pub(super) fn move_step(&mut self, row: RowId, to: Move) {
        let Some(at) = self.steps.iter().position(|step| step.id == row) else { return };
        let other = match to {
            Move::Up => at.checked_sub(1),
            Move::Down => Some(at + 1).filter(|other| *other < self.steps.len()),
        };
        if let Some(other) = other {
            self.steps.swap(at, other);
        }
    }

    /// The groups of an account, as they are typed.
    pub fn groups(&self, user: RowId) -> Vec<String> {
        list(self.text(AnswerText::User(user, UserText::Groups)))
    }

    pub fn is_administrator(&self, user: RowId) -> bool {
        self.groups(user).iter().any(|group| group.eq_ignore_ascii_case(ADMINISTRATORS))
    }

    pub(super) fn make_administrator(&mut self, user: RowId, on: bool) {
        let mut groups = self.groups(user);
        groups.retain(|group| !group.eq_ignore_ascii_case(ADMINISTRATORS));
        if on {
            groups.insert(0, ADMINISTRATORS.to_owned());
        }
        self.put(AnswerText::User(user, UserText::Groups), groups.join(", "));
    }

    /// What a field is called in a profile.
    pub fn path(&self, text: AnswerText) -> Option<String> {
        let name = match text {
            AnswerText::SetupLanguage => "region.setup_language",
            AnswerText::UiLanguage => "region.ui_language",
            AnswerText::SystemLocale => "region.system_locale",
            AnswerText::UserLocale => "region.user_locale",
            AnswerText::Keyboards => "region.keyboards",
            AnswerText::TimeZone => "region.time_zone",
            AnswerText::Edition => "setup.edition",
            AnswerText::EditionIndex => "setup.edition_index",
            AnswerText::ProductKey => "setup.product_key",
            AnswerText::FullName => "setup.full_name",
            AnswerText::Organization => "setup.organization",
            AnswerText::ComputerName => "computer.name",
            AnswerText::Disk => "disks.disk",
            AnswerText::StickDisk => "disks.stick_disk",
            AnswerText::Consent => "disks.consent",
            AnswerText::SystemMb => "disks.system_mb",
            AnswerText::ReservedMb => "disks.reserved_mb",
            AnswerText::RecoveryMb => "disks.recovery_mb",
            AnswerText::WindowsMb => "disks.windows_mb",
            AnswerText::Partition => "disks.partition",
            AnswerText::AdministratorPassword => "accounts.administrator_password",
            AnswerText::LogonUser => "accounts.auto_logon.user",
            AnswerText::LogonCount => "accounts.auto_logon.count",
            AnswerText::User(id, part) => {
                let at = self.users.iter().position(|user| *user == id)?;
                return Some(format!("accounts.users[{at}].{}", user_part(part)));
            }
            AnswerText::Step(id, part) => {
                let at = self.steps.iter().position(|step| step.id == id)?;
                return Some(format!("after_setup.steps[{at}].{}", step_part(part)));
            }
            AnswerText::NewStep | AnswerText::PanelPath | AnswerText::UsePath => return None,
        };
        Some(name.to_owned())
    }

    pub fn switch_path(&self, switch: AnswerSwitch) -> Option<String> {
        let name = match switch {
            AnswerSwitch::AcceptEula => "setup.accept_eula",
            AnswerSwitch::EncodePasswords => "accounts.encode_passwords",
            AnswerSwitch::HideEula => "first_start.hide_eula",
            AnswerSwitch::HideWirelessSetup => "first_start.hide_wireless_setup",
            AnswerSwitch::HideOemRegistration => "first_start.hide_oem_registration",
            AnswerSwitch::HideOnlineAccounts => "first_start.hide_online_accounts",
            AnswerSwitch::HideLocalAccount => "first_start.hide_local_account",
            AnswerSwitch::AllowNoNetwork => "first_start.allow_no_network",
            AnswerSwitch::SkipQuestions => "privacy.skip_questions",
            AnswerSwitch::PreventDeviceEncryption => "privacy.prevent_device_encryption",
            AnswerSwitch::IgnoreTpm => "requirements.ignore_tpm",
            AnswerSwitch::IgnoreSecureBoot => "requirements.ignore_secure_boot",
            AnswerSwitch::IgnoreRam => "requirements.ignore_ram",
            AnswerSwitch::IgnoreCpu => "requirements.ignore_cpu",
            AnswerSwitch::IgnoreStorage => "requirements.ignore_storage",
            AnswerSwitch::Restart(id) => {
                let at = self.steps.iter().position(|step| step.id == id)?;
                return Some(format!("after_setup.steps[{at}].restart"));
            }
        };
        Some(name.to_owned())
    }

    /// Every place of the form that a complaint can stand at.
    pub(super) fn paths(&self) -> Vec<String> {
        let fixed = [
            AnswerText::SetupLanguage,
            AnswerText::UiLanguage,
            AnswerText::SystemLocale,
            AnswerText::UserLocale,
            AnswerText::Keyboards,
            AnswerText::TimeZone,
            AnswerText::Edition,
            AnswerText::EditionIndex,
            AnswerText::ProductKey,
            AnswerText::FullName,
            AnswerText::Organization,
            AnswerText::ComputerName,
            AnswerText::AdministratorPassword,
            AnswerText::LogonUser,
            AnswerText::LogonCount,
        ];
        let wipe = [
            AnswerText::Disk,
            AnswerText::StickDisk,
            AnswerText::Consent,
            AnswerText::SystemMb,
            AnswerText::ReservedMb,
            AnswerText::RecoveryMb,
            AnswerText::WindowsMb,
        ];
        let disks = match self.disks {
            DisksChoice::Interactive => Vec::new(),
            DisksChoice::Wipe => wipe.to_vec(),
            DisksChoice::Keep => vec![AnswerText::Disk, AnswerText::Partition],
        };
        let users = self.users.iter().flat_map(|id| UserText::ALL.map(|part| AnswerText::User(*id, part)));
        let steps =
            self.steps.iter().flat_map(|step| step.texts().map(|part| AnswerText::Step(step.id, part)));
        let texts = fixed.into_iter().chain(disks).chain(users).chain(steps);
        let restarts = self.steps.iter().map(|step| AnswerSwitch::Restart(step.id));
        let switches = AnswerSwitch::PLAIN.into_iter().chain(restarts);
        texts
            .filter_map(|text| self.path(text))
            .chain(switches.filter_map(|switch| self.switch_path(switch)))
            .chain(PICK_PATHS.map(str::to_owned))
            .collect()
    }
}

pub const LAYOUT_PATH: &str = "disks.layout";
pub const NETWORK_PATH: &str = "first_start.network_location";
pub const TELEMETRY_PATH: &str = "privacy.telemetry";
const PICK_PATHS: [&str; 3] = [LAYOUT_PATH, NETWORK_PATH, TELEMETRY_PATH];

const ADMINISTRATORS: &str = "Administrators";

impl StepRow {
    /// The fields that it has.
    pub fn texts(self) -> impl Iterator<Item = StepText> {
        StepText::ALL.into_iter().filter(move |text| match text {
            StepText::Name => true,
            StepText::File | StepText::Arguments => self.kind == StepKind::File,
            StepText::Command => self.kind == StepKind::Command,
        })
    }
}

fn user_part(part: UserText) -> &'static str {
    match part {
        UserText::Name => "name",
        UserText::DisplayName => "display_name",
        UserText::Description => "description",
        UserText::Groups => "groups",
        UserText::Password => "password",
    }
}

fn step_part(part: StepText) -> &'static str {
    match part {
        StepText::Name => "name",
        StepText::File => "file",
        StepText::Arguments => "arguments",
        StepText::Command => "command",
    }
}

/// What is separated by commas or semicolons.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
