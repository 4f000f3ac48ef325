//! The reader of FAT volumes, judged by volumes that others made and filled, and by what hostile ones do to it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod images;
mod volumes;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Cursor;
use std::os::unix::fs::FileExt;
use std::path::Path;

use images::{Workshop, Xorshift, assert_same, content, tools};
use sticksmith::format::fat::layout::lay_out;
use sticksmith::format::fat::{FatTree, FatType, FatVolume};
use sticksmith::format::tree::{Entry, EntryKind, ImageTree};
use volumes::{Content, MIB, ask, hard_content, spec, write};

fn open(image: &Path, at: u64) -> FatTree<File> {
    FatTree::open(File::open(image).unwrap(), at).unwrap().unwrap()
}

/// Data by the extents alone, as whoever copies a file out of the image reads it.
fn data_by_extents(image: &Path, entry: &Entry) -> Vec<u8> {
    let file = File::open(image).unwrap();
    let mut data = Vec::new();
    for extent in &entry.extents {
        let start = data.len();
        data.resize(start + extent.len_bytes as usize, 0);
        file.read_exact_at(&mut data[start..], extent.offset_bytes.unwrap()).unwrap();
    }
    data
}

/// The volume holds these files with this content, and the directories they lie in; returns the entries by path.
fn assert_holds(image: &Path, at: u64, files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Entry> {
    let mut tree = open(image, at);
    let entries: BTreeMap<String, Entry> = tree.walk().unwrap().into_iter().collect();
    let is_file = |entry: &Entry| entry.kind == EntryKind::File;
    let found = entries.iter().filter(|(_, entry)| is_file(entry)).map(|(path, _)| path.clone());
    assert_same(found.collect(), files.keys().cloned().collect());
    for (path, content) in files {
        let entry = &entries[path];
        assert!(data_by_extents(image, entry) == *content, "{path}");
        assert!(tree.read_at(entry, 0, u64::MAX).unwrap() == *content, "{path}");
        assert_eq!(tree.lookup(&path.to_ascii_uppercase()).unwrap().as_ref(), Some(entry), "{path}");
    }
    entries
}

#[test]
fn what_was_laid_out_is_read_back_wherever_it_lies() {
    let shop = Workshop::new();
    let mut made = hard_content(3, 300, true);
    // Longer than what other systems' names may be, so that the outside tools do not get these.
    made.file(&"ü".repeat(255), 12).file(&format!("{}x", "😀".repeat(127)), 12);
    for (at, sector_bytes) in [(0, 512), (12_345 * 512, 512), (MIB, 4096)] {
        let layout = lay_out(&spec(300 * MIB, sector_bytes), &made.nodes).unwrap();
        let image = shop.path("volume.img");
        write(&image, at, &layout, &made);
        let entries = assert_holds(&image, at, &made.files);
        assert_same(entries.keys().cloned().collect(), made.paths());
        for (place, node) in layout.files.iter().map(|place| (place, &made.nodes[place.node])) {
            let entry = &entries[&node.path];
            let secs = node.modified_unix_secs.unwrap();
            assert_eq!(entry.modified_unix_secs, Some(secs - secs % 2), "{}", node.path);
            let first = entry.extents.first().map(|extent| extent.offset_bytes.unwrap());
            assert_eq!(first, (place.len_bytes > 0).then_some(at + place.offset_bytes));
            assert!(entry.extents.len() <= 1, "{} is in one piece", node.path);
        }
        assert_eq!(open(&image, at).label(), Some("WIN7 PRO_DE"));
        let mut file = File::options().read(true).write(true).open(&image).unwrap();
        let volume = FatVolume::open(&mut file, at).unwrap().unwrap();
        assert_eq!(volume.fat_difference(&mut file).unwrap(), None);

        // A mount's mark is no difference, another entry is.
        let second = at + layout.fat_offsets_bytes[1];
        file.write_all_at(&[0xFF, 0xFF, 0xFF, 0x07], second + 4).unwrap();
        assert_eq!(volume.fat_difference(&mut file).unwrap(), None);
        let last = second + (u64::from(layout.cluster_count) + 2) * 4 - 1;
        file.write_all_at(&[1], last).unwrap();
        assert_eq!(volume.fat_difference(&mut file).unwrap(), Some(last));
        file.write_all_at(&[0xF0], second).unwrap();
        assert_eq!(volume.fat_difference(&mut file).unwrap(), Some(second));
    }
}

/// A volume of mkfs.fat that mcopy filled, so that files are fragmented; returns the image and what is in it.
fn fragmented(shop: &Workshop, bits: &str, sector: &str, size: u64) -> (String, BTreeMap<String, Vec<u8>>) {
    let image = shop.blank("fat.img", size);
    ask("mkfs.fat", &["-F", bits, "-S", sector, "-s", "1", "-n", "LABEL", &image]);
    let mut files = BTreeMap::new();
    let mut copy = |path: &str, len: usize| {
        let bytes = content(path, len);
        fs::write(shop.path("from"), &bytes).unwrap();
        ask("mcopy", &["-o", "-i", &image, &shop.text("from"), &format!("::/{path}")]);
        files.insert(path.to_owned(), bytes);
    };
    ask("mmd", &["-i", &image, "::/dir", "::/dir/A longer directory", "::/LOUD"]);
    for number in 0..24 {
        copy(&format!("dir/small {number}.dat"), 5000);
    }
    copy("readme.txt", 10);
    copy("LOUD/README.txt", 10);
    copy("LOUD/empty.TXT", 0);
    copy("LOUD/UPPER.TXT", 1);
    copy("Mixed.Txt", 513);
    copy("dir/A longer directory/Größe und Ωmega.text", 4096);
    for number in (0..24).step_by(2) {
        ask("mdel", &["-i", &image, &format!("::/dir/small {number}.dat")]);
        files.remove(&format!("dir/small {number}.dat"));
    }
    // Goes into the gaps, when nothing says where free clusters begin.
    if bits == "32" {
        let fs_info = sector.parse::<u64>().unwrap();
        let file = File::options().write(true).open(&image).unwrap();
        file.write_all_at(&[0xFF; 8], fs_info + 488).unwrap();
    }
    let bytes = content("large.bin", 200_000);
    fs::write(shop.path("from"), &bytes).unwrap();
    ask("mcopy", &["-i", &image, &shop.text("from"), "::/large.bin"]);
    files.insert("large.bin".to_owned(), bytes);
    (image, files)
}

#[test]
fn volumes_that_others_filled() {
    if !tools(&["mkfs.fat", "mmd", "mcopy", "mdel", "fsck.fat"]) {
        return;
    }
    let shop = Workshop::new();
    for (bits, sector, size, fat_type) in [
        ("12", "512", MIB, FatType::Fat12),
        ("16", "512", 8 * MIB, FatType::Fat16),
        ("32", "512", 40 * MIB, FatType::Fat32),
        ("32", "4096", 300 * MIB, FatType::Fat32),
    ] {
        let (image, files) = fragmented(&shop, bits, sector, size);
        ask("fsck.fat", &["-n", &image]);
        let entries = assert_holds(image.as_ref(), 0, &files);
        assert!(entries["large.bin"].extents.len() > 2, "{bits}: it is meant to be fragmented");
        assert!(entries.contains_key("dir/A longer directory"));
        let tree = open(image.as_ref(), 0);
        assert_eq!((tree.label(), tree.volume().fat_type), (Some("LABEL"), fat_type));
        let mut file = File::open(&image).unwrap();
        assert_eq!(tree.volume().fat_difference(&mut file).unwrap(), None);
    }
}

/// A small FAT32 volume in memory: the bytes, and where the table, the root and the file's entry lie.
fn small() -> (Vec<u8>, usize, usize) {
    let shop = Workshop::new();
    let mut made = Content::default();
    made.file("bootmgr", 5000).file("dir/file", 600);
    let layout = lay_out(&spec(40 * MIB, 512), &made.nodes).unwrap();
    write(&shop.path("small.img"), 0, &layout, &made);
    let bytes = fs::read(shop.path("small.img")).unwrap();
    (bytes, layout.fat_offsets_bytes[0] as usize, layout.directories[0].offset_bytes as usize)
}

#[test]
fn damage_is_named() {
    let (whole, table, root) = small();
    // Clusters: 2 is the root, 3 the directory, 4 to 13 the file. The file's short entry is the third of the root.
    assert_eq!(&whole[root + 64..root + 75], b"BOOTMGR    ");
    let walk = |changes: &[(usize, &[u8])]| {
        let mut image = whole.clone();
        for (at, bytes) in changes {
            image[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        FatTree::open(Cursor::new(image), 0).unwrap().unwrap().walk().map(|entries| entries.len())
    };
    let entry = |cluster: usize| table + cluster * 4;
    assert_eq!(walk(&[]).unwrap(), 3);
    for (changes, says) in [
        (vec![(entry(5), &[4, 0, 0, 0][..])], "each cluster once"),
        (vec![(entry(4), &[4, 0, 0, 0])], "each cluster once"),
        (vec![(entry(4), &[0, 0, 0, 0])], "a cluster from 2 to"),
        (vec![(entry(4), &[1, 0, 0, 0])], "a cluster from 2 to"),
        (vec![(entry(4), &[0xF7, 0xFF, 0xFF, 0x0F])], "a cluster from 2 to"),
        (vec![(entry(4), &[0, 0, 0xFF, 0])], "a cluster from 2 to"),
        (vec![(entry(4), &[0xFF, 0xFF, 0xFF, 0x0F])], "clusters for 5000 bytes"),
        (vec![(root + 64 + 26, &[0, 0])], "a cluster from 2 to"),
        (vec![(root + 64 + 31, &[0xFF])], "clusters for"),
        (vec![(entry(2), &[2, 0, 0, 0])], "each cluster once"),
        // A directory that is its own parent.
        (vec![(root + 64 + 11, &[0x10]), (root + 64 + 26, &[2])], "one parent"),
        (vec![(root + 64, b"A/B"), (root + 32, &[0xE5])], "plain name"),
    ] {
        match walk(&changes) {
            Err(error) => assert!(error.to_string().contains(says), "{changes:?}: {error}"),
            Ok(_) => panic!("{changes:?} was not noticed"),
        }
    }
    // The high four bits of an entry are not part of it; orphans of long names are passed over.
    walk(&[(entry(4), &[5, 0, 0, 0xF0])]).unwrap();
    walk(&[(root + 32, &[0x42])]).unwrap();
}

/// Changes a volume again and again where it holds structures: the reader says so or not, but it ends.
#[test]
fn hostile_volumes() {
    let (mut image, table, root) = small();
    let whole = image.clone();
    let mut random = Xorshift::new(11);
    let places: Vec<usize> =
        (0..90).chain(table..table + 80).chain(root..root + 160).chain(root + 512..root + 640).collect();
    for _ in 0..4000 {
        for _ in 0..1 + random.below(5) {
            let at = places[random.below(places.len())];
            image[at] = [random.next() as u8, 0, 1, 2, 3, 0x10, 0x7F, 0xFF][random.below(8)];
        }
        if let Ok(Some(mut tree)) = FatTree::open(Cursor::new(&image[..]), 0) {
            if let Ok(entries) = tree.walk() {
                for (path, entry) in entries {
                    let sum: u64 = entry.extents.iter().map(|extent| extent.len_bytes).sum();
                    assert_eq!(sum, entry.len_bytes, "{path}");
                    let _ = tree.read_at(&entry, 0, 1 << 16);
                }
            }
            let _ = tree.lookup("DIR/FILE");
            let volume = tree.volume().clone();
            let _ = volume.housekeeping(&mut Cursor::new(&image[..]));
            let _ = volume.fat_difference(&mut Cursor::new(&image[..]));
        }
        for at in &places {
            image[*at] = whole[*at];
        }
    }
    assert!(image == whole);
}
