//! FAT32 volumes that were laid out here, judged by everyone else who reads FAT.
#![allow(clippy::unwrap_used, clippy::panic)]

mod images;
mod support;
mod volumes;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use images::{Workshop, assert_same, tools};
use sticksmith::format::fat::layout::{FatLayout, LayoutError, VolumeSpec, lay_out, needed_bytes};
use sticksmith::format::mbr::{self, NewPartition};
use support::LoopDevice;
use volumes::{Content, GIB, MIB, ask, assert_extracted, hard_content, spec, tell, write};

/// Every tool finds the volume whole, and in it what it shall hold.
fn judge(shop: &Workshop, spec: &VolumeSpec<'_>, made: &Content) -> FatLayout {
    let layout = lay_out(spec, &made.nodes).unwrap();
    let image = shop.text("volume.img");
    write(&shop.path("volume.img"), 0, &layout, made);
    assert_checked(&image, &layout);

    for folder in ["mtools", "7z"] {
        let _ = fs::remove_dir_all(shop.path(folder));
        fs::create_dir(shop.path(folder)).unwrap();
    }
    // mtools takes the two UTF-16 units of a pair for two characters.
    if !made.paths().iter().any(|path| path.contains('😀')) {
        ask("mcopy", &["-s", "-m", "-i", &image, "::/*", &shop.text("mtools")]);
        assert_extracted(&shop.path("mtools"), made, Some(1));
    }
    ask("7z", &["x", "-y", "-tfat", &format!("-o{}", shop.text("7z")), &image]);
    assert_extracted(&shop.path("7z"), made, Some(2));

    let serial = format!("{:08X}", spec.serial);
    let minfo = ask("minfo", &["-i", &image, "::"]);
    for fact in [
        format!("serial number: {serial}"),
        "disk label=\"WIN7 PRO_DE\"".to_owned(),
        format!("hidden sectors: {}", spec.first_lba),
        format!("free clusters={}", layout.free_clusters),
        "heads: 255".to_owned(),
    ] {
        assert!(minfo.contains(&fact), "{fact} is not in {minfo}");
    }
    assert_eq!(ask("fatlabel", &[&image]).trim(), "WIN7 PRO_DE");
    let short_serial = ask("fatlabel", &["-i", &image]).trim().to_uppercase();
    assert_eq!(short_serial.trim_start_matches("0X").replace('-', ""), serial);
    layout
}

/// fsck.fat has nothing to say but its sums, and those are ours.
fn assert_checked(image: &str, layout: &FatLayout) {
    let (is_well, text) = tell("fsck.fat", &["-n", image]);
    let said: Vec<&str> = text.lines().filter(|line| !line.starts_with("fsck.fat ")).collect();
    let used = layout.cluster_count - layout.free_clusters;
    let sums = format!("{used}/{} clusters", layout.cluster_count);
    assert!(is_well && said.len() == 1 && said[0].ends_with(&sums), "{sums}, but fsck.fat says: {text}");
}

fn all_tools() -> bool {
    if !fs::read_to_string("/proc/filesystems").is_ok_and(|kinds| kinds.contains("vfat")) {
        eprintln!("NOTE: this kernel has no vfat, so that the volumes are not mounted");
    }
    tools(&["fsck.fat", "mcopy", "minfo", "fatlabel", "7z"])
}

#[test]
fn volumes_of_every_size() {
    if !all_tools() {
        return;
    }
    let shop = Workshop::new();
    for (round, (size, sector_bytes, cluster_bytes)) in [
        (40 * MIB, 512, 512),
        (100 * MIB + 12_345, 512, 1024),
        (300 * MIB + 4096, 4096, 4096),
        (900 * MIB, 512, 4096),
        (20 * GIB, 512, 16_384),
        (64 * GIB - 512, 512, 32_768),
        (64 * GIB, 4096, 32_768),
    ]
    .into_iter()
    .enumerate()
    {
        let made = hard_content(round as u64 + 1, 400, round % 2 == 1);
        let layout = judge(&shop, &spec(size, sector_bytes), &made);
        assert_eq!(layout.cluster_bytes, cluster_bytes);
        assert!(layout.volume_bytes <= size && size - layout.volume_bytes < MIB, "{size}");
    }
}

/// As large as 32 bits count sectors. fsck.fat takes some 770 MB of memory for it.
#[test]
fn the_largest_volume() {
    if !all_tools() {
        return;
    }
    let shop = Workshop::new();
    let made = hard_content(9, 100, false);
    let layout = judge(&shop, &spec((2 << 40) + 5 * MIB, 512), &made);
    assert!(layout.volume_bytes > (2 << 40) - 256 * 512 && layout.volume_bytes < 2 << 40);
    assert_eq!(layout.cluster_bytes, 32_768);
}

#[test]
fn many_names_in_one_directory() {
    if !all_tools() {
        return;
    }
    let shop = Workshop::new();
    let mut made = Content::default();
    // Three entries each, in the root: 65,536 with the label's.
    for number in 0..21_845 {
        made.file(&format!("one of very many {number}"), usize::from(number % 100 == 0));
    }
    let layout = lay_out(&spec(100 * MIB, 512), &made.nodes).unwrap();
    write(&shop.path("volume.img"), 0, &layout, &made);
    assert_eq!(layout.directories[0].bytes.len(), 65_536 * 32);
    assert_checked(&shop.text("volume.img"), &layout);
    let listed = ask("7z", &["l", "-ba", "-slt", "-tfat", &shop.text("volume.img")]);
    let listed = listed.lines().filter_map(|line| line.strip_prefix("Path = ")).map(str::to_owned).collect();
    assert_same(made.paths(), listed);

    made.file("X", 1);
    let error = lay_out(&spec(100 * MIB, 512), &made.nodes).unwrap_err();
    assert_eq!(error, LayoutError::DirectoryTooLarge { path: "/".to_owned(), entries: 65_537 });
}

/// A volume of just the size that is needed is whole and full; a byte less is refused with that size.
#[test]
fn just_large_enough() {
    if !all_tools() {
        return;
    }
    let shop = Workshop::new();
    let mut made = hard_content(20, 60, false);
    // What lies behind it begins in clusters whose numbers take more than 16 bits.
    made.file("large", 45 << 20).file("behind it", 700);
    for (sector_bytes, label) in [(512, "x"), (4096, "")] {
        let mut spec = VolumeSpec { label, ..spec(0, sector_bytes) };
        let needed = needed_bytes(&spec, &made.nodes).unwrap();
        spec.volume_bytes = needed - 1;
        let error = lay_out(&spec, &made.nodes).unwrap_err();
        let expected = LayoutError::TooSmall { needed_bytes: needed, available_bytes: needed - 1 };
        assert_eq!(error, expected);
        assert!(error.to_string().contains(&needed.to_string()), "{error}");

        spec.volume_bytes = needed;
        let layout = lay_out(&spec, &made.nodes).unwrap();
        write(&shop.path("volume.img"), 0, &layout, &made);
        assert_checked(&shop.text("volume.img"), &layout);
        let behind = ask("mtype", &["-i", &shop.text("volume.img"), "::/behind it"]);
        assert!(behind == String::from_utf8_lossy(&made.files["behind it"]));
        if sector_bytes == 512 {
            assert_eq!((layout.free_clusters, layout.used_end_bytes), (0, needed));
            assert_eq!(layout.reserved[512 + 488..512 + 496], [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        } else {
            assert_eq!(layout.label, None);
            assert!(ask("minfo", &["-i", &shop.text("volume.img"), "::"]).contains("NO NAME"));
        }
    }
}

/// Boot code finds these in the root by their short names, whatever else lies there.
#[test]
fn boot_code_and_the_names_that_it_looks_for() {
    let mut made = Content::default();
    made.file("bootmgr extended", 1).file("BOOTMGR.long", 1).file("bootmgr", 1);
    made.file("efi/boot/bootx64.efi", 1).file("efi/boot/bootx64.efi.bak", 1);
    let mut code: Vec<u8> = (0..1024).map(|at| (at % 251) as u8).collect();
    code[..3].copy_from_slice(&[0xEB, 0x58, 0x90]);
    for sector_bytes in [512_usize, 4096] {
        let spec = VolumeSpec { boot_code: &code, ..spec(600 * MIB, sector_bytes as u32) };
        let layout = lay_out(&spec, &made.nodes).unwrap();
        let short_names = |path: &str| -> Vec<String> {
            let directory = layout.directories.iter().find(|directory| directory.path == path).unwrap();
            let entries = directory.bytes.chunks(32).filter(|entry| entry[0] != 0 && entry[11] != 0x0F);
            entries.map(|entry| String::from_utf8(entry[..11].to_vec()).unwrap()).collect()
        };
        let expected = ["WIN7 PRO_DE", "BOOTMG~1   ", "BOOTMG~1LON", "BOOTMGR    ", "EFI        "];
        assert_eq!(short_names(""), expected);
        assert_eq!(short_names("efi/boot")[2..], ["BOOTX64 EFI", "BOOTX6~1BAK"]);

        let sector = |number: usize| &layout.reserved[number * sector_bytes..][..sector_bytes];
        assert_eq!(sector(0)[..3], code[..3]);
        assert_eq!(sector(0)[0x5A..510], code[0x5A..510]);
        assert_eq!(sector(0)[510..512], [0x55, 0xAA]);
        assert_eq!(sector(2)[..512], code[512..]);
        for (copied, copy) in [(0, 6), (1, 7), (2, 8)] {
            assert_eq!(sector(copied), sector(copy), "{copied}");
            assert!(sector(copied)[512..].iter().all(|byte| *byte == 0));
        }
    }
    for bad in [&code[..512], &code[1..], &[0; 1024][..]] {
        let error = lay_out(&VolumeSpec { boot_code: bad, ..spec(600 * MIB, 512) }, &made.nodes).unwrap_err();
        assert_eq!(error, LayoutError::BootCode { len_bytes: bad.len() });
    }
}

/// A tiny volume byte by byte, as the specification says it.
#[test]
fn golden_bytes() {
    let mut made = Content::default();
    made.file("bootmgr", 513);
    // 2010-11-21 03:21:03.
    made.nodes[0].modified_unix_secs = Some(1_290_309_663);
    made.nodes[0].is_hidden = true;
    let layout = lay_out(&spec(40 * MIB, 512), &made.nodes).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();

    // 81,920 sectors; two tables of 625; data at sector 2048 of the volume, which is 4096 of the device.
    let boot = "EB5890 4D5357494E342E31 0002 01 1E03 02 0000 0000 F8 0000 3F00 FF00 00080000 00400100 71020000 \
                0000 0000 02000000 0100 0600 000000000000000000000000 80 00 29 CDAB3412 \
                57494E372050524F5F4445 4641543332202020";
    assert_eq!(hex(&layout.reserved[..90]), boot.replace(' ', ""));
    assert_eq!((layout.data_offset_bytes, layout.cluster_count, layout.free_clusters), (MIB, 79_872, 79_869));
    assert_eq!(layout.fat_offsets_bytes, [798 * 512, 1423 * 512]);
    assert_eq!(hex(&layout.reserved[512..516]), "52526141");
    // 79,869 are free, from 5 on.
    assert_eq!(hex(&layout.reserved[996..1004]), "72724161FD370100");
    assert_eq!(hex(&layout.reserved[1004..1024]), "05000000000000000000000000000000000055AA");

    let mut table = [0xEE; 28];
    layout.table.fill(0, &mut table);
    assert_eq!(hex(&table), "F8FFFF0FFFFFFF0FFFFFFF0F04000000FFFFFF0F0000000000000000");
    let root = [
        // WIN7 PRO_DE, a volume's label, 2010-11-21 03:21:02.
        "57494E372050524F5F4445 08 00 00 A11A 753D 753D 0000 A11A 753D 0000 00000000",
        // The long name, one piece; checksum of "BOOTMGR    ".
        "41 62006F006F0074006D00 0F 00 EE 67007200 0000FFFFFFFFFFFF 0000 FFFFFFFF",
        // BOOTMGR, hidden and to be archived, 2010-11-21 03:21:03, cluster 3, 513 bytes.
        "424F4F544D475220202020 22 00 64 A11A 753D 753D 0000 A11A 753D 0300 01020000",
    ];
    assert_eq!(hex(&layout.directories[0].bytes[..96]), root.concat().replace(' ', ""));
    assert!(layout.directories[0].bytes[96..].iter().all(|byte| *byte == 0));
    assert_eq!(layout.files[0].offset_bytes, MIB + 512);
}

/// A whole stick: the record, the partition and the volume in it, seen through a drive with such sectors.
#[test]
fn on_a_partition() {
    if !all_tools() || !tools(&["blkid"]) {
        return;
    }
    let shop = Workshop::new();
    for sector_bytes in [512, 4096] {
        let made = hard_content(30, 60, false);
        let spec = spec(400 * MIB, sector_bytes);
        let layout = lay_out(&spec, &made.nodes).unwrap();
        let image = shop.text("disk.img");
        write(image.as_ref(), MIB, &layout, &made);
        let partition = NewPartition {
            is_active: true,
            type_code: mbr::TYPE_FAT32_LBA,
            first_lba: spec.first_lba,
            sector_count: (layout.volume_bytes / u64::from(sector_bytes)) as u32,
        };
        let record = mbr::record(&[0x90; mbr::CODE_BYTES], 7, &partition);
        File::options().write(true).open(&image).unwrap().write_all_at(&record, 0).unwrap();

        let folder = shop.text(&format!("from {sector_bytes}"));
        fs::create_dir(&folder).unwrap();
        ask("mcopy", &["-s", "-m", "-i", &format!("{image}@@1M"), "::/*", &folder]);
        assert_extracted(folder.as_ref(), &made, Some(1));
        let whole = LoopDevice::attach(image.as_ref(), sector_bytes, &["--partscan"]);
        let part = LoopDevice::attach(image.as_ref(), sector_bytes, &["--offset", "1048576"]);
        let (Some(whole), Some(part)) = (whole, part) else { return };
        let verified = ask("sfdisk", &["--verify", whole.node.to_str().unwrap()]);
        assert!(verified.contains("No errors detected"), "{verified}");
        let node = part.node.to_str().unwrap();
        assert_checked(node, &layout);
        let probed = ask("blkid", &["-p", node]);
        for fact in ["LABEL=\"WIN7 PRO_DE\"", "UUID=\"1234-ABCD\"", "VERSION=\"FAT32\""] {
            assert!(probed.contains(fact), "{fact} is not in {probed}");
        }
    }
}
