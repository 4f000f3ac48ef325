//! The window's only contact with the world: channels in, commands out.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use eframe::egui::{self, ThemePreference, ViewportCommand};

use super::action::{Action, Appearance, Command, Dialog, EntryId, Event, Field, ImageOf, JobId};
use super::state::State;
use super::{Start, answer_file, color_scheme, icon, text, theme, view};
use crate::device::Drive;
use crate::job::{self, Inspection, Job, Record, Records};
use crate::region;
use crate::source::{AddRequest, Addition, DriverFolder};

pub fn run(start: Start) -> anyhow::Result<()> {
    let viewport = egui::ViewportBuilder::default()
        .with_title(text::PROGRAM)
        .with_app_id(text::APP_ID)
        .with_inner_size(theme::FIRST_WINDOW)
        .with_min_inner_size(theme::SMALLEST_WINDOW)
        .with_icon(icon::pixels());
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    eframe::run_native(
        text::APP_ID,
        options,
        Box::new(move |creation| {
            theme::install(&creation.egui_ctx);
            Ok(Box::new(App::new(&start, creation.egui_ctx.clone())))
        }),
    )
    .map_err(|error| anyhow::anyhow!("the window could not be opened: {error}"))
}

struct Look {
    of: ImageOf,
    path: PathBuf,
    answer: Receiver<Result<Inspection, String>>,
}

struct Listing {
    id: EntryId,
    request: AddRequest,
    answer: Receiver<Result<Vec<Addition>, String>>,
}

type DriversAnswer = Result<Vec<DriverFolder>, String>;

struct App {
    ctx: egui::Context,
    state: State,
    opened: Instant,
    drives: Receiver<Result<Vec<Drive>, String>>,
    color_scheme: Receiver<bool>,
    looks: Vec<Look>,
    listings: Vec<Listing>,
    driver_listing: Option<(PathBuf, Receiver<DriversAnswer>)>,
    jobs: Vec<(JobId, Job)>,
    ejections: Vec<(JobId, Receiver<Result<(), String>>)>,
    dialog: Option<(Dialog, Receiver<Vec<PathBuf>>)>,
    report: Option<Receiver<Result<PathBuf, String>>>,
    answer_files: Vec<Receiver<Event>>,
    may_close: bool,
}

impl App {
    fn new(start: &Start, ctx: egui::Context) -> Self {
        let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"));
        let can_drop_files = std::env::var_os("WAYLAND_DISPLAY").is_none();
        let (state, commands) = State::new(start, home, can_drop_files);
        let mut app = Self {
            drives: job::watch_drives(start.practice.clone(), waker(&ctx)),
            color_scheme: color_scheme::watch(waker(&ctx)),
            ctx,
            state,
            opened: Instant::now(),
            looks: Vec::new(),
            listings: Vec::new(),
            driver_listing: None,
            jobs: Vec::new(),
            ejections: Vec::new(),
            dialog: None,
            report: None,
            answer_files: Vec::new(),
            may_close: false,
        };
        app.execute(commands);
        app
    }

    fn now(&self) -> Duration {
        self.opened.elapsed()
    }

    fn act(&mut self, action: Action) {
        let commands = self.state.on_action(self.now(), action);
        self.execute(commands);
    }

    fn tell(&mut self, event: Event) {
        let commands = self.state.on_event(self.now(), event);
        self.execute(commands);
    }

    fn execute(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Inspect(of, path) => {
                    // An older look at the same place is not waited for.
                    self.looks.retain(|look| look.of != of);
                    let answer = job::inspect_in_background(path.clone(), waker(&self.ctx));
                    self.looks.push(Look { of, path, answer });
                }
                Command::List(id, request) => {
                    self.listings.retain(|listing| listing.id != id);
                    let (wake, asked) = (waker(&self.ctx), request.clone());
                    let answer = on_thread(wake, move || job::list_additions(&[asked]));
                    self.listings.push(Listing { id, request, answer });
                }
                Command::ListDrivers(folder) => {
                    let asked = folder.clone();
                    let answer = on_thread(waker(&self.ctx), move || job::list_drivers(&[asked]));
                    self.driver_listing = Some((folder, answer));
                }
                Command::OpenDialog { dialog, suggestion } => {
                    let wake = waker(&self.ctx);
                    self.dialog = Some((dialog, on_thread(wake, move || file_dialog(dialog, &suggestion))));
                }
                Command::ReadAnswer(read_for, path) => self.in_background(move || {
                    let answer = answer_file::read(&path);
                    Event::AnswerRead { read_for, path, answer }
                }),
                Command::PrepareAnswer { serial, choice, image } => self.in_background(move || {
                    let answer = job::prepare_answer(&choice, &image);
                    let answer = Box::new(answer.map_err(|refusal| text::refusal(&refusal)));
                    Event::AnswerPrepared { serial, answer }
                }),
                Command::WriteAnswer { path, text, replace } => {
                    self.in_background(move || {
                        Event::AnswerWritten(answer_file::write(path, &text, replace))
                    });
                }
                Command::ReadRegion => {
                    self.in_background(|| Event::Region(Box::new(region::this_region())));
                }
                Command::LookAtStick { serial, drive, file } => self.in_background(move || {
                    let look = Box::new(answer_file::look(&drive, file.as_deref()));
                    Event::StickLookedAt { serial, look }
                }),
                Command::StartJob(id, request) => {
                    self.jobs.push((id, job::start(*request, waker(&self.ctx))));
                }
                Command::StartTogether(writes) => {
                    let (ids, requests): (Vec<_>, Vec<_>) = writes.into_iter().unzip();
                    let jobs = job::start_together(requests, waker(&self.ctx));
                    self.jobs.extend(ids.into_iter().zip(jobs));
                }
                Command::CancelJob(id) => {
                    if let Some((_, job)) = self.jobs.iter().find(|(running, _)| *running == id) {
                        job.cancel();
                    }
                }
                Command::TakeOut(id, drive) => {
                    let answer = on_thread(waker(&self.ctx), move || job::eject(&drive));
                    self.ejections.push((id, answer));
                }
                Command::SaveReport { path, records, replace } => {
                    let wake = waker(&self.ctx);
                    self.report = Some(on_thread(wake, move || save_report(path, &records, replace)));
                }
                Command::CloseWindow => {
                    self.may_close = true;
                    self.ctx.send_viewport_cmd(ViewportCommand::Close);
                }
            }
        }
    }

    fn in_background(&mut self, work: impl FnOnce() -> Event + Send + 'static) {
        self.answer_files.push(on_thread(waker(&self.ctx), work));
    }

    fn drain(&mut self) {
        if self.state.drives.arrivals.is_some() {
            self.tell(Event::Tick);
        }
        while let Ok(drives) = self.drives.try_recv() {
            self.tell(Event::Drives(drives));
        }
        while let Ok(is_dark) = self.color_scheme.try_recv() {
            self.tell(Event::SystemIsDark(is_dark));
        }
        self.drain_looks();
        self.drain_listings();
        self.drain_drivers();
        self.drain_jobs();
        self.drain_ejections();
        for receiver in std::mem::take(&mut self.answer_files) {
            match receiver.try_recv() {
                Ok(event) => self.tell(event),
                Err(TryRecvError::Empty) => self.answer_files.push(receiver),
                // The work panicked; what it was to do can be asked for again.
                Err(TryRecvError::Disconnected) => {}
            }
        }
        if let Some((dialog, answer)) = &self.dialog {
            let dialog = *dialog;
            match answer.try_recv() {
                Err(TryRecvError::Empty) => {}
                answer => {
                    self.dialog = None;
                    self.tell(Event::Picked(dialog, answer.unwrap_or_default()));
                }
            }
        }
        if let Some(Ok(result)) = self.report.as_ref().map(Receiver::try_recv) {
            self.report = None;
            self.tell(Event::ReportSaved(result));
        }
    }

    fn drain_looks(&mut self) {
        for look in std::mem::take(&mut self.looks) {
            let answer = match look.answer.try_recv() {
                Ok(answer) => answer,
                Err(TryRecvError::Empty) => {
                    self.looks.push(look);
                    continue;
                }
                Err(TryRecvError::Disconnected) => Err(text::LOOK_LOST.to_owned()),
            };
            self.tell(Event::Inspected { of: look.of, path: look.path, answer: Box::new(answer) });
        }
    }

    fn drain_listings(&mut self) {
        for listing in std::mem::take(&mut self.listings) {
            let answer = match listing.answer.try_recv() {
                Ok(answer) => answer,
                Err(TryRecvError::Empty) => {
                    self.listings.push(listing);
                    continue;
                }
                Err(TryRecvError::Disconnected) => Err(text::LISTING_LOST.to_owned()),
            };
            self.tell(Event::Listed { id: listing.id, request: listing.request, answer });
        }
    }

    fn drain_drivers(&mut self) {
        let Some((folder, answer)) = self.driver_listing.take() else { return };
        match answer.try_recv() {
            Ok(answer) => self.tell(Event::DriversListed(folder, answer)),
            Err(TryRecvError::Empty) => self.driver_listing = Some((folder, answer)),
            Err(TryRecvError::Disconnected) => {
                self.tell(Event::DriversListed(folder, Err(text::LISTING_LOST.to_owned())));
            }
        }
    }

    fn drain_ejections(&mut self) {
        for (id, answer) in std::mem::take(&mut self.ejections) {
            match answer.try_recv() {
                Ok(result) => self.tell(Event::TakenOut(id, result)),
                Err(TryRecvError::Empty) => self.ejections.push((id, answer)),
                Err(TryRecvError::Disconnected) => {
                    self.tell(Event::TakenOut(id, Err(text::EJECTION_LOST.to_owned())));
                }
            }
        }
    }

    fn drain_jobs(&mut self) {
        for (id, job) in std::mem::take(&mut self.jobs) {
            let is_over = loop {
                match job.events.try_recv() {
                    Ok(event) => {
                        let is_last = matches!(event, job::Event::Ended(_));
                        self.tell(Event::Job(id, event));
                        if is_last {
                            break true;
                        }
                    }
                    Err(TryRecvError::Empty) => break false,
                    Err(TryRecvError::Disconnected) => {
                        self.tell(Event::JobLost(id));
                        break true;
                    }
                }
            };
            if !is_over {
                self.jobs.push((id, job));
            }
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.drain();
        ctx.set_theme(match (self.state.appearance, self.state.system_is_dark) {
            (Appearance::Light, _) | (Appearance::System, Some(false)) => ThemePreference::Light,
            (Appearance::Dark, _) | (Appearance::System, Some(true)) => ThemePreference::Dark,
            (Appearance::System, None) => ThemePreference::System,
        });
        if ctx.input(|i| i.viewport().close_requested()) && !self.may_close && self.state.is_working() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.act(Action::CloseAsked);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        for action in view::show(ui, &self.state) {
            self.act(action);
            // What the action changed is drawn next.
            ui.ctx().request_repaint();
        }
    }
}

/// What a background thread calls when it has news.
fn waker(ctx: &egui::Context) -> impl Fn() + Clone + Send + Sync + 'static {
    let ctx = ctx.clone();
    move || ctx.request_repaint()
}

/// Runs something that blocks; its answer arrives on the channel.
fn on_thread<T: Send + 'static>(
    wake: impl Fn() + Send + 'static,
    work: impl FnOnce() -> T + Send + 'static,
) -> Receiver<T> {
    let (sender, receiver) = bounded(1);
    thread::spawn(move || {
        // The window may be gone by now; then nobody waits for the answer.
        let _ = sender.send(work());
        wake();
    });
    receiver
}

/// What was chosen; empty without a choice.
fn file_dialog(dialog: Dialog, suggestion: &Path) -> Vec<PathBuf> {
    let mut window = rfd::FileDialog::new().set_title(text::dialog_title(dialog));
    if let Some(folder) = suggestion.parent().filter(|f| f.is_dir()) {
        window = window.set_directory(folder);
    }
    match dialog {
        Dialog::Fill(Field::SaveFile | Field::ReportFile) | Dialog::SaveAnswer => {
            if let Some(name) = suggestion.file_name() {
                window = window.set_file_name(name.to_string_lossy());
            }
            window.save_file().into_iter().collect()
        }
        Dialog::Fill(_) => window.pick_file().into_iter().collect(),
        Dialog::AddFiles | Dialog::AddSteps => window.pick_files().unwrap_or_default(),
        Dialog::AddFolder | Dialog::Drivers => window.pick_folder().into_iter().collect(),
    }
}

/// The ending chooses the form. A file that is there already is replaced only when a dialog has asked.
fn save_report(path: PathBuf, records: &[Record], replace: bool) -> Result<PathBuf, String> {
    let contents = Records(records).for_file(&path);
    let mut options = OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let mut file = options.open(&path).map_err(|error| text::report_error(&path, &error))?;
    file.write_all(contents.as_bytes()).map_err(|error| text::report_error(&path, &error))?;
    Ok(path)
}
