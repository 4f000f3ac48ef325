//! Jobs on practice sticks: every one has its own events and its own end.

use std::fs;
use std::path::{Path, PathBuf};

use sticksmith::base::{Algorithm, digest::Hasher};
use sticksmith::device;
use sticksmith::job::{self, Ending, Event, Job, Phase, WriteRequest};

use super::support::{file, noise};

const MIB: usize = 1 << 20;
const IMAGE_BYTES: usize = 5 * MIB + 512;
const STICK_BYTES: usize = 8 * MIB;

struct Bench {
    folder: tempfile::TempDir,
    image: PathBuf,
    bytes: Vec<u8>,
    sticks: Vec<PathBuf>,
}

impl Bench {
    fn new(sticks: usize) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let bytes = noise(IMAGE_BYTES, 1);
        let image = file(folder.path(), "image.img", &bytes);
        let stick = |at| file(folder.path(), &format!("stick-{at}"), &vec![0xD1; STICK_BYTES]);
        let sticks = (0..sticks).map(stick).collect();
        Self { folder, image, bytes, sticks }
    }

    fn request(&self, stick: &Path) -> WriteRequest {
        WriteRequest {
            image: self.image.clone(),
            target: device::find(stick.to_str().unwrap()).unwrap().identity,
            end_uses: Vec::new(),
            verify: true,
            hash: true,
            expected: Vec::new(),
            sidecars: true,
            skip_holes: false,
            bmap: true,
            windows: job::WindowsChoices::default(),
            probe: true,
        }
    }

    fn requests(&self) -> Vec<WriteRequest> {
        self.sticks.iter().map(|stick| self.request(stick)).collect()
    }

    #[track_caller]
    fn assert_written(&self, at: usize) {
        assert!(fs::read(&self.sticks[at]).unwrap()[..IMAGE_BYTES] == self.bytes, "stick {at}");
    }

    #[track_caller]
    fn assert_untouched(&self, at: usize) {
        assert!(fs::read(&self.sticks[at]).unwrap().iter().all(|byte| *byte == 0xD1), "stick {at}");
    }
}

/// Every event of each job; the last one is taken out.
fn endings(jobs: &[Job]) -> Vec<(Vec<Event>, Ending)> {
    jobs.iter()
        .map(|job| {
            let mut events: Vec<Event> = job.events.iter().collect();
            let ended = events.iter().filter(|event| matches!(event, Event::Ended(_))).count();
            match events.pop() {
                Some(Event::Ended(ending)) if ended == 1 => (events, *ending),
                other => panic!("{ended} ends, the last event is {other:?}"),
            }
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish().hex()
}

#[test]
fn every_job_tells_its_own_story() {
    let bench = Bench::new(3);
    // A sidecar: the image is compared with it once, and every job tells of it.
    let sidecar = format!("{}  image.img\n", sha256(&bench.bytes));
    file(bench.folder.path(), "image.img.sha256", sidecar.as_bytes());
    let jobs = job::start_together(bench.requests(), || {});
    for (at, (events, ending)) in endings(&jobs).into_iter().enumerate() {
        let Ending::Done { report } = ending else { panic!("{ending:?}") };
        assert_eq!(report.drive.unwrap().path, bench.sticks[at]);
        let digests: Vec<_> =
            report.digests.iter().map(|named| (named.digest.hex(), named.matches.clone())).collect();
        assert_eq!(digests, [(sha256(&bench.bytes), Some("image.img.sha256".to_owned()))]);
        let told = |wanted: &dyn Fn(&Event) -> bool| events.iter().filter(|event| wanted(event)).count();
        assert_eq!(told(&|event| matches!(event, Event::Opened { .. })), 1);
        let is_own =
            |event: &Event| matches!(event, Event::Planned { plan } if plan.target.path == bench.sticks[at]);
        assert_eq!(told(&is_own), 1);
        for phase in [Phase::Checking, Phase::Wiping, Phase::Writing, Phase::Syncing, Phase::Verifying] {
            let begins = |event: &Event| matches!(event, Event::Phase { phase: told } if *told == phase);
            assert_eq!(told(&begins), 1, "{phase:?}");
        }
        bench.assert_written(at);
    }
}

#[test]
fn a_checksum_is_in_every_report_without_a_sidecar_too() {
    let bench = Bench::new(2);
    for (_, ending) in endings(&job::start_together(bench.requests(), || {})) {
        let Ending::Done { report } = ending else { panic!("{ending:?}") };
        assert_eq!(report.digests.len(), 1);
        assert_eq!(report.digests[0].digest.hex(), sha256(&bench.bytes));
    }
}

#[test]
fn what_is_wrong_with_the_image_ends_all_and_touches_nothing() {
    let bench = Bench::new(3);
    let sidecar = format!("{}  image.img\n", sha256(b"another image"));
    file(bench.folder.path(), "image.img.sha256", sidecar.as_bytes());
    for (at, (_, ending)) in endings(&job::start_together(bench.requests(), || {})).into_iter().enumerate() {
        assert!(matches!(ending, Ending::Refused { .. }), "{ending:?}");
        bench.assert_untouched(at);
    }
    let requests = bench.requests();
    fs::remove_file(&bench.image).unwrap();
    for (at, (_, ending)) in endings(&job::start_together(requests, || {})).into_iter().enumerate() {
        let Ending::Failed { message, .. } = ending else { panic!("{ending:?}") };
        assert!(
            message.contains("there is no such file") && message.contains("Nothing was changed"),
            "{message}"
        );
        bench.assert_untouched(at);
    }
}

#[test]
fn a_stick_that_cannot_be_had_ends_alone() {
    let bench = Bench::new(4);
    let requests = bench.requests();
    // Another file by the same name, too small a one, and one that is named twice.
    let other = file(bench.folder.path(), "other", &vec![0xD1; STICK_BYTES]);
    fs::rename(other, &bench.sticks[1]).unwrap();
    let mut with_twin = requests.clone();
    with_twin.push(requests[0].clone());
    let small = file(bench.folder.path(), "small", &vec![0xD1; 4 * MIB]);
    with_twin.push(bench.request(&small));
    let ended = endings(&job::start_together(with_twin, || {}));
    for at in [0, 2, 3] {
        assert!(matches!(ended[at].1, Ending::Done { .. }), "{:?}", ended[at].1);
        bench.assert_written(at);
    }
    for at in [1, 4, 5] {
        assert!(matches!(ended[at].1, Ending::Refused { .. }), "{:?}", ended[at].1);
    }
    bench.assert_untouched(1);
    assert!(fs::read(&small).unwrap().iter().all(|byte| *byte == 0xD1));
}

#[test]
fn one_that_is_cancelled_at_once_ends_alone() {
    let bench = Bench::new(3);
    let jobs = job::start_together(bench.requests(), || {});
    jobs[1].cancel();
    let ended = endings(&jobs);
    assert!(matches!(ended[1].1, Ending::Cancelled { .. }), "{:?}", ended[1].1);
    for at in [0, 2] {
        assert!(matches!(ended[at].1, Ending::Done { .. }), "{:?}", ended[at].1);
        bench.assert_written(at);
    }
}

#[test]
fn all_that_are_cancelled_end() {
    let bench = Bench::new(3);
    let jobs = job::start_together(bench.requests(), || {});
    jobs.iter().for_each(Job::cancel);
    for (_, ending) in endings(&jobs) {
        assert!(matches!(ending, Ending::Cancelled { .. }), "{ending:?}");
    }
}
