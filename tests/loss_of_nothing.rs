//! Loss of nothing: whatever comes and goes, and whatever is clicked in whatever order, no job that writes is started
//! for a drive that the user has not chosen and confirmed, and none reaches another drive than that one.
//!
//! Random sequences of plugging and clicking drive the window's reducer against a machine that is modelled here:
//! physical things with numbers of their own, which the window cannot see. What the user has consented to is kept
//! apart, by rules that are written down here a second time. `LOSS_SEED=123` runs that one sequence, and prints it.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "window/fake.rs"]
mod fake;
#[path = "loss_of_nothing/machine.rs"]
mod machine;
#[path = "loss_of_nothing/user.rs"]
mod user;

use std::time::Duration;

use machine::Machine;
use sticksmith::device::Identity;
use sticksmith::gui::Start;
use sticksmith::gui::action::{
    Action, Agreement, Becomes, ChangeTo, Command, Event, Field, ImageOf, JobId, Page, Switch,
};
use sticksmith::gui::state::{Screen, State};
use sticksmith::job::{self, Ending, Phase, Request};
use sticksmith::plan::Refusal;
use user::{Asked, Consent};

const SEQUENCES: u64 = 2000;
const STEPS: usize = 100;

/// What the owner of a drive can end.
const USES: [&str; 2] = ["swap is on it", "it is unlocked"];

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.below(all.len())) }
    }
}

/// How often what the test is about has come about: a test in which nothing happens proves nothing.
#[derive(Debug, Default)]
struct Seen {
    /// Jobs that reached their drive.
    written: usize,
    written_together: usize,
    /// By a test, or to make a normal stick.
    written_without_image: usize,
    /// Jobs that came too late: the drive was gone or another one.
    refused_at_opening: usize,
    choices_dropped: usize,
    confirmations_dropped: usize,
    names_typed: usize,
    uses_ended: usize,
    /// Ticks that were lost because the uses had changed.
    ticks_dropped: usize,
    /// Jobs that came too late for a drive that was used otherwise by then.
    refused_for_use: usize,
    /// Another answer file for a stick, or none.
    answers_changed: usize,
    /// Of these: an answer file that came from somebody else gave way, with the user's consent.
    others_replaced: usize,
    /// A new answer file erases disks, with the user's consent.
    erasing_answers: usize,
}

impl Seen {
    fn count_change(&mut self, request: &Request) {
        let Request::AnswerChange(change) = request else { return };
        self.answers_changed += 1;
        self.others_replaced += usize::from(change.replaces);
        self.erasing_answers += usize::from(user::erases(&user::name_of(change.answer.as_ref())));
    }
}

/// A job that was started, until the window has heard its last word.
struct Running {
    id: JobId,
    request: Request,
}

struct Sequence {
    chance: Chance,
    machine: Machine,
    state: State,
    consent: Consent,
    running: Vec<Running>,
    /// What they were about, those that are over and touched their drive.
    written: Vec<Request>,
    over: Vec<JobId>,
    /// Looks at sticks that have not been answered; also those that nobody waits for any more.
    looks: Vec<Look>,
    now: Duration,
    trace: Trace,
}

/// What was asked to be found out of a stick before its answer file changes.
#[derive(Clone)]
struct Look {
    serial: u32,
    drive: Identity,
    puts: bool,
}

/// What was done, told when the test fails.
struct Trace {
    seed: u64,
    steps: Vec<String>,
}

impl Drop for Trace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("LOSS_SEED={}\n{}", self.seed, self.steps.join("\n"));
        }
    }
}

#[test]
fn nothing_is_written_that_was_not_chosen_and_confirmed() {
    let mut seen = Seen::default();
    let seeds = match std::env::var("LOSS_SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..SEQUENCES,
    };
    let is_whole = seeds.end - seeds.start == SEQUENCES;
    for seed in seeds {
        let mut sequence = Sequence::new(seed);
        for _ in 0..STEPS {
            sequence.step(&mut seen);
        }
    }
    println!("{seen:?}");
    if is_whole {
        let Seen { written, written_together, refused_at_opening, choices_dropped, .. } = seen;
        let counts = [written, written_together, refused_at_opening, choices_dropped];
        let counts =
            [counts.as_slice(), &[seen.confirmations_dropped, seen.names_typed, seen.written_without_image]]
                .concat();
        let of_uses = [seen.uses_ended, seen.ticks_dropped, seen.refused_for_use];
        let of_answers = [seen.answers_changed, seen.others_replaced, seen.erasing_answers];
        assert!(of_answers.iter().all(|count| *count >= 25), "too little came about: {seen:?}");
        assert!(of_uses.iter().all(|count| *count >= 25), "too little came about: {seen:?}");
        assert!(counts.iter().all(|count| *count >= 150), "too little came about: {seen:?}");
    }
}

impl Sequence {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let machine = Machine::new(&mut chance);
        Self {
            chance,
            machine,
            state: State::new(&Start::default(), "/home/ada".into(), true).0,
            consent: Consent::default(),
            running: Vec::new(),
            written: Vec::new(),
            over: Vec::new(),
            looks: Vec::new(),
            now: Duration::ZERO,
            trace: Trace { seed, steps: Vec::new() },
        }
    }

    fn step(&mut self, seen: &mut Seen) {
        self.now += Duration::from_millis(50);
        match self.chance.below(20) {
            0..=2 => {
                let what = self.machine.change(&mut self.chance);
                self.trace.steps.push(format!("machine: {what}"));
            }
            3..=5 => self.tell_drives(seen),
            6 if self.chance.one_in(2) && !self.looks.is_empty() => self.look_at_a_stick(),
            6 => self.look_at_an_image(),
            7..=9 if !self.running.is_empty() => self.let_a_job_speak(),
            7..=13 => self.do_what_leads_on(seen),
            _ => self.do_anything(seen),
        }
        self.check_choices();
    }

    fn tell(&mut self, event: Event) {
        self.trace.steps.push(format!("event: {}", words(&event)));
        let commands = self.state.on_event(self.now, event);
        self.take_commands(commands, None);
    }

    fn tell_drives(&mut self, seen: &mut Seen) {
        let list = self.machine.list();
        let (chosen, confirming) = (self.chosen_count(), self.is_confirming());
        seen.ticks_dropped += usize::from(self.consent.told(list.clone()));
        self.tell(Event::Drives(Ok(list)));
        seen.choices_dropped += usize::from(self.chosen_count() < chosen);
        seen.confirmations_dropped += usize::from(confirming && !self.is_confirming());
    }

    /// Another image, which may lie on one of the drives.
    fn look_at_an_image(&mut self) {
        let path = std::path::PathBuf::from(format!("/images/{}.img", self.chance.below(3)));
        self.act(Action::DropFile(path.clone()), &mut Seen::default());
        let mut inspection = fake::inspection();
        inspection.path.clone_from(&path);
        inspection.source_drives =
            if self.chance.one_in(3) { self.machine.any_number(&mut self.chance) } else { Vec::new() };
        let answer = if self.chance.one_in(8) { Err("no".to_owned()) } else { Ok(inspection) };
        self.tell(Event::Inspected { of: ImageOf::Make, path, answer: Box::new(answer) });
        self.consent.image_lies_on(&self.state);
    }

    /// A look is answered, perhaps long after nobody wants to know it; what is there and what comes is anything.
    fn look_at_a_stick(&mut self) {
        let place = self.chance.below(self.looks.len());
        let look = self.looks[place].clone();
        if !self.chance.one_in(4) {
            self.looks.remove(place);
        }
        let found = self.chance.below(8);
        self.consent.stick_was_looked_at(&self.state, &look, found);
        let answer = Box::new(user::found_on_stick(look.puts, found));
        self.tell(Event::StickLookedAt { serial: look.serial, look: answer });
    }

    fn let_a_job_speak(&mut self) {
        let place = self.chance.below(self.running.len());
        let id = self.running[place].id;
        let event = match self.chance.below(7) {
            0 => job::Event::Phase { phase: Phase::Writing },
            1 => job::Event::Progress(fake::progress(Phase::Writing, 0.5, 20e6)),
            2 => job::Event::Warning { message: "slow".to_owned() },
            3 => return self.job_ends(place, None),
            _ => {
                let ending = match self.chance.below(4) {
                    0 => Ending::Failed { message: "It broke.".to_owned(), report: None },
                    1 => Ending::Cancelled { message: "Cancelled.".to_owned(), report: None },
                    2 => Ending::Different { report: fake::bad_report() },
                    _ => Ending::Done { report: fake::report() },
                };
                return self.job_ends(place, Some(ending));
            }
        };
        self.tell(Event::Job(id, event));
    }

    /// `None`: without a last word.
    fn job_ends(&mut self, place: usize, ending: Option<Ending>) {
        let job = self.running.swap_remove(place);
        self.over.push(job.id);
        if !matches!(ending, Some(Ending::Refused { .. })) {
            self.written.push(job.request);
        }
        if self.running.is_empty() {
            // All of it is over: what was written is chosen afresh.
            let page = self.state.page;
            self.written.drain(..).for_each(|request| self.consent.was_written(page, &request));
        }
        match ending {
            Some(ending) => self.tell(Event::Job(job.id, job::Event::Ended(Box::new(ending)))),
            None => self.tell(Event::JobLost(job.id)),
        }
    }

    /// The next step of somebody who wants sticks.
    fn do_what_leads_on(&mut self, seen: &mut Seen) {
        let action = match &self.state.screen {
            Screen::Choose
                if !matches!(self.state.page, Page::Make | Page::Answer) && self.chance.one_in(4) =>
            {
                Action::Show(Page::Make)
            }
            Screen::Choose if self.state.page == Page::Answer && self.state.change.path.is_empty() => {
                Action::Edit(Field::NewAnswer, "/answers/own.xml".to_owned())
            }
            Screen::Choose if self.state.missing().is_none() && !self.chance.one_in(3) => Action::Start,
            Screen::Choose if self.state.make.image.known().is_none() => return self.look_at_an_image(),
            Screen::Choose => match self.chance.of(self.consent.list()) {
                Some(drive) => Action::ChooseDrive(drive.identity.clone()),
                None => return self.tell_drives(seen),
            },
            Screen::Confirm(confirm) => {
                let place = self.chance.below(confirm.sticks.len());
                let stick = &confirm.sticks[place];
                if let Some(change) = &stick.change
                    && !self.chance.one_in(8)
                {
                    let wants_erasing = change.erases().is_some() && !change.may_erase;
                    let wants_replacing = change.has_others() && !change.replaces;
                    match (&change.look, wants_replacing, wants_erasing) {
                        (None, ..) if !self.looks.is_empty() => return self.look_at_a_stick(),
                        (_, true, _) => return self.act(Action::Agree(Agreement::ReplaceOthers, true), seen),
                        (_, _, true) => return self.act(Action::Agree(Agreement::EraseDisks, true), seen),
                        _ => {}
                    }
                }
                let unticked = stick.drive.uses_besides(&stick.agreed_uses);
                match &stick.name_to_type {
                    Some(name) if self.chance.one_in(2) => {
                        Action::Edit(Field::TypedName(place), name.clone())
                    }
                    _ => match self.chance.of(&unticked) {
                        Some(named) if !self.chance.one_in(5) => {
                            Action::EndUse { stick: place, named: named.clone(), agreed: true }
                        }
                        _ => Action::Erase,
                    },
                }
            }
            Screen::Working(_) => return self.let_a_job_speak(),
            Screen::Answer => Action::Answer(sticksmith::gui::action::AnswerAction::Back),
            Screen::Done(_) => Action::Another,
        };
        self.act(action, seen);
    }

    fn do_anything(&mut self, seen: &mut Seen) {
        let known = self.machine.every_identity();
        let some_drive = self.chance.of(&known).cloned();
        let late = self.over.last().copied().unwrap_or(JobId(0));
        let action = match (self.chance.below(22), some_drive) {
            (0..=2, Some(drive)) => Action::ChooseDrive(drive),
            (3, Some(drive)) => Action::UnchooseDrive(drive),
            (4, _) => Action::Set(Switch::ShowAllDrives, !self.chance.one_in(4)),
            (5, _) => Action::Set(Switch::FindDrive, self.chance.one_in(2)),
            (6, _) => Action::Show(*self.chance.of(&Page::ALL).unwrap()),
            (7, _) => Action::Start,
            (8, _) => Action::Erase,
            (9, _) => Action::Cancel,
            (10, _) => Action::CancelStick(self.running.first().map_or(late, |job| job.id)),
            (11, _) => Action::Another,
            (12, _) => {
                let typed = ["", "Stick", "Disk", "stick "][self.chance.below(4)];
                let place = self.chance.below(4);
                Action::Edit(Field::TypedName(place), typed.to_owned())
            }
            (13, _) => Action::TakeOut,
            (18, _) => Action::EndUse {
                stick: self.chance.below(4),
                named: USES[self.chance.below(USES.len())].to_owned(),
                agreed: !self.chance.one_in(3),
            },
            (16, _) => Action::RestoreTested,
            (19, _) => {
                let agreements = [Agreement::ReplaceOthers, Agreement::EraseDisks];
                Action::Agree(agreements[self.chance.below(2)], !self.chance.one_in(3))
            }
            (20, _) => Action::ChangeTo(*self.chance.of(&ChangeTo::ALL).unwrap()),
            (21, _) => {
                let typed = ["", "/answers/own.xml"][self.chance.below(2)];
                Action::Edit(Field::NewAnswer, typed.to_owned())
            }
            (17, _) => Action::Become(*self.chance.of(&Becomes::ALL).unwrap()),
            (14, _) => [Action::CloseAsked, Action::KeepWorking, Action::CancelAndClose]
                [self.chance.below(3)]
            .clone(),
            (15, _) => {
                return self.tell(Event::Job(
                    late,
                    job::Event::Ended(Box::new(Ending::Done { report: fake::report() })),
                ));
            }
            _ => return self.tell(Event::JobLost(late)),
        };
        self.act(action, seen);
    }

    fn act(&mut self, action: Action, seen: &mut Seen) {
        self.trace.steps.push(format!("action: {action:?}"));
        // What stands on the screen is what the user says yes to.
        let asked = self.consent.asked(&self.state, &action, seen);
        let screen = self.state.screen_serial;
        self.consent.acted(&self.state, &action);
        self.consent.learn_things(&self.machine);
        let commands = self.state.on_action(self.now, action);
        if self.state.screen_serial != screen {
            self.consent.new_screen();
        }
        for job in self.take_commands(commands, asked) {
            self.open(job, seen);
        }
    }

    /// `asked`: what the user has just said yes to, if that was it. Gives back the jobs that were started.
    fn take_commands(&mut self, commands: Vec<Command>, asked: Option<Vec<Asked>>) -> Vec<Running> {
        let mut started = Vec::new();
        for command in commands {
            match command {
                Command::StartJob(id, request) => started.push(Running { id, request: *request }),
                Command::LookAtStick { serial, drive, file } => {
                    self.consent.screen_asks(serial);
                    self.looks.push(Look { serial, drive, puts: file.is_some() });
                }
                Command::StartTogether(writes) => {
                    let running = |(id, write)| Running { id, request: Request::Write(write) };
                    started.extend(writes.into_iter().map(running));
                }
                _ => {}
            }
        }
        let targets: Vec<Asked> = started.iter().filter_map(|job| done_to_drive(&job.request)).collect();
        if targets.is_empty() {
            return started;
        }
        assert!(self.running.is_empty(), "work begins while other work goes on");
        let Some(asked) = asked else {
            panic!("{targets:?} would be written to, and nobody has said yes to anything")
        };
        assert_eq!(targets, asked, "what is written to is not what was asked about");
        for Asked { target, .. } in &targets {
            self.consent.permits(self.state.page, target);
        }
        started
    }

    /// What a job does first: it opens its drive, if that is still the one.
    fn open(&mut self, job: Running, seen: &mut Seen) {
        let target = job.request.drive().unwrap().clone();
        let to_drive = done_to_drive(&job.request);
        let (is_write, end_uses) = (to_drive.is_some(), to_drive.map_or_else(Vec::new, |done| done.uses));
        let page = self.state.page;
        self.running.push(job);
        match self.machine.open(&target, is_write, &end_uses) {
            Ok((thing, ended)) => {
                if is_write {
                    // What no list and no comparison of words can see: it is the very thing.
                    assert_eq!(
                        thing,
                        self.consent.thing(page, &target),
                        "another thing under the same name: {target:?}"
                    );
                    seen.written += 1;
                    seen.uses_ended += ended;
                    seen.written_without_image += usize::from(page != Page::Make);
                    seen.count_change(&self.running[self.running.len() - 1].request);
                    seen.written_together += usize::from(self.running.len() > 1);
                }
            }
            Err(reason) => {
                self.trace
                    .steps
                    .push(format!("machine: refuses to open {}: {reason}", target.path.display()));
                seen.refused_at_opening += 1;
                seen.refused_for_use += usize::from(reason == "it is in use");
                let place = self.running.len() - 1;
                self.job_ends(place, Some(Ending::Refused { refusal: Refusal::Drive { reason } }));
            }
        }
    }

    /// Nothing is chosen without an act of the user's, and nothing stays chosen that has changed.
    fn check_choices(&self) {
        for page in Page::ALL {
            for chosen in self.state.chosen_drives(page) {
                self.consent.has_chosen(page, chosen);
            }
        }
        if let Screen::Confirm(confirm) = &self.state.screen {
            for stick in &confirm.sticks {
                self.consent.permits_asking(self.state.page, &stick.drive.identity);
            }
        }
    }

    fn chosen_count(&self) -> usize {
        Page::ALL.iter().map(|page| self.state.chosen_drives(*page).len()).sum()
    }

    fn is_confirming(&self) -> bool {
        matches!(self.state.screen, Screen::Confirm(_))
    }
}

/// The drive that the job writes to.
fn written_to(request: &Request) -> Option<&Identity> {
    match request {
        Request::Check(_) | Request::Save(_) | Request::Hash(_) => None,
        Request::Write(_)
        | Request::Test(_)
        | Request::Wipe(_)
        | Request::Restore(_)
        | Request::AnswerChange(_) => request.drive(),
    }
}

/// The same with what ends first, sorted, and with what becomes of an answer file.
fn done_to_drive(request: &Request) -> Option<Asked> {
    let target = written_to(request)?.clone();
    let change = match request {
        Request::AnswerChange(change) => Some((user::name_of(change.answer.as_ref()), change.replaces)),
        _ => None,
    };
    let mut uses = match request {
        Request::Write(write) => write.end_uses.clone(),
        Request::Test(test) => test.end_uses.clone(),
        Request::Wipe(wipe) => wipe.end_uses.clone(),
        Request::Restore(restore) => restore.end_uses.clone(),
        Request::AnswerChange(change) => change.end_uses.clone(),
        Request::Check(_) | Request::Save(_) | Request::Hash(_) => Vec::new(),
    };
    uses.sort();
    Some(Asked { target, uses, change })
}

fn words(event: &Event) -> String {
    match event {
        Event::Drives(Ok(list)) => {
            let one = |drive: &sticksmith::device::Drive| {
                format!("{} #{}", drive.identity.path.display(), drive.identity.sequence.unwrap_or(0))
            };
            format!("drives: {}", list.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Event::Inspected { path, answer, .. } => {
            format!("image {} on {:?}", path.display(), answer.as_ref().as_ref().map(|i| &i.source_drives))
        }
        Event::Job(id, job::Event::Ended(ending)) => {
            let word = format!("{ending:?}");
            format!("{id:?} ended: {}", word.split_whitespace().next().unwrap_or_default())
        }
        other => format!("{other:?}").chars().take(120).collect(),
    }
}
