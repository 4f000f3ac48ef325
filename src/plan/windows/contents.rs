//! What goes onto the stick: the files of the media, a loader taken out of an image, the parts of a split install image,
//! and the user's own files. Names are one where they differ in case only, as FAT takes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::format::tree::FileExtent;
use crate::plan::manifest::MANIFEST_NAME;
use crate::plan::{Fill, Refusal};
use crate::source::windows::{MediaFile, WindowsMedia};
use crate::source::{Addition, AdditionKind};

use super::split;

/// What UEFI firmware for x64 starts from removable media (UEFI 2.10 §3.5.1.1).
pub(super) const X64_LOADER: &str = "efi/boot/bootx64.efi";

/// A file or a folder of the stick.
pub(super) struct Item {
    pub path: String,
    /// `None`: a folder.
    pub content: Option<Content>,
    pub modified_unix_secs: Option<i64>,
    /// Of the image's files this one's place in it, so that the image is read in order.
    order: (u8, u64),
}

/// A file's bytes, piece by piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content(pub Vec<(u64, Fill)>);

impl Content {
    pub fn len_bytes(&self) -> u64 {
        self.0.iter().map(|(len, _)| len).sum()
    }

    pub fn push(&mut self, len: u64, fill: Fill) {
        if len > 0 {
            self.0.push((len, fill));
        }
    }

    /// The `len` bytes from byte `offset` of a file of the image.
    pub fn push_range(&mut self, extents: &[FileExtent], offset: u64, len: u64) {
        let (mut skip, mut left) = (offset, len);
        for extent in extents {
            let from = skip.min(extent.len_bytes);
            skip -= from;
            let taken = left.min(extent.len_bytes - from);
            left -= taken;
            match extent.offset_bytes {
                Some(at) => self.push(taken, Fill::Source { offset: at + from }),
                None => self.push(taken, Fill::Zeroes),
            }
        }
    }

    fn first_offset(&self) -> u64 {
        let offset = |fill: &Fill| if let Fill::Source { offset } = fill { Some(*offset) } else { None };
        self.0.iter().find_map(|(_, fill)| offset(fill)).unwrap_or_default()
    }
}

/// By path in lower case.
pub(super) struct Contents(BTreeMap<String, Item>);

const OF_IMAGE: u8 = 0;
const MADE: u8 = 1;
const ADDED: u8 = 2;
const LAST: u8 = 3;

impl Contents {
    /// The media's own files. An install image that FAT32 cannot hold, or that has more than `split_bytes`, becomes a
    /// split set.
    pub fn of_media(media: &WindowsMedia, split_bytes: Option<u64>) -> Result<Self, Refusal> {
        let mut contents = Self(BTreeMap::new());
        for (path, modified_unix_secs) in &media.folders {
            contents.insert(path, None, *modified_unix_secs, OF_IMAGE)?;
        }
        for file in &media.files {
            match split::parts(media, file, split_bytes)? {
                Some(parts) => {
                    for (path, content) in parts {
                        contents.insert(&path, Some(content), file.modified_unix_secs, OF_IMAGE)?;
                    }
                }
                None => {
                    let content = whole(file);
                    contents.insert(&file.path, Some(content), file.modified_unix_secs, OF_IMAGE)?;
                }
            }
        }
        Ok(contents)
    }

    pub fn add_loader(&mut self, media: &WindowsMedia) {
        if let Some(loader) = &media.loader {
            let content = bytes(&loader.bytes);
            // The media have none, or it would not have been looked for.
            let _ = self.insert("EFI/BOOT/BOOTX64.EFI", Some(content), loader.modified_unix_secs, MADE);
        }
    }

    /// Of the image's files these are not wanted.
    pub fn leave_out(&mut self, paths: &[String]) {
        for path in paths {
            self.0.remove(&key(path));
        }
    }

    /// The user's files: new ones where nothing is, replacing ones where there is a file.
    pub fn add(&mut self, additions: &[Addition]) -> Result<(), Refusal> {
        for (index, addition) in additions.iter().enumerate() {
            let path = &addition.dest;
            let there = self.0.get(&key(path));
            let there_is_file = there.map(|item| item.content.is_some());
            let content = match addition.kind {
                AdditionKind::Folder if there_is_file == Some(false) => continue,
                AdditionKind::Folder => None,
                AdditionKind::File { len_bytes } => {
                    let mut content = Content::default();
                    content.push(len_bytes, Fill::Addition { index, offset: 0 });
                    Some(content)
                }
            };
            match (addition.replaces, there_is_file) {
                // The program's own file, which is not there yet.
                (false, _) if key(path) == MANIFEST_NAME => {
                    return Err(Refusal::Clash { path: path.clone() });
                }
                (false, Some(_)) => return Err(Refusal::Clash { path: path.clone() }),
                (true, Some(true)) => {
                    if let Some(item) = self.0.get_mut(&key(path)) {
                        (item.content, item.order) = (content, (ADDED, index as u64));
                        item.modified_unix_secs = addition.modified_unix_secs;
                    }
                }
                (true, _) => return Err(Refusal::NothingToReplace { path: path.clone() }),
                (false, None) => {
                    self.insert(path, content, addition.modified_unix_secs, ADDED)?;
                }
            }
        }
        Ok(())
    }

    /// The content of a file of the image, if it is still that one.
    pub fn of_image(&mut self, path: &str) -> Option<&mut Content> {
        let item = self.0.get_mut(&key(path)).filter(|item| item.order.0 == OF_IMAGE)?;
        item.content.as_mut()
    }

    pub fn has(&self, path: &str) -> bool {
        self.0.get(&key(path)).is_some_and(|item| item.content.is_some())
    }

    /// Everything, in the order of its places on the stick, with the manifest of `len_bytes(paths of all files)` last.
    /// A manifest that the image brings (it was made from such a stick) gives way.
    pub fn into_items(mut self, len_bytes: impl Fn(&mut dyn Iterator<Item = &str>) -> u64) -> Vec<Item> {
        self.0.remove(&key(MANIFEST_NAME));
        let mut items: Vec<Item> = self.0.into_values().collect();
        items.sort_by(|a, b| (a.order, &a.path).cmp(&(b.order, &b.path)));
        let files = items.iter().filter(|item| item.content.is_some());
        let len = len_bytes(&mut files.map(|item| item.path.as_str()));
        items.push(Item {
            path: MANIFEST_NAME.to_owned(),
            content: Some(Content(vec![(len, Fill::Manifest)])),
            modified_unix_secs: None,
            order: (LAST, 0),
        });
        items
    }

    fn insert(
        &mut self,
        path: &str,
        content: Option<Content>,
        modified_unix_secs: Option<i64>,
        class: u8,
    ) -> Result<(), Refusal> {
        let order = (class, content.as_ref().map_or(0, Content::first_offset));
        let item = Item { path: self.spelled(path), content, modified_unix_secs, order };
        match self.0.insert(key(path), item) {
            None => Ok(()),
            Some(other) => Err(Refusal::Layout {
                reason: format!("{path:?} and {:?} would be one name on FAT32", other.path),
            }),
        }
    }

    /// The path with its folders spelled as those are that are there already.
    fn spelled(&self, path: &str) -> String {
        let Some((folder, name)) = path.rsplit_once('/') else { return path.to_owned() };
        match self.0.get(&key(folder)) {
            Some(there) => format!("{}/{name}", there.path),
            None => format!("{}/{name}", self.spelled(folder)),
        }
    }
}

fn key(path: &str) -> String {
    path.to_lowercase()
}

fn whole(file: &MediaFile) -> Content {
    let mut content = Content::default();
    content.push_range(&file.extents, 0, file.len_bytes);
    content
}

fn bytes(bytes: &Arc<[u8]>) -> Content {
    Content(vec![(bytes.len() as u64, Fill::bytes(Arc::clone(bytes)))])
}
