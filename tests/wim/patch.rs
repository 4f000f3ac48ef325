//! Files put into the image that starts: judged by wimlib and 7z, which read the patched file, take everything out of it,
//! and make another of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha1::{Digest as _, Sha1};
use sticksmith::format::wim::{NewContent, NewFile, PatchError, PatchPiece, Patchable, Wim, patch};

use super::support::{run, tool};
use super::trees::{Rng, content, plant};
use super::{WIMLIB, open, text, wimlib};

const LIMIT_BYTES: u64 = 64 << 20;
const DEST: &str = "Sticksmith/drivers";

/// What is put into images: by its path, a file of the caller's or bytes.
fn additions() -> Vec<(&'static str, Vec<u8>)> {
    let mut rng = Rng::new(77);
    vec![
        ("Sticksmith/drivers/usb3/amd64/Größe – Ωmega 日本 😀.inf", content(&mut rng, 5000)),
        ("Sticksmith/drivers/usb3/amd64/xhci.sys", content(&mut rng, 300_001)),
        ("Sticksmith/drivers/usb3/same.sys", Vec::new()),
        // One and the same content three times, one of them in the image already.
        ("Sticksmith/drivers/nvme/a.bin", b"content that is there twice".to_vec()),
        ("Sticksmith/drivers/nvme/B.bin", b"content that is there twice".to_vec()),
        ("Sticksmith/drivers/nvme/there.bin", b"there already".to_vec()),
        ("Sticksmith/load-drivers.cmd", b"@echo off\r\n".to_vec()),
        ("windows/SYSTEM32/winpeshl.ini", b"[LaunchApps]\r\n".to_vec()),
        ("0 is first.txt", b"0".to_vec()),
        ("ÿ is last.txt", b"1".to_vec()),
    ]
}

fn new_files(files: &[(&str, Vec<u8>)]) -> Vec<NewFile> {
    let new = |(index, (path, bytes)): (usize, &(&str, Vec<u8>))| NewFile {
        path: (*path).to_owned(),
        content: match path.starts_with(DEST) {
            true => {
                let (len_bytes, sha1) = (bytes.len() as u64, Sha1::digest(bytes).into());
                NewContent::File { index, len_bytes, sha1 }
            }
            false => NewContent::Bytes(bytes.clone()),
        },
        modified_unix_secs: Some(1_433_664_550),
    };
    files.iter().enumerate().map(new).collect()
}

fn pieces(wim: &Path, files: &[(&str, Vec<u8>)], limit: u64) -> Result<Vec<PatchPiece>, PatchError> {
    let mut opened = open(wim);
    let metadata = opened.read_metadata(opened.header().boot_index.max(1), LIMIT_BYTES).unwrap();
    let source = Patchable {
        header: opened.header(),
        resources: opened.resources(),
        xml: opened.xml(),
        metadata: &metadata,
        file_bytes: fs::metadata(wim).unwrap().len(),
    };
    patch(&source, &new_files(files), limit)
}

/// Writes the patched file.
fn write(wim: &Path, files: &[(&str, Vec<u8>)], out: &Path) {
    let old = fs::read(wim).unwrap();
    let mut new = Vec::new();
    for piece in pieces(wim, files, u32::MAX.into()).unwrap() {
        let start = new.len();
        match &piece {
            PatchPiece::Bytes(bytes) => new.extend_from_slice(bytes),
            PatchPiece::Copy { offset_bytes, len_bytes } => {
                new.extend_from_slice(&old[*offset_bytes as usize..][..*len_bytes as usize]);
            }
            PatchPiece::File { index, .. } => new.extend_from_slice(&files[*index].1),
        }
        assert_eq!((new.len() - start) as u64, piece.len_bytes());
    }
    assert!(new[208..old.len()] == old[208..], "a byte of the old file was moved");
    fs::write(out, new).unwrap();
}

/// What `wimlib-imagex dir --detailed` says of each entry, but for what may change: how often content is referred to.
fn listed(wim: &Path, image: u32) -> BTreeMap<String, String> {
    let list = run(WIMLIB, &["dir", text(wim), &image.to_string(), "--detailed"]);
    let mut entries = BTreeMap::new();
    for block in list.split("Full Path").skip(1) {
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with("Reference Count")).collect();
        let path = lines[0].trim().trim_start_matches("= \"").trim_end_matches('"');
        entries.insert(path.to_owned(), lines.join("\n"));
    }
    entries
}

/// What 7z has to complain about.
fn by_7z(wim: &Path) -> Vec<String> {
    let output = std::process::Command::new("7z").args(["t", text(wim)]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_complaint = |line: &&str| ["rror", "WARNING", "incorrect"].iter().any(|word| line.contains(word));
    let complaints = said.lines().filter(is_complaint).map(str::to_owned);
    complaints.chain([format!("ended with {}", output.status)]).collect()
}

/// Everything that must hold of `new`, which is `old` with `files` in the image that starts.
fn judge(old: &Path, new: &Path, files: &[(&str, Vec<u8>)], shop: &Path) {
    let (before, after) = (open(old), open(new));
    run(WIMLIB, &["verify", text(new)]);
    assert_eq!(by_7z(new), by_7z(old));
    let boot = after.header().boot_index;
    let info = run(WIMLIB, &["info", text(new)]);
    assert!(info.contains(&format!("Boot Index:     {}", before.header().boot_index)), "{info}");
    assert_eq!(before.header().guid, after.header().guid);
    for image in 1..=after.header().image_count {
        let (listed_before, listed_after) = (listed(old, image), listed(new, image));
        for (path, entry) in &listed_before {
            assert_eq!(listed_after.get(path), Some(entry), "{path} in image {image}");
        }
        let more: Vec<&String> =
            listed_after.keys().filter(|path| !listed_before.contains_key(*path)).collect();
        if image != boot {
            assert!(more.is_empty(), "{more:?}");
            continue;
        }
        let mut expected: Vec<String> = Vec::new();
        let canonical = |path: &str| path.replace("windows/SYSTEM32", "Windows/System32");
        for (path, _) in files {
            let path = canonical(path);
            let folders = path.match_indices('/').map(|(at, _)| format!("/{}", &path[..at]));
            expected.extend(folders.filter(|folder| !listed_before.contains_key(folder)));
            expected.push(format!("/{path}"));
        }
        expected.sort();
        expected.dedup();
        assert_eq!(more, expected.iter().collect::<Vec<_>>());

        // What comes out: the old tree as it was, and the new files.
        let trees = ["before", "after"].map(|name| shop.join(name));
        for (wim, tree) in [old, new].into_iter().zip(&trees) {
            let _ = fs::remove_dir_all(tree);
            run(WIMLIB, &["extract", text(wim), &image.to_string(), "--dest-dir", text(tree)]);
        }
        for (path, bytes) in files {
            let found = trees[1].join(canonical(path));
            assert!(fs::read(&found).unwrap() == *bytes, "{path}");
            fs::remove_file(found).unwrap();
        }
        let _ = fs::remove_dir_all(trees[1].join("Sticksmith"));
        run("diff", &["-r", "--no-dereference", text(&trees[0]), text(&trees[1])]);
        // The numbers in the XML data, as wimlib counts them itself.
        let same = shop.join("same.wim");
        let _ = fs::remove_file(&same);
        run(WIMLIB, &["export", text(old), "all", text(&same)]);
        let list = shop.join("updates");
        let add = |(index, (path, bytes)): (usize, &(&str, Vec<u8>))| {
            let own = shop.join(format!("own {index}"));
            fs::write(&own, bytes).unwrap();
            format!("add '{}' '/{}'\n", own.display(), canonical(path))
        };
        fs::write(&list, files.iter().enumerate().map(add).collect::<String>()).unwrap();
        let update = format!("{WIMLIB} update '{}' {image} < '{}'", text(&same), text(&list));
        run("sh", &["-c", &update]);
        let numbers = |wim: &Path| {
            let info = run(WIMLIB, &["info", text(wim), &image.to_string()]);
            let is_number = |line: &&str| {
                // wimlib does not count folders that an update implies.
                ["File Count", "Total Bytes"].iter().any(|name| line.starts_with(name))
            };
            info.lines().filter(is_number).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(numbers(new), numbers(&same));
    }
    // wimlib makes another of it, with all that is in it.
    let again = shop.join("again.wim");
    let _ = fs::remove_file(&again);
    run(WIMLIB, &["export", text(new), "all", text(&again), "--check"]);
    run(WIMLIB, &["verify", text(&again)]);
    let names = |wim: &Path| listed(wim, boot).into_keys().collect::<Vec<_>>();
    assert_eq!(names(&again), names(new));
    run(WIMLIB, &["optimize", text(new), "--recompress"]);
    run(WIMLIB, &["verify", text(new)]);
    assert_eq!(names(&again), names(new));
}

fn tree(folder: &Path, seed: u64, chunk_bytes: usize) {
    plant(folder, &mut Rng::new(seed), chunk_bytes, 200_000);
    fs::create_dir_all(folder.join("Windows/System32/drivers")).unwrap();
    fs::write(folder.join("Windows/System32/setup.exe"), b"there already").unwrap();
    fs::hard_link(folder.join("Windows/System32/setup.exe"), folder.join("setup.exe")).unwrap();
}

#[test]
fn every_shape_of_boot_image() {
    if !tool(WIMLIB) || !tool("7z") {
        return;
    }
    for (seed, (compression, images, boot, check)) in (1..).zip([
        ("LZX", 2, 2, false),
        ("LZX", 2, 2, true),
        ("XPRESS", 3, 2, true),
        ("none", 1, 1, false),
        ("LZMS", 2, 1, false),
    ]) {
        let shop = tempfile::tempdir().unwrap();
        let (wim, out) = (shop.path().join("boot.wim"), shop.path().join("patched.wim"));
        for image in 1..=images {
            let folder = shop.path().join(format!("tree {image}"));
            tree(&folder, seed * 10 + image, 32768);
            let mut more = vec!["Name", "Description"];
            let name = format!("Image {image}");
            more[0] = &name;
            more.extend((boot == image).then_some("--boot"));
            more.extend(check.then_some("--check"));
            let compress = format!("--compress={compression}");
            more.extend((image == 1).then_some(compress.as_str()));
            wimlib(if image == 1 { "capture" } else { "append" }, &folder, &wim, &more);
        }
        let files = additions();
        write(&wim, &files, &out);
        judge(&wim, &out, &files, shop.path());
        println!("{compression}, {images} images, {boot} starts, integrity {check}");
    }
}

/// Security descriptors and alternate data streams, which only an NTFS volume gives.
#[test]
fn security_descriptors_and_streams_stay() {
    if ![WIMLIB, "7z", "mkntfs", "ntfscp"].iter().all(|name| tool(name)) {
        return;
    }
    let shop = tempfile::tempdir().unwrap();
    let path = |name: &str| shop.path().join(name);
    tree(&path("tree"), 5, 32768);
    let _ = fs::remove_file(path("tree/link"));
    wimlib("capture", &path("tree"), &path("plain.wim"), &[]);
    fs::File::create(path("ntfs.img")).unwrap().set_len(32 << 20).unwrap();
    run("mkntfs", &["-q", "-F", "-Q", text(&path("ntfs.img"))]);
    run(WIMLIB, &["apply", text(&path("plain.wim")), "1", text(&path("ntfs.img"))]);
    fs::write(path("stream"), b"an alternate stream").unwrap();
    for (file, stream) in [("setup.exe", "zone"), ("Windows/System32/setup.exe", "other")] {
        let (image, from) = (path("ntfs.img"), path("stream"));
        run("ntfscp", &["-f", "-N", stream, text(&image), text(&from), file]);
    }
    let wim = path("boot.wim");
    run(WIMLIB, &["capture", text(&path("ntfs.img")), text(&wim), "Setup", "--boot", "--compress=LZX"]);
    let before = listed(&wim, 1);
    assert!(before["/setup.exe"].contains("zone"), "{}", before["/setup.exe"]);
    let (files, out) = (additions(), path("patched.wim"));
    write(&wim, &files, &out);
    // A new file in a folder has the folder's descriptor.
    let security = |path: &str, folder: &str| {
        let listed = listed(&out, 1);
        let of = |path: &str| {
            let lines = listed[path].lines().filter(|line| line.contains("ecurity")).map(str::to_owned);
            lines.collect::<Vec<_>>()
        };
        assert_eq!(of(path), of(folder));
        of(path)
    };
    assert!(!security("/Windows/System32/winpeshl.ini", "/Windows/System32").is_empty());
    security("/Sticksmith/drivers/usb3", "/");
    judge(&wim, &out, &files, shop.path());
}

#[test]
fn what_cannot_be_patched_is_refused() {
    if !tool(WIMLIB) {
        return;
    }
    let shop = tempfile::tempdir().unwrap();
    let path = |name: &str| shop.path().join(name);
    tree(&path("tree"), 6, 32768);
    let files = additions();
    let limit = u64::from(u32::MAX);
    wimlib("capture", &path("tree"), &path("none.wim"), &[]);
    assert_eq!(pieces(&path("none.wim"), &files, limit), Err(PatchError::NoBootImage));
    wimlib("capture", &path("tree"), &path("boot.wim"), &["--boot"]);
    let boot = path("boot.wim");
    run(WIMLIB, &["split", text(&boot), text(&path("boot.swm")), "0.01"]);
    assert_eq!(pieces(&path("boot.swm"), &files, limit), Err(PatchError::Split));
    wimlib("capture", &path("tree"), &path("solid.esd"), &["--boot", "--solid"]);
    assert_eq!(pieces(&path("solid.esd"), &files, limit), Err(PatchError::Solid));
    wimlib("capture", &path("tree"), &path("pipable.wim"), &["--boot", "--pipable"]);
    let pipable = fs::File::open(path("pipable.wim")).unwrap();
    assert!(Wim::open(pipable).is_err(), "pipable files have another form");

    let file_bytes = fs::metadata(&boot).unwrap().len();
    let too_large = pieces(&boot, &files, file_bytes + 300_000);
    assert!(matches!(too_large, Err(PatchError::TooLarge { .. })), "{too_large:?}");
    let many = vec![("a", Vec::new()); 10_001];
    assert_eq!(pieces(&boot, &many, limit), Err(PatchError::TooManyFiles { count: 10_001 }));
    let one = |name: &'static str| pieces(&boot, &[(name, Vec::new())], limit);
    for there in ["WINDOWS/system32/SETUP.exe", "setup.exe", "windows", "setup.exe/below"] {
        assert!(matches!(one(there), Err(PatchError::Exists { .. })), "{there}: {:?}", one(there));
    }
    for bad in ["", "a//b", "../a", "a/.", "a\\b", "a:b", "a\0", "/a"] {
        assert!(matches!(one(bad), Err(PatchError::Path { .. })), "{bad}: {:?}", one(bad));
    }
    for (first, second) in [("a", "A"), ("a", "a/b"), ("A/b", "a")] {
        let both = pieces(&boot, &[(first, Vec::new()), (second, Vec::new())], limit);
        assert!(matches!(both, Err(PatchError::Exists { .. })), "{first} {second}: {both:?}");
    }
}

/// Whatever stands in a directory tree: an answer, and no panic.
#[test]
fn hostile_trees() {
    if !tool(WIMLIB) {
        return;
    }
    let shop = tempfile::tempdir().unwrap();
    let wim = shop.path().join("boot.wim");
    tree(&shop.path().join("tree"), 8, 32768);
    wimlib("capture", &shop.path().join("tree"), &wim, &["--boot"]);
    let mut opened = open(&wim);
    let good = opened.read_metadata(1, LIMIT_BYTES).unwrap();
    let files = new_files(&additions());
    let mut rng = Rng::new(9);
    let (mut refused, rounds) = (0, 3000);
    for round in 0..rounds {
        let mut metadata = good.clone();
        for _ in 0..1 + rng.below(3) {
            let at = rng.below(metadata.len());
            if metadata.len() < 16 {
                break;
            }
            match rng.below(4) {
                0 => metadata[at] ^= 1 << rng.below(8),
                1 => metadata[at] = rng.next() as u8,
                2 => metadata[at.saturating_sub(8) & !7..][..8]
                    .copy_from_slice(&(rng.below(good.len()) as u64).to_le_bytes()),
                _ => metadata.truncate(at.max(1)),
            }
        }
        let mut resources = opened.resources().to_vec();
        if round % 3 == 0 {
            let at = rng.below(resources.len());
            let resource = &mut resources[at];
            (resource.refcount, resource.offset_bytes) = (u32::MAX, rng.next());
        }
        let (header, xml) = (opened.header(), opened.xml());
        let file_bytes = if round % 5 == 0 { u64::MAX - round } else { 1000 };
        let source = Patchable { header, resources: &resources, xml, metadata: &metadata, file_bytes };
        refused += usize::from(patch(&source, &files, u64::MAX).is_err());
    }
    println!("{refused} of {rounds} refused");
    assert!(refused > 100);
}
