//! Options at random, from values that are good, at the edge, and beyond it.

use sticksmith::answer::{
    AnswerOptions, Architecture, AutoLogon, Disks, Keep, Layout, NetworkLocation, ProductKey, Protection,
    SERIAL, Secret, Step, Target, Telemetry, User, Version, When, Wipe, time_zones,
};

/// In every password.
pub const SECRET: &str = "hunter2";

/// Where a field's name may begin.
pub const FIELDS: [&str; 10] = [
    "architectures",
    "region.",
    "setup.",
    "computer.name",
    "disks.",
    "accounts.",
    "first_start.",
    "privacy.",
    "requirements.",
    "after_setup.",
];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// Seldom one of the bad ones.
    fn text(&mut self, good: &[&str], bad: &[&str]) -> String {
        if self.one_in(40) { self.of(bad).to_owned() } else { self.of(good).to_owned() }
    }

    fn maybe(&mut self, good: &[&str], bad: &[&str]) -> Option<String> {
        self.one_in(2).then(|| self.text(good, bad))
    }

    fn number(&mut self, good: &[u32], bad: &[u32]) -> u32 {
        if self.one_in(40) { self.of(bad) } else { self.of(good) }
    }
}

const TAGS: [&str; 5] = ["en-US", "de-DE", "sr-Latn-RS", "ja-JP", "fr-CA"];
const BAD_TAGS: [&str; 4] = ["", "English", "en;de", "<x>"];
const NAMES: [&str; 7] = ["A. Person", "Größe", "日本語", "<&>\"'", "]]>", "a", "🦀 & Söhne"];
const BAD_NAMES: [&str; 4] = ["", " blank", "two\nlines", "\u{FFFF}"];

pub fn options(seed: u64) -> (AnswerOptions, Target) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let r = &mut random;
    (0..10).for_each(|_| {
        r.below(2);
    });
    let version = r.of(&Version::ALL);
    let mut architectures = match version {
        Version::Eleven => vec![Architecture::Amd64],
        _ => vec![Architecture::X86, Architecture::Amd64],
    };
    if r.one_in(30) {
        architectures.push(Architecture::Arm64);
    }
    let mut options = AnswerOptions::default();
    region(&mut options, r);
    setup(&mut options, version, r);
    disks(&mut options, version, r);
    accounts(&mut options, r);
    pages(&mut options, version, r);
    steps(&mut options, r);
    (options, Target { version, architectures })
}

fn region(options: &mut AnswerOptions, r: &mut Random) {
    let region = &mut options.region;
    region.setup_language = r.maybe(&TAGS, &BAD_TAGS);
    region.ui_language = r.maybe(&TAGS, &BAD_TAGS);
    region.system_locale = r.maybe(&TAGS, &BAD_TAGS);
    region.user_locale = r.maybe(&TAGS, &BAD_TAGS);
    region.keyboards =
        (0..r.below(3)).map(|_| r.text(&["0407:00000407", "en-US"], &["", "0407", "a;b"])).collect();
    region.time_zone = r.maybe(
        &["W. Europe Standard Time", "Asia/Kolkata", "new york", "UTC", "Tokyo Standard Time"],
        &["", "Atlantis", "Mars/Phobos"],
    );
}

fn setup(options: &mut AnswerOptions, version: Version, r: &mut Random) {
    let setup = &mut options.setup;
    let long = "n".repeat(64);
    match r.below(3) {
        0 => {
            setup.edition =
                Some(r.text(&["Windows 7 PROFESSIONAL", "Pro", "Windows 11 Education"], &BAD_NAMES))
        }
        1 => setup.edition_index = Some(r.number(&[1, 4, 999], &[0, 1000])),
        _ => {}
    }
    let words: &[ProductKey] = if r.one_in(20) || version < Version::Eight {
        &[ProductKey::Ask, ProductKey::None]
    } else if version >= Version::Ten {
        &[ProductKey::Ask, ProductKey::Firmware, ProductKey::Generic]
    } else {
        &[ProductKey::Ask]
    };
    setup.product_key = match r.below(4) {
        0 => Some(r.of(words)),
        1 => Some(ProductKey::Key(Secret::new(
            r.text(&["BCDFG-HJKMP-QRTVW-XY234-6789B"], &["hunter2", "BCDFG-HJKMP-QRTVW-XY234-hunt2"]),
        ))),
        _ => None,
    };
    setup.accept_eula = r.one_in(2);
    setup.full_name = r.maybe(&NAMES, &[BAD_NAMES.as_slice(), &[long.as_str()]].concat());
    setup.organization = r.maybe(&NAMES, &BAD_NAMES);
    setup.dynamic_update = r.of(&[None, Some(true), Some(false)]);
    let bad =
        ["", "123456", "with blank", "-x", "sixteen-letters-", "PÄ", "{serial}", "much-too-much{serial}"];
    let good = if version > Version::Vista {
        ["*", "PC-1", "A", "exactly15letter", "PC-{serial}", "{serial}-X"]
    } else {
        ["*", "PC-1", "A", "exactly15letter", "0x1", "x"]
    };
    options.computer.name = r.maybe(&good, &bad);
}

fn disks(options: &mut AnswerOptions, version: Version, r: &mut Random) {
    options.disks = match r.below(4) {
        0 => {
            Disks::Keep(Keep { disk: r.number(&[0, 99], &[100]), partition: r.number(&[1, 128], &[0, 129]) })
        }
        1 | 2 => {
            let layout = r.of(&[Layout::Bios, Layout::Uefi]);
            let disk = r.number(&[0, 1, 99], &[100]);
            let maybe = |r: &mut Random, good: &[u32], bad: &[u32]| r.one_in(2).then(|| r.number(good, bad));
            let mut wipe = Wipe {
                disk,
                layout,
                stick_disk: if r.one_in(40) { disk } else { r.number(&[2, 3], &[100]) },
                consent: None,
                system_mb: maybe(r, &[101, 259], &[99, 501]),
                reserved_mb: maybe(r, &[17, 128], &[15, 129]),
                recovery_mb: maybe(r, &[300, 1000], &[299]),
                windows_mb: maybe(r, &[65_536, 100_000], &[1]),
            };
            if layout == Layout::Bios && !r.one_in(40) {
                wipe.reserved_mb = None;
            }
            if version == Version::Vista && !r.one_in(40) {
                wipe.recovery_mb = None;
            }
            let words = wipe.consent_words();
            wipe.consent = Some(if r.one_in(40) { "yes".to_owned() } else { words });
            Disks::Wipe(wipe)
        }
        _ => Disks::Interactive,
    };
}

fn accounts(options: &mut AnswerOptions, r: &mut Random) {
    let accounts = &mut options.accounts;
    let long = format!("{SECRET}{}", "p".repeat(121));
    let password = |r: &mut Random| {
        r.one_in(2).then(|| {
            Secret::new(r.text(
                &[
                    "hunter2",
                    " hunter2 ",
                    "<&>\"'hunter2]]>",
                    "ßhunter2🦀",
                    "hunter2Password",
                    "hunter2!%^&|",
                ],
                &["hunter2\n", &long],
            ))
        })
    };
    accounts.administrator_password = password(r);
    accounts.administrator_enabled = r.of(&[None, None, Some(true), Some(false)]);
    let names = ["worker", "Zoë", "日本", "a&b'", "exactly-20-letters-x"];
    for usual in names.iter().take(r.below(4)) {
        let name = if r.one_in(40) {
            r.of(&["", "Administrator", "guest", "a/b", "dot.", "twenty-one-letters-xx", "worker", "PC-1"])
                .to_owned()
        } else {
            (*usual).to_owned()
        };
        accounts.users.push(User {
            name,
            display_name: r.maybe(&NAMES, &BAD_NAMES),
            description: r.maybe(&NAMES, &BAD_NAMES),
            groups: (0..r.below(3)).map(|_| r.text(&["Administrators", "Users"], &["", "a;b"])).collect(),
            password: password(r),
        });
    }
    let has_password = options.accounts.users.iter().any(|user| user.password.is_some())
        || options.accounts.administrator_password.is_some();
    // Where there is none, nothing in the document tells.
    options.accounts.encode_passwords = has_password && r.one_in(2);
    if r.one_in(3) {
        let mut users: Vec<String> = options.accounts.users.iter().map(|user| user.name.clone()).collect();
        if options.accounts.administrator_enabled != Some(false) {
            users.push("Administrator".to_owned());
        }
        if users.is_empty() || r.one_in(40) {
            users = vec!["nobody".to_owned()];
        }
        options.accounts.auto_logon =
            Some(AutoLogon { user: r.of(&users), count: r.number(&[1, 2, 9_999_999], &[0]) });
    }
}

fn pages(options: &mut AnswerOptions, version: Version, r: &mut Random) {
    let allowed = |since: Version, r: &mut Random| (version >= since || r.one_in(60)) && r.one_in(2);
    let pages = &mut options.first_start;
    pages.hide_eula = r.one_in(2);
    pages.hide_wireless_setup = allowed(Version::Seven, r);
    pages.hide_oem_registration = allowed(Version::Eight, r);
    pages.hide_online_accounts = allowed(Version::Eight, r);
    pages.hide_local_account = allowed(Version::Eight, r);
    pages.allow_no_network = allowed(Version::Eleven, r);
    if version <= Version::EightOne || r.one_in(60) {
        pages.network_location = r.of(&[
            None,
            Some(NetworkLocation::Home),
            Some(NetworkLocation::Work),
            Some(NetworkLocation::Other),
        ]);
    }
    pages.protection =
        r.of(&[None, Some(Protection::Recommended), Some(Protection::Updates), Some(Protection::Off)]);
    let privacy = &mut options.privacy;
    privacy.skip_questions = allowed(Version::Ten, r);
    privacy.prevent_device_encryption = allowed(Version::Ten, r);
    if allowed(Version::Ten, r) {
        privacy.telemetry = Some(r.of(&[Telemetry::Off, Telemetry::Required]));
    }
    let requirements = &mut options.requirements;
    requirements.ignore_tpm = allowed(Version::Eleven, r);
    requirements.ignore_secure_boot = allowed(Version::Eleven, r);
    requirements.ignore_ram = allowed(Version::Eleven, r);
    requirements.ignore_cpu = allowed(Version::Eleven, r);
    requirements.ignore_storage = allowed(Version::Eleven, r);
}

fn steps(options: &mut AnswerOptions, r: &mut Random) {
    let count = r.below(4);
    let files = ["7z.msi", "Büro setup.exe", "x.CMD", "fonts.reg", "patch.msp", "update.msu", "tool.vbs"];
    for _ in 0..count {
        let name = r.text(&["7-Zip", "Büro", "日本", "a'b"], &["", "50%", "a\nb", "\"x\""]);
        let mut step = Step { name, restart: r.one_in(4), ..Step::default() };
        if r.one_in(2) {
            step.file =
                Some(r.text(&files, &["", "noending", "x.txt", "a:b.exe", "first-logon.cmd", "apps/"]));
            step.arguments = r.maybe(&["/qn", "/S /D=\"C:\\a b\"", "\"\" & echo <x>"], &["", " x", "a\nb"]);
        } else {
            step.command = Some(r.text(
                &[
                    "powercfg /h off",
                    "echo a & echo <b> \"c\"",
                    "call \"%SystemDrive%\\x.cmd\" /y",
                    "reg.exe import x",
                ],
                &["", "a\nb", " x"],
            ));
            if r.one_in(40) {
                step.arguments = Some("/x".to_owned());
            }
        }
        options.after_setup.steps.push(step);
    }
    let has_script = count > 0 || options.computer.name.as_deref().is_some_and(|name| name.contains(SERIAL));
    let restarts = options.after_setup.steps.iter().any(|step| step.restart);
    if has_script && (!restarts || r.one_in(20)) && r.one_in(2) {
        options.after_setup.when = When::SetupComplete;
    }
}

/// The options as a document says them again: names in the form that Windows has, what is the default left out.
pub fn canonical(options: &AnswerOptions, target: &Target) -> AnswerOptions {
    let mut options = options.clone();
    options.windows = Some(target.version);
    options.architectures = target.architectures.clone();
    if let Some(zone) = options.region.time_zone.as_deref().and_then(time_zones::find) {
        options.region.time_zone = Some(zone.id.to_owned());
    }
    for step in &mut options.after_setup.steps {
        step.file = step.file.take().map(|file| file.rsplit('/').next().unwrap_or_default().to_owned());
    }
    options
}

/// Consent is not in a document: whoever wants the disk erased gives it again.
pub fn consenting(mut options: AnswerOptions) -> AnswerOptions {
    if let Disks::Wipe(wipe) = &mut options.disks {
        assert_eq!(wipe.consent, None);
        wipe.consent = Some(wipe.consent_words());
    }
    options
}
