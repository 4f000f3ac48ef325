//! Damaged and malicious structures: every reader gives an answer or an error, never a panic, and reads no more than a
//! bounded amount for it.
//!
//! Valid images are changed in places that hold something. Where checksums guard a structure they are made right again,
//! as an attacker would, so that the code behind the check is reached.
#![allow(clippy::unwrap_used)]

mod images;

use std::fs;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use images::{Workshop, Xorshift, mend_udf_tag, run, tools};
use sticksmith::format::eltorito;
use sticksmith::format::fat::{FatTree, FatVolume};
use sticksmith::format::gpt::Gpt;
use sticksmith::format::iso9660::Iso9660;
use sticksmith::format::mbr::Mbr;
use sticksmith::format::tree::{EntryKind, ImageTree};
use sticksmith::format::udf::Udf;
use sticksmith::format::wim;

const MUTATIONS: usize = 2500;
const BLOCK_BYTES: usize = 2048;
/// Twice what a file system's metadata may have, and the files that are read.
const MAX_READ_BYTES: u64 = 2 << 30;

/// Counts what is read.
struct Counting<'a> {
    image: Cursor<&'a [u8]>,
    read_bytes: u64,
}

impl<'a> Counting<'a> {
    fn new(image: &'a [u8]) -> Self {
        Self { image: Cursor::new(image), read_bytes: 0 }
    }
}

impl Read for Counting<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let filled = self.image.read(buf)?;
        self.read_bytes += filled as u64;
        assert!(self.read_bytes < MAX_READ_BYTES);
        Ok(filled)
    }
}

impl Seek for Counting<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.image.seek(to)
    }
}

/// Puts every reader to the image.
fn read_everything(image: &[u8]) {
    let mut image = Counting::new(image);
    if let Ok(Some(mut tree)) = Udf::open(&mut image) {
        read_tree(&mut tree);
    }
    if let Ok(Some(mut tree)) = Iso9660::open(&mut image) {
        read_tree(&mut tree);
    }
    let _ = eltorito::read_entries(&mut image);
    for sector_bytes in [512, 4096] {
        if let Ok(Some(gpt)) = Gpt::read_primary(&mut image, sector_bytes) {
            let _ = gpt.backup_is_valid(&mut image);
            for partition in &gpt.partitions {
                let at = partition.start_bytes(sector_bytes);
                assert!(at <= partition.end_bytes(sector_bytes) || partition.last_lba < partition.first_lba);
            }
        }
        let _ = Gpt::read_backup(&mut image, sector_bytes);
    }
    if let Some(sector) = image.image.get_ref().first_chunk()
        && let Some(mbr) = Mbr::parse(sector)
    {
        assert!(mbr.partitions().all(|p| p.start_bytes(4096) < p.end_bytes(4096)));
    }
    if let Ok(Some(fat)) = FatVolume::open(&mut image, 0) {
        let _ = (fat.label(&mut image), fat.has_efi_loader(&mut image));
        let _ = (fat.housekeeping(&mut image), fat.fat_difference(&mut image));
    }
    if let Ok(Some(mut tree)) = FatTree::open(&mut image, 0) {
        read_tree(&mut tree);
    }
}

fn read_tree(tree: &mut dyn ImageTree) {
    let _ = tree.walk();
    for path in ["readme.txt", "d1/d2/d3/d4/d5/d6/d7/d8/d9/deep.txt", "SOURCES/install.img", "many"] {
        let Ok(Some(entry)) = tree.lookup(path) else { continue };
        assert_eq!(
            entry.extents.iter().map(|e| u128::from(e.len_bytes)).sum::<u128>(),
            entry.len_bytes.into()
        );
        if entry.kind == EntryKind::File {
            let data = tree.read_at(&entry, 0, 1 << 20).unwrap_or_default();
            let _ = wim::read_images(&mut Cursor::new(data));
        }
    }
}

/// Changes the image again and again, at places that hold something, and reads each result. `mend` makes the checksums of
/// the block of [`BLOCK_BYTES`] that begins at a place right.
fn torture(original: &[u8], seed: u64, mend: impl Fn(&mut [u8], usize)) {
    const TELLING: [u8; 8] = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x08, 0x10];
    // Whole numbers, as lengths and addresses are.
    const NUMBERS: [u32; 7] = [0, 1, u32::MAX, u32::MAX / 2, 0x4000_0000, 0x8000_0001, 0xC000_0800];
    let mut random = Xorshift::new(seed);
    // Data of files is left alone as far as that is easily told: structures begin near the start of blocks.
    let places: Vec<usize> =
        (0..original.len()).filter(|at| original[*at] != 0 && at % BLOCK_BYTES < 700).collect();
    let mut image = original.to_vec();
    for round in 0..MUTATIONS {
        let changed: Vec<usize> =
            (0..1 + random.below(6)).map(|_| places[random.below(places.len())]).collect();
        for at in &changed {
            match random.below(4) {
                0 => image[*at] ^= 1 << random.below(8),
                1 => image[*at] = TELLING[random.below(TELLING.len())],
                2 => image[*at] = random.next() as u8,
                _ => {
                    let number = NUMBERS[random.below(NUMBERS.len())].to_le_bytes();
                    let end = (at + 4).min(image.len());
                    image[*at..end].copy_from_slice(&number[..end - at]);
                }
            }
        }
        let blocks = || changed.iter().flat_map(|at| [at / BLOCK_BYTES, (at + 4) / BLOCK_BYTES]);
        // Some damage leaves the checksums behind.
        if round % 4 != 1 {
            blocks().for_each(|block| mend(&mut image, block * BLOCK_BYTES));
        }
        let len = if round % 8 == 0 { random.below(image.len()) } else { image.len() };
        read_everything(&image[..len]);
        for block in blocks().chain([0]) {
            let start = (block * BLOCK_BYTES).min(image.len());
            let end = (start + BLOCK_BYTES).min(image.len());
            image[start..end].copy_from_slice(&original[start..end]);
        }
    }
    assert!(image == original, "every change was taken back");
}

/// ECMA-167 3/7.2: makes the tags of the descriptors in a block right, of file identifiers one behind the other too.
fn mend_udf(image: &mut [u8], mut at: usize) {
    let end = image.len().min(at + BLOCK_BYTES);
    while at + 40 <= end {
        let id = u16::from_le_bytes([image[at], image[at + 1]]);
        if !matches!(id, 1..=9 | 256..=266) || !matches!(image[at + 2], 2 | 3) || image[at + 5] != 0 {
            return;
        }
        mend_udf_tag(&mut image[at..end]);
        if id != 257 {
            return;
        }
        let (name_len, use_len) = (usize::from(image[at + 19]), usize::from(image[at + 36]));
        at += (38 + name_len + use_len).next_multiple_of(4);
    }
}

/// UEFI 2.10 §5.3.2: makes both checksums of a primary GPT right.
fn mend_gpt(image: &mut [u8], at: usize) {
    if at >= 1024 + 128 * 128 {
        return;
    }
    let number = |image: &[u8], at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap()) as usize;
    let array_bytes = number(image, 512 + 80).saturating_mul(number(image, 512 + 84));
    if let Some(entries) = image.get(1024..1024usize.saturating_add(array_bytes)) {
        let crc = crc32fast::hash(entries);
        image[512 + 88..512 + 92].copy_from_slice(&crc.to_le_bytes());
    }
    let header_bytes = number(image, 512 + 12).min(512);
    image[512 + 16..512 + 20].fill(0);
    let crc = crc32fast::hash(&image[512..512 + header_bytes]);
    image[512 + 16..512 + 20].copy_from_slice(&crc.to_le_bytes());
}

/// A bridged disc small enough to be tortured thousands of times.
fn small_bridge(shop: &Workshop) -> Option<Vec<u8>> {
    if !tools(&["genisoimage"]) {
        return None;
    }
    shop.tree("root");
    for number in 20..150 {
        let name = format!(
            "root/many/a rather long name with blanks and a number to tell it apart from the others {number:04}.txt"
        );
        fs::remove_file(shop.path(&name)).unwrap();
    }
    fs::write(shop.path("root/sources/install.img"), [7; 3000]).unwrap();
    let image = fs::read(shop.bridge("bridge.iso", "root")).unwrap();
    let mut tree = Udf::open(Cursor::new(&image[..])).unwrap().unwrap();
    assert!(tree.lookup("sources/install.img").unwrap().is_some());
    Some(image)
}

#[test]
fn udf() {
    let shop = Workshop::new();
    let Some(image) = small_bridge(&shop) else { return };
    // Mending a whole image changes nothing that the reader would notice.
    let mut mended = image.clone();
    (0..mended.len()).step_by(BLOCK_BYTES).for_each(|at| mend_udf(&mut mended, at));
    let paths = |image: &[u8]| Udf::open(Cursor::new(image)).unwrap().unwrap().walk().unwrap();
    assert_eq!(paths(&mended), paths(&image));
    torture(&image, 1, mend_udf);
}

#[test]
fn iso_9660() {
    let shop = Workshop::new();
    let Some(mut image) = small_bridge(&shop) else { return };
    // Without the recognition sequence nothing of UDF is looked at.
    for sector in 16..32 {
        let at = sector * 2048;
        if &image[at + 1..at + 4] == b"NSR" {
            image[at + 1..at + 6].fill(0xEE);
        }
    }
    assert!(Udf::open(Cursor::new(&image)).unwrap().is_none());
    torture(&image, 2, |_, _| ());
}

#[test]
fn hybrid() {
    if !tools(&["xorriso"]) {
        return;
    }
    let shop = Workshop::new();
    shop.tree("root");
    let mut image = fs::read(shop.hybrid("hybrid.iso", "root")).unwrap();
    let whole = image.clone();
    mend_gpt(&mut image, 0);
    assert!(image == whole, "mending a whole GPT changes nothing");
    torture(&image, 3, mend_gpt);
}

#[test]
fn gpt() {
    if !tools(&["sgdisk"]) {
        return;
    }
    let shop = Workshop::new();
    let disk = shop.blank("disk.img", 1 << 20);
    run("sgdisk", &["-n", "1:40:100", "-t", "1:ef00", "-c", "1:name", "-n", "2:101:500", &disk]);
    torture(&fs::read(disk).unwrap(), 4, mend_gpt);
}

#[test]
fn fat() {
    if !tools(&["mkfs.fat", "mmd", "mcopy"]) {
        return;
    }
    let shop = Workshop::new();
    fs::write(shop.path("BOOTX64.EFI"), "MZ").unwrap();
    for (bits, size) in [("12", 1 << 20), ("16", 16 << 20), ("32", 40 << 20)] {
        let disk = shop.blank("fat.img", size);
        run("mkfs.fat", &["-F", bits, "-s", "1", "-n", "LABEL", &disk]);
        run("mmd", &["-i", &disk, "::/EFI", "::/EFI/BOOT"]);
        run("mcopy", &["-i", &disk, &shop.text("BOOTX64.EFI"), "::/EFI/BOOT/"]);
        run("mcopy", &["-i", &disk, &shop.text("BOOTX64.EFI"), "::/readme.txt"]);
        run("mmd", &["-i", &disk, "::/many", "::/many/a longer name"]);
        torture(&fs::read(disk).unwrap(), 5, |_, _| ());
    }
}

/// A directory that holds itself, and one whose entries all lead to the same large file.
#[test]
fn trees_that_bite_their_tail() {
    let shop = Workshop::new();
    let Some(image) = small_bridge(&shop) else { return };
    let mut tree = Udf::open(Cursor::new(&image[..])).unwrap().unwrap();
    let root = tree.root().unwrap();
    let root_at = root.extents[0].offset_bytes.unwrap() as usize;
    let mut looping = image.clone();
    // The first identifier is the parent's, whose ICB is the root's own; the others get it too.
    let root_icb = image[root_at + 20..root_at + 36].to_vec();
    let mut at = root_at;
    while at < root_at + root.len_bytes as usize {
        let (name_len, use_len) = (usize::from(looping[at + 19]), usize::from(looping[at + 36]));
        if looping[at + 18] & 2 != 0 {
            looping[at + 20..at + 36].copy_from_slice(&root_icb);
        }
        at += (38 + name_len + use_len).next_multiple_of(4);
    }
    (root_at..at).step_by(BLOCK_BYTES).for_each(|at| mend_udf(&mut looping, at));
    let mut tree = Udf::open(Cursor::new(&looping[..])).unwrap().unwrap();
    assert!(tree.walk().unwrap_err().to_string().contains("one parent"));
    // Following a path around the loop ends with the path.
    let path = "sources/".repeat(10_000);
    assert_eq!(tree.lookup(&path).unwrap().unwrap().kind, EntryKind::Directory);
    read_everything(&looping);
}

#[test]
fn noise() {
    let mut random = Xorshift::new(6);
    let mut image = vec![0; 300 * 1024];
    for _ in 0..200 {
        image.iter_mut().for_each(|byte| *byte = random.next() as u8);
        image[510..512].copy_from_slice(&[0x55, 0xAA]);
        image[512..520].copy_from_slice(b"EFI PART");
        for (sector, kind, id) in [(16, 1, b"CD001"), (17, 0, b"CD001"), (18, 2, b"CD001"), (19, 0, b"NSR03")]
        {
            image[sector * 2048] = kind;
            image[sector * 2048 + 1..sector * 2048 + 6].copy_from_slice(id);
        }
        read_everything(&image[..random.below(image.len())]);
        read_everything(&image);
    }
}
