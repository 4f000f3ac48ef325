//! A drive as the system describes it, and the identity that a choice is bound to.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How a drive is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bus {
    Usb,
    /// USB by the UAS driver.
    Uas,
    /// SD and MMC cards in a reader on the board.
    Mmc,
    Nvme,
    /// SATA, PATA, SAS and SCSI disks.
    Ata,
    Virtio,
    Loop,
    /// A plain file that stands in for a stick.
    Practice,
    Other,
}

/// One whole drive, or a practice stick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drive {
    pub identity: Identity,
    pub bus: Bus,
    pub physical_sector_bytes: u32,
    pub removable: bool,
    /// The system expects it to come and go (USB, cards), whatever its removable bit says.
    pub hotplug: bool,
    pub read_only: bool,
    /// What lies on the drive: one entry a partition, in the order of their offsets, or a single entry with
    /// `number: None` when a file system covers the whole drive. Empty: nothing was recognised.
    pub partitions: Vec<Partition>,
    /// Sentences naming who uses the drive, through whatever layers: "swap is on /dev/sdb2", "/dev/sdb1 is part of the
    /// volume group vg0 that carries /home". Any entry forbids the drive.
    pub system_uses: Vec<String>,
    /// Sentences naming uses that [`super::release`] can end once the user agrees: "swap is on /dev/sdb2", "/dev/sdb1 is
    /// part of the encrypted volume photos that carries /media/tech/photos". Until then each forbids the drive too.
    pub stoppable_uses: Vec<String>,
    /// When the drive was plugged in, or was found at the start of the system. `None` where the system does not tell,
    /// and for loop devices and practice sticks, which are not plugged in.
    pub appeared_unix_secs: Option<u64>,
}

/// What must still be true of a drive when the first byte is written to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The node to open, or the file of a practice stick.
    pub path: PathBuf,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub wwn: Option<String>,
    pub size_bytes: u64,
    pub sector_bytes: u32,
    /// Where it is plugged in, as the system counts ports: `1-4.2`.
    pub port: Option<String>,
    /// Device number (major, minor) of the node; for a practice stick, of the file system and the inode.
    pub device_number: (u64, u64),
    /// Counts every disk that the kernel has ever attached (Linux `diskseq`): another number is another stick, or the
    /// same one plugged in again.
    pub sequence: Option<u64>,
}

/// A partition, or the whole drive where it carries a file system without a partition table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partition {
    pub path: PathBuf,
    pub number: Option<u32>,
    pub offset_bytes: u64,
    pub size_bytes: u64,
    pub volume: Option<Volume>,
    pub mount_points: Vec<PathBuf>,
}

/// A recognised file system or container: `vfat`, `ext4`, `iso9660`, `crypto_LUKS`, as udev names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Volume {
    pub kind: String,
    pub label: Option<String>,
}

impl Drive {
    /// `SanDisk Ultra`, or what else can be said: never empty.
    pub fn title(&self) -> String {
        self.identity.title().unwrap_or_else(|| match self.bus {
            Bus::Practice => "Practice stick".to_owned(),
            Bus::Loop => "Loop device".to_owned(),
            bus => format!("{bus} drive without a name"),
        })
    }

    /// Every place where a part of the drive is mounted.
    pub fn mount_points(&self) -> impl Iterator<Item = &PathBuf> {
        self.partitions.iter().flat_map(|p| &p.mount_points)
    }

    /// Its stoppable uses but those that `named` names.
    pub fn uses_besides(&self, named: &[String]) -> Vec<String> {
        self.stoppable_uses.iter().filter(|used| !named.contains(used)).cloned().collect()
    }
}

impl Identity {
    /// Vendor and model, where the drive tells either.
    pub fn title(&self) -> Option<String> {
        let words: Vec<&str> =
            [&self.vendor, &self.model].into_iter().flatten().map(String::as_str).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// What tells `self` (chosen) and `now` (found) apart, as a sentence part; `None`: they are the same drive.
    pub fn difference(&self, now: &Self) -> Option<String> {
        fn text(value: &Option<String>) -> &str {
            value.as_deref().unwrap_or("none")
        }
        if self.size_bytes != now.size_bytes {
            return Some(format!("its size was {} bytes and is {} now", self.size_bytes, now.size_bytes));
        }
        if self.sector_bytes != now.sector_bytes {
            return Some(format!(
                "its sectors were {} bytes and are {} now",
                self.sector_bytes, now.sector_bytes
            ));
        }
        for (what, then, now) in [
            ("serial number", &self.serial, &now.serial),
            ("WWN", &self.wwn, &now.wwn),
            ("vendor", &self.vendor, &now.vendor),
            ("model", &self.model, &now.model),
            ("port", &self.port, &now.port),
        ] {
            if then != now {
                return Some(format!("its {what} was {} and is {} now", text(then), text(now)));
            }
        }
        if self.device_number != now.device_number || self.sequence != now.sequence {
            return Some("it was unplugged or replaced since".to_owned());
        }
        (self.path != now.path)
            .then(|| format!("it was {} and is {} now", self.path.display(), now.path.display()))
    }
}

impl fmt::Display for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Usb | Self::Uas => "USB",
            Self::Mmc => "SD/MMC",
            Self::Nvme => "NVMe",
            Self::Ata => "SATA",
            Self::Virtio => "virtio",
            Self::Loop => "loop",
            Self::Practice => "practice",
            Self::Other => "other",
        })
    }
}

impl Drive {
    /// A name for the drive that does not depend on the order of plugging in: `usb-SERIAL`, `usb-port-1-4.2`, else
    /// the kernel's name; for a practice stick the path of its file. What `list` prints and every command takes. Two
    /// drives may share it, as cheap sticks share serial numbers: see [`distinct_ids`].
    pub fn id(&self) -> String {
        let kind = match self.bus {
            Bus::Usb | Bus::Uas => "usb",
            Bus::Mmc => "mmc",
            Bus::Nvme => "nvme",
            Bus::Ata => "ata",
            Bus::Virtio => "virtio",
            Bus::Practice => return self.identity.path.display().to_string(),
            Bus::Loop | Bus::Other => return self.kernel_name(),
        };
        match (self.identity.serial.as_deref().and_then(word), self.identity.port.as_deref().and_then(word)) {
            // What calls itself a port must not pass for a stick that is named by one.
            (Some(serial), _) if serial.starts_with("port-") => format!("{kind}-serial-{serial}"),
            (Some(serial), _) => format!("{kind}-{serial}"),
            (None, Some(port)) => format!("{kind}-port-{port}"),
            (None, None) => self.kernel_name(),
        }
    }

    fn kernel_name(&self) -> String {
        let path = &self.identity.path;
        path.strip_prefix("/dev").unwrap_or(path).display().to_string()
    }
}

/// The ids of all drives of a list, in its order, made distinct: where several share an id, each adds the port it is
/// plugged in (`usb-0123@1-4.2`), or the kernel's name where even that is shared, as by the slots of one card reader.
pub fn distinct_ids(drives: &[Drive]) -> Vec<String> {
    let shared = |ids: &[String], id: &String| ids.iter().filter(|other| *other == id).count() > 1;
    let plain: Vec<String> = drives.iter().map(Drive::id).collect();
    let add = |ids: &[String], suffix: &dyn Fn(&Drive) -> Option<String>| -> Vec<String> {
        let add_one = |(id, (drive, plain)): (&String, (&Drive, &String))| match suffix(drive) {
            Some(suffix) if shared(ids, id) => format!("{plain}@{suffix}"),
            _ => id.clone(),
        };
        ids.iter().zip(drives.iter().zip(&plain)).map(add_one).collect()
    };
    let with_port = add(&plain, &|drive| drive.identity.port.clone());
    add(&with_port, &|drive| Some(drive.kernel_name()))
}

/// `text` as one word of an id; `None` where nothing of it can be typed.
fn word(text: &str) -> Option<String> {
    let word: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') { c } else { '_' })
        .collect();
    word.bytes().any(|b| b.is_ascii_alphanumeric()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stick(path: &str, serial: Option<&str>, port: Option<&str>) -> Drive {
        Drive {
            identity: Identity {
                path: path.into(),
                vendor: Some("SanDisk".into()),
                model: Some("Ultra".into()),
                serial: serial.map(str::to_owned),
                wwn: None,
                size_bytes: 8_000_000_000,
                sector_bytes: 512,
                port: port.map(str::to_owned),
                device_number: (8, 16),
                sequence: Some(7),
            },
            bus: Bus::Usb,
            physical_sector_bytes: 512,
            removable: true,
            hotplug: true,
            read_only: false,
            partitions: Vec::new(),
            system_uses: Vec::new(),
            stoppable_uses: Vec::new(),
            appeared_unix_secs: None,
        }
    }

    #[test]
    fn an_id_is_the_serial_else_the_port_else_the_kernel_s_name() {
        assert_eq!(stick("/dev/sdb", Some("4C53 0001/x"), Some("1-2")).id(), "usb-4C53_0001_x");
        assert_eq!(stick("/dev/sdb", None, Some("1-4.2")).id(), "usb-port-1-4.2");
        assert_eq!(stick("/dev/sdb", Some("\u{FFFD}\u{FFFD}"), Some("1-2")).id(), "usb-port-1-2");
        assert_eq!(stick("/dev/sdb", Some("port-1-4.2"), Some("1-2")).id(), "usb-serial-port-1-4.2");
        assert_eq!(stick("/dev/cciss/c0d0", None, None).id(), "cciss/c0d0");
        let practice = Drive { bus: Bus::Practice, ..stick("/tmp/stick.img", None, None) };
        assert_eq!(practice.id(), "/tmp/stick.img");
    }

    #[test]
    fn drives_that_share_an_id_are_told_apart() {
        let drives = [
            stick("/dev/sda", Some("OTHER"), Some("1-9")),
            stick("/dev/sdb", Some("0123"), Some("1-2")),
            stick("/dev/sdc", Some("0123"), Some("1-3")),
            stick("/dev/sdd", Some("CARD"), Some("1-4")),
            stick("/dev/sde", Some("CARD"), Some("1-4")),
        ];
        let ids = ["usb-OTHER", "usb-0123@1-2", "usb-0123@1-3", "usb-CARD@sdd", "usb-CARD@sde"];
        assert_eq!(distinct_ids(&drives), ids);
    }

    #[test]
    fn every_part_of_an_identity_counts() {
        let chosen = stick("/dev/sdb", Some("0123"), Some("1-2")).identity;
        assert_eq!(chosen.difference(&chosen.clone()), None);
        type Change = fn(&mut Identity);
        let cases: [(Change, &str); 10] = [
            (|i| i.size_bytes = 1, "size"),
            (|i| i.sector_bytes = 4096, "sectors"),
            (|i| i.serial = None, "serial number"),
            (|i| i.wwn = Some("naa.5".into()), "WWN"),
            (|i| i.vendor = None, "vendor"),
            (|i| i.model = Some("Fit".into()), "model"),
            (|i| i.port = Some("1-3".into()), "port"),
            (|i| i.device_number = (8, 32), "replaced"),
            (|i| i.sequence = Some(8), "replaced"),
            (|i| i.path = "/dev/sdc".into(), "/dev/sdc"),
        ];
        for (change, word) in cases {
            let mut now = chosen.clone();
            change(&mut now);
            let difference = chosen.difference(&now).unwrap();
            assert!(difference.contains(word), "{difference}");
        }
    }
}
