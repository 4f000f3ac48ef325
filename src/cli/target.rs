//! From what the user typed to a drive that may be used, or to the sentence why not.

use std::path::{Path, PathBuf};

use crate::base::ByteSize;
use crate::device::{self, Bus, DeviceError, Drive, Standing};

use super::outcome::refuse;

/// What `IMAGE|DRIVE` turned out to mean.
pub enum Subject {
    Image(PathBuf),
    Drive(Box<Drive>),
}

/// The drive that was named. A name that fits nothing refuses.
pub fn find_drive(text: &str) -> anyhow::Result<Drive> {
    match device::find(text) {
        Ok(drive) => Ok(drive),
        Err(DeviceError::NotADrive(reason)) => refuse(reason),
        Err(error) if !Path::new(text).exists() => refuse(error.to_string()),
        Err(error) => Err(error.into()),
    }
}

/// Refuses where two names are of one drive, as its id and its node may be.
pub fn require_distinct(drives: &[Drive]) -> anyhow::Result<()> {
    for (index, drive) in drives.iter().enumerate() {
        if drives[..index].iter().any(|other| other.identity.device_number == drive.identity.device_number) {
            return refuse(format!(
                "The drive {} is named twice. Nothing was written.",
                drive.identity.path.display()
            ));
        }
    }
    Ok(())
}

/// Refuses where a serial number or a size was given that none of the drives has: a drive that was meant is missing.
pub fn require_all_named(drives: &[Drive], insistence: Insistence<'_>) -> anyhow::Result<()> {
    if drives.len() == 1 {
        // Whoever gives several for one drive says what it may be.
        return Ok(());
    }
    let missing =
        |serial: &&String| !drives.iter().any(|drive| drive.identity.serial.as_ref() == Some(serial));
    if let Some(serial) = insistence.serials.iter().find(missing) {
        return refuse(format!(
            "None of the drives has the serial number {serial}, which was asked for. Nothing was written."
        ));
    }
    let missing = |size: &&u64| !drives.iter().any(|drive| drive.identity.size_bytes == **size);
    if let Some(size) = insistence.sizes_bytes.iter().find(missing) {
        return refuse(format!(
            "None of the drives has {size} bytes, which were asked for. Nothing was written."
        ));
    }
    Ok(())
}

/// A regular file is an image, a whole drive is a drive, and any other node (a partition) is read like an image.
pub fn find_subject(text: &Path) -> anyhow::Result<Subject> {
    if text.is_file() {
        return Ok(Subject::Image(text.to_owned()));
    }
    if text.is_dir() {
        return refuse(format!("The path {} is a folder. Name an image or a drive.", text.display()));
    }
    match text.to_str().map(device::find) {
        Some(Ok(drive)) => Ok(Subject::Drive(Box::new(drive))),
        _ if text.exists() => Ok(Subject::Image(text.to_owned())),
        _ => refuse(format!(
            "There is neither an image nor a drive called {}. `sticksmith list --all` shows the drives.",
            text.display()
        )),
    }
}

/// Refuses unless the image exists as something that can be read.
pub fn require_image(path: &Path) -> anyhow::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            refuse(format!("The path {} is a folder. Name an image.", path.display()))
        }
        Ok(_) => Ok(()),
        Err(error) => refuse(format!("The image {} cannot be opened: {error}.", path.display())),
    }
}

/// What the user said to be sure of the drive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Insistence<'a> {
    /// `--all`: also a drive that is not shown.
    pub all: bool,
    /// `--yes`: nobody will be asked.
    pub yes: bool,
    /// The drive's serial number is one of these; none: whatever it is.
    pub serials: &'a [String],
    /// The same for its size.
    pub sizes_bytes: &'a [u64],
    /// `--stop-uses`: end what its owner can end.
    pub stop_uses: bool,
}

/// What has to be typed before the drive is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The word `yes`.
    Word,
    /// The drive's id: it is one that is not shown unless asked for.
    Id,
}

/// Checks the drive against what the user said of it, and its standing, as of [`standing::judge_released`], against what
/// the user insisted on. The error is the reason for a refusal.
pub fn consent(drive: &Drive, standing: &Standing, insistence: Insistence<'_>) -> Result<Consent, String> {
    let path = drive.identity.path.display();
    let asked = insistence.serials;
    if !asked.is_empty() && !drive.identity.serial.as_ref().is_some_and(|serial| asked.contains(serial)) {
        let actual = match &drive.identity.serial {
            Some(actual) => format!("has the serial number {actual}"),
            None => "tells no serial number".to_owned(),
        };
        let asked = asked.join(" or ");
        return Err(format!("The drive {path} {actual}; {asked} was asked for. Nothing was written."));
    }
    let asked = insistence.sizes_bytes;
    let actual = drive.identity.size_bytes;
    if !asked.is_empty() && !asked.contains(&actual) {
        let asked = asked.iter().map(u64::to_string).collect::<Vec<_>>().join(" or ");
        return Err(format!(
            "The drive {path} has {actual} bytes; {asked} were asked for. Nothing was written."
        ));
    }
    match standing {
        Standing::Forbidden(reason) => Err(reason.clone()),
        _ if insistence.yes && !insistence.stop_uses && !drive.stoppable_uses.is_empty() => Err(format!(
            "The drive {path} is in use: {}. --yes alone does not end that: add --stop-uses, or leave --yes out to be \
             asked. Nothing was written.",
            drive.stoppable_uses.join("; ")
        )),
        Standing::Selectable => Ok(Consent::Word),
        // They are hidden to keep the list short. Whoever names one means it, and there is no disk to lose.
        Standing::Hidden(_) if matches!(drive.bus, Bus::Loop | Bus::Practice) => Ok(Consent::Word),
        Standing::Hidden(reason) if !insistence.all => {
            Err(format!("{reason} If {path} is really the drive that you mean, add --all."))
        }
        Standing::Hidden(reason) if insistence.yes && insistence.serials.is_empty() => Err(format!(
            "{reason} To write to {path} without being asked, name its serial number with --serial as well."
        )),
        Standing::Hidden(_) => Ok(Consent::Id),
    }
}

/// `SanDisk Ultra, 31.0 GB, USB, serial 4C53, port 1-4.2, /dev/sdb`
pub fn describe(drive: &Drive) -> String {
    let mut words =
        vec![drive.title(), ByteSize(drive.identity.size_bytes).to_string(), drive.bus.to_string()];
    words.extend(drive.identity.serial.as_ref().map(|serial| format!("serial {serial}")));
    words.extend(drive.identity.port.as_ref().map(|port| format!("port {port}")));
    words.push(drive.identity.path.display().to_string());
    words.join(", ")
}

/// One line for each partition: number, file system, label, size, where it is mounted.
pub fn describe_contents(drive: &Drive) -> Vec<String> {
    let partition = |p: &device::Partition| {
        let mut words =
            vec![p.number.map_or("whole drive".to_owned(), |number| format!("partition {number}"))];
        match &p.volume {
            Some(volume) => {
                words.push(volume.kind.clone());
                words.extend(volume.label.as_ref().map(|label| format!("“{label}”")));
            }
            None => words.push("unknown contents".to_owned()),
        }
        words.push(ByteSize(p.size_bytes).to_string());
        let mounts: Vec<_> = p.mount_points.iter().map(|m| m.display().to_string()).collect();
        if !mounts.is_empty() {
            words.push(format!("mounted at {}", mounts.join(" and ")));
        }
        words.join(", ")
    };
    drive.partitions.iter().map(partition).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use crate::device::{Identity, Partition, Volume};

    use super::*;

    /// An 8 GB stick with one partition.
    pub fn stick(bus: Bus) -> Drive {
        Drive {
            identity: Identity {
                path: "/dev/sdx".into(),
                vendor: Some("Acme".into()),
                model: Some("Stick".into()),
                serial: Some("S1".into()),
                wwn: None,
                size_bytes: 8_000_000_000,
                sector_bytes: 512,
                port: Some("1-2".into()),
                device_number: (8, 0),
                sequence: None,
            },
            bus,
            physical_sector_bytes: 512,
            removable: true,
            hotplug: true,
            read_only: false,
            partitions: vec![Partition {
                path: "/dev/sdx1".into(),
                number: Some(1),
                offset_bytes: 1 << 20,
                size_bytes: 7_900_000_000,
                volume: Some(Volume { kind: "vfat".into(), label: Some("PHOTOS".into()) }),
                mount_points: vec!["/media/photos".into()],
            }],
            system_uses: Vec::new(),
            stoppable_uses: Vec::new(),
            appeared_unix_secs: None,
        }
    }

    fn hidden() -> Standing {
        Standing::Hidden("It is an internal disk.".into())
    }

    #[test]
    fn a_forbidden_drive_stays_forbidden() {
        let serials = ["S1".to_owned()];
        let insistence = Insistence {
            all: true,
            yes: true,
            serials: &serials,
            sizes_bytes: &[8_000_000_000],
            stop_uses: true,
        };
        let forbidden = Standing::Forbidden("It carries /.".into());
        assert_eq!(consent(&stick(Bus::Usb), &forbidden, insistence), Err("It carries /.".into()));
    }

    #[test]
    fn uses_are_ended_when_that_was_said_and_not_by_yes_alone() {
        let used = Drive { stoppable_uses: vec!["swap is on /dev/sdx1".into()], ..stick(Bus::Usb) };
        let with = |yes, stop_uses| {
            consent(&used, &Standing::Selectable, Insistence { yes, stop_uses, ..Insistence::default() })
        };
        assert_eq!(with(false, false), Ok(Consent::Word), "it will be asked");
        assert!(
            with(true, false).unwrap_err().contains("swap is on /dev/sdx1. --yes alone does not end that")
        );
        assert_eq!(with(true, true), Ok(Consent::Word));
    }

    #[test]
    fn an_internal_disk_needs_all_and_its_id_or_serial() {
        let disk = stick(Bus::Ata);
        let with = |all, yes, serial: Option<&str>| {
            let serials: Vec<String> = serial.into_iter().map(str::to_owned).collect();
            let insistence = Insistence { all, yes, serials: &serials, ..Insistence::default() };
            consent(&disk, &hidden(), insistence)
        };
        assert!(with(false, false, None).is_err());
        assert!(with(false, true, Some("S1")).is_err());
        assert!(with(true, true, None).is_err());
        assert_eq!(with(true, false, None), Ok(Consent::Id));
        assert_eq!(with(true, true, Some("S1")), Ok(Consent::Id));
    }

    #[test]
    fn a_named_loop_device_needs_no_more_than_a_stick() {
        for bus in [Bus::Loop, Bus::Practice] {
            let insistence = Insistence { yes: true, ..Insistence::default() };
            assert_eq!(consent(&stick(bus), &hidden(), insistence), Ok(Consent::Word));
        }
    }

    #[test]
    fn serial_and_size_must_be_those_of_the_drive() {
        let mut drive = stick(Bus::Usb);
        let judge = |drive: &Drive, serial: Option<&str>, size_bytes: Option<u64>| {
            let serials: Vec<String> = serial.into_iter().map(str::to_owned).collect();
            let sizes_bytes = size_bytes.as_slice();
            let insistence = Insistence { serials: &serials, sizes_bytes, ..Insistence::default() };
            consent(drive, &Standing::Selectable, insistence)
        };
        assert!(judge(&drive, Some("S1"), Some(8_000_000_000)).is_ok());
        assert!(judge(&drive, Some("S2"), None).is_err());
        assert!(judge(&drive, None, Some(8_000_000_001)).is_err());
        drive.identity.serial = None;
        assert!(judge(&drive, Some("S1"), None).is_err());
    }

    #[test]
    fn several_drives_are_different_ones_and_all_that_were_meant() {
        let mut other = stick(Bus::Usb);
        other.identity.device_number = (8, 16);
        other.identity.serial = Some("S2".into());
        let drives = [stick(Bus::Usb), other];
        assert!(require_distinct(&drives).is_ok());
        assert!(require_distinct(&[drives[0].clone(), drives[0].clone()]).is_err());
        let named = |serials: &[&str], sizes_bytes: &[u64]| {
            let serials: Vec<String> = serials.iter().map(|serial| (*serial).to_owned()).collect();
            let insistence = Insistence { serials: &serials, sizes_bytes, ..Insistence::default() };
            let each = drives.iter().all(|d| consent(d, &Standing::Selectable, insistence).is_ok());
            each && require_all_named(&drives, insistence).is_ok()
        };
        assert!(named(&[], &[]) && named(&["S2", "S1"], &[8_000_000_000]));
        assert!(!named(&["S1"], &[]), "a drive that was not named");
        assert!(!named(&["S1", "S2", "S3"], &[]), "a name without its drive");
        assert!(!named(&[], &[8_000_000_000, 1]));
    }

    #[test]
    fn a_drive_is_described_with_all_that_tells_it_apart() {
        let drive = stick(Bus::Usb);
        assert_eq!(describe(&drive), "Acme Stick, 8.0 GB, USB, serial S1, port 1-2, /dev/sdx");
        assert_eq!(
            describe_contents(&drive),
            ["partition 1, vfat, “PHOTOS”, 7.9 GB, mounted at /media/photos"]
        );
    }
}
