//! Tests a drive, alone or just before it is written, and says what was found.

use std::time::Instant;

use crate::base::{ByteSize, Cancel, GIB};
use crate::device::{BlockDevice, Bus, Drive, standing};
use crate::engine::{self, CapacityTest, Holds, Lie, TestExtent};
use crate::plan::may_be_erased;

use super::super::recorder::Recorder;
use super::super::{Report, TestRequest};
use super::opening::open_for_writing;
use super::{Stop, Verdict, current, exactly};

/// Smaller ones are not worth a lie.
const PROBED_FROM_BYTES: u64 = GIB;
/// Before a write, it is worth a word if not even so much could be excluded.
const WORTH_A_WORD_BYTES: u64 = 4 * GIB;

pub(super) fn test(
    request: &TestRequest,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<Verdict, Stop> {
    let drive = current(&request.target, |path| recorder.find(path))?;
    may_be_erased(&drive, &standing::judge_released(&drive, &request.end_uses, &[]))?;
    let device = open_for_writing(&request.target, &request.end_uses, recorder, cancel)?;
    let observer = |step| recorder.step(step);
    let mark = |mark| recorder.mark(mark);
    let began = Instant::now();
    let clock = || began.elapsed();
    let found = engine::test_capacity(&*device, request.extent, &clock, &observer, &mark, cancel)?;
    device.rescan();
    if !found.past_cache {
        recorder.warn("The system could not promise that the drive was read past its cache.".to_owned());
    }
    warn_if_cut_short(&found, recorder);
    report.bytes_written = found.tested_bytes;
    let conclusion = format!("{} {}", conclusion(&found), left(&found));
    let is_good = found.is_good();
    report.capacity = Some(found);
    Ok(if is_good { Verdict::Good(conclusion) } else { Verdict::Different(conclusion) })
}

/// Drives of the kind that lies are sold as.
pub fn is_worth_a_probe(drive: &Drive) -> bool {
    matches!(drive.bus, Bus::Usb | Bus::Uas)
        && (drive.removable || drive.hotplug)
        && drive.identity.size_bytes >= PROBED_FROM_BYTES
}

/// The short test before a drive is written. One that fails it is not written.
pub(super) fn probe(
    device: &dyn BlockDevice,
    report: &mut Report,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<(), Stop> {
    let began = Instant::now();
    let clock = || began.elapsed();
    let observer = |step| recorder.step(step);
    let found = engine::probe_capacity(device, &clock, &observer, &|mark| recorder.mark(mark), cancel)?;
    let is_good = found.is_good();
    let message = format!("{} The image was not written. {}", conclusion(&found), left(&found));
    if is_good && found.wraps_excluded_bytes < WORTH_A_WORD_BYTES {
        warn_if_cut_short(&found, recorder);
    }
    report.capacity = Some(found);
    if is_good { Ok(()) } else { Err(Stop::Unusable(message)) }
}

fn warn_if_cut_short(found: &CapacityTest, recorder: &Recorder) {
    if found.cut_short {
        recorder.warn(format!(
            "The drive is slow, so fewer places of it were tried than usual. That its addresses come around after {} or less is \
             excluded; a full test tries every byte.",
            ByteSize(found.wraps_excluded_bytes)
        ));
    }
}

/// How the drive was left.
fn left(found: &CapacityTest) -> &'static str {
    if found.left_empty {
        "The drive is empty now."
    } else {
        "It could not even be emptied: what was on it before may still be there."
    }
}

/// What was found, in sentences.
fn conclusion(found: &CapacityTest) -> String {
    let claimed = exactly(found.claimed_bytes);
    let real = match (found.at_least_bytes, found.at_most_bytes) {
        (low, high) if low == high => format!("has {}", exactly(high)),
        // From one page to the next, or hardly known at all.
        (low, high) if high - low <= low / 16 => format!("has {} ({low} to {high} bytes)", ByteSize(low)),
        _ => "has less; how much, a full test tells".to_owned(),
    };
    let bad = bad_areas(found);
    let lie = |what: &str| {
        format!(
            "This drive lies about its size: it says {claimed}, and it {real}. What is written past that {what}. Use it for \
             nothing, and give it back.{bad}"
        )
    };
    match found.lie {
        Some(Lie::Wraps) => lie("overwrites what lies before"),
        Some(Lie::Drops) => lie("is lost"),
        None if found.bad_bytes >= found.tested_bytes => format!(
            "This drive keeps nothing of what is written to it: it is worn out, or has locked itself. Use it for nothing.{bad}"
        ),
        None if found.bad_bytes > 0 => {
            format!(
                "This drive does not keep what is written to it. Its size may be right, but it is failing. Use it for \
                 nothing.{bad}"
            )
        }
        None => match found.extent {
            TestExtent::Quick => format!(
                "The drive has the size that it says, {claimed}, as far as a quick test can tell; a full one tries every byte."
            ),
            TestExtent::Full => {
                format!(
                    "The drive has the size that it says, {claimed}, and every byte of it came back right."
                )
            }
        },
    }
}

fn bad_areas(found: &CapacityTest) -> String {
    let Some(first) = found.bad_areas.first() else { return String::new() };
    let places = match (found.bad_areas.len(), found.truncated) {
        (1, false) => "one place".to_owned(),
        (n, false) => format!("{n} places"),
        (n, true) => format!("more than {n} places"),
    };
    let unreadable = found.bad_areas.iter().filter(|area| area.holds == Holds::Unreadable).count();
    let what = match unreadable {
        0 => "came back wrong",
        n if n == found.bad_areas.len() => "cannot be read",
        _ => "came back wrong or not at all",
    };
    let (bad, offset) = (found.bad_bytes, first.offset);
    format!(" {bad} bytes in {places} {what}, the first at byte {offset}.")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::super::HashRequest;
    use super::*;
    use crate::base::MIB;
    use crate::device::{AlignedBuf, DeviceError, Geometry, Identity};
    use crate::job::{HashOf, Request};

    /// Twice as large as it is.
    struct Wrapping(Mutex<Vec<u8>>);

    impl Wrapping {
        fn place(&self, offset: u64, len: usize) -> impl Iterator<Item = usize> + use<> {
            let real = self.0.lock().unwrap().len();
            (offset as usize..offset as usize + len).map(move |at| at % real)
        }
    }

    impl BlockDevice for Wrapping {
        fn geometry(&self) -> Geometry {
            let size_bytes = 2 * self.0.lock().unwrap().len() as u64;
            Geometry { size_bytes, sector_bytes: 512, direct: true }
        }

        fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError> {
            let places = self.place(offset, buf.len());
            let bytes = self.0.lock().unwrap();
            buf.iter_mut().zip(places).for_each(|(out, at)| *out = bytes[at]);
            Ok(())
        }

        fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError> {
            let places = self.place(offset, buf.len());
            let mut bytes = self.0.lock().unwrap();
            buf.iter().zip(places).for_each(|(byte, at)| bytes[at] = *byte);
            Ok(())
        }

        fn sync(&self) -> Result<(), DeviceError> {
            Ok(())
        }

        fn drop_caches(&self) -> Result<bool, DeviceError> {
            Ok(true)
        }
    }

    #[test]
    fn a_drive_that_lies_is_not_written_and_its_real_size_is_told() {
        let device = Wrapping(Mutex::new(vec![0xD1; 2 * MIB as usize]));
        let request = Request::Hash(HashRequest { of: HashOf::File("x".into()), algorithms: Vec::new() });
        let mut report = Report::begun(&request, 0);
        let (recorder, _messages) = Recorder::new(None);
        let stop = probe(&device, &mut report, &recorder, &Cancel::new());
        let Err(Stop::Unusable(message)) = stop else { panic!("the drive was believed") };
        for part in ["4.2 MB (4194304 bytes)", "it has 2.1 MB (2097152 bytes)", "not written", "empty now"] {
            assert!(message.contains(part), "{part} is not in {message}");
        }
        assert_eq!(report.capacity.map(|found| found.lie), Some(Some(Lie::Wraps)));
        assert!(device.0.lock().unwrap()[..MIB as usize].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn usb_drives_worth_a_lie_are_probed() {
        let drive = |bus, hotplug, size_bytes| Drive {
            identity: Identity {
                path: "/dev/sdx".into(),
                vendor: None,
                model: None,
                serial: None,
                wwn: None,
                size_bytes,
                sector_bytes: 512,
                port: None,
                device_number: (8, 0),
                sequence: None,
            },
            bus,
            physical_sector_bytes: 512,
            removable: false,
            hotplug,
            read_only: false,
            partitions: Vec::new(),
            system_uses: Vec::new(),
            stoppable_uses: Vec::new(),
            appeared_unix_secs: None,
        };
        assert!(is_worth_a_probe(&drive(Bus::Usb, true, GIB)));
        assert!(is_worth_a_probe(&drive(Bus::Uas, true, 1 << 44)));
        assert!(!is_worth_a_probe(&drive(Bus::Usb, true, GIB - 512)));
        assert!(!is_worth_a_probe(&drive(Bus::Usb, false, GIB)));
        assert!(!is_worth_a_probe(&drive(Bus::Ata, true, GIB)));
    }
}
