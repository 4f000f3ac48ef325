//! How far a job is, how fast it goes, and when it will be done.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::engine::{Phase, Step};

/// A measure of one phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Progress {
    pub phase: Phase,
    pub done_bytes: u64,
    /// `None` while the size of a compressed image is unknown.
    pub total_bytes: Option<u64>,
    /// 0 to 1 of this phase, and 1 only when all of it is done; for an image of unknown size, by the compressed bytes that
    /// were consumed. `None`: there is nothing to count, as while a drive is flushed.
    pub fraction: Option<f32>,
    /// Over the last few seconds; 0 while too little time has passed to tell. Falls while the drive is silent.
    pub bytes_per_sec: f64,
    /// Over the whole phase.
    pub average_bytes_per_sec: f64,
    pub elapsed_secs: f64,
    /// Until the end of this phase.
    pub eta_secs: Option<f64>,
}

/// The present speed is taken over this long: short enough to follow a stick whose cache has run full, long enough to
/// be read.
const WINDOW: Duration = Duration::from_secs(3);

/// Before this much time has passed a speed would be chance; it is 0 until then.
const SPEAKING_SECS: f64 = 0.2;

/// The most that is said of what is not done.
const ALMOST: f32 = 1.0 - f32::EPSILON / 2.0;

/// Measures one phase. The clock is an argument, and so is the moment of each step: a drive takes bytes block by block, and
/// a look at any moment in between would find it too slow or too fast by a block.
pub struct SpeedMeter {
    started: Instant,
    /// (when, bytes) of steps, oldest first, a little more than [`WINDOW`]; one at least.
    samples: VecDeque<(Instant, u64)>,
}

impl SpeedMeter {
    pub fn new(started: Instant) -> Self {
        Self { started, samples: VecDeque::from([(started, 0)]) }
    }

    /// `at`: when `step`, the latest one, was made.
    pub fn measure(&mut self, now: Instant, step: Step, at: Instant) -> Progress {
        if self.samples.back().is_none_or(|(_, bytes)| *bytes != step.done_bytes) {
            self.samples.push_back((at, step.done_bytes));
        }
        // One sample from before the window stays, so that the window is always full, and two that a slow stick has a
        // speed.
        while self.samples.len() > 2 && now.saturating_duration_since(self.samples[1].0) >= WINDOW {
            self.samples.pop_front();
        }
        let rate = |bytes: u64, secs: f64| if secs >= SPEAKING_SECS { bytes as f64 / secs } else { 0.0 };
        let elapsed_secs = now.saturating_duration_since(self.started).as_secs_f64();
        let bytes_per_sec = self.present_speed(now, rate);
        let fraction = match step.total_bytes {
            Some(total) if step.done_bytes >= total => Some(1.0),
            // Not even by rounding is it all.
            Some(total) => Some(((step.done_bytes as f64 / total as f64) as f32).min(ALMOST)),
            // The file is read ahead of what the drive has taken.
            None => step.consumed.map(|share| share.min(ALMOST)),
        };
        let eta_secs = match (step.total_bytes, fraction) {
            (Some(total), _) if bytes_per_sec > 0.0 => {
                Some(total.saturating_sub(step.done_bytes) as f64 / bytes_per_sec)
            }
            // At both ends the share of the file says too little of the image.
            (None, Some(share)) if (0.01..0.995).contains(&share) => {
                Some(elapsed_secs * (1.0 - f64::from(share)) / f64::from(share))
            }
            _ => None,
        };
        Progress {
            phase: step.phase,
            done_bytes: step.done_bytes,
            total_bytes: step.total_bytes,
            fraction,
            bytes_per_sec,
            average_bytes_per_sec: rate(step.done_bytes, elapsed_secs),
            elapsed_secs,
            eta_secs,
        }
    }

    /// From step to step. A silence counts once it is longer than any that was usual.
    fn present_speed(&self, now: Instant, rate: impl Fn(u64, f64) -> f64) -> f64 {
        let (Some(&(first, before)), Some(&(last, done))) = (self.samples.front(), self.samples.back())
        else {
            return 0.0;
        };
        let times = self.samples.iter().map(|(at, _)| *at);
        let gaps = times.clone().zip(times.skip(1)).map(|(from, to)| to.saturating_duration_since(from));
        let usual = gaps.max().unwrap_or_default();
        let silence = now.saturating_duration_since(last).saturating_sub(usual);
        rate(done.saturating_sub(before), (last.saturating_duration_since(first) + silence).as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn step(done_bytes: u64, total_bytes: Option<u64>) -> Step {
        Step { phase: Phase::Writing, done_bytes, total_bytes, consumed: Some(0.25) }
    }

    /// What is shown every 100 ms of a drive that has taken `steps`: (milliseconds, bytes), ascending.
    fn shown(steps: &[(u64, u64)], total: u64, until_ms: u64) -> Vec<(f64, Progress)> {
        let start = Instant::now();
        let mut meter = SpeedMeter::new(start);
        let looks = (0..=until_ms).step_by(100).map(|ms| {
            let (at, done) = steps.iter().rev().find(|(at, _)| *at <= ms).copied().unwrap_or_default();
            let now = start + Duration::from_millis(ms);
            let progress = meter.measure(now, step(done, Some(total)), start + Duration::from_millis(at));
            (ms as f64 / 1000.0, progress)
        });
        looks.collect()
    }

    #[test]
    fn a_stick_that_slows_down_shows_its_present_speed_and_its_average() {
        // 100 bytes a second for 5 seconds, then 10 for 5.
        let done = |tenth: u64| if tenth <= 50 { tenth * 10 } else { 500 + (tenth - 50) };
        let steps: Vec<_> = (1..=100).map(|tenth| (tenth * 100, done(tenth))).collect();
        let all = shown(&steps, 1000, 10_000);
        let last = all.last().unwrap().1;
        assert!((last.bytes_per_sec - 10.0).abs() < 0.5, "{last:?}");
        assert!((last.average_bytes_per_sec - 55.0).abs() < 0.1, "{last:?}");
        assert!((last.eta_secs.unwrap() - 45.0).abs() < 2.0, "{last:?}");
        assert_eq!(last.fraction, Some(0.55));
    }

    /// Blocks of 1 MiB, each told when the drive has taken it: the speed and the time left are right from the third
    /// second on, however far the blocks are apart, and whether or not they come in bursts.
    #[test]
    fn speed_and_time_left_are_right_whatever_the_rhythm_of_the_blocks() {
        for (bytes_per_sec, in_a_burst) in
            [(20_000_000, 1), (20_000_000, 4), (5_000_000, 1), (5_000_000, 2), (1_000_000, 1), (400_000, 1)]
        {
            let total = 30 * bytes_per_sec / MIB * MIB;
            // The blocks of a burst come at the same time: when all of them have been taken.
            let steps: Vec<_> = (1..=total / MIB / in_a_burst)
                .map(|burst| burst * in_a_burst * MIB)
                .map(|done| (done * 1000 / bytes_per_sec, done))
                .collect();
            let end = steps.last().unwrap().0 as f64 / 1000.0;
            let after_3_secs =
                |(at, _): &(f64, Progress)| *at >= 3.0_f64.max(MIB as f64 * 1.1 / bytes_per_sec as f64);
            for (at, progress) in shown(&steps, total, 25_000).into_iter().filter(after_3_secs) {
                let speed = progress.bytes_per_sec / bytes_per_sec as f64;
                assert!((0.9..=1.1).contains(&speed), "{bytes_per_sec}, {in_a_burst}: {at}, {progress:?}");
                // The block that is on its way is not done yet.
                let slack = (in_a_burst * MIB) as f64 / bytes_per_sec as f64;
                let left = progress.eta_secs.unwrap();
                let wrong = (left - (end - at)).abs();
                assert!(
                    wrong <= 0.1 * (end - at) + slack,
                    "{bytes_per_sec}, {in_a_burst}: {at}, {progress:?}"
                );
            }
        }
    }

    #[test]
    fn the_speed_of_a_drive_that_falls_silent_falls() {
        let steps: Vec<_> = (1..=100).map(|i| (i * 50, i * MIB)).collect();
        let all = shown(&steps, 1000 * MIB, 15_000);
        let at = |secs: f64| all.iter().find(|(at, _)| *at >= secs).unwrap().1;
        assert!((at(5.0).bytes_per_sec - 20.0 * MIB as f64).abs() < 1e6);
        assert!(at(6.0).bytes_per_sec < 0.8 * at(5.0).bytes_per_sec);
        assert!(at(8.0).bytes_per_sec < 0.1 * at(5.0).bytes_per_sec);
        assert!(at(15.0).eta_secs.unwrap() > 10.0 * at(5.0).eta_secs.unwrap());
    }

    #[test]
    fn an_image_of_unknown_size_goes_by_what_was_consumed() {
        let start = Instant::now();
        let second = start + Duration::from_secs(1);
        let mut meter = SpeedMeter::new(start);
        let progress = meter.measure(second, step(100, None), second);
        assert_eq!(progress.fraction, Some(0.25));
        assert!((progress.eta_secs.unwrap() - 3.0).abs() < 0.01);
        // All of the file was read, but what came out of it may still be on its way.
        let read = Step { consumed: Some(1.0), ..step(200, None) };
        let progress = meter.measure(second, read, second);
        assert!(progress.fraction.unwrap() < 1.0 && progress.eta_secs.is_none(), "{progress:?}");
    }

    #[test]
    fn only_all_of_it_is_all_of_it() {
        for total in [1, 1000, 1 << 30, (1 << 45) - 1, u64::MAX] {
            let now = Instant::now();
            let fraction = |done| SpeedMeter::new(now).measure(now, step(done, Some(total)), now).fraction;
            assert!(fraction(total - 1).unwrap() < 1.0, "{total}");
            assert_eq!(fraction(total), Some(1.0));
        }
    }

    #[test]
    fn no_time_and_no_bytes_are_no_speed() {
        let start = Instant::now();
        let progress = SpeedMeter::new(start).measure(start, step(0, Some(0)), start);
        assert_eq!((progress.bytes_per_sec, progress.eta_secs, progress.fraction), (0.0, None, Some(1.0)));
    }
}
