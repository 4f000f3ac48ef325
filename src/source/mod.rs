//! Floor 3: images. Opens what the user points at, tells by content what it is, and hands out its bytes, decompressed
//! on the way where needed.
//!
//! Everything here is untrusted: no length read from a file decides how much memory is taken, every loop is bounded.
//! This floor never writes.

mod addition;
mod answers;
pub mod bmap;
pub mod checksum;
mod decode;
mod drivers;
mod error;
mod facts;
mod known;
mod open;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod os;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod os;
mod recognise;
mod stream;
pub mod windows;

pub use addition::{AddRequest, Addition, AdditionKind, AdditionReader, Origin, gather};
pub use answers::{
    ANSWER_PLACES, AnswerFile, AnswerFileError, FoundAnswer, PreparedAnswer, additions, alike_as_one,
    answers_in, prepare_answer, read_with_script, target_of_media,
};
pub use drivers::{DRIVERS_FOLDER, DriverFolder, DriverInf, MAX_IN_SETUP_BYTES, list_drivers};
pub use error::SourceError;
pub use facts::{BootRecord, Container, ImageFacts, ImageKind, PartitionTable};
pub use known::{KnownImage, known_image};
pub use open::{Source, facts_of_drive};
pub use stream::ImageStream;
pub use windows::windows_on_volume;
