//! From the form to the options, and back.

use super::form::{Form, StepKind, list};
use crate::answer::{
    Accounts, AfterSetup, AnswerOptions, AutoLogon, Computer, Disks, FirstStart, Keep, Layout, Privacy,
    ProductKey, Region, Requirements, Secret, SetupOptions, Step, User, Violation, Wipe,
};
use crate::gui::action::{AnswerSwitch, AnswerText, DisksChoice, KeyChoice, RowId, StepText, UserText};

/// Options, and what no option can be made of: numbers that are none. In the place of one that is not there stands
/// something that is not complained about a second time.
pub fn options(form: &Form) -> (AnswerOptions, Vec<Violation>) {
    let mut reader = Reader { form, violations: Vec::new() };
    let options = reader.options();
    (options, reader.violations)
}

struct Reader<'a> {
    form: &'a Form,
    violations: Vec<Violation>,
}

impl Reader<'_> {
    fn text(&self, text: AnswerText) -> Option<String> {
        let text = self.form.text(text);
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn secret(&self, text: AnswerText) -> Option<Secret> {
        self.text(text).map(Secret::new)
    }

    fn on(&self, switch: AnswerSwitch) -> bool {
        self.form.is_on(switch)
    }

    fn complain(&mut self, text: AnswerText, limit: &str) {
        let value = self.text(text);
        let field = self.form.path(text).unwrap_or_default();
        self.violations.push(Violation { field, value, limit: limit.to_owned() });
    }

    /// A number that may be left out.
    fn number(&mut self, text: AnswerText) -> Option<u32> {
        let typed = self.form.text(text).trim();
        if typed.is_empty() {
            return None;
        }
        let number = typed.parse().ok();
        if number.is_none() {
            self.complain(text, "a whole number is needed here");
        }
        number
    }

    /// A number that has to be there.
    fn needed(&mut self, text: AnswerText, instead: u32) -> u32 {
        if self.form.text(text).trim().is_empty() {
            self.complain(text, "a number is needed here");
        }
        self.number(text).unwrap_or(instead)
    }

    fn options(&mut self) -> AnswerOptions {
        let form = self.form;
        AnswerOptions {
            windows: form.windows,
            architectures: form.architectures.clone(),
            region: Region {
                setup_language: self.text(AnswerText::SetupLanguage),
                ui_language: self.text(AnswerText::UiLanguage),
                system_locale: self.text(AnswerText::SystemLocale),
                user_locale: self.text(AnswerText::UserLocale),
                keyboards: list(form.text(AnswerText::Keyboards)),
                time_zone: self.text(AnswerText::TimeZone),
            },
            setup: SetupOptions {
                edition: self.text(AnswerText::Edition),
                edition_index: self.number(AnswerText::EditionIndex),
                product_key: self.product_key(),
                accept_eula: self.on(AnswerSwitch::AcceptEula),
                full_name: self.text(AnswerText::FullName),
                organization: self.text(AnswerText::Organization),
                dynamic_update: form.dynamic_update,
            },
            computer: Computer { name: self.text(AnswerText::ComputerName) },
            disks: self.disks(),
            accounts: Accounts {
                encode_passwords: self.on(AnswerSwitch::EncodePasswords),
                administrator_password: self.secret(AnswerText::AdministratorPassword),
                administrator_enabled: form.administrator,
                auto_logon: self.auto_logon(),
                users: form.users.iter().map(|id| self.user(*id)).collect(),
            },
            first_start: FirstStart {
                hide_eula: self.on(AnswerSwitch::HideEula),
                hide_wireless_setup: self.on(AnswerSwitch::HideWirelessSetup),
                hide_oem_registration: self.on(AnswerSwitch::HideOemRegistration),
                hide_online_accounts: self.on(AnswerSwitch::HideOnlineAccounts),
                hide_local_account: self.on(AnswerSwitch::HideLocalAccount),
                allow_no_network: self.on(AnswerSwitch::AllowNoNetwork),
                network_location: form.network,
                protection: form.protection,
            },
            privacy: Privacy {
                skip_questions: self.on(AnswerSwitch::SkipQuestions),
                telemetry: form.telemetry,
                prevent_device_encryption: self.on(AnswerSwitch::PreventDeviceEncryption),
            },
            requirements: Requirements {
                ignore_tpm: self.on(AnswerSwitch::IgnoreTpm),
                ignore_secure_boot: self.on(AnswerSwitch::IgnoreSecureBoot),
                ignore_ram: self.on(AnswerSwitch::IgnoreRam),
                ignore_cpu: self.on(AnswerSwitch::IgnoreCpu),
                ignore_storage: self.on(AnswerSwitch::IgnoreStorage),
            },
            after_setup: AfterSetup {
                when: form.when,
                steps: form.steps.iter().map(|row| self.step(row.id, row.kind)).collect(),
            },
        }
    }

    fn product_key(&mut self) -> Option<ProductKey> {
        Some(match self.form.key {
            KeyChoice::NotAnswered => return None,
            KeyChoice::Ask => ProductKey::Ask,
            KeyChoice::None => ProductKey::None,
            KeyChoice::Firmware => ProductKey::Firmware,
            KeyChoice::Generic => ProductKey::Generic,
            // An empty one is complained about as one without the form of a key.
            KeyChoice::Typed => ProductKey::Key(Secret::new(self.form.text(AnswerText::ProductKey))),
        })
    }

    fn disks(&mut self) -> Disks {
        match self.form.disks {
            DisksChoice::Interactive => Disks::Interactive,
            DisksChoice::Keep => Disks::Keep(Keep {
                disk: self.needed(AnswerText::Disk, 0),
                partition: self.needed(AnswerText::Partition, 1),
            }),
            DisksChoice::Wipe => {
                if self.form.layout.is_none() {
                    let limit = "say how the machines start".to_owned();
                    self.violations.push(Violation {
                        field: super::form::LAYOUT_PATH.to_owned(),
                        value: None,
                        limit,
                    });
                }
                let disk = self.needed(AnswerText::Disk, 0);
                Disks::Wipe(Wipe {
                    disk,
                    stick_disk: self.needed(AnswerText::StickDisk, if disk == 0 { 1 } else { 0 }),
                    layout: self.form.layout.unwrap_or(Layout::Uefi),
                    consent: self.text(AnswerText::Consent),
                    system_mb: self.number(AnswerText::SystemMb),
                    reserved_mb: self.number(AnswerText::ReservedMb),
                    recovery_mb: self.number(AnswerText::RecoveryMb),
                    windows_mb: self.number(AnswerText::WindowsMb),
                })
            }
        }
    }

    fn auto_logon(&mut self) -> Option<AutoLogon> {
        let user = self.text(AnswerText::LogonUser)?;
        Some(AutoLogon { user, count: self.needed(AnswerText::LogonCount, 1) })
    }

    fn user(&self, id: RowId) -> User {
        let text = |part| self.text(AnswerText::User(id, part));
        User {
            name: text(UserText::Name).unwrap_or_default(),
            display_name: text(UserText::DisplayName),
            description: text(UserText::Description),
            groups: self.form.groups(id),
            password: self.secret(AnswerText::User(id, UserText::Password)),
        }
    }

    /// What was typed for a step of the other kind does not count.
    fn step(&self, id: RowId, kind: StepKind) -> Step {
        let text = |part| self.text(AnswerText::Step(id, part));
        let is_file = kind == StepKind::File;
        Step {
            name: text(StepText::Name).unwrap_or_default(),
            file: text(StepText::File).filter(|_| is_file),
            arguments: text(StepText::Arguments).filter(|_| is_file),
            // An empty one is complained about as such.
            command: (!is_file).then(|| text(StepText::Command).unwrap_or_default()),
            restart: self.on(AnswerSwitch::Restart(id)),
        }
    }
}

/// The form that says the same.
pub fn form(options: &AnswerOptions) -> Form {
    let mut form = Form::default();
    form.windows = options.windows;
    form.architectures = options.architectures.clone();
    form.dynamic_update = options.setup.dynamic_update;
    form.administrator = options.accounts.administrator_enabled;
    form.network = options.first_start.network_location;
    form.protection = options.first_start.protection;
    form.telemetry = options.privacy.telemetry;
    form.when = options.after_setup.when;
    put_texts(&mut form, options);
    put_switches(&mut form, options);
    put_key(&mut form, options.setup.product_key.as_ref());
    put_disks(&mut form, &options.disks);
    for user in &options.accounts.users {
        put_user(&mut form, user);
    }
    for step in &options.after_setup.steps {
        put_step(&mut form, step);
    }
    form
}

fn put_texts(form: &mut Form, options: &AnswerOptions) {
    let (region, setup, accounts) = (&options.region, &options.setup, &options.accounts);
    for (text, value) in [
        (AnswerText::SetupLanguage, &region.setup_language),
        (AnswerText::UiLanguage, &region.ui_language),
        (AnswerText::SystemLocale, &region.system_locale),
        (AnswerText::UserLocale, &region.user_locale),
        (AnswerText::TimeZone, &region.time_zone),
        (AnswerText::Edition, &setup.edition),
        (AnswerText::FullName, &setup.full_name),
        (AnswerText::Organization, &setup.organization),
        (AnswerText::ComputerName, &options.computer.name),
    ] {
        form.put(text, value.as_deref().unwrap_or_default());
    }
    form.put(AnswerText::Keyboards, region.keyboards.join(", "));
    form.put(AnswerText::EditionIndex, number(setup.edition_index));
    if let Some(password) = &accounts.administrator_password {
        form.put(AnswerText::AdministratorPassword, password.reveal());
    }
    if let Some(logon) = &accounts.auto_logon {
        form.put(AnswerText::LogonUser, logon.user.as_str());
        form.put(AnswerText::LogonCount, logon.count.to_string());
    }
}

fn put_switches(form: &mut Form, options: &AnswerOptions) {
    let (pages, privacy, ignored) = (&options.first_start, &options.privacy, &options.requirements);
    for (switch, on) in [
        (AnswerSwitch::AcceptEula, options.setup.accept_eula),
        (AnswerSwitch::EncodePasswords, options.accounts.encode_passwords),
        (AnswerSwitch::HideEula, pages.hide_eula),
        (AnswerSwitch::HideWirelessSetup, pages.hide_wireless_setup),
        (AnswerSwitch::HideOemRegistration, pages.hide_oem_registration),
        (AnswerSwitch::HideOnlineAccounts, pages.hide_online_accounts),
        (AnswerSwitch::HideLocalAccount, pages.hide_local_account),
        (AnswerSwitch::AllowNoNetwork, pages.allow_no_network),
        (AnswerSwitch::SkipQuestions, privacy.skip_questions),
        (AnswerSwitch::PreventDeviceEncryption, privacy.prevent_device_encryption),
        (AnswerSwitch::IgnoreTpm, ignored.ignore_tpm),
        (AnswerSwitch::IgnoreSecureBoot, ignored.ignore_secure_boot),
        (AnswerSwitch::IgnoreRam, ignored.ignore_ram),
        (AnswerSwitch::IgnoreCpu, ignored.ignore_cpu),
        (AnswerSwitch::IgnoreStorage, ignored.ignore_storage),
    ] {
        form.switch(switch, on);
    }
}

fn put_key(form: &mut Form, key: Option<&ProductKey>) {
    form.key = match key {
        None => KeyChoice::NotAnswered,
        Some(ProductKey::Ask) => KeyChoice::Ask,
        Some(ProductKey::None) => KeyChoice::None,
        Some(ProductKey::Firmware) => KeyChoice::Firmware,
        Some(ProductKey::Generic) => KeyChoice::Generic,
        Some(ProductKey::Key(key)) => {
            form.put(AnswerText::ProductKey, key.reveal());
            KeyChoice::Typed
        }
    };
}

fn put_disks(form: &mut Form, disks: &Disks) {
    match disks {
        Disks::Interactive => {}
        Disks::Keep(keep) => {
            form.disks = DisksChoice::Keep;
            form.put(AnswerText::Disk, keep.disk.to_string());
            form.put(AnswerText::Partition, keep.partition.to_string());
        }
        Disks::Wipe(wipe) => {
            form.disks = DisksChoice::Wipe;
            form.layout = Some(wipe.layout);
            form.put(AnswerText::Disk, wipe.disk.to_string());
            form.put(AnswerText::StickDisk, wipe.stick_disk.to_string());
            form.put(AnswerText::Consent, wipe.consent.as_deref().unwrap_or_default());
            for (text, size_mb) in [
                (AnswerText::SystemMb, wipe.system_mb),
                (AnswerText::ReservedMb, wipe.reserved_mb),
                (AnswerText::RecoveryMb, wipe.recovery_mb),
                (AnswerText::WindowsMb, wipe.windows_mb),
            ] {
                form.put(text, number(size_mb));
            }
        }
    }
}

fn put_user(form: &mut Form, user: &User) {
    let id = form.add_user();
    for (part, value) in [
        (UserText::Name, user.name.as_str()),
        (UserText::DisplayName, user.display_name.as_deref().unwrap_or_default()),
        (UserText::Description, user.description.as_deref().unwrap_or_default()),
        (UserText::Groups, &user.groups.join(", ")),
        (UserText::Password, user.password.as_ref().map_or("", Secret::reveal)),
    ] {
        form.put(AnswerText::User(id, part), value);
    }
}

fn put_step(form: &mut Form, step: &Step) {
    let kind = if step.command.is_some() && step.file.is_none() { StepKind::Command } else { StepKind::File };
    let id = form.add_step(kind);
    for (part, value) in [
        (StepText::Name, step.name.as_str()),
        (StepText::File, step.file.as_deref().unwrap_or_default()),
        (StepText::Arguments, step.arguments.as_deref().unwrap_or_default()),
        (StepText::Command, step.command.as_deref().unwrap_or_default()),
    ] {
        form.put(AnswerText::Step(id, part), value);
    }
    form.switch(AnswerSwitch::Restart(id), step.restart);
}

fn number(number: Option<u32>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}
