//! What keeps every limit and is still worth knowing before machines are installed by it.

use super::accounts::ADMINISTRATOR;
use super::guard;
use super::options::{AnswerOptions, Disks, SERIAL, Telemetry, User, When};
use super::script::script;
use super::time_zones;
use super::version::{Target, Version};

/// Sentences, the weightiest first.
pub fn advice(options: &AnswerOptions, target: &Target) -> Vec<String> {
    let mut advice = Vec::new();
    if let Disks::Wipe(wipe) = &options.disks {
        advice.push(guard::explanation(wipe));
    }
    secrets(options, &mut advice);
    if has_no_administrator(options) {
        advice.push(
            "None of the users is in the group Administrators, and the built-in administrator is not switched on: nobody \
             may be able to change the installed machine."
                .to_owned(),
        );
    }
    after_setup(options, &mut advice);
    let version = target.version;
    if version <= Version::Seven && script(options).is_some_and(|script| !script.text.is_ascii()) {
        advice.push(format!(
            "Names and commands of the steps have letters beyond English ones, at which cmd of {version} may stumble."
        ));
    }
    if let Some(zone) = options.region.time_zone.as_deref().and_then(time_zones::find)
        && zone.since > version
    {
        advice.push(format!(
            "{} knows the time zone {} only after an update: with media that have it not, Setup stops.",
            version, zone.id
        ));
    }
    if options.privacy.telemetry == Some(Telemetry::Off) {
        advice.push("Only the Enterprise and Education editions obey telemetry = \"off\".".to_owned());
    }
    if options.accounts.administrator_enabled.is_some() {
        advice.push(
            "The built-in account is switched by its English name; Windows in another language may call it otherwise."
                .to_owned(),
        );
    }
    let has_setup_language = options.region.setup_language.is_some();
    if version <= Version::Seven && !has_setup_language && options.region.ui_language.is_some() {
        advice.push("Without region.setup_language Setup asks for its language.".to_owned());
    }
    advice
}

fn secrets(options: &AnswerOptions, advice: &mut Vec<String>) {
    let accounts = &options.accounts;
    let has_password = accounts.administrator_password.is_some()
        || accounts.users.iter().any(|user| user.password.is_some());
    if has_password {
        let form =
            if accounts.encode_passwords { "encoded, which anybody can undo," } else { "as plain text" };
        advice.push(format!(
            "The passwords stand {form} in the answer file, and the file stays on the stick: whoever has the stick has \
             the passwords."
        ));
    }
}

/// Users are made, so that Setup asks for none, and none of them may administer the machine.
fn has_no_administrator(options: &AnswerOptions) -> bool {
    let accounts = &options.accounts;
    !accounts.users.is_empty()
        && accounts.administrator_enabled != Some(true)
        && !accounts.users.iter().any(administers)
}

fn administers(user: &User) -> bool {
    user.groups.iter().any(|group| group.eq_ignore_ascii_case("Administrators"))
}

fn after_setup(options: &AnswerOptions, advice: &mut Vec<String>) {
    let (accounts, steps) = (&options.accounts, &options.after_setup.steps);
    let needs_script =
        !steps.is_empty() || options.computer.name.as_deref().is_some_and(|it| it.contains(SERIAL));
    if !needs_script {
        return;
    }
    if options.after_setup.when == When::SetupComplete {
        advice.push(
            "Windows does not run SetupComplete.cmd on machines whose product key comes from their maker (OEM)."
                .to_owned(),
        );
        return;
    }
    let is_administrator = |name: &str| {
        name.eq_ignore_ascii_case(ADMINISTRATOR)
            || accounts.users.iter().any(|user| user.name.eq_ignore_ascii_case(name) && administers(user))
    };
    match &accounts.auto_logon {
        Some(logon) if !is_administrator(&logon.user) => advice.push(format!(
            "{} is no administrator, so that applications and commands are not run at the first logon.",
            logon.user
        )),
        Some(logon) => {
            let restarts = steps.iter().filter(|step| step.restart).count();
            if (logon.count as usize) <= restarts {
                advice.push(format!(
                    "The steps restart the machine {restarts} times; to go on each time without a person, \
                     accounts.auto_logon.count has to be {} or more.",
                    restarts + 1
                ));
            }
        }
        None => advice.push("Applications and commands wait until an administrator logs on.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::read_profile;

    /// Whether a sentence with these words is among the advice for a profile.
    fn says(profile: &str, version: Version, words: &str) -> bool {
        let options = read_profile(profile.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{profile}"));
        let target = Target { version, architectures: vec![crate::answer::Architecture::Amd64] };
        advice(&options, &target).iter().any(|sentence| sentence.contains(words))
    }

    #[test]
    fn users_of_whom_none_may_administer_are_remarked_upon() {
        let user = "[[accounts.users]]\nname = \"borne\"\n";
        let words = "None of the users is in the group Administrators";
        assert!(says(user, Version::Seven, words));
        assert!(!says("", Version::Seven, words));
        assert!(!says(&format!("{user}groups = [\"administrators\"]"), Version::Seven, words));
        assert!(!says(&format!("[accounts]\nadministrator_enabled = true\n{user}"), Version::Seven, words));
    }

    #[test]
    fn a_wiped_disk_comes_first_and_passwords_are_never_hidden() {
        let wipe = "[disks]\nmode = \"wipe\"\ndisk = 0\nstick_disk = 1\nlayout = \"bios\"\nconsent = \"erase disk 0\"\n";
        let profile = format!("{wipe}[accounts]\nadministrator_password = \"x\"");
        let options = read_profile(profile.as_bytes()).unwrap();
        let target = Target { version: Version::Seven, architectures: Vec::new() };
        let sentences = advice(&options, &target);
        assert!(sentences[0].contains("disk 0"), "{sentences:?}");
        assert!(sentences[1].contains("whoever has the stick has the passwords"), "{sentences:?}");
    }

    #[test]
    fn logons_have_to_outlast_the_restarts() {
        let profile = |count: u32| {
            format!(
                "[accounts]\nauto_logon = {{ user = \"a\", count = {count} }}\n[[accounts.users]]\nname = \"a\"\n\
                 groups = [\"Administrators\"]\n[[after_setup.steps]]\nname = \"x\"\ncommand = \"y\"\nrestart = true"
            )
        };
        assert!(says(&profile(1), Version::Ten, "has to be 2 or more"));
        assert!(!says(&profile(2), Version::Ten, "has to be 2 or more"));
    }
}
