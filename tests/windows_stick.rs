//! From a Windows ISO to a stick by the program itself, judged by other people's tools: fsck.fat, sfdisk, sgdisk, mtools,
//! 7z, sha256sum, wimlib-imagex, and the firmware of emulated machines.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "windows_stick/additions.rs"]
mod additions;
#[path = "windows_stick/answers.rs"]
mod answers;
#[path = "windows_stick/boots.rs"]
mod boots;
#[path = "windows_stick/contents.rs"]
mod contents;
#[path = "windows_stick/drivers.rs"]
mod drivers;
#[path = "windows_stick/faults.rs"]
mod faults;
#[path = "windows_stick/judges.rs"]
mod judges;
#[path = "windows_stick/media.rs"]
mod media;
#[path = "windows_stick/secrets.rs"]
mod secrets;
#[path = "windows_stick/sizes.rs"]
mod sizes;
#[path = "windows_stick/split.rs"]
mod split;
#[path = "windows_stick/stick.rs"]
mod stick;
mod support;
#[path = "windows_stick/together.rs"]
mod together;
