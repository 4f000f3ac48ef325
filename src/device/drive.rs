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
    /// the kernel's name. What `list` prints and every command takes.
    pub fn id(&self) -> String {
        todo!()
    }
}
