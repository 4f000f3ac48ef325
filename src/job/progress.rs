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
    /// 0 to 1 of this phase; for an image of unknown size, by the compressed bytes that were consumed.
    pub fraction: Option<f32>,
    /// Over the last few seconds; 0 while too little time has passed to tell.
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

/// Measures one phase. The clock is an argument.
pub struct SpeedMeter {
    started: Instant,
    /// (when, bytes) of the last [`WINDOW`], oldest first.
    samples: VecDeque<(Instant, u64)>,
}

impl SpeedMeter {
    pub fn new(now: Instant) -> Self {
        Self { started: now, samples: VecDeque::from([(now, 0)]) }
    }

    pub fn elapsed_secs(&self, now: Instant) -> f64 {
        now.saturating_duration_since(self.started).as_secs_f64()
    }

    pub fn measure(&mut self, now: Instant, step: Step) -> Progress {
        self.samples.push_back((now, step.done_bytes));
        // One sample from before the window stays, so that the window is always full.
        while self.samples.get(1).is_some_and(|(at, _)| now.saturating_duration_since(*at) >= WINDOW) {
            self.samples.pop_front();
        }
        let (since, before) = self.samples[0];
        let rate = |bytes: u64, secs: f64| if secs >= SPEAKING_SECS { bytes as f64 / secs } else { 0.0 };
        let elapsed_secs = self.elapsed_secs(now);
        let bytes_per_sec =
            rate(step.done_bytes.saturating_sub(before), now.saturating_duration_since(since).as_secs_f64());
        let fraction = match step.total_bytes {
            Some(0) => Some(1.0),
            Some(total) => Some((step.done_bytes as f64 / total as f64).min(1.0) as f32),
            None => step.consumed.map(|share| share.min(1.0)),
        };
        let eta_secs = match (step.total_bytes, fraction) {
            (Some(total), _) if bytes_per_sec > 0.0 => {
                Some(total.saturating_sub(step.done_bytes) as f64 / bytes_per_sec)
            }
            (None, Some(share)) if share > 0.01 => {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(done_bytes: u64, total_bytes: Option<u64>) -> Step {
        Step { phase: Phase::Writing, done_bytes, total_bytes, consumed: Some(0.25) }
    }

    #[test]
    fn a_stick_that_slows_down_shows_its_present_speed_and_its_average() {
        let start = Instant::now();
        let mut meter = SpeedMeter::new(start);
        let mut last = None;
        // 100 bytes a second for 5 seconds, then 10 for 5.
        for tenth in 1..=100u64 {
            let done = if tenth <= 50 { tenth * 10 } else { 500 + (tenth - 50) };
            last = Some(meter.measure(start + Duration::from_millis(tenth * 100), step(done, Some(1000))));
        }
        let last = last.unwrap();
        assert!((last.bytes_per_sec - 10.0).abs() < 0.5, "{last:?}");
        assert!((last.average_bytes_per_sec - 55.0).abs() < 0.1, "{last:?}");
        assert!((last.eta_secs.unwrap() - 45.0).abs() < 2.0, "{last:?}");
        assert_eq!(last.fraction, Some(0.55));
    }

    #[test]
    fn an_image_of_unknown_size_goes_by_what_was_consumed() {
        let start = Instant::now();
        let mut meter = SpeedMeter::new(start);
        let progress = meter.measure(start + Duration::from_secs(1), step(100, None));
        assert_eq!(progress.fraction, Some(0.25));
        assert!((progress.eta_secs.unwrap() - 3.0).abs() < 0.01);
    }

    #[test]
    fn no_time_and_no_bytes_are_no_speed() {
        let start = Instant::now();
        let progress = SpeedMeter::new(start).measure(start, step(0, Some(0)));
        assert_eq!((progress.bytes_per_sec, progress.eta_secs, progress.fraction), (0.0, None, Some(1.0)));
    }
}
