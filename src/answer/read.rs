//! An answer file back into options, as far as our own vocabulary goes; what it does not reach is named.

use super::check;
use super::keys::{KEY_THAT_ASKS, ProductKey, generic_key};
use super::leaves::Leaves;
use super::oobe_system::{self, NETWORK_LOCATIONS, PAGES, PROTECTIONS};
use super::options::{AnswerOptions, AutoLogon, Disks, Keep, Layout, Region, User, When, Wipe};
use super::passwords::{ADMINISTRATOR_PASSWORD, PASSWORD, decode};
use super::secret::Secret;
use super::specialize::{self, COMMANDS};
use super::version::{Architecture, Version};
use super::windows_pe::{self, IMAGE_INDEX, IMAGE_NAME, LAB_CONFIG, lab_config_command};
use super::{disks, guard, script};

const COMMAND: &str = "FirstLogonCommands/SynchronousCommand";

/// What a file says, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Of disks that are erased, without the consent: that is for a person to give anew.
    pub options: AnswerOptions,
    /// Settings that have no place in the options: pass, component and path, without values.
    pub left_over: Vec<String>,
}

/// Reads a file for this version. `script` is the text of the script that goes with it. The error is a sentence.
pub fn read_xml(bytes: &[u8], script: Option<&str>, version: Version) -> Result<Reading, String> {
    let text = check::decode(bytes).map_err(|error| format!("The file {error}."))?;
    let document = check::parse(&text)?;
    let components = Leaves::of_document(&document)?;
    let mut reader = Reader { version, options: AnswerOptions::default(), left_over: Vec::new() };
    reader.options.windows = Some(version);
    let runs_at_first_logon = reader.read(components);
    match script.and_then(script::read) {
        Some((name, steps)) => {
            if !runs_at_first_logon {
                reader.options.after_setup.when = When::SetupComplete;
            }
            reader.options.after_setup.steps = steps;
            if name.is_some() {
                reader.options.computer.name = name;
            }
        }
        // What it does is not known, and so is not in the options.
        None if runs_at_first_logon => {
            reader.left_over.push(format!("oobeSystem {} {COMMAND}[0]/CommandLine", specialize::SHELL));
        }
        None => {}
    }
    let Reader { options, left_over, .. } = reader;
    Ok(Reading { options, left_over })
}

struct Reader {
    version: Version,
    options: AnswerOptions,
    left_over: Vec<String>,
}

impl Reader {
    /// `true`: a script of ours runs at the first logon.
    fn read(&mut self, components: Vec<Leaves>) -> bool {
        let mut firsts: Vec<Leaves> = Vec::new();
        for component in components {
            let known = Architecture::ALL.into_iter().find(|it| it.name() == component.architecture);
            if let Some(architecture) = known
                && !self.options.architectures.contains(&architecture)
            {
                self.options.architectures.push(architecture);
            }
            let same = firsts.iter().find(|it| it.pass == component.pass && it.name == component.name);
            match same {
                // The same for another architecture.
                Some(first) if first.values == component.values => {}
                Some(_) => self.leave(component),
                None => firsts.push(component),
            }
        }
        let mut has_script = false;
        for mut component in firsts {
            match (component.pass.as_str(), component.name.as_str()) {
                ("windowsPE", windows_pe::INTERNATIONAL) | ("oobeSystem", oobe_system::INTERNATIONAL) => {
                    self.international(&mut component);
                }
                ("windowsPE", windows_pe::SETUP) => self.setup(&mut component),
                ("specialize", specialize::DEPLOYMENT) => self.deployment(&mut component),
                ("specialize", specialize::SHELL) => self.machine(&mut component),
                ("oobeSystem", specialize::SHELL) => has_script |= self.first_start(&mut component),
                _ => {}
            }
            self.leave(component);
        }
        has_script
    }

    fn leave(&mut self, component: Leaves) {
        let (pass, name) = (&component.pass, &component.name);
        self.left_over.extend(component.values.iter().map(|(path, _)| format!("{pass} {name} {path}")));
    }

    /// Both passes say the same; where they differ, the later one is left over.
    fn international(&mut self, leaves: &mut Leaves) {
        let region = &mut self.options.region;
        type Field = fn(&mut Region) -> &mut Option<String>;
        let fields: [(&str, Field); 4] = [
            ("SetupUILanguage/UILanguage", |region| &mut region.setup_language),
            ("SystemLocale", |region| &mut region.system_locale),
            ("UILanguage", |region| &mut region.ui_language),
            ("UserLocale", |region| &mut region.user_locale),
        ];
        for (path, field) in fields {
            let place = field(region);
            leaves.take_if(path, |value| {
                let fits = place.is_none() || place.as_deref() == Some(value);
                place.get_or_insert_with(|| value.to_owned());
                fits
            });
        }
        leaves.take_if("InputLocale", |value| {
            let list: Vec<String> = value.split(';').map(|it| it.trim().to_owned()).collect();
            let fits = region.keyboards.is_empty() || region.keyboards == list;
            if region.keyboards.is_empty() {
                region.keyboards = list;
            }
            fits
        });
    }

    fn setup(&mut self, leaves: &mut Leaves) {
        let setup = &mut self.options.setup;
        setup.accept_eula = leaves.take_if("UserData/AcceptEula", |value| value == "true").is_some();
        setup.full_name = leaves.take("UserData/FullName");
        setup.organization = leaves.take("UserData/Organization");
        let is_bool = |value: &str| matches!(value, "true" | "false");
        setup.dynamic_update = leaves.take_if("DynamicUpdate/Enable", is_bool).map(|value| value == "true");
        let meta_data = "ImageInstall/OSImage/InstallFrom/MetaData[0]";
        let value = leaves.get(&format!("{meta_data}/Value")).map(str::to_owned);
        match (leaves.get(&format!("{meta_data}/Key")), value) {
            (Some(IMAGE_NAME), value @ Some(_)) => setup.edition = value,
            (Some(IMAGE_INDEX), Some(value)) => setup.edition_index = value.parse().ok(),
            _ => {}
        }
        if setup.edition.is_some() || setup.edition_index.is_some() {
            leaves.take_below(meta_data);
        }
        self.product_key(leaves);
        self.disks(leaves);
        for (name, field) in LAB_CONFIG {
            if leaves.take_command(&lab_config_command(name)) {
                *field(&mut self.options.requirements) = true;
            }
        }
    }

    fn product_key(&mut self, leaves: &mut Leaves) {
        let setup = &mut self.options.setup;
        let generic = setup.edition.as_deref().and_then(generic_key);
        let is_new = self.version >= Version::Ten;
        let key = leaves.get("UserData/ProductKey/Key");
        let product_key = match (key, leaves.get("UserData/ProductKey/WillShowUI")) {
            (Some(KEY_THAT_ASKS), Some("Always")) if is_new => ProductKey::Ask,
            (None, Some("Always")) if !is_new => ProductKey::Ask,
            (None, Some("Never")) if is_new => ProductKey::Firmware,
            (None, Some("Never")) => ProductKey::None,
            (Some(key), Some("OnError")) if is_new && generic == Some(key) => ProductKey::Generic,
            (Some(key), Some("OnError")) => ProductKey::Key(Secret::new(key)),
            _ => return,
        };
        setup.product_key = Some(product_key);
        leaves.take_below("UserData/ProductKey");
    }

    /// A layout is ours if it is, to the last value, what we would write.
    fn disks(&mut self, leaves: &mut Leaves) {
        const INSTALL_TO: &str = "ImageInstall/OSImage/InstallTo";
        let number = |path: &str| leaves.get(path).and_then(|value| value.parse::<u32>().ok());
        let (Some(disk), Some(partition)) =
            (number(&format!("{INSTALL_TO}/DiskID")), number(&format!("{INSTALL_TO}/PartitionID")))
        else {
            return;
        };
        let wipe = wipe_of(leaves, self.version);
        let found = match wipe {
            Some(wipe) => Disks::Wipe(wipe),
            None if !leaves.has_below("DiskConfiguration") => Disks::Keep(Keep { disk, partition }),
            None => return,
        };
        let has_configuration = Leaves::of_element(&disks::configuration(&found, self.version));
        if disks::install_to(&found) != Some((disk, partition))
            || leaves.below("DiskConfiguration") != has_configuration
            || leaves.get("ImageInstall/OSImage/WillShowUI") != Some("OnError")
        {
            return;
        }
        leaves.take_below("DiskConfiguration");
        leaves.take_below(INSTALL_TO);
        leaves.take("ImageInstall/OSImage/WillShowUI");
        for (_, command) in guard::commands(&found) {
            leaves.take_command(&command);
        }
        self.options.disks = found;
    }

    fn deployment(&mut self, leaves: &mut Leaves) {
        for command in COMMANDS {
            if leaves.take_command(&command.line()) {
                (command.apply)(&mut self.options);
            }
        }
    }

    fn machine(&mut self, leaves: &mut Leaves) {
        self.options.computer.name = leaves.take("ComputerName");
        self.options.region.time_zone = leaves.take("TimeZone");
        let setup = &mut self.options.setup;
        for (path, place) in
            [("RegisteredOwner", &mut setup.full_name), ("RegisteredOrganization", &mut setup.organization)]
        {
            leaves.take_if(path, |value| place.get_or_insert_with(|| value.to_owned()) == value);
        }
    }

    /// `true`: a script of ours runs at the first logon.
    fn first_start(&mut self, leaves: &mut Leaves) -> bool {
        let first_start = &mut self.options.first_start;
        for (name, field) in PAGES {
            *field(first_start) = leaves.take_if(&format!("OOBE/{name}"), |value| value == "true").is_some();
        }
        let path = "OOBE/NetworkLocation";
        let location = NETWORK_LOCATIONS.iter().find(|(name, _)| leaves.get(path) == Some(name));
        first_start.network_location = location.map(|(_, it)| *it);
        leaves.take_if(path, |_| location.is_some());
        let path = "OOBE/ProtectYourPC";
        let protection = PROTECTIONS.iter().find(|(number, _)| leaves.get(path) == Some(number));
        first_start.protection = protection.map(|(_, it)| *it);
        leaves.take_if(path, |_| protection.is_some());
        self.accounts(leaves);
        let is_ours = leaves.get(&format!("{COMMAND}[0]/CommandLine")) == Some(script::FIRST_LOGON_COMMAND)
            && leaves.get(&format!("{COMMAND}[1]/CommandLine")).is_none();
        if is_ours {
            leaves.take_below("FirstLogonCommands");
        }
        is_ours
    }

    fn accounts(&mut self, leaves: &mut Leaves) {
        let accounts = &mut self.options.accounts;
        let path = format!("UserAccounts/{ADMINISTRATOR_PASSWORD}");
        if let Some((password, is_encoded)) = take_password(leaves, &path, ADMINISTRATOR_PASSWORD) {
            accounts.encode_passwords |= is_encoded;
            accounts.administrator_password = password;
        }
        for at in 0.. {
            let path = format!("UserAccounts/LocalAccounts/LocalAccount[{at}]");
            let Some(name) = leaves.take(&format!("{path}/Name")) else { break };
            let mut user = User { name, ..User::default() };
            user.display_name = leaves.take(&format!("{path}/DisplayName"));
            user.description = leaves.take(&format!("{path}/Description"));
            let groups = leaves.take(&format!("{path}/Group")).unwrap_or_default();
            user.groups = groups.split(';').filter(|it| !it.is_empty()).map(str::to_owned).collect();
            if let Some((password, is_encoded)) = take_password(leaves, &format!("{path}/Password"), PASSWORD)
            {
                accounts.encode_passwords |= is_encoded && password.is_some();
                user.password = password;
            }
            accounts.users.push(user);
        }
        let count = leaves.get("AutoLogon/LogonCount").and_then(|count| count.parse::<u32>().ok());
        let user = leaves.get("AutoLogon/Username").map(str::to_owned);
        if let (Some("true"), Some(user), Some(count)) = (leaves.get("AutoLogon/Enabled"), user, count) {
            let own = super::accounts::password_of(accounts, &user).flatten().cloned();
            let mut copy = leaves.clone();
            // Another password than the account has would not log on; it is not ours to mend.
            let found = take_password(&mut copy, "AutoLogon/Password", PASSWORD);
            if found.is_some_and(|(password, _)| password == own) {
                accounts.auto_logon = Some(AutoLogon { user, count });
                for part in ["Enabled", "Username", "LogonCount", "Password/Value", "Password/PlainText"] {
                    leaves.take(&format!("AutoLogon/{part}"));
                }
            }
        }
    }
}

/// The password, none for an empty one, and whether it was encoded. `None`: there is none that can be read.
fn take_password(leaves: &mut Leaves, path: &str, element: &str) -> Option<(Option<Secret>, bool)> {
    let (value_path, form_path) = (format!("{path}/Value"), format!("{path}/PlainText"));
    let value = leaves.get(&value_path)?;
    let (password, is_encoded) = match leaves.get(&form_path)? {
        "true" => (Secret::new(value), false),
        "false" => (decode(value, element)?, true),
        _ => return None,
    };
    leaves.take(&value_path);
    leaves.take(&form_path);
    Some((Some(password).filter(|password| !password.reveal().is_empty()), is_encoded))
}

/// What the configuration would be ours for.
fn wipe_of(leaves: &Leaves, version: Version) -> Option<Wipe> {
    const DISK: &str = "DiskConfiguration/Disk";
    let number = |path: String| leaves.get(&path)?.parse::<u32>().ok();
    let create = |at: usize, part: &str| format!("{DISK}[1]/CreatePartitions/CreatePartition[{at}]/{part}");
    let size = |at: usize| number(create(at, "Size"));
    let layout = match leaves.get(&create(0, "Type"))? {
        "EFI" => Layout::Uefi,
        _ => Layout::Bios,
    };
    let has_recovery = (0..4)
        .any(|at| leaves.get(&format!("{DISK}[1]/ModifyPartitions/ModifyPartition[{at}]/TypeID")).is_some());
    let after_start = match layout {
        Layout::Bios => 1,
        Layout::Uefi => 2,
    };
    let unless = |usual: u32| move |size: &u32| *size != usual;
    Some(Wipe {
        disk: number(format!("{DISK}[1]/DiskID"))?,
        layout,
        stick_disk: number(format!("{DISK}[0]/DiskID"))?,
        consent: None,
        system_mb: size(0).filter(unless(disks::system_mb(layout, version))),
        reserved_mb: size(1).filter(|_| layout == Layout::Uefi).filter(unless(disks::RESERVED_MB)),
        recovery_mb: size(after_start).filter(|_| has_recovery),
        windows_mb: size(after_start + usize::from(has_recovery)),
    })
}
