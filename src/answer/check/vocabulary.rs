//! Which components, passes and settings there are, by version: what Microsoft's reference of unattended Setup documents of
//! the components that matter for an installation, and the names of others that are often met.

use crate::answer::version::Version;

/// What a setting can have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// Not looked into.
    Any,
    /// Not empty, at most so many characters.
    Text(usize),
    /// The same, and it may be empty.
    Loose(usize),
    /// Never shown.
    Secret,
    Bool,
    Number(u32, u32),
    Choice(&'static [&'static str]),
}

/// A setting by its path below the component; `*` at the end stands for whatever is below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub path: &'static str,
    pub rule: Rule,
    pub since: Version,
    pub until: Version,
}

const fn known(path: &'static str, rule: Rule) -> Setting {
    Setting { path, rule, since: Version::Vista, until: Version::Eleven }
}

impl Setting {
    const fn since(self, since: Version) -> Self {
        Self { since, ..self }
    }

    const fn until(self, until: Version) -> Self {
        Self { until, ..self }
    }
}

pub(super) struct KnownComponent {
    pub name: &'static str,
    pub passes: &'static [&'static str],
    /// `None`: not looked into.
    pub settings: Option<&'static [Setting]>,
}

pub(super) const PASSES: [&str; 8] = [
    "windowsPE",
    "offlineServicing",
    "generalize",
    "specialize",
    "auditSystem",
    "auditUser",
    "oobeSystem",
    "oobeUser",
];

/// Architectures that there ever were; those of today are `x86`, `amd64` and `arm64`.
pub(super) const ARCHITECTURES: [&str; 6] = ["x86", "amd64", "arm64", "arm", "ia64", "wow64"];

pub(super) fn component(name: &str) -> Option<&'static KnownComponent> {
    COMPONENTS.iter().find(|component| component.name.eq_ignore_ascii_case(name))
}

impl KnownComponent {
    /// The setting at this path. `Err`: it is not one.
    pub fn setting(&self, path: &str) -> Result<Option<&'static Setting>, ()> {
        let Some(settings) = self.settings else { return Ok(None) };
        if let Some(setting) = settings.iter().find(|setting| setting.path == path) {
            return Ok(Some(setting));
        }
        let is_above = |setting: &&Setting| {
            setting.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
                || setting.path.strip_suffix('*').is_some_and(|start| path.starts_with(start))
        };
        settings.iter().find(is_above).map(|_| None).ok_or(())
    }
}

const BOTH_AUDITS: &[&str] =
    &["offlineServicing", "generalize", "specialize", "auditSystem", "auditUser", "oobeSystem"];

const COMPONENTS: [KnownComponent; 32] = [
    KnownComponent {
        name: "Microsoft-Windows-International-Core-WinPE",
        passes: &["windowsPE"],
        settings: Some(&INTERNATIONAL_PE),
    },
    KnownComponent { name: "Microsoft-Windows-Setup", passes: &["windowsPE"], settings: Some(&SETUP) },
    KnownComponent {
        name: "Microsoft-Windows-PnpCustomizationsWinPE",
        passes: &["windowsPE"],
        settings: Some(&DRIVERS),
    },
    KnownComponent {
        name: "Microsoft-Windows-PnpCustomizationsNonWinPE",
        passes: &["offlineServicing", "auditSystem"],
        settings: Some(&DRIVERS),
    },
    KnownComponent { name: "Microsoft-Windows-Deployment", passes: BOTH_AUDITS, settings: Some(&DEPLOYMENT) },
    KnownComponent {
        name: "Microsoft-Windows-International-Core",
        passes: &["specialize", "oobeSystem"],
        settings: Some(&INTERNATIONAL),
    },
    KnownComponent { name: "Microsoft-Windows-Shell-Setup", passes: BOTH_AUDITS, settings: Some(&SHELL) },
    unread("Microsoft-Windows-RemoteAssistance-Exe", BOTH_AUDITS),
    unread("Microsoft-Windows-TCPIP", &["windowsPE", "specialize"]),
    unread("Microsoft-Windows-DNS-Client", &["windowsPE", "specialize"]),
    unread("Microsoft-Windows-NetBT", &["windowsPE", "specialize"]),
    unread("Microsoft-Windows-UnattendedJoin", &["specialize"]),
    unread("Microsoft-Windows-LUA-Settings", BOTH_AUDITS),
    unread("Microsoft-Windows-ErrorReportingCore", BOTH_AUDITS),
    unread("Microsoft-Windows-IE-InternetExplorer", BOTH_AUDITS),
    unread("Microsoft-Windows-IE-ESC", BOTH_AUDITS),
    unread("Microsoft-Windows-PnpSysprep", &["generalize", "specialize"]),
    unread("Microsoft-Windows-Security-SPP", BOTH_AUDITS),
    unread("Microsoft-Windows-Security-SPP-UX", BOTH_AUDITS),
    unread("Microsoft-Windows-Security-Licensing-SLC", BOTH_AUDITS),
    unread("Microsoft-Windows-Security-Licensing-SLC-UX", BOTH_AUDITS),
    unread("Microsoft-Windows-SQMApi", BOTH_AUDITS),
    unread("Microsoft-Windows-SystemRestore-Main", BOTH_AUDITS),
    unread("Microsoft-Windows-TerminalServices-LocalSessionManager", BOTH_AUDITS),
    unread("Microsoft-Windows-TerminalServices-RDP-WinStationExtensions", BOTH_AUDITS),
    unread("Microsoft-Windows-SecureStartup-FilterDriver", BOTH_AUDITS),
    unread("Microsoft-Windows-EnhancedStorage-Adm", BOTH_AUDITS),
    unread("Microsoft-Windows-PartitionManager", BOTH_AUDITS),
    unread("Microsoft-Windows-powercpl", BOTH_AUDITS),
    unread("Microsoft-Windows-WinRE-RecoveryAgent", BOTH_AUDITS),
    unread("Networking-MPSSVC-Svc", BOTH_AUDITS),
    unread("Security-Malware-Windows-Defender", BOTH_AUDITS),
];

const fn unread(name: &'static str, passes: &'static [&'static str]) -> KnownComponent {
    KnownComponent { name, passes, settings: None }
}

const SHOW_UI: Rule = Rule::Choice(&["Always", "OnError", "Never"]);
const ORDER: Rule = Rule::Number(1, 500);
const ID: Rule = Rule::Number(0, 9_999);
const SIZE_MB: Rule = Rule::Number(1, u32::MAX);
const LONG: Rule = Rule::Text(256);
const MAY_BE_EMPTY: Rule = Rule::Loose(256);

const INTERNATIONAL_PE: [Setting; 8] = [
    known("InputLocale", LONG),
    known("LayeredDriver", Rule::Number(1, 6)),
    known("SetupUILanguage/UILanguage", LONG),
    known("SetupUILanguage/WillShowUI", SHOW_UI),
    known("SystemLocale", LONG),
    known("UILanguage", LONG),
    known("UILanguageFallback", LONG),
    known("UserLocale", LONG),
];

const INTERNATIONAL: [Setting; 5] = [
    known("InputLocale", LONG),
    known("SystemLocale", LONG),
    known("UILanguage", LONG),
    known("UILanguageFallback", LONG),
    known("UserLocale", LONG),
];

const DRIVERS: [Setting; 2] = [
    known("DriverPaths/PathAndCredentials/Path", Rule::Text(259)),
    known("DriverPaths/PathAndCredentials/Credentials/*", Rule::Any),
];

const DEPLOYMENT: [Setting; 9] = [
    known("ExtendOSPartition/*", Rule::Any),
    known("Generalize/*", Rule::Any),
    known("Reseal/*", Rule::Any),
    known("RunAsynchronous/*", Rule::Any),
    known("RunSynchronous/RunSynchronousCommand/Credentials/*", Rule::Any),
    known("RunSynchronous/RunSynchronousCommand/Description", Rule::Loose(259)),
    known("RunSynchronous/RunSynchronousCommand/Order", ORDER),
    known("RunSynchronous/RunSynchronousCommand/Path", Rule::Text(259)),
    known("RunSynchronous/RunSynchronousCommand/WillReboot", Rule::Choice(&["Always", "OnRequest", "Never"])),
];

const SETUP: [Setting; 55] = [
    known("ComplianceCheck/DisplayReport", SHOW_UI),
    known("Diagnostics/OptIn", Rule::Bool),
    known("DiskConfiguration/DisableEncryptedDiskProvisioning", Rule::Bool).since(Version::Eight),
    known("DiskConfiguration/Disk/CreatePartitions/CreatePartition/Extend", Rule::Bool),
    known("DiskConfiguration/Disk/CreatePartitions/CreatePartition/Order", ORDER),
    known("DiskConfiguration/Disk/CreatePartitions/CreatePartition/Size", SIZE_MB),
    known(
        "DiskConfiguration/Disk/CreatePartitions/CreatePartition/Type",
        Rule::Choice(&["Primary", "EFI", "Extended", "Logical", "MSR"]),
    ),
    known("DiskConfiguration/Disk/DiskID", ID),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/Active", Rule::Bool),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/Extend", Rule::Bool),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/Format", Rule::Choice(&["NTFS", "FAT32"])),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/Label", Rule::Text(32)),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/Letter", Rule::Text(1)),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/Order", ORDER),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/PartitionID", Rule::Number(1, 9_999)),
    known("DiskConfiguration/Disk/ModifyPartitions/ModifyPartition/TypeID", LONG).since(Version::Seven),
    known("DiskConfiguration/Disk/WillWipeDisk", Rule::Bool),
    known("DiskConfiguration/WillShowUI", SHOW_UI),
    known("Display/ColorDepth", Rule::Any),
    known("Display/HorizontalResolution", Rule::Any),
    known("Display/RefreshRate", Rule::Any),
    known("Display/VerticalResolution", Rule::Any),
    known("DynamicUpdate/Enable", Rule::Bool),
    known("DynamicUpdate/WillShowUI", SHOW_UI),
    known("EnableFirewall", Rule::Bool),
    known("EnableNetwork", Rule::Bool),
    known("ImageInstall/DataImage/*", Rule::Any),
    known("ImageInstall/OSImage/Compact", Rule::Bool).since(Version::Ten),
    known("ImageInstall/OSImage/InstallFrom/Credentials/*", Rule::Any),
    known("ImageInstall/OSImage/InstallFrom/MetaData/Key", LONG),
    known("ImageInstall/OSImage/InstallFrom/MetaData/Value", LONG),
    known("ImageInstall/OSImage/InstallFrom/Path", Rule::Text(259)),
    known("ImageInstall/OSImage/InstallTo/DiskID", ID),
    known("ImageInstall/OSImage/InstallTo/PartitionID", Rule::Number(1, 9_999)),
    known("ImageInstall/OSImage/InstallToAvailablePartition", Rule::Bool),
    known("ImageInstall/OSImage/WillShowUI", SHOW_UI),
    known("LogPath", Rule::Text(259)),
    known("PageFile/Path", Rule::Text(259)),
    known("PageFile/Size", Rule::Any),
    known("Restart", Rule::Choice(&["Restart", "Shutdown"])),
    known("RunAsynchronous/*", Rule::Any),
    known("RunSynchronous/RunSynchronousCommand/Credentials/*", Rule::Any),
    known("RunSynchronous/RunSynchronousCommand/Description", Rule::Loose(259)),
    known("RunSynchronous/RunSynchronousCommand/Order", ORDER),
    known("RunSynchronous/RunSynchronousCommand/Path", Rule::Text(259)),
    known("RunSynchronous/RunSynchronousCommand/WillReboot", Rule::Choice(&["Always", "OnRequest", "Never"])),
    known("UpgradeData/Upgrade", Rule::Bool),
    known("UpgradeData/WillShowUI", SHOW_UI),
    known("UseConfigurationSet", Rule::Bool),
    known("UserData/AcceptEula", Rule::Bool),
    known("UserData/FullName", Rule::Text(63)),
    known("UserData/Organization", Rule::Text(63)),
    known("UserData/ProductKey/Key", Rule::Secret),
    known("UserData/ProductKey/WillShowUI", SHOW_UI),
    known("WindowsDeploymentServices/*", Rule::Any),
];

const SHELL: [Setting; 64] = [
    known("AutoLogon/Domain", LONG),
    known("AutoLogon/Enabled", Rule::Bool),
    known("AutoLogon/LogonCount", Rule::Number(0, u32::MAX)),
    known("AutoLogon/Password/PlainText", Rule::Bool),
    known("AutoLogon/Password/Value", Rule::Secret),
    known("AutoLogon/Username", LONG),
    known("BluetoothTaskbarIconEnabled", Rule::Bool),
    known("CEIPEnabled", Rule::Any),
    known("ClientApplications/*", Rule::Any),
    known("ComputerName", Rule::Text(15)),
    known("ConvertibleSlateModePromptPreference", Rule::Any).since(Version::Eight),
    known("CopyProfile", Rule::Bool),
    known("DesktopOptimization/*", Rule::Any),
    known("DisableAutoDaylightTimeSet", Rule::Bool),
    known("Display/*", Rule::Any),
    known("DoNotCleanTaskBar", Rule::Bool),
    known("EnableStartMenu", Rule::Bool),
    known("FavoritesList/*", Rule::Any),
    known("FirstLogonCommands/SynchronousCommand/CommandLine", Rule::Loose(1024)),
    known("FirstLogonCommands/SynchronousCommand/Description", MAY_BE_EMPTY),
    known("FirstLogonCommands/SynchronousCommand/Order", ORDER),
    known("FirstLogonCommands/SynchronousCommand/RequiresUserInput", Rule::Bool),
    known("FolderLocations/*", Rule::Any),
    known("LogonCommands/*", Rule::Any),
    known("MFUProgramList/*", Rule::Any),
    known("NotificationArea/*", Rule::Any),
    known("OEMInformation/*", Rule::Any),
    known("OEMName", Rule::Loose(256)),
    known("OEMWelcomeCenter/*", Rule::Any),
    known("OfflineUserAccounts/*", Rule::Any),
    known("OOBE/HideEULAPage", Rule::Bool),
    known("OOBE/HideLocalAccountScreen", Rule::Bool).since(Version::Eight),
    known("OOBE/HideOEMRegistrationScreen", Rule::Bool).since(Version::Eight),
    known("OOBE/HideOnlineAccountScreens", Rule::Bool).since(Version::Eight),
    known("OOBE/HideWirelessSetupInOOBE", Rule::Bool).since(Version::Seven),
    known("OOBE/NetworkLocation", Rule::Choice(&["Home", "Work", "Other"])).until(Version::EightOne),
    known("OOBE/OEMAppId", Rule::Any).since(Version::Ten),
    known("OOBE/ProtectYourPC", Rule::Number(1, 3)),
    known("OOBE/SkipMachineOOBE", Rule::Bool),
    known("OOBE/SkipUserOOBE", Rule::Bool),
    known("OOBE/UnattendEnableRetailDemo", Rule::Bool).since(Version::EightOne),
    known("OOBE/VMModeOptimizations/*", Rule::Any).since(Version::Ten),
    known("ProductKey", Rule::Secret),
    known("RegisteredOrganization", MAY_BE_EMPTY),
    known("RegisteredOwner", MAY_BE_EMPTY),
    known("ShowPowerButtonOnStartScreen", Rule::Bool).since(Version::EightOne),
    known("ShowWindowsLive", Rule::Bool),
    known("SignInMode", Rule::Any).since(Version::Ten),
    known("StartPanelOff", Rule::Bool),
    known("StartTiles/*", Rule::Any).since(Version::Eight),
    known("TaskbarLinks/*", Rule::Any),
    known("Themes/*", Rule::Any),
    known("TimeZone", LONG),
    known("UserAccounts/AdministratorPassword/PlainText", Rule::Bool),
    known("UserAccounts/AdministratorPassword/Value", Rule::Secret),
    known("UserAccounts/DomainAccounts/*", Rule::Any),
    known("UserAccounts/LocalAccounts/LocalAccount/Description", MAY_BE_EMPTY),
    known("UserAccounts/LocalAccounts/LocalAccount/DisplayName", MAY_BE_EMPTY),
    known("UserAccounts/LocalAccounts/LocalAccount/Group", MAY_BE_EMPTY),
    known("UserAccounts/LocalAccounts/LocalAccount/Name", Rule::Text(20)),
    known("UserAccounts/LocalAccounts/LocalAccount/Password/PlainText", Rule::Bool),
    known("UserAccounts/LocalAccounts/LocalAccount/Password/Value", Rule::Secret),
    known("VisualEffects/*", Rule::Any),
    known("WindowsFeatures/*", Rule::Any),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found() {
        let shell = component("microsoft-windows-shell-setup").unwrap();
        assert!(shell.setting("OOBE").is_ok_and(|it| it.is_none()));
        assert!(shell.setting("OOBE/HideEULAPage").is_ok_and(|it| it.is_some()));
        assert!(shell.setting("Themes/Anything/Below").is_ok());
        for unknown in ["", "OOB", "OOBE/", "OOBE/HideEulaPage", "TimeZone/X"] {
            assert!(shell.setting(unknown).is_err(), "{unknown}");
        }
        assert!(component("Microsoft-Windows-TCPIP").unwrap().setting("Whatever").is_ok());
        assert!(component("Microsoft-Windows-Nothing").is_none());
    }

    #[test]
    fn the_tables_are_in_order() {
        for component in &COMPONENTS {
            assert!(component.passes.iter().all(|pass| PASSES.contains(pass)), "{}", component.name);
            let settings = component.settings.unwrap_or_default();
            for (at, setting) in settings.iter().enumerate() {
                assert!(settings[..at].iter().all(|other| other.path != setting.path), "{}", setting.path);
                assert!(setting.since <= setting.until, "{}", setting.path);
            }
        }
    }
}
