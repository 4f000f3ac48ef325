//! Images in every container, made by the tools that people make them with: what comes out is the image, or an error.
//! Never fewer bytes, never other bytes.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sticksmith::source::{Container, ImageKind, Source, SourceError};
use support::tool as have;
use tempfile::TempDir;

/// Bytes that compress somewhat: noise, text and zeroes by turns.
fn image(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(len + 4096);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let run = 64 + (state >> 50) as usize % 1500;
        match state % 4 {
            0 => bytes.extend(std::iter::repeat_n(0, run)),
            1 => bytes.extend(b"the quick brown fox jumps over the lazy dog ".iter().cycle().take(run)),
            _ => {
                for i in 0..run as u64 {
                    bytes.push((state.rotate_left((i % 64) as u32).wrapping_mul(i | 1) >> 29) as u8);
                }
            }
        }
    }
    bytes.truncate(len);
    bytes
}

/// An image that is quickly compressed: mostly zeroes, the last part as in `image`.
fn roomy_image(len: usize) -> Vec<u8> {
    let end = image(300_000);
    let mut bytes = vec![0; len - end.len()];
    bytes.extend(end);
    bytes
}

/// A way to make a container.
struct Recipe {
    container: Container,
    /// The command; `IMAGE` and `OUT` stand for the paths. Without `OUT`, its standard output counts.
    command: &'static str,
    /// Does the container tell the size of the image in advance?
    tells_size: bool,
}

const fn recipe(container: Container, command: &'static str, tells_size: bool) -> Recipe {
    Recipe { container, command, tells_size }
}

const RECIPES: &[Recipe] = &[
    recipe(Container::Gzip, "gzip -c -6 IMAGE", false),
    recipe(Container::Gzip, "gzip -c -1 -N IMAGE", false),
    recipe(Container::Gzip, "pigz -c -b 128 IMAGE", false),
    recipe(Container::Xz, "xz -c -1 -T1 IMAGE", true),
    recipe(Container::Xz, "xz -c -0 -T2 --block-size=32768 IMAGE", true),
    recipe(Container::Xz, "xz -c -0 --check=crc32 --x86 --lzma2=preset=0 IMAGE", true),
    recipe(Container::Xz, "xz -c -0 --check=sha256 IMAGE", true),
    recipe(Container::Zstd, "zstd -q -c -3 --check IMAGE", true),
    recipe(Container::Zstd, "zstd -q -c -3 --long=27 --check IMAGE", true),
    recipe(Container::Zstd, "zstd -q -c -3 --no-content-size --check IMAGE", false),
    recipe(Container::Zstd, "pzstd -q -c -p 2 --check IMAGE", false),
    recipe(Container::Bzip2, "bzip2 -c -1 IMAGE", false),
    recipe(Container::Bzip2, "bzip2 -c -9 IMAGE", false),
    recipe(Container::Lz4, "lz4 -q -c -B4 -BX IMAGE", false),
    recipe(Container::Lz4, "lz4 -q -c -B4 -BD IMAGE", false),
    recipe(Container::Lz4, "lz4 -q -c -9 -B5 -BD -BX --content-size IMAGE", true),
    recipe(Container::Lz4, "lz4 -q -c IMAGE", false),
    recipe(Container::Zip, "zip -q -j OUT IMAGE", true),
    recipe(Container::Zip, "zip -q -j -0 OUT IMAGE", true),
    recipe(Container::Zip, "zip -q -j -fz OUT IMAGE", true),
    recipe(Container::Zip, "zip -q -j -fd OUT IMAGE", true),
    recipe(Container::Zip, "zip -q -j -Z bzip2 OUT IMAGE", true),
    recipe(Container::Zip, "7z a -tzip -mm=Deflate -bso0 OUT IMAGE", true),
    recipe(Container::Zip, "7z a -tzip -mm=Copy -bso0 OUT IMAGE", true),
];

impl Recipe {
    fn make(&self, image: &[u8]) -> Option<Vec<u8>> {
        let folder = TempDir::new().unwrap();
        let image_path = folder.path().join("image.img");
        let out_path = folder.path().join("out.zip");
        fs::write(&image_path, image).unwrap();
        let mut words = self.command.split(' ');
        let tool = words.next().unwrap();
        if !have(tool) {
            return None;
        }
        let mut command = Command::new(tool);
        for word in words {
            match word {
                "IMAGE" => command.arg(&image_path),
                "OUT" => command.arg(&out_path),
                other => command.arg(other),
            };
        }
        let output = command.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{}", self.command);
        Some(if self.command.contains("OUT") { fs::read(&out_path).unwrap() } else { output.stdout })
    }
}

/// A file under a name that says nothing of its content.
struct Lying {
    folder: TempDir,
}

impl Lying {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("holiday.iso")
    }

    fn decode(&self, bytes: &[u8], threads: u32, chunk: usize) -> Result<Vec<u8>, SourceError> {
        // Overwriting in place makes some file systems flush each time.
        let _ = fs::remove_file(self.path());
        fs::write(self.path(), bytes).unwrap();
        decode(&self.path(), threads, chunk)
    }
}

fn decode(path: &Path, threads: u32, chunk: usize) -> Result<Vec<u8>, SourceError> {
    let mut stream = Source::open(path)?.stream(threads)?;
    let mut image = Vec::new();
    let mut buffer = vec![0xd1; chunk];
    loop {
        match stream.fill(&mut buffer) {
            Ok(0) => {
                assert_eq!(stream.fill(&mut buffer).unwrap(), 0, "an image ends once");
                return Ok(image);
            }
            Ok(len) => image.extend_from_slice(&buffer[..len]),
            Err(error) => {
                assert!(stream.fill(&mut buffer).is_err(), "an error stays an error");
                return Err(error);
            }
        }
    }
}

#[test]
fn every_container_gives_the_image_however_it_is_read() {
    let lying = Lying::new();
    for len in [0, 1, 511, 70_001, 700_003] {
        let image = image(len);
        for recipe in RECIPES {
            let Some(bytes) = recipe.make(&image) else { continue };
            for (threads, chunk) in [(1, 1 << 20), (2, 1 << 20), (2, 4093)] {
                let decoded = lying.decode(&bytes, threads, chunk);
                let decoded = decoded.unwrap_or_else(|e| panic!("{} of {len} bytes: {e}", recipe.command));
                assert!(decoded == image, "{} of {len} bytes by {chunk}", recipe.command);
            }
            if len < 100_000 {
                assert!(lying.decode(&bytes, 2, 1).unwrap() == image, "{} byte by byte", recipe.command);
            }
            let source = Source::open(&lying.path()).unwrap();
            assert_eq!(source.facts().container, recipe.container, "{}", recipe.command);
            assert_eq!(source.facts().file_bytes, bytes.len() as u64);
            assert_eq!(source.facts().image_bytes, Some(len as u64), "{}", recipe.command);
            assert!(!source.is_random_access());
            assert!(source.read_at(0, &mut [0]).is_err());
        }
    }
}

#[test]
fn sizes_told_in_advance_are_those_of_images_too_large_to_look_at_whole() {
    let image = roomy_image((8 << 20) + 12_345);
    let lying = Lying::new();
    for recipe in RECIPES {
        let Some(bytes) = recipe.make(&image) else { continue };
        assert!(lying.decode(&bytes, 2, 1 << 20).unwrap() == image, "{}", recipe.command);
        let source = Source::open(&lying.path()).unwrap();
        let expected = recipe.tells_size.then_some(image.len() as u64);
        assert_eq!(source.facts().image_bytes, expected, "{}", recipe.command);
    }
}

#[test]
fn what_is_behind_one_another_decodes_whole() {
    let (one, other) = (image(9_001), image(50_000));
    let both = [one.as_slice(), &other].concat();
    let lying = Lying::new();
    for recipe in RECIPES.iter().filter(|r| r.container != Container::Zip) {
        let Some(first) = recipe.make(&one) else { continue };
        let second = recipe.make(&other).unwrap();
        let empty = recipe.make(&[]).unwrap();
        for parts in [vec![&first, &second], vec![&empty, &first, &empty, &second, &empty]] {
            let bytes: Vec<u8> = parts.into_iter().flatten().copied().collect();
            for chunk in [1 << 20, 100] {
                assert!(lying.decode(&bytes, 2, chunk).unwrap() == both, "{}", recipe.command);
            }
        }
    }
}

#[test]
fn padding_that_a_format_allows_is_allowed() {
    let image = image(5_000);
    let lying = Lying::new();
    let find = |container| RECIPES.iter().find(|r: &&Recipe| r.container == container).unwrap();
    if let Some(gzip) = find(Container::Gzip).make(&image) {
        let padded = [gzip.as_slice(), &[0; 10_000]].concat();
        assert!(lying.decode(&padded, 1, 777).unwrap() == image);
    }
    if let Some(xz) = find(Container::Xz).make(&image) {
        let padded = [xz.as_slice(), &[0; 12], &xz, &[0; 4]].concat();
        assert!(lying.decode(&padded, 2, 777).unwrap() == [image.as_slice(), &image].concat());
        assert_eq!(Source::open(&lying.path()).unwrap().facts().image_bytes, Some(10_000));
        for wrong in [1, 2, 3, 5] {
            let padded = [xz.as_slice(), &vec![0; wrong]].concat();
            assert!(lying.decode(&padded, 1, 777).is_err());
        }
    }
    let skippable =
        |len: u32| [&[0x57, 0x2a, 0x4d, 0x18][..], &len.to_le_bytes(), &vec![7; len as usize]].concat();
    for container in [Container::Zstd, Container::Lz4] {
        let Some(frame) = find(container).make(&image) else { continue };
        let bytes = [skippable(3), skippable(0), frame.clone(), skippable(600_000), frame].concat();
        assert!(lying.decode(&bytes, 1, 777).unwrap() == [image.as_slice(), &image].concat());
        assert_eq!(Source::open(&lying.path()).unwrap().facts().container, container);
        assert!(lying.decode(&bytes[..bytes.len() - 1], 1, 777).is_err());
        assert!(lying.decode(&[bytes.as_slice(), &skippable(9)[..16]].concat(), 1, 777).is_err());
    }
}

#[test]
fn a_file_that_was_cut_off_is_an_error_wherever_it_was_cut() {
    let lying = Lying::new();
    let image = image(40_001);
    for recipe in RECIPES {
        let Some(bytes) = recipe.make(&image) else { continue };
        // pzstd's file is whole after each of its frames.
        if recipe.command.starts_with("pzstd") {
            continue;
        }
        let near_ends = (2..60).chain(bytes.len() - 60..bytes.len());
        for len in near_ends.chain((60..bytes.len() - 60).step_by(1009)) {
            if let Ok(decoded) = lying.decode(&bytes[..len], 1 + len as u32 % 2, 1 << 16) {
                panic!("{} cut at {len} of {} gave {} bytes", recipe.command, bytes.len(), decoded.len());
            }
        }
    }
}

#[test]
fn a_flipped_bit_is_an_error_or_changes_nothing() {
    let lying = Lying::new();
    let image = image(4_007);
    for recipe in RECIPES {
        let Some(bytes) = recipe.make(&image) else { continue };
        let (mut tried, mut noticed) = (0, 0);
        let near_ends = (0..70).chain(bytes.len() - 200..bytes.len());
        for at in near_ends.chain((70..bytes.len() - 200).step_by(11)) {
            tried += 1;
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            match lying.decode(&flipped, 1 + at as u32 % 2, 1 << 16) {
                Ok(decoded) if decoded == image => {}
                // The magic number was hit, so this is no container any more.
                Ok(decoded) if at < 10 && decoded == flipped => {}
                Ok(_) => panic!("{} with byte {at} flipped gave another image", recipe.command),
                Err(_) => noticed += 1,
            }
        }
        assert!(noticed * 2 > tried, "{}: {noticed} of {tried}", recipe.command);
    }
}

#[test]
fn what_follows_the_end_is_an_error() {
    let lying = Lying::new();
    let image = image(6_007);
    for recipe in RECIPES {
        let Some(bytes) = recipe.make(&image) else { continue };
        for garbage in [&b"x"[..], b"garbage", &[0, 0, 0, 0, 1], &[0xff; 700_000]] {
            let error = lying.decode(&[bytes.as_slice(), garbage].concat(), 2, 1 << 16).unwrap_err();
            match error {
                SourceError::Damaged { container, at, .. } => {
                    assert_eq!(container, recipe.container, "{}", recipe.command);
                    assert!(
                        at == image.len() as u64 || container == Container::Zip,
                        "{} {at}",
                        recipe.command
                    );
                }
                other => panic!("{}: {other}", recipe.command),
            }
        }
    }
}

#[test]
fn damage_tells_how_far_the_image_came_out_well() {
    let lying = Lying::new();
    let image = roomy_image((9 << 20) + 1);
    // Bzip2 has all of these zeroes in the block that is hit.
    for recipe in RECIPES.iter().filter(|r| !r.command.contains("bzip2")) {
        let Some(mut bytes) = recipe.make(&image) else { continue };
        let late = bytes.len() - bytes.len() / 30;
        bytes[late..late + 40].fill(0x55);
        match lying.decode(&bytes, 2, 1 << 20).unwrap_err() {
            SourceError::Damaged { at, .. } => {
                assert!(at > 4 << 20 && at <= image.len() as u64, "{}: {at}", recipe.command);
            }
            other => panic!("{}: {other}", recipe.command),
        }
    }
}

#[test]
fn archives_that_are_not_one_image_are_refused_in_words() {
    if !have("zip") || !have("7z") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.img"), image(3_000)).unwrap();
    fs::write(at("b.img"), image(3_000)).unwrap();
    fs::create_dir_all(at("images/empty")).unwrap();
    fs::create_dir_all(at("__MACOSX")).unwrap();
    fs::write(at("images/a.img"), image(3_000)).unwrap();
    fs::write(at("__MACOSX/._a.img"), b"resource fork").unwrap();
    let run = |command: &str| {
        let mut words = command.split(' ');
        let tool = words.next().unwrap();
        assert!(Command::new(tool).args(words).current_dir(&folder).status().unwrap().success(), "{command}");
    };
    for (command, expected) in [
        ("zip -q two.zip a.img b.img", Err("several files")),
        ("zip -q -r none.zip images/empty", Err("no file")),
        ("zip -q -P secret locked.zip a.img", Err("password")),
        ("7z a -tzip -mm=Deflate64 -bso0 deflate64.zip a.img", Err("Deflate64")),
        ("7z a -tzip -mm=LZMA -bso0 lzma.zip a.img", Err("LZMA")),
        ("zip -q -r folders.zip images __MACOSX", Ok(())),
    ] {
        run(command);
        let name = command.split(' ').find(|word| word.ends_with(".zip")).unwrap();
        match (decode(&at(name), 1, 1 << 16), expected) {
            (Ok(decoded), Ok(())) => assert!(decoded == image(3_000)),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (result, _) => panic!("{command}: {:?}", result.map(|r| r.len())),
        }
    }
}

#[test]
fn appetite_for_memory_is_refused_in_words() {
    let lying = Lying::new();
    let large = Recipe {
        container: Container::Zstd,
        command: "zstd -q -c --long=28 --ultra -1 IMAGE",
        tells_size: true,
    };
    // A window this large is only asked for when the image is too.
    let image = vec![0; (1 << 27) + 4096];
    if let Some(bytes) = large.make(&image) {
        let error = lying.decode(&bytes, 1, 1 << 20).unwrap_err();
        assert!(matches!(&error, SourceError::NotAnImage(what) if what.contains("128 MiB")), "{error}");
    }
    let large = Recipe {
        command: "xz -c --lzma2=preset=0,dict=256MiB IMAGE",
        container: Container::Xz,
        tells_size: true,
    };
    if let Some(bytes) = large.make(b"small") {
        for threads in [1, 2] {
            let error = lying.decode(&bytes, threads, 1 << 20).unwrap_err();
            assert!(matches!(&error, SourceError::NotAnImage(what) if what.contains("208 MiB")), "{error}");
        }
    }
}

#[test]
fn the_legacy_lz4_format_is_refused_in_words() {
    let legacy = recipe(Container::Lz4, "lz4 -q -c -l IMAGE", false);
    let Some(bytes) = legacy.make(&image(5_000)) else { return };
    let error = Lying::new().decode(&bytes, 1, 1 << 16).unwrap_err();
    assert!(error.to_string().contains("lz4 -d"), "{error}");
}

#[test]
fn raw_images_are_read_in_order_and_anywhere() {
    let lying = Lying::new();
    for len in [0, 1, 512, 70_001] {
        let image = image(len);
        assert!(lying.decode(&image, 1, 4096).unwrap() == image);
        let source = Source::open(&lying.path()).unwrap();
        assert_eq!(source.facts().container, Container::Raw);
        assert_eq!(source.facts().image_bytes, Some(len as u64));
        assert_eq!(source.facts().name, "holiday.iso");
        assert!(source.is_random_access() && !source.has_changed());
        let mut buffer = vec![0; 1000];
        let start = len / 2;
        let read = source.read_at(start as u64, &mut buffer).unwrap();
        assert_eq!(read, (len - start).min(1000));
        assert!(buffer[..read] == image[start..start + read]);
        assert_eq!(source.read_at(u64::MAX, &mut buffer).unwrap(), 0);
    }
    fs::write(lying.path(), b"").unwrap();
    assert_eq!(Source::open(&lying.path()).unwrap().facts().kind, ImageKind::Empty);
}

#[test]
fn the_file_itself_is_streamed_as_it_lies_there() {
    let Some(bytes) = RECIPES[0].make(&image(70_001)) else { return };
    let lying = Lying::new();
    fs::write(lying.path(), &bytes).unwrap();
    let mut stream = Source::open(&lying.path()).unwrap().file_stream().unwrap();
    let mut buffer = vec![0; bytes.len() + 1];
    assert_eq!(stream.fill(&mut buffer).unwrap(), bytes.len());
    assert!(buffer[..bytes.len()] == bytes);
    assert_eq!(stream.file_position(), bytes.len() as u64);
    assert_eq!(stream.fill(&mut buffer).unwrap(), 0);
}

#[test]
fn a_file_that_changes_its_length_while_it_is_read_is_an_error() {
    let lying = Lying::new();
    let image = image(100_000);
    let mut buffer = vec![0; 60_000];

    fs::write(lying.path(), &image).unwrap();
    let source = Source::open(&lying.path()).unwrap();
    let mut stream = source.stream(1).unwrap();
    stream.fill(&mut buffer).unwrap();
    fs::OpenOptions::new().write(true).open(lying.path()).unwrap().set_len(80_000).unwrap();
    let error = stream.fill(&mut buffer).unwrap_err();
    assert!(matches!(error, SourceError::Length { expected: 100_000, actual: 80_000 }), "{error}");
    assert!(source.read_at(70_000, &mut buffer).is_err());
    assert!(source.has_changed());

    fs::write(lying.path(), &image).unwrap();
    let source = Source::open(&lying.path()).unwrap();
    let mut stream = source.stream(1).unwrap();
    stream.fill(&mut buffer).unwrap();
    fs::OpenOptions::new().append(true).open(lying.path()).unwrap().write_all(b"more").unwrap();
    let error = stream.fill(&mut buffer).unwrap_err();
    assert!(matches!(error, SourceError::Length { expected: 100_000, .. }), "{error}");
    assert!(source.has_changed());
}

#[test]
fn a_file_that_was_replaced_has_changed() {
    let lying = Lying::new();
    fs::write(lying.path(), b"one").unwrap();
    let source = Source::open(&lying.path()).unwrap();
    assert!(!source.has_changed());
    let other = lying.folder.path().join("other");
    fs::write(&other, b"two").unwrap();
    fs::rename(&other, lying.path()).unwrap();
    assert!(source.has_changed());
    fs::remove_file(lying.path()).unwrap();
    assert!(source.has_changed());
}

#[test]
fn what_cannot_be_an_image_is_refused_in_words() {
    let folder = TempDir::new().unwrap();
    let words = |path: &Path| Source::open(path).map(|_| ()).unwrap_err().to_string();
    assert!(words(folder.path()).contains("is a folder"));
    assert!(words(&folder.path().join("missing.iso")).contains("no such file"));
    assert!(words(Path::new("/dev/zero")).contains("character device"));
    let pipe = folder.path().join("pipe");
    if have("mkfifo") {
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(words(&pipe).contains("is a pipe"));
    }
}

#[test]
fn data_and_holes_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sparse.img");
    let file = fs::File::create(&path).unwrap();
    let write = |at: u64, len: usize| {
        std::os::unix::fs::FileExt::write_all_at(&file, &vec![0xa5; len], at).unwrap();
    };
    file.set_len(64 << 20).unwrap();
    assert_eq!(Source::open(&path).unwrap().data_ranges(), Some(vec![]));
    write(1 << 20, 1 << 20);
    write(40 << 20, 5);
    let ranges = Source::open(&path).unwrap().data_ranges().unwrap();
    assert_eq!(ranges.len(), 2, "{ranges:?}");
    assert_eq!(ranges[0], (1 << 20, 1 << 20));
    assert!(ranges[1].0 <= 40 << 20 && ranges[1].0 + ranges[1].1 >= (40 << 20) + 5);
    fs::write(&path, vec![1; 100_000]).unwrap();
    assert_eq!(Source::open(&path).unwrap().data_ranges(), None);
}
