//! Floor 1: answer files. What a technician wants answered becomes `autounattend.xml`, which Windows Setup reads, from
//! Vista to 11; and such files are read and checked. Text in, text out.
//!
//! ```text
//! profile.toml -> AnswerOptions -limits-> Document -> autounattend.xml, and the script that goes with it
//!                      ^                                    |
//!                      +------------- read <--- check <-----+
//! ```

mod accounts;
mod advice;
mod check;
mod disks;
mod document;
pub mod guard;
mod keys;
mod leaves;
mod limits;
mod oobe_system;
mod options;
mod passwords;
mod profile;
mod read;
mod script;
mod secret;
mod specialize;
mod summary;
mod template;
pub mod time_zones;
mod version;
mod windows_pe;
mod xml;

pub use accounts::ADMINISTRATOR;
pub use advice::advice;
pub use check::{Finding, MAX_XML_BYTES, Media, Severity, TextError, check_xml};
pub use document::{Component, Document, Pass};
pub use keys::{ProductKey, editions_with_a_generic_key, has_the_form_of_a_key};
pub use limits::Violation;
pub use options::{
    Accounts, AfterSetup, AnswerOptions, AutoLogon, Computer, Disks, FirstStart, Keep, Layout,
    NetworkLocation, Privacy, Protection, Region, Requirements, SERIAL, SetupOptions, Step, Telemetry, User,
    When, Wipe,
};
pub use profile::{MAX_PROFILE_BYTES, ProfileError, ProfileFormat, Secrets, read_profile, write_profile};
pub use read::{Reading, read_xml};
pub use script::{APPLICATIONS_FOLDER, SCRIPT_PLACES, Script, StagedFile};
pub use secret::{MASK, Secret, SecretBytes};
pub use summary::Summary;
pub use template::template;
pub use version::{Architecture, Target, Version};

/// Everything that the options come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub document: Document,
    /// Where applications, commands or a name by serial number are asked for.
    pub script: Option<Script>,
    /// Files of the technician's that have to go onto the stick.
    pub files: Vec<StagedFile>,
}

/// The answer file for this target, or every limit that the options break.
pub fn answer(options: &AnswerOptions, target: &Target) -> Result<Answer, Vec<Violation>> {
    let violations = limits::check(options, target);
    if !violations.is_empty() {
        return Err(violations);
    }
    Ok(Answer {
        document: Document::of(options, target),
        script: script::script(options),
        files: script::staged_files(options),
    })
}
