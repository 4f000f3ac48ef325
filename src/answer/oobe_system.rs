//! The pass oobeSystem: the pages of the first start, the accounts, and what runs at the first logon.

use super::accounts;
use super::document::Component;
use super::options::{AnswerOptions, FirstStart, NetworkLocation, Protection};
use super::script;
use super::specialize::SHELL;
use super::windows_pe::locales;
use super::xml::Element;

pub(super) const INTERNATIONAL: &str = "Microsoft-Windows-International-Core";

pub(super) fn components(options: &AnswerOptions) -> Vec<Component> {
    let commands = script::first_logon_command(options).map(first_logon_item);
    vec![
        Component::new(INTERNATIONAL, locales(&options.region)),
        Component::new(
            SHELL,
            vec![
                Element::parent("AutoLogon", accounts::auto_logon(&options.accounts)),
                Element::parent("FirstLogonCommands", commands.into_iter().collect()),
                Element::parent("OOBE", pages(&options.first_start)),
                Element::parent("UserAccounts", accounts::user_accounts(&options.accounts)),
            ],
        ),
    ]
}

/// There is only ever one: newer versions of Windows start several at the same time, so a script keeps the order.
fn first_logon_item(line: String) -> Element {
    Element::item(
        "SynchronousCommand",
        vec![
            Element::text("CommandLine", line),
            Element::text("Description", "Applications and commands"),
            Element::text("Order", "1"),
        ],
    )
}

type PageField = fn(&mut FirstStart) -> &mut bool;

/// Pages that can be hidden.
pub(super) const PAGES: [(&str, PageField); 5] = [
    ("HideEULAPage", |pages| &mut pages.hide_eula),
    ("HideLocalAccountScreen", |pages| &mut pages.hide_local_account),
    ("HideOEMRegistrationScreen", |pages| &mut pages.hide_oem_registration),
    ("HideOnlineAccountScreens", |pages| &mut pages.hide_online_accounts),
    ("HideWirelessSetupInOOBE", |pages| &mut pages.hide_wireless_setup),
];

pub(super) const NETWORK_LOCATIONS: [(&str, NetworkLocation); 3] =
    [("Home", NetworkLocation::Home), ("Work", NetworkLocation::Work), ("Other", NetworkLocation::Other)];

pub(super) const PROTECTIONS: [(&str, Protection); 3] =
    [("1", Protection::Recommended), ("2", Protection::Updates), ("3", Protection::Off)];

fn pages(first_start: &FirstStart) -> Vec<Element> {
    let mut fields = first_start.clone();
    let hidden = PAGES.iter().filter(|(_, field)| *field(&mut fields));
    let mut settings: Vec<Element> = hidden.map(|(name, _)| Element::text(name, "true")).collect();
    let location = NETWORK_LOCATIONS.iter().find(|(_, it)| Some(*it) == first_start.network_location);
    settings.extend(location.map(|(name, _)| Element::text("NetworkLocation", *name)));
    let protection = PROTECTIONS.iter().find(|(_, it)| Some(*it) == first_start.protection);
    settings.extend(protection.map(|(number, _)| Element::text("ProtectYourPC", *number)));
    settings
}
