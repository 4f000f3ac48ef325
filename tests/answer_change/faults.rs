//! A stick that fails at any moment of the change keeps the old answer file or has the new one.

use std::fs;
use std::sync::Arc;

use sticksmith::device::BlockDevice;
use sticksmith::job::{self, AnswerChangeRequest, Ending, Event, Request};
use sticksmith::source::AnswerFile;

use super::support::device::{Call, Fault, TestDevice, drive};
use super::{MIB, Stick};

/// The first file of such a stick begins behind this.
const TABLES_END: usize = (2 * MIB) as usize + 8 * 1024;

fn put(answer: &str, bytes: &[u8], faults: &[Fault]) -> (Vec<Event>, Arc<TestDevice>) {
    let device = Arc::new(TestDevice::holding(bytes.to_vec(), 512, faults));
    let drive = drive(bytes.len(), 512);
    let request = Request::AnswerChange(AnswerChangeRequest {
        target: drive.identity.clone(),
        end_uses: Vec::new(),
        answer: Some(AnswerFile::read(answer.as_ref()).unwrap()),
        replaces: false,
    });
    let job = job::start_on(request, drive, Arc::clone(&device) as Arc<dyn BlockDevice>, || {});
    (job.events.iter().collect(), device)
}

fn last(events: &[Event]) -> &Ending {
    match events.last() {
        Some(Event::Ended(ending)) => ending,
        other => panic!("the last event is {other:?}"),
    }
}

#[test]
fn any_write_may_fail() {
    let Some(stick) = Stick::make(80 * MIB, false, &[]) else { return };
    let old = stick.profile("OLD", "old.exe", 3000);
    let new = stick.profile("NEW", "new.exe", 40_000);
    assert_eq!(stick.answer(&["answer", "put", "--yes", stick.text(), &old]).status, 0);
    let before = fs::read(&stick.file).unwrap();
    let (events, device) = put(&new, &before, &[]);
    assert!(matches!(last(&events), Ending::Done { .. }), "{:?}", last(&events));
    // Each step is flushed before the next begins.
    let calls = device.calls();
    let writes: Vec<u64> = calls
        .iter()
        .filter_map(|call| match call {
            Call::Write { offset, .. } => Some(*offset),
            _ => None,
        })
        .collect();
    let syncs = calls.iter().filter(|call| **call == Call::Sync).count();
    assert!(syncs >= 4, "{syncs}");

    let mut faults: Vec<Fault> = writes.iter().map(|at| Fault::UnplugAtWrite { at: *at }).collect();
    faults.extend((0..syncs).map(|nth| Fault::UnplugAtSync { nth }));
    faults.extend(writes.iter().map(|at| Fault::FailWrite { at: *at }));
    let (mut olds, mut news) = (0, 0);
    for fault in faults {
        let (events, device) = put(&new, &before, &[fault]);
        let Ending::Failed { message, .. } = last(&events) else { panic!("{fault:?}: {:?}", last(&events)) };
        let says_truth = message.contains("Nothing was changed")
            || message.contains("only its free space")
            || message.contains("is the old or the new one");
        assert!(says_truth, "{message}");
        let bytes = device.bytes();
        if message.contains("only its free space") {
            assert!(bytes[..TABLES_END] == before[..TABLES_END], "{fault:?}: the tables changed");
        }
        fs::write(&stick.file, &bytes).unwrap();
        let out = extracted(&stick);
        for place in ["Autounattend.xml", "sources/Autounattend.xml"] {
            let xml = fs::read_to_string(out.join(place)).unwrap();
            let is = |name: &str| xml.contains(&format!("<ComputerName>{name}</ComputerName>"));
            assert!(is("OLD") || is("NEW"), "{fault:?}: {xml}");
            if is("OLD") { olds += 1 } else { news += 1 }
        }
        // Once more, and all is well, marks of the cut aside.
        let (events, device) = put(&new, &bytes, &[]);
        assert!(matches!(last(&events), Ending::Done { .. }), "{fault:?}: {:?}", last(&events));
        fs::write(&stick.file, device.bytes()).unwrap();
        let out = extracted(&stick);
        assert!(fs::read_to_string(out.join("Autounattend.xml")).unwrap().contains("NEW"));
    }
    assert!(olds > 5 && news > 1, "{olds} {news}");
}

fn extracted(stick: &Stick) -> std::path::PathBuf {
    let volume = stick.media.shop.path("volume.img");
    fs::write(&volume, &fs::read(&stick.file).unwrap()[MIB as usize..]).unwrap();
    let out = stick.media.shop.path("out");
    let _ = fs::remove_dir_all(&out);
    super::run("7z", &["x", "-y", &format!("-o{}", out.display()), volume.to_str().unwrap()]);
    out
}

#[test]
fn a_wrong_byte_is_found_before_anything_leads_to_it() {
    let Some(stick) = Stick::make(80 * MIB, false, &[]) else { return };
    let profile = stick.profile("NEW", "new.exe", 40_000);
    let before = fs::read(&stick.file).unwrap();
    let (_, device) = put(&profile, &before, &[]);
    let first = device.calls().into_iter().find_map(|call| match call {
        Call::Write { offset, .. } => Some(offset),
        _ => None,
    });
    let (events, device) = put(&profile, &before, &[Fault::Corrupt { at: first.unwrap() + 5 }]);
    let Ending::Different { report } = last(&events) else { panic!("{:?}", last(&events)) };
    assert!(report.conclusion.contains("only its free space"), "{}", report.conclusion);
    assert!(report.changed.is_none());
    assert!(device.bytes()[..TABLES_END] == before[..TABLES_END]);
}
