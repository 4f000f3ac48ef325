//! The three languages of the window: what the user wants, what the world tells, what the program shall do.

mod answer;

use std::path::PathBuf;

use crate::answer::{Secret, SecretBytes};
use crate::device::{Drive, Identity};
use crate::job::{self, AnswerChoice, AnswerOnStick, Inspection, Record, Request, TestExtent, WriteRequest};
use crate::plan::{FileSystem, Scheme};
use crate::region::ThisRegion;
use crate::source::{AddRequest, Addition, AnswerFile, DriverFolder, ImageFacts, PreparedAnswer};

pub use answer::*;

/// The pages that stand beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Page {
    Make,
    Check,
    Save,
    Test,
    Restore,
    /// Of a stick that stays as it is otherwise.
    Answer,
}

impl Page {
    pub const ALL: [Self; 6] = [Self::Make, Self::Check, Self::Save, Self::Test, Self::Restore, Self::Answer];

    /// The drive that is chosen there is written to.
    pub fn writes(self) -> bool {
        matches!(self, Self::Make | Self::Test | Self::Restore | Self::Answer)
    }
}

/// Light or dark; the system's preference unless the user says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Appearance {
    #[default]
    System,
    Light,
    Dark,
}

impl Appearance {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];
}

/// The pages that look at an image before anything starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageOf {
    Make,
    Check,
}

/// The fields that text is typed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Image(ImageOf),
    /// Make: the checksum that the image should have.
    ExpectedChecksum,
    /// Check: the checksum that the drive should have, and how many bytes of it.
    DriveChecksum,
    DriveLength,
    SaveFile,
    /// Restore: what the volume will be called.
    Label,
    /// Confirm: the name of a drive that is not for everyday use; its place among those that are erased.
    TypedName(usize),
    ReportFile,
    /// Make: the path of a file or folder that is to be added.
    OwnFile,
    /// Make: where it goes on the stick.
    Place(EntryId),
    /// Answer file: the path of the new one.
    NewAnswer,
    /// Make: of the answer file.
    Answer(AnswerText),
}

/// One of the user's own files or folders, as long as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryId(pub u32);

/// One job, as long as the window is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(pub u32);

/// What a file dialog is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    Fill(Field),
    AddFiles,
    AddFolder,
    /// The answer file: files that are run after Setup.
    AddSteps,
    /// The answer file: where its profile or its XML is saved.
    SaveAnswer,
    /// A folder of drivers.
    Drivers,
}

/// Things that are on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Switch {
    ShowAllDrives,
    /// "Which one is it?": what is plugged in from now on is marked.
    FindDrive,
    Verify,
    BlockMap,
    SkipHoles,
    /// Save: a file of that name is replaced.
    Replace,
    /// Make: this file takes the place of one of the image.
    ReplaceInImage(EntryId),
    /// Make: drivers are loaded before Setup starts.
    DriversInSetup,
}

/// What a drive is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckWith {
    /// The list of files that the program left on the stick.
    Manifest,
    Image,
    Checksum,
}

/// What a drive is made on the page Restore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Becomes {
    /// One partition over all of it, with an empty file system.
    #[default]
    Normal,
    /// No system finds anything on it.
    Empty,
    /// Every byte is zero.
    Zeroes,
}

impl Becomes {
    pub const ALL: [Self; 3] = [Self::Normal, Self::Empty, Self::Zeroes];
}

/// What a stick's answer file becomes on the page of that name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChangeTo {
    /// What a profile says, or an answer file.
    #[default]
    File,
    /// The stick has none from then on.
    Nothing,
}

impl ChangeTo {
    pub const ALL: [Self; 2] = [Self::File, Self::Nothing];
}

/// What Confirm wants to be agreed to by itself, where an answer file changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The answer file that came with the image, or from somebody else, goes.
    ReplaceOthers,
    /// The new one erases disks of machines.
    EraseDisks,
}

/// A stick whose answer file is going to change, and the file that comes.
#[derive(Clone, Debug)]
pub struct StickLook {
    pub there: AnswerOnStick,
    /// `None`: the present one is taken away.
    pub new: Option<NewAnswer>,
}

#[derive(Clone, Debug)]
pub struct NewAnswer {
    pub file: AnswerFile,
    /// What the stick gets for it; the error is a sentence.
    pub prepared: Result<PreparedAnswer, String>,
}

/// What the user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Show(Page),
    Appearance(Appearance),
    Edit(Field, String),
    /// The field was left, or Enter was pressed in it.
    Commit(Field),
    Browse(Dialog),
    DropFile(PathBuf),
    /// Make: one more; elsewhere: this one instead of another.
    ChooseDrive(Identity),
    UnchooseDrive(Identity),
    Set(Switch, bool),
    CheckWith(CheckWith),
    Scheme(Scheme),
    Become(Becomes),
    FileSystem(FileSystem),
    ChangeTo(ChangeTo),
    TestExtent(TestExtent),
    /// This folder goes where Windows Setup looks for drivers.
    PlaceAsDrivers(EntryId),
    RemoveDrivers,
    Remove(EntryId),
    Answer(AnswerAction),
    /// The primary button of a page. Make asks for confirmation first; the others begin.
    Start,
    /// Confirm: this use of a drive may be ended, or not. `stick`: the drive's place among those that are erased; `named`:
    /// the use, as the drive names it.
    EndUse {
        stick: usize,
        named: String,
        agreed: bool,
    },
    /// Confirm: this too.
    Agree(Agreement, bool),
    /// Confirm: yes. What was asked about is erased, or changed.
    Erase,
    /// Confirm: back to the page. Working: stop everything.
    Cancel,
    /// Working: stop the work on one stick.
    CancelStick(JobId),
    /// Done: the page again, its drives not chosen any more.
    Another,
    /// Done: every stick shall let itself be pulled out.
    TakeOut,
    /// Done of a test: on to Restore, with the drive that was tested.
    RestoreTested,
    SaveReport,
    DismissNotice,
    CloseAsked,
    KeepWorking,
    CancelAndClose,
}

/// What the world tells.
#[derive(Debug)]
pub enum Event {
    Drives(Result<Vec<Drive>, String>),
    Inspected {
        of: ImageOf,
        path: PathBuf,
        answer: Box<Result<Inspection, String>>,
    },
    /// A file dialog was closed; empty: without a choice, or the system has no dialog to show.
    Picked(Dialog, Vec<PathBuf>),
    /// What one of the user's own files or folders comes to; the error is a clause.
    Listed {
        id: EntryId,
        request: AddRequest,
        answer: Result<Vec<Addition>, String>,
    },
    /// A profile or an answer file; the error is a clause.
    AnswerRead {
        read_for: ReadFor,
        path: PathBuf,
        answer: Result<SecretBytes, String>,
    },
    /// Whether the answer file goes with the image, and what the stick gets for it; the error is a sentence.
    AnswerPrepared {
        serial: u32,
        answer: Box<Result<PreparedAnswer, String>>,
    },
    /// A profile or an answer file was written, or why not: a sentence.
    AnswerWritten(Result<PathBuf, String>),
    Region(Box<ThisRegion>),
    /// What a stick has, and the file that is to come; the error is a sentence.
    StickLookedAt {
        serial: u32,
        look: Box<Result<StickLook, String>>,
    },
    /// What a folder of drivers comes to; the error is a clause.
    DriversListed(PathBuf, Result<Vec<DriverFolder>, String>),
    Job(JobId, job::Event),
    /// The job's channel closed without a last event.
    JobLost(JobId),
    /// The stick of this job can be pulled out, or why not: a sentence.
    TakenOut(JobId, Result<(), String>),
    ReportSaved(Result<PathBuf, String>),
    /// Time passes; told only where it is shown.
    Tick,
    /// The desktop prefers dark (or light) windows.
    SystemIsDark(bool),
}

/// What the program shall do outside of the reducer.
#[derive(Debug)]
pub enum Command {
    Inspect(ImageOf, PathBuf),
    List(EntryId, AddRequest),
    ListDrivers(PathBuf),
    OpenDialog {
        dialog: Dialog,
        /// The path in the field now, or a neighbour of what may be added.
        suggestion: PathBuf,
    },
    ReadAnswer(ReadFor, PathBuf),
    /// Compare it with the image, and look at the files that belong to it. An older question is not waited for.
    PrepareAnswer {
        serial: u32,
        choice: Box<AnswerChoice>,
        image: Box<ImageFacts>,
    },
    WriteAnswer {
        path: PathBuf,
        /// May hold passwords.
        text: Secret,
        /// A dialog has asked already whether to replace the file.
        replace: bool,
    },
    /// Read how this computer is set.
    ReadRegion,
    /// Read what answer file it has, and hold the one in `file` against it.
    LookAtStick {
        serial: u32,
        drive: Identity,
        file: Option<PathBuf>,
    },
    StartJob(JobId, Box<Request>),
    /// One image onto several drives.
    StartTogether(Vec<(JobId, WriteRequest)>),
    CancelJob(JobId),
    TakeOut(JobId, Identity),
    SaveReport {
        path: PathBuf,
        /// Of one job, or of several that ran together.
        records: Vec<Record>,
        /// A dialog has asked already whether to replace the file.
        replace: bool,
    },
    CloseWindow,
}
