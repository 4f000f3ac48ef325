#![allow(dead_code)]
#[path = "../tests/window/fake.rs"]
mod fake;
#[path = "../tests/window/spoken.rs"]
mod spoken;
use fake::*;
use sticksmith::gui::action::*;
use sticksmith::gui::theme;
use sticksmith::job::{Ending, Phase, Report};
struct App(World);
impl eframe::App for App {
    fn ui(&mut self, ui: &mut eframe::egui::Ui, _f: &mut eframe::Frame) {
        self.0.draw(ui);
    }
}
fn eight(n: usize) -> Vec<sticksmith::device::Drive> {
    (0..n)
        .map(|i| {
            let mut d = plain_stick(
                &format!("/dev/sd{}", (b'b' + i as u8) as char),
                &format!("1-4.{}", i + 1),
                16 * (i as u64 + 1),
                8_053_063_680,
            );
            if i % 3 == 0 {
                d = sticksmith::device::Drive {
                    identity: identity(
                        &format!("/dev/sd{}", (b'b' + i as u8) as char),
                        ("SanDisk", "Ultra"),
                        15_500_000_000,
                        &format!("1-4.{}", i + 1),
                        16 * (i as u64 + 1),
                    ),
                    ..stick()
                };
            }
            d
        })
        .collect()
}
fn main() {
    let mut a = std::env::args().skip(1);
    let scene = a.next().unwrap();
    let dark = a.next().unwrap() == "dark";
    let mut world = if let Some(kind) = scene.strip_prefix("eight") {
        let mut w = World::ready();
        w.tell(Event::Drives(Ok(eight(8))));
        for d in eight(8) {
            w.choose_drive(&d);
        }
        if kind != "" {
            w.act(Action::Start);
        }
        if kind == "-working" || kind == "-done" {
            w.act(Action::Erase);
            let jobs = w.jobs();
            for (i, job) in jobs.iter().enumerate() {
                let f = 0.3 + 0.07 * i as f64;
                w.tell(Event::Job(
                    *job,
                    sticksmith::job::Event::Progress(progress(
                        if i < 6 { Phase::Writing } else { Phase::Verifying },
                        f,
                        18e6 + 1e6 * i as f64,
                    )),
                ));
            }
            w.end_job(jobs[4], Ending::Failed { message: "The drive reports a medium error at byte 305,397,760. It was left without a partition table; use another stick.".into(), report: None });
            if kind == "-done" {
                for (i, job) in jobs.iter().enumerate() {
                    w.end_job(
                        *job,
                        Ending::Done {
                            report: Report { drive: Some(eight(8)[i].identity.clone()), ..report() },
                        },
                    );
                }
            }
        }
        w
    } else if scene == "which-empty" {
        let mut w = World::ready();
        w.act(Action::Set(Switch::FindDrive, true));
        w
    } else if scene == "refused" {
        let mut w = World::ready();
        let mut d = three_sticks().to_vec();
        d[1].identity.size_bytes = 100_000_000;
        w.tell(Event::Drives(Ok(d.clone())));
        for d in &d {
            w.choose_drive(d);
        }
        w
    } else if scene == "out" {
        let (_, mut w) = spoken::scenes().into_iter().find(|(n, _)| *n == "done").unwrap();
        w.act(Action::TakeOut);
        let Some(Command::TakeOut(j, _)) = w.commands.last() else { panic!() };
        let j = *j;
        w.tell(Event::TakenOut(j, Ok(())));
        w
    } else {
        spoken::scenes().into_iter().find(|(n, _)| *n == scene).unwrap().1
    };
    world.act(Action::Appearance(if dark { Appearance::Dark } else { Appearance::Light }));
    eframe::run_native(
        "Sticksmith",
        eframe::NativeOptions::default(),
        Box::new(move |c| {
            theme::install(&c.egui_ctx);
            c.egui_ctx.set_theme(if dark {
                eframe::egui::ThemePreference::Dark
            } else {
                eframe::egui::ThemePreference::Light
            });
            Ok(Box::new(App(world)))
        }),
    )
    .unwrap();
}
