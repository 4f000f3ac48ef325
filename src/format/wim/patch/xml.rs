//! The XML data of a WIM file, with what an image's new files add to its numbers.

use super::NewFile;

/// The same description, with the numbers of image `index` raised. One that cannot be read stays as it is: no number in it
/// is needed to read the image.
pub(super) fn with_more(xml: &[u8], index: u32, new_folders: u64, files: &[NewFile]) -> Vec<u8> {
    let units: Vec<u16> = xml.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let Ok(text) = String::from_utf16(&units) else { return xml.to_vec() };
    let bytes = files.iter().map(|file| file.content.len_bytes()).sum();
    let more = [("DIRCOUNT", new_folders), ("FILECOUNT", files.len() as u64), ("TOTALBYTES", bytes)];
    match raised(&text, index, &more) {
        Some(text) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        None => xml.to_vec(),
    }
}

fn raised(text: &str, index: u32, more: &[(&str, u64)]) -> Option<String> {
    let start = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let body = text.get(start..)?.trim_end_matches('\0');
    let document = roxmltree::Document::parse(body).ok()?;
    let mut images = document.root_element().children().filter(|node| node.has_tag_name("IMAGE"));
    let index = index.to_string();
    let image = images.find(|node| node.attribute("INDEX").map(str::trim) == Some(index.as_str()))?;
    let mut changes = Vec::new();
    for (name, more) in more {
        let node = image.children().find(|node| node.has_tag_name(*name));
        let Some(number) = node.and_then(|node| node.first_child()).filter(|node| node.is_text()) else {
            continue;
        };
        let Some(old) = number.text().and_then(|text| text.trim().parse::<u64>().ok()) else { continue };
        changes.push((number.range(), old.saturating_add(*more).to_string()));
    }
    changes.sort_by_key(|(range, _)| range.start);
    let mut new = text.to_owned();
    for (range, number) in changes.into_iter().rev() {
        new.replace_range(start + range.start..start + range.end, &number);
    }
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::super::NewContent;
    use super::*;

    #[test]
    fn only_the_numbers_of_the_image_change() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let image = |index: u32, [folders, files, bytes]: [u64; 3]| {
            format!(
                "<IMAGE INDEX=\"{index}\"><DIRCOUNT>{folders}</DIRCOUNT><NAME>Grün</NAME><FILECOUNT>{files}</FILECOUNT>\
                 <TOTALBYTES>{bytes}</TOTALBYTES><WINDOWS><FILECOUNT>1</FILECOUNT></WINDOWS></IMAGE>"
            )
        };
        let both = |second| {
            format!(
                "\u{FEFF}<WIM><TOTALBYTES>9</TOTALBYTES>{}{}</WIM>",
                image(1, [1, 2, 3]),
                image(2, second)
            )
        };
        let content = NewContent::Bytes(vec![1; 1000]);
        let files = [NewFile { path: "a".to_owned(), content, modified_unix_secs: None }];
        assert_eq!(with_more(&utf16(&both([4, 9, 5])), 2, 3, &files), utf16(&both([7, 10, 1005])));
        for odd in ["", "<WIM>", "<WIM><IMAGE INDEX=\"2\"><FILECOUNT/></IMAGE></WIM>", "<WIM/>"] {
            assert_eq!(with_more(&utf16(odd), 2, 3, &files), utf16(odd), "{odd}");
        }
    }
}
