//! A profile to start from, with an explanation at every field that this Windows knows.

use super::options::Region;
use super::version::Version;

/// What a line is for.
struct Field {
    since: Version,
    until: Version,
    text: &'static str,
}

const fn all(text: &'static str) -> Field {
    Field { since: Version::Vista, until: Version::Eleven, text }
}

const fn since(since: Version, text: &'static str) -> Field {
    Field { since, ..all(text) }
}

const fn until(until: Version, text: &'static str) -> Field {
    Field { until, ..all(text) }
}

/// TOML. It asks for what almost everybody wants, and has the rest behind `#`. What `region` says stands in the place of
/// the examples.
pub fn template(version: Version, region: &Region) -> String {
    let edition = match version {
        Version::Vista => "Windows Vista BUSINESS",
        Version::Seven => "Windows 7 PROFESSIONAL",
        Version::Eight => "Windows 8 Pro",
        Version::EightOne => "Windows 8.1 Pro",
        Version::Ten => "Windows 10 Pro",
        Version::Eleven => "Windows 11 Pro",
    };
    let fields = FIELDS.iter().filter(|field| (field.since..=field.until).contains(&version));
    let text: String = fields.map(|field| field.text).collect();
    let text = with_region(&text, region);
    text.replace("{version}", version.name())
        .replace("{windows}", &version.to_string())
        .replace("{edition}", edition)
}

/// Every line that sets one of its fields, behind `#` or not, sets what is said here.
fn with_region(text: &str, region: &Region) -> String {
    let one = |value: &Option<String>| value.as_ref().map(|value| format!("{value:?}"));
    let keyboards = (!region.keyboards.is_empty()).then(|| format!("{:?}", region.keyboards));
    let said = [
        ("setup_language", one(&region.setup_language)),
        ("ui_language", one(&region.ui_language)),
        ("system_locale", one(&region.system_locale)),
        ("user_locale", one(&region.user_locale)),
        ("keyboards", keyboards),
        ("time_zone", one(&region.time_zone)),
    ];
    let line = |line: &str| {
        let code = line.strip_prefix("# ").unwrap_or(line);
        let set = said.iter().find_map(|(name, value)| {
            let value = value.as_ref().filter(|_| code.starts_with(&format!("{name} = ")))?;
            Some(format!("{name} = {value}\n"))
        });
        set.unwrap_or_else(|| format!("{line}\n"))
    };
    text.lines().map(line).collect()
}

const FIELDS: [Field; 17] = [
    all("\
# A profile for {windows}. sticksmith answer show FILE prints the answer file that it makes, sticksmith answer check FILE says
# whether it can be made. What is left out or stands behind # is not answered: Setup asks, or does as it always does.
windows = \"{version}\"
# Of the media: x86, amd64, arm64.
architectures = [\"amd64\"]

[region]
# Languages that the media have; Setup's own has to be in its boot.wim.
setup_language = \"en-US\"
ui_language = \"en-US\"
# Programs that know no Unicode, and the form of dates and numbers.
system_locale = \"en-US\"
user_locale = \"en-US\"
# The first one is in use. Language and layout (0407:00000407), or a tag for its usual one.
keyboards = [\"en-US\"]
# An id of Windows, an IANA name or a city.
# time_zone = \"Europe/Berlin\"

[setup]
accept_eula = true
# The name of the image, as sticksmith inspect shows it; or edition_index = 1.
# edition = \"{edition}\"
"),
    until(Version::Seven, "\
# A key, \"ask\", or \"none\" for a trial or to activate later. Where this is left out, Setup asks.
# product_key = \"none\"
"),
    Field { since: Version::Eight, until: Version::EightOne, text: "\
# A key, or \"ask\".
# product_key = \"ask\"
" },
    since(Version::Ten, "\
# A key, \"ask\", \"firmware\" for the one that the maker of the machine put there, or \"generic\" for the one that chooses the
# edition and activates nothing.
# product_key = \"firmware\"
"),
    all("\
# full_name = \"A. Person\"
# organization = \"Example Ltd\"
# dynamic_update = false

[computer]
# Up to 15 letters, digits and hyphens; \"*\" for a random name.
name = \"*\"
"),
    since(Version::Seven, "\
# Made of the machine's serial number by the script that runs after Setup:
# name = \"PC-{serial}\"
"),
    all("
[disks]
# interactive: Setup asks. keep: partitions stay, Windows goes into one of them.
mode = \"interactive\"
# mode = \"keep\"
# disk = 0
# partition = 2
#
# wipe: a disk is erased WITHOUT A QUESTION on every machine that starts from the stick. The file also says which disk the stick
# is: if it is another one, or the disk to be erased is on USB, Setup shows its page of disks instead.
# mode = \"wipe\"
# disk = 0
# stick_disk = 1
# layout = \"uefi\"        # how the machine starts: bios or uefi
# consent = \"erase disk 0\"
# system_mb = 100
# windows_mb = 100000    # a partition for data gets the rest
"),
    since(Version::Seven, "\
# recovery_mb = 1000
"),
    all("
[accounts]
# Passwords stand in the answer file, and the file stays on the stick. Encoding keeps them from a glance and from nobody else.
encode_passwords = true
# administrator_password = \"…\"
# administrator_enabled = true
# auto_logon = { user = \"worker\", count = 1 }
# [[accounts.users]]
# name = \"worker\"
# groups = [\"Administrators\"]
# password = \"…\"         # left out: none

[first_start]
hide_eula = true
"),
    since(Version::Seven, "\
hide_wireless_setup = true
"),
    since(Version::Eight, "\
# hide_oem_registration = true
# hide_online_accounts = true
# hide_local_account = true
"),
    since(Version::Eleven, "\
# Goes on without a network, so that a local account can be made.
# allow_no_network = true
"),
    until(Version::EightOne, "\
# home, work or other (public)
# network_location = \"work\"
"),
    all("\
# recommended, updates or off
# protection = \"updates\"
"),
    since(Version::Ten, "
[privacy]
# skip_questions = true
# off (Enterprise and Education alone) or required
# telemetry = \"required\"
# prevent_device_encryption = true
"),
    since(Version::Eleven, "
[requirements]
# What Setup shall not insist on.
# ignore_tpm = true
# ignore_secure_boot = true
# ignore_ram = true
# ignore_cpu = true
# ignore_storage = true
"),
    all("
[after_setup]
# first-logon: as the first administrator who logs on. setup-complete: as the system, before anybody logs on; Windows does not do
# that on machines whose key comes from their maker.
when = \"first-logon\"
# In order; the log is C:\\Sticksmith\\install.log.
# [[after_setup.steps]]
# name = \"7-Zip\"
# file = \"apps/7z.msi\"   # beside this profile
# arguments = \"/qn\"
# [[after_setup.steps]]
# name = \"No hibernation\"
# command = \"powercfg /h off\"
# restart = true
"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Architecture, Target, answer, read_profile};

    #[test]
    fn a_template_makes_an_answer_file() {
        for version in Version::ALL {
            let text = template(version, &Region::default());
            let options = read_profile(text.as_bytes()).unwrap();
            assert_eq!(options.windows, Some(version));
            let target = Target { version, architectures: vec![Architecture::Amd64] };
            assert!(answer(&options, &target).is_ok(), "{version}");
            assert!(text.lines().all(|line| line.chars().count() <= 130), "{version}");
        }
    }

    #[test]
    fn a_region_stands_in_the_place_of_the_examples() {
        let region = Region {
            user_locale: Some("de-AT".to_owned()),
            keyboards: vec!["0c07:00000407".to_owned(), "en-US".to_owned()],
            time_zone: Some("W. Europe Standard Time".to_owned()),
            ..Region::default()
        };
        let read = read_profile(template(Version::Seven, &region).as_bytes()).unwrap().region;
        assert_eq!(read.setup_language.as_deref(), Some("en-US"), "what is not said stays as it was");
        assert_eq!((&read.user_locale, &read.keyboards), (&region.user_locale, &region.keyboards));
        assert_eq!(read.time_zone, region.time_zone);
    }

    /// What is offered behind `#` is a field, and this Windows knows it.
    #[test]
    fn what_is_commented_out_can_be_asked_for() {
        for version in Version::ALL {
            let text = template(version, &Region::default());
            for choice in ["interactive", "keep", "wipe"] {
                let mut mode = "";
                let mut lines = Vec::new();
                for line in text.lines() {
                    let code = line.strip_prefix("# ").filter(|it| is_code(it)).unwrap_or(line);
                    if code.starts_with("[accounts]") {
                        mode = "";
                    } else if let Some(name) = code.strip_prefix("mode = ") {
                        mode = name.trim_matches('"');
                    }
                    if mode.is_empty() || mode == choice || !is_code(code) {
                        lines.push(code);
                    }
                }
                let mut seen = Vec::new();
                // The name by serial number stands beside a random one.
                lines.retain(|line| {
                    *line != "name = \"*\"" || seen.iter().any(|it| it == line) || {
                        seen.push(*line);
                        version < Version::Seven
                    }
                });
                let options = read_profile(lines.join("\n").as_bytes())
                    .unwrap_or_else(|e| panic!("{e}\n{}", lines.join("\n")));
                let target = Target { version, architectures: options.architectures.clone() };
                let result = answer(&options, &target);
                assert!(result.is_ok(), "{version} {choice}: {:?}", result.err());
            }
        }
    }

    fn is_code(line: &str) -> bool {
        let word = line.split(' ').next().unwrap_or_default();
        let is_field =
            line.split(' ').nth(1) == Some("=") && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        is_field || (line.starts_with('[') && line.ends_with(']'))
    }
}
