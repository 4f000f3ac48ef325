//! What is done on the form of an answer file: its fields, switches and choices, each of which knows what it is called in a
//! profile, so that a complaint finds its place.

use crate::answer::{Layout, NetworkLocation, Protection, Secrets, Telemetry, When};

/// The pages of the form, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    #[default]
    Region,
    Edition,
    Computer,
    Disks,
    Accounts,
    FirstStart,
    Privacy,
    Applications,
}

impl Section {
    pub const ALL: [Self; 8] = [
        Self::Region,
        Self::Edition,
        Self::Computer,
        Self::Disks,
        Self::Accounts,
        Self::FirstStart,
        Self::Privacy,
        Self::Applications,
    ];

    /// Where a field of a profile stands: `accounts.users[1].name`.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.split(['.', '[']).next().unwrap_or_default();
        Some(match name {
            "region" => Self::Region,
            "setup" => Self::Edition,
            "computer" => Self::Computer,
            "disks" => Self::Disks,
            "accounts" => Self::Accounts,
            "first_start" => Self::FirstStart,
            "privacy" | "requirements" => Self::Privacy,
            "after_setup" => Self::Applications,
            _ => return None,
        })
    }
}

/// An account or a step of the form, as long as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub u32);

/// What is typed, or taken from a list of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnswerText {
    SetupLanguage,
    UiLanguage,
    SystemLocale,
    UserLocale,
    Keyboards,
    TimeZone,
    Edition,
    EditionIndex,
    ProductKey,
    FullName,
    Organization,
    ComputerName,
    Disk,
    StickDisk,
    Consent,
    SystemMb,
    ReservedMb,
    RecoveryMb,
    WindowsMb,
    Partition,
    AdministratorPassword,
    LogonUser,
    LogonCount,
    User(RowId, UserText),
    Step(RowId, StepText),
    /// Not of the file itself: the path of one more file to run.
    NewStep,
    /// The path in the panel that loads, saves or exports.
    PanelPath,
    /// Make: the path of a profile or an answer file to use.
    UsePath,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UserText {
    Name,
    DisplayName,
    Description,
    /// Separated by commas.
    Groups,
    Password,
}

impl UserText {
    pub const ALL: [Self; 5] =
        [Self::Name, Self::DisplayName, Self::Description, Self::Groups, Self::Password];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepText {
    Name,
    /// Of a step that runs a file.
    File,
    Arguments,
    /// Of a step that has none.
    Command,
}

impl StepText {
    pub const ALL: [Self; 4] = [Self::Name, Self::File, Self::Arguments, Self::Command];
}

/// What is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnswerSwitch {
    AcceptEula,
    EncodePasswords,
    HideEula,
    HideWirelessSetup,
    HideOemRegistration,
    HideOnlineAccounts,
    HideLocalAccount,
    AllowNoNetwork,
    SkipQuestions,
    PreventDeviceEncryption,
    IgnoreTpm,
    IgnoreSecureBoot,
    IgnoreRam,
    IgnoreCpu,
    IgnoreStorage,
    Restart(RowId),
}

impl AnswerSwitch {
    /// Those that a profile names by one word.
    pub const PLAIN: [Self; 15] = [
        Self::AcceptEula,
        Self::EncodePasswords,
        Self::HideEula,
        Self::HideWirelessSetup,
        Self::HideOemRegistration,
        Self::HideOnlineAccounts,
        Self::HideLocalAccount,
        Self::AllowNoNetwork,
        Self::SkipQuestions,
        Self::PreventDeviceEncryption,
        Self::IgnoreTpm,
        Self::IgnoreSecureBoot,
        Self::IgnoreRam,
        Self::IgnoreCpu,
        Self::IgnoreStorage,
    ];
    pub const REQUIREMENTS: [Self; 5] =
        [Self::IgnoreTpm, Self::IgnoreSecureBoot, Self::IgnoreRam, Self::IgnoreCpu, Self::IgnoreStorage];
}

/// What Setup is told of the product key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyChoice {
    #[default]
    NotAnswered,
    Ask,
    None,
    Firmware,
    Generic,
    /// The one that is typed.
    Typed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DisksChoice {
    #[default]
    Interactive,
    Wipe,
    Keep,
}

impl DisksChoice {
    pub const ALL: [Self; 3] = [Self::Interactive, Self::Wipe, Self::Keep];
}

/// One of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerPick {
    Key(KeyChoice),
    Disks(DisksChoice),
    Layout(Layout),
    DynamicUpdate(Option<bool>),
    Administrator(Option<bool>),
    Network(Option<NetworkLocation>),
    Protection(Option<Protection>),
    Telemetry(Option<Telemetry>),
    When(When),
}

/// What stands open above the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Load,
    Save,
    Export,
}

/// What a file is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFor {
    /// Make: it is the answer file, or makes it.
    Use,
    /// The form: a profile, or an answer file that can be one.
    Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerAction {
    /// Make: the form.
    Edit,
    /// The form: Make again. What was answered stays.
    Back,
    /// Make: Setup asks everything. The form keeps what it has.
    Remove,
    /// Make: the path of a file can be typed.
    AskForFile(bool),
    /// The image's own answer file gives way.
    Replace(bool),
    Show(Section),
    /// Instead of a section, where there is no room for both.
    ShowPreview,
    ShowSecrets(bool),
    Set(AnswerSwitch, bool),
    Pick(AnswerPick),
    /// A separate act, and undone by whatever changes what it is for.
    Consent(bool),
    Administrator(RowId, bool),
    AddUser,
    AddCommand,
    RemoveRow(RowId),
    MoveStep(RowId, Move),
    UseThisRegion,
    /// The time zones, even where nothing is typed.
    ListZones(bool),
    Panel(Option<Panel>),
    SaveWith(Secrets),
    /// The panel's own button.
    DoPanel,
    /// A file of the user's own XML becomes the form.
    EditXml,
}
