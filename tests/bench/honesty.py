#!/usr/bin/env python3
"""Is what the program shows true? Runs it with --json, and holds every word of progress against what the kernel has
counted on the device by then (/sys/block/…/stat, counted when the device has taken or given the bytes).

    honesty.py [--speed MB/s] [--events FILE] DEVICE -- sticksmith write --yes --json IMAGE DEVICE

--speed throttles a device of this machine meanwhile (root; cgroup blkio or io.max). A stick of the USB lab is throttled
by the lab itself:

    ../shared/lab/guest-run --in target/release --in tests/bench --in IMAGES --stick a:512M:speed=20M -- \
        '/lab/in/bench/honesty.py $STICK_a -- /lab/in/release/sticksmith write --yes --json /lab/in/images/image.raw $STICK_a'

Prints a line for each phase: its seconds, seconds / (bytes / speed of the device), and lowest, middle and highest of
what was shown / what was true, from 3 s after the phase's begin on:

    speed     over the last 3 s
    percent   bytes that are shown as done / bytes that the device had moved
    left      time left that is shown / time that the phase then took (while that is over 2 s)
    ahead     the most bytes that were shown and not moved
    early     100 % was shown so many bytes too early, or not at all

The sum of all bytes that the device moves must be the phase's own: anything else that uses the device spoils it.
"""
import argparse
import bisect
import json
import os
import statistics
import subprocess
import sys
import time

SETTLED_SECS = 3.0
CGROUP1 = "/sys/fs/cgroup/blkio"
MOVING = {"writing": 1, "verifying": 0, "comparing": 0, "wiping": 1, "syncing": 1}


def counters(name):
    """(bytes read, bytes written) so far."""
    with open(f"/sys/block/{name}/stat") as file:
        fields = [int(field) for field in file.read().split()]
    return fields[2] * 512, fields[6] * 512


def throttle(name, bytes_per_sec):
    """Limits the device, both ways; returns (a way to end that, the cgroup to be in)."""
    with open(f"/sys/block/{name}/dev") as file:
        number = file.read().strip()
    old = [f"{CGROUP1}/blkio.throttle.{way}_bps_device" for way in ("read", "write")]
    if os.path.exists(old[0]):
        def put(value):
            for path in old:
                with open(path, "w") as file:
                    file.write(f"{number} {value}")
        put(bytes_per_sec)
        return lambda: put(0), None
    group = f"/sys/fs/cgroup/honesty-{os.getpid()}"
    os.mkdir(group)
    with open(f"{group}/io.max", "w") as file:
        file.write(f"{number} rbps={bytes_per_sec} wbps={bytes_per_sec}")
    return lambda: os.rmdir(group), group


def run(command, name, group, keep):
    """All events as (seconds, counters, event), and samples of the counters."""
    def enter():
        if group:
            with open(f"{group}/cgroup.procs", "w") as file:
                file.write("0")
    events = []
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=enter)
    for line in child.stdout:
        now, moved = time.monotonic(), counters(name)
        event = json.loads(line)
        events.append((now, moved, event))
        if keep:
            keep.write(json.dumps([now, moved, event]) + "\n")
    status = child.wait()
    events.append((time.monotonic(), counters(name), {"event": "exit"}))
    return status, events


def spread(ratios):
    if not ratios:
        return "        –       "
    return f"{min(ratios):.2f} {statistics.median(ratios):.2f} {max(ratios):.2f}"


def judge(events, speed):
    starts = [i for i, (_, _, e) in enumerate(events) if e["event"] == "phase"]
    print("phase        secs  ×ideal   speed            percent          left             ahead     early")
    for number, first in enumerate(starts):
        last = starts[number + 1] if number + 1 < len(starts) else len(events) - 2
        phase = events[first][2]["phase"]
        way = MOVING.get(phase, 1)
        began, before = events[first][0], events[first][1][way]
        ended, after = events[last][0], events[last][1][way]
        secs, moved = ended - began, after - before
        track = [(at, count[way]) for at, count, _ in events[first:last + 1]]
        times = [at for at, _ in track]

        def moved_by(at):
            i = min(max(bisect.bisect_left(times, at), 1), len(track) - 1)
            (t0, b0), (t1, b1) = track[i - 1], track[i]
            return b0 if t1 <= t0 else b0 + (b1 - b0) * min(max((at - t0) / (t1 - t0), 0), 1)

        speeds, percents, lefts, ahead, early = [], [], [], 0, None
        for at, count, event in events[first:last]:
            # The last word of a phase is told as the next begins.
            if event["event"] != "progress" or event["phase"] != phase:
                continue
            done, true = event["done_bytes"], count[way] - before
            ahead = max(ahead, done - true)
            if event.get("fraction") is not None and event["fraction"] >= 1 and early is None:
                early = moved - true
            if at - began < SETTLED_SECS or ended - at < 0.2:
                continue
            recent = (count[way] - moved_by(at - 3.0)) / 3.0
            if recent > 0:
                speeds.append(event["bytes_per_sec"] / recent)
            share = event.get("fraction")
            if share is not None and moved and true:
                percents.append(share / (true / moved))
            if event.get("eta_secs") is not None and ended - at > 2:
                lefts.append(event["eta_secs"] / (ended - at))
        ideal = f"{secs / (moved / speed):7.3f}" if speed and moved else "      –"
        print(f"{phase:<10} {secs:6.2f} {ideal}   {spread(speeds):<16} {spread(percents):<16} {spread(lefts):<16} "
              f"{ahead / 1e6:5.1f} MB  {'no' if early is None else f'{early / 1e6:.1f} MB'}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--speed", type=float, help="throttle the device to so many MB/s")
    options.add_argument("--is", dest="is_speed", type=float, help="the device has so many MB/s")
    options.add_argument("--events", help="keep every event, with its time and the device's counters")
    options.add_argument("device")
    options.add_argument("command", nargs="+")
    given = options.parse_args()
    name = os.path.basename(os.path.realpath(given.device))
    end, group = throttle(name, int(given.speed * 1e6)) if given.speed else (lambda: None, None)
    keep = open(given.events, "w") if given.events else None
    try:
        status, events = run(given.command, name, group, keep)
    finally:
        end()
    judge(events, (given.speed or given.is_speed or 0) * 1e6)
    result = events[-2][2]
    print("ended with", status, result.get("result", ""), result.get("message", ""))
    return status


if __name__ == "__main__":
    sys.exit(main())
