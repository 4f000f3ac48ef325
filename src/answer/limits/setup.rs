//! Edition, key, names, and the pages of the first start.

use super::{Limits, MAX_NAME, MAX_TEXT};
use crate::answer::keys::{ProductKey, editions_with_a_generic_key, generic_key, has_the_form_of_a_key};
use crate::answer::options::{AnswerOptions, Computer, SERIAL, SetupOptions};
use crate::answer::script::MAX_COMPUTER_NAME;
use crate::answer::version::Version;

pub(super) fn check(setup: &SetupOptions, limits: &mut Limits) {
    if let Some(edition) = &setup.edition {
        limits.text("setup.edition", edition, MAX_TEXT);
    }
    if let Some(index) = setup.edition_index {
        limits.number("setup.edition_index", index, 1..=999);
        if setup.edition.is_some() {
            limits.complain(
                "setup.edition_index",
                index,
                "name and number of the edition exclude each other",
            );
        }
    }
    for (field, name) in [("setup.full_name", &setup.full_name), ("setup.organization", &setup.organization)]
    {
        if let Some(name) = name {
            limits.text(field, name, MAX_NAME);
        }
    }
    if let Some(key) = &setup.product_key {
        product_key(key, setup, limits);
    }
}

fn product_key(key: &ProductKey, setup: &SetupOptions, limits: &mut Limits) {
    const FIELD: &str = "setup.product_key";
    if let ProductKey::Key(key) = key {
        if !has_the_form_of_a_key(key.reveal()) {
            let limit = "a key has five groups of five letters and digits, joined by hyphens; without a key, “ask”, “none” \
                         (Vista, 7), “firmware” and “generic” (10, 11) are possible";
            limits.missing(FIELD, limit);
        }
        return;
    }
    let word = key.word().unwrap_or_default();
    if !key.is_known_to(limits.version) {
        let instead = if limits.version <= Version::Seven {
            "“ask”, “none” and a key are possible"
        } else if limits.version >= Version::Ten {
            "“ask”, “firmware”, “generic” and a key are possible"
        } else {
            "“ask” and a key are possible"
        };
        limits.complain(FIELD, word, format!("with {}, {instead}", limits.version));
    } else if *key == ProductKey::Generic && setup.edition.as_deref().and_then(generic_key).is_none() {
        let editions: Vec<_> = editions_with_a_generic_key().collect();
        let limit = format!("setup.edition has to end in one of: {}", editions.join(", "));
        limits.complain(FIELD, word, limit);
    }
}

/// NetBIOS allows more characters; DNS, and with it everything that is not Windows, does not.
pub(super) fn check_name(computer: &Computer, limits: &mut Limits) {
    const FIELD: &str = "computer.name";
    let Some(name) = computer.name.as_deref().filter(|name| *name != "*") else { return };
    if !limits.text(FIELD, name, MAX_TEXT) {
        return;
    }
    let (fixed, has_serial) = match name.split_once(SERIAL) {
        Some((before, after)) => (format!("{before}{after}"), true),
        None => (name.to_owned(), false),
    };
    let units = fixed.encode_utf16().count();
    if !fixed.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        let limit = format!("letters A to Z, digits and hyphens are possible, “*” alone, and {SERIAL} once");
        limits.complain(FIELD, name, limit);
    } else if fixed.starts_with('-') || (fixed.ends_with('-') && !name.ends_with(SERIAL)) {
        limits.complain(FIELD, name, "a hyphen cannot stand at its ends");
    } else if has_serial && units > MAX_COMPUTER_NAME - 5 {
        let limit = format!("at most {} characters can stand beside {SERIAL}", MAX_COMPUTER_NAME - 5);
        limits.complain(FIELD, name, limit);
    } else if has_serial && !fixed.bytes().any(|b| b.is_ascii_alphabetic()) {
        let limit = format!("a letter has to stand beside {SERIAL}: a name of digits alone is not possible");
        limits.complain(FIELD, name, limit);
    } else if units > MAX_COMPUTER_NAME {
        let limit = format!("at most {MAX_COMPUTER_NAME} characters are possible, and it has {units}");
        limits.complain(FIELD, name, limit);
    } else if !has_serial && fixed.bytes().all(|b| b.is_ascii_digit()) {
        limits.complain(FIELD, name, "a name of digits alone is not possible");
    } else if has_serial {
        // By PowerShell, which Vista does not bring.
        limits.since(FIELD, name, Version::Seven);
    }
}

/// What only some versions know.
pub(super) fn check_pages(options: &AnswerOptions, limits: &mut Limits) {
    let (pages, privacy, requirements) = (&options.first_start, &options.privacy, &options.requirements);
    for (field, is_asked, since) in [
        ("first_start.hide_wireless_setup", pages.hide_wireless_setup, Version::Seven),
        ("first_start.hide_oem_registration", pages.hide_oem_registration, Version::Eight),
        ("first_start.hide_online_accounts", pages.hide_online_accounts, Version::Eight),
        ("first_start.hide_local_account", pages.hide_local_account, Version::Eight),
        ("first_start.allow_no_network", pages.allow_no_network, Version::Eleven),
        ("privacy.skip_questions", privacy.skip_questions, Version::Ten),
        ("privacy.prevent_device_encryption", privacy.prevent_device_encryption, Version::Ten),
        ("requirements.ignore_tpm", requirements.ignore_tpm, Version::Eleven),
        ("requirements.ignore_secure_boot", requirements.ignore_secure_boot, Version::Eleven),
        ("requirements.ignore_ram", requirements.ignore_ram, Version::Eleven),
        ("requirements.ignore_cpu", requirements.ignore_cpu, Version::Eleven),
        ("requirements.ignore_storage", requirements.ignore_storage, Version::Eleven),
    ] {
        if is_asked {
            limits.since(field, true, since);
        }
    }
    if let Some(telemetry) = privacy.telemetry {
        limits.since("privacy.telemetry", format!("{telemetry:?}").to_lowercase(), Version::Ten);
    }
    if let Some(location) = pages.network_location {
        let value = format!("{location:?}").to_lowercase();
        limits.until("first_start.network_location", value, Version::EightOne);
    }
}
