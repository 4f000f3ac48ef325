//! The readers of structures, judged by the tools that made the images and by others that read them.
#![allow(clippy::unwrap_used)]

mod images;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use images::{Workshop, assert_same, mend_udf_tag, paths_below, run, tools};
use sticksmith::format::FormatError;
use sticksmith::format::eltorito::{self, Media, Platform};
use sticksmith::format::fat::{FatType, FatVolume};
use sticksmith::format::gpt::{self, Gpt};
use sticksmith::format::iso9660::Iso9660;
use sticksmith::format::mbr::Mbr;
use sticksmith::format::tree::{Entry, EntryKind, ImageTree};
use sticksmith::format::udf::Udf;

fn iso(path: &Path) -> Iso9660<File> {
    Iso9660::open(File::open(path).unwrap()).unwrap().unwrap()
}

fn udf(path: &Path) -> Udf<File> {
    Udf::open(File::open(path).unwrap()).unwrap().unwrap()
}

/// Data by the extents alone, as whoever copies a file out of the image reads it.
fn data_by_extents(image: &Path, entry: &Entry) -> Vec<u8> {
    use std::os::unix::fs::FileExt;
    let file = File::open(image).unwrap();
    let mut data = Vec::new();
    for extent in &entry.extents {
        let start = data.len();
        data.resize(start + extent.len_bytes as usize, 0);
        if let Some(offset) = extent.offset_bytes {
            file.read_exact_at(&mut data[start..], offset).unwrap();
        }
    }
    data
}

/// The tree holds these files, with this content, these folders, and nothing else.
fn assert_holds(tree: &mut dyn ImageTree, image: &Path, root: &Path, files: &BTreeMap<String, Vec<u8>>) {
    let entries = tree.walk().unwrap();
    assert_same(entries.iter().map(|(path, _)| path.clone()).collect(), paths_below(root));
    for (path, entry) in &entries {
        match files.get(path) {
            Some(content) => {
                assert_eq!((entry.kind, entry.len_bytes), (EntryKind::File, content.len() as u64), "{path}");
                assert!(data_by_extents(image, entry) == *content, "{path}");
                assert!(tree.read_at(entry, 0, u64::MAX).unwrap() == *content, "{path}");
                assert_eq!(tree.lookup(&path.to_ascii_uppercase()).unwrap().as_ref(), Some(entry), "{path}");
                let modified = fs::metadata(root.join(path)).unwrap().modified().unwrap();
                let secs = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
                assert_eq!(entry.modified_unix_secs, Some(secs), "{path}");
            }
            None => assert_eq!(entry.kind, EntryKind::Directory, "{path}"),
        }
    }
    assert_eq!(tree.lookup("none").unwrap(), None);
    assert_eq!(tree.lookup("readme.txt/none").unwrap(), None);
}

#[test]
fn udf_agrees_with_its_source_and_with_7z() {
    if !tools(&["genisoimage", "7z"]) {
        return;
    }
    let shop = Workshop::new();
    let files = shop.tree("root");
    let image = shop.bridge("bridge.iso", "root");
    let mut tree = udf(&image);
    assert_eq!((tree.label(), tree.revision(), tree.block_bytes()), (Some("BRIDGE"), 0x0102, 2048));
    assert_holds(&mut tree, &image, &shop.path("root"), &files);

    let listing = run("7z", &["l", "-slt", "-ba", "-tudf", image.to_str().unwrap()]);
    let field = |block: &str, key: &str| {
        block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ")).map(str::to_owned)
    };
    let theirs = listing
        .split("\n\n")
        .filter(|block| field(block, "Folder").as_deref() == Some("-"))
        .map(|block| format!("{} {}", field(block, "Path").unwrap(), field(block, "Size").unwrap()));
    let entries = tree.walk().unwrap();
    let ours = entries.iter().filter(|(_, entry)| entry.kind == EntryKind::File);
    assert_same(ours.map(|(path, entry)| format!("{path} {}", entry.len_bytes)).collect(), theirs.collect());
}

#[test]
fn rock_ridge_agrees_with_its_source_and_with_xorriso() {
    if !tools(&["genisoimage", "xorriso"]) {
        return;
    }
    let shop = Workshop::new();
    let files = shop.tree("root");
    // genisoimage moves the directories that are too deep for ISO 9660 and leaves links in their place.
    let bridge = shop.bridge("bridge.iso", "root");
    let mut tree = iso(&bridge);
    let moved: Vec<_> =
        tree.walk().unwrap().into_iter().filter(|(path, _)| path.starts_with("rr_moved")).collect();
    assert_eq!(moved.len(), 1, "only the folder itself: {moved:?}");
    fs::create_dir(shop.path("root/rr_moved")).unwrap();
    assert_holds(&mut tree, &bridge, &shop.path("root"), &files);
    fs::remove_dir(shop.path("root/rr_moved")).unwrap();

    let hybrid = shop.hybrid("hybrid.iso", "root");
    let mut tree = iso(&hybrid);
    assert_eq!(tree.label(), Some("HYBRID"));
    let mut ours = vec!["/".to_owned()];
    ours.extend(tree.walk().unwrap().iter().map(|(path, _)| format!("/{path}")));
    let listing = run("xorriso", &["-indev", hybrid.to_str().unwrap(), "-find", "/"]);
    assert_same(ours, listing.lines().map(|line| line.trim_matches('\'').to_owned()).collect());
}

#[test]
fn a_symbolic_link_is_no_file() {
    if !tools(&["xorriso"]) {
        return;
    }
    let shop = Workshop::new();
    shop.tree("root");
    std::os::unix::fs::symlink("readme.txt", shop.path("root/link")).unwrap();
    let image = shop.hybrid("hybrid.iso", "root");
    let link = iso(&image).lookup("link").unwrap().unwrap();
    assert_eq!(link.kind, EntryKind::Other);
}

#[test]
fn joliet_and_plain_names_agree_with_isoinfo() {
    if !tools(&["genisoimage", "isoinfo"]) {
        return;
    }
    let shop = Workshop::new();
    shop.tree("root");
    let (root, image) = (shop.text("root"), shop.text("names.iso"));
    for (make, list) in [(&["-J", "-joliet-long"][..], &["-J", "-f"][..]), (&["-D"], &["-f"])] {
        run("genisoimage", &[&["-quiet", "-V", "NAMES", "-o", &image][..], make, &[&root]].concat());
        // isoinfo prints one Latin letter per code unit, or none, for what is outside the locale.
        let ours = iso(Path::new(&image)).walk().unwrap().into_iter().map(|(path, _)| format!("/{path}"));
        let ours: Vec<String> = ours.filter(|path| path.is_ascii()).collect();
        assert!(ours.len() > 150);
        let listing = run("isoinfo", &[list, &["-i", &image]].concat());
        let names = listing.lines().map(|line| line.trim_end_matches(";1").trim_end_matches('.'));
        let theirs = names.filter(|name| name.is_ascii() && !name.is_empty()).map(str::to_owned);
        assert_same(ours, theirs.collect());
    }
}

#[test]
fn udf_volumes_of_mkudffs() {
    if !tools(&["mkudffs"]) {
        return;
    }
    let shop = Workshop::new();
    for (block_bytes, revision) in
        [("512", "1.02"), ("512", "2.01"), ("1024", "2.01"), ("2048", "1.02"), ("4096", "2.01")]
    {
        let image = shop.blank("udf.img", 8 << 20);
        let size = format!("--blocksize={block_bytes}");
        let revision = format!("--udfrev={revision}");
        run("mkudffs", &["--media-type=hd", &size, &revision, "--label=Größe Ω", &image]);
        let mut tree = udf(Path::new(&image));
        assert_eq!((tree.label(), tree.block_bytes().to_string().as_str()), (Some("Größe Ω"), block_bytes));
        assert_eq!(tree.end_bytes().max(8 << 20), 8 << 20);
        let entries = tree.walk().unwrap();
        assert!(entries.iter().all(|(path, _)| path == "lost+found"), "{entries:?}");

        // Without the anchor at 256, the others serve.
        let mut bytes = fs::read(&image).unwrap();
        let anchor = 256 * block_bytes.parse::<usize>().unwrap();
        bytes[anchor..anchor + 512].fill(0xA5);
        let mut tree = Udf::open(std::io::Cursor::new(bytes)).unwrap().unwrap();
        tree.root().unwrap();
    }
}

/// genisoimage makes one extent per file. Here a file's list is taken apart: a hole in it, and the rest of the list in a
/// block of its own, as a drive's file system would leave it.
#[test]
fn udf_extents_with_holes_and_continuations() {
    if !tools(&["genisoimage"]) {
        return;
    }
    let shop = Workshop::new();
    let files = shop.tree("root");
    let mut image = fs::read(shop.bridge("bridge.iso", "root")).unwrap();
    let data = files["sources/install.img"].clone();
    let entry_at = (0..image.len())
        .step_by(2048)
        .find(|at| image[*at..][..2] == [5, 1] && image[at + 56..][..8] == (data.len() as u64).to_le_bytes())
        .unwrap();
    let number = |image: &[u8], at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
    let list_at = entry_at + 176 + number(&image, entry_at + 168) as usize;
    let first_block = number(&image, list_at + 4);
    // The file's second block goes; the rest of the list takes its place.
    let spare_at = {
        let mut tree = Udf::open(std::io::Cursor::new(&image[..])).unwrap().unwrap();
        let entry = tree.lookup("sources/install.img").unwrap().unwrap();
        entry.extents[0].offset_bytes.unwrap() as usize + 2048
    };
    let extent =
        |kind: u32, len: u32, block: u32| [(kind << 30 | len).to_le_bytes(), block.to_le_bytes()].concat();
    let list = [extent(0, 2048, first_block), extent(1, 2048, 0), extent(3, 2048, first_block + 1)].concat();
    image[list_at..list_at + list.len()].copy_from_slice(&list);
    image[entry_at + 172..entry_at + 176].copy_from_slice(&(list.len() as u32).to_le_bytes());
    let crc_len = (list_at + list.len() - entry_at - 16) as u16;
    image[entry_at + 10..entry_at + 12].copy_from_slice(&crc_len.to_le_bytes());
    mend_udf_tag(&mut image[entry_at..entry_at + 2048]);

    let rest = extent(0, data.len() as u32 - 4096, first_block + 2);
    let tag = [&[2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 16, 0][..], &(first_block + 1).to_le_bytes()].concat();
    let header = [tag, vec![0; 4], (rest.len() as u32).to_le_bytes().to_vec(), rest].concat();
    let continuation = &mut image[spare_at..spare_at + 2048];
    continuation[..header.len()].copy_from_slice(&header);
    mend_udf_tag(continuation);

    let path = shop.path("patched.iso");
    fs::write(&path, &image).unwrap();
    let mut tree = udf(&path);
    let entry = tree.lookup("sources/install.img").unwrap().unwrap();
    let lengths: Vec<u64> = entry.extents.iter().map(|e| e.len_bytes).collect();
    assert_eq!(lengths, [2048, 2048, data.len() as u64 - 4096]);
    assert_eq!(entry.extents[1].offset_bytes, None);
    let mut expected = data;
    expected[2048..4096].fill(0);
    assert!(data_by_extents(&path, &entry) == expected);
    assert_eq!(tree.read_at(&entry, 2047, 2).unwrap(), [expected[2047], 0]);
}

/// Another writer of UDF, which shares no code with the others.
#[test]
fn udf_of_pycdlib() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/images/make_with_pycdlib.py");
    let has_it = |python: &&str| {
        let import = Command::new(python).args(["-c", "import pycdlib"]).output();
        import.is_ok_and(|output| output.status.success())
    };
    // Debian's package belongs to Debian's Python.
    let Some(python) = ["python3", "/usr/bin/python3"].into_iter().find(has_it) else {
        assert!(std::env::var_os("STICKSMITH_REQUIRE_TOOLS").is_none_or(|v| v != "1"), "needs pycdlib");
        eprintln!("SKIPPED: needs pycdlib");
        return;
    };
    let shop = Workshop::new();
    let files = shop.tree("root");
    let (root, image) = (shop.path("root"), shop.path("pycdlib.iso"));
    run(python, &[script, root.to_str().unwrap(), image.to_str().unwrap()]);
    let mut tree = udf(&image);
    assert_eq!(tree.label(), Some("PYCDLIB"));
    let entries = tree.walk().unwrap();
    assert_same(entries.iter().map(|(path, _)| path.clone()).collect(), paths_below(&root));
    for (path, entry) in &entries {
        let Some(content) = files.get(path) else { continue };
        assert_eq!((entry.kind, entry.len_bytes), (EntryKind::File, content.len() as u64), "{path}");
        assert!(data_by_extents(&image, entry) == *content, "{path}");
    }
}

#[test]
fn udf_of_rewritable_discs_is_named_as_unsupported() {
    if !tools(&["mkudffs"]) {
        return;
    }
    let shop = Workshop::new();
    for (media, expected) in [("cdrw", "sparable"), ("cdr", "virtual")] {
        let image = shop.blank("udf.img", 64 << 20);
        run("mkudffs", &["--media-type", media, "--udfrev=1.50", "--label=PACKETS", &image]);
        let mut tree = udf(Path::new(&image));
        assert_eq!(tree.label(), Some("PACKETS"));
        let error = tree.root().unwrap_err();
        assert!(matches!(error, FormatError::Unsupported { what, .. } if what.contains(expected)), "{error}");
    }
}

#[test]
fn boot_catalog_agrees_with_xorriso() {
    if !tools(&["xorriso"]) {
        return;
    }
    let shop = Workshop::new();
    let files = shop.tree("root");
    let image = shop.hybrid("hybrid.iso", "root");
    let entries = eltorito::read_entries(&mut File::open(&image).unwrap()).unwrap();
    let platforms: Vec<_> = entries.iter().map(|e| (e.platform, e.media, e.is_bootable)).collect();
    let (none, both) = (Media::NoEmulation, [Platform::Bios, Platform::Uefi]);
    assert_eq!(platforms, both.map(|platform| (platform, none, true)));
    let report = run("xorriso", &["-indev", image.to_str().unwrap(), "-report_el_torito", "plain"]);
    let theirs: Vec<(u16, u64)> = report
        .lines()
        .filter(|line| line.starts_with("El Torito boot img"))
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [.., sectors, lba] = words[..] else { panic!("{line}") };
            (sectors.parse().unwrap(), lba.parse::<u64>().unwrap() * 2048)
        })
        .collect();
    assert_eq!(entries.iter().map(|e| (e.sector_count, e.offset_bytes)).collect::<Vec<_>>(), theirs);
    let bytes = fs::read(&image).unwrap();
    let loader = &bytes[entries[0].offset_bytes as usize..][..2048];
    assert_eq!(loader, files["BOOT/loader.bin"]);
}

#[test]
fn partition_tables_agree_with_sfdisk_and_sgdisk() {
    if !tools(&["xorriso", "sfdisk", "sgdisk"]) {
        return;
    }
    let shop = Workshop::new();
    shop.tree("root");
    let hybrid = shop.hybrid("hybrid.iso", "root");
    let disk = shop.blank("disk.img", 64 << 20);
    run(
        "sgdisk",
        &["-n", "1:2048:4095", "-t", "1:ef00", "-c", "1:Größe", "-n", "3:8192:0", "-c", "3:daten", &disk],
    );
    for image in [hybrid.to_str().unwrap(), &disk] {
        let mut file = File::open(image).unwrap();
        let gpt = Gpt::read_primary(&mut file, 512).unwrap().unwrap();
        assert!(gpt.backup_is_valid(&mut file).unwrap());
        let dump: serde_json::Value = serde_json::from_str(&run("sfdisk", &["--json", image])).unwrap();
        let table = &dump["partitiontable"];
        assert_eq!(table["id"].as_str().unwrap(), gpt.disk_guid.to_string());
        let theirs = table["partitions"].as_array().unwrap();
        assert_eq!(theirs.len(), gpt.partitions.len());
        for (theirs, ours) in theirs.iter().zip(&gpt.partitions) {
            assert_eq!(theirs["start"].as_u64().unwrap(), ours.first_lba);
            assert_eq!(theirs["size"].as_u64().unwrap(), ours.last_lba - ours.first_lba + 1);
            assert_eq!(theirs["type"].as_str().unwrap(), ours.type_guid.to_string());
            assert_eq!(theirs["uuid"].as_str().unwrap(), ours.unique_guid.to_string());
            assert_eq!(theirs["name"].as_str().unwrap_or_default(), ours.name);
            assert!(theirs["node"].as_str().unwrap().ends_with(&ours.number.to_string()));
        }
        assert!(gpt.partitions.iter().any(|p| p.type_guid == gpt::TYPE_EFI_SYSTEM));
        let mbr = Mbr::parse(&fs::read(image).unwrap()[..512].try_into().unwrap()).unwrap();
        assert!(mbr.has_partition_table() && mbr.is_protective());
    }
}

#[test]
fn fat_volumes_of_mkfs() {
    if !tools(&["mkfs.fat", "mmd", "mcopy"]) {
        return;
    }
    let shop = Workshop::new();
    fs::write(shop.path("BOOTX64.EFI"), "MZ").unwrap();
    for (bits, sector, size, fat_type) in [
        ("12", "512", 1 << 20, FatType::Fat12),
        ("16", "512", 32 << 20, FatType::Fat16),
        ("32", "512", 64 << 20, FatType::Fat32),
        ("32", "4096", 300 << 20, FatType::Fat32),
    ] {
        let image = shop.blank("fat.img", size);
        run("mkfs.fat", &["-F", bits, "-S", sector, "-n", "FIRST", &image]);
        let open = || {
            let mut file = File::open(&image).unwrap();
            (FatVolume::open(&mut file, 0).unwrap().unwrap(), file)
        };
        let (fat, mut file) = open();
        assert_eq!((fat.fat_type, fat.size_bytes, fat.has_boot_code), (fat_type, size, false), "FAT{bits}");
        assert_eq!(fat.label(&mut file).as_deref(), Some("FIRST"));
        assert!(!fat.has_efi_loader(&mut file).unwrap());

        // The root directory's label prevails over the boot sector's. Names fill more than one cluster.
        run("mlabel", &["-i", &image, "::SECOND"]);
        for number in 0..100 {
            fs::write(shop.path(&format!("{number}")), "").unwrap();
        }
        let fill: Vec<String> = (0..100).map(|number| shop.text(&format!("{number}"))).collect();
        run("mmd", &["-i", &image, "::/EFI"]);
        let fill: Vec<&str> = fill.iter().map(String::as_str).collect();
        run("mcopy", &[&["-i", &image][..], &fill, &["::/EFI/"]].concat());
        run("mmd", &["-i", &image, "::/EFI/boot"]);
        run("mcopy", &["-i", &image, &shop.text("BOOTX64.EFI"), "::/EFI/boot/bootx64.efi"]);
        let (fat, mut file) = open();
        assert_eq!(fat.label(&mut file).as_deref(), Some("SECOND"));
        assert!(fat.has_efi_loader(&mut file).unwrap(), "FAT{bits} {sector}");
    }
}

/// Files of 4 GiB and more: several extents in UDF, several sections in ISO 9660. Writes some 20 GB.
#[test]
#[ignore = "writes 20 GB"]
fn large_files_are_whole() {
    if !tools(&["genisoimage", "xorriso"]) {
        return;
    }
    const SIZE: u64 = (9 << 29) + 12_345;
    let shop = Workshop::new();
    fs::create_dir(shop.path("root")).unwrap();
    let (root, image) = (shop.text("root"), shop.text("large.iso"));
    shop.blank("root/large.bin", SIZE);
    {
        use std::os::unix::fs::FileExt;
        let file = File::options().write(true).open(shop.path("root/large.bin")).unwrap();
        file.write_all_at(b"the last bytes", SIZE - 14).unwrap();
    }
    let check = |tree: &mut dyn ImageTree| {
        let entry = tree.lookup("LARGE.BIN").unwrap().unwrap();
        assert_eq!(entry.len_bytes, SIZE);
        assert_eq!(entry.extents.len(), 1, "its pieces lie one behind the other: {:?}", entry.extents);
        assert_eq!(tree.read_at(&entry, SIZE - 14, 100).unwrap(), b"the last bytes");
    };
    run("genisoimage", &["-quiet", "-udf", "-iso-level", "3", "-allow-limited-size", "-o", &image, &root]);
    check(&mut udf(Path::new(&image)));
    for names in ["-R", "-J", "-quiet"] {
        run("xorriso", &["-as", "mkisofs", "-quiet", "-iso-level", "3", names, "-o", &image, &root]);
        check(&mut iso(Path::new(&image)));
    }
}
