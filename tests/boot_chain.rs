//! Our boot code starts a stand-in BOOTMGR as the real one wants to be entered, from every kind of stick, and says in
//! a sentence what is wrong where it cannot.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::boot_stick::{FAT32_CODE, FRONT_BYTES, Form, GPT_CODE, MBR_CODE, Stick, tools};
use support::machine::{Machine, Port};
use support::noise;

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
fn reaches_bootmgr(machine: &str, port: Port, stick: &Stick, front: u64, marker: &str, entry: &Entry) -> String {
    let mut pc = Machine::start(machine, port, &stick.image, front);
    let status = pc.wait_for_exit();
    let said = pc.serial();
    let told = pc.debug();
    let shown = format!("{machine} {port:?} {:?}: status {status:?}, said {said:?}, told {told:?}", stick.form);
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
    for (cluster_sectors, len) in [(1, LARGE), (2, 1540), (16, 64 << 10), (64, SMALL), (128, LARGE)] {
        let stick = Stick::format(Form { cluster_sectors, bytes: u64::from(cluster_sectors) * (34 << 20), ..Form::default() });
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
}

#[test]
fn whatever_the_drive_is_called_and_however_it_is_read() {
    if !tools() {
        return;
    }
    let stick = Stick::format(Form::default());
    stick.copy_bootmgr(SMALL, "drive");
    starts_watched(&stick, &["-DDRIVE=0"], "drive", &Entry { drive: 0, by_lba: true });
    starts_watched(&stick, &["-DDRIVE=0x81", "-DFAIL"], "drive", &Entry { drive: 0x81, by_lba: true });
    let told = starts_watched(&stick, &["-DNO_LBA"], "drive", &Entry { drive: 0x80, by_lba: false });
    assert!(!told.contains('L') && told.len() < 40, "{told}");
    starts_watched(&stick, &["-DNO_LBA", "-DFAIL"], "drive", &Entry { drive: 0x80, by_lba: false });
}

#[test]
fn line_a20_is_turned_on() {
    if !tools() {
        return;
    }
    let mut stick = Stick::format(Form::default());
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
    stick.form.junk_bytes = 0;
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
    }
}
