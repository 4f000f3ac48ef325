//! The image that Setup starts in, as far as putting files into it needs it.

use std::io::{Read, Seek};
use std::sync::Arc;

use super::{WimTables, WindowsFacts};
use crate::format::FormatError;
use crate::format::tree::{Entry, FileReader};
use crate::format::wim::{Wim, WimFile};

/// Real ones have some 3 MB.
const MAX_METADATA_BYTES: u64 = 64 << 20;

/// A `boot.wim`: its tables, and the directory tree of the image that starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootWim {
    pub path: String,
    pub tables: WimTables,
    /// Decompressed.
    pub metadata: Arc<[u8]>,
    pub has_winpeshl_ini: bool,
    pub has_drvload: bool,
    /// `setup.exe` or `sources/setup.exe`: what starts in it where nothing else is told to.
    pub setup: Option<&'static str>,
}

/// Every `boot.wim` of the media; an error is a clause.
pub(super) fn read<'a>(
    image: &(impl Read + Seek + Clone),
    facts: &WindowsFacts,
    find: &dyn Fn(&str) -> Option<&'a Entry>,
) -> Vec<(String, Result<BootWim, String>)> {
    let mut found = Vec::new();
    for boot in &facts.boot_images {
        let Some(entry) = find(&boot.path) else { continue };
        let wim = read_one(image, &boot.path, entry);
        found.push((boot.path.clone(), wim.map_err(|error| error.to_string())));
    }
    found
}

fn read_one(image: &(impl Read + Seek + Clone), path: &str, entry: &Entry) -> Result<BootWim, FormatError> {
    let mut wim = Wim::open(FileReader::new(image.clone(), entry))?;
    let index = wim.header().boot_index.max(1);
    let metadata = wim.read_metadata(index, MAX_METADATA_BYTES)?;
    let mut has = |path: &str| -> Result<bool, FormatError> {
        Ok(wim.find(index, path)?.is_some_and(|file: WimFile| !file.is_directory()))
    };
    // winpeshl starts what winpeshl.ini names, and where there is none X:\setup.exe.
    let mut setup = None;
    for place in ["setup.exe", "sources/setup.exe"] {
        if setup.is_none() && has(place)? {
            setup = Some(place);
        }
    }
    Ok(BootWim {
        path: path.to_owned(),
        has_winpeshl_ini: has("Windows/System32/winpeshl.ini")?,
        has_drvload: has("Windows/System32/drvload.exe")?,
        setup,
        metadata: metadata.into(),
        tables: WimTables {
            header: wim.header().clone(),
            resources: wim.resources().to_vec(),
            xml: wim.xml().to_vec(),
        },
    })
}
