//! Emulated USB sticks that lie about their size, or do not keep what they are given: what an ordinary user is told by
//! `test` and by a write, how the program ends, and what is on the stick after. The lab is spoken of in `usb_lab.rs`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "usb_lab/guest.rs"]
mod guest;
mod support;

use guest::Guest;
use support::noise;

const MIB: usize = 1 << 20;
const IMAGE_BYTES: usize = 4 * MIB;

fn is_blank(stick: &[u8]) -> bool {
    stick[..MIB].iter().all(|byte| *byte == 0)
}

/// A line for each of these sticks: what the command says of it, and how it ends.
fn each(sticks: &str, command: &str) -> String {
    let one = format!("$({command} ${{!node}} 2>&1; echo \"exit $?\")");
    format!("for stick in {sticks}; do node=STICK_$stick; echo \"$stick: {one}\" | tr '\\n' ' '; echo; done")
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_capacity -- --ignored"]
fn sticks_that_lie_are_found_by_an_ordinary_user_in_seconds() {
    let Some(guest) = Guest::new(IMAGE_BYTES) else { return };
    let junk = guest.junk();
    let stick = |name: &str, more: &str| format!("{name}:{more},image={junk}");
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow"])
        .options(&["--stick", &stick("wrap", "64M:real=16M")])
        .options(&["--stick", &stick("odd", "64M:real=13M,4k")])
        .options(&["--stick", &stick("drop", "64M:real=16M,drop")])
        .options(&["--stick", &stick("good", "64M:speed=20M")])
        .run(&each("wrap odd drop good", "sticksmith test --yes"));
    ran.line("wrap: ")
        .says("it says 67.1 MB (67108864 bytes), and it has 16.8 MB (16777216 bytes)")
        .says("What is written past that overwrites what lies before.")
        .says("The drive is empty now.")
        .says("exit 3");
    ran.line("odd: ").says("and it has 13.6 MB (13631488 bytes)").says("exit 3");
    ran.line("drop: ").says("and it has 16.8 MB (16777216 bytes)").says("is lost.").says("exit 3");
    ran.line("good: ").says("The drive has the size that it says").says("Writes").says("exit 0");
    for name in ["wrap", "odd", "drop", "good"] {
        assert!(is_blank(&ran.stick(name)), "{name} does not look empty");
    }
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_capacity -- --ignored"]
fn every_byte_of_a_stick_is_tried() {
    let Some(guest) = Guest::new(IMAGE_BYTES) else { return };
    let junk = guest.junk();
    let stick = |name: &str, more: &str| format!("{name}:{more},image={junk}");
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow"])
        .options(&["--stick", &stick("wrap", "24M:real=9M")])
        .options(&["--stick", &stick("drop", "24M:real=9M,drop")])
        .options(&["--stick", &stick("corrupt", "24M:corrupt=20000-20007")])
        .run(&each("wrap drop corrupt", "sticksmith test --full --yes"));
    for begin in ["wrap: ", "drop: "] {
        ran.line(begin)
            .says("and it has 9.4 MB (9437184 bytes)")
            .says("The drive is empty now.")
            .says("exit 3");
    }
    ran.line("corrupt: ")
        .says("This drive does not keep what is written to it.")
        .says("4096 bytes in one place came back wrong, the first at byte 10240000.")
        .says("exit 3");
    for name in ["wrap", "drop", "corrupt"] {
        assert!(is_blank(&ran.stick(name)), "{name} does not look empty");
    }
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_capacity -- --ignored"]
fn a_write_finds_the_lie_before_and_does_not_begin() {
    let Some(guest) = Guest::new(IMAGE_BYTES) else { return };
    let junk = guest.junk();
    let stick = |name: &str, more: &str| format!("{name}:{more},image={junk}");
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow"])
        .options(&["--stick", &stick("wrap", "8G:real=1G")])
        .options(&["--stick", &stick("drop", "4G:real=1000M,drop,4k")])
        .options(&["--stick", &stick("slow", "2G:iops=50,speed=20M")])
        .run(&each("wrap drop slow", "sticksmith --quiet write --yes $IMAGE"));
    for (begin, has) in [("wrap: ", "1.1 GB (1073741824 bytes)"), ("drop: ", "1.0 GB (1048576000 bytes)")] {
        ran.line(begin)
            .says(&format!("and it has {has}"))
            .says("The image was not written. The drive is empty now.")
            .says("exit 1");
    }
    ran.line("slow: ").says("exit 0");
    for name in ["wrap", "drop"] {
        assert!(is_blank(&ran.stick(name)), "{name} does not look empty");
    }
    assert!(ran.stick("slow")[..IMAGE_BYTES] == noise(IMAGE_BYTES, 5), "a good stick was not written");
}
