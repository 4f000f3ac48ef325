//! Real images, images that other tools made, and damaged ones.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::base::KIB;

/// A missing tool or image skips a test loudly, or fails it where all are required.
fn needs(what: &str, is_there: bool) -> bool {
    if !is_there {
        assert!(std::env::var_os("STICKSMITH_REQUIRE_TOOLS").is_none_or(|v| v != "1"), "needs {what}");
        eprintln!("SKIPPED: needs {what}");
    }
    is_there
}

fn tools(names: &[&str]) -> bool {
    names.iter().all(|name| needs(name, Command::new(name).arg("--version").output().is_ok()))
}

fn run(program: &str, args: &[&str]) {
    let out = Command::new(program).args(args).output().unwrap();
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// Recognises a whole image.
fn of(image: &[u8]) -> Recognised {
    recognise(&mut Cursor::new(image), Some(image.len() as u64))
}

fn of_file(path: &Path) -> Recognised {
    let size = fs::metadata(path).unwrap().len();
    recognise(&mut fs::File::open(path).unwrap(), Some(size))
}

struct Workshop(tempfile::TempDir);

impl Workshop {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A file of this size that is all zero.
    fn blank(&self, name: &str, size_bytes: u64) -> String {
        fs::File::create(self.path(name)).unwrap().set_len(size_bytes).unwrap();
        self.text(name)
    }
}

#[test]
fn empty_is_no_bytes_or_only_zeroes() {
    assert_eq!((of(&[]).kind, of(&[]).notes), (ImageKind::Empty, Vec::<String>::new()));
    for size in [1, 511, 4096, 3 * MIB as usize] {
        let found = of(&vec![0; size]);
        assert_eq!(found.kind, ImageKind::Empty, "{size}");
        assert_eq!(found.notes, ["The image holds nothing but zeroes."]);
    }
    // The rest of a compressed image may hold anything; what was seen is said.
    let head = recognise(&mut Cursor::new(vec![0; 8 * MIB as usize]), None);
    assert_eq!(head.kind, ImageKind::Empty);
    assert!(head.notes[0].contains("as far as was looked (8.4 MB)"), "{:?}", head.notes);
    let mut late = vec![0; 2 * MIB as usize];
    late[MIB as usize + 5] = 1;
    assert_eq!(of(&late).kind, ImageKind::NotBootable);
    assert!(of(&late).notes[0].contains("nothing but zeroes in its first"), "{:?}", of(&late).notes);
}

#[test]
fn data_is_not_bootable() {
    let text = b"To whom it may concern\n".repeat(100_000);
    for data in [&text[..], &text[..100], &[0xFF; 5000]] {
        let found = of(data);
        assert_eq!((found.kind, found.boot.len()), (ImageKind::NotBootable, 0));
    }
}

/// The hybrids that Debian packages hold: memtest86+, grub-rescue-pc, ipxe.
#[test]
fn published_hybrids() {
    use BootRecord::{EfiPartition, ElToritoBios, ElToritoUefi, MbrCode};
    let memtest = (Some("MT86PLUS_64"), Some("Memtest86+"));
    let ipxe = (Some("ISOIMAGE"), Some("iPXE"));
    let grub = (Some("ISOIMAGE"), Some("GRUB rescue"));
    for (path, (label, system), boot) in [
        (
            "/usr/lib/memtest86+/memtest86+x64.iso",
            memtest,
            &[MbrCode, EfiPartition, ElToritoBios, ElToritoUefi][..],
        ),
        ("/usr/lib/ipxe/ipxe.iso", ipxe, &[MbrCode, ElToritoBios, ElToritoUefi]),
        ("/usr/lib/grub-rescue/grub-rescue-cdrom.iso", grub, &[MbrCode, ElToritoBios]),
    ] {
        if !needs(path, Path::new(path).exists()) {
            continue;
        }
        let found = of_file(Path::new(path));
        assert_eq!(found.kind, ImageKind::HybridIso, "{path}");
        assert_eq!((found.label.as_deref(), found.system.as_deref()), (label, system), "{path}");
        assert_eq!(found.partition_tables, [PartitionTable::Mbr], "{path}");
        assert_eq!(found.boot, boot, "{path}");
        let expected_notes = usize::from(path.contains("ipxe"));
        assert_eq!(found.notes.len(), expected_notes, "{path}: {:?}", found.notes);

        // As a truncated download: still itself, and it says so.
        let image = fs::read(path).unwrap();
        let cut = of(&image[..image.len() / 2]);
        assert_eq!(cut.kind, ImageKind::HybridIso, "{path}");
        assert!(cut.notes.iter().any(|note| note.contains("may be incomplete")), "{path}: {:?}", cut.notes);
        // As the head of a compressed image, nothing is held against what cannot be seen.
        let head = recognise(&mut Cursor::new(&image[..128 * KIB as usize]), None);
        assert_eq!((head.kind, head.notes.len()), (ImageKind::HybridIso, expected_notes), "{path}");
    }
}

#[test]
fn a_disc_is_for_drives_of_discs_until_something_starts_it_from_a_stick() {
    if !tools(&["xorriso"]) {
        return;
    }
    let shop = Workshop::new();
    shop.file(
        "root/.disk/info",
        "Debian GNU/Linux 12.8.0 \"Bookworm\" - Official amd64 NETINST 20241109-11:05\n",
    );
    shop.file("root/boot/eltorito.img", [0xEB; 4096]);
    let (root, iso) = (shop.text("root"), shop.text("plain.iso"));
    let base = ["-as", "mkisofs", "-quiet", "-R", "-J", "-V", "Debian 12.8.0 amd64 n", "-o"];
    let boot = ["-b", "boot/eltorito.img", "-c", "boot/boot.cat", "-no-emul-boot", "-boot-load-size", "4"];

    run("xorriso", &[&base[..], &[&iso], &boot, &[&root]].concat());
    let found = of_file(Path::new(&iso));
    assert_eq!(found.kind, ImageKind::OpticalIso);
    assert_eq!(found.label.as_deref(), Some("Debian 12.8.0 amd64 n"));
    assert_eq!(found.system.as_deref(), Some("Debian GNU/Linux 12.8.0 amd64"));
    assert_eq!((found.boot, found.partition_tables), (vec![BootRecord::ElToritoBios], vec![]));
    assert_eq!(found.notes, Vec::<String>::new());

    // The same with a partition for UEFI, in an MBR without code and in a GPT: starts by UEFI from a stick.
    shop.file("esp.img", vec![0x5A; 128 * KIB as usize]);
    let esp = shop.text("esp.img");
    for (more, tables) in [
        (&["-append_partition", "2", "0xef", &esp][..], &[PartitionTable::Mbr][..]),
        (&["-append_partition", "2", "0xef", &esp, "-appended_part_as_gpt"], &[PartitionTable::Gpt]),
    ] {
        let iso = shop.text("efi.iso");
        run("xorriso", &[&base[..], &[&iso], &boot, more, &[&root]].concat());
        let found = of_file(Path::new(&iso));
        assert_eq!(found.kind, ImageKind::HybridIso, "{more:?}");
        assert_eq!(found.partition_tables, tables, "{more:?}");
        assert_eq!(found.boot, [BootRecord::EfiPartition, BootRecord::ElToritoBios], "{more:?}");
        assert_eq!(found.notes, Vec::<String>::new(), "{more:?}");
    }
}

/// Shaped like Microsoft's: everything in UDF, the ISO 9660 side says only that it is so.
#[test]
fn windows_setup_media() {
    if !tools(&["genisoimage"]) {
        return;
    }
    let shop = Workshop::new();
    for (name, content) in [
        ("README.TXT", "This disc contains a \"UDF\" file system"),
        ("BOOTMGR", "x"),
        ("Setup.exe", "x"),
        ("boot/etfsboot.com", "x"),
        ("efi/microsoft/boot/efisys.bin", "x"),
        ("sources/boot.wim", "not a WIM file, which must not matter"),
    ] {
        shop.file(&format!("root/{name}"), content);
    }
    let (root, iso) = (shop.text("root"), shop.text("windows.iso"));
    let mut args = vec!["-quiet", "-udf", "-iso-level", "3", "-D", "-N", "-V", "CCCOMA_X64FRE_EN-US_DV9"];
    for hidden in ["BOOTMGR", "Setup.exe", "boot", "efi", "sources"] {
        args.extend(["-hide", hidden]);
    }
    args.extend(["-b", "boot/etfsboot.com", "-no-emul-boot", "-c", "boot.cat", "-eltorito-alt-boot", "-e"]);
    args.extend(["efi/microsoft/boot/efisys.bin", "-no-emul-boot", "-o", &iso, &root]);
    run("genisoimage", &args);
    let found = of_file(Path::new(&iso));
    assert_eq!(found.kind, ImageKind::WindowsSetup, "{found:?}");
    assert_eq!(found.label.as_deref(), Some("CCCOMA_X64FRE_EN-US_DV9"));
    assert_eq!(found.system.as_deref(), Some("Windows"));
    assert_eq!(found.boot, [BootRecord::ElToritoBios, BootRecord::ElToritoUefi]);

    // Where the files cannot be seen, the label alone convicts nobody; it is worth a note.
    let image = fs::read(&iso).unwrap();
    let head = recognise(&mut Cursor::new(&image[..300 * KIB as usize]), None);
    assert_eq!(head.kind, ImageKind::OpticalIso);
    assert!(head.notes.iter().any(|note| note.contains("Windows setup media")), "{:?}", head.notes);
}

#[test]
fn fat_without_partitions() {
    if !tools(&["mkfs.fat", "mmd", "mcopy"]) {
        return;
    }
    let shop = Workshop::new();
    for (bits, size) in [("12", 2 * MIB), ("16", 32 * MIB), ("32", 64 * MIB)] {
        let image = shop.blank("fat.img", size);
        run("mkfs.fat", &["-F", bits, "-n", "STICK", &image]);
        let found = of_file(Path::new(&image));
        assert_eq!(
            (found.kind, found.label.as_deref()),
            (ImageKind::NotBootable, Some("STICK")),
            "FAT{bits}"
        );
        assert_eq!((found.boot, found.notes), (vec![], vec![]), "FAT{bits}");

        shop.file("BOOTX64.EFI", "MZ");
        run("mmd", &["-i", &image, "::/EFI", "::/EFI/boot"]);
        run("mcopy", &["-i", &image, &shop.text("BOOTX64.EFI"), "::/EFI/boot/"]);
        let found = of_file(Path::new(&image));
        assert_eq!((found.kind, found.boot), (ImageKind::Disk, vec![BootRecord::EfiPartition]), "FAT{bits}");
    }
}

#[test]
fn mbr_disks() {
    if !tools(&["sfdisk", "mkfs.fat", "mmd", "mcopy"]) {
        return;
    }
    let shop = Workshop::new();
    let image = shop.blank("disk.img", 64 * MIB);
    fn partition(image: &str, script: &str) {
        let mut child =
            Command::new("sfdisk").args(["-q", image]).stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), script.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
    partition(&image, "label: dos\nstart=2048, size=65536, type=c\nstart=67584, size=8192, type=83\n");
    let found = of_file(Path::new(&image));
    assert_eq!((found.kind, &found.boot[..]), (ImageKind::Disk, &[][..]));
    assert_eq!(found.partition_tables, [PartitionTable::Mbr]);

    // Boot code counts with an active partition to start.
    let code = include_bytes!("../../../assets/boot/demo.bin");
    let mut bytes = fs::read(&image).unwrap();
    bytes[..440].copy_from_slice(&code[..440]);
    assert_eq!(of(&bytes).boot, []);
    bytes[446] = 0x80;
    assert_eq!(of(&bytes).boot, [BootRecord::MbrCode]);

    // A partition of any type that holds a loader starts by UEFI.
    run("mkfs.fat", &["-n", "TOOLS", "--offset", "2048", &image, "32768"]);
    shop.file("BOOTX64.EFI", "MZ");
    let volume = format!("{image}@@1M");
    run("mmd", &["-i", &volume, "::/EFI", "::/EFI/BOOT"]);
    run("mcopy", &["-i", &volume, &shop.text("BOOTX64.EFI"), "::/EFI/BOOT/"]);
    let found = of_file(Path::new(&image));
    assert_eq!((found.boot, found.label.as_deref()), (vec![BootRecord::EfiPartition], Some("TOOLS")));

    let cut = recognise(&mut Cursor::new(&bytes[..4 * MIB as usize]), Some(4 * MIB));
    assert_eq!(cut.notes.len(), 2, "{:?}", cut.notes);
    assert!(cut.notes[0].starts_with("Partition 1 ends at byte 34603008"), "{:?}", cut.notes);
    let head = recognise(&mut Cursor::new(&bytes[..4 * MIB as usize]), Some(64 * MIB));
    assert_eq!(head.notes, Vec::<String>::new());
}

#[test]
fn gpt_disks() {
    if !tools(&["sgdisk"]) {
        return;
    }
    let shop = Workshop::new();
    let image = shop.blank("disk.img", 16 * MIB);
    run("sgdisk", &["-n", "1:2048:4095", "-t", "1:ef00", "-n", "2:4096:20000", &image]);
    let found = of_file(Path::new(&image));
    assert_eq!((found.kind, found.partition_tables), (ImageKind::Disk, vec![PartitionTable::Gpt]));
    assert_eq!((found.boot, found.notes), (vec![BootRecord::EfiPartition], vec![]));

    let whole = fs::read(&image).unwrap();
    let note = |image: &[u8], expected: &str| {
        let found = of(image);
        assert!(found.notes.iter().any(|note| note.contains(expected)), "{expected}: {:?}", found.notes);
        found
    };
    note(&whole[..12 * MIB as usize], "backup GPT is missing");
    let mut damaged = whole.clone();
    let len = damaged.len();
    damaged[len - 512 + 40] ^= 1;
    note(&damaged, "backup GPT is damaged");
    let mut damaged = whole.clone();
    damaged[512 + 40] ^= 1;
    let found = note(&damaged, "The GPT is damaged");
    assert_eq!(found.kind, ImageKind::NotBootable);
    note(&damaged, "Only the backup GPT");
    let mut wiped = whole.clone();
    wiped[512..1024].fill(0);
    wiped[len - 512..].fill(0);
    note(&wiped, "announces a GPT, but there is none");

    // Boot code beside a GPT is meant, without an active partition.
    let mut bootable = whole.clone();
    bootable[..4].copy_from_slice(&[0xFA, 0xEB, 0xFE, 0x90]);
    assert_eq!(of(&bootable).boot, [BootRecord::MbrCode, BootRecord::EfiPartition]);
}

#[test]
fn a_gpt_for_large_sectors_says_so() {
    if !tools(&["fdisk"]) {
        return;
    }
    let shop = Workshop::new();
    let image = shop.blank("disk.img", 64 * MIB);
    let mut child = Command::new("fdisk")
        .args(["-b", "4096", &image])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"g\nn\n1\n256\n4095\nt\n1\nw\n").unwrap();
    assert!(child.wait().unwrap().success());
    let found = of_file(Path::new(&image));
    assert_eq!((found.kind, found.partition_tables), (ImageKind::Disk, vec![PartitionTable::Gpt]));
    assert_eq!(found.boot, [BootRecord::EfiPartition]);
    assert!(found.notes.iter().any(|note| note.contains("4096")), "{:?}", found.notes);
    assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
}

#[test]
fn boot_sectors_without_a_table() {
    let mut image = vec![0; MIB as usize];
    image[..512].copy_from_slice(include_bytes!("../../../assets/boot/demo.bin"));
    let found = of(&image);
    assert_eq!((found.kind, found.boot), (ImageKind::Disk, vec![BootRecord::MbrCode]));
    assert!(found.notes[0].contains("no partition table"), "{:?}", found.notes);

    image[0x202..0x206].copy_from_slice(b"HdrS");
    assert_eq!(of(&image).kind, ImageKind::NotBootable, "a kernel");
    image[3..11].copy_from_slice(b"NTFS    ");
    assert_eq!(of(&image).kind, ImageKind::NotBootable);
    image[..2].copy_from_slice(b"MZ");
    image[3..11].fill(1);
    assert_eq!(of(&image).kind, ImageKind::NotBootable, "a program for UEFI");
}

/// A reader that fails in the middle: an honest note, no panic.
#[test]
fn read_errors_become_notes() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the cable is loose"))
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
            Ok(MIB)
        }
    }
    let found = recognise(&mut Failing, Some(MIB));
    assert_eq!(found.kind, ImageKind::NotBootable);
    assert!(found.notes[0].contains("the cable is loose"), "{:?}", found.notes);
}

/// Whatever is changed in real and made images, the answer comes without a panic.
#[test]
fn damage_is_survived() {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % limit as u64) as usize
    };
    for path in ["/usr/lib/ipxe/ipxe.iso", "/usr/lib/grub-rescue/grub-rescue-floppy.img"] {
        if !needs(path, Path::new(path).exists()) {
            continue;
        }
        let original = fs::read(path).unwrap();
        // The structures lie at the start, and behind them the data, which nothing reads.
        let reach = original.len().min(200 * KIB as usize);
        let mut image = original.clone();
        for round in 0..1000 {
            let places: Vec<usize> = (0..1 + below(40)).map(|_| below(reach)).collect();
            places.iter().for_each(|at| image[*at] = below(256) as u8);
            let len = if round % 4 == 0 { below(image.len()) } else { image.len() };
            let size = [None, Some(len as u64), Some(image.len() as u64), Some(u64::MAX)][below(4)];
            let _ = recognise(&mut Cursor::new(&image[..len]), size);
            places.iter().for_each(|at| image[*at] = original[*at]);
        }
    }
}
