use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::device::{Bus, Identity};
use crate::format::tree::FileExtent;
use crate::plan::{Extent, Fill, PlanOptions};
use crate::source::windows::{Loader, MediaFile, WindowsBoot};
use crate::source::{AdditionKind, Container, ImageKind, Origin};

fn drive(size_bytes: u64, sector_bytes: u32) -> Drive {
    Drive {
        identity: Identity {
            path: PathBuf::from("/dev/sdx"),
            vendor: None,
            model: Some("Stick".to_owned()),
            serial: Some("0001".to_owned()),
            wwn: None,
            size_bytes,
            sector_bytes,
            port: None,
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

fn image() -> ImageFacts {
    ImageFacts {
        name: "win7.iso".to_owned(),
        container: Container::Raw,
        file_bytes: 64 << 20,
        image_bytes: Some(64 << 20),
        kind: ImageKind::WindowsSetup,
        label: Some("GRMCPRXFRER_EN_DVD".to_owned()),
        system: Some("Windows 7 x64".to_owned()),
        partition_tables: Vec::new(),
        boot: Vec::new(),
        notes: Vec::new(),
        windows: Some(Box::new(WindowsFacts {
            product: "Windows 7".to_owned(),
            version: Some([6, 1, 7601]),
            architectures: vec![Architecture::X64],
            languages: Vec::new(),
            editions: Vec::new(),
            boot: WindowsBoot { bios: true, ..WindowsBoot::default() },
            install: Vec::new(),
            boot_images: Vec::new(),
            ei_cfg: None,
            has_pid_txt: false,
            answer_files: Vec::new(),
            answers: Vec::new(),
        })),
    }
}

fn file(path: &str, extents: &[(Option<u64>, u64)]) -> MediaFile {
    let extent = |&(offset_bytes, len_bytes): &(Option<u64>, u64)| FileExtent { offset_bytes, len_bytes };
    MediaFile {
        path: path.to_owned(),
        len_bytes: extents.iter().map(|(_, len)| len).sum(),
        extents: extents.iter().map(extent).collect(),
        modified_unix_secs: Some(1_290_000_000),
    }
}

fn media() -> WindowsMedia {
    WindowsMedia {
        label: Some("GRMCPRXFRER_EN_DVD".to_owned()),
        folders: vec![("sources".to_owned(), None), ("efi".to_owned(), None)],
        files: vec![
            file("sources/boot.wim", &[(Some(20 << 20), 5000), (None, 100), (Some(30 << 20), 7)]),
            file("bootmgr", &[(Some(10 << 20), 4097)]),
            file("empty.txt", &[]),
        ],
        loader: Some(Loader {
            bytes: Arc::from(&b"MZ loader"[..]),
            from: "image 1 of sources/install.wim".to_owned(),
            modified_unix_secs: None,
        }),
        loader_missing: None,
        splittable: Vec::new(),
        boot_wims: Vec::new(),
    }
}

fn plan_with(media: &WindowsMedia, drive: &Drive, options: &WindowsOptions) -> Result<Plan, Refusal> {
    plan_windows(&image(), media, drive, &Standing::Selectable, options)
}

fn addition(dest: &str, len_bytes: u64, replaces: bool) -> Addition {
    Addition {
        dest: dest.to_owned(),
        origin: Origin::Disk("/home/ada/file".into()),
        kind: AdditionKind::File { len_bytes },
        modified_unix_secs: None,
        replaces,
        of_answer: false,
    }
}

fn with(additions: Vec<Addition>) -> WindowsOptions {
    WindowsOptions { additions, ..WindowsOptions::default() }
}

fn extents_of<'a>(plan: &'a Plan, path: &str) -> Vec<&'a Extent> {
    let stick = plan.stick.as_ref().unwrap();
    let file = stick.files.iter().find(|file| file.path == path).unwrap();
    plan.extents.iter().filter(|e| e.start >= file.start && e.start < file.start + file.len).collect()
}

#[test]
fn extents_never_overlap_and_files_come_in_the_order_of_the_image() {
    for scheme in Scheme::ALL {
        for (size, sector) in [(1 << 30, 512), (8_000_000_512, 512), (64 << 30, 4096), (2 << 40, 512)] {
            let options = WindowsOptions { scheme, ..WindowsOptions::default() };
            let plan = plan_with(&media(), &drive(size, sector), &options).unwrap();
            let mut end = 0;
            for extent in &plan.extents {
                assert!(extent.start >= end, "{extent:?} begins before {end}");
                end = extent.end();
            }
            assert!(end <= size);
            let stick = plan.stick.unwrap();
            let paths: Vec<&str> = stick.files.iter().map(|file| file.path.as_str()).collect();
            assert_eq!(
                paths,
                ["empty.txt", "bootmgr", "sources/boot.wim", "efi/BOOT/BOOTX64.EFI", "sticksmith.sha256"]
            );
            assert_eq!(stick.label, "GRMCPRXFRER");
            assert_eq!((stick.boots_bios, stick.boots_uefi.len()), (scheme == Scheme::Mbr, 1));
            for file in stick.files.iter().filter(|file| file.len > 0) {
                assert_eq!((file.start - stick.partition_start) % u64::from(sector), 0);
                assert_eq!(stick.what_lies_at(file.start + file.len - 1), file.path);
            }
        }
    }
}

#[test]
fn a_file_comes_from_its_pieces_and_holes() {
    let plan = plan_with(&media(), &drive(1 << 30, 512), &WindowsOptions::default()).unwrap();
    let pieces: Vec<_> =
        extents_of(&plan, "sources/boot.wim").iter().map(|e| (e.len, e.fill.clone())).collect();
    assert_eq!(
        pieces,
        [
            (5000, Fill::Source { offset: 20 << 20 }),
            (100, Fill::Zeroes),
            (7, Fill::Source { offset: 30 << 20 })
        ]
    );
}

#[test]
fn the_same_choice_is_the_same_plan_and_another_drive_has_other_numbers() {
    let plan = |drive: &Drive| plan_with(&media(), drive, &WindowsOptions::default()).unwrap();
    let stick = drive(8 << 30, 512);
    assert_eq!(plan(&stick), plan(&stick));
    let mut other = stick.clone();
    other.identity.serial = Some("0002".to_owned());
    let first_bytes = |plan: &Plan| match &plan.extents[0].fill {
        Fill::Bytes { bytes, .. } => bytes[440..444].to_vec(),
        fill => panic!("{fill:?}"),
    };
    assert_ne!(first_bytes(&plan(&stick)), first_bytes(&plan(&other)));
}

#[test]
fn additions_find_their_place_clash_or_replace() {
    let stick = drive(1 << 30, 512);
    let plan = plan_with(&media(), &stick, &with(vec![addition("Sources/$OEM$/a.txt", 5, false)])).unwrap();
    assert_eq!(extents_of(&plan, "sources/$OEM$/a.txt")[0].fill, Fill::Addition { index: 0, offset: 0 });
    let plan = plan_with(&media(), &stick, &with(vec![addition("BOOTMGR", 5, true)])).unwrap();
    assert_eq!(extents_of(&plan, "bootmgr")[0].fill, Fill::Addition { index: 0, offset: 0 });
    for (bad, refusal) in [
        (addition("bootMGR", 5, false), Refusal::Clash { path: "bootMGR".to_owned() }),
        (addition("sticksmith.SHA256", 5, false), Refusal::Clash { path: "sticksmith.SHA256".to_owned() }),
        (addition("none", 5, true), Refusal::NothingToReplace { path: "none".to_owned() }),
        (addition("sources", 5, true), Refusal::NothingToReplace { path: "sources".to_owned() }),
        (
            addition("big", 1 << 32, false),
            Refusal::FileTooLarge { path: "big".to_owned(), len_bytes: 1 << 32 },
        ),
    ] {
        assert_eq!(plan_with(&media(), &stick, &with(vec![bad])), Err(refusal));
    }
    let bad = plan_with(&media(), &stick, &with(vec![addition("a?b", 5, false)]));
    assert!(matches!(bad, Err(Refusal::Layout { .. })), "{bad:?}");
}

#[test]
fn what_cannot_start_or_does_not_fit_is_refused() {
    let gpt = WindowsOptions { scheme: Scheme::Gpt, ..WindowsOptions::default() };
    let bios_only = WindowsMedia { loader: None, ..media() };
    assert_eq!(plan_with(&bios_only, &drive(1 << 30, 512), &gpt), Err(Refusal::NoUefiLoader));
    for scheme in Scheme::ALL {
        let additions = vec![addition("big", 900 << 20, false), addition("bigger", 900 << 20, false)];
        let large = WindowsOptions { scheme, additions, ..WindowsOptions::default() };
        match plan_with(&media(), &drive(1 << 30, 512), &large) {
            Err(Refusal::TooSmall { needed_bytes, drive_bytes }) => {
                assert_eq!(drive_bytes, 1 << 30);
                assert!(plan_with(&media(), &drive(needed_bytes, 512), &large).is_ok());
                assert!(plan_with(&media(), &drive(needed_bytes - MIB, 512), &large).is_err());
            }
            other => panic!("{other:?}"),
        }
    }
    let huge = WindowsMedia { files: vec![file("sources/install.esd", &[(Some(0), 5 << 30)])], ..media() };
    let refusal = plan_with(&huge, &drive(8 << 30, 512), &WindowsOptions::default()).unwrap_err();
    assert!(refusal.to_string().contains("solid"), "{refusal}");
    let damaged = ("sources/install.wim".to_owned(), Err("its header is damaged".to_owned()));
    let files = vec![file("sources/install.wim", &[(Some(0), 5 << 30)])];
    let huge = WindowsMedia { files, splittable: vec![damaged], ..media() };
    let refusal = plan_with(&huge, &drive(8 << 30, 512), &WindowsOptions::default()).unwrap_err();
    assert!(refusal.to_string().contains("header is damaged"), "{refusal}");
    assert!(plan_with(&media(), &drive(8 << 20, 512), &WindowsOptions::default()).is_err());
}

#[test]
fn only_windows_media_are_laid_out_file_by_file() {
    let (stick, media) = (drive(1 << 30, 512), Ok(Arc::new(media())));
    let plan = |image: &ImageFacts, media, options: &PlanOptions| {
        crate::plan::plan(image, media, &stick, &Standing::Selectable, options)
    };
    let options = PlanOptions::default();
    assert!(plan(&image(), Some(&media), &options).unwrap().stick.is_some());
    assert_eq!(plan(&image(), None, &options), Err(Refusal::CompressedWindows));
    let raw = PlanOptions { as_raw_copy: true, ..options.clone() };
    assert!(plan(&image(), Some(&media), &raw).unwrap().stick.is_none());
    let other = ImageFacts { kind: ImageKind::Disk, windows: None, ..image() };
    assert!(plan(&other, None, &options).unwrap().stick.is_none());
    let added = PlanOptions { windows: with(vec![addition("a", 1, false)]), ..options };
    assert_eq!(plan(&other, None, &added), Err(Refusal::NotWindows));
}
