//! Several sticks out of one pass over an image: each is what a single write makes, and none is harmed by another.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "together/command.rs"]
mod command;
#[path = "together/engine.rs"]
mod engine;
#[path = "together/jobs.rs"]
mod jobs;
mod support;
