//! Partition tables that are made here, judged by the tools that other systems make theirs with.
#![allow(clippy::unwrap_used)]

mod images;
mod support;
mod volumes;

use std::fs::File;
use std::os::unix::fs::FileExt;

use images::{Workshop, content, tools};
use sticksmith::format::gpt::{self, Gpt, GptLayoutError, GptPartition};
use sticksmith::format::guid::Guid;
use sticksmith::format::mbr::{self, Mbr, NewPartition};
use support::LoopDevice;
use volumes::ask;

const CODE: [u8; mbr::CODE_BYTES] = [0x90; mbr::CODE_BYTES];

/// A disk that begins and ends with junk.
fn junk_disk(shop: &Workshop, size_bytes: u64) -> (String, File) {
    let image = shop.blank("disk.img", size_bytes);
    let file = File::options().read(true).write(true).open(&image).unwrap();
    let junk = content("junk", 1 << 20);
    file.write_all_at(&junk, 0).unwrap();
    file.write_all_at(&junk, size_bytes - (1 << 20)).unwrap();
    (image, file)
}

#[test]
fn one_partition_by_sfdisk() {
    if !tools(&["sfdisk"]) {
        return;
    }
    let shop = Workshop::new();
    // The second ends inside what cylinders reach, the first far past it.
    for (sector_count, size_bytes) in [(60_000_000_u32, 32_u64 << 30), (200_000, 200 << 20)] {
        let (image, file) = junk_disk(&shop, size_bytes);
        let partition =
            NewPartition { is_active: true, type_code: mbr::TYPE_FAT32_LBA, first_lba: 2048, sector_count };
        file.write_all_at(&mbr::record(&CODE, 0x1234_ABCD, &partition), 0).unwrap();
        let verified = ask("sfdisk", &["--verify", &image]);
        assert!(verified.contains("No errors detected"), "{verified}");
        let dump = ask("sfdisk", &["-d", &image]);
        let expected = format!("start=        2048, size= {sector_count:>11}, type=c, bootable");
        assert!(dump.contains(&expected) && dump.contains("label-id: 0x1234abcd"), "{dump}");

        let mut sector = [0; mbr::MBR_BYTES];
        file.read_exact_at(&mut sector, 0).unwrap();
        assert_eq!(sector[..440], CODE);
        assert_eq!(sector[444..446], [0, 0]);
        let parsed = Mbr::parse(&sector).unwrap();
        let found: Vec<_> = parsed.partitions().map(|p| (p.number, p.is_active(), p.first_lba)).collect();
        assert_eq!(found, [(1, true, 2048)]);
    }
}

/// Cylinder, head and sector, worked by hand.
#[test]
fn addresses_by_cylinder() {
    let record = |first_lba, sector_count| {
        let partition = NewPartition { is_active: true, type_code: 0x0C, first_lba, sector_count };
        mbr::record(&CODE, 1, &partition)[446..462].to_vec()
    };
    // 2048 = 32 * 63 + 32: head 32, sector 33. 202,047 = 12 * 16,065 + 147 * 63 + 6: cylinder 12, head 147, sector 7.
    assert_eq!(record(2048, 200_000), [0x80, 32, 33, 0, 0x0C, 147, 7, 12, 0, 8, 0, 0, 0x40, 0x0D, 3, 0]);
    assert_eq!(record(2048, u32::MAX)[4..8], [0x0C, 0xFE, 0xFF, 0xFF]);
    assert_eq!(record(20_000_000, 1)[1..4], [0xFE, 0xFF, 0xFF]);
}

/// UEFI 2.10 table 5.4.
#[test]
fn the_record_that_guards_a_gpt() {
    let entry = |disk_sectors| mbr::protective_record(&CODE, disk_sectors)[440..].to_vec();
    let guarded = entry(204_800);
    // 204,799 = 12 * 16,065 + 190 * 63 + 49: cylinder 12, head 190, sector 50.
    assert_eq!(
        guarded[..22],
        [0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xEE, 190, 50, 12, 1, 0, 0, 0, 0xFF, 0x1F, 3, 0]
    );
    assert_eq!(guarded[22..], [&[0; 48][..], &[0x55, 0xAA]].concat());
    for disk_sectors in [1 << 32, u64::MAX] {
        assert_eq!(entry(disk_sectors)[11..22], [0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
}

fn partitions(last_usable_lba: u64) -> Vec<GptPartition> {
    vec![
        GptPartition {
            number: 1,
            type_guid: gpt::TYPE_BASIC_DATA,
            unique_guid: Guid::new(0x0102_0304, 0x0506, 0x0708, 0x090A_0B0C_0D0E_0F10),
            first_lba: 2048,
            last_lba: 40_000,
            attributes: gpt::ATTRIBUTE_LEGACY_BOOTABLE,
            name: "Windows 7 Größe 😀".to_owned(),
        },
        GptPartition {
            number: 5,
            type_guid: gpt::TYPE_EFI_SYSTEM,
            unique_guid: Guid::new(1, 2, 3, 4),
            first_lba: 40_960,
            last_lba: last_usable_lba,
            attributes: 0,
            name: "x".repeat(36),
        },
    ]
}

/// Writes a table of two partitions; returns the disk and the last usable sector.
fn gpt_disk(shop: &Workshop, sector_bytes: u32, size_bytes: u64) -> (String, u64) {
    let (image, file) = junk_disk(shop, size_bytes);
    let sector = u64::from(sector_bytes);
    let disk_sectors = size_bytes / sector;
    let (first, last) = gpt::usable_lbas(sector_bytes, disk_sectors).unwrap();
    assert_eq!(first, if sector_bytes == 512 { 34 } else { 6 });
    let disk_guid = Guid::new(0xAABB_CCDD, 0x1122, 0x3344, 0x5566_7788_99AA_BBCC);
    let table = gpt::lay_out(sector_bytes, disk_sectors, disk_guid, &partitions(last)).unwrap();
    file.write_all_at(&mbr::protective_record(&CODE, disk_sectors), 0).unwrap();
    file.write_all_at(&table.primary, sector).unwrap();
    file.write_all_at(&table.backup, table.backup_lba * sector).unwrap();
    assert_eq!(table.backup_lba * sector + table.backup.len() as u64, size_bytes);
    assert_eq!((table.first_usable_lba, table.last_usable_lba), (first, last));
    (image, last)
}

fn assert_tools_agree(disk: &str, last_usable_lba: u64) {
    let verified = ask("sgdisk", &["-v", disk]);
    assert!(verified.contains("No problems found"), "{verified}");
    let verified = ask("sfdisk", &["--verify", disk]);
    assert!(verified.contains("No errors detected"), "{verified}");
    let dump = ask("sfdisk", &["-d", disk]);
    for fact in [
        "label-id: AABBCCDD-1122-3344-5566-778899AABBCC",
        &format!("last-lba: {last_usable_lba}"),
        "start=        2048, size=       37953, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
        "uuid=01020304-0506-0708-090A-0B0C0D0E0F10, name=\"Windows 7 Gr\\xc3\\xb6\\xc3\\x9fe \\xf0\\x9f\\x98\\x80\", attrs=\"LegacyBIOSBootable\"",
        "type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
    ] {
        assert!(dump.contains(fact), "{fact} is not in {dump}");
    }
}

#[test]
fn gpt_by_sgdisk_and_sfdisk() {
    if !tools(&["sgdisk", "sfdisk"]) {
        return;
    }
    let shop = Workshop::new();
    // The last has more sectors than the protective record can count.
    for size_bytes in [100 << 20, 32 << 30, 3 << 40] {
        let (image, last) = gpt_disk(&shop, 512, size_bytes);
        assert_tools_agree(&image, last);
        let mut file = File::open(&image).unwrap();
        let read = Gpt::read_primary(&mut file, 512).unwrap().unwrap();
        assert_eq!(read.partitions, partitions(last));
        assert!(read.backup_is_valid(&mut file).unwrap());

        // Without the primary the backup says the same.
        let file = File::options().write(true).open(&image).unwrap();
        file.write_all_at(&[0; 33 * 512], 512).unwrap();
        let dump = ask("sfdisk", &["-d", &image]);
        assert!(
            dump.contains("size=       37953, type=EBD0A0A2") && dump.contains("AABBCCDD-1122"),
            "{dump}"
        );
    }
}

#[test]
fn gpt_on_large_sectors() {
    let shop = Workshop::new();
    let (image, last) = gpt_disk(&shop, 4096, 800 << 20);
    let Some(device) = LoopDevice::attach(image.as_ref(), 4096, &[]) else { return };
    if tools(&["sgdisk", "sfdisk"]) {
        assert_tools_agree(device.node.to_str().unwrap(), last);
    }
}

#[test]
fn tables_that_cannot_be() {
    let good = partitions(100_000);
    let lay_out = |partitions: &[GptPartition]| gpt::lay_out(512, 200_000, Guid::ZERO, partitions);
    lay_out(&good).unwrap();
    let changed = |change: &dyn Fn(&mut GptPartition)| {
        let mut partitions = good.clone();
        change(&mut partitions[1]);
        lay_out(&partitions).unwrap_err()
    };
    assert_eq!(changed(&|p| p.first_lba = 40_000), GptLayoutError::Overlap { number: 5, other: 1 });
    assert_eq!(changed(&|p| p.number = 1), GptLayoutError::Number { number: 1 });
    assert_eq!(changed(&|p| p.number = 0), GptLayoutError::Number { number: 0 });
    assert_eq!(changed(&|p| p.number = 129), GptLayoutError::Number { number: 129 });
    assert_eq!(changed(&|p| p.name.push('x')), GptLayoutError::NameTooLong { number: 5 });
    for (first_lba, last_lba) in [(33, 50), (50_000, 199_967), (60_000, 59_999), (0, u64::MAX)] {
        let error = changed(&|p| (p.first_lba, p.last_lba) = (first_lba, last_lba));
        assert!(matches!(error, GptLayoutError::OutOfRange { number: 5, .. }), "{error}");
    }
    for (sector_bytes, disk_sectors) in [(512, 0), (512, 67), (4096, 11)] {
        let error = gpt::usable_lbas(sector_bytes, disk_sectors).unwrap_err();
        assert_eq!(error, GptLayoutError::DiskTooSmall { disk_sectors });
    }
    assert_eq!(gpt::usable_lbas(512, 68), Ok((34, 34)));
    let error = gpt::usable_lbas(2048, 1 << 20).unwrap_err();
    assert_eq!(error, GptLayoutError::SectorSize { sector_bytes: 2048 });
}
