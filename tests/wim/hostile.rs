//! WIM files that were damaged by chance or on purpose: an answer or an error, never a panic, never a long loop.

use std::io::Cursor;

use sticksmith::base::digest::{Algorithm, Hasher};
use sticksmith::format::FormatError;
use sticksmith::format::guid::Guid;
use sticksmith::format::wim::{Header, MAX_PART_BYTES, Wim, WimFile, split};

use crate::support::{file, tool};
use crate::trees::{Rng, content};
use crate::{WIMLIB, wimlib};

const ENTRY_BYTES: usize = 50;
const LIMIT_BYTES: u64 = 1 << 20;
const MUTATIONS: usize = 3000;

/// A small file with this compression, or a solid one: two folders, one in the other, and files with data of several kinds.
fn small(compress: &str) -> Vec<u8> {
    let shop = tempfile::tempdir().unwrap();
    let folder = shop.path().join("folder");
    std::fs::create_dir_all(folder.join("ab/inner")).unwrap();
    let mut rng = Rng::new(5);
    for (name, len) in [("a", 5000), ("cd", 40_000), ("cE", 900), ("ab/inner/x", 10_000), ("ab/cd", 0)] {
        file(&folder, name, &content(&mut rng, len));
    }
    let wim = shop.path().join("small.wim");
    let more: &[&str] = match compress {
        "solid" => &["--solid", "--solid-chunk-size=32768", "--solid-compress=LZMS"],
        compress => &["--compress", compress],
    };
    wimlib("capture", &folder, &wim, more);
    std::fs::read(wim).unwrap()
}

fn open(bytes: &[u8]) -> Result<Wim<Cursor<&[u8]>>, FormatError> {
    Wim::open(Cursor::new(bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
}

/// The bytes of an uncompressed file, to be changed.
struct Patient {
    bytes: Vec<u8>,
    /// Its line of the lookup table.
    metadata_line_at: usize,
    metadata_at: usize,
    metadata_len: usize,
}

impl Patient {
    fn new() -> Self {
        let bytes = small("none");
        let lookup_at = u64_at(&bytes, 0x38);
        let wim = open(&bytes).unwrap();
        let line = wim.resources().iter().position(|resource| resource.is_metadata()).unwrap();
        let (at, len) =
            (wim.resources()[line].offset_bytes as usize, wim.resources()[line].stored_bytes as usize);
        let metadata_line_at = lookup_at + line * ENTRY_BYTES;
        Self { metadata_line_at, metadata_at: at, metadata_len: len, bytes }
    }

    /// Where the directory entry with this name begins.
    fn entry(&self, name: &str) -> usize {
        let mut wanted = ((name.len() * 2) as u16).to_le_bytes().to_vec();
        wanted.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        self.metadata_at + find(&self.bytes[self.metadata_at..], &wanted) - 0x64
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Makes the checksum of the metadata right again, as an attacker would.
    fn mend(&mut self) {
        let mut hasher = Hasher::new(Algorithm::Sha1);
        hasher.update(&self.bytes[self.metadata_at..self.metadata_at + self.metadata_len]);
        let hex = hasher.finish().hex();
        let sha1: Vec<u8> =
            (0..40).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        self.put(self.metadata_line_at + 30, &sha1);
    }
}

fn assert_refused(name: &str, patient: &Patient, path: &str) {
    let mut wim = open(&patient.bytes).unwrap();
    let error = wim.walk(1).unwrap_err();
    println!("{name}: {error}");
    assert!(matches!(error, FormatError::Damaged { .. }), "{name}: {error}");
    let error = wim.find(1, path).map(|found| found.map(|file| file.path)).unwrap_err();
    assert!(matches!(error, FormatError::Damaged { .. }), "{name}: {error}");
}

#[test]
fn trees_that_cannot_be() {
    if !tool(WIMLIB) {
        return;
    }
    // What is changed in which entry, and a path that leads through it.
    type Change = fn(&mut Patient, usize);
    let name = |patient: &mut Patient, at: usize, name: &str| {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        patient.put(at + 0x66, &units);
    };
    let mut whole = Patient::new();
    whole.mend();
    assert_eq!(open(&whole.bytes).unwrap().walk(1).unwrap().len(), 7);
    for (what, bad) in
        [("dotdot", ".."), ("slash", "a/"), ("backslash", "\\b"), ("NUL", "a\0"), ("twice", "CE")]
    {
        let mut patient = Patient::new();
        let at = patient.entry("cd");
        name(&mut patient, at, bad);
        assert_refused(&format!("{what} without its checksum"), &patient, "a");
        patient.mend();
        assert_refused(what, &patient, "a");
    }
    let changes: [(&str, &str, Change, &str); 12] = [
        (
            "cycle",
            "ab",
            |patient, at| {
                let root = 8.max(patient.bytes[patient.metadata_at] as usize).next_multiple_of(8);
                let children = patient.metadata_at + root + 0x10;
                patient.bytes.copy_within(children..children + 8, at + 0x10);
            },
            "ab/ab",
        ),
        (
            "cycle below",
            "inner",
            |patient, at| {
                let parent = patient.entry("ab") + 0x10;
                patient.bytes.copy_within(parent..parent + 8, at + 0x10);
            },
            "ab/inner/inner",
        ),
        (
            "children past the end",
            "ab",
            |patient, at| patient.put(at + 0x10, &(1u64 << 40).to_le_bytes()),
            "ab/x",
        ),
        (
            "children before the end",
            "ab",
            |patient, at| {
                let end = patient.metadata_len as u64 - 4;
                patient.put(at + 0x10, &end.to_le_bytes());
            },
            "ab/x",
        ),
        ("children nowhere", "ab", |patient, at| patient.put(at + 0x10, &u64::MAX.to_le_bytes()), "ab/x"),
        ("entry too long", "cd", |patient, at| patient.put(at, &u64::MAX.to_le_bytes()), "cd"),
        ("entry too short", "cd", |patient, at| patient.put(at, &101u64.to_le_bytes()), "cd"),
        ("name too long", "cd", |patient, at| patient.put(at + 0x64, &0xFFFEu16.to_le_bytes()), "cd"),
        ("odd name", "cd", |patient, at| patient.put(at + 0x64, &3u16.to_le_bytes()), "cd"),
        ("no name", "cd", |patient, at| patient.put(at + 0x64, &0u16.to_le_bytes()), "cd"),
        ("many streams", "cd", |patient, at| patient.put(at + 0x60, &0xFFFFu16.to_le_bytes()), "cd"),
        ("security data past the end", "cd", |patient, _| patient.put(patient.metadata_at, &[0xFF; 4]), "cd"),
    ];
    for (what, entry, change, path) in changes {
        let mut patient = Patient::new();
        let at = patient.entry(entry);
        change(&mut patient, at);
        patient.mend();
        assert_refused(what, &patient, path);
    }
}

#[test]
fn headers_and_tables_that_cannot_be() {
    if !tool(WIMLIB) {
        return;
    }
    let good = small("LZX");
    let lookup_at = u64_at(&good, 0x38);
    let chunked = open(&good).unwrap();
    let chunked = chunked.resources().iter().position(|resource| resource.original_bytes == 40_000).unwrap();
    let line = lookup_at + chunked * ENTRY_BYTES;
    for (what, at, bytes) in [
        ("magic", 0, [b'X'].as_slice()),
        ("header size", 8, &[0xFF]),
        ("version", 0x0C, &[1]),
        ("write in progress", 0x10, &[0xC2]),
        ("two compressions", 0x12, &[6]),
        ("chunk size", 0x14, &[0, 0x40, 0, 0]),
        ("odd chunk size", 0x14, &[0, 0x90, 0, 0]),
        ("huge chunk size", 0x14, &[0, 0, 0, 0x80]),
        ("part", 0x28, &[0]),
        ("part past the total", 0x28, &[2]),
        ("boot index", 0x78, &[2]),
        ("lookup table size", 0x30, &[0xFF; 7]),
        ("odd lookup table", 0x30, &[49]),
        ("lookup table place", 0x38, &[0xFF; 8]),
        ("XML size", 0x48, &[0xFF; 7]),
        ("XML place", 0x50, &[0xFF; 7]),
        ("compressed XML", 0x4F, &[4]),
        ("resource size", line, &[0xFF; 7]),
        ("resource place", line + 8, &[0xFF; 8]),
        ("plain with another size", line + 7, &[0]),
        ("resource's part", line + 24, &[9]),
    ] {
        let mut bad = good.clone();
        bad[at..at + bytes.len()].copy_from_slice(bytes);
        let error = open(&bad).map(|_| ()).unwrap_err();
        println!("{what}: {error}");
    }
    // Found only when it is read. The resource has two chunks: one entry in its table.
    let data_at = u64_at(&good, line + 8);
    for (what, at, bytes) in [
        ("chunk after the end", data_at, [0xFF, 0xFF, 0xFF, 0x7F].as_slice()),
        ("chunk without bytes", data_at, &[0, 0, 0, 0]),
        ("original size", line + 16, &[0xFF; 8]),
        ("larger original size", line + 16, &[0, 0, 8, 0]),
        ("smaller original size", line + 16, &[1, 0, 0, 0]),
        ("hash", line + 30, &[0; 20]),
        ("first chunk", data_at + 4, &[0xFF; 30]),
    ] {
        let mut bad = good.clone();
        bad[at..at + bytes.len()].copy_from_slice(bytes);
        let mut wim = open(&bad).unwrap();
        let resource = wim.resources()[chunked];
        let error = wim.read_resource(&resource, LIMIT_BYTES).unwrap_err();
        println!("{what}: {error}");
        if resource.original_bytes <= LIMIT_BYTES {
            assert!(wim.stream_resource(&resource, &mut |_| ()).is_err());
        }
    }
    // Every cut is found: what was cut off is data, the lookup table or the XML data.
    for len in (0..good.len()).step_by(37) {
        assert!(open(&good[..len]).is_err(), "cut at {len}");
    }
}

/// Asks for everything that can be asked for.
fn read_everything(bytes: &[u8]) -> Result<(), FormatError> {
    let mut wim = open(bytes)?;
    let _ = wim.images();
    let _ = split(wim.header(), wim.resources(), wim.xml(), Guid::ZERO, 20_000, MAX_PART_BYTES);
    let _ = wim.find(1, "ab/inner/x");
    for resource in wim.resources().to_vec() {
        let _ = wim.read_resource(&resource, LIMIT_BYTES);
    }
    let files = wim.walk(1)?;
    files
        .iter()
        .filter(|file: &&WimFile| !file.is_directory())
        .try_for_each(|file| wim.read_file(file, LIMIT_BYTES).map(|_| ()))
}

#[test]
fn chance_damage_is_an_error_or_does_not_matter() {
    if !tool(WIMLIB) {
        return;
    }
    for compress in ["none", "XPRESS", "LZX", "LZMS", "solid"] {
        let good = small(compress);
        read_everything(&good).unwrap();
        let mut rng = Rng::new(77);
        let mut errors = 0;
        for _ in 0..MUTATIONS / 5 {
            let mut bad = good.clone();
            for _ in 0..1 + rng.below(3) {
                // The header and the tables at the end as often as the data between them.
                let at = match rng.below(3) {
                    0 => rng.below(208),
                    1 => good.len() - 1 - rng.below(3000.min(good.len())),
                    _ => rng.below(good.len()),
                };
                match rng.below(4) {
                    0 => bad[at] ^= 1 << rng.below(8),
                    1 => bad[at] = [0, 0xFF, 0x7F, 0x80][rng.below(4)],
                    2 => bad[at..].iter_mut().take(8).for_each(|byte| *byte = 0xFF),
                    _ => bad[at] = rng.next() as u8,
                }
            }
            if rng.below(10) == 0 {
                bad.truncate(rng.below(good.len()));
            }
            errors += usize::from(read_everything(&bad).is_err());
        }
        println!("{compress}: {errors} of {} were errors", MUTATIONS / 5);
        assert!(errors > MUTATIONS / 10);
    }
}

/// What is decoded before its checksum is known: chunks of noise, of good data that was changed, and of nothing.
#[test]
fn codecs_take_any_bytes() {
    if !tool(WIMLIB) {
        return;
    }
    for compress in ["XPRESS", "LZX", "LZMS", "solid"] {
        let good = small(compress);
        let lines = open(&good).unwrap().resources().to_vec();
        let mut rng = Rng::new(99);
        for round in 0..MUTATIONS / 5 {
            let mut bad = good.clone();
            let line = lines[rng.below(lines.len())];
            // A stream of a solid file is damaged where its container is.
            let stored = *lines.iter().find(|other| line.is_solid() && other.is_solid()).unwrap_or(&line);
            let (at, len) = (stored.offset_bytes as usize, stored.stored_bytes as usize);
            for _ in 0..1 + rng.below(4) {
                bad[at + rng.below(len)] = rng.next() as u8;
            }
            if round % 5 == 0 {
                bad[at + 4..at + len].fill_with(|| rng.next() as u8);
            }
            // A change may hit bits that mean nothing.
            if let Ok(content) = open(&bad).unwrap().read_resource(&line, LIMIT_BYTES) {
                assert_eq!(content, open(&good).unwrap().read_resource(&line, LIMIT_BYTES).unwrap());
            }
        }
    }
}

#[test]
fn a_header_survives_being_written() {
    if !tool(WIMLIB) {
        return;
    }
    let good = small("LZX");
    let header = Header::parse(good[..208].try_into().unwrap()).unwrap();
    assert_eq!(header.to_bytes(), good[..208]);
}
