//! The assembled boot code that lies in the repository is what its source says, and leaves to the program what is the
//! program's to fill.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::Command;

use support::tool;

fn assets() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/boot"))
}

fn bytes_of(name: &str) -> Vec<u8> {
    std::fs::read(assets().join(name)).unwrap()
}

#[test]
fn assembled_bytes_agree_with_their_source() {
    if !tool("nasm") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut names: Vec<_> = std::fs::read_dir(assets()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|ending| ending == "asm"));
    assert_eq!(names.len(), 4);
    for source in names {
        let out = folder.path().join("out.bin");
        let mut nasm = Command::new("nasm");
        nasm.args(["-Wall", "-Werror", "-f", "bin", "-o"]).arg(&out).arg(&source);
        assert!(nasm.status().unwrap().success(), "{}", source.display());
        let kept = std::fs::read(source.with_extension("bin")).unwrap();
        assert!(std::fs::read(out).unwrap() == kept, "{} is out of date", source.display());
    }
}

#[test]
fn the_partition_table_is_left_to_the_image_maker() {
    let sector = bytes_of("demo.bin");
    assert_eq!(sector.len(), 512);
    assert_eq!(sector[440..510], [0; 70]);
    assert_eq!(sector[510..], [0x55, 0xAA]);
    // Disk signature, table and boot signature follow these.
    assert_eq!(bytes_of("mbr.bin").len(), 440);
    assert_eq!(bytes_of("gpt.bin").len(), 440);
}

#[test]
fn the_bpb_is_left_to_whoever_formats() {
    let sectors = bytes_of("fat32.bin");
    assert_eq!(sectors.len(), 1024);
    // A short jump over the BPB, and the byte that FAT's specification wants after it.
    assert_eq!(sectors[..3], [0xEB, 0x58, 0x90]);
    assert_eq!(sectors[3..0x5A], [0; 0x57]);
    assert_eq!(sectors[510..512], [0x55, 0xAA]);
    assert_eq!(sectors[1020..], *b"SM\x55\xAA");
}
