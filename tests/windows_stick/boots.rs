//! Emulated machines start from the sticks, by BIOS and by UEFI, also after a user has had them.

use std::fs;
use std::os::unix::fs::FileExt;

use super::media::{Kind, SEVEN_BOTH, SEVEN_X64, SEVEN_X86, TEN_X64, by_hand, lab_iso, tools};
use super::stick::{MIB, Stick};
use super::support::machine::{Machine, OVMF, Port};
use super::support::{noise, run, skip_unless, tool};

fn machines() -> bool {
    tools() && tool("qemu-system-x86_64")
}

fn firmware() -> bool {
    machines() && skip_unless(fs::exists(format!("{OVMF}/OVMF_CODE_4M.fd")).unwrap(), "OVMF (package ovmf)")
}

fn made(kind: Kind, size_bytes: u64, more: &[&str]) -> Stick {
    let stick = Stick::new(size_bytes);
    stick.write(&lab_iso(kind).path, more).with(0);
    stick
}

/// The stand-in for BOOTMGR is entered as the real one wants it: whole, with the drive's number and the boot sector.
#[track_caller]
fn starts_by_bios(stick: &Stick, machine: &str, port: Port, marker: &str) {
    let mut pc = Machine::start(machine, port, &stick.image, 0);
    let status = pc.wait_for_exit();
    let said = pc.serial();
    let shown = format!("{marker} on {machine} by {port:?}: status {status:?}, said {said:?}");
    assert_eq!(status, Some(99), "{shown}");
    assert!(said.contains(&format!("BOOTMGR-REACHED {marker}\r")), "{shown}");
    assert!(said.contains("CS=2000 IP=0000 ") && said.contains(" BODY-OK\r"), "{shown}");
    assert!(said.contains("DX=0080 "), "{shown}");
    // Our boot code notes in it how it reads, and from which drive.
    let mut sector = stick.read(MIB, 0x5A);
    sector[0x02] = 1;
    sector[0x40] = 0x80;
    let sector: String = sector.iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(said.contains(&format!("BPB@7C00 {sector} AA55")), "{sector} is wanted: {shown}");
}

#[track_caller]
fn starts_by_bios_everywhere(kind: Kind) {
    if !machines() {
        return;
    }
    let stick = made(kind, 1_200_000_000, &[]);
    for machine in ["pc", "q35"] {
        for port in [Port::Xhci, Port::Ehci] {
            starts_by_bios(&stick, machine, port, kind.name);
        }
    }
}

#[test]
fn windows_7_x64_by_bios() {
    starts_by_bios_everywhere(SEVEN_X64);
}

#[test]
fn windows_7_x86_by_bios() {
    starts_by_bios_everywhere(SEVEN_X86);
}

#[test]
fn windows_7_for_both_by_bios() {
    starts_by_bios_everywhere(SEVEN_BOTH);
}

#[test]
fn windows_10_x64_by_bios() {
    starts_by_bios_everywhere(TEN_X64);
}

/// What the loader for UEFI prints: which file it is, from which partition, and that it can read the files there.
#[track_caller]
fn starts_by_uefi(kind: Kind, scheme: &str, sector_bytes: u64) {
    if !firmware() {
        return;
    }
    let iso = lab_iso(kind);
    let stick = Stick::with_front(2_000_000_000 / 4096 * 4096, sector_bytes, 80 * MIB);
    if sector_bytes == 512 {
        stick.write(&iso.path, &["--scheme", scheme]).with(0);
    } else {
        let Some(device) = super::support::LoopDevice::attach(&stick.image, sector_bytes as u32, &[]) else {
            return;
        };
        let node = device.node.to_str().unwrap();
        let arguments = ["--json", "write", iso.text(), node, "--yes", "--scheme", scheme];
        super::stick::ended(&super::stick::sticksmith(&arguments)).with(0);
    }
    let partition = if scheme == "gpt" { "hd0,gpt1" } else { "hd0,msdos1" };
    reaches_the_loader(&stick, kind.name, partition, |path| iso.files[path].clone());
}

/// `md5_of`: what a file on the stick has to have.
#[track_caller]
fn reaches_the_loader(stick: &Stick, marker: &str, partition: &str, md5_of: impl Fn(&str) -> String) {
    let mut pc = Machine::start_uefi(&stick.image, stick.sector_bytes);
    let status = pc.wait_for_exit();
    let said = pc.serial();
    let shown = format!("{marker}: status {status:?}, said {said}");
    assert_eq!(status, Some(99), "{shown}");
    assert!(said.contains(&format!("EFI-REACHED {marker}")), "{shown}");
    assert!(said.contains(&format!("cmdpath=({partition})/EFI/BOOT")), "{shown}");
    for path in ["bootmgr", "sources/boot.wim"] {
        let at = said.find(&format!("({partition})/{path}")).unwrap_or_else(|| panic!("{shown}"));
        let digits: Vec<char> =
            said[..at].chars().rev().skip_while(|c| *c == ' ').take_while(char::is_ascii_hexdigit).collect();
        let digits: String = digits.into_iter().rev().collect();
        // The firmware's console goes to the serial line too: each piece that is printed comes twice, here two digits.
        let md5 = md5_of(path);
        let twice: String = (0..16).map(|n| md5[2 * n..][..2].repeat(2)).collect();
        assert!(digits == md5 || digits == twice, "{path}: {digits} is not {md5}: {shown}");
    }
}

#[test]
fn windows_7_x64_by_uefi() {
    starts_by_uefi(SEVEN_X64, "mbr", 512);
}

#[test]
fn windows_7_for_both_by_uefi_with_gpt() {
    starts_by_uefi(SEVEN_BOTH, "gpt", 512);
}

#[test]
fn windows_10_x64_by_uefi_with_gpt_on_sectors_of_4096_bytes() {
    starts_by_uefi(TEN_X64, "gpt", 4096);
}

#[test]
fn a_gpt_stick_says_by_bios_that_it_wants_uefi() {
    if !machines() {
        return;
    }
    let stick = made(TEN_X64, 1 << 30, &["--scheme", "gpt"]);
    let mut pc = Machine::start("pc", Port::Xhci, &stick.image, 0);
    assert!(pc.wait_for_screen("Sticksmith: this stick starts by UEFI only."));
    assert_eq!(pc.serial(), "");
}

/// `bootmgr` is deleted, the rest of the stick filled, and `bootmgr` copied back into the holes of other files.
#[test]
fn a_stick_starts_after_a_user_had_it() {
    if !machines() {
        return;
    }
    let iso = lab_iso(SEVEN_X64);
    let needed = Stick::new(20 * MIB).write(&iso.path, &[]).with(2).needed_bytes();
    let stick = made(SEVEN_X64, needed + MIB, &[]);
    let cluster_bytes = stick.volume().fsck().cluster_bytes as usize;
    let own = stick.path("own");
    fs::create_dir(&own).unwrap();
    stick.mtools("mcopy", &["::/bootmgr", own.join("bootmgr").to_str().unwrap()]);
    let bootmgr = fs::read(own.join("bootmgr")).unwrap();

    // Twice as many small files as bootmgr has clusters.
    let count = 2 * bootmgr.len().div_ceil(cluster_bytes) + 2;
    let names: Vec<String> = (0..count).map(|n| format!("{n:05}.txt")).collect();
    for name in &names {
        fs::write(own.join(name), name).unwrap();
    }
    let sources: Vec<String> = names.iter().map(|name| own.join(name).display().to_string()).collect();
    stick.mtools("mmd", &["::/My Files"]);
    let copied = sources.iter().map(String::as_str).chain(["::/My Files"]);
    stick.mtools("mcopy", &copied.collect::<Vec<_>>());
    stick.mtools("mdel", &["::/bootmgr"]);
    // All that is left, bootmgr's old place included.
    let listing = stick.mtools("mdir", &["::/"]);
    let free = listing.lines().rev().find(|line| line.contains("bytes free")).unwrap();
    let free: usize = free.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    fs::write(own.join("filler"), noise(free, 3)).unwrap();
    stick.mtools("mcopy", &[own.join("filler").to_str().unwrap(), "::/Große Datei.bin"]);
    let holes: Vec<String> = names.iter().step_by(2).map(|name| format!("::/My Files/{name}")).collect();
    stick.mtools("mdel", &holes.iter().map(String::as_str).collect::<Vec<_>>());
    stick.mtools("mcopy", &[own.join("bootmgr").to_str().unwrap(), "::/bootmgr"]);

    let said = stick.mtools("mshowfat", &["::/bootmgr"]);
    let pieces = said.matches('<').count();
    assert!(pieces > count / 3, "bootmgr is in {pieces} pieces only: {said}");
    stick.volume().fsck();
    for port in [Port::Xhci, Port::Ehci] {
        starts_by_bios(&stick, "pc", port, SEVEN_X64.name);
    }

    // The file is what counts, not where it lay: without it the stick says so.
    stick.mtools("mren", &["::/bootmgr", "::/bootmgr.old"]);
    let mut pc = Machine::start("pc", Port::Xhci, &stick.image, 0);
    assert!(pc.wait_for_screen("Sticksmith: no file BOOTMGR"));
    drop(pc);

    // And one wrong byte in it is seen by the stand-in, so that all of the above means something.
    stick.mtools("mren", &["::/bootmgr.old", "::/bootmgr"]);
    let first = said.rsplit('<').next().unwrap().split(['-', '>']).next().unwrap().parse::<u64>().unwrap();
    let checked = stick.volume().fsck();
    let at = MIB + checked.data_start + (first - 2) * checked.cluster_bytes + 5;
    let byte = stick.read(at, 1)[0] ^ 1;
    fs::File::options().write(true).open(&stick.image).unwrap().write_all_at(&[byte], at).unwrap();
    let mut pc = Machine::start("pc", Port::Xhci, &stick.image, 0);
    assert_eq!(pc.wait_for_exit(), Some(99));
    assert!(!pc.serial().contains("BODY-OK"), "{}", pc.serial());
}

/// Another answer file, put where the stick lies, leaves it as able to start as it was.
#[test]
fn a_stick_starts_after_its_answer_file_was_changed() {
    if !machines() {
        return;
    }
    let iso = lab_iso(SEVEN_X64);
    let needed = Stick::new(20 * MIB).write(&iso.path, &[]).with(2).needed_bytes();
    // As small as it may be: the room that is kept free is enough.
    let stick = made(SEVEN_X64, needed, &[]);
    let listing = stick.mtools("mdir", &["::/"]);
    let free = listing.lines().rev().find(|line| line.contains("bytes free")).unwrap();
    let free: u64 = free.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!((MIB..2 * MIB).contains(&free), "{free} bytes are free");
    let (profile, own) = (stick.path("profile.toml"), stick.path("bootmgr"));
    let step = "[[after_setup.steps]]\nname = \"A\"\nfile = \"a.exe\"\n";
    fs::write(&profile, format!("windows = \"7\"\n[computer]\nname = \"WERKSTATT\"\n{step}")).unwrap();
    fs::write(stick.path("a.exe"), noise(400_000, 4)).unwrap();
    stick.mtools("mcopy", &["::/bootmgr", own.to_str().unwrap()]);
    stick.mtools("mdel", &["::/bootmgr"]);
    stick.mtools("mcopy", &[own.to_str().unwrap(), "::/bootmgr"]);
    for _ in 0..2 {
        let arguments = ["--json", "answer", "put", "--yes", stick.text(), profile.to_str().unwrap()];
        super::stick::ended(&super::stick::sticksmith(&arguments)).with(0);
    }
    stick.volume().fsck();
    for arguments in [vec![stick.text()], vec![stick.text(), iso.text()]] {
        let check = [&["--json", "check"][..], &arguments].concat();
        super::stick::ended(&super::stick::sticksmith(&check)).with(0).says("is what it should be");
    }
    starts_by_bios(&stick, "pc", Port::Xhci, SEVEN_X64.name);
}

/// The answer file, its applications, the drivers, and a boot.wim that more was appended to stand in nobody's way.
#[test]
fn a_stick_with_an_answer_file_and_drivers_in_setup_starts_by_bios_and_uefi() {
    if !firmware() {
        return;
    }
    let lab = lab_iso(SEVEN_X64);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let root = path("root");
    lab.extract("*", &root);
    // The lab's image that starts has no Setup in it, and nothing that loads drivers.
    fs::write(path("program.exe"), noise(1000, 6)).unwrap();
    let wim = root.join("sources/boot.wim");
    for place in ["/setup.exe", "/Windows/System32/drvload.exe"] {
        let add = format!("--command=add '{}' {place}", path("program.exe").display());
        run("wimlib-imagex", &["update", wim.to_str().unwrap(), "2", &add]);
    }
    let iso = path("with setup.iso");
    by_hand(&root, &iso, "SEVEN");
    fs::create_dir(path("usb")).unwrap();
    let inf = "[Version]\r\nSignature=\"$Windows NT$\"\r\nClass=USB\r\n[Manufacturer]\r\n%M%=M,NTamd64\r\n[M.NTamd64]\r\n%D%=I,PCI\\CC_0C0330\r\n";
    fs::write(path("usb/xhci.inf"), inf).unwrap();
    fs::write(path("usb/xhci.sys"), noise(70_001, 7)).unwrap();
    fs::write(path("tool.exe"), noise(300_000, 8)).unwrap();
    let profile = "windows = \"7\"\n[[after_setup.steps]]\nname = \"Tool\"\nfile = \"tool.exe\"\n";
    fs::write(path("profile.toml"), profile).unwrap();
    let (answer, drivers) = (path("profile.toml"), path("usb"));
    let stick = Stick::new(2_000_000_000 / 4096 * 4096);
    let arguments =
        ["--answer", answer.to_str().unwrap(), "--drivers", drivers.to_str().unwrap(), "--drivers-in-setup"];
    stick.write(&iso, &arguments).with(0);
    stick.volume().fsck();
    let found = stick.volume().extract_by_7z(&stick.path("by-7z"));
    assert!(found.contains_key("Autounattend.xml") && found.contains_key("$WinPEDriver$/usb/xhci.sys"));
    let patched = stick.path("by-7z/sources/boot.wim");
    assert!(run("wimlib-imagex", &["dir", patched.to_str().unwrap(), "2"]).contains("/drivers/1/xhci.inf"));
    for port in [Port::Xhci, Port::Ehci] {
        starts_by_bios(&stick, "pc", port, SEVEN_X64.name);
    }
    reaches_the_loader(&stick, SEVEN_X64.name, "hd0,msdos1", |path| found[path].clone());
}
