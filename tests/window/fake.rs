//! A world for the window without any hardware: drives, images and jobs that say what a test wants.
#![allow(dead_code, clippy::panic)] // each user of this file needs a part of it

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sticksmith::base::{Algorithm, Digest};
use sticksmith::device::{Bus, Drive, Identity, Partition, Volume};
use sticksmith::format::tree::FileExtent;
use sticksmith::gui::action::{Action, Command, EntryId, Event, ImageOf, JobId};
use sticksmith::gui::state::{Screen, State};
use sticksmith::gui::{Start, view};
use sticksmith::job::{
    self, Ending, Inspection, Made, Mismatch, NamedDigest, Phase, PhaseTime, Progress, Proof, Report, Request,
};
use sticksmith::source::windows::{
    Architecture, Edition, EiCfg, ImagePlace, InstallImage, InstallKind, Loader, MediaFile, WindowsBoot,
    WindowsFacts, WindowsMedia,
};
use sticksmith::source::{
    AddRequest, Addition, AdditionKind, BootRecord, Container, ImageFacts, ImageKind, Origin, PartitionTable,
};

pub const IMAGE: &str = "/images/debian-12.8.0-amd64-netinst.iso";
pub const IMAGE_BYTES: u64 = 661_651_456;

/// The state, and every command that it gave.
pub struct World {
    pub state: State,
    pub commands: Vec<Command>,
    pub now: Duration,
}

impl World {
    pub fn new() -> Self {
        let (state, commands) = State::new(&Start::default(), PathBuf::from("/home/ada"), true);
        Self { state, commands, now: Duration::ZERO }
    }

    /// With an image looked at and drives listed; nothing chosen.
    pub fn ready() -> Self {
        let mut world = Self::new();
        world.tell(Event::Drives(Ok(drives())));
        world.choose_image(inspection());
        world
    }

    pub fn tell(&mut self, event: Event) {
        let commands = self.state.on_event(self.now, event);
        self.commands.extend(commands);
    }

    pub fn act(&mut self, action: Action) {
        let commands = self.state.on_action(self.now, action);
        self.commands.extend(commands);
    }

    pub fn choose_image(&mut self, inspection: Inspection) {
        let path = inspection.path.clone();
        self.act(Action::DropFile(path.clone()));
        self.tell(Event::Inspected { of: ImageOf::Make, path, answer: Box::new(Ok(inspection)) });
    }

    /// A Windows 7 image is chosen.
    pub fn windows() -> Self {
        let mut world = Self::ready();
        world.choose_image(windows_inspection());
        world
    }

    /// What was asked to be listed, in order.
    pub fn asked_listings(&self) -> Vec<(EntryId, AddRequest)> {
        let asked = |command: &Command| match command {
            Command::List(id, request) => Some((*id, request.clone())),
            _ => None,
        };
        self.commands.iter().filter_map(asked).collect()
    }

    /// All that was asked to be listed is found; answers to what was answered before change nothing.
    pub fn answer_listings(&mut self) {
        for (id, request) in self.asked_listings() {
            let answer = Ok(listed(&request));
            self.tell(Event::Listed { id, request, answer });
        }
    }

    /// What the stick on the Confirm screen will be.
    pub fn confirmed_stick(&self) -> Option<Made> {
        let Screen::Confirm(confirm) = &self.state.screen else { return None };
        confirm.sticks.first()?.plan.as_ref()?.stick.as_deref().map(Made::of)
    }

    pub fn choose_drive(&mut self, drive: &Drive) {
        self.act(Action::ChooseDrive(drive.identity.clone()));
    }

    /// Of the first job on the screen.
    pub fn job(&mut self, event: job::Event) {
        let Screen::Working(working) = &self.state.screen else { return };
        let first = working.sticks[0].job;
        self.tell(Event::Job(first, event));
    }

    /// The jobs on the screen, in its order.
    pub fn jobs(&self) -> Vec<JobId> {
        match &self.state.screen {
            Screen::Working(working) => working.sticks.iter().map(|stick| stick.job).collect(),
            _ => Vec::new(),
        }
    }

    pub fn end(&mut self, ending: Ending) {
        self.job(job::Event::Ended(Box::new(ending)));
    }

    /// Three sticks are listed and chosen; the image is whatever was chosen before.
    pub fn choose_three(&mut self) {
        self.tell(Event::Drives(Ok(three_sticks().to_vec())));
        for stick in &three_sticks() {
            self.choose_drive(stick);
        }
    }

    pub fn end_job(&mut self, job: JobId, ending: Ending) {
        self.tell(Event::Job(job, job::Event::Ended(Box::new(ending))));
    }

    /// Three sticks at work: one writes, one reads back, one was pulled out.
    pub fn work_on_three(&mut self) {
        self.act(Action::Start);
        self.act(Action::Erase);
        let jobs = self.jobs();
        for (job, phase, fraction) in [
            (jobs[0], Phase::Writing, 0.5),
            (jobs[1], Phase::Writing, 1.0),
            (jobs[1], Phase::Syncing, 0.0),
            (jobs[1], Phase::Verifying, 0.25),
            (jobs[2], Phase::Writing, 0.4),
        ] {
            self.now += Duration::from_secs(1);
            self.tell(Event::Job(job, job::Event::Progress(progress(phase, fraction, 20.4e6))));
        }
        let message = "The drive was unplugged while it was written. Plug it in again and start anew; it has no partition \
                       table."
            .to_owned();
        let [_, _, third] = three_sticks();
        let report = Report { drive: Some(third.identity), conclusion: message.clone(), ..report() };
        let report = Report { proof: Proof::default(), digests: Vec::new(), phases: Vec::new(), ..report };
        self.end_job(jobs[2], Ending::Failed { message, report: Some(report) });
    }

    /// Half of the image is written, with the speeds of a minute.
    pub fn write_half(&mut self) {
        self.job(job::Event::Phase { phase: Phase::Writing });
        for i in 0..60_u32 {
            self.now += Duration::from_millis(500);
            let wave = f64::from(i * 7919 % 13) * 0.35e6;
            let speed = if i < 4 { 9.0e6 * f64::from(i) } else { 20.0e6 + wave };
            self.job(job::Event::Progress(progress(Phase::Writing, f64::from(i + 1) / 120.0, speed)));
        }
    }

    /// The job that was started last.
    pub fn started(&self) -> Option<&Request> {
        self.commands.iter().rev().find_map(|command| match command {
            Command::StartJob(_, request) => Some(&**request),
            _ => None,
        })
    }

    pub fn draw(&mut self, ui: &mut eframe::egui::Ui) {
        for action in view::show(ui, &self.state) {
            self.act(action);
            ui.ctx().request_repaint();
        }
    }
}

pub fn progress(phase: Phase, fraction: f64, speed: f64) -> Progress {
    let done = IMAGE_BYTES as f64 * fraction;
    Progress {
        phase,
        done_bytes: done as u64,
        total_bytes: Some(IMAGE_BYTES),
        fraction: Some(fraction as f32),
        bytes_per_sec: speed,
        average_bytes_per_sec: 21.2e6,
        elapsed_secs: done / 21.2e6,
        eta_secs: Some((IMAGE_BYTES as f64 - done) / 21.2e6),
    }
}

pub fn identity(node: &str, title: (&str, &str), size_bytes: u64, port: &str, minor: u64) -> Identity {
    Identity {
        path: PathBuf::from(node),
        vendor: Some(title.0.to_owned()),
        model: Some(title.1.to_owned()),
        serial: Some(format!("4C5300012{minor:06}")),
        wwn: None,
        size_bytes,
        sector_bytes: 512,
        port: Some(port.to_owned()),
        device_number: (8, minor),
        sequence: Some(minor),
    }
}

fn partition(
    node: &str,
    number: u32,
    kind: &str,
    label: Option<&str>,
    size: u64,
    mount: Option<&str>,
) -> Partition {
    Partition {
        path: PathBuf::from(format!("{node}{number}")),
        number: Some(number),
        offset_bytes: 1 << 20,
        size_bytes: size,
        volume: Some(Volume { kind: kind.to_owned(), label: label.map(str::to_owned) }),
        mount_points: mount.map(PathBuf::from).into_iter().collect(),
    }
}

/// A stick of 15.5 GB with two partitions, one of them open.
pub fn stick() -> Drive {
    Drive {
        identity: identity("/dev/sdb", ("SanDisk", "Ultra"), 15_500_000_000, "1-4.2", 16),
        bus: Bus::Usb,
        physical_sector_bytes: 512,
        removable: true,
        hotplug: true,
        read_only: false,
        partitions: vec![
            partition("/dev/sdb", 1, "vfat", Some("HOLIDAY"), 15_000_000_000, Some("/media/ada/HOLIDAY")),
            partition("/dev/sdb", 2, "ext4", None, 499_000_000, None),
        ],
        system_uses: Vec::new(),
        stoppable_uses: Vec::new(),
        appeared_unix_secs: None,
    }
}

/// The same with an unlocked volume and swap.
pub fn stick_in_use() -> Drive {
    let volume = "/dev/sdb1 is part of the encrypted volume photos that carries /media/ada/photos";
    Drive { stoppable_uses: vec![volume.to_owned(), "swap is on /dev/sdb2".to_owned()], ..stick() }
}

/// The drive that the system runs from, in a USB case.
pub fn system_drive() -> Drive {
    Drive {
        identity: identity("/dev/sda", ("Samsung", "Portable SSD T7"), 1_000_000_000_000, "2-1", 0),
        partitions: vec![partition("/dev/sda", 1, "ext4", Some("root"), 999_000_000_000, Some("/"))],
        system_uses: vec!["/dev/sda1 is mounted on /".to_owned()],
        stoppable_uses: Vec::new(),
        appeared_unix_secs: None,
        ..stick()
    }
}

/// An internal disk that nothing uses.
pub fn internal_drive() -> Drive {
    Drive {
        identity: identity("/dev/nvme0n1", ("WD", "Black SN770"), 2_000_000_000_000, "pci", 32),
        bus: Bus::Nvme,
        removable: false,
        hotplug: false,
        partitions: Vec::new(),
        ..stick()
    }
}

pub fn drives() -> Vec<Drive> {
    vec![internal_drive(), system_drive(), stick()]
}

pub fn inspection() -> Inspection {
    Inspection {
        path: PathBuf::from(IMAGE),
        facts: ImageFacts {
            name: "debian-12.8.0-amd64-netinst.iso".to_owned(),
            container: Container::Raw,
            file_bytes: IMAGE_BYTES,
            image_bytes: Some(IMAGE_BYTES),
            kind: ImageKind::HybridIso,
            label: Some("Debian 12.8.0 amd64 n".to_owned()),
            system: Some("Debian 12.8.0 amd64".to_owned()),
            partition_tables: vec![PartitionTable::Mbr, PartitionTable::Gpt],
            boot: vec![BootRecord::MbrCode, BootRecord::EfiPartition],
            windows: None,
            notes: Vec::new(),
        },
        published: vec![sticksmith::source::checksum::Published {
            digest: digest(),
            file: PathBuf::from("/images/SHA256SUMS"),
            of_decompressed: false,
        }],
        source_drives: vec![(259, 0)],
        bmap: None,
        data_ranges: None,
        media: None,
    }
}

/// A Windows 7 disc for all editions, with an answer file that somebody put there.
pub fn windows_inspection() -> Inspection {
    let edition = |index, name: &str| Edition {
        source: "sources/install.wim".to_owned(),
        index,
        name: format!("Windows 7 {}", name.to_uppercase()),
        display_name: Some(format!("Windows 7 {name}")),
        edition_id: Some(name.replace(' ', "")),
        installation_type: Some("Client".to_owned()),
        architecture: Some(Architecture::X64),
        version: Some([6, 1, 7601]),
        languages: vec!["de-DE".to_owned()],
    };
    let names = ["Home Basic", "Home Premium", "Professional", "Ultimate", "Starter"];
    let windows = WindowsFacts {
        product: "Windows 7".to_owned(),
        version: Some([6, 1, 7601]),
        architectures: vec![Architecture::X64],
        languages: vec!["de-DE".to_owned()],
        editions: (1..).zip(names).map(|(index, name)| edition(index, name)).collect(),
        boot: WindowsBoot {
            bios: true,
            uefi: Vec::new(),
            uefi_from_image: vec![ImagePlace { path: "sources/install.wim".to_owned(), index: 1 }],
        },
        install: vec![InstallImage {
            path: "sources/install.wim".to_owned(),
            kind: InstallKind::Wim,
            parts: vec!["sources/install.wim".to_owned()],
            is_solid: false,
            bytes: 2_880_000_000,
        }],
        boot_images: Vec::new(),
        ei_cfg: Some(EiCfg {
            edition_id: Some("Professional".to_owned()),
            channel: Some("Retail".to_owned()),
            volume_licence: Some(false),
        }),
        has_pid_txt: false,
        answer_files: vec!["Autounattend.xml".to_owned()],
        answers: Vec::new(),
    };
    let mut inspection = inspection();
    inspection.path = PathBuf::from("/images/win7.iso");
    inspection.published = Vec::new();
    let facts = &mut inspection.facts;
    facts.name = "win7.iso".to_owned();
    facts.kind = ImageKind::WindowsSetup;
    facts.label = Some("GRMCPRXFRER_DE_DVD".to_owned());
    facts.system = Some("Windows 7 x64 (6.1.7601)".to_owned());
    facts.partition_tables = Vec::new();
    facts.boot = vec![BootRecord::ElToritoBios];
    facts.windows = Some(Box::new(windows));
    inspection.media = Some(Ok(Arc::new(windows_media())));
    inspection
}

/// Its files, one after the other from the second MiB on.
fn windows_media() -> WindowsMedia {
    let mut next = 1 << 20;
    let mut file = |path: &str, len_bytes: u64| {
        let offset_bytes = Some(next);
        next += len_bytes.next_multiple_of(2048);
        MediaFile {
            path: path.to_owned(),
            len_bytes,
            extents: vec![FileExtent { offset_bytes, len_bytes }],
            modified_unix_secs: Some(1_290_000_000),
        }
    };
    WindowsMedia {
        label: Some("GRMCPRXFRER_DE_DVD".to_owned()),
        folders: vec![("boot".to_owned(), None), ("sources".to_owned(), None)],
        files: vec![
            file("bootmgr", 383_786),
            file("boot/bcd", 262_144),
            file("sources/boot.wim", 168_493_227),
            file("sources/install.wim", 2_880_000_000),
            file("Autounattend.xml", 4100),
        ],
        loader: Some(Loader {
            bytes: Arc::from(vec![0; 668_520]),
            from: "image 1 of sources/install.wim".to_owned(),
            modified_unix_secs: Some(1_290_000_000),
        }),
        loader_missing: None,
        splittable: Vec::new(),
        boot_wims: Vec::new(),
    }
}

/// What lies in a folder with drivers, and a file, as looking at them would answer `request`.
pub fn listed(request: &AddRequest) -> Vec<Addition> {
    let dest = request.dest.clone().expect("the window always says where");
    let addition = |dest: String, kind| Addition {
        origin: Origin::Disk(format!("/home/ada/{dest}").into()),
        dest,
        kind,
        modified_unix_secs: Some(1_700_000_000),
        replaces: request.replaces,
        of_answer: false,
    };
    if request.path.extension().is_some() || request.path.ends_with("bootmgr") {
        return vec![addition(dest, AdditionKind::File { len_bytes: 400_000 })];
    }
    vec![
        addition(dest.clone(), AdditionKind::Folder),
        addition(format!("{dest}/iusb3xhc.inf"), AdditionKind::File { len_bytes: 61_000 }),
        addition(format!("{dest}/iusb3xhc.sys"), AdditionKind::File { len_bytes: 805_000 }),
    ]
}

pub fn digest() -> Digest {
    let hex = "04396d12b0f377958a070c38a923c227832fa3b3e18ddc013936ecf492e9fbb3";
    format!("sha256:{hex}").parse().expect("64 hex digits")
}

pub fn report() -> Report {
    Report {
        program: "Sticksmith 0.1.0".to_owned(),
        action: "write".to_owned(),
        started_unix_secs: 1_750_000_000,
        image: Some(inspection().facts),
        image_path: Some(PathBuf::from(IMAGE)),
        known_as: None,
        drive: Some(stick().identity),
        ended_uses: Vec::new(),
        digests: vec![NamedDigest {
            of: "image".to_owned(),
            digest: digest(),
            matches: Some("SHA256SUMS".to_owned()),
        }],
        phases: vec![
            PhaseTime { phase: Phase::Checking, bytes: IMAGE_BYTES, secs: 2.1 },
            PhaseTime { phase: Phase::Writing, bytes: IMAGE_BYTES, secs: 31.2 },
            PhaseTime { phase: Phase::Syncing, bytes: 0, secs: 1.4 },
            PhaseTime { phase: Phase::Verifying, bytes: IMAGE_BYTES, secs: 5.6 },
        ],
        bytes_written: IMAGE_BYTES,
        made: None,
        changed: None,
        findings: Vec::new(),
        answers: Vec::new(),
        capacity: None,
        proof: Proof { verified_bytes: IMAGE_BYTES, past_cache: true, ..Proof::default() },
        warnings: Vec::new(),
        conclusion: format!(
            "Written, and proved: all {IMAGE_BYTES} bytes were read back from the drive and are right."
        ),
    }
}

/// A report of a Windows stick.
pub fn windows_report(made: Option<Made>) -> Report {
    let digests = Vec::new();
    Report { image: Some(windows_inspection().facts), made, digests, ..report() }
}

/// A report of a stick that came back wrong in two places.
pub fn bad_report() -> Report {
    let wrong = |offset, len, what: &str| Mismatch {
        offset,
        len,
        flaky: false,
        unsteady: false,
        what: Some(what.to_owned()),
    };
    let proof = Proof {
        verified_bytes: IMAGE_BYTES,
        past_cache: true,
        mismatches: vec![wrong(512, 4096, "the GPT"), wrong(305_397_760, 1 << 20, "partition 1")],
        truncated: false,
        different_bytes: 1_052_672,
        different_sectors: 2056,
    };
    Report {
        proof,
        warnings: vec!["The drive is written through the system’s cache; direct access was refused.".to_owned()],
        conclusion: "1052672 bytes differ in 2 places, the first at byte 512. A second read gave the same wrong bytes: \
                     the drive holds them. The drive was left without a partition table."
            .to_owned(),
        ..report()
    }
}

pub fn sha1() -> Digest {
    Digest::new(Algorithm::Sha1, vec![7; 20]).expect("20 bytes")
}

/// Another stick of the same model without a serial number, on another port.
pub fn plain_stick(node: &str, port: &str, minor: u64, size_bytes: u64) -> Drive {
    let mut identity = identity(node, ("Generic", "Flash Disk"), size_bytes, port, minor);
    identity.serial = None;
    Drive { identity, partitions: Vec::new(), ..stick() }
}

/// Two that are alike but for their port, and one of another kind.
pub fn three_sticks() -> [Drive; 3] {
    [
        stick(),
        plain_stick("/dev/sdc", "1-1", 48, 8_053_063_680),
        plain_stick("/dev/sdd", "1-3", 64, 8_053_063_680),
    ]
}
