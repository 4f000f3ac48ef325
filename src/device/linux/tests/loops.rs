//! Real loop devices and practice sticks: opening, the seam, and what the kernel answers.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{FileExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::super::open::{Opened, block_handle};
use super::super::unmount::unmount_all;
use crate::device::standing::{Standing, judge};
use crate::device::{
    AlignedBuf, BlockDevice, Bus, DeviceError, Drive, DriveWatcher, ErrorClass, create_practice_stick, find,
    list, open_for_reading, open_for_writing, practice_stick, source_drives,
};

const SIZE: u64 = 16 << 20;

/// Whether loop devices can be attached here; says so where not.
fn loops_work() -> bool {
    let works = rustix::process::geteuid().is_root() && run("losetup", &["--version"]).is_ok();
    skip_unless(works, "root and losetup")
}

fn skip_unless(available: bool, what: &str) -> bool {
    if !available {
        assert!(std::env::var_os("STICKSMITH_REQUIRE_TOOLS").is_none(), "needs {what}");
        println!("SKIPPED: needs {what}");
    }
    available
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output =
        Command::new(program).args(arguments).env("PATH", path).output().map_err(|e| e.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// A loop device over a file of junk.
struct Loop {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Loop {
    fn attach(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("disk.img");
        fs::write(&file, vec![0xD1; SIZE as usize]).unwrap();
        let path = run("losetup", &[&["-f", "--show"], options, &[file.to_str().unwrap()]].concat()).unwrap();
        Self { folder, path: path.into() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("disk.img")
    }

    fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    fn drive(&self) -> Drive {
        find(self.name()).unwrap()
    }
}

impl Loop {
    /// Detaches, and waits for it: somebody may just be looking into the device, which delays it.
    fn detach(&self) {
        let file = self.file();
        let attached =
            || run("losetup", &["-n", "-O", "NAME", "-j", file.to_str().unwrap()]).unwrap_or_default();
        for _ in 0..100 {
            // By the file: the device's name may belong to somebody else by now.
            let names = attached();
            if names.is_empty() {
                return;
            }
            for name in names.lines() {
                let _ = run("losetup", &["-d", name]);
            }
            thread::sleep(Duration::from_millis(50));
        }
        println!("{} stays attached", self.name());
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        self.detach();
    }
}

/// A mount that goes when the test ends, however it ends.
struct Mounted(PathBuf);

impl Mounted {
    fn new(arguments: &[&str], point: &Path) -> Self {
        fs::create_dir_all(point).unwrap();
        run("mount", &[arguments, &[point.to_str().unwrap()]].concat()).unwrap();
        Self(point.to_owned())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = run("umount", &[self.0.to_str().unwrap()]);
    }
}

fn pattern(len: usize, seed: u8) -> AlignedBuf {
    let mut buf = AlignedBuf::new(len);
    for (at, byte) in buf.iter_mut().enumerate() {
        *byte = (at / 512) as u8 ^ at as u8 ^ seed;
    }
    buf
}

#[track_caller]
fn error<T>(result: Result<T, DeviceError>) -> DeviceError {
    result.err().expect("this must be refused")
}

fn writes_and_reads_back(device: &dyn BlockDevice, file: &Path) {
    let sector = u64::from(device.geometry().sector_bytes);
    let end = device.geometry().size_bytes;
    for (offset, len, seed) in
        [(0, 1 << 20, 1), (sector * 3, sector as usize, 2), (end - sector, sector as usize, 3)]
    {
        let written = pattern(len, seed);
        device.write_at(offset, &written).unwrap();
        device.sync().unwrap();
        assert!(device.drop_caches().unwrap());
        let mut read = AlignedBuf::new(len);
        device.read_at(offset, &mut read).unwrap();
        assert!(*read == *written, "{offset}");
        let mut on_disk = vec![0; len];
        File::open(file).unwrap().read_exact_at(&mut on_disk, offset).unwrap();
        assert!(on_disk == *written, "{offset}");
    }
    let past = device.write_at(end, &pattern(sector as usize, 4)).unwrap_err();
    assert_eq!((past.class(), past.offset()), (ErrorClass::Full, Some(end)), "{past}");
    let past = device.read_at(end - sector, &mut AlignedBuf::new(2 * sector as usize)).unwrap_err();
    assert_eq!((past.class(), past.offset()), (ErrorClass::Full, Some(end - sector)), "{past}");
}

#[test]
fn sectors_are_written_past_the_cache() {
    if !loops_work() {
        return;
    }
    for (options, sector) in [(&["-b", "512"], 512), (&["-b", "4096"], 4096)] {
        let disk = Loop::attach(options);
        let drive = disk.drive();
        assert_eq!((drive.bus, drive.identity.sector_bytes), (Bus::Loop, sector));
        assert!(matches!(judge(&drive, &[]), Standing::Hidden(_)));
        let device = open_for_writing(&drive.identity).unwrap();
        assert!(device.geometry().direct);
        writes_and_reads_back(&*device, &disk.file());
        device.rescan();
    }
}

#[test]
fn an_open_drive_is_held_and_the_holder_named() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&[]);
    let identity = disk.drive().identity;
    let device = open_for_writing(&identity).unwrap();
    let refused = error(open_for_writing(&identity));
    assert_eq!(refused.class(), ErrorClass::Busy);
    let process = format!("process {}", std::process::id());
    assert!(refused.to_string().contains(&process), "{refused}");
    open_for_reading(&identity).unwrap();
    drop(device);
    open_for_writing(&identity).unwrap();
}

#[test]
fn a_drive_that_was_attached_again_is_another_one() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&[]);
    let identity = disk.drive().identity;
    disk.detach();
    let refused = error(open_for_writing(&identity));
    assert!(matches!(refused, DeviceError::Changed { .. }), "{refused}");
    // Should somebody else have taken the device meanwhile, it is another one all the more.
    let again = run("losetup", &[disk.name(), disk.file().to_str().unwrap()]);
    if identity.sequence.is_some() {
        for refused in [error(open_for_writing(&identity)), error(open_for_reading(&identity))] {
            assert!(matches!(refused, DeviceError::Changed { .. }), "{refused}");
        }
    }
    if again.is_ok() {
        open_for_writing(&disk.drive().identity).unwrap();
    }
}

/// As when it is swapped in the moment between the last look and the opening.
#[test]
fn an_open_handle_that_leads_to_another_drive_is_refused() {
    if !loops_work() {
        return;
    }
    let (chosen, other) = (Loop::attach(&[]), Loop::attach(&[]));
    let file = File::open(&other.path).unwrap();
    let opened = Opened { file, direct: false, rescan: None };
    let refused = error(block_handle(opened, &chosen.drive().identity, true));
    assert!(refused.to_string().contains("it was unplugged or replaced since"), "{refused}");
}

#[test]
fn a_drive_that_changed_its_size_is_another_one() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&[]);
    let identity = disk.drive().identity;
    File::options().write(true).open(disk.file()).unwrap().set_len(SIZE * 2).unwrap();
    run("losetup", &["-c", disk.name()]).unwrap();
    let refused = error(open_for_writing(&identity));
    assert!(refused.to_string().contains("its size was 16777216 bytes"), "{refused}");
}

#[test]
fn a_read_only_drive_is_write_protected() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&["-r"]);
    let drive = disk.drive();
    assert!(matches!(judge(&drive, &[]), Standing::Forbidden(_)));
    assert_eq!(error(open_for_writing(&drive.identity)).class(), ErrorClass::WriteProtected);
    let device = open_for_reading(&drive.identity).unwrap();
    let mut sector = AlignedBuf::new(512);
    device.read_at(0, &mut sector).unwrap();
    assert!(sector.iter().all(|byte| *byte == 0xD1));
    assert!(device.write_at(0, &sector).is_err());
}

#[test]
fn a_mounted_fixed_drive_is_refused_by_the_mount_s_name() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&[]);
    run("mkfs.ext4", &["-q", "-F", "-L", "stick", disk.name()]).unwrap();
    let point = disk.folder.path().join("a point");
    let mounted = Mounted::new(&[disk.name()], &point);
    let drive = disk.drive();
    assert_eq!(drive.mount_points().collect::<Vec<_>>(), [&point]);
    let volume = drive.partitions[0].volume.as_ref().unwrap();
    assert_eq!((volume.kind.as_str(), volume.label.as_deref()), ("ext4", Some("stick")));
    let expected = format!("{} is mounted at {}; unmount it first", disk.name(), point.display());
    assert_eq!(drive.system_uses, [expected.as_str()]);
    assert_eq!(judge(&drive, &[]), Standing::Forbidden(format!("It is in use: {expected}.")));
    let refused = error(open_for_writing(&drive.identity));
    assert!(refused.to_string().contains(&expected), "{refused}");

    let image = point.join("image.iso");
    fs::write(&image, "image").unwrap();
    let sources = source_drives(&image);
    assert!(sources.contains(&drive.identity.device_number), "{sources:?}");
    drop(mounted);
    open_for_writing(&disk.drive().identity).unwrap();
}

#[test]
fn mounts_are_taken_away_unless_somebody_uses_them() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&[]);
    run("mkfs.ext4", &["-q", "-F", disk.name()]).unwrap();
    let (point, twin) = (disk.folder.path().join("one"), disk.folder.path().join("two"));
    let _mounted = Mounted::new(&[disk.name()], &point);
    let _bound = Mounted::new(&["--bind", point.to_str().unwrap()], &twin);

    let held = File::create(point.join("file")).unwrap();
    let refused = error(unmount_all(&disk.path));
    assert_eq!(refused.class(), ErrorClass::Busy);
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    drop(held);

    let covering = Mounted::new(&["-t", "tmpfs", "cover"], &point);
    let refused = error(unmount_all(&disk.path));
    assert!(refused.to_string().contains("covered"), "{refused}");
    assert!(fs::read_to_string("/proc/self/mountinfo").unwrap().contains(" cover "), "the cover stays");
    drop(covering);

    unmount_all(&disk.path).unwrap();
    assert_eq!(disk.drive().mount_points().count(), 0);
}

#[test]
fn partitions_are_listed_but_are_no_drives() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&["-P"]);
    for (number, start) in [("1", "2048"), ("2", "16384")] {
        run("addpart", &[disk.name(), number, start, "8192"]).unwrap();
    }
    let second = format!("{}p2", disk.name());
    run("mkfs.ext4", &["-q", "-F", "-L", "part", &second]).unwrap();
    let point = disk.folder.path().join("point");
    let mounted = Mounted::new(&[&second], &point);

    let drive = disk.drive();
    let places: Vec<_> = drive.partitions.iter().map(|p| (p.number, p.offset_bytes, p.size_bytes)).collect();
    assert_eq!(places, [(Some(1), 1 << 20, 4 << 20), (Some(2), 8 << 20, 4 << 20)]);
    assert_eq!(drive.partitions[1].volume.as_ref().unwrap().label.as_deref(), Some("part"));
    assert_eq!(drive.system_uses, [format!("{second} is mounted at {}; unmount it first", point.display())]);
    assert!(source_drives(&point).contains(&drive.identity.device_number));
    let refused = error(find(&second));
    assert!(refused.to_string().contains(&format!("name the whole drive, {}.", disk.name())), "{refused}");
    assert!(open_for_writing(&drive.identity).is_err());
    drop(mounted);
    // An open partition is no claim, but one that is held exclusively is.
    let excl = rustix::fs::OFlags::EXCL.bits().cast_signed();
    let claim = File::options().read(true).custom_flags(excl).open(&second).unwrap();
    let refused = error(open_for_writing(&drive.identity));
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    drop(claim);
    open_for_writing(&drive.identity).unwrap();
}

#[test]
fn a_new_partition_table_is_seen_after_a_rescan() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&["-P"]);
    let image = disk.folder.path().join("table.img");
    File::create(&image).unwrap().set_len(SIZE).unwrap();
    let script = format!("echo 'start=2048, size=4096, type=c' | sfdisk -q -X dos {}", image.display());
    if !skip_unless(run("sh", &["-c", &script]).is_ok(), "sfdisk") {
        return;
    }
    let device = open_for_writing(&disk.drive().identity).unwrap();
    let mut sector = AlignedBuf::new(512);
    File::open(&image).unwrap().read_exact(&mut sector).unwrap();
    device.write_at(0, &sector).unwrap();
    device.sync().unwrap();
    device.rescan();
    match disk.drive().partitions.as_slice() {
        [] => println!("SKIPPED: this kernel does not know DOS partitions"),
        [only] => assert_eq!((only.number, only.offset_bytes), (Some(1), 1 << 20)),
        more => panic!("{more:?}"),
    }
}

#[test]
fn a_full_file_system_below_is_named_as_such() {
    if !loops_work() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let _small = Mounted::new(&["-t", "tmpfs", "-o", "size=1m", "small"], folder.path());
    let stick = create_practice_stick(&folder.path().join("stick"), SIZE).unwrap();
    let device = open_for_writing(&stick.identity).unwrap();
    let failed = device.write_at(4096, &pattern(4 << 20, 5)).unwrap_err();
    assert_eq!((failed.class(), failed.offset()), (ErrorClass::Full, Some(4096)), "{failed}");
}

#[test]
fn a_practice_stick_is_a_file_that_behaves_like_a_drive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stick.img");
    let stick = create_practice_stick(&path, SIZE - 100).unwrap();
    assert_eq!((stick.bus, stick.identity.size_bytes), (Bus::Practice, SIZE));
    assert_eq!(stick.title(), "Practice stick");
    assert_eq!(judge(&stick, &[]), Standing::Selectable);
    assert_eq!(find(path.to_str().unwrap()).unwrap(), stick);
    assert!(create_practice_stick(&path, SIZE).is_err(), "what is there stays");
    assert!(create_practice_stick(&folder.path().join("none"), 0).is_err());
    assert!(matches!(judge(&stick, &source_drives(&path)), Standing::Forbidden(_)), "it is the image itself");

    let device = open_for_writing(&stick.identity).unwrap();
    let refused = error(open_for_writing(&stick.identity));
    assert_eq!(refused.class(), ErrorClass::Busy, "{refused}");
    writes_and_reads_back(&*device, &path);
    assert_eq!(fs::metadata(&path).unwrap().len(), SIZE, "it never grows");
    drop(device);

    fs::remove_file(&path).unwrap();
    assert!(open_for_writing(&stick.identity).is_err());
    File::create(&path).unwrap().set_len(SIZE / 2).unwrap();
    assert!(matches!(error(open_for_reading(&stick.identity)), DeviceError::Changed { .. }));
    fs::write(&path, "small").unwrap();
    assert!(matches!(error(practice_stick(&path)), DeviceError::NotADrive(_)));
    assert!(matches!(error(practice_stick(folder.path())), DeviceError::NotADrive(_)));
}

#[test]
fn a_practice_stick_that_is_attached_elsewhere_is_in_use() {
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&[]);
    let stick = practice_stick(&disk.file()).unwrap();
    assert_eq!(stick.system_uses, [format!("it is attached as {}", disk.name())]);
    assert_eq!(error(open_for_writing(&stick.identity)).class(), ErrorClass::Busy);
    let sources = source_drives(&disk.path);
    assert!(sources.contains(&stick.identity.device_number), "the image is the stick by another name");
}

#[test]
fn the_drive_that_carries_the_system_is_forbidden() {
    let below = source_drives(Path::new("/"));
    let drives = list().unwrap();
    let carriers: Vec<&Drive> = drives.iter().filter(|d| below.contains(&d.identity.device_number)).collect();
    if carriers.is_empty() {
        println!("SKIPPED: the root file system lies on no drive that is listed here");
    }
    for drive in carriers {
        let Standing::Forbidden(reason) = judge(drive, &[]) else { panic!("{drive:?} is not forbidden") };
        assert!(reason.contains('/'), "{reason}");
        // Nothing is opened here: were the refusal broken, the test itself would be the accident.
    }
}

#[test]
fn drives_are_found_by_what_people_type() {
    let nothing = error(find("usb-NO-SUCH-STICK")).to_string();
    assert!(nothing.starts_with("No drive is called usb-NO-SUCH-STICK. There are"), "{nothing}");
    assert!(error(find("/dev/no-such-node")).to_string().starts_with("There is no /dev/no-such-node. "));
    assert!(error(find("/dev/null")).to_string().contains("neither a drive nor a file"));
    assert!(error(find("/")).to_string().contains("is a folder"));
    error(find(""));
    if !loops_work() {
        return;
    }
    let disk = Loop::attach(&[]);
    let drive = disk.drive();
    let link = disk.folder.path().join("by-id");
    symlink(&disk.path, &link).unwrap();
    assert_eq!(find(link.to_str().unwrap()).unwrap(), drive);
    assert_eq!(find(&drive.id()).unwrap(), drive);
    assert!(list().unwrap().contains(&drive));
    disk.detach();
    if let Err(empty) = find(disk.name()) {
        assert!(empty.to_string().contains("no file attached"), "{empty}");
    }
}

#[test]
fn the_watcher_wakes_when_a_drive_comes() {
    if !loops_work() {
        return;
    }
    let mut watcher = DriveWatcher::new();
    // Others may attach devices at the same time; each wake-up is as good.
    let (woken, wakes) = mpsc::channel();
    thread::spawn(move || woken.send(watcher.wait(Duration::from_secs(60))));
    let _disk = Loop::attach(&[]);
    assert!(wakes.recv().unwrap());
}
