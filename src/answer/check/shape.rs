//! Before a text is parsed: no tag has more attributes, and no element lies deeper, than any answer file needs. The parser
//! takes quadratic time for attributes and copies name spaces from level to level.

const MAX_ATTRIBUTES: usize = 64;
const MAX_DEPTH: usize = 64;

/// The error is a sentence. A text that is no XML passes; the parser will say so.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut rest = text;
    let mut depth = 0usize;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        if let Some((begin, end)) = skipped.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let Some(at) = rest[begin.len()..].find(end) else { return Ok(()) };
            rest = &rest[begin.len() + at + end.len()..];
            continue;
        }
        let Some((len, attributes)) = tag(rest) else { return Ok(()) };
        if attributes > MAX_ATTRIBUTES {
            return Err(format!("The file has a tag with more than {MAX_ATTRIBUTES} attributes."));
        }
        let inside = &rest[..len];
        if inside.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else if !inside.ends_with("/>") {
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return Err("Elements are nested deeper than in any answer file.".to_owned());
        }
        rest = &rest[len..];
    }
    Ok(())
}

/// Length of the tag that `text` begins with, and how many quoted values it has; `None`: it does not end.
fn tag(text: &str) -> Option<(usize, usize)> {
    let mut quote = None;
    let mut attributes = 0;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some((at + 1, attributes)),
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                attributes += 1;
                if attributes > MAX_ATTRIBUTES {
                    return Some((at + 1, attributes));
                }
            }
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowds_and_depths_are_seen() {
        for good in [
            "",
            "<a b='>' c=\"'\">x</a>",
            "<!-- <a <a <a ' -->",
            "<a/>",
            "<?xml version='1.0'?><a><![CDATA[<b><b>]]></a>",
            "<a",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let attributes: String = (0..65).map(|at| format!(" a{at}='>'")).collect();
        for hidden in ["", "<!-- \" -->", "<b c='\"'/>", "<![CDATA[']]>", "<?p '?>"] {
            assert!(check(&format!("{hidden}<a{attributes}/>")).is_err(), "{hidden}");
            assert!(check(&format!("{hidden}{}", "<a>".repeat(65))).is_err(), "{hidden}");
            assert_eq!(check(&format!("{hidden}{}", "<a></a>".repeat(100))), Ok(()), "{hidden}");
        }
    }
}
