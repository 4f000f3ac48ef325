//! Our boot code starts a stand-in BOOTMGR as the real one wants to be entered, from every kind of stick, and says in
//! a sentence what is wrong where it cannot.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::boot_stick::{FAT32_CODE, FRONT_BYTES, Form, GPT_CODE, Stick, assembled, tools};
use support::machine::{Machine, Port};
use support::{noise, run};

/// Windows 7 SP1's size, and the size class of Windows 11 25H2.
const SMALL: usize = 383_786;
const LARGE: usize = 473_395;

/// How the boot code has to leave the machine.
struct Entry {
    drive: u8,
    by_lba: bool,
}

const USUAL: Entry = Entry { drive: 0x80, by_lba: true };

/// Starts the machine and checks what the stand-in reports; what was told on the debug port.
fn reaches_bootmgr(
    machine: &str,
    port: Port,
    stick: &Stick,
    front: u64,
    marker: &str,
    entry: &Entry,
) -> String {
    let mut pc = Machine::start(machine, port, &stick.image, front);
    let status = pc.wait_for_exit();
    let said = pc.serial();
    let told = pc.debug();
    let shown =
        format!("{machine} {port:?} {:?}: status {status:?}, said {said:?}, told {told:?}", stick.form);
    assert_eq!(status, Some(99), "{shown}");
    assert!(said.contains(&format!("BOOTMGR-REACHED {marker}\r")), "{shown}");
    let registers = "CS=2000 IP=0000 DS=0000 ES=0000 SS=0000 SP=7C00 ";
    assert!(said.contains(registers), "{shown}");
    assert!(said.contains(&format!("DX=00{:02X} ", entry.drive)), "{shown}");
    let (_, flags) = said.split_once("FL=").unwrap();
    let flags = u16::from_str_radix(&flags[..4], 16).unwrap();
    assert_eq!(flags & 0x0600, 0x0200, "interrupts on, direction flag clear: {shown}");
    let mut bpb = stick.read(stick.volume(), 0x5A);
    bpb[0x02] = u8::from(entry.by_lba);
    bpb[0x40] = entry.drive;
    let bpb: String = bpb.iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(said.contains(&format!("BPB@7C00 {bpb} AA55")), "{bpb} is wanted: {shown}");
    assert!(said.contains("A20=1\r"), "{shown}");
    assert!(said.contains(" BODY-OK\r"), "{shown}");
    told
}

/// The usual: straight from the stick.
fn starts(machine: &str, port: Port, stick: &Stick, marker: &str) {
    reaches_bootmgr(machine, port, stick, FRONT_BYTES, marker, &USUAL);
}

/// From a disk that watches: its reads. No read may be faulty.
fn starts_watched(stick: &Stick, options: &[&str], marker: &str, entry: &Entry) -> String {
    stick.watch(options);
    let told = reaches_bootmgr("pc", Port::Xhci, stick, 0, marker, entry);
    assert!(!told.contains(['X', 'N', 'T', 'D']), "{options:?} {:?}: {told}", stick.form);
    told
}

/// Starts the machine and waits for a sentence on its screen.
fn says(stick: &Stick, front: u64, sentence: &str) -> Machine {
    let mut pc = Machine::start("pc", Port::Xhci, &stick.image, front);
    assert!(pc.wait_for_screen(&format!("Sticksmith: {sentence}")), "wanted: {sentence}");
    assert_eq!(pc.serial(), "");
    pc
}

#[test]
fn a_stick_starts_on_every_kind_of_port() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    stick.copy_bootmgr(SMALL, "port");
    for machine in ["pc", "q35"] {
        for port in [Port::Xhci, Port::Ehci, Port::Ide] {
            starts(machine, port, &stick, "port");
        }
    }
}

#[test]
fn clusters_of_every_size_and_every_bootmgr_size() {
    if !tools() {
        return;
    }
    for (cluster_sectors, len) in [(1, LARGE), (2, 1600), (16, 64 << 10), (64, SMALL), (128, LARGE)] {
        let stick = Stick::format(Form {
            cluster_sectors,
            bytes: u64::from(cluster_sectors) * (34 << 20),
            ..Form::default()
        });
        let marker = format!("cluster {cluster_sectors}");
        stick.copy_bootmgr(len, &marker);
        let told = starts_watched(&stick, &[], &marker, &USUAL);
        // The MBR: 1. Our two sectors: 2 of them 1. Directory: 1 or 2. FAT: one each 128 clusters. File: 32 KiB a call.
        let clusters = len.div_ceil(512 * cluster_sectors as usize);
        assert!(told.len() <= 6 + clusters.div_ceil(128) + len.div_ceil(32 << 10), "{told}");
    }
}

#[test]
fn without_partitions() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form { start_sector: 0, ..Form::default() });
    stick.copy_bootmgr(SMALL, "bare");
    starts("pc", Port::Xhci, &stick, "bare");
    starts_watched(&stick, &["-DDRIVE=0", "-DNO_LBA"], "bare", &Entry { drive: 0, by_lba: false });
    // Entered at 07C0:0000, its sentences have to be found all the same.
    stick.mtools("mdel", &["::/bootmgr"]);
    says(&stick, 0, "no file BOOTMGR");
}

#[test]
fn whatever_the_drive_is_called_and_however_it_is_read() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    // Cylinder 317: a number that takes more than a byte.
    stick.go_on_at_cluster(40_000);
    stick.copy_bootmgr(SMALL, "drive");
    starts_watched(&stick, &["-DDRIVE=0"], "drive", &Entry { drive: 0, by_lba: true });
    starts_watched(&stick, &["-DDRIVE=0x81", "-DFAIL"], "drive", &Entry { drive: 0x81, by_lba: true });
    let told = starts_watched(&stick, &["-DNO_LBA"], "drive", &Entry { drive: 0x80, by_lba: false });
    assert!(!told.contains('L') && told.len() < 40, "{told}");
    starts_watched(&stick, &["-DNO_LBA", "-DFAIL"], "drive", &Entry { drive: 0x80, by_lba: false });
}

/// What a boot sector of anyone's may count on.
#[test]
fn the_mbr_hands_over_drive_and_entry() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    let stub = assembled(&stick.folder.path().join("stub"), "partition_stub.asm", &[]);
    let sector = 300_077_u32;
    stick.write(u64::from(sector) * 512, &stub);
    stick.partition_table(&[(0, 0x83, 5, 1), (0, 0, 0, 0), (0x80, 0x0B, sector, 1)]);
    for (options, read) in [(&["-DDRIVE=0x81"][..], "L"), (&["-DDRIVE=0x81", "-DNO_LBA", "-DFAIL"], "CFRC")] {
        stick.watch(options);
        let mut pc = Machine::start("pc", Port::Xhci, &stick.image, 0);
        assert_eq!(pc.wait_for_exit(), Some(99));
        // CS IP DS ES SS SP DX, status and type, first sector.
        let wanted = format!(
            "{read}0000 7C00 0000 0000 0000 7C00 5A81 800B {:04X} {:04X} ",
            sector >> 16,
            sector & 0xFFFF
        );
        assert_eq!(pc.debug(), wanted);
    }
}

#[test]
fn line_a20_is_turned_on() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    stick.copy_bootmgr(SMALL, "a20");
    for way in ["-DA20=1", "-DA20=2"] {
        starts_watched(&stick, &[way], "a20", &USUAL);
    }
    // Without the chipset's port the keyboard controller is left.
    let second = stick.volume() + 1024;
    let mut code = FAT32_CODE[512..].to_vec();
    let at: Vec<usize> = (0..code.len()).filter(|at| code[*at..].starts_with(&[0xE6, 0x92])).collect();
    assert_eq!(at.len(), 1);
    code[at[0]..at[0] + 2].fill(0x90);
    stick.write(second, &code);
    starts_watched(&stick, &["-DA20=2"], "a20", &USUAL);
}

#[test]
fn sectors_of_4096_bytes() {
    if !tools() {
        return;
    }
    for (start_sector, cluster_sectors) in [(256, 1), (256, 8), (0, 16)] {
        let stick = Stick::format(Form {
            sector_bytes: 4096,
            start_sector,
            cluster_sectors,
            bytes: u64::from(cluster_sectors) * (300 << 20),
            ..Form::default()
        });
        stick.copy_bootmgr(LARGE, "4k");
        starts_watched(&stick, &["-DSECTOR=4096"], "4k", &USUAL);
        let by_chs = Entry { drive: 0x80, by_lba: false };
        starts_watched(&stick, &["-DSECTOR=4096", "-DNO_LBA"], "4k", &by_chs);
    }
}

/// In 512-byte clusters, in holes that a user's deletions left, behind a root directory that is in pieces itself.
#[test]
fn after_a_users_deletions_and_copies() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form { cluster_sectors: 1, bytes: 36 << 20, ..Form::default() });
    let files = stick.folder.path().join("files");
    let names = (0..2000).map(|n| format!("{n:04}.txt")).collect::<Vec<_>>();
    std::fs::create_dir(&files).unwrap();
    for name in &names {
        std::fs::write(files.join(name), name).unwrap();
    }
    // Small files in a folder; in the root, long names between them; then one file that takes the rest.
    stick.mtools("mmd", &["::/files"]);
    let paths = names.iter().map(|name| format!("{{}}/files/{name}")).chain(["::/files".to_owned()]);
    stick.mtools("mcopy", &strs(&paths.collect::<Vec<_>>()));
    for round in 0..6 {
        let long =
            (0..10).map(|n| format!("::/a long name that takes entries {round} {n}")).collect::<Vec<_>>();
        stick.mtools("mmd", &strs(&long));
    }
    stick.copy_bootmgr(LARGE, "first");
    let first = stick.chain_of_bootmgr();
    assert_eq!(first.len(), LARGE.div_ceil(512));
    fill(&stick);
    let every_other = names.iter().step_by(2).map(|name| format!("::/files/{name}")).collect::<Vec<_>>();
    stick.mtools("mdel", &strs(&every_other));
    stick.mtools("mdel", &["::/bootmgr"]);
    // What takes bootmgr's old place, so that its copy has to go into the holes.
    std::fs::write(stick.folder.path().join("filler"), noise(first.len() * 512, 4)).unwrap();
    stick.go_on_at_cluster(first[0] - 1);
    stick.mtools("mcopy", &["{}/filler", "::/filler2"]);
    stick.copy_bootmgr(SMALL, "again");
    let chain = stick.chain_of_bootmgr();
    let pieces = 1 + chain.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
    assert!(pieces > 500, "{pieces} pieces");
    starts_watched(&stick, &[], "again", &USUAL);
    starts_watched(&stick, &["-DNO_LBA", "-DFAIL"], "again", &Entry { drive: 0x80, by_lba: false });
}

fn strs(strings: &[String]) -> Vec<&str> {
    strings.iter().map(String::as_str).collect()
}

/// One cluster, then all others: no piece of 32 KiB begins where a boundary of memory is.
#[test]
fn pieces_do_not_cross_64_kib() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form { cluster_sectors: 1, bytes: 36 << 20, ..Form::default() });
    std::fs::write(stick.folder.path().join("one"), "one cluster").unwrap();
    stick.mtools("mcopy", &["{}/one", "::/hole"]);
    stick.mtools("mcopy", &["{}/one", "::/stays"]);
    stick.mtools("mdel", &["::/hole"]);
    stick.go_on_at_cluster(2);
    stick.copy_bootmgr(LARGE, "odd");
    let chain = stick.chain_of_bootmgr();
    assert_eq!(chain[1], chain[0] + 2);
    starts_watched(&stick, &[], "odd", &USUAL);
    starts_watched(&stick, &["-DNO_LBA"], "odd", &Entry { drive: 0x80, by_lba: false });
}

/// Takes all the space that is left on a small volume.
fn fill(stick: &Stick) {
    let drive = format!("{}@@{}", stick.image.display(), FRONT_BYTES + stick.volume());
    let listing = run("mdir", &["-i", &drive, "::/"]);
    let free = listing.lines().rev().find(|line| line.contains("bytes free")).unwrap();
    let free: usize = free.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    std::fs::write(stick.folder.path().join("filler"), noise(free, 3)).unwrap();
    stick.mtools("mcopy", &["{}/filler", "::/filler"]);
}

#[test]
fn far_out_on_big_volumes() {
    if !tools() {
        return;
    }
    // Beyond 4 GiB, beyond 128 GiB, beyond 2^31 sectors; and a sector number of 33 bits (that SeaBIOS cannot by USB).
    for (port, start_sector, gib, cluster_sectors, at_gib) in [
        (Port::Ehci, 2048, 16, 16, 5),
        (Port::Ehci, 2048, 200, 64, 190),
        (Port::Ehci, 2048, 1300, 128, 1200),
        (Port::Ide, 0xF000_0000, 2300, 128, 200_u64),
    ] {
        let stick =
            Stick::format(Form { start_sector, bytes: gib << 30, cluster_sectors, ..Form::default() });
        let cluster = u32::try_from((at_gib << 30) / (512 * u64::from(cluster_sectors))).unwrap();
        stick.go_on_at_cluster(cluster);
        stick.copy_bootmgr(SMALL, "far");
        assert!(stick.chain_of_bootmgr()[0] >= cluster);
        starts("pc", port, &stick, "far");
    }
}

#[test]
fn only_the_active_fat_is_read() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form { cluster_sectors: 1, bytes: 36 << 20, ..Form::default() });
    stick.copy_bootmgr(SMALL, "second FAT");
    stick.write(stick.volume() + 0x28, &[0x81, 0]);
    stick.write(stick.volume() + 32 * 512, &noise(64 << 10, 5));
    starts("pc", Port::Xhci, &stick, "second FAT");
}

#[test]
fn memory_is_used_to_its_end_and_no_further() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    // INT 12h says 600 KiB; the file goes to 128 KiB.
    let room = (600 - 128) << 10;
    stick.copy_bootmgr(room, "room");
    starts_watched(&stick, &["-DMEMORY=600"], "room", &USUAL);
    stick.copy_bootmgr(room + 1, "too large");
    stick.watch(&["-DMEMORY=600"]);
    says(&stick, 0, "too little memory.");
    stick.watch(&["-DMEMORY=100"]);
    says(&stick, 0, "too little memory.");
    stick.copy_bootmgr(600 << 10, "too large");
    says(&stick, FRONT_BYTES, "too little memory.");
}

#[test]
fn what_is_wrong_with_bootmgr_is_said() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    says(&stick, FRONT_BYTES, "no file BOOTMGR");
    stick.mtools("mmd", &["::/bootmgr"]);
    let mut pc = says(&stick, FRONT_BYTES, "no file BOOTMGR");
    pc.press("ret");
    assert!(pc.wait_for_screen("No bootable device"), "a key leads on");
    stick.mtools("mrd", &["::/bootmgr"]);

    std::fs::write(stick.folder.path().join("empty"), "").unwrap();
    stick.mtools("mcopy", &["{}/empty", "::/bootmgr"]);
    says(&stick, FRONT_BYTES, "BOOTMGR is damaged.");

    stick.copy_bootmgr(SMALL, "damaged");
    let chain = stick.chain_of_bootmgr();
    // The chain ends early, leads to a free cluster's number, out of the volume, to the mark of bad clusters.
    for entry in [0x0FFF_FFFF_u32, 0, 1, 0x0123_4567, 0x0FFF_FFF7] {
        let at = stick.volume() + 32 * 512 + u64::from(chain[50]) * 4;
        stick.write(at, &entry.to_le_bytes());
        says(&stick, FRONT_BYTES, "BOOTMGR is damaged.");
    }
}

/// Every entry is in use, so that only the chain tells where the root directory ends; or it never ends.
#[test]
fn a_full_root_directory_ends_with_its_chain() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form { cluster_sectors: 1, bytes: 36 << 20, ..Form::default() });
    // One cluster has 16 entries, and the label is one.
    let folders = (0..15).map(|n| format!("::/{n}")).collect::<Vec<_>>();
    stick.mtools("mmd", &strs(&folders));
    says(&stick, FRONT_BYTES, "no file BOOTMGR");
    for copy in [32, 32 + u64::from(stick.fat_sectors())] {
        stick.write(stick.volume() + copy * 512 + 8, &2_u32.to_le_bytes());
    }
    says(&stick, FRONT_BYTES, "no file BOOTMGR");
}

#[test]
fn what_is_wrong_with_the_stick_is_said() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    stick.copy_bootmgr(SMALL, "table");
    let sectors = u32::try_from(stick.form.bytes / 512).unwrap() - 2048;
    let windows = (0x80, 0x0C, 2048, sectors);
    let other = (0x00, 0x83, 100, 50);
    let none = (0, 0, 0, 0);
    // It need not be the first.
    stick.partition_table(&[other, none, none, windows]);
    starts("pc", Port::Xhci, &stick, "table");
    let tables: [(&[_], &str); 5] = [
        (&[other, none, none, (0, 0x0C, 2048, sectors)], "no active partition on this stick."),
        (&[windows, none, (0x80, 0x83, 100, 50)], "several active partitions."),
        (&[windows, none, none, (0x7F, 0x83, 100, 50)], "bad partition table."),
        (&[(0x80, 0x0C, sectors + 2048, 5)], "read error."),
        (&[(0x80, 0x0C, 100, 50)], "the partition has no boot code."),
    ];
    for (table, sentence) in tables {
        stick.partition_table(table);
        says(&stick, FRONT_BYTES, sentence);
    }
    // The MBR must not take itself for what was read.
    stick.partition_table(&[windows]);
    stick.watch(&["-DEMPTY"]);
    says(&stick, 0, "the partition has no boot code.");
    // Its sector 2 was overwritten; and it says that it lies beyond the stick's end.
    stick.partition_table(&[windows]);
    let second = stick.read(stick.volume() + 1024, 512);
    stick.write(stick.volume() + 1024, &noise(512, 6));
    says(&stick, FRONT_BYTES, "bad sector 2.");
    stick.write(stick.volume() + 1024, &second);
    stick.write(stick.volume() + 0x1C, &(sectors + 2048).to_le_bytes());
    says(&stick, FRONT_BYTES, "read error.");
}

#[test]
fn a_gpt_stick_says_that_it_wants_uefi() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form { cluster_sectors: 1, bytes: 40 << 20, ..Form::default() });
    stick.write(0, GPT_CODE);
    let mut pc = says(&stick, FRONT_BYTES, "this stick starts by UEFI only.");
    pc.press("ret");
    assert!(pc.wait_for_screen("No bootable device"), "a key leads on");
}
