//! Three practice sticks, from the cards to Done, with the real jobs: files are written, read back, and looked into.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use sticksmith::device::{self, Drive};
use sticksmith::gui::action::{Command, Event, JobId};
use sticksmith::gui::state::Screen;
use sticksmith::job::{self, Job};

use super::fake::World;
use super::{card, click, window};

const IMAGE_BYTES: usize = 3 << 20;
const STICK_BYTES: u64 = 8 << 20;

/// Bytes that no stick of zeroes has by chance.
fn image() -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..IMAGE_BYTES).map(|_| next()).collect()
}

fn practice_sticks(files: &[PathBuf]) -> Vec<Drive> {
    files.iter().filter_map(|file| device::practice_stick(file).ok()).collect()
}

/// Starts what the window asked for.
fn start_jobs(world: &mut World) -> Vec<(JobId, Job)> {
    let Some(Command::StartTogether(writes)) = world.commands.pop() else {
        unreachable!("nothing was started")
    };
    let (ids, requests): (Vec<_>, Vec<_>) = writes.into_iter().unzip();
    ids.into_iter().zip(job::start_together(requests, || {})).collect()
}

#[test]
fn three_practice_sticks_and_one_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let image_file = folder.path().join("image.img");
    fs::write(&image_file, image()).expect("the image");
    let files: Vec<PathBuf> = ["a.stick", "b.stick", "c.stick"].map(|name| folder.path().join(name)).into();
    for file in &files {
        device::create_practice_stick(file, STICK_BYTES).expect("a stick");
        fs::write(file, vec![0xA5; STICK_BYTES as usize]).expect("junk");
    }
    let mut world = World::new();
    world.tell(Event::Drives(Ok(practice_sticks(&files))));
    world.choose_image(job::inspect(&image_file).expect("an image"));
    let mut harness = window(world);
    for file in ["a.stick", "b.stick", "c.stick"] {
        card(&harness, &format!("Practice stick · {file}")).click();
        harness.run();
    }
    click(&mut harness, Role::Button, "Start…");
    click(&mut harness, Role::Button, "Erase and write 3 sticks");

    // Too late for the list of drives to tell: the job itself has to find out.
    fs::remove_file(&files[1]).expect("it was there");
    let jobs = start_jobs(harness.state_mut());
    let mut live: Vec<_> = jobs.iter().map(|(id, job)| (*id, job.events.clone())).collect();
    let given_up = Instant::now() + Duration::from_secs(120);
    while !live.is_empty() {
        live.retain(|(id, events)| {
            assert!(Instant::now() < given_up, "{id:?} has said no last word");
            let Ok(event) = events.recv_timeout(Duration::from_millis(50)) else { return true };
            let is_last = matches!(event, job::Event::Ended(_));
            harness.state_mut().tell(Event::Job(*id, event));
            !is_last
        });
        harness.run();
    }
    harness.get_by_role_and_label(Role::Heading, "1 of 3 sticks was not made");
    harness.get_by_label("Not started");
    let Screen::Done(done) = &harness.state().state.screen else { panic!("it has not ended") };
    let text = job::Records(&done.records()).to_text();
    for file in &files {
        let heading = format!("== {}", file.display());
        assert!(text.contains(&heading), "{heading} is missing in\n{text}");
    }
    for file in [&files[0], &files[2]] {
        let bytes = fs::read(file).expect("it is there");
        assert!(bytes[..IMAGE_BYTES] == image()[..], "{} is not the image", file.display());
    }
    assert!(!files[1].exists(), "nothing was made in its place");
}
