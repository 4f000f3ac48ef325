use tempfile::TempDir;

use super::*;

const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
const SHA1: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const OTHER: &str = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed";
const SHA512: &str = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                      2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

/// What is found beside `image` when the folder has these files.
fn beside(image: &str, files: &[(&str, &[u8])]) -> Result<Vec<Published>, SourceError> {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    published_beside(&folder.path().join(image))
}

/// The hex and the part that says whether it is of the decompressed image.
fn found(image: &str, files: &[(&str, &[u8])]) -> Vec<(String, bool)> {
    let published = beside(image, files).unwrap_or_else(|e| panic!("{image} {files:?}: {e}"));
    published.into_iter().map(|p| (p.digest.hex(), p.of_decompressed)).collect()
}

#[test]
fn styles_of_lines() {
    let signed = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# a.iso: 1 bytes\n- - \nSHA256 (a.iso) = {SHA256}\n\
         -----BEGIN PGP SIGNATURE-----\n\n{OTHER}  a.iso\n-----END PGP SIGNATURE-----\n"
    );
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(format!("{SHA256}  a.iso\r\n").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for text in [
        format!("{SHA256}  a.iso\n"),
        format!("{SHA256} *a.iso"),
        format!("{SHA256} a.iso"),
        format!("{SHA256}\ta.iso\n"),
        format!("{}  a.iso\r\n", SHA256.to_uppercase()),
        format!("\u{feff}{SHA256}  ./a.iso\n"),
        format!("{SHA256}  release/1.2/a.iso\n"),
        format!("{OTHER}  old/a.iso\n{SHA256}  a.iso\n"),
        format!("{OTHER}  b.iso\n{OTHER}  aa.iso\n{OTHER}  A.iso\n{OTHER} a.iso.xz\n{SHA256} *a.iso\n"),
        format!("{SHA256}  a.iso\n{SHA256}  a.iso\n"),
        format!("# comment\n\n; {OTHER}  a.iso\n# {OTHER}  a.iso\n{SHA256}  a.iso\n"),
        format!("SHA256 (a.iso) = {SHA256}\n"),
        format!("SHA256(a.iso)= {SHA256}\n"),
        format!("SHA2-256(./a.iso)= {SHA256}\n"),
        format!("SHA256 (a (1).iso) = {OTHER}\nSHA256 (a.iso) = {SHA256}\r\n"),
        signed,
    ] {
        let expected = [(SHA256.to_owned(), false)];
        assert_eq!(found("a.iso", &[("SHA256SUMS", text.as_bytes())]), expected, "{text}");
        assert_eq!(found("a.iso", &[("a.iso.sha256", text.as_bytes())]), expected, "{text}");
    }
    assert_eq!(found("a.iso", &[("SHA256SUMS", &utf16)]).len(), 1);
}

#[test]
fn names_are_compared_exactly_and_may_be_odd() {
    for (name, line) in [
        ("two words.iso", format!("{SHA256}  two words.iso\n")),
        (" blank.iso", format!("{SHA256}   blank.iso\n")),
        ("*star.iso", format!("{SHA256} **star.iso\n")),
        ("back\\slash.iso", format!("\\{SHA256}  back\\\\slash.iso\n")),
        ("new\nline.iso", format!("\\{SHA256} *new\\nline.iso\n")),
        ("a (1).iso", format!("SHA256 (a (1).iso) = {SHA256}\n")),
        ("größe.iso", format!("{SHA256}  größe.iso\n")),
    ] {
        assert_eq!(found(name, &[("SHA256SUMS", line.as_bytes())]), [(SHA256.to_owned(), false)], "{line}");
    }
    for line in [
        format!("{SHA256}  A.iso\n"),
        format!("{SHA256}  a.iso \n"),
        format!("{SHA256}  xa.iso\n"),
        format!("{SHA256}  a.iso/\n"),
        format!("{}  a.iso\n", &SHA256[1..]),
        format!("SHA1 (a.iso) = {SHA256}\n"),
        format!("BLAKE2 (a.iso) = {SHA256}\n"),
        format!("{SHA256}\n"),
        format!("{SHA256}  -\n"),
        format!("{SHA256}  one/a.iso\n{OTHER}  other/a.iso\n"),
    ] {
        assert_eq!(found("a.iso", &[("SHA256SUMS", line.as_bytes())]), [], "{line}");
    }
}

#[test]
fn names_of_files() {
    let line = |hex: &str| format!("{hex}  a.iso\n").into_bytes();
    for (file, hex) in [
        ("a.iso.sha256", SHA256),
        ("a.iso.SHA256", SHA256),
        ("a.iso.sha256sum", SHA256),
        ("a.iso.sha256.txt", SHA256),
        ("a.iso-CHECKSUM", SHA256),
        ("a.iso.CHECKSUM", SHA1),
        ("a.iso.sha1", SHA1),
        ("a.iso.md5sum", MD5),
        ("a.iso.sha512", SHA512),
        ("SHA256SUMS", SHA256),
        ("SHA256SUMS.txt", SHA256),
        ("sha256sum.txt", SHA256),
        ("sha256sums.txt", SHA256),
        ("sha256sum.txt.asc", SHA256),
        ("SHA256", SHA256),
        ("SHA1SUMS", SHA1),
        ("MD5SUMS", MD5),
        ("md5sum.txt", MD5),
        ("SHA512SUMS", SHA512),
        ("CHECKSUM", SHA512),
        ("Fedora-Workstation-42-1.1-x86_64-CHECKSUM", SHA256),
        ("CHECKSUM.SHA256-FreeBSD-14.1-RELEASE-amd64", SHA256),
        ("kali-2025.3-SHA256SUMS", SHA256),
    ] {
        assert_eq!(found("a.iso", &[(file, &line(hex))]), [(hex.to_owned(), false)], "{file}");
    }
    for file in
        ["b.iso.sha256", "sha256", "notes.txt", "a.iso.sha3", "a.iso.txt", "SHA256SUMS.gpg", "A.iso.sha256"]
    {
        let expected = usize::from(file == "sha256");
        assert_eq!(found("a.iso", &[(file, &line(SHA256))]).len(), expected, "{file}");
    }
}

#[test]
fn a_bare_checksum_counts_in_the_images_own_file() {
    for text in [
        SHA256.to_owned(),
        format!("  {SHA256}  \r\n\r\n"),
        format!("{SHA256}  -\n"),
        format!("SHA256 hash of a.iso:\r\n{SHA256}\r\nCertUtil: done.\r\n"),
    ] {
        let files: &[(&str, &[u8])] = &[("a.iso.sha256", text.as_bytes())];
        assert_eq!(found("a.iso", files), [(SHA256.to_owned(), false)], "{text}");
    }
    assert!(beside("a.iso", &[("a.iso.sha256", format!("{SHA256}\n{OTHER}\n").as_bytes())]).is_err());
    assert!(beside("a.iso", &[("a.iso.sha256", SHA1.as_bytes())]).is_err());
}

#[test]
fn of_a_compressed_image_both_names_count() {
    let text = format!("{SHA256}  a.img\n{OTHER}  a.img.xz\n");
    assert_eq!(
        found("a.img.xz", &[("SHA256SUMS", text.as_bytes())]),
        [(OTHER.to_owned(), false), (SHA256.to_owned(), true)]
    );
    assert_eq!(found("a.img.xz", &[("a.img.sha256", SHA256.as_bytes())]), [(SHA256.to_owned(), true)]);
    assert_eq!(found("a.img.xz", &[("a.img.xz.sha256", SHA256.as_bytes())]), [(SHA256.to_owned(), false)]);
    let named = format!("{SHA256}  a.img\n");
    assert_eq!(found("a.img.xz", &[("a.img.xz.sha256", named.as_bytes())]), [(SHA256.to_owned(), true)]);
    assert_eq!(
        found("a.img.ZST", &[("MD5SUMS", format!("{MD5}  a.img").as_bytes())]),
        [(MD5.to_owned(), true)]
    );
    assert_eq!(found(".xz", &[("SHA256SUMS", format!("{SHA256}  .xz").as_bytes())]).len(), 1);
}

#[test]
fn all_kinds_are_found_each_once_the_images_own_file_first() {
    let all = [SHA256, SHA1, SHA512, MD5].map(|hex| format!("{hex}  a.iso\n")).concat();
    let published = beside(
        "a.iso",
        &[("CHECKSUM", all.as_bytes()), ("SHA256SUMS", all.as_bytes()), ("a.iso.sha256", SHA256.as_bytes())],
    )
    .unwrap();
    assert_eq!(published.len(), 4);
    assert_eq!(published[0].digest.hex(), SHA256);
    assert!(published[0].file.ends_with("a.iso.sha256"));
}

#[test]
fn contradictions_are_errors() {
    let own = format!("{SHA256}  a.iso\n");
    let other = format!("{OTHER}  a.iso\n");
    let both = [own.as_str(), &other].concat();
    for files in [
        &[("SHA256SUMS", both.as_bytes())][..],
        &[("a.iso.sha256", both.as_bytes())],
        &[("a.iso.sha256", own.as_bytes()), ("SHA256SUMS", other.as_bytes())],
    ] {
        let error = beside("a.iso", files).unwrap_err();
        assert!(matches!(error, SourceError::Sidecar { .. }), "{error}");
    }
}

#[test]
fn junk_is_an_error_in_the_images_own_file_only() {
    let large = vec![b'\n'; MAX_FILE_BYTES as usize + 1];
    let html = b"<!DOCTYPE html><title>404 Not Found</title>";
    for junk in [&[0u8, 1, 2, 255][..], &large, html, b"", &[0xff, 0xfe, 0x00, 0xd8]] {
        assert_eq!(found("a.iso", &[("SHA256SUMS", junk)]), []);
        let error = beside("a.iso", &[("a.iso.sha256", junk)]).unwrap_err();
        assert!(matches!(error, SourceError::Sidecar { .. }), "{error}");
    }
}

#[test]
fn a_list_of_the_files_inside_an_image_says_nothing_of_the_image() {
    let list = format!("{0}  bootmgr\n{0}  sources/boot.wim\n", "0".repeat(32));
    assert!(found("w7.iso", &[("w7.iso.md5", list.as_bytes())]).is_empty());
}

#[test]
fn folders_of_such_names_and_missing_images_say_nothing() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("SHA256SUMS")).unwrap();
    assert_eq!(published_beside(&folder.path().join("a.iso")).unwrap(), []);
    assert_eq!(published_beside(Path::new("/")).unwrap(), []);
}
