use std::path::PathBuf;

use super::*;
use crate::device::{Bus, Identity};
use crate::source::Container;

fn drive(size_bytes: u64, sector_bytes: u32) -> Drive {
    Drive {
        identity: Identity {
            path: PathBuf::from("/dev/sdx"),
            vendor: Some("Acme".to_owned()),
            model: Some("Stick".to_owned()),
            serial: Some("0001".to_owned()),
            wwn: None,
            size_bytes,
            sector_bytes,
            port: Some("1-2".to_owned()),
            device_number: (8, 16),
            sequence: Some(7),
        },
        bus: Bus::Usb,
        physical_sector_bytes: sector_bytes,
        removable: true,
        hotplug: true,
        read_only: false,
        partitions: Vec::new(),
        system_uses: Vec::new(),
        stoppable_uses: Vec::new(),
        appeared_unix_secs: None,
    }
}

fn image(kind: ImageKind, image_bytes: Option<u64>) -> ImageFacts {
    ImageFacts {
        name: "image.iso".to_owned(),
        container: if image_bytes.is_some() { Container::Raw } else { Container::Gzip },
        file_bytes: 1000,
        image_bytes,
        kind,
        label: None,
        system: None,
        partition_tables: Vec::new(),
        boot: Vec::new(),
        windows: None,
        notes: Vec::new(),
    }
}

fn plan(image: &ImageFacts, drive: &Drive) -> Result<Plan, Refusal> {
    plan_raw(image, drive, &Standing::Selectable, &RawOptions::default())
}

fn source(start: u64, len: u64) -> Extent {
    Extent { start, len, fill: Fill::Source { offset: start } }
}

fn zeroes(start: u64, len: u64) -> Extent {
    Extent { start, len, fill: Fill::Zeroes }
}

#[test]
fn a_tail_that_does_not_fill_its_sector_is_padded_with_zeroes() {
    for (sector, len, expected) in [
        (512, 8192, vec![source(0, 8192)]),
        (512, 8193, vec![source(0, 8193), zeroes(8193, 511)]),
        (4096, 8704, vec![source(0, 8704), zeroes(8704, 3584)]),
        (512, 1, vec![source(0, 1), zeroes(1, 511)]),
    ] {
        let made = plan(&image(ImageKind::Disk, Some(len)), &drive(8 * MIB, sector)).unwrap();
        assert_eq!(made.extents, expected);
        assert!(made.sized);
    }
}

#[test]
fn an_image_that_is_exactly_as_large_as_the_drive_fits_and_a_byte_more_does_not() {
    let stick = drive(8 * MIB, 512);
    assert!(plan(&image(ImageKind::Disk, Some(8 * MIB)), &stick).is_ok());
    assert_eq!(
        plan(&image(ImageKind::Disk, Some(8 * MIB + 1)), &stick),
        Err(Refusal::TooSmall { needed_bytes: 8 * MIB + 1, drive_bytes: 8 * MIB })
    );
}

#[test]
fn a_drive_whose_size_is_no_multiple_of_its_sector_loses_the_rest() {
    let stick = drive(8 * MIB + 512, 4096);
    assert!(matches!(
        plan(&image(ImageKind::Disk, Some(8 * MIB + 1)), &stick),
        Err(Refusal::TooSmall { .. })
    ));
}

#[test]
fn both_ends_are_wiped_and_a_tiny_drive_whole() {
    let made = plan(&image(ImageKind::Disk, Some(512)), &drive(8 * MIB, 512)).unwrap();
    assert_eq!(made.wipes, [(0, MIB), (7 * MIB, MIB)]);
    let made = plan(&image(ImageKind::Disk, Some(512)), &drive(MIB + 512, 512)).unwrap();
    assert_eq!(made.wipes, [(0, MIB + 512)]);
}

#[test]
fn an_image_of_unknown_size_may_fill_the_drive_until_its_size_is_known() {
    let made = plan(&image(ImageKind::Disk, None), &drive(8 * MIB, 4096)).unwrap();
    assert!(!made.sized);
    assert_eq!(made.extents, [source(0, 8 * MIB)]);
    let sized = made.sized_at(5000);
    assert_eq!(sized.extents, [source(0, 5000), zeroes(5000, 3192)]);
    assert!(sized.sized);
}

#[test]
fn mapped_ranges_are_widened_to_sectors_and_joined() {
    let options = RawOptions { mapped: Some(vec![(0, 4096), (6000, 100), (6144, 10), (20_000, 500)]) };
    let facts = image(ImageKind::Disk, Some(20_300));
    let made = plan_raw(&facts, &drive(8 * MIB, 512), &Standing::Selectable, &options).unwrap();
    assert_eq!(made.extents, [source(0, 4096), source(5632, 1024), source(19_968, 332), zeroes(20_300, 180)]);
    assert_eq!(made.planned_bytes(), 4096 + 1024 + 512);
}

#[test]
fn what_must_not_be_written_is_refused() {
    let facts = image(ImageKind::Disk, Some(512));
    let stick = drive(8 * MIB, 512);
    let why = Standing::Forbidden("Swap is on it.".to_owned());
    assert_eq!(
        plan_raw(&facts, &stick, &why, &RawOptions::default()),
        Err(Refusal::Drive { reason: "Swap is on it.".to_owned() })
    );
    assert_eq!(plan(&facts, &Drive { read_only: true, ..stick.clone() }), Err(Refusal::ReadOnly));
    assert_eq!(plan(&image(ImageKind::Empty, Some(0)), &stick), Err(Refusal::EmptyImage));
}
