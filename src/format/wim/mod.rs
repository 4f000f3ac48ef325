//! Windows Imaging files ([MS-WIM]): what is in them, files out of them, and how to split one into parts.
//!
//! A file is a header, resources (the data of files, and for each image a metadata resource with its directory tree),
//! the lookup table that finds resources by the SHA-1 of their content, and XML data that describes the images. The same
//! form is called `.wim`, `.esd` and, in parts, `.swm`.

mod header;
mod lookup;
mod xml;

use std::fmt;
use std::io::{Read, Seek};

use super::FormatError;
use super::bytes::len_bytes;
pub use header::{Compression, HEADER_BYTES, Header, ResourceHeader};
pub use lookup::Resource;
pub use xml::WimImage;

/// An opened WIM file, or a part of a split one. Offsets in errors are offsets in that file.
pub struct Wim<R> {
    reader: R,
    header: Header,
    resources: Vec<Resource>,
    xml: Vec<u8>,
}

impl<R: Read + Seek> Wim<R> {
    /// Reads the header, the lookup table and the XML data. Every resource of this part must lie in the file.
    pub fn open(mut reader: R) -> Result<Self, FormatError> {
        let header = Header::read(&mut reader)?;
        let file_bytes = len_bytes(&mut reader)?;
        let resources = lookup::read(&mut reader, &header, file_bytes)?;
        let xml = read_xml(&mut reader, &header)?;
        Ok(Self { reader, header, resources, xml })
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
