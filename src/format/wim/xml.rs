//! The XML data of a WIM file, which describes its images ([MS-WIM] 2.6): UTF-16LE with a byte order mark.

use crate::format::FormatError;

/// Real XML data has some ten kilobytes per image.
pub(super) const MAX_XML_BYTES: u64 = 4 << 20;
pub(super) const WHAT: &str = "XML data of a WIM file";

/// What the file says of one of its images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WimImage {
    /// From 1 on, in the order of the images' metadata.
    pub index: u32,
    /// `Windows 7 PROFESSIONAL`.
    pub name: Option<String>,
    /// `Windows 7 Professional`.
    pub display_name: Option<String>,
    /// `Professional`.
    pub edition_id: Option<String>,
    /// PROCESSOR_ARCHITECTURE: 0 x86, 5 ARM, 9 x64, 12 ARM64.
    pub architecture: Option<u32>,
    /// Major, minor, build: 6, 1, 7601.
    pub version: Option<[u32; 3]>,
    /// The fourth number of the version: 17514.
    pub service_pack_build: Option<u32>,
    /// `Client`, `Server`, `WindowsPE`.
    pub installation_type: Option<String>,
    /// `en-US`.
    pub languages: Vec<String>,
    pub default_language: Option<String>,
    /// All files of the image, uncompressed.
    pub total_bytes: Option<u64>,
}

/// The images that `xml` describes, by index. `at` is its place, for errors.
pub(super) fn read_images(xml: &[u8], image_count: u32, at: u64) -> Result<Vec<WimImage>, FormatError> {
    let units: Vec<u16> = xml.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let text = String::from_utf16_lossy(&units);
    let mut images = parse(text.trim_start_matches('\u{FEFF}').trim_end_matches('\0'))
        .map_err(|error| FormatError::damaged(WHAT, at, "XML", error))?;
    if images.len() as u64 != u64::from(image_count) {
        return Err(FormatError::damaged(WHAT, at, format!("{image_count} images"), images.len()));
    }
    images.sort_by_key(|image| image.index);
    match (1..).zip(&images).find(|(index, image)| *index != image.index) {
        Some((index, image)) => Err(FormatError::damaged(WHAT, at, format!("image {index}"), image.index)),
        None => Ok(images),
    }
}

fn parse(xml: &str) -> Result<Vec<WimImage>, roxmltree::Error> {
    let document = roxmltree::Document::parse(xml)?;
    let images = document.root_element().children().filter(|node| node.has_tag_name("IMAGE"));
    Ok((1..).zip(images).map(|(index, node)| read_image(index, node)).collect())
}

/// `position` is the index of an image that names none.
fn read_image(position: u32, image: roxmltree::Node<'_, '_>) -> WimImage {
    let find = |path: &[&str]| {
        path.iter().try_fold(image, |node, name| node.children().find(|child| child.has_tag_name(*name)))
    };
    let text = |path: &[&str]| own_text(find(path)?);
    let number = |path: &[&str]| text(path)?.parse().ok();
    let version = |name| number(&["WINDOWS", "VERSION", name]);
    let languages = find(&["WINDOWS", "LANGUAGES"]);
    WimImage {
        index: image.attribute("INDEX").map_or(Some(position), |text| text.trim().parse().ok()).unwrap_or(0),
        name: text(&["NAME"]),
        display_name: text(&["DISPLAYNAME"]),
        edition_id: text(&["WINDOWS", "EDITIONID"]),
        architecture: number(&["WINDOWS", "ARCH"]),
        version: (|| Some([version("MAJOR")?, version("MINOR")?, version("BUILD")?]))(),
        service_pack_build: version("SPBUILD"),
        installation_type: text(&["WINDOWS", "INSTALLATIONTYPE"]),
        languages: languages
            .into_iter()
            .flat_map(|node| node.children())
            .filter(|node| node.has_tag_name("LANGUAGE"))
            .filter_map(own_text)
            .collect(),
        default_language: text(&["WINDOWS", "LANGUAGES", "DEFAULT"]),
        total_bytes: text(&["TOTALBYTES"]).and_then(|text| text.parse().ok()),
    }
}

fn own_text(node: roxmltree::Node<'_, '_>) -> Option<String> {
    node.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn reads_what_is_there() {
        let xml = "<WIM><TOTALBYTES>1</TOTALBYTES><IMAGE INDEX=\"2\"/><IMAGE INDEX=\"1\"><NAME> Windows 7 PROFESSIONAL \
                   </NAME><DISPLAYNAME>Windows 7 Professional</DISPLAYNAME><TOTALBYTES>12000000000</TOTALBYTES><WINDOWS>\
                   <ARCH>9</ARCH><EDITIONID>Professional</EDITIONID><INSTALLATIONTYPE>Client</INSTALLATIONTYPE><LANGUAGES>\
                   <LANGUAGE>en-US</LANGUAGE><LANGUAGE>de-DE</LANGUAGE><DEFAULT>en-US</DEFAULT></LANGUAGES><VERSION>\
                   <MAJOR>6</MAJOR><MINOR>1</MINOR><BUILD>7601</BUILD><SPBUILD>17514</SPBUILD></VERSION></WINDOWS></IMAGE></WIM>";
        let images = read_images(&utf16(xml), 2, 0).unwrap();
        let expected = WimImage {
            index: 1,
            name: Some("Windows 7 PROFESSIONAL".to_owned()),
            display_name: Some("Windows 7 Professional".to_owned()),
            edition_id: Some("Professional".to_owned()),
            architecture: Some(9),
            version: Some([6, 1, 7601]),
            service_pack_build: Some(17514),
            installation_type: Some("Client".to_owned()),
            languages: vec!["en-US".to_owned(), "de-DE".to_owned()],
            default_language: Some("en-US".to_owned()),
            total_bytes: Some(12_000_000_000),
        };
        assert_eq!(images, [expected, WimImage { index: 2, ..WimImage::default() }]);
    }

    #[test]
    fn what_cannot_be_is_damage() {
        for (xml, image_count) in [
            ("<WIM>", 0),
            ("<WIM><IMAGE/></WIM>", 2),
            ("<WIM><IMAGE INDEX=\"1\"/><IMAGE INDEX=\"1\"/></WIM>", 2),
            ("<WIM><IMAGE INDEX=\"x\"/></WIM>", 1),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><WIM/>", 0),
        ] {
            assert!(read_images(&utf16(xml), image_count, 0).is_err(), "{xml}");
        }
        let deep = "<A>".repeat(100_000);
        assert!(read_images(&utf16(&deep), 0, 0).is_err());
        let deep = format!("{deep}{}", "</A>".repeat(100_000));
        let _ = read_images(&utf16(&deep), 0, 0);
    }
}
