//! What keeps every limit and is still worth knowing before machines are installed by it.

use super::accounts::ADMINISTRATOR;
use super::guard;
use super::options::{AnswerOptions, Disks, SERIAL, Telemetry, When};
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
            || accounts.users.iter().any(|user| {
                user.name.eq_ignore_ascii_case(name)
                    && user.groups.iter().any(|group| group.eq_ignore_ascii_case("Administrators"))
            })
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
