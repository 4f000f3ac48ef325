//! What is said of drives of machines that exist only as folders.

use std::path::Path;

use super::super::find::by_id;
use super::fake::{Machine, usb_port};
use crate::device::standing::{Standing, judge};
use crate::device::{Bus, Drive, distinct_ids};

const USB_RECORD: &str = "E:ID_FS_LABEL_ENC=MY\\x20STICK\nE:ID_FS_TYPE=vfat\n";

#[test]
fn a_stick_is_described_whole() {
    let mut machine = Machine::new();
    machine
        .usb_stick("1-4.2", "sdb", "8:16", "4C530001230512117295")
        .set("queue/logical_block_size", "512")
        .set("queue/physical_block_size", "4096")
        .partition(2, "8:18", 2_099_200, 1000)
        .partition(1, "8:17", 2048, 2_097_152);
    machine.udev("8:17", USB_RECORD);
    machine.udev("8:18", "E:ID_PART_ENTRY_NUMBER=2\n");
    machine.mount("8:17", "/media/user/MY\\040STICK", "vfat", "/dev/sdb1");

    let drive = machine.drive("sdb");
    assert_eq!(drive.bus, Bus::Usb);
    assert_eq!(drive.title(), "SanDisk Ultra Fit");
    assert_eq!(drive.id(), "usb-4C530001230512117295");
    assert_eq!(drive.identity.port.as_deref(), Some("1-4.2"));
    assert_eq!(drive.identity.device_number, (8, 16));
    assert_eq!(drive.identity.sequence, Some(11));
    assert_eq!(drive.identity.size_bytes, 8_000_000_000);
    assert_eq!((drive.identity.sector_bytes, drive.physical_sector_bytes), (512, 4096));
    assert!(drive.hotplug && drive.removable && !drive.read_only);

    let [first, second] = drive.partitions.as_slice() else { panic!("{:?}", drive.partitions) };
    assert_eq!((first.number, first.path.as_path()), (Some(1), Path::new("/dev/sdb1")));
    assert_eq!((first.offset_bytes, first.size_bytes), (1 << 20, 1 << 30));
    let volume = first.volume.as_ref().unwrap();
    assert_eq!((volume.kind.as_str(), volume.label.as_deref()), ("vfat", Some("MY STICK")));
    assert_eq!(first.mount_points, [Path::new("/media/user/MY STICK")]);
    assert_eq!((second.number, &second.volume), (Some(2), &None));

    assert_eq!(drive.system_uses, Vec::<String>::new());
    assert_eq!(judge(&drive, &[]), Standing::Selectable);
}

#[test]
fn a_hybrid_stick_that_is_mounted_as_a_whole_shows_both() {
    let mut machine = Machine::new();
    machine.usb_stick("1-1", "sdb", "8:16", "A1").partition(1, "8:17", 64, 1000);
    machine.udev("8:16", "E:ID_FS_TYPE=iso9660\nE:ID_FS_LABEL_ENC=Debian\n");
    machine.mount("8:16", "/media/cdrom", "iso9660", "/dev/sdb");
    let drive = machine.drive("sdb");
    let numbers: Vec<Option<u32>> = drive.partitions.iter().map(|p| p.number).collect();
    assert_eq!(numbers, [None, Some(1)]);
    assert_eq!(drive.mount_points().collect::<Vec<_>>(), [Path::new("/media/cdrom")]);
    assert_eq!(drive.partitions[0].volume.as_ref().unwrap().kind, "iso9660");
}

#[test]
fn uas_disks_cards_and_removable_slots_come_and_go() {
    let machine = Machine::new();
    let usb = usb_port("2-3");
    machine.link(&format!("{usb}/2-3:1.0/driver"), "uas");
    let scsi = format!("{usb}/2-3:1.0/host7/target7:0:0/7:0:0:0");
    machine.link(&format!("{scsi}/subsystem"), "scsi");
    machine.attribute(&format!("{scsi}/wwid"), "naa.5000c500a1b2c3d4");
    machine.attribute(&format!("{scsi}/model"), "Expansion\u{1b}[31m Desk");
    machine.block(&scsi, "sdc", "8:32", 16_000_000_000_000).set("removable", "0");
    let uas = machine.drive("sdc");
    assert_eq!((uas.bus, uas.hotplug, uas.removable), (Bus::Uas, true, false));
    assert_eq!(uas.identity.wwn.as_deref(), Some("naa.5000c500a1b2c3d4"));
    assert_eq!(uas.title(), "Expansion\u{FFFD}[31m Desk");
    assert_eq!(uas.id(), "usb-port-2-3");
    assert_eq!(judge(&uas, &[]), Standing::Selectable);

    for (name, kind, hotplug) in [("mmcblk0", "SD", true), ("mmcblk1", "MMC", false)] {
        let card = format!("platform/mmc_host/{name}/card");
        machine.link(&format!("{card}/subsystem"), "mmc");
        machine.attribute(&format!("{card}/type"), kind);
        machine.attribute(&format!("{card}/name"), "SC32G");
        machine.attribute(&format!("{card}/serial"), "0x1234abcd");
        machine.block(&card, name, if hotplug { "179:0" } else { "179:8" }, 32_000_000_000);
        let card = machine.drive(name);
        assert_eq!((card.bus, card.hotplug), (Bus::Mmc, hotplug));
        assert_eq!(card.id(), "mmc-0x1234abcd");
        assert_eq!(card.title(), "SC32G");
        assert_eq!(matches!(judge(&card, &[]), Standing::Hidden(_)), !hotplug);
    }

    machine.attribute("pci0000:00/0000:01:00.0/removable", "removable");
    machine.nvme();
    assert!(machine.drive("nvme0n1").hotplug);
}

#[test]
fn scsi_disks_tell_their_serial_number_in_a_page() {
    let machine = Machine::new();
    let scsi = "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0";
    machine.link(&format!("{scsi}/subsystem"), "scsi");
    machine.attribute(&format!("{scsi}/wwid"), "t10.ATA     WDC WD10EZEX   WD-WCC3F1234567");
    machine.attribute(&format!("{scsi}/vpd_pg80"), "\0\u{1}\0\u{14}     WD-WCC3F1234567");
    machine.block(scsi, "sda", "8:0", 1_000_204_886_016);
    let disk = machine.drive("sda");
    assert_eq!((disk.bus, disk.id().as_str()), (Bus::Ata, "ata-WD-WCC3F1234567"));
    assert_eq!(disk.identity.wwn, None);
    assert!(matches!(judge(&disk, &[]), Standing::Hidden(_)));
}

#[test]
fn what_is_no_drive_is_not_listed() {
    let machine = Machine::new();
    machine.virtual_block("zram0", "252:0", 1 << 30);
    machine.virtual_block("ram0", "1:0", 1 << 20);
    machine.virtual_block("dm-0", "253:0", 1 << 30);
    machine.virtual_block("md127", "9:127", 1 << 30);
    machine.virtual_block("loop0", "7:0", 0);
    machine.virtual_block("loop1", "7:1", 1 << 20);
    machine.virtual_block("nbd0", "43:0", 0);
    machine.block("pci/ata2", "sr0", "11:0", 1 << 30);
    machine.block("platform/floppy.0", "fd0", "2:0", 1_474_560);
    machine.block("pci/mmc", "mmcblk0boot0", "179:8", 4 << 20);
    machine.block("pci/mmc2", "mmcblk0rpmb", "179:16", 4 << 20);
    machine.block("virtual/nvme-subsystem", "nvme0c0n1", "259:1", 1 << 30).set("hidden", "1");
    machine.usb_stick("1-2", "sdb", "8:16", "READER").set("size", "0");
    let listed: Vec<String> = machine.drives().iter().map(|drive| drive.id()).collect();
    assert_eq!(listed, Vec::<String>::new());
}

#[test]
fn a_root_on_lvm_on_luks_forbids_the_drive() {
    let mut machine = Machine::new();
    machine.nvme().partition(1, "259:1", 2048, 1_048_576).partition(2, "259:2", 1_050_624, 900_000_000);
    let crypt = machine.virtual_block("dm-0", "253:0", 400_000_000_000).on("nvme0n1p2");
    crypt.set("dm/name", "luks-root").set("dm/uuid", "CRYPT-LUKS2-0123-luks-root");
    for (name, number, volume) in [("dm-1", "253:1", "vg0-root"), ("dm-2", "253:2", "vg0-swap")] {
        let lvm = machine.virtual_block(name, number, 1 << 30).on("dm-0");
        lvm.set("dm/name", volume).set("dm/uuid", "LVM-abc");
    }
    machine.mount("253:1", "/", "ext4", "/dev/mapper/vg0-root");
    machine.mount("259:1", "/boot/efi", "vfat", "/dev/nvme0n1p1");
    machine.swap("/dev/dm-2", "partition");
    let drive = machine.drive("nvme0n1");
    assert_eq!(
        drive.system_uses,
        [
            "/boot/efi is mounted from /dev/nvme0n1p1",
            "/dev/nvme0n1p2 is part of the encrypted volume luks-root that carries / and swap",
        ]
    );
    let Standing::Forbidden(reason) = judge(&drive, &[]) else { panic!("not forbidden") };
    assert!(reason.contains("carries / and swap"), "{reason}");
}

#[test]
fn layers_on_a_stick_forbid_it_even_when_nothing_is_mounted() {
    let machine = Machine::new();
    machine.usb_stick("1-1", "sdb", "8:16", "A1").partition(1, "8:17", 2048, 1_000_000);
    machine.usb_stick("1-2", "sdc", "8:32", "A2");
    machine.virtual_block("md127", "9:127", 1 << 30).on("sdb1");
    machine
        .virtual_block("dm-0", "253:0", 1 << 30)
        .on("sdc")
        .set("dm/name", "photos")
        .set("dm/uuid", "CRYPT-LUKS2-1");
    assert_eq!(machine.drive("sdb").system_uses, ["/dev/sdb1 is part of the RAID array /dev/md127"]);
    let unlocked = machine.drive("sdc");
    assert_eq!(unlocked.stoppable_uses, ["/dev/sdc is part of the encrypted volume photos"]);
    for name in ["sdb", "sdc"] {
        assert!(matches!(judge(&machine.drive(name), &[]), Standing::Forbidden(_)), "{name}");
    }
}

#[test]
fn swap_forbids_as_partition_as_file_and_behind_zram() {
    let mut machine = Machine::new();
    machine
        .usb_stick("1-1", "sdb", "8:16", "A1")
        .partition(1, "8:17", 2048, 1000)
        .partition(2, "8:18", 4096, 1000);
    machine.usb_stick("1-2", "sdc", "8:32", "A2");
    machine.virtual_block("zram0", "252:0", 1 << 30).set("backing_dev", "/dev/sdc");
    machine.mount("8:17", "/media/data", "ext4", "/dev/sdb1");
    machine.swap("/dev/sdb2", "partition");
    machine.swap("/media/data/swap\\040file", "file");
    machine.swap("/dev/zram0", "partition");
    assert_eq!(machine.drive("sdb").system_uses, ["the swap file /media/data/swap file lies on /dev/sdb1"]);
    assert_eq!(machine.drive("sdb").stoppable_uses, ["swap is on /dev/sdb2"]);
    assert_eq!(
        machine.drive("sdc").system_uses,
        ["/dev/sdc is part of the device /dev/zram0 that carries swap"]
    );
}

#[test]
fn only_system_places_forbid_a_stick_but_any_mount_a_fixed_drive() {
    let mut machine = Machine::new();
    machine.usb_stick("1-1", "sdb", "8:16", "A1");
    machine.nvme().partition(1, "259:1", 2048, 1000);
    for (point, is_system) in [
        ("/media/user/x", false),
        ("/run/media/user/x", false),
        ("/mnt", false),
        ("/home/user/stick", false),
        ("/variable", false),
        ("/", true),
        ("/home", true),
        ("/boot/efi", true),
        ("/var/lib/docker", true),
        ("/nix/store", true),
    ] {
        machine.mount("8:16", point, "ext4", "/dev/sdb");
        let uses = machine.drive("sdb").system_uses;
        assert_eq!(uses.len(), usize::from(is_system), "{point}: {uses:?}");
        machine.mounts_clear();
    }
    machine.mount("259:1", "/mnt/archive", "ext4", "/dev/nvme0n1p1");
    let uses = machine.drive("nvme0n1").system_uses;
    assert_eq!(uses, ["/dev/nvme0n1p1 is mounted at /mnt/archive; unmount it first"]);
    for point in ["/", "/home", "/srv", "/tmp", "/var"] {
        machine.mount("259:1", point, "ext4", "/dev/nvme0n1p1");
    }
    let uses = machine.drive("nvme0n1").system_uses;
    assert_eq!(uses, ["/, /home, /srv and 2 more are mounted from /dev/nvme0n1p1"]);
}

#[test]
fn a_live_system_forbids_the_stick_it_runs_from() {
    let mut machine = Machine::new();
    machine.usb_stick("1-1", "sdb", "8:16", "LIVE").partition(1, "8:17", 64, 4_000_000);
    machine
        .virtual_block("loop0", "7:0", 1 << 30)
        .set("loop/backing_file", "/run/live/medium/live/filesystem.squashfs");
    machine.mount("8:17", "/run/live/medium", "iso9660", "/dev/sdb1");
    machine.mount("7:0", "/run/live/rootfs", "squashfs", "/dev/loop0");
    machine.mount("0:30", "/run/live/overlay", "tmpfs", "tmpfs");
    machine.mount_with("0:31", "/", "overlay", "rw,lowerdir=/run/live/rootfs,upperdir=/run/live/overlay/rw");
    let uses = machine.drive("sdb").system_uses;
    let [only] = uses.as_slice() else { panic!("{uses:?}") };
    assert!(only.starts_with("/dev/sdb1 holds /run/live/medium/live/filesystem.squashfs"), "{only}");
    assert!(only.contains("attached as /dev/loop0 that carries / and /run/live/rootfs"), "{only}");
}

#[test]
fn all_members_of_a_mounted_btrfs_are_in_use_and_zfs_members_while_zfs_is_mounted() {
    let mut machine = Machine::new();
    machine.usb_stick("1-1", "sdb", "8:16", "A1");
    machine.usb_stick("1-2", "sdc", "8:32", "A2");
    machine.usb_stick("1-3", "sdd", "8:48", "A3");
    for device in ["sdb", "sdc"] {
        std::fs::create_dir_all(machine.at(format!("sys/fs/btrfs/0f-1a/devices/{device}"))).unwrap();
    }
    machine.mount("0:45", "/home", "btrfs", "/dev/sdb");
    for name in ["sdb", "sdc"] {
        assert_eq!(machine.drive(name).system_uses, [format!("/home is mounted from /dev/{name}")]);
    }
    machine.udev("8:48", "E:ID_FS_TYPE=zfs_member\n");
    assert_eq!(machine.drive("sdd").system_uses, Vec::<String>::new());
    machine.mount("0:50", "/tank", "zfs", "tank");
    assert_eq!(
        machine.drive("sdd").system_uses,
        ["/dev/sdd belongs to a ZFS pool while ZFS is mounted at /tank"]
    );
}

#[test]
fn identical_sticks_are_told_apart_by_their_ports() {
    let machine = Machine::new();
    machine.usb_stick("1-1", "sdb", "8:16", "0123456789");
    machine.usb_stick("1-2", "sdc", "8:32", "0123456789");
    let drives = machine.drives();
    assert_eq!(distinct_ids(&drives), ["usb-0123456789@1-1", "usb-0123456789@1-2"]);
    assert!(drives[0].identity.difference(&drives[1].identity).unwrap().contains("port"));
}

#[test]
fn an_id_never_means_another_stick() {
    let twins = |ports: &[&str], serial: &str| {
        let machine = Machine::new();
        for (port, (name, number)) in ports.iter().zip([("sdb", "8:16"), ("sdc", "8:32")]) {
            machine.usb_stick(port, name, number, serial);
        }
        machine.drives()
    };
    let port = |drives: &[Drive], id: &str| {
        by_id(drives, id).map(|found| found.map(|drive| drive.identity.port.clone().unwrap_or_default()))
    };
    let both = twins(&["1-1", "1-2"], "0123");
    assert_eq!(port(&both, "usb-0123@1-2").unwrap().unwrap(), "1-2");
    let refused = port(&both, "usb-0123").unwrap().unwrap_err().to_string();
    assert_eq!(refused, "Several drives are called usb-0123; name one of usb-0123@1-1, usb-0123@1-2.");
    // The name with the port outlives the twin, and its stick.
    let one = twins(&["1-2"], "0123");
    assert_eq!(port(&one, "usb-0123@1-2").unwrap().unwrap(), "1-2");
    assert_eq!(port(&one, "usb-0123").unwrap().unwrap(), "1-2");
    assert!(port(&one, "usb-0123@1-1").is_none());
    // Without a serial number the port alone is the name, whether the twin is there or not.
    for drives in [twins(&["1-1", "1-2"], ""), twins(&["1-2"], "")] {
        assert_eq!(port(&drives, "usb-port-1-2").unwrap().unwrap(), "1-2");
        assert!(port(&drives, "usb-port-1").is_none());
    }
    // A stick that calls itself like a port is not that port's stick.
    assert!(port(&twins(&["1-2"], "port-1-4"), "usb-port-1-4").is_none());
}

#[test]
fn the_time_of_plugging_in_is_told_by_udev_where_the_node_does_not() {
    let machine = Machine::new();
    machine.usb_stick("1-1", "sdb", "8:16", "A1");
    machine.usb_stick("1-2", "sdc", "8:32", "A2");
    machine.virtual_block("loop0", "7:0", 1 << 20).set("loop/backing_file", "/file");
    machine.udev("8:16", "I:95000001\nE:ID_BUS=usb\n");
    machine.udev("7:0", "I:95000001\n");
    machine.proc_stat("cpu 1 2\nbtime 1700000000\n");
    assert_eq!(machine.drive("sdb").appeared_unix_secs, Some(1_700_000_095));
    assert_eq!(machine.drive("sdc").appeared_unix_secs, None);
    assert_eq!(machine.drive("loop0").appeared_unix_secs, None, "a loop device is not plugged in");
}

#[test]
fn the_image_s_drives_are_found_through_all_layers() {
    let mut machine = Machine::new();
    machine.nvme().partition(1, "259:1", 2048, 1_000_000);
    machine.usb_stick("1-1", "sdb", "8:16", "A1").partition(1, "8:17", 2048, 1_000_000);
    machine.virtual_block("dm-0", "253:0", 1 << 30).on("nvme0n1p1");
    machine
        .virtual_block("loop3", "7:3", 1 << 30)
        .set("loop/backing_file", "/media/stick/disk.img (deleted)");
    machine.mount("253:0", "/", "ext4", "/dev/mapper/root");
    machine.mount("8:17", "/media/stick", "vfat", "/dev/sdb1");
    machine.mount("7:3", "/mnt/disk", "ext4", "/dev/loop3");
    machine.mount("0:40", "/tmp", "tmpfs", "tmpfs");
    let system = machine.look();
    let sources = |path: &str| system.sources(Path::new(path));
    // The layers themselves are among them; only whole drives are ever compared.
    assert!(sources("/home/user/a.iso").contains(&(259, 0)));
    assert_eq!(sources("/media/stick/a.iso"), [(8, 16)]);
    assert_eq!(sources("/mnt/disk/a.iso"), [(7, 3), (8, 16)]);
    assert_eq!(sources("/media/stick/disk.img"), [(7, 3), (8, 16)]);
    assert_eq!(sources("/dev/sdb1"), [(8, 16)]);
    assert_eq!(sources("/dev/loop3"), [(7, 3), (8, 16)]);
    assert_eq!(sources("/tmp/a.iso"), []);
}

#[test]
fn hostile_tables_are_read_without_a_panic() {
    let mut machine = Machine::new();
    let block = machine.usb_stick("1-1", "sdb", "8:16", "\u{202E}live").set("size", "18446744073709551615");
    block.set("queue/logical_block_size", "0").set("diskseq", "x").partition(1, "junk", u64::MAX, u64::MAX);
    // A loop device on a file on itself, and two layers on each other.
    machine.virtual_block("loop0", "7:0", 1 << 20).set("loop/backing_file", "/loop/file");
    machine.virtual_block("dm-0", "253:0", 1 << 20).on("dm-1");
    machine.virtual_block("dm-1", "253:1", 1 << 20).on("dm-0").on("sdb");
    machine.mount("7:0", "/loop", "ext4", "/dev/loop0");
    machine.mount_with("0:1", "/o", "overlay", "lowerdir=/o:/o/o,upperdir=/o");
    let drive = machine.drive("sdb");
    assert_eq!(drive.identity.serial.as_deref(), Some("\u{FFFD}live"));
    assert_eq!(drive.identity.sector_bytes, 512);
    assert_eq!(drive.system_uses.len(), 1);
    machine.look().sources(Path::new("/loop/file"));
    machine.look().sources(Path::new("/o/file"));
}

#[test]
fn only_an_unlocked_volume_that_carries_nothing_of_the_system_can_be_locked() {
    type Lay = fn(&mut Machine);
    let cases: [(&str, bool, Lay); 9] = [
        ("nothing is mounted", true, |_| {}),
        ("the desktop mounted it", true, |m| m.mount("253:0", "/media/tech/x", "ext4", "/dev/mapper/x")),
        ("root", false, |m| m.mount("253:0", "/", "ext4", "/dev/mapper/x")),
        ("one of two mounts is the system's", false, |m| {
            m.mount("253:0", "/media/tech/x", "ext4", "/dev/mapper/x");
            m.mount("253:0", "/var/lib/x", "ext4", "/dev/mapper/x");
        }),
        ("swap", false, |m| m.swap("/dev/dm-0", "partition")),
        ("a swap file", false, |m| {
            m.mount("253:0", "/media/tech/x", "ext4", "/dev/mapper/x");
            m.swap("/media/tech/x/swap", "file");
        }),
        ("LVM on it", false, |m| {
            m.virtual_block("dm-1", "253:1", 1 << 30)
                .on("dm-0")
                .set("dm/name", "vg-x")
                .set("dm/uuid", "LVM-1");
        }),
        ("a loop device over a file in it", false, |m| {
            m.mount("253:0", "/media/tech/x", "ext4", "/dev/mapper/x");
            m.virtual_block("loop0", "7:0", 1 << 20).set("loop/backing_file", "/media/tech/x/file");
        }),
        ("another drive is part of it", false, |m| {
            m.usb_stick("1-2", "sdc", "8:32", "A2");
            std::os::unix::fs::symlink("/nowhere/sdc", m.at("sys/block/dm-0/slaves/sdc")).unwrap();
        }),
    ];
    for (what, can, lay) in cases {
        let mut machine = Machine::new();
        machine.usb_stick("1-1", "sdb", "8:16", "A1").partition(1, "8:17", 2048, 1_000_000);
        let crypt = machine.virtual_block("dm-0", "253:0", 1 << 30).on("sdb1");
        crypt.set("dm/name", "x").set("dm/uuid", "CRYPT-LUKS2-0123-x");
        lay(&mut machine);
        let drive = machine.drive("sdb");
        assert_eq!(
            (drive.stoppable_uses.len(), drive.system_uses.len()),
            (usize::from(can), usize::from(!can)),
            "{what}"
        );
        assert!(matches!(judge(&drive, &[]), Standing::Forbidden(_)), "{what}");
    }
}

#[test]
fn an_internal_disk_stays_internal_whatever_its_removable_bit_says() {
    let mut machine = Machine::new();
    let scsi = "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0";
    machine.link(&format!("{scsi}/subsystem"), "scsi");
    machine
        .block(scsi, "sda", "8:0", 1_000_204_886_016)
        .set("removable", "1")
        .partition(1, "8:1", 2048, 1_000_000);
    assert!(matches!(judge(&machine.drive("sda"), &[]), Standing::Hidden(_)));
    // Nobody expects its mounts to go away.
    machine.mount("8:1", "/mnt/archive", "ext4", "/dev/sda1");
    assert_eq!(machine.drive("sda").system_uses, ["/dev/sda1 is mounted at /mnt/archive; unmount it first"]);
    machine.mounts_clear();
    machine.swap("/dev/sda1", "partition");
    let drive = machine.drive("sda");
    assert_eq!((drive.system_uses.len(), drive.stoppable_uses.len()), (1, 0));
}
