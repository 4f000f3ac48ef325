//! How far a job is, how fast it goes, and when it will be done.

use std::time::Duration;

use serde::Serialize;

use super::Phase;

/// A measure of one phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Progress {
    pub phase: Phase,
    pub done_bytes: u64,
    /// `None` while the size of a compressed image is unknown.
    pub total_bytes: Option<u64>,
    /// 0 to 1 of this phase; for an image of unknown size, by the compressed bytes that were consumed.
    pub fraction: Option<f32>,
    /// Over the last few seconds.
    pub bytes_per_sec: f64,
    /// Over the whole phase.
    pub average_bytes_per_sec: f64,
    pub elapsed_secs: f64,
    /// Until the end of this phase.
    pub eta_secs: Option<f64>,
}
