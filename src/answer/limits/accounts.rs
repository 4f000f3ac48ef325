//! Accounts and the logon without a question.

use super::{Limits, MAX_ORDER, MAX_TEXT};
use crate::answer::accounts::{ADMINISTRATOR, password_of};
use crate::answer::options::{AnswerOptions, User};

const MAX_USER_NAME: usize = 20;
const NOT_IN_NAMES: &str = "/\\[]:;|=,+*?<>\"%@";

/// Accounts of Windows itself, and names that it keeps for itself.
const TAKEN: [&str; 12] = [
    ADMINISTRATOR,
    "Guest",
    "DefaultAccount",
    "WDAGUtilityAccount",
    "HomeGroupUser$",
    "System",
    "Network",
    "Local Service",
    "Network Service",
    "Everyone",
    "Users",
    "None",
];

pub(super) fn check(options: &AnswerOptions, limits: &mut Limits) {
    let accounts = &options.accounts;
    if accounts.users.len() > MAX_ORDER {
        limits.complain("accounts.users", accounts.users.len(), format!("at most {MAX_ORDER} are possible"));
    }
    for (at, user) in accounts.users.iter().enumerate() {
        let field = format!("accounts.users[{at}]");
        check_user(user, &field, limits);
        let field = format!("{field}.name");
        let is_same = |other: &str| other.to_lowercase() == user.name.to_lowercase();
        if accounts.users[..at].iter().any(|other| is_same(&other.name)) {
            limits.complain(&field, &user.name, "another user has this name");
        }
        if options.computer.name.as_deref().is_some_and(is_same) {
            limits.complain(&field, &user.name, "a user cannot be called as the computer is");
        }
    }
    if let Some(logon) = &accounts.auto_logon {
        if password_of(accounts, &logon.user).is_none() {
            let limit = "it has to be the name of one of accounts.users, or Administrator";
            limits.complain("accounts.auto_logon.user", &logon.user, limit);
        } else if logon.user.eq_ignore_ascii_case(ADMINISTRATOR)
            && accounts.administrator_enabled == Some(false)
        {
            let limit = "accounts.administrator_enabled is false, so it cannot log on";
            limits.complain("accounts.auto_logon.user", &logon.user, limit);
        }
        limits.number("accounts.auto_logon.count", logon.count, 1..=9_999_999);
    }
}

fn check_user(user: &User, field: &str, limits: &mut Limits) {
    let own = format!("{field}.name");
    let name = user.name.as_str();
    if limits.text(&own, name, MAX_USER_NAME) {
        if name.contains(|c| NOT_IN_NAMES.contains(c)) {
            limits.complain(&own, name, format!("none of {NOT_IN_NAMES} is possible"));
        } else if name.ends_with('.') {
            limits.complain(&own, name, "a full stop cannot stand at its end");
        } else if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
            limits.complain(&own, name, "Windows has an account or group of this name itself");
        }
    }
    for (part, text) in [("display_name", &user.display_name), ("description", &user.description)] {
        if let Some(text) = text {
            limits.text(&format!("{field}.{part}"), text, MAX_TEXT);
        }
    }
    for (at, group) in user.groups.iter().enumerate() {
        let field = format!("{field}.groups[{at}]");
        if limits.text(&field, group, MAX_TEXT) && group.contains(';') {
            limits.complain(&field, group, "groups are named one by one, without a semicolon");
        }
    }
}
