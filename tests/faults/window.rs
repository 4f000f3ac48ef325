//! The window with a real job behind it, on a drive that hangs: it goes on answering, and the next stick is written.

use std::sync::Arc;

use eframe::egui::{accesskit::Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use sticksmith::gui::action::{Action, Command, Event};
use sticksmith::gui::state::Screen;
use sticksmith::gui::theme;
use sticksmith::job::{self, Ending, Job, Phase};

use super::bench::{Bench, DRIVE_BYTES, IMAGE_BYTES, MIB, drive, left_empty};
use super::fake::World;
use crate::support::device::{Fault, TestDevice};

type Window = Harness<'static, World>;

/// Chooses, confirms and starts, on this device.
fn start(window: &mut Window, device: &Arc<TestDevice>) -> Job {
    let world = window.state_mut();
    world.choose_drive(&drive(DRIVE_BYTES));
    world.act(Action::Start);
    world.act(Action::Erase);
    let request = world.started().unwrap().clone();
    window.run();
    job::start_on(request, drive(DRIVE_BYTES), Arc::clone(device) as _, || {})
}

/// Shows what a job tells until `enough` of it.
fn show_until(window: &mut Window, job: &Job, enough: impl Fn(&job::Event) -> bool) {
    while let Ok(event) = job.events.recv() {
        let was_enough = enough(&event);
        window.state_mut().job(event);
        window.step();
        if was_enough {
            return;
        }
    }
    panic!("the job ended before");
}

#[test]
fn a_drive_that_hangs_leaves_the_window_alive() {
    let bench = Bench::new();
    let mut world = World::new();
    world.tell(Event::Drives(Ok(vec![drive(DRIVE_BYTES)])));
    world.choose_image(job::inspect(&bench.path).unwrap());
    let mut window = Harness::builder()
        .with_size(vec2(1080.0, 740.0))
        .with_max_steps(20)
        .with_context_setup(theme::install)
        .build_ui_state(|ui, world: &mut World| world.draw(ui), world);

    let hung = bench.device(&[Fault::HangWrite { at: 3 * MIB as u64 }]);
    let job = start(&mut window, &hung);
    show_until(&mut window, &job, |event| matches!(event, job::Event::Phase { phase: Phase::Writing }));
    hung.wait_until_hanging();
    window.get_by_role_and_label(Role::Button, "Cancel").click();
    window.step();
    window.step();
    assert!(matches!(window.state().commands.last(), Some(Command::CancelJob(_))));
    job.cancel();
    show_until(
        &mut window,
        &job,
        |event| matches!(event, job::Event::Ended(ending) if matches!(**ending, Ending::Cancelled { .. })),
    );
    window.get_by_role_and_label(Role::Heading, "Cancelled");
    assert!(matches!(window.state().state.screen, Screen::Done(_)));

    // The other write hangs all the while.
    window.state_mut().act(Action::Another);
    let good = bench.device(&[]);
    let job = start(&mut window, &good);
    show_until(
        &mut window,
        &job,
        |event| matches!(event, job::Event::Ended(ending) if matches!(**ending, Ending::Done { .. })),
    );
    assert!(good.bytes()[..IMAGE_BYTES] == bench.image);
    left_empty(&hung);
    hung.release();
}
