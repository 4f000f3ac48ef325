//! Windows Imaging files ([MS-WIM]): what is in them, files out of them, and how to split one into parts.
//!
//! A file is a header, resources (the data of files, and for each image a metadata resource with its directory tree),
//! the lookup table that finds resources by the SHA-1 of their content, and XML data that describes the images. The same
//! form is called `.wim`, `.esd` and, in parts, `.swm`.

mod adaptive;
mod bits;
mod codec;
mod header;
mod huffman;
mod lookup;
mod lzms;
mod lzms_code;
mod lzx;
mod metadata;
mod patch;
mod resource;
mod set;
mod solid;
mod split;
mod xml;
mod xpress;

use std::fmt;
use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::len_bytes;
pub use header::{Compression, HEADER_BYTES, Header, ResourceHeader};
pub use lookup::Resource;
use metadata::Metadata;
pub use metadata::WimFile;
pub use patch::{NewContent, NewFile, PatchError, PatchPiece, Patchable, patch};
pub use set::read_file_from_set;
pub use split::{MAX_PART_BYTES, Piece, SplitError, SplitPart, split};
pub use xml::WimImage;

/// The directory tree of a Windows image has some 50 MB.
const MAX_METADATA_BYTES: u64 = 256 << 20;

/// An opened WIM file, or a part of a split one. Offsets in errors are offsets in that file.
pub struct Wim<R> {
    reader: R,
    header: Header,
    resources: Vec<Resource>,
    /// Places of streams in `resources`, by SHA-1.
    by_sha1: Vec<u32>,
    xml: Vec<u8>,
    /// The directory tree asked for last, and the index of its image.
    metadata: Option<(u32, Metadata)>,
}

impl<R: Read + Seek> Wim<R> {
    /// Reads the header, the lookup table and the XML data. Every resource of this part must lie in the file.
    pub fn open(mut reader: R) -> Result<Self, FormatError> {
        let header = Header::read(&mut reader)?;
        let file_bytes = len_bytes(&mut reader)?;
        let resources = lookup::read(&mut reader, &header, file_bytes)?;
        let xml = read_xml(&mut reader, &header)?;
        let is_stream = |resource: &Resource| !resource.is_metadata() && !resource.is_solid_container();
        let streams = (0..).zip(&resources).filter(|(_, resource)| is_stream(resource));
        let mut by_sha1: Vec<u32> = streams.map(|(place, _)| place).collect();
        by_sha1.sort_by_key(|place| resources[*place as usize].sha1);
        Ok(Self { reader, header, resources, by_sha1, xml, metadata: None })
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The lookup table, in its order.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The XML data as stored: UTF-16LE with a byte order mark.
    pub fn xml(&self) -> &[u8] {
        &self.xml
    }

    /// The images by index, as the XML data describes them.
    pub fn images(&self) -> Result<Vec<WimImage>, FormatError> {
        xml::read_images(&self.xml, self.header.image_count, self.header.xml.offset_bytes)
    }

    /// Some of its streams are compressed as one, so that they cannot be read, or told apart, by themselves.
    pub fn is_solid(&self) -> bool {
        self.resources.iter().any(Resource::is_solid)
    }

    /// The content of a resource of this part, whose SHA-1 is checked. More than `limit_bytes` is an error. Of a solid
    /// stream, what comes before it in its first chunk (of up to 64 MiB) is decoded too, each time.
    pub fn read_resource(&mut self, resource: &Resource, limit_bytes: u64) -> Result<Vec<u8>, FormatError> {
        if resource.original_bytes > limit_bytes {
            let (what, at) = ("size of a resource of a WIM file", resource.offset_bytes);
            return Err(FormatError::Limit { what, at, limit: limit_bytes });
        }
        let mut content = Vec::new();
        self.stream_resource(resource, &mut |piece| content.extend_from_slice(piece))?;
        Ok(content)
    }

    /// The same, of any size: the content comes in pieces. Only the end says whether it was right.
    pub fn stream_resource(
        &mut self,
        resource: &Resource,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<(), FormatError> {
        resource::stream(&mut self.reader, &self.header, &self.resources, resource, sink)
    }

    /// The file or directory at a path like `Windows/Boot/EFI/bootmgfw.efi` of an image (from 1 on), upper and lower case
    /// alike, with `/` or `\`. `None` if there is none.
    pub fn find(&mut self, image: u32, path: &str) -> Result<Option<WimFile>, FormatError> {
        let file = self.metadata(image)?.find(path)?;
        Ok(file.map(|file| self.with_len(file)))
    }

    /// All files and directories of an image (from 1 on), directories before what they hold.
    pub fn walk(&mut self, image: u32) -> Result<Vec<WimFile>, FormatError> {
        let files = self.metadata(image)?.walk()?;
        Ok(files.into_iter().map(|file| self.with_len(file)).collect())
    }

    /// The data of a file that `find` or `walk` found.
    pub fn read_file(&mut self, file: &WimFile, limit_bytes: u64) -> Result<Vec<u8>, FormatError> {
        if file.is_directory() || file.is_reparse_point() {
            return Err(FormatError::Unsupported {
                what: "reading a directory or link of a WIM file",
                at: 0,
            });
        }
        let Some(sha1) = file.sha1 else {
            return Ok(Vec::new());
        };
        match self.stream(&sha1).copied() {
            Some(resource) => self.read_resource(&resource, limit_bytes),
            None => {
                let (at, expected) =
                    (self.header.lookup_table.offset_bytes, format!("the data of {}", file.path));
                Err(FormatError::damaged(lookup::WHAT, at, expected, "none"))
            }
        }
    }

    /// The directory tree of an image, as it is stored but for its compression. More than `limit_bytes` is an error.
    pub fn read_metadata(&mut self, image: u32, limit_bytes: u64) -> Result<Vec<u8>, FormatError> {
        let resource = self.metadata_resource(image)?;
        self.read_resource(&resource, limit_bytes)
    }

    fn with_len(&self, mut file: WimFile) -> WimFile {
        file.len_bytes = match &file.sha1 {
            Some(sha1) => self.stream(sha1).map(|resource| resource.original_bytes),
            None => Some(0),
        };
        file
    }

    fn metadata(&mut self, image: u32) -> Result<&Metadata, FormatError> {
        if self.metadata.as_ref().is_none_or(|(read, _)| *read != image) {
            self.metadata = None;
            let resource = self.metadata_resource(image)?;
            let data = self.read_resource(&resource, MAX_METADATA_BYTES)?;
            self.metadata = Some((image, Metadata::new(data, resource.offset_bytes)));
        }
        let missing = FormatError::Unsupported { what: "image of a WIM file", at: 0 };
        self.metadata.as_ref().map(|(_, metadata)| metadata).ok_or(missing)
    }

    fn metadata_resource(&self, image: u32) -> Result<Resource, FormatError> {
        let at = self.header.lookup_table.offset_bytes;
        if self.header.part != 1 {
            let what = "directory tree in another part of a split WIM file";
            return Err(FormatError::Unsupported { what, at });
        }
        // Images and their metadata are in the same order.
        let all: Vec<&Resource> = self.resources.iter().filter(|resource| resource.is_metadata()).collect();
        let count = self.header.image_count;
        if all.len() as u64 != u64::from(count) {
            let expected = format!("{count} images");
            return Err(FormatError::damaged(lookup::WHAT, at, expected, all.len()));
        }
        let resource = image.checked_sub(1).and_then(|index| all.get(index as usize));
        resource.copied().copied().ok_or_else(|| {
            FormatError::damaged(lookup::WHAT, at, format!("image {image}"), format!("{count} images"))
        })
    }
}

impl<R> Wim<R> {
    /// The stream whose content has this SHA-1, if it is in the lookup table.
    pub fn stream(&self, sha1: &[u8; 20]) -> Option<&Resource> {
        let of = |place: &u32| &self.resources[*place as usize];
        let first = self.by_sha1.partition_point(|place| of(place).sha1 < *sha1);
        self.by_sha1.get(first).map(of).filter(|resource| resource.sha1 == *sha1)
    }
}

impl<R> fmt::Debug for Wim<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wim").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The images of a WIM file, by its XML data. Of the file, that and the header are all that is read.
pub fn read_images(reader: &mut (impl Read + Seek)) -> Result<Vec<WimImage>, FormatError> {
    let header = Header::read(reader)?;
    let xml = read_xml(reader, &header)?;
    xml::read_images(&xml, header.image_count, header.xml.offset_bytes)
}

fn read_xml(reader: &mut (impl Read + Seek), header: &Header) -> Result<Vec<u8>, FormatError> {
    header::read_plain(reader, xml::WHAT, &header.xml, xml::MAX_XML_BYTES)
}
