//! The lines of checksum files: GNU (`HEX  name`), BSD (`SHA256 (name) = HEX`), and the bare checksum.

use crate::base::{Algorithm, Digest};

use super::names::{ChecksumFile, ImageNames};

/// One checksum and the name that it is said to be of.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    digest: Digest,
    name: String,
}

/// How surely an entry means the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    /// The name agrees, the entry has folders before it.
    InFolder,
    Exact,
}

/// The checksums that `text` has for the image, each with whether it is of the image after decompression. Two that
/// contradict each other are an error.
pub fn entries_for(
    text: &str,
    kind: &ChecksumFile,
    names: &ImageNames<'_>,
) -> Result<Vec<(Digest, bool)>, String> {
    let mut found = Vec::new();
    let entries: Vec<Entry> = signed_part(text).filter_map(parse).collect();
    for (name, of_decompressed) in [(Some(names.name), false), (names.decompressed, true)] {
        let Some(name) = name else { continue };
        for algorithm in Algorithm::ALL {
            let of_algorithm = entries.iter().filter(|e| e.digest.algorithm() == algorithm);
            if let Some(digest) = best_match(of_algorithm, name)? {
                found.push((digest, of_decompressed));
            }
        }
    }
    if found.is_empty()
        && let ChecksumFile::Own { algorithm, of_decompressed } = kind
        && let Some(digest) = bare(text, &entries, *algorithm)?
    {
        found.push((digest, *of_decompressed));
    }
    Ok(found)
}

/// Does the text have checksums of several files?
pub fn is_list(text: &str) -> bool {
    signed_part(text).filter_map(parse).nth(1).is_some()
}

fn best_match<'a>(entries: impl Iterator<Item = &'a Entry>, name: &str) -> Result<Option<Digest>, String> {
    let matches: Vec<_> = entries.filter_map(|e| Some((matching(&e.name, name)?, &e.digest))).collect();
    let Some(best) = matches.iter().map(|(how, _)| *how).max() else { return Ok(None) };
    let mut digests = matches.iter().filter(|(how, _)| *how == best).map(|(_, digest)| *digest);
    let first = digests.next();
    match first {
        Some(first) if digests.any(|other| other != first) => match best {
            Match::Exact => Err(format!("it has two different {} for “{name}”", first.algorithm())),
            // Namesakes in several folders; which of them lies here, nobody can tell.
            Match::InFolder => Ok(None),
        },
        first => Ok(first.cloned()),
    }
}

fn matching(entry: &str, name: &str) -> Option<Match> {
    let entry = entry.strip_prefix("./").unwrap_or(entry);
    if entry == name {
        return Some(Match::Exact);
    }
    entry.rsplit_once('/').is_some_and(|(_, base)| base == name).then_some(Match::InFolder)
}

/// The checksum of a file that names nothing: alone on a line, or given the name `-` of standard input.
fn bare(text: &str, entries: &[Entry], algorithm: Option<Algorithm>) -> Result<Option<Digest>, String> {
    let alone = signed_part(text).filter_map(|line| line.trim().parse::<Digest>().ok());
    let unnamed = entries.iter().filter(|e| e.name == "-").map(|e| e.digest.clone());
    let mut digests = alone.chain(unnamed).filter(|digest| algorithm.is_none_or(|a| a == digest.algorithm()));
    let Some(first) = digests.next() else { return Ok(None) };
    if digests.any(|other| other != first) {
        return Err("it has several checksums and does not say of what".into());
    }
    Ok(Some(first))
}

/// The lines, without what clear-signing puts around and before them (RFC 9580, section 7).
fn signed_part(text: &str) -> impl Iterator<Item = &str> {
    let is_signed = text.lines().any(|line| line.trim_end() == "-----BEGIN PGP SIGNED MESSAGE-----");
    text.lines()
        .take_while(|line| !line.starts_with("-----BEGIN PGP SIGNATURE-----"))
        .map(move |line| if is_signed { line.strip_prefix("- ").unwrap_or(line) } else { line })
}

/// `None` for comments, blank lines and whatever else is no entry.
fn parse(line: &str) -> Option<Entry> {
    // A line may end with CR LF; other blanks at the end belong to the name.
    let line = line.trim_start().trim_end_matches('\r');
    if line.starts_with('#') || line.starts_with(';') {
        return None;
    }
    bsd(line).or_else(|| gnu(line))
}

/// `SHA256 (name) = HEX`; openssl writes `SHA2-256(name)= HEX`.
fn bsd(line: &str) -> Option<Entry> {
    let (kind, rest) = line.split_once('(')?;
    let (name, hex) = rest.rsplit_once(')')?;
    let hex = hex.trim_start().strip_prefix('=')?.trim();
    let kind = kind.trim().to_ascii_uppercase();
    let algorithm: Algorithm = kind.replace("SHA2-", "SHA").parse().ok()?;
    let digest: Digest = format!("{}:{hex}", algorithm.name()).parse().ok()?;
    Some(Entry { digest, name: name.to_owned() })
}

/// `HEX  name`, or `HEX *name` for binary mode. A backslash before the checksum tells that the name has escapes.
fn gnu(line: &str) -> Option<Entry> {
    let (is_escaped, line) = match line.strip_prefix('\\') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let end = line.find([' ', '\t'])?;
    let (hex, rest) = line.split_at(end);
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let digest: Digest = hex.parse().ok()?;
    // Two characters stand between: a blank, and a blank or the mark. Some tools write a tab or a single blank.
    let name = match rest.strip_prefix("  ").or(rest.strip_prefix(" *")) {
        Some(name) => name,
        None => rest.trim_start().trim_start_matches('*'),
    };
    if name.is_empty() {
        return None;
    }
    Some(Entry { digest, name: if is_escaped { unescaped(name)? } else { name.to_owned() } })
}

fn unescaped(name: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}
