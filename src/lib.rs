//! Sticksmith makes bootable USB sticks, and proves them.
//!
//! # Floors
//!
//! A module uses only floors below its own; equal floors are strangers. `tests/floors.rs` checks it.
//!
//! ```text
//! 0 base     sizes, checksums, cancellation                        no I/O
//! 1 format   mbr gpt iso9660 udf wim pe, file system signatures    structures over Read + Seek
//! 1 answer   answer files for Windows Setup                         pure
//! 2 region   how this computer is set: languages, keyboard, time   reads files
//! 2 device   drives, who uses them, sectors in and out             every system call
//! 3 source   open, recognise, decompress: facts and bytes          never writes
//! 4 plan     (facts, drive, options) -> Plan | Refusal             pure
//! 5 engine   write, verify, compare, save: walks a Plan            threads inside one call
//! 6 job      worker thread, events, cancel, speed, report
//! 7 cli gui  the two faces, twins
//! ```
//!
//! # Flow
//!
//! ```text
//! path -> source -facts, files-\
//!                            plan -> engine: wipe, write, sync, verify -> report
//! list -> device --identity-/         \__ job (a thread) __/ --events--> cli | gui
//! ```
//!
//! Several sticks of one image are several jobs, each with its own plan, engine, events and end. What they have in common
//! is done once: the image is opened, compared with its checksums, read and hashed.
//!
//! ```text
//!                          /-> stick 1: wipe, write, sync, verify -> report
//! source -> tape (64 MiB) --> stick 2: wipe, write, sync, verify -> report
//!                          \-> the image's checksums: no first block before they are right
//! ```

pub mod answer;
pub mod base;
pub mod cli;
pub mod device;
pub mod engine;
pub mod format;
#[cfg(feature = "gui")]
pub mod gui;
pub mod job;
pub mod plan;
pub mod region;
pub mod source;
