//! Windows media: what they hold and how they start, out of their files and the XML data of their WIM files.

mod facts;

pub use facts::{
    Architecture, BootImage, Edition, EiCfg, ImagePlace, InstallImage, InstallKind, LoaderCertificate,
    UefiLoader, WindowsBoot, WindowsFacts,
};
