//! The assembled boot code that lies in the repository is what its source says.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::Command;

use support::tool;

fn assets() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/boot"))
}

#[test]
fn assembled_bytes_agree_with_their_source() {
    if !tool("nasm") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo.bin");
    let status =
        Command::new("nasm").args(["-f", "bin", "-o"]).arg(&out).arg(assets().join("demo.asm")).status();
    assert!(status.unwrap().success());
    assert_eq!(std::fs::read(out).unwrap(), std::fs::read(assets().join("demo.bin")).unwrap());
}

#[test]
fn the_partition_table_is_left_to_the_image_maker() {
    let sector = std::fs::read(assets().join("demo.bin")).unwrap();
    assert_eq!(sector.len(), 512);
    assert_eq!(sector[440..510], [0; 70]);
    assert_eq!(sector[510..], [0x55, 0xAA]);
}
