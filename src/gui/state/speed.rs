//! The course of a job's speed, in bounded memory however long the job runs.

use crate::job::Phase;

const MOST_POINTS: usize = 480;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpeedPoint {
    pub secs: f64,
    pub bytes_per_sec: f64,
    pub phase: Phase,
}

/// Speeds over time, ascending. Once it is full, every other point is dropped and from then on half as many are kept.
#[derive(Clone, Debug, Default)]
pub struct SpeedSeries {
    points: Vec<SpeedPoint>,
    least_gap_secs: f64,
}

impl SpeedSeries {
    pub fn points(&self) -> &[SpeedPoint] {
        &self.points
    }

    /// From the first point to the last.
    pub fn span_secs(&self) -> f64 {
        match (self.points.first(), self.points.last()) {
            (Some(first), Some(last)) => last.secs - first.secs,
            _ => 0.0,
        }
    }

    pub fn push(&mut self, point: SpeedPoint) {
        if let Some(last) = self.points.last()
            && last.phase == point.phase
            && point.secs - last.secs < self.least_gap_secs
        {
            return;
        }
        self.points.push(point);
        if self.points.len() > MOST_POINTS {
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.least_gap_secs = (self.least_gap_secs * 2.0).max(0.2);
        }
    }

    /// Slowest and fastest of one phase.
    pub fn range(&self, phase: Phase) -> Option<(f64, f64)> {
        let mut speeds = self.points.iter().filter(|p| p.phase == phase).map(|p| p.bytes_per_sec);
        let first = speeds.next()?;
        Some(speeds.fold((first, first), |(low, high), s| (low.min(s), high.max(s))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_points_stays_small_and_in_order() {
        let mut series = SpeedSeries::default();
        for i in 0..864_000_u32 {
            let secs = f64::from(i) * 0.1;
            series.push(SpeedPoint { secs, bytes_per_sec: secs, phase: Phase::Writing });
        }
        assert!(series.points().len() <= MOST_POINTS);
        assert!(series.points().len() > MOST_POINTS / 4);
        assert!(series.points().windows(2).all(|w| w[0].secs < w[1].secs));
        assert!(series.points().last().is_some_and(|p| p.secs > 86_000.0));
    }

    #[test]
    fn phases_have_ranges_of_their_own() {
        let mut series = SpeedSeries::default();
        for (secs, bytes_per_sec, phase) in
            [(0.0, 5.0, Phase::Writing), (1.0, 9.0, Phase::Writing), (2.0, 50.0, Phase::Verifying)]
        {
            series.push(SpeedPoint { secs, bytes_per_sec, phase });
        }
        assert_eq!(series.range(Phase::Writing), Some((5.0, 9.0)));
        assert_eq!(series.range(Phase::Verifying), Some((50.0, 50.0)));
        assert_eq!(series.range(Phase::Syncing), None);
    }
}
