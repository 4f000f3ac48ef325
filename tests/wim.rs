//! WIM files made by wimlib of random folders, read by us: every file, every listing, every description; split by us and
//! by wimlib, and judged by wimlib again.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "wim/hostile.rs"]
mod hostile;
#[path = "wim/patch.rs"]
mod patch;
mod support;
#[path = "wim/trees.rs"]
mod trees;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sticksmith::format::FormatError;
use sticksmith::format::guid::Guid;
use sticksmith::format::wim::{
    Compression, MAX_PART_BYTES, Piece, SplitError, Wim, WimFile, read_file_from_set, split,
};
use support::{run, tool};
use trees::{Rng, Tree, plant};

const WIMLIB: &str = "wimlib-imagex";
const LIMIT_BYTES: u64 = 64 << 20;

type Opened = Wim<BufReader<File>>;

fn open(path: &Path) -> Opened {
    Wim::open(BufReader::new(File::open(path).unwrap())).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// `command` is `capture` or `append`.
fn wimlib(command: &str, folder: &Path, wim: &Path, more: &[&str]) {
    let args = [&[command, text(folder), text(wim)], more, &["--no-acls", "--threads=1"]].concat();
    run(WIMLIB, &args);
}

/// Every file reads as it is in the folder, in upper case and with backslashes too, and nothing else is listed.
fn assert_holds(wim: &mut Opened, image: u32, tree: &Tree) {
    let listed: BTreeMap<String, WimFile> =
        wim.walk(image).unwrap().into_iter().map(|file| (file.path.clone(), file)).collect();
    let expected: usize = tree.files.len() + tree.folders.len() + tree.links.len();
    assert_eq!(listed.len(), expected);
    for folder in &tree.folders {
        assert!(listed[folder].is_directory(), "{folder}");
    }
    for link in &tree.links {
        assert!(listed[link].is_reparse_point(), "{link}");
        assert!(matches!(wim.read_file(&listed[link], 100), Err(FormatError::Unsupported { .. })));
    }
    for (path, content) in &tree.files {
        let file = &listed[path];
        assert_eq!((file.is_directory(), file.len_bytes), (false, Some(content.len() as u64)), "{path}");
        assert!(wim.read_file(file, LIMIT_BYTES).unwrap() == *content, "{path} differs");
        let found = wim.find(image, path).unwrap().unwrap();
        assert_eq!(found, *file);
        let other: String = path.chars().map(other_case).collect();
        assert_eq!(wim.find(image, &other).unwrap().unwrap(), *file, "{other}");
        if !content.is_empty() {
            let error = wim.read_file(file, content.len() as u64 - 1).unwrap_err();
            assert!(matches!(error, FormatError::Limit { .. }), "{error}");
        }
        assert_eq!(wim.find(image, &format!("{path}/below")).unwrap(), None);
        assert_eq!(wim.find(image, &format!("{path}x")).unwrap(), None);
    }
}

/// The other case of letters that have one, and the other slash.
fn other_case(c: char) -> char {
    let single = |mut chars: Box<dyn Iterator<Item = char>>| chars.next().filter(|_| chars.next().is_none());
    let other: Box<dyn Iterator<Item = char>> =
        if c.is_lowercase() { Box::new(c.to_uppercase()) } else { Box::new(c.to_lowercase()) };
    if c == '/' { '\\' } else { single(other).unwrap_or(c) }
}

/// Path, attributes, hash and size of everything as wimlib lists it.
fn listed_by_wimlib(wim: &Path, image: u32) -> BTreeMap<String, (u32, String, u64)> {
    let list = run(WIMLIB, &["dir", text(wim), &image.to_string(), "--detailed"]);
    let mut files = BTreeMap::new();
    for block in list.split("Full Path").skip(1) {
        let lines: Vec<&str> = block.lines().collect();
        let value = |name: &str| {
            let line = lines.iter().find(|line| line.starts_with(name)).unwrap();
            line.split_once('=').unwrap().1.trim()
        };
        let path = lines[0].trim().trim_start_matches("= \"/").trim_end_matches('"');
        let attributes = u32::from_str_radix(value("Attributes").trim_start_matches("0x"), 16).unwrap();
        let len = value("Uncompressed size").trim_end_matches(" bytes").parse().unwrap();
        files.insert(path.to_owned(), (attributes, value("Hash").trim_start_matches("0x").to_owned(), len));
    }
    files.remove("");
    files
}

fn hex(sha1: Option<[u8; 20]>) -> String {
    sha1.unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn assert_lists_as_wimlib_does(path: &Path, image: u32) {
    let ours = open(path).walk(image).unwrap();
    let ours: BTreeMap<_, _> = ours
        .into_iter()
        .map(|file| (file.path.clone(), (file.attributes, hex(file.sha1), file.len_bytes.unwrap())))
        .collect();
    assert_eq!(ours, listed_by_wimlib(path, image));
}

#[test]
fn every_compression_and_chunk_size() {
    if !tool(WIMLIB) {
        return;
    }
    let shop = tempfile::tempdir().unwrap();
    let xpress = (12..=16).map(|order| (Compression::Xpress, "XPRESS", order));
    let lzx = (15..=21).map(|order| (Compression::Lzx, "LZX", order));
    let lzms = [15, 17, 20].map(|order| (Compression::Lzms, "LZMS", order));
    let all = xpress.chain(lzx).chain(lzms).chain([(Compression::None, "none", 15)]);
    for (seed, (compression, name, order)) in (1..).zip(all) {
        let (folder, wim) = (shop.path().join(format!("{seed}")), shop.path().join(format!("{seed}.wim")));
        let tree = plant(&folder, &mut Rng::new(seed), 1 << order, 300_000);
        // Levels of the LZX encoder differ in the kinds of blocks that they use.
        let compress = if name == "LZX" { format!("LZX:{}", 20 + seed * 5) } else { name.to_owned() };
        let chunk = format!("--chunk-size={}", 1 << order);
        let mut more = vec!["--compress", &compress];
        more.extend((name != "none").then_some(chunk.as_str()));
        wimlib("capture", &folder, &wim, &more);
        let mut opened = open(&wim);
        assert_eq!(opened.header().compression, compression);
        assert!(compression == Compression::None || opened.header().chunk_bytes == 1 << order);
        assert!(!opened.is_solid());
        let compressed = opened.resources().iter().filter(|resource| resource.is_compressed()).count();
        assert_eq!(compressed > 0, compression != Compression::None);
        println!("{name} {order}: {} files, {compressed} compressed resources", tree.files.len());
        assert_holds(&mut opened, 1, &tree);
        assert_lists_as_wimlib_does(&wim, 1);
    }
}

#[test]
fn several_images_and_what_is_said_of_them() {
    if !tool(WIMLIB) {
        return;
    }
    let shop = tempfile::tempdir().unwrap();
    let wim = shop.path().join("install.wim");
    let mut trees = Vec::new();
    for (seed, edition, more) in [
        (31, "HomeBasic", ["--boot", "--check", "--compress=LZX", "--chunk-size=32768"].as_slice()),
        (32, "Professional", &["--image-property", "WINDOWS/INSTALLATIONTYPE=Client"]),
        (33, "Ultimate", &["--image-property", "WINDOWS/LANGUAGES/LANGUAGE[2]=fr-FR"]),
    ] {
        let folder = shop.path().join(edition);
        trees.push(plant(&folder, &mut Rng::new(seed), 32768, 200_000));
        let command = if seed == 31 { "capture" } else { "append" };
        let name = format!("Windows 7 {}", edition.to_uppercase());
        let edition_id = format!("WINDOWS/EDITIONID={edition}");
        let mut args = vec![name.as_str(), "Ω & <description>"];
        for property in [
            "DISPLAYNAME=Windows “7” & more",
            "WINDOWS/ARCH=9",
            "WINDOWS/VERSION/MAJOR=6",
            "WINDOWS/VERSION/MINOR=1",
            "WINDOWS/VERSION/BUILD=7601",
            "WINDOWS/VERSION/SPBUILD=17514",
            "WINDOWS/LANGUAGES/LANGUAGE[1]=de-DE",
            "WINDOWS/LANGUAGES/DEFAULT=de-DE",
            &edition_id,
        ] {
            args.extend(["--image-property", property]);
        }
        args.extend(more);
        wimlib(command, &folder, &wim, &args);
    }
    let mut opened = open(&wim);
    assert_eq!((opened.header().image_count, opened.header().boot_index), (3, 1));
    for (image, tree) in (1..).zip(&trees) {
        assert_holds(&mut opened, image, tree);
        assert_lists_as_wimlib_does(&wim, image);
    }
    for image in [0, 4, u32::MAX] {
        assert!(opened.walk(image).is_err());
    }
    let xml = shop.path().join("xml");
    run(WIMLIB, &["info", text(&wim), "--extract-xml", text(&xml)]);
    assert_eq!(opened.xml(), fs::read(&xml).unwrap());

    let images = opened.images().unwrap();
    let said = run(WIMLIB, &["info", text(&wim)]);
    let said: Vec<&str> = said.split("\nIndex:").skip(1).collect();
    assert_eq!(images.len(), said.len());
    for (image, said) in images.iter().zip(said) {
        let value = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.map(|value| value.trim().to_owned())
        };
        assert_eq!(said.lines().next().unwrap().trim(), image.index.to_string());
        assert_eq!((&image.name, &image.display_name), (&value("Name"), &value("Display Name")));
        assert_eq!(image.edition_id, value("Edition ID"));
        assert_eq!(image.total_bytes.map(|bytes| bytes.to_string()), value("Total Bytes"));
        let version =
            ["Major Version", "Minor Version", "Build"].map(|name| value(name).unwrap().parse().unwrap());
        assert_eq!(image.version, Some(version));
        assert_eq!(image.service_pack_build.unwrap().to_string(), value("Service Pack Build").unwrap());
        assert_eq!((image.architecture, value("Architecture").as_deref()), (Some(9), Some("x86_64")));
        assert_eq!(image.installation_type, value("Installation Type"));
        assert_eq!(image.languages.join(" "), value("Languages").unwrap());
        assert_eq!(image.default_language, value("Default Language"));
    }
    assert_eq!(images[1].installation_type.as_deref(), Some("Client"));
    assert_eq!(images[2].languages, ["de-DE", "fr-FR"]);

    // Deleting an image renumbers the others.
    run(WIMLIB, &["delete", text(&wim), "1", "--soft"]);
    let mut opened = open(&wim);
    assert_holds(&mut opened, 1, &trees[1]);
    assert_eq!(opened.images().unwrap()[0].edition_id.as_deref(), Some("Professional"));
}

/// Writes the parts as the plan says, and names them as Windows does.
fn write_parts(wim: &Path, folder: &Path, part_bytes: u64) -> Vec<PathBuf> {
    let opened = open(wim);
    let parts = split(
        opened.header(),
        opened.resources(),
        opened.xml(),
        Guid([0x5A; 16]),
        part_bytes,
        MAX_PART_BYTES,
    );
    let mut source = File::open(wim).unwrap();
    fs::create_dir(folder).unwrap();
    let mut paths = Vec::new();
    for (number, part) in (1..).zip(parts.unwrap()) {
        let name = if number == 1 { "install.swm".to_owned() } else { format!("install{number}.swm") };
        let mut file = File::create(folder.join(&name)).unwrap();
        let mut resource_count = 0;
        for piece in &part.pieces {
            match piece {
                Piece::Bytes(bytes) => file.write_all(bytes).unwrap(),
                Piece::Copy { offset_bytes, len_bytes } => {
                    let mut bytes = vec![0; *len_bytes as usize];
                    source.seek(SeekFrom::Start(*offset_bytes)).unwrap();
                    source.read_exact(&mut bytes).unwrap();
                    file.write_all(&bytes).unwrap();
                    resource_count += 1;
                }
            }
        }
        assert_eq!(file.metadata().unwrap().len(), part.len_bytes);
        assert!(resource_count > 0);
        paths.push(folder.join(&name));
        let part = open(paths.last().unwrap());
        // Within its limit, but for a resource larger than that.
        let streams = part.resources().len();
        assert!(file.metadata().unwrap().len() <= part_bytes || streams == 1, "{name}: {streams} resources");
    }
    paths
}

fn assert_set_holds(parts: &[PathBuf], image: u32, tree: &Tree) {
    let mut parts: Vec<Opened> = parts.iter().rev().map(|path| open(path)).collect();
    for (path, content) in &tree.files {
        let read = read_file_from_set(&mut parts, image, path, LIMIT_BYTES).unwrap().unwrap();
        assert!(read == *content, "{path} differs");
    }
    assert_eq!(read_file_from_set(&mut parts, image, "no such file", 100).unwrap(), None);
}

#[test]
fn split_sets_of_ours_and_of_wimlib() {
    if !tool(WIMLIB) {
        return;
    }
    let shop = tempfile::tempdir().unwrap();
    let wim = shop.path().join("install.wim");
    let trees: Vec<Tree> = (0..2)
        .map(|index| {
            let folder = shop.path().join(format!("{index}"));
            let tree = plant(&folder, &mut Rng::new(50 + index), 32768, 2_500_000);
            let more: &[&str] = if index == 0 { &["--compress=LZX"] } else { &["--boot"] };
            wimlib(if index == 0 { "capture" } else { "append" }, &folder, &wim, more);
            tree
        })
        .collect();
    let wim_bytes = fs::metadata(&wim).unwrap().len();
    for (number, part_bytes) in [wim_bytes / 3, 200_000, wim_bytes * 2, 60_000].into_iter().enumerate() {
        let folder = shop.path().join(format!("ours{number}"));
        let parts = write_parts(&wim, &folder, part_bytes);
        println!("{wim_bytes} bytes in parts of {part_bytes}: {}", parts.len());
        assert_eq!(parts.len() == 1, part_bytes > wim_bytes);
        let reference = format!("--ref={}", text(&folder.join("install*.swm")));
        run(WIMLIB, &["verify", text(&parts[0]), &reference]);
        for (image, tree) in (1..).zip(&trees) {
            let target = shop.path().join(format!("applied{number}.{image}"));
            run(WIMLIB, &["apply", text(&parts[0]), &image.to_string(), text(&target), &reference]);
            run(
                "diff",
                &["-r", "--no-dereference", text(&shop.path().join(format!("{}", image - 1))), text(&target)],
            );
            assert_set_holds(&parts, image, tree);
        }
    }
    let folder = shop.path().join("theirs");
    fs::create_dir(&folder).unwrap();
    run(WIMLIB, &["split", text(&wim), text(&folder.join("install.swm")), "1"]);
    let mut theirs: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    theirs.sort();
    assert!(theirs.len() > 1);
    for (image, tree) in (1..).zip(&trees) {
        assert_set_holds(&theirs, image, tree);
    }
    wrong_sets(&theirs, &shop.path().join("ours0"));
    let part = open(&theirs[0]);
    let again = split(part.header(), part.resources(), part.xml(), Guid::ZERO, 1 << 20, 1 << 30);
    assert_eq!(again, Err(SplitError::AlreadySplit));
}

fn wrong_sets(theirs: &[PathBuf], ours: &Path) {
    let read_image = |parts: &[PathBuf], image| {
        let mut parts: Vec<Opened> = parts.iter().map(|path| open(path)).collect();
        let files = parts[0].walk(image);
        let read = |file: WimFile| read_file_from_set(&mut parts, image, &file.path, LIMIT_BYTES).map(|_| ());
        files?.into_iter().filter(|file| !file.is_directory() && !file.is_reparse_point()).try_for_each(read)
    };
    let read = |parts: &[PathBuf]| read_image(parts, 1).and_then(|()| read_image(parts, 2));
    read(theirs).unwrap();
    // Parts of different sets, a part twice, the second alone, the first alone.
    let stranger = ours.join("install4.swm");
    for parts in [
        [theirs, &[stranger]].concat(),
        vec![theirs[0].clone(), theirs[1].clone(), theirs[1].clone()],
        vec![theirs[1].clone()],
        vec![theirs[0].clone()],
    ] {
        assert!(read(&parts).is_err(), "{parts:?}");
    }
}

#[test]
fn solid_files_are_read_and_not_split() {
    if !tool(WIMLIB) {
        return;
    }
    let shop = tempfile::tempdir().unwrap();
    for (seed, compress, chunk) in
        [(70, "LZMS", 1 << 20), (71, "LZMS", 1 << 15), (72, "LZX", 1 << 16), (73, "XPRESS", 1 << 14)]
    {
        let (folder, wim) = (shop.path().join(format!("{seed}")), shop.path().join(format!("{seed}.esd")));
        let tree = plant(&folder, &mut Rng::new(seed), 32768, 400_000);
        let more = ["--solid", "--solid-compress", compress, "--solid-chunk-size", &chunk.to_string()];
        wimlib("capture", &folder, &wim, &more);
        // A second solid resource.
        let other = shop.path().join(format!("{seed} more"));
        let other_tree = plant(&other, &mut Rng::new(seed + 100), 32768, 100_000);
        wimlib("append", &other, &wim, &more);
        let mut opened = open(&wim);
        assert!(opened.is_solid() && opened.header().has_solid_version());
        assert_holds(&mut opened, 1, &tree);
        assert_holds(&mut opened, 2, &other_tree);
        assert_lists_as_wimlib_does(&wim, 1);
        let parts = split(opened.header(), opened.resources(), opened.xml(), Guid::ZERO, 1 << 20, 1 << 30);
        assert_eq!(parts, Err(SplitError::Solid));
        let container = *opened.resources().iter().find(|resource| resource.is_solid()).unwrap();
        let error = opened.stream_resource(&container, &mut |_| ()).unwrap_err();
        assert!(matches!(error, FormatError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("solid"), "{error}");
    }
}
