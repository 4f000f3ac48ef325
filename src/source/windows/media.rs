//! Which files of Windows media are there: found by name in the tree of a disc, not read yet.

use super::{Architecture, InstallKind};
use crate::format::FormatError;
use crate::format::tree::{Entry, EntryKind, ImageTree};

/// Media for both architectures hold a tree for each.
const FOLDERS: [&str; 3] = ["", "x64/", "x86/"];
/// Setup takes them in this order.
const INSTALL_IMAGES: [(&str, InstallKind); 3] = [
    ("sources/install.wim", InstallKind::Wim),
    ("sources/install.esd", InstallKind::Esd),
    ("sources/install.swm", InstallKind::SplitWim),
];
/// Names that UEFI firmware looks for on removable media (UEFI 2.10 §3.5.1.1).
const LOADERS: [(&str, Architecture); 4] = [
    ("efi/boot/bootx64.efi", Architecture::X64),
    ("efi/boot/bootia32.efi", Architecture::X86),
    ("efi/boot/bootaa64.efi", Architecture::Arm64),
    ("efi/boot/bootarm.efi", Architecture::Arm),
];
/// Setup looks into the root of removable media before it looks beside itself. Those for Panther are not Setup's own, but
/// what tools leave there is taken for an answer all the same.
pub(in crate::source) const ANSWER_FILES: [&str; 7] = [
    "autounattend.xml",
    "sources/autounattend.xml",
    "x64/sources/autounattend.xml",
    "x86/sources/autounattend.xml",
    "sources/$OEM$/$$/Panther/unattend.xml",
    "x64/sources/$OEM$/$$/Panther/unattend.xml",
    "x86/sources/$OEM$/$$/Panther/unattend.xml",
];
/// No real set comes near; the part number has 16 bits.
const MAX_PARTS: u32 = 1000;

/// A file, and its path as the media spell it.
#[derive(Clone, Debug)]
pub(crate) struct MediaFile {
    pub path: String,
    pub entry: Entry,
}

/// The files of Windows media that say what it is.
#[derive(Debug, Default)]
pub(crate) struct Media {
    pub has_bootmgr: bool,
    pub has_bcd: bool,
    pub has_efi_bcd: bool,
    pub loaders: Vec<(Architecture, MediaFile)>,
    pub install: Vec<(InstallKind, Vec<MediaFile>)>,
    pub boot_images: Vec<MediaFile>,
    pub ei_cfg: Option<MediaFile>,
    pub has_pid_txt: bool,
    pub answer_files: Vec<MediaFile>,
}

impl Media {
    /// Looks for the files of Windows setup, or of another Windows that starts from `boot.wim`. `None` if it is neither.
    pub fn find(tree: &mut dyn ImageTree) -> Result<Option<Self>, FormatError> {
        let mut media = Self::default();
        let mut has_starter = false;
        for folder in FOLDERS {
            if !folder.is_empty() && tree.lookup(folder)?.is_none() {
                continue;
            }
            media.find_images(tree, folder)?;
            for name in ["setup.exe", "bootmgr.efi"] {
                has_starter |= find_file(tree, &format!("{folder}{name}"))?.is_some();
            }
        }
        if media.install.is_empty() && media.boot_images.is_empty() {
            return Ok(None);
        }
        media.has_bootmgr = find_file(tree, "bootmgr")?.is_some();
        media.has_bcd = find_file(tree, "boot/bcd")?.is_some();
        media.has_efi_bcd = find_file(tree, "efi/microsoft/boot/bcd")?.is_some();
        // An install image is Windows even where nothing starts it: people strip media down to it. A boot.wim alone may be
        // anybody's.
        let starts = has_starter || media.has_bootmgr || media.has_efi_bcd;
        if media.install.is_empty() && !starts {
            return Ok(None);
        }
        for (path, architecture) in LOADERS {
            media.loaders.extend(find_file(tree, path)?.map(|file| (architecture, file)));
        }
        for path in ANSWER_FILES {
            media.answer_files.extend(find_file(tree, path)?);
        }
        Ok(Some(media))
    }

    fn find_images(&mut self, tree: &mut dyn ImageTree, folder: &str) -> Result<(), FormatError> {
        for (name, kind) in INSTALL_IMAGES {
            if let Some(file) = find_file(tree, &format!("{folder}{name}"))? {
                let parts = if kind == InstallKind::SplitWim { find_parts(tree, file)? } else { vec![file] };
                self.install.push((kind, parts));
                break;
            }
        }
        self.boot_images.extend(find_file(tree, &format!("{folder}sources/boot.wim"))?);
        if self.ei_cfg.is_none() {
            self.ei_cfg = find_file(tree, &format!("{folder}sources/ei.cfg"))?;
        }
        self.has_pid_txt |= find_file(tree, &format!("{folder}sources/pid.txt"))?.is_some();
        Ok(())
    }
}

/// `install.swm`, `install2.swm`, and so on up to the first that is missing.
fn find_parts(tree: &mut dyn ImageTree, first: MediaFile) -> Result<Vec<MediaFile>, FormatError> {
    let stem = first.path.rsplit_once('.').map_or(first.path.as_str(), |(stem, _)| stem).to_owned();
    let mut parts = vec![first];
    for number in 2..=MAX_PARTS {
        match find_file(tree, &format!("{stem}{number}.swm"))? {
            Some(part) => parts.push(part),
            None => break,
        }
    }
    Ok(parts)
}

/// The file at a path, upper and lower case alike.
fn find_file(tree: &mut dyn ImageTree, path: &str) -> Result<Option<MediaFile>, FormatError> {
    let mut entry = tree.root()?;
    let mut found = String::new();
    for name in path.split('/') {
        if entry.kind != EntryKind::Directory {
            return Ok(None);
        }
        let Some(child) = tree.find(&entry, name)? else { return Ok(None) };
        if !found.is_empty() {
            found.push('/');
        }
        found.push_str(&child.name);
        entry = child;
    }
    Ok((entry.kind == EntryKind::File).then_some(MediaFile { path: found, entry }))
}
