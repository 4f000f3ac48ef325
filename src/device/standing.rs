//! May this drive be chosen? Promise 1, as a pure function.

use serde::Serialize;

use super::{Bus, Drive};

/// Whether a drive may be chosen, with the reason where it may not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "reason", rename_all = "lowercase")]
pub enum Standing {
    Selectable,
    /// Not shown until asked for; then its name has to be typed to confirm.
    Hidden(String),
    /// Never selectable, whatever the user says.
    Forbidden(String),
}

/// Judges one drive. `sources`: device numbers of the drives that hold the image (see [`super::source_drives`]).
///
/// What forbids is asked first, so that no property of the hardware can outweigh it; the size is not asked at all.
pub fn judge(drive: &Drive, sources: &[(u64, u64)]) -> Standing {
    if !drive.system_uses.is_empty() {
        return Standing::Forbidden(format!("It is in use: {}.", drive.system_uses.join("; ")));
    }
    if !drive.stoppable_uses.is_empty() {
        return Standing::Forbidden(format!(
            "It is in use: {}. Lock or stop that first, or eject the drive and plug it in again.",
            drive.stoppable_uses.join("; ")
        ));
    }
    if sources.contains(&drive.identity.device_number) {
        return Standing::Forbidden("It holds the image that is to be written.".to_owned());
    }
    if drive.read_only {
        return Standing::Forbidden(match drive.bus {
            Bus::Practice => "It is write-protected; its file may only be read.".to_owned(),
            Bus::Loop => "It is write-protected; it was attached for reading only.".to_owned(),
            _ => "It is write-protected; look for a lock switch on the stick or the card.".to_owned(),
        });
    }
    match drive.bus {
        Bus::Practice => Standing::Selectable,
        Bus::Loop => {
            Standing::Hidden("It is a loop device: a file on this computer, and not a stick.".to_owned())
        }
        _ if drive.hotplug => Standing::Selectable,
        _ => Standing::Hidden(
            "It is an internal drive; these are hidden so that none is chosen by mistake.".to_owned(),
        ),
    }
}

/// Judges the drive as it will be once those of its stoppable uses have been ended that `ended` names: the user has
/// agreed to that, or will be asked. Uses that came later still forbid the drive.
pub fn judge_released(drive: &Drive, ended: &[String], sources: &[(u64, u64)]) -> Standing {
    let left = drive.uses_besides(ended);
    if !ended.is_empty() && !left.is_empty() && drive.system_uses.is_empty() {
        return Standing::Forbidden(format!(
            "It has come into use otherwise than was said: {}. Nobody has agreed to end that; start again to be asked.",
            left.join("; ")
        ));
    }
    judge(&Drive { stoppable_uses: left, ..drive.clone() }, sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Identity;

    const NUMBER: (u64, u64) = (8, 16);

    fn drive(bus: Bus, hotplug: bool) -> Drive {
        Drive {
            identity: Identity {
                path: "/dev/sdb".into(),
                vendor: None,
                model: None,
                serial: None,
                wwn: None,
                size_bytes: 8_000_000_000,
                sector_bytes: 512,
                port: None,
                device_number: NUMBER,
                sequence: None,
            },
            bus,
            physical_sector_bytes: 512,
            removable: false,
            hotplug,
            read_only: false,
            partitions: Vec::new(),
            system_uses: Vec::new(),
            stoppable_uses: Vec::new(),
            appeared_unix_secs: None,
        }
    }

    fn word(standing: &Standing) -> &'static str {
        match standing {
            Standing::Selectable => "selectable",
            Standing::Hidden(_) => "hidden",
            Standing::Forbidden(_) => "forbidden",
        }
    }

    #[test]
    fn the_whole_table() {
        let stick = || drive(Bus::Usb, true);
        let uses = || vec!["swap is on /dev/sdb2".to_owned()];
        let huge = || {
            let mut drive = stick();
            drive.identity.size_bytes = 20_000_000_000_000;
            drive
        };
        for (what, drive, sources, standing, words) in [
            ("a stick", stick(), vec![], "selectable", ""),
            ("UAS without the removable bit", drive(Bus::Uas, true), vec![], "selectable", ""),
            ("a very large USB drive", huge(), vec![], "selectable", ""),
            ("an SD card", drive(Bus::Mmc, true), vec![], "selectable", ""),
            ("a soldered eMMC", drive(Bus::Mmc, false), vec![], "hidden", "internal"),
            ("NVMe", drive(Bus::Nvme, false), vec![], "hidden", "internal"),
            ("SATA", drive(Bus::Ata, false), vec![], "hidden", "internal"),
            ("virtio", drive(Bus::Virtio, false), vec![], "hidden", "internal"),
            ("unknown", drive(Bus::Other, false), vec![], "hidden", "internal"),
            (
                "an internal disk with the removable bit",
                Drive { removable: true, ..drive(Bus::Ata, false) },
                vec![],
                "hidden",
                "internal",
            ),
            (
                "a removable bit on the system's drive",
                Drive { removable: true, system_uses: uses(), ..drive(Bus::Ata, true) },
                vec![],
                "forbidden",
                "swap is on /dev/sdb2",
            ),
            ("a stick with swap", Drive { system_uses: uses(), ..stick() }, vec![], "forbidden", "swap"),
            (
                "an unlocked stick",
                Drive { stoppable_uses: vec!["/dev/sdb1 is unlocked".to_owned()], ..stick() },
                vec![],
                "forbidden",
                "/dev/sdb1 is unlocked. Lock",
            ),
            ("the image's drive", stick(), vec![(8, 0), NUMBER], "forbidden", "image"),
            ("another drive's image", stick(), vec![(8, 0)], "selectable", ""),
            ("the lock switch", Drive { read_only: true, ..stick() }, vec![], "forbidden", "write-protected"),
            ("loop", drive(Bus::Loop, false), vec![], "hidden", "loop"),
            (
                "read-only loop",
                Drive { read_only: true, ..drive(Bus::Loop, false) },
                vec![],
                "forbidden",
                "reading",
            ),
            (
                "mounted loop",
                Drive { system_uses: uses(), ..drive(Bus::Loop, false) },
                vec![],
                "forbidden",
                "use",
            ),
            ("practice", drive(Bus::Practice, false), vec![], "selectable", ""),
            ("practice is the image", drive(Bus::Practice, false), vec![NUMBER], "forbidden", "image"),
        ] {
            let judged = judge(&drive, &sources);
            assert_eq!(word(&judged), standing, "{what}");
            if let Standing::Hidden(reason) | Standing::Forbidden(reason) = &judged {
                assert!(reason.contains(words), "{what}: {reason}");
                assert!(reason.starts_with(char::is_uppercase) && reason.ends_with('.'), "{what}: {reason}");
            }
        }
    }

    #[test]
    fn consent_ends_stoppable_uses_and_nothing_else() {
        let stick =
            Drive { stoppable_uses: vec!["swap is on /dev/sdb2".to_owned()], ..drive(Bus::Usb, true) };
        let all = stick.stoppable_uses.clone();
        assert_eq!(judge_released(&stick, &all, &[]), Standing::Selectable);
        assert!(matches!(judge_released(&stick, &all, &[NUMBER]), Standing::Forbidden(_)));
        assert_eq!(judge_released(&stick, &[], &[]), judge(&stick, &[]));
        let later =
            Drive { stoppable_uses: vec!["/dev/sdb1 is unlocked".to_owned(), all[0].clone()], ..stick };
        let Standing::Forbidden(reason) = judge_released(&later, &all, &[]) else { panic!("ended unasked") };
        assert!(
            reason.contains("/dev/sdb1 is unlocked. Nobody has agreed") && !reason.contains("swap"),
            "{reason}"
        );
        let system = Drive { system_uses: vec!["/ is mounted from /dev/sdb1".to_owned()], ..later };
        let named = system.stoppable_uses.clone();
        assert!(matches!(judge_released(&system, &named, &[]), Standing::Forbidden(_)));
    }
}
