//! The text of an INF file: sections of lines, each with a key and values.

use std::collections::HashMap;

use super::{InfError, MAX_INF_BYTES};

/// Ten times what the longest known ones have.
const MAX_LINES: usize = 400_000;

/// Sections by their names in lower case. Those of one name are one (Microsoft merges them too).
pub(super) struct Text {
    sections: HashMap<String, Vec<String>>,
    /// `%token%` stands for this.
    strings: HashMap<String, String>,
}

/// `key = value, value`, without quotes, tokens replaced; without `=` there are values alone.
pub(super) struct Line {
    pub key: Option<String>,
    pub values: Vec<String>,
}

impl Text {
    pub fn read(bytes: &[u8]) -> Result<Self, InfError> {
        if bytes.len() > MAX_INF_BYTES {
            return Err(InfError::TooLarge);
        }
        let text = decode(bytes);
        if text.contains('\0') {
            return Err(InfError::NotText);
        }
        let mut sections: HashMap<String, Vec<String>> = HashMap::new();
        let mut section: Option<&mut Vec<String>> = None;
        let mut joined = String::new();
        for (number, raw) in text.lines().enumerate() {
            if number >= MAX_LINES {
                return Err(InfError::TooLarge);
            }
            let line = without_comment(raw).trim();
            // A backslash at the end of a line continues it; a path that ends so has to stand in quotes.
            if let Some(begun) = line.strip_suffix('\\') {
                joined.push_str(begun);
                continue;
            }
            joined.push_str(line);
            let line = std::mem::take(&mut joined);
            match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((name, _)) => section = Some(sections.entry(key_of(name)).or_default()),
                None if line.is_empty() => {}
                None => section.iter_mut().for_each(|section| section.push(line.clone())),
            }
        }
        let mut text = Self { sections, strings: HashMap::new() };
        // The ones without a language are what every language falls back to.
        let strings = text.entries("strings").filter_map(|line| {
            let value = line.values.into_iter().next()?;
            Some((line.key?.to_lowercase(), value))
        });
        text.strings = strings.collect();
        Ok(text)
    }

    pub fn has(&self, section: &str) -> bool {
        self.sections.contains_key(&key_of(section))
    }

    pub fn entries(&self, section: &str) -> impl Iterator<Item = Line> {
        self.sections.get(&key_of(section)).into_iter().flatten().map(|line| self.entry(line))
    }

    /// The first value of the first line with this key.
    pub fn value(&self, section: &str, key: &str) -> Option<String> {
        let is_it = |line: &Line| line.key.as_ref().is_some_and(|found| found.eq_ignore_ascii_case(key));
        self.entries(section).find(is_it).and_then(|line| line.values.into_iter().next())
    }

    fn entry(&self, line: &str) -> Line {
        // What is used of any line are its first values.
        const MAX_VALUES: usize = 32;
        let (key, rest) = match split_outside_quotes(line, '=') {
            Some((key, rest)) => (Some(self.plain(key)), rest),
            None => (None, line),
        };
        let mut values = Vec::new();
        let mut rest = Some(rest);
        while let Some(text) = rest.take().filter(|_| values.len() < MAX_VALUES) {
            let (value, after) = match split_outside_quotes(text, ',') {
                Some((value, after)) => (value, Some(after)),
                None => (text, None),
            };
            values.push(self.plain(value));
            rest = after;
        }
        Line { key, values }
    }

    /// Without its quotes, and with what its tokens stand for.
    fn plain(&self, value: &str) -> String {
        let value = value.trim();
        let value = match value.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest)) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => value.to_owned(),
        };
        // A value that is one token, as nearly all are, or a few; never what a token stands for again.
        let mut plain = String::new();
        let mut rest = value.as_str();
        while let Some((before, after)) = rest.split_once('%') {
            plain.push_str(before);
            let Some((token, after)) = after.split_once('%') else {
                plain.push('%');
                rest = after;
                break;
            };
            match self.strings.get(&token.to_lowercase()) {
                Some(text) => plain.push_str(text),
                None => plain.push_str(&format!("%{token}%")),
            }
            rest = after;
        }
        plain.push_str(rest);
        plain
    }
}

fn key_of(section: &str) -> String {
    section.trim().trim_matches('"').to_lowercase()
}

/// Up to the first `;` that stands in no quotes.
fn without_comment(line: &str) -> &str {
    split_outside_quotes(line, ';').map_or(line, |(before, _)| before)
}

fn split_outside_quotes(text: &str, at: char) -> Option<(&str, &str)> {
    let mut quoted = false;
    let found = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        !quoted && *c == at
    });
    found.map(|(place, c)| (&text[..place], &text[place + c.len_utf8()..]))
}

fn decode(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Nothing tells which code page one is in. What is looked for are names, and those are ASCII.
        _ => std::str::from_utf8(bytes)
            .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned),
    }
}
