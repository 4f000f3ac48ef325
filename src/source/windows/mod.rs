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
mod words;

pub use boot_wim::BootWim;
pub(super) use content::read as read_media;
pub use content::{Loader, MediaFile, WimTables, WindowsMedia};
pub use facts::{
    Architecture, BootImage, Edition, EiCfg, ImagePlace, InstallImage, InstallKind, LoaderCertificate,
    UefiLoader, WindowsBoot, WindowsFacts,
};
pub use loader::{certificate, runs_on};
pub(crate) use media::Media;
pub(crate) use survey::survey;
