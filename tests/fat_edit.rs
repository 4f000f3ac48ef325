//! Changes to FAT32 volumes that others made, filled and used: judged by fsck.fat, 7z, mtools and the kernel, at the end
//! and at every moment on the way.
#![allow(clippy::unwrap_used, clippy::panic)]

mod images;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Cursor;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use images::{Workshop, Xorshift, assert_same, content, tools};
use sticksmith::format::fat::FatTree;
use sticksmith::format::fat::edit::{Change, EditError, FatEdit, PieceContent, edit};
use sticksmith::format::fat::layout::lay_out;
use sticksmith::format::tree::{EntryKind, ImageTree};
use volumes::{Content, MIB, ask, spec, tell, write};

type Files = BTreeMap<String, Vec<u8>>;

const TOOLS: [&str; 6] = ["mkfs.fat", "fsck.fat", "mmd", "mcopy", "mdel", "7z"];

/// A volume that mkfs.fat made over junk, filled and emptied here and there by mtools, so that what is free lies scattered.
fn used_volume(
    shop: &Workshop,
    name: &str,
    sector: &str,
    size: u64,
    random: &mut Xorshift,
) -> (String, Files) {
    let image = shop.blank(name, size);
    let file = File::options().write(true).open(&image).unwrap();
    let junk = content("junk", MIB as usize);
    (0..40).for_each(|at| file.write_all_at(&junk, at * MIB).unwrap());
    ask("mkfs.fat", &["-F", "32", "-S", sector, "-s", "1", "-f", "2", "-n", "STICK", &image]);
    let folders = ["sources", "Some long folder", "Some long folder/Größe"];
    ask("mmd", &["-i", &image, "::/sources", "::/Some long folder", "::/Some long folder/Größe"]);
    let mut files = Files::new();
    for number in 0..40 {
        let folder = folders[random.below(3)];
        let path = match random.below(3) {
            0 => format!("{folder}/F{number}.DAT"),
            1 => format!("{folder}/A file with a long name {number}.text"),
            _ => format!("root file {number}.Txt"),
        };
        let bytes = content(&path, random.below(9000));
        fs::write(shop.path("from"), &bytes).unwrap();
        ask("mcopy", &["-o", "-i", &image, &shop.text("from"), &format!("::/{path}")]);
        files.insert(path, bytes);
    }
    for path in files.keys().cloned().collect::<Vec<_>>() {
        if random.below(3) == 0 {
            ask("mdel", &["-i", &image, &format!("::/{path}")]);
            files.remove(&path);
        }
    }
    (image, files)
}

/// Bytes of one write: to which step it belongs, where, and what.
type Write = (usize, u64, Vec<u8>);

fn writes(edit: &FatEdit, puts: &[Vec<u8>]) -> Vec<Write> {
    let mut all = Vec::new();
    for piece in &edit.contents {
        let len = piece.len_bytes as usize;
        let bytes = match &piece.content {
            PieceContent::File { put, offset_bytes } => puts[*put][*offset_bytes as usize..][..len].to_vec(),
            PieceContent::Bytes(bytes) => bytes.clone(),
            PieceContent::Zeroes => vec![0; len],
        };
        assert_eq!(bytes.len(), len);
        all.push((0, piece.offset_bytes, bytes));
    }
    for (step, patches) in [(1, &edit.tables), (2, &edit.folders), (3, &edit.release)] {
        all.extend(patches.iter().map(|patch| (step, patch.offset_bytes, patch.bytes.clone())));
    }
    all
}

fn apply(image: &str, writes: &[Write]) {
    let file = File::options().write(true).open(image).unwrap();
    writes.iter().for_each(|(_, at, bytes)| file.write_all_at(bytes, *at).unwrap());
}

/// What others find on the volume is this and nothing else.
fn assert_holds(shop: &Workshop, image: &str, files: &Files) {
    ask("fsck.fat", &["-n", image]);
    let folder = shop.path("out");
    let _ = fs::remove_dir_all(&folder);
    ask("7z", &["x", "-y", &format!("-o{}", folder.display()), image]);
    assert_tree(&folder, files);
    fs::remove_dir_all(&folder).unwrap();
}

fn assert_tree(folder: &Path, files: &Files) {
    let is_file = |path: &String| folder.join(path).is_file();
    let found = images::paths_below(folder).into_iter().filter(is_file).collect();
    assert_same(found, files.keys().cloned().collect());
    for (path, bytes) in files {
        assert!(fs::read(folder.join(path)).unwrap() == *bytes, "{path}");
    }
}

/// The kernel's own driver reads the same, where this machine lets us mount.
fn assert_kernel_agrees(shop: &Workshop, image: &str, files: &Files) {
    let folder = shop.path("mnt");
    fs::create_dir_all(&folder).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "vfat", "-o", "loop,ro,utf8", image])
        .arg(&folder)
        .output()
        .is_ok_and(|out| out.status.success());
    if !mounted {
        eprintln!("SKIPPED: the kernel's vfat cannot be asked here");
        return;
    }
    let found = std::panic::catch_unwind(|| assert_tree(&folder, files));
    assert!(Command::new("umount").arg(&folder).status().unwrap().success());
    found.unwrap();
}

/// Changes at random, and what the volume holds after them; contents of the puts in their order.
fn random_changes(files: &mut Files, random: &mut Xorshift, round: usize) -> (Vec<Change>, Vec<Vec<u8>>) {
    let (mut changes, mut puts, mut touched) = (Vec::new(), Vec::new(), BTreeSet::new());
    for number in 0..1 + random.below(6) {
        let there: Vec<String> = files.keys().filter(|path| !touched.contains(*path)).cloned().collect();
        let known = (!there.is_empty()).then(|| there[random.below(there.len())].clone());
        let path = match (random.below(4), known) {
            (0, Some(path)) => {
                files.remove(&path);
                touched.insert(path.clone());
                changes.push(Change::Remove { path: path.to_ascii_uppercase() });
                continue;
            }
            (1, Some(path)) => path,
            (2, _) => format!("Some long folder/$OEM$ {round}/$1/new {number} of {round}.xml"),
            _ => format!("autounattend {round} {number}.xml"),
        };
        let bytes = content(&format!("{path} {round}"), [0, 1, 511, 512, 5000, 60_000][random.below(6)]);
        let len_bytes = bytes.len() as u64;
        // An hour of 2026, in even seconds.
        let modified_unix_secs = Some(1_790_000_000 + round as i64 * 2);
        changes.push(Change::Put { path: path.clone(), len_bytes, modified_unix_secs });
        touched.insert(path.clone());
        puts.push(bytes.clone());
        files.insert(path, bytes);
    }
    (changes, puts)
}

#[test]
fn random_changes_on_volumes_in_use() {
    if !tools(&TOOLS) {
        return;
    }
    for (seed, sector, size) in [(1, "512", 40 * MIB), (2, "512", 40 * MIB), (3, "4096", 300 * MIB)] {
        let shop = Workshop::new();
        let mut random = Xorshift::new(seed);
        let (image, mut files) = used_volume(&shop, "used.img", sector, size, &mut random);
        for round in 0..8 {
            let (changes, puts) = random_changes(&mut files, &mut random, round);
            let before = fs::read(&image).unwrap();
            let made = edit(&mut File::open(&image).unwrap(), 0, &changes).unwrap();
            assert!(!made.was_dirty && made.put.len() == puts.len());
            let writes = writes(&made, &puts);
            for (_, at, bytes) in &writes {
                assert!(at % 512 == 0 || bytes.iter().all(|byte| *byte == 0), "{at}");
            }
            apply(&image, &writes);
            assert_only(&before, &fs::read(&image).unwrap(), &writes);
            assert_holds(&shop, &image, &files);
        }
        assert_kernel_agrees(&shop, &image, &files);
    }
}

/// Nothing but what was planned is another byte.
fn assert_only(before: &[u8], after: &[u8], writes: &[Write]) {
    let mut spans: Vec<(usize, usize)> =
        writes.iter().map(|(_, at, bytes)| (*at as usize, *at as usize + bytes.len())).collect();
    spans.sort_unstable();
    let mut from = 0;
    for (start, end) in spans {
        assert!(start <= from || before[from..start] == after[from..start], "{from}..{start}");
        from = from.max(end);
    }
    assert!(before[from..] == after[from..]);
}

/// The power goes at any moment: what was synced is there, of the step that was under way anything may be.
#[test]
fn a_cut_leaves_old_or_new() {
    if !tools(&TOOLS) {
        return;
    }
    let shop = Workshop::new();
    let mut random = Xorshift::new(7);
    let (image, mut files) = used_volume(&shop, "cut.img", "512", 40 * MIB, &mut random);
    for round in 0..6 {
        let old = files.clone();
        let (changes, puts) = random_changes(&mut files, &mut random, round);
        let made = edit(&mut File::open(&image).unwrap(), 0, &changes).unwrap();
        let writes = writes(&made, &puts);
        // In sectors, which a medium takes whole.
        let sectors: Vec<Write> = writes
            .iter()
            .flat_map(|(step, at, bytes)| {
                let at_sector = move |index: usize| at + index as u64 * 512;
                bytes.chunks(512).enumerate().map(move |(i, b)| (*step, at_sector(i), b.to_vec()))
            })
            .collect();
        for _ in 0..10 {
            let step = random.below(4);
            let cut = shop.text("cut now.img");
            fs::copy(&image, &cut).unwrap();
            let survives: Vec<Write> = sectors
                .iter()
                .filter(|(of, ..)| *of < step || *of == step && random.below(2) == 0)
                .cloned()
                .collect();
            apply(&cut, &survives);
            assert_old_or_new(&cut, &old, &files, step);
        }
        apply(&image, &writes);
        assert_holds(&shop, &image, &files);
    }
}

fn assert_old_or_new(image: &str, old: &Files, new: &Files, step: usize) {
    let mut tree = FatTree::open(File::open(image).unwrap(), 0).unwrap().unwrap();
    let mut found = Files::new();
    for (path, entry) in tree.walk().unwrap() {
        if entry.kind == EntryKind::File {
            found.insert(path, tree.read_at(&entry, 0, u64::MAX).unwrap());
        }
    }
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for path in names {
        let there = found.remove(path);
        let is_old = there.as_ref() == old.get(path);
        let is_new = there.as_ref() == new.get(path);
        let expected = match step {
            0 | 1 => is_old,
            2 => is_old || is_new,
            _ => is_new,
        };
        // Of a name that lies across two sectors, only its long or only its short half may be left: then it is none.
        let is_half = step == 2 && there.is_none();
        assert!(expected || is_half, "step {step}: {path}");
    }
    // Short names without their long ones: halves of names that go.
    assert!(step == 2 || found.is_empty(), "step {step}: {:?}", found.keys());
    let (_, said) = tell("fsck.fat", &["-n", image]);
    const HARMLESS: [&str; 14] = [
        "fsck.fat",
        "Dirty bit",
        "Automatically removing",
        "Reclaimed",
        "Free cluster summary",
        "FATs differ",
        "Using first FAT",
        "Leaving filesystem unchanged",
        "files,",
        "Unused",
        "Orphaned long",
        "Deleting",
        "unmounted and some data",
        "FS was not properly",
    ];
    for line in said.lines().filter(|line| !line.trim().is_empty()) {
        let is_harmless = line.starts_with(' ') || HARMLESS.iter().any(|known| line.contains(known));
        assert!(is_harmless, "step {step}: {line}\nin {said}");
    }
}

fn put(path: &str, len_bytes: u64) -> Change {
    Change::Put { path: path.to_owned(), len_bytes, modified_unix_secs: Some(1_790_000_000) }
}

/// A volume of our own layout, in memory and as a file full of junk.
fn laid_out(made: &Content) -> (Vec<u8>, usize, usize) {
    let shop = Workshop::new();
    let layout = lay_out(&spec(40 * MIB, 512), &made.nodes).unwrap();
    write(&shop.path("small.img"), 0, &layout, made);
    let bytes = fs::read(shop.path("small.img")).unwrap();
    (bytes, layout.fat_offsets_bytes[0] as usize, layout.directories[0].offset_bytes as usize)
}

#[test]
fn names_folders_and_their_room() {
    if !tools(&TOOLS) {
        return;
    }
    let shop = Workshop::new();
    let mut made = Content::default();
    made.file("sources/boot.wim", 3000).file("clash/LONGNA~1.TXT", 1).file("clash/long name.text", 2);
    let (bytes, ..) = laid_out(&made);
    let image = shop.text("names.img");
    fs::write(&image, bytes).unwrap();
    let mut files = made.files.clone();
    let mut change = |changes: &[Change], goes: &[&str]| {
        let contents: Vec<Vec<u8>> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Put { path, len_bytes, .. } => Some(content(path, *len_bytes as usize)),
                _ => None,
            })
            .collect();
        let edit = edit(&mut File::open(&image).unwrap(), 0, changes).unwrap();
        apply(&image, &writes(&edit, &contents));
        for (placed, bytes) in edit.put.iter().zip(contents) {
            files.insert(placed.path.clone(), bytes);
        }
        goes.iter().for_each(|path| _ = files.remove(*path));
        assert_holds(&shop, &image, &files);
        edit
    };
    // As the volume spells what is there, and in folders that are made.
    let made = change(&[put("SOURCES/BOOT.WIM", 700), put("Sources/$OEM$/$1/Setup/a.cmd", 10)], &[]);
    assert_eq!((made.put[0].path.as_str(), made.put[0].replaces), ("sources/boot.wim", true));
    assert_eq!(made.put[1].path, "sources/$OEM$/$1/Setup/a.cmd");
    change(&[put("clash/long name two.txt", 5)], &[]);
    // More names than the folder has clusters for, in one change and in many.
    let names = |from: usize, to: usize| -> Vec<Change> {
        (from..to).map(|n| put(&format!("sources/a name that is rather long, number {n}.txt"), 3)).collect()
    };
    change(&names(0, 50), &[]);
    for n in 50..60 {
        change(&names(n, n + 1), &[]);
    }
    // What goes makes room again.
    let first: Vec<String> =
        (0..50).map(|n| format!("sources/a name that is rather long, number {n}.txt")).collect();
    let removals: Vec<Change> = first.iter().map(|path| Change::Remove { path: path.clone() }).collect();
    let made = change(&removals, &first.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(made.contents.is_empty() && made.removed.len() == 50);
    let made = change(&names(60, 70), &[]);
    assert!(made.folders.iter().map(|patch| patch.bytes.len()).sum::<usize>() < 3000, "free places are used");
    // Empty folders go, others stay.
    let folders =
        ["sources/$OEM$/$1/Setup", "sources/$OEM$/$1", "sources/$OEM$", "sources", "nowhere/at/all"];
    let mut goes = vec![Change::Remove { path: "sources/$OEM$/$1/Setup/A.CMD".to_owned() }];
    goes.extend(folders.map(|path| Change::RemoveIfEmpty { path: path.to_owned() }));
    let before = made.free_bytes;
    let made = change(&goes, &["sources/$OEM$/$1/Setup/a.cmd"]);
    assert_eq!(made.free_bytes - before, 4 * 512, "a file and three folders");
    // Gone already.
    assert_eq!(
        change(&[Change::Remove { path: "none/of.it".to_owned() }], &[]).removed,
        Vec::<String>::new()
    );
    let mut image = File::open(&image).unwrap();
    for (path, says) in [
        ("sources", "is a folder"),
        ("clash/LONGNA~1.TXT/x", "is a file"),
        ("clash/LONGNA~2.TXT", "short name of another file"),
        ("a:b", "contains one of"),
        (&format!("{}x", "y".repeat(255)), "256 UTF-16 units"),
    ] {
        let error = edit(&mut image, 0, &[put(path, 1)]).unwrap_err().to_string();
        assert!(error.contains(says), "{path}: {error}");
    }
    let error = edit(&mut image, 0, &[put("large", 1 << 32)]).unwrap_err().to_string();
    assert!(error.contains("less than 4 GiB"), "{error}");
}

#[test]
fn the_last_cluster_can_be_had_and_no_more() {
    if !tools(&TOOLS) {
        return;
    }
    let shop = Workshop::new();
    let mut random = Xorshift::new(9);
    let (image, mut files) = used_volume(&shop, "full.img", "512", 40 * MIB, &mut random);
    let free = edit(&mut File::open(&image).unwrap(), 0, &[]).unwrap().free_bytes;
    let full = edit(&mut File::open(&image).unwrap(), 0, &[put("large.bin", free + 1)]).unwrap_err();
    assert!(
        matches!(full, EditError::Full { needed_bytes, free_bytes } if needed_bytes == free + 512 && free_bytes == free)
    );
    let bytes = content("large.bin", free as usize);
    let made = edit(&mut File::open(&image).unwrap(), 0, &[put("large.bin", free)]).unwrap();
    assert!(made.contents.len() > 2 && made.free_bytes == 0, "it is meant to be fragmented");
    apply(&image, &writes(&made, std::slice::from_ref(&bytes)));
    files.insert("large.bin".to_owned(), bytes);
    assert_holds(&shop, &image, &files);
    let full = edit(&mut File::open(&image).unwrap(), 0, &[put("one.bin", 1)]).unwrap_err();
    assert!(matches!(full, EditError::Full { needed_bytes: 512, free_bytes: 0 }), "{full}");
    // What a replaced file had is free only afterwards: the old content must outlive a cut.
    let full = edit(&mut File::open(&image).unwrap(), 0, &[put("large.bin", 1)]).unwrap_err();
    assert!(matches!(full, EditError::Full { .. }), "{full}");
    let made = edit(&mut File::open(&image).unwrap(), 0, &[put("large.bin", 0)]).unwrap();
    apply(&image, &writes(&made, &[Vec::new()]));
    files.insert("large.bin".to_owned(), Vec::new());
    assert_holds(&shop, &image, &files);
}

#[test]
fn damage_and_marks_are_refused_before_anything_is_decided() {
    let mut made = Content::default();
    made.file("bootmgr", 5000).file("dir/file", 600);
    // Clusters: 2 is the root, 3 the directory, 4 to 13 the file. The file's short entry is the third of the root.
    let (whole, table, root) = laid_out(&made);
    let second = table + (lay_out(&spec(40 * MIB, 512), &made.nodes).unwrap().fat_bytes as usize);
    let both = |cluster: usize, bytes: &[u8]| {
        vec![(table + cluster * 4, bytes.to_vec()), (second + cluster * 4, bytes.to_vec())]
    };
    let try_with = |changes: Vec<(usize, Vec<u8>)>| {
        let mut image = whole.clone();
        for (at, bytes) in changes {
            image[at..at + bytes.len()].copy_from_slice(&bytes);
        }
        edit(&mut Cursor::new(image), 0, &[put("dir/new", 5)])
    };
    assert!(!try_with(Vec::new()).unwrap().was_dirty);
    for (changes, says) in [
        (both(5, &[4, 0, 0, 0]), "a cluster of its own"),
        (both(13, &[14, 0, 0, 0]), "a cluster of its own"),
        (both(3, &[4, 0, 0, 0]), "a cluster of its own"),
        (both(6, &[0, 0, 0, 0]), "a cluster from 2 to"),
        (both(6, &[0xF7, 0xFF, 0xFF, 0x0F]), "a cluster from 2 to"),
        (both(6, &[0xFF, 0xFF, 0xFF, 0x0F]), "clusters for 5000 bytes"),
        (vec![(root + 64 + 11, vec![0x10]), (root + 64 + 26, vec![2])], "a cluster of its own"),
        (both(1, &[0xFF, 0xFF, 0xFF, 0x0B]), "met errors"),
        (vec![(65, vec![2])], "met errors"),
        (vec![(17, vec![0, 2])], "only FAT32"),
    ] {
        match try_with(changes.clone()) {
            Err(error) => assert!(error.to_string().contains(says), "{changes:?}: {error}"),
            Ok(_) => panic!("{changes:?} was not noticed"),
        }
    }
    // The second copy was left behind.
    let made = try_with(vec![(second + 24, vec![0x55])]).unwrap();
    assert!(made.was_dirty);
    let mended = made.tables.iter().find(|patch| patch.offset_bytes as usize == second).unwrap();
    assert_eq!(mended.bytes[8..60], whole[second + 8..second + 60]);
    // A volume that was pulled out while it was mounted, but is whole: the mark stays for those who want to look at it.
    for dirty in [both(1, &[0xFF, 0xFF, 0xFF, 0x07]), vec![(65, vec![1])]] {
        let made = try_with(dirty.clone()).unwrap();
        assert!(made.was_dirty);
        let sector = |patches: &[sticksmith::format::fat::edit::Patch]| {
            patches.iter().find(|patch| patch.offset_bytes as usize == table).unwrap().bytes[7]
        };
        assert_eq!(sector(&made.tables) & 0x0F, 0x07, "marked while it changes");
        assert_eq!(sector(&made.release) & 0x0F, if dirty.len() == 2 { 0x07 } else { 0x0F });
    }
}

/// Changes a volume again and again where it holds structures: the editor says so or not, but it ends.
#[test]
fn hostile_volumes() {
    let mut made = Content::default();
    made.file("bootmgr", 5000).file("dir/file", 600);
    let (mut image, table, root) = laid_out(&made);
    let whole = image.clone();
    let mut random = Xorshift::new(13);
    let places: Vec<usize> =
        (0..90).chain(table..table + 80).chain(root..root + 160).chain(root + 512..root + 640).collect();
    let mut done = 0;
    for _ in 0..1500 {
        for _ in 0..1 + random.below(4) {
            let at = places[random.below(places.len())];
            image[at] = [random.next() as u8, 0, 1, 2, 3, 0x10, 0x7F, 0xFF][random.below(8)];
        }
        let changes = [
            put("bootmgr", 3000),
            Change::Remove { path: "dir/file".to_owned() },
            Change::RemoveIfEmpty { path: "dir".to_owned() },
            put("dir2/new name.txt", 5),
        ];
        if let Ok(made) = edit(&mut Cursor::new(&image[..]), 0, &changes) {
            done += 1;
            for (_, at, bytes) in writes(&made, &[vec![1; 3000], vec![2; 5]]) {
                assert!(at + bytes.len() as u64 <= 40 * MIB * 600, "{at}");
            }
        }
        for at in &places {
            image[*at] = whole[*at];
        }
    }
    assert!(done > 100, "{done}");
}
