//! Emulated USB sticks on a small Debian with udev, UDisks2, polkit and logind: what the program does as a user without
//! rights, and what it says when a stick fails. Everything is judged from outside: the program's words and exit status,
//! the mount table and lsblk in the guest, and the bytes of the stick on the host.
//!
//! The lab lies beside the checkout (`../shared/lab`, or `STICKSMITH_LAB`). Its guest is built when it is not there yet,
//! which takes root and some minutes. The gate runs the tests that are not ignored; all of them:
//! `STICKSMITH_REQUIRE_USB_LAB=1 cargo test --test usb_lab -- --include-ignored --test-threads=1`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "usb_lab/faults.rs"]
mod faults;
#[path = "usb_lab/guest.rs"]
mod guest;
mod support;

use guest::Guest;
use support::noise;

const MIB: usize = 1 << 20;

/// Small enough for an emulated machine, large enough to pull a stick out in the middle.
const IMAGE_BYTES: usize = 24 * MIB;

fn is_blank(stick: &[u8]) -> bool {
    stick[..MIB].iter().all(|byte| *byte == 0)
}

#[test]
fn a_mounted_stick_is_written_and_proved_by_an_ordinary_user() {
    let Some(guest) = Guest::of_gate(IMAGE_BYTES) else { return };
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow", "--automount", "--stick", "a:64M:fs=vfat"])
        .run(
            r#"
            for n in {1..600}; do grep -q "^$STICK_a" /proc/mounts && break; sleep 0.1; done
            echo "mounted before: $(grep -c "^$STICK_a" /proc/mounts)"
            sticksmith list
            sticksmith list --json
            [ -r $STICK_a ] && echo "the node can be read: this proves nothing"
            sticksmith write --yes $IMAGE $STICK_a & job=$!
            for n in {1..600}; do [ "$(systemd-inhibit --list | grep Sticksmith)" ] && break; sleep 0.1; done
            echo "awake: $(systemd-inhibit --list --no-legend | grep Sticksmith | tr -s ' ')"
            wait $job
            echo "write ended with $?"
            echo "awake after: [$(systemd-inhibit --list --no-legend | grep Sticksmith)]"
            echo "mounted after: $(grep -c "^$STICK_a" /proc/mounts)"
            echo "partitions after: $(lsblk -nro NAME $STICK_a | tail -n +2 | wc -l)"
            sticksmith check $STICK_a $IMAGE
            echo "check ended with $?"
            "#,
        );
    ran.says("mounted before: 1");
    // The labels come without opening anything.
    ran.says(r#""volume":{"kind":"vfat","label":"LABSTICK"}"#);
    ran.says("usb-LAB-a  /dev/sda");
    ran.says_not("the node can be read");
    ran.says("Lab USB Stick /dev/sda is being written block");
    ran.says("write ended with 0");
    ran.says("awake after: []");
    ran.says("mounted after: 0");
    // Somebody looked at the stick again (UDisks2 as it was told, or udev): the partition that it had is forgotten.
    ran.says("partitions after: 0");
    ran.says("check ended with 0");
    assert!(ran.stick("a")[..IMAGE_BYTES] == noise(IMAGE_BYTES, 5), "the stick does not hold the image");
}

#[test]
fn sticks_that_fail_are_told_left_empty_and_followed_by_the_next_one() {
    let Some(guest) = Guest::of_gate(IMAGE_BYTES) else { return };
    let junk = guest.junk();
    let stick = |name: &str, more: &str| format!("{name}:64M:image={junk},{more}");
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow"])
        .options(&["--stick", &stick("pulled", "speed=10M"), "--at", "pulled>8M:unplug pulled"])
        .options(&["--stick", &stick("badwrite", "fail-write=30000-30100")])
        .options(&["--stick", &stick("badread", "fail-read=30000-30100")])
        .options(&["--stick", &stick("switch", "ro")])
        .options(&["--stick", &stick("good", "4k")])
        .run(
            r#"
            for stick in pulled badwrite badread switch good; do
                node=STICK_$stick
                tell $stick write --yes $IMAGE ${!node}
            done
            tell check check $STICK_badread $IMAGE
            "#,
        );
    let empty =
        "The drive was left empty on purpose: no computer starts from it. Write it again before use. exit 1";
    ran.line("pulled: Writing at byte ").says("the drive is gone").says(empty);
    ran.line("badwrite: Writing at byte ").says("the medium reports an error").says(empty);
    ran.line("badread: Reading at byte ").says("the medium reports an error").says(empty);
    ran.line("switch: ").says("It is write-protected; look for a lock switch").says("exit 2");
    ran.line("good: ").says("exit 0");
    ran.line("check: Reading at byte ").says("the medium reports an error").says("exit 1");
    for name in ["pulled", "badwrite", "badread"] {
        assert!(is_blank(&ran.stick(name)), "{name} does not look empty");
    }
    assert!(ran.stick("switch")[..MIB] == noise(MIB, 99), "a write-protected stick was changed");
    assert!(ran.stick("good")[..IMAGE_BYTES] == noise(IMAGE_BYTES, 5), "the next stick was not written");
    // After the wiping, after the image, and after the first block: what a stick only remembers is not written.
    assert!(ran.counted("good", "flushes") >= 3, "the stick was not told to store what it was given");
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_lab -- --ignored"]
fn a_policy_that_forbids_it_leaves_the_stick_untouched() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--user", "tech", "--polkit", "deny", "--stick", "a:64M:fs=vfat"]).run(
        r#"
            sticksmith write --yes $IMAGE $STICK_a
            echo "write ended with $?"
            sticksmith save $STICK_a /tmp/a.img
            echo "save ended with $?"
            "#,
    );
    ran.line("Opening /dev/sda: permission denied: the system's policy (polkit) forbids it; ask your administrator");
    ran.says("write ended with 2");
    ran.says("save ended with 2");
    ran.is_untouched("a");
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_lab -- --ignored"]
fn without_an_agent_nobody_can_ask_for_the_password() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--user", "tech", "--stick", "a:64M:fs=vfat"]).run(
        r#"
            sticksmith write --yes $IMAGE $STICK_a
            echo "write ended with $?"
            "#,
    );
    ran.line("Opening /dev/sda: permission denied: a password is needed, but nobody can ask for it: no polkit agent")
        .says("start the program in a terminal or in a desktop's session, or run the program as root");
    ran.says("write ended with 2");
    ran.is_untouched("a");
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_lab -- --ignored"]
fn without_udisks2_there_is_a_sentence_and_the_way_of_root() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--stick", "a:64M:fs=vfat"]).run(
        r#"
            systemctl mask --now --quiet udisks2
            su tech -c "$(command -v sticksmith) write --yes $IMAGE $STICK_a"
            echo "as tech: $?"
            chgrp plugdev $STICK_a
            su tech -c "$(command -v sticksmith) --quiet write --yes $IMAGE $STICK_a"
            echo "with rights on the node: $?"
            "#,
    );
    ran.line(
        "Opening /dev/sda: permission denied: the service that could grant it (UDisks2) does not answer",
    )
    .says("install and start udisks2, or run the program as root");
    ran.says("as tech: 2");
    ran.says("with rights on the node: 0");
    assert!(ran.stick("a")[..MIB] == noise(MIB, 5));
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_lab -- --ignored"]
fn the_password_is_asked_for_and_the_prompt_can_be_closed_or_cancelled() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--user", "tech", "--desktop", "--stick", "a:64M"]).run(
        r#"
            prompt() { for n in {1..600}; do xdotool search --onlyvisible --class lxpolkit >/dev/null && break; sleep 0.1; done; sleep 1; }
            sticksmith write --yes $IMAGE $STICK_a & job=$!
            prompt; xdotool key Escape; wait $job
            echo "closed: $?"
            sticksmith write --yes $IMAGE $STICK_a & job=$!
            prompt; kill -INT $job; wait $job
            echo "cancelled: $?"
            xdotool key Escape; sleep 1
            sticksmith write --yes $IMAGE $STICK_a & job=$!
            prompt; xdotool type tech; xdotool key Return; wait $job
            echo "typed: $?"
            "#,
    );
    ran.line("Opening /dev/sda: permission denied: the password was wrong, or its prompt was closed");
    ran.says("closed: 2");
    ran.line("Cancelled while the system was asked to open the drive")
        .says("Nothing was changed on the drive.");
    ran.says("cancelled: 130");
    ran.says("typed: 0");
    assert!(ran.stick("a")[..MIB] == noise(MIB, 5));
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_lab -- --ignored"]
fn at_a_bare_terminal_the_password_is_asked_for_there() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--user", "tech", "--stick", "a:64M"]).run(
        r#"
            mkfifo keys; : >said
            script -qefc "sticksmith write --yes $IMAGE $STICK_a" said <keys >/dev/null & job=$!
            exec 3>keys
            for n in {1..600}; do grep -q Password said && break; kill -0 $job || break; sleep 0.1; done
            sleep 1; echo tech >&3
            wait $job
            echo "write ended with $?"
            cat said
            "#,
    );
    ran.says("write ended with 0");
    assert!(ran.stick("a")[..MIB] == noise(MIB, 5));
}
