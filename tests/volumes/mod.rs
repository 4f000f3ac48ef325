//! FAT volumes of every kind of name, written into files that were full of junk, and read back by outside tools.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::process::Command;

use sticksmith::format::fat::layout::{FatLayout, Node, NodeKind, VolumeSpec};

use crate::images::{Xorshift, content};

pub const MIB: u64 = 1 << 20;
pub const GIB: u64 = 1 << 30;

/// What a volume shall hold, in the order of its nodes.
#[derive(Clone, Default)]
pub struct Content {
    pub nodes: Vec<Node>,
    /// Of the files, by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Content {
    pub fn file(&mut self, path: &str, len: usize) -> &mut Self {
        let kind = NodeKind::File { len_bytes: len as u64 };
        // Odd and even seconds from 1980 on.
        let modified_unix_secs = Some(315_532_800 + (self.nodes.len() as i64 * 7_654_321) % 1_700_000_000);
        self.nodes.push(Node { path: path.to_owned(), kind, modified_unix_secs, is_hidden: false });
        self.files.insert(path.to_owned(), content(path, len));
        self
    }

    pub fn directory(&mut self, path: &str) -> &mut Self {
        let kind = NodeKind::Directory;
        self.nodes.push(Node { path: path.to_owned(), kind, modified_unix_secs: None, is_hidden: false });
        self
    }

    /// Paths of everything, directories that were only implied too.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = HashSet::new();
        for node in &self.nodes {
            let parents = node.path.match_indices('/').map(|(end, _)| node.path[..end].to_owned());
            paths.extend(parents.chain([node.path.clone()]));
        }
        paths.into_iter().collect()
    }
}

/// What Windows media have, and everything that is hard about names; `pairs`: also characters that take two UTF-16 units.
pub fn hard_content(seed: u64, count: usize, pairs: bool) -> Content {
    let mut made = Content::default();
    made.file("bootmgr", 383_786).file("BOOTMGR.EFI", 1000).file("efi/boot/bootx64.efi", 4096);
    made.file("EMPTY", 0).file("empty.txt", 0).file("Setup.exe", 513).directory("boot");
    made.file("autorun.inf", 1).file("boot/etfsboot.com", 4096).file("boot/fonts/wgl4_boot.ttf", 47_452);
    made.directory("an empty directory").file(".hidden", 3).file("boot/..two dots", 5);
    // Real names that are the aliases that others would get.
    made.file("clash/LONGNA~1.TXT", 1).file("clash/long name one.txt", 2).file("clash/long name two.txt", 3);
    made.file("clash/longna~3.txt", 4).file("clash/LONGNAME.TXT", 5).file("clash/longname.text", 6);
    made.file(&format!("{}.x", "l".repeat(253)), 10).file(&"ü".repeat(127), 12);
    if pairs {
        made.file(&"😀".repeat(63), 11);
    }
    // Lengths around the 13 units of a long name's piece.
    for len in [12, 13, 14, 25, 26, 27, 39] {
        made.file(&format!("pieces/{}", "aB".repeat(len)[..len].to_owned()), len);
    }
    let deep = (0..25).map(|depth| format!("Deep {depth}/")).collect::<String>();
    made.file(&format!("{deep}bottom.txt"), 77);

    let mut random = Xorshift::new(seed);
    let mut seen: HashSet<String> = made.paths().iter().map(|path| path.to_lowercase()).collect();
    let mut directories = vec![String::new(), "many/".to_owned(), "Größe/".to_owned()];
    while made.nodes.len() < count {
        let parent = match random.below(3) {
            0 => "many/".to_owned(),
            _ => directories[random.below(directories.len())].clone(),
        };
        let path = format!("{parent}{}", hard_name(&mut random, pairs));
        if !seen.insert(path.to_lowercase()) {
            continue;
        }
        if random.below(12) == 0 && path.matches('/').count() < 8 {
            made.directory(&path);
            directories.push(format!("{path}/"));
        } else {
            let len = [0, 1, 511, 512, 513, 4096, 20_000][random.below(7)] + random.below(3);
            made.file(&path, len);
        }
    }
    made
}

fn hard_name(random: &mut Xorshift, pairs: bool) -> String {
    const PIECES: [&str; 24] = [
        "a", "B", "readme", "LONG", " ", ".", "..", "+", "[x]", "~1", "ä", "Ω", "日本", "😀", "ﬁ", "-",
        "{0}", "\u{7f}", "e\u{301}", "ß", ",;=", "'%&", "File", "0",
    ];
    let mut name = String::new();
    match random.below(4) {
        0 => name = format!("{}.{}", random.below(100_000), ["TXT", "txt", "Txt", "text"][random.below(4)]),
        1 => name = format!("A long name of many {}.txt", random.below(100_000)),
        _ => {
            for _ in 0..1 + random.below(10) {
                name.push_str(PIECES[random.below(PIECES.len())]);
            }
        }
    }
    if !pairs {
        name = name.replace('😀', "☺");
    }
    // These two are not FAT's to hold.
    let kept = name.trim_end_matches([' ', '.']);
    if kept.is_empty() { "x".to_owned() } else { kept.to_owned() }
}

pub fn spec(volume_bytes: u64, sector_bytes: u32) -> VolumeSpec<'static> {
    VolumeSpec {
        volume_bytes,
        sector_bytes,
        first_lba: (MIB / u64::from(sector_bytes)) as u32,
        serial: 0x1234_ABCD,
        label: "win7 pro/DE",
        label_unix_secs: Some(1_290_309_662),
        boot_code: &[],
        align_bytes: MIB,
        spare_bytes: 0,
    }
}

/// Fills the file with junk and writes what a plan would, no more, at byte `at`. Of large volumes only the beginning and
/// what is used and a little more is junk; the rest of the table and the volume stays sparse.
pub fn write(path: &Path, at: u64, layout: &FatLayout, made: &Content) {
    let file = File::options().create(true).write(true).truncate(true).open(path).unwrap();
    file.set_len(at + layout.volume_bytes).unwrap();
    let junk = content("junk", MIB as usize);
    let junk_until = |end: u64, start: u64| {
        let mut offset = start;
        while offset < end.min(layout.volume_bytes) {
            let len = (end.min(layout.volume_bytes) - offset).min(MIB) as usize;
            file.write_all_at(&junk[..len], at + offset).unwrap();
            offset += MIB;
        }
    };
    let table_end = |index: usize| layout.fat_offsets_bytes[index] + layout.fat_bytes;
    if layout.fat_bytes <= 16 * MIB {
        junk_until(table_end(1), 0);
    } else {
        junk_until(layout.fat_offsets_bytes[0], 0);
    }
    junk_until(layout.used_end_bytes + MIB, layout.data_offset_bytes);

    let put = |offset: u64, bytes: &[u8]| file.write_all_at(bytes, at + offset).unwrap();
    put(0, &layout.reserved);
    for offset in layout.fat_offsets_bytes {
        let len = if layout.fat_bytes <= 16 * MIB { layout.fat_bytes } else { layout.table.used_bytes() };
        let mut table = vec![0xEE; len as usize];
        // In pieces, as it is streamed.
        for (index, piece) in table.chunks_mut(5000).enumerate() {
            layout.table.fill(index as u64 * 5000, piece);
        }
        put(offset, &table);
    }
    for directory in &layout.directories {
        put(directory.offset_bytes, &directory.bytes);
    }
    for place in &layout.files {
        put(place.offset_bytes, &made.files[&made.nodes[place.node].path]);
    }
}

/// Runs a tool by UTC and UTF-8; its status and everything it said.
pub fn tell(program: &str, args: &[&str]) -> (bool, String) {
    let out = Command::new(program)
        .args(args)
        .envs([("TZ", "UTC"), ("LC_ALL", "C.UTF-8"), ("MTOOLS_SKIP_CHECK", "1"), ("MTOOLS_LOWER_CASE", "0")])
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.success(), text)
}

pub fn ask(program: &str, args: &[&str]) -> String {
    let (is_well, text) = tell(program, args);
    assert!(is_well, "{program} {args:?}: {text}");
    text
}

/// The folder holds this and nothing else, with these times where the tool keeps them: within `slack` seconds.
pub fn assert_extracted(folder: &Path, made: &Content, slack: Option<i64>) {
    crate::images::assert_same(made.paths(), crate::images::paths_below(folder));
    for node in &made.nodes {
        let path = folder.join(&node.path);
        let Some(expected) = made.files.get(&node.path) else {
            assert!(path.is_dir(), "{}", node.path);
            continue;
        };
        assert!(fs::read(&path).unwrap() == *expected, "{}", node.path);
        if let (Some(slack), Some(secs)) = (slack, node.modified_unix_secs) {
            let found = fs::metadata(&path).unwrap().mtime();
            assert!((found - secs).abs() <= slack, "{}: {found} and not {secs}", node.path);
        }
    }
}
