//! What Windows media are said to hold, against what they were made with: by the lab's maker of Windows-shaped ISOs, and by
//! hand for the shapes that it lacks.
#![allow(clippy::unwrap_used, clippy::panic)]

mod images;
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use images::windows::{Media, program};
use images::{Workshop, Xorshift, mend_udf_tag, run, tools};
use sticksmith::source::windows::{Architecture, InstallKind, LoaderCertificate, WindowsFacts};
use sticksmith::source::{ImageFacts, ImageKind, Source};

use Architecture::{Arm64, X64, X86};

fn facts(path: &Path) -> ImageFacts {
    Source::open(path).unwrap().facts().clone()
}

fn windows(path: &Path) -> WindowsFacts {
    let facts = facts(path);
    assert_eq!(facts.kind, ImageKind::WindowsSetup, "{facts:?}");
    *facts.windows.unwrap()
}

/// The maker of ISOs, if all that it needs is there as well.
fn lab() -> Option<PathBuf> {
    let names = ["python3", "nasm", "genisoimage", "wimlib-imagex", "grub-mkimage", "mmd", "mkfs.fat"];
    support::lab::file("make-windows-iso").filter(|_| tools(&names))
}

fn make(lab: &Path, iso: &str, args: &[&str]) {
    let common = [lab.to_str().unwrap(), "--install-mib", "1", "--small-files", "8", iso];
    run("python3", &[&common[..], args].concat());
}

#[test]
fn each_windows_and_machine_of_the_lab() {
    let Some(lab) = lab() else { return };
    let shop = Workshop::new();
    for (windows_name, arch, product, version, architectures, uefi, from_image) in [
        ("vista", "x86", "Windows Vista", [6, 0, 6002], vec![X86], vec![], vec![]),
        ("7", "x64", "Windows 7", [6, 1, 7601], vec![X64], vec![], vec![1, 2, 1, 2]),
        ("7", "x86+x64", "Windows 7", [6, 1, 7601], vec![X86, X64], vec![], vec![2, 3]),
        ("8.1", "x64", "Windows 8.1", [6, 3, 9600], vec![X64], vec![X64], vec![]),
        ("10", "x86", "Windows 10", [10, 0, 19045], vec![X86], vec![], vec![]),
        ("11", "x64", "Windows 11", [10, 0, 26100], vec![X64], vec![X64], vec![]),
    ] {
        let iso = shop.text("lab.iso");
        let names = ["Edition HOMEBASIC", "Edition PROFESSIONAL", "Edition ULTIMATE"];
        let editions = if arch == "x86+x64" { &names[..] } else { &names[..2] };
        make(&lab, &iso, &["--windows", windows_name, "--arch", arch, "--editions", &editions.join(",")]);
        let found = windows(Path::new(&iso));
        let case = format!("{windows_name} {arch}");
        assert_eq!((found.product.as_str(), found.version), (product, Some(version)), "{case}");
        assert_eq!(found.architectures, architectures, "{case}");
        assert_eq!(found.languages, ["en-US"], "{case}");
        assert_eq!(found.editions.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), editions, "{case}");
        assert!(found.editions.iter().map(|e| e.index).eq(1..=editions.len() as u32), "{case}");
        assert_eq!(found.editions[1].edition_id.as_deref(), Some("Professional"), "{case}");
        assert!(found.boot.bios, "{case}");
        assert_eq!(found.boot.uefi.iter().map(|l| l.architecture).collect::<Vec<_>>(), uefi, "{case}");
        assert!(found.boot.uefi.iter().all(|l| l.certificate == LoaderCertificate::Unsigned), "{case}");
        let places: Vec<u32> = found.boot.uefi_from_image.iter().map(|place| place.index).collect();
        assert_eq!(places, from_image, "{case}");
        assert!(found.boot.uefi_from_image.first().is_none_or(|p| p.path == "sources/install.wim"), "{case}");
        let [boot] = &found.boot_images[..] else { panic!("{case}: {:?}", found.boot_images) };
        assert_eq!((boot.path.as_str(), boot.images, boot.boot_index), ("sources/boot.wim", 2, 2), "{case}");
        let cfg = found.ei_cfg.as_ref().unwrap();
        assert_eq!((cfg.channel.as_deref(), cfg.volume_licence), (Some("Retail"), Some(false)), "{case}");
        assert_eq!(facts(Path::new(&iso)).notes, Vec::<String>::new(), "{case}");
    }
}

#[test]
fn each_kind_of_install_image_of_the_lab() {
    let Some(lab) = lab() else { return };
    let shop = Workshop::new();
    for (argument, path, kind, is_solid) in [
        ("esd", "sources/install.esd", InstallKind::Esd, true),
        ("solid-wim", "sources/install.wim", InstallKind::Wim, true),
        ("swm", "sources/install.swm", InstallKind::SplitWim, false),
    ] {
        let iso = shop.text("lab.iso");
        make(&lab, &iso, &["--install-kind", argument]);
        let found = windows(Path::new(&iso));
        let [install] = &found.install[..] else { panic!("{argument}: {:?}", found.install) };
        assert_eq!((install.path.as_str(), install.kind, install.is_solid), (path, kind, is_solid));
        assert_eq!(found.editions.len(), 2, "{argument}");
        assert_eq!(found.editions[0].source, path);
        // Outside word for which parts there are, and how large they are together.
        let listed = run("7z", &["l", "-slt", "-tudf", &iso]);
        let mut sizes: Vec<(&str, u64)> = Vec::new();
        for block in listed.split("\n\n") {
            let value =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
            if let (Some(path), Some(size)) = (value("Path"), value("Size"))
                && path.starts_with("sources/install")
            {
                sizes.push((path, size.parse().unwrap()));
            }
        }
        assert_eq!(install.bytes, sizes.iter().map(|(_, size)| size).sum::<u64>(), "{argument}");
        let mut parts: Vec<&str> = install.parts.iter().map(String::as_str).collect();
        assert_eq!(parts.len() > 1, argument == "swm", "{parts:?}");
        parts.sort_unstable();
        sizes.sort_unstable();
        assert_eq!(parts, sizes.iter().map(|(path, _)| *path).collect::<Vec<_>>());
        // Nothing solid is searched before what is not.
        let first = &found.boot.uefi_from_image[0].path;
        assert_eq!(first, if is_solid { "sources/boot.wim" } else { path });
    }
}

fn has_makers() -> bool {
    tools(&["genisoimage", "wimlib-imagex"])
}

/// As the Media Creation Tool makes them for both machines.
#[test]
fn a_tree_for_each_machine() {
    if !has_makers() {
        return;
    }
    let media = Media::new(&[
        ("bootmgr", b"x"),
        ("boot/bcd", b"x"),
        ("efi/microsoft/boot/bcd", b"x"),
        ("efi/boot/bootx64.efi", &program(0x8664)),
        ("efi/boot/bootia32.efi", &program(0x014C)),
        ("x64/setup.exe", b"x"),
        ("x86/setup.exe", b"x"),
        ("x64/sources/ei.cfg", b"[Channel]\r\nRetail\r\n"),
    ]);
    for (folder, arch) in [("x64", 9), ("x86", 0)] {
        media.image(&format!("{folder}/sources/boot.wim"), "PE", arch, "10.0.19041", "WindowsPE", "fr-FR");
        let install = format!("{folder}/sources/install.esd");
        media.image(&install, "Windows 10 Home", arch, "10.0.19041", "Client", "fr-FR");
        media.image(&install, "Windows 10 Pro", arch, "10.0.19041", "Client", "fr-FR");
    }
    let iso = media.bridged();
    let found = windows(&iso);
    assert_eq!(facts(&iso).system.as_deref(), Some("Windows 10 x64+x86 (10.0.19041)"));
    assert_eq!(found.architectures, [X64, X86]);
    let installs: Vec<&str> = found.install.iter().map(|image| image.path.as_str()).collect();
    assert_eq!(installs, ["x64/sources/install.esd", "x86/sources/install.esd"]);
    assert!(found.install.iter().all(|image| image.is_solid && image.kind == InstallKind::Esd));
    assert_eq!(found.boot_images.len(), 2);
    assert_eq!(found.editions.len(), 4);
    assert_eq!(found.editions[3].source, "x86/sources/install.esd");
    assert_eq!(found.boot.uefi.iter().map(|l| l.architecture).collect::<Vec<_>>(), [X64, X86]);
    assert!(found.boot.bios && found.boot.uefi_from_image.is_empty());
    assert_eq!(found.ei_cfg.as_ref().unwrap().edition_id, None);
    assert_eq!(found.contents(), "Windows 10 Home and 3 other editions, x64 and x86, French");
    assert_eq!(found.starts(), "Starts by BIOS, and by UEFI (x64 and x86).");
}

#[test]
fn media_that_only_start() {
    if !has_makers() {
        return;
    }
    // What repair discs have, and builders of PE media leave out even more.
    let media = Media::new(&[("BOOTMGR", b"x"), ("Boot/BCD", b"x"), ("Sources/other.wim", b"x")]);
    media.image("Sources/Boot.wim", "Microsoft Windows PE (x86)", 0, "6.1.7600", "WindowsPE", "en-US de-DE");
    let iso = media.iso(&["-udf"]);
    let found = windows(&iso);
    assert_eq!(facts(&iso).system.as_deref(), Some("Windows PE x86 (6.1.7600)"));
    assert_eq!((found.install.len(), found.editions.len()), (0, 0));
    assert_eq!(found.boot_images[0].path, "Sources/Boot.wim");
    assert_eq!(found.boot_images[0].architecture, Some(X86));
    assert_eq!(found.languages, ["en-US", "de-DE"]);
    assert_eq!(found.starts(), "Starts by BIOS only.");

    // For ARM64, and by UEFI alone.
    let media = Media::new(&[("bootmgr.efi", b"x"), ("efi/boot/bootaa64.efi", &program(0xAA64))]);
    media.file("efi/microsoft/boot/bcd", b"x");
    media.image("sources/boot.wim", "Microsoft Windows PE (arm64)", 12, "10.0.22621", "WindowsPE", "en-US");
    let found = windows(&media.bridged());
    assert_eq!(found.architectures, [Arm64]);
    assert_eq!(found.starts(), "Starts by UEFI (ARM64) only.");

    // Nothing starts this image: it is only a file somewhere.
    let media = Media::new(&[("readme.txt", b"x"), ("other/file", b"x")]);
    media.image("sources/boot.wim", "PE", 9, "10.0.22621", "WindowsPE", "en-US");
    let facts = facts(&media.iso(&["-udf"]));
    assert_eq!((facts.kind, facts.windows), (ImageKind::OpticalIso, None));
}

/// No UDF, and the names that ISO 9660 alone has.
#[test]
fn upper_case_names_an_answer_file_and_a_key() {
    if !has_makers() {
        return;
    }
    let media = Media::new(&[
        ("BOOTMGR", b"x"),
        ("BOOT/BCD", b"x"),
        ("SETUP.EXE", b"x"),
        ("AUTOUNATTEND.XML", b"<unattend/>"),
        ("SOURCES/AUTOUNATTEND.XML", b"<unattend/>"),
        ("SOURCES/EI.CFG", b"[EditionID]\n\n[Channel]\nVolume\n[VL]\n1\n"),
        ("SOURCES/PID.TXT", b"[PID]\nValue=x\n"),
    ]);
    media.image("SOURCES/BOOT.WIM", "PE", 9, "10.0.17763", "WindowsPE", "en-US");
    media.image("SOURCES/INSTALL.WIM", "SERVERSTANDARDCORE", 9, "10.0.17763", "Server Core", "en-US");
    media.image("SOURCES/INSTALL.WIM", "SERVERSTANDARD", 9, "10.0.17763", "Server", "en-US");
    let found = windows(&media.iso(&[]));
    assert_eq!(found.product, "Windows Server 2019");
    assert_eq!(found.answer_files, ["AUTOUNATTEND.XML", "SOURCES/AUTOUNATTEND.XML"]);
    assert!(found.has_pid_txt);
    let cfg = found.ei_cfg.as_ref().unwrap();
    let cfg = (cfg.edition_id.as_deref(), cfg.channel.as_deref(), cfg.volume_licence);
    assert_eq!(cfg, (None, Some("Volume"), Some(true)));
    assert_eq!(found.install[0].path, "SOURCES/INSTALL.WIM");
    assert_eq!(found.editions[0].installation_type.as_deref(), Some("Server Core"));
    assert_eq!(found.boot.uefi_from_image[0].path, "SOURCES/INSTALL.WIM");
}

#[test]
fn what_is_wrong_is_a_note_and_the_rest_stands() {
    if !has_makers() {
        return;
    }
    let media = Media::new(&[
        ("bootmgr", b"x"),
        ("setup.exe", b"x"),
        // A program, but for another machine than its name says.
        ("efi/boot/bootx64.efi", &program(0xAA64)),
        ("sources/boot.wim", &[7; 3000]),
    ]);
    media.image("whole.wim", "Windows 8", 9, "6.2.9200", "Client", "en-US");
    fs::write(media.shop.path("captured/more.bin"), images_noise(3 << 20)).unwrap();
    media.image("whole.wim", "Windows 8 Pro", 9, "6.2.9200", "Client", "en-US");
    let (whole, first) = (media.shop.text("root/whole.wim"), media.shop.text("root/sources/install.swm"));
    run("wimlib-imagex", &["split", &whole, &first, "1"]);
    fs::remove_file(&whole).unwrap();
    fs::remove_file(media.shop.path("root/sources/install2.swm")).unwrap();
    let iso = media.bridged();
    let found = windows(&iso);
    assert_eq!(found.product, "Windows 8");
    assert_eq!(found.editions.len(), 2);
    assert!(!found.boot.bios && found.boot.uefi.is_empty());
    assert_eq!(found.boot.uefi_from_image.len(), 2);
    let notes = facts(&iso).notes.join("\n");
    for words in [
        "sources/install.swm is the first of 2 parts, but only 1 are there.",
        "efi/boot/bootx64.efi is no UEFI program for x64",
        "sources/boot.wim cannot be read",
        "not the boot/bcd",
        "no efi/microsoft/boot/bcd",
    ] {
        assert!(notes.contains(words), "“{words}” is missing in:\n{notes}");
    }

    // The end of the image is missing, and with it the XML data, which lies at the end of its file.
    let media = Media::new(&[("bootmgr", b"x"), ("boot/bcd", b"x"), ("setup.exe", b"x")]);
    fs::write(media.shop.path("captured/more.bin"), images_noise(3 << 20)).unwrap();
    media.image("sources/install.wim", "Windows 7", 9, "6.1.7601", "Client", "en-US");
    let iso = media.bridged();
    let image = fs::read(&iso).unwrap();
    fs::write(&iso, &image[..image.len() - (1 << 20)]).unwrap();
    let cut = facts(&iso);
    assert_eq!(cut.kind, ImageKind::WindowsSetup);
    let notes = cut.notes.join("\n");
    assert!(notes.contains("may be incomplete") && notes.contains("install.wim is cut short"), "{notes}");
    assert_eq!(cut.windows.unwrap().install.len(), 1);
}

/// Makes the volume one for a rewritable disc: its first partition map becomes a sparable one (UDF 2.60 §2.2.9).
fn make_sparable(image: &mut [u8]) {
    for at in (0..image.len() / 2048).map(|sector| sector * 2048) {
        let descriptor = &mut image[at..at + 2048];
        if descriptor[..2] == [6, 0] && u32::from_le_bytes(descriptor[264..268].try_into().unwrap()) == 6 {
            descriptor[264] = 64;
            descriptor[440..504].fill(0);
            descriptor[440..442].copy_from_slice(&[2, 64]);
            descriptor[445..467].copy_from_slice(b"*UDF Sparable Partitio");
            descriptor[467] = b'n';
            descriptor[10..12].copy_from_slice(&488_u16.to_le_bytes());
            mend_udf_tag(descriptor);
        }
    }
}

/// Where UDF is of a kind that is not read, the other volume is taken only if it has the files.
#[test]
fn a_read_me_is_not_taken_for_the_disc() {
    if !has_makers() {
        return;
    }
    let media = Media::new(&[("bootmgr", b"x"), ("boot/bcd", b"x")]);
    media.image("sources/install.wim", "Windows 7", 9, "6.1.7601", "Client", "en-US");
    for has_files in [true, false] {
        let path = if has_files { media.iso(&["-udf"]) } else { media.bridged() };
        let mut image = fs::read(&path).unwrap();
        assert_eq!(facts(&path).notes.len(), 1, "{:?}", facts(&path).notes);
        make_sparable(&mut image);
        fs::write(&path, &image).unwrap();
        let found = facts(&path);
        let notes = found.notes.join("\n");
        assert!(notes.contains("UDF sparable partition (rewritable disc)"), "{notes}");
        assert_eq!(notes.contains("taken from the ISO 9660 volume"), has_files, "{notes}");
        assert_eq!(found.windows.is_some(), has_files);
        let kind = if has_files { ImageKind::WindowsSetup } else { ImageKind::OpticalIso };
        assert_eq!(found.kind, kind);
        assert_eq!(found.label.as_deref(), Some("MEDIA"));

        // The same where the volume cannot even be found.
        let sectors = image.len() / 2048;
        for sector in [256, sectors - 1, sectors - 256, sectors - 257] {
            image[sector * 2048..][..512].fill(0);
        }
        fs::write(&path, &image).unwrap();
        let found = facts(&path);
        assert_eq!(found.windows.is_some(), has_files, "{:?}", found.notes);
        assert!(found.notes[0].contains("The UDF volume cannot be read"), "{:?}", found.notes);
    }
}

/// Of a compressed image only the first MiBs are seen.
#[test]
fn of_a_compressed_image_what_can_be_seen_is_said() {
    if !has_makers() {
        return;
    }
    let media = Media::new(&[("bootmgr", b"x"), ("boot/bcd", b"x"), ("setup.exe", b"x")]);
    fs::write(media.shop.path("captured/more.bin"), images_noise(9 << 20)).unwrap();
    media.image("sources/install.wim", "Windows 7", 9, "6.1.7601", "Client", "en-US");
    let image = fs::read(media.bridged()).unwrap();
    let packed = media.shop.path("media.iso.gz");
    let mut gzip = Command::new("gzip")
        .args(["-1", "-c"])
        .stdin(Stdio::piped())
        .stdout(fs::File::create(&packed).unwrap())
        .spawn()
        .unwrap();
    gzip.stdin.take().unwrap().write_all(&image).unwrap();
    assert!(gzip.wait().unwrap().success());
    let seen = facts(&packed);
    assert_eq!(seen.kind, ImageKind::WindowsSetup);
    let found = seen.windows.unwrap();
    assert!(found.boot.bios);
    assert_eq!(found.install[0].path, "sources/install.wim");
    assert_eq!(seen.notes.len(), 1, "{:?}", seen.notes);
    assert!(seen.notes[0].contains("beyond the part that could be looked at"), "{:?}", seen.notes);
}

/// Signed by the tool that people sign loaders with, under certificates with Microsoft's names but other keys.
#[test]
fn whose_certificate_a_loader_carries() {
    if !has_makers() || !tools(&["sbsign", "openssl", "grub-mkimage"]) {
        return;
    }
    for (name, certificate) in [
        ("Microsoft Windows Production PCA 2011", LoaderCertificate::Pca2011),
        ("Windows UEFI CA 2023", LoaderCertificate::Ca2023),
        ("Somebody's own", LoaderCertificate::Other("Somebody's own".to_owned())),
    ] {
        let media = Media::new(&[("bootmgr", b"x"), ("boot/bcd", b"x"), ("efi/microsoft/boot/bcd", b"x")]);
        media.image("sources/boot.wim", "PE", 9, "10.0.26100", "WindowsPE", "en-US");
        let path = |name: &str| media.shop.text(name);
        let authority = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
        let subject = format!("/O=Example/CN={name}");
        let more = ["-subj", &subject, "-keyout", &path("ca.key"), "-out", &path("ca.pem")];
        run("openssl", &[&authority[..], &more].concat());
        let (request, key, pem) = (path("leaf.csr"), path("leaf.key"), path("leaf.pem"));
        let request_args = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Leaf"];
        run("openssl", &[&request_args[..], &["-keyout", &key, "-out", &request]].concat());
        let sign = ["x509", "-req", "-days", "2", "-CAcreateserial", "-in", &request, "-out", &pem];
        run("openssl", &[&sign[..], &["-CA", &path("ca.pem"), "-CAkey", &path("ca.key")]].concat());
        run("grub-mkimage", &["-O", "x86_64-efi", "-p", "/", "-o", &path("plain.efi"), "normal"]);
        fs::create_dir_all(media.shop.path("root/efi/boot")).unwrap();
        let loader = path("root/efi/boot/bootx64.efi");
        run("sbsign", &["--key", &key, "--cert", &pem, "--output", &loader, &path("plain.efi")]);
        let found = windows(&media.bridged());
        assert_eq!(found.loader(X64).unwrap().certificate, certificate, "{name}");
    }
}

/// Damage anywhere in the headers, tables and XML data: an answer or a note, never a panic.
#[test]
fn damaged_media_are_still_recognised() {
    if !has_makers() {
        return;
    }
    let media = Media::new(&[
        ("bootmgr", b"x"),
        ("boot/bcd", b"x"),
        ("efi/boot/bootx64.efi", &program(0x8664)),
        ("sources/ei.cfg", b"[EditionID]\nPro\n"),
    ]);
    media.image("sources/boot.wim", "PE", 9, "10.0.26100", "WindowsPE", "en-US");
    media.image("sources/install.wim", "Windows 11 Pro", 9, "10.0.26100", "Client", "en-US");
    let whole = fs::read(media.bridged()).unwrap();
    let damaged = media.shop.path("damaged.iso");
    let mut random = Xorshift::new(26100);
    let places: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    let mut recognised = 0;
    for _ in 0..300 {
        let mut image = whole.clone();
        for _ in 0..1 + random.below(12) {
            let at = places[random.below(places.len())];
            let end = (at + 4).min(image.len());
            match random.below(3) {
                0 => image[at] ^= 1 << random.below(8),
                1 => image[at] = 0xFF,
                _ => image[at..end].fill(random.next() as u8),
            }
        }
        fs::write(&damaged, &image).unwrap();
        recognised += usize::from(facts(&damaged).windows.is_some());
    }
    assert!(recognised > 30, "only {recognised} of 300 got past the file system");
}

fn images_noise(len: usize) -> Vec<u8> {
    let mut random = Xorshift::new(len as u64);
    (0..len).map(|_| random.next() as u8).collect()
}
