//! `cargo bench --bench many_sticks`: the time for several sticks beside that for one, as ratios. 1.0 is what is wanted:
//! N sticks in the time of one.
//!
//! The sticks are in memory and take as long for each command as one of the given speed does, each for itself; the image
//! is in the page cache. So what is measured is whether one pass over the image keeps all of them busy.
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use sticksmith::base::{Algorithm, Cancel};
use sticksmith::device::{AlignedBuf, BlockDevice, DeviceError, Geometry, Standing};
use sticksmith::engine::{self, WriteOptions};
use sticksmith::plan::{Plan, RawOptions, plan_raw};
use sticksmith::source::Source;
use support::{file, noise};

const MIB: usize = 1 << 20;
const IMAGE_MIB: usize = 96;
const ROUNDS: usize = 3;

/// A drive in memory that takes its time.
struct SlowStick {
    bytes: Mutex<Vec<u8>>,
    bytes_per_sec: f64,
    /// When the last command is done.
    busy_until: Mutex<Instant>,
}

impl SlowStick {
    fn new(bytes_per_sec: f64) -> Self {
        let bytes = Mutex::new(vec![0xD1; (IMAGE_MIB + 4) * MIB]);
        Self { bytes, bytes_per_sec, busy_until: Mutex::new(Instant::now()) }
    }

    /// A drive starts a command when it comes, and no time that it was left idle is made up for.
    fn take_time(&self, len: usize) {
        let mut busy_until = self.busy_until.lock().unwrap();
        let secs = len as f64 / self.bytes_per_sec;
        *busy_until = (*busy_until).max(Instant::now()) + Duration::from_secs_f64(secs);
        let until = *busy_until;
        drop(busy_until);
        thread::sleep(until.saturating_duration_since(Instant::now()));
    }
}

impl BlockDevice for SlowStick {
    fn geometry(&self) -> Geometry {
        let size_bytes = self.bytes.lock().unwrap().len() as u64;
        Geometry { size_bytes, sector_bytes: 512, direct: true }
    }

    fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError> {
        let len = buf.len();
        self.take_time(len);
        buf.copy_from_slice(&self.bytes.lock().unwrap()[offset as usize..][..len]);
        Ok(())
    }

    fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError> {
        self.take_time(buf.len());
        self.bytes.lock().unwrap()[offset as usize..][..buf.len()].copy_from_slice(buf);
        Ok(())
    }

    fn sync(&self) -> Result<(), DeviceError> {
        Ok(())
    }

    fn drop_caches(&self) -> Result<bool, DeviceError> {
        Ok(true)
    }
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    // Half of it packs well, as most of an image does.
    let bytes: Vec<u8> = (0..IMAGE_MIB as u64)
        .flat_map(|at| if at % 2 == 0 { noise(MIB, at) } else { vec![7; MIB] })
        .collect();
    let packed = zstd::encode_all(&bytes[..], 3).unwrap();
    println!(
        "{IMAGE_MIB} MiB, written, proved and hashed; median of {ROUNDS} rounds in turn, as multiples of one stick's time\n"
    );
    for (name, content) in [("image.raw", &bytes), ("image.zst", &packed)] {
        let source = Arc::new(Source::open(&file(folder.path(), name, content)).unwrap());
        for mb_per_sec in [30.0, 100.0] {
            race(name, &source, mb_per_sec);
        }
    }
}

fn race(name: &str, source: &Arc<Source>, mb_per_sec: f64) {
    let counts = [1, 2, 4, 8];
    let mut secs = vec![Vec::new(); counts.len()];
    for _ in 0..ROUNDS {
        for (at, count) in counts.iter().enumerate() {
            secs[at].push(write(source, *count, mb_per_sec * 1e6));
        }
    }
    for (at, count) in counts.iter().enumerate().skip(1) {
        let mut ratios: Vec<f64> = secs[at].iter().zip(&secs[0]).map(|(many, one)| many / one).collect();
        ratios.sort_by(f64::total_cmp);
        println!("{name}: {count} sticks of {mb_per_sec} MB/s: {:.2} x one stick's time", ratios[ROUNDS / 2]);
    }
}

/// Writes `count` sticks at once; one alone as a single job does. Seconds.
fn write(source: &Arc<Source>, count: usize, bytes_per_sec: f64) -> f64 {
    let devices: Vec<Arc<dyn BlockDevice>> =
        (0..count).map(|_| Arc::new(SlowStick::new(bytes_per_sec)) as _).collect();
    let plan = plan_for(source, &*devices[0]);
    let hash = Some(Algorithm::Sha256);
    let start = Instant::now();
    if let [device] = &devices[..] {
        let options = WriteOptions { verify: true, hash, ..WriteOptions::default() };
        let written = engine::write(&plan, source, device, &options, &|_| {}, &|_| {}, &Cancel::new());
        assert!(written.unwrap().committed);
        return start.elapsed().as_secs_f64();
    }
    let shares = engine::share_out(source, &vec![&plan; count], hash, Vec::new()).unwrap();
    thread::scope(|scope| {
        for (share, device) in shares.into_iter().zip(&devices) {
            scope.spawn(|| {
                let written =
                    engine::write_share(&plan, share, device, true, &|_| {}, &|_| {}, &Cancel::new());
                assert!(written.unwrap().committed);
            });
        }
    });
    start.elapsed().as_secs_f64()
}

fn plan_for(source: &Source, device: &dyn BlockDevice) -> Plan {
    let drive = support::device::drive(device.geometry().size_bytes as usize, 512);
    plan_raw(source.facts(), &drive, &Standing::Selectable, &RawOptions::default()).unwrap()
}
