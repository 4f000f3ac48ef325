//! Local accounts, their passwords, and who is logged on without being asked.

use super::options::{Accounts, User};
use super::passwords::{ADMINISTRATOR_PASSWORD, PASSWORD, encode};
use super::secret::Secret;
use super::xml::Element;

/// The built-in account, by the name that Setup understands in every language.
pub const ADMINISTRATOR: &str = "Administrator";

pub(super) fn user_accounts(accounts: &Accounts) -> Vec<Element> {
    let mut settings = Vec::new();
    if let Some(password) = &accounts.administrator_password {
        let value = password_value(Some(password), ADMINISTRATOR_PASSWORD, accounts.encode_passwords);
        settings.push(Element::parent(ADMINISTRATOR_PASSWORD, value));
    }
    if !accounts.users.is_empty() {
        let users = accounts.users.iter().map(|user| local_account(user, accounts.encode_passwords));
        settings.push(Element::parent("LocalAccounts", users.collect()));
    }
    settings
}

fn local_account(user: &User, is_encoded: bool) -> Element {
    let password = password_value(user.password.as_ref(), PASSWORD, is_encoded);
    let mut settings = vec![Element::parent("Password", password)];
    settings.extend(user.description.iter().map(|text| Element::text("Description", text)));
    settings.extend(user.display_name.iter().map(|text| Element::text("DisplayName", text)));
    if !user.groups.is_empty() {
        settings.push(Element::text("Group", user.groups.join(";")));
    }
    settings.push(Element::text("Name", &user.name));
    Element::item("LocalAccount", settings)
}

/// No password is written in the encoded form always: an empty element is not allowed.
fn password_value(password: Option<&Secret>, element: &str, is_encoded: bool) -> Vec<Element> {
    match password {
        Some(password) if !is_encoded => {
            vec![Element::secret("Value", password.clone()), Element::text("PlainText", "true")]
        }
        _ => {
            let text = password.map_or("", Secret::reveal);
            vec![Element::secret("Value", encode(text, element)), Element::text("PlainText", "false")]
        }
    }
}

/// The password of a user or of the administrator; the outer `None`: there is no such account.
#[expect(clippy::option_option, reason = "no account and no password are different things")]
pub(super) fn password_of<'a>(accounts: &'a Accounts, name: &str) -> Option<Option<&'a Secret>> {
    let user = accounts.users.iter().find(|user| user.name.eq_ignore_ascii_case(name));
    match user {
        Some(user) => Some(user.password.as_ref()),
        None if name.eq_ignore_ascii_case(ADMINISTRATOR) => Some(accounts.administrator_password.as_ref()),
        None => None,
    }
}

pub(super) fn auto_logon(accounts: &Accounts) -> Vec<Element> {
    let Some(logon) = &accounts.auto_logon else { return Vec::new() };
    let password = password_of(accounts, &logon.user).flatten();
    vec![
        Element::parent("Password", password_value(password, PASSWORD, accounts.encode_passwords)),
        Element::text("Enabled", "true"),
        Element::text("LogonCount", logon.count.to_string()),
        Element::text("Username", &logon.user),
    ]
}
