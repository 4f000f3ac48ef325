//! An image, and jobs on devices that misbehave.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sticksmith::device::{BlockDevice, Drive, Identity};
use sticksmith::job::{
    self, Against, CheckRequest, Ending, Event, Job, Phase, Request, WindowsChoices, WriteRequest,
};
use tempfile::TempDir;

use crate::support::device::{self, Call, Fault, TestDevice};
use crate::support::noise;

pub const MIB: usize = 1 << 20;
pub const IMAGE_BYTES: usize = 12 * MIB;
pub const DRIVE_BYTES: usize = 16 * MIB;

pub struct Bench {
    _folder: TempDir,
    pub path: PathBuf,
    pub image: Vec<u8>,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (path, image) = (folder.path().join("image.raw"), noise(IMAGE_BYTES, 7));
        fs::write(&path, &image).unwrap();
        Self { _folder: folder, path, image }
    }

    /// Full of junk.
    pub fn device(&self, faults: &[Fault]) -> Arc<TestDevice> {
        Arc::new(TestDevice::new(DRIVE_BYTES, 512, faults))
    }

    /// Starts a write to what is chosen as a drive of [`DRIVE_BYTES`].
    pub fn start(&self, device: &Arc<TestDevice>) -> Job {
        self.start_request(device, self.request())
    }

    pub fn request(&self) -> Request {
        Request::Write(WriteRequest {
            image: self.path.clone(),
            target: drive(DRIVE_BYTES).identity,
            end_uses: Vec::new(),
            verify: true,
            hash: true,
            expected: Vec::new(),
            sidecars: false,
            skip_holes: false,
            bmap: false,
            windows: WindowsChoices::default(),
            probe: false,
        })
    }

    pub fn check(&self, device: &Arc<TestDevice>) -> Job {
        let against = Against::Image(self.path.clone());
        self.start_request(
            device,
            Request::Check(CheckRequest { target: drive(DRIVE_BYTES).identity, against }),
        )
    }

    fn start_request(&self, device: &Arc<TestDevice>, request: Request) -> Job {
        let now = drive(device.geometry().size_bytes as usize);
        job::start_on(request, now, Arc::clone(device) as _, || {})
    }

    /// A write that may end what is `agreed`, to a drive that is in these uses.
    pub fn write_in_use(&self, device: &Arc<TestDevice>, uses: &[&str], agreed: &[&str]) -> Vec<Event> {
        let named = |uses: &[&str]| uses.iter().map(|named| (*named).to_owned()).collect::<Vec<_>>();
        let now = Drive { stoppable_uses: named(uses), ..drive(DRIVE_BYTES) };
        let request = self.request().ending(&named(agreed));
        job::start_on(request, now, Arc::clone(device) as _, || {}).events.iter().collect()
    }

    /// Writes to the end, whatever it is.
    pub fn write(&self, device: &Arc<TestDevice>) -> Vec<Event> {
        self.start(device).events.iter().collect()
    }

    #[track_caller]
    pub fn the_next_one_is_written(&self) {
        let device = self.device(&[]);
        let events = self.write(&device);
        said(&events, "done");
        assert!(device.bytes()[..IMAGE_BYTES] == self.image, "the next stick does not hold the image");
    }
}

pub fn drive(size_bytes: usize) -> Drive {
    let plain = device::drive(size_bytes, 512);
    Drive { identity: Identity { serial: Some("S1".into()), ..plain.identity }, ..plain }
}

/// The events up to the first of writing.
pub fn until_writing(job: &Job) -> Vec<Event> {
    let mut events = Vec::new();
    while !matches!(events.last(), Some(Event::Phase { phase: Phase::Writing })) {
        events.push(job.events.recv().unwrap());
    }
    events
}

#[track_caller]
pub fn ended(events: &[Event]) -> &Ending {
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Ended(_))).count(), 1);
    match events.last() {
        Some(Event::Ended(ending)) => ending,
        other => panic!("the last event is {other:?}"),
    }
}

/// The last word of a job.
pub fn words(ending: &Ending) -> String {
    match ending {
        Ending::Done { report } | Ending::Different { report } => report.conclusion.clone(),
        Ending::Refused { refusal } => refusal.to_string(),
        Ending::Failed { message, .. } | Ending::Cancelled { message, .. } => message.clone(),
    }
}

/// The same, of a job that ended so.
#[track_caller]
pub fn said(events: &[Event], result: &str) -> String {
    let ending = ended(events);
    assert_eq!(serde_json::to_value(ending).unwrap()["result"], result, "{}", words(ending));
    words(ending)
}

/// Nothing that a firmware or a system would take for anything, and not for a moment meanwhile.
#[track_caller]
pub fn left_empty(device: &TestDevice) {
    let is_start = |call: &Call| matches!(call, Call::Write { offset: 0, zeroes: false, .. });
    assert!(!device.calls().iter().any(is_start), "the first block was written before the rest was proved");
    let bytes = device.bytes();
    assert!(bytes[..MIB].iter().all(|byte| *byte == 0), "the start of the drive does not look empty");
}

#[track_caller]
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
