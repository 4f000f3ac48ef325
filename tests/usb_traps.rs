//! Traps for the wrong disk, on emulated USB sticks, as a user without rights: sticks that are swapped, names that move,
//! twins, disks that only look like sticks, sticks that somebody needs. And what is done around a write: waiting for a
//! stick, ending its uses, ejecting it. Judged from outside: by the program's words and exit status, by the mount table
//! and lsblk in the guest, by the bytes of the sticks and the counters at the other end of their cables.
//!
//! Needs what `usb_lab.rs` needs.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "usb_lab/guest.rs"]
mod guest;
mod support;

use guest::Guest;
use support::noise;

const MIB: usize = 1 << 20;

/// `root COMMAND`, and a command that is left at its question until `answer` says what is typed.
const HELPERS: &str = r#"
root() { echo tech | sudo -S -p '' "$@"; }
ask() {
    rm -f keys said; mkfifo keys; : >said
    script -qefc "$*" said <keys >/dev/null & job=$!
    exec 3>keys
    for n in {1..300}; do grep -q 'Type yes' said && break; sleep 0.1; done
}
answer() { echo "$1" >&3; wait $job; status=$?; exec 3>&-; tr -d '\r' <said; }
mounted() { grep -c "^$1" /proc/mounts; }
"#;

fn script(lines: &str) -> String {
    format!("{HELPERS}{lines}")
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn a_stick_that_was_swapped_at_the_question_is_refused() {
    // Through UDisks2, and directly; another stick of the same name and number, and the same stick once more.
    for program in ["sticksmith", "sudo env PATH=$PATH sticksmith"] {
        let Some(guest) = Guest::new(MIB) else { return };
        let ran = guest
            .options(&["--user", "tech", "--polkit", "allow"])
            .options(&["--stick", "a:64M:fs=vfat", "--stick", "b:64M:fs=vfat,serial=LAB-a,absent"])
            .run(&script(&format!(
                r#"
                root sh -c 'echo "tech ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/tech'
                ask {program} --quiet write $IMAGE $STICK_a
                labhost unplug a; labhost plug b
                echo "the other one is $(lab-stick b)"
                answer yes; echo "swapped: $status"
                labhost unplug b; labhost plug a; lab-stick a
                ask {program} --quiet write $IMAGE $STICK_a
                labhost unplug a; labhost plug a
                echo "again it is $(lab-stick a)"
                answer yes; echo "plugged in again: $status"
                "#
            )));
        ran.says("the other one is /dev/sda");
        ran.says("/dev/sda is not the drive that was chosen any more: its port was 3-1 and is 3-2 now");
        ran.says("swapped: 2");
        ran.says("again it is /dev/sda");
        ran.says("/dev/sda is not the drive that was chosen any more: it was unplugged or replaced since");
        ran.says("plugged in again: 2");
        ran.is_untouched("a");
        ran.is_untouched("b");
    }
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn names_move_and_twins_stand_in_their_ports() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow"])
        .options(&["--stick", "a:64M:fs=vfat", "--stick", "b:64M:fs=vfat"])
        .options(&["--stick", "c:64M:serial=", "--stick", "d:64M:serial="])
        .run(&script(
            r#"
            echo "before: $(sticksmith list --json | grep -o '"id":"[^"]*"\|"path":"/dev/sd.",' | tr '\n' ' ')"
            labhost unplug a; labhost unplug b
            labhost plug b; echo "now b is $(lab-stick b)"
            labhost plug a; echo "now a is $(lab-stick a)"
            sticksmith --quiet write --yes --serial LAB-a $IMAGE /dev/sda; echo "a by its old name: $?"
            sticksmith --quiet write --yes $IMAGE usb-LAB-a; echo "a by its id: $?"
            sticksmith --quiet write --yes $IMAGE usb-port-3-4; echo "the fourth port: $?"
            sticksmith eject usb-port-3-4; echo "eject of one of two: $?"
            labhost unplug c
            sticksmith --quiet check usb-port-3-4 --hash sha256:$(sha256sum <$IMAGE | cut -d' ' -f1) --bytes 1048576
            echo "the same without its twin: $?"
            sticksmith eject usb-port-3-3; echo "the other: $?"
            "#,
        ));
    ran.line("before: ").says(r#""id":"usb-port-3-3" "path":"/dev/sdc""#).says(r#""id":"usb-port-3-4""#);
    ran.says("now b is /dev/sda");
    ran.says("now a is /dev/sdb");
    ran.says("The drive /dev/sda has the serial number LAB-b; LAB-a was asked for. Nothing was written.");
    ran.says("a by its old name: 2");
    ran.says("a by its id: 0");
    ran.says("the fourth port: 0");
    // UDisks2 takes both for one drive, and would let go of either.
    ran.line("Ejecting /dev/sdd: ").says("cannot tell it from /dev/sdc");
    ran.says("eject of one of two: 1");
    ran.says("the same without its twin: 0");
    ran.line("No drive is called usb-port-3-3.");
    ran.says("the other: 2");
    ran.is_untouched("b");
    ran.is_untouched("c");
    for name in ["a", "d"] {
        assert!(ran.stick(name)[..MIB] == noise(MIB, 5), "{name} does not hold the image");
    }
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn the_stick_that_is_plugged_in_is_told_and_ejected() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow"])
        .options(&["--stick", "a:64M:fs=vfat", "--stick", "b:64M:fs=vfat,absent"])
        .run(&script(
            r#"
            wait_for() { for n in {1..100}; do grep -q 'Plug the drive in' said && break; sleep 0.1; done; }
            sticksmith list --wait >said 2>&1 & job=$!
            wait_for; labhost plug b; wait $job; echo "came: $?"; cat said
            sticksmith list --wait --json >told 2>said & job=$!
            wait_for; labhost unplug b; labhost plug b; wait $job; echo "came again: $?"
            now=$(date +%s); then=$(grep -o 'appeared_unix_secs":[0-9]*' told | cut -d: -f2)
            [ $((now - then)) -ge 0 -a $((now - then)) -lt 60 ] && echo "the time is right"
            sticksmith list --wait --json >told 2>said & job=$!
            wait_for; kill -INT $job; wait $job; echo "cancelled: $?"; cat told
            sticksmith write --yes --eject $IMAGE $STICK_a; echo "written: $?"
            [ -e $STICK_a ] || echo "a is gone for the system"
            udisksctl mount -b /dev/sdb1; sleep 100 >/media/tech/LABSTICK/open & holder=$!
            sleep 0.5; sticksmith eject /dev/sdb; echo "held: $?"
            echo "mounted still: $(mounted /dev/sdb1)"
            kill $holder; wait $holder 2>/dev/null
            sticksmith eject /dev/sdb; echo "ejected: $?"
            [ -e /dev/sdb ] || echo "b is gone for the system"
            labhost unplug a; labhost plug a; lab-stick a
            root systemctl mask --now --quiet udisks2
            sticksmith eject $STICK_a; echo "without UDisks2: $?"
            root env PATH=$PATH sticksmith eject $STICK_a; echo "root without UDisks2: $?"
            [ -e $STICK_a ] || echo "a is gone once more"
            sticksmith eject /dev/vda; echo "the system's disk: $?"
            "#,
        ));
    ran.says("came: 0");
    ran.line("usb-LAB-b  /dev/sdb  Lab USB Stick").says("  3-2   just now  LAB-b");
    ran.says("    partition 1, vfat, “LABSTICK”, 66.1 MB");
    ran.says("came again: 0");
    ran.says("the time is right");
    ran.says("cancelled: 130");
    ran.says(r#""event":"ended","exit_status":130"#);
    ran.says("Lab USB Stick (/dev/sda) is ejected and can be unplugged.");
    ran.says("written: 0");
    ran.says("a is gone for the system");
    ran.line("/dev/sdb is in use: /media/tech/LABSTICK cannot be unmounted: it is used by sleep (process ");
    ran.says("held: 1");
    ran.says("mounted still: 1");
    ran.says("ejected: 0");
    ran.says("b is gone for the system");
    ran.line(
        "Ejecting /dev/sda: permission denied: only UDisks2 or root may eject it; install and start udisks2",
    );
    ran.says("without UDisks2: 1");
    ran.says("root without UDisks2: 0");
    ran.says("a is gone once more");
    ran.line("/dev/vda is in use: / is mounted from /dev/vda.");
    ran.says("the system's disk: 1");
    assert!(ran.stick("a")[..MIB] == noise(MIB, 5));
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn what_the_system_needs_is_never_a_target_and_what_its_owner_ends_is_asked_for() {
    let Some(guest) = Guest::new(MIB) else { return };
    let swap = guest.file("swap.raw", &swap_stick());
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow"])
        .options(&[
            "--stick",
            "lvm:64M:fs=vfat",
            "--stick",
            "system:64M:fs=ext4",
            "--stick",
            "crypt:64M:fs=vfat",
        ])
        .options(&[
            "--stick",
            &format!("swap:64M:image={swap}"),
            "--stick",
            &format!("asked:64M:image={swap}"),
        ])
        .options(&["--stick", &format!("later:64M:image={swap}")])
        .run(&script(
            r#"
            refused() { sticksmith --quiet wipe --yes --stop-uses $2; echo "$1: $?"; }
            root dmsetup create vg-data --uuid LVM-abcdef --table "0 20480 linear ${STICK_lvm}1 0"
            root mkdir -p /var/lib/photos; root mount ${STICK_system}1 /var/lib/photos
            refused "a system's folder" $STICK_system
            refused "a part of LVM" $STICK_lvm
            root dmsetup create photos --uuid CRYPT-LUKS1-0123-photos \
                --table "0 20480 crypt aes-cbc-plain64 00112233445566778899aabbccddeeff 0 ${STICK_crypt}1 0"
            sticksmith --quiet wipe --yes $STICK_crypt; echo "unlocked: $?"
            root modprobe scsi_debug removable=1 dev_size_mb=16; udevadm settle
            disk=$(lsblk -dno PATH,MODEL | grep scsi_debug | cut -d' ' -f1)
            echo "the internal disk has RM=$(lsblk -dno RM $disk | tr -d ' ')"
            sticksmith --quiet wipe --yes $disk; echo "internal: $?"
            root swapon ${STICK_swap}1 ${STICK_asked}1
            sticksmith --quiet wipe --yes $STICK_swap; echo "swap: $?"
            sticksmith --quiet wipe --yes --stop-uses $STICK_swap; echo "swap that may stop: $?"
            ask sticksmith --quiet wipe $STICK_asked; answer no; echo "asked, no: $status"
            echo "areas of swap: $(tail -n +2 /proc/swaps | wc -l)"
            ask sticksmith --quiet wipe $STICK_asked; answer yes; echo "asked, yes: $status"
            echo "areas of swap: $(tail -n +2 /proc/swaps | wc -l)."
            # Whoever said yes to one use has not said yes to the next.
            root swapon ${STICK_later}1
            ask sticksmith --quiet wipe $STICK_later
            root dmsetup create late --uuid CRYPT-LUKS1-4567-late \
                --table "0 2048 crypt aes-cbc-plain64 00112233445566778899aabbccddeeff 0 ${STICK_later}2 0"
            udevadm settle; answer yes; echo "used otherwise: $status"
            echo "areas of swap: $(tail -n +2 /proc/swaps | wc -l);"
            "#,
        ));
    ran.line("It is in use: /dev/sda1 is part of the LVM volume vg-data.");
    ran.says("a part of LVM: 2");
    ran.line("It is in use: /var/lib/photos is mounted from /dev/sdb1.");
    ran.says("a system's folder: 2");
    ran.line("The drive /dev/sdc is in use: /dev/sdc1 is part of the encrypted volume photos. --yes alone");
    ran.says("unlocked: 2");
    ran.says("the internal disk has RM=1");
    ran.line("It is an internal drive; these are hidden");
    ran.says("internal: 2");
    ran.line("The drive /dev/sdd is in use: swap is on /dev/sdd1. --yes alone does not end that");
    ran.says("swap: 2");
    ran.says("swap that may stop: 0");
    ran.says("asked, no: 2");
    ran.says("areas of swap: 1\n");
    ran.says("Type yes to end these uses and erase it");
    ran.says("asked, yes: 0");
    ran.says("areas of swap: 0.");
    ran.says("otherwise than was said: /dev/sdf2 is part of the encrypted volume late. Nobody has agreed to end that");
    ran.says("used otherwise: 2");
    ran.says("areas of swap: 1;");
    ran.is_untouched("later");
    // They were mounted or layered on, but their tables are there.
    for name in ["lvm", "system", "crypt"] {
        assert_eq!(ran.stick(name)[0x1FE..0x200], [0x55, 0xAA], "{name} was changed");
    }
    for name in ["swap", "asked"] {
        assert!(ran.stick(name)[..2 * MIB].iter().all(|byte| *byte == 0), "{name} is not empty");
    }
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn a_volume_that_is_unlocked_is_locked_and_written_once_that_was_said() {
    let Some(guest) = Guest::new(MIB) else { return };
    let Some(luks) = luks_stick() else { return };
    let luks = guest.file("luks.raw", &luks);
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow", "--stick", &format!("a:64M:image={luks}")])
        .run(&script(
            r#"
            ls /usr/lib/*/libbd_crypto.so* >/dev/null 2>&1 || { echo "no LUKS here"; exit; }
            object=/org/freedesktop/UDisks2/block_devices/${STICK_a#/dev/}1
            busctl call org.freedesktop.UDisks2 $object org.freedesktop.UDisks2.Encrypted Unlock 'sa{sv}' secret 0
            volume=$(lsblk -lno PATH,TYPE $STICK_a | grep crypt | cut -d' ' -f1)
            root mkfs.ext4 -q -L INSIDE $volume; udevadm settle; udisksctl mount -b $volume
            root chown tech /media/tech/INSIDE; sleep 100 >/media/tech/INSIDE/open & holder=$!
            sticksmith --quiet write --yes --stop-uses $IMAGE $STICK_a; echo "held: $?"
            echo "mounted still: $(grep -c INSIDE /proc/mounts)"
            kill $holder; wait $holder 2>/dev/null
            sticksmith --quiet write --yes $IMAGE $STICK_a; echo "unsaid: $?"
            sticksmith --quiet write --yes --stop-uses $IMAGE $STICK_a; echo "said: $?"
            echo "volumes: $(lsblk -lno TYPE $STICK_a | grep -c crypt)"
            "#,
        ));
    if ran.has("no LUKS here") {
        println!("SKIPPED: the guest of the USB lab has no LUKS (LAB_PACKAGES=libblockdev-crypto2)");
        return;
    }
    ran.line("/dev/dm-0 is in use: /media/tech/INSIDE cannot be unmounted: it is used by sleep");
    ran.says("held: 2");
    ran.says("mounted still: 1");
    ran.says("that carries /media/tech/INSIDE. --yes alone does not end that");
    ran.says("unsaid: 2");
    ran.says("said: 0");
    ran.says("volumes: 0");
    assert!(ran.stick("a")[..MIB] == noise(MIB, 5));
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn nothing_changes_where_the_right_is_refused() {
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--user", "tech", "--desktop", "--stick", "a:64M:fs=vfat"]).run(&script(
        r#"
        prompt() { for n in {1..150}; do xdotool search --onlyvisible --class lxpolkit >/dev/null && break; sleep 0.1; done; sleep 1; }
        udisksctl mount -b ${STICK_a}1
        sticksmith --quiet write --yes $IMAGE $STICK_a & job=$!
        prompt; echo "asked, mounted: $(mounted ${STICK_a}1)"; xdotool key Escape; wait $job
        echo "closed: $?, mounted: $(mounted ${STICK_a}1)"
        sticksmith inspect $STICK_a & job=$!
        prompt; xdotool type tech; xdotool key Return; wait $job
        echo "inspected: $?"
        sticksmith --quiet write --yes $IMAGE $STICK_a & job=$!
        prompt; xdotool type tech; xdotool key Return; wait $job
        echo "typed: $?, mounted: $(mounted ${STICK_a}1)"
        "#,
    ));
    ran.line("Opening /dev/sda: permission denied: the password was wrong, or its prompt was closed");
    ran.says("asked, mounted: 1");
    ran.says("closed: 2, mounted: 1");
    ran.says("As it lies there:");
    ran.says("inspected: 0");
    ran.says("typed: 0, mounted: 0");
    assert!(ran.stick("a")[..MIB] == noise(MIB, 5));

    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--user", "tech", "--stick", "a:64M:fs=vfat"]).run(&script(
        r#"
        udisksctl mount -b ${STICK_a}1
        sticksmith --quiet write --yes $IMAGE $STICK_a
        echo "no agent: $?, mounted: $(mounted ${STICK_a}1)"
        "#,
    ));
    ran.says("no agent: 2, mounted: 1");
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn no_use_ends_where_the_right_to_end_it_is_refused() {
    let Some(guest) = Guest::new(MIB) else { return };
    let swap = guest.file("swap.raw", &swap_stick());
    let stick = format!("a:64M:image={swap}");
    let ran = guest.options(&["--user", "tech", "--desktop", "--stick", &stick]).run(&script(
        r#"
        prompt() { for n in {1..150}; do xdotool search --onlyvisible --class lxpolkit >/dev/null && break; sleep 0.1; done; sleep 1; }
        gone() { for n in {1..150}; do xdotool search --onlyvisible --class lxpolkit >/dev/null || break; sleep 0.1; done; }
        areas() { echo "$1, areas of swap: $(tail -n +2 /proc/swaps | wc -l)"; }
        root swapon ${STICK_a}1
        sticksmith --quiet wipe --yes --stop-uses $STICK_a & job=$!
        prompt; xdotool key Escape; wait $job; areas "closed at once: $?"
        # The right to open the drive is granted; then comes the swap's own question.
        sticksmith --quiet wipe --yes --stop-uses $STICK_a & job=$!
        prompt; xdotool type tech; xdotool key Return; gone
        prompt; xdotool key Escape; wait $job; areas "closed at the swap: $?"
        "#,
    ));
    ran.line("Opening /dev/sda: permission denied: the password was wrong, or its prompt was closed");
    ran.says("closed at once: 2, areas of swap: 1");
    ran.line(
        "Ending the use of /dev/sda1: permission denied: the password was wrong, or its prompt was closed",
    )
    .says("or run `swapoff /dev/sda1` as root");
    ran.says("closed at the swap: 2, areas of swap: 1");
    ran.is_untouched("a");

    // The drive may be opened by everyone, its swap stopped by nobody who is not asked.
    let Some(guest) = Guest::new(MIB) else { return };
    let ran = guest.options(&["--user", "tech", "--stick", &stick]).run(&script(
        r#"
        rule() { root sh -c "echo 'polkit.addRule(function(a) { $1 });' >/etc/polkit-1/rules.d/00-$2.rules"; sleep 2; }
        root swapon ${STICK_a}1
        rule 'if (a.id.indexOf("open-device") >= 0) return polkit.Result.YES;' open
        sticksmith --quiet wipe --yes --stop-uses $STICK_a; echo "nobody asks: $?"
        rule 'if (a.id.indexOf("swapspace") >= 0) return polkit.Result.NO;' swap
        sticksmith --quiet wipe --yes --stop-uses $STICK_a; echo "forbidden: $?"
        echo "areas of swap: $(tail -n +2 /proc/swaps | wc -l)"
        "#,
    ));
    let begin = "Ending the use of /dev/sda1: permission denied: ";
    ran.line_with(begin, "no polkit agent runs in this session");
    ran.says("nobody asks: 2");
    ran.line_with(begin, "the system's policy (polkit) forbids it");
    ran.says("forbidden: 2");
    ran.says("areas of swap: 1");
    ran.is_untouched("a");
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn what_was_unmounted_in_vain_is_mounted_again() {
    let Some(guest) = Guest::new(MIB) else { return };
    let Some(two) = two_volumes() else { return };
    let two = guest.file("two.raw", &two);
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow", "--stick", &format!("a:64M:image={two}")])
        .run(&script(
            r#"
            udisksctl mount -b ${STICK_a}1; sleep 100 >/media/tech/FIRST/open & holder=$!
            udisksctl mount -b ${STICK_a}2
            sleep 0.5
            sticksmith --quiet write --yes $IMAGE $STICK_a; echo "held: $?"
            echo "mounted: $(mounted ${STICK_a}1) $(mounted ${STICK_a}2)"
            kill $holder; wait $holder 2>/dev/null
            sticksmith --quiet write --yes $IMAGE $STICK_a; echo "let go: $?"
            "#,
        ));
    ran.line("/dev/sda is in use: /media/tech/FIRST cannot be unmounted: it is used by sleep");
    ran.says("held: 2");
    ran.says("mounted: 1 1");
    ran.says("let go: 0");
    assert!(ran.stick("a")[..MIB] == noise(MIB, 5));
}

#[test]
#[ignore = "boots a guest, which is built first: cargo test --test usb_traps -- --ignored"]
fn nobody_mounts_a_half_made_stick_and_a_killed_program_leaves_no_lock() {
    let Some(guest) = Guest::new(24 * MIB) else { return };
    let ran = guest
        .options(&["--user", "tech", "--polkit", "allow", "--automount"])
        .options(&["--stick", "a:64M:fs=vfat,speed=4M", "--stick", "b:64M:fs=vfat"])
        .run(&script(
            r#"
            awake() { systemd-inhibit --list --no-legend | grep -c Sticksmith; }
            while :; do udisksctl mount --no-user-interaction -b ${STICK_a}1; sleep 0.2; done >tried 2>&1 & eager=$!
            sticksmith --quiet write --yes $IMAGE $STICK_a & job=$!
            for n in {1..300}; do [ "$(awake)" = 1 ] && break; sleep 0.1; done
            most=0
            while kill -0 $job 2>/dev/null; do n=$(mounted $STICK_a); [ $n -gt $most ] && most=$n; sleep 0.2; done
            wait $job; echo "written: $?"
            echo "tried $([ $(wc -l <tried) -gt 5 ] && echo often), mounted meanwhile: $most"
            kill $eager
            sticksmith --quiet write --yes $IMAGE $STICK_a 2>/dev/null & job=$!
            for n in {1..300}; do [ "$(awake)" = 1 ] && break; sleep 0.1; done
            echo "awake: $(awake)"
            kill -9 $job $(pgrep -P $job); sleep 1
            echo "awake after: $(awake)"
            # Nobody but UDisks2 looks at the drive anew.
            root mkdir -p /run/udev/rules.d
            root sh -c 'echo "SUBSYSTEM==\"block\", OPTIONS+=\"nowatch\"" >/run/udev/rules.d/99-nowatch.rules'
            root udevadm control --reload; root udevadm trigger --settle --name-match=$STICK_b
            echo "partitions before: $(lsblk -nro NAME $STICK_b | tail -n +2 | wc -l)"
            sticksmith --quiet write --yes $IMAGE $STICK_b; echo "unwatched: $?"
            udevadm settle
            echo "partitions after: $(lsblk -nro NAME $STICK_b | tail -n +2 | wc -l)"
            "#,
        ));
    ran.says("written: 0");
    ran.says("tried often, mounted meanwhile: 0");
    ran.says("awake: 1");
    ran.says("awake after: 0");
    ran.says("partitions before: 1");
    ran.says("unwatched: 0");
    ran.says("partitions after: 0");
}

/// With the volumes FIRST and SECOND. `None`: no mkfs.vfat here, which was said.
fn two_volumes() -> Option<Vec<u8>> {
    if !support::tool("mkfs.vfat") {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let volume = |name: &str| {
        let path = folder.path().join(name);
        std::fs::File::create(&path).unwrap().set_len(16 * MIB as u64).unwrap();
        support::run("mkfs.vfat", &["-n", name, path.to_str().unwrap()]);
        std::fs::read(path).unwrap()
    };
    let mut stick = partitioned(0xC, &volume("FIRST"));
    stick[0x1CA..0x1CE].copy_from_slice(&(16 * 2048u32).to_le_bytes());
    stick[0x1D2] = 0xC;
    stick[0x1D6..0x1DA].copy_from_slice(&(17 * 2048u32).to_le_bytes());
    stick[0x1DA..0x1DE].copy_from_slice(&(16 * 2048u32).to_le_bytes());
    stick[17 * MIB..33 * MIB].copy_from_slice(&volume("SECOND"));
    Some(stick)
}

/// One partition from 1 MiB on.
fn partitioned(kind: u8, start: &[u8]) -> Vec<u8> {
    let mut stick = vec![0; 64 * MIB];
    stick[0x1C2] = kind;
    stick[0x1C6..0x1CA].copy_from_slice(&2048u32.to_le_bytes());
    stick[0x1CA..0x1CE].copy_from_slice(&(63 * 2048u32).to_le_bytes());
    stick[0x1FE..0x200].copy_from_slice(&[0x55, 0xAA]);
    stick[MIB..MIB + start.len()].copy_from_slice(start);
    stick
}

/// As mkswap(8) makes it: version, last page, and the magic at the end of the first page.
fn swap_stick() -> Vec<u8> {
    let mut page = vec![0; 4096];
    page[1024..1028].copy_from_slice(&1u32.to_le_bytes());
    page[1028..1032].copy_from_slice(&(62 * MIB as u32 / 4096 - 1).to_le_bytes());
    page[4086..].copy_from_slice(b"SWAPSPACE2");
    let mut stick = partitioned(0x82, &page);
    // And one of the last MiB.
    let entry =
        [&[0, 0, 0, 0, 0x83, 0, 0, 0], &(63 * 2048u32).to_le_bytes()[..], &2048u32.to_le_bytes()].concat();
    stick[0x1CA..0x1CE].copy_from_slice(&(62 * 2048u32).to_le_bytes());
    stick[0x1CE..0x1DE].copy_from_slice(&entry);
    stick
}

/// With the password `secret`, and a cipher that the guest's kernel has. `None`: no cryptsetup here, which was said.
fn luks_stick() -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let (key, volume) = (folder.path().join("key"), folder.path().join("volume"));
    std::fs::write(&key, "secret").unwrap();
    std::fs::File::create(&volume).unwrap().set_len(63 * MIB as u64).unwrap();
    let made = std::process::Command::new("cryptsetup")
        .args(["luksFormat", "-q", "--type", "luks1", "--cipher", "aes-cbc-plain64", "--use-urandom"])
        .args(["--pbkdf-force-iterations", "1000"])
        .arg(&volume)
        .arg(&key)
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: needs cryptsetup");
        return None;
    }
    Some(partitioned(0x83, &std::fs::read(&volume).unwrap()))
}
