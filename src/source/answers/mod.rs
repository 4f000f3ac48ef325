//! Answer files on their way onto a stick: read from the technician's computer, compared with the media, and made into the
//! files that the stick gets.
//!
//! ```text
//! profile.toml -\               media -> target
//!                > AnswerFile -----+---------> additions: Autounattend.xml in both its places, script, applications
//! own.xml ------/
//! ```

mod beside;
mod file;
mod found;
mod media;
mod staged;

pub use beside::read_with_script;
pub use file::{AnswerFile, AnswerFileError};
pub use found::{FoundAnswer, alike_as_one, answers_in};
pub use media::{PreparedAnswer, prepare_answer, target_of_media};
pub use staged::{ANSWER_PLACES, additions};
