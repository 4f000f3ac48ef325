//! What only real USB shows when a stick, an image or a service fails in the middle: the words, the exit status, the
//! stick's bytes on the host, and that the same session writes the next stick.

use std::process::Command;

use super::guest::{Guest, Ran};
use super::{IMAGE_BYTES, MIB, is_blank};
use crate::support::{noise, tool};

const EMPTY: &str =
    "The drive was left empty on purpose: no computer starts from it. Write it again before use. exit 1";

/// A guest in which `tech` may open sticks, with sticks of 64 MiB that are full of junk.
fn guest(sticks: &[(&str, &str)]) -> Option<Guest> {
    let guest = Guest::new(IMAGE_BYTES)?;
    let junk = guest.junk();
    let spec = |(name, more): &(&str, &str)| format!("{name}:64M:image={junk}{more}");
    let specs: Vec<String> = sticks.iter().map(spec).collect();
    let guest = guest.options(&["--user", "tech", "--polkit", "allow"]);
    Some(specs.iter().fold(guest, |guest, spec| guest.options(&["--stick", spec])))
}

#[track_caller]
fn holds_the_image(ran: &Ran, name: &str) {
    assert!(ran.stick(name)[..IMAGE_BYTES] == noise(IMAGE_BYTES, 5), "{name} does not hold the image");
}

#[test]
#[ignore = "boots a guest"]
fn a_stick_that_is_pulled_out_in_any_phase_is_gone_and_empty() {
    let slow = ",speed=8M";
    let Some(guest) = guest(&[("wiped", ",speed=300K"), ("synced", slow), ("verified", slow), ("good", "")])
    else {
        return;
    };
    let ran = guest
        .options(&["--at", "wiped>1M:unplug wiped"])
        .options(&["--at", "/^synced: .*Flushing/:unplug synced", "--at", "/^verified: .*Verifying/:unplug verified"])
        .run(
            r#"
            tell wiped write --yes $IMAGE $STICK_wiped
            for stick in synced verified; do
                node=STICK_$stick
                sticksmith write --yes $IMAGE ${!node} 2>&1 | grep --line-buffered -v '^Warning' | sed -u "s/^/$stick: /"
                echo "$stick ended with ${PIPESTATUS[0]}"
            done
            tell good write --yes $IMAGE $STICK_good
            "#,
        );
    ran.line("wiped: ")
        .says("the drive is gone")
        .says("The start of the drive may have been erased already")
        .says("exit 1");
    ran.line_with("verified: ", "the drive is gone").says("verified: Reading at byte ");
    for name in ["synced", "verified"] {
        let last = ran.line_with(&format!("{name}: "), "the drive is gone");
        last.says("The drive was left empty on purpose");
        ran.says(&format!("{name} ended with 1"));
    }
    ran.line("good: ").says("exit 0");
    for name in ["wiped", "synced", "verified"] {
        assert!(is_blank(&ran.stick(name)), "{name} does not look empty");
    }
    holds_the_image(&ran, "good");
}

#[test]
#[ignore = "boots a guest"]
fn another_stick_that_takes_the_place_of_one_that_was_pulled_out_is_left_alone() {
    let Some(guest) = guest(&[("a", ",speed=8M"), ("b", ",absent")]) else { return };
    let ran = guest.options(&["--at", "a>6M:unplug a", "--at", "a>6M:plug b"]).run(
        r#"
        tell pulled write --yes $IMAGE $STICK_a
        b=$(lab-stick b)
        echo "names: $STICK_a $b"
        echo "b before: $(labhost stats b)"
        labhost plug a
        labhost speed a 0
        a=$(lab-stick a)
        tell b write --yes $IMAGE $b
        tell again write --yes $IMAGE $a
        "#,
    );
    ran.line("pulled: ").says("the drive is gone").says(EMPTY);
    ran.line("b before: ").says("\"written\": 0");
    ran.line("b: ").says("exit 0");
    ran.line("again: ").says("exit 0");
    holds_the_image(&ran, "a");
    holds_the_image(&ran, "b");
}

#[test]
#[ignore = "boots a guest"]
fn other_sticks_that_come_and_go_do_not_disturb_a_write() {
    let Some(guest) = guest(&[("a", ",speed=3M"), ("b", ",absent")]) else { return };
    let ran = guest.options(&["--at", "a>3M:plug b", "--at", "a>21M:unplug b"]).run(
        r#"
        { b=$(lab-stick b); echo "came: $b"; for n in {1..300}; do [ -e $b ] || break; sleep 0.1; done; echo "went"; } &
        tell a write --yes $IMAGE $STICK_a
        labhost plug b
        tell b write --yes $IMAGE $(lab-stick b)
        "#,
    );
    let at = |words| ran.place(words);
    assert!(
        at("came: /dev/sd") < at("went") && at("went") < at("a: "),
        "the other one did not come and go meanwhile"
    );
    ran.line("a: ").says("exit 0");
    ran.line("b: ").says("exit 0");
    holds_the_image(&ran, "a");
    holds_the_image(&ran, "b");
}

/// It hangs for 25 s: after 30 the kernel gives the request up, and the guest stands still.
#[test]
#[ignore = "boots a guest"]
fn a_write_that_hangs_can_be_cancelled_and_the_next_stick_written_meanwhile() {
    let Some(guest) = guest(&[("hung", ",speed=8M"), ("good", "")]) else { return };
    let ran = guest.options(&["--at", "hung>6M:stall hung 25"]).run(
        r#"
        sticksmith write --yes $IMAGE $STICK_hung 2>&1 & job=$!
        labhost reached hung 6M >/dev/null
        sleep 1
        kill -INT $job; wait $job
        echo "cancelled with $?"
        tell good write --yes $IMAGE $STICK_good
        for n in {1..600}; do fuser -s $STICK_hung 2>/dev/null || break; sleep 0.1; done
        labhost speed hung 0
        tell again write --yes $IMAGE $STICK_hung
        "#,
    );
    ran.line("Cancelled, but the drive has not answered its last command yet.").says("left empty on purpose");
    ran.says("cancelled with 130");
    ran.line("good: ").says("exit 0");
    ran.line("again: ").says("exit 0");
    holds_the_image(&ran, "good");
    holds_the_image(&ran, "hung");
}

#[test]
#[ignore = "boots a guest"]
fn a_stick_that_takes_no_more_writes_is_told_and_stays_empty() {
    let Some(guest) = guest(&[("firmware", ",speed=8M"), ("switch", ",speed=1M"), ("good", "")]) else {
        return;
    };
    let ran = guest.options(&["--at", "firmware>6M:fail firmware write 0-131071 EIO"]).run(
        r#"
        tell firmware write --yes $IMAGE $STICK_firmware
        { labhost reached switch 4M >/dev/null; echo tech | sudo -S blockdev --setro $STICK_switch 2>/dev/null; } &
        tell switch write --yes $IMAGE $STICK_switch
        tell after write --yes $IMAGE $STICK_switch
        tell good write --yes $IMAGE $STICK_good
        "#,
    );
    ran.line("firmware: Writing at byte ").says("the medium reports an error").says(EMPTY);
    ran.line("switch: Writing at byte ").says("it is write-protected").says(EMPTY);
    ran.line("after: ").says("It is write-protected; look for a lock switch").says("exit 2");
    ran.line("good: ").says("exit 0");
    assert!(is_blank(&ran.stick("firmware")) && is_blank(&ran.stick("switch")));
    holds_the_image(&ran, "good");
}

#[test]
#[ignore = "boots a guest"]
fn a_stick_of_another_size_after_it_was_plugged_in_again_is_not_the_chosen_one() {
    let Some(guest) = guest(&[("a", "")]) else { return };
    let ran = guest.run(
        r#"
        exec 4>&1
        ask() {
            : >said; rm -f keys; mkfifo keys
            script -qefc "sticksmith write $IMAGE $(lab-stick a)" said <keys >/dev/null & job=$!
            exec 3>keys
            for n in {1..600}; do grep -q 'Type yes' said && break; sleep 0.1; done
            labhost unplug a
            labhost qmp "{\"execute\": \"block_resize\", \"arguments\": {\"node-name\": \"a-top\", \"size\": $2}}"
            labhost plug a
            lab-stick a
            echo yes >&3
            wait $job
            echo "$1 ended with $?"
            exec 3>&-
            grep -a 'its size was' said
        }
        ask smaller 33554432
        ask larger 134217728
        echo "written: $(labhost stats a)"
        tell again write --yes $IMAGE $(lab-stick a)
        "#,
    );
    ran.says("smaller ended with 2");
    ran.says("larger ended with 2");
    ran.says("its size was 67108864 bytes and is 33554432 now");
    ran.says("its size was 33554432 bytes and is 134217728 now");
    ran.line("written: ").says("\"written\": 0");
    ran.line("again: ").says("exit 0");
    holds_the_image(&ran, "a");
}

#[test]
#[ignore = "boots a guest"]
fn cells_that_lie_are_counted_and_placed() {
    let Some(guest) = guest(&[("bad", ",corrupt=30000-30003"), ("lost", ",real=16M,drop"), ("good", "")])
    else {
        return;
    };
    let ran = guest.run(
        r#"
        for stick in bad lost good; do
            node=STICK_$stick
            tell $stick write --yes $IMAGE ${!node}
        done
        sticksmith write --json --yes $IMAGE $STICK_bad | tail -1
        "#,
    );
    ran.line(
        "bad: 4 bytes differ in 4 places (4 sectors), the first at byte 15360000, the last at byte 15361536.",
    )
    .says("A second read gave the same wrong bytes: the drive holds them.")
    .says("exit 3");
    ran.says(r#""offset":15360000"#);
    ran.says(r#""different_sectors":4"#);
    ran.line("lost: ").says("the first at byte 16777216").says("(16384 sectors)").says("exit 3");
    ran.line("good: ").says("exit 0");
    assert!(is_blank(&ran.stick("bad")) && is_blank(&ran.stick("lost")));
    holds_the_image(&ran, "good");
}

/// Judged by blkid: neither a file system nor a table, the backup at the end included.
#[test]
#[ignore = "boots a guest five times"]
fn a_power_cut_in_any_phase_leaves_nothing_that_starts() {
    if !tool("sgdisk") || !tool("blkid") {
        return;
    }
    let mut left = None;
    for when in ["a>1M", "a>6M", "/Flushing/", "/Verifying/"] {
        let Some(guest) = Guest::new(IMAGE_BYTES) else { return };
        let old = guest.partitioned(64 * MIB);
        let speed = if when == "a>1M" { "300K" } else { "8M" };
        let ran = guest
            .options(&["--user", "tech", "--polkit", "allow"])
            .options(&["--stick", &format!("a:64M:image={old},speed={speed}")])
            .options(&["--at", &format!(r#"{when}:qmp {{"execute": "quit"}}"#)])
            .run_to_the_cut("sticksmith write --yes $IMAGE $STICK_a 2>&1");
        let stick = ran.stick("a");
        assert!(is_blank(&stick), "{when}: the stick does not look empty");
        let path = ran.stick_path("a");
        let found = Command::new("blkid").args(["--probe", path.to_str().unwrap()]).output().unwrap();
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        // While it was being wiped, the end had its turn last.
        assert!(found.is_empty() || when == "a>1M", "{when}: {found}");
        left = Some(ran);
    }
    // After the power is back, it is a stick like any other.
    let before = left.unwrap();
    let guest = Guest::new(IMAGE_BYTES).unwrap().options(&["--user", "tech", "--polkit", "allow"]);
    let spec = format!("a:64M:image={}", before.stick_path("a").display());
    let ran = guest.options(&["--stick", &spec]).run("tell a write --yes $IMAGE $STICK_a");
    ran.line("a: ").says("exit 0");
    holds_the_image(&ran, "a");
}

#[test]
#[ignore = "boots a guest"]
fn an_image_on_a_mount_that_stalls_is_what_is_waited_for() {
    let Some(guest) = guest(&[("a", ",speed=4M"), ("b", "")]) else { return };
    let ran = guest.options(&["--stick", "net:64M:fs=ntfs"]).run(
        r#"
        root() { echo tech | sudo -S "$@" 2>/dev/null; }
        mkdir net; root ntfs-3g ${STICK_net}1 $PWD/net -o allow_other,uid=1000
        cp $IMAGE net/image.raw; sync
        root sh -c 'echo 3 >/proc/sys/vm/drop_caches'

        sticksmith write --yes net/image.raw $STICK_a 2>&1 & job=$!
        labhost reached a 5M >/dev/null
        root pkill -STOP ntfs-3g
        sleep 8; kill -INT $job; wait $job
        echo "in mid-write ended with $?"
        labhost speed a 0
        tell a write --yes $IMAGE $STICK_a

        sticksmith write --yes net/image.raw $STICK_b 2>&1 & job=$!
        for n in {1..300}; do grep -qs request_wait_answer /proc/$(pgrep -P $job)/task/*/wchan && break; sleep 0.1; done
        kill -INT $job; wait $job
        echo "before the job ended with $?"
        root pkill -CONT ntfs-3g
        tell b write --yes net/image.raw $STICK_b
        "#,
    );
    ran.line("Cancelled while waiting for the image net/image.raw, which did not answer.")
        .says("left empty on purpose");
    ran.says("in mid-write ended with 130");
    ran.line("a: ").says("exit 0");
    ran.line("Cancelled before the job began. Nothing was changed on any drive.");
    ran.says("before the job ended with 130");
    ran.line("b: ").says("exit 0");
    holds_the_image(&ran, "a");
    holds_the_image(&ran, "b");
}

#[test]
#[ignore = "boots a guest"]
fn an_image_on_a_stick_that_stalls_is_what_is_waited_for() {
    let Some(guest) = guest(&[("a", ",speed=4M"), ("good", "")]) else { return };
    let ran = guest.options(&["--stick", "src:64M:fs=vfat"]).run(
        r#"
        udisksctl mount -b ${STICK_src}1 >/dev/null; src=$(findmnt -no TARGET ${STICK_src}1)
        cp $IMAGE $src/image.raw; sync
        echo tech | sudo -S sh -c 'echo 3 >/proc/sys/vm/drop_caches' 2>/dev/null

        sticksmith write --yes $src/image.raw $STICK_a 2>&1 & job=$!
        labhost reached a 5M >/dev/null
        labhost stall src 20
        sleep 8; kill -INT $job; wait $job
        echo "ended with $?"
        tell good write --yes $IMAGE $STICK_good
        "#,
    );
    ran.line("Cancelled while waiting for the image /")
        .says("image.raw, which did not answer.")
        .says("left empty on purpose");
    ran.says("ended with 130");
    ran.line("good: ").says("exit 0");
    assert!(is_blank(&ran.stick("a")));
    holds_the_image(&ran, "good");
}

#[test]
#[ignore = "boots a guest"]
fn a_job_outlives_the_service_that_opened_its_drive() {
    let Some(guest) = guest(&[("a", ",speed=3M"), ("b", ",speed=3M"), ("good", "")]) else { return };
    let ran = guest.run(
        r#"
        root() { echo tech | sudo -S "$@" 2>/dev/null; }
        { labhost reached a 6M >/dev/null; root systemctl kill --signal=KILL udisks2; echo "udisks2 was killed"; } &
        tell a write --yes $IMAGE $STICK_a
        wait
        tell again write --yes $IMAGE $STICK_a

        { labhost reached b 6M >/dev/null; root pkill -STOP dbus-daemon; echo "the bus was stopped"; } &
        tell b write --yes $IMAGE $STICK_b
        sticksmith write --yes $IMAGE $STICK_good 2>&1 & job=$!
        sleep 4; kill -INT $job; wait $job
        echo "without the bus: $?"
        root pkill -CONT dbus-daemon
        tell good write --yes $IMAGE $STICK_good
        "#,
    );
    ran.says("udisks2 was killed");
    ran.says("the bus was stopped");
    for name in ["a", "again", "b", "good"] {
        ran.line(&format!("{name}: ")).says("exit 0");
    }
    ran.line("Cancelled while the system was asked to open the drive.")
        .says("Nothing was changed on the drive.");
    ran.says("without the bus: 130");
    for name in ["a", "b", "good"] {
        holds_the_image(&ran, name);
    }
}
