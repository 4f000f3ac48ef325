//! Windows media: what they hold and how they start, out of their files and the XML data of their WIM files.

mod boot_wim;
mod content;
mod ei_cfg;
mod facts;
mod images;
mod language;
mod loader;
mod media;
mod product;
mod survey;
mod volume;
mod words;

pub use boot_wim::BootWim;
pub(super) use content::read as read_media;
pub use content::{Loader, MediaFile, WimTables, WindowsMedia};
pub use facts::{
    Architecture, BootImage, Edition, EiCfg, ImagePlace, InstallImage, InstallKind, LoaderCertificate,
    UefiLoader, WindowsBoot, WindowsFacts,
};
pub use language::language_name;
pub use loader::{certificate, runs_on};
pub(super) use media::ANSWER_FILES;
pub(crate) use media::Media;
pub use survey::facts_of_volume;
pub(crate) use survey::survey;
pub use volume::windows_on_volume;
