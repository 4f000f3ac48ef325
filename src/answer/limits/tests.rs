use super::*;
use crate::answer::read_profile;

const WIPE: &str = "[disks]\nmode = \"wipe\"\ndisk = 0\nstick_disk = 1\nconsent = \"erase disk 0\"\n";

fn violations(profile: &str, version: Version, architectures: &[Architecture]) -> Vec<Violation> {
    let options = read_profile(profile.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{profile}"));
    check(&options, &Target { version, architectures: architectures.to_vec() })
}

/// Every limit, seen from one step beyond it: the field, and words of the sentence.
#[test]
fn every_limit_names_its_field() {
    use Version::{Eight, EightOne, Eleven, Seven, Ten, Vista};
    let user = |field: &str| format!("[[accounts.users]]\nname = \"worker\"\n{field}");
    let named = |name: &str| format!("[[accounts.users]]\nname = '{name}'");
    let step = |fields: &str| format!("[[after_setup.steps]]\nname = \"x\"\n{fields}");
    let computer = |name: &str| format!("[computer]\nname = \"{name}\"");
    let setup = |field: &str| format!("[setup]\n{field}");
    let bios = |field: &str| format!("{WIPE}layout = \"bios\"\n{field}");
    let uefi = |field: &str| format!("{WIPE}layout = \"uefi\"\n{field}");
    let long = |count: usize| "x".repeat(count);
    for (profile, version, field, words) in [
        ("[region]\nui_language = \"german\"".to_owned(), Seven, "region.ui_language", "en-US"),
        (
            "[region]\nkeyboards = [\"de-DE\", \"0407\"]".to_owned(),
            Seven,
            "region.keyboards[1]",
            "0407:00000407",
        ),
        (
            "[region]\ntime_zone = \"Europe/Atlantis\"".to_owned(),
            Seven,
            "region.time_zone",
            "no such time zone",
        ),
        ("[region]\ntime_zone = \"Pacific\"".to_owned(), Seven, "region.time_zone", "perhaps"),
        (setup("edition = \"\""), Seven, "setup.edition", "empty"),
        (setup("edition = \"a\"\nedition_index = 1"), Seven, "setup.edition_index", "exclude"),
        (setup("edition_index = 0"), Seven, "setup.edition_index", "1 to 999"),
        (setup(&format!("full_name = \"{}\"", long(64))), Seven, "setup.full_name", "at most 63"),
        (setup(&format!("organization = \"{}\"", long(64))), Seven, "setup.organization", "at most 63"),
        (setup("organization = \"a\\nb\""), Seven, "setup.organization", "control characters"),
        (setup("product_key = \"12345\""), Seven, "setup.product_key", "five groups"),
        (setup("product_key = \"generic\"\nedition = \"Pro\""), Seven, "setup.product_key", "“none”"),
        (setup("product_key = \"firmware\""), EightOne, "setup.product_key", "Windows 8.1"),
        (setup("product_key = \"none\""), Ten, "setup.product_key", "“firmware”"),
        (setup("product_key = \"generic\""), Ten, "setup.product_key", "Pro for Workstations"),
        (computer("1234567"), Seven, "computer.name", "digits alone"),
        (computer("sixteen-letters-x"), Seven, "computer.name", "at most 15"),
        (computer("Größe"), Seven, "computer.name", "letters A to Z"),
        (computer("a_b"), Seven, "computer.name", "letters A to Z"),
        (computer("a-"), Seven, "computer.name", "hyphen"),
        (computer("{serial}"), Seven, "computer.name", "a letter has to stand"),
        (computer("PC-{serial}"), Vista, "computer.name", "Windows 7 and later"),
        (computer("elevenlette{serial}"), Seven, "computer.name", "at most 10"),
        (
            "[disks]\nmode = \"keep\"\ndisk = 0\npartition = 0".to_owned(),
            Seven,
            "disks.partition",
            "1 to 128",
        ),
        (uefi("").replace("stick_disk = 1", "stick_disk = 0"), Ten, "disks.stick_disk", "cannot be the disk"),
        (uefi("").replace("erase disk 0", "erase disk 1"), Ten, "disks.consent", "erase disk 0"),
        (uefi("").replace("consent", "# consent"), Ten, "disks.consent", "a second time"),
        (bios("system_mb = 99"), Seven, "disks.system_mb", "100 to 500"),
        (bios("system_mb = 501"), Seven, "disks.system_mb", "100 to 500"),
        (uefi("system_mb = 261"), Ten, "disks.system_mb", "100 to 260"),
        (uefi("reserved_mb = 15"), Ten, "disks.reserved_mb", "16 to 128"),
        (bios("reserved_mb = 16"), Seven, "disks.reserved_mb", "UEFI"),
        (bios("recovery_mb = 500"), Vista, "disks.recovery_mb", "Windows 7 and later"),
        (uefi("windows_mb = 30000"), Eleven, "disks.windows_mb", "65536"),
        (named("twenty-one-letters-xx"), Seven, "accounts.users[0].name", "at most 20"),
        (named("a/b"), Seven, "accounts.users[0].name", "none of"),
        (named("dot."), Seven, "accounts.users[0].name", "full stop"),
        (named("GUEST"), Seven, "accounts.users[0].name", "Windows has"),
        (named(" x"), Seven, "accounts.users[0].name", "blanks"),
        (format!("{}\n{}", named("a"), named("A")), Seven, "accounts.users[1].name", "another user"),
        (format!("{}\n{}", computer("PC"), named("pc")), Seven, "accounts.users[0].name", "computer"),
        (user("password = \"\""), Seven, "accounts.users[0].password", "empty"),
        (user(&format!("password = \"{}\"", long(128))), Seven, "accounts.users[0].password", "at most 127"),
        (user("groups = [\"a\", \"b;c\"]"), Seven, "accounts.users[0].groups[1]", "semicolon"),
        (
            user(&format!("description = \"{}\"", long(257))),
            Seven,
            "accounts.users[0].description",
            "at most 256",
        ),
        (
            "[accounts]\nauto_logon = { user = \"x\", count = 1 }".to_owned(),
            Seven,
            "accounts.auto_logon.user",
            "one of",
        ),
        (
            "[accounts]\nauto_logon = { user = \"Administrator\", count = 0 }".to_owned(),
            Seven,
            "accounts.auto_logon.count",
            "1 to",
        ),
        (
            "[accounts]\nadministrator_enabled = false\nauto_logon = { user = \"administrator\", count = 1 }"
                .to_owned(),
            Seven,
            "accounts.auto_logon.user",
            "cannot log on",
        ),
        (
            "[first_start]\nhide_wireless_setup = true".to_owned(),
            Vista,
            "first_start.hide_wireless_setup",
            "Windows 7",
        ),
        (
            "[first_start]\nhide_online_accounts = true".to_owned(),
            Seven,
            "first_start.hide_online_accounts",
            "8",
        ),
        (
            "[first_start]\nallow_no_network = true".to_owned(),
            Ten,
            "first_start.allow_no_network",
            "Windows 11",
        ),
        (
            "[first_start]\nnetwork_location = \"work\"".to_owned(),
            Ten,
            "first_start.network_location",
            "Windows 8.1",
        ),
        ("[privacy]\ntelemetry = \"off\"".to_owned(), EightOne, "privacy.telemetry", "Windows 10"),
        ("[requirements]\nignore_tpm = true".to_owned(), Ten, "requirements.ignore_tpm", "Windows 11"),
        (step(""), Seven, "after_setup.steps[0].file", "a file or a command"),
        (step("file = \"a.exe\"\ncommand = \"b\""), Seven, "after_setup.steps[0].file", "not both"),
        (step("command = \"a\"\narguments = \"b\""), Seven, "after_setup.steps[0].arguments", "in itself"),
        (step("file = \"a.txt\""), Seven, "after_setup.steps[0].file", "msi"),
        (step("file = \"apps/\""), Seven, "after_setup.steps[0].file", "name of a file"),
        (step("file = \"apps/first-logon.cmd\""), Seven, "after_setup.steps[0].file", "taken"),
        (step("file = \"a.ps1\""), Vista, "after_setup.steps[0].file", "Windows 7"),
        (step(&format!("file = \"{}.exe\"", long(300))), Seven, "after_setup.steps[0].file", "it has 304"),
        (
            step(&format!("command = \"{}\"", long(1025))),
            Seven,
            "after_setup.steps[0].command",
            "at most 1024",
        ),
        (
            format!("{}\n{}", step("file = \"a/x.exe\""), step("file = \"b/X.EXE\"")),
            Seven,
            "after_setup.steps[1].file",
            "same name",
        ),
        (
            format!("[after_setup]\nwhen = \"setup-complete\"\n{}", step("command = \"a\"\nrestart = true")),
            Eight,
            "after_setup.steps[0].restart",
            "must not restart",
        ),
    ] {
        let found = violations(&profile, version, &[Architecture::Amd64]);
        let [violation] = found.as_slice() else { panic!("{profile}\n{version}: {found:?}") };
        assert_eq!(violation.field, field, "{profile}");
        assert!(violation.limit.contains(words), "{violation}");
    }
}

#[test]
fn not_every_machine_has_every_windows() {
    for (version, architectures, words) in [
        (Version::Seven, &[][..], "at least one"),
        (Version::Seven, &[Architecture::Arm64], "not made"),
        (Version::Eleven, &[Architecture::X86], "not made"),
        (Version::Seven, &[Architecture::X86, Architecture::X86], "once"),
    ] {
        let found = violations("", version, architectures);
        assert!(found.len() == 1 && found[0].limit.contains(words), "{found:?}");
    }
    assert_eq!(violations("", Version::Ten, &Architecture::ALL), []);
}

#[test]
fn a_sentence_is_short_and_has_no_secret() {
    let profile = format!("[setup]\nfull_name = \"{}\"\nproduct_key = \"hunter2\"", "x".repeat(10_000));
    let found = violations(&profile, Version::Seven, &[Architecture::Amd64]);
    assert_eq!(found.len(), 2);
    for violation in found {
        let sentence = violation.to_string();
        assert!(
            sentence.len() < 400 && !format!("{sentence}{violation:?}").contains("hunter2"),
            "{sentence}"
        );
    }
}

#[test]
fn a_long_value_is_cut_short_and_its_length_named() {
    let profile = format!("[computer]\nname = \"{}\"", "x".repeat(70));
    let sentence = violations(&profile, Version::Seven, &[Architecture::Amd64])[0].to_string();
    assert!(sentence.contains("x…” (70 characters): at most 15"), "{sentence}");
}
