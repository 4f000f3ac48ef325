//! Windows Imaging files ([MS-WIM]), as far as telling what is in one: the header, and the XML data that describes the
//! images. The same header opens `.wim`, `.esd` and the parts of a split `.swm`.

use super::FormatError;
use super::bytes::{u32_le, u64_le};
use super::tree::{Entry, ImageTree};

const HEADER_BYTES: usize = 208;
/// Real XML data has some ten kilobytes per image.
const MAX_XML_BYTES: u64 = 4 << 20;

/// What the file says of one of its images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WimImage {
    /// `Windows 7 PROFESSIONAL`.
    pub name: Option<String>,
    /// PROCESSOR_ARCHITECTURE: 0 x86, 5 ARM, 9 x64, 12 ARM64.
    pub architecture: Option<u32>,
    /// Major, minor, build: 6, 1, 7601.
    pub version: Option<[u32; 3]>,
    /// `Client`, `Server`, `WindowsPE`.
    pub installation_type: Option<String>,
}

/// The images of the WIM file `file`, by its XML data.
pub fn read_images(tree: &mut dyn ImageTree, file: &Entry) -> Result<Vec<WimImage>, FormatError> {
    const WHAT: &str = "WIM file";
    let at = file.extents.first().and_then(|extent| extent.offset_bytes).unwrap_or_default();
    let header = tree.read_at(file, 0, HEADER_BYTES as u64)?;
    if header.len() < HEADER_BYTES || header[..8] != *b"MSWIM\0\0\0" {
        return Err(FormatError::damaged(WHAT, at, "MSWIM", "something else"));
    }
    // The resource header of the XML data: stored size in 56 bits, flags, offset, original size. It is never compressed.
    let len = u64_le(&header, 0x48) & 0x00FF_FFFF_FFFF_FFFF;
    let start = u64_le(&header, 0x50);
    if len > MAX_XML_BYTES {
        return Err(FormatError::Limit { what: "XML data of a WIM file", at, limit: MAX_XML_BYTES });
    }
    let units: Vec<u16> = tree
        .read_at(file, start, len)?
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let xml = String::from_utf16_lossy(&units);
    let images = parse_xml(xml.trim_start_matches('\u{FEFF}'))
        .map_err(|error| FormatError::damaged("XML data of a WIM file", at, "XML", error))?;
    let expected = u32_le(&header, 0x2C);
    if images.len() as u64 != u64::from(expected) {
        return Err(FormatError::damaged(WHAT, at, format!("{expected} images"), images.len()));
    }
    Ok(images)
}

fn parse_xml(xml: &str) -> Result<Vec<WimImage>, roxmltree::Error> {
    let document = roxmltree::Document::parse(xml)?;
    let images = document.root_element().children().filter(|node| node.has_tag_name("IMAGE"));
    Ok(images
        .map(|image| {
            let text = |path: &[&str]| {
                let node = path
                    .iter()
                    .try_fold(image, |node, name| node.children().find(|child| child.has_tag_name(*name)))?;
                node.text().map(str::trim).filter(|text| !text.is_empty())
            };
            let number = |path: &[&str]| text(path)?.parse().ok();
            let part = |name| number(&["WINDOWS", "VERSION", name]);
            WimImage {
                name: text(&["NAME"]).map(str::to_owned),
                architecture: number(&["WINDOWS", "ARCH"]),
                version: (|| Some([part("MAJOR")?, part("MINOR")?, part("BUILD")?]))(),
                installation_type: text(&["WINDOWS", "INSTALLATIONTYPE"]).map(str::to_owned),
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there() {
        let xml = "<WIM><TOTALBYTES>1</TOTALBYTES><IMAGE INDEX=\"1\"><NAME> Windows 7 PROFESSIONAL </NAME><WINDOWS>\
                   <ARCH>9</ARCH><INSTALLATIONTYPE>Client</INSTALLATIONTYPE><VERSION><MAJOR>6</MAJOR><MINOR>1</MINOR>\
                   <BUILD>7601</BUILD></VERSION></WINDOWS></IMAGE><IMAGE INDEX=\"2\"/></WIM>";
        let images = parse_xml(xml).unwrap();
        assert_eq!(images[0].name.as_deref(), Some("Windows 7 PROFESSIONAL"));
        assert_eq!((images[0].architecture, images[0].version), (Some(9), Some([6, 1, 7601])));
        assert_eq!(images[0].installation_type.as_deref(), Some("Client"));
        assert_eq!(images[1], WimImage::default());
        assert!(parse_xml("<WIM>").is_err());
    }
}
