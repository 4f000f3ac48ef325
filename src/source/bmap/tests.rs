use std::process::Command;

use tempfile::TempDir;

use super::*;

/// A map of version 2.0 with a right checksum of its own.
fn map(image_size: &str, block_size: &str, blocks: &str, mapped: &str, ranges: &str) -> String {
    signed(&format!(
        "<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\">\n<ImageSize> {image_size} </ImageSize>\n\
         <BlockSize> {block_size} </BlockSize>\n<BlocksCount> {blocks} </BlocksCount>\n\
         <MappedBlocksCount> {mapped} </MappedBlocksCount>\n<ChecksumType> sha256 </ChecksumType>\n\
         <BmapFileChecksum> {} </BmapFileChecksum>\n<BlockMap>{ranges}</BlockMap>\n</bmap>\n",
        "0".repeat(64)
    ))
}

fn signed(zeroed: &str) -> String {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(zeroed.as_bytes());
    zeroed.replace(&"0".repeat(64), &hasher.finish().hex())
}

fn plain(offset: u64, len: u64) -> MappedRange {
    MappedRange { offset, len, digest: None }
}

#[test]
fn ranges_are_in_bytes_and_the_last_block_may_be_partial() {
    let text = map("10000", "4096", "3", "2", "<Range> 0 </Range><Range>2-2</Range>");
    assert_eq!(parse(&text).unwrap(), (10_000, vec![plain(0, 4096), plain(8192, 1808)]));
    assert_eq!(parse(&map("0", "4096", "0", "0", "")).unwrap(), (0, vec![]));
    let largest =
        map("18446744073709551615", "4096", "4503599627370496", "1", "<Range>4503599627370495</Range>");
    assert_eq!(parse(&largest).unwrap().1, [plain(u64::MAX - 4095, 4095)]);
}

#[test]
fn what_does_not_add_up_is_refused() {
    let good = map("10000", "4096", "3", "3", "<Range>0-2</Range>");
    assert!(parse(&good).is_ok());
    let deep = format!("<bmap version=\"2.0\">{}", "<a>".repeat(200_000));
    for text in [
        String::new(),
        "not xml".into(),
        deep,
        good.replace("bmap", "pmab"),
        good.replace("2.0", "3.0"),
        good.replace("2.0", "two"),
        good.replace(" 10000 ", " 10001 "),
        good.replace("<?xml version=\"1.0\" ?>", "<!DOCTYPE bmap [<!ENTITY a \"b\">]>"),
        good.replace("sha256", "crc32"),
        map("10000", "0", "3", "3", "<Range>0-2</Range>"),
        map("10000", "4096", "4", "4", "<Range>0-3</Range>"),
        map("10000", "4096", "3", "2", "<Range>0-2</Range>"),
        map("10000", "4096", "3", "3", "<Range>0-3</Range>"),
        map("10000", "4096", "3", "3", "<Range>1-2</Range><Range>0</Range>"),
        map("10000", "4096", "3", "3", "<Range>0-1</Range><Range>1</Range>"),
        map("10000", "4096", "3", "3", "<Range>2-0</Range>"),
        map("10000", "4096", "3", "3", "<Range></Range>"),
        map("10000", "4096", "3", "3", "<Range>0-18446744073709551615</Range>"),
        map("10000", "4096", "3", "3", "<Range chksum=\"12\">0-2</Range>"),
        map("99999999999999999999", "4096", "3", "3", "<Range>0-2</Range>"),
        map("-1", "4096", "3", "3", "<Range>0-2</Range>"),
    ] {
        assert!(parse(&text).is_err(), "{}", &text[..text.len().min(600)]);
    }
}

#[test]
fn older_versions_have_other_checksums_or_none() {
    let body = "<ImageSize>5000</ImageSize><BlockSize>4096</BlockSize><BlocksCount>2</BlocksCount>\
                <MappedBlocksCount>1</MappedBlocksCount>";
    let v12 = format!("<bmap version=\"1.2\">{body}<BlockMap><Range>1</Range></BlockMap></bmap>");
    assert_eq!(parse(&v12).unwrap(), (5000, vec![plain(4096, 904)]));

    let digest = "a9993e364706816aba3e25717850c26c9cd0d89d";
    let v13 = format!(
        "<bmap version=\"1.3\"><BmapFileSHA1>{}</BmapFileSHA1>{body}\
         <BlockMap><Range sha1=\"{digest}\">1</Range></BlockMap></bmap>",
        "0".repeat(40)
    );
    let mut hasher = Hasher::new(Algorithm::Sha1);
    hasher.update(v13.as_bytes());
    let v13 = v13.replace(&"0".repeat(40), &hasher.finish().hex());
    let (_, ranges) = parse(&v13).unwrap();
    assert_eq!(ranges[0].digest.as_ref().unwrap().to_string(), format!("sha1:{digest}"));
    assert!(parse(&v13.replace("5000", "5001")).is_err());
}

#[test]
fn the_map_is_looked_for_under_each_name() {
    let names = |image: &str| -> Vec<String> {
        let candidates = candidates(Path::new(image));
        candidates.iter().map(|p| p.to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names("/x/foo.img.xz"), ["/x/foo.img.xz.bmap", "/x/foo.img.bmap", "/x/foo.bmap"]);
    assert_eq!(names("foo.img"), ["foo.img.bmap", "foo.bmap"]);
    assert_eq!(names("/x/foo"), ["/x/foo.bmap"]);
    assert_eq!(names("/"), Vec::<String>::new());

    let folder = TempDir::new().unwrap();
    let image = folder.path().join("foo.img.xz");
    assert_eq!(beside(&image).unwrap(), None);
    std::fs::write(folder.path().join("foo.bmap"), map("10", "4096", "1", "1", "<Range>0</Range>")).unwrap();
    assert_eq!(beside(&image).unwrap().unwrap().ranges, [plain(0, 10)]);
    std::fs::write(folder.path().join("foo.img.bmap"), "junk").unwrap();
    assert!(beside(&image).unwrap_err().to_string().contains("foo.img.bmap"));
}

/// Bmaptool itself is the judge: its maps of sparse files must give the ranges that the file system tells, and the
/// checksums of what is in them.
#[test]
fn agrees_with_bmaptool() {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("bmaptool").is_file()));
    if !found {
        assert!(std::env::var_os("STICKSMITH_REQUIRE_TOOLS").is_none_or(|v| v != "1"), "needs bmaptool");
        eprintln!("SKIPPED: needs bmaptool");
        return;
    }
    let folder = TempDir::new().unwrap();
    let mut state = 1u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for round in 0..6 {
        let image = folder.path().join(format!("image{round}.img"));
        let file = File::create(&image).unwrap();
        let bytes = 3_000_000 + random(5_000_000);
        file.set_len(bytes).unwrap();
        for _ in 0..random(12) {
            let data = vec![0x5a; 1 + random(100_000) as usize];
            let at = random(bytes - data.len() as u64);
            std::os::unix::fs::FileExt::write_all_at(&file, &data, at).unwrap();
        }
        file.sync_all().unwrap();
        let map = image.with_extension("img.bmap");
        let status =
            Command::new("bmaptool").args(["-q", "create", "-o"]).args([&map, &image]).status().unwrap();
        assert!(status.success());

        let map = beside(&image).unwrap().unwrap();
        assert_eq!(map.image_bytes, bytes);
        let told: Vec<_> = map.ranges.iter().map(|r| (r.offset, r.len)).collect();
        let file = File::open(&image).unwrap();
        let expected = crate::source::os::data_ranges(&file, bytes).unwrap();
        assert_eq!(told, expected, "round {round}");
        for range in &map.ranges {
            let mut data = vec![0; range.len as usize];
            std::os::unix::fs::FileExt::read_exact_at(&file, &mut data, range.offset).unwrap();
            let mut hasher = Hasher::new(Algorithm::Sha256);
            hasher.update(&data);
            assert_eq!(Some(hasher.finish()), range.digest);
        }
    }
}
