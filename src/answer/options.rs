//! What can be answered beforehand, as a technician keeps it under version control. Everything may be left out, and what is
//! left out is not in the answer file: Setup asks, or does as it always does.

use serde::{Deserialize, Serialize};

use super::keys::ProductKey;
use super::secret::Secret;
use super::version::{Architecture, Version};

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A profile. In TOML or JSON, by the names of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerOptions {
    /// Which Windows it is for, where nothing else says it.
    #[serde(skip_serializing_if = "is_default")]
    pub windows: Option<Version>,
    /// The same for the architectures of the media.
    #[serde(skip_serializing_if = "is_default")]
    pub architectures: Vec<Architecture>,
    #[serde(skip_serializing_if = "is_default")]
    pub region: Region,
    #[serde(skip_serializing_if = "is_default")]
    pub setup: SetupOptions,
    #[serde(skip_serializing_if = "is_default")]
    pub computer: Computer,
    #[serde(skip_serializing_if = "is_default")]
    pub disks: Disks,
    #[serde(skip_serializing_if = "is_default")]
    pub accounts: Accounts,
    #[serde(skip_serializing_if = "is_default")]
    pub first_start: FirstStart,
    #[serde(skip_serializing_if = "is_default")]
    pub privacy: Privacy,
    #[serde(skip_serializing_if = "is_default")]
    pub requirements: Requirements,
    #[serde(skip_serializing_if = "is_default")]
    pub after_setup: AfterSetup,
}

/// Languages, keyboard and time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Region {
    /// Tag of the language that Setup speaks; it must be in the media's `boot.wim`.
    #[serde(skip_serializing_if = "is_default")]
    pub setup_language: Option<String>,
    /// Tag of the language that Windows speaks.
    #[serde(skip_serializing_if = "is_default")]
    pub ui_language: Option<String>,
    /// For programs that know no Unicode.
    #[serde(skip_serializing_if = "is_default")]
    pub system_locale: Option<String>,
    /// Dates, numbers, money.
    #[serde(skip_serializing_if = "is_default")]
    pub user_locale: Option<String>,
    /// The first one is in use: `0407:00000407` (language and layout), or a tag for its usual one.
    #[serde(skip_serializing_if = "is_default")]
    pub keyboards: Vec<String>,
    /// An id of Windows, an IANA name or a city.
    #[serde(skip_serializing_if = "is_default")]
    pub time_zone: Option<String>,
}

/// What Setup asks before it copies Windows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetupOptions {
    /// Name of the image, as the media has it: `Windows 7 PROFESSIONAL`.
    #[serde(skip_serializing_if = "is_default")]
    pub edition: Option<String>,
    /// Its number instead, from 1 on.
    #[serde(skip_serializing_if = "is_default")]
    pub edition_index: Option<u32>,
    #[serde(skip_serializing_if = "is_default")]
    pub product_key: Option<ProductKey>,
    #[serde(skip_serializing_if = "is_default")]
    pub accept_eula: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub full_name: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub organization: Option<String>,
    /// May Setup fetch updates of itself?
    #[serde(skip_serializing_if = "is_default")]
    pub dynamic_update: Option<bool>,
}

/// The place in a computer's name where its serial number goes.
pub const SERIAL: &str = "{serial}";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Computer {
    /// `*` is a random one. `PC-{serial}` is made of the serial number that the machine's maker gave, by the script that
    /// runs after Setup; it is the machine's name from its next start on.
    #[serde(skip_serializing_if = "is_default")]
    pub name: Option<String>,
}

/// Where Windows goes. Setup counts disks from 0 and partitions from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase", deny_unknown_fields)]
pub enum Disks {
    /// Setup asks.
    #[default]
    Interactive,
    Wipe(Wipe),
    Keep(Keep),
}

/// A disk is erased and divided anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wipe {
    pub disk: u32,
    pub layout: Layout,
    /// Which disk the stick is on those machines: the guard, see `answer::guard`.
    pub stick_disk: u32,
    /// `erase disk 0`: a decision of its own, and never read back from an answer file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub consent: Option<String>,
    /// Of the partition that the machine starts from; by default 260 MB for UEFI, for BIOS 100 MB and from 8 on 500 MB.
    #[serde(default, skip_serializing_if = "is_default")]
    pub system_mb: Option<u32>,
    /// Of Microsoft's reserved partition, UEFI alone; 16 MB by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reserved_mb: Option<u32>,
    /// A partition for the recovery environment; none by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub recovery_mb: Option<u32>,
    /// Windows gets so much and a partition for data the rest; by default Windows gets all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub windows_mb: Option<u32>,
}

impl Wipe {
    /// The words that [`Wipe::consent`] has to have.
    pub fn consent_words(&self) -> String {
        format!("erase disk {}", self.disk)
    }
}

/// How the machine starts, which decides its partition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// MBR.
    Bios,
    /// GPT.
    Uefi,
}

/// Partitions stay as they are; Windows goes into one of them, which is not formatted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    pub disk: u32,
    pub partition: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Passwords stand in the answer file in the encoded form, which any reader can undo: it is no protection.
    #[serde(skip_serializing_if = "is_default")]
    pub encode_passwords: bool,
    /// Of the built-in account.
    #[serde(skip_serializing_if = "is_default")]
    pub administrator_password: Option<Secret>,
    /// Switches the built-in account on or off.
    #[serde(skip_serializing_if = "is_default")]
    pub administrator_enabled: Option<bool>,
    #[serde(skip_serializing_if = "is_default")]
    pub auto_logon: Option<AutoLogon>,
    #[serde(skip_serializing_if = "is_default")]
    pub users: Vec<User>,
}

/// A local account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    pub name: String,
    #[serde(skip_serializing_if = "is_default")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// By their English names, which Setup understands in every language: `Administrators`.
    #[serde(skip_serializing_if = "is_default")]
    pub groups: Vec<String>,
    /// Left out: the user has none.
    #[serde(skip_serializing_if = "is_default")]
    pub password: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoLogon {
    /// One of the users, or `Administrator`.
    pub user: String,
    /// So many times, restarts included.
    pub count: u32,
}

/// The pages that the new Windows shows when it starts for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirstStart {
    #[serde(skip_serializing_if = "is_default")]
    pub hide_eula: bool,
    /// From 7 on.
    #[serde(skip_serializing_if = "is_default")]
    pub hide_wireless_setup: bool,
    /// From 8 on, like the next two.
    #[serde(skip_serializing_if = "is_default")]
    pub hide_oem_registration: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub hide_online_accounts: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub hide_local_account: bool,
    /// 11 goes on without a network, so that a local account can be made.
    #[serde(skip_serializing_if = "is_default")]
    pub allow_no_network: bool,
    /// Up to 8.1.
    #[serde(skip_serializing_if = "is_default")]
    pub network_location: Option<NetworkLocation>,
    #[serde(skip_serializing_if = "is_default")]
    pub protection: Option<Protection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkLocation {
    Home,
    Work,
    /// Public.
    Other,
}

/// Updates and the other express settings (`ProtectYourPC`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// 1
    Recommended,
    /// 2: updates alone
    Updates,
    /// 3
    Off,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// 10 and 11 do not ask about privacy at the first logon.
    #[serde(skip_serializing_if = "is_default")]
    pub skip_questions: bool,
    /// 10 and 11.
    #[serde(skip_serializing_if = "is_default")]
    pub telemetry: Option<Telemetry>,
    /// 10 and 11 do not encrypt the disk by themselves.
    #[serde(skip_serializing_if = "is_default")]
    pub prevent_device_encryption: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Telemetry {
    /// Enterprise and Education obey; other editions send what is required.
    Off,
    Required,
}

/// What Setup of Windows 11 shall not insist on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Requirements {
    #[serde(skip_serializing_if = "is_default")]
    pub ignore_tpm: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub ignore_secure_boot: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub ignore_ram: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub ignore_cpu: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub ignore_storage: bool,
}

/// Applications and commands of the technician's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AfterSetup {
    #[serde(skip_serializing_if = "is_default")]
    pub when: When,
    /// In order, each after the one before has ended.
    #[serde(skip_serializing_if = "is_default")]
    pub steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// As the first user who logs on, who has to be an administrator.
    #[default]
    FirstLogon,
    /// As the system, before anybody logs on, by `SetupComplete.cmd`. Windows does not run it on machines whose key comes
    /// from their maker (OEM).
    SetupComplete,
}

/// Either a file of the technician's that goes onto the machine and is run there, or a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// For the log.
    pub name: String,
    /// `apps/7z.msi`, on the technician's computer, beside the profile.
    #[serde(skip_serializing_if = "is_default")]
    pub file: Option<String>,
    /// As one would type them behind the file's name.
    #[serde(skip_serializing_if = "is_default")]
    pub arguments: Option<String>,
    /// A line as it would stand in a `.cmd` file.
    #[serde(skip_serializing_if = "is_default")]
    pub command: Option<String>,
    /// The machine is restarted before the next step.
    #[serde(skip_serializing_if = "is_default")]
    pub restart: bool,
}

impl AnswerOptions {
    /// Every secret, each with its field's name.
    pub(super) fn secrets(&self) -> Vec<(String, &Secret)> {
        let mut secrets = Vec::new();
        if let Some(ProductKey::Key(key)) = &self.setup.product_key {
            secrets.push(("setup.product_key".to_owned(), key));
        }
        if let Some(password) = &self.accounts.administrator_password {
            secrets.push(("accounts.administrator_password".to_owned(), password));
        }
        for (at, user) in self.accounts.users.iter().enumerate() {
            secrets.extend(
                user.password.iter().map(|secret| (format!("accounts.users[{at}].password"), secret)),
            );
        }
        secrets
    }
}
