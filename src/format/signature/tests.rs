use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use super::*;

/// An outside program, or the word that a test could not be made.
fn tool(name: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
        || Path::new("/usr/sbin").join(name).is_file();
    if !found {
        assert!(std::env::var_os("STICKSMITH_REQUIRE_TOOLS").is_none(), "needs {name}");
        println!("SKIPPED: needs {name}");
    }
    found
}

fn run(command: &[&str]) -> String {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new(command[0]).args(&command[1..]).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn start_of(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    bytes.truncate(PROBE_BYTES);
    bytes
}

fn property<'a>(blkid: &'a str, key: &str) -> Option<&'a str> {
    blkid.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

/// What the makers of file systems make, blkid and we call the same, also over old junk.
#[test]
fn blkid_agrees_on_fresh_file_systems() {
    let folder = tempfile::tempdir().unwrap();
    for (maker, megabytes) in [
        ("mkfs.ext4 -q -F -L stick-4", 16),
        ("mkfs.ext3 -q -F -L stick-3", 16),
        ("mkfs.ext2 -q -F -L stick-2", 16),
        ("mkfs.ext4 -q -F", 16),
        ("mkfs.fat -F 12 -n FAT12", 2),
        ("mkfs.fat -F 16 -n FAT16", 32),
        ("mkfs.fat -F 32 -n FAT32", 64),
        ("mkfs.fat -F 32 -S 4096", 512),
        ("mkfs.fat -F 32", 64),
        ("mkfs.xfs -q -f -L stick-x", 320),
        ("mkfs.btrfs -q -f -L stick-b", 128),
        ("mkfs.ntfs -q -F", 16),
        ("mkfs.exfat -L stick-e", 16),
        ("mkfs.f2fs -q -f -l stick-f", 64),
        ("mkswap -L stick-s", 16),
        ("mkudffs -l STICK-U --blocksize=2048", 16),
    ] {
        let mut command: Vec<&str> = maker.split(' ').collect();
        // Some of these are rare; the synthetic volumes stand in for them.
        let is_rare =
            ["mkfs.xfs", "mkfs.btrfs", "mkfs.ntfs", "mkfs.exfat", "mkfs.f2fs"].contains(&command[0]);
        if is_rare && !Path::new("/usr/sbin").join(command[0]).is_file() {
            println!("SKIPPED: needs {}", command[0]);
            continue;
        }
        if !tool(command[0]) || !tool("blkid") {
            continue;
        }
        let path = folder.path().join("volume");
        let file = File::create(&path).unwrap();
        file.set_len(megabytes << 20).unwrap();
        let name = path.to_str().unwrap();
        command.push(name);
        run(&command);
        let found = identify(&start_of(&path)).unwrap_or_else(|| panic!("{maker}: nothing found"));
        let blkid = run(&["blkid", "-p", "-o", "export", name]);
        assert_eq!(Some(found.kind), property(&blkid, "TYPE"), "{maker}");
        // The label of UDF lies beyond what is looked at, and that of exFAT may, being in the root directory.
        if found.label.is_some() || !["udf", "exfat"].contains(&found.kind) {
            assert_eq!(found.label.as_deref(), property(&blkid, "LABEL"), "{maker}");
        }
    }
}

#[test]
fn blkid_agrees_on_optical_images() {
    let folder = tempfile::tempdir().unwrap();
    let (tree, image) = (folder.path().join("tree"), folder.path().join("image.iso"));
    fs::create_dir(&tree).unwrap();
    fs::write(tree.join("file"), "content").unwrap();
    let (tree, name) = (tree.to_str().unwrap(), image.to_str().unwrap());
    for (options, kind) in
        [(vec!["-V", "A DISC", "-J", "-R"], "iso9660"), (vec!["-V", "BRIDGE", "-udf"], "udf")]
    {
        if !tool("genisoimage") || !tool("blkid") {
            return;
        }
        run(&[&["genisoimage", "-quiet", "-o", name], options.as_slice(), &[tree]].concat());
        let found = identify(&start_of(&image)).unwrap();
        assert_eq!(found.kind, kind);
        let blkid = run(&["blkid", "-p", "-o", "export", name]);
        assert_eq!(property(&blkid, "TYPE"), Some(kind));
        assert_eq!(
            found.label.as_deref().map(|label| label.replace(' ', "\\ ")).as_deref(),
            property(&blkid, "LABEL")
        );
    }
}

/// A volume of junk with pieces set into it.
fn volume(pieces: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0xD1; PROBE_BYTES];
    for (at, piece) in pieces {
        bytes[*at..at + piece.len()].copy_from_slice(piece);
    }
    bytes
}

#[test]
fn formats_whose_makers_are_rare() {
    let mut exfat = volume(&[(0, &[0; 4096]), (3, b"EXFAT   "), (510, &[0x55, 0xAA]), (8192, &[0; 512])]);
    exfat[88..92].copy_from_slice(&8_u32.to_le_bytes());
    exfat[96..100].copy_from_slice(&4_u32.to_le_bytes());
    // Sectors of 512 bytes, clusters of 2048: the root lies at 8 * 512 + 2 * 2048.
    (exfat[108], exfat[109]) = (9, 2);
    exfat[8192..8194].copy_from_slice(&[0x81, 0]);
    exfat[8224..8230].copy_from_slice(&[0x83, 2, b'H', 0, b'i', 0]);
    let cases: [(Vec<u8>, &str, Option<&str>); 16] = [
        (exfat, "exfat", Some("Hi")),
        (volume(&[(3, b"NTFS    "), (510, &[0x55, 0xAA])]), "ntfs", None),
        (volume(&[(3, b"-FVE-FS-")]), "BitLocker", None),
        (volume(&[(0, b"LUKS\xBA\xBE\0\x02"), (24, b"secret\0")]), "crypto_LUKS", Some("secret")),
        (volume(&[(0, b"LUKS\xBA\xBE\0\x01"), (24, b"aes\0")]), "crypto_LUKS", None),
        (volume(&[(512, b"LABELONE"), (536, b"LVM2 001")]), "LVM2_member", None),
        (
            volume(&[(4096, b"\xFC\x4E\x2B\xA9\x01\0\0\0"), (4128, b"host:0\0")]),
            "linux_raid_member",
            Some("host:0"),
        ),
        (volume(&[(0, b"XFSB"), (108, b"data\0")]), "xfs", Some("data")),
        (volume(&[(0x1_0040, b"_BHRfS_M"), (0x1_012B, b"pool\0")]), "btrfs", Some("pool")),
        (volume(&[(1024, b"\x10\x20\xF5\xF2"), (1148, b"f\0s\0\0\0")]), "f2fs", Some("fs")),
        (volume(&[(0, b"hsqs")]), "squashfs", None),
        (volume(&[(1024, b"\xE2\xE1\xF5\xE0"), (1088, b"ro\0")]), "erofs", Some("ro")),
        (volume(&[(0x4000, &[1, 1, 0, 0]), (0x4018, b"\0\0\0\x07version")]), "zfs_member", None),
        (volume(&[(1024, b"H+\0\x04")]), "hfsplus", None),
        (volume(&[(32, b"NXSB")]), "apfs", None),
        (volume(&[(0x1_0034, b"ReIsEr2Fs"), (0x1_0064, b"old\0")]), "reiserfs", Some("old")),
    ];
    for (bytes, kind, label) in cases {
        let found = identify(&bytes).unwrap_or_else(|| panic!("{kind}: nothing found"));
        assert_eq!((found.kind, found.label.as_deref()), (kind, label));
    }
}

#[test]
fn junk_zeroes_and_cut_off_volumes_are_nothing_and_no_panic() {
    assert_eq!(identify(&[]), None);
    assert_eq!(identify(&vec![0; PROBE_BYTES]), None);
    assert_eq!(identify(&vec![0xFF; PROBE_BYTES]), None);
    assert_eq!(identify(&volume(&[])), None);
    // A master boot record looks like a boot sector but for its parameters.
    assert_eq!(identify(&volume(&[(0, &[0xEB, 0x63, 0x90]), (3, &[0; 507]), (510, &[0x55, 0xAA])])), None);
    let full = volume(&[(3, b"EXFAT   "), (510, &[0x55, 0xAA])]);
    for len in (0..full.len()).step_by(61) {
        identify(&full[..len]);
    }
}

/// Parameters of any value must only ever hide the label.
#[test]
fn absurd_parameters_are_survived() {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    for start in [&b"\xEB\x58\x90MSDOS5.0"[..], b"\xEB\x76\x90EXFAT   "] {
        for _ in 0..3000 {
            let mut bytes = vec![0xD1; 4096];
            bytes[..start.len()].copy_from_slice(start);
            for at in (11..120).step_by(8) {
                bytes[at..at + 8].copy_from_slice(&random());
            }
            if start.len() == 11 && start[3] == b'M' {
                bytes[11..13].copy_from_slice(&[0, 2]);
                (bytes[13], bytes[16], bytes[21]) = (8, 2, 0xF8);
            }
            bytes[510..512].copy_from_slice(&[0x55, 0xAA]);
            identify(&bytes);
        }
    }
}
