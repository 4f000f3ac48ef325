//! The pass windowsPE: what Setup itself would ask, from its language to the disk.

use super::disks;
use super::document::Component;
use super::guard;
use super::keys::{KEY_THAT_ASKS, ProductKey, generic_key};
use super::options::{AnswerOptions, Disks, Region, Requirements, SetupOptions};
use super::secret::Secret;
use super::version::Version;
use super::xml::Element;

pub(super) const SETUP: &str = "Microsoft-Windows-Setup";
pub(super) const INTERNATIONAL: &str = "Microsoft-Windows-International-Core-WinPE";

/// By which names an image is chosen.
pub(super) const IMAGE_NAME: &str = "/IMAGE/NAME";
pub(super) const IMAGE_INDEX: &str = "/IMAGE/INDEX";

pub(super) fn components(options: &AnswerOptions, version: Version) -> Vec<Component> {
    let setup = &options.setup;
    let commands = guard::commands(&options.disks).into_iter().chain(lab_config(&options.requirements));
    let dynamic_update =
        setup.dynamic_update.map(|is_on| Element::text("Enable", is_on.to_string())).into_iter().collect();
    vec![
        Component::new(INTERNATIONAL, international(&options.region)),
        Component::new(
            SETUP,
            vec![
                disks::configuration(&options.disks, version),
                Element::parent("DynamicUpdate", dynamic_update),
                image_install(setup, &options.disks),
                run_synchronous(commands),
                user_data(setup, version),
            ],
        ),
    ]
}

fn international(region: &Region) -> Vec<Element> {
    let own = region.setup_language.iter().map(|tag| Element::text("UILanguage", tag)).collect();
    let mut settings = vec![Element::parent("SetupUILanguage", own)];
    settings.extend(locales(region));
    settings
}

/// The same in this pass and in oobeSystem.
pub(super) fn locales(region: &Region) -> Vec<Element> {
    let keyboards = Some(region.keyboards.join(";")).filter(|list| !list.is_empty());
    [
        ("InputLocale", &keyboards),
        ("SystemLocale", &region.system_locale),
        ("UILanguage", &region.ui_language),
        ("UserLocale", &region.user_locale),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(Element::text(name, value.as_deref()?)))
    .collect()
}

fn image_install(setup: &SetupOptions, disks: &Disks) -> Element {
    let chosen = match (&setup.edition, setup.edition_index) {
        (Some(name), _) => Some((IMAGE_NAME, name.clone())),
        (None, Some(index)) => Some((IMAGE_INDEX, index.to_string())),
        (None, None) => None,
    };
    let mut image = Vec::new();
    if let Some((key, value)) = chosen {
        let meta_data =
            Element::item("MetaData", vec![Element::text("Key", key), Element::text("Value", value)]);
        image.push(Element::parent("InstallFrom", vec![meta_data]));
    }
    if let Some((disk, partition)) = disks::install_to(disks) {
        image.push(Element::parent(
            "InstallTo",
            vec![
                Element::text("DiskID", disk.to_string()),
                Element::text("PartitionID", partition.to_string()),
            ],
        ));
        image.push(Element::text("WillShowUI", "OnError"));
    }
    if image.is_empty() {
        return Element::parent("ImageInstall", image);
    }
    Element::parent("ImageInstall", vec![Element::parent("OSImage", image)])
}

fn user_data(setup: &SetupOptions, version: Version) -> Element {
    let mut data = Vec::new();
    if setup.accept_eula {
        data.push(Element::text("AcceptEula", "true"));
    }
    data.extend(setup.full_name.iter().map(|name| Element::text("FullName", name)));
    data.extend(setup.organization.iter().map(|name| Element::text("Organization", name)));
    data.extend(setup.product_key.iter().map(|key| product_key(key, setup, version)));
    Element::parent("UserData", data)
}

fn product_key(key: &ProductKey, setup: &SetupOptions, version: Version) -> Element {
    let show = |when: &str| Element::text("WillShowUI", when);
    let generic = || setup.edition.as_deref().and_then(generic_key).unwrap_or(KEY_THAT_ASKS);
    Element::parent(
        "ProductKey",
        match key {
            // No key that Setup of 10 and 11 could find in the firmware gets in the way of the question.
            ProductKey::Ask if version >= Version::Ten => {
                vec![Element::text("Key", KEY_THAT_ASKS), show("Always")]
            }
            ProductKey::Ask => vec![show("Always")],
            ProductKey::None | ProductKey::Firmware => vec![show("Never")],
            ProductKey::Generic => vec![Element::text("Key", generic()), show("OnError")],
            ProductKey::Key(key) => {
                vec![Element::secret("Key", Secret::new(key.reveal().to_ascii_uppercase())), show("OnError")]
            }
        },
    )
}

/// Commands that run in order, here and in specialize: what each does, and its line.
pub(super) fn run_synchronous(commands: impl Iterator<Item = (String, String)>) -> Element {
    let items = (1..).zip(commands).map(|(order, (description, path))| {
        Element::item(
            "RunSynchronousCommand",
            vec![
                Element::text("Description", description),
                Element::text("Order", order.to_string()),
                Element::text("Path", path),
            ],
        )
    });
    Element::parent("RunSynchronous", items.collect())
}

type RequirementField = fn(&mut Requirements) -> &mut bool;

/// Values of `LabConfig` that Setup of Windows 11 reads, and what is asked for by each.
pub(super) const LAB_CONFIG: [(&str, RequirementField); 5] = [
    ("BypassTPMCheck", |requirements| &mut requirements.ignore_tpm),
    ("BypassSecureBootCheck", |requirements| &mut requirements.ignore_secure_boot),
    ("BypassRAMCheck", |requirements| &mut requirements.ignore_ram),
    ("BypassCPUCheck", |requirements| &mut requirements.ignore_cpu),
    ("BypassStorageCheck", |requirements| &mut requirements.ignore_storage),
];

pub(super) fn lab_config_command(value: &str) -> String {
    reg_add("HKLM\\SYSTEM\\Setup\\LabConfig", value, 1)
}

fn lab_config(requirements: &Requirements) -> Vec<(String, String)> {
    let mut requirements = requirements.clone();
    let asked = LAB_CONFIG.iter().filter(|(_, field)| *field(&mut requirements));
    asked.map(|(value, _)| (format!("Setup: {value}"), lab_config_command(value))).collect()
}

pub(super) fn reg_add(key: &str, value: &str, number: u32) -> String {
    format!("reg.exe add \"{key}\" /v {value} /t REG_DWORD /d {number} /f")
}
